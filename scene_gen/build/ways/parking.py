"""Where vehicles park along curbs: on wide streets, and on quiet ones that through traffic can do without."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Street

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
BAY_M = 2.1
PAST_M, ABREAST_M, CURB_CLEAR_M = 1.5, 2.6, 1.2
"""What the middle of a lane keeps from parked vehicles, from the next lane's middle, and from a curb [m]."""
_THROUGH_SHARE = 0.6
"""This share of the length that leads round stays free of parked vehicles at least."""


def parking_bays(streets: Sequence[Street]) -> Array:
    """Widths (n,2) [m] of the parking bays along the left and the right curb of every street.

    A street has one, on the right, where its lanes keep off it and off each other; two where there is room for them.
    A narrower one has one all the same if no through traffic needs it.
    """
    bays = np.array([_roomy(street) for street in streets]).reshape(-1, 2)
    narrow = [
        street.width_m >= 1.95 * sum(street.lanes) + BAY_M and _may_park(street) and not bay.any()
        for street, bay in zip(streets, bays, strict=True)
    ]
    quiet = np.array(narrow, dtype=bool)
    if quiet.any():
        bays[quiet & ~through_streets(streets, may_lose=quiet), 1] = BAY_M
    return bays


def through_streets(streets: Sequence[Street], *, may_lose: Mask) -> Mask:
    """Which streets (n,) traffic goes round on: those on some ring, in one piece, less the ones it can do without.

    Of the streets that it `may_lose`, the longest that leave the rest in one piece go first.
    """
    driven = np.array([sum(street.lanes) > 0 for street in streets], dtype=bool)
    ends = np.array([(street.start, street.end) for street in streets], dtype=np.intp).reshape(-1, 2)
    length = np.array([float(np.linalg.norm(np.diff(s.centreline[:, :2], axis=0), axis=1).sum()) for s in streets])
    kept = _largest_piece(ends, _on_rings(ends, driven), length)
    least_m = _THROUGH_SHARE * float(length[kept].sum())
    for street in np.lexsort((np.arange(len(length)), -np.round(length, 3))).tolist():
        if not (kept[street] and may_lose[street] and streets[street].kind not in ("main", "bridge")):
            continue
        trial = kept.copy()
        trial[street] = False
        trial = _on_rings(ends, trial)
        lost = kept & ~trial
        if may_lose[lost].all() and length[trial].sum() >= least_m and _is_one_piece(ends, trial):
            kept = trial
    return kept


def _may_park(street: Street) -> bool:
    return sum(street.lanes) > 0 and street.sidewalk_m > 0.5 and street.kind != "bridge"


def _roomy(street: Street) -> tuple[float, float]:
    """The bays that leave every lane its room."""
    lanes = (sum(street.lanes) - 1) * ABREAST_M
    if not _may_park(street) or street.width_m < BAY_M + PAST_M + lanes + CURB_CLEAR_M:
        return 0.0, 0.0
    return (BAY_M if street.width_m >= 2 * (BAY_M + PAST_M) + lanes else 0.0), BAY_M


def _on_rings(ends: NDArray[np.intp], among: Mask) -> Mask:
    """Which of some edges (n,) lie on a ring: those that are no bridges of the graph (Tarjan's low points)."""
    found = np.zeros(len(ends), dtype=bool)
    at: dict[int, list[tuple[int, int]]] = {}
    for edge in np.flatnonzero(among).tolist():
        a, b = ends[edge].tolist()
        at.setdefault(a, []).append((edge, b))
        at.setdefault(b, []).append((edge, a))
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    for root in sorted(at):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack = [(root, -1, iter(at[root]))]
        while stack:
            node, came, ways = stack[-1]
            for edge, other in ways:
                if edge == came:
                    continue
                if other in order:
                    found[edge] = True  # it closes a ring
                    low[node] = min(low[node], order[other])
                    continue
                order[other] = low[other] = len(order)
                stack.append((other, edge, iter(at[other])))
                break
            else:
                stack.pop()
                if stack:
                    before = stack[-1][0]
                    low[before] = min(low[before], low[node])
                    found[came] |= low[node] <= order[before]
    return found


def _pieces(ends: NDArray[np.intp], among: Mask) -> NDArray[np.intp]:
    """For each edge (n,) the number of the connected piece it belongs to."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    a, b = ends[among].T
    size = int(ends.max(initial=-1)) + 1
    return connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)[1][
        ends[:, 0]
    ]


def _is_one_piece(ends: NDArray[np.intp], among: Mask) -> bool:
    return len(np.unique(_pieces(ends, among)[among])) <= 1


def _largest_piece(ends: NDArray[np.intp], among: Mask, length: Array) -> Mask:
    if not among.any():
        return among
    piece = _pieces(ends, among)
    return among & (piece == int(np.argmax(np.bincount(piece[among], weights=length[among]))))
