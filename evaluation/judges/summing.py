"""What judges say of many dreams of one dreamer, together: means with intervals over episodes, and how often engine and dream agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from evaluation import stats
from evaluation.judges.recognition import of_confusion

Records = Sequence[Mapping]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """A number of the dreams and of the engine's own episodes, and the mean difference, dream less engine, episode by episode."""

    dream: stats.Estimate
    engine: stats.Estimate
    difference: stats.Estimate


@dataclass(frozen=True, eq=False)
class Graded:
    """Grades of n episodes: how often (engine by its states, dream) and (engine by its states, engine by its pictures); the share that
    agrees in each, with Wilson's interval; weighted kappa (Cohen 1968, squared weights; None where one never varies); and the mean gap."""

    dream: Codes
    read_engine: Codes
    agreed: stats.Estimate | None
    agreed_read: stats.Estimate | None
    kappa: float | None
    gap: stats.Estimate | None


@dataclass(frozen=True, eq=False)
class Recognised:
    """Of all moments: accuracy and balanced accuracy in dreams and in the engine's pictures; of episodes: the mean difference of accuracy."""

    moments: int
    dream: float
    engine: float
    dream_balanced: float
    engine_balanced: float
    difference: stats.Estimate | None
    confusion: Codes


@dataclass(frozen=True, eq=False)
class Summary:
    """What all judges say of a dreamer; `left_out` says why some say nothing."""

    n: int
    graded: Graded | None
    told: stats.Estimate | None
    """The share of dreams whose told poses get the engine's grade."""
    laws: Mapping[str, Pair]
    adherence: Pair | None
    consistency: Mapping[str, Pair]
    recognised: Mapping[str, Recognised]
    left_out: Mapping[str, str]


def summary(records: Records, *, seed: int = 0) -> Summary:
    """The summary of what `judge` said of many dreams."""
    left_out: dict[str, str] = {}
    for record in records:
        left_out |= record["left_out"]
    for name in [name for name in left_out if any(name in record for record in records)]:
        del left_out[name]
    grades = [record["instruction"] for record in records if "instruction" in record]
    laws = [record["physics"] for record in records if "physics" in record]
    means = [{"mean": {"dream": float(np.mean([one["dream"] for one in law.values()])), "engine": float(np.mean([one["engine"] for one in law.values()]))}} for law in laws]  # fmt: skip
    return Summary(
        len(records), _graded(grades, seed) if grades else None,
        _agreed([(one["engine"], one["told"]) for one in grades if one["told"] is not None]),
        _pairs(laws, seed, "laws"), _pairs(means, seed, "adherence").get("mean"),
        _pairs([record["consistency"] for record in records if "consistency" in record], seed, "consistency"),
        _recognised([record["recognition"] for record in records if "recognition" in record], seed), left_out,
    )  # fmt: skip


def _graded(grades: Records, seed: int) -> Graded:
    dreams = [(one["engine"], one["dream"]) for one in grades if one["dream"] is not None]
    read = [(one["engine"], one["read_engine"]) for one in grades if one["read_engine"] is not None]
    gap = stats.mean([float(dream - engine) for engine, dream in dreams], stream(seed, "judges", "gap"))
    return Graded(_table(dreams), _table(read), _agreed(dreams), _agreed(read), kappa(_table(dreams)), gap)


def _table(pairs: Iterable[tuple[int, int]]) -> Codes:
    table = np.zeros((4, 4), np.int64)
    for engine, dream in pairs:
        table[engine, dream] += 1
    return table


def _agreed(pairs: Sequence[tuple[int, int]]) -> stats.Estimate | None:
    return stats.rate([float(a == b) for a, b in pairs], [1.0] * len(pairs))


def kappa(table: Codes) -> float | None:
    """Weighted kappa of a table of grades, disagreements weighted by their square; None where chance alone explains all or nothing varies."""
    total = table.sum()
    if not total:
        return None
    rows = np.arange(len(table))
    weight = (rows[:, None] - rows[None]) ** 2
    expected = float((weight * np.outer(table.sum(axis=1), table.sum(axis=0))).sum() / total)
    return None if expected == 0 else 1.0 - float((weight * table).sum()) / expected


def _pairs(records: Records, seed: int, kind: str) -> dict[str, Pair]:
    found = {}
    for name in dict.fromkeys(name for record in records for name in record):
        rows = np.array([[one[name]["dream"], one[name]["engine"]] for one in records if name in one], dtype=np.float64)
        rows = rows[np.isfinite(rows).all(axis=1)]
        told = [
            stats.mean(column.tolist(), stream(seed, "judges", kind, name, what))
            for what, column in (("dream", rows[:, 0]), ("engine", rows[:, 1]), ("gap", rows[:, 0] - rows[:, 1]))
        ]
        if told[0] is not None and told[1] is not None and told[2] is not None:
            found[name] = Pair(told[0], told[1], told[2])
    return found


def _recognised(records: Records, seed: int) -> dict[str, Recognised]:
    found = {}
    for name in dict.fromkeys(name for record in records for name in record):
        own = [record[name] for record in records if name in record]
        dream, engine = (
            of_confusion(np.sum([one[who]["confusion"] for one in own], axis=0)) for who in ("dream", "engine")
        )
        gaps = [one["dream"]["accuracy"] - one["engine"]["accuracy"] for one in own]
        found[name] = Recognised(
            dream.n, dream.accuracy, engine.accuracy, dream.balanced, engine.balanced,
            stats.mean(gaps, stream(seed, "judges", "recognition", name)), dream.confusion,
        )  # fmt: skip
    return found
