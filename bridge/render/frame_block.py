"""The block of numbers that every shader reads: `Frame` in shading/frame.glsl, field by field in its order."""

import numpy as np
from numpy.typing import NDArray

from bridge.render.air import RAIN_TAN
from bridge.render.camera import FAR_M, View
from bridge.render.lamps import LampGrid
from bridge.render.light_maps import LightMaps
from bridge.render.sky import Array, Sky
from bridge.scene import Terrain


def frame_block(
    view: View, near_m: float, samples: int, time_s: float, sky: Sky, haze: tuple[Array, Array], terrain: Terrain,
    maps: LightMaps, lamps: LampGrid, sky_scale: float, march_steps: int, first_water: int,
) -> NDArray[np.float32]:  # fmt: skip
    """The block (vec4s, 4) for a view drawn with so many samples along each side of a pixel."""
    env = sky.environment
    size = np.array([view.width, view.height]) * samples
    rows, cols = terrain.heights.shape
    # Row and column 0 of the terrain's maps lie at its vertices, so that texels reach half a cell around them.
    extent = terrain.cell_m * np.array([cols, rows])
    origin = np.array(terrain.origin) - terrain.cell_m / 2
    wind = -env.wind_m_s * np.array([np.cos(env.wind_from_rad), np.sin(env.wind_from_rad)])
    right, down, forward = view.axes.T
    canopy = maps.canopy
    extras = sky_scale, march_steps, 1 / near_m, 1 / FAR_M - 1 / near_m
    vec4s = [
        *view.clip_from_world(near_m, FAR_M).T,
        *maps.sun_from_world.T,
        *maps.near_from_world.T,
        [*view.position, view.pixel_rad / samples],
        [*right, view.tan_x],
        [*down, view.tan_y],
        [*forward, time_s],
        [*size, *(1 / size)],
        [*sky.sun, float(sky.is_moon)],
        [*sky.sun_color, sky.cover],
        [*sky.real_sun, sky.overcast],
        *[[*row, extra] for row, extra in zip(sky.ambient, extras, strict=True)],
        [*sky.fog_color, sky.fog_per_m],
        [*sky.zenith, sky.veil],
        [*sky.horizon_away, sky.night],
        [*sky.horizon_sun, sky.glow],
        [*sky.glow_color, sky.lamp_gain],
        [*sky.cloud_bright, wind[0]],
        [*sky.cloud_dark, wind[1]],
        [env.rain, env.snowfall, env.snow_cover, env.wetness],
        [*origin, *(1 / extent)],
        [*canopy.low, *(1 / (canopy.high - canopy.low))],
        [*lamps.low, *(1 / (lamps.high - lamps.low))],
        [*haze[0], sky.fog_depth_m],
        [*haze[1], RAIN_TAN],
        [maps.texel_m, maps.near_texel_m, maps.near_half_m, first_water],
    ]
    return np.array([np.asarray(row, dtype=np.float64) for row in vec4s], dtype=np.float32)
