"""Lets a world model imagine the episodes that the engine runs, and says where, when and by how much the dream departs.

Examples:
  simbridge compare --world-model ctrl-world --task manipulate --policy noisy-expert --episodes 20
  simbridge compare out/a-rainy-harbor-town-0 --world-model geodrive --task drive --episodes 20
  simbridge compare --world-model ctrl-world --task manipulate --data data/panda-test --keyframe-every 5
  simbridge compare out/a-rainy-harbor-town-0 --world-model geodrive --task drive --variants editing=false,steps=4

Every dream begins at the same moment as the engine's episode and is told the way the body really took. What is dreamt
stays dreamt: the same command goes on where it was interrupted. Flags of the world model, the task and the policy have
their name before a dot."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from bridge.commands import plugin_flags

if TYPE_CHECKING:
    from bridge.scene import Scene
    from evaluation.compare_worlds.compare import Plan
    from evaluation.compare_worlds.dreams import Mind, Source

PLUGINS = ("world-model", "baselines", "task", "policy")
"""What else has flags here."""
NO_ACTION = "no-action"
"""The baseline that is the model itself, told that the body stays where it is."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge compare`."""

    town: tyro.conf.Positional[Path | None] = None
    """A town's folder, for tasks that happen in towns; the hamlet that comes with simbridge if left out."""
    world_model: str = "ctrl-world"
    """Who dreams."""
    task: Literal["manipulate", "drive"] = "manipulate"
    """What is to be done in the episodes."""
    policy: str = "noisy-expert"
    """Who acts in them: a policy, a behaviour of `simbridge collect`, several with commas between, or `mix` for all of those."""
    episodes: int = 20
    """How many, each of a seed of its own."""
    seed: int = 200_000
    """The first of them: far from those that `simbridge collect` begins with, so that no model was trained on these."""
    data: Path | None = None
    """Take the first episodes of this data set (see `simbridge collect`) instead of running some."""
    horizon: int = 20
    """How many moments are imagined, 0.3 s apart at the table and 0.4 s on the road."""
    seen: int = 2
    """How many moments are seen before."""
    baselines: str = ""
    """Who is compared besides, with commas between; no-action is the model itself, told that the body stays. If left out:
    copy-last, constant-velocity, for driving splat, no-action for a model that learned something, and the oracle as a check."""
    variants: str = ""
    """The model with other flags, for a table of what each part is worth: FIELD=VALUE, several of one variant with + between."""
    keyframe_every: int = 0
    """Dream anew from the engine's truth every so many moments; 0 never does."""
    told_others: bool = False
    """Tell the models beforehand what ways all other things take."""
    measures: str = "pixels,states,laws,success"
    """What is measured, with commas between: groups, or single measures by name."""
    judge_by: str = "psnr"
    """The measure that decides the verdict."""
    workers: int = 2
    """How many dreams are dreamt at once, each in a process and on a core of its own."""
    judges: bool = True
    """Let judges say whether each dream did what the instruction says, keeps to physics, is one solid world, and what one sees done in it;
    with --vlm.base-url (and --vlm.model and more) a vision-language model is asked too, about engine and dream alike."""
    films: bool = True
    """Write films of some episodes, beside those in the report."""
    timeout_s: float = 1800.0
    """Wall-clock time after which a dream counts as hung; it is tried once more."""
    out: Path | None = None
    """The folder of results; one of its own in out/ for each comparison if left out."""
    json: bool = False
    """Print the results as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs and dreams what is missing, writes the folder, says the verdict; 1 where something failed or the check of the
    harness did.
    """
    from evaluation.compare_worlds.compare import compare_worlds, engine_episodes, kept_episodes
    from evaluation.compare_worlds.present import Wishes, present
    from evaluation.compare_worlds.verdict import is_sound

    _check(config)
    not_run: list[str] = []
    plan = _plan(config, flags, not_run)
    own_place = config.task == "manipulate"
    if config.town is not None and own_place:
        print("The task 'manipulate' happens at its own table, not in the town.", file=sys.stderr)
    out = config.out or Path("out") / _folder_name(config, plan)
    _check_folder(out)
    vlm = _vlm(config, flags)
    progress = _Progress()
    failures: list[Mapping[str, Any]] = []
    town: dict[str, Any] = {}
    if config.data is not None:
        sources: list[Source] = kept_episodes(config.data, config.task, config.episodes)
        setting = f"{len(sources)} episodes of {config.data.name}"
    else:
        scene = _scene(config, flags)
        town = {"folder": "" if own_place else str(config.town or ""), "name": scene.name, "digest": scene.digest()}
        takes = _takes(config, flags, scene, out / "episodes")
        sources, lost = engine_episodes(
            takes, out / "episodes", workers=config.workers, timeout_s=config.timeout_s, on_record=progress
        )
        failures += lost
        setting = f"{len(sources)} episodes of {config.policy} in {scene.name}, seeds from {config.seed} on"
    found = compare_worlds(plan, sources, out, workers=config.workers, timeout_s=config.timeout_s, on_record=progress)
    failures += found.failures
    anew = f", anew from the truth every {config.keyframe_every}" if config.keyframe_every else ""
    many = len(found.study.horizons_s)
    setting += (
        f"; {config.seen} moment{'s' * (config.seen != 1)} seen, {many} imagined{anew}, under the body's true course."
    )
    wishes = Wishes(config.films, sys.argv, config.workers, not_run, town, setting, vlm)
    results = present(found, out, wishes, failures, say=lambda line: print(line, file=sys.stderr, flush=True))
    if config.json:
        print(json.dumps(results, ensure_ascii=False))
    else:
        print(results["verdict"])
        print("".join(f"  {one['text']}.\n" for one in results["findings"]), end="")
        print(out / "report.html")
    return 1 if failures or not is_sound(found.study) else 0


def _vlm(config: Config, flags: plugin_flags.Flags) -> Any:
    """What was said about a vision-language model that judges; None where nothing was, or the flags are those of the policy of that name."""
    if "vlm" not in flags or "vlm" in _policies(config):
        return None
    from evaluation.judges.vlm import Config as VlmConfig
    from evaluation.judges.vlm import check

    found = plugin_flags.parsed(VlmConfig, "vlm", flags)
    check(found)
    return found


def _check(config: Config) -> None:
    """Raises InvalidInput for numbers that mean nothing."""
    from bridge.errors import InvalidInput

    told = {
        "--episodes": config.episodes,
        "--horizon": config.horizon,
        "--seen": config.seen,
        "--workers": config.workers,
    }
    wrong = [f"{name} {value}" for name, value in told.items() if value < 1]
    if config.keyframe_every < 0:
        wrong.append(f"--keyframe-every {config.keyframe_every}")
    if wrong:
        raise InvalidInput(f"{', '.join(wrong)} cannot be. Give 1 or more; --keyframe-every may be 0.")


def _plan(config: Config, flags: plugin_flags.Flags, not_run: list[str]) -> "Plan":
    """Who dreams what; each model is made once here, so that what is missing is said before anything is run."""
    from bridge.errors import InvalidInput, Unavailable
    from evaluation.compare_worlds.compare import Plan

    model = _mind(config, flags, config.world_model, "model")
    asked = [name.strip() for name in config.baselines.split(",") if name.strip()]
    names = asked or _usual(config, is_learned=bool(model.weights))
    variants = [one.strip() for one in config.variants.split(",") if one.strip()]
    taken = [config.world_model, *(name for name in names if name != NO_ACTION)]
    plugin_flags.check(flags, [*taken, *(["vlm"] if config.judges else []), config.task, *_policies(config)])
    minds = [model, *(_variant(config, flags, one) for one in variants)]
    for name in (name for name in names if name != config.world_model):
        if name == "oracle" and config.data is not None:
            if asked:
                raise InvalidInput(
                    "The oracle goes back to the engine's episode, which a data set does not hold. Leave out --data."
                )
            not_run.append(
                "The oracle was not run: it goes back to the engine's episode, which a data set does not hold."
            )
            continue
        try:
            minds.append(
                _still(model)
                if name == NO_ACTION
                else _mind(config, flags, name, "check" if name == "oracle" else "baseline")
            )
        except Unavailable as error:
            if asked:
                raise
            not_run.append(f"{name} was not run. {error}")
    wanted = _wanted(config, not_run)
    return Plan(
        config.task, minds, config.seen, config.horizon, config.keyframe_every, config.told_others, wanted, config.judge_by,
        config.seed, config.judges,
    )  # fmt: skip


def _wanted(config: Config, not_run: list[str]) -> tuple[str, ...]:
    """What is measured. Raises UnknownName, and InvalidInput for a verdict by what has no better and worse."""
    from bridge.errors import InvalidInput
    from evaluation.measures import GROUPS
    from evaluation.measures.registry import calibrations, chosen

    names = [name.strip() for name in config.measures.split(",") if name.strip()]
    (judge,) = chosen([config.judge_by]) if config.judge_by not in GROUPS else (None,)
    if judge is None or judge.better == "neither":
        raise InvalidInput(
            f"--judge-by {config.judge_by} has no better and worse. Name one measure that has, such as psnr."
        )
    measured = {one.group for one in chosen(names)} | {judge.group, "onset"}
    left = [f"{name} ({what})" for name, what in GROUPS.items() if name not in measured]
    if left:
        not_run.append(f"Not measured: {'; '.join(left)}. Add them with --measures.")
    if config.task not in calibrations():
        not_run.append(
            "The measures were not calibrated for this task: nobody knows which edits of an episode they do not see."
        )
    return tuple(dict.fromkeys([config.judge_by, *names]))


def _usual(config: Config, *, is_learned: bool) -> list[str]:
    """Whom a model is compared with unless it is said."""
    names = ["copy-last", "constant-velocity"]
    names += ["splat"] if config.task == "drive" else []
    names += [NO_ACTION] if is_learned else []
    return [*names, "oracle"]


def _mind(
    config: Config, flags: plugin_flags.Flags, name: str, role: Any, said: Mapping[str, str] | None = None
) -> "Mind":
    """One who dreams. Raises UnknownName, InvalidInput for one of another task, and Unavailable."""
    from bridge.errors import InvalidInput
    from bridge.plugins import load, plugins
    from evaluation.compare_worlds.dreams import Mind

    own = list(flags.get(name, ()))
    for field, value in (said or {}).items():
        flag = field.replace("_", "-")
        own += (
            [f"--{flag}" if value == "true" else f"--no-{flag}"] if value in ("true", "false") else [f"--{flag}", value]
        )
    settings = plugin_flags.config("world_models", name, what="world model", flags={name: own})
    model = load("world_models", name, what="world model").make(settings)
    try:
        info = model.info
    finally:
        model.close()
    if info.task not in ("any", config.task):
        raise InvalidInput(
            f"'{name}' is a world model for the task '{info.task}', not '{config.task}'. Give --task {info.task}."
        )
    what = plugins("world_models").get(name, "") if "." not in name else ""
    label = name.rpartition(".")[2]
    if said:
        label = f"{label} {' '.join(f'{field}={value}' for field, value in said.items())}"
        what = ""
    return Mind(label, role, name, settings, info.weights, what.rstrip("."))


def _variant(config: Config, flags: plugin_flags.Flags, told: str) -> "Mind":
    """The model with other flags. Raises InvalidInput for a field that it does not have."""
    from bridge.errors import InvalidInput
    from bridge.plugins import load, unknown_name

    said: dict[str, str] = {}
    settings = load("world_models", config.world_model, what="world model").Config
    known = [item.name for item in fields(settings)] if is_dataclass(settings) else []
    for part in told.split("+"):
        field, equals, value = part.strip().partition("=")
        field = field.replace("-", "_")
        if not equals or field not in known:
            raise InvalidInput(
                f"--variants has '{part}'. Give FIELD=VALUE. {unknown_name(f'field of {config.world_model}', field, known)}"
            )
        said[field] = value.strip().lower() if value.strip().lower() in ("true", "false") else value.strip()
    return _mind(config, flags, config.world_model, "variant", said)


def _still(model: "Mind") -> "Mind":
    from dataclasses import replace

    return replace(model, label=NO_ACTION, role="baseline", stays=True, what=f"{model.label}, told that the body stays")


def _policies(config: Config) -> list[str]:
    return [name.strip() for name in config.policy.split(",") if name.strip() and name.strip() != "mix"]


def _scene(config: Config, flags: plugin_flags.Flags) -> "Scene":
    from bridge.plugins import load
    from bridge.tasks.default_town import scene_for

    settings = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    place = load("bridge.tasks", config.task, what="task").make(settings)
    return scene_for(place, None if config.task == "manipulate" else config.town)


def _takes(config: Config, flags: plugin_flags.Flags, scene: "Scene", folder: Path) -> list[Any]:
    """The engine's episodes, as they are collected, each with its recording."""
    from evaluation.collect import takes
    from evaluation.collect_mix import mix

    task = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    names = _policies(config)
    configs = {
        name: plugin_flags.config("policies", name, what="policy", flags=flags) for name in names if name in flags
    }
    town = "" if config.task == "manipulate" else str(config.town or "")
    return takes(
        [(town, scene.digest())], mix(config.task, names, configs), folder, task=config.task, task_config=task,
        episodes=config.episodes, seed=config.seed, frames=config.seen + config.horizon, keeps_recordings=True,
    )  # fmt: skip


def _folder_name(config: Config, plan: "Plan") -> str:
    """The same for comparisons that are the same but for how they are run."""
    from bridge.digest import digest

    told = {item.name: str(getattr(config, item.name)) for item in fields(config) if item.name not in _HOW}
    model = plan.minds[0]
    town = config.town.resolve().name if config.town is not None and config.task == "drive" else ""
    told |= {"weights": model.weights, "model": repr(model.config)}
    return "-".join(part for part in ("compare", model.label, config.task, town, digest(told)[:8]) if part)


_HOW = ("workers", "films", "timeout_s", "out", "json", "baselines", "variants")
"""Flags that do not change which dreams the model dreams."""


def _check_folder(out: Path) -> None:
    """Raises OutputExists for a folder that holds something else."""
    from bridge.errors import OutputExists
    from evaluation.compare_worlds.compare import STORE

    kept = (STORE, "episodes/episodes.jsonl")
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not any((out / name).is_file() for name in kept))):
        raise OutputExists(f"{out} holds something that is no comparison. Name another folder with --out.")


class _Progress:
    """A line on each episode and each dream, and how long the rest will take."""

    def __init__(self) -> None:
        self._begun_s, self._stage, self._before = time.monotonic(), 0, 0

    def __call__(self, done: int, all_of_them: int, dreamer: str, record: Mapping[str, Any]) -> None:
        if all_of_them != self._stage or done <= self._before:
            self._begun_s, self._stage, self._before = time.monotonic(), all_of_them, done - 1
        where = f"[{done}/{all_of_them}] {record['episode']}, {dreamer}:"
        if record["failure"]:
            told = f"FAILED after {record['tries']} tries: {record['failure'].splitlines()[0]}"
        elif dreamer == "engine":
            told = f"{record['frames']} moments, {'success' if record['success'] else 'no success'}"
        else:
            told = f"{record['frames']} moments imagined, {record['frames'] / max(record['wall_s'], 1e-9):.1f} a second"
        print(f"{where} {told}", file=sys.stderr, flush=True)
