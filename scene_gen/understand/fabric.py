"""What a place is made of: "a village of cabins", "a cabin village", "cabins in the forest" name the houses themselves."""

from scene_gen.kinds import KINDS, members
from scene_gen.understand.items import DESCRIBING, Item

BUILT_PLACES = ("town", "city", "village", "fishing-village", "harbor", "old-town", "downtown", "suburb", "medieval")
"""Kinds of place that houses make up."""
_ALSO_BUILT = ("resort", "ranch", "farm", "market", "campus", "industrial", "ruins", "neon", "sci-fi")
_GENERAL = ("house", "home", "building")
_DWELLINGS = frozenset(members("home")) - {"home", "house"}
_CAMPS = ("tent", "yurt", "dome")
_WITH = ("с", "со")
"""What the tables call "of" and, between a place and a thing, is "with"."""
_CONSTRUCT = ("ar", "ru")
"""Languages in which "village cabins'" needs no word for "of"."""
_JUXTAPOSED = ("hi", "ko")
"""Languages whose noun before another noun is not joined to it by the grammar of compounds."""


def mark_fabric(items: list[Item]) -> None:
    """Set `is_fabric` on the things that are what the place is built of: kinds of building, tents and the like."""
    named = False
    for at, item in enumerate(items):
        if _is_built(item):
            named = named or not item.is_negated
            for thing in (*_after_of(items, at), *_before(items, at)):
                thing.is_fabric = True
    if named:
        return
    for item in items:
        is_many = item.plural or (
            item.plural is None and not item.is_indefinite and item.language in ("zh", "ja", "ko")
        )
        if is_many and _can_be(item, _DWELLINGS) and not item.is_modifier and not item.is_object:
            item.is_fabric = True


def _is_built(item: Item) -> bool:
    places = {sense.value for sense in item.senses if sense.what == "place"}
    return not places.isdisjoint((*BUILT_PLACES, *_ALSO_BUILT)) and not item.is_modifier


def _can_be(item: Item, kinds: frozenset[str] | None) -> bool:
    """Whether the noun is an uncounted building (or tent) that a place can be made of; `kinds` None: any of them."""
    kind = item.value("thing")
    if not kind or item.is_a("place", "agent") or item.is_negated or item.bounds is not None or item.is_indefinite:
        return False
    if kinds is not None:
        return kind in kinds
    return kind not in _GENERAL and (KINDS[kind].realised == "building" or kind in _CAMPS)


def _after_of(items: list[Item], at: int) -> list[Item]:
    """ "Village of wooden cabins and tents": the nouns after "of", or right after the place where no "of" is needed."""
    ahead = at + 1
    has_of = False
    while ahead < len(items) and items[ahead].is_a("of", "definite", "stop") and not items[ahead].is_noun:
        if items[ahead].is_a("of") and items[ahead].text in _WITH:
            return []
        has_of = has_of or items[ahead].is_a("of")
        ahead += 1
    if not has_of and items[at].language not in _CONSTRUCT:
        return []
    found: list[Item] = []
    while ahead < len(items):
        while (
            ahead < len(items) and items[ahead].is_a(*DESCRIBING, "of", "mood", "strength") and not items[ahead].is_noun
        ):
            ahead += 1
        while ahead + 1 < len(items) and items[ahead].is_modifier:
            ahead += 1
        if ahead >= len(items) or items[ahead].plural is False or not _can_be(items[ahead], None):
            break
        found.append(items[ahead])
        ahead += 1
        while ahead < len(items) and items[ahead].is_a(*DESCRIBING) and not items[ahead].is_noun:
            ahead += 1
        if ahead >= len(items) or not items[ahead].is_a("conjunction"):
            break
        ahead += 1
    return found


def _before(items: list[Item], at: int) -> list[Item]:
    """ "Cabin village", and where what belongs comes first, "cabins' village"."""
    behind = at - 1
    if behind < 0:
        return []
    is_compound = items[behind].is_modifier or (items[behind].is_noun and items[at].language in _JUXTAPOSED)
    if is_compound and _can_be(items[behind], _DWELLINGS):
        return [items[behind]]
    comes_first = items[at].language in ("hi", "ja", "zh", "ko")
    if comes_first and behind >= 1 and items[behind].is_a("of") and _can_be(items[behind - 1], None):
        return [items[behind - 1]] if items[behind - 1].plural is not False else []
    return []
