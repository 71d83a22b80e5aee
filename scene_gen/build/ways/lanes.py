"""Lanes for vehicles: right-hand traffic along streets, clear of what parks there, and turns that a car can steer."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import EDGE_KINDS, NODE_KINDS
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.junctions import Corners
from scene_gen.build.ways.linking import Network
from scene_gen.build.ways.parking import ABREAST_M, CURB_CLEAR_M, PAST_M, parking_bays

Array = NDArray[np.float64]
Index = NDArray[np.intp]
GAP_M, WIDTH_M = 5.5, 3.25
TURN_M = 13.0
"""Lanes go on to this distance from a junction at least, however sharp its corners are."""
RADIUS_M = 5.0
"""What a car's turning circle needs."""
_STEP_RAD = 0.42
"""How much a turn may bend at one of its nodes."""


def add_lanes(network: Network, ways: Ways, bends: Corners) -> None:
    """Directed lanes, and the turns that join them at junctions, laid out as curves."""
    forward = np.array([street.lanes[0] for street in ways.streets], dtype=int)
    backward = np.array([street.lanes[1] for street in ways.streets], dtype=int)
    if not (forward + backward).sum():
        return
    count = np.arange(len(forward))
    street = np.concatenate([np.repeat(count, forward), np.repeat(count, backward)])
    reverse = np.concatenate([np.zeros(forward.sum(), bool), np.ones(backward.sum(), bool)])
    rank = np.concatenate([np.arange(n) for n in (*forward, *backward)])
    place = np.where(reverse, forward[street] + rank, forward[street] - 1 - rank)  # from the right curb to the left
    right, spacing = _spread(ways, forward + backward)
    offset = right[street] + place * spacing[street]
    begin, end = _mouths(ways, bends)
    pieces = np.maximum(np.ceil((end - begin)[street] / GAP_M), 1).astype(int)
    lane = np.repeat(np.arange(len(street)), pieces + 1)
    step = np.arange(len(lane)) - np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
    share = step / pieces[lane]
    share = np.where(reverse[lane], 1 - share, share)
    arc = begin[street[lane]] + (end - begin)[street[lane]] * share
    xy, yaw = ways.at(street[lane], arc, offset[lane])
    yaw = np.where(reverse[lane], yaw + np.pi, yaw)
    first = network.add_nodes(xy, NODE_KINDS.index("lane"))
    going_on = np.flatnonzero(lane[1:] == lane[:-1])
    network.add_edges(first + np.stack([going_on, going_on + 1], axis=1), EDGE_KINDS.index("lane"))
    last = np.cumsum(pieces + 1) - 1
    incoming, outgoing = _turns(ways, street, reverse)
    a, b = last[incoming], (last - pieces)[outgoing]
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    for tail, head in zip(a.tolist(), b.tolist(), strict=True):
        inner = turn_nodes(xy[tail], xy[head], ahead[tail], ahead[head])
        middle = network.add_nodes(inner, NODE_KINDS.index("lane"))
        chain = [first + tail, *range(middle, middle + len(inner)), first + head]
        network.add_edges(np.stack([chain[:-1], chain[1:]], axis=1), EDGE_KINDS.index("lane"))


def turn_nodes(a: Array, b: Array, ahead_a: Array, ahead_b: Array) -> Array:
    """Points (n,2) between `a` and `b` on a curve that leaves and arrives in the directions given, near to an arc."""
    turn = float(np.arccos(np.clip(ahead_a @ ahead_b, -1.0, 1.0)))
    sway = float(np.arccos(np.clip(ahead_a @ (b - a) / max(float(np.linalg.norm(b - a)), 1e-9), -1.0, 1.0)))
    count = max(int(np.ceil(max(turn, 2 * sway) / _STEP_RAD)), 1)
    share = np.arange(1, count)[:, None] / count
    pull = float(np.linalg.norm(b - a)) / np.cos(turn / 4) ** 2  # a cubic with this pull is all but an arc
    s2, s3 = share**2, share**3
    return (
        (2 * s3 - 3 * s2 + 1) * a + (s3 - 2 * s2 + share) * pull * ahead_a
        + (3 * s2 - 2 * s3) * b + (s3 - s2) * pull * ahead_b
    )  # fmt: skip


def _spread(ways: Ways, lanes: NDArray[np.int_]) -> tuple[Array, Array]:
    """Offset [m] of each street's rightmost lane, and the distance between its lanes: as far apart as they have room."""
    width = np.array([street.width_m for street in ways.streets])
    bays = parking_bays(ways.streets)
    keep = bays + np.where(bays > 0, PAST_M, np.minimum(CURB_CLEAR_M, 0.3 * width)[:, None])
    room = np.maximum(width - keep.sum(axis=1), 0.0)
    usual = np.clip((width - bays.sum(axis=1)) / np.maximum(lanes, 1), ABREAST_M, WIDTH_M)
    spacing = np.minimum(usual, room / np.maximum(lanes - 1, 1))
    middle = (keep[:, 1] - keep[:, 0]) / 2
    return middle - spacing * (lanes - 1) / 2, spacing


def _mouths(ways: Ways, bends: Corners) -> tuple[Array, Array]:
    """Where the lanes of each street begin and end along it [m]: so far from junctions that cars can turn there."""
    count, length = len(ways.streets), ways.length_m
    street, at_end = np.tile(np.arange(count), 2), np.repeat([False, True], count)
    look = np.minimum(15.0, length / 2)[street]
    mouth, _ = ways.at(street, np.where(at_end, length[street], 0.0))
    ahead, _ = ways.at(street, np.where(at_end, length[street] - look, look))
    arm = (ahead - mouth) / np.maximum(np.linalg.norm(ahead - mouth, axis=1, keepdims=True), 1e-9)
    junction = np.where(at_end, [s.end for s in ways.streets] * 2, [s.start for s in ways.streets] * 2)
    driven = np.array([sum(s.lanes) > 0 for s in ways.streets] * 2)
    half = np.array([min(s.width_m / 4, WIDTH_M / 2) for s in ways.streets] * 2)
    need = np.zeros(2 * count)
    for row in np.flatnonzero(driven).tolist():
        others = np.flatnonzero((junction == junction[row]) & driven & (np.arange(2 * count) != row))
        cosine = np.clip(arm[others] @ arm[row], -1.0, 1.0)
        sine = np.sqrt(np.maximum(1 - cosine**2, 1e-4))
        meets = (half[others] + half[row] * cosine) / sine  # where the lanes on the inside of the corner cross
        tangent = RADIUS_M * sine / np.maximum(1 - cosine, 1e-3)  # radius over tan(angle / 2)
        if len(others):
            need[row] = np.where(cosine > -0.985, meets + tangent, 0.0).max()
    begin = np.maximum(np.minimum(bends.begin.max(axis=1), TURN_M), np.minimum(need[:count], TURN_M))
    finish = np.maximum(np.minimum(bends.finish.max(axis=1), TURN_M), np.minimum(need[count:], TURN_M))
    return np.minimum(begin, 0.45 * length), length - np.minimum(finish, 0.45 * length)


def _turns(ways: Ways, street: Index, reverse: NDArray[np.bool_]) -> tuple[Index, Index]:
    """Lanes that lead on to lanes, as pairs; back only where there is no other way."""
    starts = np.array([s.start for s in ways.streets])
    ends = np.array([s.end for s in ways.streets])
    leaves_at = np.where(reverse, ends[street], starts[street])
    arrives_at = np.where(reverse, starts[street], ends[street])
    order = np.argsort(leaves_at, kind="stable")
    left = np.searchsorted(leaves_at[order], arrives_at, side="left")
    right = np.searchsorted(leaves_at[order], arrives_at, side="right")
    incoming = np.repeat(np.arange(len(street)), right - left)
    pick = np.arange(len(incoming)) - np.repeat(np.cumsum(right - left) - (right - left), right - left)
    outgoing = order[left[incoming] + pick]
    turns_back = street[incoming] == street[outgoing]
    others = np.bincount(incoming[~turns_back], minlength=len(street))
    allowed = ~turns_back | (others[incoming] == 0)
    allowed &= incoming != outgoing
    return incoming[allowed], outgoing[allowed]
