"""Where the things are that others were asked to stand near: houses, piers, squares, parks, water, as they came out."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.ground_layers import plans
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.occupancy import polygon
from scene_gen.kinds import KINDS, members

COMPASS = {
    "north-of": (0.0, 1.0), "south-of": (0.0, -1.0), "east-of": (1.0, 0.0), "west-of": (-1.0, 0.0),
    "northeast-of": (0.7, 0.7), "northwest-of": (-0.7, 0.7), "southeast-of": (0.7, -0.7), "southwest-of": (-0.7, -0.7),
}  # fmt: skip
"""Unit directions (x, y), to a hundredth."""
ELSEWHERE = ("far-from", "between")
"""Relations whose place only the planner knows."""
LARGEST_M2 = 60_000.0


def anchor(grounds: Grounds, near: str, at: tuple[float, float] | None) -> shapely.Geometry | None:
    """The plan of the thing called `near` that is nearest to `at` (or to the middle of the map), if there is one.

    Places larger than LARGEST_M2 (a sea, a forest) are no anchors: near them is nearly everywhere.
    """
    shapes = [shape for shape in _shapes(grounds, near) if shapely.area(shape) < LARGEST_M2]
    if not shapes:
        return None
    away = shapely.distance(np.array(shapes, dtype=object), shapely.Point(at or (0.0, 0.0)))
    return shapes[int(np.argmin(away))]


def beside(target: shapely.Geometry, relation: str) -> tuple[float, float]:
    """A point 25 m off the edge of a thing on the side that a compass relation names."""
    x0, y0, x1, y1 = shapely.bounds(target)
    way = np.array(COMPASS[relation])
    reach = 25.0 + float(np.abs(way) @ np.array([x1 - x0, y1 - y0])) / 2
    return (x0 + x1) / 2 + reach * float(way[0]), (y0 + y1) / 2 + reach * float(way[1])


def _shapes(grounds: Grounds, near: str) -> list[shapely.Geometry]:
    """Plans of everything that the word means."""
    kinds = set(members(near)) if near in KINDS else {near}
    found = [polygon(b.footprint) for b in grounds.raised.buildings if b.use in kinds]
    found += [shape for part in grounds.site.parts if part.kind in kinds for shape in plans(part)]
    found += [polygon(a.polygon, a.holes) for a in grounds.site.areas if a.kind in kinds]
    found += [polygon(w.polygon, w.holes) for w in grounds.site.waters if w.kind in kinds]
    found += [shapely.Point(xy) for kind in sorted(kinds) for xy in grounds.spots(kind)]
    return found


def distance(target: shapely.Geometry, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far points (n,2) are from a thing's edge [m]; 0 inside."""
    return np.asarray(shapely.distance(shapely.points(xy), target))
