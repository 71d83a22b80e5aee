"""Takes the order that pays best for its time now, fetches it, brings it, and takes the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bridge.engine import Action
from bridge.observation import Message
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.courier import Courier
from policies.courier.routes import Route, visits
from policies.courier.situation import Order, Situation
from policies.courier.worth import seconds_per_m, worth
from policies.verbs import skill


@dataclass(frozen=True)
class Config:
    """Flags of the policy `greedy`."""

    rest_to_pct: float = 80.0
    """To what level it rests when it has to."""


class Greedy:
    """A strategy: one order at a time, for all it pays."""

    def __init__(self, config: Config) -> None:
        self.habits = Habits(rest_to_pct=config.rest_to_pct)

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """It remembers nothing."""

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """Accepts the best open order while it has none, and none is about to be decided."""
        mine = [order for order in now.mine if not order.offers]
        if mine or any(order.my_bid is not None and order.bids_end_s > now.now_s - 5.0 for order in now.open):
            return
        found = [order for order in now.open if now.avoid.isdisjoint((order.shop_address, order.to_address))]
        for order in sorted(found, key=lambda order: (-rate(order, now), order.id)):
            if rate(order, now) > 0:
                yield skill("accept", order.id)

    def route(self, now: Situation, per_s: float) -> Route:
        """The order in hand."""
        mine = sorted((order for order in now.mine if not order.offers), key=lambda order: (order.deadline_s, order.id))
        return tuple(visit for order in mine for visit in visits(order))


def rate(order: Order, now: Situation) -> float:
    """What an order brings for each second it takes from here [$/s]; below 0 if it costs money or comes too late."""
    pace = seconds_per_m(now)
    at_shop_s = max(now.now_s + order.shop_away_m * pace, order.ready_s, order.bids_end_s)
    there_s = at_shop_s + order.trip_m * pace
    if not there_s < now.ends_s:
        return -1.0
    return worth(order, there_s, there_s - at_shop_s, now.rules) / max(there_s - now.now_s, 1.0)


def make(config: Config) -> Courier:
    """A policy for one agent."""
    return Courier(Greedy(config))
