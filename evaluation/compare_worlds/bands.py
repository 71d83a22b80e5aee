"""Means over episodes with their intervals, for many curves at once: one column a horizon, one row an episode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from evaluation.stats import CONFIDENCE

Array = NDArray[np.float64]
RESAMPLES = 4_000
"""Fewer than for single means: a comparison draws hundreds of curves."""
_COLUMNS = 128
"""So many are resampled together."""
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Band:
    """Means (m,) of m columns with their intervals `low` and `high` (m,), NaN where n < 2; `n` (m,) counts episodes."""

    mean: Array
    low: Array
    high: Array
    n: NDArray[np.int64]


def band(values: Array, rng: np.random.Generator) -> Band:
    """The means of the columns of `values` (episodes, m), NaN where an episode has no value.

    Intervals are bootstrap ones over episodes, bias-corrected and accelerated (BCa, Efron 1987); the same resamples serve
    all columns, so that a curve is resampled as a whole. A column without spread has an interval of no width.
    """
    values = np.asarray(values, dtype=np.float64)
    columns = values.shape[1]
    mean, low, high = (np.full(columns, np.nan) for _ in range(3))
    known = np.isfinite(values)
    count = known.sum(axis=0)
    for pattern in np.unique(known, axis=1).T:
        rows = np.flatnonzero(pattern)
        if not len(rows):
            continue
        same = np.flatnonzero((known == pattern[:, None]).all(axis=0))
        sample = values[np.ix_(rows, same)]
        mean[same] = sample.mean(axis=0)
        if len(rows) >= 2:
            low[same], high[same] = _intervals(sample, rng)
    return Band(mean, low, high, count.astype(np.int64))


def _intervals(sample: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Lower and upper ends for the columns of a sample (n,m) that is whole."""
    n = len(sample)
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES) / n
    low, high = sample.mean(axis=0), sample.mean(axis=0)
    spread = np.ptp(sample, axis=0) > _SAME * np.abs(sample).max(axis=0)
    varied = np.flatnonzero(spread)
    tail = ndtri([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    for start in range(0, len(varied), _COLUMNS):
        part = varied[start : start + _COLUMNS]
        own = sample[:, part]
        drawn = np.sort(weights @ own, axis=0)
        centre = own.mean(axis=0)
        below = ((drawn < centre).sum(axis=0) + (drawn <= centre).sum(axis=0)) / (2 * RESAMPLES)
        bias = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
        pulls = (own - centre) / (n - 1)  # jackknife means' distances from theirs
        bend = (pulls**3).sum(axis=0) / (6.0 * (pulls**2).sum(axis=0) ** 1.5)
        for z, ends in ((tail[0], low), (tail[1], high)):
            share = ndtr(bias + (bias + z) / (1 - bend * (bias + z)))
            place = share * (RESAMPLES - 1)
            before = np.floor(place).astype(np.int64)
            after = np.minimum(before + 1, RESAMPLES - 1)
            column = np.arange(len(part))
            ends[part] = drawn[before, column] + (place - before) * (drawn[after, column] - drawn[before, column])
    return low, high
