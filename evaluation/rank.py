"""A ranking: every policy on every seed, on the engine and in dreams, each episode once, whatever is interrupted; then the tables.

Episodes run in processes of their own; what is finished is in `episodes.jsonl` and is not run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from evaluation import pool
from evaluation.rank_policies import Contender
from evaluation.rank_trial import RankTrial
from evaluation.store import Store

Array = NDArray[np.float64]
RUN = "evaluation.rank_trial:run"
STORE = "episodes.jsonl"
Told = Callable[[int, int, Mapping[str, Any]], None]
"""Hears of each episode that is over: how many are, of how many, and its record."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Both judges' values (k,n) of the k policies `labels` on the n `seeds` that all of them finished in both worlds.

    `head` (k,n) is the model's own verdict, None for a model that gives none; `left_out` are seeds that somebody did not finish.
    """

    labels: tuple[str, ...]
    words: Mapping[str, str]
    seeds: tuple[int, ...]
    real: Array
    model: Array
    head: Array | None
    left_out: tuple[int, ...]
    records: Sequence[Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]


def trials(who: Sequence[Contender], seeds: Sequence[int], pattern: RankTrial) -> list[RankTrial]:
    """All of them, seed by seed, each on the engine first; the rest is as in `pattern`, which is one of the dream."""
    found = []
    for seed in seeds:
        for one in who:
            dream = replace(
                pattern, world="dream", label=one.label, policy=one.policy, policy_config=one.config, seed=seed
            )
            found += [replace(dream, world="engine", model="", model_config=None, weights="", dream=None), dream]
    return found


def rank(
    who: Sequence[Contender],
    wanted: Sequence[RankTrial],
    folder: Path,
    *,
    workers: int,
    timeout_s: float,
    run: str = RUN,
    on_record: Told = lambda done, of, record: None,
    on_begin: Callable[[int], None] = lambda finished: None,
) -> Ranking:
    """Runs the trials that are not finished in `folder` yet, and puts all of them into tables.

    What cannot be finished is told among `failures`, and tried again by the next call. `on_begin` hears how many were finished
    earlier, `on_record` of each that is over now. Raises Refused while another process works in the folder, DamagedFile for its store,
    and InvalidInput where no seed was finished by all.
    """
    with Store(folder / STORE) as store:
        missing = [one for one in wanted if one.key not in store or store[one.key]["failure"]]
        finished = len(wanted) - len(missing)
        on_begin(finished)
        results = pool.run(run, missing, workers=workers, timeout_s=timeout_s)
        try:
            for count, done in enumerate(results, start=finished + 1):
                one = missing[done.index]
                told = {"key": one.key, "policy": one.label, "seed": one.seed, "world": one.world, "tries": done.tries}
                store.add({**told, "failure": done.failure, **(done.result or {})})
                on_record(count, len(wanted), store[one.key])
        finally:
            results.close()  # ends the processes, whatever happened here
        records = [{**store[one.key], "policy": one.label, "world": one.world} for one in wanted]
    return tabled(who, records)


def tabled(who: Sequence[Contender], records: Sequence[Mapping[str, Any]]) -> Ranking:
    """The tables of finished episodes. Raises InvalidInput where no seed was finished by all policies in both worlds."""
    whole = {(row["policy"], row["seed"], row["world"]): row for row in records if not row["failure"]}
    seeds = tuple(dict.fromkeys(int(row["seed"]) for row in records))
    labels = tuple(one.label for one in who)
    common = tuple(s for s in seeds if all((label, s, w) in whole for label in labels for w in ("engine", "dream")))
    failures = [row for row in records if row["failure"]]
    if not common:
        why = failures[0]["failure"].splitlines()[0] if failures else "none was run"
        raise InvalidInput(
            f"None of {len(seeds)} seeds was finished by all {len(labels)} policies on the engine and in the dream: {why}. Put that "
            "right and run the same command again; what is finished stays finished."
        )

    def table(world: str, column: str) -> Array:
        return np.array([[float(whole[label, s, world][column]) for s in common] for label in labels])

    has_head = all(whole[label, s, "dream"]["head"] is not None for label in labels for s in common)
    head = table("dream", "head") if has_head else None
    return Ranking(
        labels, {one.label: one.words for one in who}, common, table("engine", "value"), table("dream", "value"), head,
        tuple(s for s in seeds if s not in common), [row for row in records if not row["failure"]], failures,
    )  # fmt: skip
