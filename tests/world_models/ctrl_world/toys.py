"""A toy to learn from: one view of a plain table on which a tool carries a red square along, drawn where the camera would see it."""

import numpy as np

from bridge.frames import look_at
from bridge.imagination import Past, Thing
from bridge.types import Camera, Pose
from world_models.clips import Clip
from world_models.ctrl_world.mini.geometry import camera_poses
from world_models.ctrl_world.mini.shape import Shape

SIDE, FRAME_S, PLANE_M = 32, 0.3, 0.75
CAMERA = Camera("above", SIDE, SIDE, 0.9, Pose(*look_at((0.5, 0.001, 1.75), (0.5, 0.0, PLANE_M))))
SHAPE = Shape(
    views=("above",), width=SIDE, height=SIDE, new_frames=2, memories=1, latents=4, widths=(8, 8, 16), dim=32, layers=2,
    heads=2, stem=16, things=("red-cube", "bowl"),
)  # fmt: skip
_DOWN = (0.0, 1.0, 0.0, 0.0)


def pixel(point) -> tuple[float, float]:
    """Where the camera sees a point (3,) [m]: column and row."""
    at, turn = camera_poses(CAMERA, np.zeros((1, 7)))
    seen = (np.asarray(point) - at[0]) @ turn[0]
    focal = SIDE / 2 / np.tan(CAMERA.fov_y_rad / 2)
    return tuple(SIDE / 2 + focal * seen[:2] / seen[2])


def clip(seed: int, frames: int = 8) -> Clip:
    """The tool wanders over the table, and the cube is wherever the tool is; the errand is done in the right half."""
    rng = np.random.default_rng(seed)
    way = np.clip(np.cumsum(rng.uniform(-0.09, 0.09, (frames, 2)), axis=0) + rng.uniform(-0.15, 0.15, 2), -0.25, 0.25)
    body = np.zeros((frames, 7))
    body[:, 0], body[:, 1], body[:, 2], body[:, 3:] = 0.5 + way[:, 0], way[:, 1], PLANE_M, _DOWN
    rgb = np.full((frames, 1, SIDE, SIDE, 3), (150, 130, 100), np.uint8)
    labels = np.zeros((frames, 1, SIDE, SIDE), np.uint8)
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    for index, place in enumerate(body[:, :3]):
        column, row = pixel(place)
        inside = (abs(columns - column) < 4) & (abs(rows - row) < 4)
        rgb[index, 0][inside], labels[index, 0][inside] = (220, 30, 30), 1
    cube, bowl = np.zeros((frames, 7)), np.tile([0.5, 0.0, PLANE_M, 1.0, 0.0, 0.0, 0.0], (frames, 1))
    cube[:, :3], cube[:, 3] = body[:, :3], 1.0
    things = (
        Thing("red-cube", "tabletop-object", (0.05,) * 3, cube),
        Thing("bowl", "tabletop-object", (0.1,) * 3, bowl),
    )
    seen = Past(
        FRAME_S * np.arange(frames), (CAMERA,), rgb, body, np.zeros(frames), None, labels, things, "Put the red cube into the bowl."
    )  # fmt: skip
    return Clip("manipulate", seen, body[:, 1] > 0.0, "pick-place", "wanders", seed)
