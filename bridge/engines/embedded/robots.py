"""A robot at work in a compiled world: led tick by tick to the joints or the place its tool was told."""

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, EndEffector, Joints
from bridge.engines.embedded.located import located
from bridge.frames import quat_from_matrix
from bridge.robots.description import Robot
from bridge.robots.kinematics import Kinematics, gap, towards
from bridge.robots.servos import held
from bridge.types import AgentState, Readings

Array = NDArray[np.float64]
_NEAR_M, _NEAR_RAD, _PATIENCE_TICKS = 0.005, 0.02, 50
"""When a tool is there, and how long it may come hardly nearer before that is called a failure."""
_SLOW_DOWN = 6.0
"""How much of its full speed a tool gains or loses in a second [1/s]."""


@dataclass(frozen=True, eq=False)
class Kept:
    """All of a robot's state, to go on in another model of the world."""

    base: Array
    qpos: Array
    qvel: Array
    act: Array
    orders: tuple[Action, Array, float, float, float, int, str]


class RobotBody:
    """One robot of a world; `names` are its base, its links and, if it has one, its tool ("agent/tool").

    `wanted` joints are what the servos hold; actions lead them on, tick by tick.
    """

    def __init__(self, name: str, robot: Robot, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self.name, self.robot, self._model, self._data = name, robot, model, data
        self._at = located(name, robot, model)
        self.names = (*self._at.names, *([f"{name}/tool"] if robot.tool else []))
        self._servos = self._at.actuators[robot.joints.actuator]
        self._kinematics = Kinematics(robot) if robot.tool else None
        self._told, self._wanted = Action(), held(robot.home, robot.joints.qpos, robot.joints.turns)
        self._grip, self._pace, self._least, self._stalled, self._failure = 0.0, 0.0, np.inf, 0, ""

    def start(self, base: Array) -> None:
        """Takes the starting posture with the base at a pose (7,), at rest."""
        self._data.qpos[self._at.qpos] = self.robot.home
        self._data.act[self._at.acts] = 0.0
        self.place(base)

    def place(self, base: Array) -> None:
        """Puts the base somewhere, the joints as they are, at rest."""
        if self._at.mocap >= 0:
            self._data.mocap_pos[self._at.mocap], self._data.mocap_quat[self._at.mocap] = base[:3], base[3:]
        else:
            self._data.qpos[self._at.free] = base
        self._data.qvel[self._at.dof] = 0.0

    def tell(self, action: Action) -> None:
        """Takes an action that was checked (see orders)."""
        if _told(action) != _told(self._told):
            self._least, self._stalled, self._failure = np.inf, 0, ""
            self._pace = self._pace if isinstance(action.motion, EndEffector) else 0.0
        self._told = action
        if action.gripper is not None:
            self._grip = float(action.gripper)

    def lead(self) -> None:
        """Gives the servos what they shall hold this tick."""
        table, motion = self.robot.joints, self._told.motion
        aim = np.where(table.turns, 0.0, self._wanted)
        if isinstance(motion, Joints):
            aim = np.clip(motion.targets, table.low, table.high)
        elif isinstance(motion, EndEffector) and self._kinematics is not None:
            aim = self._aim(motion, self._kinematics)
        most = np.where(table.turns, np.inf, table.speed * TICK_S)
        self._wanted = np.where(table.turns, aim, self._wanted + np.clip(aim - self._wanted, -most, most))
        self._data.ctrl[self._servos] = table.gear * self._wanted
        if self.robot.gripper is not None:
            gripper = self.robot.gripper
            value = gripper.open + (gripper.closed - gripper.open) * self._grip
            self._data.ctrl[self._at.actuators[gripper.actuator]] = value

    def _aim(self, motion: EndEffector, kinematics: Kinematics) -> Array:
        """Joints for the next piece of the straight way to where the tool shall be."""
        pose = motion.base_from_tool
        target = np.concatenate(
            [np.asarray(pose.position), np.asarray(pose.quat_wxyz) / np.linalg.norm(pose.quat_wxyz)]
        )
        here = kinematics.tool(self._wanted)
        error = gap(here, target)
        place, turn = float(np.linalg.norm(error[:3])), float(np.linalg.norm(error[3:]))
        fast_m, fast_rad = self.robot.tool_speed
        slower = max(math.sqrt(2 * _SLOW_DOWN * place / fast_m), math.sqrt(2 * _SLOW_DOWN * turn / fast_rad), 0.02)
        self._pace = min(self._pace + _SLOW_DOWN * TICK_S, slower, 1.0)
        step = self._pace * TICK_S
        joints = kinematics.reach(
            self._wanted, towards(here, target, most_m=fast_m * step, most_rad=fast_rad * step), steps=4
        )
        left = max(place / _NEAR_M, turn / _NEAR_RAD)
        if left < 0.9 * self._least or left <= 1.0:
            self._least, self._stalled, self._failure = left, 0, ""
        else:
            self._stalled += 1
        if self._stalled > _PATIENCE_TICKS:
            self._failure = (
                f"{self.name}'s tool stays {place:.3f} m and {turn:.2f} rad short of its target: it is out of reach, "
                "or a joint is at its limit. Give a nearer pose, or another way to hold the tool."
            )
        return joints

    def poses(self) -> Array:
        """World poses (n,7) of `names`; the world's kinematics must be up to date."""
        data = self._data
        rows = np.concatenate([data.xpos[self._at.bodies], data.xquat[self._at.bodies]], axis=1)
        if self._at.tool < 0:
            return rows
        tool = np.concatenate(
            [data.site_xpos[self._at.tool], quat_from_matrix(data.site_xmat[self._at.tool].reshape(3, 3))]
        )
        return np.concatenate([rows, tool[None]])

    def velocities(self) -> Array:
        """Linear [m/s] and angular [rad/s] velocities (n,6) of `names` in the world's frame."""
        data, bodies = self._data, self._at.bodies
        points, owners = data.xpos[bodies], bodies
        if self._at.tool >= 0:
            points = np.concatenate([points, data.site_xpos[self._at.tool][None]])
            owners = np.append(bodies, self._model.site_bodyid[self._at.tool])
        turn, slide = data.cvel[owners, :3], data.cvel[owners, 3:]
        centre = data.subtree_com[self._model.body_rootid[owners]]
        return np.concatenate([slide + np.cross(turn, points - centre), turn], axis=1)

    def state(self) -> AgentState:
        """What the robot is up to."""
        motion, data = self._told.motion, self._data
        readings = None
        if self._at.sensors:
            readings = Readings(self._at.sensors, self._at.starts, data.sensordata[self._at.columns])
        return AgentState(
            self.name,
            joints=data.qpos[self._at.qpos][self.robot.joints.qpos],
            gripper=self._opening(),
            readings=readings,
            doing="wait" if motion is not None and not isinstance(motion, (Joints, EndEffector)) else "",
            failure=self._failure,
        )

    def _opening(self) -> float | None:
        """How far the gripper is closed: 0 open, 1 closed."""
        gripper = self.robot.gripper
        if gripper is None:
            return None
        index = int(self._at.actuators[gripper.actuator])
        gain, bias = float(self._model.actuator_gainprm[index, 0]), float(self._model.actuator_biasprm[index, 1])
        per_length = -bias / gain if gain and bias else 1.0
        value = float(self._data.actuator_length[index]) * per_length
        return float(np.clip((value - gripper.open) / (gripper.closed - gripper.open), 0.0, 1.0))

    def base(self) -> Array:
        """The base's pose (7,)."""
        if self._at.mocap >= 0:
            return np.concatenate([self._data.mocap_pos[self._at.mocap], self._data.mocap_quat[self._at.mocap]])
        return self._data.qpos[self._at.free].copy()

    def keep(self) -> Kept:
        """All state, as copies."""
        data = self._data
        orders = (self._told, self._wanted, self._grip, self._pace, self._least, self._stalled, self._failure)
        return Kept(
            self.base(),
            data.qpos[self._at.qpos].copy(),
            data.qvel[self._at.dof].copy(),
            data.act[self._at.acts],
            orders,
        )

    def resume(self, kept: Kept) -> None:
        """Goes on as another body of the same robot left off."""
        self.place(kept.base)
        self._data.qpos[self._at.qpos], self._data.qvel[self._at.dof], self._data.act[self._at.acts] = (
            kept.qpos,
            kept.qvel,
            kept.act,
        )
        self._told, self._wanted, self._grip, self._pace, self._least, self._stalled, self._failure = kept.orders

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        data = self._data
        numbers = (
            self.base(),
            data.qpos[self._at.qpos],
            data.qvel[self._at.dof],
            data.act[self._at.acts],
            self._wanted,
        )
        rest = f"{self.name};{self._grip!r};{self._pace!r};{self._least!r};{self._stalled};".encode()
        return rest + _told(self._told) + b"".join(np.ascontiguousarray(array).tobytes() for array in numbers)


def _told(action: Action) -> bytes:
    """The motion of an action, as something that compares."""
    motion = action.motion
    if isinstance(motion, Joints):
        return b"joints" + np.asarray(motion.targets, dtype=np.float64).tobytes()
    if isinstance(motion, EndEffector):
        pose = motion.base_from_tool
        return b"tool" + np.concatenate([pose.position, pose.quat_wxyz]).astype(np.float64).tobytes()
    return repr(motion).encode()
