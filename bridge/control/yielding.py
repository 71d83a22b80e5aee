"""Who is on a crossing or wants to be, and whether traffic lets them: what walkers and drivers know of each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies

Array = NDArray[np.float64]
_KERB_M, _ASIDE_M = 0.9, 1.6
_FAST_M_S = 1.0
_GOES_M_S = 0.15
"""Who is slower stands, and does not mean to cross."""
_GENTLE_M_S2 = 2.5
_WATCH_M = 28.0


@dataclass(frozen=True, eq=False)
class Claims:
    """Crossings (c,) that somebody is on or waits to begin, and those on which it is `safe` to begin now."""

    claimed: NDArray[np.bool_]
    safe: NDArray[np.bool_]


class Kerbs:
    """The crossings of a town, `segments` (c,2,2) [m]."""

    def __init__(self, segments: Array) -> None:
        self._a = segments[:, 0].reshape(-1, 2)
        way = segments[:, 1] - segments[:, 0] if len(segments) else np.zeros((0, 2))
        self.length_m = np.linalg.norm(way, axis=1)
        self._along = way / np.maximum(self.length_m, 1e-9)[:, None]
        self._middle = self._a + way / 2

    def claims(self, bodies: Bodies, waiting: NDArray[np.bool_]) -> Claims:
        """How it stands now; `waiting` (c,) are crossings at which walkers of the crowd stand."""
        claimed, safe = waiting.copy(), np.ones(len(self.length_m), dtype=bool)
        if not len(claimed):
            return Claims(claimed, safe)
        whose = np.flatnonzero(bodies.is_there)
        persons, vehicles = whose[bodies.is_person[whose]], whose[~bodies.is_person[whose]]
        along, aside = self._on(bodies.xy[persons])
        pace = bodies.velocity[persons] @ self._along.T
        length = self.length_m
        inside = (np.abs(aside) < _ASIDE_M) & (along > _KERB_M) & (along < length - _KERB_M)
        inside &= (np.hypot(*bodies.velocity[persons].T) > _GOES_M_S)[:, None]  # drivers see who stands in their way
        begins = (along > -0.8) & (along <= _KERB_M) & (pace > 0.4)
        ends = (along < length + 0.8) & (along >= length - _KERB_M) & (pace < -0.4)
        claimed |= (inside | ((np.abs(aside) < _ASIDE_M) & (begins | ends))).any(axis=0)
        speed = np.hypot(*bodies.velocity[vehicles].T)
        vehicles = vehicles[speed > 0.3]
        if len(vehicles):
            safe = np.asarray(~self._is_threatened(bodies, vehicles).any(axis=0))
        return Claims(claimed, safe)

    def _on(self, xy: Array) -> tuple[Array, Array]:
        """How far along each crossing points (n,2) are, and how far aside, (n,c)."""
        way = xy[:, None] - self._a
        return np.einsum("nci,ci->nc", way, self._along), way[..., 0] * self._along[:, 1] - way[..., 1] * self._along[
            :, 0
        ]

    def _is_threatened(self, bodies: Bodies, vehicles: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each vehicle (n) will be on each crossing (c) and cannot stop gently any more."""
        velocity = bodies.velocity[vehicles]
        speed = np.hypot(*velocity.T)
        ahead = velocity / speed[:, None]
        way = self._middle - bodies.xy[vehicles][:, None]
        gap = np.einsum("nci,ni->nc", way, ahead)
        aside = np.abs(way[..., 0] * ahead[:, None, 1] - way[..., 1] * ahead[:, None, 0])
        meets = (gap > -2.0) & (gap < _WATCH_M) & (aside < self.length_m / 2 + 0.5)
        stops_m = gap - bodies.half[vehicles, :1] - 1.5
        return meets & ((speed**2)[:, None] / (2 * _GENTLE_M_S2) > stops_m) & (speed[:, None] > _FAST_M_S)
