"""What couriers are told of the rules they work by: how customers pay, how food cools, what ways and rest cost."""

from typing import Any

from bridge.tasks.delivery.config import Config
from bridge.tasks.delivery.food import KEEPS, LOST, TIME_STARS
from bridge.tasks.delivery.wares import WARES


def terms(config: Config) -> dict[str, Any]:
    """The part of a configuration that a courier may know, as a JSON document with units in its keys.

    Shares and ratios are numbers from 0; `stars_by_ratio` has rows (time taken over time allowed, stars up to there), and
    1 beyond; `fresh_share` is how much of the difference to the room's temperature food has lost its last star with, and
    still has all with; `bag_cooling_per_min` is the rate in the bag that everybody has, in dry weather.
    """
    pay, food, body, transport = config.pay, config.food, config.body, config.transport
    temperature, smell, damage = food.weights
    return {
        "bidding_s": config.demand.bidding_s,
        "late_least_share": pay.late_least,
        "gives_up_at_ratio": pay.fails_at,
        "failure_fee": pay.failure_fee,
        "star_bonus": list(pay.star_bonus),
        "tip_share": list(pay.tip_share),
        "stars_by_ratio": [list(row) for row in TIME_STARS],
        "food_weights": {"temperature": temperature, "smell": smell, "damage": damage},
        "fresh_share": [LOST, KEEPS],
        "bag_cooling_per_min": 60.0 * food.cooling_per_s * food.bag,
        "energy_pct_per_km": {mode: 1000.0 * per_m for mode, per_m in body.per_m.items()},
        "battery_pct_per_km": 1000.0 * transport.battery_per_m,
        "rest_pct_per_min": body.rest_pct_per_min,
        "charge_pct_per_min": transport.charge_pct_per_min,
        "charge_per_pct": transport.charge_per_pct,
        "energy_pct_by_ware": {ware.name: ware.energy_pct for ware in WARES.values() if ware.energy_pct > 0},
    }
