"""What couriers may be told beside going: every verb with its usage, its arguments checked, and what it does."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from bridge.engine import Skill
from bridge.errors import Refused
from bridge.plugins import unknown_name
from bridge.tasks.delivery import board, body, carrying, market, timed, trade, vehicles
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.state import Request, Shift

USAGE: Mapping[str, str] = {
    "view_orders": "view_orders: look at the open orders; costs nothing",
    "bid": 'bid ORDER {"price": 4.5}: what you would do it for [$], at most its pay; the lowest bid wins',
    "accept": "accept ORDER: take an open order for its pay, or the share of one that you are offered",
    "decline": "decline ORDER or REQUEST: take a bid back, turn an offer down, give back what you have not fetched",
    "pick_up_order": 'pick_up_order ORDER {"items": 2}: fetch it in its shop, all of it or so many items',
    "drop_off": 'drop_off ORDER {"method": "door"}: leave it at the customer\'s "door" or give it to "hand", as wished',
    "share": 'share ORDER {"with": "courier-2", "part": 0.5}: offer a part of the pay for doing it together',
    "hand_over": 'hand_over ORDER {"to": "courier-2"}: offer somebody your order, or what you carry of it',
    "take_over": "take_over ORDER: take what you are offered, from hand to hand if the food is on its way",
    "post_request": 'post_request {"text": "...", "bounty": 3, "order": "order-7"}: ask all for a favour, for money',
    "accept_request": "accept_request REQUEST: take a favour on",
    "confirm_request": "confirm_request REQUEST: yours: it is done, pay; taken on by you: report it done",
    "buy": 'buy {"item": "energy-drink"}: in a shop that sells it',
    "use": 'use {"item": "energy-drink"}: use up what you bought',
    "rent": "rent: a car at a rental place, paid by the minute",
    "return_rental": "return_rental: give the car back; park it near a rental place",
    "charge": 'charge {"to_pct": 90}: your scooter, parked near a charging place',
    "rest": 'rest {"to_pct": 90}: at a resting place',
    "set_transport": 'set_transport {"mode": "scooter"}: go on by your "scooter", rented "car", or "walk"',
    "ride_bus": 'ride_bus {"to": "14 Quay Street"}: from the bus stop you are at',
    "say": 'say {"to": "courier-2", "text": "..."}: to one courier, or to "all"',
    "wait": 'wait {"s": 30}: stay where you are',
}
TIMED = ("wait", "rest", "charge", "ride_bus", "hospital")
_MOST_CHARACTERS, _LONGEST_S = 2000, 7200.0


def carry_out(shift: Shift, name: str, skill: Skill) -> Shift:
    """The shift after a courier's verb. Raises Refused with the reason, and then nothing has changed."""
    if skill.verb not in USAGE:
        raise Refused(unknown_name("verb of this task", skill.verb, USAGE))
    if skill.verb not in _AT_ONCE:
        if skill.verb != "wait":
            shift.need_free(name)
        if not shift.is_away(name):
            shift = timed.interrupted(shift, name)
    return _DOES[skill.verb](shift, name, skill.target.strip(), arguments(skill))


def arguments(skill: Skill) -> Mapping[str, Any]:
    """The extra arguments of a skill: a JSON object in its text. Raises Refused."""
    text = skill.text.strip()
    if not text:
        return {}
    if len(text) > _MOST_CHARACTERS:
        raise Refused(f"The arguments have {len(text)} characters; {_MOST_CHARACTERS} are the most.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(f"Arguments are a JSON object, not {text[:80]!r}. Use: {USAGE[skill.verb]}")
    return found


def _number(given: Mapping[str, Any], key: str, least: float, most: float, default: float | None = None) -> float:
    """A number of the arguments within bounds. Raises Refused."""
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f'"{key}" is {str(value)[:60]!r}; give a number from {least:g} to {most:g}.')
    if (isinstance(value, int) and abs(value) > 10**12) or not math.isfinite(value) or not least <= value <= most:
        raise Refused(f'"{key}" is {str(value)[:60]}; give a number from {least:g} to {most:g}.')
    return float(value)


def _text(given: Mapping[str, Any], key: str, default: str = "") -> str:
    """A text of the arguments. Raises Refused."""
    value = given.get(key, default)
    if not isinstance(value, str):
        raise Refused(f'"{key}" is {str(value)[:60]!r}; give a text.')
    return value.strip()


def _price(given: Mapping[str, Any], key: str) -> int:
    """Cents of a price in dollars. Raises Refused."""
    return round(100 * _number(given, key, 0.01, 1e6))


def _order(shift: Shift, target: str) -> Order:
    """The order that is meant: "order-12", or "12". Raises Refused."""
    found = shift.orders.get(target) or shift.orders.get(f"order-{target}")
    if found is None:
        raise Refused(unknown_name("order", target[:60], shift.live) if shift.live else "There are no orders now.")
    return found


def _request(shift: Shift, target: str) -> Request:
    found = shift.requests.get(target) or shift.requests.get(f"request-{target}")
    if found is None:
        raise Refused(unknown_name("request", target[:60], shift.requests) if shift.requests else "The board is empty.")
    return found


def _other(shift: Shift, name: str, given: Mapping[str, Any], key: str) -> str:
    """Another courier. Raises Refused."""
    other = _text(given, key)
    if other == name:
        raise Refused(f'"{key}" is yourself.')
    if other not in shift.couriers:
        raise Refused(unknown_name("courier", other[:60], [one for one in shift.couriers if one != name]))
    return other


def _view(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    return shift.tell(name, "You look at the orders.")


def _decline(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    if target.startswith("request"):
        return board.decline(shift, name, _request(shift, target))
    return market.decline(shift, name, _order(shift, target))


def _pick_up(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    most = int(_number(given, "items", 1, 100)) if "items" in given else None
    return carrying.pick_up(shift, name, _order(shift, target), most)


def _drop_off(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    order = _order(shift, target)
    method = _text(given, "method", order.wish)
    if method not in ("hand", "door"):
        raise Refused(f'"method" is {method[:60]!r}; food is given to "hand" or left at the "door".')
    return carrying.drop_off(shift, name, order, method)


def _share(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    part = _number(given, "part", 0.01, 1.0, 0.5)
    return market.share(shift, name, _order(shift, target), _other(shift, name, given, "with"), part)


def _post(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    about = _text(given, "order") or target
    order = _order(shift, about).id if about else ""
    return board.post(shift, name, _text(given, "text"), _price(given, "bounty"), order)


def _set_transport(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    mode, courier = _text(given, "mode", target), shift.couriers[name]
    if mode == "bus":
        raise Refused('To go by bus, go to a bus stop and: ride_bus {"to": "an address"}.')
    if mode not in ("walk", "scooter", "car"):
        raise Refused(f'"mode" is {mode[:60]!r}; choose walk, scooter or car.')
    vehicle = {"walk": "", "scooter": courier.scooter, "car": courier.car}[mode]
    if mode != "walk" and not vehicle:
        raise Refused(
            "You have no scooter. The dealer sells them."
            if mode == "scooter"
            else "You have rented no car. Go to a rental place."
        )
    riding = shift.riding.get(name, "")
    if vehicle and riding and riding != vehicle:
        raise Refused(f"You ride {riding}. set_transport walk first.")
    return shift


def _say(shift: Shift, name: str, target: str, given: Mapping[str, Any]) -> Shift:
    words = _text(given, "text")
    if not words:
        raise Refused('Say something: say {"to": "courier-2", "text": "..."}.')
    to = _text(given, "to", target or "all")
    heard = [one for one in shift.couriers if one != name] if to == "all" else [_other(shift, name, {"to": to}, "to")]
    return said(shift, name, words, heard)


def said(shift: Shift, name: str, words: str, heard: list[str]) -> Shift:
    """Words that reach some couriers."""
    for other in heard:
        shift = shift.hear(other, name, words)
    return shift.counting(name, messages=1).note("said", name, to=heard, text=words)


_DOES: Mapping[str, Callable[[Shift, str, str, Mapping[str, Any]], Shift]] = {
    "view_orders": _view,
    "bid": lambda shift, name, target, given: market.bid(shift, name, _order(shift, target), _price(given, "price")),
    "accept": lambda shift, name, target, given: market.accept(shift, name, _order(shift, target)),
    "decline": _decline,
    "pick_up_order": _pick_up,
    "drop_off": _drop_off,
    "share": _share,
    "hand_over": lambda shift, name, target, given: market.hand_over(
        shift, name, _order(shift, target), _other(shift, name, given, "to")
    ),
    "take_over": lambda shift, name, target, given: market.take_over(shift, name, _order(shift, target)),
    "post_request": _post,
    "accept_request": lambda shift, name, target, given: board.accept(shift, name, _request(shift, target)),
    "confirm_request": lambda shift, name, target, given: board.confirm(shift, name, _request(shift, target)),
    "buy": lambda shift, name, target, given: trade.buy(shift, name, _text(given, "item", target)),
    "use": lambda shift, name, target, given: trade.use(shift, name, _text(given, "item", target)),
    "rent": lambda shift, name, target, given: vehicles.rent(shift, name),
    "return_rental": lambda shift, name, target, given: vehicles.return_rental(shift, name),
    "charge": lambda shift, name, target, given: vehicles.charge(shift, name, _number(given, "to_pct", 1, 100, 100)),
    "rest": lambda shift, name, target, given: body.rest(shift, name, _number(given, "to_pct", 1, 100, 100)),
    "set_transport": _set_transport,
    "ride_bus": lambda shift, name, target, given: timed.ride_bus(shift, name, _text(given, "to", target)),
    "say": _say,
    "wait": lambda shift, name, target, given: timed.wait(shift, name, _number(given, "s", 0.0, _LONGEST_S, 10.0)),
}
_AT_ONCE = (
    "view_orders", "bid", "accept", "decline", "share", "hand_over", "post_request", "accept_request", "confirm_request",
    "say", "use",
)  # fmt: skip
"""Verbs of word and hand alone, which leave alone what is under way: one bids while one rests."""
