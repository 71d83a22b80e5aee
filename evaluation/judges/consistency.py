"""3D consistency: do views of one imagined moment, and moments of one imagined drive, show the same solid world?

After 4DWorldBench's and WorldScore's 3D consistency (reprojection errors of a reconstruction), with known cameras instead of estimated ones. At a table
things are located by the two cameras over it: the lines of sight through what the recogniser finds should meet. On the road every pixel is lifted
by depth and looked up in the next picture, at the pose the course gives: the colours should agree. The engine's own error is the floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from bridge.imagination import Past
from evaluation.measures.case import Case
from evaluation.measures.flow import engine_flow
from evaluation.measures.geometry import pixel_middles, projected, rays
from evaluation.measures.means import mean_known
from evaluation.measures.reading import TOOL, Reading

Array = NDArray[np.float64]
UNITS: Mapping[str, str] = {
    "views_px": "px",
    "views_m": "m",
    "photometric": "of 255",
    "photometric_engine_depth": "of 255",
}
LABELS: Mapping[str, str] = {
    "views_px": "Two views of a thing, off their common point", "views_m": "Two lines of sight of a thing, apart",
    "photometric": "Colour of a point in the next picture, by the dream's depth",
    "photometric_engine_depth": "Colour of a point in the next picture, by the engine's depth",
}  # fmt: skip


@dataclass(frozen=True)
class Residual:
    """A mean error of a dream, and of the engine's own pictures; nan where nothing could be looked at. `n` points or moments told it."""

    dream: float
    engine: float
    n: int


def consistency(case: Case) -> Mapping[str, Residual]:
    """The residuals that a case allows, by name. Of several samples the first is looked at."""
    found: dict[str, Residual] = {}
    if case.dreamt is not None and case.engine is not None and case.dreamt[0].spots:
        dream, engine = meeting(case, case.dreamt[0]), meeting(case, case.engine)
        for row, name in enumerate(("views_px", "views_m")):
            known = dream[row][np.isfinite(dream[row])]
            found[name] = Residual(
                float(mean_known(dream[row].ravel())), float(mean_known(engine[row].ravel())), len(known)
            )
    if case.task == "drive" and case.truth.depth is not None:
        engine = photometric(case.truth)
        told = replace(case.truth, rgb=case.prediction.rgb[0])
        found["photometric_engine_depth"] = _residual(photometric(told), engine)
        if case.prediction.depth is not None:
            found["photometric"] = _residual(photometric(replace(told, depth=case.prediction.depth[0])), engine)
    return found


def meeting(case: Case, reading: Reading) -> tuple[Array, Array]:
    """How far the spots of things and the tool are from the point where their lines of sight meet best [px], and how far the lines pass
    each other [m]: both (n,k), nan where fewer than two views show one."""
    names = [name for name in reading.spots if name == TOOL or name in reading.places]
    pixels, metres = np.full((len(case), len(names)), np.nan), np.full((len(case), len(names)), np.nan)
    for row, name in enumerate(names):
        for moment, (spots, place) in enumerate(zip(reading.spots[name], reading.places[name], strict=True)):
            shown = [view for view in range(len(spots)) if np.isfinite(spots[view]).all()]
            if len(shown) < 2 or not np.isfinite(place).all():
                continue
            body = case.truth.body[moment]
            away = [spots[view] - projected(place, case.truth.cameras[view], body) for view in shown]
            pixels[moment, row] = np.mean(np.linalg.norm(away, axis=1))
            metres[moment, row] = 2.0 * np.mean(
                [_off_line(place, *rays(spots[view], case.truth.cameras[view], body)) for view in shown]
            )
    return pixels, metres


def photometric(seen: Past) -> Array:
    """How far colours are from those of the same points in the next picture [of 255], mean over the pixels that stay in sight: (t - 1,v).

    Points are lifted by `depth` and, of things that labels tell, moved along with them.
    """
    moments, views = seen.rgb.shape[:2]
    found = np.full((moments - 1, views), np.nan)
    for view in range(views):
        middles = pixel_middles(seen.cameras[view])
        for moment in range(moments - 1):
            with np.errstate(invalid="ignore"):  # where depth is infinite
                flow = engine_flow(seen, moment, view)
            known = np.isfinite(flow).all(axis=-1)
            if not known.any():
                continue
            x, y = (middles + flow)[known].T - 0.5
            after = np.stack([map_coordinates(seen.rgb[moment + 1, view, ..., c].astype(np.float32), [y, x], order=1, mode="nearest") for c in range(3)], axis=-1)  # fmt: skip
            found[moment, view] = np.abs(after - seen.rgb[moment, view][known]).mean()
    return found


def _off_line(point: Array, start: Array, way: Array) -> float:
    unit = way / np.linalg.norm(way)
    across = point - start
    return float(np.linalg.norm(across - (across @ unit) * unit))


def _residual(dream: Array, engine: Array) -> Residual:
    return Residual(float(mean_known(dream.ravel())), float(mean_known(engine.ravel())), int(np.isfinite(dream).sum()))
