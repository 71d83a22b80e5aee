"""Measures one prediction against what came true, and draws curves of many such measurements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.errors import InvalidInput
from bridge.imagination import Prediction
from evaluation import stats
from evaluation.measures.case import Case, case_of
from evaluation.measures.means import mean_known
from evaluation.measures.registry import MEASURES, USUAL, Measure, chosen
from world_models.clips import Clip

Array = NDArray[np.float64]
Row = Mapping[str, Array]
"""What was measured of one prediction, by the name of a measure: (n,) or (n,v), nan where it says nothing."""


def measure(truth: Clip, prediction: Prediction, now: int, *, wanted: Iterable[str] = USUAL) -> Row:
    """How near a prediction comes to what followed moment `now` of a clip, by horizon (n,), or by horizon and view (n,v).

    `wanted` are names of measures or of groups (see registry); those that this prediction or clip does not allow are left out. Of several
    samples errors are taken one by one and averaged: what a model errs by, not what the mean of its dreams does. Raises InvalidInput
    for a prediction that does not fit the clip, UnknownName, and Unavailable where an extra is missing.
    """
    return measured(case_of(truth, prediction, now), wanted=wanted)


def measured(case: Case, *, wanted: Iterable[str] = USUAL) -> Row:
    """The same of a case, which keeps what was read in its pictures."""
    found = {one.name: one.of(case) for one in chosen(wanted)}
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Curve:
    """A measure by horizon over many episodes: `mean`, `low` and `high` (h,) with a 95 % bootstrap interval, `count` (h,) episodes that know.

    `views` are the same of each view (v of them), of a measure that is taken by view; the curve itself is their mean.
    """

    measure: Measure
    mean: Array
    low: Array
    high: Array
    count: NDArray[np.int64]
    views: tuple["Curve", ...] = ()

    def overall(self) -> float:
        """The mean over all horizons; nan where nothing is known."""
        return float(mean_known(self.mean))


def curves(rows: Sequence[Row], *, seed: int = 0) -> Mapping[str, Curve]:
    """Curves of many measurements, by the name of a measure, in the order of reports. Episodes may be of different length.

    An episode is one observation; intervals are those of evaluation.stats.mean (BCa), nan where fewer than two episodes know.
    Raises InvalidInput for names that are no measures'.
    """
    names = {name for row in rows for name in row}
    if unknown := names - set(MEASURES):
        raise InvalidInput(f"'{sorted(unknown)[0]}' is no measure. Give what `measure` returned.")
    found = {}
    for name in MEASURES:
        if name in names:
            found[name] = _curve(MEASURES[name], [row[name] for row in rows if name in row], seed)
    return found


def _curve(one: Measure, values: Sequence[Array], seed: int) -> Curve:
    if not one.is_by_view:
        return _points(one, _longest(values), seed, "")
    views = {value.shape[1] for value in values}
    if len(views) > 1:
        raise InvalidInput(
            f"'{one.name}' was measured in {sorted(views)} views. Draw curves of the same views together."
        )
    parts = tuple(
        _points(one, _longest([value[:, v] for value in values]), seed, f"view {v}") for v in range(views.pop())
    )
    both = _points(one, _longest([mean_known(value, axis=1) for value in values]), seed, "")
    return Curve(one, both.mean, both.low, both.high, both.count, parts)


def _longest(values: Sequence[Array]) -> Array:
    """Measurements (n_i,) one under the other (episodes,h), nan after their end."""
    table = np.full((len(values), max(len(value) for value in values)), np.nan)
    for row, value in zip(table, values, strict=True):
        row[: len(value)] = value
    return table


def _points(one: Measure, table: Array, seed: int, part: str) -> Curve:
    h = table.shape[1]
    mean, low, high, count = np.full(h, np.nan), np.full(h, np.nan), np.full(h, np.nan), np.zeros(h, np.int64)
    for horizon, column in enumerate(table.T):
        known = column[~np.isnan(column)]
        told = stats.mean(known.tolist(), stream(seed, "curve", one.name, part, horizon))
        if told is not None:
            mean[horizon], count[horizon] = told.value, told.n
            if told.low is not None and told.high is not None:
                low[horizon], high[horizon] = told.low, told.high
    return Curve(one, mean, low, high, count)
