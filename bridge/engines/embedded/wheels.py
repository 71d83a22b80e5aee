"""Cars, scooters and bicycles: a kinematic bicycle model whose tyres hold only so much, pushed by forces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S

Array = NDArray[np.float64]
GRAVITY_M_S2 = 9.81
TYRES = 0.9
"""Friction of rubber on dry asphalt."""
_ROLLING_M_S2, _STEER_RAD_S = 0.12, 1.2


@dataclass(frozen=True)
class Drivetrain:
    """What a kind of vehicle can do: accelerations [m/s2], speeds [m/s], the wheels' largest angle [rad].

    `base` and `track` are the wheels' distances as shares of length and width; a track of 0 leans into curves.
    """

    engine_m_s2: float
    top_m_s: float
    back_m_s: float = 3.0
    brake_m_s2: float = 8.0
    steer_rad: float = 0.6
    base: float = 0.58
    track: float = 0.8


_CAR = Drivetrain(3.5, 36.0, 6.0)
_TRAINS = {
    "scooter": Drivetrain(2.5, 12.5, 1.0, 6.0, 0.7, 0.7, 0.0),
    "bicycle": Drivetrain(1.0, 8.0, 0.5, 4.0, 0.7, 0.6, 0.0),
    "van": Drivetrain(2.8, 30.0, 5.0),
    "truck": Drivetrain(1.5, 25.0, 4.0, 6.0),
    "bus": Drivetrain(1.4, 22.0, 3.0, 6.0),
    "tram": Drivetrain(1.2, 18.0, 3.0, 3.0),
    "tractor": Drivetrain(1.5, 11.0, 4.0, 6.0),
    "cart": Drivetrain(0.0, 5.0, 0.0, 2.0),
}


def drivetrain(kind: str, semantic: str) -> Drivetrain:
    """What a vehicle of this kind can do."""
    return _TRAINS.get(kind) or _TRAINS.get(semantic, _CAR)


def steered(angle: Array, wanted: Array) -> Array:
    """The front wheels' angle a tick later: they turn only so fast."""
    return angle + np.clip(wanted - angle, -_STEER_RAD_S * TICK_S, _STEER_RAD_S * TICK_S)


def pedalled(speed: Array, throttle: Array, brake: Array, train: Array) -> Array:
    """Acceleration along the vehicle [m/s2] of pedals; `train` (n,4): engine, top, back, brake."""
    engine, top, back, strongest = train.T
    limit = np.where(speed >= 0, top, np.maximum(back, 0.1))
    drag = engine * np.abs(speed / limit) * speed / limit + np.sign(speed) * _ROLLING_M_S2
    opposes = (throttle * speed < 0) & (np.abs(speed) > 0.3)
    push = throttle * np.where(opposes, strongest, np.where((throttle < 0) & (back <= 0), 0.0, engine))
    wanted = push - drag
    resting = np.abs(throttle) < 1e-9
    wanted = np.where(resting, -np.sign(speed) * np.minimum(np.abs(drag), np.abs(speed) / TICK_S), wanted)
    stop = brake * strongest
    after = speed + wanted * TICK_S
    slower = np.sign(after) * np.maximum(np.abs(after) - stop * TICK_S, 0.0)
    return np.where(brake > 0, (slower - speed) / TICK_S, wanted)


def held_speed(speed: Array, wanted: Array, train: Array) -> Array:
    """Acceleration along the vehicle [m/s2] towards a speed."""
    engine, top, back, brake = train.T
    target = np.clip(wanted, -back, top)
    push = (target - speed) / TICK_S
    slows = np.abs(target) < np.abs(speed)
    limit = np.where(slows, brake, engine)
    return np.clip(push, -limit, limit)


def tyre_forces(
    velocity: Array, yaw: Array, angle: Array, along: Array, base_m: Array, mass: Array, inertia: Array, *, grip: float
) -> Array:
    """Forces (n,3): x and y [N], world frame, and the torque about z [N m], for one tick.

    `velocity` (n,3) is x, y [m/s] and yaw rate; `angle` (n,) that of the front wheels; `along` (n,) [m/s2] what engine
    and brakes want. Tyres that are asked for more than they hold slide.
    """
    cos, sin = np.cos(yaw), np.sin(yaw)
    speed = cos * velocity[:, 0] + sin * velocity[:, 1]
    aside = cos * velocity[:, 1] - sin * velocity[:, 0]
    hold = TYRES * grip * GRAVITY_M_S2
    rate = speed * np.tan(angle) / base_m
    most = hold / np.maximum(np.abs(speed), 0.5)
    rate = np.clip(rate, -most, most)
    across = np.clip(speed * rate - aside / TICK_S, -hold, hold)
    left = np.sqrt(np.maximum(hold**2 - across**2, (0.1 * hold) ** 2))
    along = np.clip(along, -left, left)
    turn = np.clip((rate - velocity[:, 2]) / TICK_S, -40.0 * grip, 40.0 * grip)
    return np.column_stack([mass * (cos * along - sin * across), mass * (sin * along + cos * across), inertia * turn])
