"""Few episodes on an engine and many dreams, together one rate with an interval that holds: prediction-powered inference.

`paired_real` (n,) and `paired_model` (n,) are the same episodes by either judge, `model` (m,) more of the model's alone, all of them
from 0 to 1 and drawn independently of one another. However wrong the model is, the interval is about the engine's mean: the paired
episodes say how wrong. The setting is that of SureSim (Badithela et al. 2025, arXiv 2510.04354).
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from bridge.errors import InvalidInput
from evaluation.stats import CONFIDENCE

Array = NDArray[np.float64]
Method = Literal["normal", "student", "plus", "betting"]
METHODS: tuple[Method, ...] = ("normal", "student", "plus", "betting")
_PLUS = (np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0, 1.0]))
"""Four pairs of real and model that "plus" adds: both right, both wrong, and one of each kind of disagreement."""
_GRID = 401
_MOST_STAKE = 0.75
"""The share of what can be lost in one bet that is bet at most (c in section 4.3 of arXiv 2010.09686)."""


@dataclass(frozen=True)
class Powered:
    """An estimate of the engine's mean: `power` is how much the model was listened to, 0 not at all, 1 entirely.

    `worth` is how many engine episodes alone would have given so narrow an interval by the same method, and `saved` how many of
    them were not needed; below 0 where the model made it worse. `classical` is the interval of the n engine episodes alone.
    """

    value: float
    low: float
    high: float
    power: float
    n: int
    m: int
    method: Method
    classical: tuple[float, float]

    @property
    def width(self) -> float:
        """Of the interval."""
        return self.high - self.low

    @property
    def worth(self) -> float:
        """Widths go with the root of the number of episodes; NaN where either has none."""
        alone = self.classical[1] - self.classical[0]
        return self.n * (alone / self.width) ** 2 if self.width > 0 and alone > 0 else float("nan")

    @property
    def saved(self) -> float:
        """Engine episodes that were not needed."""
        return self.worth - self.n


def best_power(paired_real: ArrayLike, paired_model: ArrayLike, model: ArrayLike) -> float:
    """The weight of the model that makes the variance least, 0 to 1 (PPI++: Angelopoulos, Duchi and Zrnic 2023, arXiv
    2311.01453, example 6.1 for a mean): cov(real, model) / ((1 + n/m) var(model)). 0 for a model that always says the same.
    """
    y, f, g = _checked(paired_real, paired_model, model)
    spread = float(np.concatenate([f, g]).var(ddof=1)) if len(f) + len(g) > 1 else 0.0
    if len(y) < 2 or spread <= 0.0:
        return 0.0
    return float(np.clip(np.cov(y, f, ddof=1)[0, 1] / ((1.0 + len(y) / max(len(g), 1)) * spread), 0.0, 1.0)) if len(g) else 0.0  # fmt: skip


def powered(
    paired_real: ArrayLike,
    paired_model: ArrayLike,
    model: ArrayLike,
    *,
    method: Method = "betting",
    power: float | None = None,
    confidence: float = CONFIDENCE,
) -> Powered:
    """The engine's mean from n paired episodes and m more dreams, with its interval.

    "normal" is PPI++ with the normal quantile, right for large n. "student" takes Student's quantile at Welch's degrees of
    freedom. "plus" is that with four made-up pairs besides, so that a few episodes that all went alike are not taken for certainty (as
    Agresti and Coull 1998 do for single rates). "betting" is valid for any n: see `betting_interval`; it is wider. `power` None is the best one for the first two; in
    the third it is learned on the way, from episodes that are past. Raises InvalidInput for values beyond 0 to 1, or fewer than two pairs.
    """
    y, f, g = _checked(paired_real, paired_model, model)
    if len(y) < 2:
        raise InvalidInput(f"{len(y)} episodes are paired. At least 2 have to be, to say how wrong the model is.")
    if method == "betting":
        return _by_betting(y, f, g, power, confidence)
    n, m = len(y), len(g)
    if method == "plus":
        y, f = np.append(y, _PLUS[0]), np.append(f, _PLUS[1])
        g = np.append(g, _PLUS[1]) if m else g
    weight = best_power(y, f, g) if power is None else power
    rest = y - weight * f
    far = weight * float(g.mean()) if m else 0.0
    if not m:
        weight, rest = 0.0, y
    value = far + float(rest.mean())
    parts = np.array([float(rest.var(ddof=1)) / len(y), weight**2 * float(g.var(ddof=1)) / len(g) if m > 1 else 0.0])
    half = _quantile(parts, np.array([len(y), len(g)]), method, confidence) * sqrt(float(parts.sum()))
    classical = alone(y[:n], method=method, confidence=confidence)
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    return Powered(float(np.clip(value, 0.0, 1.0)), low, high, weight, n, m, method, classical)


def alone(real: ArrayLike, *, method: Method, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of the engine's mean from its own n episodes, by the same method without a model."""
    y = np.asarray(real, dtype=np.float64)
    if method == "betting":
        return betting_interval(y, confidence=confidence)
    y = np.append(y, _PLUS[0]) if method == "plus" else y
    parts = np.array([float(y.var(ddof=1)) / len(y), 0.0])
    half = _quantile(parts, np.array([len(y), 0]), method, confidence) * sqrt(float(parts.sum()))
    return max(float(y.mean()) - half, 0.0), min(float(y.mean()) + half, 1.0)


def _quantile(parts: Array, counts: Array, method: Method, confidence: float) -> float:
    """How many standard errors the interval reaches; `parts` (2,) are variances of the two means added, from `counts` values."""
    tail = 0.5 + confidence / 2
    if method == "normal" or parts.sum() <= 0:
        return float(ndtri(tail))
    freedom = float(parts.sum() ** 2 / sum(part**2 / (count - 1) for part, count in zip(parts, counts) if part > 0))
    return float(stdtrit(freedom, tail))


def _by_betting(y: Array, f: Array, g: Array, power: float | None, confidence: float) -> Powered:
    """Each paired episode with its own share of the other dreams: independent estimates of the mean that are never biased."""
    n, m = len(y), len(g)
    each = m // n
    if not each:
        low, high = betting_interval(y, confidence=confidence)
        return Powered(float(y.mean()), low, high, 0.0, n, m, "betting", (low, high))
    fresh = g[: each * n].reshape(n, each).mean(axis=1)
    weights = np.full(n, power) if power is not None else _learned(y, f, each)
    combined = y - weights * (f - fresh)
    low, high = betting_interval(combined, confidence=confidence, beyond=weights)
    return Powered(
        float(np.clip(combined.mean(), 0.0, 1.0)), low, high, float(weights.mean()), n, m, "betting",
        betting_interval(y, confidence=confidence),
    )  # fmt: skip


def _learned(y: Array, f: Array, each: int) -> Array:
    """The weight (n,) at each pair that was best over those before it, with one pair that agrees and one that does not as a start."""
    found = np.zeros(len(y))
    for i in range(1, len(y)):
        ys, fs = np.append(y[:i], [0.25, 0.75]), np.append(f[:i], [0.75, 0.25])
        spread = float(fs.var())
        shared = float(((ys - ys.mean()) * (fs - fs.mean())).mean())
        found[i] = np.clip(shared / ((1.0 + 1.0 / each) * spread), 0.0, 1.0)
    return found


def betting_interval(
    values: ArrayLike, *, confidence: float = CONFIDENCE, beyond: ArrayLike = 0.0
) -> tuple[float, float]:
    """The means that nobody gets rich by betting against: the hedged capital interval of Waudby-Smith and Ramdas (2024, "Estimating
    means of bounded random variables by betting", arXiv 2010.09686, section 4.3), valid for any n of `values` (n,).

    Value i lies from -beyond[i] to 1 + beyond[i], which is known before it is seen; stakes look at the past only. The mean lies from
    0 to 1 and is looked for in steps of 1/400, the interval rounded outwards to them.
    """
    z, alpha = np.asarray(values, dtype=np.float64), 1.0 - confidence
    n, grid = len(z), np.linspace(0.0, 1.0, _GRID)
    more = np.broadcast_to(np.asarray(beyond, dtype=np.float64), z.shape)[:, None]
    counted = np.arange(1, n + 1)
    means = (0.5 + np.cumsum(z)) / (counted + 1)
    spreads = (0.25 + np.cumsum((z - means) ** 2)) / (counted + 1)
    stakes = np.sqrt(2 * log(2 / alpha) / (n * np.concatenate([[0.25], spreads[:-1]])))[:, None]
    up = np.minimum(stakes, _MOST_STAKE / np.maximum(grid + more, 1e-12))
    down = np.minimum(stakes, _MOST_STAKE / np.maximum(1.0 - grid + more, 1e-12))
    gains = np.log1p(up * (z[:, None] - grid)), np.log1p(-down * (z[:, None] - grid))
    worth = np.maximum(np.cumsum(gains[0], axis=0), np.cumsum(gains[1], axis=0)) - log(2.0)
    stays = np.flatnonzero(worth.max(axis=0) < log(1.0 / alpha))
    if not len(stays):
        middle = float(np.clip(z.mean(), 0.0, 1.0))
        return middle, middle
    step = grid[1]
    return float(max(grid[stays[0]] - step, 0.0)), float(min(grid[stays[-1]] + step, 1.0))


def _checked(paired_real: ArrayLike, paired_model: ArrayLike, model: ArrayLike) -> tuple[Array, Array, Array]:
    y, f, g = (np.asarray(one, dtype=np.float64) for one in (paired_real, paired_model, model))
    if y.ndim != 1 or y.shape != f.shape or g.ndim != 1:
        raise InvalidInput(
            f"Pairs of {y.shape} and {f.shape} values and {g.shape} more were given. Give (n,), (n,) and (m,)."
        )
    values = np.concatenate([y, f, g])
    if not (np.isfinite(values) & (values >= 0.0) & (values <= 1.0)).all():
        raise InvalidInput("Rates are estimated of values from 0 to 1, and there are others. Scale them first.")
    return y, f, g
