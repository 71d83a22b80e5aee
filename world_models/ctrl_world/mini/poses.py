"""The pose of the tool at each frame in numbers about one, as the predictor is told it."""

import numpy as np
from numpy.typing import NDArray

from world_models.ctrl_world.mini.geometry import matrices

Array = NDArray[np.float64]
NUMBERS = 18
_MIDDLE_M, _SCALE_M, _STEP_M, _SCALE_S = np.array([0.5, 0.0, 0.95]), np.array([0.25, 0.3, 0.25]), 0.12, 1.2


def numbers(body: Array, gripper: Array, times_s: Array, *, now: int) -> NDArray[np.float32]:
    """Numbers (f,NUMBERS) of frames at poses (f,7) [m, wxyz], gripper (f,) and times (f,) [s]; row `now` is the current frame.

    Place, the first two axes of the turn, the gripper; how place and gripper differ from the current frame's; when it is; and
    whether it is before, now or after.
    """
    turn = matrices(body[:, 3:])[:, :, :2].reshape(len(body), 6)
    when = times_s - times_s[now]
    role = np.stack([when < -1e-6, np.abs(when) <= 1e-6, when > 1e-6], 1)
    parts = [
        (body[:, :3] - _MIDDLE_M) / _SCALE_M,
        turn,
        2.0 * gripper[:, None] - 1.0,
        np.clip((body[:, :3] - body[now, :3]) / _STEP_M, -4.0, 4.0),
        gripper[:, None] - gripper[now],
        np.clip(when[:, None] / _SCALE_S, -4.0, 4.0),
        role,
    ]
    return np.concatenate(parts, 1).astype(np.float32)


def apart(a: Array, b: Array) -> Array:
    """How far poses (i,7) are from poses (j,7), (i,j): metres, with a turn of 1 rad counted as 0.3 m, which is about how far
    a hand camera's picture moves."""
    metres = np.linalg.norm(a[:, None, :3] - b[None, :, :3], axis=-1)
    same = np.abs(a[:, 3:] @ b[:, 3:].T)
    return metres + 0.3 * 2.0 * np.arccos(np.clip(same, 0.0, 1.0))
