"""How well each cell answers "north of the pier", "on the hill", "along the river": fields from 0 to 1 over the lattice."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.brief import Relation
from scene_gen.kinds import KINDS
from scene_gen.plan.cells import Mask, axes, beside, distance_to, is_any, wet
from scene_gen.plan.sites import Lay, preferred
from scene_gen.plan.wishes import FEATURES, SIDES

Field = NDArray[np.float64]
Points = NDArray[np.float64]
Anchors = Mapping[str, Points]
"""Where things stand already: points (n, 2) [m] by kind."""

MET = 0.5
"""A relation holds where its field is at least this."""


def fit(relation: Relation, lay: Lay, anchors: Anchors) -> Field | None:
    """How well each cell answers a relation; None where its objects are nowhere on this map."""
    if relation.side is not None:
        return _on_side(relation.side)
    places = [_place(word, lay, anchors) for word in relation.objects]
    found = [place for place in places if place is not None]
    if not found or (relation.predicate == "between" and len(found) < 2 and len(relation.objects) > 1):
        return None
    if relation.predicate == "between":
        return _between(found, lay)
    if relation.predicate in ("on", "in", "at") and set(relation.objects) & {"hill", "hills", "mountain"}:
        return _on_high_ground(lay)
    fields = [_single(relation.predicate, place, lay) for place in found]
    return np.maximum.reduce(fields)


def end_of_pier(start: Points, lay: Lay, *, length_m: float = 45.0) -> Points:
    """Where a pier that begins at `start` (2,) on the shore ends: out into the open water."""
    x, y = lay.xy()
    near = lay.open_water & (np.hypot(x - start[0], y - start[1]) < max(4.0 * lay.cell_m, 60.0))
    if not near.any():
        return start
    out = np.array([(x[near] - start[0]).mean(), (y[near] - start[1]).mean()])
    return start + out / max(float(np.hypot(*out)), 1e-9) * (length_m + 0.5 * lay.cell_m)


def _place(word: str, lay: Lay, anchors: Anchors) -> Points | Mask | None:
    """Where a word is: points of things that stand already, else a mask of cells."""
    for kind in (word, *(KINDS[word].members if word in KINDS else ())):
        if kind in anchors and len(anchors[kind]):
            return anchors[kind]
    mask = _cells_of(word, lay)
    return mask if mask is not None and mask.any() else None


def _cells_of(word: str, lay: Lay) -> Mask | None:
    if word == "map":
        return np.ones(lay.letters.shape, dtype=bool)
    if word in ("harbor", "quay", "pier", "marina", "port") and lay.quay.any():
        return lay.quay
    feature = FEATURES.get(word, "")
    if feature in ("sea", "lake", "island", "oasis"):
        if word == "beach":
            return lay.letters == "B"
        return ~wet(lay.letters) if feature == "island" else lay.open_water
    if feature in ("river", "canal"):
        return lay.narrow if lay.narrow.any() else wet(lay.letters)
    if feature == "town":
        return lay.town
    if len(feature) == 1:
        mask = lay.letters == feature
        return mask if mask.any() or feature != "H" else lay.letters == "M"
    if word in ("street", "bridge"):
        road = lay.letters == "#"
        return road & wet(lay.letters) if word == "bridge" else road
    if word in ("water", "shore", "waterfront"):
        return wet(lay.letters)
    return is_any(lay.letters, preferred(word)[:2]) if word in KINDS else None


def _single(predicate: str, place: Points | Mask, lay: Lay) -> Field:
    x, y = lay.xy()
    is_area = place.dtype == bool
    cell = lay.cell_m
    if is_area:
        at_x, at_y = float(x[place].mean()), float(y[place].mean())
        gap = distance_to(place) * cell
    else:
        nearest = np.argmin(np.hypot(x[..., None] - place[:, 0], y[..., None] - place[:, 1]), axis=-1)
        at_x, at_y = place[nearest, 0], place[nearest, 1]
        gap = np.hypot(x - at_x, y - at_y)
    if predicate.endswith("-of") and predicate[:-3] in SIDES:
        return _toward(x - at_x, y - at_y, SIDES[predicate[:-3]], gap, lay)
    close = np.clip(1.5 - gap / max(80.0, 2.2 * cell), 0, 1)
    if predicate == "far-from":
        return np.clip(gap / (0.4 * lay.size_m), 0, 1)
    if predicate in ("on", "in", "at"):
        if is_area:
            beside_it = 0.7 * beside(place) if not (place & ~wet(lay.letters)).any() else 0.3 * beside(place)
            return np.maximum(place.astype(float), beside_it)
        return np.clip(1.5 - gap / max(30.0, 1.1 * cell), 0, 1)
    if predicate == "along":
        strip = gap / cell if is_area else gap / max(cell, 15.0)
        return np.clip(2.1 - strip, 0, 1) * (~place if is_area else 1.0)
    if predicate == "around":
        ring = np.clip(1.5 - gap / max(120.0, 3.0 * cell), 0, 1)
        return ring * (~place if is_area else 1.0)
    if predicate == "at-end-of":
        if is_area:
            far = np.hypot(x - at_x, y - at_y)
            return place * far / max(float(far[place].max()), 1e-9)
        ends = np.array([end_of_pier(point, lay) for point in place])
        away = np.min(np.hypot(x[..., None] - ends[:, 0], y[..., None] - ends[:, 1]), axis=-1)
        return np.clip(1.5 - away / max(45.0, 1.5 * cell), 0, 1)
    middle_x, middle_y = x[lay.centre] - at_x, y[lay.centre] - at_y
    facing = ((x - at_x) * middle_x + (y - at_y) * middle_y) / np.maximum(
        np.hypot(x - at_x, y - at_y) * np.hypot(middle_x, middle_y), 1e-9
    )
    if predicate == "behind":
        return (
            close * np.clip(0.6 - facing, 0, 1)
            if not is_area
            else np.clip(1.5 - gap / (0.3 * lay.size_m), 0, 1) * np.clip(0.6 - facing, 0, 1)
        )
    if predicate == "in-front-of":
        return close * (np.clip(0.7 + facing, 0, 1) if not is_area else ~place)
    if predicate == "opposite":
        return close * np.clip(gap / max(25.0, cell), 0, 1)
    return close


def _toward(dx: Field, dy: Field, side: tuple[float, float], gap: Field, lay: Lay) -> Field:
    """1 in a wedge of about 60 degrees on the right side, fading to 0.5 at its rim and with too little distance."""
    far = np.maximum(np.hypot(dx, dy), 1e-9)
    cosine = (dx * side[0] + dy * side[1]) / far
    enough = np.clip(far / max(1.5 * lay.cell_m, 25.0), 0, 1)
    handy = np.clip(1.25 - gap / lay.size_m, 0.6, 1)
    return np.clip((cosine - 0.5) / 0.4, 0, 1) * enough * handy


def _between(places: Sequence[Points | Mask], lay: Lay) -> Field:
    x, y = lay.xy()
    ends = []
    for place in places[:2] if len(places) > 1 else list(places) * 2:
        ends.append(np.array([x[place].mean(), y[place].mean()]) if place.dtype == bool else place.mean(axis=0))
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
    land = ~wet(lay.letters)
    if not land.any():
        return np.zeros(lay.letters.shape)
    heights = np.where(land, lay.height_m, 0.0)
    around = ndimage.uniform_filter(heights, 15, mode="nearest")
    stands_out = np.clip((heights - around) / max(0.02 * lay.size_m, 3.0), 0, 1)
    hill = is_any(lay.letters, "HM")
    ringed = ndimage.uniform_filter(hill.astype(float), 7, mode="nearest")
    upper = np.clip((heights - np.quantile(heights[land], 0.6)) / max(float(np.ptp(heights[land])) * 0.4, 1.0), 0, 1)
    return np.clip(0.5 * stands_out + 0.5 * np.clip(2.5 * ringed, 0, 1) + 0.4 * upper, 0, 1) * land
