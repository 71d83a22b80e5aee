"""Cameras for renderers: where a mounted camera stands, its rays, and the projection that puts row 0 at the top."""

from dataclasses import dataclass
from functools import cached_property

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

    def clip_from_world(self, near: float, far: float) -> NDArray[np.float64]:
        """OpenGL projection (4,4) whose framebuffer row 0 is the picture's top row."""
        projection = np.zeros((4, 4))
        projection[0, 0] = 1 / self.tan_x
        projection[1, 1] = 1 / self.tan_y
        projection[2, 2] = (far + near) / (far - near)
        projection[2, 3] = -2 * far * near / (far - near)
        projection[3, 2] = 1.0
        return projection @ self.camera_from_world()

    def camera_from_world(self) -> NDArray[np.float64]:
        """Homogeneous transform (4,4) into the OpenCV camera frame."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes.T
        matrix[:3, 3] = -self.axes.T @ self.position
        return matrix

    def planes(self) -> NDArray[np.float64]:
        """The five planes (5,4) of the viewing frustum without a far end: inside where plane · (x, y, z, 1) >= 0."""
        return self._planes

    @cached_property
    def _planes(self) -> NDArray[np.float64]:
        right, down, forward = self.axes.T
        normals = np.stack(
            [
                forward,
                forward * self.tan_x + right,
                forward * self.tan_x - right,
                forward * self.tan_y + down,
                forward * self.tan_y - down,
            ]
        )
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return np.concatenate([normals, -(normals @ self.position)[:, None]], axis=1)


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
