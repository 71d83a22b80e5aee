"""Terrain as Unreal's Landscape wants it: a 16-bit height map of a legal size and one weight map a surface."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import unreal_from_world_cm
from bridge.scene import Terrain
from scene_gen.export.exporter import file_name

LEGAL_SIZES = (127, 253, 505, 1009, 2017, 4033, 8129)
"""Vertices a side that divide evenly into components; see Unreal's Landscape Technical Guide."""
_COMPONENTS = {127: (2, 1, 63), 253: (4, 1, 63), 505: (8, 1, 63), 1009: (16, 1, 63), 2017: (16, 2, 63), 4033: (32, 2, 63), 8129: (32, 2, 127)}  # fmt: skip
"""By size: components a side, sections a component's side, quads a section's side."""
_MIDDLE, _UNITS = 32768, 128.0
"""A height map value of 32768 is the landscape's own level, and 128 steps are 1 cm at a Z scale of 1."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """`heights` uint16 (n,n) and `weights` name → uint8 (n,n), row 0 north as images have it, and where they go."""

    heights: NDArray[np.uint16]
    weights: dict[str, NDArray[np.uint8]]
    sidecar: dict[str, Any]


def landscape(terrain: Terrain, *, largest: int = 4033) -> Landscape:
    """The terrain resampled to the smallest legal size that is no coarser than it is, up to `largest`."""
    rows, cols = terrain.heights.shape
    size = next((n for n in LEGAL_SIZES if n >= max(rows, cols) or n == largest), LEGAL_SIZES[-1])
    extent = np.array([cols - 1, rows - 1]) * terrain.cell_m
    x = np.linspace(terrain.origin[0], terrain.origin[0] + extent[0], size)
    y = np.linspace(terrain.origin[1] + extent[1], terrain.origin[1], size)
    bands = [terrain.height_at(np.stack(np.meshgrid(x, band), axis=-1)) for band in np.array_split(y, size // 64)]
    heights_m = np.concatenate(bands)
    low, high = float(heights_m.min()), float(heights_m.max())
    level_m, half_cm = (low + high) / 2, max((high - low) * 50, 1.0)
    scale_z = half_cm * _UNITS / (_MIDDLE - 1)
    values = np.round((heights_m - level_m) * 100 * _UNITS / scale_z) + _MIDDLE
    components, sections, quads = _COMPONENTS[size]
    corner = unreal_from_world_cm([terrain.origin[0], terrain.origin[1] + extent[1], level_m])
    sidecar = {
        "heightmap": "heightmap.png",
        "size": size,
        "components": components,
        "sections_per_component": sections,
        "quads_per_section": quads,
        "location_cm": [round(float(v), 6) for v in corner],
        "scale": [*(round(float(v) * 100 / (size - 1), 9) for v in extent), round(scale_z, 12)],
        "height_m_at_0": round(level_m - _MIDDLE * scale_z / _UNITS / 100, 9),
        "height_m_per_step": scale_z / _UNITS / 100,
        "rows": "row 0 is north; Unreal's Y points south",
    }
    weights = _weights(terrain, size)
    sidecar["layers"] = [{"surface": name, "weight_map": f"layers/{file_name(name)}.png"} for name in weights]
    return Landscape(np.clip(values, 0, 65535).astype(np.uint16), weights, sidecar)


def _weights(terrain: Terrain, size: int) -> dict[str, NDArray[np.uint8]]:
    """Blended weights that add up to 255 everywhere."""
    rows, cols = terrain.surface.shape
    v, u = np.linspace(rows - 1, 0, size), np.linspace(0, cols - 1, size)
    i, j = np.minimum(v.astype(int), rows - 2), np.minimum(u.astype(int), cols - 2)
    fv, fu = (v - i)[:, None], (u - j)[None]
    used = [index for index in range(len(terrain.surfaces)) if (terrain.surface == index).any()]
    shares = np.zeros((len(used), size, size))
    for layer, index in enumerate(used):
        here = (terrain.surface == index).astype(float)
        south = here[np.ix_(i, j)] * (1 - fu) + here[np.ix_(i, j + 1)] * fu
        north = here[np.ix_(i + 1, j)] * (1 - fu) + here[np.ix_(i + 1, j + 1)] * fu
        shares[layer] = south * (1 - fv) + north * fv
    levels = np.floor(shares * 255)
    most = shares.argmax(axis=0)
    np.put_along_axis(levels, most[None], np.take_along_axis(levels, most[None], 0) + 255 - levels.sum(axis=0), 0)
    return {terrain.surfaces[index]: levels[layer].astype(np.uint8) for layer, index in enumerate(used)}
