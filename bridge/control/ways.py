"""Ways on foot or by lane on a scene's navigation graph: the nearest way, the shortest route (A*), distances to a goal."""

import heapq
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.scene import EDGE_KINDS, NavigationGraph

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
LANE, CROSSING = EDGE_KINDS.index("lane"), EDGE_KINDS.index("crossing")
_ASIDE_M = 1.5
"""Ways that are farther away than the nearest one by less than this count as near, too."""


@dataclass(frozen=True, eq=False)
class Foothold:
    """A point on an edge: `share` of the way from its first node to its second, at `point` (3,), `away_m` from where one is."""

    edge: int
    share: float
    point: Array
    away_m: float


@dataclass(frozen=True, eq=False)
class Route:
    """A way to go: `points` (k,3) [m], world frame, and the `edges` (k-1,) of the graph between them; `length_m`."""

    points: Array
    edges: Ints
    length_m: float


class Ways:
    """The walkers' or the vehicles' part of a navigation graph. Lanes are one-way, ways on foot go both ways."""

    def __init__(self, graph: NavigationGraph, *, lanes: bool) -> None:
        wanted = (graph.edge_kind == LANE) == lanes
        self.nodes = graph.nodes
        self.edges = graph.edges[wanted].astype(np.int64)
        self.kind = graph.edge_kind[wanted]
        self.are_lanes = lanes
        self._a, self._b = self.nodes[self.edges[:, 0]], self.nodes[self.edges[:, 1]]
        self.length_m = np.linalg.norm(self._b - self._a, axis=1)
        self._along = self._b[:, :2] - self._a[:, :2]
        self._squares = np.maximum(np.einsum("ni,ni->n", self._along, self._along), 1e-12)
        tails, heads, ids = self.edges[:, 0], self.edges[:, 1], np.arange(len(self.edges))
        if not lanes:
            tails, heads, ids = np.r_[tails, heads], np.r_[heads, tails], np.r_[ids, ids]
        order = np.lexsort((heads, tails))
        self._heads, self._ids = heads[order], ids[order]
        self._first = np.searchsorted(tails[order], np.arange(len(self.nodes) + 1))

    def footholds(self, xy: ArrayLike, *, count: int = 6) -> list[Foothold]:
        """The nearest points of the nearest edges, nearest first; those much farther than the first are left out."""
        if not len(self.edges):
            return []
        at = np.asarray(xy, dtype=np.float64)[:2]
        share = np.clip(np.einsum("ni,ni->n", at - self._a[:, :2], self._along) / self._squares, 0.0, 1.0)
        away = np.linalg.norm(self._a[:, :2] + share[:, None] * self._along - at, axis=1)
        near = np.flatnonzero(away <= away.min() + _ASIDE_M)
        near = near[np.argsort(away[near], kind="stable")[:count]]
        points = self._a[near] + share[near, None] * (self._b[near] - self._a[near])
        return [Foothold(int(e), float(share[e]), p, float(away[e])) for e, p in zip(near, points, strict=True)]

    def route(self, start: ArrayLike, goal: ArrayLike, *, closed: frozenset[int] = frozenset()) -> Route | None:
        """The shortest route between two points (2,) or (3,), over edges that are not `closed`; None if there is none."""
        starts = [hold for hold in self.footholds(start) if hold.edge not in closed]
        goals = [hold for hold in self.footholds(goal) if hold.edge not in closed]
        best = min((found for hold in goals[:3] if (found := self._search(starts, hold, closed))), default=None)
        return self._route(*best[1:]) if best else None

    def _search(
        self, starts: list[Foothold], goal: Foothold, closed: frozenset[int]
    ) -> tuple[float, int, int, list[int], list[int], Array, Array] | None:
        """A*: length, tie-breakers, nodes and edges on the way, and the two loose ends."""
        entries = {int(self.edges[goal.edge, 0]): goal.share * self.length_m[goal.edge]}
        if not self.are_lanes:
            entries[int(self.edges[goal.edge, 1])] = (1 - goal.share) * self.length_m[goal.edge]
        cost: dict[int, float] = {}
        came: dict[int, tuple[int, int]] = {}
        first: dict[int, Foothold] = {}
        queue: list[tuple[float, float, int]] = []
        best, direct = np.inf, None
        leaving, at, goal_at = self._leaving, self._at, tuple(goal.point.tolist())
        for hold in starts:
            if hold.edge == goal.edge and (not self.are_lanes or hold.share <= goal.share):
                length = hold.away_m + abs(hold.share - goal.share) * self.length_m[hold.edge]
                if length < best:
                    best, direct = length, hold
            exits = [(int(self.edges[hold.edge, 1]), 1 - hold.share)]
            if not self.are_lanes:
                exits.append((int(self.edges[hold.edge, 0]), hold.share))
            for node, share in exits:
                length = hold.away_m + share * self.length_m[hold.edge]
                if length < cost.get(node, np.inf):
                    cost[node], first[node] = length, hold
                    came.pop(node, None)
                    heapq.heappush(queue, (length + math.dist(at[node], goal_at), length, node))
        last = -1
        while queue:
            guess, length, node = heapq.heappop(queue)
            if guess >= best:
                break
            if length > cost[node]:
                continue
            if node in entries and length + entries[node] < best:
                best, last, direct = length + entries[node], node, None
            for edge, head, step in leaving[node]:
                longer = length + step
                if edge not in closed and longer < cost.get(head, math.inf):
                    cost[head], came[head] = longer, (node, edge)
                    first[head] = first[node]
                    heapq.heappush(queue, (longer + math.dist(at[head], goal_at), longer, head))
        total = best + goal.away_m
        if direct is not None:
            return total, goal.edge, -1, [], [goal.edge], direct.point, goal.point
        if last < 0:
            return None
        nodes, edges, node = [last], [goal.edge], last
        while node in came:
            node, edge = came[node]
            nodes.append(node)
            edges.append(edge)
        return total, goal.edge, last, nodes[::-1], [first[last].edge, *edges[::-1]], first[last].point, goal.point

    @cached_property
    def _leaving(self) -> list[list[tuple[int, int, float]]]:
        """For each node the edges one can take from it: which, where to, how long [m]."""
        rows = list(zip(self._ids.tolist(), self._heads.tolist(), self.length_m[self._ids].tolist(), strict=True))
        return [rows[begin:end] for begin, end in pairwise(self._first.tolist())]

    @cached_property
    def _at(self) -> list[tuple[float, ...]]:
        return [tuple(node) for node in self.nodes.tolist()]

    def _route(self, _edge: int, _last: int, nodes: list[int], edges: list[int], start: Array, goal: Array) -> Route:
        points = np.vstack([start, *self.nodes[nodes], goal]) if nodes else np.vstack([start, goal])
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        keep = np.r_[True, steps > 1e-6]
        if keep.sum() < 2:
            keep = np.array([True] + [False] * (len(points) - 2) + [True])
        return Route(points[keep], np.array(edges, dtype=np.int64)[keep[1:]], float(steps.sum()))

    def distances_to(self, goal: ArrayLike) -> "Distances":
        """How far it is to a point from everywhere on these ways."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        holds = self.footholds(goal)
        count = len(self.nodes)
        tails, heads = self.edges.T
        sizes = np.maximum(self.length_m, 1e-9)
        if not self.are_lanes:
            tails, heads, sizes = np.r_[tails, heads], np.r_[heads, tails], np.r_[sizes, sizes]
        ends = [(int(self.edges[h.edge, 0]), h.away_m + h.share * self.length_m[h.edge]) for h in holds]
        if not self.are_lanes:
            ends += [(int(self.edges[h.edge, 1]), h.away_m + (1 - h.share) * self.length_m[h.edge]) for h in holds]
        nearest = dict(sorted(ends, key=lambda end: -end[1]))  # the shortest of several to one node
        spots = np.array(list(nearest), dtype=np.int64)
        rows = np.r_[heads, np.full(len(spots), count)]
        columns = np.r_[tails, spots]
        order = np.lexsort((sizes_all := np.r_[sizes, np.maximum(list(nearest.values()), 1e-9)], columns, rows))
        rows, columns, sizes_all = rows[order], columns[order], sizes_all[order]
        once = np.r_[True, (np.diff(rows) != 0) | (np.diff(columns) != 0)]  # parallel edges: the shortest
        matrix = csr_array((sizes_all[once], (rows[once], columns[once])), shape=(count + 1, count + 1))
        from_node = dijkstra(matrix, indices=count)[:count]
        return Distances(self, np.asarray(goal, dtype=np.float64)[:2], holds, from_node)

    @cached_property
    def pieces(self) -> Ints:
        """For each node the number of the connected piece of ways it lies on, shape (n,)."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        count = len(self.nodes)
        matrix = csr_array((np.ones(len(self.edges)), tuple(self.edges.T)), shape=(count, count))
        return connected_components(matrix, directed=self.are_lanes, connection="strong")[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class Distances:
    """How far it is to one goal: `from_node` (n,) [m], inf where no way leads there."""

    ways: Ways
    goal_xy: Array
    footholds: list[Foothold]
    from_node: Array

    def at(self, xy: ArrayLike) -> float:
        """The length [m] of the shortest way from a point to the goal, the steps onto the ways and off them included."""
        at = np.asarray(xy, dtype=np.float64)[:2]
        best = np.inf
        for hold in self.ways.footholds(at):
            length = self.ways.length_m[hold.edge]
            tail, head = self.ways.edges[hold.edge]
            best = min(best, hold.away_m + (1 - hold.share) * length + self.from_node[head])
            if not self.ways.are_lanes:
                best = min(best, hold.away_m + hold.share * length + self.from_node[tail])
            for end in self.footholds:
                if end.edge == hold.edge and (not self.ways.are_lanes or hold.share <= end.share):
                    best = min(best, hold.away_m + abs(hold.share - end.share) * length + end.away_m)
        straight = float(np.linalg.norm(at - self.goal_xy))
        return straight if straight < 2.0 and not self.ways.are_lanes else float(max(best, straight))
