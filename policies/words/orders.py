"""Rules for orders and what is carried: fetching, delivering, bidding, sharing, handing over."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.engine import Skill
from policies.words.goods import buy
from policies.words.phrases import number
from policies.words.surroundings import Surroundings, bare, is_parcel
from policies.words.told import BY, Told, Unclear, known_place, switched, there, told_skill


def deliver(told: Told, around: Surroundings) -> list[Skill]:
    if by := BY.search(told.rest):
        mode = "walk" if by.group(1) == "foot" else by.group(1)
        rest = Told(told.phrase, BY.sub("", told.rest), told.text)
        return [*switched(around, mode), *deliver(rest, around)]
    what, where = told.cut("to", "at", "towards", "in front of")
    if told.phrase == "take" and not where and (found := around.orders(what, around.open)):
        return [told_skill(around, "accept", str(order["id"])) for order in found]
    if told.phrase == "leave" and not where:
        raise Unclear("it does not say where to leave it")
    method = "door" if re.search(r"\b(?:door|doorstep|porch)\b", told.rest) else ""
    method = "hand" if re.search(r"\b(?:in person|by hand|in hand|personally)\b", told.rest) else method
    where = re.sub(r"\s*\b(?:in person|by hand|in hand|personally)\b", "", where)
    where = re.sub(r"\b(?:the )?(?:customer'?s? )?(?:door|doorstep|porch)\s*(?:of|at)?\s*", "", where)
    goal = around.place(where) if where else ""
    if where and not goal:
        raise Unclear(f"no place called '{where}' is known")
    carried = [order for order in around.carried() if not goal or _leads_to(order, goal)]
    ready = [order for order in around.mine if order.get("id") not in around.carrying]
    found = around.orders(what, carried) or around.orders(
        what, [one for one in ready if not goal or _leads_to(one, goal)]
    )
    if not found and goal and is_parcel(what):
        found = [one for one in (*carried, *ready) if one.get("to_address") == goal]
        found = found or (around.carried() if len(around.carrying) == 1 else [])
    if found:
        return [skill for order in found for skill in _delivered(order, goal, method, around)]
    return _carried(what, goal, around)


def _leads_to(order: Mapping[str, Any], goal: str) -> bool:
    return str(order.get("to_address", goal)).casefold() == goal.casefold()


def _delivered(order: Mapping[str, Any], goal: str, method: str, around: Surroundings) -> list[Skill]:
    """Fetching an order, if it is not carried, taking it to its address, and handing it over."""
    fetched = [] if order.get("id") in around.carrying else _fetched(order, around)
    goal = goal or str(order.get("to_address", ""))
    if not goal:
        raise Unclear(f"nobody says where {order.get('id')} goes")
    way = [told_skill(around, "go_to", goal)] if fetched else there(around, goal)
    arguments = {"method": method} if method else {}
    return [*fetched, *way, told_skill(around, "drop_off", str(order["id"]), **arguments)]


def _fetched(order: Mapping[str, Any], around: Surroundings) -> list[Skill]:
    return [*there(around, str(order.get("shop_address", ""))), told_skill(around, "pick_up_order", str(order["id"]))]


def _carried(what: str, goal: str, around: Surroundings) -> list[Skill]:
    """Bringing a thing of the world somewhere: one that is held, or one that has to be fetched."""
    if not goal:
        raise Unclear(f"it does not say where to take '{what}', and no order of that kind is known")
    if around.holding and (is_parcel(what) or what in around.holding or bare(what) in around.holding):
        return [told_skill(around, "go_to", goal), told_skill(around, "put_down")]
    name = bare(what)
    if name in around.names and not is_parcel(what):
        return [
            *there(around, name),
            told_skill(around, "pick_up", name),
            told_skill(around, "go_to", goal),
            told_skill(around, "put_down"),
        ]
    raise Unclear(f"you carry no '{what}', and no order of that kind is known")


def collect(told: Told, around: Surroundings) -> list[Skill]:
    what, where = told.cut("from", "at")
    pool = [order for order in around.mine if order.get("id") not in around.carrying]
    found = around.orders(f"{what} {where}".strip(), pool)
    if found:
        return [skill for order in found for skill in _fetched(order, around)]
    if (item := around.item(what)) and around.shop_with(item) and around.has("buy"):
        return buy(told, around)
    name = bare(what)
    if not name or is_parcel(what):
        raise Unclear(f"no order of yours is waiting that '{what}' could mean")
    way = there(around, known_place(around, where)) if where else []
    thing = name if name in around.names else around.place(name) or name
    return [*way, told_skill(around, "pick_up", thing)]


def put_down(told: Told, around: Surroundings) -> list[Skill]:
    if around.orders(told.words, around.carried()):
        return deliver(told, around)
    where = told.cut("at", "on", "in", "to", "beside")[1]
    return [*(there(around, known_place(around, where)) if where else []), told_skill(around, "put_down")]


def bid(told: Told, around: Surroundings) -> list[Skill]:
    price = number(re.sub(r"\ue000\d+\ue001", " ", told.rest))
    found = around.orders(told.words, around.open)
    if not found:
        raise Unclear("no open order is named to bid on")
    if price is None:
        raise Unclear("it does not say how much to bid")
    return [told_skill(around, "bid", str(order["id"]), price=price) for order in found]


def on_order(verb: str, *, also_board: str = "") -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb that is done to an order, or with `also_board` to a request of the board."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        pool = around.board if also_board and "request" in told.words else []
        asked = around.orders(told.words, pool)
        if asked:
            return [told_skill(around, also_board, str(one["id"])) for one in asked]
        found = around.orders(told.words, around.open) or around.orders(told.words, around.mine)
        if not found:
            raise Unclear(f"no order is known that '{told.words}' could mean")
        return [told_skill(around, verb, str(one["id"])) for one in found]

    return rule


def with_somebody(verb: str, key: str, *prepositions: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for giving an order, or a part of it, to somebody."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        what, who = told.cut(*prepositions)
        somebody = around.person(who) if who else ""
        found = around.orders(what, around.carried()) or around.orders(what, around.mine)
        if not somebody:
            raise Unclear(f"nobody called '{who}' is known" if who else "it does not say to whom")
        if not found:
            raise Unclear(f"no order of yours is known that '{what}' could mean")
        return [told_skill(around, verb, str(one["id"]), **{key: somebody}) for one in found]

    return rule
