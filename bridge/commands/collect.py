"""Collects what world models learn from: episodes on the engine, seen through the views of a task, as shards of clips.

Examples:
  simbridge collect --task manipulate --episodes 500 --out data/panda
  simbridge collect out/a-rainy-harbor-town-0 out/a-hill-town-0 --task drive --episodes 240 --out data/drive
  simbridge collect --task manipulate --skill stack --policies expert,noisy --episodes 50 --out data/stack
  simbridge collect --droid droid_subset --size 64x64 --out data/droid

Episodes that are finished stay finished: the same command goes on where it was interrupted, and a larger --episodes
adds to what is there. Flags of the task and of policies have their name before a dot."""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tyro

from bridge.commands import plugin_flags

PLUGINS = ("task", "policies")
"""What else has flags here."""
_TASKS = ("manipulate", "drive")


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge collect`."""

    towns: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Folders of towns to drive in, by turns. Manipulation happens at its own table."""
    task: str = "manipulate"
    """What is done: manipulate or drive."""
    skill: str = ""
    """Which skill at the table: reach, push, pick-place, stack or drawer; pick-place if left out."""
    policies: str = ""
    """Who acts, with commas between, in equal parts: behaviours of the task's mix (expert, drifts-10mm, lets-go-early, ...;
    a wrong name lists them) or policies. The whole mix by its shares if left out."""
    episodes: int = 100
    """How many."""
    seed: int = 0
    """The first episode's; the others have the next ones."""
    frames: int = 20
    """How many frames a clip has at most: one every 0.3 s at the table, every 0.4 s when driving."""
    out: Path | None = None
    """The data set's folder; out/collect-TASK if left out."""
    workers: int = 2
    """How many episodes run at once, each in a process and on a core of its own."""
    droid: Path | None = None
    """Runs nothing, and converts this folder in DROID format, such as Ctrl-World's example data, instead."""
    size: str = ""
    """With --droid: scale pictures to this WIDTHxHEIGHT [px]; as they are if left out."""
    keep_mcap: bool = False
    """Keep each episode's recording of states and actions as well."""
    timeout_s: float = 600.0
    """Wall-clock time after which an episode counts as hung; it is tried once more."""
    json: bool = False
    """Print what came of it as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs what is missing and writes the folder; 1 where an episode could not be finished."""
    from bridge.errors import InvalidInput
    from evaluation.collect import collect, takes
    from evaluation.collect_mix import mix

    if config.droid is not None:
        return _convert(config, config.droid)
    if config.size:
        raise InvalidInput(
            f"--size {config.size} was given without --droid. Views of engines have the size of their task."
        )
    if config.task not in _TASKS or min(config.episodes, config.workers, config.frames) < 1:
        raise InvalidInput(
            f"Given were --task '{config.task}', --episodes {config.episodes}, --workers {config.workers}, --frames "
            f"{config.frames}. Name one of the tasks {', '.join(_TASKS)}, and at least 1 of the others."
        )
    names = [name.strip() for name in config.policies.split(",") if name.strip()]
    plugin_flags.check(flags, [*names, config.task])
    task = plugin_flags.config("bridge.tasks", config.task, what="task", flags=flags)
    if config.skill:
        if config.task != "manipulate":
            raise InvalidInput(f"--skill {config.skill} was given; the task '{config.task}' has none. Leave it out.")
        task = replace(task, skill=config.skill)
    told = {name: plugin_flags.config("policies", name, what="policy", flags=flags) for name in flags if name in names}
    who = mix(config.task, names, told, skill=getattr(task, "skill", ""))
    towns = _towns(config, task)
    out = config.out or Path("out") / f"collect-{config.task}"
    wanted = takes(
        towns, who, out, task=config.task, task_config=task, episodes=config.episodes, seed=config.seed,
        frames=config.frames, keeps_recordings=config.keep_mcap,
    )  # fmt: skip
    settings = _settings(config, task, who, towns)
    _check(out, settings)
    _write_manifest(out, settings, [], [])
    found = collect(
        wanted, out, workers=config.workers, timeout_s=config.timeout_s, on_record=(progress := _Progress()),
        on_begin=progress.begin,
    )  # fmt: skip
    _write_manifest(out, settings, found.records, found.shards)
    summary = _summary(out, found.records, found.failures, found.shards)
    if config.json:
        print(json.dumps(summary))
    else:
        for name, (count, done) in summary["by_policy"].items():
            print(f"{name}: {count} episodes, {done} in order at the end", file=sys.stderr)
        print(out)
    return 1 if found.failures else 0


def _convert(config: Config, droid: Path) -> int:
    """A folder in DROID format as shards."""
    from bridge.errors import InvalidInput
    from evaluation.collect import SHARD, shard_path
    from world_models.clips import Clip, write_shard
    from world_models.droid import read_droid

    sides = config.size.lower().split("x") if config.size else []
    if sides and (len(sides) != 2 or not all(side.isdigit() and int(side) > 0 for side in sides)):
        raise InvalidInput(f"--size '{config.size}' is no size. Give width and height in pixels, such as 64x64.")
    size = (int(sides[0]), int(sides[1])) if sides else None
    out = config.out or Path("out") / "collect-droid"
    settings = {"droid": str(droid.resolve()), "size": config.size}
    _check(out, settings)
    _write_manifest(out, settings, [], [])
    records: list[dict[str, Any]] = []
    shards: list[Path] = []
    batch: list[Clip] = []

    def pack() -> None:
        if batch:
            shards.append(shard_path(out, len(shards)))
            write_shard(shards[-1], batch)
            batch.clear()

    for clip in read_droid(droid, size=size):
        batch.append(clip)
        success = bool(clip.success[-1])
        records.append({"policy": clip.policy, "frames": len(clip), "success": success, "recording_bytes": 0})
        print(f"{clip.seed}: {len(clip)} frames, {clip.seen.instruction}", file=sys.stderr, flush=True)
        if len(batch) == SHARD:
            pack()
    pack()
    _write_manifest(out, settings, records, shards)
    print(json.dumps(_summary(out, records, [], shards)) if config.json else out)
    return 0


def _towns(config: Config, task: Any) -> list[tuple[str, str]]:
    """Folder and digest of each place."""
    from bridge.errors import InvalidInput
    from bridge.formats.scene_folder import read_scene
    from bridge.plugins import load
    from bridge.tasks.default_town import scene_for

    if config.task == "manipulate":
        if config.towns:
            print("Manipulation happens at its own table; the town is not used.", file=sys.stderr)
        place = load("bridge.tasks", config.task, what="task").make(task)
        return [("", scene_for(place).digest())]
    if not config.towns:
        raise InvalidInput(
            'Driving needs towns, best several. Make some, `scenegen "a rainy harbor town" --size-m 300`, and name their '
            "folders: `simbridge collect out/a-rainy-harbor-town-0 --task drive`."
        )
    return [(str(town), read_scene(town).digest()) for town in config.towns]


def _settings(config: Config, task: Any, who: Sequence[Any], towns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What decides each episode; two commands that agree on it may work on one folder."""
    from dataclasses import asdict

    return json.loads(
        json.dumps(
            {
                "task": config.task,
                "task_config": asdict(task),
                "frames": config.frames,
                "seed": config.seed,
                "towns": [digest for _, digest in towns],
                "mix": [{**vars(one), "config": None if one.config is None else asdict(one.config)} for one in who],
            }
        )
    )


def _check(out: Path, settings: Mapping[str, Any]) -> None:
    """Raises OutputExists for a folder that holds something else, or a data set of other settings."""
    from bridge.errors import OutputExists

    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        there = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["settings"]
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputExists(f"{out} holds something that is no data set. Name another folder with --out.") from None
    other = [name for name in settings if there.get(name) != settings[name]]
    if other:
        raise OutputExists(
            f"{out} holds a data set of other settings ({', '.join(other)}). Name another folder with --out, or say the same."
        )


def _write_manifest(
    out: Path, settings: Mapping[str, Any], records: Sequence[Mapping[str, Any]], shards: Sequence[Path]
) -> None:
    import hashlib

    from evaluation import manifest

    out.mkdir(parents=True, exist_ok=True)
    document = {
        "schema": "simbridge/clips@1",
        "command": sys.argv,
        "versions": manifest.versions(),
        "machine": manifest.machine(),
        "settings": dict(settings),
        "episodes": len(records),
        "by_policy": _by_policy(records),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in shards},
    }
    manifest.write(out / "manifest.json", document)


def _by_policy(records: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """By who acted: how many episodes, and how many stood well at their end."""
    counts, done = Counter(record["policy"] for record in records), Counter[str]()
    for record in records:
        done[record["policy"]] += bool(record["success"])
    return {name: (counts[name], done[name]) for name in sorted(counts)}


def _summary(
    out: Path, records: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, Any]], shards: Sequence[Path]
) -> dict[str, Any]:
    return {
        "folder": str(out),
        "episodes": len(records),
        "failures": [{name: record[name] for name in ("policy", "seed", "failure")} for record in failures],
        "frames": sum(record["frames"] for record in records),
        "bytes": sum(path.stat().st_size for path in shards),
        "recording_bytes": sum(record["recording_bytes"] for record in records),
        "by_policy": _by_policy(records),
        "shards": [path.name for path in shards],
    }


class _Progress:
    """A line on each episode, and how long the rest will take."""

    def __init__(self) -> None:
        self._begun_s, self._before = time.monotonic(), 0

    def begin(self, finished: int) -> None:
        """So many were finished earlier."""
        self._begun_s, self._before = time.monotonic(), finished
        if finished:
            print(f"{finished} episodes are there already.", file=sys.stderr, flush=True)

    def __call__(self, done: int, count: int, record: Mapping[str, Any]) -> None:
        where = f"[{done}/{count}] {record['policy']}, seed {record['seed']}:"
        if record["failure"]:
            print(f"{where} FAILED after {record['tries']} tries: {record['failure'].splitlines()[0]}", file=sys.stderr)
            return
        left_s = (time.monotonic() - self._begun_s) / max(done - self._before, 1) * (count - done)
        state = "in order" if record["success"] else "not done"
        print(f"{where} {record['frames']} frames, {state}, {left_s / 60:.0f} min left", file=sys.stderr, flush=True)
