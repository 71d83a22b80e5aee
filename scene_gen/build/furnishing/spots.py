"""Where things could stand: points in areas and zones, in rows, along edges, and beside streets."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.occupancy import independent, polygon
from scene_gen.build.site import Area
from scene_gen.build.ways.driven import LANE_CLEAR_M
from scene_gen.plan.artefacts import CELLS

Array = NDArray[np.float64]
Index = NDArray[np.intp]
_WIDEST_M = 0.45
"""Half of what stands at a curb is no wider: a bench [m]."""


def areas(grounds: Grounds, *kinds: str) -> list[tuple[Area, shapely.Geometry]]:
    """The site's areas of these kinds with their plans."""
    return [(a, polygon(a.polygon, a.holes)) for a in grounds.site.areas if a.kind in kinds]


def in_shape(rng: np.random.Generator, shape: shapely.Geometry, gap_m: float) -> Array:
    """Random points (n,2) in a shape, `gap_m` apart or more."""
    x0, y0, x1, y1 = shapely.bounds(shape)
    if not np.isfinite(x0):
        return np.zeros((0, 2))
    shapely.prepare(shape)
    count = int(np.clip(12 * (x1 - x0) * (y1 - y0) / gap_m**2, 40, 12_000))
    points = rng.uniform((x0, y0), (x1, y1), (count, 2))
    points = points[shapely.contains_xy(shape, points[:, 0], points[:, 1])]
    if len(points) < 2:
        return points
    return points[independent(len(points), cKDTree(points).query_pairs(gap_m, output_type="ndarray"))]


def in_zone(rng: np.random.Generator, grounds: Grounds, letter: str, per_m2: float) -> Array:
    """Uniformly random points (n,2) in the lattice cells of a letter, `per_m2` of them a square metre."""
    cells = np.array([(r, c) for r, row in enumerate(grounds.plan.lattice) for c, z in enumerate(row) if z == letter])
    if not len(cells):
        return np.zeros((0, 2))
    side = grounds.plan.cell_m
    count = int(round(float(per_m2 * side**2 * len(cells))))
    cell = cells[rng.integers(0, len(cells), count)]
    offset = rng.random((count, 2)) * side
    half = CELLS * side / 2
    return np.stack([cell[:, 1] * side - half + offset[:, 0], half - cell[:, 0] * side - offset[:, 1]], axis=1)


def rows(shape: shapely.Geometry, between_m: float, along_m: float, inset_m: float = 1.0) -> tuple[Array, float]:
    """Points (n,2) in straight rows `between_m` apart along a shape's long side, and the rows' heading."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    if len(ring) < 4:
        return np.zeros((0, 2)), 0.0
    one, two = ring[1] - ring[0], ring[2] - ring[1]
    u = one if np.hypot(*one) >= np.hypot(*two) else two
    yaw = float(np.arctan2(u[1], u[0]))
    turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    local = ring @ turn.T
    low, high = local.min(axis=0), local.max(axis=0)
    x = np.arange(low[0] + along_m / 2, high[0], along_m)
    y = np.arange(low[1] + between_m / 2, high[1], between_m)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) @ turn
    inner = shapely.buffer(shape, -inset_m)
    shapely.prepare(inner)
    return grid[shapely.contains_xy(inner, grid[:, 0], grid[:, 1])], yaw


def edge(shape: shapely.Geometry, gap_m: float, inset_m: float) -> tuple[Array, Array]:
    """Points (n,2) every `gap_m` along a shape's edge, `inset_m` inside, and headings (n,) that look inwards."""
    points, yaws = [np.zeros((0, 2))], [np.zeros(0)]
    for piece in shapely.get_parts(shapely.buffer(shape, -inset_m, join_style="mitre")):
        ring = shapely.get_exterior_ring(piece)
        if ring is None or shapely.is_empty(ring):
            continue
        ring = shapely.LinearRing(shapely.get_coordinates(ring)[:: 1 if shapely.is_ccw(ring) else -1])
        length = shapely.length(ring)
        arc = np.arange(gap_m / 2, length, gap_m)
        here = shapely.get_coordinates(shapely.line_interpolate_point(ring, arc))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.mod(arc + 0.2, length)))
        points.append(here)
        yaws.append(np.arctan2(ahead[:, 1] - here[:, 1], ahead[:, 0] - here[:, 0]) + np.pi / 2)
    return np.concatenate(points), np.concatenate(yaws)


def curbside(
    grounds: Grounds,
    streets: Iterable[int],
    gap_m: float,
    inset_m: float,
    *,
    rng: np.random.Generator,
    sides: str = "alternate",
    shifts: Sequence[float] = (0.0, 2.0, -2.0, 4.0, -4.0),
    trim_m: float = 7.0,
) -> tuple[Array, Array, Index, Index]:
    """Places beside carriageways: points (n,2), headings (n,) towards the street, station and street numbers (n,).

    `inset_m` is the distance from the curb outwards, more where cars drive close to the curb. Every station comes once for each of `shifts` [m] along the
    street, in order of preference. `sides`: "alternate", "both" or "random".
    """
    streets = np.fromiter(streets, dtype=int)
    if not len(streets):
        return np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    street, arc = grounds.ways.every(streets, gap_m, trim_m=trim_m)
    if sides == "both":
        street, arc = np.repeat(street, 2), np.repeat(arc, 2)
        side = np.tile([1.0, -1.0], len(street) // 2)
    elif sides == "alternate":
        side = np.where(np.arange(len(street)) % 2 == 0, 1.0, -1.0)
    else:
        side = rng.choice([1.0, -1.0], len(street))
    station = np.arange(len(street))
    n, k = len(street), len(shifts)
    street, side, station = np.repeat(street, k), np.repeat(side, k), np.repeat(station, k)
    arc = np.repeat(arc, k) + np.tile(np.asarray(shifts, dtype=np.float64), n)
    inside = (arc > 2.0) & (arc < grounds.ways.length_m[street] - 2.0) if n else np.zeros(0, bool)
    street, side, station, arc = street[inside], side[inside], station[inside], arc[inside]
    width = np.array([s.width_m for s in grounds.ways.streets])[street]
    xy, heading = grounds.ways.at(street, arc, side * (width / 2 + inset_m))
    yaw = heading - side * np.pi / 2
    return (off_lanes(grounds, xy, yaw, inset_m) if inset_m > 0 else xy), yaw, station, street


def off_lanes(grounds: Grounds, xy: Array, yaw: Array, half_m: float) -> Array:
    """Points (n,2) that look at a street, moved back from it by what things of that half width lack to its lanes."""
    away = grounds.occupancy.distance("lane", xy, LANE_CLEAR_M + _WIDEST_M)
    back = np.maximum(LANE_CLEAR_M + min(half_m, _WIDEST_M) + 0.02 - away, 0.0)
    return xy - back[:, None] * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)


def streets_of(grounds: Grounds, *, sidewalks: bool | None = None, kinds: Sequence[str] = ()) -> list[int]:
    """Indices of streets with (or without) sidewalks, of some kinds."""
    return [
        i
        for i, s in enumerate(grounds.ways.streets)
        if (sidewalks is None or (s.sidewalk_m > 0.9) == sidewalks) and (not kinds or s.kind in kinds)
    ]


def around(centre: ArrayLike, count: int, radius_m: float, phase: float = 0.0) -> tuple[Array, Array]:
    """Points (count,2) on a circle and headings that look at its middle."""
    angle = phase + np.arange(count) * 2 * np.pi / max(count, 1)
    out = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.asarray(centre, dtype=np.float64) + radius_m * out, angle + np.pi


def merged(*parts: Array) -> Array:
    """Points of several sources as one array (n,2)."""
    return np.concatenate([np.asarray(p, dtype=np.float64).reshape(-1, 2) for p in parts])
