"""Frames and units: rotations, poses as arrays, and the borders to Unreal, glTF and cameras.

World: right-handed, Z up, metres. Quaternions `wxyz`. A pose as an array is (x, y, z, w, x, y, z), shape (..., 7).
"""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def quat_from_yaw(yaw_rad: ArrayLike) -> Array:
    """Rotation about +Z, as wxyz, shape (..., 4)."""
    half = np.asarray(yaw_rad, dtype=np.float64) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, zero, np.sin(half)], axis=-1)


def yaw_from_quat(quat_wxyz: ArrayLike) -> Array:
    """Heading [rad] of the body's X axis in the world's XY plane, shape (...)."""
    w, x, y, z = np.moveaxis(np.asarray(quat_wxyz, dtype=np.float64), -1, 0)
    return np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def quat_product(a_wxyz: ArrayLike, b_wxyz: ArrayLike) -> Array:
    """The rotation that does `b` first and `a` second, shape (..., 4)."""
    aw, ax, ay, az = np.moveaxis(np.asarray(a_wxyz, dtype=np.float64), -1, 0)
    bw, bx, by, bz = np.moveaxis(np.asarray(b_wxyz, dtype=np.float64), -1, 0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def quat_inverse(quat_wxyz: ArrayLike) -> Array:
    """The opposite rotation of a unit quaternion, shape (..., 4)."""
    return np.asarray(quat_wxyz, dtype=np.float64) * np.array([1.0, -1.0, -1.0, -1.0])


def matrix_from_quat(quat_wxyz: ArrayLike) -> Array:
    """Rotation matrices, shape (..., 3, 3)."""
    quat = np.asarray(quat_wxyz, dtype=np.float64)
    w, x, y, z = (quat[..., index] for index in range(4))
    entries = [
        *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    ]
    return np.stack(entries, axis=-1).reshape(*quat.shape[:-1], 3, 3)


def quat_from_matrix(rotation: ArrayLike) -> Array:
    """Unit quaternion with w >= 0 of one rotation matrix (3, 3), shape (4,). Shepperd's method."""
    r = np.asarray(rotation, dtype=np.float64)
    squares = np.array(
        [
            1 + r[0, 0] + r[1, 1] + r[2, 2],
            1 + r[0, 0] - r[1, 1] - r[2, 2],
            1 - r[0, 0] + r[1, 1] - r[2, 2],
            1 - r[0, 0] - r[1, 1] + r[2, 2],
        ]
    )
    largest = int(np.argmax(squares))
    by_largest = [
        [squares[0], r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]],
        [r[2, 1] - r[1, 2], squares[1], r[1, 0] + r[0, 1], r[0, 2] + r[2, 0]],
        [r[0, 2] - r[2, 0], r[1, 0] + r[0, 1], squares[2], r[2, 1] + r[1, 2]],
        [r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[2, 1] + r[1, 2], squares[3]],
    ][largest]
    quat = np.array(by_largest) / (2 * np.sqrt(squares[largest]))
    quat /= np.linalg.norm(quat)
    return quat if quat[0] >= 0 else -quat


def pose_array(position: ArrayLike, yaw_rad: ArrayLike = 0.0) -> Array:
    """Upright poses (..., 7) from positions (..., 3) [m] and headings (...) [rad]."""
    position = np.asarray(position, dtype=np.float64)
    quat = np.broadcast_to(quat_from_yaw(yaw_rad), (*position.shape[:-1], 4))
    return np.concatenate([position, quat], axis=-1)


def transform_from_pose(pose: ArrayLike, scale: ArrayLike = 1.0) -> Array:
    """Homogeneous parent_from_body matrices (..., 4, 4) from poses (..., 7) and scales (..., 3) or one number."""
    pose = np.asarray(pose, dtype=np.float64)
    scales = np.broadcast_to(np.asarray(scale, dtype=np.float64), (*pose.shape[:-1], 3))
    matrix = np.zeros((*pose.shape[:-1], 4, 4))
    matrix[..., :3, :3] = matrix_from_quat(pose[..., 3:]) * scales[..., None, :]
    matrix[..., :3, 3] = pose[..., :3]
    matrix[..., 3, 3] = 1.0
    return matrix


def look_at(eye: ArrayLike, target: ArrayLike) -> tuple[Array, Array]:
    """Position (3,) and quat_wxyz (4,) of world_from_camera for an upright camera at `eye` that looks at `target`."""
    eye, target = np.asarray(eye, dtype=np.float64), np.asarray(target, dtype=np.float64)
    forward = (target - eye) / np.linalg.norm(target - eye)
    up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    return eye, quat_from_matrix(np.stack([right, np.cross(forward, right), forward], axis=1))


def unreal_from_world_cm(position: ArrayLike) -> Array:
    """Unreal's left-handed centimetres (x, -y, z) of world metres, shape (..., 3)."""
    return np.asarray(position, dtype=np.float64) * np.array([100.0, -100.0, 100.0])


def world_from_unreal_cm(position: ArrayLike) -> Array:
    """World metres of Unreal's left-handed centimetres, shape (..., 3)."""
    return np.asarray(position, dtype=np.float64) * np.array([0.01, -0.01, 0.01])


def unreal_from_world_quat(quat_wxyz: ArrayLike) -> Array:
    """The same rotation in Unreal's left-handed frame, wxyz, shape (..., 4). Its own inverse."""
    return np.asarray(quat_wxyz, dtype=np.float64) * np.array([1.0, -1.0, 1.0, -1.0])


def unreal_rotator_from_world_quat(quat_wxyz: ArrayLike) -> Array:
    """Unreal's rotators of rotations in our world: pitch (nose up), yaw (clockwise from above), roll (right side down).

    Degrees, shape (..., 3), as FQuat::Rotator finds them: pitch -90 to 90, the others -180 to 180.
    """
    w, x, y, z = np.moveaxis(unreal_from_world_quat(quat_wxyz), -1, 0)
    sine = np.clip(2 * (z * x - w * y), -1.0, 1.0)
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    pole = np.where(np.abs(sine) > 0.999999, np.sign(sine), 0.0)
    roll = np.where(
        pole == 0, np.arctan2(-2 * (w * x + y * z), 1 - 2 * (x * x + y * y)), pole * yaw - 2 * np.arctan2(x, w)
    )
    roll = (roll + np.pi) % (2 * np.pi) - np.pi
    pitch = np.where(pole == 0, np.arcsin(sine), pole * np.pi / 2)
    return np.degrees(np.stack([pitch, yaw, roll], axis=-1))


def world_quat_from_unreal_rotator(rotator_deg: ArrayLike) -> Array:
    """Our rotation, wxyz, shape (..., 4), of Unreal's pitch, yaw and roll [degrees], shape (..., 3)."""
    half = np.radians(np.asarray(rotator_deg, dtype=np.float64)) / 2
    (sp, sy, sr), (cp, cy, cr) = np.moveaxis(np.sin(half), -1, 0), np.moveaxis(np.cos(half), -1, 0)
    unreal = np.stack(
        [
            cr * cp * cy + sr * sp * sy,
            cr * sp * sy - sr * cp * cy,
            -cr * sp * cy - sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ],
        axis=-1,
    )
    return unreal_from_world_quat(unreal)


def gltf_from_world(vector: ArrayLike) -> Array:
    """glTF's Y-up axes (x, z, -y) of Z-up world vectors, shape (..., 3)."""
    turned = np.asarray(vector, dtype=np.float64)[..., [0, 2, 1]]
    turned[..., 2] *= -1
    return turned


def read_only(array: ArrayLike, dtype: object = np.float64) -> NDArray:
    """A contiguous copy-if-needed of `array` that cannot be written to."""
    frozen = np.array(array, dtype=dtype, order="C")  # type: ignore[arg-type]
    frozen.setflags(write=False)
    return cast(NDArray, frozen)
