"""The street network as a graph: ways noded where they meet, cleaned, profiled in height, and chained into streets."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportIndexIssue=false

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.drawing import Way
from scene_gen.build.ground.fabric import PROFILES, Profile
from scene_gen.build.ground.polygons import lines_of, resampled
from scene_gen.plan.artefacts import Plan

Array = NDArray[np.float64]
STEP_M = 5.0
_SHORTEST_M = 9.0


@dataclass(frozen=True, eq=False)
class Edge:
    """A stretch between nodes `a` and `b`: `points` (k,2) then (k,3), its kind and role as drawn, `chain` its street."""

    points: Array
    a: int
    b: int
    kind: str
    role: str
    chain: int = -1

    @property
    def profile(self) -> Profile:
        """How broad it is."""
        if self.kind == "bridge":
            return PROFILES["path" if self.role == "footbridge" else "main"]
        return PROFILES[self.kind]

    @property
    def length_m(self) -> float:
        """Along the centreline, seen from above."""
        return float(np.linalg.norm(np.diff(self.points[:, :2], axis=0), axis=1).sum())


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes (n,2 or 3) and the edges between them."""

    nodes: Array
    edges: tuple[Edge, ...]

    def degree(self) -> NDArray[np.intp]:
        """How many ends meet at each node, shape (n,)."""
        ends = np.array([[edge.a, edge.b] for edge in self.edges], dtype=np.intp).reshape(-1)
        return np.bincount(ends, minlength=len(self.nodes))


def over_water(ways: Sequence[Way], water: BaseGeometry) -> list[Way]:
    """The ways, cut where they go over water: there they run straight and are bridges."""
    if water.is_empty:
        return list(ways)
    shapely.prepare(water)
    found: list[Way] = []
    for way in ways:
        line = LineString(way.points)
        if not water.intersects(line):
            found.append(way)
            continue
        wet = [
            piece
            for piece in lines_of(line.intersection(water.buffer(4.0)), 9.0)
            if piece.intersection(water).length > 3.0
        ]
        spans = sorted(
            sorted((line.project(shapely.points(p.coords[0])), line.project(shapely.points(p.coords[-1])))) for p in wet
        )
        joined: list[list[float]] = []
        for low, high in spans:
            if joined and low - joined[-1][1] < 11.0:
                joined[-1][1] = max(high, joined[-1][1])
            else:
                joined.append([low, high])
        at = 0.0
        for low, high in joined:
            low = at if low - at <= 1.0 else low
            high = line.length if line.length - high <= 1.0 else high
            if low > at:
                found.append(replace(way, points=np.asarray(shapely.ops.substring(line, at, low).coords)))
            ends = np.asarray(
                [line.interpolate(max(low, 0.0)).coords[0], line.interpolate(min(high, line.length)).coords[0]]
            )
            found.append(Way(resampled(ends, STEP_M), "bridge", way.role))
            at = high
        if at < line.length:
            found.append(replace(way, points=np.asarray(shapely.ops.substring(line, at, line.length).coords)))
    return found


def node_ways(plan: Plan, ways: Sequence[Way], town: BaseGeometry) -> Network:
    """Nodes the ways where they meet, drops crumbs and dead ends, and keeps only what hangs together."""
    ways = [way for way in ways if len(way.points) > 1]
    lines = [LineString(way.points) for way in ways]
    pieces = [p for p in shapely.get_parts(shapely.union_all(lines, grid_size=0.01)) if p.length > 1e-6]
    middle = [piece.interpolate(0.5, normalized=True) for piece in pieces]
    tree = shapely.STRtree(lines)
    asked, source = tree.query_nearest(middle, all_matches=False)
    owner = np.zeros(len(pieces), dtype=int)
    owner[asked] = source
    raw = [(np.asarray(p.coords), ways[o].kind, ways[o].role) for p, o in zip(pieces, owner, strict=True)]
    net = _graph(raw)
    net = _merged(net)
    net = _contracted(net)
    net = _pruned(plan, _merged(net))
    net = _largest(_merged(net))
    shapely.prepare(town)
    edges = []
    for edge in net.edges:
        points = resampled(edge.points, STEP_M)
        kind = edge.kind
        if kind in ("main", "street"):
            inside = shapely.contains_xy(town, points[:, 0], points[:, 1]).mean()
            kind = kind if inside > 0.5 else "road"
        edges.append(replace(edge, points=points, kind=kind))
    return _chained(Network(net.nodes, tuple(edges)))


def _graph(raw: Sequence[tuple[Array, str, str]]) -> Network:
    ends = np.array([[points[0], points[-1]] for points, _, _ in raw]).reshape(-1, 2)
    keys, inverse = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
    pairs = inverse.reshape(-1, 2)
    edges = []
    for (points, kind, role), (a, b) in zip(raw, pairs, strict=True):
        points = points.copy()
        points[0], points[-1] = keys[a], keys[b]
        edges.append(Edge(points, int(a), int(b), kind, role))
    return Network(keys, tuple(edges))


def _merged(net: Network) -> Network:
    """Joins edges of one kind at nodes where nothing else meets."""
    edges: dict[int, Edge] = dict(enumerate(net.edges))
    at: list[list[int]] = [[] for _ in net.nodes]
    for index, edge in edges.items():
        at[edge.a].append(index)
        at[edge.b].append(index)
    for node, here in enumerate(at):
        if len(here) != 2 or here[0] == here[1]:
            continue
        one, two = edges[here[0]], edges[here[1]]
        if (one.kind, one.role) != (two.kind, two.role) or {one.a, one.b} == {two.a, two.b}:
            continue
        head = one.points if one.b == node else one.points[::-1]
        tail = two.points if two.a == node else two.points[::-1]
        start = one.a if one.b == node else one.b
        end = two.b if two.a == node else two.a
        edges[here[0]] = Edge(np.concatenate([head, tail[1:]]), start, end, one.kind, one.role)
        del edges[here[1]]
        at[end] = [here[0] if k == here[1] else k for k in at[end]]
        at[node] = []
    return _compact(net.nodes, [edges[k] for k in sorted(edges)])


def _compact(nodes: Array, edges: Sequence[Edge]) -> Network:
    used = np.unique(np.array([[edge.a, edge.b] for edge in edges], dtype=int))
    new = np.zeros(len(nodes), dtype=int)
    new[used] = np.arange(len(used))
    return Network(nodes[used], tuple(replace(e, a=int(new[e.a]), b=int(new[e.b])) for e in edges))


def _contracted(net: Network) -> Network:
    """Makes one node of two that are joined by a crumb of street."""
    nodes, edges = net.nodes.copy(), list(net.edges)
    alias = np.arange(len(nodes))
    degree = net.degree()
    for edge in edges:
        a, b = alias[edge.a], alias[edge.b]
        if a != b and edge.length_m < _SHORTEST_M and min(degree[a], degree[b]) > 1:
            keep, gone = (a, b) if degree[a] >= degree[b] else (b, a)
            alias[alias == gone] = keep
    kept = []
    for edge in edges:
        a, b = int(alias[edge.a]), int(alias[edge.b])
        if a == b and edge.length_m < 60.0:
            continue
        points = edge.points.copy()
        if a != edge.a:
            points = _led(points, nodes[a])
        if b != edge.b:
            points = _led(points[::-1], nodes[b])[::-1]
        kept.append(replace(edge, points=points, a=a, b=b))
    return _compact(nodes, kept)


def _led(points: Array, to: Array) -> Array:
    """A polyline whose start is moved, its next 20 m following along."""
    shift = to - points[0]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    reach = min(20.0, 0.8 * along[-1])
    weight = np.clip(1 - along / max(reach, 1e-9), 0, 1)
    weight[-1] = 0.0 if len(points) > 1 else 1.0
    return points + shift * weight[:, None]


def _pruned(plan: Plan, net: Network) -> Network:
    """Without dead ends, save where a road leaves the map and where one was meant to end."""
    edges = list(net.edges)
    half = plan.size_m / 2 - 2.0
    leaves = (np.abs(net.nodes) > half).any(axis=1)
    while True:
        degree = np.bincount(np.array([[e.a, e.b] for e in edges], dtype=int).ravel(), minlength=len(net.nodes))
        keep = [
            e
            for e in edges
            if not any(degree[n] == 1 and not leaves[n] for n in (e.a, e.b))
            or e.role in ("spine", "access")
            or e.role.startswith("surveyed:")
        ]
        if len(keep) == len(edges):
            return _compact(net.nodes, edges)
        edges = keep


def _largest(net: Network) -> Network:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = np.array([[edge.a, edge.b] for edge in net.edges])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(net.nodes),) * 2)
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label[pairs[:, 0]], weights=[edge.length_m for edge in net.edges])
    best = int(np.argmax(size))
    return _compact(net.nodes, [edge for edge in net.edges if label[edge.a] == best])


def _chained(net: Network) -> Network:
    """Tells streets apart: at each node the two ends that go straightest on into each other belong to one street."""
    at: list[list[tuple[int, int]]] = [[] for _ in net.nodes]
    for index, edge in enumerate(net.edges):
        at[edge.a].append((index, 0))
        at[edge.b].append((index, -1))
    parent = list(range(len(net.edges)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    pairs: list[tuple[float, int, int]] = []
    for here in at:
        away = [(index, _leaving(net.edges[index].points, end)) for index, end in here]
        options = []
        for m, (i, u) in enumerate(away):
            for n, (j, v) in enumerate(away[m + 1 :], start=m + 1):
                if i == j:
                    continue
                one, two = net.edges[i], net.edges[j]
                bend = float(u @ v)
                same = one.role == two.role or "bridge" in (one.kind, two.kind)
                options.append((bend + (0.0 if same else 0.25), m, n, i, j))
        used: set[int] = set()
        for bend, m, n, i, j in sorted(options):
            if bend < -0.75 and not {m, n} & used:
                used |= {m, n}
                pairs.append((bend, i, j))
    for _, i, j in sorted(pairs):
        parent[root(i)] = root(j)
    roots = [root(i) for i in range(len(net.edges))]
    order = {r: k for k, r in enumerate(dict.fromkeys(roots))}
    return Network(net.nodes, tuple(replace(e, chain=order[r]) for e, r in zip(net.edges, roots, strict=True)))


def _leaving(points: Array, end: int) -> Array:
    """Unit direction in which an edge leaves one of its ends, over its first 12 m or so."""
    points = points if end == 0 else points[::-1]
    far = points[min(2, len(points) - 1)]
    step = far[:2] - points[0, :2]
    return step / max(float(np.linalg.norm(step)), 1e-9)


class StreetHeight:
    """Height of the paving at any place near a street: that of the centrelines about it, weighted by nearness."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        dense = np.concatenate([resampled(edge.points, 1.5) for edge in edges])
        self.samples = dense
        self._tree = cKDTree(dense[:, :2])

    def __call__(self, xy: Array) -> Array:
        count = min(6, len(self.samples))
        distance, index = self._tree.query(np.asarray(xy)[:, :2], k=count)
        distance, index = distance.reshape(-1, count), index.reshape(-1, count)
        weight = 1.0 / (distance**2 + 0.05)
        return (weight * self.samples[index, 2]).sum(axis=1) / weight.sum(axis=1)


def lines(edges: Sequence[Edge]) -> MultiLineString:
    """Centrelines as one geometry."""
    return MultiLineString([edge.points[:, :2] for edge in edges])
