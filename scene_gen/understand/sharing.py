"""Things joined by "and" share a place: "a lighthouse and a chapel on the hill" puts both of them there."""

from scene_gen.kinds import KINDS, members
from scene_gen.understand.items import DESCRIBING, Item
from scene_gen.understand.relations import Placed

_OF_A_NOUN = (*DESCRIBING, "mood", "strength", "count", "article", "definite", "classifier")
_ALL_OVER = frozenset((*members("home"), "building", "street", "alley", "shop", "lamp", "tree", "person"))
"""Kinds that a town has everywhere: "twenty houses and a church on the hill" speaks of the church alone."""
_BESIDE = ("near", "along", "around", "in-front-of", "at-end-of", "opposite")
_AFLOAT = ("pier", "jetty", "marina", "breakwater", "buoy", "duck", "bridge", "footbridge", "boathouse", "fish-market")


def share_places(items: list[Item], placed: list[Placed]) -> tuple[list[Placed], list[str]]:
    """The relations and, right after each, those of the thing that "and" joins to its subject, if it has none itself.

    The second value says of which things the place was not taken to be.
    """
    taken = {id(item) for wish in placed for item in (wish.subject, *wish.objects) if item is not None}
    found: list[Placed] = []
    notes: list[str] = []
    for wish in placed:
        found.append(wish)
        partner, is_longer_list = _partner(items, wish)
        if partner is None or id(partner) in taken or not partner.is_a("thing") or partner.is_negated:
            continue
        if is_longer_list or not _fits(partner, wish):
            assert wish.subject is not None
            notes.append(f"the place of '{wish.subject.text}' is read as its own: '{partner.text}' may stand anywhere")
            continue
        taken.add(id(partner))
        partner.in_relation = True
        found.append(Placed(partner, wish.predicate, wish.objects, wish.side, wish.words))
    return found, notes


def _partner(items: list[Item], wish: Placed) -> tuple[Item | None, bool]:
    """The noun that "and" joins to the subject, on the side away from the words for the place; whether more precede it."""
    subject = wish.subject
    if subject is None or not subject.is_a("thing") or not wish.words:
        return None, False
    is_said_after = min(word.start for word in wish.words) > subject.start
    if is_said_after:
        joint = _past(items, subject.position - 1, -1)
        partner = _past(items, joint - 1, -1) if _is_and(items, joint) else -1
        before = _past(items, partner - 1, -1) if partner >= 0 else -1
        earlier = _past(items, before - 1, -1) if before >= 0 and items[before].is_a("comma", "conjunction") else -1
        is_longer_list = earlier >= 0 and items[earlier].is_a("thing") and not items[earlier].is_object
    else:
        joint = _past(items, subject.position + 1, +1)
        partner = _past(items, joint + 1, +1) if _is_and(items, joint) else -1
        while 0 <= partner < len(items) - 1 and items[partner].is_modifier:
            partner += 1
        is_longer_list = False
    if not 0 <= partner < len(items) or not items[partner].is_noun:
        return None, False
    return items[partner], is_longer_list


def _past(items: list[Item], at: int, step: int) -> int:
    """The first place from `at` on that does not just describe or count a noun."""
    while 0 <= at < len(items):
        item = items[at]
        is_part = (item.is_a(*_OF_A_NOUN) and not item.is_noun) or (item.is_modifier and step < 0)
        if not is_part or item.is_a("conjunction"):
            break
        at += step
    return at


def _is_and(items: list[Item], at: int) -> bool:
    return 0 <= at < len(items) and items[at].is_a("conjunction") and not items[at].is_a("but", "not")


def _fits(partner: Item, wish: Placed) -> bool:
    """Whether a reader would put the partner there too: no boats on hills, nothing that is all over town."""
    if not partner.is_a("thing") or partner.is_a("place", "agent") or partner.is_negated or wish.subject is None:
        return False
    kind, other = partner.value("thing"), wish.subject.value("thing")
    if kind in _ALL_OVER or KINDS[kind].realised == "zone" or partner in wish.objects:
        return False
    return _is_afloat(kind) == _is_afloat(other) or wish.predicate in _BESIDE


def _is_afloat(kind: str) -> bool:
    return KINDS[kind].semantic in ("boat", "dock") or kind in _AFLOAT
