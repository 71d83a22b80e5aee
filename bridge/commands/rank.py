"""Asks whether a world model would rank policies as the engine does: each on the same seeds in both, and how well they agree.

Examples:
  simbridge rank --task manipulate --policies ladder:20 --seeds 50 --world-model ctrl-world
  simbridge rank out/a-rainy-harbor-town-0 --task drive --policies ladder:20 --seeds 50 --world-model geodrive
  simbridge rank --task manipulate --policies ladder-00,ladder-05,restless --seeds 10 --world-model copy-last
  simbridge rank --table published.csv

Episodes that are finished stay finished: the same command goes on where it was interrupted. Flags of the task, the world
model, the engine and of policies have their name before a dot."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from bridge.commands import plugin_flags

PLUGINS = ("task", "policies", "world-model", "engine")
"""What else has flags here."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge rank`."""

    town: tyro.conf.Positional[Path | None] = None
    """A town's folder, to drive in; the hamlet that comes with simbridge if left out. Manipulation happens at its own table."""
    task: Literal["manipulate", "drive"] = "manipulate"
    """What is done."""
    policies: str = "ladder:20"
    """Who is ranked, with commas between: ladder:20 is 20 rungs from the expert to no aim, ladder-07 one of them, others by name."""
    seeds: int = 50
    """How many seeds; every policy gets the same ones, in both worlds."""
    seed: int = 0
    """The first of them, and the bootstrap's."""
    world_model: str = ""
    """Who dreams (simbridge world-models lists them)."""
    frames: int = 20
    """How long episodes are at most: one frame every 0.3 s at the table, every 0.4 s when driving, or as the model has it."""
    chunk: int = 1
    """How many frames the model is asked for at once."""
    workers: int = 2
    """How many episodes run at once, each in a process and on a core of its own, with a model of its own."""
    engine: str = "embedded"
    """What is believed, and gives dreams their first moment."""
    timeout_s: float = 900.0
    """Wall-clock time after which an episode counts as hung; it is tried once more."""
    out: Path | None = None
    """The folder of results; one of its own in out/ for each task, town and model if left out."""
    table: Path | None = None
    """Run nothing, and print all numbers of a table of others: a CSV or JSON with "real" and "model", and "policy", "task", "measure"."""
    json: bool = False
    """Print the results as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs what is missing, writes the folder, and says how well both agree; 1 where an episode could not be finished."""
    if config.table is not None:
        return _of_table(config, config.table)
    from bridge.errors import InvalidInput
    from bridge.plugins import check_name, load
    from bridge.tasks.default_town import scene_for
    from evaluation.rank import rank, trials
    from evaluation.rank_policies import contenders
    from evaluation.rank_present import present
    from evaluation.rank_results import results
    from evaluation.rank_trial import RankTrial, limited
    from world_models.dream import Settings
    from world_models.views import FRAME_S

    if not config.world_model:
        raise InvalidInput(
            "No --world-model was named. `simbridge world-models` lists them; oracle is the engine itself."
        )
    if min(config.seeds, config.frames, config.workers, config.chunk) < 1:
        raise InvalidInput(
            f"Given were --seeds {config.seeds}, --frames {config.frames}, --workers {config.workers}, --chunk {config.chunk}. Give at least "
            "1 of each."
        )
    names = [
        name.strip() for name in config.policies.split(",") if name.strip() and not name.strip().startswith("ladder")
    ]
    plugin_flags.check(flags, [*names, config.task, config.world_model, config.engine])
    check_name("world_models", config.world_model, what="world model")
    minds = {name: plugin_flags.config("policies", name, what="policy", flags=flags) for name in names}
    who = contenders(config.policies, config.task, minds)
    model = plugin_flags.config("world_models", config.world_model, what="world model", flags=flags)
    info = _info(config, model)
    frame_s = info.frame_s or FRAME_S[config.task]
    task = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    task = limited(config.task, task, config.frames * frame_s)
    town = config.town
    if config.task == "manipulate" and town is not None:
        print("Manipulation happens at its own table; the town is not used.", file=sys.stderr)
        town = None
    scene = scene_for(load("bridge.tasks", config.task, what="task").make(task), town)
    engine = plugin_flags.config("bridge.engines", config.engine, what="engine", flags=flags)
    pattern = RankTrial(
        "dream", "", "", None, config.seed, config.task, task, str(town or ""), scene.digest(), config.frames, frame_s,
        config.engine, engine, config.world_model, model, info.weights, Settings(chunk=config.chunk),
    )  # fmt: skip
    out = config.out or Path("out") / _folder_name(config, scene.name if town else "")
    _check(out)
    wanted = trials(who, range(config.seed, config.seed + config.seeds), pattern)
    begun_s = time.monotonic()
    found = rank(
        who, wanted, out, workers=config.workers, timeout_s=config.timeout_s, on_record=(progress := _Progress()), on_begin=progress.begin,
    )  # fmt: skip
    print(
        f"{len(wanted)} episodes are there after {time.monotonic() - begun_s:.0f} s; drawing conclusions",
        file=sys.stderr,
        flush=True,
    )
    concluded = present(
        found, results(found, seed=config.seed), pattern, out, scene, command=sys.argv, workers=config.workers
    )
    if config.json:
        print(json.dumps(concluded, ensure_ascii=False))
    else:
        print(concluded["verdict"])
        print("".join(f"  {line}\n" for line in concluded["findings"]), end="")
        print(out / "report.html")
    return 1 if found.failures else 0


def _of_table(config: Config, path: Path) -> int:
    from evaluation.rank_table import concluded, read_table, told

    found = concluded(read_table(path), seed=config.seed)
    print(json.dumps(found, ensure_ascii=False) if config.json else told(found))
    return 0


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
            f"The world model '{config.world_model}' dreams of '{info.task}', not of '{config.task}'. Choose another, or --task {info.task}."
        )
    return info


def _folder_name(config: Config, town: str) -> str:
    return "-".join(part for part in ("rank", config.task, town, config.world_model.rpartition(".")[2]) if part)


def _check(out: Path) -> None:
    """Raises OutputExists for a folder that holds something else."""
    from bridge.errors import OutputExists
    from evaluation.rank import STORE

    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / STORE).is_file())):
        raise OutputExists(f"{out} holds something that is no ranking. Name another folder with --out.")


class _Progress:
    """A line now and then, and how long the rest will take, going by what was run just now."""

    def __init__(self) -> None:
        self._begun_s = self._told_s = time.monotonic()
        self._before = 0

    def begin(self, finished: int) -> None:
        """So many were finished earlier."""
        self._begun_s, self._before = time.monotonic(), finished
        if finished:
            print(f"{finished} episodes were finished earlier", file=sys.stderr, flush=True)

    def __call__(self, done: int, all_of_them: int, record: Mapping[str, Any]) -> None:
        now_s = time.monotonic()
        where = f"[{done}/{all_of_them}] {record['policy']}, seed {record['seed']}, {record['world']}"
        if record["failure"]:
            print(
                f"{where}: FAILED after {record['tries']} tries: {record['failure'].splitlines()[0]}",
                file=sys.stderr,
                flush=True,
            )
        elif now_s - self._told_s > 5.0 or done == all_of_them:
            self._told_s = now_s
            each_s = (now_s - self._begun_s) / max(done - self._before, 1)
            left_min = each_s * (all_of_them - done) / 60.0
            print(
                f"{where}: {record['value']:.2f}; {each_s:.2f} s an episode, about {left_min:.0f} min left",
                file=sys.stderr,
                flush=True,
            )
