"""What drivers of a town are judged by: lanes, limits and lights along a route, and where there is no lane at all."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.control.lane_map import LaneMap
from bridge.control.town import Town
from bridge.tasks.drive.config import LIMITS_M_S

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
_AGAINST = -0.5
"""Cosine of the angle to a lane beyond which one goes against it."""
_BEGIN_M, _LEAVE_M = 8.0, 6.0
"""How far from a lane's ends routes begin and end."""


@dataclass(frozen=True, eq=False)
class Route:
    """A way along lanes, a sample a metre: `points` (k,2) [m], `z` (k,) [m], `headings` (k,2), `arc_m` (k,) along it, `limit_m_s` (k,).

    `edge` (k,) is the lane edge of each sample; `entries` (n,) are the samples where a turn through a junction begins, `turns` (n,) the
    turns; `crossings` (c,2) walkers' crossings on the way: sample, and number in the lane map.
    """

    points: Array
    z: Array
    headings: Array
    arc_m: Array
    limit_m_s: Array
    edge: Ints
    entries: Ints
    turns: Ints
    crossings: Ints

    @property
    def length_m(self) -> float:
        """From its first sample to its last."""
        return float(self.arc_m[-1])

    def place(self, xy: ArrayLike, done_m: float, *, back_m: float = 2.0, ahead_m: float = 15.0) -> tuple[float, float]:
        """How far along the route (2,) a place is, near where one was last, and how far to the left of it, both [m]."""
        at = np.asarray(xy, dtype=np.float64)
        first, last = np.searchsorted(self.arc_m, [done_m - back_m, done_m + ahead_m])
        near = slice(max(int(first) - 1, 0), min(int(last) + 1, len(self.points)))
        way = at - self.points[near]
        best = int(np.argmin((way**2).sum(axis=1)))
        ahead = self.headings[near][best]
        along = float(np.clip(way[best] @ ahead, -1.0, 1.0))
        return (
            float(np.clip(self.arc_m[near][best] + along, 0.0, self.length_m)),
            float(ahead[0] * way[best][1] - ahead[1] * way[best][0]),
        )

    def at(self, arc_m: ArrayLike) -> Array:
        """Points (..., 2) that far along; beyond the end straight on."""
        arc = np.asarray(arc_m, dtype=np.float64)
        inside = np.clip(arc, 0.0, self.length_m)
        point = np.stack([np.interp(inside, self.arc_m, self.points[:, axis]) for axis in (0, 1)], axis=-1)
        return point + (arc - inside)[..., None] * self.headings[-1]


class Roads:
    """The lanes of one town."""

    def __init__(self, town: Town, lanes: LaneMap) -> None:
        self.scene, self.lanes = town.scene, lanes
        self._on_turn = np.repeat(lanes.is_turn, np.diff(lanes.first))

    @cached_property
    def _tree(self):
        from scipy.spatial import cKDTree

        return cKDTree(self.lanes.points)

    @cached_property
    def limit_m_s(self) -> Array:
        """What may be driven at each sample of the lanes (k,): by the kind of the nearest street."""
        from scipy.spatial import cKDTree

        streets = [street for street in self.scene.roads.streets if sum(street.lanes)]
        if not streets:
            return np.full(len(self.lanes.points), LIMITS_M_S["street"])
        middles, limit = [], []
        for street in streets:
            line = street.centreline[:, :2]
            arc = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
            spots = np.linspace(0.0, arc[-1], max(int(arc[-1] / 2.0), 2))
            middles.append(np.stack([np.interp(spots, arc, line[:, axis]) for axis in (0, 1)], axis=1))
            limit += [LIMITS_M_S[street.kind]] * len(spots)
        return np.array(limit)[cKDTree(np.concatenate(middles)).query(self.lanes.points)[1]]

    def off_m(self, xy: Array) -> float:
        """How far a place (2,) is from the middle of the nearest lane or turn [m]."""
        return float(self._tree.query(xy)[0])

    def is_against(self, xy: Array, way: Array) -> bool:
        """Whether who goes along `way` (2,) is on a lane of the other direction; nobody is in a junction."""
        lanes = self.lanes
        near = np.asarray(self._tree.query_ball_point(xy, 4.0), dtype=np.int64)
        if not len(near) or self._on_turn[near].any():
            return False
        best = near[int(np.argmin(((lanes.points[near] - xy) ** 2).sum(axis=1)))]
        return bool(lanes.headings[best] @ way < _AGAINST)

    def draw(self, rng: np.random.Generator, *, least_m: float, most_m: float, apart: Array) -> Route | None:
        """A route along lanes that lead on for ever, its start 11 m or more from places (n,2); None if there is none."""
        lanes = self.lanes
        long = np.flatnonzero(lanes.used & ~lanes.is_turn & (lanes.length_m > _BEGIN_M + _LEAVE_M))
        for edge in rng.permutation(long).tolist():
            room = int(lanes.first[edge + 1] - lanes.first[edge] - _LEAVE_M)
            for sample in rng.permutation(np.arange(int(_BEGIN_M), max(room, int(_BEGIN_M) + 1)))[:8].tolist():
                start = lanes.points[lanes.first[edge] + sample]
                if len(apart) and np.linalg.norm(apart - start, axis=1).min() < 11.0:
                    continue
                route = self._led(rng, edge, sample, float(rng.uniform(least_m, most_m)))
                if route.length_m >= least_m:
                    return route
        return None

    def _led(self, rng: np.random.Generator, edge: int, sample: int, length_m: float) -> Route:
        """A route from a sample of an edge on, by turns that are drawn."""
        lanes = self.lanes
        rows = [np.arange(lanes.first[edge] + sample, lanes.first[edge + 1])]
        edges = [np.full(len(rows[0]), edge)]
        at = edge
        while sum(len(piece) for piece in rows) < length_m + 1.0:
            choice = [after for after in lanes.successors[at] if lanes.used[after]]
            if not choice:
                break
            at = choice[int(rng.integers(len(choice)))]
            rows.append(np.arange(lanes.first[at] + 1, lanes.first[at + 1]))
            edges.append(np.full(len(rows[-1]), at))
        return self.route(np.concatenate(rows), np.concatenate(edges), length_m)

    def route(self, rows: Ints, edge: Ints, length_m: float = np.inf) -> Route:
        """The route of samples `rows` (k,) of the lane map, on lane edges `edge` (k,), cut after a length."""
        lanes = self.lanes
        arc = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(lanes.points[rows], axis=0), axis=1))]
        kept = np.r_[True, np.diff(arc) > 1e-6] & (arc <= length_m)
        rows, edge, arc = rows[kept], edge[kept], arc[kept]
        begins = np.r_[False, edge[1:] != edge[:-1]] & lanes.is_turn[edge]
        crossing = lanes.crossing[rows]
        first = (crossing >= 0) & np.r_[True, crossing[1:] != crossing[:-1]]
        entries = np.flatnonzero(begins)
        return Route(
            lanes.points[rows], lanes.z[rows], lanes.headings[rows], arc, self.limit_m_s[rows], edge, entries,
            edge[entries], np.stack([np.flatnonzero(first), crossing[first]], axis=1),
        )  # fmt: skip
