"""The rules that a courier works by, as its notes tell them; where a task is silent, those of DeliveryBench (arXiv 2512.19234)
and, for tips, customers' patience, cooling and energy from wares, the delivery task's usual ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rules:
    """How customers pay and what a courier's body and scooter need.

    Ratios are time taken over time allowed; `bonus` [$] and `tip_share` are by stars, 0 to 5; `time_stars` rows of (ratio,
    stars up to there), and 1 beyond; food has lost its last star for temperature with `spoilt` of the difference to the
    room left, and has all with `fresh`. `is_pooled`: what customers pay is divided among all, at least in part.
    """

    is_pooled: bool = False
    bidding_s: float = 45.0
    late_least: float = 0.5
    gives_up: float = 2.0
    fee: float = 2.0
    bonus: tuple[float, ...] = (-2.0, -2.0, 0.0, 0.0, 1.5, 3.0)
    tip_share: tuple[float, ...] = (0.0, 0.0, 0.0, 0.05, 0.1, 0.15)
    time_stars: tuple[tuple[float, float], ...] = ((1.0, 5.0), (1.1, 4.0), (1.25, 3.0), (1.5, 2.0))
    warmth_weight: float = 0.5
    other_weights: float = 0.5
    spoilt: float = 0.3
    fresh: float = 0.8
    cooling_per_s: float = 0.6 / 1800.0
    walk_pct_per_m: float = 0.08
    scooter_pct_per_m: float = 0.01
    battery_pct_per_m: float = 0.04
    rest_pct_per_s: float = 7.5 / 60.0
    charge_pct_per_s: float = 7.5 / 60.0
    meals: Mapping[str, float] = field(default_factory=lambda: {"meal": 55.0, "energy-drink": 25.0})
    """What gives how much energy [%], the most first."""


def rules(notes: Mapping[str, Any]) -> Rules:
    """The rules in a courier's notes."""
    usual, told = Rules(), notes.get("terms", {})
    weights, per_km = told.get("food_weights", {}), told.get("energy_pct_per_km", {})
    spoilt, fresh = told.get("fresh_share", (usual.spoilt, usual.fresh))
    meals = told.get("energy_pct_by_ware", usual.meals)
    return Rules(
        is_pooled=notes.get("setting") in ("cooperative", "mixed"),
        bidding_s=float(told.get("bidding_s", usual.bidding_s)),
        late_least=float(told.get("late_least_share", usual.late_least)),
        gives_up=float(told.get("gives_up_at_ratio", usual.gives_up)),
        fee=float(told.get("failure_fee", usual.fee)),
        bonus=tuple(told.get("star_bonus", usual.bonus)),
        tip_share=tuple(told.get("tip_share", usual.tip_share)),
        time_stars=tuple((float(ratio), float(stars)) for ratio, stars in told.get("stars_by_ratio", usual.time_stars)),
        warmth_weight=float(weights.get("temperature", usual.warmth_weight)),
        other_weights=float(sum(weights.get(what, usual.other_weights / 2) for what in ("smell", "damage"))),
        spoilt=float(spoilt),
        fresh=float(fresh),
        cooling_per_s=float(told.get("bag_cooling_per_min", 60.0 * usual.cooling_per_s)) / 60.0,
        walk_pct_per_m=float(per_km.get("walk", 1000.0 * usual.walk_pct_per_m)) / 1000.0,
        scooter_pct_per_m=float(per_km.get("scooter", 1000.0 * usual.scooter_pct_per_m)) / 1000.0,
        battery_pct_per_m=float(told.get("battery_pct_per_km", 1000.0 * usual.battery_pct_per_m)) / 1000.0,
        rest_pct_per_s=float(told.get("rest_pct_per_min", 60.0 * usual.rest_pct_per_s)) / 60.0,
        charge_pct_per_s=float(told.get("charge_pct_per_min", 60.0 * usual.charge_pct_per_s)) / 60.0,
        meals=dict(sorted(meals.items(), key=lambda row: -row[1])),
    )
