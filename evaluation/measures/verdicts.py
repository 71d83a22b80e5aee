"""Whether a dream says of success what the engine says: balanced accuracy, and whether its probabilities mean what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.control.seeds import stream
from evaluation import stats

BINS = 5


@dataclass(frozen=True)
class Agreement:
    """Verdicts over n episodes, each at its last moment.

    `balanced_accuracy` is the mean of how often success and how often failure was told rightly, None where the engine knew one of them only;
    `accuracy` of all. `brier` is the mean squared difference of the claimed probability and truth, `brier_of_rate` what saying the engine's
    rate always would give. `calibration_error` is the mean gap between claimed and true rates in BINS equal bins, by their size (ECE, Naeini et al. 2015).
    """

    n: int
    claimed_rate: float
    true_rate: float
    accuracy: stats.Estimate | None
    balanced_accuracy: float | None
    brier: stats.Estimate | None
    brier_of_rate: float
    calibration_error: float


def agreement(claimed: Sequence[float], true: Sequence[float], *, seed: int = 0) -> Agreement | None:
    """How claimed probabilities of success agree with what came of it, episode by episode; None of none. nan claims nothing and is left out."""
    p, y = np.asarray(claimed, dtype=np.float64), np.asarray(true, dtype=np.float64)
    known = ~np.isnan(p) & ~np.isnan(y)
    p, y = p[known], y[known] > 0.5
    if not len(p):
        return None
    right = (p >= 0.5) == y
    rates = [right[y].mean(), right[~y].mean()] if 0 < y.sum() < len(y) else None
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [abs(p[bins == one].mean() - y[bins == one].mean()) * (bins == one).mean() for one in np.unique(bins)]
    return Agreement(
        n=len(p), claimed_rate=float(p.mean()), true_rate=float(y.mean()),
        accuracy=stats.mean(right.astype(float).tolist(), stream(seed, "agreement", "accuracy")),
        balanced_accuracy=None if rates is None else float(np.mean(rates)),
        brier=stats.mean(((p - y) ** 2).tolist(), stream(seed, "agreement", "brier")),
        brier_of_rate=float(y.mean() * (1 - y.mean())), calibration_error=float(sum(gaps)),
    )  # fmt: skip
