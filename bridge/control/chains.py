"""Lanes and turns as whole curves: edges of a graph of lanes chained from one choice to the next, and smoothed."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.ways import Ways

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
SAMPLE_M = 1.0
_TURN_M = 16.0
"""Where a lane and its only turn are one chain, the turn is what lies this near to its end."""


def chained(lanes: Ways) -> tuple[list[list[int]], NDArray[np.bool_]]:
    """Chains of nodes (k >= 2 each) without a choice in between, and which of them are turns through junctions.

    A turn begins where one can go more than one way, or ends where ways come together.
    """
    edges, count = lanes.edges, len(lanes.nodes)
    fan_out, fan_in = np.bincount(edges[:, 0], minlength=count), np.bincount(edges[:, 1], minlength=count)
    leaving: dict[int, list[int]] = {}
    for tail, head in edges.tolist():
        leaving.setdefault(tail, []).append(head)
    is_inner = (fan_out == 1) & (fan_in == 1)
    found: list[list[int]] = []
    seen: set[int] = set()
    starts = [node for node in leaving if not is_inner[node]] + [node for node in leaving if is_inner[node]]
    for start in starts:  # inner nodes begin a chain only on a ring that has no junction
        if is_inner[start] and start in seen:
            continue
        for head in leaving[start]:
            chain = [start, head]
            while is_inner[chain[-1]] and chain[-1] != start:
                chain.append(leaving[chain[-1]][0])
            seen.update(node for node in chain if is_inner[node])
            found.append(chain)
    parts: list[tuple[list[int], bool]] = []
    for chain in found:
        splits, merges = fan_out[chain[0]] > 1, fan_in[chain[-1]] > 1
        if splits == merges or len(chain) == 2:
            parts.append((chain, bool(splits or merges)))
        elif merges:
            at = _near_end(lanes, chain)
            parts += [(chain[: at + 1], False), (chain[at:], True)]
        elif splits:
            at = len(chain) - 1 - _near_end(lanes, chain[::-1])
            parts += [(chain[: at + 1], True), (chain[at:], False)]
    return [chain for chain, _ in parts], np.array([turns for _, turns in parts], dtype=bool)


def _near_end(lanes: Ways, chain: list[int]) -> int:
    """The first place of a chain that lies near its end, neither its first nor its last."""
    left = np.linalg.norm(lanes.nodes[chain, :2] - lanes.nodes[chain[-1], :2], axis=1)
    return int(np.clip(np.argmax(left <= _TURN_M), 1, len(chain) - 2))


def curves(lanes: Ways, chains: list[list[int]], is_turn: NDArray[np.bool_]) -> list[Array]:
    """Samples (n,3) [m] about every metre along each chain: cubics through its nodes that leave and arrive smoothly.

    Turns leave and arrive in the directions of the lanes they join.
    """
    after: dict[int, list[int]] = {}
    before: dict[int, list[int]] = {}
    for index, chain in enumerate(chains):
        after.setdefault(chain[0], []).append(index)
        before.setdefault(chain[-1], []).append(index)
    first = [_direction(lanes.nodes, chain[0], chain[1]) for chain in chains]
    last = [_direction(lanes.nodes, chain[-2], chain[-1]) for chain in chains]
    found = []
    for index, chain in enumerate(chains):
        leaves, arrives = first[index], last[index]
        into = [other for other in before.get(chain[0], ()) if is_turn[other] != is_turn[index] or not is_turn[other]]
        onto = [other for other in after.get(chain[-1], ()) if is_turn[other] != is_turn[index] or not is_turn[other]]
        if is_turn[index]:
            leaves = last[into[0]] if into else leaves
            arrives = first[onto[0]] if onto else arrives
        found.append(_smooth(lanes.nodes[chain], leaves, arrives))
    return found


def _direction(nodes: Array, a: int, b: int) -> Array:
    way = nodes[b, :2] - nodes[a, :2]
    return way / max(float(np.linalg.norm(way)), 1e-9)


def _smooth(nodes: Array, leaves: Array, arrives: Array) -> Array:
    """A curve through nodes (k,3), sampled; its inner tangents are those of circles through three nodes."""
    way = np.diff(nodes[:, :2], axis=0)
    size = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    unit = way / size
    inner = unit[:-1] * size[1:] + unit[1:] * size[:-1]
    tangent = np.vstack([leaves, inner / np.maximum(np.linalg.norm(inner, axis=1, keepdims=True), 1e-9), arrives])
    pieces = [nodes[:1]]
    for index in range(len(way)):
        t0, t1 = tangent[index], tangent[index + 1]
        length = float(size[index, 0])
        turn = float(np.arccos(np.clip(t0 @ t1, -1.0, 1.0)))
        share = np.linspace(0.0, 1.0, max(round(length * (1 + 0.1 * turn) / SAMPLE_M), 1) + 1)[1:, None]
        pull = length / np.cos(turn / 4) ** 2  # a cubic with this pull is all but an arc
        s2, s3 = share**2, share**3
        xy = (
            (2 * s3 - 3 * s2 + 1) * nodes[index, :2] + (s3 - 2 * s2 + share) * pull * t0
            + (3 * s2 - 2 * s3) * nodes[index + 1, :2] + (s3 - s2) * pull * t1
        )  # fmt: skip
        pieces.append(np.column_stack([xy, nodes[index, 2] + share * (nodes[index + 1, 2] - nodes[index, 2])]))
    return np.concatenate(pieces)
