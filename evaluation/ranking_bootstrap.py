"""How sure a ranking's numbers are: policies and seeds drawn anew, how well the judge agrees with itself, and where errors come from.

`real` and `model` are (k,n): the value of each of k policies on each of n seeds, the same seeds for all and by either judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.errors import InvalidInput
from evaluation.ranking import MEASURES, measures, pearson
from evaluation.stats import CONFIDENCE

Array = NDArray[np.float64]
Level = Literal["policies", "seeds", "both"]
RESAMPLES = 2000
LEAST_POLICIES = 5
"""Fewer policies say nothing of the others that might have been there: no interval is drawn over them."""
_SPLITS = 200


@dataclass(frozen=True)
class Interval:
    """A measure, and where the middle 95 % of the resamples lie; None where fewer than half of them have it at all, or policies
    are too few to be drawn anew.

    `undefined` is the share of resamples that do not: all policies drawn were alike.
    """

    value: float
    low: float | None
    high: float | None
    undefined: float = 0.0


def bootstrap(
    real: ArrayLike,
    model: ArrayLike,
    rng: np.random.Generator,
    *,
    level: Level = "both",
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    names: Sequence[str] = tuple(MEASURES),
) -> dict[str, Interval]:
    """Percentile intervals of the measures `names`, over policies drawn anew, seeds drawn anew, or both in each resample.

    Seeds are drawn once for all policies and both judges, since they share them (a two-way bootstrap: Owen 2007, "The
    pigeonhole bootstrap", section 3); so what one hard seed does to all does not look like independent noise.
    """
    x, y = tables(real, model)
    k, n = x.shape
    whole = {name: MEASURES[name](x.mean(axis=1), y.mean(axis=1)) for name in names}
    if level != "seeds" and k < LEAST_POLICIES:
        return {name: Interval(value, None, None) for name, value in whole.items()}
    rows = rng.integers(0, k, (resamples, k)) if level != "seeds" else np.tile(np.arange(k), (resamples, 1))
    weights = np.full((resamples, n), 1.0 / n)
    if level != "policies":
        weights = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples) / n
    xs, ys = (np.take_along_axis(weights @ side.T, rows, axis=1) for side in (x, y))
    return {name: _interval(whole[name], MEASURES[name](xs, ys), confidence) for name in names}


def _interval(value: float, drawn: Array, confidence: float) -> Interval:
    defined = drawn[np.isfinite(drawn)]
    undefined = 1.0 - len(defined) / len(drawn)
    if undefined > 0.5 or not np.isfinite(value):
        return Interval(value, None, None, undefined)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high), undefined)


def self_agreement(real: ArrayLike, rng: np.random.Generator, *, splits: int = _SPLITS) -> float:
    """How well the believed judge would correlate with itself on as many other seeds: a ceiling for any model.

    The mean Pearson correlation of two random halves of the seeds, stepped up to all of them (Spearman 1910, Brown 1910).
    NaN below 4 seeds.
    """
    x = np.asarray(real, dtype=np.float64)
    n = x.shape[1]
    if n < 4:
        return float("nan")
    found = []
    for _ in range(splits):
        order = rng.permutation(n)
        found.append(pearson(x[:, order[: n // 2]].mean(axis=1), x[:, order[n // 2 : 2 * (n // 2)]].mean(axis=1)))
    if not np.isfinite(found).any():
        return float("nan")
    half = float(np.nanmean(found))
    return 2 * half / (1 + half)


@dataclass(frozen=True)
class Errors:
    """The mean squared difference of the two judges' policy means, parted: `shared` by all policies (the bias squared), `stretch`
    which a straight line takes away, `own` to single policies, and `chance` which so few seeds make alone. They add up to `all`."""

    all: float
    shared: float
    stretch: float
    own: float
    chance: float


def errors(real: ArrayLike, model: ArrayLike) -> Errors:
    """Where the model's errors come from. What chance makes is taken from how much differences vary from seed to seed."""
    x, y = tables(real, model)
    n = x.shape[1]
    differences = y - x
    means, xs = differences.mean(axis=1), x.mean(axis=1)
    whole = float((means**2).mean())
    shared = float(means.mean() ** 2)
    spread = measures(xs, means)["slope"]
    centred = xs - xs.mean()
    stretch = float((spread**2 if np.isfinite(spread) else 0.0) * (centred @ centred) / len(xs))
    rest = max(whole - shared - stretch, 0.0)
    chance = min(float(differences.var(axis=1, ddof=1).mean() / n), rest) if n > 1 else 0.0
    return Errors(whole, shared, stretch, rest - chance, chance)


def tables(real: ArrayLike, model: ArrayLike) -> tuple[Array, Array]:
    """Both as arrays (k,n). Raises InvalidInput where they are not of one shape, or something is missing."""
    x, y = np.asarray(real, dtype=np.float64), np.asarray(model, dtype=np.float64)
    if x.ndim != 2 or x.shape != y.shape or x.shape[0] < 2 or not x.shape[1] or not (np.isfinite(x) & np.isfinite(y)).all():  # fmt: skip
        raise InvalidInput(
            f"Tables of {x.shape} and {y.shape} values were given, or some that are not finite. Give one value for each of at "
            "least two policies on each seed, by either judge."
        )
    return x, y
