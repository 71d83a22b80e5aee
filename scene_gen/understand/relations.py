"""Where things are to be: sides of the map, prepositions and postpositions, agents on vehicles."""

from dataclasses import dataclass

from scene_gen.understand.items import Item, grammar
from scene_gen.understand.lexicon import Sense

PLACE_AS_OBJECT = {
    "harbor": "harbor", "fishing-village": "town", "town": "town", "city": "town", "village": "town",
    "old-town": "old-quarter", "medieval": "town", "industrial": "factory-district", "campus": "campus", "suburb": "suburb",
    "market": "market", "farm": "farm", "vineyard": "vineyard", "mountain": "mountain", "hills": "hill", "coast": "sea",
    "river": "river", "lake": "lake", "canal": "canal", "forest": "forest", "downtown": "downtown", "island": "island",
    "ruins": "ruin", "resort": "town", "ranch": "farm",
}  # fmt: skip
"""What a kind of place is called where something stands by it; themes of the whole map (desert, neon) have no name."""
VEHICLES = ("scooter", "bicycle", "car", "van", "truck", "bus", "taxi", "horse", "boat", "cart", "tractor", "tram")
_WINDOW = 8


@dataclass(frozen=True)
class Placed:
    """A wish about a place: subject item (None: the town), predicate, objects (empty: the map) and side."""

    subject: Item | None
    predicate: str
    objects: tuple[Item, ...]
    side: str | None
    words: tuple[Item, ...]


def read_relations(items: list[Item]) -> list[Placed]:
    """Every relation in the sentence, in order; marks what it uses."""
    found: list[Placed] = []
    heads: dict[int, Item] = {}
    for at, item in enumerate(items):
        if (item.is_noun and not item.is_a("relation", "side")) or (item.is_used and not item.is_a("riding")):
            continue
        if item.is_a("riding") and _vehicle(items, at):
            continue
        if item.is_a("side"):
            placed = _side(items, at, heads)
        elif item.is_a("relation"):
            placed = _relation(items, at, heads)
        else:
            continue
        if placed is not None:
            found.append(placed)
            _use_stand_in(items, at)
            for thing in (placed.subject, *placed.objects):
                if thing is not None:
                    thing.in_relation = True
            for thing in placed.objects:
                thing.is_object = True
                if placed.subject is not None:
                    heads[id(thing)] = heads.get(id(placed.subject), placed.subject)
    return found


def _use_stand_in(items: list[Item], at: int) -> None:
    """A number that stands for a noun said before ("two lighthouses: one in the north") is used by its place."""
    for behind in range(at - 1, max(at - 4, -1), -1):
        if items[behind].is_a("count"):
            items[behind].is_used = True
        if not items[behind].is_a("relation", "definite", "stop"):
            return


def name_of(item: Item | None) -> str:
    """The name of a noun in a relation; "" for one that cannot stand in one."""
    if item is None:
        return "town"
    if item.is_a("thing"):
        return item.value("thing")
    if item.is_a("agent"):
        kind = item.value("agent").partition("/")[0]
        return kind if kind in ("robot", "quadruped") else "person"
    return PLACE_AS_OBJECT.get(item.value("place"), "")


def _follows_noun(item: Item) -> bool:
    return grammar(item.language, "relation-place") == "after"


def _vehicle(items: list[Item], at: int) -> bool:
    """Agents on vehicles: "couriers on scooters", or vehicle first ("スクーターに乗った配達員")."""
    behind = _noun(items, at, -1, skip=("stop", "of", "definite"))
    ahead = _noun(items, at, +1)
    beyond = _noun(items, ahead.position, +1) if ahead is not None and ahead.is_a("thing") else None
    for agent, vehicle in ((behind, ahead), (ahead, behind), (beyond, ahead)):
        if agent is None or vehicle is None or not (agent.is_a("agent") or agent.value("thing") == "person"):
            continue
        if vehicle.value("thing") in VEHICLES and not agent.is_a("agent"):
            agent.means((Sense("agent", "pedestrian"),))
        if vehicle.value("thing") in VEHICLES and not vehicle.vehicle:
            agent.vehicle, vehicle.vehicle = vehicle.value("thing"), "-"
            items[at].is_used = True
            return True
    return False


def _noun(items: list[Item], at: int, step: int, skip: tuple[str, ...] = ()) -> Item | None:
    """The head of the nearest noun phrase from `at` in one direction, in the same clause; None if there is none near."""
    allowed = ("of", "definite", "article", "count", "attribute", "material", "style", "density", "size", "mood",
               "strength", "classifier", "weather", "season", "time")  # fmt: skip
    here = at + step
    while 0 <= here < len(items) and abs(here - at) <= _WINDOW:
        item = items[here]
        if item.is_noun:
            while step > 0 and item.is_modifier and here + 1 < len(items):
                here += 1
                item = items[here]
            return item
        if step > 0 and not skip and item.is_a("weather", "season", "time") and not _describes_next(items, here):
            return None
        if not item.is_a(*(skip or allowed)) or ((item.is_a("relation") and not item.is_a("of")) and not skip):
            return None
        here += step
    return None


def _describes_next(items: list[Item], at: int) -> bool:
    """Whether a word for weather or time is an adjective here ("in the rainy harbor", not "in heavy rain with boats")."""
    return at + 1 < len(items) and (
        items[at + 1].is_noun or items[at + 1].is_a("attribute", "material", "style", "weather")
    )


def _subject(items: list[Item], at: int, heads: dict[int, Item]) -> Item | None:
    """The nearest noun before `at` in the clause; where that is itself an object, what it was the object of."""
    here = at - 1
    while here >= 0 and at - here <= 2 * _WINDOW:
        item = items[here]
        if item.is_a("break"):
            return None
        if item.is_noun and not item.is_modifier and item.vehicle != "-":
            return heads.get(id(item), item)
        here -= 1
    return None


def _begins_clause(items: list[Item], at: int) -> bool:
    """Whether a place is said first in its clause and its subject follows ("in the south a market")."""
    behind = at - 1
    while (
        behind >= 0
        and items[behind].is_a("stop", "relation", "definite", "article", "of")
        and not items[behind].is_noun
    ):
        behind -= 1
    is_first = behind < 0 or items[behind].is_a("break", "comma", "conjunction")
    ahead = at + 1
    while is_first and ahead < len(items) and ahead - at < 8 and not items[ahead].is_a("break", "comma"):
        # "..., in the south and ..." adds to what came before; "..., in the south a market" begins anew.
        if items[ahead].is_a("article", "count", "stop") and any(item.is_noun for item in items[ahead : ahead + 4]):
            return True
        ahead += 1
    return behind < 0 and is_first


def _next_subject(items: list[Item], at: int, objects: tuple[Item, ...]) -> Item | None:
    """The first noun after the objects in the clause, for "on the hill a church"."""
    here = at + 1
    while here < len(items) and here - at <= 2 * _WINDOW:
        item = items[here]
        if item.is_a("break") or (
            item.is_a("comma") and (not objects or item.start > objects[-1].end) and _follows_noun(items[at])
        ):
            return None
        if (
            item.is_noun
            and not item.is_modifier
            and item not in objects
            and (not objects or item.start > objects[-1].end)
        ):
            return item
        here += 1
    return None


def _relation(items: list[Item], at: int, heads: dict[int, Item]) -> Placed | None:
    item = items[at]
    predicate = item.value("relation")
    if _follows_noun(item) and not item.is_a("preposition"):
        return _postposition(items, at, predicate, heads)
    target = _noun(items, at, +1)
    if target is None and (predicate == "around" or _is_pronoun(items, at + 1)):
        return _by_pronoun(items, at, predicate, heads)
    if target is None or target.vehicle == "-":
        return None
    objects: tuple[Item, ...] = (target,)
    place = target.position
    if predicate == "between" and place + 1 < len(items) and items[place + 1].is_a("conjunction", "or"):
        other = _noun(items, place + 1, +1)
        if other is not None:
            objects, place = (target, other), other.position
    # 在 hill 上: the word after the object says more than the one before it.
    if place + 1 < len(items) and items[place + 1].is_a("side", "relation") and _follows_noun(items[place + 1]):
        after = items[place + 1]
        after.is_used = True
        predicate = after.value("relation") or _of_side(after, target) or predicate
        if after.is_a("side") and (name_of(target) in ("town", "") or after.value("side") == "center"):
            subject = None if _begins_clause(items, at) else _subject(items, at, heads)
            subject = subject or _next_subject(items, place, objects)
            return Placed(subject, "in", (), after.value("side"), (item, target, after))
    subject = _next_subject(items, place, objects) if _begins_clause(items, at) else None
    subject = subject or _subject(items, at, heads)
    if subject is None or subject in objects:
        subject = _next_subject(items, place, objects)
    if subject is not None and subject.is_negated != target.is_negated and subject.is_negated:
        return None
    item.is_used = True
    if predicate in ("surrounded-by", "lined-with"):
        swapped = "around" if predicate == "surrounded-by" else "along"
        if subject is not None and not name_of(subject):
            subject = None
        return Placed(target, swapped, (subject,) if subject is not None else (), None, (item, target))
    return Placed(subject, predicate, objects, None, (item, *objects))


def _is_pronoun(items: list[Item], at: int) -> bool:
    return at < len(items) and items[at].is_a("pronoun")


def _by_pronoun(items: list[Item], at: int, predicate: str, heads: dict[int, Item]) -> Placed | None:
    """Around "it" is around what the sentence began with, or the town; near "it" is near the noun before the subject."""
    subject = _subject(items, at, heads)
    if subject is None:
        return None
    before: list[Item] = []
    for item in reversed(items[max(0, subject.position - 4 * _WINDOW) : subject.position]):
        if item.is_a("break"):
            break
        if item.is_noun and not item.is_modifier:
            before.append(item)
    if predicate != "around" and not before:
        return None
    items[at].is_used = True
    target = (before[-1] if predicate == "around" else before[0]) if before else None
    objects = (target,) if target is not None and name_of(target) not in ("", "town") else ()
    return Placed(subject, predicate, objects, None, (items[at],))


def _of_side(item: Item, target: Item) -> str:
    return f"{item.value('side')}-of" if item.is_a("side") and item.value("side") != "center" else ""


def _postposition(items: list[Item], at: int, predicate: str, heads: dict[int, Item]) -> Placed | None:
    target = _noun(items, at, -1, skip=("stop", "of", "definite", "classifier"))
    if target is None or target.vehicle == "-":
        return None
    objects: tuple[Item, ...] = (target,)
    first = target.position
    if predicate == "between" and first >= 2 and items[first - 1].is_a("conjunction", "or"):
        other = _noun(items, first - 1, -1)
        if other is not None:
            objects, first = (other, target), other.position
    subject = _after_or_topic(items, at, first, objects, heads)
    items[at].is_used = True
    if predicate in ("surrounded-by", "lined-with"):
        swapped = "around" if predicate == "surrounded-by" else "along"
        return Placed(
            target, swapped, (subject,) if subject is not None and name_of(subject) else (), None, (target, items[at])
        )
    return Placed(subject, predicate, objects, None, (*objects, items[at]))


def _after_or_topic(
    items: list[Item], at: int, first: int, objects: tuple[Item, ...], heads: dict[int, Item]
) -> Item | None:
    """With postpositions the subject follows ("丘の上の教会"), unless it came before as the topic ("教会は丘の上にある")."""
    behind = first - 1
    while (
        behind >= 0
        and items[behind].is_a("stop", "of", "preposition", "article", "count")
        and not items[behind].is_noun
    ):
        behind -= 1
    topic = items[behind] if behind >= 0 and items[behind].is_noun and behind < first - 1 else None
    between = items[behind + 1 : first]
    is_topic = any(item.is_a("topic") for item in between) and not any(item.is_a("of") for item in between)
    if topic is not None and is_topic:
        return heads.get(id(topic), topic)
    subject = _next_subject(items, at, objects)
    if subject is None and topic is not None:
        subject = heads.get(id(topic), topic)
    return subject or _subject(items, first, heads)


def _side(items: list[Item], at: int, heads: dict[int, Item]) -> Placed | None:
    """A side of the map ("in the south"), or of a thing where the sentence names one ("north of the pier")."""
    item = items[at]
    side = item.value("side")
    if _follows_noun(item):
        target = _noun(items, at, -1, skip=("of", "stop") if item.language != "zh" else ("of",))
        touches = target is not None and _is_owner(items, at, target)
        if target is not None and touches:
            subject = _after_or_topic(items, at, target.position, (target,), heads)
            item.is_used = True
            if name_of(target) in ("town", "") or side == "center" or target.value("place") in ("island",):
                return Placed(subject, "in", (), side, (target, item))
            return Placed(subject, f"{side}-of", (target,), None, (target, item))
        subject = _next_subject(items, at, ()) or _subject(items, at, heads)
        item.is_used = subject is not None
        return Placed(subject, "in", (), side, (item,)) if subject is not None else None
    target = _side_object(items, at)
    if target is not None:
        place = target.position
        subject = _next_subject(items, place, (target,)) if _begins_clause(items, at) else None
        subject = subject or _subject(items, at, heads) or _next_subject(items, place, (target,))
        item.is_used = True
        if name_of(target) in ("town", "") or target.value("place") == "island":
            return Placed(subject, "in", (), side, (item, target)) if subject is not None else None
        return Placed(subject, "in" if side == "center" else f"{side}-of", (target,), None, (item, target))
    adjacent = items[at + 1] if at + 1 < len(items) else None
    subject = None
    if adjacent is not None and adjacent.is_noun and grammar(item.language, "adjective-place") == "before":
        subject = _noun(items, at, +1)
    elif _begins_clause(items, at):
        subject = _next_subject(items, at, ())
    subject = subject or _subject(items, at, heads) or _next_subject(items, at, ())
    if subject is None:
        return None
    item.is_used = True
    return Placed(subject, "in", (), side, (item,))


def _is_owner(items: list[Item], at: int, target: Item) -> bool:
    """Whether the noun before a side owns it: 桟橋の北, 부두 북쪽, 码头北边; not 港が南."""
    between = items[target.position + 1 : at]
    return all(item.is_a("of") for item in between) and (
        bool(between) or target.language != "ja" or target.end == items[at].start
    )


def _side_object(items: list[Item], at: int) -> Item | None:
    """What a side is a side of, in languages with prepositions: the noun after "of", or after a genitive article."""
    ahead = at + 1
    has_of = False
    while ahead < len(items) and ahead - at <= 5:
        item = items[ahead]
        if item.is_a("of"):
            has_of = True
        elif item.is_noun:
            construct = grammar(item.language, "side-construct", "no") == "yes" and ahead == at + 1
            construct = construct and item.text.startswith("ال") and not items[at].text.startswith("ال")
            if not has_of and not construct:
                return None
            while item.is_modifier and ahead + 1 < len(items):
                ahead += 1
                item = items[ahead]
            return item
        elif (
            not item.is_a("definite", "article", "attribute", "material", "style", "size", "mood", "count")
            or not has_of
        ):
            return None
        ahead += 1
    return None
