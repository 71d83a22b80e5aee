"""Cameras that every exported town comes with: one from above, one at the eyes of each of the first few spawns."""

import numpy as np

from bridge.frames import look_at, yaw_from_quat
from bridge.scene import Scene
from bridge.types import Camera, Pose

EYE_M = 1.6
STREET_VIEWS = 4


def views(scene: Scene) -> tuple[Camera, ...]:
    """An overview from the south-east corner and up to four views from where people spawn."""
    x0, y0, x1, y1 = scene.bounds
    middle, side = np.array([(x0 + x1) / 2, (y0 + y1) / 2, 0.0]), max(x1 - x0, y1 - y0)
    middle[2] = float(scene.terrain.height_at(middle[:2]))
    cameras = [_camera("overview", middle + np.array([0.45, -0.55, 0.4]) * side, middle)]
    standing = [spawn for spawn in scene.spawns if spawn.kind == "person"][:STREET_VIEWS]
    for index, spawn in enumerate(standing, start=1):
        eye = np.array(spawn.pose[:3]) + [0, 0, EYE_M]
        yaw = float(yaw_from_quat(spawn.pose[3:]))
        cameras.append(_camera(f"street-view-{index}", eye, eye + [np.cos(yaw), np.sin(yaw), -0.05]))
    return tuple(cameras)


def _camera(name: str, eye: np.ndarray, target: np.ndarray) -> Camera:
    position, quat = look_at(eye, target)
    return Camera(name, 1600, 900, 0.85, Pose(position, quat))
