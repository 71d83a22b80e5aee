"""The state of a shift, frozen, and the small steps that everything in it is made of: pay, tell, note, hand over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Change
from bridge.errors import Refused
from bridge.observation import Message
from bridge.tasks.delivery import food
from bridge.tasks.delivery.config import POOLED_SHARE, Config
from bridge.tasks.delivery.gauges import Gauges, Rates
from bridge.tasks.delivery.ledger import Ledger, split
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.places import Places
from bridge.tasks.delivery.terms import terms
from bridge.types import WorldState

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Busy:
    """A timed verb under way, until `until_s` or until a level has gone from `from_pct` to `to_pct`; `start` is the place
    where one must stay meanwhile (-1: anywhere), and a bus leaves it at `leaves_s` for `goal`, `length_m` away; who
    `is_away` (aboard, or in hospital) is out of everybody's reach.
    """

    verb: str
    until_s: float = np.inf
    from_pct: float = 0.0
    to_pct: float = 100.0
    begun_s: float = 0.0
    leaves_s: float = 0.0
    start: int = -1
    goal: int = -1
    length_m: float = 0.0
    is_away: bool = False


@dataclass(frozen=True)
class Tally:
    """What one courier did so far. `stars` counts ratings of 0 to 5 stars."""

    delivered: int = 0
    failed: int = 0
    on_time: int = 0
    stars: tuple[int, ...] = (0,) * 6
    collisions: int = 0
    shared: int = 0
    handed_over: int = 0
    invested: int = 0
    refused: int = 0
    messages: int = 0
    bids: int = 0
    collapses: int = 0
    helped: int = 0

    @property
    def stars_mean(self) -> float | None:
        """The mean of all ratings; None before the first."""
        count = sum(self.stars)
        return sum(stars * times for stars, times in enumerate(self.stars)) / count if count else None


@dataclass(frozen=True)
class Courier:
    """A courier: row in the gauges, who they are, what vehicles are theirs, what they did."""

    name: str
    row: int
    persona: Mapping[str, float]
    slots: int
    scooter: str = ""
    car: str = ""
    car_paid_s: float = 0.0
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Request:
    """A favour asked for on the help board, its bounty [cents] in escrow; with an `order`, who accepts may carry that."""

    id: str
    source: str
    text: str
    bounty: int
    order: str = ""
    helper: str = ""
    reported_s: float | None = None
    state: str = "open"


@dataclass(frozen=True, eq=False)
class World:
    """What of a shift never changes: rules, town, weather's rates, the hour it began, who works, what is no collision."""

    config: Config
    places: Places
    rates: Rates
    weather: str
    speed_factor: float
    begin_h: float
    agents: tuple[str, ...]
    floors: frozenset[str]
    taken_names: frozenset[str]
    parks: Any = None

    @cached_property
    def terms(self) -> Mapping[str, Any]:
        """What couriers are told of the rules."""
        return terms(self.config)


@dataclass(frozen=True, eq=False)
class Shift:
    """A shift at one moment. `now_s` runs from 0; `coming` are the orders not yet placed, the next one at `next_order`.

    `news`, `failures`, `inbox`, `events` and `changes` are of the last step alone.
    """

    world: World
    couriers: Mapping[str, Courier]
    gauges: Gauges
    ledger: Ledger
    coming: tuple[Order, ...]
    xy: Array
    next_order: int = 0
    orders: Mapping[str, Order] = field(default_factory=dict)
    live: tuple[str, ...] = ()
    items: Mapping[str, food.Item] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    busy: Mapping[str, Busy] = field(default_factory=dict)
    riding: Mapping[str, str] = field(default_factory=dict)
    touches: frozenset[tuple[str, str]] = frozenset()
    state: WorldState | None = None
    begun_s: float | None = None
    now_s: float = 0.0
    due_s: float = 0.0
    made: int = 0
    is_over: bool = False
    news: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    inbox: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    events: tuple[Mapping[str, Any], ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def config(self) -> Config:
        """The rules."""
        return self.world.config

    @property
    def ends_s(self) -> float:
        """When the shift is over."""
        return 3600.0 * self.world.config.hours

    def with_courier(self, name: str, **changes: Any) -> "Shift":
        """The same shift with one courier changed."""
        return replace(self, couriers={**self.couriers, name: replace(self.couriers[name], **changes)})

    def counting(self, name: str, **more: int) -> "Shift":
        """Adds to a courier's tally."""
        tally = self.couriers[name].tally
        return self.with_courier(
            name, tally=replace(tally, **{what: getattr(tally, what) + n for what, n in more.items()})
        )

    def with_order(self, id: str, **changes: Any) -> "Shift":
        """The same shift with one order changed."""
        return replace(self, orders={**self.orders, id: replace(self.orders[id], **changes)}, due_s=self.now_s)

    def pay(self, source: str, sink: str, amount: int, why: str) -> "Shift":
        """Moves cents between accounts."""
        return replace(self, ledger=self.ledger.pay(source, sink, amount, why))

    def earn(self, name: str, amount: int, why: str) -> "Shift":
        """What a customer pays (or is paid back) for a courier's work: their own share, and the share that is pooled."""
        pooled = round(amount * POOLED_SHARE[self.config.setting])
        shift = self.pay("customers", name, amount - pooled, why)
        if pooled:
            sign = 1 if pooled > 0 else -1
            for agent, part in zip(self.world.agents, split(abs(pooled), len(self.world.agents)), strict=True):
                shift = shift.pay("customers", agent, sign * part, f"{why} (pooled)")
        return shift

    def tell(self, name: str, text: str) -> "Shift":
        """News that make a courier think anew; several are joined."""
        old = self.news.get(name, "")
        return replace(self, news={**self.news, name: f"{old} {text}".strip()})

    def fail(self, name: str, reason: str) -> "Shift":
        """A verb of a courier came to nothing."""
        return replace(self, failures={**self.failures, name: reason})

    def note(self, event: str, agent: str = "", **more: Any) -> "Shift":
        """Adds an event of this step, at the engine's time; one without an agent is of the whole town."""
        time_s = self.now_s + (self.begun_s or 0.0)
        row = {"time_s": round(time_s, 2), "kind": event, "agent": agent, **more}
        return replace(self, events=(*self.events, row))

    def hear(self, name: str, sender: str, text: str) -> "Shift":
        """Delivers a message."""
        tick = self.state.tick if self.state is not None else 0
        heard = (*self.inbox.get(name, ()), Message(sender, text, tick))
        shift = replace(self, inbox={**self.inbox, name: heard})
        return shift.tell(name, f"{sender} says something to you.")

    def with_busy(self, name: str, busy: Busy | None) -> "Shift":
        """Begins a timed verb, or ends the one under way."""
        others = {who: what for who, what in self.busy.items() if who != name}
        return replace(self, busy={**others, name: busy} if busy is not None else others)

    def gauge(self, name: str, column: str) -> float:
        """One courier's value of a gauge."""
        return float(getattr(self.gauges, column)[self.couriers[name].row])

    def with_gauge(self, name: str, **values: float) -> "Shift":
        """Sets gauges of one courier."""
        row, gauges = self.couriers[name].row, self.gauges
        columns = {}
        for column, value in values.items():
            columns[column] = getattr(gauges, column).copy()
            columns[column][row] = value
        return replace(self, gauges=replace(gauges, **columns))

    def at(self, name: str) -> Array:
        """Where a courier is (2,) [m]."""
        return self.xy[self.couriers[name].row]

    def food_of(self, name: str) -> tuple[food.Item, ...]:
        """The food that a courier carries."""
        return tuple(self.items[item] for item in self.ledger.held(name) if item in self.items)

    def free_slots(self, name: str) -> int:
        """How many items more fit into a courier's bag."""
        return self.couriers[name].slots - len(self.food_of(name))

    def settled(self, name: str) -> "Shift":
        """Brings all food that a courier carries up to date: before the bag's contents or its insulation change."""
        mates = self.food_of(name)
        if not mates:
            return self
        chill, jolt = self.gauge(name, "chill"), self.gauge(name, "jolt")
        fresh = {
            item.name: food.carried(
                item, [mate for mate in mates if mate is not item], self.now_s, chill, jolt, self.config.food
            )
            for item in mates
        }
        return replace(self, items={**self.items, **fresh})

    def load(self, name: str, items: tuple[str, ...], source: str) -> "Shift":
        """Puts items that `source` holds (a courier, or a shop) into a courier's bag."""
        shift = self.settled(name).settled(source) if source in self.couriers else self.settled(name)
        chill, jolt = shift.gauge(name, "chill"), shift.gauge(name, "jolt")
        ledger, fresh = shift.ledger, dict(shift.items)
        for item in items:
            was = fresh[item] if source in self.couriers else food.shelved(fresh[item], self.now_s, self.config.food)
            fresh[item] = replace(was, chill=chill, jolt=jolt, seen_s=self.now_s)
            ledger = ledger.give(item, source, name)
        return replace(shift, ledger=ledger, items=fresh)

    def discard(self, items: tuple[str, ...], why: str) -> "Shift":
        """Food that is no more: eaten, or thrown away."""
        shift = self
        for holder in {self.ledger.holder[item] for item in items} & self.couriers.keys():
            shift = shift.settled(holder)
        ledger, left = shift.ledger, dict(shift.items)
        for item in items:
            ledger = ledger.use(item, why)
            del left[item]
        return replace(shift, ledger=ledger, items=left)

    def is_away(self, name: str) -> bool:
        """Whether somebody is on a bus under way or in hospital."""
        busy = self.busy.get(name)
        return busy is not None and busy.is_away

    def need_free(self, name: str) -> None:
        """Raises Refused for who is in hospital or on a bus under way."""
        busy = self.busy.get(name)
        if busy is not None and busy.is_away:
            where = "in hospital" if busy.verb == "hospital" else "on the bus"
            raise Refused(f"You are {where} for {max(busy.until_s - self.now_s, 0.0):.0f} s more: wait.")

    def near(self, name: str, place: int, what: str, reach_m: float | None = None) -> None:
        """Raises Refused where a courier is not at a place's door."""
        reach = self.config.reach_m if reach_m is None else reach_m
        places = self.world.places
        away = float(np.hypot(*(places.doors[place, :2] - self.at(name))))
        if away > reach:
            raise Refused(
                f"{what} is at {places.addresses[place]}, {away:.0f} m from you; you must be within {reach:g} m. Go there."
            )
