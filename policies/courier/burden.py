"""Who of several couriers who share their takings should take an order: how much trouble it is to each, told by its bid."""

from policies.courier.routes import Route, Terms, course
from policies.courier.situation import Order
from policies.courier.worth import seconds_per_m, worth

_CENTS, _CENT_S = 5, 60.0
"""A bid is so many cents below the whole pay for no trouble, and one cent higher for each so many seconds of it."""
_ON_THE_WAY = 0.5
"""A second of the courier's on the way, against one that a customer waits."""
_EACH_S = 60.0
"""What each order in hand adds: plans go wrong, and then all of them are late."""
_PER_S = 0.01
"""What a second of trouble is worth [$]."""


def burden_s(before: Route, after: Route, order: Order, terms: Terms) -> float:
    """The trouble [s] of a courier who takes an order: how much longer customers wait than they would for somebody on foot
    who stands at the shop by now, the courier's own way there, and money lost by coming late.
    """
    was, will_be, now = course(before, terms), course(after, terms), terms.now
    at_best_s = max(order.ready_s - now.now_s, 0.0) + order.trip_m / now.me.walk_m_s
    waits_s = will_be.waits_s - was.waits_s - at_best_s
    way_s = (will_be.metres - was.metres) * seconds_per_m(now)
    best = worth(order, now.now_s + at_best_s, order.trip_m / now.me.walk_m_s, now.rules)
    lost = max(best - (will_be.worth - was.worth), 0.0)
    in_hand = sum(visit.what == "drop_off" for visit in before)
    return waits_s + _ON_THE_WAY * way_s + lost / _PER_S + _EACH_S * in_hand


def price(order: Order, trouble_s: float) -> float:
    """The bid [$] of somebody with so much trouble: the lower, the less."""
    cents = min(max(_CENTS - int(max(trouble_s, 0.0) / _CENT_S), 0), _CENTS)
    return max(round(order.pay - cents / 100.0, 2), 0.01)
