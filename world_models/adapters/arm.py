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
from bridge.robots.kinematics import Kinematics, gap, towards
from bridge.robots.links import link_bodies
from bridge.types import AgentState, WorldState

Array = NDArray[np.float64]
_SLOW_DOWN = 6.0
"""How much of its full speed a tool that is led gains or loses in a second [1/s]; the contract of EndEffector on the embedded engine."""


@dataclass(frozen=True)
class Lag:
    """How servos come after what they are told: a damped spring of `frequency_rad_s` and `damping`, and `grip` is the share of the
    gripper's way that is left after a tick. Fitted (see fit)."""

    frequency_rad_s: float
    damping: float
    grip: float


class Arm:
    """The tool of one arm. It begins where a state has it; things in its way are nothing to it.

    `blocked` is how far the gripper can close on what is between its fingers, 1 if nothing is.
    """

    def __init__(self, robot: Robot, agent: str, state: WorldState, lag: Lag) -> None:
        self.robot, self._agent, self._lag = robot, agent, lag
        self._kinematics = Kinematics(robot)
        self._links = _Links(robot)
        self._base = state.poses[state.names.index(agent)].copy()
        row = state.names.index(f"{agent}/tool")
        own = next(one for one in state.agents if one.name == agent)
        self._joints = np.array(own.joints, dtype=np.float64)
        self._tool = into(self._base, state.poses[row])
        self._rate = np.zeros(6)
        if state.velocities is not None:
            turn = matrix_from_quat(self._base[3:])
            self._rate = np.concatenate([state.velocities[row, :3] @ turn, state.velocities[row, 3:] @ turn])
        late_s = 2.0 * lag.damping / lag.frequency_rad_s
        self._wanted = turned(self._tool, self._rate * late_s)
        self._led = self._kinematics.reach(self._joints, self._wanted, steps=8)
        fast = max(
            float(np.linalg.norm(self._rate[:3])) / robot.tool_speed[0],
            float(np.linalg.norm(self._rate[3:])) / robot.tool_speed[1],
        )
        self._pace = min(fast, 1.0)
        self._closed = float(own.gripper or 0.0)
        self._grip, self.blocked = self._closed, 1.0
        self._action = Action()

    @property
    def body(self) -> Array:
        """The tool's pose (7,), world frame."""
        return out_of(self._base, self._tool)

    @property
    def velocity(self) -> Array:
        """The tool's velocity (6,), world frame."""
        turn = matrix_from_quat(self._base[3:])
        return np.concatenate([turn @ self._rate[:3], turn @ self._rate[3:]])

    @property
    def gripper(self) -> float | None:
        """As it would be measured; None without one."""
        return None if self.robot.gripper is None else self._closed

    def tell(self, action: Action) -> None:
        """Where the tool or the joints shall go, and the gripper."""
        if not isinstance(action.motion, EndEffector):
            self._pace = 0.0
        self._action = action
        if action.gripper is not None:
            self._grip = float(action.gripper)

    def advance(self, ticks: int) -> None:
        """So many ticks pass; the joints follow the tool at their end."""
        motion = self._action.motion
        for _ in range(ticks):
            if isinstance(motion, EndEffector):
                self._lead(motion)
            elif isinstance(motion, Joints):
                self._lead_joints(np.asarray(motion.targets, dtype=np.float64))
            self._follow()
        self._joints = self._kinematics.reach(self._joints, self._tool, steps=2)
        if isinstance(motion, EndEffector):
            self._led = self._joints

    def _lead(self, motion: EndEffector) -> None:
        """A tick of the straight way to the target, as bridge.engines.embedded.robots leads it."""
        pose = motion.base_from_tool
        quat = np.asarray(pose.quat_wxyz, dtype=np.float64)
        target = np.concatenate([np.asarray(pose.position, dtype=np.float64), quat / np.linalg.norm(quat)])
        error = gap(self._wanted, target)
        fast_m, fast_rad = self.robot.tool_speed
        place, turn = float(np.linalg.norm(error[:3])), float(np.linalg.norm(error[3:]))
        slower = max(math.sqrt(2 * _SLOW_DOWN * place / fast_m), math.sqrt(2 * _SLOW_DOWN * turn / fast_rad), 0.02)
        self._pace = min(self._pace + _SLOW_DOWN * TICK_S, slower, 1.0)
        step = self._pace * TICK_S
        self._wanted = towards(self._wanted, target, most_m=fast_m * step, most_rad=fast_rad * step)

    def _lead_joints(self, targets: Array) -> None:
        table = self.robot.joints
        aim = np.clip(targets, table.low, table.high)
        self._led = self._led + np.clip(aim - self._led, -table.speed * TICK_S, table.speed * TICK_S)
        self._wanted = self._kinematics.tool(self._led)

    def _follow(self) -> None:
        """A tick of the damped spring between what is wanted and what is, in closed form for what is wanted at rest."""
        error = gap(self._tool, self._wanted)
        pulse, damping = self._lag.frequency_rad_s, self._lag.damping
        self._rate = self._rate + TICK_S * (pulse * pulse * error - 2.0 * damping * pulse * self._rate)
        self._tool = turned(self._tool, self._rate * TICK_S)
        most = min(self._grip, self.blocked)
        self._closed = most + (self._closed - most) * self._lag.grip

    def put(self, body: Array, lasted_s: float) -> None:
        """The tool is found elsewhere than it was led to in the last `lasted_s`: at a pose (7,), world frame; servos mend their speed."""
        self._tool = into(self._base, body)

    def agent(self) -> AgentState:
        """What the arm tells of itself."""
        return AgentState(self._agent, joints=self._joints.copy(), gripper=self.gripper)

    def links(self) -> dict[str, Array]:
        """Poses (7,) of the arm's links by name, world frame; the tool is among them."""
        rows = self._links.poses(self._joints)
        found = {f"{self._agent}/{name}": out_of(self._base, row) for name, row in rows.items()}
        return {**found, f"{self._agent}/tool": self.body}

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        numbers = (self._base, self._joints, self._tool, self._rate, self._wanted, self._led)
        rest = repr((self._pace, self._closed, self._grip, self.blocked)).encode() + told(self._action)
        return rest + b"".join(array.tobytes() for array in numbers)

    def copy(self) -> "Arm":
        """One that goes its own way; arrays are never written to in place, so that they can be shared."""
        return copy.copy(self)


class _Links:
    """Where links are for joints, on a state of its own."""

    def __init__(self, robot: Robot) -> None:
        self._robot, self._data = robot, mujoco.MjData(robot.model)
        self._bodies = link_bodies(robot)

    def poses(self, joints: Array) -> dict[str, Array]:
        data = self._data
        data.qpos[:] = self._robot.home
        data.qpos[self._robot.joints.qpos] = joints
        mujoco.mj_kinematics(self._robot.model, data)
        return {name: np.concatenate([data.xpos[body], data.xquat[body]]) for name, body in self._bodies.items()}


def into(base: Array, world: Array) -> Array:
    """A pose (7,) in the frame of a base."""
    at = matrix_from_quat(base[3:]).T @ (world[:3] - base[:3])
    return np.concatenate([at, quat_product(quat_inverse(base[3:]), world[3:])])


def out_of(base: Array, own: Array) -> Array:
    """A pose (7,) of a base's frame in the world."""
    at = matrix_from_quat(base[3:]) @ own[:3] + base[:3]
    quat = quat_product(base[3:], own[3:])
    return np.concatenate([at, quat / np.linalg.norm(quat)])


def turned(pose: Array, by: Array) -> Array:
    """A pose (7,) moved and turned by a translation [m] and a rotation vector [rad], (6,), in its parent's frame."""
    angle = float(np.linalg.norm(by[3:]))
    if angle < 1e-12:
        return np.concatenate([pose[:3] + by[:3], pose[3:]])
    turn = np.concatenate([[math.cos(angle / 2)], math.sin(angle / 2) * by[3:] / angle])
    quat = quat_product(turn, pose[3:])
    return np.concatenate([pose[:3] + by[:3], quat / np.linalg.norm(quat)])


def told(action: Action) -> bytes:
    """An action, as something that compares."""
    motion = action.motion
    if isinstance(motion, Joints):
        return b"joints" + np.asarray(motion.targets, dtype=np.float64).tobytes()
    if isinstance(motion, EndEffector):
        pose = motion.base_from_tool
        return b"tool" + np.concatenate([pose.position, pose.quat_wxyz]).astype(np.float64).tobytes()
    return repr(motion).encode()
