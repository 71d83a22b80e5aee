"""Where the water is: the shore as the contour of the ground at the water's level, and the bodies it encloses."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from bridge.scene import Water
from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.polygons import holes, inset, polygons_of, ring, smoothed
from scene_gen.build.ground.terrain import Ground, Mask, blurred
from scene_gen.plan.artefacts import Plan, PlannedWater

Array = NDArray[np.float64]
_NAMES = {"sea": "sea", "lake": "lake", "river": "river", "canal": "canal", "pond": "pond"}


@dataclass(eq=False)
class Wet:
    """What the plan wants to be wet. `level` (rows, cols) [m] is that of the nearest water, -inf where there is none
    within reach; `kind` indexes `kinds`; `depth_in` [m] is the distance to the planned shore, positive in the water."""

    kinds: tuple[str, ...]
    kind: NDArray[np.intp]
    level: Array
    depth_in: Array


def planned_water(plan: Plan, ground: Ground) -> Wet:
    """Reads the lattice's water cells, tells bodies apart, and presses the ground into their shape where it is not."""
    letters = plan.zone_at(ground.xy)
    wet = letters == "W"
    corridor = letters == "#"
    kinds = tuple(water.kind for water in plan.waters)
    none = np.zeros(wet.shape, dtype=np.intp)
    if not wet.any() or not plan.waters:
        return Wet(kinds or ("sea",), none, np.full(wet.shape, -np.inf), np.full(wet.shape, -np.inf))
    # a road over the water: the bed runs on beneath it
    lowest = max(water.level_m for water in plan.waters)
    beside = ndimage.binary_dilation(wet, iterations=int(1.6 * plan.cell_m / ground.cell_m) + 1)
    wet |= corridor & (beside & (ground.heights < lowest - 0.3) | Lattice(plan).roads_over_water(ground.xy))
    body = blurred(wet, 0.33 * plan.cell_m / ground.cell_m) > 0.5
    inside = ndimage.distance_transform_edt(body) * ground.cell_m
    outside, (i, j) = ndimage.distance_transform_edt(~body, return_indices=True)
    depth_in = np.where(body, inside, -outside * ground.cell_m)
    label, count = ndimage.label(body, structure=np.ones((3, 3)))
    which = np.zeros(count + 1, dtype=np.intp)
    for index in range(1, count + 1):
        own = label == index
        which[index] = _water_of(
            plan.waters, float(np.median(ground.heights[own])), float(inside[own].max()), plan.cell_m
        )
    kind = which[label[i, j]]
    levels = np.array([water.level_m for water in plan.waters])
    reach = 1.6 * plan.cell_m
    level = np.where(depth_in > -reach, levels[kind], -np.inf)
    deepest = np.clip(0.10 * (depth_in - 6.0), -0.4, 4.0)
    ceiling = np.where(depth_in > -8.0, levels[kind] - deepest, np.inf)
    beach = blurred(letters == "B", 2.0)
    floor = np.where(depth_in < -8.0, np.minimum(0.06 * (-depth_in - 8.0), 0.9 - 0.6 * beach), -np.inf)
    floor = np.where(depth_in > -4 * reach, levels[kind] + floor, -np.inf)
    ground.heights = np.maximum(np.minimum(ground.heights, ceiling), floor)
    return Wet(kinds, kind, level, depth_in)


def _water_of(waters: Sequence[PlannedWater], bed: float, half_width: float, cell_m: float) -> int:
    """The planned water that a body with this bed and half width belongs to: the lowest level above the bed."""

    def fit(index: int) -> tuple[float, bool, int]:
        water = waters[index]
        above = water.level_m - bed
        narrow = half_width < 1.7 * cell_m
        return (above if above > 0 else 1e3 - above, narrow != (water.kind in ("river", "canal")), index)

    return min(range(len(waters)), key=fit)


def shores(ground: Ground, wet: Wet) -> list[tuple[Polygon, int]]:
    """Water surfaces and the index of their kind, largest first: where the ground lies below the level nearby."""
    reachable = np.isfinite(wet.level)
    under = np.where(reachable, np.where(reachable, wet.level, 0.0) - ground.heights, -1.0)
    found = []
    for polygon in contour(under, ground):
        point = shapely.get_coordinates(polygon.representative_point())[0]
        i, j = np.clip(
            ((point - ground.origin) / ground.cell_m).round().astype(int)[::-1], 0, np.array(under.shape) - 1
        )
        if polygon.area > 60.0:
            found.append((polygon, int(wet.kind[i, j])))
    return found


def rivers_apart(plan: Plan, bodies: Sequence[tuple[Polygon, int]]) -> list[tuple[Polygon, int]]:
    """The bodies, with rivers and canals cut off where they run into wider water of nearly the same level."""
    narrow = [k for k, water in enumerate(plan.waters) if water.kind in ("river", "canal")]
    found: list[tuple[Polygon, int]] = []
    for polygon, kind in bodies:
        level = plan.waters[kind].level_m
        joins = [k for k in narrow if abs(plan.waters[k].level_m - level) < 0.5 and k not in {k for _, k in bodies}]
        if kind in narrow or not joins:
            found.append((polygon, kind))
            continue
        reach = 1.6 * plan.cell_m
        wide = inset(polygon, reach).buffer(1.15 * reach).intersection(polygon)
        arms = [arm for arm in polygons_of(polygon.difference(wide)) if arm.area > 5.0 * plan.cell_m**2]
        rest = polygon.difference(shapely.union_all(arms)) if arms else polygon
        found += [(piece, kind) for piece in polygons_of(rest, 60.0)] + [(arm, joins[0]) for arm in arms]
    return sorted(found, key=lambda body: -body[0].area)


def contour(field: Array, ground: Ground) -> list[Polygon]:
    """Polygons where a field on the vertices is positive, by marching squares, smoothed and clipped to the map."""
    value = np.where(np.abs(field) < 1e-6, -1e-6, field)
    if (value <= 0).all():
        return []
    half = ground.size_m / 2
    frame = box(-half, -half, half, half)
    if (value > 0).all():
        return [frame]
    lines = _crossings(value, ground)
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(lines))))
    smooth = []
    for line in joined:
        points = np.asarray(line.coords)
        closed = bool(np.allclose(points[0], points[-1]))
        if closed:
            loop = smoothed(points[:-1], 3, closed=True)
            points = np.concatenate([loop, loop[:1]])
        else:
            points = smoothed(points, 3)
        smooth.append(shapely.simplify(shapely.linestrings(points), 0.08 * ground.cell_m))
    faces = shapely.get_parts(
        shapely.polygonize(shapely.get_parts(shapely.union_all([*smooth, frame.exterior], grid_size=1e-3)))
    )
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    return polygons_of(shapely.multipolygons(faces[ground.field_at(value, inner) > 0]))


def _crossings(value: Array, ground: Ground) -> Array:
    """Segments (n,2,2) where the field is zero in the triangles of each cell (split south-west to north-east)."""
    wet = value > 0
    corners = [wet[:-1, :-1], wet[:-1, 1:], wet[1:, 1:], wet[1:, :-1]]
    some, every = corners[0] | corners[1] | corners[2] | corners[3], corners[0] & corners[1] & corners[2] & corners[3]
    i, j = np.nonzero(some & ~every)
    corner = np.stack(
        [np.stack([j, i], -1), np.stack([j + 1, i], -1), np.stack([j + 1, i + 1], -1), np.stack([j, i + 1], -1)], 1
    )
    segments = []
    for triangle in ((0, 1, 2), (0, 2, 3)):
        place = corner[:, triangle, :].astype(np.float64)
        level = value[corner[:, triangle, 1], corner[:, triangle, 0]]
        mixed = (level > 0).any(axis=1) & (level <= 0).any(axis=1)
        place, level = place[mixed], level[mixed]
        nxt, nxt_level = np.roll(place, -1, axis=1), np.roll(level, -1, axis=1)
        cut = (level > 0) != (nxt_level > 0)
        # the same edge seen from both sides gives the same bits: always from the lower to the higher value
        low = level < nxt_level
        a = np.where(low[..., None], place, nxt)
        b = np.where(low[..., None], nxt, place)
        va, vb = np.where(low, level, nxt_level), np.where(low, nxt_level, level)
        point = a + (va / np.where(va == vb, 1.0, va - vb))[..., None] * (b - a)
        segments.append(point[cut].reshape(-1, 2, 2))
    found = np.concatenate(segments) * ground.cell_m + np.asarray(ground.origin)
    found = np.round(found, 6)
    return found[np.linalg.norm(found[:, 0] - found[:, 1], axis=1) > 1e-6]


def water_records(bodies: Sequence[tuple[Polygon, int]], plan: Plan, minus: BaseGeometry) -> tuple[Water, ...]:
    """Water as scene data, largest first; nothing of it lies in `minus` (quays)."""
    records: list[Water] = []
    counts: dict[str, int] = {}
    for polygon, kind in bodies:
        for piece in polygons_of(polygon.difference(minus).buffer(0), 60.0):
            water = plan.waters[kind]
            counts[water.kind] = counts.get(water.kind, 0) + 1
            name = _NAMES[water.kind] + ("" if counts[water.kind] == 1 else f"-{counts[water.kind]}")
            records.append(
                Water(
                    name,
                    water.kind,  # type: ignore[arg-type]
                    read_only(ring(piece)),
                    water.level_m,
                    tuple(read_only(h) for h in holes(piece)),
                )
            )
    return tuple(records)


def wet_mask(ground: Ground, bodies: Sequence[tuple[Polygon, int]]) -> Mask:
    """Vertices (rows, cols) that lie in a body of water."""
    return (
        ground.inside(shapely.union_all([polygon for polygon, _ in bodies]))
        if bodies
        else np.zeros(ground.heights.shape, bool)
    )
