"""Where things are at a world state, whether it names them or the scene alone does; poses put one behind another."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.errors import UnknownBody
from bridge.frames import matrix_from_quat, quat_inverse, quat_product, read_only
from bridge.plugins import unknown_name
from bridge.render.labels import Bodies, Labels, labels_of
from bridge.scene import Scene
from bridge.types import Pose, WorldState

AT_MOUNT = Pose(read_only(np.zeros(3)), read_only([1.0, 0.0, 0.0, 0.0]))
"""A sensor that sits at its mount's origin and looks where that looks."""
_STILL = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


@lru_cache(maxsize=4)
def labels(scene: Scene) -> Labels:
    """The scene's names and ids, kept for the scenes last asked for."""
    return labels_of(scene)


def bodies_at(scene: Scene, state: WorldState) -> Bodies:
    """Where everything is: what the state names there, the rest where the scene says."""
    bodies = Bodies(labels(scene))
    bodies.move(state)
    return bodies


def mount_pose(scene: Scene, state: WorldState, mount: str) -> NDArray[np.float64]:
    """World pose (7,) of what a sensor is mounted on; of "world", the origin. Raises UnknownBody."""
    if mount == "world":
        return _STILL
    if mount in state.names:
        return np.asarray(state.poses[state.names.index(mount)], dtype=np.float64)
    known = labels(scene)
    if mount in known.placed:
        return known.poses[known.placed[mount]]
    if mount in known.parts:
        return _STILL
    names = [*state.names, *known.placed, *known.parts, "world"]
    raise UnknownBody(unknown_name("body to mount a sensor on", mount, names[:40]))


def mount_velocity(state: WorldState, mount: str) -> NDArray[np.float64] | None:
    """Linear [m/s] and angular [rad/s] velocity (6,) of a mount, world frame; None where the engine does not tell."""
    if mount not in state.names:
        return np.zeros(6)  # only what the state names can move
    if state.velocities is None:
        return None
    return np.asarray(state.velocities[state.names.index(mount)], dtype=np.float64)


def composed(outer: ArrayLike, inner: ArrayLike) -> NDArray[np.float64]:
    """Poses (..., 7) of things whose poses `inner` are told in the frames of `outer`."""
    outer, inner = np.asarray(outer, np.float64), np.asarray(inner, np.float64)
    turned = np.einsum("...ij,...j->...i", matrix_from_quat(outer[..., 3:]), inner[..., :3])
    quat = quat_product(outer[..., 3:], inner[..., 3:])
    return np.concatenate([outer[..., :3] + turned, quat], axis=-1)


def inverted(pose: ArrayLike) -> NDArray[np.float64]:
    """The opposite poses (..., 7): body_from_parent of parent_from_body."""
    pose = np.asarray(pose, np.float64)
    back = quat_inverse(pose[..., 3:])
    return np.concatenate([-np.einsum("...ij,...j->...i", matrix_from_quat(back), pose[..., :3]), back], axis=-1)


def sensor_pose(scene: Scene, state: WorldState, mount: str, mount_from_sensor: Pose) -> NDArray[np.float64]:
    """World pose (7,) of a sensor. Raises UnknownBody."""
    inner = np.concatenate([mount_from_sensor.position, mount_from_sensor.quat_wxyz])
    return composed(mount_pose(scene, state, mount), inner)


def rotation_vector(quat_wxyz: ArrayLike) -> NDArray[np.float64]:
    """Axis times angle [rad] of unit quaternions, shape (..., 3), angle at most pi; q and -q are one rotation."""
    quat = np.asarray(quat_wxyz, dtype=np.float64)
    quat = np.where(quat[..., :1] < 0, -quat, quat)
    sine = np.linalg.norm(quat[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, quat[..., :1])
    return quat[..., 1:] * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-300), 2.0)


def halfway(a_wxyz: ArrayLike, b_wxyz: ArrayLike) -> NDArray[np.float64]:
    """The rotation (4,) in the middle of the shorter way between two."""
    a, b = np.asarray(a_wxyz, np.float64), np.asarray(b_wxyz, np.float64)
    middle = a + (b if a @ b >= 0 else -b)
    return middle / np.linalg.norm(middle)
