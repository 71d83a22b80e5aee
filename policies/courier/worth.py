"""What an order brings when delivered at some time, and what a metre costs: estimates by the delivery task's usual rules.

A task with other numbers makes couriers misjudge, not fail. Sources of the numbers: DeliveryBench (arXiv 2512.19234) for
stars, bonus, late pay, energy and battery; tips and the time at which customers give up are this project's.
"""

import math

from policies.courier.situation import Order, Situation

ENERGY_PER_M = {"walk": 0.08, "scooter": 0.01}
BATTERY_PER_M = 0.04
REST_PCT_PER_S = CHARGE_PCT_PER_S = 7.5 / 60.0
_BIDDING_S, _GIVES_UP, _FEE, _LATE_LEAST = 45.0, 2.0, 2.0, 0.5
_BONUS = (-2.0, -2.0, 0.0, 0.0, 1.5, 3.0)
_TIP = (0.0, 0.0, 0.0, 0.05, 0.1, 0.15)
_TIME_STARS = ((1.0, 5.0), (1.1, 4.0), (1.25, 3.0), (1.5, 2.0))
_COOLING_PER_S, _KEEPS, _LOST = 0.6 / 1800.0, 0.8, 0.3


def worth(order: Order, delivered_s: float, carried_s: float) -> float:
    """Money [$] that an order is expected to bring me if delivered then, after so long in the bag."""
    placed_s = order.bids_end_s - _BIDDING_S if order.bids_end_s > 0 else order.deadline_s - 900.0
    allowed_s = max(order.deadline_s - placed_s, 60.0)
    ratio = max(delivered_s - placed_s, 0.0) / allowed_s
    if ratio >= _GIVES_UP:
        return -_FEE
    left = math.exp(-_COOLING_PER_S * max(carried_s, 0.0))
    warm = min(max((left - _LOST) / (_KEEPS - _LOST), 0.0), 1.0)
    on_time = next((stars for limit, stars in _TIME_STARS if ratio <= limit), 1.0)
    stars = int(math.floor(0.5 * (on_time + 3.0 + 2.0 * warm) + 0.5))
    base = order.pay * (1.0 if ratio <= 1.0 else max(_LATE_LEAST, 1.0 / ratio))
    part = order.my_part if order.my_part > 0 else 1.0
    return part * base + order.pay * _TIP[stars] + _BONUS[stars]


def seconds_per_m(now: Situation) -> float:
    """How long a metre takes by what one goes by [s/m]."""
    return 1.0 / (now.me.scooter_m_s if now.is_on_scooter else now.me.walk_m_s)


def toll_s_per_m(now: Situation) -> float:
    """Seconds of rest and charging that a metre costs later; less towards the end, when what is left need not last."""
    if now.is_on_scooter:
        energy, battery = ENERGY_PER_M["scooter"], BATTERY_PER_M
    else:
        energy, battery = ENERGY_PER_M["walk"], 0.0
    ahead_m = 0.5 * max(now.ends_s - now.now_s, 0.0) / seconds_per_m(now)
    rest = energy / REST_PCT_PER_S * _scarcity(now.me.energy_pct, ahead_m * energy)
    return rest + battery / CHARGE_PCT_PER_S * _scarcity(now.me.battery_pct, ahead_m * battery)


def _scarcity(level_pct: float, needed_pct: float) -> float:
    """The share of what will be needed that is not there yet, 0 to 1."""
    return min(max((needed_pct - level_pct) / needed_pct, 0.0), 1.0) if needed_pct > 0 else 0.0
