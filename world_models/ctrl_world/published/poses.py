"""Poses as Ctrl-World reads them: flange position, Euler angles and gripper in the base's frame, scaled by the data's bounds."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.errors import InvalidInput
from bridge.frames import quat_from_matrix, transform_from_pose
from world_models.ctrl_world.published.config import Body
from world_models.ctrl_world.published.kinematics import flange_from_tool

Array = NDArray[np.float64]
NUMBERS = 7
"""x, y, z [m]; roll, pitch, yaw [rad] about fixed axes; gripper 0 open to 1 closed."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """The 1st and 99th percentile of each number (7,) over the data that a network was trained on."""

    low: Array
    high: Array

    def scaled(self, poses: ArrayLike) -> Array:
        """Poses (..., 7) with low at -1 and high at 1, cut off there, in float64."""
        scaled = 2.0 * (np.asarray(poses, dtype=np.float64) - self.low) / (self.high - self.low + 1e-8) - 1.0
        return np.clip(scaled, -1.0, 1.0)

    def write(self, path: Path) -> None:
        """Writes them as the released ones are."""
        path.write_text(
            json.dumps({"state_01": self.low.tolist(), "state_99": self.high.tolist()}, indent=1), encoding="utf-8"
        )


def read_bounds(path: Path) -> Bounds:
    """The bounds in a `stat.json`. Raises InvalidInput for one that does not hold seven numbers each."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        low, high = (np.array(told[name], dtype=np.float64).reshape(-1) for name in ("state_01", "state_99"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} holds no bounds of poses ({error!r}). Expected JSON with state_01 and state_99."
        ) from error
    if low.shape != (NUMBERS,) or high.shape != (NUMBERS,):
        raise InvalidInput(f"{path} bounds {low.size} and {high.size} numbers, and {NUMBERS} each are expected.")
    return Bounds(low, high)


def bounds_of(poses: Array) -> Bounds:
    """The bounds of poses (n, 7), at least 1 mm, 1 mrad or a thousandth of the gripper's way apart."""
    low, high = np.quantile(poses, [0.01, 0.99], axis=0)
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2, 5e-4)
    return Bounds(middle - half, middle + half)


def euler_from_matrix(rotation: ArrayLike) -> Array:
    """Roll, pitch and yaw [rad] (..., 3) about fixed x, y and z, in that order, of rotations (..., 3, 3).

    Pitch lies within a quarter turn; where it is one, roll is the angle that is left and yaw 0.
    """
    r = np.asarray(rotation, dtype=np.float64)
    level = np.hypot(r[..., 0, 0], r[..., 1, 0])
    upright = level < 1e-7
    roll = np.where(
        upright,
        np.arctan2(-r[..., 1, 2], r[..., 1, 1]),
        np.arctan2(r[..., 2, 1], r[..., 2, 2]),
    )
    pitch = np.arctan2(-r[..., 2, 0], level)
    yaw = np.where(upright, 0.0, np.arctan2(r[..., 1, 0], r[..., 0, 0]))
    return np.stack([roll, pitch, yaw], axis=-1)


def matrix_from_euler(euler_rad: ArrayLike) -> Array:
    """Rotations (..., 3, 3) of roll, pitch and yaw (..., 3) about fixed x, y and z."""
    roll, pitch, yaw = np.moveaxis(np.asarray(euler_rad, dtype=np.float64), -1, 0)
    (cr, cp, cy), (sr, sp, sy) = np.cos([roll, pitch, yaw]), np.sin([roll, pitch, yaw])
    entries = [
        *(cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr),
        *(sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr),
        *(-sp, cp * sr, cp * cr),
    ]
    return np.stack(entries, axis=-1).reshape(*roll.shape, 3, 3)


def numbers_from_flange(base_from_flange: ArrayLike, gripper: ArrayLike) -> Array:
    """Seven numbers (..., 7) of flanges (..., 4, 4) and grippers (...)."""
    flange = np.asarray(base_from_flange, dtype=np.float64)
    return np.concatenate(
        [flange[..., :3, 3], euler_from_matrix(flange[..., :3, :3]), np.asarray(gripper, dtype=np.float64)[..., None]],
        axis=-1,
    )


def numbers_from_body(
    poses: ArrayLike, gripper: ArrayLike, *, base_m: ArrayLike = (0.0, 0.0, 0.0), body: Body = "tool"
) -> Array:
    """Seven numbers (..., 7) of poses (..., 7), world frame, of the tool or the flange of an arm that stands upright at `base_m`."""
    found = transform_from_pose(poses)
    found[..., :3, 3] -= np.asarray(base_m, dtype=np.float64)
    return numbers_from_flange(found if body == "flange" else found @ np.linalg.inv(flange_from_tool()), gripper)


def tool_from_numbers(numbers: ArrayLike, *, base_m: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
    """The tool's poses (n, 7), world frame, of seven numbers (n, 7) each: the way back."""
    numbers = np.asarray(numbers, dtype=np.float64)
    flange = np.broadcast_to(np.eye(4), (*numbers.shape[:-1], 4, 4)).copy()
    flange[..., :3, :3] = matrix_from_euler(numbers[..., 3:6])
    flange[..., :3, 3] = numbers[..., :3]
    tool = flange @ flange_from_tool()
    places = tool[..., :3, 3] + np.asarray(base_m, dtype=np.float64)
    return np.concatenate([places, [quat_from_matrix(one) for one in tool[..., :3, :3]]], axis=-1)
