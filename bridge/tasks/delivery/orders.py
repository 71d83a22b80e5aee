"""Orders: where they come from, what they are worth, and the states one goes through; all drawn before a shift begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge.control.seeds import stream
from bridge.tasks.delivery.config import Config, cents
from bridge.tasks.delivery.places import Places

State = Literal["open", "assigned", "carried", "delivered", "failed", "expired", "unfinished"]
"""open: bids are taken, then anybody may accept; assigned: somebody's; carried: something of it has left the shop;
delivered; failed: taken, but not brought in time; expired: nobody took it; unfinished: on its way when the shift ended."""
Wish = Literal["hand", "door"]

_BY_HOUR = np.array(
    [
        0.2,
        0.1,
        0.1,
        0.1,
        0.1,
        0.2,
        0.4,
        0.8,
        0.9,
        0.7,
        0.7,
        1.3,
        2.0,
        1.8,
        1.0,
        0.8,
        0.9,
        1.4,
        2.1,
        2.2,
        1.7,
        1.1,
        0.7,
        0.4,
    ]
)
"""How much is ordered in each hour of a day, against the mean (ours: peaks at noon and in the evening)."""


@dataclass(frozen=True)
class Bid:
    """What somebody would do it for [cents], and since when [s]."""

    price: int
    time_s: float
    agent: str


@dataclass(frozen=True)
class Offer:
    """What one courier offers another about an order: a `part` (0 to 1) of its pay, or to hand it over."""

    kind: Literal["share", "hand-over"]
    source: str
    to: str
    part: float = 0.0


@dataclass(frozen=True)
class Order:
    """An order. Times in seconds of the shift, `pay` and `price` (the winning bid) in cents, places as rows of `Places`.

    `agent` has it; `partner` gets `part` of its pay and, like `helpers`, may carry it; `items` are still undelivered,
    `dropped` lie at the customer's.
    """

    id: str
    shop: int
    home: int
    dishes: tuple[str, ...]
    placed_s: float
    ready_s: float
    bids_end_s: float
    expires_s: float
    allowed_s: float
    pay: int
    trip_m: float
    wish: Wish
    state: State = "open"
    bids: tuple[Bid, ...] = ()
    agent: str = ""
    price: int = 0
    partner: str = ""
    part: float = 0.0
    helpers: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    refused_by: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    method: str = ""
    delivered_s: float | None = None
    stars: int | None = None

    @property
    def deadline_s(self) -> float:
        """Until when it is on time."""
        return self.placed_s + self.allowed_s

    def ratio(self, now_s: float) -> float:
        """Time taken over time allowed."""
        return (now_s - self.placed_s) / self.allowed_s

    def carriers(self) -> tuple[str, ...]:
        """Who may fetch and bring it."""
        return tuple(name for name in (self.agent, self.partner, *self.helpers) if name)


def drawn(places: Places, config: Config, seed: int, begin_h: float) -> tuple[Order, ...]:
    """All orders of a shift by the time they are placed; a Poisson stream with the day's rhythm, its mean as configured."""
    demand, random = config.demand, stream(seed, "orders")
    end_s = 3600.0 * config.hours
    pairs = _pairs(places, demand.trip_least_m)
    if not pairs:
        return ()
    mean = demand.orders_per_agent_h * config.agents * config.hours
    count = int(random.poisson(mean))
    times = _times(random, count, begin_h, end_s)
    return tuple(_order(places, config, seed, index, time_s, pairs) for index, time_s in enumerate(times, start=1))


def _times(random: np.random.Generator, count: int, begin_h: float, end_s: float) -> list[float]:
    """When orders are placed [s], ascending: by the day's rhythm from `begin_h` on."""
    grid = np.arange(0.0, end_s, min(60.0, end_s / 4))
    weights = _BY_HOUR[((begin_h + grid / 3600.0) % 24).astype(int)]
    share = np.r_[0.0, np.cumsum(weights) / weights.sum()]
    edges = np.r_[grid, end_s]
    return sorted(np.round(np.interp(random.random(count), share, edges), 2).tolist())


def _pairs(places: Places, least_m: float) -> list[tuple[int, list[int]]]:
    """Kitchens with the homes that they deliver to: all that are not next door."""
    found = []
    for shop in (places.shops[index] for index in places.kitchens):
        far = places.trip_m[shop.place, list(places.homes)]
        homes = [
            home for home, m in zip(places.homes, far, strict=True) if least_m <= m < np.inf and home != shop.place
        ]
        if homes:
            found.append((shop.place, homes))
    return found


def _order(
    places: Places, config: Config, seed: int, index: int, time_s: float, pairs: Sequence[tuple[int, list[int]]]
) -> Order:
    """The order of a number: its own stream, so that another number of orders changes none of them but in time."""
    demand, pay, random = config.demand, config.pay, stream(seed, "order", index)
    shop, homes = pairs[int(random.integers(len(pairs)))]
    home = homes[int(random.integers(len(homes)))]
    menu = places.shop_at[shop].menu
    dishes = tuple(
        menu[int(pick)] for pick in random.integers(len(menu), size=int(random.integers(1, demand.items_most + 1)))
    )
    prepare = float(random.uniform(demand.prepare_least_s, demand.prepare_most_s))
    trip = float(places.trip_m[shop, home])
    worth = (pay.base + pay.per_m * trip) * float(np.exp(random.normal(0.0, pay.noise)))
    return Order(
        id=f"order-{index}", shop=shop, home=home, dishes=dishes, placed_s=time_s, ready_s=round(time_s + prepare, 2),
        bids_end_s=round(time_s + demand.bidding_s, 2), expires_s=round(time_s + demand.unclaimed_s, 2),
        allowed_s=round(pay.allowed_base_s + prepare + pay.allowed_per_m_s * trip, 2),
        pay=max(cents(worth), 1), trip_m=round(trip, 1), wish="hand" if random.random() < 0.5 else "door",
    )  # fmt: skip
