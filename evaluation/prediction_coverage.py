"""What intervals are worth where the truth is known: engine episodes are drawn from a full matched table, and the rest left to dreams."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.errors import InvalidInput
from evaluation.prediction_powered import Method, powered
from evaluation.stats import CONFIDENCE

Array = NDArray[np.float64]
DRAWS = 200


@dataclass(frozen=True)
class Coverage:
    """Over all policies and draws of n engine episodes and m more dreams: how often the interval holds the truth, with the model and
    without; mean widths; and `saved`, the engine episodes that were not needed for that width, of n.
    """

    method: Method
    n: int
    m: int
    draws: int
    covered: float
    covered_alone: float
    width: float
    width_alone: float
    power: float

    @property
    def saved(self) -> float:
        """Going by mean widths; below 0 where the model made intervals wider. NaN without widths."""
        return self.n * ((self.width_alone / self.width) ** 2 - 1.0) if self.width > 0 else float("nan")


def coverage(
    real: ArrayLike,
    model: ArrayLike,
    rng: np.random.Generator,
    *,
    n: int,
    m: int,
    method: Method,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> Coverage:
    """Draws (with replacement, so that the table is the population and its mean the truth) from tables (k,s) of matched episodes.

    `draws` are for each policy. Raises InvalidInput for tables of different shapes.
    """
    x, y = np.atleast_2d(np.asarray(real, dtype=np.float64)), np.atleast_2d(np.asarray(model, dtype=np.float64))
    if x.shape != y.shape or not x.shape[1]:
        raise InvalidInput(f"Tables of {x.shape} and {y.shape} values were given. Give matched ones, (k,s) each.")
    held: list[tuple[float, ...]] = []
    for ys, fs in zip(x, y):
        truth = float(ys.mean())
        for _ in range(draws):
            pairs, more = rng.integers(0, len(ys), n), rng.integers(0, len(ys), m)
            found = powered(ys[pairs], fs[pairs], fs[more], method=method, confidence=confidence)
            low, high = found.classical
            held.append(
                (
                    found.low - 1e-9 <= truth <= found.high + 1e-9,
                    low - 1e-9 <= truth <= high + 1e-9,
                    found.width,
                    high - low,
                    found.power,
                )
            )
    covered, covered_alone, width, width_alone, power = np.array(held, dtype=np.float64).mean(axis=0).tolist()
    return Coverage(method, n, m, draws * len(x), covered, covered_alone, width, width_alone, power)
