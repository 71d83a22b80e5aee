"""Runs policies on the same seeds of a task in a town, and says which one is better, by how much and how surely.

Examples:
  simbridge evaluate out/a-rainy-harbor-town-0 --policies random,greedy --seeds 20
  simbridge evaluate out/a-rainy-harbor-town-0 --policies random,greedy,auction,planner --seeds 50 --workers 2
  simbridge evaluate out/a-rainy-harbor-town-0 --policies greedy,llm --llm.model qwen3 --delivery.agents 4
  simbridge evaluate --task manipulate --policies random,manipulate-expert --manipulate.skill stack

Episodes that are finished stay finished: the same command goes on where it was interrupted. Flags of the task, the
policies and the engine have their name before a dot."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from bridge.commands import engine_flags, plugin_flags
from bridge.commands.detail import for_a_shift

if TYPE_CHECKING:
    from bridge.scene import Scene

PLUGINS = ("task", "policies", "against", "engine")
"""What else has flags here."""
SHIFT_H = 0.5
"""How long shifts of couriers are compared over: fifty of four policies are an hour or two of two cores that way."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge evaluate`."""

    town: tyro.conf.Positional[Path | None] = None
    """A town's folder. If left out: the task's own place, such as a table, or the hamlet that comes with simbridge."""
    task: str = "delivery"
    """What is to be done well."""
    policies: str = "random,greedy"
    """Who is compared, with commas between; each drives all agents of its episodes."""
    against: str = ""
    """A policy that drives every second agent of all episodes: then those in the others' seats are compared."""
    seeds: int = 10
    """How many seeds; every policy gets the same ones."""
    seed: int = 0
    """The first of them, and the bootstrap's."""
    workers: int = 2
    """How many episodes run at once, each in a process and on a core of its own."""
    engine: str = "embedded"
    """What they run on. Shifts of couriers move by physics only whom something is near (docs/delivery.md), unless you say
    --embedded.detail full."""
    engine_address: str = ""
    """Where an engine, or a renderer, is that is another program (unreal, unrealcv): host:port or unix:/path."""
    engine_token_file: Path | None = None
    """A file with the token that it asks for."""
    hours: float | None = None
    """How long episodes last in simulated time: shifts are so long (0.5 if left out), other tasks end then at the latest."""
    vehicles: int = 10
    """Cars in the streets besides."""
    pedestrians: int = 20
    """People in the streets besides."""
    rank_by: str = ""
    """The measure that decides; the task's first (profit, success) if left out."""
    record: Literal["first", "all", "none"] = "first"
    """Whose episodes are recorded: of the first seed, of all, or none."""
    films: Literal["all", "map", "none"] = "all"
    """Films of the first seed: of the map, and from behind an agent of the best policy."""
    timeout_s: float = 3600.0
    """Wall-clock time after which an episode counts as hung; it is tried once more."""
    out: Path | None = None
    """The folder of results; one of its own in out/ for each town, task and engine if left out."""
    json: bool = False
    """Print the results as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs what is missing, writes the folder, and says the verdict; 1 where an episode could not be finished."""
    from bridge.errors import InvalidInput
    from bridge.plugins import load
    from bridge.tasks.default_town import scene_for
    from evaluation.evaluate import evaluate
    from evaluation.present import Wishes, present
    from evaluation.trial import Trial

    policies = [name.strip() for name in config.policies.split(",") if name.strip()]
    labels = {name.rpartition(".")[2] for name in policies}
    if not policies or len(labels) < len(policies) or config.seeds < 1 or config.workers < 1:
        raise InvalidInput(
            f"Given were --policies '{config.policies}', --seeds {config.seeds}, --workers {config.workers}. Name each "
            "policy once, and at least one seed and one worker."
        )
    rivals = [config.against] if config.against and config.against not in policies else []
    plugin_flags.check(flags, [*policies, *rivals, config.task, config.engine])
    task = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    hours = config.hours
    if hasattr(task, "hours") and not _says_hours(flags.get(config.task, ())):
        hours = SHIFT_H if hours is None else hours
        task = replace(task, hours=hours)
    engine = plugin_flags.config("bridge.engines", config.engine, what="engine", flags=flags)
    engine = engine_flags.addressed(config.engine, engine, config.engine_address, config.engine_token_file)
    workers = config.workers
    if workers > 1 and engine_flags.is_elsewhere(engine):
        workers = 1
        print(
            "The engine is another program, with one world at a time: one episode runs after another.", file=sys.stderr
        )
    if config.task == "delivery":
        engine = for_a_shift(config.engine, engine, flags)
    minds = {name: plugin_flags.config("policies", name, what="policy", flags=flags) for name in [*policies, *rivals]}
    place = load("bridge.tasks", config.task, what="task").make(task)
    scene = scene_for(place, config.town)
    _check_place(config, place, scene)
    seeds = range(config.seed, config.seed + config.seeds)

    def trial(policy: str, seed: int, folder: Path) -> Trial:
        return Trial(
            town=str(config.town or ""), town_digest=scene.digest(), task=config.task, policy=policy, seed=seed,
            engine=config.engine, task_config=task, policy_config=minds[policy], engine_config=engine,
            hours=hours, vehicles=config.vehicles, pedestrians=config.pedestrians, folder=str(folder),
            rival=config.against, rival_config=minds.get(config.against),
            is_recorded=config.record == "all" or (config.record == "first" and seed == config.seed),
        )  # fmt: skip

    out = config.out or Path("out") / _folder_name(config, trial(policies[0], config.seed, Path()).document())
    _check(out)
    trials = [trial(policy, seed, out / "episodes") for seed in seeds for policy in policies]
    progress = _Progress()
    found = evaluate(
        trials,
        out,
        workers=workers,
        timeout_s=config.timeout_s,
        primary=config.rank_by,
        on_record=progress,
        on_begin=progress.begin,
    )
    wishes = Wishes(films=config.films, command=sys.argv, workers=workers)
    results = present(found, out, scene, wishes, say=lambda line: print(line, file=sys.stderr, flush=True))
    if config.json:
        print(json.dumps(results, ensure_ascii=False))
    else:
        print(results["verdict"])
        print("".join(f"  {sentence}.\n" for sentence in results["findings"]), end="")
        print(out / "report.html")
    return 1 if found.failures else 0


def _says_hours(said: Sequence[str]) -> bool:
    """Whether the task was told by itself how long it lasts."""
    return any(flag.split("=")[0] == "--hours" for flag in said)


def _folder_name(config: Config, told: Mapping[str, Any]) -> str:
    """The same for evaluations that may share episodes: of one town, task and engine as they are set."""
    from bridge.digest import digest

    shared = {
        name: value for name, value in told.items() if not name.startswith("policy") and name not in ("town", "seed")
    }
    parts = ("evaluate", config.town.resolve().name if config.town else "", config.task, digest(shared)[:8])
    return "-".join(part for part in parts if part)


def _check_place(config: Config, task: Any, scene: "Scene") -> None:
    """Raises InvalidInput for a town that lacks those who a task with a place of its own is about."""
    from bridge.errors import InvalidInput
    from bridge.tasks.task import PlacedTask

    missing = (
        set(task.agents(scene)) - {agent.name for agent in scene.agents} if isinstance(task, PlacedTask) else set()
    )
    if missing:
        raise InvalidInput(
            f"Task '{config.task}' is about {', '.join(sorted(missing))}, which {config.town} does not have. Leave the "
            "town out: the task has a place of its own."
        )


def _check(out: Path) -> None:
    """Raises OutputExists for a folder that holds something else."""
    from bridge.errors import OutputExists
    from evaluation.evaluate import STORE

    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / STORE).is_file())):
        raise OutputExists(f"{out} holds something that is no evaluation. Name another folder with --out.")


class _Progress:
    """A line on each episode, and how long the rest will take, going by those that were run just now."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._before = 0

    def begin(self, finished: int) -> None:
        """So many were finished earlier."""
        self._begun_s, self._before = time.monotonic(), finished

    def __call__(self, done: int, all_of_them: int, record: Mapping[str, Any]) -> None:
        where = f"[{done}/{all_of_them}] {record['policy']}, seed {record['seed']}:"
        if record["failure"]:
            why = record["failure"].splitlines()[0]
            told = f"FAILED after {record['tries']} tries: {why}"
        else:
            pace = record["simulated_s"] / max(record["wall_s"], 1e-9)
            told = f"{record['simulated_s']:.0f} s simulated in {record['wall_s']:.1f} s ({pace:.0f}x)"
        if self._begun_s is not None and all_of_them > done > self._before:
            each_s = (time.monotonic() - self._begun_s) / (done - self._before)
            told += f", {_spoken(each_s * (all_of_them - done))} left"
        print(f"{where} {told}", file=sys.stderr, flush=True)


def _spoken(seconds: float) -> str:
    """A rough time in words."""
    for unit, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * unit:
            return f"about {seconds / unit:.0f} {name}"
    return f"about {seconds:.0f} s"
