"""From the items of a read sentence to the Brief's weather, wind, season, time, style, materials, density and size."""

from dataclasses import dataclass, field

from scene_gen.brief import Read
from scene_gen.understand.items import Item, span_source

SMALLEST_M, LARGEST_M = 150.0, 4_000.0
_HOMES = ("house", "home", "building", "cottage", "cabin", "villa", "townhouse", "apartment-block", "street", "alley",
          "farmhouse", "shop", "skyscraper")  # fmt: skip
"""Nouns whose style, material and density are the town's own."""
_READ = ("weather", "wind", "speed", "season", "time", "hours", "measure", "style", "material", "density", "size")
_DRY = ("rain", "storm", "snow", "fog", "overcast")


@dataclass
class Setting:
    """How the town looks and what the sky does."""

    weather: list[Read[str]] = field(default_factory=list)
    not_weather: list[Read[str]] = field(default_factory=list)
    weather_strength: Read[float] | None = None
    wind_m_s: Read[float] | None = None
    season: Read[str] | None = None
    time_of_day: Read[str] | None = None
    time_of_day_h: Read[float] | None = None
    style: list[Read[str]] = field(default_factory=list)
    materials: list[Read[str]] = field(default_factory=list)
    density: Read[str] | None = None
    size_m: Read[float] | None = None
    is_size_vague: bool = False
    """Whether the size came from a word like "tiny", which a length in metres outdoes."""
    notes: list[str] = field(default_factory=list)


def read_setting(prompt: str, items: list[Item]) -> Setting:
    """Everything in the sentence that is neither a thing nor a place."""
    out = Setting()
    owner: dict[int, Item] = {id(word): item for item in items for word in item.described_by}
    for at, item in enumerate(items):
        if not item.is_a(*_READ):
            continue
        if item.is_a("measure"):
            _read_measure(out, prompt, items, at)
        _read_sky(out, prompt, items, at)
        for what in ("season", "time"):
            if item.is_a(what):
                _read_once(out, prompt, item, what)
        if item.is_a("hours"):
            read = Read(float(item.value("hours")), item.source(prompt))
            if out.time_of_day_h is None:
                out.time_of_day_h = read
            else:
                out.notes.append(
                    f"two clock times: '{out.time_of_day_h.source.words}' counts, '{read.source.words}' does not"
                )
        if item.is_a("style", "material", "density", "size"):
            _read_look(out, prompt, item, owner.get(id(item)))
    _settle(out)
    return out


def _read_sky(out: Setting, prompt: str, items: list[Item], at: int) -> None:
    item = items[at]
    if item.is_a("speed"):
        out.wind_m_s = None
        _set_wind(out, Read(round(float(item.value("speed")), 2), item.source(prompt)))
        return
    strength = _strength_beside(items, at) if item.is_a("weather", "wind") else None
    words = (item, strength) if strength is not None else (item,)
    if item.is_a("weather"):
        value, _, level = item.value("weather").partition("/")
        read = Read(value, span_source(prompt, *words))
        if item.is_negated:
            out.not_weather.append(read)
        else:
            if all(other.value != value for other in out.weather):
                out.weather.append(read)
            step = {"strong": 0.3, "weak": -0.3}[strength.value("strength")] if strength is not None else 0.0
            amount = round(min(max(float(level or 0.6) + step, 0.1), 1.0), 2)
            if out.weather_strength is None and (step or level not in ("", "0.6")):
                out.weather_strength = Read(amount, read.source)
    if item.is_a("wind"):
        speed = float(item.value("wind"))
        if strength is not None and not item.is_a("weather"):
            speed *= 1.6 if strength.value("strength") == "strong" else 0.5
        _set_wind(out, Read(0.5 if item.is_negated else round(speed, 2), span_source(prompt, *words)))


def _strength_beside(items: list[Item], at: int) -> Item | None:
    """The word for how strong the weather is, right before it or after it."""
    for step in (-1, +1):
        beside = at + step
        while (
            0 <= beside < len(items)
            and abs(beside - at) <= 2
            and items[beside].is_a("stop", "of")
            and not items[beside].is_a("strength")
        ):
            beside += step
        if 0 <= beside < len(items) and items[beside].is_a("strength") and not items[beside].is_used:
            further = beside + step
            if step > 0 and 0 <= further < len(items) and items[further].is_a("weather", "wind", "thing", "place"):
                continue
            items[beside].is_used = True
            return items[beside]
    return None


def _set_wind(out: Setting, read: Read[float]) -> None:
    if read.value > 60:
        out.notes.append(f"'{read.source.words}' is stronger than any wind here: 60 m/s")
        read = Read(60.0, read.source)
    if out.wind_m_s is None:
        out.wind_m_s = read


def _read_once(out: Setting, prompt: str, item: Item, what: str) -> None:
    read = Read(item.value(what), item.source(prompt))
    if item.is_negated:
        out.notes.append(f"'not {read.source.words}' leaves the {what} open")
        return
    name = "season" if what == "season" else "time_of_day"
    first = getattr(out, name)
    if first is None:
        setattr(out, name, read)
    elif first.value != read.value:
        out.notes.append(f"both {first.value} and {read.value}: '{first.source.words}' came first and counts")


def _read_measure(out: Setting, prompt: str, items: list[Item], at: int) -> None:
    """A length is the size of the map, unless the next words say it is a thing's height or a distance."""
    item = items[at]
    metres = float(item.value("measure"))
    source = item.source(prompt)
    nearby = [items[k] for k in range(at + 1, min(at + 3, len(items)))]
    follows = nearby[0] if nearby else None
    if not item.is_a("across") and follows is not None:
        thing = follows.is_a("thing") and not follows.is_a("place")
        if follows.is_a("attribute") and follows.value("attribute") in ("tall", "long", "high", "wide", "low"):
            about_thing = len(nearby) > 1 and nearby[1].is_a("thing") and not nearby[1].is_a("place")
            if follows.value("attribute") != "wide" or about_thing:
                out.notes.append(f"'{source.words}' is no measure of the town; only the adjective after it was kept")
                return
        elif thing or (follows.is_a("side", "relation", "from") and not follows.is_a("across")):
            out.notes.append(f"the distance '{source.words}' was left out")
            return
    if out.size_m is not None and not out.is_size_vague:
        out.notes.append(f"two sizes: '{out.size_m.source.words}' counts, '{source.words}' does not")
        return
    clamped = min(max(metres, SMALLEST_M), LARGEST_M)
    if clamped != metres:
        out.notes.append(f"a town of '{source.words}' cannot be made: {clamped:g} m across instead")
    if out.size_m is not None:
        out.notes.append(f"two sizes: '{source.words}' counts, '{out.size_m.source.words}' does not")
    out.size_m, out.is_size_vague = Read(round(clamped, 1), source), False


def _read_look(out: Setting, prompt: str, item: Item, noun: Item | None) -> None:
    is_towns = noun is None or noun.value("thing") in _HOMES or (noun.is_a("place") and not noun.is_modifier)
    source = item.source(prompt)
    if item.is_negated:
        if noun is None or not noun.is_a("thing"):
            out.notes.append(f"'not {source.words}' cannot be asked for; it was left out")
        return
    if item.is_a("style") and is_towns:
        for sense in item.senses:
            if sense.what == "style" and all(read.value != sense.value for read in out.style):
                out.style.append(Read(sense.value, source))
    if item.is_a("material") and is_towns and all(read.value != item.value("material") for read in out.materials):
        out.materials.append(Read(item.value("material"), source))
    is_maps = noun is None or noun.is_a("place")
    if item.is_a("density") and is_towns and out.density is None and (is_maps or not item.is_a("size")):
        out.density = Read(item.value("density"), source)
    if item.is_a("size") and is_maps and not item.is_a("density"):
        if out.size_m is None:
            out.size_m = Read(float(item.value("size")), item.source(prompt, confidence=0.9))
            out.is_size_vague = True
        elif not out.is_size_vague or out.size_m.value != float(item.value("size")):
            out.notes.append(f"two sizes: '{out.size_m.source.words}' counts, '{source.words}' does not")


def _settle(out: Setting) -> None:
    """Weather asked for and denied, or two kinds that exclude each other."""
    for denied in list(out.not_weather):
        for asked in list(out.weather):
            if asked.value == denied.value:
                later_is_denied = denied.source.start > asked.source.start
                (out.weather if later_is_denied else out.not_weather).remove(asked if later_is_denied else denied)
                out.notes.append(f"'{asked.source.words}' is both asked for and denied: the later words count")
                break
    values = [read.value for read in out.weather]
    if "clear" in values and any(value in values for value in _DRY):
        words = " and ".join(f"'{read.source.words}'" for read in out.weather)
        out.notes.append(f"{words} contradict each other: '{out.weather[0].source.words}' came first and leads")
    if "snow" in values and out.season is not None and out.season.value == "summer":
        out.notes.append("snow in summer: both are kept")
