"""The block of numbers that every shader reads: `Frame` in shading/frame.glsl, field by field in its order."""

import numpy as np
from numpy.typing import NDArray

from bridge.render.air import RAIN_TAN
from bridge.render.camera import FAR_M, Views
from bridge.render.lamps import LampGrid
from bridge.render.light_maps import LightMaps
from bridge.render.near_maps import NearMaps
from bridge.render.sky import Array, Sky
from bridge.scene import Terrain

_MARCH_STEPS = {False: 6, True: 14}
"""Steps in which reflections are looked for, for sensors and for stills."""
_ALIGNED = 16
"""Blocks start at multiples of so many vec4s, which every OpenGL takes."""


class FrameBlocks:
    """The blocks of a scene's views; what no view changes is worked out once."""

    def __init__(
        self, sky: Sky, haze: tuple[Array, Array], terrain: Terrain, maps: LightMaps, lamps: LampGrid,
        *, sky_scale: float, first_water: int, is_fine: bool,
    ) -> None:  # fmt: skip
        env = sky.environment
        rows, cols = terrain.heights.shape
        # Row and column 0 of the terrain's maps lie at its vertices, so that texels reach half a cell around them.
        extent = terrain.cell_m * np.array([cols, rows])
        origin = np.array(terrain.origin) - terrain.cell_m / 2
        wind = -env.wind_m_s * np.array([np.cos(env.wind_from_rad), np.sin(env.wind_from_rad)])
        extras = sky_scale, _MARCH_STEPS[is_fine], 0.0, 0.0
        fields = {
            "clip_from_world": np.zeros((4, 4)),
            "sun_from_world": maps.sun_from_world.T,
            "near_from_world": np.zeros((4, 4)),
            "eye": np.zeros(4),
            "right": np.zeros(4),
            "down": np.zeros(4),
            "forward": np.zeros(4),
            "picture": np.zeros(4),
            "sun": [*sky.sun, float(sky.is_moon)],
            "sun_color": [*sky.sun_color, sky.cover],
            "real_sun": [*sky.real_sun, sky.overcast],
            "ambient": [[*row, extra] for row, extra in zip(sky.ambient, extras, strict=True)],
            "fog": [*sky.fog_color, sky.fog_per_m],
            "zenith": [*sky.zenith, sky.veil],
            "horizon_away": [*sky.horizon_away, sky.night],
            "horizon_sun": [*sky.horizon_sun, sky.glow],
            "glow_color": [*sky.glow_color, sky.lamp_gain],
            "cloud_bright": [*sky.cloud_bright, wind[0]],
            "cloud_dark": [*sky.cloud_dark, wind[1]],
            "weather": [env.rain, env.snowfall, env.snow_cover, env.wetness],
            "terrain_map": [*origin, *(1 / extent)],
            "lamp_map": [*lamps.low, *(1 / (lamps.high - lamps.low))],
            "haze_away": [*haze[0], sky.fog_depth_m],
            "haze_sun": [*haze[1], RAIN_TAN],
            "shadow_scale": [maps.texel_m, 0.0, 1.0, first_water],
        }
        vec4s = [np.asarray(field, dtype=np.float64).reshape(-1, 4) for field in fields.values()]
        ends = np.cumsum([len(field) for field in vec4s]).tolist()
        self._first = dict(zip(fields, [0, *ends], strict=False))
        self._fixed = np.zeros((-(-ends[-1] // _ALIGNED) * _ALIGNED, 4))
        self._fixed[: ends[-1]] = np.concatenate(vec4s)
        self.nbytes = self._fixed.size * 4

    def of(
        self, views: Views, near_m: NDArray[np.float64], samples: int, time_s: float, near: NearMaps | None
    ) -> NDArray[np.float32]:
        """The blocks (k, vec4s, 4) of views drawn with so many samples along each side of a pixel."""
        blocks = np.repeat(self._fixed[None], len(views), axis=0)
        first = self._first
        blocks[:, : first["sun_from_world"]] = views.clip_from_world(near_m, FAR_M).transpose(0, 2, 1)
        blocks[:, first["eye"], :3], blocks[:, first["eye"], 3] = views.position, views.pixel_rad / samples
        blocks[:, first["right"] : first["picture"], :3] = views.axes.transpose(0, 2, 1)
        blocks[:, first["right"] : first["forward"], 3], blocks[:, first["forward"], 3] = views.tan, time_s
        size = np.array([views.width, views.height]) * samples
        blocks[:, first["picture"]] = [*size, *(1 / size)]
        blocks[:, first["ambient"] + 2, 3] = 1 / near_m
        blocks[:, first["ambient"] + 3, 3] = 1 / FAR_M - 1 / near_m
        if near is not None:
            blocks[:, first["near_from_world"] : first["eye"]] = near.from_world.transpose(0, 2, 1)
            blocks[:, first["shadow_scale"], 1], blocks[:, first["shadow_scale"], 2] = near.texel_m, near.half_m
        return blocks.astype(np.float32)
