"""When a dream goes wrong: the first moment at which it errs more than the last picture, copied for ever, would."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from evaluation.measures.case import Case
from evaluation.measures.means import mean_known
from evaluation.measures.pixels import rmse
from evaluation.measures.states import place_error

Array = NDArray[np.float64]
_RESAMPLES = 2000


@dataclass(frozen=True)
class Onset:
    """Over n episodes: in which share errors never exceed those of copying, and when they do, at the median [s], nevers counting as latest.

    `median_s` is None where most never do; `low_s` and `high_s` are a 95 % bootstrap interval, None standing for never.
    """

    n: int
    never: float
    median_s: float | None
    low_s: float | None
    high_s: float | None


def excess_pixels(case: Case) -> Array:
    """How much larger (n,) the RMSE of pictures is than that of copying the last one, mean over views and samples; below 0 the dream is better."""
    copied = rmse(case.truth.rgb, np.broadcast_to(case.last.rgb, case.truth.rgb.shape))
    dreamt = mean_known(rmse(np.broadcast_to(case.truth.rgb, case.prediction.rgb.shape), case.prediction.rgb))
    return (dreamt - copied).mean(axis=1)


def excess_places(case: Case) -> Array | None:
    """The same of places of things [m] (n,), for models that tell them."""
    dreamt, copied = place_error(case), place_error(case.as_copied)
    return None if dreamt is None or copied is None else dreamt - copied


def onset_s(excess: Array, times_s: Array, *, for_good: bool = False) -> float:
    """The first time [s] at which an excess (n,) is above 0, at `times_s` (n,) after now; inf if it never is.

    With `for_good` the first from which on it stays so. What is not known (nan) is passed over.
    """
    known = ~np.isnan(excess)
    above = excess[known] > 0
    times = times_s[known]
    if for_good:
        below = np.flatnonzero(~above)
        first = below[-1] + 1 if len(below) else 0
    else:
        first = int(above.argmax()) if above.any() else len(above)
    return float(times[first]) if first < len(times) else np.inf


def onset(
    excesses: Sequence[Array], times_s: Sequence[Array], *, for_good: bool = False, seed: int = 0
) -> Onset | None:
    """The onset over many episodes: their excesses (n,), and times after now (n,); None of none."""
    starts = np.array([onset_s(e, t, for_good=for_good) for e, t in zip(excesses, times_s, strict=True)])
    if not len(starts):
        return None
    drawn = starts[stream(seed, "onset").integers(0, len(starts), (_RESAMPLES, len(starts)))]
    medians = np.sort(np.sort(drawn, axis=1)[:, (len(starts) - 1) // 2])
    low, high = medians[int(0.025 * _RESAMPLES)], medians[int(0.975 * _RESAMPLES)]
    middle = np.sort(starts)[(len(starts) - 1) // 2]
    never = float(np.isinf(starts).mean())
    return Onset(len(starts), never, _told(middle), _told(low) if len(starts) > 1 else None, _told(high) if len(starts) > 1 else None)  # fmt: skip


def _told(time_s: float) -> float | None:
    return None if np.isinf(time_s) else float(time_s)
