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

    Triangles are binned into square cells by their bounding boxes; a query tests the triangles of its own cell, so the
    heights are those of the meshes themselves.
    """

    def __init__(self, terrain: Terrain, parts: Iterable[Part], *, cell_m: float = 5.0) -> None:
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
        low, high = corners.min(axis=1), corners.max(axis=1)
        self._origin = low.min(axis=0)
        first = ((low - self._origin) / self._cell).astype(int)
        last = ((high - self._origin) / self._cell).astype(int)
        columns, rows = last.max(axis=0) + 1
        self._shape = (int(rows), int(columns))
        wide, tall = (last - first + 1).T
        count = wide * tall
        item = np.repeat(np.arange(len(count)), count)
        rank = np.arange(len(item)) - np.repeat(np.cumsum(count) - count, count)
        cell = (first[item, 1] + rank // wide[item]) * columns + first[item, 0] + rank % wide[item]
        order = np.argsort(cell, kind="stable")
        self._items = item[order]
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
        order = np.lexsort((triangle, z))
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
