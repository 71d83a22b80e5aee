"""Looks ahead: searches over orders in hand and open ones for the set and the route that bring most, and shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bridge.engine import Action
from bridge.observation import Message
from policies.courier import burden, care
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.courier import Courier
from policies.courier.margin import Margin
from policies.courier.routes import Route, Terms, added, best_route, gain, hopeless
from policies.courier.search import chosen
from policies.courier.sharing import Sharing
from policies.courier.situation import Order, Situation
from policies.verbs import skill


@dataclass(frozen=True)
class Config:
    """Flags of the policy `planner`."""

    most_orders: int = 3
    """How many orders it has or bids for at a time."""
    beam: int = 4
    """How many sets of orders of each size it looks at further."""
    breadth: int = 6
    """How many open orders it tries in sets."""
    cooperates: Literal["told", "yes", "no"] = "told"
    """Whether it helps the others earn, since what customers pay is divided: as the task tells, yes or no."""
    invests: bool = True
    """Whether it buys a scooter where the shift is long enough for that to pay."""


class Planner:
    """A strategy: the set of orders that gains most, at what its time is worth, sequenced by search."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.habits = Habits(rest_to_pct=90.0, idles_at_rest=True, eats=True)

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """Begins without experience."""
        self._atlas = atlas
        self._margin = Margin(0.95, raises=0.04, yields=0.12)
        self._sharing = Sharing(atlas)

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """Takes on the orders of the best plan; among couriers who share, passes on what others do with less trouble."""
        self._margin.learn(now)
        terms = Terms.of(now, self._atlas, per_s=per_s)
        mine = [order for order in now.mine if not order.offers]
        if self.cooperates(now):
            yield from self._sharing.words(
                now, heard, terms, self.route(now, per_s), self._config.most_orders - len(mine)
            )
            yield from (skill("decline", order.id) for order in hopeless(mine, terms))
            yield from self._common(now, mine, terms)
        else:
            yield from (skill("decline", order.id) for order in now.mine if order.offers)
            yield from (skill("decline", order.id) for order in hopeless(mine, terms))
            yield from self._own(now, mine, terms)

    def _own(self, now: Situation, mine: Sequence[Order], terms: Terms) -> Iterable[Action]:
        """Bids for the set of open orders that gains most; bids that stand count as won."""
        config, bids = self._config, [order for order in now.open if order.my_bid is not None]
        free = [order for order in _reachable(now) if order.my_bid is None]
        room = config.most_orders - len(mine) - len(bids)
        if room < 1 or not free:
            return
        route = best_route([*mine, *bids], terms)
        best = chosen([*mine, *bids], free, terms, room=room, beam=config.beam, breadth=config.breadth)
        for order in best.orders:
            if now.now_s >= order.bids_end_s:
                yield skill("accept", order.id)
            else:
                surplus = added((route, gain(route, terms)), order, terms)[1]
                yield skill("bid", order.id, {"price": self._margin.ask(order, max(surplus, 0.0))})

    def _common(self, now: Situation, mine: Sequence[Order], terms: Terms) -> Iterable[Action]:
        """Says by its bid for each open order how much trouble that would be, and says it anew when that has changed: who
        won another order steps back. Time is worth something only as far as there is work for all.
        """
        found = _reachable(now)
        terms = replace(terms, per_s=terms.per_s * min(len(found) / (1.0 + len(now.couriers)), 1.0))
        route, has_room = best_route(mine, terms), len(mine) < self._config.most_orders
        plan, told = (route, gain(route, terms)), []
        for order in found if has_room else ():
            new, more, _ = added(plan, order, terms)
            if more > 0:
                told.append((burden.burden_s(route, new, order, terms), order.id, order))
        wanted = {order.id for *_, order in told}
        bids = [order for order in now.open if order.my_bid is not None]
        yield from (skill("decline", order.id) for order in bids if order.id not in wanted)
        for trouble_s, _, order in sorted(told, key=lambda row: row[:2]):
            price = burden.price(order, trouble_s)
            if now.now_s >= order.bids_end_s:
                yield skill("accept", order.id)
                return
            if order.my_bid is None or abs(order.my_bid - price) > 0.005:
                yield skill("bid", order.id, {"price": price})

    def cooperates(self, now: Situation) -> bool:
        """Whether what others earn is worth something to it."""
        return {"told": now.rules.is_pooled, "yes": True, "no": False}[self._config.cooperates]

    def route(self, now: Situation, per_s: float) -> Route:
        """The best sequence for what is in hand; past the scooter's dealer where a scooter pays and nothing is carried."""
        mine = [order for order in now.mine if not order.offers]
        route = best_route(mine, Terms.of(now, self._atlas, per_s=per_s))
        if self._config.invests and not any(order.carried for order in mine):
            buy = care.scooter(now, per_s)
            if buy is not None:
                return (buy, *route)
        return route


def _reachable(now: Situation) -> list[Order]:
    """Open orders between places that it can get to."""
    return [order for order in now.open if now.avoid.isdisjoint((order.shop_address, order.to_address))]


def make(config: Config) -> Courier:
    """A policy for one agent."""
    return Courier(Planner(config))
