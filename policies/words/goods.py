"""Rules for goods and services: buying, using, renting, charging, resting."""

import re
from collections.abc import Callable

from bridge.engine import Skill
from policies.words.phrases import duration_s, number, percent
from policies.words.surroundings import Surroundings
from policies.words.told import Told, Unclear, known_place, there, told_skill


def buy(told: Told, around: Surroundings) -> list[Skill]:
    what, where = told.cut("at", "from", "in")
    item = around.item(what)
    if not item:
        raise Unclear(f"no shop is known to sell '{what}'")
    shop = around.shop_with(item)
    place = known_place(around, where) if where else str(shop.get("address") or shop.get("name", "")) if shop else ""
    if not place:
        raise Unclear(f"no shop is known to sell '{item}'")
    many = number(re.sub(r"^(?:the|some)\b", "", what.replace(item, " "))) or 1.0
    if not 1 <= many <= 20 or many != int(many):
        raise Unclear(f"{many:g} is no number of things to buy")
    return [*there(around, place), *[told_skill(around, "buy", item=item)] * int(many)]


def use(told: Told, around: Surroundings) -> list[Skill]:
    item = around.item(told.words)
    if not item:
        raise Unclear(f"'{told.words}' is nothing you are known to have")
    return [told_skill(around, "use", item=item)]


def rent(told: Told, around: Surroundings) -> list[Skill]:
    return [*there(around, around.nearest_place("rental")), told_skill(around, "rent")]


def return_rental(told: Told, around: Surroundings) -> list[Skill]:
    return [*there(around, around.nearest_place("rental")), told_skill(around, "return_rental")]


def filled(verb: str, kind: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for filling up, at the nearest place for it or one that is named."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        if verb == "rest" and (seconds := duration_s(told.rest)) is not None:
            return [*there(around, around.nearest_place(kind)), told_skill(around, "wait", s=seconds)]
        where = told.cut("at", "in", "on")[1]
        place = around.place(re.sub(r"\s*\b(?:until|to|till)\b.*", "", where)) if where else ""
        level = percent(re.sub(r"\ue000\d+\ue001", " ", told.rest))
        if level is not None and not 0 < level <= 100:
            raise Unclear(f"{level:g} % is no level to {verb} to")
        return [
            *there(around, place or around.nearest_place(kind)),
            told_skill(around, verb, to_pct=100.0 if level is None else level),
        ]

    return rule
