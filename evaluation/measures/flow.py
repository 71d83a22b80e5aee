"""How pictures move: the engine's optical flow, from its depth, its cameras and its things, against what is measured on a dream's pictures.

Flow is measured by OpenCV's DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), of the extra [world-models]. What
it measures on the engine's own pictures stands beside it as the floor.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import Unavailable
from bridge.frames import matrix_from_quat
from bridge.imagination import Past
from bridge.types import Camera
from evaluation.measures.case import Case
from evaluation.measures.geometry import lifted, pixel_middles, projected, world_from_camera
from evaluation.measures.means import mean_known
from evaluation.measures.reading import BODY_LABEL

Array = NDArray[np.float64]
_LARGE = 4
"""Pictures are measured so many times as large: DIS works on patches of 8 px."""


def opencv() -> Any:
    """OpenCV. Raises Unavailable where it is not installed."""
    try:
        import cv2
    except ImportError as error:
        raise Unavailable('Optical flow needs OpenCV. Run `pip install "simbridge[world-models]"`.') from error
    return cv2


def engine_flow(seen: Past, moment: int, view: int) -> Array:
    """Where pixels of moment `moment` are at the next one, as a difference (H,W,2) [px]; nan where no surface is, on the body's own
    parts, and where what is shown leaves the picture or is covered at the next moment. Needs depth; without labels all stands still."""
    assert seen.depth is not None
    camera = seen.cameras[view]
    here, there = seen.body[moment], seen.body[moment + 1]
    points = lifted(seen.depth[moment, view], camera, here)
    after = points.copy()
    labels = None if seen.labels is None else seen.labels[moment, view]
    if labels is not None:
        for index, thing in enumerate(seen.things, start=1):
            own = labels == index
            if own.any():
                before, later = thing.poses[moment], thing.poses[moment + 1]
                turn = matrix_from_quat(later[3:]) @ matrix_from_quat(before[3:]).T
                after[own] = (points[own] - before[:3]) @ turn.T + later[:3]
        after[labels == BODY_LABEL] = np.nan
    after[~np.isfinite(points).all(axis=-1)] = np.nan
    spots = projected(after, camera, there)
    return np.where(_is_shown(after, spots, camera, there, seen.depth[moment + 1, view])[..., None], spots - pixel_middles(camera), np.nan)  # fmt: skip


def measured_flow(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Array:
    """Flow (H,W,2) [px] between two pictures (H,W,3), by DIS. Raises Unavailable without OpenCV."""
    cv2 = opencv()
    height, width = before.shape[:2]
    large = [
        cv2.resize(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), (width * _LARGE, height * _LARGE), interpolation=cv2.INTER_CUBIC)
        for one in (before, after)
    ]  # fmt: skip
    found = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(large[0], large[1], None)
    return cv2.resize(found, (width, height), interpolation=cv2.INTER_AREA).astype(np.float64) / _LARGE


def flow_error(case: Case) -> Array | None:
    """Mean end-point error [px] (n,v) between the engine's flow and that measured on a dream's pictures; None without depth."""
    if case.truth.depth is None:
        return None
    return mean_known([_error(case, sample) for sample in case.prediction.rgb])


def flow_floor(case: Case) -> Array | None:
    """The same, measured on the engine's pictures."""
    return None if case.truth.depth is None else _error(case, case.truth.rgb)


def _error(case: Case, rgb: NDArray[np.uint8]) -> Array:
    """From one moment to the next, of the same pictures; nothing leads to the first."""
    n, views = rgb.shape[:2]
    found = np.full((n, views), np.nan)
    for view in range(views):
        for moment in range(1, n):
            gap = measured_flow(rgb[moment - 1, view], rgb[moment, view]) - engine_flow(case.truth, moment - 1, view)
            found[moment, view] = mean_known(np.linalg.norm(gap, axis=-1).ravel())
    return found


def flow_difference(case: Case) -> Array:
    """Mean end-point distance [px] (n,v) between flow measured on a dream's pictures and on the engine's (tOF, Chu et al. 2020): needs no depth."""
    n, views = case.truth.rgb.shape[:2]
    rows = []
    for sample in case.prediction.rgb:
        found = np.zeros((n, views))
        for view in range(views):
            true = np.concatenate([case.last.rgb[:, view], case.truth.rgb[:, view]])
            dream = np.concatenate([case.last.rgb[:, view], sample[:, view]])
            for moment in range(n):
                gap = measured_flow(dream[moment], dream[moment + 1]) - measured_flow(true[moment], true[moment + 1])
                found[moment, view] = np.linalg.norm(gap, axis=-1).mean()
        rows.append(found)
    return mean_known(rows)


def _is_shown(after: Array, spots: Array, camera: Camera, body: Array, depth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether points are in the next picture and nothing is before them."""
    turn, at = world_from_camera(camera, body)
    far = (after - at) @ turn[:, 2]
    with np.errstate(invalid="ignore"):
        inside = np.asarray(((spots >= 0) & (spots < [camera.width, camera.height])).all(axis=-1))
    rows = np.where(inside[..., None], np.nan_to_num(spots), 0).astype(int)
    return inside & (np.abs(depth[rows[..., 1], rows[..., 0]] - far) < 0.1 * far)
