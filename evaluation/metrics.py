"""What is measured: which columns of a task's rows, in which unit, which way is better, and how agents become one number.

A column that the table does not know is shown all the same, by its name: its unit read from the suffix, its direction
left open. Nested columns are flattened: {"distance_m": {"walk": 3}} is "distance_m.walk", and "distance_m.all" is their sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

Better = Literal["more", "less", "neither"]
Row = Mapping[str, Any]
"""How one agent did in one episode, by column."""


@dataclass(frozen=True)
class Metric:
    """One measure of an episode.

    `how`: "mean" is the mean of `columns` over agents, "total" their sum; "rate" and "ratio" are the sum of `columns`
    over the sum of `under`, over all agents: a rate counts successes among trials, a ratio is a quantity per another.
    """

    name: str
    label: str
    unit: str
    better: Better
    how: Literal["mean", "total", "rate", "ratio"]
    columns: tuple[str, ...]
    under: tuple[str, ...] = ()
    scale: float = 1.0


@dataclass(frozen=True)
class Measured:
    """A metric in one episode: `top` over `under` for rates and ratios; `under` is 1 for the others."""

    top: float
    under: float = 1.0

    @property
    def value(self) -> float:
        """The episode's number."""
        return self.top / self.under


METRICS = (
    Metric("profit", "Profit per courier", "$", "more", "mean", ("profit",)),
    Metric("lead", "Profit beyond that of rivals in the same market", "$", "more", "mean", ("lead",)),
    Metric("success_rate", "Success rate", "%", "more", "rate", ("delivered",), ("delivered", "failed")),
    Metric("score", "Driving score", "%", "more", "mean", ("score",), scale=100.0),
    Metric("success", "Success rate", "%", "more", "rate", ("success",)),
    Metric("on_time_rate", "On-time rate", "%", "more", "rate", ("on_time",), ("delivered",)),
    Metric("spl", "SPL (success weighted by path length)", "", "more", "mean", ("spl",)),
    Metric("path_efficiency", "Path efficiency (shortest over travelled)", "", "more", "mean", ("path_efficiency",)),
    Metric("progress", "Route completed", "%", "more", "mean", ("progress",), scale=100.0),
    Metric("comfort", "Time at ease", "%", "more", "mean", ("comfort",), scale=100.0),
    Metric("delivered", "Orders delivered, all couriers", "orders", "more", "total", ("delivered",)),
    Metric("failed", "Orders failed, all couriers", "orders", "less", "total", ("failed",)),
    Metric("stars_mean", "Stars", "of 5", "more", "mean", ("stars_mean",)),
    Metric("energy_efficiency", "Energy efficiency", "orders per 100 % stamina", "more", "ratio", ("delivered",), ("energy_used_pct",), 100.0),
    Metric("moved_m", "Way made per agent", "m", "neither", "mean", ("moved_m",)),
    Metric("walked_m", "Distance walked per agent", "m", "neither", "mean", ("walked_m",)),
    Metric("collisions", "Collisions per agent", "", "less", "mean", ("collisions",)),
    Metric("infractions", "Infractions per agent", "", "less", "mean", ("infractions",)),
    Metric("shared", "Orders shared, all couriers", "", "neither", "total", ("shared",)),
    Metric("handed_over", "Orders handed over, all couriers", "", "neither", "total", ("handed_over",)),
    Metric("helped", "Requests helped with, all couriers", "", "neither", "total", ("helped",)),
    Metric("invested", "Invested per courier", "$", "neither", "mean", ("invested",)),
    Metric("income", "Income per courier", "$", "more", "mean", ("income",)),
    Metric("costs", "Costs per courier", "$", "less", "mean", ("costs",)),
    Metric("idle_s", "Time idle per agent", "s", "less", "mean", ("idle_s",)),
    Metric("refused", "Decisions refused per agent", "", "less", "mean", ("refused",)),
    Metric("messages", "Messages per agent", "", "neither", "mean", ("messages",)),
    Metric("skills_failed", "Skills that came to nothing, per agent", "", "less", "mean", ("skills_failed",)),
    Metric("decisions", "Decisions per agent", "", "neither", "mean", ("decisions",)),
    Metric("mind_errors", "Errors of the policy per agent", "", "less", "mean", ("mind_errors",)),
    Metric("mind_timeouts", "Decisions too late per agent", "", "less", "mean", ("mind_timeouts",)),
    Metric("reward", "Reward per agent", "", "more", "mean", ("reward",)),
)  # fmt: skip
"""Everything known, in the order of reports; what comes first in a task's rows is what policies are ranked by."""

_HIDDEN = (
    "agent",
    "policy",
    "success_rate",
    "on_time_rate",
    "delivered_per_energy_pct",
    "money",
    "shift_s",
    "terminated",
    "truncated",
)
"""Columns that a metric above computes from counts, and those that say nothing of how well it went."""
_UNITS = {"m": "m", "s": "s", "pct": "%", "rad": "rad", "usd": "$", "tokens": "tokens", "m_s": "m/s"}


def flattened(row: Row) -> dict[str, float]:
    """The numbers of a row; nested columns by dotted name, with their sum; None, text and infinities left out."""
    found: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            inner = flattened(value)
            found |= {f"{name}.{key}": number for key, number in inner.items()}
            if inner:
                found[f"{name}.all"] = sum(number for key, number in inner.items() if "." not in key)
        elif isinstance(value, (bool, int, float)) and isfinite(value):
            found[name] = float(value)
    return found


def measured(metric: Metric, rows: Iterable[Row]) -> Measured | None:
    """A metric of one episode from its agents' rows; None where nothing in them tells."""
    flat = [flattened(row) for row in rows]
    if metric.how in ("mean", "total"):
        values = [sum(row[c] for c in metric.columns) for row in flat if all(c in row for c in metric.columns)]
        if not values:
            return None
        return Measured(metric.scale * sum(values) / (len(values) if metric.how == "mean" else 1))
    told = [row for row in flat if all(c in row for c in (*metric.columns, *metric.under))]
    top = sum(row[c] for row in told for c in metric.columns)
    under = sum(row[c] for row in told for c in metric.under) if metric.under else float(len(told))
    return Measured(metric.scale * top, under) if under > 0 else None


def metrics_of(episodes: Iterable[Sequence[Row]]) -> tuple[Metric, ...]:
    """All metrics that episodes' rows allow: those of the table in its order, then one for each column left."""
    columns: dict[str, bool] = {}
    for rows in episodes:
        for row in rows:
            truths = {name for name, value in row.items() if isinstance(value, bool)}
            for name in flattened(row):
                columns[name] = columns.get(name, True) and name in truths
    known = tuple(m for m in METRICS if all(column in columns for column in (*m.columns, *m.under)))
    used = {column for metric in known for column in (*metric.columns, *metric.under)} | set(_HIDDEN)
    return (*known, *(_unknown(name, is_truth) for name, is_truth in columns.items() if name not in used))


def _unknown(name: str, is_truth: bool) -> Metric:
    stem, _, inner = name.partition(".")
    head, _, last = stem.rpartition("_")
    two = "_".join(stem.split("_")[-2:])
    unit = _UNITS.get(two) or (_UNITS.get(last, "") if head else "")
    label = (stem.removesuffix(f"_{two}") if two in _UNITS else head if unit else stem).replace("_", " ").capitalize()
    label += f", {inner.replace('_', ' ')}" if inner else ""
    return Metric(name, label, "%" if is_truth else unit, "neither", "rate" if is_truth else "mean", (name,))
