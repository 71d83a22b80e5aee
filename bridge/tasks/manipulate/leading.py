"""How a learner's numbers lead an arm: by its tool, which points down, or joint by joint."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector, Joints
from bridge.frames import matrix_from_quat, quat_from_yaw, quat_product
from bridge.types import Pose

Array = NDArray[np.float64]
TOOL_CONTROLS = ("x", "y", "z", "yaw", "gripper (-1 open, 1 closed)")
JOINT_CONTROLS = (*(f"joint{index}" for index in range(1, 8)), "gripper (-1 open, 1 closed)")
STEP_M, STEP_RAD, JOINT_STEP_RAD = 0.05, 0.3, 0.1
"""How far 1 leads the tool, turns it and leads a joint."""
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_LOW, _HIGH = np.array([0.2, -0.55, 0.008]), np.array([0.85, 0.55, 0.7])
"""Where the tool is led, in the frame of the arm's base [m]: over the table, and not into it."""


def choices(count: int) -> tuple[tuple[float, ...], ...]:
    """Discrete actions for `count` numbers, the last of them the gripper: none or one of the others, either way, open or closed."""
    moves = np.vstack([np.zeros(count - 1), np.eye(count - 1), -np.eye(count - 1)])
    return tuple((*move, grip) for grip in (-1.0, 1.0) for move in moves.tolist())


def by_tool(base_from_tool: Array, numbers: Sequence[float]) -> Action:
    """The tool led on from where it is (7,), pointing down."""
    x, y, z, turn, grip = numbers
    at = np.clip(base_from_tool[:3] + STEP_M * np.array([x, y, z]), _LOW, _HIGH)
    rotation = matrix_from_quat(base_from_tool[3:])
    yaw = float(np.arctan2(rotation[1, 0], rotation[0, 0])) + STEP_RAD * turn
    return Action(EndEffector(Pose(at, quat_product(quat_from_yaw(yaw), _DOWN))), gripper=_closed(grip))


def by_joints(joints: Array, numbers: Sequence[float]) -> Action:
    """The joints led on from where they are (7,) [rad]."""
    return Action(Joints(joints + JOINT_STEP_RAD * np.array(numbers[:-1])), gripper=_closed(numbers[-1]))


def _closed(number: float) -> float:
    return min(max((number + 1.0) / 2.0, 0.0), 1.0)
