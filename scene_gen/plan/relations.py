"""How well each cell answers "north of the pier", "on the hill", "along the river": fields from 0 to 1 over the lattice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.brief import Relation
from scene_gen.kinds import KINDS
from scene_gen.plan.cells import Mask, axes, distance_to, is_any, widened
from scene_gen.plan.sites import Lay, preferred
from scene_gen.plan.wishes import FEATURES, SIDES

Field = NDArray[np.float64]
Points = NDArray[np.float64]
Anchors = Mapping[str, Points]
"""Where things stand already: points (n, 2) [m] by kind."""

MET = 0.5
"""A relation holds where its field is at least this."""


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a word is: `points` (n, 2) [m] of things that stand already, or else an area of cells."""

    points: Points | None = None
    area: Mask | None = None

    def middle(self, lay: Lay) -> Points:
        """The middle (2,) [m] of it all."""
        if self.points is not None:
            return self.points.mean(axis=0)
        x, y = lay.xy()
        area = self.area if self.area is not None else np.ones(x.shape, dtype=bool)
        return np.array([x[area].mean(), y[area].mean()])


def fit(relation: Relation, lay: Lay, anchors: Anchors) -> Field | None:
    """How well each cell answers a relation; None where its objects are nowhere on this map."""
    if relation.side is not None:
        return _on_side(relation.side)
    spots = [spot for word in relation.objects if (spot := _spot(word, lay, anchors)) is not None]
    if not spots or (relation.predicate == "between" and len(spots) < 2 and len(relation.objects) > 1):
        return None
    if relation.predicate == "between":
        return _between(spots, lay)
    if relation.predicate in ("on", "in", "at") and set(relation.objects) & {"hill", "hills", "mountain"}:
        return _on_high_ground(lay)
    by_area = [_to_area(relation.predicate, spot.area, spot, lay) for spot in spots if spot.area is not None]
    by_points = [_to_points(relation.predicate, spot.points, lay) for spot in spots if spot.points is not None]
    return np.maximum.reduce(by_area + by_points)


def end_of_pier(start: Points, lay: Lay, *, length_m: float = 45.0) -> Points:
    """Where a pier that begins at `start` (2,) on the shore ends: out into the open water."""
    x, y = lay.xy()
    near = lay.open_water & (np.hypot(x - start[0], y - start[1]) < max(4.0 * lay.cell_m, 60.0))
    if not near.any():
        return start
    out = np.array([(x[near] - start[0]).mean(), (y[near] - start[1]).mean()])
    return start + out / max(float(np.hypot(*out)), 1e-9) * (length_m + 0.5 * lay.cell_m)


def _spot(word: str, lay: Lay, anchors: Anchors) -> Spot | None:
    for kind in (word, *(KINDS[word].members if word in KINDS else ())):
        if kind in anchors and len(anchors[kind]):
            return Spot(points=anchors[kind])
    mask = _cells_of(word, lay)
    return Spot(area=mask) if mask is not None and mask.any() else None


def _cells_of(word: str, lay: Lay) -> Mask | None:
    if word == "map":
        return np.ones(lay.letters.shape, dtype=bool)
    if word in ("harbor", "quay", "pier", "marina", "port") and lay.quay.any():
        return lay.quay
    feature = FEATURES.get(word, "")
    if feature in ("sea", "lake", "island", "oasis"):
        if word == "beach":
            return lay.letters == "B"
        return ~lay.water if feature == "island" else lay.open_water
    if feature in ("river", "canal"):
        return lay.narrow if lay.narrow.any() else lay.water
    if feature == "town":
        return lay.town
    if len(feature) == 1:
        mask = lay.letters == feature
        return mask if mask.any() or feature != "H" else lay.letters == "M"
    if word in ("street", "bridge"):
        road = lay.letters == "#"
        return road & lay.water if word == "bridge" else road
    if word in ("water", "shore", "waterfront"):
        return lay.water
    return is_any(lay.letters, preferred(word)[:2]) if word in KINDS else None


def _to_area(predicate: str, area: Mask, spot: Spot, lay: Lay) -> Field:
    """How cells lie to an area: a zone, a water, the town."""
    x, y = lay.xy()
    at = spot.middle(lay)
    gap = distance_to(area) * lay.cell_m
    if predicate[:-3] in SIDES:
        return _toward(x - at[0], y - at[1], SIDES[predicate[:-3]], gap, lay)
    if predicate == "far-from":
        return _far(gap, lay)
    if predicate in ("on", "in", "at"):
        return np.maximum(area.astype(float), 0.6 * widened(area, corners=True))
    if predicate == "along":
        return np.clip(2.1 - gap / lay.cell_m, 0, 1) * ~area
    if predicate == "around":
        return np.clip(1.5 - gap / max(120.0, 3.0 * lay.cell_m), 0, 1) * ~area
    if predicate == "at-end-of":
        far = np.hypot(x - at[0], y - at[1])
        return area * far / max(float(far[area].max()), 1e-9)
    if predicate == "behind":
        return np.clip(1.5 - gap / (0.3 * lay.size_m), 0, 1) * np.clip(0.6 - _facing(x, y, at[0], at[1], lay), 0, 1)
    if predicate == "in-front-of":
        return _close(gap, lay) * ~area
    if predicate == "opposite":
        return _close(gap, lay) * np.clip(gap / max(25.0, lay.cell_m), 0, 1)
    return _close(gap, lay)


def _to_points(predicate: str, points: Points, lay: Lay) -> Field:
    """How cells lie to things that stand already, each cell to the nearest of them."""
    x, y = lay.xy()
    nearest = np.argmin(np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1]), axis=-1)
    at_x, at_y = points[nearest, 0], points[nearest, 1]
    gap = np.hypot(x - at_x, y - at_y)
    if predicate[:-3] in SIDES:
        return _toward(x - at_x, y - at_y, SIDES[predicate[:-3]], gap, lay)
    if predicate == "far-from":
        return _far(gap, lay)
    if predicate in ("on", "in", "at"):
        return np.clip(1.5 - gap / max(30.0, 1.1 * lay.cell_m), 0, 1)
    if predicate == "along":
        return np.clip(2.1 - gap / max(lay.cell_m, 15.0), 0, 1)
    if predicate == "around":
        return np.clip(1.5 - gap / max(120.0, 3.0 * lay.cell_m), 0, 1)
    if predicate == "at-end-of":
        ends = np.array([end_of_pier(point, lay) for point in points])
        away = np.min(np.hypot(x[..., None] - ends[:, 0], y[..., None] - ends[:, 1]), axis=-1)
        return np.clip(1.5 - away / max(45.0, 1.5 * lay.cell_m), 0, 1)
    if predicate == "behind":
        return _close(gap, lay) * np.clip(0.6 - _facing(x, y, at_x, at_y, lay), 0, 1)
    if predicate == "in-front-of":
        return _close(gap, lay) * np.clip(0.7 + _facing(x, y, at_x, at_y, lay), 0, 1)
    if predicate == "opposite":
        return _close(gap, lay) * np.clip(gap / max(25.0, lay.cell_m), 0, 1)
    return _close(gap, lay)


def _close(gap: Field, lay: Lay) -> Field:
    return np.clip(1.5 - gap / max(45.0, 0.09 * lay.size_m), 0, 1)


def _far(gap: Field, lay: Lay) -> Field:
    return np.clip(gap / (0.56 * lay.size_m), 0, 1)


def _facing(x: Field, y: Field, at_x: Field | float, at_y: Field | float, lay: Lay) -> Field:
    """1 on the side of a place that looks to the town's middle, -1 on the far side."""
    middle_x, middle_y = x[lay.centre] - at_x, y[lay.centre] - at_y
    lengths = np.hypot(x - at_x, y - at_y) * np.hypot(middle_x, middle_y)
    return ((x - at_x) * middle_x + (y - at_y) * middle_y) / np.maximum(lengths, 1e-9)


def _toward(dx: Field, dy: Field, side: tuple[float, float], gap: Field, lay: Lay) -> Field:
    """1 in a wedge of about 30 degrees on the right side, fading to 0.5 at its rim and with too little distance."""
    far = np.maximum(np.hypot(dx, dy), 1e-9)
    cosine = (dx * side[0] + dy * side[1]) / far
    enough = np.clip(far / max(1.5 * lay.cell_m, 25.0), 0, 1)
    handy = np.clip(1.25 - gap / lay.size_m, 0.6, 1)
    return np.clip((cosine - 0.56) / 0.4, 0, 1) * enough * handy


def _between(spots: Sequence[Spot], lay: Lay) -> Field:
    x, y = lay.xy()
    ends = [spot.middle(lay) for spot in (spots[:2] if len(spots) > 1 else list(spots) * 2)]
    first, second = np.hypot(x - ends[0][0], y - ends[0][1]), np.hypot(x - ends[1][0], y - ends[1][1])
    apart = max(float(np.hypot(*(ends[0] - ends[1]))), 1.0)
    detour = np.clip(1.0 - (first + second - apart) / (0.25 * apart + 2.0 * lay.cell_m), 0, 1)
    balance = np.clip(1.5 - np.abs(first - second) / (0.6 * apart + lay.cell_m), 0, 1)
    return detour * balance


def _on_side(side: str) -> Field:
    x, y = axes()
    if side == "center":
        return np.clip(1.25 - np.hypot(x, y) / 0.4, 0, 1)
    east, north = SIDES[side]
    return np.clip((x * east + y * north - 0.12) / 0.36, 0, 1)


def _on_high_ground(lay: Lay) -> Field:
    """High beside what is around it: hill cells, houses among them, and the upper part of the land."""
    land = ~lay.water
    if not land.any():
        return np.zeros(lay.letters.shape)
    heights = np.where(land, lay.height_m, 0.0)
    around = ndimage.uniform_filter(heights, 15, mode="nearest")
    stands_out = np.clip((heights - around) / max(0.02 * lay.size_m, 3.0), 0, 1)
    hill = is_any(lay.letters, "HM")
    ringed = hill | (ndimage.uniform_filter(hill.astype(float), 3, mode="nearest") > 0.3)
    upper = np.clip((heights - np.quantile(heights[land], 0.6)) / max(float(np.ptp(heights[land])) * 0.4, 1.0), 0, 1)
    return np.clip(0.35 * stands_out + 0.5 * ringed + 0.35 * upper, 0, 1) * land
