"""What a sample allows to be said: intervals for rates and means, and the sign test.

An episode is one observation. Where several agents share an episode, their trials are not independent; rates then say
so by their design effect, and means are taken within the episode first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtr, ndtri

CONFIDENCE = 0.95
RESAMPLES = 10_000
_SAME = 1e-9
"""What rounding may make of equal numbers, relative."""


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, from `n` episodes. `low` and `high` are None where the sample cannot tell (n < 2)."""

    value: float
    low: float | None
    high: float | None
    n: int


def wilson(
    successes: float, trials: float, *, confidence: float = CONFIDENCE, design_effect: float = 1.0
) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927). Raises ValueError without trials, or with more successes.

    A `design_effect` above 1 divides successes and trials: how much less clustered trials tell than independent ones.
    """
    if not 0 <= successes <= trials or trials <= 0:
        raise ValueError(
            f"{successes} successes in {trials} trials. Give 0 <= successes <= trials, and trials above 0."
        )
    n, rate = trials / max(design_effect, 1.0), successes / trials
    z = float(ndtri(0.5 + confidence / 2))
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (0.0 if successes == 0 else max(middle - half, 0.0)), (
        1.0 if successes == trials else min(middle + half, 1.0)
    )


def design_effect(successes: ArrayLike, trials: ArrayLike) -> float:
    """How many clustered trials tell as much as one independent one; at least 1.

    `successes` and `trials` (n,) are counts by episode. The variance of the ratio estimator, linearised and between
    episodes, over that of as many independent trials (Kish 1965).
    """
    k, m = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    k, m = k[m > 0], m[m > 0]
    n, total = len(m), m.sum()
    rate = k.sum() / total if total else 0.0
    if n < 2 or rate in (0.0, 1.0):
        return 1.0
    clustered = n / (n - 1) * np.sum((k - rate * m) ** 2) / total**2
    return float(max(clustered / (rate * (1 - rate) / total), 1.0))


def rate(successes: Sequence[float], trials: Sequence[float], *, confidence: float = CONFIDENCE) -> Estimate | None:
    """A rate over all trials of all episodes, with Wilson's interval at their design effect; None without a trial."""
    total = float(sum(trials))
    if not total:
        return None
    effect = design_effect(successes, trials)
    low, high = wilson(float(sum(successes)), total, confidence=confidence, design_effect=effect)
    return Estimate(float(sum(successes)) / total, low, high, int(np.count_nonzero(trials)))


def mean(values: Sequence[float], rng: np.random.Generator, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """A mean with its bootstrap interval, bias-corrected and accelerated (BCa, Efron 1987); None of nothing.

    Values that are all the same have an interval of no width: the sample shows no spread, which is not the same as
    there being none.
    """
    sample = np.asarray(values, dtype=np.float64)
    if not len(sample):
        return None
    centre = float(sample.mean())
    if len(sample) < 2:
        return Estimate(centre, None, None, len(sample))
    if np.ptp(sample) <= _SAME * np.abs(sample).max():
        return Estimate(centre, centre, centre, len(sample))
    low, high = _bca(sample, rng, confidence)
    return Estimate(centre, low, high, len(sample))


def _bca(sample: NDArray[np.float64], rng: np.random.Generator, confidence: float) -> tuple[float, float]:
    """The interval of the mean of a sample (n,) that is not constant."""
    n, centre = len(sample), sample.mean()
    drawn = np.sort(np.concatenate([sample[chunk].mean(axis=1) for chunk in _drawn(n, rng)]))
    below = (np.count_nonzero(drawn < centre) + np.count_nonzero(drawn <= centre)) / (2 * RESAMPLES)
    bias = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    pulls = (sample.sum() - sample) / (n - 1)
    pulls = pulls.mean() - pulls
    bend = np.sum(pulls**3) / (6.0 * np.sum(pulls**2) ** 1.5)
    tail = ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    shares = ndtr(bias + (bias + tail) / (1 - bend * (bias + tail)))
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


def _drawn(n: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Which of n are drawn in each resample, in pieces that stay small."""
    piece = max(1, min(RESAMPLES, 2_000_000 // n))
    sizes = [piece] * (RESAMPLES // piece) + ([RESAMPLES % piece] if RESAMPLES % piece else [])
    return [rng.integers(0, n, size=(size, n)) for size in sizes]


def sign_test(differences: ArrayLike) -> float:
    """The exact two-sided sign test: how probable so uneven a split is if either sign were as likely. Ties are left out."""
    signs = np.sign(np.asarray(differences, dtype=np.float64))
    more, less = int(np.count_nonzero(signs > 0)), int(np.count_nonzero(signs < 0))
    if more + less == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(float(min(more, less)), more + less, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """The same probabilities corrected for their number (Holm 1979), in the order given."""
    adjusted = [0.0] * len(p_values)
    worst = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        worst = max(worst, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = worst
    return adjusted
