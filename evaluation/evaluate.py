"""An evaluation: every policy on every seed, each episode once, whatever is interrupted; then the comparison.

Episodes run in processes of their own; what is finished is in `episodes.jsonl` and is not run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation import pool
from evaluation.compare import Comparison, compare
from evaluation.store import Store
from evaluation.trial import Trial

RUN = "evaluation.trial:run"
STORE = "episodes.jsonl"


@dataclass(frozen=True)
class Evaluation:
    """What came of all trials: `records` are of finished ones, `failures` of those that could not be finished."""

    trials: Sequence[Trial]
    records: Sequence[Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]
    comparison: Comparison


Told = Callable[[int, int, Mapping[str, Any]], None]
"""Hears of each episode that is over: how many are, of how many, and its record."""


def quietly(done: int, all_of_them: int, record: Mapping[str, Any]) -> None:
    """Says nothing."""


def evaluate(
    trials: Sequence[Trial],
    folder: Path,
    *,
    workers: int,
    timeout_s: float,
    primary: str = "",
    run: str = RUN,
    on_record: Told = quietly,
    on_begin: Callable[[int], None] = lambda finished: None,
) -> Evaluation:
    """Runs the trials that are not finished in `folder` yet, and compares the policies over all of them.

    A trial that cannot be finished is told among `failures`, and tried again by the next call. `run` is what runs a
    trial, as "module:function". `on_record` hears of trials finished earlier first, then `on_begin` how many those were.
    Raises Refused while another process works in the folder, DamagedFile for its store.
    """
    with Store(folder / STORE) as store:
        keys = [trial.key for trial in trials]
        finished = [key for key in keys if key in store and not store[key]["failure"]]
        missing = [trial for trial, key in zip(trials, keys, strict=True) if key not in finished]
        for count, key in enumerate(finished, start=1):
            on_record(count, len(trials), store[key])
        on_begin(len(finished))
        results = pool.run(run, missing, workers=workers, timeout_s=timeout_s)
        try:
            for count, done in enumerate(results, start=len(finished) + 1):
                trial = missing[done.index]
                told = {"key": trial.key, "policy": trial.label, "seed": trial.seed, "tries": done.tries}
                store.add({**told, "failure": done.failure, **(done.result or {})})
                on_record(count, len(trials), store[trial.key])
        finally:
            results.close()  # ends the processes, whatever happened here
        records = [store[key] for key in keys]
    whole = [record for record in records if not record["failure"]]
    failures = [record for record in records if record["failure"]]
    return Evaluation(trials, whole, failures, compare(_by_policy(trials, whole), primary=primary))


def _by_policy(trials: Sequence[Trial], records: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, list[Any]]]:
    found: dict[str, dict[int, list[Any]]] = {trial.label: {} for trial in trials}
    for record in records:
        rows = [{"agent": agent, **row} for agent, row in record["rows"].items()]
        found[record["policy"]][record["seed"]] = rows
    return found
