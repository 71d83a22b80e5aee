"""SimWorld's weather blueprint: sun, fog and air, in the engine's words for weather and hour."""

import numpy as np

from bridge.engine import Weather
from bridge.formats.sky import daylight
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, Out, function
from bridge.gateways.unrealcv.stage import Stage
from bridge.render.sky import sun_direction
from bridge.scene import Environment
from bridge.weather import changed

FULL_SUN = 10.0
"""SunIntensity of a clear noon."""
_DULL = 4.0
"""Less than this is an overcast sky."""
_FOG_M = 2000.0
"""Visibility [m] at a FogDensity of 1; it goes with its inverse."""
_CLEAR_M, _THICK_M = 20_000.0, 20.0


def environment(stage: Stage) -> Environment:
    """Weather and hour as they are now, with what was told last."""
    stage.flush()
    return changed(stage.scene.environment, stage.ledger.weather)


@function("SetSunDirection")
def set_sun_direction(stage: Stage, actor: Actor, pitch: float, yaw: float) -> None:
    """Where sunlight goes to, pitch and yaw [degrees]: the hour at which the sun stands nearest to that."""
    if not -90 <= pitch <= 90:
        raise CommandFailed(INVALID)
    up, round_ = np.radians(-pitch), np.radians(yaw)
    towards = -np.array([np.cos(up) * np.cos(round_), -np.cos(up) * np.sin(round_), -np.sin(up)])
    now = environment(stage)
    hours = np.arange(0.0, 24.0, 0.05)
    suns = np.array([sun_direction(changed(now, Weather(time_of_day_h=float(hour)))) for hour in hours])
    heights = np.abs(np.arcsin(np.clip(suns[:, 2], -1, 1)) - up)
    best = np.lexsort((-(suns @ towards), np.round(heights, 2)))[0]
    actor.memory["sun"] = (pitch, yaw, 0.0)
    stage.edit([Weather(time_of_day_h=round(float(hours[best]), 3))])


@function("GetSunDirection")
def get_sun_direction(stage: Stage, actor: Actor) -> Out:
    """As a rotator; what was set, or where the sun of the hour is."""
    pitch, yaw, roll = actor.memory.get("sun") or _rotator_of_sun(stage)
    return {"rotation": f"P={pitch:.6f} Y={yaw:.6f} R={roll:.6f}"}


@function("SetSunIntensity")
def set_sun_intensity(stage: Stage, actor: Actor, intensity: float) -> None:
    """0 to 100, 10 for a clear day: a weak sun has clouds before it."""
    if not 0 <= intensity <= 100:
        raise CommandFailed(INVALID)
    actor.memory["sun intensity"] = intensity
    now = environment(stage).weather
    if intensity < _DULL and now == "clear":
        stage.edit([Weather(weather="overcast")])
    elif intensity >= _DULL and now == "overcast":
        stage.edit([Weather(weather="clear")])


@function("GetSunIntensity")
def sun_intensity(stage: Stage, actor: Actor) -> Out:
    """What was set, or what the sky lets through."""
    light = FULL_SUN * daylight(environment(stage)).sun_lux / 100_000
    return {"SunIntensity": f"{actor.memory.get('sun intensity', light):.6f}"}


@function("SetFog")
def set_fog(stage: Stage, actor: Actor, density: float, distance: float, falloff: float) -> None:
    """How thick fog is (0 to 100); where it begins [m] and how it thins with height are kept, and told to who asks."""
    if not (0 <= density <= 100 and 0 <= distance <= 5000 and 0 <= falloff <= 2):
        raise CommandFailed(INVALID)
    actor.memory["fog"] = (density, distance, falloff)
    visibility = _CLEAR_M if density <= 0 else float(np.clip(_FOG_M / density, _THICK_M, _CLEAR_M))
    stage.edit([Weather(visibility_m=visibility)])


@function("GetFog")
def fog(stage: Stage, actor: Actor) -> Out:
    """What was set, or what the air is like."""
    seen = min(100.0, _FOG_M / environment(stage).visibility_m)
    density, distance, falloff = actor.memory.get("fog") or (seen, 0.0, 0.2)
    return {"FogDensity": f"{density:.6f}", "FogDistance": f"{distance:.6f}", "FogFalloff": f"{falloff:.6f}"}


@function("SetAtmosphere")
def set_atmosphere(stage: Stage, actor: Actor, rayleigh: float, mie: float) -> None:
    """How much air (0 to 2) and haze (0 to 5) scatter: haze takes from how far one sees."""
    if not (0 <= rayleigh <= 2 and 0 <= mie <= 5):
        raise CommandFailed(INVALID)
    before = actor.memory.get("air", (1.0, 1.0))[1]
    actor.memory["air"] = (rayleigh, mie)
    if mie != before:
        seen = environment(stage).visibility_m * max(before, 0.1) / max(mie, 0.1)
        stage.edit([Weather(visibility_m=float(np.clip(seen, _THICK_M, _CLEAR_M)))])


@function("GetAtmosphere")
def atmosphere(stage: Stage, actor: Actor) -> Out:
    """What was set; 1 and 1 else."""
    rayleigh, mie = actor.memory.get("air", (1.0, 1.0))
    return {"Rayleigh Scattering Scale": f"{rayleigh:.6f}", "Mie Scattering Scale": f"{mie:.6f}"}


def _rotator_of_sun(stage: Stage) -> tuple[float, float, float]:
    x, y, z = (daylight(environment(stage)).sun_from * np.array([1.0, -1.0, 1.0])).tolist()
    return float(np.degrees(np.arctan2(-z, np.hypot(x, y)))), float(np.degrees(np.arctan2(-y, -x))), 0.0
