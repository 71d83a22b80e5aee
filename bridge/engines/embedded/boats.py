"""Boats: thrust, drag and rudder on the water's level, and a shore that stops them."""

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S

Array = NDArray[np.float64]
CLEAR_M, _AHEAD_S, _KEEL_S = 0.3, 0.4, 0.6
"""How close to the shore boats come, how far they look ahead, and how soon a keel stops drifting sideways."""
_TOPS = {
    "rowing-boat": 2.0, "motor-boat": 12.0, "sailing-boat": 5.0, "fishing-boat": 6.0, "yacht": 9.0, "tugboat": 7.0,
    "ferry": 9.0, "cargo-ship": 8.0,
}  # fmt: skip


def top_speed_m_s(kind: str) -> float:
    """How fast a boat goes at full throttle."""
    return _TOPS.get(kind, 5.0)


def boat_forces(velocity: Array, yaw: Array, wanted: Array, top: Array, length_m: Array, mass: Array, inertia: Array) -> Array:  # fmt: skip
    """Forces (n,3): x and y [N], world frame, and the torque about z [N m], for one tick.

    `velocity` (n,3) is x, y [m/s] and yaw rate; `wanted` (n,3): throttle, rudder and brake, -1 to 1 each.
    """
    cos, sin = np.cos(yaw), np.sin(yaw)
    speed = cos * velocity[:, 0] + sin * velocity[:, 1]
    aside = cos * velocity[:, 1] - sin * velocity[:, 0]
    engine = np.clip(2.5 * top / np.maximum(length_m, 2.0), 0.25, 2.5)
    drag = engine * np.abs(speed / top) * speed / top + 0.05 * speed
    throttle = np.where(wanted[:, 0] < 0, 0.4 * wanted[:, 0], wanted[:, 0])
    along = throttle * engine - drag - wanted[:, 2] * engine * np.clip(speed / 0.5, -1, 1)
    agility = np.clip(3.0 / np.maximum(length_m, 2.0), 0.05, 0.8)
    flow = np.clip(speed / (0.3 * top), -1, 1) + 0.3 * np.abs(throttle)
    turn = (wanted[:, 1] * agility * flow - velocity[:, 2]) / 0.8
    across = -aside / _KEEL_S
    return np.column_stack([mass * (cos * along - sin * across), mass * (sin * along + cos * across), inertia * turn])


def outline(position: Array, yaw: Array, size: Array) -> Array:
    """Bow, stern, and both sides of hulls at positions (n,2): (n,4,2) [m]."""
    half_x, half_y = 0.5 * size[:, 0], 0.45 * size[:, 1]
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    ends = ahead * half_x[:, None]
    sides = left * half_y[:, None]
    return position[:, None] + np.stack([ends, -ends, sides, -sides], axis=1)


def ahead(velocity: Array) -> Array:
    """Where boats will be soon, relative to now: x, y [m] and yaw [rad], shape (n,3)."""
    return velocity * _AHEAD_S


def stopped(velocity: Array, mass: Array, inertia: Array) -> Array:
    """Forces (n,3) that stop a boat within a few ticks."""
    return -velocity / (2 * TICK_S) * np.column_stack([mass, mass, inertia])
