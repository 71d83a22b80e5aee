"""The textures that shaders look a scene up in: materials, patterns, sky, ground, lamps, where things stand."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.air import rain_tile, snow_tile
from bridge.render.blur import blurred
from bridge.render.canopy import CELLS, TOP_M, Canopy, resampled
from bridge.render.instances import instance_table
from bridge.render.labels import Bodies, Labels
from bridge.render.lamps import LampGrid
from bridge.render.palette import Palette
from bridge.render.patterns import pattern_tiles
from bridge.render.programs import TEXTURE_UNITS
from bridge.render.sky import Sky, cloud_field
from bridge.render.uploaded import Owned
from bridge.scene import Scene, Terrain

_LINEAR = (moderngl.LINEAR, moderngl.LINEAR)
_NEAREST = (moderngl.NEAREST, moderngl.NEAREST)
_TILE_LEVELS = 6
"""Patterns are four pixels wide at the last level: smaller ones would look the same."""
_MIPMAPPED = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)


class Lookups:
    """Textures by the samplers' names."""

    def __init__(self, ctx: Any, own: Owned, scene: Scene, palette: Palette, sky: Sky, lamps: LampGrid | None) -> None:
        self._ctx, self._own = ctx, own
        self._textures: dict[str, Any] = {}
        self.add("palette", palette.packed(), "u4", _NEAREST)
        self._add_tiles(palette)
        self._add_sky(sky)
        self._numbers = palette.indices(scene.terrain.surfaces)[scene.terrain.surface]
        self._colors = np.sqrt(palette.rows[:, :3])
        self.add("surface_map", self._numbers.astype(np.uint16), "u2", _NEAREST)
        if lamps is not None:
            self._add_lamps(lamps)
        env = scene.environment
        if env.rain > 0 or env.snowfall > 0:
            tile = rain_tile() if env.rain > 0 else snow_tile()
            self.add("air_map", tile, "f1", repeat=True)

    def add(
        self, name: str, array: NDArray, dtype: str, sampling: tuple[int, int] = _LINEAR, *, repeat: bool = False
    ) -> None:
        """A texture of an array (rows, columns) or (rows, columns, channels)."""
        channels = 1 if array.ndim == 2 else array.shape[2]
        made = self._own(self._ctx.texture(array.shape[1::-1], channels, np.ascontiguousarray(array), dtype=dtype))
        made.filter = sampling
        made.repeat_x = made.repeat_y = repeat
        self._textures[name] = made

    def keep(self, name: str, texture: Any) -> None:
        """Takes a texture that something else made and gives back."""
        self._textures[name] = texture

    def place(self, labels: Labels, bodies: Bodies) -> None:
        """Where things stand."""
        table = instance_table(labels, bodies)
        if "instances" in self._textures:
            self._textures["instances"].write(table)
        else:
            self.add("instances", table, "f4", _NEAREST)

    def use(self) -> None:
        """Puts every texture on its unit."""
        for name, texture in self._textures.items():
            texture.use(TEXTURE_UNITS[name])

    def _add_tiles(self, palette: Palette) -> None:
        clouds = cloud_field()
        small = clouds.reshape(len(clouds) // 4, 4, -1, 4).mean(axis=(1, 3))
        self.add("clouds", _bytes(np.stack([clouds, np.tile(small, (4, 4))], axis=-1)), "f1", repeat=True)
        stack = pattern_tiles(palette.patterns)
        self._textures["tiles"] = self._own(self._ctx.texture_array((*stack.shape[2:0:-1], stack.shape[0]), 4, stack))
        for name in ("clouds", "tiles"):
            self._textures[name].build_mipmaps(max_level=_TILE_LEVELS)
            self._textures[name].filter = _MIPMAPPED

    def _add_sky(self, sky: Sky) -> None:
        picture = sky.map()
        small = picture.reshape(32, 8, 32, 8, 3).mean(axis=(1, 3))
        soft = blurred(small, 1.7)
        self.add("sky_map", np.pad(picture, ((0, 0), (0, 0), (0, 1))).astype(np.float32), "f4")
        self.sky_scale = max(float(soft.max()), 1e-6)
        self.add("soft_sky_map", _bytes(np.sqrt(soft / self.sky_scale)), "f1")

    def _add_lamps(self, grid: LampGrid) -> None:
        levels, rows, cols, _ = grid.lux.shape
        light = np.empty((levels, rows, cols, 4), np.float16)
        light[..., :3] = grid.toward
        light[..., 3] = grid.lux.max(axis=-1)
        made = self._own(self._ctx.texture3d((cols, rows, levels), 4, light, dtype="f2"))
        made.filter = _LINEAR
        made.repeat_x = made.repeat_y = made.repeat_z = False
        self._textures["lamp_light"] = made
        color = grid.lux.sum(axis=0)
        self.add("lamp_color", _bytes(color / np.maximum(color.max(axis=-1, keepdims=True), 1e-9)), "f1")

    def add_ground(self, canopy: Canopy, terrain: Terrain) -> None:
        """Colours and heights of the terrain, with how high things stand around."""
        finer = max(round(CELLS / max(terrain.heights.shape)), 1)
        x, y = (
            start + terrain.cell_m * np.arange(count)
            for start, count in zip(terrain.origin, terrain.heights.shape[::-1], strict=True)
        )
        far = canopy.above(x, y, terrain.heights, 1)
        self.add("height_map", np.stack([terrain.heights.astype(np.float32), far], axis=-1), "f4")
        row, col = ((np.arange(count * finer) + 0.5) / finer - 0.5 for count in terrain.heights.shape)
        near = canopy.above(
            terrain.origin[0] + terrain.cell_m * col, terrain.origin[1] + terrain.cell_m * row,
            resampled(terrain.heights, row, col), 0,
        )  # fmt: skip
        color = resampled(self._colors[self._numbers], row, col)
        self.add("ground_map", _bytes(np.concatenate([color, near[..., None] / TOP_M], axis=-1)), "f1")


def _bytes(values: NDArray) -> NDArray[np.uint8]:
    """Parts from 0 to 1 (..., up to 4) as four bytes each, which software renderers filter much faster than numbers."""
    return _padded(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))


def _padded(steps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes (..., up to 4) with zeros up to four."""
    padded = np.zeros((*steps.shape[:-1], 4), np.uint8)
    padded[..., : steps.shape[-1]] = steps
    return padded
