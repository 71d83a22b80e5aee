"""A way round what the navigation graph does not know of: A* on the grid of clearances, for a few metres."""

import heapq
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.control.clearance import CELL_M, Clearance
from bridge.control.steering import Line

Array = NDArray[np.float64]
_AROUND_M, _ROOM_M = 7.0, 0.9
_LEAVING_M = 0.04
"""How much nearer one comes to what one stands too near to, on the way from it (cells are that coarse)."""
_SHARES = np.linspace(0.2, 0.8, 4)
_STEPS = [(i, j, (i * i + j * j) ** 0.5) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]


def detour(
    room: Clearance, start: ArrayLike, goal: ArrayLike, *, radius_m: float, discs: tuple[Array, Array] | None = None
) -> Array | None:
    """Points (k,2) from `start` to `goal` that keep `radius_m` from walls and from `discs` (centres (n,2), radii (n,)).

    Looks no farther than some metres around the two; None if there is no way. Whoever stands too near something
    already may leave it.
    """
    start, goal = np.asarray(start, dtype=np.float64)[:2], np.asarray(goal, dtype=np.float64)[:2]
    low = np.minimum(start, goal) - _AROUND_M
    rows, cols = (np.ceil((np.maximum(start, goal) + _AROUND_M - low) / CELL_M).astype(int) + 1)[::-1].tolist()
    x, y = np.meshgrid(low[0] + np.arange(cols) * CELL_M, low[1] + np.arange(rows) * CELL_M)
    cells = np.stack([x, y], axis=-1)
    free_m = room.at(cells)
    if discs is not None and len(discs[0]):
        near = (np.abs(discs[0] - (start + goal) / 2) < np.ptp(cells.reshape(-1, 2), axis=0)).all(axis=1)
        for centre, size in zip(discs[0][near], discs[1][near], strict=True):
            free_m = np.minimum(free_m, np.linalg.norm(cells - centre, axis=-1) - size)
    for end in (start, goal):
        is_end = np.linalg.norm(cells - end, axis=-1) < radius_m + 2 * CELL_M
        least = max(min(_free_at(end, room, discs), radius_m) - _LEAVING_M, 0.0)
        around = np.argwhere(is_end & (free_m > least))
        ways = end + _SHARES[:, None, None] * (cells[tuple(around.T)] - end)
        around = around[(room.at(ways) > least).all(axis=0)]  # not through a fence
        free_m[tuple(around.T)] = np.maximum(free_m[tuple(around.T)], radius_m)
    is_open = (free_m >= radius_m).ravel()
    weight = (1.0 + 2.0 * np.clip(1.0 - free_m / _ROOM_M, 0.0, 1.0)).ravel()
    first, last = (_cell(end, low, cols, is_open, cells) for end in (start, goal))
    if first < 0 or last < 0:
        return None
    found = _search(first, last, rows, cols, is_open, weight)
    if found is None:
        return None
    points = cells.reshape(-1, 2)[found]
    return _straightened(np.vstack([start, points[1:-1], goal]), room, radius_m, discs)


def led_round(
    room: Clearance, at: Array, line: Line, *, aheads_m: Iterable[float], radius_m: float, discs: tuple[Array, Array]
) -> Line | None:
    """The line from `at` (2,) by a detour that joins it again so far ahead, as soon as one of `aheads_m` has one; or None."""
    for ahead_m in aheads_m:
        join_m = line.done_m + ahead_m
        round_it = detour(room, at, line.at(join_m), radius_m=radius_m, discs=discs)
        if round_it is not None:
            return Line(np.vstack([round_it, *(line.at(arc) for arc in line.corners_after(join_m))]))
    return None


def _free_at(point: Array, room: Clearance, discs: tuple[Array, Array] | None) -> float:
    """How far a point is from whatever is nearest [m]."""
    free_m = float(room.at(point))
    if discs is not None and len(discs[0]):
        free_m = min(free_m, float((np.linalg.norm(discs[0] - point, axis=1) - discs[1]).min()))
    return free_m


def _cell(point: Array, low: Array, cols: int, is_open: NDArray[np.bool_], cells: Array) -> int:
    """The open cell nearest to a point, -1 if none is within a step."""
    column, row = np.rint((point - low) / CELL_M).astype(int)
    at = int(row * cols + column)
    if is_open[at]:
        return at
    gaps = np.where(is_open, np.linalg.norm(cells.reshape(-1, 2) - point, axis=1), np.inf)
    best = int(np.argmin(gaps))
    return best if gaps[best] < 1.0 else -1


def _search(first: int, last: int, rows: int, cols: int, is_open: NDArray[np.bool_], weight: Array) -> list[int] | None:
    goal_row, goal_col = divmod(last, cols)
    free, dear = is_open.tolist(), weight.tolist()
    cost, came, queue = {first: 0.0}, {first: -1}, [(0.0, 0.0, first)]
    while queue:
        _, length, at = heapq.heappop(queue)
        if at == last:
            path = [at]
            while came[path[-1]] >= 0:
                path.append(came[path[-1]])
            return path[::-1]
        if length > cost[at]:
            continue
        row, col = divmod(at, cols)
        for i, j, step in _STEPS:
            r, c = row + i, col + j
            if not (0 <= r < rows and 0 <= c < cols):
                continue
            to = r * cols + c
            if not free[to]:
                continue
            longer = length + step * dear[to]
            if longer < cost.get(to, np.inf):
                cost[to], came[to] = longer, at
                heapq.heappush(queue, (longer + ((r - goal_row) ** 2 + (c - goal_col) ** 2) ** 0.5, longer, to))
    return None


def is_free(room: Clearance, a: Array, b: Array, radius_m: float, discs: tuple[Array, Array] | None = None) -> bool:
    """Whether one can go straight from `a` to `b` (2,), but for the very ends."""
    x, y = float(a[0]), float(a[1])
    way_x, way_y = float(b[0]) - x, float(b[1]) - y
    count = max(int(math.hypot(way_x, way_y) / (0.6 * CELL_M)), 1)
    for i in range(1, count):
        if room.of(x + i / count * way_x, y + i / count * way_y) < radius_m:
            return False
    if count < 2 or discs is None or not len(discs[0]):
        return True
    points = a + np.linspace(0.0, 1.0, count + 1)[1:-1, None] * (b - a)
    gaps = np.linalg.norm(points[:, None] - discs[0], axis=-1) - discs[1]
    return bool((gaps >= radius_m).all())


def _straightened(points: Array, room: Clearance, radius_m: float, discs: tuple[Array, Array] | None) -> Array:
    """The same way with as few corners as walls allow."""
    kept, at = [points[0]], 0
    while at < len(points) - 1:
        to = at + 1
        for step in (24, 12, 6, 3):
            if at + step < len(points) and is_free(room, points[at], points[at + step], radius_m + 0.05, discs):
                to = at + step
                break
        kept.append(points[to])
        at = to
    return np.array(kept)
