"""How bodies on foot follow a wanted velocity: bounded forces, bounded by grip, and no way up a cliff."""

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S

Array = NDArray[np.float64]
WALK_M_S, RUN_M_S = 1.6, 4.0
"""A brisk walk, and the fastest that anybody on foot goes."""
_SPEED_UP_M_S2, _TURN_RAD_S, _TURN_UP_RAD_S2 = 3.5, 3.0, 20.0
_STEEPEST = 1.0
"""The rise per metre that feet still climb."""
WADE_M = 0.5
"""How deep people wade, and no deeper."""


def walking_forces(
    velocity: Array, yaw: Array, wanted: Array, slope: Array, on_ground: NDArray[np.bool_], mass: Array, inertia: Array,
    *, grip: float, pace: float,
) -> Array:  # fmt: skip
    """Forces (n,3): x and y [N], world frame, and the torque about z [N m], for one tick.

    `velocity` (n,3) is x, y [m/s] and yaw rate; `wanted` (n,3) is forward, left [m/s] and yaw rate, in the body's
    frame; `slope` (n,2) the rise of the ground per metre. Who is in the air has nothing to push against.
    """
    ahead = wanted[:, :2]
    speed = np.hypot(ahead[:, 0], ahead[:, 1])
    ahead = ahead * (np.minimum(speed, RUN_M_S * pace) / np.maximum(speed, 1e-9))[:, None]
    cos, sin = np.cos(yaw), np.sin(yaw)
    target = np.stack([cos * ahead[:, 0] - sin * ahead[:, 1], sin * ahead[:, 0] + cos * ahead[:, 1]], axis=1)
    rise = np.hypot(slope[:, 0], slope[:, 1])
    uphill = slope / np.maximum(rise, 1e-9)[:, None]
    climb = np.where(rise > _STEEPEST, np.maximum(np.einsum("ni,ni->n", target, uphill), 0.0), 0.0)
    target -= climb[:, None] * uphill
    push = (target - velocity[:, :2]) / TICK_S
    limit = _SPEED_UP_M_S2 * grip
    size = np.hypot(push[:, 0], push[:, 1])
    push *= (np.minimum(size, limit) / np.maximum(size, 1e-9))[:, None]
    turn = np.clip(wanted[:, 2], -_TURN_RAD_S, _TURN_RAD_S) - velocity[:, 2]
    turn = np.clip(turn / TICK_S, -_TURN_UP_RAD_S2, _TURN_UP_RAD_S2)
    forces = np.column_stack([push * mass[:, None], turn * inertia])
    forces[~on_ground, :2] = 0.0
    return forces


def out_of_depth(depth_m: Array, before_m: Array) -> NDArray[np.bool_]:
    """Who a step would take into water that is too deep, (n,); who is in it already may go where it is shallower."""
    return (depth_m > WADE_M) & (depth_m > before_m + 1e-6)
