"""Sun, moon, sky, clouds and haze of an environment: what lights a scene and what stands behind it.

Radiances are display-referred: 1 is white paper well exposed, as a photographer would have metered the hour, so a
night is dark but legible. Colours by the sun's height come from a table of looks, not from a spectral model.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.render.patterns import SIZE, noise
from bridge.scene import Environment, Lights, Scene

Array = NDArray[np.floating]
CLOUD_SIZE = SIZE
SKY_SIZE = 256
_REACH = 1.08
"""How far the sky map reaches over the horizon, which is the circle of radius 1 around the zenith."""
SKY_SCALE = 0.5 / _REACH
"""Fractions of the sky map a unit of the stereographic plane."""

_ELEVATION_DEG = np.array([-18.0, -9.0, -4.0, 0.0, 5.0, 14.0, 35.0, 65.0])
_ZENITH = np.array([
    [0.0150, 0.0260, 0.0680], [0.030, 0.052, 0.135], [0.060, 0.105, 0.24], [0.11, 0.19, 0.38],
    [0.15, 0.26, 0.50], [0.13, 0.29, 0.62], [0.105, 0.27, 0.66], [0.095, 0.26, 0.68],
])  # fmt: skip
_HORIZON_AWAY = np.array([
    [0.0380, 0.0520, 0.1000], [0.075, 0.090, 0.165], [0.17, 0.16, 0.27], [0.38, 0.31, 0.42],
    [0.58, 0.51, 0.58], [0.60, 0.68, 0.82], [0.54, 0.70, 0.90], [0.52, 0.70, 0.92],
])  # fmt: skip
_HORIZON_SUN = np.array([
    [0.0380, 0.0520, 0.1000], [0.170, 0.110, 0.140], [0.72, 0.29, 0.16], [1.30, 0.55, 0.21],
    [1.30, 0.74, 0.36], [0.92, 0.83, 0.74], [0.66, 0.76, 0.90], [0.56, 0.73, 0.92],
])  # fmt: skip
_SUN_GAIN = np.array([0.0, 0.0, 0.0, 0.45, 1.7, 2.1, 2.05, 2.05])
_GREY_SKY = np.array([0.030, 0.050, 0.115, 0.24, 0.37, 0.48, 0.56, 0.60])
"""Radiance of a closed cloud deck overhead."""


@dataclass(frozen=True, eq=False)
class Sky:
    """The light of an environment, as shaders want it. Colours are linear rgb, directions unit vectors to the light.

    `sun` (3,) is the sun's direction, or the moon's after dusk, `sun_color` (3,) the radiance of white paper facing it;
    `ambient` (4,3) the first two orders of the sky's and ground's diffuse light: constant, x, y, z.
    `fog_per_m` is the extinction, `night` 0 by day to 1 at night, `glow` whether things that glow at night do,
    `lamp_gain` the radiance of white paper per lux of lamp light. `cover` and `storm` describe the clouds,
    `veil` how much of the sky the fog hides overhead, `fog_depth_m` the height over sea in which it thins to a third.
    """

    environment: Environment
    sun: Array
    sun_color: Array
    is_moon: bool
    elevation_deg: float
    ambient: Array
    zenith: Array
    horizon_away: Array
    horizon_sun: Array
    glow_color: Array
    cloud_bright: Array
    cloud_dark: Array
    fog_color: Array
    fog_per_m: float
    night: float
    glow: float
    lamp_gain: float
    cover: float
    overcast: float
    veil: float
    fog_depth_m: float

    def radiance(self, directions: ArrayLike, *, clouds: bool = True, glow: bool = True) -> Array:
        """The sky's radiance (..., 3) in unit directions (..., 3), with the sun's glow but without its disc."""
        d = np.asarray(directions, dtype=np.float64)
        up = np.clip(d[..., 2], 0, 1)
        toward = _toward(d, self.real_sun)
        low = (1 - up) ** 5
        side = np.clip(0.5 + 0.5 * toward, 0, 1)[..., None] ** 3
        horizon = self.horizon_away * (1 - side) + self.horizon_sun * side
        color = self.zenith + (horizon - self.zenith) * low[..., None]
        cosine = np.clip(d @ self.real_sun, 0, 1)[..., None]
        if glow:
            color = color + self.glow_color * (0.28 * cosine**6 + 0.55 * cosine**48)
        if clouds:
            alpha, shade = self.clouds(d)
            lit = self.cloud_dark + (self.cloud_bright - self.cloud_dark) * shade[..., None]
            lit = lit + self.glow_color * 0.5 * cosine**12 * (1 - alpha[..., None])
            color = color + (lit - color) * alpha[..., None]
        veil = 1 - np.exp(-self.veil / np.maximum(up, 0.01))
        return color + (self.fog_color - color) * veil[..., None]

    @property
    def real_sun(self) -> Array:
        """Direction to the sun, be it above the horizon or below."""
        return sun_direction(self.environment)

    def clouds(self, directions: Array) -> tuple[Array, Array]:
        """Opacity and brightness (0 to 1) of the clouds in unit directions (..., 3), shape (...) each."""
        up = np.maximum(directions[..., 2], 0)
        uv = directions[..., :2] / (up + 0.16)[..., None] * 0.11
        field = cloud_field()
        n = 0.72 * _sampled(field, uv) + 0.28 * _sampled(field, uv * 3.7 + 0.37)
        ahead = uv + self.sun[:2] * 0.018
        n_ahead = 0.72 * _sampled(field, ahead) + 0.28 * _sampled(field, ahead * 3.7 + 0.37)
        threshold = 0.76 - 0.58 * self.cover
        alpha = _smooth((n - threshold) / 0.30) * _smooth((up - 0.015) / 0.16)
        alpha = alpha + (1 - alpha) * self.overcast * (0.9 + 0.1 * _smooth(up / 0.2))
        shade = 0.55 + (n - n_ahead) * 2.6 - 0.9 * np.maximum(n - threshold - 0.15, 0)
        shade = np.clip(shade + self.overcast * (1.9 * (_sampled(field, uv * 0.43 + 0.2) - 0.5) + 0.25), 0, 1)
        return alpha * 0.96, shade

    def map(self) -> NDArray[np.float32]:
        """The sky with clouds as a picture (SKY_SIZE, SKY_SIZE, 3) seen from below; see `map_coordinates`."""
        axis = ((np.arange(SKY_SIZE) + 0.5) / SKY_SIZE * 2 - 1) * _REACH
        y, x = np.meshgrid(axis, axis, indexing="ij")
        squared = x * x + y * y
        directions = np.stack([2 * x, 2 * y, 1 - squared], axis=-1) / (1 + squared)[..., None]
        return self.radiance(directions).astype(np.float32)

    def kept(self, eye_z: float, rise: ArrayLike, distance: ArrayLike) -> Array:
        """What of the light of things comes through the air, that are so far and so much higher than an eye [m]."""
        k = np.asarray(rise, dtype=np.float64) / self.fog_depth_m
        k = np.where(np.abs(k) < 1e-3, 1e-3, np.clip(k, -40, 40))
        thin = np.exp(-max(eye_z, 0.0) / self.fog_depth_m) * (1 - np.exp(-k)) / k
        return np.exp(-self.fog_per_m * np.asarray(distance) * np.minimum(thin, 1.0))

    def haze(self) -> tuple[Array, Array]:
        """Colours (3,) of far haze away from the sun and towards it: what the sky looks like over the horizon."""
        level = self.real_sun[:2] / max(float(np.hypot(*self.real_sun[:2])), 1e-6)
        ahead = np.stack([np.array([*(level * np.cos(up)), np.sin(up)]) for up in (0.005, 0.02, 0.05)])
        away = self.radiance(ahead * [-1, -1, 1], glow=False).mean(axis=0)
        return away, self.radiance(ahead, glow=False).mean(axis=0)


def map_coordinates(directions: Array) -> Array:
    """Where (..., 2) in `Sky.map`, as fractions (u, v), unit directions (..., 3) are found."""
    return directions[..., :2] / (1 + np.maximum(directions[..., 2:], -0.07)) * SKY_SCALE + 0.5


def sun_direction(environment: Environment) -> Array:
    """Unit vector (3,) to the sun from season (its middle day), local solar time and latitude; x east, y north."""
    declination = np.radians({"spring": 11.5, "summer": 22.0, "autumn": -11.5, "winter": -22.0}[environment.season])
    hour = np.radians((environment.time_of_day_h - 12.0) * 15.0)
    lat = environment.latitude_rad
    return np.array(
        [
            -np.cos(declination) * np.sin(hour),
            np.cos(lat) * np.sin(declination) - np.sin(lat) * np.cos(declination) * np.cos(hour),
            np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour),
        ]
    )


_USUAL_LM_M2, _USUAL_GLOW = 3.6, np.array([0.030, 0.024, 0.021])
"""A small town's lamps, and what of their light comes back from the clouds."""


def _town_glow(lights: Lights | None, area_m2: float) -> Array:
    """What of a town's own light (3,) comes back from the clouds: more, and in its colour, where more is lit."""
    lumens = np.zeros(0) if lights is None else np.asarray(lights.lumens)
    if lights is None or not lumens.sum():
        return _USUAL_GLOW
    color = (np.asarray(lights.colors) * lumens[:, None]).sum(axis=0) / lumens.sum()
    level = np.clip((lumens.sum() / area_m2 / _USUAL_LM_M2) ** 0.6, 0.5, 4.0)
    return level * (0.5 * _USUAL_GLOW + 0.5 * _USUAL_GLOW.mean() * color / color.mean())


def sky_over(scene: Scene) -> Sky:
    """The light of a scene: that of its environment, and what its lamps give the clouds."""
    x0, y0, x1, y1 = scene.bounds
    return sky_of(scene.environment, scene.lights, (x1 - x0) * (y1 - y0))


def sky_of(environment: Environment, lights: Lights | None = None, area_m2: float = 1.0) -> Sky:
    """The light of an environment; `lights` are those of a town of `area_m2` [m²], which clouds give back at night."""
    sun = sun_direction(environment)
    elevation = float(np.degrees(np.arcsin(np.clip(sun[2], -1, 1))))
    at = lambda table: _looked_up(table, elevation)  # noqa: E731
    night = float(_smooth((-elevation - 1.0) / 8.0))
    weather = environment.weather
    closed = {"clear": 0.0, "overcast": 0.85, "rain": 0.95, "storm": 1.0, "fog": 0.9, "snow": 0.9}[weather]
    overcast = max(closed, float(_smooth((environment.cloud_cover - 0.7) / 0.3)))
    storm = 1.0 if weather == "storm" else 0.35 if weather == "rain" else 0.0
    grey_level = float(np.interp(elevation, _ELEVATION_DEG, _GREY_SKY)) * (1 - 0.50 * storm)
    tint = np.array([0.93, 0.985, 1.07]) if weather != "storm" else np.array([0.86, 0.99, 1.10])
    tint = tint if elevation > -2 else np.array([0.75, 0.95, 1.45])
    grey = grey_level * tint
    # Where all is bright a photographer still exposes for white.
    grey = grey * {"snow": 1.40, "fog": 1.15}.get(weather, 1.0)
    if environment.lamps_lit:
        # A town's own light comes back from the clouds.
        grey = grey + night * _town_glow(lights, area_m2)
    zenith = at(_ZENITH) * (1 - overcast) + grey * 0.95 * overcast
    away = at(_HORIZON_AWAY) * (1 - overcast) + grey * 1.12 * overcast
    warm = at(_HORIZON_SUN)
    sunward = warm * (1 - overcast) + (grey * 1.15 * 0.8 + 0.2 * np.minimum(warm, 0.8) * grey_level * 1.6) * overcast

    through = _transmittance(max(elevation, 0.0))
    gain = float(np.interp(elevation, _ELEVATION_DEG, _SUN_GAIN))
    is_moon = elevation < -3.0
    clear_sun = gain * through / _transmittance(60.0).max()
    if is_moon:
        azimuth = np.arctan2(-sun[1], -sun[0]) + 0.5
        height = np.radians(42.0)
        light = np.array([np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)])
        clear_sun = np.array([0.20, 0.26, 0.40]) * float(_smooth((-elevation - 3) / 6))
    else:
        light = np.array([*sun[:2], max(sun[2], 0.035)])
        light /= np.linalg.norm(light)
    light_color = clear_sun * (1 - 0.93 * overcast) * (1 - 0.25 * environment.cloud_cover * (1 - overcast))
    fog_per_m = 3.0 / max(environment.visibility_m, 5.0)
    fog_depth_m = {"fog": 45.0, "clear": 1500.0}.get(weather, 320.0)
    glow_color = clear_sun * (1 - 0.9 * overcast) * (0 if is_moon else 0.55)
    bright = np.minimum(clear_sun, 2.0) * 0.55 + at(_HORIZON_AWAY) * 0.55 + at(_ZENITH) * 0.15
    bright = bright * (1 - overcast) + grey * 1.18 * overcast
    dark = at(_HORIZON_AWAY) * 0.55 + at(_ZENITH) * 0.25 + 0.06 * np.minimum(clear_sun, 2)
    dark = dark * (1 - overcast) + grey * (0.66 - 0.20 * storm) * overcast
    fog_color = 0.5 * (away + sunward) if weather != "fog" else 0.5 * (away + sunward) * np.array([1.02, 1.0, 0.98])
    sky = Sky(
        environment, light, light_color, is_moon, elevation, np.zeros((4, 3)), zenith, away, sunward, glow_color,
        bright, dark, fog_color, fog_per_m, night, float(environment.lamps_lit or elevation < -1.0),
        0.0012 + (0.052 - 0.0012) * night, environment.cloud_cover, overcast, min(fog_depth_m, 260.0) * fog_per_m, fog_depth_m,
    )  # fmt: skip
    return _with_ambient(sky)


@cache
def cloud_field() -> NDArray[np.float32]:
    """Seamless cloud noise from 0 to 1, shape (CLOUD_SIZE, CLOUD_SIZE)."""
    lumps = noise(51, 1.75, CLOUD_SIZE)
    billows = 1 - np.abs(noise(52, 1.45, CLOUD_SIZE))
    return np.clip(0.5 + 0.17 * lumps + 0.10 * billows, 0, 1).astype(np.float32)


def _with_ambient(sky: Sky) -> Sky:
    """The same sky with its diffuse light: the sky above and what a grey ground gives back."""
    count = 1024
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    azimuth = np.pi * (1 + 5**0.5) * index
    flat = np.sqrt(1 - z**2)
    directions = np.stack([np.cos(azimuth) * flat, np.sin(azimuth) * flat, z], axis=-1)
    radiance = sky.radiance(directions)
    above = z > 0
    fill = (radiance[above] * z[above, None]).mean(axis=0) + sky.sun_color * max(sky.sun[2], 0)
    albedo = 0.20 + 0.45 * sky.environment.snow_cover
    radiance[~above] = albedo * fill
    floor = np.array([0.030, 0.036, 0.056]) * sky.night
    ambient = np.concatenate([radiance.mean(axis=0)[None] + floor, 2 * (directions.T @ radiance) / count])
    values = {name: getattr(sky, name) for name in sky.__dataclass_fields__}
    return Sky(**{**values, "ambient": ambient})


def _toward(directions: Array, sun: Array) -> Array:
    """Cosine of the azimuth between directions (..., 3) and the sun, 0 overhead, shape (...)."""
    flat = np.hypot(directions[..., 0], directions[..., 1]) * np.hypot(sun[0], sun[1])
    return (directions[..., :2] @ sun[:2]) / np.maximum(flat, 1e-6)


def _transmittance(elevation_deg: float) -> Array:
    """What of the sun's red, green and blue comes through the air, by Kasten and Young's air mass (1989)."""
    mass = 1 / (np.sin(np.radians(elevation_deg)) + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    return np.exp(-mass * np.array([0.055, 0.115, 0.235]))


def _looked_up(table: Array, elevation_deg: float) -> Array:
    return np.array([np.interp(elevation_deg, _ELEVATION_DEG, column) for column in table.T])


def _smooth(x: ArrayLike) -> Array:
    t = np.clip(x, 0, 1)
    return t * t * (3 - 2 * t)


def _sampled(field: NDArray, uv: Array) -> Array:
    """Seamless bilinear lookup of a square field at fractions (..., 2)."""
    size = len(field)
    xy = uv * size - 0.5
    base = np.floor(xy)
    fx, fy = np.moveaxis(xy - base, -1, 0)
    x, y = np.moveaxis(base.astype(np.int64) % size, -1, 0)
    x1, y1 = (x + 1) % size, (y + 1) % size
    return (field[y, x] * (1 - fx) + field[y, x1] * fx) * (1 - fy) + (field[y1, x] * (1 - fx) + field[y1, x1] * fx) * fy
