"""Which policy is better, by how much, and how surely: every policy by itself, and pairs of them seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isclose

import numpy as np

from bridge.control.seeds import stream
from bridge.errors import UnknownName
from bridge.plugins import unknown_name
from evaluation import stats
from evaluation.metrics import Measured, Metric, Row, measured, metrics_of
from evaluation.stats import Estimate

LEAST_PAIRS = 6
"""With fewer, even the same sign on every seed may be chance (5 of 5: p = 0.06), and bootstrap intervals are too narrow."""
Results = Mapping[str, Mapping[int, Sequence[Row]]]
"""Rows of agents by policy and seed, of the episodes that were finished."""


@dataclass(frozen=True)
class Paired:
    """Policy `first` minus policy `second` in one metric, over the seeds that both have finished.

    `wins` counts the seeds where the first did better (was higher, where no direction is better), `p_value` is the
    exact sign test's, two-sided; `differences` are by seed.
    """

    metric: str
    first: str
    second: str
    estimate: Estimate
    wins: int
    ties: int
    losses: int
    p_value: float
    differences: tuple[tuple[int, float], ...]

    @property
    def is_decided(self) -> bool:
        """Whether the interval of the mean difference leaves zero out, over at least LEAST_PAIRS seeds."""
        low, high = self.estimate.low, self.estimate.high
        return self.estimate.n >= LEAST_PAIRS and low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True)
class Comparison:
    """Everything that is concluded: estimates by policy and metric name, and pairs, for the first metric best first."""

    metrics: tuple[Metric, ...]
    policies: tuple[str, ...]
    estimates: Mapping[str, Mapping[str, Estimate]]
    values: Mapping[str, Mapping[str, Mapping[int, float]]]
    """One number an episode: by policy, metric and seed."""
    pairs: tuple[Paired, ...]
    ranking: tuple[str, ...]
    """Policies by their mean in the first metric, best first; those without an episode left out."""

    @property
    def primary(self) -> Metric:
        """What policies are ranked by."""
        return self.metrics[0]

    def pair(self, metric: str, first: str, second: str) -> Paired | None:
        """The paired difference of two policies in a metric, whichever comes first in it; None if no seed is shared."""
        return next((p for p in self.pairs if p.metric == metric and {p.first, p.second} == {first, second}), None)


def compare(results: Results, *, seed: int = 0, primary: str = "") -> Comparison:
    """All estimates, paired differences and the ranking; `seed` is that of the bootstrap, and `primary` the metric to
    rank by (the first that the rows allow if left out). Raises UnknownName for a metric that is not there.
    """
    metrics = metrics_of(rows for episodes in results.values() for rows in episodes.values())
    if primary:
        chosen = next((metric for metric in metrics if metric.name == primary), None)
        if chosen is None:
            raise UnknownName(unknown_name("metric", primary, [metric.name for metric in metrics]))
        metrics = (chosen, *(metric for metric in metrics if metric is not chosen))
    told = {
        policy: {metric.name: _by_seed(metric, episodes) for metric in metrics} for policy, episodes in results.items()
    }
    estimates = {
        policy: {
            metric.name: estimate
            for metric in metrics
            if (estimate := _estimate(metric, of[metric.name], stream(seed, "bootstrap", policy, metric.name)))
            is not None
        }
        for policy, of in told.items()
    }
    ranking = _ranking(metrics, estimates)
    order = (*ranking, *(policy for policy in results if policy not in ranking))
    values = {
        policy: {name: {s: one.value for s, one in by.items()} for name, by in of.items()}
        for policy, of in told.items()
    }
    pairs = [
        pair
        for metric in metrics
        for first, second in combinations(order, 2)
        if (pair := _paired(metric, first, second, values, seed)) is not None
    ]
    return Comparison(metrics, tuple(results), estimates, values, tuple(pairs), ranking)


def _by_seed(metric: Metric, episodes: Mapping[int, Sequence[Row]]) -> dict[int, Measured]:
    found = {seed: measured(metric, rows) for seed, rows in sorted(episodes.items())}
    return {seed: one for seed, one in found.items() if one is not None}


def _estimate(metric: Metric, by_seed: Mapping[int, Measured], rng: np.random.Generator) -> Estimate | None:
    if metric.how == "rate":
        return stats.rate([one.top for one in by_seed.values()], [one.under for one in by_seed.values()])
    return stats.mean([one.value for one in by_seed.values()], rng)


def _ranking(metrics: Sequence[Metric], estimates: Mapping[str, Mapping[str, Estimate]]) -> tuple[str, ...]:
    if not metrics:
        return ()
    sign = -1.0 if metrics[0].better == "less" else 1.0
    ranked = [policy for policy, of in estimates.items() if metrics[0].name in of]
    return tuple(sorted(ranked, key=lambda policy: (-sign * estimates[policy][metrics[0].name].value, policy)))


def _paired(
    metric: Metric, first: str, second: str, values: Mapping[str, Mapping[str, Mapping[int, float]]], seed: int
) -> Paired | None:
    ours, theirs = values[first][metric.name], values[second][metric.name]
    shared = sorted(ours.keys() & theirs.keys())
    differences = np.array([_difference(ours[s], theirs[s]) for s in shared])
    estimate = stats.mean(differences.tolist(), stream(seed, "bootstrap", f"{first} - {second}", metric.name))
    if estimate is None:
        return None
    good = -differences if metric.better == "less" else differences
    return Paired(
        metric.name,
        first,
        second,
        estimate,
        int(np.count_nonzero(good > 0)),
        int(np.count_nonzero(good == 0)),
        int(np.count_nonzero(good < 0)),
        stats.sign_test(differences),
        tuple(zip(shared, differences.tolist())),
    )


def _difference(ours: float, theirs: float) -> float:
    """Their difference; nothing where only rounding tells them apart."""
    return 0.0 if isclose(ours, theirs, rel_tol=1e-9) else ours - theirs
