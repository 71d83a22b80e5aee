"""The ground and the waters as triangles, with an apron beyond the map's edge so that the world has a horizon."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import mapbox_earcut
import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.render.horizon import RINGS_M, far_land
from bridge.scene import Scene, Water

TILE = 16
"""Cells along a tile of terrain."""
HEM_M = 0.4
"""How far a skirt hangs from a tile of the true ground."""
_SECTORS = 24
"""Parts of the apron around the map."""
APRON_M = float(RINGS_M[-1])
"""How far the apron reaches beyond the map [m]."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """One piece of ground: `positions`, `normals` float32 (n,3), `indices` uint32 (m,3).

    The last `skirt` triangles hang from its edges.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    indices: NDArray[np.uint32]
    skirt: int = 0


def grid_normals(heights: NDArray, cell_m: float) -> NDArray[np.float32]:
    """Smooth upward normals (rows, cols, 3) of a height field."""
    dy, dx = np.gradient(heights.astype(np.float64), cell_m)
    normals = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    return (normals / np.linalg.norm(normals, axis=-1, keepdims=True)).astype(np.float32)


def terrain_tiles(scene: Scene) -> Iterator[Sheet]:
    """The terrain in tiles, on the very triangles of `Terrain.height_at`."""
    for positions, normals in grid_tiles(scene):
        yield Sheet(positions.reshape(-1, 3), normals.reshape(-1, 3), _grid_indices(*positions.shape[:2]))


def grid_vertices(scene: Scene) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Positions and normals (rows, cols, 3) of the terrain's vertices."""
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    x = terrain.origin[0] + terrain.cell_m * np.arange(cols)
    y = terrain.origin[1] + terrain.cell_m * np.arange(rows)
    xx, yy = np.meshgrid(x, y)
    positions = np.stack([xx, yy, terrain.heights], axis=-1).astype(np.float32)
    return positions, grid_normals(terrain.heights, terrain.cell_m)


def grid_tiles(scene: Scene) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Positions and normals (rows, cols, 3) each of every tile."""
    positions, normals = grid_vertices(scene)
    rows, cols = positions.shape[:2]
    for i in range(0, rows - 1, TILE):
        for j in range(0, cols - 1, TILE):
            part = (slice(i, min(i + TILE + 1, rows)), slice(j, min(j + TILE + 1, cols)))
            yield positions[part], normals[part]


def skirted(points: NDArray, normals: NDArray) -> Sheet:
    """A tile with a skirt, which hangs from its edges."""
    ring, triangles = _framed_grid(*points.shape[:2])
    flat, flat_normals = points.reshape(-1, 3), normals.reshape(-1, 3)
    hem = flat[ring] - np.array([0, 0, HEM_M], np.float32)
    return Sheet(
        np.concatenate([flat, hem]).astype(np.float32),
        np.concatenate([flat_normals, flat_normals[ring]]),
        triangles,
        2 * len(ring),
    )


@cache
def _framed_grid(rows: int, cols: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The vertices around a grid, and its triangles with those of a hem that hangs from these vertices."""
    grid = np.arange(rows * cols).reshape(rows, cols)
    ring = np.concatenate([grid[0, :-1], grid[:-1, -1], grid[-1, :0:-1], grid[:0:-1, 0]])
    here = np.arange(len(ring))
    after = (here + 1) % len(ring)
    top, low = ring, rows * cols + here
    skirt = np.concatenate([np.stack([top, low, low[after]], 1), np.stack([top, low[after], top[after]], 1)])
    return ring, np.concatenate([_grid_indices(rows, cols), skirt]).astype(np.uint32)


def _grid_indices(rows: int, cols: int) -> NDArray[np.uint32]:
    sw = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)[None, :]).ravel()
    below = np.stack([sw, sw + 1, sw + cols + 1], axis=1)
    above = np.stack([sw, sw + cols + 1, sw + cols], axis=1)
    return np.concatenate([below, above]).astype(np.uint32)


def _border(scene: Scene, spacing_m: float) -> NDArray[np.float64]:
    """Points (n,2) along the edge of the terrain, counter-clockwise from the south-west corner."""
    low, high = _corners(scene)
    along = max(int(round(float((high - low).max()) / spacing_m)), 8)
    t = np.arange(along) / along
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    sides = [corners[k] + t[:, None] * (corners[(k + 1) % 4] - corners[k]) for k in range(4)]
    return np.concatenate(sides)


def _corners(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """South-west and north-east corner (2,) of the terrain [m]."""
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    low = np.array(terrain.origin, dtype=np.float64)
    return low, low + terrain.cell_m * np.array([cols - 1, rows - 1])


def apron(scene: Scene) -> Sheet:
    """Ground beyond the edge: land goes on as far_land has it, sea bed sinks away."""
    edge = _border(scene, 4 * scene.terrain.cell_m)
    low, high = _corners(scene)
    outward = (edge - (low + high) / 2) / ((high - low) / 2)
    height = scene.terrain.height_at(edge)
    level = _border_level(scene)
    wet = np.zeros(len(edge)) if level is None else (height < level + 0.3).astype(np.float64)
    kernel = np.hanning(13) / np.hanning(13).sum()
    sea = np.convolve(np.concatenate([wet[-6:], wet, wet[:6]]), kernel, mode="valid")
    beyond = far_land(scene)
    rings = []
    for distance in RINGS_M.tolist():
        xy = edge + outward * distance
        far = min(distance / 300.0, 1.0)
        land = height * (1 - 0.6 * far) + beyond(xy, distance) * (1 - sea) ** 2
        bed = -min(distance * 0.12, 12.0) * sea
        rings.append(np.column_stack([xy, land + bed - (0.02 if distance else 0.0)]))
    positions = np.concatenate(rings)
    count = len(edge)
    here = np.arange(count)
    after = (here + 1) % count
    indices = []
    for ring in range(len(RINGS_M) - 1):
        inner, outer = ring * count, (ring + 1) * count
        indices.append(np.stack([inner + here, outer + here, outer + after], axis=1))
        indices.append(np.stack([inner + here, outer + after, inner + after], axis=1))
    triangles = np.concatenate(indices)
    corners = positions[triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.stack([np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), len(positions)) for k in range(3)], 1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Sheet(positions.astype(np.float32), normals.astype(np.float32), triangles.astype(np.uint32))


def apron_sectors(scene: Scene) -> Iterator[Sheet]:
    """The apron in sectors around the map, so that what lies behind a camera can be left out."""
    sheet = apron(scene)
    middle = np.mean(_corners(scene), axis=0)
    x, y = (sheet.positions[sheet.indices, :2].mean(axis=1) - middle).T
    sector = np.floor((np.arctan2(y, x) / (2 * np.pi) + 0.5) * _SECTORS).astype(np.int64).clip(0, _SECTORS - 1)
    for number in range(_SECTORS):
        used, indices = np.unique(sheet.indices[sector == number], return_inverse=True)
        yield Sheet(sheet.positions[used], sheet.normals[used], indices.reshape(-1, 3).astype(np.uint32))


def _border_level(scene: Scene) -> float | None:
    """The level of the largest water that touches the map's edge, or None."""
    index = border_water(scene)
    return None if index is None else scene.waters[index].level_m


def border_water(scene: Scene) -> int | None:
    """Which water goes on beyond the map's edge: the largest that touches it."""
    low, high = _corners(scene)
    low, high = low + scene.terrain.cell_m, high - scene.terrain.cell_m
    touching = []
    for index, water in enumerate(scene.waters):
        x, y = np.asarray(water.polygon, dtype=np.float64).T
        if x.min() < low[0] or y.min() < low[1] or x.max() > high[0] or y.max() > high[1]:
            area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
            touching.append((area, -index))
    return -max(touching)[1] if touching else None


def water_sheets(scene: Scene) -> Iterator[Sheet]:
    """The waters' surfaces in their order, facing up; the one at the map's edge goes on to the horizon."""
    outer = border_water(scene)
    for index, water in enumerate(scene.waters):
        xy, triangles = _triangulated(water)
        if index == outer:
            ring, more = _sea_ring(scene)
            triangles = np.concatenate([triangles, more + len(xy)])
            xy = np.concatenate([xy, ring])
        positions = np.column_stack([xy, np.full(len(xy), water.level_m)]).astype(np.float32)
        normals = np.tile(np.array([0, 0, 1], np.float32), (len(positions), 1))
        yield Sheet(positions, normals, triangles.astype(np.uint32))


def drowned(waters: Sequence[Water], low: NDArray, high: NDArray) -> NDArray[np.bool_]:
    """Which boxes (n,3) lie wholly under the surface of a water, where nothing is seen of them."""
    hidden = np.zeros(len(low), bool)
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    for water in waters:
        area = shapely.make_valid(shapely.Polygon(water.polygon, water.holes))
        shapely.prepare(area)
        hidden |= (high[:, 2] < water.level_m - 0.05) & shapely.covers(area, boxes)
    return hidden


def _triangulated(water: Water) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rings = [water.polygon, *water.holes]
    xy = np.concatenate(rings).astype(np.float64)
    ends = np.cumsum([len(ring) for ring in rings]).astype(np.uint32)
    triangles = mapbox_earcut.triangulate_float64(xy, ends).reshape(-1, 3).astype(np.int64)
    a, b, c = np.moveaxis(xy[triangles], 1, 0)
    is_down = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0] < 0
    triangles[is_down] = triangles[is_down][:, ::-1]
    return xy, triangles


def _sea_ring(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    low, high = _corners(scene)
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    far = corners + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * APRON_M
    here, after = np.arange(4), (np.arange(4) + 1) % 4
    outer, next_outer = here + 4, after + 4
    triangles = np.concatenate([np.stack([here, outer, next_outer], 1), np.stack([here, next_outer, after], 1)])
    return np.concatenate([corners, far]), triangles
