"""Leads walking ways round lamps, bins, planters, fences and whatever else stands about, or leaves them out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    def beside(self, lines: NDArray[np.object_]) -> tuple[Index, Index]:
        """Which of some lines come too near to which solids: indices of both, pair by pair."""
        lines_near, solids_near = self._tree.query(lines, predicate="dwithin", distance=CLEAR_M - 1e-3)
        return lines_near, solids_near


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


@dataclass(eq=False)
class _Detour:
    """An edge from `ends[0]` to `ends[1]` (2,2) on its way round what stands on it, stretch by stretch.

    `runs` are the stretches [m along it] beside obstacles; `points` is what the way leads over so far.
    """

    edge: int
    ends: Array
    runs: list[list[float]]
    points: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.length = float(np.linalg.norm(self.ends[1] - self.ends[0]))
        self.along = (self.ends[1] - self.ends[0]) / self.length
        self.left = np.array([-self.along[1], self.along[0]])

    def options(self, run: int) -> Array:
        """Points (n,k,2) beside one stretch, k of them for each way past it."""
        near = min(0.3, self.length / 3)
        arcs = np.unique(np.clip(self.runs[run], near, self.length - near))
        return self.ends[0] + arcs[:, None] * self.along + _OFFSETS_M[:, None, None] * self.left

    def chains(self, run: int) -> Array:
        """The same with where the way has come to before them and, for the last stretch, its end behind."""
        options = self.options(run)
        before = self.points[-1] if self.points else self.ends[0]
        stages = [np.broadcast_to(before, (len(options), 1, 2)), options]
        if self.runs[run][1] >= self.length - 1.0:
            stages.append(np.broadcast_to(self.ends[1], (len(options), 1, 2)))
        return np.concatenate(stages, axis=1)


def _lead_round(
    network: Network, blocked: Blocked, strict: Blocked, solids: Solids, road: shapely.Geometry
) -> None:  # fmt: skip
    """Replaces edges that come too near to something by ways round it, where there are any."""
    lines = _lines(*network.segments())
    room = solids.clearance(lines)
    detours = _detours(network, np.flatnonzero(room < CLEAR_M), lines, solids)
    for run in range(max((len(detour.runs) for detour in detours), default=0)):
        here = [detour for detour in detours if run < len(detour.runs)]
        chosen = _least_aside(here, run, blocked, strict, solids, road)
        for detour, option in zip(here, chosen.tolist()):
            if option >= 0:
                detour.points += list(detour.options(run)[option])
    replaced = np.zeros(len(network.edges), dtype=bool)
    for detour in _worthwhile(detours, room, blocked, solids):
        replaced[detour.edge] = True
        (tail, head), kind = network.edges[detour.edge].tolist(), int(network.edge_kind[detour.edge])
        way = np.array(detour.points)
        first = network.add_nodes(way, network.kind[tail] if network.kind[tail] != 3 else network.kind[head])
        chain = [tail, *range(first, first + len(way)), head]
        network.add_edges(np.stack([chain[:-1], chain[1:]], axis=1), kind)
    network.drop_edges(np.append(replaced, np.zeros(len(network.edges) - len(replaced), dtype=bool)))


def _detours(network: Network, tight: Index, lines: NDArray[np.object_], solids: Solids) -> list[_Detour]:
    """One for each of the edges `tight` that is a metre long or more, with the stretches where something is near."""
    ends = network.xy[network.edges[tight]]
    rows, which = solids.beside(lines[tight])
    found = []
    for row, (edge, (start, end)) in enumerate(zip(tight.tolist(), ends)):
        length = float(np.linalg.norm(end - start))
        if length < 1.0:
            continue
        spans = []
        for shape in solids.shapes[which[rows == row]]:
            reach = (shapely.get_coordinates(shape) - start) @ ((end - start) / length)
            spans.append((float(reach.min()) - _BESIDE_M, float(reach.max()) + _BESIDE_M))
        runs: list[list[float]] = []
        for low, high in sorted(spans):
            if runs and low < runs[-1][1] + 0.5:
                runs[-1][1] = max(runs[-1][1], high)
            else:
                runs.append([low, high])
        found.append(_Detour(edge, ends[row], runs))
    return found


def _least_aside(
    detours: Sequence[_Detour], run: int, blocked: Blocked, strict: Blocked, solids: Solids, road: shapely.Geometry
) -> Index:
    """Which way past their stretch number `run` each takes: the one least aside that is clear, -1 if there is none.

    Off the road first, then wherever it is.
    """
    each, ways = len(_OFFSETS_M), len(detours) * len(_OFFSETS_M)
    chains = [detour.chains(run) for detour in detours]
    a = np.concatenate([chain[:, :-1].reshape(-1, 2) for chain in chains])
    b = np.concatenate([chain[:, 1:].reshape(-1, 2) for chain in chains])
    way = np.repeat(np.arange(ways), np.repeat([chain.shape[1] - 1 for chain in chains], each))
    room, shut, on_road = np.full(ways, CLEAR_M), np.zeros(ways, dtype=bool), np.zeros(ways, dtype=bool)
    np.minimum.at(room, way, solids.clearance(_lines(a, b)))
    shut[way[blocked.segments(a, b)]] = True
    beside = [detour.options(run) for detour in detours]
    inner = np.concatenate([points.reshape(-1, 2) for points in beside])
    way = np.repeat(np.arange(ways), np.repeat([points.shape[1] for points in beside], each))
    shut[way[strict.inside(inner)]] = True
    on_road[way[shapely.contains_xy(road, inner[:, 0], inner[:, 1])]] = True
    room, shut, on_road = (array.reshape(len(detours), -1) for array in (room, shut, on_road))
    chosen = np.full(len(detours), -1)
    for wanted, may_use_road in ((CLEAR_M, False), (LEAST_M + 0.15, False), (LEAST_M, False), (LEAST_M, True)):
        fits = ~shut & (room >= wanted) & (may_use_road | ~on_road)
        settled = (chosen < 0) & fits.any(axis=1)
        chosen[settled] = fits[settled].argmax(axis=1)
    return chosen


def _worthwhile(detours: Sequence[_Detour], room: Array, blocked: Blocked, solids: Solids) -> list[_Detour]:
    """Those that come less near to things than their edge did, and through nothing."""
    made = [detour for detour in detours if detour.points]
    if not made:
        return []
    whole = [np.vstack([detour.ends[0], detour.points, detour.ends[1]]) for detour in made]
    a, b = np.concatenate([way[:-1] for way in whole]), np.concatenate([way[1:] for way in whole])
    owner = np.repeat(np.arange(len(made)), [len(way) - 1 for way in whole])
    clear, shut = np.full(len(made), CLEAR_M), np.zeros(len(made), dtype=bool)
    np.minimum.at(clear, owner, solids.clearance(_lines(a, b)))
    shut[owner[blocked.segments(a, b)]] = True
    before = room[[detour.edge for detour in made]]
    return [made[i] for i in np.flatnonzero((clear > before + 0.05) & ~shut).tolist()]


def _lines(a: Array, b: Array) -> NDArray[np.object_]:
    return np.asarray(shapely.linestrings(np.stack([a, b], axis=1)), dtype=object).reshape(-1)
