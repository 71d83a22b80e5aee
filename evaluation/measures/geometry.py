"""Points, pixels and rays: pinhole cameras as bridge.types has them, mounted in the world or on the body that acts.

Pixels are (x, y) from the picture's upper left corner, so that the middle of the first pixel is (0.5, 0.5).
"""

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from bridge.types import Camera

Array = NDArray[np.float64]
NEAR_M = 0.02


def focal_px(camera: Camera) -> float:
    """The focal length, the same along both axes."""
    return camera.height / (2.0 * float(np.tan(camera.fov_y_rad / 2)))


def intrinsics(camera: Camera) -> Array:
    """The matrix (3,3) that takes points before the camera to pixels."""
    focal = focal_px(camera)
    return np.array([[focal, 0.0, camera.width / 2], [0.0, focal, camera.height / 2], [0.0, 0.0, 1.0]])


def world_from_camera(camera: Camera, body: Array) -> tuple[Array, Array]:
    """Rotation (3,3) and position (3,) of a camera in the world, given the pose (7,) of the body that acts."""
    turn, at = matrix_from_quat(camera.mount_from_camera.quat_wxyz), np.asarray(camera.mount_from_camera.position)
    if camera.mount == "world":
        return turn, at
    base = matrix_from_quat(body[3:])
    return base @ turn, base @ at + body[:3]


def projected(points: Array, camera: Camera, body: Array) -> Array:
    """Pixels (..., 2) of points (..., 3) [m], world frame; nan behind the camera."""
    turn, at = world_from_camera(camera, body)
    local = (points - at) @ turn
    ahead = np.where(local[..., 2:] > NEAR_M, local[..., 2:], np.nan)
    return local[..., :2] / ahead * focal_px(camera) + np.array([camera.width / 2, camera.height / 2])


def rays(pixels: Array, camera: Camera, body: Array) -> tuple[Array, Array]:
    """Where looks through pixels (..., 2) begin (3,) and their directions (..., 3), of length 1 along the optical axis, world frame."""
    turn, at = world_from_camera(camera, body)
    flat = (pixels - np.array([camera.width / 2, camera.height / 2])) / focal_px(camera)
    return at, np.concatenate([flat, np.ones((*flat.shape[:-1], 1))], axis=-1) @ turn.T


def pixel_middles(camera: Camera) -> Array:
    """The middles of all pixels, (H,W,2)."""
    rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    return np.stack(rows, axis=-1).astype(np.float64)


def lifted(depth: NDArray[np.float32], camera: Camera, body: Array) -> Array:
    """World points (H,W,3) [m] of a planar depth picture (H,W); not finite where depth is not."""
    at, ways = rays(pixel_middles(camera), camera, body)
    with np.errstate(invalid="ignore"):
        return at + depth[..., None].astype(np.float64) * ways


def met(starts: Array, ways: Array) -> Array:
    """The point (3,) nearest to some lines (k,3) in the sense of least squares; nan for fewer than two, or parallel ones."""
    if len(starts) < 2:
        return np.full(3, np.nan)
    units = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    across = np.eye(3) - units[:, :, None] * units[:, None, :]
    total = across.sum(axis=0)
    if np.linalg.cond(total) > 1e8:
        return np.full(3, np.nan)
    return np.linalg.solve(total, np.einsum("kij,kj->i", across, starts))
