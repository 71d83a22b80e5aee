"""Looks ahead: searches over orders in hand and open ones for the set and the route that bring most, and shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge.engine import Action
from bridge.observation import Message
from policies.courier import care
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.courier import Courier
from policies.courier.margin import Margin
from policies.courier.routes import Route, Terms, added, best_route, gain, hopeless
from policies.courier.search import chosen
from policies.courier.sharing import Sharing
from policies.courier.situation import Order, Situation
from policies.verbs import skill

_TELL_S, _CENTS = 80.0, 6
"""Couriers who share their takings tell by cents of their bids who has least trouble: one for so many seconds, at most so many."""


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
    """Whether what customers pay is divided among all: as its instruction tells, yes or no."""
    invests: bool = True
    """Whether it buys a scooter where the shift is long enough for that to pay."""


class Planner:
    """A strategy: the set of orders that gains most, at what its time is worth, sequenced by search."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.habits = Habits(rest_to_pct=90.0, idles_at_rest=True, eats=True)

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """Begins without experience; learns from the instruction whether all share what is paid."""
        told = "divided equally among all" in instruction
        self.cooperates = {"told": told, "yes": True, "no": False}[self._config.cooperates]
        self._atlas = atlas
        self._margin = Margin(0.95, raises=0.04, yields=0.12)
        self._sharing = Sharing(atlas)

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """Takes on the orders of the best plan; among couriers who share, passes on what others do with less trouble."""
        self._margin.learn(now)
        terms = Terms.of(now, self._atlas, per_s=per_s)
        mine = [order for order in now.mine if not order.offers]
        bids = [order for order in now.open if order.my_bid is not None]
        room = self._config.most_orders - len(mine) - len(bids)
        if self.cooperates:
            yield from self._sharing.words(now, heard, terms, self.route(now, per_s), room)
        else:
            yield from (skill("decline", order.id) for order in now.mine if order.offers)
        yield from (skill("decline", order.id) for order in hopeless(mine, terms))
        free = [
            order
            for order in now.open
            if order.my_bid is None and now.avoid.isdisjoint((order.shop_address, order.to_address))
        ]
        if room < 1 or not free:
            return
        config, route = self._config, best_route([*mine, *bids], terms)
        best = chosen([*mine, *bids], free, terms, room=room, beam=config.beam, breadth=config.breadth)
        for order in best.orders:
            surplus, seconds = added((route, gain(route, terms)), order, terms)[1:]
            if now.now_s >= order.bids_end_s:
                yield skill("accept", order.id)
            else:
                yield skill("bid", order.id, {"price": self._price(order, surplus, seconds)})

    def _price(self, order: Order, surplus: float, seconds: float) -> float:
        if not self.cooperates:
            return self._margin.ask(order, max(surplus, 0.0))
        cents = max(_CENTS - int(max(seconds, 0.0) / _TELL_S), 0)
        return max(round(order.pay - cents / 100.0, 2), 0.01)

    def route(self, now: Situation, per_s: float) -> Route:
        """The best sequence for what is in hand; past the scooter's dealer where a scooter pays and nothing is carried."""
        mine = [order for order in now.mine if not order.offers]
        route = best_route(mine, Terms.of(now, self._atlas, per_s=per_s))
        if self._config.invests and not any(order.carried for order in mine):
            buy = care.scooter(now, per_s)
            if buy is not None:
                return (buy, *route)
        return route


def make(config: Config) -> Courier:
    """A policy for one agent."""
    return Courier(Planner(config))
