"""Optical flow: where what a camera sees is at another tick, from depth, ids, and the poses of camera and things at both."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import transform_from_pose
from bridge.render.camera import view_of
from bridge.render.labels import Bodies
from bridge.scene import Scene
from bridge.sensors.moment import Moment, check_positive
from bridge.sensors.places import bodies_at, composed, inverted, labels
from bridge.sensors.readings import Flow, frozen
from bridge.types import Camera, Frame, WorldState

_NEAR_M = 1e-3
"""What is nearer to a camera's plane than this, or behind it, has no place in its picture."""


@dataclass(frozen=True)
class Config:
    """Flow of a camera's picture over a tick.

    To "before" it says of the newest frame where everything was: that needs no other frame, and warps the frame before
    into it. To "after" it says of the frame before where everything went: that one must be among the moment's frames.
    """

    camera: Camera
    name: str = "flow"
    to: Literal["before", "after"] = "before"
    rate_hz: float = 50.0

    def __post_init__(self) -> None:
        check_positive(f"Sensor '{self.name}'", rate_hz=self.rate_hz)
        if self.to not in ("before", "after"):
            raise InvalidInput(f"Sensor '{self.name}': flow goes to {self.to!r}. Choose 'before' or 'after'.")

    def read(self, moment: Moment) -> Flow | None:
        """The flow; None at an episode's start."""
        if moment.before is None:
            return None
        here, there = moment.after, moment.before
        if self.to == "after":
            here, there = there, here
        frame = moment.frame(self.camera, here.tick, "depth", "segmentation")
        pixels = displacement(moment.scene, self.camera, frame, here, there, absent=moment.absent)
        return Flow(here.tick, here.time_s, self.camera.name, there.tick, pixels)


def displacement(
    scene: Scene,
    camera: Camera,
    frame: Frame,
    here: WorldState,
    there: WorldState,
    *,
    absent: Collection[str] = (),
    camera_there: Camera | None = None,
) -> NDArray[np.float32]:
    """How far what `frame` shows (depth and segmentation, of state `here`) is shifted in the picture of state `there`.

    float32 (H,W,2), to the right and down [px]; see Flow for what is nan. `camera_there` is the camera as it was then, if
    it is another one. Raises InvalidInput for a frame of another tick.
    """
    if frame.tick != here.tick or frame.depth is None or frame.segmentation is None:
        raise InvalidInput(
            f"Flow from tick {here.tick} was given a frame of tick {frame.tick} with "
            f"{'' if frame.depth is not None else 'no '}depth and {'' if frame.segmentation is not None else 'no '}"
            "segmentation. Observe depth and segmentation at that tick."
        )
    at, then = bodies_at(scene, here), bodies_at(scene, there)
    before = camera_there or camera
    eye, other = view_of(camera, at.pose_of(camera.mount)), view_of(before, then.pose_of(before.mount))
    x = ((np.arange(eye.width) + 0.5) / eye.width * 2 - 1) * eye.tan_x
    y = ((np.arange(eye.height) + 0.5) / eye.height * 2 - 1) * eye.tan_y
    depth, ids = frame.depth.astype(np.float64), frame.segmentation
    is_sky = ~np.isfinite(depth)
    turn = eye.axes.T @ other.axes
    shift = (eye.position - other.position) @ other.axes
    rays = x[None, :, None] * turn[0] + y[:, None, None] * turn[1] + turn[2]
    local = np.where(is_sky[..., None], rays, rays * np.where(is_sky, 0.0, depth)[..., None] + shift)
    moved, motion = _motions(scene, at, then, ids)
    for number, matrix in zip(moved, motion, strict=True):
        some = ids == number
        row, column = np.nonzero(some)
        ray = np.stack([x[column], y[row], np.ones(len(row))], axis=1) * depth[some, None]
        world = (eye.position + ray @ eye.axes.T) @ matrix[:3, :3].T + matrix[:3, 3]
        local[some] = (world - other.position) @ other.axes
    gone = set(here.names) ^ set(there.names) | set(absent)
    is_gone = np.isin(ids, [_id_of(scene, name) for name in gone]) & (ids > 0)
    z = np.where((local[..., 2] > _NEAR_M) & ~is_gone, local[..., 2], np.nan)
    across = (local[..., 0] / z / other.tan_x - x / eye.tan_x) * (eye.width / 2)
    down = (local[..., 1] / z / other.tan_y - (y / eye.tan_y)[:, None]) * (eye.height / 2)
    pixels = np.stack([across, down], axis=-1).astype(np.float32)
    frozen(pixels)
    return pixels


def _motions(scene: Scene, at: Bodies, then: Bodies, ids: NDArray[np.int32]) -> tuple[list[int], NDArray[np.float64]]:
    """Ids (k) in a picture of what stands differently, and their motions (k,4,4), world from world."""
    known = labels(scene)
    first_part = known.first_placed_id - len(scene.parts)
    still = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    numbers: list[int] = []
    pairs: list[tuple[NDArray, NDArray]] = []
    for number in np.unique(ids).tolist():
        if number >= known.first_placed_id:
            pair = at.placed[number - known.first_placed_id], then.placed[number - known.first_placed_id]
        else:
            pair = at.moved_parts.get(number - first_part, still), then.moved_parts.get(number - first_part, still)
        if number > 0 and (pair[0] != pair[1]).any():
            numbers.append(number)
            pairs.append(pair)
    poses = [composed(after, inverted(before)) for before, after in pairs]
    return numbers, transform_from_pose(np.array(poses).reshape(-1, 7))


def _id_of(scene: Scene, name: str) -> int:
    """The instance id of a name; 0 for what the scene does not draw."""
    known = labels(scene)
    if name in known.placed:
        return known.first_placed_id + known.placed[name]
    return known.part_ids.get(name, 0)
