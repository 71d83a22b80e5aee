"""From a line to follow to an order: progress along a polyline, a point to aim at, and the velocity of feet or wheels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Velocity

Array = NDArray[np.float64]
_TURN_GAIN, _MOST_TURN_RAD_S = 4.0, 2.8


@dataclass(eq=False)
class Line:
    """A polyline (k,2) [m] and how far along it one is, `done_m`."""

    points: Array
    done_m: float = 0.0

    def __post_init__(self) -> None:
        self.points = np.asarray(self.points, dtype=np.float64)[:, :2]
        self._steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        self._arc = np.r_[0.0, np.cumsum(self._steps)]

    @property
    def length_m(self) -> float:
        """Its whole length."""
        return float(self._arc[-1])

    @property
    def left_m(self) -> float:
        """What is still to go."""
        return self.length_m - self.done_m

    def at(self, arc_m: float) -> Array:
        """The point (2,) that far along."""
        arc = float(np.clip(arc_m, 0.0, self._arc[-1]))
        return np.array([np.interp(arc, self._arc, self.points[:, axis]) for axis in (0, 1)])

    def heading(self, arc_m: float) -> Array:
        """The unit direction (2,) of the line that far along."""
        way = self.at(arc_m + 0.3) - self.at(arc_m - 0.3)
        return way / max(float(np.linalg.norm(way)), 1e-9)

    def corners_after(self, arc_m: float) -> list[float]:
        """Arc lengths of the corners beyond some arc length."""
        return [float(arc) for arc in self._arc if arc > arc_m + 1e-6]

    def advance(self, position: Array, *, window_m: float = 6.0) -> float:
        """Moves `done_m` to the nearest point of the line not far ahead; how far from the line that is [m]."""
        a, b = self.points[:-1], self.points[1:]
        near = (self._arc[1:] >= self.done_m - 0.5) & (self._arc[:-1] <= self.done_m + window_m)
        if not near.any():
            return float(np.linalg.norm(position[:2] - self.at(self.done_m)))
        along = b[near] - a[near]
        squares = np.maximum(np.einsum("ni,ni->n", along, along), 1e-12)
        share = np.clip(np.einsum("ni,ni->n", position[:2] - a[near], along) / squares, 0.0, 1.0)
        gaps = np.linalg.norm(a[near] + share[:, None] * along - position[:2], axis=1)
        arcs = self._arc[:-1][near] + share * self._steps[near]
        gaps = np.where((arcs < self.done_m - 0.5) | (arcs > self.done_m + window_m), np.inf, gaps)
        best = int(np.argmin(gaps))
        if not np.isfinite(gaps[best]):
            return float(np.linalg.norm(position[:2] - self.at(self.done_m)))
        self.done_m = max(self.done_m, float(arcs[best]))
        return float(gaps[best])


def walking(yaw_rad: float, velocity: Array) -> Velocity:
    """Feet that go with a velocity (2,) [m/s], world frame, and turn to face where they go."""
    speed = float(np.hypot(*velocity))
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = 0.0
    if speed > 0.05:
        off = np.arctan2(velocity[1], velocity[0]) - yaw_rad
        turn = float(np.clip(_TURN_GAIN * np.arctan2(np.sin(off), np.cos(off)), -_MOST_TURN_RAD_S, _MOST_TURN_RAD_S))
    ahead, left = cos * velocity[0] + sin * velocity[1], cos * velocity[1] - sin * velocity[0]
    return Velocity(float(ahead), float(left), turn)


def held(order: Velocity, seconds: float) -> Velocity:
    """The same walk for feet that nobody looks after for so long: they turn no farther than to face where they go, and
    the way they make while they turn leads there on the whole."""
    speed = float(np.hypot(order.forward_m_s, order.left_m_s))
    if speed < 0.05:
        return order
    off = float(np.arctan2(order.left_m_s, order.forward_m_s))
    rate = float(np.clip(off / seconds, -_MOST_TURN_RAD_S, _MOST_TURN_RAD_S))
    way = off - 0.5 * rate * seconds
    return Velocity(speed * float(np.cos(way)), speed * float(np.sin(way)), rate)


def pursuit(position: Array, yaw_rad: Array, aim: Array, speed_m_s: Array) -> Array:
    """Yaw rates (...) [rad/s] of wheels at `position` (..., 2) that drive an arc to `aim` (..., 2) (pure pursuit)."""
    way = aim - position
    aside = np.cos(yaw_rad) * way[..., 1] - np.sin(yaw_rad) * way[..., 0]
    return speed_m_s * 2 * aside / np.maximum((way**2).sum(axis=-1), 0.25)
