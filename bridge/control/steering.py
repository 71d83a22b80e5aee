"""From a line to follow to an order: progress along a polyline, a point to aim at, and the velocity of feet or wheels."""

import math
from bisect import bisect_left, bisect_right
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
        self._x, self._y = self.points.T.tolist()
        self._arcs: list[float] = self._arc.tolist()

    @property
    def length_m(self) -> float:
        """Its whole length."""
        return self._arcs[-1]

    @property
    def left_m(self) -> float:
        """What is still to go."""
        return self.length_m - self.done_m

    def at(self, arc_m: float) -> Array:
        """The point (2,) that far along."""
        return np.array(self.xy(arc_m))

    def xy(self, arc_m: float) -> tuple[float, float]:
        """The same as two numbers."""
        arcs, x, y = self._arcs, self._x, self._y
        if arc_m <= 0.0:
            return x[0], y[0]
        if arc_m >= arcs[-1]:
            return x[-1], y[-1]
        i = bisect_right(arcs, arc_m) - 1
        share = (arc_m - arcs[i]) / (arcs[i + 1] - arcs[i])
        return x[i] + share * (x[i + 1] - x[i]), y[i] + share * (y[i + 1] - y[i])

    def along(self, arcs_m: Array) -> Array:
        """The points (n,2) that far along (n,)."""
        return np.stack([np.interp(arcs_m, self._arc, self.points[:, axis]) for axis in (0, 1)], axis=1)

    def heading(self, arc_m: float) -> Array:
        """The unit direction (2,) of the line that far along."""
        way = self.at(arc_m + 0.3) - self.at(arc_m - 0.3)
        return way / max(float(np.linalg.norm(way)), 1e-9)

    def corners_after(self, arc_m: float) -> list[float]:
        """Arc lengths of the corners beyond some arc length."""
        return [float(arc) for arc in self._arc if arc > arc_m + 1e-6]

    def advance(self, position: Array, *, window_m: float = 6.0) -> float:
        """Moves `done_m` to the nearest point of the line not far ahead; how far from the line that is [m]."""
        u, v = float(position[0]), float(position[1])
        low, high, arcs, x, y = self.done_m - 0.5, self.done_m + window_m, self._arcs, self._x, self._y
        best, best_arc = math.inf, self.done_m
        first = max(bisect_left(arcs, low) - 1, 0)
        for i in range(first, min(bisect_right(arcs, high), len(arcs) - 1)):
            way_x, way_y = x[i + 1] - x[i], y[i + 1] - y[i]
            square = max(way_x * way_x + way_y * way_y, 1e-12)
            share = min(max(((u - x[i]) * way_x + (v - y[i]) * way_y) / square, 0.0), 1.0)
            arc = arcs[i] + share * (arcs[i + 1] - arcs[i])
            gap = math.hypot(x[i] + share * way_x - u, y[i] + share * way_y - v)
            if gap < best and low <= arc <= high:
                best, best_arc = gap, arc
        if best == math.inf:
            x0, y0 = self.xy(self.done_m)
            return math.hypot(x0 - u, y0 - v)
        self.done_m = max(self.done_m, best_arc)
        return best


def walking(yaw_rad: float, velocity: Array) -> Velocity:
    """Feet that go with a velocity (2,) [m/s], world frame, and turn to face where they go."""
    x, y = float(velocity[0]), float(velocity[1])
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    turn = 0.0
    if math.hypot(x, y) > 0.05:
        off = math.atan2(y, x) - yaw_rad
        turn = _TURN_GAIN * math.atan2(math.sin(off), math.cos(off))
        turn = min(max(turn, -_MOST_TURN_RAD_S), _MOST_TURN_RAD_S)
    return Velocity(cos * x + sin * y, cos * y - sin * x, turn)


def held(order: Velocity, seconds: float) -> Velocity:
    """The same walk for feet that nobody looks after for so long: they turn no farther than to face where they go, and
    the way they make while they turn leads there on the whole."""
    speed = math.hypot(order.forward_m_s, order.left_m_s)
    if speed < 0.05:
        return order
    off = math.atan2(order.left_m_s, order.forward_m_s)
    rate = min(max(off / seconds, -_MOST_TURN_RAD_S), _MOST_TURN_RAD_S)
    way = off - 0.5 * rate * seconds
    return Velocity(speed * math.cos(way), speed * math.sin(way), rate)


def pursuit(position: Array, yaw_rad: Array, aim: Array, speed_m_s: Array) -> Array:
    """Yaw rates (...) [rad/s] of wheels at `position` (..., 2) that drive an arc to `aim` (..., 2) (pure pursuit)."""
    way = aim - position
    aside = np.cos(yaw_rad) * way[..., 1] - np.sin(yaw_rad) * way[..., 0]
    return speed_m_s * 2 * aside / np.maximum((way**2).sum(axis=-1), 0.25)
