"""Season, weather and hour of a Brief as numbers: bridge.scene.Environment."""

import math
from dataclasses import dataclass
from typing import Any

from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.plan.recipes import blend
from scene_gen.seeds import stream

LATITUDES_RAD = {"boreal": 1.05, "alpine": 0.81, "temperate": 0.785, "mediterranean": 0.68, "dry": 0.60, "east-asian": 0.62,
                 "desert": 0.52, "tropical": 0.25}  # fmt: skip
"""Where a climate lies, for the sun's height."""

_DECLINATION_RAD = {"spring": 0.10, "summer": 0.38, "autumn": -0.10, "winter": -0.38}


@dataclass(frozen=True)
class _Sky:
    """What one kind of weather does; `hour` and `season` are its own where the sentence gives none."""

    cloud_cover: float
    visibility_m: float
    wind_m_s: float = 3.0
    rain: float = 0.0
    snowfall: float = 0.0
    snow_cover: float = 0.0
    wetness: float = 0.0
    hour: float = 14.0
    season: str = "summer"
    gloom: float = 0.0
    """Height of the sun [rad] below which lamps are lit."""


_SKIES: dict[str, _Sky] = {
    "clear": _Sky(0.2, 20_000.0, gloom=0.03),
    "overcast": _Sky(0.95, 12_000.0, 4.0, gloom=0.12),
    "rain": _Sky(1.0, 2_400.0, 6.0, rain=0.6, wetness=1.0, hour=16.5, season="autumn", gloom=0.75),
    "storm": _Sky(1.0, 1_500.0, 17.0, rain=0.95, wetness=1.0, hour=17.0, season="autumn", gloom=1.6),
    "fog": _Sky(1.0, 150.0, 0.8, wetness=0.35, hour=9.0, season="autumn", gloom=1.6),
    "snow": _Sky(1.0, 2_000.0, 3.0, snowfall=0.5, snow_cover=0.9, wetness=0.1, hour=15.0, season="winter", gloom=0.35),
}
_SEVERITY = ("clear", "overcast", "fog", "snow", "rain", "storm")


def environment_of(brief: Brief, *, climate: str, style: str, seed: int) -> tuple[Environment, tuple[str, ...]]:
    """The Environment, and sentences about what could not be as asked.

    What the sentence says wins; the rest follows from the weather, the climate and the style (neon towns are shown at
    night after rain).
    """
    notes: list[str] = []
    rng = stream(seed, "plan", "weather")
    weathers = _weathers(brief, style, notes)
    weather = max(weathers, key=_SEVERITY.index)
    sky = _SKIES[weather]
    season = brief.season.value if brief.season else _season(weathers, climate)
    latitude = LATITUDES_RAD.get(climate, LATITUDES_RAD["temperate"])
    hour = _hour(brief, sky, season, latitude, style)
    refused = {read.value for read in brief.not_weather}
    strongest = lambda field: max(getattr(_SKIES[name], field) for name in weathers)  # noqa: E731
    snow_cover = max(strongest("snow_cover"), _lying_snow(season, climate) if "snow" not in refused else 0.0)
    wetness = strongest("wetness")
    factor, sight = _strength(brief)
    if not brief.weather and style == "neon" and "rain" not in refused:
        wetness = 0.55
    wind = (
        float(brief.wind_m_s.value)
        if brief.wind_m_s
        else strongest("wind_m_s") * (factor if weather == "storm" else 1.0)
    )
    lit = sun_height_rad(hour, season, latitude) < max(_SKIES[name].gloom for name in weathers)
    values: dict[str, Any] = {
        "season": season,
        "weather": weather,
        "time_of_day_h": round(hour % 24.0, 3),
        "latitude_rad": latitude,
        "cloud_cover": sky.cloud_cover if weather != "clear" else round(float(rng.uniform(0.1, 0.4)), 3),
        "rain": min(strongest("rain") * factor, 1.0),
        "snowfall": min(strongest("snowfall") * factor, 1.0),
        "snow_cover": snow_cover,
        "wetness": wetness,
        "visibility_m": min(_SKIES[name].visibility_m for name in weathers) * sight,
        "wind_m_s": wind,
        "wind_from_rad": round(float(rng.uniform(0, 2 * math.pi)), 3),
        "lamps_lit": bool(lit),
    }
    return Environment(**values), tuple(notes)


def climate_of(brief: Brief, styles: tuple[str, ...]) -> str:
    """The climate that places and styles speak of; one of LATITUDES_RAD."""
    refused = {read.value for read in brief.not_places}
    places = [read.value for read in brief.places if read.value not in refused]
    climate = blend(places or ("town",)).climate
    if climate:
        return climate
    by_style = {"nordic": "boreal", "mediterranean": "mediterranean", "arabic": "desert", "adobe": "desert",
                "asian": "east-asian", "colonial": "tropical", "tropical": "tropical", "resort": "tropical", "alpine": "alpine"}  # fmt: skip
    return next((by_style[style] for style in styles if style in by_style), "temperate")


def sun_height_rad(hour: float, season: str, latitude_rad: float) -> float:
    """Height of the sun above the horizon [rad] at a local solar time [h]."""
    declination = _DECLINATION_RAD[season]
    turn = (hour - 12.0) * math.pi / 12.0
    sine = math.sin(latitude_rad) * math.sin(declination) + math.cos(latitude_rad) * math.cos(declination) * math.cos(
        turn
    )
    return math.asin(max(-1.0, min(1.0, sine)))


def sunset_h(season: str, latitude_rad: float) -> float:
    """Local solar time of sunset [h]; sunrise is as long before noon."""
    cosine = -math.tan(latitude_rad) * math.tan(_DECLINATION_RAD[season])
    return 12.0 + math.acos(max(-1.0, min(1.0, cosine))) * 12.0 / math.pi


def _strength(brief: Brief) -> tuple[float, float]:
    """Factors for what falls and for how far one sees, from "a drizzle" (0.3, 2) to "pouring" (1.6, 0.6)."""
    if brief.weather_strength is None:
        return 1.0, 1.0
    strength = min(max(float(brief.weather_strength.value), 0.0), 1.0)
    return round(0.2 + 1.5 * strength, 3), round(2.2 - 1.7 * strength, 3)


def _weathers(brief: Brief, style: str, notes: list[str]) -> list[str]:
    refused = {read.value for read in brief.not_weather}
    asked = list(dict.fromkeys(read.value for read in brief.weather if read.value in _SKIES))
    kept = [name for name in asked if name not in refused]
    for name in asked:
        if name in refused:
            notes.append(f"'{name}' is both asked for and refused; the weather is without it.")
    if "clear" in kept and {"rain", "storm", "snow", "fog", "overcast"} & set(kept):
        notes.append(f"clear and {', '.join(n for n in kept if n != 'clear')} cannot be at once; clear was left out.")
        kept.remove("clear")
    if kept:
        return kept
    usual = "overcast" if style in ("abandoned", "industrial", "neon") else "clear"
    return [next(name for name in (usual, "clear", "overcast", "fog", "rain", "snow", "storm") if name not in refused)]


def _season(weathers: list[str], climate: str) -> str:
    if "snow" in weathers:
        return "winter"
    season = _SKIES[max(weathers, key=_SEVERITY.index)].season
    return season if climate not in ("desert", "tropical", "dry") else "summer"


def _lying_snow(season: str, climate: str) -> float:
    """Snow that lies although none falls."""
    if season != "winter":
        return 0.0
    return {"boreal": 0.85, "alpine": 0.85, "temperate": 0.55}.get(climate, 0.0)


def _hour(brief: Brief, sky: _Sky, season: str, latitude: float, style: str) -> float:
    if brief.time_of_day_h is not None:
        return float(brief.time_of_day_h.value) % 24.0
    sunset = sunset_h(season, latitude)
    sunrise = 24.0 - sunset
    if brief.time_of_day is not None:
        return {
            "dawn": min(max(sunrise + 0.1, 4.6), 7.4),
            "morning": min(max(sunrise + 1.2, 9.0), 11.0),
            "noon": 12.0,
            "afternoon": 15.0,
            "evening": min(max(sunset - 0.6, 17.2), 21.5),
            "dusk": min(max(sunset + 0.3, 17.1), 21.4),
            "night": max(22.0, sunset + 1.8),
            "midnight": 0.0,
        }[brief.time_of_day.value] % 24.0
    if style == "neon" or (style == "futuristic" and not brief.weather):
        return 22.0 if style == "neon" else min(sunset + 0.2, 21.0)
    return min(sky.hour, sunset - 0.7)
