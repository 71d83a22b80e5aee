"""Where an arm's tool goes that is told targets: the engine's straight way at its pace, then a lag as of servos."""

import copy
import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, EndEffector, Joints
from bridge.frames import matrix_from_quat, quat_inverse, quat_product
from bridge.robots.description import Robot
from bridge.robots.kinematics import Kinematics
from bridge.robots.links import link_bodies
from bridge.types import AgentState, WorldState
from world_models.adapters import turns
from world_models.adapters.turns import Quat, Vector

Array = NDArray[np.float64]
_SLOW_DOWN = 6.0
"""How much of its full speed a tool that is led gains or loses in a second [1/s]; that of the embedded engine's EndEffector."""
_STILL: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Lag:
    """How servos come after what they are told: damped springs away from the base, around it, up, and in turning.

    `pulse_rad_s` (4,) and `damping` (4,) are theirs; `grip` is the share of the gripper's way that is left after a tick. Fitted (see fit).
    """

    pulse_rad_s: tuple[float, float, float, float]
    damping: tuple[float, float, float, float]
    grip: float


class Arm:
    """The tool of one arm. It begins where a state has it; things in its way are nothing to it.

    `blocked` is how far the gripper can close on what is between its fingers, 1 if nothing is. All that changes is replaced,
    never written to, so that a copy is cheap.
    """

    def __init__(self, robot: Robot, agent: str, state: WorldState, lag: Lag) -> None:
        self.robot, self._agent, self._lag = robot, agent, lag
        self._kinematics, self._links = Kinematics(robot), _Links(robot)
        self._base = state.poses[state.names.index(agent)].copy()
        self._turn = matrix_from_quat(self._base[3:])
        row = state.names.index(f"{agent}/tool")
        own = next(one for one in state.agents if one.name == agent)
        self._joints = np.array(own.joints, dtype=np.float64)
        self._at, self._quat = _split(into(self._base, state.poses[row]))
        self._rate, self._spin = _STILL, _STILL
        if state.velocities is not None:
            self._rate, self._spin = (
                _vector(state.velocities[row, :3] @ self._turn),
                _vector(state.velocities[row, 3:] @ self._turn),
            )
        late_s = 2.0 * lag.damping[0] / lag.pulse_rad_s[0]
        x, y, z = (at + rate * late_s for at, rate in zip(self._at, self._rate, strict=True))
        self._wanted: Vector = (x, y, z)
        self._facing = turns.turned(self._quat, _scaled(self._spin, late_s))
        self._led = self._joints
        fast_m, fast_rad = robot.tool_speed
        self._pace = min(max(math.hypot(*self._rate) / fast_m, math.hypot(*self._spin) / fast_rad), 1.0)
        self._closed = float(own.gripper or 0.0)
        self._grip, self.blocked = self._closed, 1.0
        self._action = Action()
        self._known: Array | None = None

    @property
    def body(self) -> Array:
        """The tool's pose (7,), world frame."""
        if self._known is None:
            self._known = out_of(self._base, np.array([*self._at, *self._quat]))
        return self._known

    @property
    def velocity(self) -> Array:
        """The tool's velocity (6,), world frame."""
        return np.concatenate([self._turn @ np.array(self._rate), self._turn @ np.array(self._spin)])

    @property
    def gripper(self) -> float | None:
        """As it would be measured; None without one."""
        return None if self.robot.gripper is None else self._closed

    def tell(self, action: Action) -> None:
        """Where the tool or the joints shall go, and the gripper."""
        if isinstance(action.motion, Joints) and not isinstance(self._action.motion, Joints):
            self._led = self._kinematics.reach(self._joints, np.array([*self._wanted, *self._facing]), steps=4)
        if not isinstance(action.motion, EndEffector):
            self._pace = 0.0
        self._action = action
        if action.gripper is not None:
            self._grip = float(action.gripper)

    def advance(self, ticks: int) -> None:
        """So many ticks pass; the joints follow the tool at their end."""
        motion, self._known = self._action.motion, None
        if isinstance(motion, EndEffector):
            quat = np.asarray(motion.base_from_tool.quat_wxyz, dtype=np.float64)
            target, facing = _split(np.concatenate([motion.base_from_tool.position, quat / np.linalg.norm(quat)]))
            for _ in range(ticks):
                self._lead(target, facing)
                self._follow()
        elif isinstance(motion, Joints):
            table = self.robot.joints
            aim, most = np.clip(motion.targets, table.low, table.high), table.speed * TICK_S
            for _ in range(ticks):
                self._led = self._led + np.clip(aim - self._led, -most, most)
                self._wanted, self._facing = _split(self._kinematics.tool(self._led))
                self._follow()
        else:
            for _ in range(ticks):
                self._follow()
        self._joints = self._kinematics.reach(self._joints, np.array([*self._at, *self._quat]), steps=2)

    def _lead(self, target: Vector, facing: Quat) -> None:
        """A tick of the straight way to a target, as bridge.engines.embedded.robots leads it; place and turn arrive together."""
        fast_m, fast_rad = self.robot.tool_speed
        x, y, z = self._wanted
        way = (target[0] - x, target[1] - y, target[2] - z)
        turn = turns.between(self._facing, facing)
        far_m, far_rad = math.hypot(*way), math.hypot(*turn)
        slower = max(math.sqrt(2 * _SLOW_DOWN * far_m / fast_m), math.sqrt(2 * _SLOW_DOWN * far_rad / fast_rad), 0.02)
        self._pace = min(self._pace + _SLOW_DOWN * TICK_S, slower, 1.0)
        step = self._pace * TICK_S
        steps = max(far_m / (fast_m * step), far_rad / (fast_rad * step))
        if steps <= 1.0:
            self._wanted, self._facing = target, facing
            return
        self._wanted = (x + way[0] / steps, y + way[1] / steps, z + way[2] / steps)
        self._facing = turns.turned(self._facing, _scaled(turn, 1.0 / steps))

    def _follow(self) -> None:
        """A tick of the damped springs between what is wanted and what is."""
        pulse, damping = self._lag.pulse_rad_s, self._lag.damping
        x, y, z = self._at
        far = math.hypot(x, y) or 1.0
        cos, sin = x / far, y / far
        vx, vy, vz = self._rate
        dx, dy, dz = self._wanted[0] - x, self._wanted[1] - y, self._wanted[2] - z
        out = TICK_S * pulse[0] * (pulse[0] * (cos * dx + sin * dy) - 2.0 * damping[0] * (cos * vx + sin * vy))
        around = TICK_S * pulse[1] * (pulse[1] * (cos * dy - sin * dx) - 2.0 * damping[1] * (cos * vy - sin * vx))
        vx, vy = vx + cos * out - sin * around, vy + sin * out + cos * around
        vz += TICK_S * pulse[2] * (pulse[2] * dz - 2.0 * damping[2] * vz)
        self._rate, self._at = (vx, vy, vz), (x + vx * TICK_S, y + vy * TICK_S, z + vz * TICK_S)
        rest = turns.between(self._quat, self._facing)
        p, d = pulse[3], damping[3]
        a, b, c = (spin + TICK_S * p * (p * left - 2.0 * d * spin) for spin, left in zip(self._spin, rest, strict=True))
        self._spin = (a, b, c)
        self._quat = turns.turned(self._quat, _scaled(self._spin, TICK_S))
        most = min(self._grip, self.blocked)
        self._closed = most + (self._closed - most) * self._lag.grip

    def put(self, body: Array, lasted_s: float) -> None:
        """The tool is found elsewhere than it was led to in the last `lasted_s`: at a pose (7,), world frame; servos mend their speed."""
        self._at, self._quat = _split(into(self._base, body))
        self._known = None

    def agent(self) -> AgentState:
        """What the arm tells of itself."""
        return AgentState(self._agent, joints=self._joints.copy(), gripper=self.gripper)

    def links(self) -> tuple[tuple[str, ...], Array]:
        """Names and poses (k,7) of the arm's links, world frame."""
        own = self._links.poses(self._joints)
        at = own[:, :3] @ self._turn.T + self._base[:3]
        return tuple(f"{self._agent}/{name}" for name in self._links.names), np.concatenate(
            [at, quat_product(self._base[3:], own[:, 3:])], axis=1
        )

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        moving = (self._at, self._quat, self._rate, self._spin, self._wanted, self._facing, self._pace)
        rest = repr((moving, self._closed, self._grip, self.blocked)).encode() + told(self._action)
        return rest + b"".join(array.tobytes() for array in (self._base, self._joints, self._led))

    def copy(self) -> "Arm":
        """One that goes its own way."""
        return copy.copy(self)


class _Links:
    """Where links are for joints, on a state of its own."""

    def __init__(self, robot: Robot) -> None:
        self._robot, self._data = robot, mujoco.MjData(robot.model)
        bodies = link_bodies(robot)
        self.names, self._bodies = tuple(bodies), list(bodies.values())

    def poses(self, joints: Array) -> Array:
        """Poses (k,7) in the base's frame."""
        data = self._data
        data.qpos[:] = self._robot.home
        data.qpos[self._robot.joints.qpos] = joints
        mujoco.mj_kinematics(self._robot.model, data)
        return np.concatenate([data.xpos[self._bodies], data.xquat[self._bodies]], axis=1)


def into(base: Array, world: Array) -> Array:
    """A pose (7,) in the frame of a base."""
    at = matrix_from_quat(base[3:]).T @ (world[:3] - base[:3])
    return np.concatenate([at, quat_product(quat_inverse(base[3:]), world[3:])])


def out_of(base: Array, own: Array) -> Array:
    """A pose (7,) of a base's frame in the world."""
    at = matrix_from_quat(base[3:]) @ own[:3] + base[:3]
    quat = quat_product(base[3:], own[3:])
    return np.concatenate([at, quat / np.linalg.norm(quat)])


def told(action: Action) -> bytes:
    """An action, as something that compares."""
    motion = action.motion
    if isinstance(motion, Joints):
        return b"joints" + np.asarray(motion.targets, dtype=np.float64).tobytes()
    if isinstance(motion, EndEffector):
        pose = motion.base_from_tool
        return b"tool" + np.concatenate([pose.position, pose.quat_wxyz]).astype(np.float64).tobytes()
    return repr(motion).encode()


def _vector(array: Array) -> Vector:
    x, y, z = array.tolist()
    return x, y, z


def _split(pose: Array) -> tuple[Vector, Quat]:
    x, y, z, qw, qx, qy, qz = pose.tolist()
    return (x, y, z), (qw, qx, qy, qz)


def _scaled(vector: Vector, by: float) -> Vector:
    return vector[0] * by, vector[1] * by, vector[2] * by
