"""Where the tool and the table are in each view: maps over the cells of latents that tell a frame what its poses mean there.

A course says where the tool will be, and the cameras are known: so the places of fingers and hand in a picture need not be
learned. Nor where a hand camera looks: each cell's line of sight meets the plane of the table at one place, the same place
in every view that sees it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.types import Camera
from world_models.ctrl_world.mini.shape import STRIDE

Array = NDArray[np.float64]
_FINGER_M = 0.04
"""How far each finger is from the middle of an open gripper."""
_HAND_M = np.array([[0.0, 0.0, -0.1034], [0.0, 0.0, -0.21], [0.07, 0.0, -0.083]])
"""The hand's root, the flange above and the place of the hand camera, in the tool's frame [m] (Panda hand)."""
_POINTS, _WAVES = 7, 2
MAPS = _POINTS + 2 + 1 + 4 * _WAVES + 2
"""Maps a view."""
_SPREAD = 0.7
"""How wide a point is drawn, in cells."""
PLACE = _POINTS
"""The first of the two maps that say where on the table a cell looks: (place [m] - CENTRE_M) / SCALE_M."""
CENTRE_M, SCALE_M = (0.5, 0.0), 0.4
_NEAR_M = 0.15
_REACH = 3.0


def matrices(quats: Array) -> Array:
    """Rotation matrices (...,3,3) of unit quaternions wxyz (...,4)."""
    w, x, y, z = np.moveaxis(quats / np.linalg.norm(quats, axis=-1, keepdims=True), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def tool_points(body: Array, gripper: Array, plane_m: float) -> Array:
    """Points of the tool (f,7,3) [m], world frame: its tip, the two fingertips, hand, flange, hand camera, and its foot on the plane."""
    turn = matrices(body[:, 3:])
    apart = _FINGER_M * (1.0 - gripper)
    own = np.zeros((len(body), 6, 3))
    own[:, 1, 1], own[:, 2, 1] = apart, -apart
    own[:, 3:] = _HAND_M
    world = body[:, None, :3] + own @ np.swapaxes(turn, 1, 2)
    foot = body[:, None, :3].copy()
    foot[..., 2] = plane_m
    return np.concatenate([world, foot], axis=1)


def camera_poses(camera: Camera, body: Array) -> tuple[Array, Array]:
    """Positions (f,3) and rotations (f,3,3), world_from_camera, of a camera in the world or on the body at its poses (f,7)."""
    at, turn = camera.mount_from_camera.position, matrices(camera.mount_from_camera.quat_wxyz)
    if camera.mount == "world":
        return np.tile(at, (len(body), 1)), np.tile(turn, (len(body), 1, 1))
    own = matrices(body[:, 3:])
    return body[:, :3] + own @ at, own @ turn


def maps(cameras: Sequence[Camera], body: Array, gripper: Array, *, plane_m: float) -> NDArray[np.float32]:
    """Maps (f,v,MAPS,h,w) of the views at poses of the tool (f,7) [m, wxyz] and gripper (f,) 0 open to 1 closed.

    They are: a blot at each point of the tool; the place (x, y) where the line of sight meets the plane at height `plane_m`,
    whether it does, waves of that place, and the place as seen from the tool.
    """
    points = tool_points(body, gripper, plane_m)
    return np.stack([_of_view(camera, body, points, plane_m) for camera in cameras], axis=1).astype(np.float32)


def _of_view(camera: Camera, body: Array, points: Array, plane_m: float) -> Array:
    height, width = camera.height // STRIDE, camera.width // STRIDE
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2) / STRIDE  # cells
    at, turn = camera_poses(camera, body)
    seen = (points - at[:, None]) @ turn  # rows: camera_from_world is turn.T
    ahead = np.maximum(seen[..., 2], 0.02)
    spots = seen[..., :2] / ahead[..., None] * focal + np.array([width / 2, height / 2])
    rows, columns = np.mgrid[:height, :width] + 0.5
    off = np.square(columns - spots[..., 0, None, None]) + np.square(rows - spots[..., 1, None, None])
    blots = np.exp(-off / (2 * _SPREAD**2)) * (seen[..., 2] > 0.02)[..., None, None]
    rays = np.stack([(columns - width / 2) / focal, (rows - height / 2) / focal, np.ones_like(rows)], -1)
    rays = np.einsum("fij,hwj->fhwi", turn, rays)
    down = np.minimum(rays[..., 2], -1e-3)
    places = at[:, None, None, :2] + rays[..., :2] * ((plane_m - at[:, 2])[:, None, None] / down)[..., None]
    meets = rays[..., 2] < -1e-3
    table = np.clip((places - np.array(CENTRE_M)) / SCALE_M, -_REACH, _REACH)
    waves = [wave(np.pi * 2**k * table[..., i]) for k in range(_WAVES) for i in range(2) for wave in (np.sin, np.cos)]
    facing = matrices(body[:, 3:])[:, :2, 0]
    facing = facing / np.maximum(np.linalg.norm(facing, axis=-1, keepdims=True), 1e-6)
    aside = places - body[:, None, None, :2]
    along = np.einsum("fhwi,fi->fhw", aside, facing)
    across = aside[..., 1] * facing[:, None, None, 0] - aside[..., 0] * facing[:, None, None, 1]
    near = np.clip(np.stack([along, across], 1) / _NEAR_M, -_REACH, _REACH)
    sure = meets[:, None]
    return np.concatenate(
        [blots, np.moveaxis(table, -1, 1) * sure, sure, np.stack(waves, 1) * sure, near * sure], axis=1
    )
