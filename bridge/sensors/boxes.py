"""Boxes around what a camera sees: tight rectangles from the label image, oriented boxes from the scene, and how much shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, UnknownName
from bridge.plugins import unknown_name
from bridge.render.camera import View, view_of
from bridge.scene import Scene
from bridge.semantics import CLASS_ID
from bridge.sensors.extents import world_boxes
from bridge.sensors.moment import Moment, check_positive
from bridge.sensors.places import bodies_at, composed, inverted, sensor_pose
from bridge.sensors.readings import Boxes2D, Boxes3D, corners, frozen
from bridge.types import Camera, WorldState

ROAD_USERS = ("vehicle", "bicycle", "scooter", "boat", "person", "animal", "robot")
_MOST_RAYS = 20_000
"""Of larger instances only every so many-th pixel is asked whether it would show them."""


@dataclass(frozen=True)
class Flat:
    """Boxes2D of the instances of some semantic classes that a camera shows with `least_pixels` or more."""

    camera: Camera
    name: str = "boxes"
    classes: tuple[str, ...] = ROAD_USERS
    least_pixels: int = 4
    rate_hz: float = 50.0

    def __post_init__(self) -> None:
        _check(self)

    def read(self, moment: Moment) -> Boxes2D:
        """Rectangles of the frame of the tick that ended; it must be among the moment's frames, with segmentation."""
        scene, after, camera = moment.scene, moment.after, self.camera
        seen = seen_in(moment.frame(camera, after.tick, "segmentation").segmentation)
        seen = _chosen(scene, seen, self.classes, self.least_pixels)
        names, classes = _named(scene, seen.ids)
        shown = visible_fraction(scene, after, camera, seen)
        is_cut = (seen.xyxy[:, :2] == 0).any(axis=1) | (seen.xyxy[:, 2:] == [camera.width, camera.height]).any(axis=1)
        frozen(seen.ids, classes, seen.xyxy, seen.pixels, shown, is_cut)
        return Boxes2D(
            after.tick, after.time_s, camera.name, seen.ids, names, classes, seen.xyxy, seen.pixels, shown, is_cut
        )  # fmt: skip


@dataclass(frozen=True)
class Solid:
    """Boxes3D of the instances of some semantic classes that a camera shows with `least_pixels` or more."""

    camera: Camera
    name: str = "boxes-3d"
    classes: tuple[str, ...] = ROAD_USERS
    least_pixels: int = 4
    rate_hz: float = 50.0

    def __post_init__(self) -> None:
        _check(self)

    def read(self, moment: Moment) -> Boxes3D:
        """Boxes of what the frame of the tick that ended shows; terrain and waters have none."""
        scene, after, camera = moment.scene, moment.after, self.camera
        seen = seen_in(moment.frame(camera, after.tick, "segmentation").segmentation)
        ids = _chosen(scene, seen, self.classes, self.least_pixels).ids
        poses, sizes = world_boxes(scene, bodies_at(scene, after), ids)
        has_box = np.isfinite(sizes).all(axis=1)
        ids, poses, sizes = ids[has_box], poses[has_box], sizes[has_box]
        names, classes = _named(scene, ids)
        eye = sensor_pose(scene, after, camera.mount, camera.mount_from_camera)
        in_camera = composed(inverted(eye), poses)
        frozen(ids, classes, poses, in_camera, sizes)
        return Boxes3D(after.tick, after.time_s, camera.name, ids, names, classes, poses, in_camera, sizes)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a label image shows: `ids` int32 (n,) ascending, their rectangles `xyxy` int32 (n,4), `pixels` (n,)."""

    segmentation: NDArray[np.int32]
    ids: NDArray[np.int32]
    xyxy: NDArray[np.int32]
    pixels: NDArray[np.int64]

    def at(self, keep: NDArray[np.bool_]) -> "Seen":
        """Some of them."""
        return Seen(self.segmentation, self.ids[keep], self.xyxy[keep], self.pixels[keep])


def seen_in(segmentation: Any) -> Seen:
    """Every instance of a label image (H,W) but the sky."""
    labels = np.asarray(segmentation)
    flat = labels.ravel()
    narrow = flat.astype(np.uint16) if flat.max(initial=0) < 65536 else flat  # sorted ten times as fast
    order = np.argsort(narrow, kind="stable")
    values = flat[order]
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    rows, columns = np.divmod(order, labels.shape[1])
    count = np.diff(starts, append=len(values))
    # Rows ascend within an instance, as the sort is stable.
    top, bottom = rows[starts], rows[starts + count - 1] + 1
    left, right = np.minimum.reduceat(columns, starts), np.maximum.reduceat(columns, starts) + 1
    xyxy = np.stack([left, top, right, bottom], axis=1).astype(np.int32)
    return Seen(labels, values[starts].astype(np.int32), xyxy, count).at(values[starts] > 0)


def visible_fraction(scene: Scene, state: WorldState, camera: Camera, seen: Seen) -> NDArray[np.float32]:
    """How much of what a picture would show of each instance alone it does show, 0 to 1, shape (n,).

    Rays are cast at the instance by itself, through every pixel of its box; of very large ones through every few.
    """
    from bridge.render.tracer import tracer_of  # brings the builders of triangles along

    bodies = bodies_at(scene, state)
    view = view_of(camera, bodies.pose_of(camera.mount))
    rays = view.rays()
    poses, sizes = world_boxes(scene, bodies, seen.ids)
    tracer, table = tracer_of(scene), scene.instance_table
    shares = np.ones(len(seen.ids), np.float32)
    for at, number in enumerate(seen.ids.tolist()):
        if not np.isfinite(sizes[at]).all():
            continue
        x0, y0, x1, y1 = _around(view, poses[at], sizes[at], seen.xyxy[at])
        stride = max(1, round(((x1 - x0) * (y1 - y0) / _MOST_RAYS) ** 0.5))
        window = slice(y0, y1, stride), slice(x0, x1, stride)
        alone = tracer.covered(table[number - 1].name, view.position, rays[window].reshape(-1, 3), state).sum()
        here = (seen.segmentation[window] == number).sum()
        shares[at] = min(1.0, here / alone) if alone else 1.0
    return shares


def _around(view: View, pose: NDArray, size: NDArray, least: NDArray) -> tuple[int, int, int, int]:
    """The part of a picture (x0, y0, x1, y1) that may show a box: all of it where the box reaches behind the camera."""
    local = (corners(pose[None], size[None])[0] - view.position) @ view.axes
    if local[:, 2].min() < 0.05:
        return 0, 0, view.width, view.height
    x = (local[:, 0] / local[:, 2] / view.tan_x + 1) / 2 * view.width
    y = (local[:, 1] / local[:, 2] / view.tan_y + 1) / 2 * view.height
    low = np.minimum(np.floor([x.min(), y.min()]), least[:2]).clip(0)
    high = np.maximum(np.ceil([x.max(), y.max()]), least[2:]).clip(None, [view.width, view.height])
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _chosen(scene: Scene, seen: Seen, classes: tuple[str, ...], least_pixels: int) -> Seen:
    numbers = [CLASS_ID[name] for name in classes]
    return seen.at(np.isin(scene.class_of_id()[seen.ids], numbers) & (seen.pixels >= least_pixels))


def _named(scene: Scene, ids: NDArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Names and class ids of instances."""
    table = scene.instance_table
    return tuple(table[number - 1].name for number in ids.tolist()), scene.class_of_id()[ids]


def _check(config: Flat | Solid) -> None:
    check_positive(f"Sensor '{config.name}'", rate_hz=config.rate_hz)
    for name in config.classes:
        if name not in CLASS_ID:
            raise UnknownName(unknown_name("semantic class", name, CLASS_ID))
    if config.least_pixels < 1:
        raise InvalidInput(f"Sensor '{config.name}': least_pixels is {config.least_pixels}. Give 1 or more.")
