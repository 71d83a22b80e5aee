"""Orthographic pictures by cameras that have none: tiles, each seen from so far behind that its rays are nearly parallel."""

import math
from dataclasses import dataclass, replace

import numpy as np

from bridge.gateways.unrealcv.sights import Sight
from bridge.gateways.unrealcv.units import composed

TILES = 8
"""A side; fewer where a picture has fewer pixels."""
SIDES_AWAY = 20.0
"""How far behind its place a tile is seen from, in its own sides: rays stray by 1.5 degrees at most."""


@dataclass(frozen=True, eq=False)
class Tile:
    """One tile: a perspective camera `away_m` behind the orthographic one."""

    sight: Sight
    away_m: float


def tiles_of(sight: Sight, *, focus_m: float = 0.0) -> list[list[Tile]]:
    """Rows of tiles from the top, each from the left, which fit together without a seam at `focus_m` before the camera.

    What stands behind the camera, in between, is in the picture.
    """
    pixel_m = sight.ortho_width_cm / 100.0 / sight.width
    widths, heights = _split(sight.width), _split(sight.height)
    away = SIDES_AWAY * max(*widths, *heights) * pixel_m
    rows, top = [], 0
    for height in heights:
        row, left = [], 0
        for width in widths:
            right_m = (left + width / 2 - sight.width / 2) * pixel_m
            down_m = (top + height / 2 - sight.height / 2) * pixel_m
            pose = composed(sight.pose, (-away, -right_m, -down_m, 1.0, 0.0, 0.0, 0.0))
            fov = 2 * math.degrees(math.atan(0.5 * width * pixel_m / (away + focus_m)))
            made = replace(
                sight, name=f"{sight.name}/{top}/{left}", pose=pose, width=width, height=height, fov_deg=fov,
                is_orthographic=False,
            )  # fmt: skip
            row.append(Tile(made, away))
            left += width
        rows.append(row)
        top += height
    return rows


def _split(pixels: int) -> list[int]:
    return [len(part) for part in np.array_split(np.arange(pixels), min(TILES, pixels))]
