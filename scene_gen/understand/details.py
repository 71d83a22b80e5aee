"""Parts of houses in a sentence: "red roofs" make houses red-roofed, "white walls" are walls of houses or of the town."""

from dataclasses import dataclass

from scene_gen.kinds import KINDS
from scene_gen.understand.items import AS_ADJECTIVE, DESCRIBING, Item, grammar
from scene_gen.understand.lexicon import Sense

_TAKEN = {"roof": ("attribute", "material"), "wall": ("attribute", "material")}
"""Which words for a part are the house's own; of all else on houses nothing is said."""
_PART_ADJECTIVE = {"roof": "-roofed"}
"""How an adjective of a part is written as one of the whole house, so that it says nothing of the walls."""
_ADJECTIVES = ("walled",)
"""Parts that are adjectives and name a thing of the town as well: a "walled town" has a wall, a "white-walled house" not."""
_BETWEEN = ("of", "stop", "definite", "detail", *DESCRIBING)


@dataclass(frozen=True)
class Detail:
    """Adjectives of a part of houses: whose they become (None: nobody's), and a sentence that says so."""

    owner: Item | None
    words: tuple[Item, ...]
    note: str


def read_details(items: list[Item]) -> list[Detail]:
    """Take the adjectives of parts of houses, before nouns take theirs; `give_details` hands them on afterwards."""
    found: list[Detail] = []
    for at, item in enumerate(items):
        if not item.is_a("detail"):
            continue
        words = _adjectives(items, at) or _said_after(items, at)
        owner = _owner(items, at)
        if item.is_noun:
            is_houses = bool(words) and owner is not None and (item.text not in _ADJECTIVES or _is_building(owner))
            item.means(tuple(sense for sense in item.senses if (sense.what == "detail") == is_houses))
            if not is_houses:
                continue
        if words:
            found.append(_detail(item, owner, words))
        else:
            item.means((Sense("mood", "-"),))
    return found


def give_details(details: list[Detail]) -> list[str]:
    """Give the houses what was read of their parts; returns the sentences that say so."""
    for detail in details:
        if detail.owner is not None:
            detail.owner.described_by += detail.words
    return [detail.note for detail in details]


def _detail(item: Item, owner: Item | None, words: list[Item]) -> Detail:
    said = " ".join(word.text for word in sorted((*words, item), key=lambda word: word.start))
    taken = _TAKEN.get(item.value("detail"), ())
    kept = tuple(word for word in words if owner is not None and word.is_a(*taken)) if taken else ()
    for word in words:
        word.is_used = True
        if word not in kept:
            word.means((Sense("stop", "-"),))
        elif item.value("detail") in _PART_ADJECTIVE:
            value = word.value("attribute") or AS_ADJECTIVE.get(word.value("material"), word.value("material"))
            word.means((Sense("attribute", value + _PART_ADJECTIVE[item.value("detail")]),))
    if owner is None or not kept:
        return Detail(None, (), f"understood, but without effect: '{said}'")
    return Detail(owner, kept, f"'{said}' is kept as a look of '{owner.text}'")


def _adjectives(items: list[Item], at: int) -> list[Item]:
    """Adjectives right before the part, or after it where the language has them there."""
    step = 1 if grammar(items[at].language, "adjective-place") == "after" else -1
    words: list[Item] = []
    here = at + step
    while 0 <= here < len(items) and abs(here - at) <= 5:
        item = items[here]
        if item.is_a(*DESCRIBING) and not item.is_noun and not item.is_used:
            words.append(item)
        elif not item.is_a("mood", "strength") and not (words and item.is_a("conjunction")):
            break
        here += step
    return words


def _said_after(items: list[Item], at: int) -> list[Item]:
    """Adjectives after a small verb: "the roofs are red"."""
    here = at + 1
    while here < len(items) and here - at <= 3 and items[here].is_a("stop", "of") and not items[here].is_noun:
        here += 1
    words: list[Item] = []
    while here > at + 1 and here < len(items) and not items[here].is_noun:
        if items[here].is_a(*DESCRIBING) and not items[here].is_used:
            words.append(items[here])
        elif not (words and items[here].is_a("conjunction")):
            break
        here += 1
    is_next_nouns = (
        here < len(items) and items[here].is_noun and grammar(items[at].language, "adjective-place") == "before"
    )
    return [] if is_next_nouns else words


def _owner(items: list[Item], at: int) -> Item | None:
    """The houses or place that the part belongs to: right after it ("red roof houses"), else the nearest before it."""
    ahead = at + 1
    while (
        ahead < len(items)
        and items[ahead].is_a(*_BETWEEN)
        and not (items[ahead].is_noun and items[ahead].text not in _ADJECTIVES)
    ):
        ahead += 1
    is_before = grammar(items[at].language, "adjective-place") == "before"
    is_adjective = not items[at].is_noun or items[at].text in _ADJECTIVES
    if is_before and ahead < len(items) and _has_walls(items[ahead]) and is_adjective:
        while ahead + 1 < len(items) and items[ahead + 1].is_noun:
            ahead += 1
        return items[ahead]
    for item in reversed(items[:at]):
        if item.is_a("break"):
            return None
        if _has_walls(item):
            return item
    return None


def _is_building(item: Item) -> bool:
    kind = item.value("thing")
    return bool(kind) and KINDS[kind].realised == "building"


def _has_walls(item: Item) -> bool:
    kind = item.value("thing")
    if kind:
        return KINDS[kind].realised == "building" or item.is_a("place")
    return item.is_a("place") and not item.is_a("agent")
