"""The light of an hour and its weather as a page wants it: numbers for shaders, and a picture of the sky."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from bridge.engine import Weather
from bridge.render.blur import blurred
from bridge.render.shade import EXPOSURE, SATURATION
from bridge.render.sky import SKY_SCALE, sky_over, sun_direction
from bridge.scene import Environment, Scene
from bridge.viewer.town import packed
from bridge.weather import changed

Word = Literal["clear", "overcast", "rain", "storm", "fog", "snow"]
BRINGS: Mapping[Word, Weather] = {
    "clear": Weather("clear", visibility_m=20_000.0, wetness=0.0, snow_cover=0.0),
    "overcast": Weather("overcast", visibility_m=9_000.0, wetness=0.0, snow_cover=0.0),
    "rain": Weather("rain", visibility_m=2_400.0, wetness=1.0, snow_cover=0.0),
    "storm": Weather("storm", visibility_m=1_200.0, wetness=1.0, snow_cover=0.0),
    "fog": Weather("fog", visibility_m=160.0, wetness=0.3, snow_cover=0.0),
    "snow": Weather("snow", visibility_m=1_500.0, wetness=0.0, snow_cover=0.8),
}
"""What a word for the weather brings with it in the page, where engines change the sky alone."""
_LAMPS_BELOW = np.sin(np.radians(2.0))
"""Lamps are lit when the sun stands lower than this."""


def weather_asked(environment: Environment, asked: Mapping[str, Any]) -> Weather:
    """The change that a page asks for: a word brings its air and its ground, an hour its lamps, a number just itself."""
    change = BRINGS[asked["weather"]] if "weather" in asked else Weather()
    numbers = {key: asked[key] for key in ("time_of_day_h", "visibility_m", "wetness", "snow_cover") if key in asked}
    change = replace(change, **numbers)
    if "lamps_lit" in asked:
        return replace(change, lamps_lit=asked["lamps_lit"])
    if change.time_of_day_h is not None:
        sun = sun_direction(replace(environment, time_of_day_h=change.time_of_day_h))
        return replace(change, lamps_lit=bool(sun[2] < _LAMPS_BELOW))
    return change


def after(environment: Environment, change: Weather) -> Environment:
    """The environment when the change has been made."""
    return changed(environment, change)


def packed_light(scene: Scene) -> bytes:
    """The light of a scene's environment: see bridge.viewer.town.packed. Colours are linear, directions to the light."""
    sky = sky_over(scene)
    env = scene.environment
    picture = sky.map()
    brightest = max(float(picture.max()), 1e-6)
    soft = blurred(picture.reshape(32, 8, 32, 8, 3).mean(axis=(1, 3)), 1.7)
    away, toward = sky.haze()
    wind = env.wind_m_s * np.array([-np.cos(env.wind_from_rad), -np.sin(env.wind_from_rad)])
    header = {
        "weather": env.weather,
        "time_of_day_h": env.time_of_day_h,
        "visibility_m": env.visibility_m,
        "wetness": env.wetness,
        "snow_cover": env.snow_cover,
        "lamps_lit": env.lamps_lit,
        "rain": env.rain,
        "snowfall": env.snowfall,
        "sun": sky.sun.tolist(),
        "sun_color": sky.sun_color.tolist(),
        "real_sun": sky.real_sun.tolist(),
        "is_moon": bool(sky.is_moon),
        "overcast": sky.overcast,
        "night": sky.night,
        "glow": sky.glow,
        "ambient": sky.ambient.ravel().tolist(),
        "haze_away": away.tolist(),
        "haze_sun": toward.tolist(),
        "fog_per_m": sky.fog_per_m,
        "fog_depth_m": sky.fog_depth_m,
        "lamp_gain": sky.lamp_gain if env.lamps_lit and len(scene.lights.positions) else 0.0,
        "wind": wind.tolist(),
        "sky_brightest": brightest,
        "sky_scale": SKY_SCALE,
        "exposure": EXPOSURE,
        "saturation": SATURATION,
    }
    return packed(header, {"sky": _roots(picture, brightest), "soft_sky": _roots(soft, brightest)})


def _roots(picture: np.ndarray, brightest: float) -> np.ndarray:
    """Square roots of a picture's light (rows, cols, 3) in parts of the brightest, as four bytes a pixel."""
    steps = np.full((*picture.shape[:2], 4), 255, np.uint8)
    steps[..., :3] = np.rint(np.sqrt(np.clip(picture / brightest, 0, 1)) * 255)
    return steps
