"""What a change of weather makes of the environment: the word brings its sky; what is not named stays."""

from dataclasses import fields, replace

from bridge.engine import Weather
from bridge.scene import Environment

_SKIES: dict[str, dict[str, float]] = {
    "clear": {"cloud_cover": 0.2, "rain": 0.0, "snowfall": 0.0},
    "overcast": {"cloud_cover": 0.95, "rain": 0.0, "snowfall": 0.0},
    "rain": {"cloud_cover": 1.0, "rain": 0.6, "snowfall": 0.0},
    "storm": {"cloud_cover": 1.0, "rain": 0.95, "snowfall": 0.0},
    "fog": {"cloud_cover": 1.0, "rain": 0.0, "snowfall": 0.0},
    "snow": {"cloud_cover": 1.0, "rain": 0.0, "snowfall": 0.5},
}
WEATHERS = tuple(_SKIES)


def told(environment: Environment) -> Weather:
    """Weather and hour of an environment, every field of them."""
    return Weather(**{item.name: getattr(environment, item.name) for item in fields(Weather)})


def news(environment: Environment, said: Weather) -> Weather:
    """What of it differs from the environment: a word that holds already brings no new sky."""
    held = told(environment)
    return Weather(**{key: value for key, value in vars(said).items() if value != getattr(held, key)})


def changed(environment: Environment, change: Weather) -> Environment:
    """The environment after a change."""
    if change.weather is not None:
        environment = replace(environment, weather=change.weather, **_SKIES[change.weather])  # type: ignore[arg-type]
    named = {
        field: getattr(change, field)
        for field in ("time_of_day_h", "visibility_m", "wetness", "snow_cover", "lamps_lit")
        if getattr(change, field) is not None
    }
    return replace(environment, **named)
