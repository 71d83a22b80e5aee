"""How near a dream comes to the engine's state: places and turns of things, what pixels show, depth, the tool, success.

Every function takes a Case and gives (n,) or (n,v); nan where it says nothing, None where the case does not allow it at all.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.imagination import Prediction
from evaluation.measures.case import Case
from evaluation.measures.means import mean_known
from evaluation.measures.reading import BODY, FEWEST_PX, TOOL, Reading, told

Array = NDArray[np.float64]
MOVED_M = 0.02
"""A thing counts as moved when it is so far from where it was now."""
_FAR_M = 1e3


def place_error(case: Case) -> Array | None:
    """Mean distance [m] (n,) of things from where they are, over things told of in `prediction.poses`, and samples."""
    return _place_errors(case, case.prediction, moved_only=False)


def place_error_moved(case: Case) -> Array | None:
    """The same over things that have moved by MOVED_M since now, in truth; nan while none has."""
    return _place_errors(case, case.prediction, moved_only=True)


def turn_error(case: Case) -> Array | None:
    """Mean angle [rad] (n,) between the turns of things and those in truth."""
    rows = []
    for thing in case.truth.things:
        if thing.name in case.prediction.poses:
            cosine = np.abs(
                np.einsum("snk,nk->sn", _unit(case.prediction.poses[thing.name][..., 3:]), _unit(thing.poses[:, 3:]))
            )
            rows.append(2.0 * np.arccos(np.clip(cosine, 0.0, 1.0)))
    return mean_known(rows, axis=(0, 1)) if rows else None


def _place_errors(case: Case, prediction: Prediction, *, moved_only: bool) -> Array | None:
    rows = []
    for thing, before in zip(case.truth.things, case.last.things, strict=True):
        if thing.name not in prediction.poses:
            continue
        away = np.linalg.norm(prediction.poses[thing.name][..., :3] - thing.poses[:, :3], axis=-1)
        away = np.minimum(np.nan_to_num(away, nan=_FAR_M, posinf=_FAR_M), _FAR_M)
        has_moved = np.linalg.norm(thing.poses[:, :3] - before.poses[0, :3], axis=-1) > MOVED_M
        rows.append(np.where(has_moved, away, np.nan) if moved_only else away)
    return mean_known(rows, axis=(0, 1)) if rows else None


def read_place_error(case: Case) -> Array | None:
    """Mean distance [m] (n,) of where things are read to be, in a dream's pictures, from where they are."""
    return None if case.dreamt is None else _over_samples(case, _read_places)


def read_place_floor(case: Case) -> Array | None:
    """The same, read in the engine's own pictures: the least that can be measured."""
    return None if case.engine is None else _read_places(case, case.engine)


def tool_error(case: Case) -> Array | None:
    """Distance [m] (n,) of the tool, as read in a dream's pictures, from where the course led it: action fidelity of an arm."""
    return None if case.dreamt is None or TOOL not in case.dreamt[0].places else _over_samples(case, _tool)


def tool_floor(case: Case) -> Array | None:
    """The same, read in the engine's own pictures."""
    return None if case.engine is None or TOOL not in case.engine.places else _tool(case, case.engine)


def _tool(case: Case, reading: Reading) -> Array:
    return np.linalg.norm(reading.places[TOOL] - case.truth.body[:, :3], axis=1)


def _read_places(case: Case, reading: Reading) -> Array:
    rows = [
        np.linalg.norm(reading.places[one.name] - one.poses[:, :3], axis=1)
        for one in case.truth.things
        if one.name in reading.places
    ]
    return mean_known(rows) if rows else np.full(len(case), np.nan)


def iou(case: Case) -> Array | None:
    """Intersection over union (n,v) of what a dream's pixels show and the engine's labels: mean of classes that either has; the body
    counts as one."""
    if case.dreamt is None or case.truth.labels is None:
        return None
    return mean_known([_iou(case, one) for one in case.dreamt])


def iou_ceiling(case: Case) -> Array | None:
    """The same of the engine's own pictures: as good as the recogniser can do."""
    return None if case.engine is None or case.truth.labels is None else _iou(case, case.engine)


def _iou(case: Case, reading: Reading) -> Array:
    assert case.truth.labels is not None
    wanted = told(case.truth.labels, case.truth.things, reading.classes)
    rows = []
    for row in range(1, len(reading.classes)):
        mine, theirs = reading.what == row, wanted == row
        union = (mine | theirs).sum(axis=(2, 3))
        both = (mine & theirs).sum(axis=(2, 3))
        # Of a class that is one or two pixels, or misread specks of one, an IoU says nothing.
        rows.append(np.where(union >= FEWEST_PX, both / np.maximum(union, 1), np.nan))
    return mean_known(rows)


def vanished(case: Case) -> Array | None:
    """Share (n,) of things that the engine's pictures show well and a dream's show nowhere: permanence, by what is seen."""
    return None if case.dreamt is None or case.engine is None else _over_samples(case, _gone)


def appeared(case: Case) -> Array | None:
    """Share (n,) of things that a dream's pictures show well and the engine's show nowhere."""
    return None if case.dreamt is None or case.engine is None else _over_samples(case, _come)


_WELL_PX = 3 * FEWEST_PX


def _gone(case: Case, reading: Reading) -> Array:
    return _lone(_pixels(case.engine), _pixels(reading))


def _come(case: Case, reading: Reading) -> Array:
    return _lone(_pixels(reading), _pixels(case.engine))


def _lone(one: Array, other: Array) -> Array:
    """Of what `one` (n,k pixels) shows well, the share of which `other` has hardly anything."""
    well = one >= _WELL_PX
    lone = well & (other < FEWEST_PX)
    return np.where(well.any(axis=1), lone.sum(axis=1) / np.maximum(well.sum(axis=1), 1), 0.0)


def _pixels(reading: Reading | None) -> Array:
    assert reading is not None
    is_thing = [name != BODY for name in reading.classes[1:]]
    return reading.pixels()[:, is_thing]


def depth_error(case: Case) -> Array | None:
    """Mean relative error (n,v) of depth, |dream - truth| / truth, where both are finite; for models that say depth."""
    truth, dream = case.truth.depth, case.prediction.depth
    if truth is None or dream is None:
        return None
    known = np.isfinite(truth)[None] & np.isfinite(dream) & (truth > 0)[None]
    safe = np.where(np.isfinite(truth) & (truth > 0), truth, 1.0)
    error = np.where(known, np.abs(np.where(np.isfinite(dream), dream, 0.0) - safe) / safe, np.nan)
    return mean_known(error, axis=(0, 3, 4))


def success_claimed(case: Case) -> Array | None:
    """The probability (n,) that the errand is done, as the model says."""
    return None if case.prediction.success is None else mean_known(case.prediction.success)


def success_true(case: Case) -> Array:
    """1 (n,) where the errand is done in truth, else 0."""
    return case.success.astype(np.float64)


def success_brier(case: Case) -> Array | None:
    """The squared difference (n,) of the two (Brier 1950)."""
    claimed = success_claimed(case)
    return None if claimed is None else (claimed - success_true(case)) ** 2


def _over_samples(case: Case, score) -> Array:
    assert case.dreamt is not None
    return mean_known([score(case, one) for one in case.dreamt])


def _unit(quats: Array) -> Array:
    return quats / np.maximum(np.linalg.norm(quats, axis=-1, keepdims=True), 1e-12)
