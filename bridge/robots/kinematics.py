"""Where a robot's tool is for its joints, and joints for where its tool shall be: damped least squares within limits.

The damping follows Nakamura and Hanafusa (1986): none where the arm moves well, more the nearer it is to a singular
posture. What freedom is left over draws the joints to how the robot starts.
"""

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_product
from bridge.robots.description import Robot

Array = NDArray[np.float64]
_FARTHEST_M, _FARTHEST_RAD = 0.1, 0.4
"""How far one step aims at most: Jacobians hold near by only."""
_SINGULAR, _DAMPING = 0.06, 0.08
"""Below which singular value damping sets in, and how much there is at zero."""
_HOMEWARD = 0.02


class Kinematics:
    """The kinematics of one robot with a tool, on a state of its own; poses (7,) are base_from_tool."""

    def __init__(self, robot: Robot) -> None:
        self._robot, self._model = robot, robot.model
        self._data = mujoco.MjData(robot.model)
        self._site = mujoco.mj_name2id(robot.model, mujoco.mjtObj.mjOBJ_SITE, robot.tool)
        self._start = robot.home.copy()
        if not robot.is_fixed:
            first = int(robot.model.jnt_qposadr[robot.model.body_jntadr[robot.base]])
            self._start[first : first + 7] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        self._jacobian = np.zeros((6, robot.model.nv))
        self._home = robot.home[robot.joints.qpos]

    def tool(self, joints: Array) -> Array:
        """The tool's pose for joints (k,)."""
        self._data.qpos[:] = self._start
        self._data.qpos[self._robot.joints.qpos] = joints
        mujoco.mj_kinematics(self._model, self._data)
        quat = np.zeros(4)
        mujoco.mju_mat2Quat(quat, self._data.site_xmat[self._site])
        return np.concatenate([self._data.site_xpos[self._site], quat])

    def reach(self, joints: Array, target: Array, *, steps: int) -> Array:
        """Joints (k,) within their limits that bring the tool nearer to `target` (7,), from `joints`, in some steps."""
        table, joints = self._robot.joints, joints.copy()
        for _ in range(steps):
            error = gap(self.tool(joints), target)
            if np.abs(error).max() < 1e-6:
                break
            mujoco.mj_comPos(self._model, self._data)
            mujoco.mj_jacSite(self._model, self._data, self._jacobian[:3], self._jacobian[3:], self._site)
            jacobian = self._jacobian[:, table.dof]
            aim = error * min(1.0, _FARTHEST_M / max(float(np.linalg.norm(error[:3])), 1e-12))
            aim[3:] = error[3:] * min(1.0, _FARTHEST_RAD / max(float(np.linalg.norm(error[3:])), 1e-12))
            joints = self._stepped(joints, jacobian, aim)
        return joints

    def _stepped(self, joints: Array, jacobian: Array, aim: Array) -> Array:
        """One step; joints that would pass a limit stay on it, and the others do their share."""
        table, free = self._robot.joints, np.ones(len(joints), dtype=bool)
        stepped = joints
        for _ in range(3):
            change = np.zeros(len(joints))
            rest = aim - jacobian @ (stepped - joints)
            change[free] = _damped(jacobian[:, free], rest, (self._home - stepped)[free])
            wanted = stepped + change
            stepped = np.clip(wanted, table.low, table.high)
            beyond = stepped != wanted
            if not (beyond & free).any():
                break
            free &= ~beyond
        return stepped


def _damped(jacobian: Array, error: Array, homeward: Array) -> Array:
    """The joints' change (k,) for the tool's `error` (6,), and some of `homeward` (k,) that does not move the tool."""
    left, sizes, right = np.linalg.svd(jacobian, full_matrices=False)
    least = sizes.min(initial=np.inf)
    damping = _DAMPING**2 * max(0.0, 1.0 - (least / _SINGULAR) ** 2)
    change = right.T @ (sizes / (sizes**2 + damping + 1e-12) * (left.T @ error))
    return change + _HOMEWARD * (homeward - right.T @ (right @ homeward))


def gap(pose: Array, target: Array) -> Array:
    """What brings a pose to another (7,) each: translation [m] and rotation vector [rad] in their common frame, (6,)."""
    turn = quat_product(target[3:], pose[3:] * [1.0, -1.0, -1.0, -1.0])
    turn = turn if turn[0] >= 0 else -turn
    sine = float(np.linalg.norm(turn[1:]))
    angle = 2.0 * np.arctan2(sine, float(turn[0]))
    axis = turn[1:] / sine if sine > 1e-12 else np.zeros(3)
    return np.concatenate([target[:3] - pose[:3], angle * axis])


def towards(pose: Array, target: Array, *, most_m: float, most_rad: float) -> Array:
    """The pose (7,) that is at most so far from `pose` on the straight way to `target`; place and turn arrive together."""
    error = gap(pose, target)
    far = max(float(np.linalg.norm(error[:3])) / most_m, float(np.linalg.norm(error[3:])) / most_rad)
    if far <= 1.0:
        return target.copy()
    step = error / far
    angle = float(np.linalg.norm(step[3:]))
    axis = step[3:] / angle if angle > 1e-12 else np.zeros(3)
    turn = np.concatenate([[np.cos(angle / 2)], np.sin(angle / 2) * axis])
    return np.concatenate([pose[:3] + step[:3], quat_product(turn, pose[3:])])
