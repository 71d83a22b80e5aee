"""Briefs written by hand, so that tests of planning do not lean on understanding."""

from scene_gen.brief import AgentsAsked, Brief, Read, Relation, Source, Thing


def source(words: str = "") -> Source:
    """The words, as if the prompt held nothing else."""
    return Source(words, 0, len(words))


def read(value):
    """A value that was read for certain."""
    return Read(value, source(str(value)))


def thing(kind: str, least: int = 1, most: int | None = 1, *attributes: str) -> Thing:
    """So many of a kind; one of it if nothing else is said."""
    return Thing(kind, least, most, source(kind), attributes)


def relation(subject: str, predicate: str, *objects: str, side: str | None = None) -> Relation:
    """Something somewhere."""
    words = f"{subject} {predicate} {' '.join(objects)}" if side is None else f"{subject} in the {side}"
    return Relation(subject, predicate, objects or ("map",), source(words), side)


def brief(prompt: str, *places: str, **more) -> Brief:
    """A Brief with plain values in place of Reads."""
    plural = ("not_places", "weather", "not_weather", "style", "materials")
    single = ("season", "time_of_day", "time_of_day_h", "size_m", "density", "wind_m_s", "weather_strength")
    values = {}
    for key, value in more.items():
        if key in plural:
            values[key] = tuple(read(item) for item in value)
        elif key in single:
            values[key] = read(value)
        else:
            values[key] = tuple(value)
    return Brief(prompt, places=tuple(read(place) for place in places), **values)


RAINY_HARBOR = brief("a rainy harbor town", "harbor", "town", weather=["rain"])
COURIERS = AgentsAsked("courier", 4, 4, source("four couriers on scooters"), "scooter", "deliver parcels")
