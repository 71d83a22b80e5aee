"""How well one way of judging policies stands for another: correlations, ranks, bias, and what a few policies allow to be said.

`real` (k,) are the values of k policies by the judge that is believed (an engine, a robot), `model` (k,) those by the one in question.
Every measure takes many such tables at once as well, (...,k) each, and gives an array (...) then, of one table a float.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import permutations
from math import atanh, factorial, sqrt, tanh
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from bridge.errors import InvalidInput
from evaluation.stats import CONFIDENCE

Array = NDArray[np.float64]
LEAST = 2
_SAME = 1e-12
"""What rounding may make of equal numbers, relative."""
_ALL_ORDERS = 7
"""Up to so many policies all orders are gone through; beyond, some are drawn."""


def pearson(real: ArrayLike, model: ArrayLike) -> Any:
    """The correlation of values; NaN where one side is constant, for then there is none."""
    x, y = _both(real, model)
    defined = ~(_is_constant(x) | _is_constant(y))
    x, y = _centred(x), _centred(y)
    size = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return _number(np.where(defined, np.clip((x * y).sum(axis=-1) / np.where(defined, size, 1.0), -1.0, 1.0), np.nan))


def spearman(real: ArrayLike, model: ArrayLike) -> Any:
    """The correlation of ranks, ties sharing theirs; NaN where one side is constant."""
    x, y = _both(real, model)
    return pearson(rankdata(x, axis=-1), rankdata(y, axis=-1))


def kendall(real: ArrayLike, model: ArrayLike) -> Any:
    """Kendall's tau-b, which takes account of ties on either side; NaN where one side is constant."""
    x, y = _pairs(*_both(real, model))
    told = np.sqrt(np.count_nonzero(x, axis=-1) * np.count_nonzero(y, axis=-1).astype(np.float64))
    return _number(np.where(told > 0, (np.sign(x) * np.sign(y)).sum(axis=-1) / np.maximum(told, 1.0), np.nan))


def mmrv(real: ArrayLike, model: ArrayLike) -> Any:
    """Mean maximum rank violation, as SIMPLER's code computes it (Li et al. 2024, arXiv 2405.05941), 0 where the orders agree.

    A pair is violated where (model_i > model_j) is not (real_i > real_j), and weighs |real_i - real_j|; of policy i's violations the
    worst counts, and the mean is over policies. What is a tie in reality weighs nothing; what the model alone takes for a tie counts
    against the better of the two only: see `mmrv_as_printed`.
    """
    x, y = _both(real, model)
    apart = x[..., :, None] - x[..., None, :]
    violated = (y[..., :, None] > y[..., None, :]) != (apart > 0)
    return _number(np.where(violated, np.abs(apart), 0.0).max(axis=-1).mean(axis=-1))


def mmrv_as_printed(real: ArrayLike, model: ArrayLike) -> Any:
    """The same as SIMPLER's paper prints it, with < for >: what the model alone takes for a tie counts against the worse of the two.

    Without ties both are the same.
    """
    x, y = _both(real, model)
    return mmrv(-x, -y)


def pairwise_accuracy(real: ArrayLike, model: ArrayLike) -> Any:
    """The share of pairs that are no tie in reality which the model orders alike; its own ties count half. NaN without pairs."""
    x, y = _pairs(*_both(real, model))
    told = np.count_nonzero(x, axis=-1)
    right = np.where(x != 0, np.where(y == 0, 0.5, np.sign(x) == np.sign(y)), 0.0).sum(axis=-1)
    return _number(np.where(told > 0, right / np.maximum(told, 1), np.nan))


def bias(real: ArrayLike, model: ArrayLike) -> Any:
    """How much more the model says, on the average."""
    x, y = _both(real, model)
    return _number((y - x).mean(axis=-1))


def rmse(real: ArrayLike, model: ArrayLike) -> Any:
    """The root of the mean squared difference."""
    x, y = _both(real, model)
    return _number(np.sqrt(((y - x) ** 2).mean(axis=-1)))


def slope(real: ArrayLike, model: ArrayLike) -> Any:
    """Of the line model = slope * real + intercept by least squares; NaN where reality is constant."""
    x, y = _both(real, model)
    defined = ~_is_constant(x)
    x = x - x.mean(axis=-1, keepdims=True)
    size = np.where(defined, (x * x).sum(axis=-1), 1.0)
    return _number(np.where(defined, (x * (y - y.mean(axis=-1, keepdims=True))).sum(axis=-1) / size, np.nan))


def intercept(real: ArrayLike, model: ArrayLike) -> Any:
    """Of the same line."""
    x, y = _both(real, model)
    return _number(y.mean(axis=-1) - slope(x, y) * x.mean(axis=-1))


Measure = Callable[[ArrayLike, ArrayLike], Any]
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "pearson": pearson, "spearman": spearman, "kendall": kendall, "mmrv": mmrv, "mmrv_as_printed": mmrv_as_printed,
        "pairwise_accuracy": pairwise_accuracy, "bias": bias, "rmse": rmse, "slope": slope, "intercept": intercept,
    }
)  # fmt: skip
"""All of them, by name."""


def measures(real: ArrayLike, model: ArrayLike) -> dict[str, float]:
    """Every measure of MEASURES."""
    return {name: measure(real, model) for name, measure in MEASURES.items()}


def fisher_interval(correlation: float, k: int, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """The interval of a Pearson correlation over k policies by Fisher's z (1921); None below 4, or where there is none.

    It takes the policies for drawn from a normal population; what is known about each of them only roughly is not in it.
    """
    if k < 4 or not np.isfinite(correlation):
        return None
    if abs(correlation) >= 1.0:
        return correlation, correlation
    half = float(ndtri(0.5 + confidence / 2)) / sqrt(k - 3)
    return tanh(atanh(correlation) - half), tanh(atanh(correlation) + half)


@dataclass(frozen=True)
class Leverage:
    """What a measure is without one policy."""

    policy: str
    without: float
    change: float


def leverage(names: tuple[str, ...], real: ArrayLike, model: ArrayLike, *, measure: str = "pearson") -> list[Leverage]:
    """A measure without each policy in turn, the one that matters most first."""
    x, y = _both(real, model)
    if len(names) != len(x):
        raise InvalidInput(f"There are {len(names)} names and {len(x)} policies. Give each policy one name.")
    if len(x) <= LEAST:
        return []
    whole, function = MEASURES[measure](x, y), MEASURES[measure]
    found = []
    for index, name in enumerate(names):
        rest = np.arange(len(x)) != index
        without = function(x[rest], y[rest])
        found.append(Leverage(name, without, without - whole))
    return sorted(found, key=lambda one: -abs(np.nan_to_num(one.change, nan=np.inf)))


@dataclass(frozen=True)
class Floor:
    """How easily a correlation comes about by chance: `least_p` is 1/k!, what no test of k policies can go below; `p_value`
    the share of orders that do as well, over `orders` of them, all or drawn (`is_exact`)."""

    least_p: float
    p_value: float
    orders: int
    is_exact: bool


def permutation_floor(
    real: ArrayLike, model: ArrayLike, rng: np.random.Generator, *, measure: str = "spearman", draws: int = 10_000
) -> Floor:
    """How many orders of the model's values go as well with reality as the one there is: a one-sided permutation test.

    Up to 7 policies all k! orders are gone through, beyond that `draws` of them (and the one there is: Phipson and Smyth 2010).
    Only for measures of which more is better. NaN where the measure is none.
    """
    x, y = _both(real, model)
    function, whole = MEASURES[measure], MEASURES[measure](x, y)
    floor = 1.0 / factorial(len(x))
    if not np.isfinite(whole):
        return Floor(floor, float("nan"), 0, False)
    if len(x) <= _ALL_ORDERS:
        orders = y[np.array(list(permutations(range(len(x)))))]
        found = function(np.broadcast_to(x, orders.shape), orders)
        return Floor(floor, float(np.mean(found >= whole - 1e-9)), len(found), True)
    orders = rng.permuted(np.tile(y, (draws, 1)), axis=1)
    values = function(np.broadcast_to(x, orders.shape), orders)
    as_good = int(np.count_nonzero(values >= whole - 1e-9))
    return Floor(floor, (as_good + 1) / (draws + 1), draws, False)


def _is_constant(values: Array) -> NDArray[np.bool_]:
    return np.ptp(values, axis=-1) <= _SAME * np.abs(values).max(axis=-1)


def _centred(values: Array) -> Array:
    """Around 0, and no larger than 1, so that squares neither vanish nor overflow."""
    values = values - values.mean(axis=-1, keepdims=True)
    largest = np.abs(values).max(axis=-1, keepdims=True)
    return values / np.where(largest > 0, largest, 1.0)


def _pairs(x: Array, y: Array) -> tuple[Array, Array]:
    """The differences (..., k(k-1)/2) of all pairs of policies, by either judge."""
    first, second = np.triu_indices(x.shape[-1], 1)
    return x[..., first] - x[..., second], y[..., first] - y[..., second]


def _number(values: Array) -> Any:
    return float(values) if np.ndim(values) == 0 else values


def _both(real: ArrayLike, model: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(real, dtype=np.float64), np.asarray(model, dtype=np.float64)
    if not x.ndim or x.shape != y.shape or x.shape[-1] < LEAST or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InvalidInput(
            f"Rankings compare the same {LEAST} or more policies by two judges, and were given {x.shape} and {y.shape} values, "
            "or some that are not finite. Give one finite number by either judge for each policy."
        )
    return x, y
