"""Least-cost ways over the ground: along valleys rather than over hills, on streets that are there, seldom over water."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.polygons import resampled, smoothed
from scene_gen.build.ground.terrain import Ground
from scene_gen.plan.artefacts import BUILT, Plan

Array = NDArray[np.float64]
_COST = {"#": 0.4, "G": 1.3, "A": 1.6, "Y": 1.7, "S": 1.1, "F": 2.2, "H": 1.9, "M": 3.5, "D": 1.3, "B": 2.5, "P": 2.6,
         "W": 12.0}  # fmt: skip


class PathGrid:
    """A grid of possible way points, 8 to 16 m apart, with the cost of going between neighbours."""

    def __init__(
        self, plan: Plan, ground: Ground, water: BaseGeometry, blocked: BaseGeometry, max_slope: float
    ) -> None:
        spacing = float(np.clip(plan.size_m / 80, 8.0, 16.0))
        self.count = int(round(plan.size_m / spacing))
        self.spacing = plan.size_m / self.count
        line = -plan.size_m / 2 + self.spacing * (np.arange(self.count + 1))
        x, y = np.meshgrid(line, line)
        self.xy = np.stack([x.ravel(), y.ravel()], axis=-1)
        height = ground.at(self.xy)
        letters = plan.zone_at(self.xy)
        shapely.prepare(water)
        wet = shapely.contains_xy(water, self.xy[:, 0], self.xy[:, 1])
        cost = np.full(len(self.xy), 1.0)
        for letter, factor in _COST.items():
            cost[letters == letter] = factor
        self.built = np.isin(letters, list(BUILT))
        bank = shapely.dwithin(water, shapely.points(self.xy), 11.0)
        cost[~wet & bank & ~np.isin(letters, ["Q", "#"])] *= 2.5
        cost[wet] = np.where(letters[wet] == "#", 4.0, 14.0)
        if not blocked.is_empty:
            shapely.prepare(blocked)
            cost[shapely.contains_xy(blocked, self.xy[:, 0], self.xy[:, 1])] = 40.0
        self.wet, self.cost, self._water = wet, cost, water
        self._edges(height, max_slope)

    def _edges(self, height: Array, max_slope: float) -> None:
        n = self.count + 1
        index = np.arange(n * n).reshape(n, n)
        steps = [(0, 1), (1, 0), (1, 1), (1, -1)]
        if n < 150:
            steps += [(1, 2), (2, 1), (1, -2), (2, -1)]
        a, b = [], []
        for di, dj in steps:
            from_, to = index[: n - di, max(0, -dj) : n - max(0, dj)], index[di:, max(0, dj) : n + min(0, dj)]
            a.append(from_.ravel())
            b.append(to.ravel())
        self._a, self._b = np.concatenate(a), np.concatenate(b)
        self._length = np.linalg.norm(self.xy[self._a] - self.xy[self._b], axis=1)
        dry = ~(self.wet[self._a] | self.wet[self._b])
        slope = np.where(dry, np.abs(height[self._a] - height[self._b]) / self._length, 0.0) / max_slope
        self._base = self._length * (1 + 2.5 * slope**2 + 8.0 * np.maximum(slope - 1, 0))

    def dry(self, points: Array) -> Array:
        """Those of the points (n,2) that lie well off the water, or all if none do."""
        off = ~shapely.dwithin(self._water, shapely.points(points), 7.0)
        return points[off] if off.any() else points

    def nearest(self, points: Array) -> NDArray[np.intp]:
        """Grid nodes nearest to points (n,2)."""
        ij = np.rint((np.atleast_2d(points)[:, ::-1] - self.xy[0, ::-1]) / self.spacing).astype(int)
        ij = np.clip(ij, 0, self.count)
        return ij[:, 0] * (self.count + 1) + ij[:, 1]

    def way(
        self, sources: Array, targets: Array, streets: BaseGeometry, *, along: BaseGeometry | None = None
    ) -> Array | None:
        """The cheapest way (k,2) from any of `sources` (n,2) to any of `targets` (m,2), drawn to existing `streets`.

        With `along` it keeps to that shape's middle where it can.
        """
        factor = np.ones(len(self.cost))
        if along is not None:
            factor = np.where(self._mask(along), 1.0, 8.0)
            for inset, times in ((8.0, 2.0), (15.0, 1.5), (24.0, 1.3)):
                factor *= np.where(self._mask(along.buffer(-inset)), 1.0, times)
        if not streets.is_empty:
            near = self._mask(streets.buffer(32.0))
            on = self._mask(streets.buffer(0.72 * self.spacing))
            factor[near & ~on] = 1.7
            factor[on] = 0.35
        node = self.cost * factor
        weight = self._base * (node[self._a] + node[self._b]) / 2
        graph = csr_array((weight, (self._a, self._b)), shape=(len(node), len(node)))
        start, goal = np.unique(self.nearest(sources)), np.unique(self.nearest(targets))
        distance, before, _ = dijkstra(graph, directed=False, indices=start, return_predecessors=True, min_only=True)
        end = goal[int(np.argmin(distance[goal]))]
        if not np.isfinite(distance[end]):
            return None
        chain = [int(end)]
        while before[chain[-1]] >= 0:
            chain.append(int(before[chain[-1]]))
        return self.xy[chain[::-1]] if len(chain) > 1 else None

    def _mask(self, shape: BaseGeometry) -> NDArray[np.bool_]:
        shapely.prepare(shape)
        return shapely.contains_xy(shape, self.xy[:, 0], self.xy[:, 1])


def curved(way: Array, *, tolerance_m: float = 5.0, step_m: float = 6.0, passes: int = 14) -> Array:
    """A grid way made into a smooth curve with the same ends."""
    coarse = shapely.get_coordinates(shapely.simplify(shapely.linestrings(way), tolerance_m))
    return smoothed(resampled(coarse, step_m), passes)
