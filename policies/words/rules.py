"""One rule for each thing that can be told: the words after the verb, and the skills they come to."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.engine import Skill
from policies.words.clauses import Text
from policies.words.phrases import duration_s, number, percent
from policies.words.surroundings import Surroundings, bare, is_parcel

_MODES = {"walk": r"on foot|by foot|walk\w*", "scooter": r"scoot\w*", "car": r"car|driv\w*", "bus": r"bus"}
_BY = re.compile(r"\s*\b(?:by|on|with|in|using)\s+(?:the |a |my |your )?(scooter|car|bus|foot)\b")


class Unclear(Exception):
    """Why a clause was not understood."""


@dataclass(frozen=True)
class Told:
    """A clause: its `phrase` ("walk to") and its `rest`, in which names are put away in `text`."""

    phrase: str
    rest: str
    text: Text

    @property
    def words(self) -> str:
        """The rest with its names."""
        return self.text.back(self.rest)

    def cut(self, *prepositions: str) -> tuple[str, str]:
        """The rest before and after the first of some prepositions; "" after it where there is none."""
        found = re.fullmatch(rf"(.*?)\s*\b(?:{'|'.join(prepositions)})\b\s+(.+)", self.rest)
        return (self.text.back(found.group(1)), self.text.back(found.group(2))) if found else (self.words, "")


def skills(meaning: str, told: Told, around: Surroundings) -> list[Skill]:
    """What a clause comes to. Raises Unclear."""
    return RULES[meaning](told, around)


def _skill(around: Surroundings, verb: str, target: str = "", **arguments: Any) -> Skill:
    if not around.has(verb):
        raise Unclear(f"nobody can {verb} here")
    return Skill(verb, target, json.dumps(arguments, ensure_ascii=False, sort_keys=True) if arguments else "")


def _there(around: Surroundings, place: str) -> list[Skill]:
    """Going to a place, unless one is there."""
    return [] if not place or around.is_near(place) else [_skill(around, "go_to", place)]


def _known(around: Surroundings, words: str) -> str:
    found = around.place(words)
    if not found:
        raise Unclear(f"no place called '{words}' is known" if words else "it does not say where")
    return found


def _switched(around: Surroundings, mode: str) -> list[Skill]:
    if not around.has("set_transport") or around.transport == mode:
        return []
    return [_skill(around, "set_transport", mode=mode)]


def _mode(words: str) -> str:
    return next((mode for mode, pattern in _MODES.items() if re.search(rf"\b(?:{pattern})\b", words)), "")


def _go(told: Told, around: Surroundings) -> list[Skill]:
    by = _BY.search(told.rest)
    where = told.text.back(_BY.sub("", told.rest))
    mode = "walk" if by and by.group(1) == "foot" else by.group(1) if by else _mode(told.phrase)
    if mode == "bus" and around.has("ride_bus"):
        return [_skill(around, "ride_bus", to=_known(around, where))]
    return [*(_switched(around, mode) if mode else []), _skill(around, "go_to", _known(around, where))]


def _ride_bus(told: Told, around: Surroundings) -> list[Skill]:
    return [_skill(around, "ride_bus", to=_known(around, told.words))]


def _switch(told: Told, around: Surroundings) -> list[Skill]:
    if told.phrase == "walk" and told.rest:
        return _go(told, around)
    mode = _mode(f"{told.phrase} {told.words}")
    if not mode:
        raise Unclear(f"'{told.words}' is no way to travel")
    where = told.cut("to")[1]
    return [
        _skill(around, "set_transport", mode=mode),
        *([_skill(around, "go_to", _known(around, where))] if where else []),
    ]


def _board(told: Told, around: Surroundings) -> list[Skill]:
    if bare(told.words) in ("scooter", "car") and around.has("set_transport"):
        return [_skill(around, "set_transport", mode=bare(told.words))]
    return _thing("board")(told, around)


def _thing(verb: str, *, fetches: bool = False) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb of the world that is done to one thing."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        name = around.person(told.words) or around.place(told.words) or bare(told.words)
        if not name:
            raise Unclear(f"it does not say what to {verb}")
        return [*(_there(around, name) if fetches else []), _skill(around, verb, name)]

    return rule


def _alone(verb: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb that needs no more words."""
    return lambda told, around: [_skill(around, verb)]


def _deliver(told: Told, around: Surroundings) -> list[Skill]:
    if by := _BY.search(told.rest):
        mode = "walk" if by.group(1) == "foot" else by.group(1)
        rest = Told(told.phrase, _BY.sub("", told.rest), told.text)
        return [*_switched(around, mode), *_deliver(rest, around)]
    what, where = told.cut("to", "at", "towards", "in front of")
    if told.phrase == "take" and not where and (found := around.orders(what, around.open)):
        return [_skill(around, "accept", str(order["id"])) for order in found]
    if told.phrase == "leave" and not where:
        raise Unclear("it does not say where to leave it")
    method = "leave" if re.search(r"\b(?:door|doorstep|porch)\b", told.words) else ""
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
    there = [_skill(around, "go_to", goal)] if fetched else _there(around, goal)
    arguments = {"method": method} if method else {}
    return [*fetched, *there, _skill(around, "drop_off", str(order["id"]), **arguments)]


def _fetched(order: Mapping[str, Any], around: Surroundings) -> list[Skill]:
    return [*_there(around, str(order.get("shop_address", ""))), _skill(around, "pick_up_order", str(order["id"]))]


def _carried(what: str, goal: str, around: Surroundings) -> list[Skill]:
    """Bringing a thing of the world somewhere: one that is held, or one that has to be fetched."""
    if not goal:
        raise Unclear(f"it does not say where to take '{what}', and no order of that kind is known")
    if around.holding and (is_parcel(what) or what in around.holding or bare(what) in around.holding):
        return [_skill(around, "go_to", goal), _skill(around, "put_down")]
    name = bare(what)
    if name in around.names and not is_parcel(what):
        return [
            *_there(around, name),
            _skill(around, "pick_up", name),
            _skill(around, "go_to", goal),
            _skill(around, "put_down"),
        ]
    raise Unclear(f"you carry no '{what}', and no order of that kind is known")


def _collect(told: Told, around: Surroundings) -> list[Skill]:
    what, where = told.cut("from", "at")
    pool = [order for order in around.mine if order.get("id") not in around.carrying]
    found = around.orders(f"{what} {where}".strip(), pool)
    if found:
        return [skill for order in found for skill in _fetched(order, around)]
    if (item := around.item(what)) and around.shop_with(item) and around.has("buy"):
        return _buy(told, around)
    name = bare(what)
    if not name or is_parcel(what):
        raise Unclear(f"no order of yours is waiting that '{what}' could mean")
    there = _there(around, _known(around, where)) if where else []
    return [*there, _skill(around, "pick_up", around.place(name) if name not in around.names else name or name)]


def _put_down(told: Told, around: Surroundings) -> list[Skill]:
    if around.orders(told.words, around.carried()):
        return _deliver(told, around)
    where = told.cut("at", "on", "in", "to", "beside")[1]
    return [*(_there(around, _known(around, where)) if where else []), _skill(around, "put_down")]


def _bid(told: Told, around: Surroundings) -> list[Skill]:
    price = number(re.sub(r"\ue000\d+\ue001", " ", told.rest))
    found = around.orders(told.words, around.open)
    if not found:
        raise Unclear("no open order is named to bid on")
    if price is None:
        raise Unclear("it does not say how much to bid")
    return [_skill(around, "bid", str(order["id"]), price=price) for order in found]


def _on_order(verb: str, *, also_board: str = "") -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb that is done to an order, or with `also_board` to a request of the board."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        pool = around.board if also_board and "request" in told.words else []
        asked = around.orders(told.words, pool)
        if asked:
            return [_skill(around, also_board, str(one["id"])) for one in asked]
        found = around.orders(told.words, around.open) or around.orders(told.words, around.mine)
        if not found:
            raise Unclear(f"no order is known that '{told.words}' could mean")
        return [_skill(around, verb, str(one["id"])) for one in found]

    return rule


def _with_somebody(verb: str, key: str, *prepositions: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for giving an order, or a part of it, to somebody."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        what, who = told.cut(*prepositions)
        somebody = around.person(who) if who else ""
        found = around.orders(what, around.carried()) or around.orders(what, around.mine)
        if not somebody:
            raise Unclear(f"nobody called '{who}' is known" if who else "it does not say to whom")
        if not found:
            raise Unclear(f"no order of yours is known that '{what}' could mean")
        return [_skill(around, verb, str(one["id"]), **{key: somebody}) for one in found]

    return rule


def _post_request(told: Told, around: Surroundings) -> list[Skill]:
    quoted = [kept.strip('"') for kept in told.text.marks(told.rest) if kept.startswith('"')]
    price = re.search(r"(?:\$|bounty (?:of )?|for )\s*\$?(\d+(?:\.\d+)?)", told.rest)
    if not quoted or not price:
        raise Unclear('a request needs its text in quotation marks and a bounty ("..." for $5)')
    return [_skill(around, "post_request", text=quoted[0], bounty=float(price.group(1)))]


def _confirm(told: Told, around: Surroundings) -> list[Skill]:
    found = around.orders(told.words, around.board)
    if not found:
        raise Unclear(f"no request is known that '{told.words}' could mean")
    return [_skill(around, "confirm_request", str(one["id"])) for one in found]


def _buy(told: Told, around: Surroundings) -> list[Skill]:
    what, where = told.cut("at", "from", "in")
    item = around.item(what)
    if not item:
        raise Unclear(f"no shop is known to sell '{what}'")
    shop = around.shop_with(item)
    place = _known(around, where) if where else str(shop.get("address") or shop.get("name", "")) if shop else ""
    if not place:
        raise Unclear(f"no shop is known to sell '{item}'")
    many = number(re.sub(r"^(?:the|some)\b", "", what.replace(item, " "))) or 1.0
    if not 1 <= many <= 20 or many != int(many):
        raise Unclear(f"{many:g} is no number of things to buy")
    return [*_there(around, place), *[_skill(around, "buy", item=item)] * int(many)]


def _use(told: Told, around: Surroundings) -> list[Skill]:
    item = around.item(told.words)
    if not item:
        raise Unclear(f"'{told.words}' is nothing you are known to have")
    return [_skill(around, "use", item=item)]


def _rent(told: Told, around: Surroundings) -> list[Skill]:
    return [*_there(around, around.nearest_place("rental")), _skill(around, "rent")]


def _return_rental(told: Told, around: Surroundings) -> list[Skill]:
    return [*_there(around, around.nearest_place("rental")), _skill(around, "return_rental")]


def _filled(verb: str, kind: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for filling up, at the nearest place for it or one that is named."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        if verb == "rest" and (seconds := duration_s(told.rest)) is not None:
            return [*_there(around, around.nearest_place(kind)), _skill(around, "wait", s=seconds)]
        where = told.cut("at", "in", "on")[1]
        place = around.place(re.sub(r"\s*\b(?:until|to|till)\b.*", "", where)) if where else ""
        level = percent(re.sub(r"\ue000\d+\ue001", " ", told.rest))
        if level is not None and not 0 < level <= 100:
            raise Unclear(f"{level:g} % is no level to {verb} to")
        return [
            *_there(around, place or around.nearest_place(kind)),
            _skill(around, verb, to_pct=100.0 if level is None else level),
        ]

    return rule


def _say(told: Told, around: Surroundings) -> list[Skill]:
    written = told.text.as_written(told.rest)
    quoted = re.findall(r'"([^"]*)"', written)
    text = re.sub(r'"[^"]*"', " ", written)
    to = ""
    if told.phrase in ("tell", "message"):
        found = re.match(r"(\S+)\s*(?:that\s+|to\s+|:\s*)?(.*)", text.strip(), re.S)
        to, text = (around.person(found.group(1)), found.group(2)) if found else ("", text)
        if not to:
            raise Unclear(f"nobody is known to {told.phrase} that")
    elif found := re.search(r"\bto\s+(\S+)\s*$", text):
        to = around.person(found.group(1))
        text = text[: found.start()] if to else text
    said = quoted[0] if quoted else re.sub(r"^(?:that|:)\s*", "", text.strip())
    if not said:
        raise Unclear("it does not say what to say")
    return [Skill("say", to, json.dumps({"text": said, "to": to}, ensure_ascii=False, sort_keys=True))]


def _wait(told: Told, around: Surroundings) -> list[Skill]:
    clock = re.search(r"\buntil (\d{1,2})[:.h](\d{2})\b", told.rest)
    if clock and isinstance(hour := around.clock.get("time_of_day_h"), (int, float)):
        seconds = ((int(clock.group(1)) + int(clock.group(2)) / 60 - hour) % 24) * 3600
    else:
        seconds = duration_s(told.rest)
        if seconds is None and (re.search(r"\buntil\b", told.rest) or number(told.rest) is not None):
            raise Unclear(f"'{told.words}' is no time to wait")
    return [_skill(around, "wait", s=round(60.0 if seconds is None else seconds, 1))]


RULES: dict[str, Callable[[Told, Surroundings], list[Skill]]] = {
    "go": _go, "ride_bus": _ride_bus, "switch": _switch, "follow": _thing("follow"), "board": _board,
    "dismount": _alone("dismount"), "deliver": _deliver, "collect": _collect, "put_down": _put_down, "bid": _bid,
    "accept": _on_order("accept", also_board="accept_request"), "decline": _on_order("decline"),
    "view_orders": _alone("view_orders"), "share": _with_somebody("share", "with", "with", "between"),
    "hand_over": _with_somebody("hand_over", "to", "to"), "take_over": _on_order("take_over"),
    "post_request": _post_request, "confirm_request": _confirm, "buy": _buy, "use": _use, "rent": _rent,
    "return_rental": _return_rental, "charge": _filled("charge", "charger"), "rest": _filled("rest", "rest"), "say": _say,
    "wait": _wait, "sit": _thing("sit", fetches=True), "stand": _alone("stand"), "open": _thing("open", fetches=True),
    "close": _thing("close", fetches=True),
}  # fmt: skip
"""By meaning, as in phrases.PHRASES."""
