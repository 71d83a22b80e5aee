"""What somebody who rides does where it goes no farther ahead: passes what stands there, or backs off for another start."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.clearance import Clearance
from bridge.control.detour import led_round
from bridge.control.steering import Line
from bridge.engine import Velocity

Array = NDArray[np.float64]
BACK_S = 2.0
"""For how long one backs off at a time."""
_NARROW_M, _BESIDE_M, _BACK_M_S, _BACK_RAD_S = 0.6, 0.1, 0.9, 0.6
_STANDS_M_S = 0.3


def way_past(room: Clearance, bodies: Bodies, row: int, line: Line) -> Line | None:
    """The line led round what stands on its next metres, where there is room for a two-wheeler; None for anything wider,
    or where there is none. Who moves is no obstacle: they will be gone."""
    width = float(bodies.half[row, 1])
    if width > _NARROW_M:
        return None
    whose, centres, radii = bodies.discs()
    at = bodies.xy[row]
    stand = (whose != row) & (np.hypot(*bodies.velocity[whose].T) < _STANDS_M_S)
    stand &= (np.abs(centres - at) < 40.0).all(axis=1)
    shape = centres[stand], radii[stand] + 2 * _BESIDE_M + 0.05  # riders brake for less than 2 dm beside them
    return led_round(room, at, line, aheads_m=(6.0, 10.0, 16.0), radius_m=width + _BESIDE_M, discs=shape)


def faces(bodies: Bodies, row: int, line: Line) -> bool:
    """Whether a vehicle stands so that it can set off along a line: no more than 60 degrees from it."""
    way = line.at(line.done_m + 1.5) - bodies.xy[row]
    return abs(_off(bodies.yaw[row], way)) < np.pi / 3


def backing(room: Clearance, bodies: Bodies, row: int, aim: Array) -> Velocity | None:
    """Backwards, and turning so as to face `aim` (2,) then; None where something is close behind."""
    length, width = bodies.half[row]
    at, yaw = bodies.xy[row], float(bodies.yaw[row])
    behind = at - np.outer(length + np.array([0.2, 0.6, 1.0]), [np.cos(yaw), np.sin(yaw)])
    whose, centres, radii = bodies.discs()
    gaps = np.linalg.norm(behind[:, None] - centres[whose != row], axis=-1) - radii[whose != row]
    if (room.at(behind) < width).any() or (gaps < width).any():
        return None
    return Velocity(-_BACK_M_S, 0.0, float(np.clip(2.0 * _off(yaw, aim - at), -_BACK_RAD_S, _BACK_RAD_S)))


def _off(yaw: float, way: Array) -> float:
    """The angle from a heading to a direction (2,) [rad], left positive."""
    off = np.arctan2(way[1], way[0]) - yaw
    return float(np.arctan2(np.sin(off), np.cos(off)))
