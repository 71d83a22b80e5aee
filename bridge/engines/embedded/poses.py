"""Poses out of the physics' state: upright things lean with the ground, those who ride or are carried follow."""

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat, quat_product

Array = NDArray[np.float64]


def quat_from_tilt(yaw: Array, pitch: Array, roll: Array) -> Array:
    """Rotations (n,4) by roll about x, then pitch about y, then yaw about z [rad], shape (n,) each."""
    cy, sy, cp, sp, cr, sr = (f(0.5 * a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    return np.stack(
        [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ],
        axis=-1,
    )


def tilt_from_quat(quat_wxyz: Array) -> tuple[Array, Array]:
    """Pitch and roll [rad] of rotations (n,4), as `quat_from_tilt` takes them."""
    w, x, y, z = np.moveaxis(np.asarray(quat_wxyz, dtype=np.float64), -1, 0)
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    return pitch, np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))


def composed(outer: Array, inner: Array) -> Array:
    """The pose (7,) of something placed in the frame of something else."""
    at = outer[:3] + matrix_from_quat(outer[3:]) @ inner[:3]
    return np.concatenate([at, quat_product(outer[3:], inner[3:])])
