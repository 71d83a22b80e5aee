"""Sun, sky, fog and lamps of a town, in the units of Unreal's lights: lux, lumens, centimetres, linear colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .folder import TownFolder
from .reading import entries, entry, number, numbers, text, truth

CONTRAST_SEEN = 0.05
"""What is left of a contrast at the meteorological range."""
_LOWEST_SUN = 0.25
"""Below this sine of the elevation an overcast sky's light is no longer traded for a stronger slanting one."""


@dataclass(frozen=True)
class Sun:
    """The one directional light: `quat_xyzw` turns X into the direction in which its light travels.

    What clouds scatter is given to the same light, broad and soft (`source_angle_deg`), because Unreal's atmosphere is
    lit by the sun alone and an overcast town would be black otherwise.
    """

    quat_xyzw: tuple[float, float, float, float]
    lux: float
    color_linear: tuple[float, float, float]
    source_angle_deg: float


@dataclass(frozen=True)
class Fog:
    """Exponential height fog that is the same at every height that matters."""

    density: float
    height_falloff: float


@dataclass(frozen=True)
class Weather:
    """What lies on the town: how much of it snow covers, and how wet it is, 0 to 1."""

    snow_cover: float
    wetness: float


@dataclass(frozen=True)
class Lamp:
    """One point light."""

    owner: str
    position_cm: tuple[float, float, float]
    color_linear: tuple[float, float, float]
    lumens: float
    reach_cm: float
    is_lit: bool


@dataclass(frozen=True)
class Sky:
    """Everything above and everything that shines."""

    sun: Sun
    fog: Fog
    has_clouds: bool
    weather: Weather
    lamps: tuple[Lamp, ...]


def sky(folder: TownFolder) -> Sky:
    """Sun, fog, clouds and lamps of level.json."""
    where = "level.json"
    weather, sun = entry(folder.level, "environment", where), entry(folder.level, "sun", where)
    clouds, snow_cover, wetness = (
        min(max(number(weather, key, f"the environment of {where}"), 0.0), 1.0)
        for key in ("cloud_cover", "snow_cover", "wetness")
    )
    visibility = number(weather, "visibility_m", f"the environment of {where}")
    to_sun = numbers(sun, "direction_to", 3, f"the sun of {where}")
    color = numbers(sun, "color_linear", 3, f"the sun of {where}")
    scattered = number(sun, "sky_lux", f"the sun of {where}") * clouds / max(to_sun[2], _LOWEST_SUN)
    return Sky(
        Sun(
            quat_along((-to_sun[0], -to_sun[1], -to_sun[2])), number(sun, "lux", f"the sun of {where}") + scattered,
            (color[0], color[1], color[2]), 0.5357 + 60.0 * clouds,
        ),
        Fog(fog_density(visibility), 0.001), clouds > 0.05, Weather(snow_cover, wetness),
        tuple(_lamp(row) for row in entries(folder.level, "lamps", where)),
    )  # fmt: skip


def fog_density(visibility_m: float) -> float:
    """Unreal's `Fog Density` for which a contrast falls to 5 % at the meteorological range [m].

    Along a level ray Unreal's height fog lets exp(-(ln 2)^2 * density / 1000 * centimetres) through.
    """
    return -math.log(CONTRAST_SEEN) * 1000.0 / (math.log(2.0) ** 2 * 100.0 * max(visibility_m, 1.0))


def quat_along(forward: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """The rotation (x, y, z, w) that turns X into `forward` without rolling; Unreal's frame."""
    yaw = math.atan2(forward[1], forward[0])
    pitch = math.atan2(forward[2], math.hypot(forward[0], forward[1]))
    sin_p, cos_p, sin_y, cos_y = math.sin(pitch / 2), math.cos(pitch / 2), math.sin(yaw / 2), math.cos(yaw / 2)
    return sin_p * sin_y, -sin_p * cos_y, cos_p * sin_y, cos_p * cos_y


def _lamp(row: dict) -> Lamp:
    owner = text(row, "owner", "a lamp of level.json")
    where = f"the lamp of '{owner}' in level.json"
    at, color = numbers(row, "location_cm", 3, where), numbers(row, "color_linear", 3, where)
    return Lamp(
        owner, (at[0], at[1], at[2]), (color[0], color[1], color[2]), number(row, "lumens", where),
        number(row, "attenuation_cm", where), truth(row, "is_lit", where),
    )  # fmt: skip
