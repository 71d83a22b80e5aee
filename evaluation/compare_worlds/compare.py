"""A comparison: the engine's episodes first, then every dream of each of them once, whatever is interrupted; then the study."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from evaluation import pool
from evaluation.compare_worlds.dreams import RUN as DREAM
from evaluation.compare_worlds.dreams import Dream, Mind, Source, clip_digest
from evaluation.compare_worlds.study import Dreamer, Measure, Study
from evaluation.measures import MEASURES, distrusted
from evaluation.store import Store
from evaluation.words import joined
from world_models.clips import Clip, read_shard, shards
from world_models.views import VIEWS

if TYPE_CHECKING:
    from evaluation.collect_episode import Take

STORE = "dreams.jsonl"
Told = Callable[[int, int, str, Mapping[str, Any]], None]
"""Hears of each piece of work that is over: how many are, of how many, whose it is, and its record."""


@dataclass(frozen=True)
class Plan:
    """What is compared: `minds`, the first of which is the model; by measures or groups of them (`wanted`), the verdict by one.

    See Dream for the rest.
    """

    task: str
    minds: Sequence[Mind]
    seen: int = 2
    horizon: int = 20
    keyframe_every: int = 0
    is_told_others: bool = False
    wanted: tuple[str, ...] = ("pixels", "states", "laws", "success")
    judged_by: str = "psnr"
    seed: int = 0
    is_judged: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """What came of it: the study, the sources and dreams of which it is made, and what could not be finished."""

    plan: Plan
    study: Study
    sources: Sequence[Source]
    records: Mapping[tuple[str, str], Mapping[str, Any]]
    """Records of finished dreams, by episode and dreamer."""
    failures: Sequence[Mapping[str, Any]]


def engine_episodes(
    wanted: "Sequence[Take]", folder: Path, *, workers: int, timeout_s: float, on_record: Told
) -> tuple[list[Source], list[Mapping[str, Any]]]:
    """The engine's episodes: those that are there already are not run again. Also what could not be finished."""
    from evaluation.collect import collect  # brings the tasks along, which a data set does without

    def told(done: int, count: int, record: Mapping[str, Any]) -> None:
        on_record(done, count, "engine", {**record, "episode": name_of(record["seed"])})

    found = collect(wanted, folder, workers=workers, timeout_s=timeout_s, on_record=told)
    takes = {take.trial.seed: take for take in wanted}
    sources = [
        _source(path, index, clip, takes[clip.seed])
        for path in found.shards
        for index, clip in enumerate(read_shard(path))
        if clip.seed in takes
    ]
    failures: list[Mapping[str, Any]] = [
        {**record, "episode": name_of(record["seed"]), "dreamer": "engine"} for record in found.failures
    ]
    return sorted(sources, key=lambda one: one.name), failures


def _source(path: Path, index: int, clip: Clip, take: "Take") -> Source:
    trial = take.trial
    return Source(
        name_of(clip.seed), str(path), index, clip_digest(clip), take.recording, take.from_s, trial.town, trial.task,
        trial.task_config,
    )  # fmt: skip


def name_of(seed: int) -> str:
    """What the episode of a seed is called in results."""
    return f"seed-{seed:06d}"


def kept_episodes(data: Path, task: str, episodes: int) -> list[Source]:
    """The first episodes of a data set that are of a task. Raises InvalidInput where there are none."""
    found: list[Source] = []
    others: set[str] = set()
    for path in shards(data):
        for index, clip in enumerate(read_shard(path)):
            if clip.task != task:
                others.add(clip.task)
            elif len(found) < episodes:
                found.append(Source(f"{path.stem}-{index:03d}", str(path), index, clip_digest(clip)))
        if len(found) >= episodes:
            break
    if not found:
        raise InvalidInput(
            f"{data} has no episode of the task '{task}', only of {', '.join(sorted(others)) or 'none'}. Collect some: "
            f"simbridge collect --task {task} --out DIR."
        )
    return found


def compare_worlds(
    plan: Plan, sources: Sequence[Source], folder: Path, *, workers: int, timeout_s: float, on_record: Told
) -> Found:
    """Dreams all that is not dreamt in `folder` yet, and draws it together. A dream that fails twice is told among the
    failures and tried again by the next call. Raises Refused while another process works in the folder.
    """
    dreams = list(_dreams(plan, sources, folder / "dreams"))
    with Store(folder / STORE) as store:
        keys = [dream.key for dream in dreams]

        def is_whole(dream: Dream, key: str) -> bool:
            return key in store and not store[key]["failure"] and (folder / "dreams" / store[key]["file"]).is_file()

        missing = [dream for dream, key in zip(dreams, keys, strict=True) if not is_whole(dream, key)]
        results = pool.run(DREAM, missing, workers=workers, timeout_s=timeout_s)
        before = len(dreams) - len(missing)
        try:
            for done, over in enumerate(results, start=before + 1):
                dream = missing[over.index]
                told = {
                    "key": dream.key,
                    "episode": dream.source.name,
                    "dreamer": dream.mind.label,
                    "tries": over.tries,
                }
                store.add({**told, "failure": over.failure, **(over.result or {})})
                on_record(done, len(dreams), dream.mind.label, store[dream.key])
        finally:
            results.close()
        records = [store[key] for key in keys]
    whole = {
        (dream.source.name, dream.mind.label): record
        for dream, record in zip(dreams, records, strict=True)
        if not record["failure"]
    }
    failures = [record for record in records if record["failure"]]
    return Found(plan, study_of(plan, sources, whole), sources, whole, failures)


def _dreams(plan: Plan, sources: Sequence[Source], folder: Path) -> Iterator[Dream]:
    for source in sources:
        for mind in plan.minds:
            own = replace(source, recording="") if mind.role != "check" else source
            yield Dream(
                own, mind, plan.seen - 1, plan.horizon, plan.keyframe_every, plan.is_told_others, plan.wanted, str(folder),
                plan.is_judged,
            )  # fmt: skip


def study_of(plan: Plan, sources: Sequence[Source], records: Mapping[tuple[str, str], Mapping[str, Any]]) -> Study:
    """All records as arrays: episodes by horizons by views."""
    views = VIEWS[plan.task]
    longest = max(records.values(), key=lambda record: record["frames"], default={"horizons_s": [], "frames": 0})
    n, e = longest["frames"], len(sources)
    values: dict[str, dict[str, NDArray[np.float64]]] = {}
    foretold: dict[str, NDArray[np.float64]] = {}
    trust: dict[str, NDArray[np.float64]] = {}
    speed: dict[str, NDArray[np.float64]] = {}
    success = np.full((e, n), np.nan)
    names = {name for record in records.values() for name in record["measures"]}
    shown = shown_measures(plan, names)
    for mind in plan.minds:
        own = {index: records[s.name, mind.label] for index, s in enumerate(sources) if (s.name, mind.label) in records}
        if not own:
            continue
        values[mind.label] = {}
        for name in sorted(names):
            table = np.full((e, n, len(views) if MEASURES[name].is_by_view else 1), np.nan)
            for index, record in own.items():
                if name in record["measures"]:
                    rows = np.array(record["measures"][name], dtype=np.float64)
                    table[index, : len(rows)] = rows.reshape(len(rows), -1)
            values[mind.label][name] = table
        speed[mind.label] = np.full(e, np.nan)
        for index, record in own.items():
            many = record["frames"]
            success[index, :many] = record["success"]
            speed[mind.label][index] = many / max(record["wall_s"], 1e-9)
            for name, kept in (("foretold", foretold), ("trust", trust)):
                if record[name] is not None:
                    kept.setdefault(mind.label, np.full((e, n), np.nan))[index, :many] = record[name]
    return Study(
        task=plan.task, model=plan.minds[0].label, views=views, horizons_s=np.array(longest["horizons_s"], dtype=np.float64),
        dreamers=[Dreamer(one.label, one.role, one.what) for one in plan.minds], measures=shown,
        episodes=[source.name for source in sources], values=values, success=success, foretold=foretold, trust=trust,
        speed=speed, seed=plan.seed,
    )  # fmt: skip


def shown_measures(plan: Plan, names: Collection[str]) -> tuple[Measure, ...]:
    """Those of the measures that say which way is better, what the verdict goes by first; with what they do not see."""
    order = [plan.judged_by, *(name for name in MEASURES if name in names and name != plan.judged_by)]
    found = []
    for one in (MEASURES[name] for name in order):
        if one.better != "neither":
            blind = distrusted(one.name, plan.task)
            caution = f"in calibration it did not rise with {joined(list(blind))}" if blind else ""
            found.append(Measure(one.name, one.label, one.unit, one.better, one.is_by_view, caution, one.beside))
    return tuple(found)
