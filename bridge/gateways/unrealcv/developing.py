"""How a camera's settings change its picture: exposure, blur of motion and of depth, and other sources than the final colours.

Pictures come from the engine exposed and in sRGB; gains act on linear light. Depths are in centimetres, as clients set
them. Auto exposure follows Unreal: it brings the mean to middle grey, within what `auto_brightness` allows, so many stops
a second as `auto_speed` says.
"""

import math
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bridge.gateways.unrealcv import looks
from bridge.gateways.unrealcv.images import FAR_CM, Pixels
from bridge.gateways.unrealcv.outlines import materials
from bridge.gateways.unrealcv.sights import Sight
from bridge.gateways.unrealcv.stage import Stage

Light = NDArray[np.float32]
MIDDLE_GREY = 0.18
MOST_STOPS = 15.0
"""Of bias, either way: Unreal's own limit."""
PHYSICAL_GAIN = 2.0 ** (15.0 - math.log2(16.0 * 60.0))
"""What Unreal's physical camera (f/4, 1/60 s, ISO 100: 9.9 stops) makes of daylight, which our pictures expose as 15 stops."""
_BRIGHTNESS = (0.03, 8.0)
"""Unreal's limits of what auto exposure takes for the mean brightness, where none were set."""
_SPEED = (1.0, 3.0)
"""Stops a second towards darker and brighter pictures, Unreal's own."""
_SAMPLES = 8
"""How many moments a blurred picture has."""
_NEAR_CM = 10.0
"""Unreal's near plane, which device depth is relative to."""


def lit(stage: Stage, sight: Sight) -> Pixels:
    """The picture with all that was set, sRGB, shape (H,W,3)."""
    source = cast(str, sight.settings.get("lit_source", ("ftc_hdr",))[0])
    if source in _SOURCES:
        return _SOURCES[source](stage, sight)
    pixels = looks.colors(stage, sight)
    gain = _gain(stage, sight, pixels)
    blurs = [blur for name, blur in (("motion_blur", _in_motion), ("focal", _out_of_focus)) if name in sight.settings]
    if gain == 1.0 and not blurs and source not in ("sc_hdr", "scna_hdr"):
        return pixels
    light: Light = _linear(pixels) * np.float32(gain)
    for blur in blurs:
        light = blur(stage, sight, light)
    if source in ("sc_hdr", "scna_hdr"):  # scene colours: light as it is, on no curve
        return np.rint(np.clip(light, 0.0, 1.0) * 255).astype(np.uint8)
    return _srgb(light)


def _gain(stage: Stage, sight: Sight, pixels: Pixels) -> float:
    """By what the light is multiplied."""
    settings = sight.settings
    gain = 2.0 ** min(max(float(settings.get("exposure_bias", (0.0,))[0]), -MOST_STOPS), MOST_STOPS)
    method = settings.get("exposure_method", ("",))[0]
    if method == "manual":
        return gain * (PHYSICAL_GAIN if settings.get("physical_exposure", (0,))[0] else 1.0)
    if method in ("histogram", "basic"):
        return gain * 2.0 ** _adapted(stage, sight, pixels, middle_only=method == "histogram")
    return gain


def _adapted(stage: Stage, sight: Sight, pixels: Pixels, *, middle_only: bool) -> float:
    """The stops by which auto exposure has brightened the picture by now.

    A histogram leaves the darkest and the brightest tenths out of the mean.
    """
    brightness = _linear(pixels) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    if middle_only:
        low, high = np.quantile(brightness, [0.1, 0.9])
        brightness = brightness[(brightness >= low) & (brightness <= high)]
    least, most = cast(tuple[float, float], sight.settings.get("auto_brightness", _BRIGHTNESS))
    mean = min(max(float(brightness.mean()), least), most)
    target = math.log2(MIDDLE_GREY / max(mean, 1e-4))
    assert stage.state is not None
    now = stage.state.time_s
    stops, then = sight.adapted or (target, now)
    down, up = cast(tuple[float, float], sight.settings.get("auto_speed", _SPEED))
    most_down, most_up = max(down, 0.0) * (now - then), max(up, 0.0) * (now - then)
    stops = min(max(target, stops - most_down), stops + most_up)
    sight.adapted = stops, now
    return stops


def _in_motion(stage: Stage, sight: Sight, light: Light) -> Light:
    """The mean of several moments along what each pixel moved while the shutter was open.

    `motion_blur` is its share of a frame, the most it may smear in percent of the width, a size that is of no account
    here, and the frame rate that the share is of (0: that of ticks).
    """
    amount, most, _, rate = cast(tuple[float, float, float, int], sight.settings["motion_blur"])
    shift = looks.motion(stage, sight) * np.float32(max(amount, 0.0) * (stage.tick_rate_hz / rate if rate else 1.0))
    length = np.hypot(shift[..., 0], shift[..., 1])
    limit = np.float32(max(most, 0.0) / 100.0 * sight.width)
    shift *= np.where(length > limit, limit / np.maximum(length, 1e-6), 1.0)[..., None]
    if not shift.any():
        return light
    rows, cols = np.indices(light.shape[:2])
    total = np.zeros_like(light)
    for share in (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5:
        at_row = np.clip(np.rint(rows + share * shift[..., 1]), 0, light.shape[0] - 1).astype(np.intp)
        at_col = np.clip(np.rint(cols + share * shift[..., 0]), 0, light.shape[1] - 1).astype(np.intp)
        total += light[at_row, at_col]
    return total / np.float32(_SAMPLES)


def _out_of_focus(stage: Stage, sight: Sight, light: Light) -> Light:
    """Blurred where it is nearer than the focal distance, or farther than that and the focal region [cm] after it."""
    distance, region = cast(tuple[float, float], sight.settings["focal"])
    if distance <= 0:
        return light
    away = looks.depth(stage, sight)
    off = np.maximum(distance - away, away - (distance + max(region, 0.0)))
    size = np.clip(off / np.maximum(away, 1.0), 0.0, 1.0) * (0.02 * sight.width)  # diameter [px] of a point of light
    widths = [width for width in (3, 9, 27) if width < min(light.shape[:2])]
    made: Light = light
    for width in widths:
        share = np.clip((size - width / 3) / max(width * 2 / 3, 1e-6), 0.0, 1.0)[..., None].astype(np.float32)
        made = (made * (1 - share) + _box(light, width) * share).astype(np.float32)
    return made


def _box(light: Light, width: int) -> Light:
    """The mean over squares of so many pixels."""
    half = width // 2
    padded = np.pad(light, ((half + 1, half), (half + 1, half), (0, 0)), mode="edge").astype(np.float64)
    total = padded.cumsum(axis=0).cumsum(axis=1)
    span = 2 * half + 1
    square = total[span:, span:] - total[:-span, span:] - total[span:, :-span] + total[:-span, :-span]
    return (square / span**2).astype(np.float32)


def depth_grey(stage: Stage, sight: Sight) -> Pixels:
    """Depth as grey: black at the camera, white at the farthest that Unreal counts."""
    return _grey(looks.depth(stage, sight) / FAR_CM)


def _device_depth(stage: Stage, sight: Sight) -> Pixels:
    """What the depth buffer holds: the near plane over the depth."""
    return _grey(_NEAR_CM / np.maximum(looks.depth(stage, sight), _NEAR_CM))


def _grey(share: NDArray) -> Pixels:
    return np.repeat(np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)[..., None], 3, axis=-1)


def base_colors(stage: Stage, sight: Sight) -> Pixels:
    """Every actor in the mean colour of its materials, without light."""
    ids = cast(NDArray[np.int32], looks.frame(stage, sight, "segmentation").segmentation)
    names = ["", *(row.name for row in (*stage.scene.instances(), *stage.loaded.added)), *stage.ledger.rows]
    table = np.zeros((len(names), 3), np.float32)
    for number in np.unique(ids[ids > 0]).tolist():
        actor = stage.of_thing(names[number])
        stuffs = [] if actor is None else [stage.scene.materials[name].base_color for name in materials(stage, actor)]
        table[number] = np.mean(stuffs, axis=0) if stuffs else MIDDLE_GREY
    return _srgb(table)[ids]


_SOURCES: dict[str, Callable[[Stage, Sight], Pixels]] = {
    "base": base_colors, "color_depth": depth_grey, "scene_depth": depth_grey, "device_depth": _device_depth,
    "normal": looks.normals,
}  # fmt: skip


def _linear(pixels: Pixels) -> Light:
    return _LINEAR[pixels]


def _srgb(light: Light) -> Pixels:
    light = np.clip(light, 0.0, 1.0)
    made = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(made * 255).astype(np.uint8)


def _linear_table() -> Light:
    share = np.arange(256) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear_table()
