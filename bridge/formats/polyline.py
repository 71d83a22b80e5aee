"""Polylines made simpler and shorter."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def cut(points: NDArray, *, from_start_m: float, from_end_m: float) -> NDArray[np.float64]:
    """The polyline (n,3) without its first and last metres, measured in plan."""
    arcs = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1))])
    low, high = from_start_m, arcs[-1] - from_end_m
    ends = np.array([[np.interp(s, arcs, points[:, axis]) for axis in range(3)] for s in (low, high)])
    inside = points[(arcs > low + 0.3) & (arcs < high - 0.3)]
    return np.concatenate([ends[:1], inside, ends[1:]])


def kept(points: NDArray, tolerance_m: float) -> list[int]:
    """Indices of the points that a polyline needs to stay within the tolerance (Douglas and Peucker 1973)."""
    return [0, *_between(points, 0, len(points) - 1, tolerance_m), len(points) - 1]


def _between(points: NDArray, first: int, last: int, tolerance_m: float) -> Iterator[int]:
    if last - first < 2:
        return
    along = points[last] - points[first]
    rest = points[first + 1 : last] - points[first]
    share = np.clip(rest @ along / max(float(along @ along), 1e-12), 0, 1)
    away = np.linalg.norm(rest - share[:, None] * along, axis=1)
    far = int(away.argmax())
    if away[far] > tolerance_m:
        middle = first + 1 + far
        yield from _between(points, first, middle, tolerance_m)
        yield middle
        yield from _between(points, middle, last, tolerance_m)
