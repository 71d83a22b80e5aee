"""Leads walking ways round lamps, bins, planters, fences and whatever else stands about, or leaves them out."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.scene import EDGE_KINDS
from scene_gen.build.ways.linking import Blocked, Network, join_by_sight

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]
CLEAR_M, LEAST_M = 0.7, 0.35
"""What a way keeps from what stands beside it where it can, and what it must [m]."""
_OFFSETS_M = np.array([side * away for away in np.arange(0.25, 2.3, 0.25) for side in (1.0, -1.0)])
_BESIDE_M = 0.35
"""How far before and after an obstacle a way is already as far aside as beside it."""
_WALL_M = 0.4


class Solids:
    """Plans of what stands about, and how near to it ways come."""

    def __init__(self, shapes: Sequence[shapely.Geometry]) -> None:
        self.shapes = np.array([shape for shape in shapes if not shapely.is_empty(shape)], dtype=object)
        self._tree = shapely.STRtree(self.shapes)

    def clearance(self, geometries: NDArray[np.object_]) -> Array:
        """The distance [m] of points or lines (n,) to the nearest solid, no more than `CLEAR_M` told."""
        found = np.full(len(geometries), CLEAR_M)
        if len(geometries) and len(self.shapes):
            rows, which = self._tree.query(geometries, predicate="dwithin", distance=CLEAR_M)
            np.minimum.at(found, rows, shapely.distance(geometries[rows], self.shapes[which]))
        return found

    def beside(self, line: shapely.Geometry) -> NDArray[np.object_]:
        """The solids that a line comes too near to."""
        return self.shapes[self._tree.query(line, predicate="dwithin", distance=CLEAR_M - 1e-3)]


def keep_clear(
    network: Network, blocked: Blocked, shapes: Sequence[shapely.Geometry], doors: Index, road: shapely.Geometry
) -> None:
    """Moves nodes off `shapes` and leads edges round them; leaves out those that nothing but a squeeze gets past.

    What held the graph together stays all the same, the widest first. Ways on foot keep off the `road` where they can,
    and `doors`' nodes stay in front of their doors.
    """
    solids = Solids(shapes)
    if not len(solids.shapes) or not network.count:
        return
    shapely.prepare(road)
    walls = shapely.STRtree(shapely.buffer(blocked.houses.geometries, _WALL_M + 0.05))
    strict = Blocked(walls, blocked.water)
    _move_nodes(network, blocked, solids, doors)
    _lead_round(network, blocked, strict, solids, road)
    room = solids.clearance(_lines(*network.segments()))
    tight = room < LEAST_M
    pairs, kinds, room = network.edges[tight], network.edge_kind[tight], room[tight]
    network.drop_edges(tight)
    buffered = shapely.buffer(solids.shapes, LEAST_M, quad_segs=2)
    around = Blocked(shapely.STRtree(np.concatenate([blocked.houses.geometries, buffered])), blocked.water)
    join_by_sight(network, around, EDGE_KINDS.index("path"), 15.0)
    label = network.components()[1]
    for row in np.lexsort((np.arange(len(room)), -room)).tolist():
        one, two = label[pairs[row]]
        if one != two:
            network.add_edges(pairs[[row]], kinds[[row]])
            label[label == two] = one


def _move_nodes(network: Network, blocked: Blocked, solids: Solids, doors: Index) -> None:
    """Puts nodes that stand too near to something on the nearest free place that the same ways reach."""
    points = np.asarray(shapely.points(network.xy), dtype=object)
    near = np.flatnonzero(solids.clearance(points) < CLEAR_M)
    reach = np.full(network.count, 1.8)
    reach[doors] = 1.2
    angle = np.arange(16) * (np.pi / 8)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for node in near.tolist():
        ways = np.flatnonzero((network.edges == node).any(axis=1))
        others = network.xy[network.edges[ways].sum(axis=1) - node]
        radii = np.arange(0.2, reach[node] + 0.01, 0.2)
        places = network.xy[node] + (radii[:, None, None] * ring).reshape(-1, 2)
        room = solids.clearance(np.asarray(shapely.points(places), dtype=object))
        here = float(solids.clearance(points[[node]])[0])
        for wanted in (CLEAR_M, LEAST_M):
            fits = np.flatnonzero((room >= wanted) & (room > here)) if here < wanted else np.zeros(0, dtype=np.intp)
            at = next((i for i in fits.tolist() if _sees(blocked, places[i], others)), None)
            if at is not None:
                network.xy[node] = places[at]
                break


def _sees(blocked: Blocked, place: Array, others: Array) -> bool:
    return not (
        blocked.inside(place[None])[0] or blocked.segments(np.repeat(place[None], len(others), 0), others).any()
    )


def _lead_round(
    network: Network, blocked: Blocked, strict: Blocked, solids: Solids, road: shapely.Geometry
) -> None:  # fmt: skip
    """Replaces edges that come too near to something by ways round it, where there are any."""
    lines = _lines(*network.segments())
    tight = np.flatnonzero(solids.clearance(lines) < CLEAR_M)
    replaced = np.zeros(len(network.edges), dtype=bool)
    ways: list[tuple[int, Array]] = []
    for edge in tight.tolist():
        way = _round(network.xy[network.edges[edge]], lines[edge], blocked, strict, solids, road)
        if way is not None:
            replaced[edge] = True
            ways.append((edge, way))
    for edge, way in ways:
        (tail, head), kind = network.edges[edge].tolist(), int(network.edge_kind[edge])
        first = network.add_nodes(way, network.kind[tail] if network.kind[tail] != 3 else network.kind[head])
        chain = [tail, *range(first, first + len(way)), head]
        network.add_edges(np.stack([chain[:-1], chain[1:]], axis=1), kind)
    network.drop_edges(np.append(replaced, np.zeros(len(network.edges) - len(replaced), dtype=bool)))


def _round(
    ends: Array, line: shapely.Geometry, blocked: Blocked, strict: Blocked, solids: Solids, road: shapely.Geometry
) -> Array | None:
    """Points (n,2) between the ends of an edge that lead round what stands on it; None if that gains nothing."""
    length = float(np.linalg.norm(ends[1] - ends[0]))
    if length < 1.0:
        return None
    along = (ends[1] - ends[0]) / length
    left = np.array([-along[1], along[0]])
    spans = []
    for shape in solids.beside(line):
        reach = (shapely.get_coordinates(shape) - ends[0]) @ along
        spans.append((float(reach.min()) - _BESIDE_M, float(reach.max()) + _BESIDE_M))
    runs: list[list[float]] = []
    for low, high in sorted(spans):
        if runs and low < runs[-1][1] + 0.5:
            runs[-1][1] = max(runs[-1][1], high)
        else:
            runs.append([low, high])
    at, points = ends[0], []
    for low, high in runs:
        arcs = np.unique(np.clip([low, high], min(0.3, length / 3), length - min(0.3, length / 3)))
        base = ends[0] + arcs[:, None] * along
        options = base[None] + _OFFSETS_M[:, None, None] * left
        found = _best(at, options, ends[1] if high >= length - 1.0 else None, blocked, strict, solids, road)
        if found is not None:
            points += list(found)
            at = found[-1]
    if not points:
        return None
    before = float(solids.clearance(np.array([line], dtype=object))[0])
    whole = np.vstack([ends[0], points, ends[1]])
    pieces = _lines(whole[:-1], whole[1:])
    gains = float(solids.clearance(pieces).min()) > before + 0.05
    return np.array(points) if gains and not blocked.segments(whole[:-1], whole[1:]).any() else None


def _best(
    at: Array, options: Array, last: Array | None, blocked: Blocked, strict: Blocked, solids: Solids,
    road: shapely.Geometry,
) -> Array | None:  # fmt: skip
    """Of ways (n,k,2) beside an obstacle the one least aside that is clear; off the road first, then wherever it is."""
    stages = np.concatenate([np.broadcast_to(at, (len(options), 1, 2)), options], axis=1)
    if last is not None:
        stages = np.concatenate([stages, np.broadcast_to(last, (len(options), 1, 2))], axis=1)
    a, b = stages[:, :-1].reshape(-1, 2), stages[:, 1:].reshape(-1, 2)
    shape = (len(options), stages.shape[1] - 1)
    room = solids.clearance(_lines(a, b)).reshape(shape).min(axis=1)
    shut = blocked.segments(a, b).reshape(shape).any(axis=1)
    inner = options.reshape(-1, 2)
    shut |= strict.inside(inner).reshape(len(options), -1).any(axis=1)
    on_road = shapely.contains_xy(road, inner[:, 0], inner[:, 1]).reshape(len(options), -1).any(axis=1)
    for wanted, may_use_road in ((CLEAR_M, False), (LEAST_M + 0.15, False), (LEAST_M, False), (LEAST_M, True)):
        fits = np.flatnonzero(~shut & (room >= wanted) & (may_use_road | ~on_road))
        if len(fits):
            return options[fits[0]]
    return None


def _lines(a: Array, b: Array) -> NDArray[np.object_]:
    return np.asarray(shapely.linestrings(np.stack([a, b], axis=1)), dtype=object).reshape(-1)
