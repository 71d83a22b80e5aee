"""What an order brings when delivered at some time, and what a metre costs, by the rules that the task tells."""

import math

from policies.courier.rules import Rules
from policies.courier.situation import Order, Situation


def worth(order: Order, delivered_s: float, carried_s: float, rules: Rules) -> float:
    """Money [$] that an order is expected to bring me if delivered then, after so long in the bag."""
    placed_s = order.bids_end_s - rules.bidding_s if order.bids_end_s > 0 else order.deadline_s - 900.0
    allowed_s = max(order.deadline_s - placed_s, 60.0)
    ratio = max(delivered_s - placed_s, 0.0) / allowed_s
    if ratio >= rules.gives_up:
        return -rules.fee
    left = math.exp(-rules.cooling_per_s * max(carried_s, 0.0))
    warm = min(max((left - rules.spoilt) / (rules.fresh - rules.spoilt), 0.0), 1.0)
    on_time = next((stars for limit, stars in rules.time_stars if ratio <= limit), 1.0)
    food = 1.0 + 4.0 * (rules.warmth_weight * warm + rules.other_weights)
    stars = int(math.floor(0.5 * (on_time + food) + 0.5))
    base = order.pay * (1.0 if ratio <= 1.0 else max(rules.late_least, 1.0 / ratio))
    part = order.my_part if order.my_part > 0 else 1.0
    return part * base + order.pay * rules.tip_share[stars] + rules.bonus[stars]


def seconds_per_m(now: Situation) -> float:
    """How long a metre takes by what one goes by [s/m]."""
    return 1.0 / (now.me.scooter_m_s if now.is_on_scooter else now.me.walk_m_s)


def energy_per_m(now: Situation) -> float:
    """Energy that a metre takes by what one goes by [%/m]."""
    return now.rules.scooter_pct_per_m if now.is_on_scooter else now.rules.walk_pct_per_m


def toll_s_per_m(now: Situation) -> float:
    """Seconds of rest and charging that a metre costs later; less towards the end, when what is left need not last."""
    rules, energy = now.rules, energy_per_m(now)
    battery = rules.battery_pct_per_m if now.is_on_scooter else 0.0
    ahead_m = 0.5 * max(now.ends_s - now.now_s, 0.0) / seconds_per_m(now)
    rest = energy / rules.rest_pct_per_s * _scarcity(now.me.energy_pct, ahead_m * energy)
    return rest + battery / rules.charge_pct_per_s * _scarcity(now.me.battery_pct, ahead_m * battery)


def _scarcity(level_pct: float, needed_pct: float) -> float:
    """The share of what will be needed that is not there yet, 0 to 1."""
    return min(max((needed_pct - level_pct) / needed_pct, 0.0), 1.0) if needed_pct > 0 else 0.0
