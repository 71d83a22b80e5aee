"""Readings as pictures for people: a sweep from above, boxes over a photograph, flow as colours."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bridge.scene import Scene
from bridge.semantics import CLASSES
from bridge.sensors.readings import Boxes2D, Boxes3D, LidarScan
from bridge.types import Camera

_NEAR_M = 0.05
_EDGES = [(a, a | bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]
_FRONT = [(1, 7), (3, 5)]
"""Crossed diagonals on the side that faces forward, +X."""
_DARK, _GRID, _INK = (14, 17, 22), (44, 50, 60), (235, 238, 242)
_HEIGHTS = np.array([[49, 54, 149], [69, 117, 180], [116, 173, 209], [171, 221, 164], [254, 224, 139], [253, 141, 60], [215, 48, 39]])  # fmt: skip
"""From low to high, blue to red, as maps do."""


def scan_picture(
    scan: LidarScan,
    *,
    colour: Literal["height", "class"] = "height",
    scene: Scene | None = None,
    reach_m: float = 50.0,
    px: int = 900,
) -> NDArray[np.uint8]:
    """A sweep from above, (px,px,3): the sensor in the middle, forward up, rings every 10 m.

    Heights are told from 2 m below the sensor (blue) to 6 m above (red); classes, which need `scene`, have a colour each.
    """
    points, seen = scan.points(), scan.is_return
    if colour == "class" and scene is not None:
        shades = np.array([class_colour(number) for number in range(len(CLASSES))])[scene.class_of_id()[scan.ids[seen]]]
    else:
        place = np.clip((points[:, 2] + 2) / 8, 0, 1) * (len(_HEIGHTS) - 1)
        columns = [np.interp(place, np.arange(len(_HEIGHTS)), channel) for channel in _HEIGHTS.T]
        shades = np.rint(np.stack(columns, axis=1))
    image = Image.new("RGB", (px, px), _DARK)
    draw, scale, middle = ImageDraw.Draw(image), px / (2 * reach_m), px / 2
    for ring in np.arange(10, reach_m * 1.5, 10) * scale:
        draw.ellipse([middle - ring, middle - ring, middle + ring, middle + ring], outline=_GRID)
    canvas = np.array(image)
    column, row = np.floor(np.stack([middle - points[:, 1] * scale, middle - points[:, 0] * scale])).astype(np.int64)
    order = np.argsort(points[:, 2], kind="stable")  # what is higher is drawn over what is lower
    for down in (0, 1):
        for right in (0, 1):
            y, x = row[order] + down, column[order] + right
            inside = (y >= 0) & (y < px) & (x >= 0) & (x < px)
            canvas[y[inside], x[inside]] = shades[order][inside]
    image = Image.fromarray(canvas)
    s = px / 90
    ImageDraw.Draw(image).polygon(
        [(middle, middle - 1.4 * s), (middle - s, middle + s), (middle + s, middle + s)], _INK
    )  # fmt: skip
    return np.array(image)


def boxes_picture(
    rgb: NDArray[np.uint8], camera: Camera, *, flat: Boxes2D | None = None, solid: Boxes3D | None = None
) -> NDArray[np.uint8]:
    """A photograph with rectangles (names, and how much shows) and oriented boxes, their fronts crossed, a colour a class."""
    image = Image.fromarray(rgb)
    draw = ImageDraw.Draw(image)
    if solid is not None:
        for corners, number in zip(solid.corners_in_camera(), solid.classes.tolist(), strict=True):
            for a, b in (*_EDGES, *_FRONT):
                ends = _projected(corners[[a, b]], camera)
                if ends is not None:
                    draw.line([tuple(end) for end in ends.tolist()], class_colour(number), 2)
    if flat is not None:
        for index, (x0, y0, x1, y1) in enumerate(flat.xyxy.tolist()):
            shade = class_colour(int(flat.classes[index]))
            draw.rectangle([x0, y0, x1 - 1, y1 - 1], outline=shade)
            text = f"{flat.names[index]} {flat.visible_fraction[index]:.0%}"
            if x1 - x0 > 24:
                box = draw.textbbox((x0, max(y0 - 12, 0)), text)
                draw.rectangle([box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1], fill=_DARK)
                draw.text((x0, max(y0 - 12, 0)), text, shade)
    return np.array(image)


def flow_picture(pixels: NDArray[np.float32], most_px: float | None = None) -> NDArray[np.uint8]:
    """Flow (H,W,2) as colours: hue is direction, strength is length up to `most_px` (None: almost the longest); nan is black."""
    length = np.hypot(pixels[..., 0], pixels[..., 1])
    known = np.isfinite(length)
    if most_px is None:
        most_px = float(np.quantile(length[known], 0.98)) if known.any() else 1.0
    angle = np.arctan2(np.where(known, pixels[..., 1], 0), np.where(known, pixels[..., 0], 0)) / (2 * np.pi) % 1
    share = np.sqrt(np.clip(np.where(known, length, 0) / max(most_px, 1e-6), 0, 1))
    wheel = np.clip(np.abs((angle[..., None] * 6 + [0, 4, 2]) % 6 - 3) - 1, 0, 1)
    shade = 1 - share[..., None] * (1 - wheel)
    return np.where(known[..., None], np.rint(shade * 255), 0).astype(np.uint8)


def class_colour(number: int) -> tuple[int, int, int]:
    """A bright colour for a class id; ids that follow one another are far apart on the wheel."""
    wheel = np.clip(np.abs((number * 0.381966 * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)
    red, green, blue = np.rint(80 + 175 * wheel).astype(int).tolist()
    return red, green, blue


def _projected(ends: NDArray[np.float64], camera: Camera) -> NDArray[np.float64] | None:
    """A line (2,3) in the camera frame as pixels (2,2), cut off in front of the camera; None if nothing of it is there."""
    depth = ends[:, 2]
    if (depth < _NEAR_M).all():
        return None
    behind = int(np.argmin(depth))
    if depth[behind] < _NEAR_M:
        share = (_NEAR_M - depth[behind]) / (depth[1 - behind] - depth[behind])
        ends = ends.copy()
        ends[behind] += share * (ends[1 - behind] - ends[behind])
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2)
    pixels = ends[:, :2] / ends[:, 2:] * focal + [camera.width / 2, camera.height / 2]
    return np.clip(pixels, -4000, 4000)
