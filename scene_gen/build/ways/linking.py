"""Joining walking nodes without crossing houses or water: sight lines, repair of what is cut off, ways round."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from bridge.scene import EDGE_KINDS, NODE_KINDS
from scene_gen.build.occupancy import bands, polygon, ring_polygons
from scene_gen.build.site import Raised, Site

Array = NDArray[np.float64]
Index = NDArray[np.intp]
DECKS = ("dock", "bridge", "road", "sidewalk", "crossing")
"""Semantic classes of parts that carry walkers over water."""


@dataclass(frozen=True, eq=False)
class Blocked:
    """What nobody walks through: houses, and open water that no deck spans."""

    houses: shapely.STRtree
    water: shapely.STRtree

    @classmethod
    def of(cls, site: Site, raised: Raised) -> "Blocked":
        """Footprints shrunk by 5 cm (one may brush along a wall), and the waters less all decks."""
        houses = shapely.buffer(ring_polygons([b.footprint for b in raised.buildings]), -0.05)
        houses = houses[~shapely.is_empty(houses)]
        bodies = [polygon(w.polygon, w.holes) for w in site.waters]
        decks = _decks(site)
        if bodies and len(decks):
            cover = shapely.union_all(shapely.buffer(decks, 0.25))
            bodies = [shapely.difference(body, cover) for body in bodies]
        pieces = [piece for body in bodies for piece in shapely.get_parts(body) if not shapely.is_empty(piece)]
        return cls(shapely.STRtree(houses), shapely.STRtree(pieces))

    def segments(self, a: Array, b: Array) -> NDArray[np.bool_]:
        """Which straight ways from `a` to `b`, (n,2) each, run through a house or over open water."""
        found = np.zeros(len(a), dtype=bool)
        if len(a):
            lines = shapely.linestrings(np.stack([a, b], axis=1))
            for tree in (self.houses, self.water):
                if len(tree.geometries):
                    found[tree.query(lines, predicate="intersects")[0]] = True
        return found

    def inside(self, xy: Array) -> NDArray[np.bool_]:
        """Which points (n,2) lie in a house or in open water."""
        found = np.zeros(len(xy), dtype=bool)
        points = shapely.points(xy)
        for tree in (self.houses, self.water):
            if len(tree.geometries) and len(xy):
                found[tree.query(points, predicate="intersects")[0]] = True
        return found


def _decks(site: Site) -> NDArray[np.object_]:
    """Plans of everything over water that carries walkers."""
    shapes = [
        polygon(part.outline)
        for part in site.parts
        if part.semantic in ("dock", "bridge") and part.outline is not None and len(part.outline) > 2
    ]
    streets = site.roads.streets
    wide = [street.width_m / 2 + street.sidewalk_m for street in streets]
    shapes += list(bands([street.centreline for street in streets], wide, cap_style="square"))
    return np.array(shapes, dtype=object)


class Network:
    """Nodes and edges under construction; positions are (n,2), heights come last."""

    def __init__(self) -> None:
        self.xy = np.zeros((0, 2))
        self.kind = np.zeros(0, dtype=np.uint8)
        self.edges = np.zeros((0, 2), dtype=np.intp)
        self.edge_kind = np.zeros(0, dtype=np.uint8)

    @property
    def count(self) -> int:
        return len(self.xy)

    def add_nodes(self, xy: ArrayLike, kind: ArrayLike) -> int:
        """Appends nodes and returns the index of the first."""
        first, xy = self.count, np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        self.xy = np.concatenate([self.xy, xy])
        self.kind = np.concatenate([self.kind, np.broadcast_to(np.asarray(kind, dtype=np.uint8), (len(xy),))])
        return first

    def add_edges(self, pairs: ArrayLike, kind: ArrayLike) -> None:
        """Appends edges (m,2)."""
        pairs = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
        kinds = np.broadcast_to(np.asarray(kind, dtype=np.uint8), (len(pairs),))
        real = pairs[:, 0] != pairs[:, 1]
        self.edges = np.concatenate([self.edges, pairs[real]])
        self.edge_kind = np.concatenate([self.edge_kind, kinds[real]])

    def segments(self) -> tuple[Array, Array]:
        """Both ends of every edge, (m,2) each."""
        return self.xy[self.edges[:, 0]], self.xy[self.edges[:, 1]]

    def drop_edges(self, which: NDArray[np.bool_]) -> None:
        """Removes edges."""
        self.edges, self.edge_kind = self.edges[~which], self.edge_kind[~which]

    def weld(self, reach_m: float) -> None:
        """Makes one node of nodes nearer than `reach_m` (the one with the lowest index stays), and drops doubles."""
        pairs = cKDTree(self.xy).query_pairs(reach_m, output_type="ndarray")
        matrix = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(self.count, self.count))
        label = connected_components(matrix, directed=False)[1]
        keep, first = np.unique(label, return_index=True)
        order = np.argsort(first)
        index = np.empty(len(keep), dtype=np.intp)
        index[order] = np.arange(len(keep))
        self.xy, self.kind = self.xy[first[order]], self.kind[first[order]]
        self.edges = index[label][self.edges]
        low, high = self.edges.min(axis=1), self.edges.max(axis=1)
        _, once = np.unique(low * len(keep) + high, return_index=True)
        once = np.sort(once[low[once] != high[once]])
        self.edges, self.edge_kind = self.edges[once], self.edge_kind[once]

    def link_in_sight(
        self, sources: Index, targets: Index, blocked: Blocked, kind: int, *, reach_m: float, tries: int = 12
    ) -> None:
        """Links each source to the nearest target that it can see within reach; those that see none stay alone."""
        if not len(sources) or not len(targets):
            return
        nearest = min(tries, len(targets))
        distance, found = cKDTree(self.xy[targets]).query(self.xy[sources], k=nearest, distance_upper_bound=reach_m)
        distance, found = distance.reshape(len(sources), -1), found.reshape(len(sources), -1)
        waiting = np.arange(len(sources))
        for column in range(nearest):
            waiting = waiting[np.isfinite(distance[waiting, column])]
            if not len(waiting):
                break
            source, target = sources[waiting], targets[found[waiting, column]]
            hidden = blocked.segments(self.xy[source], self.xy[target])
            self.add_edges(np.stack([source[~hidden], target[~hidden]], axis=1), kind)
            waiting = waiting[hidden]

    def components(self) -> tuple[int, Index]:
        """Number of connected pieces, and the piece of every node."""
        m = self.edges
        matrix = coo_matrix((np.ones(len(m)), (m[:, 0], m[:, 1])), shape=(self.count, self.count))
        return connected_components(matrix, directed=False)

    def arrays(self) -> tuple[Array, NDArray[np.uint8], Index, NDArray[np.uint8]]:
        """Positions, kinds, edges and their kinds."""
        return self.xy, self.kind, self.edges, self.edge_kind


def join_up(network: Network, blocked: Blocked) -> None:
    """Makes one connected piece: by sight lines, then by ways round obstacles, then by the shortest straight links."""
    path = EDGE_KINDS.index("path")
    for reach_m in (15.0, 40.0, 90.0):
        join_by_sight(network, blocked, path, reach_m)
        if network.components()[0] <= 1:
            return
    for around_m, cell_m in ((40.0, 1.0), (160.0, 2.0), (50.0, 0.4)):
        _join_by_detour(network, blocked, around_m, cell_m)
    while network.components()[0] > 1:
        label = network.components()[1]
        main = int(np.bincount(label).argmax())
        inside, outside = np.flatnonzero(label == main), np.flatnonzero(label != main)
        distance, found = cKDTree(network.xy[inside]).query(network.xy[outside])
        order = np.lexsort((outside, distance))
        first = np.unique(label[outside][order], return_index=True)[1]
        pick = order[first]
        network.add_edges(np.stack([outside[pick], inside[found[pick]]], axis=1), path)


def join_by_sight(network: Network, blocked: Blocked, kind: int, reach_m: float) -> None:
    """Links different pieces where they see each other within reach, the shortest links first, no ring among pieces."""
    count, label = network.components()
    if count <= 1:
        return
    size = np.bincount(label)
    small = np.flatnonzero(label != size.argmax())
    k = min(16, network.count)
    distance, found = cKDTree(network.xy).query(network.xy[small], k=k, distance_upper_bound=reach_m)
    rows, columns = np.nonzero(np.isfinite(distance))
    a, b, length = small[rows], found[rows, columns], distance[rows, columns]
    other = label[a] != label[b]
    a, b, length = a[other], b[other], length[other]
    seen = ~blocked.segments(network.xy[a], network.xy[b])
    a, b, length = a[seen], b[seen], length[seen]
    parent = np.arange(count)

    def root(piece: int) -> int:
        while parent[piece] != piece:
            parent[piece] = parent[parent[piece]]
            piece = int(parent[piece])
        return piece

    chosen = []
    for i in np.lexsort((b, a, length)).tolist():
        one, two = root(int(label[a[i]])), root(int(label[b[i]]))
        if one != two:
            parent[max(one, two)] = min(one, two)
            chosen.append((a[i], b[i]))
    network.add_edges(np.array(chosen, dtype=np.intp).reshape(-1, 2), kind)


def _join_by_detour(network: Network, blocked: Blocked, around_m: float, cell_m: float) -> None:
    """Joins cut-off pieces along shortest ways over grids of free ground, `around_m` round each piece."""
    _, first = np.unique(network.components()[1], return_index=True)
    for seed in first[np.argsort(first)].tolist():
        count, label = network.components()
        main = int(np.bincount(label).argmax())
        if count <= 1:
            return
        if label[seed] == main:
            continue
        piece = np.flatnonzero(label == label[seed])
        low, high = network.xy[piece].min(axis=0) - around_m, network.xy[piece].max(axis=0) + around_m
        near = np.flatnonzero((label == main) & ((network.xy >= low) & (network.xy <= high)).all(axis=1))
        if len(near):
            _lay_detour(network, blocked, piece, near, low, high, cell_m)


def _lay_detour(
    network: Network, blocked: Blocked, piece: Index, others: Index, low: Array, high: Array, cell_m: float
) -> None:  # fmt: skip
    """The shortest way over free cells of a window from a piece to one of `others`, if there is one."""
    shape = np.ceil((high - low) / cell_m).astype(int)
    x, y = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]))
    cells = low + (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * cell_m
    free = ~blocked.inside(cells)
    if not free.any():
        return
    number = np.arange(len(cells)).reshape(shape[1], shape[0])
    pairs = np.concatenate([np.stack([number[:, :-1], number[:, 1:]], -1).reshape(-1, 2),
                            np.stack([number[:-1], number[1:]], -1).reshape(-1, 2)])  # fmt: skip
    pairs = pairs[free[pairs].all(axis=1)]
    pairs = pairs[~blocked.segments(cells[pairs[:, 0]], cells[pairs[:, 1]])]
    grid = coo_matrix((np.full(len(pairs), cell_m), (pairs[:, 0], pairs[:, 1])), shape=(len(cells),) * 2).tocsr()
    free_index = np.flatnonzero(free)
    ends = []
    for nodes in (piece, others):
        cell = free_index[cKDTree(cells[free]).query(network.xy[nodes])[1]]
        seen = ~blocked.segments(network.xy[nodes], cells[cell])
        ends.append((nodes[seen], cell[seen]))
    (sources, start), (targets, goal) = ends
    if not len(sources) or not len(targets):
        return
    length, before, _ = dijkstra(grid, directed=False, indices=np.unique(goal), min_only=True, return_predecessors=True)
    best = int(np.argmin(length[start]))
    if not np.isfinite(length[start[best]]):
        return
    way = [int(start[best])]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    target = targets[np.flatnonzero(goal == way[-1])[0]]
    _lay_way(network, blocked, int(sources[best]), cells[way], int(target))


def _lay_way(network: Network, blocked: Blocked, source: int, cells: Array, target: int) -> None:
    """Adds a chain of nodes along grid cells, with as few stops as sight and 12 m stages allow."""
    line = np.concatenate([network.xy[[source]], cells, network.xy[[target]]])
    stride = max(int(12.0 / max(float(np.abs(np.diff(cells, axis=0)).max(initial=0.0)), 0.4)), 1)
    stops, at = [0], 0
    while at < len(line) - 1:
        ahead = np.arange(min(at + stride, len(line) - 1), at, -1)
        clear = ~blocked.segments(np.repeat(line[[at]], len(ahead), axis=0), line[ahead])
        at = int(ahead[np.argmax(clear)]) if clear.any() else at + 1
        stops.append(at)
    first = network.add_nodes(line[stops[1:-1]], NODE_KINDS.index("path"))
    chain = [source, *range(first, first + len(stops) - 2), target]
    network.add_edges(np.stack([chain[:-1], chain[1:]], axis=1), EDGE_KINDS.index("path"))
