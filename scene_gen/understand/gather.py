"""From the items of a read sentence to the Brief's things, agents and places."""

from dataclasses import dataclass, field, replace

from scene_gen.brief import AgentsAsked, Read, Relation, Source, Thing
from scene_gen.kinds import KINDS, members
from scene_gen.understand.fabric import BUILT_PLACES
from scene_gen.understand.items import AS_ADJECTIVE, Item, span_source
from scene_gen.understand.relations import Placed, name_of

UBIQUITOUS = ("house", "home", "building", "tree", "street", "shop", "lamp", "person", "apartment-block", "townhouse")
"""Kinds of which a town has many anyway: "a house by the river" does not ask for exactly one."""
_SEVERAL = ("square", "street", "alley", "quay", "bridge", "footbridge", "town-wall", "gate", "promenade", "steps")
"""Kinds of which a town has some by itself: "a bridge" asks for one at least."""
_LIMITS = {"building": 5_000, "tree": 50_000, "vegetation": 50_000}
_LIMIT = 2_000
_LANDMARK_LIMITS = {
    "lighthouse": 12, "castle": 6, "cathedral": 6, "town-hall": 6, "university": 12, "monastery": 12, "station": 12,
    "town-wall": 3, "theater": 20, "museum": 30, "hospital": 30, "library": 30, "market-hall": 20, "mosque": 60,
    "church": 60, "temple": 60, "pagoda": 60, "synagogue": 60, "chapel": 60, "clock-tower": 30, "bell-tower": 60,
    "water-tower": 40, "watchtower": 60, "windmill": 60, "obelisk": 60, "marina": 12, "breakwater": 24, "pier": 60,
    "jetty": 100, "bridge": 60, "footbridge": 60, "gate": 60, "square": 60, "crane": 200, "wind-turbine": 200,
    "ferry": 60, "cargo-ship": 60, "skyscraper": 600, "mountain": 30, "hill": 60, "river": 12, "lake": 30,
}  # fmt: skip
"""Of what is big, how many a map can hold."""
_MANY_TREES = 100
_FOREST_TREES = 50
"""How many trees a forest named after them has at least."""
_AGENTS_LIMIT = 500
_MOST_WISHES = 200
_RAISED = ("hill", "mountain", "pier", "jetty", "quay", "breakwater", "dune", "island", "bridge")
_WATERS = ("sea", "lake", "river", "canal", "pond")
_FLOATING = ("buoy", "duck", "reed", "island")


@dataclass
class Gathered:
    """What was read so far, in the order of the sentence."""

    prompt: str
    things: list[Thing] = field(default_factory=list)
    agents: list[AgentsAsked] = field(default_factory=list)
    places: list[Read[str]] = field(default_factory=list)
    not_places: list[Read[str]] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    made_of: list[Read[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def gather(prompt: str, items: list[Item], placed: list[Placed]) -> Gathered:
    """Places, things, agents and relations of a sentence, repeated mentions joined and contradictions noted."""
    out = Gathered(prompt)
    for item in items:
        if not item.is_noun or item.vehicle == "-":
            continue
        if item.is_a("agent"):
            _add_agents(out, item)
            continue
        if item.is_a("place"):
            _add_place(out, item)
        if item.is_a("thing") and (not item.is_a("place") or _is_meant_as_thing(item)):
            _add_thing(out, item)
            _add_fabric(out, item)
        elif item.is_a("place") and not item.is_modifier:
            _describe_place(out, item)
    for wish in placed:
        _add_relation(out, wish)
    for wishes in (out.things, out.agents, out.relations):
        if len(wishes) > _MOST_WISHES:
            out.notes.append(
                f"{len(wishes) - _MOST_WISHES} more wishes were left out: {_MOST_WISHES} of a sort at most"
            )
            del wishes[_MOST_WISHES:]
    _settle_contradictions(out)
    return out


def _is_meant_as_thing(item: Item) -> bool:
    """Whether a word that is a place and a thing ("lake") asks for the thing as well."""
    asked = item.bounds is not None or item.is_indefinite or item.in_relation or item.is_negated
    return (asked or item.value("thing") in ("square", "university")) and not item.is_modifier


def _add_place(out: Gathered, item: Item) -> None:
    for sense in item.senses:
        if sense.what != "place":
            continue
        target = out.not_places if item.is_negated else out.places
        if all(read.value != sense.value for read in target):
            target.append(Read(sense.value, item.source(out.prompt)))
    if (
        item.bounds not in (None, (1, 1), (1, None))
        and not (item.bounds is not None and item.bounds[0] < 0 and _is_below_zero(out, item, item.source(out.prompt)))
        and not item.is_a("thing")
        and not item.is_modifier
        and not item.is_negated
    ):
        words = item.source(out.prompt).words
        out.notes.append(f"one town is made: the number of '{words}' was left out")


def _add_fabric(out: Gathered, item: Item) -> None:
    """A kind that most houses are."""
    kind = item.value("thing")
    if item.is_fabric and all(read.value != kind for read in out.made_of):
        out.made_of.append(Read(kind, item.source(out.prompt)))


def _describe_place(out: Gathered, item: Item) -> None:
    """A white village is a village of white buildings."""
    adjectives = _adjectives(item, with_styles=False)
    if adjectives and item.value("place") in BUILT_PLACES and not item.is_negated:
        source = span_source(out.prompt, item, *item.described_by, confidence=0.8)
        out.things.append(Thing("building", 2, None, source, adjectives))
    elif adjectives and not item.is_negated:
        out.notes.append(f"{_quoted(adjectives)} before '{item.text}' changes nothing")


def _adjectives(item: Item, *, with_styles: bool) -> tuple[str, ...]:
    found: list[str] = []
    for word in item.described_by:
        if with_styles and word.is_a("attribute", "material", "style", "density"):
            what = next(s.what for s in word.senses if s.what in ("attribute", "material", "style", "density"))
            value = word.value(what)
            found.append(AS_ADJECTIVE.get(value, value))
        elif word.is_a("attribute") and not word.is_a("size", "style", "density"):
            found.append(word.value("attribute"))
    return tuple(dict.fromkeys(found))


def _add_thing(out: Gathered, item: Item) -> None:
    kind = item.value("thing")
    adjectives = _adjectives(item, with_styles=True)
    source = span_source(out.prompt, item, *item.described_by, confidence=0.8 if item.is_modifier else 1.0)
    if item.is_negated:
        if adjectives:
            out.notes.append(
                f"'no {' '.join(adjectives)} {KINDS[kind].plural}' cannot be asked for; {KINDS[kind].plural} stay"
            )
        elif item.bounds not in (None, (0, 0)):
            out.notes.append(f"the number of '{source.words}' is denied, which says nothing; it was left out")
        elif all(thing.kind != kind or thing.most != 0 for thing in out.things):
            out.things.append(Thing(kind, 0, 0, source))
        return
    if _is_below_zero(out, item, source):
        return
    least, most = _bounds(out, item, kind, has_adjectives=bool(adjectives))
    for index, earlier in enumerate(out.things):
        if earlier.kind != kind or earlier.most == 0:
            continue
        if item.bounds is None and not item.is_indefinite and (not adjectives or adjectives == earlier.attributes):
            return
        if earlier.attributes == adjectives:
            if item.bounds is not None and _is_open(earlier):
                out.things[index] = replace(earlier, least=least, most=most, source=source)
                return
            total = None if most is None or earlier.most is None else most + earlier.most
            bounds = _clamped(out, earlier.least + least, total, kind, source.words)
            out.things[index] = replace(earlier, least=bounds[0], most=bounds[1])
            return
    out.things.append(Thing(kind, least, most, source, adjectives))


def _is_open(earlier: Thing | AgentsAsked) -> bool:
    """Whether an earlier mention gave no number ("boats"), so that one given later counts for it."""
    return earlier.most is None and earlier.least <= 2


def _is_below_zero(out: Gathered, item: Item, source: Source) -> bool:
    """Whether the count is negative, which is noted."""
    if item.bounds is None or item.bounds[0] >= 0:
        return False
    out.notes.append(f"{item.bounds[0]} {source.words} is not possible; it was left out")
    return True


def _bounds(out: Gathered, item: Item, kind: str, *, has_adjectives: bool) -> tuple[int, int | None]:
    is_trees = bool(kind) and KINDS[kind].semantic == "tree"
    if is_trees and item.is_vague and item.bounds == (8, None):
        return _MANY_TREES, None
    if is_trees and item.is_forests:
        return _FOREST_TREES, None
    if item.bounds is not None:
        return _clamped(out, *item.bounds, kind, item.source(out.prompt).words)
    if item.is_indefinite:
        is_loose = bool(kind) and (
            KINDS[kind].realised == "zone"
            or item.is_a("place")
            or kind in _SEVERAL
            or (kind in UBIQUITOUS and (has_adjectives or item.in_relation))
        )
        return (1, None) if is_loose else (1, 1)
    if kind == "town-wall":
        return 1, None
    # "Sheep" is its own plural, so without an article it is many.
    is_many = item.plural or (item.plural is None and item.is_own_plural and not item.is_definite)
    return (2, None) if is_many and not item.is_object else (1, None)


def _clamped(out: Gathered, least: int, most: int | None, kind: str, words: str) -> tuple[int, int | None]:
    """The bounds, cut to what a map can hold, with a note where they were."""
    limit = _AGENTS_LIMIT
    if kind:
        limit = _LANDMARK_LIMITS.get(kind, _LIMITS.get(KINDS[kind].semantic, _LIMIT))
    if least > limit or (most is not None and most > limit):
        out.notes.append(f"{_amount(least, most)} {words} is more than fits: {limit} at most")
    return min(least, limit), None if most is None else min(most, limit)


def _amount(least: int, most: int | None) -> str:
    return f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"


def _add_agents(out: Gathered, item: Item) -> None:
    kind, _, vehicle = item.value("agent").partition("/")
    source = item.source(out.prompt)
    if item.is_negated:
        out.things.append(Thing(kind if kind in KINDS else "person", 0, 0, source))
        return
    if _is_below_zero(out, item, source):
        return
    least, most = _bounds(out, item, "", has_adjectives=False)
    instruction = out.prompt[slice(*item.instruction)] if item.instruction else ""
    vehicle = item.vehicle or vehicle or "foot"
    for index, earlier in enumerate(out.agents):
        # Those who walk and those who ride are others, unless the word itself says who they are.
        same = vehicle == earlier.vehicle or (kind != "pedestrian" and "foot" in (vehicle, earlier.vehicle))
        if earlier.kind == kind and same:
            known = replace(
                earlier,
                vehicle=earlier.vehicle if vehicle == "foot" else vehicle,
                instruction=earlier.instruction or instruction,
            )
            if item.bounds is None and not item.is_indefinite:
                out.agents[index] = known
                return
            if item.bounds is not None and _is_open(earlier):
                out.agents[index] = replace(known, least=least, most=most)
                return
            if earlier.vehicle == vehicle and earlier.instruction == instruction:
                total = None if most is None or earlier.most is None else most + earlier.most
                bounds = _clamped(out, earlier.least + least, total, "", source.words)
                out.agents[index] = replace(earlier, least=bounds[0], most=bounds[1])
                return
    out.agents.append(AgentsAsked(kind, least, most, source, vehicle, instruction))


def _add_relation(out: Gathered, wish: Placed) -> None:
    subject, predicate = name_of(wish.subject), wish.predicate
    objects = tuple(name_of(item) for item in wish.objects)
    source = span_source(out.prompt, *wish.words, *([wish.subject] if wish.subject is not None else []))
    nouns = [item for item in (wish.subject, *wish.objects) if item is not None]
    if not subject and wish.side is None:
        subject = "town"
    if not all(objects) or not subject:
        return
    if any(item.is_negated for item in nouns):
        if wish.subject is not None and wish.subject.is_negated and wish.subject.is_a("thing"):
            out.notes.append(f"'{source.words}' is read as none anywhere")
        return
    if any(word.is_negated and word.is_a("relation") for word in wish.words):
        opposite = {"near": "far-from", "far-from": "near"}
        if predicate not in opposite:
            out.notes.append(f"'{source.words}' denies a place, which cannot be asked for; it was left out")
            return
        predicate = opposite[predicate]
    if wish.side is not None:
        objects = ("map",)
    elif not objects:
        objects = ("town",)
    predicate = _natural(subject, predicate, objects)
    if subject in objects or (
        subject == "town" and predicate in ("in", "on", "at") and wish.side is None and "island" in objects
    ):
        return
    if objects == ("town",) and predicate in ("in", "on", "at"):
        return
    relation = Relation(subject, predicate, objects, source, wish.side)  # type: ignore[arg-type]
    if all(
        (r.subject, r.predicate, r.objects, r.side) != (subject, predicate, objects, wish.side) for r in out.relations
    ):
        out.relations.append(relation)


def _natural(subject: str, predicate: str, objects: tuple[str, ...]) -> str:
    """Languages differ in small words: what stands in a hill is on it, a village on the river is near it."""
    if predicate in ("in", "at") and objects[0] in _RAISED:
        return "on"
    if objects[0] not in _WATERS:
        return predicate
    semantic = KINDS[subject].semantic if subject in KINDS else subject
    if semantic == "bridge":
        return "on" if predicate in ("opposite", "in", "at") else predicate
    if predicate in ("on", "at"):
        return "in" if semantic == "boat" or subject in _FLOATING else "near"
    return "near" if predicate == "in" and semantic in ("town", "building") else predicate


def _settle_contradictions(out: Gathered) -> None:
    """Where something is asked for and denied, the later words win, and a note says so."""
    for denied in list(out.not_places):
        for asked in list(out.places):
            if asked.value == denied.value:
                later = max(asked, denied, key=lambda read: read.source.start)
                (out.places if later is denied else out.not_places).remove(asked if later is denied else denied)
                out.notes.append(_contradiction(asked.source, denied.source, later.source))
                break
    for denied in [thing for thing in out.things if thing.most == 0]:
        for asked in [thing for thing in out.things if thing.most != 0 and thing.least > 0]:
            if asked.kind == denied.kind and asked in out.things and denied in out.things:
                later = max(asked, denied, key=lambda thing: thing.source.start)
                out.things.remove(asked if later is denied else denied)
                out.notes.append(_contradiction(asked.source, denied.source, later.source))
            elif asked.kind in members(denied.kind):
                out.notes.append(
                    f"'{denied.source.words}' are denied, but '{asked.source.words}' asked for: these stay"
                )


def _contradiction(asked: Source, denied: Source, kept: Source) -> str:
    which = "asked for" if kept is asked else "denied"
    return f"'{asked.words}' is both asked for and denied: the later words count, so it is {which}"


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
