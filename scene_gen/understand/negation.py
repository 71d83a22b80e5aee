"""What a negation denies: from its word to the end of its list, or back over the words before it."""

from scene_gen.understand.items import DESCRIBING, Item
from scene_gen.understand.lexicon import LATIN, Sense

DENIABLE = ("thing", "place", "agent", "weather", "wind", "season", "time", "mood", *DESCRIBING)
_REACH = 10
"""Items that a negation may reach over before it meets what it denies."""


def mark_negations(items: list[Item]) -> None:
    """Set `is_negated` on everything denied, on relations too ("not near the river")."""
    at = 0
    while at < len(items):
        item = items[at]
        if item.is_a("none"):
            item.means((Sense("thing", item.value("none")),))
            item.is_negated = True
        elif item.is_a("not-after") and (item.language not in LATIN or item.glued) and _deny_backwards(items, at):
            item.is_used = True
        elif item.is_a("not"):
            again = _another(items, at)
            if again:
                at = again
            else:
                item.is_used = _deny_forwards(items, at)
        at += 1


def _another(items: list[Item], at: int) -> int:
    """The place of a second negation that undoes the one at `at` ("not without"), or 0."""
    ahead = at + 1
    while ahead < len(items) and ahead - at < 3 and items[ahead].is_a("stop") and not items[ahead].is_a("not"):
        ahead += 1
    both = ahead < len(items) and items[ahead].is_a("not")
    kinds = both and items[at].text != items[ahead].text and not items[at].is_a("conjunction", "or")
    plain = both and items[ahead].text in ("without", "sans", "sin", "ohne", "sem", "senza", "без", "بدون", "बिना")
    return ahead if kinds and plain else 0


def _deny_forwards(items: list[Item], at: int) -> bool:
    denied = has_noun = False
    ahead, since = at + 1, 0
    while ahead < len(items) and since < _REACH:
        item = items[ahead]
        if item.is_a("break", "but") and not item.is_noun:
            break
        if item.is_a(*DENIABLE):
            before = items[ahead - 1]
            if has_noun and before.is_a("of") and (item.language == "zh" or not item.is_a(*DESCRIBING)):
                break
            if has_noun and item.is_a("time", "season") and not item.is_noun:
                break
            if denied and not before.is_a("comma", "conjunction", "or", "of", "strength", *DENIABLE):
                break
            item.is_negated = denied = True
            has_noun = has_noun or item.is_noun
            since = 0
        elif item.is_a("comma", "conjunction", "or"):
            if denied and not _goes_on(items, ahead):
                break
        elif item.is_a("count", "article") and denied:
            break
        elif item.is_a("relation"):
            if denied:
                break
            if _is_about_place(items, ahead):
                item.is_negated = True
                return True
        elif denied and not item.is_a("of", "definite", "strength"):
            break
        since += 1
        ahead += 1
    return denied


def _is_about_place(items: list[Item], at: int) -> bool:
    """Whether the preposition at `at` is what is denied ("not near the river"), rather than what follows ("not at night")."""
    for item in items[at + 1 : at + 6]:
        if item.is_a(*DENIABLE):
            return item.is_a("thing") or (item.is_noun and items[at].value("relation") not in ("in", "at"))
    return False


def _goes_on(items: list[Item], at: int) -> bool:
    """Whether a list that a negation denies goes on after the comma or "and" at `at`."""
    ahead = at + 1
    while ahead < len(items) and items[ahead].is_a("comma", "conjunction", "or") and not items[ahead].is_noun:
        ahead += 1
    if ahead >= len(items) or not items[ahead].is_a(*DENIABLE):
        return False
    if not items[at].is_a("comma") or ahead > at + 1:
        return True
    # After a comma alone the list goes on only if "or" comes before its end ("no cars, trucks or buses").
    for item in items[ahead : ahead + 8]:
        if item.is_a("or"):
            return True
        if not item.is_a("comma", *DENIABLE):
            return False
    return False


def _deny_backwards(items: list[Item], at: int) -> bool:
    denied = False
    behind = at - 1
    while behind >= 0 and at - behind < _REACH:
        item, after = items[behind], items[behind + 1]
        if item.is_a(*DENIABLE):
            touches = item.end == after.start or not item.is_noun
            if denied and not after.is_a("or") and not touches:
                break
            item.is_negated = denied = True
        elif not (item.is_a("or") and denied) and (
            denied or not item.is_a("stop", "of", "strength", "definite", "conjunction", "or", "relation")
        ):
            break
        behind -= 1
    return denied
