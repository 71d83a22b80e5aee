"""Lanes as drivers see them: curved turns, which turns cross each other, which crossings for walkers lie on the way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.clearance import Clearance
from bridge.control.ways import CROSSING, Ways
from bridge.scene import Scene

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
SAMPLE_M = 1.0
_EDGE_OF_MAP_M = 6.0
_APART_M, _MOST_SHIFT_M, _MEETS_M = 2.2, 0.6, 1.85
"""How far lanes of both directions shall lie apart, how far one is moved for that, and what two cars need to meet."""
FAR_M = 100.0
_GETS_PAST_M = 0.97
"""How far from the middle of a lane something has to stand for a car to get past."""
_PAST_M, _MOST_SETBACK_M = 2.05, 7.0
"""What the middles of two cars keep when one gets past the other, and how far back one waits for that at most."""
_BACK_RAD = 2.4
"""A turn sharper than this is a turn back."""
_CAR_M = 2.3
"""Two turns that come this near cannot be driven at once."""
_KINK = 0.5
"""The cosine of the angle from which on one lane does not simply go on in the other."""
_LEAST_M = 120.0


@dataclass(frozen=True, eq=False)
class LaneMap:
    """Lanes sampled every metre. Edge e owns the samples `first[e]` to `first[e + 1]`; its last is its successors' first.

    `points` (k,2) [m], `headings` (k,2) unit; `crossing` (k,) the crossing a sample lies on, or -1. `successors` lists
    what each edge leads on to. `is_turn` (m,) marks edges through junctions, `junction` (m,) which one, else -1;
    `conflicts` (m,m) turns that exclude each other, `setback_m` (m,) how far
    before a turn one waits so that the others get past. `crossings` (c,2,2) are the walkers' segments, `used` (m,) edges
    that lead round for ever, so that nobody ends up at the edge of the map.
    """

    edges: Ints
    first: Ints
    points: Array
    headings: Array
    crossing: Ints
    successors: tuple[tuple[int, ...], ...]
    is_turn: NDArray[np.bool_]
    junction: Ints
    conflicts: NDArray[np.bool_]
    setback_m: Array
    crossings: Array
    used: NDArray[np.bool_]


def crossing_segments(walks: Ways) -> Array:
    """The walkers' crossings (c,2,2) [m] seen from above, in the order of their edges."""
    return walks.nodes[walks.edges[walks.kind == CROSSING]][:, :, :2]


def lane_map(scene: Scene, lanes: Ways, crossings: Array, room: Clearance, in_the_way: tuple[Array, Array]) -> LaneMap:
    """The lanes of a town; `in_the_way` are discs (centres (n,2), radii (n,)) of things that stand about."""
    edges, nodes = lanes.edges, lanes.nodes[:, :2]
    count = len(edges)
    leaving: dict[int, list[int]] = {}
    for edge, (tail, _) in enumerate(edges.tolist()):
        leaving.setdefault(tail, []).append(edge)
    successors = tuple(tuple(leaving.get(head, ())) for head in edges[:, 1].tolist())
    fan_out = np.bincount(edges[:, 0], minlength=len(nodes))
    fan_in = np.bincount(edges[:, 1], minlength=len(nodes))
    is_turn = (fan_out[edges[:, 0]] > 1) | (fan_in[edges[:, 1]] > 1)
    way = nodes[edges[:, 1]] - nodes[edges[:, 0]]
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    for edge, following in enumerate(successors):  # the ends of dead ends, and sharp corners
        for other in following:
            kinks = float(way[edge] @ way[other]) < _KINK
            shorter = edge if lanes.length_m[edge] < lanes.length_m[other] else other
            is_turn[shorter] |= kinks and not (is_turn[edge] or is_turn[other])
    before, after = way.copy(), way.copy()
    for edge, following in enumerate(successors):
        for other in following:
            if not is_turn[other]:
                after[edge] = way[other]
            if not is_turn[edge]:
                before[other] = way[edge]
    pieces = [
        _curve(nodes[tail], nodes[head], before[edge], after[edge], bends=bool(is_turn[edge]))
        for edge, (tail, head) in enumerate(edges.tolist())
    ]
    first = np.r_[0, np.cumsum([len(piece) for piece in pieces])].astype(np.int64)
    points = np.concatenate(pieces) if pieces else np.zeros((0, 2))
    headings = np.concatenate([_headings(piece) for piece in pieces]) if pieces else np.zeros((0, 2))
    points, apart_m = _kept_apart(points, headings, room, in_the_way)
    pieces = np.split(points, first[1:-1]) if len(points) else []
    junction, conflicts = _junctions(pieces, edges, is_turn)
    turns_back = np.einsum("ni,ni->n", before, after) < np.cos(_BACK_RAD)
    x0, y0, x1, y1 = scene.bounds
    inside = ((points > [x0 + _EDGE_OF_MAP_M, y0 + _EDGE_OF_MAP_M]) & (points < [x1 - _EDGE_OF_MAP_M, y1 - _EDGE_OF_MAP_M])).all(axis=1)  # fmt: skip
    fit = inside & ~_occupied(points, room, in_the_way) & ((apart_m > _MEETS_M) | np.repeat(is_turn, np.diff(first)))
    fits = np.array([fit[first[e] : first[e + 1]].all() for e in range(count)], dtype=bool)
    used = _round_for_ever(edges, fits & ~(turns_back & is_turn), lanes.length_m)
    if not used.any():
        used = _round_for_ever(edges, fits, lanes.length_m)
    return LaneMap(
        edges, first, points, headings, _on_crossing(points, crossings), successors, is_turn, junction, conflicts,
        _setbacks(pieces, edges, is_turn), crossings, used,
    )  # fmt: skip


def _curve(a: Array, b: Array, ahead_a: Array, ahead_b: Array, *, bends: bool) -> Array:
    """Samples from `a` to `b`, shape (n,2); turns leave and arrive in the lanes' directions (a cubic Hermite curve)."""
    length = float(np.linalg.norm(b - a))
    share = np.linspace(0.0, 1.0, max(round(length * (1.15 if bends else 1.0) / SAMPLE_M), 1) + 1)[:, None]
    if not bends:
        return a + share * (b - a)
    pull = length * (1.0 if ahead_a @ ahead_b > -0.5 else 1.6)
    s2, s3 = share**2, share**3
    return (
        (2 * s3 - 3 * s2 + 1) * a + (s3 - 2 * s2 + share) * pull * ahead_a + (3 * s2 - 2 * s3) * b
        + (s3 - s2) * pull * ahead_b
    )  # fmt: skip


def _kept_apart(
    points: Array, headings: Array, room: Clearance, in_the_way: tuple[Array, Array]
) -> tuple[Array, Array]:
    """The samples, moved to the right where the other direction's lane is too near, and how far it is then [m]."""
    from scipy.spatial import cKDTree

    apart = np.full(len(points), np.inf)
    if not len(points):
        return points, apart
    for index, near in enumerate(cKDTree(points).query_ball_point(points, _APART_M)):
        way = points[near] - points[index]
        comes = headings[near] @ headings[index] < -0.8
        if comes.any():
            apart[index] = np.linalg.norm(way[comes], axis=1).min()
    right = np.stack([headings[:, 1], -headings[:, 0]], axis=1)
    best, found = np.zeros(len(points)), np.full(len(points), -np.inf)
    for shift_m in np.linspace(0.0, _MOST_SHIFT_M, 5):
        past = ~_occupied(points + shift_m * right, room, in_the_way)
        worth = np.minimum(apart + 2 * shift_m, _APART_M) + 10.0 * past
        better = worth > found + 1e-6
        best[better], found[better] = shift_m, worth[better]
    return points + best[:, None] * right, np.minimum(apart + 2 * best, FAR_M)


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
