"""The same town under another sky: lattice, heights and landmarks stay, environment and look are made anew."""

from dataclasses import replace

from scene_gen.brief import Brief, Read
from scene_gen.plan.artefacts import Plan
from scene_gen.plan.atmosphere import climate_of, environment_of
from scene_gen.plan.looks import look_of, styles_of
from scene_gen.plan.validate import validate_plan

_SKY = {"snow": ("winter",), "rain": (), "storm": (), "fog": (), "clear": (), "overcast": ()}


def retheme(plan: Plan, brief: Brief) -> Plan:
    """The plan with the weather, season, hour, style and materials of `brief` ("at night, in snow").

    What `brief` does not mention stays as the plan's own Brief had it. Things, counts and places in `brief` that would
    change the lattice are not followed; a note says so.
    """
    merged = _merged(plan.brief, brief)
    styles = styles_of(merged)
    climate = climate_of(plan.brief, styles) if not brief.places else climate_of(brief, styles)
    environment, sky_notes = environment_of(merged, climate=climate, style=styles[0], seed=0)
    environment = replace(environment, wind_from_rad=plan.environment.wind_from_rad)
    if environment.weather == plan.environment.weather:
        environment = replace(environment, cloud_cover=plan.environment.cloud_cover)
    look, look_notes = look_of(merged, environment, climate=climate)
    ignored = [thing.source.words for thing in brief.things] + [relation.source.words for relation in brief.relations]
    ignored = [words for words in dict.fromkeys(ignored) if words]
    notes = [*plan.notes, *sky_notes, *look_notes]
    if ignored:
        notes.append(
            f"Re-theming keeps the plan's layout; not followed: {', '.join(repr(words) for words in ignored)}."
        )
    return validate_plan(
        replace(plan, brief=merged, environment=environment, look=look, notes=tuple(dict.fromkeys(notes)))
    )


def _merged(first: Brief, change: Brief) -> Brief:
    """The first Brief with the change's sky and materials; its places serve as styles where no style is named."""
    sky_changes = bool(change.weather)
    hour_changes = change.time_of_day is not None or change.time_of_day_h is not None
    snows = any(read.value == "snow" for read in change.weather)
    season_fits = first.season is None or not snows or first.season.value in _SKY["snow"]
    style = change.style
    if not style and change.places:
        style = tuple(Read(name, change.places[0].source) for name in styles_of(change))
    return replace(
        first,
        weather=change.weather or tuple(read for read in first.weather if read.value not in _names(change.not_weather)),
        not_weather=change.not_weather if sky_changes or change.not_weather else first.not_weather,
        weather_strength=change.weather_strength if sky_changes else first.weather_strength,
        wind_m_s=change.wind_m_s or (None if sky_changes else first.wind_m_s),
        season=change.season or (first.season if season_fits else None),
        time_of_day=change.time_of_day if hour_changes else first.time_of_day,
        time_of_day_h=change.time_of_day_h if hour_changes else first.time_of_day_h,
        style=style or first.style,
        materials=change.materials or first.materials,
        notes=(*first.notes, *(note for note in change.notes if note not in first.notes)),
    )


def _names(reads: tuple[Read[str], ...]) -> set[str]:
    return {read.value for read in reads}
