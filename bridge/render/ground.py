"""The ground and the waters as triangles, with an apron beyond the map's edge so that the world has a horizon."""

from collections.abc import Iterator

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from bridge.render.patterns import noise
from bridge.scene import Scene, Water

TILE = 32
"""Cells along a tile of terrain."""
APRON_M = 6000.0
"""How far the apron reaches beyond the map [m]."""
_RINGS_M = np.array([0.0, 25.0, 70.0, 150.0, 300.0, 600.0, 1100.0, 2000.0, 3600.0, APRON_M])


class Tile:
    """Triangles of one piece of ground: `positions`, `normals` float32 (n,3), `ids` uint32 (n,), `indices` (m,3)."""

    def __init__(self, positions: NDArray, normals: NDArray, indices: NDArray) -> None:
        self.positions = positions.astype(np.float32)
        self.normals = normals.astype(np.float32)
        self.indices = indices.astype(np.uint32)
        self.ids = np.ones(len(positions), np.uint32)


def grid_normals(heights: NDArray, cell_m: float) -> NDArray[np.float32]:
    """Smooth upward normals (rows, cols, 3) of a height field."""
    dy, dx = np.gradient(heights.astype(np.float64), cell_m)
    normals = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    return (normals / np.linalg.norm(normals, axis=-1, keepdims=True)).astype(np.float32)


def terrain_triangles(scene: Scene) -> Iterator[Tile]:
    """The terrain in tiles, on the very triangles of `Terrain.height_at`, and then the apron around it.

    Tiles that lie wholly under a water's surface by more than half a metre are left out: nothing sees them.
    """
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    x = terrain.origin[0] + terrain.cell_m * np.arange(cols)
    y = terrain.origin[1] + terrain.cell_m * np.arange(rows)
    normals = grid_normals(terrain.heights, terrain.cell_m)
    for i in range(0, rows - 1, TILE):
        for j in range(0, cols - 1, TILE):
            part = (slice(i, min(i + TILE + 1, rows)), slice(j, min(j + TILE + 1, cols)))
            heights = terrain.heights[part]
            xx, yy = np.meshgrid(x[part[1]], y[part[0]])
            positions = np.stack([xx, yy, heights], axis=-1).reshape(-1, 3)
            yield Tile(positions, normals[part].reshape(-1, 3), _grid_indices(*heights.shape))
    yield _apron(scene)


def _grid_indices(rows: int, cols: int) -> NDArray[np.uint32]:
    sw = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)[None, :]).ravel()
    below = np.stack([sw, sw + 1, sw + cols + 1], axis=1)
    above = np.stack([sw, sw + cols + 1, sw + cols], axis=1)
    return np.concatenate([below, above]).astype(np.uint32)


def _border(scene: Scene, spacing_m: float) -> NDArray[np.float64]:
    """Points (n,2) along the edge of the terrain, counter-clockwise from the south-west corner."""
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    low = np.array(terrain.origin, dtype=np.float64)
    high = low + terrain.cell_m * np.array([cols - 1, rows - 1])
    along = max(int(round((high - low).max() / spacing_m)), 8)
    t = np.arange(along) / along
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    sides = [corners[k] + t[:, None] * (corners[(k + 1) % 4] - corners[k]) for k in range(4)]
    return np.concatenate(sides)


def _apron(scene: Scene) -> Tile:
    """Ground beyond the edge: land goes on and rolls into hills, sea bed sinks away."""
    edge = _border(scene, 4 * scene.terrain.cell_m)
    middle = (edge.min(axis=0) + edge.max(axis=0)) / 2
    outward = edge - middle
    outward /= np.abs(outward).max(axis=1, keepdims=True)
    height = scene.terrain.height_at(edge)
    level = _border_level(scene)
    wet = np.zeros(len(edge)) if level is None else (height < level + 0.3).astype(np.float64)
    kernel = np.hanning(13) / np.hanning(13).sum()
    sea = np.convolve(np.concatenate([wet[-6:], wet, wet[:6]]), kernel, mode="valid")
    hills = noise(41, 1.9)
    rings = []
    for distance in _RINGS_M:
        xy = edge + outward * distance
        cell = np.floor(xy / 60.0).astype(int) % hills.shape[0]
        roll = (hills[cell[:, 1], cell[:, 0]] * 0.5 + 0.9) * min(distance / 1400.0, 1.6) * 42.0
        far = min(distance / 300.0, 1.0)
        land = height * (1 - 0.6 * far) + np.maximum(roll, -2.0) * (1 - sea) ** 2
        bed = -min(distance * 0.12, 12.0) * sea
        rings.append(np.column_stack([xy, land + bed - (0.02 if distance else 0.0)]))
    positions = np.concatenate(rings)
    count = len(edge)
    here = np.arange(count)
    after = (here + 1) % count
    indices = []
    for ring in range(len(_RINGS_M) - 1):
        inner, outer = ring * count, (ring + 1) * count
        indices.append(np.stack([inner + here, outer + here, outer + after], axis=1))
        indices.append(np.stack([inner + here, outer + after, inner + after], axis=1))
    triangles = np.concatenate(indices)
    corners = positions[triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.stack([np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), len(positions)) for k in range(3)], 1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Tile(positions, normals, triangles)


def _border_level(scene: Scene) -> float | None:
    """The level of the largest water that touches the map's edge, or None."""
    index = border_water(scene)
    return None if index is None else scene.waters[index].level_m


def border_water(scene: Scene) -> int | None:
    """Which water goes on beyond the map's edge: the largest that touches it."""
    x0, y0 = scene.terrain.origin
    rows, cols = scene.terrain.heights.shape
    x1, y1 = x0 + (cols - 1) * scene.terrain.cell_m, y0 + (rows - 1) * scene.terrain.cell_m
    margin = scene.terrain.cell_m
    touching = []
    for index, water in enumerate(scene.waters):
        x, y = water.polygon.T
        if x.min() < x0 + margin or y.min() < y0 + margin or x.max() > x1 - margin or y.max() > y1 - margin:
            area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
            touching.append((area, -index))
    return -max(touching)[1] if touching else None


def water_triangles(scene: Scene) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.uint32]]]:
    """Per water its index, positions (n,3) and triangles (m,3), facing up; the one at the edge goes on to the horizon."""
    outer = border_water(scene)
    for index, water in enumerate(scene.waters):
        xy, triangles = _triangulated(water)
        if index == outer:
            ring, more = _sea_ring(scene)
            triangles = np.concatenate([triangles, more + len(xy)])
            xy = np.concatenate([xy, ring])
        positions = np.column_stack([xy, np.full(len(xy), water.level_m)]).astype(np.float32)
        yield index, positions, triangles.astype(np.uint32)


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
    corners = _border(scene, 1e9)[::2][:4]
    edge = _border(scene, 1e9)
    low, high = edge.min(axis=0), edge.max(axis=0)
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    far = corners + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * APRON_M
    xy = np.concatenate([corners, far])
    here, after = np.arange(4), (np.arange(4) + 1) % 4
    outer, next_outer = here + 4, after + 4
    return xy, np.concatenate([np.stack([here, outer, next_outer], 1), np.stack([here, next_outer, after], 1)])
