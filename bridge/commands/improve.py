"""Improves a policy in imagination: it learns from dreams that are called successes, and is measured on the engine beside controls.

Examples:
  simbridge improve --world-model ctrl-world --dreams 400 --seeds 100
  simbridge improve --world-model oracle --dreams 100 --out out/improve-check
  simbridge improve --world-model ctrl-world --starts near-failures --ctrl-world.doubts 2 --trusted 0.7

Episodes that are finished stay finished: the same command goes on where it was interrupted. Flags of the task, the world
model and the policy have their name before a dot."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from bridge.commands import plugin_flags

PLUGINS = ("task", "policy", "world-model")
"""What else has flags here."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge improve`."""

    town: tyro.conf.Positional[Path | None] = None
    """Not used: manipulation happens at its own table."""
    task: Literal["manipulate"] = "manipulate"
    """What is done."""
    policy: Literal["arm-cloning"] = "arm-cloning"
    """Who learns."""
    world_model: str = "ctrl-world"
    """Who dreams (simbridge world-models lists them); oracle, the engine itself, checks all but the dreams."""
    dreams: int = 400
    """How many."""
    seeds: int = 100
    """How many held-out seeds each arm is measured on, on the engine."""
    seed: int = 0
    """Of everything random; another one has other demonstrations, dreams and held-out seeds."""
    demonstrations: int = 40
    """How many of the expert, shown before and, for a share of every batch, again."""
    explores_m: float = 0.005
    """The spread of the noise on where the tool goes in dreams [m]."""
    judge: Literal["head", "state", "both"] = "head"
    """Who calls a dream a success: the model's own probability, the imagined state, or both. Models without a head are judged by the state."""
    at_least: float = 0.7
    """The probability that the head has to give, two frames in a row."""
    trusted: float = 1.0
    """The share of dreams, by the model's trust in itself, that may be learned from."""
    share: float = 0.5
    """The share of demonstrations in every batch."""
    steps: int = 2000
    """How long each arm learns."""
    rate: float = 1e-3
    """How fast."""
    learners: int = 4
    """How many times each arm learns, with other luck; held-out seeds are theirs by turns."""
    starts: Literal["any", "near-failures"] = "any"
    """Where dreams begin: anywhere, or where the policy fails on the engine, the nearest to success first."""
    checks: int = 50
    """How many dreams, drawn by lot, are done again on the engine action by action, beside all that were learned from; 0 does none."""
    fresh: bool = False
    """Learn the policy from the demonstrations first, instead of taking its weights."""
    frames: int = 20
    """How long episodes are at most, in frames of 0.3 s or as the model has it."""
    chunk: int = 0
    """How many frames the model is asked for at once; as many as it imagines at once if 0. In between things stay, or go with the hand."""
    workers: int = 2
    """How many episodes run at once, each in a process and on a core of its own, with a model of its own."""
    timeout_s: float = 900.0
    """Wall-clock time after which an episode counts as hung; it is tried once more."""
    out: Path | None = None
    """The folder of results; out/improve-manipulate-MODEL if left out."""
    json: bool = False
    """Print the results as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs what is missing, writes the folder, and says what came out; 1 where an episode could not be finished."""
    from bridge.errors import InvalidInput
    from bridge.plugins import check_name
    from evaluation import manifest
    from evaluation.improve import Study, improve
    from evaluation.improve_episode import Roll
    from evaluation.improve_report import write_report
    from evaluation.improve_results import results
    from world_models.views import FRAME_S

    if min(config.frames, config.workers) < 1 or config.chunk < 0:
        raise InvalidInput(
            f"Given were --frames {config.frames}, --workers {config.workers}, --chunk {config.chunk}. Give at least 1 of the former, and 0 or more."
        )
    if config.town is not None:
        print("Manipulation happens at its own table; the town is not used.", file=sys.stderr)
    check_name("world_models", config.world_model, what="world model")
    plugin_flags.check(flags, [config.policy, config.task, config.world_model])
    task = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    if task.skill != "pick-place" or not task.is_privileged:
        raise InvalidInput(
            f"arm-cloning learns the skill 'pick-place' from places that are told, not '{task.skill}' with is_privileged "
            f"{task.is_privileged}. Leave these flags out."
        )
    policy = plugin_flags.config("policies", config.policy, what="policy", flags=flags)
    model = plugin_flags.config("world_models", config.world_model, what="world model", flags=flags)
    info = _info(config, model)
    pattern = Roll(
        "dream", "", None, 0, task_config=task, model=config.world_model, model_config=model, model_weights=info.weights,
        frames=config.frames, frame_s=info.frame_s or FRAME_S[config.task],
        chunk=config.chunk or info.frames_at_once,
    )  # fmt: skip
    study = Study(
        pattern, policy, config.dreams, config.seeds, config.demonstrations, config.seed, config.explores_m, config.judge, config.at_least,
        config.trusted, config.share, config.steps, config.rate, config.starts, config.checks, config.fresh, config.learners,
    )  # fmt: skip
    out = config.out or Path("out") / f"improve-{config.task}-{config.world_model.rpartition('.')[2]}"
    _check(out)
    begun_s = time.monotonic()
    found = improve(
        study, out, workers=config.workers, timeout_s=config.timeout_s, on_record=_Progress(),
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    concluded = results(found)
    manifest.write(out / "results.json", concluded)
    told = json.loads(
        json.dumps({**asdict(study), "workers": config.workers, "wall_s": time.monotonic() - begun_s}, default=str)
    )
    document = manifest.manifest(command=sys.argv, configuration=told, town={}, folder=out / "policies")
    write_report(out / "report.html", found, concluded, document)
    manifest.write(out / "manifest.json", document)
    if config.json:
        print(json.dumps(concluded, ensure_ascii=False))
    else:
        print(concluded["verdict"])
        print("".join(f"  {line}.\n" for line in concluded["findings"]), end="")
        print(out / "report.html")
    return 1 if found.failures else 0


def _info(config: Config, model: Any) -> Any:
    """What the world model says of itself. Raises InvalidInput for one of another task."""
    from bridge.errors import InvalidInput
    from bridge.plugins import load

    opened = load("world_models", config.world_model, what="world model").make(model)
    try:
        info = opened.info
    finally:
        opened.close()
    if info.task not in ("any", config.task):
        raise InvalidInput(
            f"The world model '{config.world_model}' dreams of '{info.task}', not of '{config.task}'. Choose another."
        )
    return info


def _check(out: Path) -> None:
    """Raises OutputExists for a folder that holds something else."""
    from bridge.errors import OutputExists
    from evaluation.improve import STORE

    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / STORE).is_file())):
        raise OutputExists(f"{out} holds something that is no improvement. Name another folder with --out.")


class _Progress:
    """A line now and then on the stage under way, and how long the rest of it will take."""

    def __init__(self) -> None:
        self._stage, self._begun_s, self._told_s, self._before = "", 0.0, 0.0, 0

    def __call__(self, stage: str, done: int, all_of_them: int, record: Mapping[str, Any]) -> None:
        now_s = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun_s, self._told_s, self._before = stage, now_s, 0.0, done
        where = f"{stage} [{done}/{all_of_them}], seed {record['seed']}"
        if record["failure"]:
            why = record["failure"].splitlines()[0]
            print(f"{where}: FAILED after {record['tries']} tries: {why}", file=sys.stderr, flush=True)
        elif now_s - self._told_s > 5.0 or done == all_of_them:
            self._told_s = now_s
            left_min = (now_s - self._begun_s) / max(done - self._before, 1) * (all_of_them - done) / 60.0
            state = "done" if record["success"] else "not done"
            print(f"{where}: {state}; about {left_min:.0f} min left of this", file=sys.stderr, flush=True)
