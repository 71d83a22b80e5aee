"""Lanes as drivers see them: curved turns, which turns cross each other, which crossings for walkers lie on the way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.chains import SAMPLE_M, chained, curves
from bridge.control.clearance import Clearance
from bridge.control.ways import CROSSING, Ways
from bridge.scene import Scene

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
_EDGE_OF_MAP_M = 6.0
_MEETS_M = 2.15
"""How far apart lanes of both directions have to be for two cars to meet on them."""
_LEAST_RADIUS_M = 3.6
"""No car steers round what bends more."""
FAR_M = 100.0
_GETS_PAST_M = 0.97
"""How far from the middle of a lane something has to stand for a car to get past."""
_PAST_M, _MOST_SETBACK_M = 2.05, 7.0
"""What the middles of two cars keep when one gets past the other, and how far back one waits for that at most."""
_CAR_M = 2.3
"""Two turns that come this near cannot be driven at once."""
_LEAST_M = 120.0


@dataclass(frozen=True, eq=False)
class LaneMap:
    """Lanes sampled every metre. Edge e, a whole lane from junction to junction or a turn through one, owns the samples
    `first[e]` to `first[e + 1]`; its last is its successors' first. `edges` (m,2) are its first and last node.

    `points` (k,2) [m], their heights `z` (k,) [m], `headings` (k,2) unit; `crossing` (k,) the crossing a sample lies on, or -1. `successors` lists
    what each edge leads on to. `is_turn` (m,) marks edges through junctions, `junction` (m,) which one, else -1;
    `conflicts` (m,m) turns that exclude each other, `setback_m` (m,) how far
    before a turn one waits so that the others get past. `crossings` (c,2,2) are the walkers' segments, `used` (m,) edges
    that lead round for ever, so that nobody ends up at the edge of the map, `length_m` (m,) how long each is.
    """

    edges: Ints
    first: Ints
    points: Array
    z: Array
    headings: Array
    crossing: Ints
    successors: tuple[tuple[int, ...], ...]
    is_turn: NDArray[np.bool_]
    junction: Ints
    conflicts: NDArray[np.bool_]
    setback_m: Array
    crossings: Array
    used: NDArray[np.bool_]
    length_m: Array


def crossing_segments(walks: Ways) -> Array:
    """The walkers' crossings (c,2,2) [m] seen from above, in the order of their edges."""
    return walks.nodes[walks.edges[walks.kind == CROSSING]][:, :, :2]


def lane_map(scene: Scene, lanes: Ways, crossings: Array, room: Clearance, in_the_way: tuple[Array, Array]) -> LaneMap:
    """The lanes of a town; `in_the_way` are discs (centres (n,2), radii (n,)) of things that stand about."""
    chains, is_turn = chained(lanes)
    found = curves(lanes, chains, is_turn)
    pieces = [piece[:, :2] for piece in found]
    count = len(chains)
    edges = np.array([(chain[0], chain[-1]) for chain in chains], dtype=np.int64).reshape(-1, 2)
    leaving: dict[int, list[int]] = {}
    for edge, (tail, _) in enumerate(edges.tolist()):
        leaving.setdefault(tail, []).append(edge)
    successors = tuple(tuple(leaving.get(head, ())) for head in edges[:, 1].tolist())
    first = np.r_[0, np.cumsum([len(piece) for piece in pieces])].astype(np.int64)
    points = np.concatenate(pieces) if pieces else np.zeros((0, 2))
    z = np.concatenate([piece[:, 2] for piece in found]) if pieces else np.zeros(0)
    headings = np.concatenate([_headings(piece) for piece in pieces]) if pieces else np.zeros((0, 2))
    junction, conflicts = _junctions(pieces, edges, is_turn)
    x0, y0, x1, y1 = scene.bounds
    inside = ((points > [x0 + _EDGE_OF_MAP_M, y0 + _EDGE_OF_MAP_M]) & (points < [x1 - _EDGE_OF_MAP_M, y1 - _EDGE_OF_MAP_M])).all(axis=1)  # fmt: skip
    meets = (_oncoming_m(points, headings) > _MEETS_M) | np.repeat(is_turn, np.diff(first))
    steers = np.concatenate([_radius_m(piece) for piece in pieces]) > _LEAST_RADIUS_M if pieces else inside
    fit = inside & ~_occupied(points, room, in_the_way) & meets & steers
    fits = np.array([fit[first[e] : first[e + 1]].all() for e in range(count)], dtype=bool)
    length_m = np.array([float(np.linalg.norm(np.diff(piece, axis=0), axis=1).sum()) for piece in pieces])
    used = _round_for_ever(edges, fits, length_m)
    return LaneMap(
        edges, first, points, z, headings, _on_crossing(points, crossings), successors, is_turn, junction, conflicts,
        _setbacks(pieces, edges, is_turn), crossings, used, length_m,
    )  # fmt: skip


def _oncoming_m(points: Array, headings: Array) -> Array:
    """How far each sample lies from the lanes of the other direction [m], no farther than told than `FAR_M`."""
    from scipy.spatial import cKDTree

    apart = np.full(len(points), FAR_M)
    if len(points):
        for index, near in enumerate(cKDTree(points).query_ball_point(points, _MEETS_M + 0.1)):
            comes = headings[near] @ headings[index] < -0.8
            if comes.any():
                apart[index] = np.linalg.norm(points[near][comes] - points[index], axis=1).min()
    return apart


def _radius_m(piece: Array) -> Array:
    """The radius [m] of the bend at each sample (n,2) of a curve."""
    heading = np.unwrap(np.arctan2(*_headings(piece).T[::-1]))
    if len(piece) < 3:
        return np.full(len(piece), FAR_M)
    arc = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(piece, axis=0), axis=1))]
    return 1.0 / np.maximum(np.abs(np.gradient(heading, np.maximum(arc, 1e-6 * np.arange(len(arc))))), 1.0 / FAR_M)


def _headings(piece: Array) -> Array:
    way = np.gradient(piece, axis=0) if len(piece) > 1 else np.array([[1.0, 0.0]])
    return way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)


def _junctions(pieces: list[Array], edges: Ints, is_turn: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Which junction each turn belongs to (-1 for lanes), and which turns exclude each other."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    count = len(pieces)
    conflicts, junction = np.zeros((count, count), dtype=bool), np.full(count, -1, dtype=np.int64)
    turns = np.flatnonzero(is_turn)
    if not len(turns):
        return junction, conflicts
    owner = np.concatenate([np.full(len(pieces[turn]), turn) for turn in turns])
    tree = cKDTree(np.concatenate([pieces[turn] for turn in turns]))
    near = tree.query_pairs(_CAR_M, output_type="ndarray")
    a, b = owner[near[:, 0]], owner[near[:, 1]]
    differ = (a != b) & (edges[a, 0] != edges[b, 0])
    conflicts[a[differ], b[differ]] = conflicts[b[differ], a[differ]] = True
    same = conflicts[np.ix_(turns, turns)] | (edges[turns, 0][:, None] == edges[turns, 0])
    junction[turns] = connected_components(csr_array(same), directed=False)[1]
    return junction, conflicts


def _setbacks(pieces: list[Array], edges: Ints, is_turn: NDArray[np.bool_]) -> Array:
    """How far [m] before each turn a car has to wait to leave room for other turns."""
    from scipy.spatial import cKDTree

    setback = np.zeros(len(pieces))
    turns = np.flatnonzero(is_turn)
    if not len(turns):
        return setback
    owner = np.concatenate([np.full(len(pieces[turn]), turn) for turn in turns])
    busy = np.concatenate([pieces[turn] for turn in turns])
    tree = cKDTree(busy)
    waits = np.arange(0.0, _MOST_SETBACK_M, 0.5)
    for node in np.unique(edges[turns, 0]):
        before = np.flatnonzero((edges[:, 1] == node) & ~is_turn)
        if not len(before):
            continue
        lane = pieces[int(before[0])][::-1]
        arc = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(lane, axis=0), axis=1))]
        ahead = (lane[0] - lane[1]) / max(float(np.linalg.norm(lane[0] - lane[1])), 1e-9)
        beyond = lane[-1] - np.maximum(waits + 0.9 - arc[-1], 0.0)[:, None] * ahead
        noses = np.stack([np.interp(waits + 0.9, arc, lane[:, axis]) for axis in (0, 1)], axis=1)
        noses = np.where((waits + 0.9 > arc[-1])[:, None], beyond, noses)
        room = np.full(len(waits), _PAST_M)
        for index, near in enumerate(tree.query_ball_point(noses, _PAST_M)):
            others = [at for at in near if edges[owner[at], 0] != node]
            if others:
                room[index] = np.linalg.norm(busy[others] - noses[index], axis=1).min()
        setback[turns[edges[turns, 0] == node]] = waits[int(np.argmax(np.round(room, 1)))]
    return setback


def _on_crossing(points: Array, crossings: Array) -> Ints:
    """For each sample the crossing it lies on, or -1."""
    found = np.full(len(points), -1, dtype=np.int64)
    for index, (a, b) in enumerate(crossings):
        way = b - a
        share = np.clip((points - a) @ way / max(float(way @ way), 1e-9), 0.0, 1.0)
        found[np.linalg.norm(points - a - share[:, None] * way, axis=1) < 0.6 * SAMPLE_M] = index
    return found


def _occupied(points: Array, room: Clearance, discs: tuple[Array, Array]) -> NDArray[np.bool_]:
    """Samples where no car gets past what stands there."""
    from scipy.spatial import cKDTree

    hit = room.at(points) < _GETS_PAST_M
    if len(discs[0]) and len(points):
        for near in cKDTree(points).query_ball_point(discs[0], discs[1] + _GETS_PAST_M):
            hit[near] = True
    return hit


def _round_for_ever(edges: Ints, allowed: NDArray[np.bool_], length_m: Array) -> NDArray[np.bool_]:
    """The edges of the longest piece of the allowed lanes that leads from everywhere to everywhere; none if it is short."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    kept = np.zeros(len(edges), dtype=bool)
    if not allowed.any():
        return kept
    size = int(edges.max()) + 1
    tails, heads = edges[allowed].T
    label = connected_components(
        csr_array((np.ones(len(tails)), (tails, heads)), shape=(size, size)), connection="strong"
    )[1]
    inner = allowed & (label[edges[:, 0]] == label[edges[:, 1]])
    if not inner.any():
        return kept
    total = np.bincount(label[edges[inner, 0]], weights=length_m[inner])
    best = int(np.argmax(total))
    return inner & (label[edges[:, 0]] == best) if total[best] >= _LEAST_M else kept
