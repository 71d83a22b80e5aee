"""A courier's body and scooter: when to rest, to charge, to drink something, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.engine import Action
from policies.courier.atlas import Atlas
from policies.courier.routes import Visit
from policies.courier.situation import Situation
from policies.courier.worth import energy_per_m
from policies.verbs import skill

_RESERVE_PCT = 6.0


@dataclass(frozen=True)
class Habits:
    """How a courier cares for itself: levels [%] to which it rests and charges, and below which its battery is low.

    `idles_at_rest`: who has nothing to do rests. `eats`: buys energy where the time saved is worth more.
    """

    rest_to_pct: float = 80.0
    charge_to_pct: float = 90.0
    low_battery_pct: float = 18.0
    idles_at_rest: bool = False
    eats: bool = False


def need(now: Situation, route: Sequence[Visit], atlas: Atlas, habits: Habits, per_s: float) -> Visit | None:
    """What the body or the scooter needs before the next stop; None if it can wait. `per_s` is what time is worth [$/s]."""
    me = now.me
    if me.doing == "charge" and me.battery_pct < habits.charge_to_pct - 1.0:
        return Visit("charge", "", me.near, to_pct=habits.charge_to_pct)
    if me.transport == "scooter" and me.battery_pct < habits.low_battery_pct:
        place = nearest(now, "charger", atlas)
        if place:
            return Visit("charge", "", place, to_pct=habits.charge_to_pct)
    haven = nearest(now, "rest", atlas)
    if not haven:
        return None
    if me.doing == "rest" and me.energy_pct < _rested(habits, now) - 0.5:
        return Visit("rest", "", me.near or haven, to_pct=_rested(habits, now))
    ahead_m = atlas.metres("", route[0].address) + atlas.metres(route[0].address, haven) if route else 0.0
    needed = energy_per_m(now) * max(ahead_m, atlas.metres("", haven)) + _RESERVE_PCT
    if me.energy_pct < needed or (not route and habits.idles_at_rest and me.energy_pct < 90.0):
        to_pct = 98.0 if not route and habits.idles_at_rest else min(max(_rested(habits, now), needed + 10.0), 98.0)
        if me.energy_pct < to_pct - 1.0:
            return (habits.eats and _is_pressed(now) and _meal(now, per_s)) or Visit("rest", "", haven, to_pct=to_pct)
    return None


def snack(now: Situation) -> Action | None:
    """Using up what was bought, once it is of full use; None otherwise."""
    me = now.me
    for item, gives in now.rules.meals.items():
        if me.energy_pct <= 100.0 - gives and any(ware.rpartition("-")[0] == item for ware in me.wares):
            return skill("use", arguments={"item": item})
    if (
        me.owns_scooter
        and me.battery_pct <= 50.0
        and any(ware.rpartition("-")[0] == "battery-pack" for ware in me.wares)
    ):
        return skill("use", arguments={"item": "battery-pack"})
    return None


def treat(now: Situation, per_s: float) -> Visit | None:
    """Something to eat here and now, where resting as much would cost more of a courier's time; None otherwise."""
    left_s = now.ends_s - now.now_s
    has_some = any(ware.rpartition("-")[0] in now.rules.meals for ware in now.me.wares)
    if now.me.energy_pct > 70.0 or left_s < 600.0 or has_some or not _is_pressed(now):
        return None
    return _meal(now, per_s)


def _is_pressed(now: Situation) -> bool:
    """Whether time saved can be used: there is more to do than the order in hand."""
    return len(now.mine) + sum(order.my_bid is None for order in now.open) > 1


def _meal(now: Situation, per_s: float) -> Visit | None:
    """The best buy in the shop one stands at: energy whose resting would cost more than its price."""
    best, saved, lacking = None, 0.0, _lacking(now)
    for shop in now.shops:
        if shop.address != now.me.near:
            continue
        for item, gives in now.rules.meals.items():
            price = shop.sells.get(item)
            if price is None or price > now.me.money or now.me.energy_pct + gives > 100.0:
                continue
            worth = per_s * min(gives, lacking) / now.rules.rest_pct_per_s - price
            if worth > saved:
                best, saved = Visit("buy", item, shop.address), worth
    return best


def _lacking(now: Situation) -> float:
    """The energy [%] that the rest of the shift will take beyond what there is, if three quarters of it is spent walking."""
    pace, per_m = (now.me.scooter_m_s, now.rules.scooter_pct_per_m) if now.is_on_scooter else (
        now.me.walk_m_s, now.rules.walk_pct_per_m)  # fmt: skip
    return max(0.75 * per_m * pace * (now.ends_s - now.now_s) + _RESERVE_PCT - now.me.energy_pct, 0.0)


def nearest(now: Situation, service: str, atlas: Atlas) -> str:
    """The nearest place of a service that one can get to; "" if there is none."""
    known = [address for address in now.places.get(service, ()) if address not in now.avoid]
    return min(known, key=lambda address: (atlas.metres("", address), address), default="")


def scooter(now: Situation, per_s: float) -> Visit | None:
    """Buying a scooter, where the shift is long enough for it to pay; None otherwise."""
    if now.me.owns_scooter:
        return None
    sellers = [shop for shop in now.shops if "scooter" in shop.sells and shop.address not in now.avoid]
    if not sellers:
        return None
    shop = min(sellers, key=lambda one: (one.sells["scooter"], one.away_m, one.name))
    price = shop.sells["scooter"]
    rules = now.rules
    walked = 1.0 / now.me.walk_m_s + rules.walk_pct_per_m / rules.rest_pct_per_s
    charged = rules.battery_pct_per_m / rules.charge_pct_per_s
    ridden = 1.0 / now.me.scooter_m_s + rules.scooter_pct_per_m / rules.rest_pct_per_s + charged
    moving = 0.7  # the share of a courier's time that goes into metres, beside kitchens and doors
    more = 1.0 / (1.0 - moving * max(1.0 - ridden / walked, 0.0)) - 1.0
    working_s = now.ends_s - now.now_s - shop.away_m / now.me.walk_m_s
    if now.me.money < price or per_s * more * working_s < 1.25 * price:
        return None
    return Visit("buy", "scooter", shop.address)


def _rested(habits: Habits, now: Situation) -> float:
    """To what level to rest: no more than the rest of the shift can use up on foot."""
    left_m = now.me.walk_m_s * max(now.ends_s - now.now_s, 0.0)
    return min(habits.rest_to_pct, now.rules.walk_pct_per_m * left_m + 2.0 * _RESERVE_PCT)
