"""What a sentence asks for: the Brief, each of its fields with the words it came from and a confidence."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

PLACES = (
    "harbor", "fishing-village", "town", "city", "village", "old-town", "medieval", "industrial", "campus", "suburb",
    "market", "farm", "vineyard", "mountain", "hills", "desert", "island", "coast", "river", "lake", "canal", "forest",
    "neon", "sci-fi", "ruins", "downtown", "resort", "ranch", "oasis", "jungle",
)  # fmt: skip

T = TypeVar("T")
Weather = Literal["clear", "overcast", "rain", "storm", "fog", "snow"]
Season = Literal["spring", "summer", "autumn", "winter"]
TimeOfDay = Literal["dawn", "morning", "noon", "afternoon", "evening", "dusk", "night", "midnight"]
Predicate = Literal[
    "north-of", "south-of", "east-of", "west-of", "northeast-of", "northwest-of", "southeast-of", "southwest-of",
    "near", "far-from", "on", "in", "at", "along", "around", "between", "opposite", "at-end-of", "in-front-of", "behind",
]  # fmt: skip
Side = Literal["north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "center"]


@dataclass(frozen=True)
class Source:
    """The words a value came from: their place in the prompt, and how sure the reading is (0 to 1).

    `guessed` says that the words were not in the lexicon and the meaning was the nearest one found.
    """

    words: str
    start: int
    end: int
    confidence: float = 1.0
    guessed: bool = False


@dataclass(frozen=True)
class Read(Generic[T]):
    """A value that was read in the sentence."""

    value: T
    source: Source


@dataclass(frozen=True)
class Thing:
    """Things asked for, or asked not to be there: `kind` is a key of scene_gen.kinds.KINDS.

    `least` and `most` bound the count; (1, None) is "some", (0, 0) is "no". `attributes` are plain adjectives that
    were understood ("red", "wooden", "old", "tall").
    """

    kind: str
    least: int
    most: int | None
    source: Source
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """A place asked for: `subject` and `objects` are kinds (or "town", "sea", "hill", "river", "map").

    A side of the map is `Relation("harbor", "in", ("map",), side="south")`.
    """

    subject: str
    predicate: Predicate
    objects: tuple[str, ...]
    source: Source
    side: Side | None = None


@dataclass(frozen=True)
class AgentsAsked:
    """Who acts: `kind` ("courier", "pedestrian", "robot", "dog" ...), how many, on what ("scooter"), told what."""

    kind: str
    least: int
    most: int | None
    source: Source
    vehicle: str = "foot"
    instruction: str = ""


@dataclass(frozen=True)
class Brief:
    """A sentence, understood. Nothing in it is silently dropped: what was not understood is in `not_understood`."""

    prompt: str
    language: str = "en"
    places: tuple[Read[str], ...] = ()
    not_places: tuple[Read[str], ...] = ()
    """Kinds of place that must not be: "not a desert"."""
    weather: tuple[Read[str], ...] = ()
    not_weather: tuple[Read[str], ...] = ()
    wind_m_s: Read[float] | None = None
    season: Read[str] | None = None
    time_of_day: Read[str] | None = None
    time_of_day_h: Read[float] | None = None
    """A clock time, where one was given."""
    style: tuple[Read[str], ...] = ()
    """Styles: maritime, medieval, modern, futuristic, rustic, mediterranean, nordic, asian, arabic, colonial, victorian,
    alpine, american, industrial, abandoned, colorful."""
    materials: tuple[Read[str], ...] = ()
    """Materials of the houses: wood, brick, stone, concrete, glass, plaster, clay, metal."""
    density: Read[Literal["sparse", "normal", "dense"]] | None = None
    size_m: Read[float] | None = None
    """Side of the square map [m]."""
    things: tuple[Thing, ...] = ()
    relations: tuple[Relation, ...] = ()
    agents: tuple[AgentsAsked, ...] = ()
    not_understood: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences for the user about how the prompt was read: what was cut, guessed or contradictory."""
    weather_strength: Read[float] | None = None
    """How strong the first of `weather` is, 0 (hardly) to 1 (as strong as it gets), where the sentence says so."""
    made_of: tuple[Read[str], ...] = ()
    """Kinds of building that the place is made of ("a village of cabins"): most of its houses are one of these."""
