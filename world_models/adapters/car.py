"""Where a car goes that is told pedals and wheel, or a speed and a turn: a bicycle model with the engine's fitted numbers.

Kinematic bicycle after Kong, Pfeiffer, Schildbach and Borrelli, "Kinematic and dynamic vehicle models for autonomous driving
control design" (IEEE IV 2015), with the reference at the middle and no slip; drag grows with the square of the speed.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, Drive, Velocity
from bridge.frames import quat_product, yaw_from_quat
from bridge.scene import Terrain

Array = NDArray[np.float64]
_CREEP_M_S = 0.5


@dataclass(frozen=True)
class Chassis:
    """What a car can do: accelerations [m/s2], speeds [m/s], the front wheels' largest angle [rad] and how fast they turn [rad/s];
    `base` is the wheels' distance as a share of the length, `grip_m_s2` what tyres hold across. Fitted (see fit)."""

    engine_m_s2: float
    top_m_s: float
    back_m_s: float
    brake_m_s2: float
    rolling_m_s2: float
    steer_rad: float
    steer_rad_s: float
    base: float
    grip_m_s2: float


class Car:
    """One car, on the terrain. It begins at a pose (7,) and velocity (6,), world frame; nothing is in its way."""

    gripper: float | None = None

    def __init__(self, chassis: Chassis, length_m: float, terrain: Terrain, pose: Array, velocity: Array) -> None:
        self._chassis, self._terrain = chassis, terrain
        self._base_m = chassis.base * length_m
        self._x, self._y = float(pose[0]), float(pose[1])
        self._yaw = float(yaw_from_quat(pose[3:]))
        self._speed = math.cos(self._yaw) * float(velocity[0]) + math.sin(self._yaw) * float(velocity[1])
        rate = float(velocity[5])
        self._angle = math.atan(self._base_m * rate / self._speed) if abs(self._speed) > _CREEP_M_S else 0.0
        self._angle = min(max(self._angle, -chassis.steer_rad), chassis.steer_rad)
        self._rate = rate
        self._over_m = float(pose[2]) - float(terrain.height_at(np.asarray(pose[:2])))
        self._pose = pose.copy()
        self._action = Action()

    @property
    def body(self) -> Array:
        """The car's pose (7,), world frame."""
        return self._pose

    @property
    def velocity(self) -> Array:
        """Its velocity (6,), world frame."""
        ahead = self._speed * np.array([math.cos(self._yaw), math.sin(self._yaw)])
        return np.array([ahead[0], ahead[1], 0.0, 0.0, 0.0, self._rate])

    def tell(self, action: Action) -> None:
        """Drive or Velocity; anything else is to brake and stand."""
        self._action = action

    def advance(self, ticks: int) -> None:
        """So many ticks pass; the ground is looked at when they are over."""
        motion = self._action.motion
        for _ in range(ticks):
            along, angle = self._driven(motion) if isinstance(motion, Drive) else self._held(motion)
            most = self._chassis.steer_rad_s * TICK_S
            self._angle += min(max(angle - self._angle, -most), most)
            was = self._speed
            self._speed = was + along * TICK_S
            hold = self._chassis.grip_m_s2 / max(abs(self._speed), _CREEP_M_S)
            self._rate = min(max(self._speed * math.tan(self._angle) / self._base_m, -hold), hold)
            self._yaw += self._rate * TICK_S
            self._x += self._speed * math.cos(self._yaw) * TICK_S
            self._y += self._speed * math.sin(self._yaw) * TICK_S
        self._stand()

    def _driven(self, motion: Drive) -> tuple[float, float]:
        """The acceleration [m/s2] that pedals come to, and the angle [rad] of the wheel."""
        train, speed = self._chassis, self._speed
        limit = train.top_m_s if speed >= 0 else max(train.back_m_s, 0.1)
        drag = train.engine_m_s2 * abs(speed / limit) * speed / limit
        drag += math.copysign(train.rolling_m_s2, speed) if speed else 0.0
        throttle = float(motion.throttle)
        if abs(throttle) < 1e-9:
            wanted = -math.copysign(min(abs(drag), abs(speed) / TICK_S), speed)
        else:
            brakes = throttle * speed < 0 and abs(speed) > 0.3
            wanted = throttle * (train.brake_m_s2 if brakes else train.engine_m_s2) - drag
        if motion.brake > 0:
            after = speed + wanted * TICK_S
            slower = max(abs(after) - float(motion.brake) * train.brake_m_s2 * TICK_S, 0.0)
            wanted = (math.copysign(slower, after) - speed) / TICK_S
        return wanted, float(motion.steer) * train.steer_rad

    def _held(self, motion: object) -> tuple[float, float]:
        """The same for a speed and a turn that are to be held; None is to stand."""
        train, speed = self._chassis, self._speed
        wanted, turn = (motion.forward_m_s, motion.yaw_rate_rad_s) if isinstance(motion, Velocity) else (0.0, 0.0)
        target = min(max(wanted, -train.back_m_s), train.top_m_s)
        most = train.brake_m_s2 if abs(target) < abs(speed) else train.engine_m_s2
        along = min(max((target - speed) / TICK_S, -most), most)
        going = speed if abs(speed) > _CREEP_M_S else math.copysign(_CREEP_M_S, wanted)
        angle = math.atan(self._base_m * turn / going)
        return along, min(max(angle, -train.steer_rad), train.steer_rad)

    def _stand(self) -> None:
        """On the ground, tilted as it is."""
        half = self._base_m / 2
        ahead = half * np.array([math.cos(self._yaw), math.sin(self._yaw)])
        left = np.array([-ahead[1], ahead[0]])
        at = np.array([self._x, self._y])
        middle, front, rear, port, starboard = self._terrain.height_at(
            np.stack([at, at + ahead, at - ahead, at + left, at - left])
        ).tolist()
        pitch, roll = -math.atan2(front - rear, 2 * half), math.atan2(port - starboard, 2 * half)
        quat = quat_product(_about(self._yaw, 2), quat_product(_about(pitch, 1), _about(roll, 0)))
        self._pose = np.concatenate([[self._x, self._y, middle + self._over_m], quat / np.linalg.norm(quat)])

    def put(self, body: Array, lasted_s: float) -> None:
        """The car is found elsewhere than it was led to in the last `lasted_s`: at a pose (7,), world frame; its speed is mended alike."""
        ahead = math.cos(self._yaw) * (float(body[0]) - self._x) + math.sin(self._yaw) * (float(body[1]) - self._y)
        self._speed += ahead / lasted_s
        self._x, self._y, self._yaw = float(body[0]), float(body[1]), float(yaw_from_quat(body[3:]))
        self._over_m = float(body[2]) - float(self._terrain.height_at(np.asarray(body[:2])))
        self._pose = body.copy()

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        return repr((self._x, self._y, self._yaw, self._speed, self._angle, self._rate, self._action.motion)).encode()

    def copy(self) -> "Car":
        """One that goes its own way."""
        return copy.copy(self)


class Walker:
    """Somebody on foot, or anything else that goes as it is told at once: level, at the height where it began over the terrain."""

    gripper: float | None = None

    def __init__(self, terrain: Terrain, pose: Array) -> None:
        self._terrain, self._pose = terrain, pose.copy()
        self._yaw = float(yaw_from_quat(pose[3:]))
        self._over_m = float(pose[2]) - float(terrain.height_at(np.asarray(pose[:2])))
        self._velocity = Velocity()

    @property
    def body(self) -> Array:
        """The pose (7,), world frame."""
        return self._pose

    @property
    def velocity(self) -> Array:
        """The velocity (6,), world frame."""
        x, y = self._way()
        return np.array([x, y, 0.0, 0.0, 0.0, self._velocity.yaw_rate_rad_s])

    def _way(self) -> tuple[float, float]:
        cos, sin, told = math.cos(self._yaw), math.sin(self._yaw), self._velocity
        return cos * told.forward_m_s - sin * told.left_m_s, sin * told.forward_m_s + cos * told.left_m_s

    def tell(self, action: Action) -> None:
        """A Velocity; anything else is to stand."""
        self._velocity = action.motion if isinstance(action.motion, Velocity) else Velocity()

    def advance(self, ticks: int) -> None:
        """So many ticks pass."""
        if self._velocity == Velocity():
            return
        at = self._pose[:2].copy()
        for _ in range(ticks):
            self._yaw += self._velocity.yaw_rate_rad_s * TICK_S
            at += np.array(self._way()) * TICK_S
        z = float(self._terrain.height_at(at)) + self._over_m
        self._pose = np.concatenate([at, [z], _about(self._yaw, 2)])

    def put(self, body: Array, lasted_s: float) -> None:
        """Found elsewhere than led to in the last `lasted_s`: at a pose (7,), world frame."""
        self._yaw, self._pose = float(yaw_from_quat(body[3:])), body.copy()
        self._over_m = float(body[2]) - float(self._terrain.height_at(np.asarray(body[:2])))

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        return repr((self._yaw, self._velocity)).encode() + self._pose.tobytes()

    def copy(self) -> "Walker":
        """One that goes its own way."""
        return copy.copy(self)


def _about(angle_rad: float, axis: int) -> Array:
    """The rotation (4,) about one axis."""
    quat = np.zeros(4)
    quat[0], quat[1 + axis] = math.cos(angle_rad / 2), math.sin(angle_rad / 2)
    return quat
