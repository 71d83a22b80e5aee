"""Collecting: episodes run in processes of their own, each once whatever is interrupted, and packed into shards of clips.

A data set's folder holds shards (`clips-00000.npz`, SHARD episodes each, in order), `episodes.jsonl` with what is finished, and
`manifest.json`; while it grows, `parts` with clips that wait for the rest of their shard.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.control.seeds import stream
from bridge.digest import digest
from evaluation import pool
from evaluation.collect_episode import RUN, Take
from evaluation.collect_mix import Behaviour, drawn
from evaluation.store import Store
from evaluation.trial import Trial
from world_models.clips import read_shard, write_shard

STORE = "episodes.jsonl"
SHARD = 25
"""How many episodes a shard holds."""
BEFORE_S: Mapping[str, float] = {"manipulate": 0.0, "drive": 8.0}
"""How late clips begin at most: cars are seen from anywhere on their way, not from their start alone."""
_STEP_S = 0.1
Told = Callable[[int, int, Mapping[str, Any]], None]
"""Hears of each episode that is over: how many are, of how many, and its record."""


@dataclass(frozen=True)
class Collected:
    """What came of it: `records` of finished episodes in order, `failures` of those that could not be finished, `shards`."""

    records: Sequence[Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]
    shards: Sequence[Path]


def takes(
    towns: Sequence[tuple[str, str]],
    behaviours: Sequence[Behaviour],
    folder: Path,
    *,
    task: str,
    task_config: Any,
    episodes: int,
    seed: int,
    frames: int,
    keeps_recordings: bool = False,
) -> list[Take]:
    """The episodes of a data set, one a seed from `seed` on; `towns` (folder or "", and digest) by turns.

    The seed decides who acts and when the clip begins, so that a data set that grows keeps what it has.
    """
    made = []
    for index in range(episodes):
        number = seed + index
        town, town_digest = towns[index % len(towns)]
        who = drawn(behaviours, number)
        late_s = float(stream(number, "collect", "begin").uniform(0.0, BEFORE_S[task]))
        trial = Trial(
            town=town, town_digest=town_digest, task=task, policy=who.policy, seed=number, task_config=task_config,
            policy_config=who.config,
        )  # fmt: skip
        name = f"episode-{number:06d}"
        recording = str(folder / "recordings" / f"{name}.mcap") if keeps_recordings else ""
        from_s = round(late_s / _STEP_S) * _STEP_S
        made.append(Take(trial, who.name, frames, from_s, str(folder / "parts" / f"{name}.npz"), recording))
    return made


def key(take: Take) -> str:
    """The same for two takes that are the same clip, wherever they are kept."""
    return digest([take.trial.key, take.behaviour, take.frames, round(take.from_s, 6)])[:24]


def shard_path(folder: Path, number: int) -> Path:
    """The file of a shard."""
    return folder / f"clips-{number:05d}.npz"


def collect(
    wanted: Sequence[Take],
    folder: Path,
    *,
    workers: int,
    timeout_s: float,
    run: str = RUN,
    on_record: Told = lambda done, count, record: None,
    on_begin: Callable[[int], None] = lambda finished: None,
) -> Collected:
    """Runs the takes that are not finished in `folder` yet, and packs each shard as soon as its episodes are over.

    An episode that cannot be finished is told among `failures`, left out of its shard, and tried again by the next call.
    `run` is what runs a take, as "module:function". Raises Refused while another process works in the folder, DamagedFile
    for a store or a shard that is none.
    """
    keys = [key(take) for take in wanted]
    with Store(folder / STORE) as store:
        packing = _Packing(folder, store, wanted, keys)
        finished = {one for take, one in zip(wanted, keys) if packing.has(take, one)}
        on_begin(len(finished))
        missing = [index for index, one in enumerate(keys) if one not in finished]
        missing.sort(key=lambda index: (index // SHARD, wanted[index].trial.town))  # towns are dear to load
        over = set(range(len(wanted))) - set(missing)
        for number in range(-(-len(wanted) // SHARD)):
            packing.pack(number, over)
        results = pool.run(run, [wanted[index] for index in missing], workers=workers, timeout_s=timeout_s)
        try:
            for done in results:
                index = missing[done.index]
                take = wanted[index]
                told = {"key": keys[index], "policy": take.behaviour, "seed": take.trial.seed, "tries": done.tries}
                store.add({**told, "failure": done.failure, **(done.result or {})})
                over.add(index)
                on_record(len(over), len(wanted), store[keys[index]])
                packing.pack(index // SHARD, over)
        finally:
            results.close()  # ends the processes, whatever happened here
        records = [store[one] for one in keys]
    parts = folder / "parts"
    if parts.is_dir() and not any(parts.iterdir()):
        parts.rmdir()
    return Collected(
        [record for record in records if not record["failure"]],
        [record for record in records if record["failure"]],
        sorted(folder.glob("clips-*.npz")),
    )


class _Packing:
    """Puts clips into shards; the store knows which episodes are in which."""

    def __init__(self, folder: Path, store: Store, wanted: Sequence[Take], keys: Sequence[str]) -> None:
        self._folder, self._store, self._wanted, self._keys = folder, store, wanted, keys

    def has(self, take: Take, one: str) -> bool:
        """Whether an episode is finished and its clip is there."""
        if one not in self._store or self._store[one]["failure"]:
            return False
        number = self._keys.index(one) // SHARD
        return Path(take.clip).is_file() or one in self._packed(number)

    def pack(self, number: int, over: set[int]) -> None:
        """Writes a shard anew if all its episodes are `over` and it lacks some that are finished."""
        rows = range(number * SHARD, min((number + 1) * SHARD, len(self._wanted)))
        if any(row not in over for row in rows):
            return
        whole = [row for row in rows if not self._store[self._keys[row]]["failure"]]
        before = self._packed(number)
        inside = [self._keys[row] for row in whole]
        if not inside or before == inside or (before[: len(inside)] == inside):
            return
        path = shard_path(self._folder, number)
        old = dict(zip(before, read_shard(path))) if before else {}
        parts = {row: Path(self._wanted[row].clip) for row in whole}
        write_shard(path, [old.get(self._keys[row]) or read_shard(parts[row])[0] for row in whole])
        self._store.add({"key": path.stem, "episodes": inside, "failure": ""})
        for part in parts.values():
            part.unlink(missing_ok=True)

    def _packed(self, number: int) -> list[str]:
        """The keys of the episodes in a shard, in order."""
        path = shard_path(self._folder, number)
        known = path.stem in self._store and path.is_file()
        return list(self._store[path.stem]["episodes"]) if known else []
