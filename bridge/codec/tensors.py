"""Arrays, poses and cameras as messages and back."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bridge.codec import fields
from bridge.errors import InvalidInput, OutOfRange
from bridge.types import Camera, Pose
from bridge.v1 import types_pb2 as pb

DTYPES = {
    pb.ELEMENT_TYPE_UINT8: np.dtype("u1"),
    pb.ELEMENT_TYPE_INT32: np.dtype("<i4"),
    pb.ELEMENT_TYPE_INT64: np.dtype("<i8"),
    pb.ELEMENT_TYPE_FLOAT32: np.dtype("<f4"),
    pb.ELEMENT_TYPE_FLOAT64: np.dtype("<f8"),
    pb.ELEMENT_TYPE_UINT16: np.dtype("<u2"),
}
ELEMENT_TYPES = {dtype: number for number, dtype in DTYPES.items()}
MAX_SIDE_PX = 16384
MIN_FOV_RAD, MAX_FOV_RAD = math.radians(0.5), math.radians(175)


def message_of_array(array: NDArray) -> pb.Tensor:
    """Any array of a type that travels, shape (...)."""
    number = ELEMENT_TYPES.get(array.dtype)
    if number is None:
        array = array.astype(array.dtype.newbyteorder("<"))
        number = ELEMENT_TYPES.get(array.dtype)
    if number is None:
        raise InvalidInput(f"Arrays of {array.dtype} do not travel; expected {', '.join(map(str, ELEMENT_TYPES))}.")
    return pb.Tensor(element_type=number, shape=array.shape, data=array.tobytes())


def array_of_message(
    message: pb.Tensor, path: str, *, dtype: str = "<f8", shape: tuple[int | None, ...] = (None,)
) -> NDArray:
    """The array, read-only, which must have that type and, where `shape` gives a number, that many rows or columns."""
    found, sizes = DTYPES.get(message.element_type), tuple(message.shape)
    if found is None or found != _dtype(dtype):
        raise InvalidInput(f"{path}.element_type is {found or message.element_type}; expected {_dtype(dtype).name}.")
    if sizes != shape and (
        len(sizes) != len(shape) or any(want is not None and want != got for want, got in zip(shape, sizes))
    ):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise InvalidInput(f"{path}.shape is {sizes}; expected ({wanted}).")
    data = message.data
    if len(data) != math.prod(sizes) * found.itemsize:
        raise InvalidInput(
            f"{path}.data has {len(data):,} bytes; its shape {sizes} of {found.name} has "
            f"{math.prod(sizes) * found.itemsize:,}."
        )
    return np.frombuffer(data, found).reshape(sizes)


_dtype = cache(np.dtype)


def finite_array(array: NDArray, path: str, *, limit: float = math.inf) -> NDArray:
    """The array, if all its numbers are finite and none is larger than `limit`."""
    bad = ~np.isfinite(array)
    if bad.any():
        at = "".join(f"[{i}]" for i in np.argwhere(bad)[0])
        raise InvalidInput(f"{path}{at} is {array[bad].flat[0]}; expected a finite number.")
    if np.abs(array).max(initial=0.0) > limit:
        at = "".join(f"[{i}]" for i in np.argwhere(np.abs(array) > limit)[0])
        raise OutOfRange(f"{path}{at} is beyond {limit:g}.")
    return array


def message_of_pose(pose: Pose) -> pb.Pose:
    """parent_from_body."""
    x, y, z = np.asarray(pose.position, np.float64).tolist()
    w, i, j, k = np.asarray(pose.quat_wxyz, np.float64).tolist()
    return pb.Pose(x_m=x, y_m=y, z_m=z, qw=w, qx=i, qy=j, qz=k)


def pose_of_message(message: pb.Pose, path: str) -> Pose:
    """The pose, its quaternion of unit length; one that was normalised before comes back bit for bit."""
    position = [fields.within_reach(getattr(message, key), f"{path}.{key}") for key in ("x_m", "y_m", "z_m")]
    quat = np.array([fields.finite(getattr(message, key), f"{path}.{key}") for key in ("qw", "qx", "qy", "qz")])
    length = math.hypot(*quat)
    if abs(length - 1) > 1e-3:
        raise InvalidInput(
            f"{path}: the quaternion {quat.tolist()} has length {length:.4g}; expected 1 (within 0.001)."
        )
    return Pose(np.array(position), quat if abs(length - 1) < 1e-12 else quat / length)


def message_of_camera(camera: Camera) -> pb.Camera:
    """A camera with its mount."""
    return pb.Camera(
        name=camera.name,
        mount=camera.mount,
        mount_from_camera=message_of_pose(camera.mount_from_camera),
        width_px=camera.width,
        height_px=camera.height,
        fov_y_rad=camera.fov_y_rad,
    )


def camera_of_message(message: pb.Camera, path: str) -> Camera:
    """The camera, of a size and angle that can be drawn."""
    for key in ("width_px", "height_px"):
        side = getattr(message, key)
        if not 1 <= side <= MAX_SIDE_PX:
            raise InvalidInput(f"{path}.{key} is {side}; expected 1 to {MAX_SIDE_PX}.")
    return Camera(
        name=fields.name(message.name, f"{path}.name"),
        width=message.width_px,
        height=message.height_px,
        fov_y_rad=fields.finite(message.fov_y_rad, f"{path}.fov_y_rad", low=MIN_FOV_RAD, high=MAX_FOV_RAD),
        mount_from_camera=pose_of_message(message.mount_from_camera, f"{path}.mount_from_camera"),
        mount=fields.name(message.mount, f"{path}.mount"),
    )
