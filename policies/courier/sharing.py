"""Passing orders on to who has less trouble with them: planners ask each other in messages, and hand over.

Who has an order that costs it much asks those nearby (`{"spare": ...}`); who could do it for less answers (`{"takes": id,
"costs_s": 120}`); the cheapest is offered it (the verb hand_over), and takes it over. Words that are no such JSON are
nothing to it: whatever else is said changes no plan.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from bridge.engine import Action
from bridge.observation import Message
from policies.courier.atlas import Atlas
from policies.courier.routes import Route, Terms, added, best_route, gain, judged
from policies.courier.situation import Order, Situation
from policies.verbs import skill

_NEARBY_M, _ASK_AGAIN_S = 400.0, 240.0
_LEAST_S, _SHARE = 90.0, 0.6
"""Worth asking about is what costs so many seconds; worth taking what costs no more than that share of them."""


class Sharing:
    """One courier's side of the conversation."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._asked: dict[str, float] = {}
        self._takers: dict[str, dict[str, float]] = {}

    def words(
        self, now: Situation, heard: Sequence[Message], terms: Terms, route: Route, room: int
    ) -> Iterable[Action]:
        """Answers to what was heard and offered, then what to ask and to hand over."""
        yield from self._answers(now, heard, terms, route, room)
        yield from self._offered(now, terms, route, room)
        yield from self._handed(now)
        yield from self._asks(now, terms, route)

    def _answers(
        self, now: Situation, heard: Sequence[Message], terms: Terms, route: Route, room: int
    ) -> Iterable[Action]:
        for message in heard:
            said = _document(message.text)
            if message.sender not in now.couriers:
                continue
            order, about, costs_s = _spare(said), said.get("takes"), said.get("costs_s")
            if not _is_number(costs_s):
                continue
            if isinstance(about, str):
                self._takers.setdefault(about, {})[message.sender] = float(costs_s)
            if order is None or room < 1:
                continue
            self._atlas.hear(order.shop_address, order.to_address, order.trip_m)
            mine_s = self._seconds(order, terms, route)
            if mine_s is not None and mine_s < _SHARE * float(costs_s):
                text = json.dumps({"takes": order.id, "costs_s": round(mine_s, 1)}, sort_keys=True)
                yield skill("say", arguments={"to": message.sender, "text": text})

    def _seconds(self, order: Order, terms: Terms, route: Route) -> float | None:
        """The seconds that an order would add; None if it would not pay."""
        terms = replace(terms, orders={**terms.orders, order.id: order})
        _, more, seconds = added((route, gain(route, terms)), order, terms)
        return seconds if more > 0 else None

    def _offered(self, now: Situation, terms: Terms, route: Route, room: int) -> Iterable[Action]:
        for order in now.mine:
            for offer in order.offers:
                mine = replace(order, my_part=offer.part or 1.0)
                is_welcome = room > 0 and self._seconds(mine, terms, route) is not None
                verb = {"share": "accept", "hand-over": "take_over"}.get(offer.kind)
                if verb is not None:
                    yield skill(verb if is_welcome else "decline", order.id)

    def _handed(self, now: Situation) -> Iterable[Action]:
        own = {order.id for order in now.mine if order.agent in ("", now.me.name) and order.state == "assigned"}
        for order_id, takers in sorted(self._takers.items()):
            if order_id in own and now.now_s >= self._asked.get(order_id, 0.0) + 1.0:
                to = min(takers, key=lambda name: (takers[name], name))
                yield skill("hand_over", order_id, {"to": to})
        self._takers = {order_id: takers for order_id, takers in self._takers.items() if order_id in own}

    def _asks(self, now: Situation, terms: Terms, route: Route) -> Iterable[Action]:
        near = [name for name, away_m in now.couriers.items() if away_m <= _NEARBY_M]
        mine = [order for order in now.mine if not order.offers and order.agent in ("", now.me.name)]
        if not near or len(mine) < 2:
            return
        whole_s, costs = judged(route, terms)[1], []
        for order in mine:
            if order.state == "assigned" and now.now_s >= self._asked.get(order.id, -_ASK_AGAIN_S) + _ASK_AGAIN_S:
                without = best_route((one for one in mine if one is not order), terms)
                costs.append((whole_s - judged(without, terms)[1], order.id, order))
        costs_s, _, order = max(costs, default=(0.0, "", None))
        if order is not None and costs_s >= _LEAST_S:
            self._asked[order.id] = now.now_s
            yield skill("say", arguments={"to": "all", "text": _asking(order, costs_s)})


def _asking(order: Order, costs_s: float) -> str:
    spare = {
        "id": order.id, "shop_address": order.shop_address, "to_address": order.to_address, "pay": order.pay,
        "deadline_s": order.deadline_s, "ready_s": order.ready_s, "bids_end_s": order.bids_end_s,
        "trip_m": order.trip_m, "items": order.items,
    }  # fmt: skip
    return json.dumps({"spare": spare, "costs_s": round(costs_s, 1)}, sort_keys=True)


def _spare(said: dict[str, Any]) -> Order | None:
    """The order that somebody would pass on; None where the message is of no such kind."""
    row = said.get("spare")
    words, numbers = (
        ("id", "shop_address", "to_address"),
        ("pay", "deadline_s", "ready_s", "bids_end_s", "trip_m", "items"),
    )
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in words):
        return None
    if not all(_is_number(row.get(key)) for key in numbers):
        return None
    return Order(
        id=row["id"], shop_address=row["shop_address"], to_address=row["to_address"], pay=float(row["pay"]),
        deadline_s=float(row["deadline_s"]), ready_s=float(row["ready_s"]), bids_end_s=float(row["bids_end_s"]),
        my_bid=None, state="assigned", shop_away_m=float("inf"), trip_m=float(row["trip_m"]), items=int(row["items"]),
    )  # fmt: skip


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _document(text: str) -> dict[str, Any]:
    """A message as a JSON object; empty where it is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
