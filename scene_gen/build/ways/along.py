"""Points along streets: any number of places at a distance along a centreline and an offset beside it, at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.scene import Street

Array = NDArray[np.float64]


class Ways:
    """Centrelines laid end to end in one table, so that all streets are sampled in one call.

    Arc lengths are horizontal [m]. Offsets [m] are to the left of the direction from `start` to `end`; at a bend they
    follow the mitre, so that lines at a constant offset stay parallel to the street.
    """

    def __init__(self, streets: Sequence[Street]) -> None:
        self.streets = tuple(streets)
        lines = [np.asarray(street.centreline, dtype=np.float64) for street in streets]
        sizes = np.array([len(line) for line in lines], dtype=int)
        self._first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int) if len(lines) else np.zeros(0, int)
        self._last = self._first + sizes - 1
        self._points = np.concatenate(lines) if lines else np.zeros((0, 3))
        owner = np.repeat(np.arange(len(lines)), sizes)
        step = np.diff(self._points[:, :2], axis=0, prepend=self._points[:1, :2])
        length = np.linalg.norm(step, axis=1)
        if len(lines):
            length[self._first] = 1.0  # a gap between streets keeps the joint table strictly increasing
        self._arc = np.cumsum(np.maximum(length, 1e-9))
        self.length_m: Array = self._arc[self._last] - self._arc[self._first] if len(lines) else np.zeros(0)
        inside = np.ones(len(owner), dtype=bool)
        if len(lines):
            inside[self._first] = False
        before = np.where(inside[:, None], step / np.maximum(length, 1e-9)[:, None], 0.0)
        after = np.roll(before, -1, axis=0) if len(owner) else before
        tangent = before + after
        norm = np.linalg.norm(tangent, axis=1, keepdims=True)
        tangent = np.where(norm > 1e-6, tangent / np.maximum(norm, 1e-9), before)
        single = np.where((np.abs(after).sum(axis=1) > 0)[:, None], after, before)
        along = np.abs((tangent * single).sum(axis=1, keepdims=True))
        self._tangent = tangent
        self._mitre = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / np.maximum(along, 0.5)

    def at(self, street: ArrayLike, arc_m: ArrayLike, offset_m: ArrayLike = 0.0) -> tuple[Array, Array]:
        """Points (n,2) [m] and headings (n,) [rad] at arc lengths along streets (indices), beside them by offsets."""
        street = np.asarray(street, dtype=int)
        arc = self._arc[self._first[street]] + np.clip(np.asarray(arc_m, dtype=np.float64), 0, self.length_m[street])
        right = np.clip(np.searchsorted(self._arc, arc), self._first[street] + 1, self._last[street])
        left = right - 1
        span = self._arc[right] - self._arc[left]
        f = np.clip((arc - self._arc[left]) / np.maximum(span, 1e-9), 0, 1)[..., None]
        middle = self._points[left, :2] * (1 - f) + self._points[right, :2] * f
        mitre = self._mitre[left] * (1 - f) + self._mitre[right] * f
        direction = self._points[right, :2] - self._points[left, :2]
        heading = np.arctan2(direction[..., 1], direction[..., 0])
        return middle + mitre * np.asarray(offset_m, dtype=np.float64)[..., None], heading

    def every(self, street: ArrayLike, gap_m: ArrayLike, *, trim_m: float = 0.0) -> tuple[NDArray[np.intp], Array]:
        """Evenly spaced stations: street indices (n,) and arc lengths (n,), about `gap_m` apart, `trim_m` off ends.

        A street gets round(length / gap) stations in the middle of equal shares; a street shorter than half a gap
        gets none.
        """
        street = np.asarray(street, dtype=int)
        usable = np.maximum(self.length_m[street] - 2 * trim_m, 0.0)
        count = np.rint(usable / np.asarray(gap_m, dtype=np.float64)).astype(int)
        index = np.repeat(street, count)
        rank = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)
        share = np.repeat(usable / np.maximum(count, 1), count)
        return index, trim_m + (rank + 0.5) * share
