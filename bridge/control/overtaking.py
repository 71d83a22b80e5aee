"""Getting past what stands on a lane: on the other side of the street, if that is free for long enough."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies

Array = NDArray[np.float64]
PACE_M_S, SWING_OUT_M = 4.0, 9.0
"""How fast one gets past, and how far behind an obstacle one stops to be able to swing out [m]."""
_RAMP_M, _LEAST_RAMP_M, _BESIDE_M, _MARGIN_M = 10.0, 7.0, 0.8, 0.6
_ONCOMING_M_S = 9.0
_LANE_M = 1.6


def way_round(
    arc: Array, is_turn: NDArray[np.bool_], half: Array, *, from_m: float, long_m: float, other_m: float
) -> Array | None:
    """How far to the left (k,) [m] each sample of a way is led to pass what stands `from_m` ahead and is `long_m` long.

    `arc` (k,) [m] is counted along the way from the middle of the car, `half` its half length and width, `other_m` how far to the
    left the other lane lies. None where a turn is too near, or there is no room to swing out before the obstacle.
    """
    begins, ends = from_m - half[0] - _BESIDE_M, from_m + long_m + half[0] + _BESIDE_M
    if begins < _LEAST_RAMP_M or ends + _RAMP_M > arc[-1] or is_turn[(arc > -2.0) & (arc < ends + _RAMP_M)].any():
        return None
    ramp_m = min(begins, _RAMP_M)
    out = np.clip((arc - (begins - ramp_m)) / ramp_m, 0.0, 1.0)
    back = np.clip((ends + _RAMP_M - arc) / _RAMP_M, 0.0, 1.0)
    share = np.minimum(out, back)
    return other_m * share * share * (3 - 2 * share)


def other_lane_m(points: Array, headings: Array, at: Array, ahead: Array) -> float:
    """How far to the left of a place the nearest lane of the other direction lies [m]; 0 if there is none beside."""
    way = points - at
    left = way @ np.array([-ahead[1], ahead[0]])
    beside = (np.abs(way @ ahead) < 1.0) & (left > 1.5) & (left < 4.0) & (headings @ ahead < -0.9)
    return float(left[beside].min()) if beside.any() else 0.0


def is_free(bodies: Bodies, row: int, at: Array, ahead: Array, other_m: float, length_m: float) -> bool:
    """Whether nobody is on the other side, or comes along it, until one is back after `length_m`."""
    way = bodies.xy - at
    along = way @ ahead
    left = way @ np.array([-ahead[1], ahead[0]])
    closing = np.maximum(-(bodies.velocity @ ahead), 0.0)
    comes = np.where(closing > 0.3, np.maximum(closing, _ONCOMING_M_S), 0.0)
    reach = length_m + comes * length_m / PACE_M_S
    lateral = bodies.half.min(axis=1) + _LANE_M
    in_way = bodies.is_there & (np.abs(left - other_m) < lateral) & (along > -6.0) & (along < reach + _MARGIN_M)
    in_way[row] = False
    return not in_way.any()


def is_free_behind(bodies: Bodies, row: int, gap_m: float) -> bool:
    """Whether one can go back `gap_m`."""
    ahead = np.array([np.cos(bodies.yaw[row]), np.sin(bodies.yaw[row])])
    way = bodies.xy - bodies.xy[row]
    behind, aside = -(way @ ahead), np.abs(way @ np.array([-ahead[1], ahead[0]]))
    reach = bodies.half[row, 0] + bodies.half.max(axis=1) + gap_m + 0.5
    in_way = bodies.is_there & (behind > 0) & (behind < reach) & (aside < bodies.half[row, 1] + bodies.half.max(axis=1))
    in_way[row] = False
    return not in_way.any()
