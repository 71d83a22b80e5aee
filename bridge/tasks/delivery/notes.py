"""What a courier is shown: a JSON document with the clock, themselves, orders, the board, shops, places and the others."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bridge.tasks.delivery import food, trade
from bridge.tasks.delivery.gauges import MODES, WALK
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.state import Shift
from bridge.tasks.delivery.vehicles import modes


def notes(shift: Shift, name: str, xy: np.ndarray) -> Mapping[str, Any]:
    """All that a courier at a point (2,) knows; distances are route metres on foot unless a key says otherwise."""
    world, places = shift.world, shift.world.places
    away = places.away_m(xy)
    mine = [shift.orders[id] for id in shift.live if name in _parties(shift.orders[id])]
    return {
        "clock": {
            "now_s": round(shift.now_s, 1),
            "ends_s": shift.ends_s,
            "time_of_day_h": round((world.begin_h + shift.now_s / 3600.0) % 24.0, 3),
            "weather": world.weather,
            "speed_factor": world.speed_factor,
        },
        "setting": world.config.setting,
        "terms": world.terms,
        "me": _me(shift, name, xy),
        "orders": {
            "open": [
                _order(shift, name, order, away)
                for order in (shift.orders[id] for id in shift.live)
                if order.state == "open"
            ],
            "mine": [_order(shift, name, order, away) for order in mine],
        },
        "board": [
            {"id": one.id, "from": one.source, "text": one.text, "bounty": one.bounty / 100, "order": one.order,
             "state": one.state, "helper": one.helper}
            for one in shift.requests.values()
            if one.state in ("open", "accepted", "reported")
        ],
        "shops": [
            {"name": shop.name, "address": places.addresses[shop.place], "sells": shop.sells,
             "away_m": _metres(away[shop.place])}
            for shop in places.shops
        ],
        "places": {what: [places.addresses[row] for row in rows] for what, rows in places.services.items()}
        | {"bus_stops": [{"line": line.name, "stops": list(line.stops)} for line in places.lines]},
        "at_xy_m": _map(shift, mine),
        "couriers": [
            {"name": other, "away_m": round(gap, 1)}
            for other, gap in zip(shift.couriers, np.hypot(*(shift.xy - xy).T).tolist(), strict=True)
            if other != name
        ],
    }  # fmt: skip


def _map(shift: Shift, mine: list[Order]) -> dict[str, list[int]]:
    """Where the doors are of all that these notes speak of, to the metre: shops, services, ends of open and own orders."""
    places = shift.world.places
    rows = {shop.place for shop in places.shops} | {row for found in places.services.values() for row in found}
    rows |= {end for order in mine for end in (order.shop, order.home)}
    rows |= {shift.orders[id].home for id in shift.live if shift.orders[id].state == "open"}
    return {places.addresses[row]: np.rint(places.doors[row, :2]).astype(int).tolist() for row in sorted(rows)}


def next_stop(shift: Shift, name: str, orders: list[Order]) -> int | None:
    """Where a courier has to go next: the customer's, or the shop's, of their most urgent order; None without orders."""
    for order in sorted(orders, key=lambda one: (one.deadline_s, one.id)):
        if any(shift.ledger.holder.get(item) == name for item in order.items):
            return order.home
        if order.agent == name and order.state == "assigned":
            return order.shop
    return None


def _me(shift: Shift, name: str, xy: np.ndarray) -> dict[str, Any]:
    courier, tally, places = shift.couriers[name], shift.couriers[name].tally, shift.world.places
    place, busy = places.at(xy, shift.config.reach_m), shift.busy.get(name)
    on_bus = busy is not None and busy.verb == "ride_bus" and busy.is_away
    riding = shift.riding.get(name, "")
    mode = "bus" if on_bus else MODES[int(modes(shift, {name: riding})[courier.row])] if riding else MODES[WALK]
    mean = tally.stars_mean
    return {
        "name": name,
        "money": shift.ledger.balance(name) / 100,
        "energy_pct": round(shift.gauge(name, "energy"), 1),
        "at_xy_m": [round(float(xy[0]), 1), round(float(xy[1]), 1)],
        "near": "" if place is None else places.addresses[place],
        "transport": "scooter" if mode == "drag" else mode,
        "owns_scooter": bool(courier.scooter),
        "scooter": courier.scooter,
        "rented_car": courier.car,
        "battery_pct": round(shift.gauge(name, "battery"), 1) if courier.scooter else None,
        "carrying": [item.name for item in shift.food_of(name)],
        "wares": list(trade.owned(shift, name)),
        "bag_slots_free": shift.free_slots(name),
        "on_time": tally.on_time,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "stars_mean": None if mean is None else round(mean, 2),
        "doing": "" if busy is None else busy.verb,
        "pace_m_s": {
            "walk": _pace(shift, 0),
            "scooter": _pace(shift, 1),
            "car": _pace(shift, 2),
            "bus": _pace(shift, 3),
        },
        "persona": dict(courier.persona),
    }


def _order(shift: Shift, name: str, order: Order, away: np.ndarray) -> dict[str, Any]:
    places = shift.world.places
    own_bid = next((bid.price / 100 for bid in order.bids if bid.agent == name), None)
    row: dict[str, Any] = {
        "id": order.id,
        "shop": places.shop_at[order.shop].name,
        "shop_address": places.addresses[order.shop],
        "to_address": places.addresses[order.home],
        "pay": (order.price or order.pay) / 100,
        "deadline_s": round(order.deadline_s, 1),
        "ready_s": order.ready_s,
        "bids_end_s": order.bids_end_s,
        "my_bid": own_bid,
        "state": order.state,
        "shop_away_m": _metres(away[order.shop]),
        "trip_m": order.trip_m,
        "food": list(order.dishes),
        "wish": order.wish,
    }
    if order.state == "open":
        return row
    held = [shift.items[item] for item in order.items if shift.ledger.holder.get(item) == name]
    held = [_now(shift, name, item) for item in held]
    coldest = min(held, key=lambda item: food.warmth(item, shift.config.food.room_c), default=None)
    return row | {
        "agent": order.agent,
        "partner": order.partner,
        "my_part": (1.0 - order.part) if order.agent == name else order.part if order.partner == name else 0.0,
        "offers": [{"kind": one.kind, "from": one.source, "part": one.part} for one in order.offers if one.to == name],
        "to_away_m": _metres(away[order.home]),
        "carried": [item.name for item in held],
        "temperature_c": None if coldest is None else round(coldest.temp_c, 1),
        "damage_pct": None if not held else round(100 * max(item.damage for item in held), 1),
    }


def _now(shift: Shift, name: str, item: food.Item) -> food.Item:
    """An item in a courier's bag as it is now."""
    mates = [mate for mate in shift.food_of(name) if mate.name != item.name]
    chill, jolt = shift.gauge(name, "chill"), shift.gauge(name, "jolt")
    return food.carried(item, mates, shift.now_s, chill, jolt, shift.config.food)


def _parties(order: Order) -> tuple[str, ...]:
    """Whom an order concerns: who carries it, and who is offered something of it."""
    return (*order.carriers(), *(offer.to for offer in order.offers))


def _pace(shift: Shift, mode: int) -> float:
    return round(float(shift.world.rates.pace_m_s[mode]), 2)


def _metres(value: float) -> float | None:
    return round(float(value), 1) if np.isfinite(value) else None
