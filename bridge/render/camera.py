"""Cameras for renderers: where a mounted camera stands, its rays, and the projection that puts row 0 at the top."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat
from bridge.types import Camera

FAR_M = 12_000.0
"""As far as anything is drawn."""


@dataclass(frozen=True, eq=False)
class View:
    """A camera in the world: `position` (3,) [m], `axes` (3,3) with the columns right, down, forward.

    `tan_x` and `tan_y` are half the picture's extent at distance 1.
    """

    position: NDArray[np.float64]
    axes: NDArray[np.float64]
    width: int
    height: int
    tan_x: float
    tan_y: float

    @property
    def pixel_rad(self) -> float:
        """Angle of a pixel in the middle of the picture [rad]."""
        return 2 * self.tan_y / self.height

    def rays(self) -> NDArray[np.float32]:
        """Directions through the pixels' middles, world frame, forward component 1, shape (height, width, 3)."""
        x = ((np.arange(self.width) + 0.5) / self.width * 2 - 1) * self.tan_x
        y = ((np.arange(self.height) + 0.5) / self.height * 2 - 1) * self.tan_y
        right, down, forward = self.axes.T
        return (x[None, :, None] * right + y[:, None, None] * down + forward).astype(np.float32)


class Views:
    """Cameras (k) with pictures of one size, one row each: `position` (k,3) [m], `axes` (k,3,3), `pixel_rad` (k,).

    `tan` (k,2) is half the pictures' extent at distance 1, `planes` (k,5,4) are those of the viewing frusta without a far end:
    inside where plane · (x, y, z, 1) >= 0.
    No number of a camera depends on what other cameras there are.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self.width, self.height = views[0].width, views[0].height
        self.position = np.array([view.position for view in views])
        self.axes = np.array([view.axes for view in views])
        self.tan = np.array([(view.tan_x, view.tan_y) for view in views])
        self.pixel_rad = np.array([view.pixel_rad for view in views])
        self.planes = _planes(self.position, self.axes, self.tan)

    def __len__(self) -> int:
        return len(self.position)

    def clip_from_world(self, near_m: NDArray[np.float64], far_m: float) -> NDArray[np.float64]:
        """OpenGL projections (k,4,4), from `near_m` (k,) on, whose framebuffer row 0 is the pictures' top row."""
        projection, rigid = np.zeros((2, len(self), 4, 4))
        projection[:, 0, 0], projection[:, 1, 1] = (1 / self.tan).T
        projection[:, 2, 2] = (far_m + near_m) / (far_m - near_m)
        projection[:, 2, 3] = -2 * far_m * near_m / (far_m - near_m)
        projection[:, 3, 2] = rigid[:, 3, 3] = 1.0
        rigid[:, :3, :3] = self.axes.transpose(0, 2, 1)
        rigid[:, :3, 3] = -(rigid[:, :3, :3] @ self.position[:, :, None])[:, :, 0]
        return projection @ rigid


def _planes(position: NDArray, axes: NDArray, tan: NDArray) -> NDArray[np.float64]:
    """The planes (..., 5, 4) of frusta."""
    right, down, forward = np.moveaxis(axes, -1, 0)
    wide, high = forward * tan[..., :1], forward * tan[..., 1:]
    normals = np.stack([forward, wide + right, wide - right, high + down, high - down], axis=-2)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.concatenate([normals, -(normals * position[..., None, :]).sum(axis=-1, keepdims=True)], axis=-1)


def view_of(camera: Camera, world_from_mount: NDArray[np.float64] | None = None) -> View:
    """Where a camera looks, given the pose (7,) of the body it is mounted on (None: the world)."""
    if camera.width < 1 or camera.height < 1 or not 0 < camera.fov_y_rad < np.pi:
        raise InvalidInput(
            f"Camera '{camera.name}' is {camera.width}x{camera.height} with fov_y_rad {camera.fov_y_rad}. "
            "Give it at least one pixel and a field of view between 0 and pi."
        )
    position = np.asarray(camera.mount_from_camera.position, dtype=np.float64)
    axes = matrix_from_quat(camera.mount_from_camera.quat_wxyz)
    if world_from_mount is not None:
        rotation = matrix_from_quat(world_from_mount[3:])
        position, axes = world_from_mount[:3] + rotation @ position, rotation @ axes
    tan_y = float(np.tan(camera.fov_y_rad / 2))
    return View(position, axes, camera.width, camera.height, tan_y * camera.width / camera.height, tan_y)
