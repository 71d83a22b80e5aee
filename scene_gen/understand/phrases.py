"""Noun phrases: which count, article and adjectives belong to which noun."""

from scene_gen.understand.items import DESCRIBING, Item, grammar

_TRANSPARENT = (
    *DESCRIBING,
    "detail",
    "mood",
    "strength",
    "of",
    "classifier",
    "weather",
    "season",
    "time",
    "wind",
    "side",
)
"""What may stand between a count and its noun."""


def read_nouns(items: list[Item]) -> None:
    """Give every noun its bounds, article and adjectives, and mark nouns that only stand before another one."""
    for measure, adjective, noun in zip(items, items[1:], [*items[2:], None]):
        is_towns = noun is None or not noun.is_a("thing") or noun.is_a("place")
        if measure.is_a("measure") and adjective.value("attribute") == "wide" and is_towns:
            adjective.is_used = True
    at = 0
    while at < len(items):
        if not items[at].is_noun or items[at].is_a("count"):
            at += 1
            continue
        end = at + 1
        while end < len(items) and _is_compound(items[end - 1], items[end]):
            items[end - 1].is_modifier = True
            items[end - 1].is_forests = items[end].is_a("place") and items[end].value("place") in ("forest", "jungle")
            end += 1
        _read_phrase(items, at, end - 1)
        at = end
    _attach_the_rest(items)


def _is_compound(first: Item, second: Item) -> bool:
    """Whether two nouns side by side are one name with its head last, as in "harbor town"."""
    if not second.is_noun or first.language != second.language:
        return False
    if first.language in ("hi", "ko") and not first.is_a("place"):
        return False
    if first.language in ("zh", "ja") or second.glued:
        return first.end == second.start or second.glued
    return grammar(first.language, "adjective-place") == "before" and not (first.plural and not first.is_a("place"))


def _read_phrase(items: list[Item], first: int, head: int) -> None:
    noun = items[head]
    described = [items[k] for k in range(first, head) if items[k].is_a(*DESCRIBING)]
    _look_left(items, first, noun, described)
    _look_right(items, head, noun, described)
    if noun.bounds is None and noun.is_dual:
        noun.bounds = (2, 2)
    noun.described_by = tuple(sorted(described, key=lambda item: item.start))
    for item in described:
        item.is_used = True


def _look_left(items: list[Item], first: int, noun: Item, described: list[Item]) -> None:
    behind = first - 1
    while behind >= 0 and first - behind < 8:
        item = items[behind]
        if item.is_a("count"):
            if not item.is_used:
                noun.bounds, noun.is_vague, item.is_used = item.bounds, item.is_vague, True
            break
        if item.is_a("article"):
            noun.is_indefinite = item.is_used = True
            break
        if item.is_a("definite") and not item.is_noun:
            noun.is_definite = True
        elif item.is_noun or not item.is_a(*_TRANSPARENT):
            break
        elif item.is_a(*DESCRIBING) and not item.is_used:
            described.append(item)
        behind -= 1


def _look_right(items: list[Item], head: int, noun: Item, described: list[Item]) -> None:
    """Adjectives after the noun where the language has them there, "of wood" anywhere, and counts after the noun."""
    after = grammar(noun.language, "adjective-place") == "after"
    ahead = head + 1
    while ahead < len(items) and ahead - head < 8:
        item = items[ahead]
        follows = items[ahead + 1] if ahead + 1 < len(items) else None
        if item.is_a("of"):
            stuff = _stuff(items, ahead + 1)
            described.extend(stuff)
            if stuff:
                ahead += 1 + len(stuff)
                continue
        if not after:
            break
        if item.is_a(*DESCRIBING) and not item.is_noun:
            if not item.is_used:
                described.append(item)
        elif item.is_a("conjunction", "comma") and follows is not None and described and items[ahead - 1] in described:
            if not follows.is_a(*DESCRIBING) or follows.is_noun:
                break
        elif not item.is_a("strength", "mood", "of") or item.is_noun:
            break
        ahead += 1
    if noun.bounds is None and grammar(noun.language, "count-place") == "after":
        ahead = head + 1
        while ahead < len(items) and ahead - head < 4 and items[ahead].is_a("stop", "definite", "conjunction"):
            ahead += 1
        if ahead < len(items) and items[ahead].is_a("count") and not items[ahead].is_used:
            follows = items[ahead + 1] if ahead + 1 < len(items) else None
            if follows is None or not (follows.is_noun or follows.is_a("of", *DESCRIBING)):
                noun.bounds, noun.is_vague, items[ahead].is_used = items[ahead].bounds, items[ahead].is_vague, True


def _stuff(items: list[Item], at: int) -> list[Item]:
    """The words for what something is made of from `at` on ("red brick"); none if they describe a further noun."""
    end = at
    while end < len(items) and items[end].is_a(*DESCRIBING) and not items[end].is_noun:
        end += 1
    is_head = end < len(items) and items[end].is_noun and grammar(items[end].language, "adjective-place") == "before"
    found = items[at:end]
    return found if not is_head and any(item.is_a("material") for item in found) else []


def _attach_the_rest(items: list[Item]) -> None:
    """Adjectives said of a noun elsewhere in the clause ("the houses are red") go to the nearest noun before it."""
    last: Item | None = None
    for item in items:
        if item.is_a("break"):
            last = None
        elif item.is_noun and not item.is_modifier:
            last = item
        elif last is None or item.is_used:
            continue
        elif item.is_a("attribute", "material") and not item.is_a("size", "density", "style"):
            last.described_by += (item,)
            item.is_used = True
