"""Every number of the delivery economy, with its unit and where it comes from.

Sources: DB is DeliveryBench (arXiv 2512.19234), SW is SimWorld's courier economy (arXiv 2512.01078), ours is ours. Money
is in dollars here and in whole cents inside; shares are 0 to 1, levels ("pct") 0 to 100.
"""

import math
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from bridge.errors import InvalidInput

Setting = Literal["competitive", "cooperative", "mixed"]
POOLED_SHARE: dict[str, float] = {"competitive": 0.0, "mixed": 0.5, "cooperative": 1.0}
"""The share of what customers pay that is divided among all couriers (ours)."""


@dataclass(frozen=True)
class Demand:
    """How many orders come, and how long they stay."""

    orders_per_agent_h: float = 10.0  # mean over the shift, orders an hour for each courier; ours
    items_most: int = 3  # an order has one to so many items; ours
    prepare_least_s: float = 60.0  # kitchens take so long; ours
    prepare_most_s: float = 420.0  # ours
    bidding_s: float = 45.0  # how long bids are taken; ours (SW: lowest bid wins)
    unclaimed_s: float = 900.0  # an order that nobody takes is withdrawn after so long; ours
    trip_least_m: float = 20.0  # customers nearer to the shop than that come themselves; ours


@dataclass(frozen=True)
class Pay:
    """What customers pay, and when.

    The time allowed is what somebody on foot needs who is free when the order comes: 0.6 s a metre is the trip at a
    walker's 2 m/s in the rain (1 / (2.0 x 0.85)); 180 s are the 45 s of bidding and 135 s for the door, the stairs that a
    kitchen's time does not cover, and a way to the shop of up to 230 m beside the time that the kitchen takes anyhow. A
    scooter (1 / 6 s a metre) saves a third of it, and so carries two orders at a time; who takes more on foot is late.
    """

    base: float = 4.0  # $ an order; ours
    per_m: float = 0.012  # $ a metre from shop to customer; ours
    noise: float = 0.15  # spread of the pay, a share; ours
    allowed_base_s: float = 180.0  # time allowed beside the kitchen's; ours
    allowed_per_m_s: float = 0.6  # and for each metre of the trip; ours
    late_least: float = 0.5  # the least share of the pay, however late: max(0.5, 1 / ratio); DB
    fails_at: float = 2.0  # at so many times the time allowed the customer gives up; ours
    failure_fee: float = 2.0  # $ for an order that was taken and not brought; DB (its malus for 0 or 1 star)
    star_bonus: tuple[float, ...] = (-2.0, -2.0, 0.0, 0.0, 1.5, 3.0)  # $ by 0 to 5 stars; DB
    tip_share: tuple[float, ...] = (0.0, 0.0, 0.0, 0.05, 0.1, 0.15)  # of the pay, by stars, if left as wished; ours


@dataclass(frozen=True)
class Food:
    """How food fares on its way."""

    room_c: float = 22.0  # what food cools or warms towards [°C]; DB
    cooling_per_s: float = 1 / 1800  # rate of that; DB
    shelf: float = 0.3  # how much slower it is on the shop's warm shelf; ours
    bag: float = 0.6  # in the bag everybody has; ours
    thermal_bag: float = 0.3  # with a thermal bag; ours
    heat_pack: float = 0.25  # times this while a pack works; ours
    heat_pack_s: float = 900.0  # ours
    weather: dict[str, float] = field(
        default_factory=lambda: {"clear": 1.0, "overcast": 1.0, "rain": 1.15, "storm": 1.3, "fog": 1.05, "snow": 1.3}
    )  # times this outdoors; ours
    smell_per_s: float = 1 / 1800  # how fast a neighbour's smell is taken on; ours
    jolt_pct_per_km: dict[str, float] = field(
        default_factory=lambda: {"walk": 0.5, "scooter": 4.0, "car": 1.5, "bus": 1.0, "drag": 2.0}
    )  # damage to the most fragile food; ours
    jolt_fast: float = 2.0  # times this per m/s above the pace of the transport; ours
    jolt_collision_pct: float = 8.0  # damage to the most fragile food by one collision; ours
    weights: tuple[float, float, float] = (0.5, 0.2, 0.3)  # temperature, smell, damage in the food's stars; DB


@dataclass(frozen=True)
class Body:
    """Couriers' energy."""

    begin_pct: float = 100.0  # DB
    per_m: dict[str, float] = field(
        default_factory=lambda: {"walk": 0.08, "scooter": 0.01, "car": 0.008, "bus": 0.006, "drag": 0.1}
    )  # energy [%] a metre by transport; DB
    rest_pct_per_min: float = 7.5  # DB
    hospital_s: float = 900.0  # DB
    hospital_fee: float = 5.0  # $; DB
    hospital_pct: float = 100.0  # energy with which one leaves it; ours


@dataclass(frozen=True)
class Transport:
    """How fast and at what price one gets about."""

    walk_m_s: float = 2.0  # DB
    scooter_m_s: float = 6.0  # DB
    drag_m_s: float = 1.5  # a scooter with a flat battery, pushed; DB
    car_m_s: float = 12.0  # the most; streets allow less; DB
    bus_m_s: float = 10.0  # DB
    battery_per_m: float = 0.04  # % a metre; DB
    battery_begin_pct: float = 100.0  # DB
    charge_pct_per_min: float = 7.5  # DB
    charge_per_pct: float = 0.05  # $; DB
    car_per_min: float = 1.0  # $ for each minute begun; DB
    bus_fare: float = 1.0  # $; ours
    bus_headway_s: float = 240.0  # time between two buses, one way; ours
    bus_dwell_s: float = 10.0  # how long it stands at a stop; ours
    bus_stop_m: float = 90.0  # least distance between stops; ours
    weather: dict[str, float] = field(
        default_factory=lambda: {"clear": 1.0, "overcast": 1.0, "rain": 0.85, "storm": 0.7, "fog": 0.9, "snow": 0.65}
    )  # all are so much slower; ours


@dataclass(frozen=True)
class Config:
    """A shift: who works, for how long, by which rules. The parts below hold the economy's constants."""

    agents: int = 2  # couriers
    hours: float = 2.0  # of simulated time; DB
    setting: Setting = "competitive"  # who gets what customers pay; cooperative pools it, mixed pools half
    scooters: Literal["town", "all", "none"] = "town"  # who owns one at the start: whom the town gives one, all, nobody
    personas: Literal["random", "even"] = "random"  # Big Five of each courier: drawn, or 0.5 throughout; SW
    automatic: bool = False  # orders are taken, picked up and dropped off without a word, for agents that only move
    start_money: float = 100.0  # $; DB
    most_orders: int = 3  # that one may have at a time; ours
    bag_slots: int = 4  # items the bag everybody has holds; ours
    reach_m: float = 3.0  # how near a door one must be to be there; ours
    parking_m: float = 20.0  # how near a place a vehicle must stand to be charged or given back there; ours
    hearing_m: float = 30.0  # how far words said aloud carry; ours
    request_s: float = 600.0  # after so long a reported favour is paid for without a word; ours
    demand: Demand = field(default_factory=Demand)
    pay: Pay = field(default_factory=Pay)
    food: Food = field(default_factory=Food)
    body: Body = field(default_factory=Body)
    transport: Transport = field(default_factory=Transport)


def cents(dollars: float) -> int:
    """Whole cents of dollars, the nearest."""
    return round(100.0 * dollars)


def check(config: Config) -> None:
    """Raises InvalidInput for numbers that mean nothing."""
    for path, value in _numbers("", config):
        if not math.isfinite(value) or (value < 0 and not path.startswith("pay.star_bonus")):
            raise InvalidInput(f"Delivery was given {path}={value!r}. Give a finite number, 0 or more.")
    demand = config.demand
    above = {
        "agents": config.agents, "hours": config.hours, "most_orders": config.most_orders, "reach_m": config.reach_m,
        "bag_slots": config.bag_slots, "demand.items_most": demand.items_most, "pay.fails_at": config.pay.fails_at - 1,
        "body.rest_pct_per_min": config.body.rest_pct_per_min, "transport.walk_m_s": config.transport.walk_m_s,
        "transport.charge_pct_per_min": config.transport.charge_pct_per_min, "transport.bus_m_s": config.transport.bus_m_s,
        "transport.bus_headway_s": config.transport.bus_headway_s, "body.begin_pct": config.body.begin_pct,
        "body.hospital_pct": config.body.hospital_pct, "transport.bus_stop_m": config.transport.bus_stop_m,
    }  # fmt: skip
    for path, value in above.items():
        if value <= 0:
            raise InvalidInput(f"Delivery was given {path} so small that nothing can happen. Give a larger number.")
    if config.setting not in POOLED_SHARE:
        raise InvalidInput(f"Delivery was given setting={config.setting!r}. Choose one of {', '.join(POOLED_SHARE)}.")
    if config.scooters not in ("town", "all", "none") or config.personas not in ("random", "even"):
        raise InvalidInput(
            f"Delivery was given scooters={config.scooters!r}, personas={config.personas!r}. "
            "Choose town, all or none for scooters, random or even for personas."
        )
    if demand.prepare_most_s < demand.prepare_least_s:
        raise InvalidInput("Delivery was given demand.prepare_most_s below demand.prepare_least_s. Swap them.")
    if len(config.pay.star_bonus) != 6 or len(config.pay.tip_share) != 6:
        raise InvalidInput("Delivery needs six numbers in pay.star_bonus and pay.tip_share, for 0 to 5 stars.")


def _numbers(prefix: str, value: Any) -> list[tuple[str, float]]:
    """All numbers of a configuration with their paths."""
    if isinstance(value, bool | str):
        return []
    if isinstance(value, int | float):
        return [(prefix, float(value))]
    if is_dataclass(value):
        named = [(item.name, getattr(value, item.name)) for item in fields(value)]
    else:
        named = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    return [row for name, inner in named for row in _numbers(f"{prefix}.{name}".lstrip("."), inner)]
