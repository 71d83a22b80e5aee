"""Bids for the nearest orders what they cost it, and a margin that it learns from bids won and lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bridge.engine import Action
from bridge.observation import Message
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.courier import Courier
from policies.courier.margin import Margin
from policies.courier.routes import Route, Terms, added, best_route, gain, hopeless
from policies.courier.situation import Situation
from policies.verbs import skill


@dataclass(frozen=True)
class Config:
    """Flags of the policy `auction`."""

    most_orders: int = 3
    """How many orders it has or bids for at a time."""
    margin: float = 0.9
    """The share of what is left above its cost that it asks for at first."""
    raises: float = 0.04
    """By how much a bid won raises that share ..."""
    yields: float = 0.12
    """... and a bid lost lowers it."""
    most_away_m: float = 600.0
    """Shops farther than that are left to others."""


class Auction:
    """A strategy: cost plus margin. Cost is the time (rest and charging included) that an order adds to its route."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.habits = Habits(rest_to_pct=90.0, idles_at_rest=True, eats=True)

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """Begins with the margin of its flags."""
        config = self._config
        self._atlas, self.margin = atlas, Margin(config.margin, raises=config.raises, yields=config.yields)

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """Bids, the nearest order first; takes what nobody bid for at its whole pay."""
        self.margin.learn(now)
        terms = Terms.of(now, self._atlas, per_s=per_s)
        route = self.route(now, per_s)
        plan = route, gain(route, terms)
        mine = [order for order in now.mine if not order.offers]
        yield from (skill("decline", order.id) for order in hopeless(mine, terms))
        room = self._config.most_orders - now.load
        room -= sum(order.my_bid is not None for order in now.open)  # may be won
        for order in sorted(now.open, key=lambda order: (order.shop_away_m, order.id)):
            if room < 1 or order.shop_away_m > self._config.most_away_m:
                return
            if order.my_bid is not None or not now.avoid.isdisjoint((order.shop_address, order.to_address)):
                continue
            surplus = added(plan, order, terms)[1]
            if surplus <= 0.0:
                continue
            if now.now_s >= order.bids_end_s:
                yield skill("accept", order.id)
            else:
                yield skill("bid", order.id, {"price": self.margin.ask(order, surplus)})

    def route(self, now: Situation, per_s: float) -> Route:
        """The best sequence for all that it has."""
        terms = Terms.of(now, self._atlas, per_s=per_s)
        return best_route((order for order in now.mine if not order.offers), terms)


def make(config: Config) -> Courier:
    """A policy for one agent."""
    return Courier(Auction(config))
