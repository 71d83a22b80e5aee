"""Cut and fill: the ground brought to the level of streets, parcels and squares, and kept below all that lies on it."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportIndexIssue=false

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from scene_gen.build.ground.network import Network, StreetHeight
from scene_gen.build.ground.polygons import resampled
from scene_gen.build.ground.terrain import Ground, Mask, blend_to
from scene_gen.build.houses.facade import DEEP
from scene_gen.build.site import Parcel

Array = NDArray[np.float64]
_UNDER_M = 0.09
_STEP_M = DEEP - 0.2


def grade(
    ground: Ground, net: Network, height: StreetHeight, parcels: Sequence[Parcel],
    flats: Sequence[tuple[Polygon, float]],
    lids: Sequence[tuple[Polygon, float]], water: Mask,
) -> None:  # fmt: skip
    """Changes the ground so that streets, parcels and `flats` (polygon, level [m]) lie on it, with banks between, and that
    it stays below `lids`."""
    limit = _street_limit(ground, net, bridges=False)
    street = np.isfinite(limit)
    fixed = street.copy()
    target = np.where(street, limit, ground.heights)
    total, weight, highest = _lot_levels(ground, parcels)
    lot = (weight > 0) & ~street
    # between lots of different levels the mean, but no house loses the ground under its walls
    target[lot] = np.maximum(total[lot] / weight[lot], highest[lot] - _STEP_M)
    fixed |= lot
    ceiling = np.fmin(limit, _street_limit(ground, net, bridges=True) - 0.2) - _UNDER_M
    for polygon, level in flats:
        own = ground.inside(polygon.buffer(ground.cell_m * 0.75))
        target[own & ~street] = level
        fixed |= own
        wide = ground.inside(polygon.buffer(1.42 * ground.cell_m))
        ceiling = np.where(wide, np.fmin(ceiling, level - _UNDER_M), ceiling)
    for polygon, level in lids:
        ceiling = np.where(
            ground.inside(polygon.buffer(1.42 * ground.cell_m)), np.fmin(ceiling, level - _UNDER_M), ceiling
        )
    blend_to(ground, fixed & ~water, target, water=water)
    ground.heights = np.where(water, ground.heights, np.maximum(ground.heights, highest - _STEP_M))
    ground.heights = np.fmin(ground.heights, ceiling)


def _street_limit(ground: Ground, net: Network, *, bridges: bool) -> Array:
    """For each vertex (rows, cols) the lowest paving (of streets, or of bridges) on any cell it belongs to; nan: none."""
    rows, cols = ground.heights.shape
    points, levels = [], []
    for edge in net.edges:
        if (edge.kind == "bridge") != bridges:
            continue
        line = resampled(_prolonged(edge.points, edge.profile.half_m), 1.25)
        step = np.gradient(line[:, :2], axis=0)
        step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
        side = np.stack([-step[:, 1], step[:, 0]], -1)
        half = edge.profile.half_m + (0.5 if edge.profile.sidewalk_m else 1.4)
        across = np.linspace(-half, half, int(np.ceil(2 * half / 1.25)) + 1)
        points.append((line[:, None, :2] + across[None, :, None] * side[:, None, :]).reshape(-1, 2))
        levels.append(np.repeat(line[:, 2], len(across)))
    limit = np.full(rows * cols, np.inf)
    if points:
        xy, z = np.concatenate(points), np.concatenate(levels)
        j = ((xy[:, 0] - ground.origin[0]) / ground.cell_m).astype(int)
        i = ((xy[:, 1] - ground.origin[1]) / ground.cell_m).astype(int)
        ok = (i >= 0) & (j >= 0) & (i < rows - 1) & (j < cols - 1)
        at = (i * cols + j)[ok]
        for corner in (0, 1, cols, cols + 1):
            np.minimum.at(limit, at + corner, z[ok])
    limit[np.isinf(limit)] = np.nan
    return limit.reshape(rows, cols)


def _prolonged(points: Array, by_m: float) -> Array:
    """A centreline (k,3) that goes on level for some metres at both ends, as broad street ends do."""
    first, last = points[0] - points[1], points[-1] - points[-2]
    ends = [
        p + by_m * np.array([*(d[:2] / max(float(np.hypot(d[0], d[1])), 1e-9)), 0.0])
        for p, d in ((points[0], first), (points[-1], last))
    ]
    return np.concatenate([ends[:1], points, ends[1:]])


def _lot_levels(ground: Ground, parcels: Sequence[Parcel]) -> tuple[Array, Array, Array]:
    """For each vertex (rows, cols) the sum of the levels of the parcels it lies in or just beside, their number, and the
    highest of those in whose cells it is."""
    shape = ground.heights.shape
    total, weight = np.zeros(ground.heights.size), np.zeros(ground.heights.size)
    highest = np.full(ground.heights.size, -np.inf)
    if not parcels:
        return total.reshape(shape), weight.reshape(shape), highest.reshape(shape)
    rings = shapely.linearrings(
        np.concatenate([parcel.polygon for parcel in parcels]),
        indices=np.repeat(np.arange(len(parcels)), [len(parcel.polygon) for parcel in parcels]),
    )
    shapes = shapely.polygons(rings)
    lots = shapely.buffer(shapes, 0.4 * ground.cell_m, join_style="mitre", mitre_limit=1.5)
    cells = shapely.buffer(shapes, 1.1 * ground.cell_m, join_style="mitre", mitre_limit=1.5)
    base = np.array([parcel.base_m for parcel in parcels])
    x0, y0, x1, y1 = np.array(shapely.bounds(cells)).T
    rows, cols = ground.heights.shape
    j0 = np.clip(np.ceil((x0 - ground.origin[0]) / ground.cell_m), 0, cols - 1).astype(int)
    i0 = np.clip(np.ceil((y0 - ground.origin[1]) / ground.cell_m), 0, rows - 1).astype(int)
    wide = np.clip(np.floor((x1 - ground.origin[0]) / ground.cell_m), 0, cols - 1).astype(int) - j0 + 1
    tall = np.clip(np.floor((y1 - ground.origin[1]) / ground.cell_m), 0, rows - 1).astype(int) - i0 + 1
    count = np.maximum(wide, 0) * np.maximum(tall, 0)
    owner = np.repeat(np.arange(len(parcels)), count)
    order = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    i, j = i0[owner] + order // wide[owner], j0[owner] + order % wide[owner]
    x, y = ground.origin[0] + ground.cell_m * j, ground.origin[1] + ground.cell_m * i
    shapely.prepare(lots)
    shapely.prepare(cells)
    about = shapely.contains_xy(cells[owner], x, y)
    np.maximum.at(highest, (i * cols + j)[about], base[owner[about]])
    inside = shapely.contains_xy(lots[owner], x, y)
    at = (i * cols + j)[inside]
    np.add.at(total, at, base[owner[inside]])
    np.add.at(weight, at, 1.0)
    return total.reshape(shape), weight.reshape(shape), highest.reshape(shape)
