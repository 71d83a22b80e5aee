"""How high the ground is, exactly: the terrain and the tops of everything that lies on it, by triangle lookup."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.scene import Part, Terrain

Array = NDArray[np.float64]
GROUND = frozenset({"road", "sidewalk", "crossing", "dock", "bridge", "terrain"})
"""Semantic classes of parts that one can stand on."""
_STEEPEST = 0.35  # z of a unit normal: anything steeper is a side, not a top


class Surfaces:
    """Top surfaces of the ground: `terrain`, and the parts of the classes in GROUND.

    Triangles are binned into the square cells they touch; a query tests the triangles of its own cell, so the heights
    are those of the meshes themselves.
    """

    def __init__(self, terrain: Terrain, parts: Iterable[Part], *, cell_m: float = 3.0) -> None:
        self.terrain = terrain
        self.parts = tuple(part for part in parts if part.semantic in GROUND and len(part.mesh.triangles))
        corners = [part.mesh.vertices[part.mesh.triangles].astype(np.float64) for part in self.parts]
        owner = np.repeat(np.arange(len(corners)), [len(c) for c in corners])
        triangles = np.concatenate(corners) if corners else np.zeros((0, 3, 3))
        a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
        normal = np.cross(b - a, c - a)
        size = np.linalg.norm(normal, axis=1)
        top = (size > 1e-9) & (normal[:, 2] > _STEEPEST * size)
        self._a, self._b, self._c, self._owner = a[top], b[top], c[top], owner[top]
        self._cell = cell_m
        self._bin()

    def _bin(self) -> None:
        corners = np.stack([self._a, self._b, self._c], axis=1)[:, :, :2]
        if not len(corners):
            self._origin, self._shape = np.zeros(2), (0, 0)
            self._start, self._items = np.zeros(1, dtype=int), np.zeros(0, dtype=int)
            return
        self._origin = corners.min(axis=(0, 1))
        local = (corners - self._origin) / self._cell
        columns, rows = np.floor(local.max(axis=(0, 1))).astype(int) + 1
        self._shape = (int(rows), int(columns))
        first, last = np.floor(local[:, :, 1].min(axis=1)).astype(int), np.floor(local[:, :, 1].max(axis=1)).astype(int)
        triangle, row = _spread(first, last)
        low, high = _span(local[triangle], row)
        item, column = _spread(np.floor(low).astype(int), np.minimum(np.floor(high).astype(int), columns - 1))
        cell = row[item] * columns + column
        order = np.argsort(cell, kind="stable")
        self._items = triangle[item[order]]
        self._start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=rows * columns))])

    def top(self, xy: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
        """Height [m] of what lies on top at points (n,2), and the index of the part it belongs to (-1: terrain)."""
        xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        height = self.terrain.height_at(xy)
        part = np.full(len(xy), -1)
        rows, columns = self._shape
        if not rows or not len(xy):
            return height, part
        place = np.floor((xy - self._origin) / self._cell).astype(int)
        inside = np.flatnonzero((place >= 0).all(axis=1) & (place[:, 0] < columns) & (place[:, 1] < rows))
        cell = place[inside, 1] * columns + place[inside, 0]
        count = self._start[cell + 1] - self._start[cell]
        query = np.repeat(inside, count)
        rank = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
        triangle = self._items[np.repeat(self._start[cell], count) + rank]
        p = xy[query]
        a, b, c = self._a[triangle], self._b[triangle], self._c[triangle]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        v = ((p[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (p[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
        w = ((b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0])) / area
        hit = (v >= -1e-6) & (w >= -1e-6) & (v + w <= 1 + 1e-6)
        query, triangle, v, w = query[hit], triangle[hit], v[hit], w[hit]
        z = self._a[triangle, 2] * (1 - v - w) + self._b[triangle, 2] * v + self._c[triangle, 2] * w
        is_shared = np.bincount(query, minlength=len(xy))[query] > 1
        shared = np.flatnonzero(is_shared)
        order = np.concatenate([np.flatnonzero(~is_shared), shared[np.lexsort((triangle[shared], z[shared]))]])
        query, z, triangle = query[order], z[order], triangle[order]
        best = np.full(len(xy), -np.inf)
        owner = np.full(len(xy), -1)
        best[query] = z  # the last write at an index is the highest
        owner[query] = self._owner[triangle]
        above = best >= height - 1e-3
        return np.where(above, best, height), np.where(above, owner, part)

    def height(self, xy: ArrayLike) -> Array:
        """Height [m] of what lies on top at points (n,2)."""
        return self.top(xy)[0]


def _spread(first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All whole numbers from first to last of each range: the range's index and the number."""
    count = last - first + 1
    index = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)
    return index, first[index] + rank


def _span(corners: Array, row: NDArray[np.intp]) -> tuple[Array, Array]:
    """How far triangles (n,3,2) reach in x within the strips row <= y <= row + 1, with a hair to spare."""
    low, high = np.full(len(corners), np.inf), np.full(len(corners), -np.inf)
    bottom, top = row - 1e-6, row + 1 + 1e-6
    for a, b in ((0, 1), (1, 2), (2, 0)):
        (xa, ya), (xb, yb) = corners[:, a].T, corners[:, b].T
        rise = np.where(np.abs(yb - ya) < 1e-12, 1e-12, yb - ya)
        t = np.sort(np.stack([(bottom - ya) / rise, (top - ya) / rise]), axis=0)
        begin, end = np.maximum(t[0], 0.0), np.minimum(t[1], 1.0)
        meets = begin <= end
        x = np.stack([xa + begin * (xb - xa), xa + end * (xb - xa)])
        low = np.where(meets, np.minimum(low, x.min(axis=0)), low)
        high = np.where(meets, np.maximum(high, x.max(axis=0)), high)
    return np.maximum(low - 1e-6, 0.0), np.maximum(high + 1e-6, 0.0)
