"""In which order to fetch and bring: routes over orders in hand and new ones, timed, worth so much, and searched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from policies.courier.atlas import Atlas
from policies.courier.situation import Order, Situation
from policies.courier.worth import energy_per_m, seconds_per_m, toll_s_per_m, worth

STOP_S = {"walk": 1.0, "scooter": 8.0}
"""What a stop takes beside its way: the door, getting off and on."""
_NO_ROOM, _CLEARLY = -1e6, 1.5
_RESERVE_PCT, _RESTED_PCT, _TO_REST_S = 10.0, 60.0, 60.0
"""Who would have less energy left rests first, to this level at least, and spends so long on the way there."""


@dataclass(frozen=True)
class Visit:
    """One stop of a route: what is done there, about which order (or ware, or level), and where."""

    what: Literal["pick_up", "drop_off", "rest", "charge", "buy"]
    about: str
    address: str
    from_s: float = 0.0
    to_pct: float = 0.0


Route = tuple[Visit, ...]


def visits(order: Order) -> Route:
    """The stops that an order still needs."""
    fetch = Visit("pick_up", order.id, order.shop_address, order.ready_s)
    bring = Visit("drop_off", order.id, order.to_address)
    return (bring,) if order.is_fetched else (fetch, bring)


@dataclass(frozen=True)
class Terms:
    """What routes are judged by at one moment. `per_s` is what a second of this courier's time is worth [$/s]."""

    now: Situation
    atlas: Atlas
    orders: dict[str, Order]
    per_s: float

    @staticmethod
    def of(now: Situation, atlas: Atlas, *, per_s: float) -> "Terms":
        """The terms for everything that is known now."""
        return Terms(now, atlas, {order.id: order for order in (*now.open, *now.mine)}, per_s)


@dataclass(frozen=True)
class Course:
    """How a route goes: `worth` [$] it brings, `seconds` it takes (rests on the way, and those that its metres cost later,
    included), its `metres`, and `waits_s`, for how long its customers wait from now on, added up.
    """

    worth: float
    seconds: float
    metres: float
    waits_s: float


def gain(route: Sequence[Visit], terms: Terms) -> float:
    """What a route brings [$], less what its time is worth; far below 0 where the bag would overflow."""
    value, seconds = judged(route, terms)
    return value - terms.per_s * seconds


def judged(route: Sequence[Visit], terms: Terms) -> tuple[float, float]:
    """What a route is worth [$] and takes [s]."""
    run = course(route, terms)
    return run.worth, run.seconds


def course(route: Sequence[Visit], terms: Terms) -> Course:
    """How a route goes, stop by stop; worth far below 0 where the bag would overflow."""
    now, atlas = terms.now, terms.atlas
    pace, toll = seconds_per_m(now), toll_s_per_m(now)
    per_m, rest_per_s = energy_per_m(now), now.rules.rest_pct_per_s
    time_s, metres, value, at, rested_s, waits_s = now.now_s, 0.0, 0.0, "", 0.0, 0.0
    stop_s = STOP_S["scooter" if now.is_on_scooter else "walk"]
    free, picked, energy = now.me.bag_slots_free, {}, now.me.energy_pct
    for visit in route:
        leg = atlas.metres(at, visit.address)
        tires = leg * per_m
        if energy < tires + _RESERVE_PCT:
            fresh = min(max(_RESTED_PCT, tires + _RESERVE_PCT), 100.0)
            rested_s += (fresh - energy) / rest_per_s
            time_s, energy = time_s + (fresh - energy) / rest_per_s + _TO_REST_S, fresh
        energy -= tires
        time_s, metres, at = time_s + leg * pace + stop_s, metres + leg, visit.address
        order = terms.orders[visit.about]
        if visit.what == "pick_up":
            time_s = max(time_s, visit.from_s)
            picked[order.id] = time_s
            free -= order.items
            if free < 0:
                return Course(_NO_ROOM, 0.0, 0.0, 0.0)
        else:
            free += order.items
            waits_s += time_s - now.now_s
            if time_s > now.ends_s:
                continue  # nobody pays after the shift
            value += worth(
                order, time_s, time_s - picked.get(order.id, max(order.ready_s, now.now_s - 120.0)), now.rules
            )
    later_s = max(toll * metres - rested_s, 0.0)
    return Course(value, time_s - now.now_s + later_s, metres, waits_s)


def best_route(orders: Iterable[Order], terms: Terms, *, most_orders: int = 3) -> Route:
    """The best sequence of stops for orders that are mine; all are tried for up to `most_orders`, and the rest inserted."""
    ranked = sorted(orders, key=lambda order: (not order.is_fetched, order.deadline_s, order.id))
    first, later = ranked[:most_orders], ranked[most_orders:]
    route: Route = ()
    for order in first:
        route = inserted(route, order, terms)[0]
    if len(first) > 1:
        route = max((route, *_sequences(tuple(visits(order) for order in first))), key=lambda one: gain(one, terms))
    for order in later:
        route = inserted(route, order, terms)[0]
    return route


def inserted(route: Route, order: Order, terms: Terms) -> tuple[Route, float]:
    """A route with an order's stops put where it gains most, and that gain [$]; the sequence of the others stays."""
    fetch, bring = Visit("pick_up", order.id, order.shop_address, order.ready_s), visits(order)[-1]
    best, best_gain = route, -float("inf")
    for i in range(len(route) + 1):
        for j in range(i, len(route) + 1):
            if order.is_fetched and j > i:
                break
            trial = (*route[:i], *(() if order.is_fetched else (fetch,)), *route[i:j], bring, *route[j:])
            found = gain(trial, terms)
            if found > best_gain:
                best, best_gain = trial, found
    return best, best_gain


def added(routes: tuple[Route, float], order: Order, terms: Terms) -> tuple[Route, float, float]:
    """A route (with its gain) plus an order: the new route, the difference of gains [$], and that of times [s]."""
    route, was = routes
    new, total = inserted(route, order, terms)
    return new, total - was, judged(new, terms)[1] - judged(route, terms)[1]


def _sequences(left: tuple[Route, ...]) -> Iterable[Route]:
    """All ways to interleave the orders' stops, each order's own in their sequence."""
    if not any(left):
        yield ()
        return
    for index, stops in enumerate(left):
        if stops:
            rest = (*left[:index], stops[1:], *left[index + 1 :])
            for tail in _sequences(rest):
                yield (stops[0], *tail)


def hopeless(mine: Sequence[Order], terms: Terms) -> tuple[Order, ...]:
    """Orders still in their shops without which the rest gains clearly more: too late by now, say."""
    route = best_route(mine, terms)
    whole = gain(route, terms)
    found = []
    for order in mine:
        if order.state == "assigned" and not order.is_fetched:
            without = gain(best_route((one for one in mine if one is not order), terms), terms)
            if without > whole + _CLEARLY:
                found.append(order)
    return tuple(found)
