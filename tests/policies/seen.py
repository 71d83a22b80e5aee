"""Observations of a courier, made by hand."""

import copy
from typing import Any

import numpy as np

from bridge.observation import Message, Observation
from bridge.types import Pose

VERBS = {
    "view_orders": "view_orders: look at what is open; costs nothing",
    "bid": 'bid ORDER {"price"}: offer to carry it for so much',
    "accept": "accept ORDER: take an order",
    "decline": "decline ORDER",
    "pick_up_order": "pick_up_order ORDER: take it over at its shop",
    "drop_off": 'drop_off ORDER {"method"}: hand it over at its address',
    "share": 'share ORDER {"with"}: offer a part of it to a partner',
    "hand_over": 'hand_over ORDER {"to"}',
    "take_over": "take_over ORDER",
    "post_request": 'post_request {"text","bounty"}',
    "accept_request": "accept_request REQUEST",
    "confirm_request": "confirm_request REQUEST",
    "buy": 'buy SHOP {"item"}',
    "use": 'use {"item"}',
    "rent": "rent",
    "return_rental": "return_rental",
    "charge": 'charge {"to_pct"}',
    "rest": 'rest {"to_pct"}',
    "set_transport": 'set_transport {"mode": "scooter"}: by "scooter", "car" or on foot ("walk")',
    "ride_bus": 'ride_bus {"to"}',
    "say": 'say {"to","text"}',
    "wait": 'wait {"s"}',
}


def order(
    number: int, *, shop: str, shop_address: str, to: str, state: str = "open", pay: float = 8.0
) -> dict[str, Any]:
    return {
        "id": f"order-{number}", "shop": shop, "shop_address": shop_address, "to_address": to, "pay": pay,
        "deadline_s": 1800.0, "ready_s": 300.0, "bids_end_s": 120.0, "my_bid": None, "state": state,
        "shop_away_m": 120.0, "trip_m": 340.0, "food": "soup", "temperature_c": 60.0, "damage_pct": 0.0,
    }  # fmt: skip


NOTES: dict[str, Any] = {
    "clock": {"now_s": 60.0, "ends_s": 7200.0, "time_of_day_h": 12.0, "weather": "rain", "speed_factor": 0.9},
    "me": {
        "name": "courier-1", "money": 100.0, "energy_pct": 64.0, "at_xy_m": [10.0, 20.0], "near": "", "transport": "walk",
        "owns_scooter": True, "battery_pct": 55.0, "carrying": [], "bag_slots_free": 4, "on_time": 0, "delivered": 0,
        "stars_mean": 0.0, "persona": {"openness": 0.9, "conscientiousness": 0.1, "extraversion": 0.5,
                                       "agreeableness": 0.5, "neuroticism": 0.3},
    },
    "orders": {
        "open": [order(12, shop="Fish and Chips", shop_address="3 Mill Lane", to="14 Quay Street"),
                 order(13, shop="Harbor Cafe", shop_address="8 Mill Lane", to="16 Quay Street")],
        "mine": [order(7, shop="Harbor Cafe", shop_address="8 Mill Lane", to="2 Elm Lane", state="ready")],
    },
    "board": [{"id": "request-3", "by": "courier-2", "text": "bring me soup", "bounty": 4.0}],
    "shops": [{"name": "Fish and Chips", "address": "3 Mill Lane", "sells": {"soup": 6.0, "energy drink": 3.5}, "away_m": 120.0},
              {"name": "Harbor Cafe", "address": "8 Mill Lane", "sells": {"coffee": 2.5, "energy drink": 3.0}, "away_m": 60.0}],
    "places": {"charger": ["charger-1"], "rest": ["bench-4"], "rental": ["rental-1"]},
    "couriers": [{"name": "courier-2", "away_m": 30.0}],
}  # fmt: skip


def seen(*, time_s: float = 60.0, notes: dict[str, Any] | None = None, **more: Any) -> Observation:
    """What courier-1 perceives at noon in the rain; `carrying` order ids goes into the notes."""
    told = copy.deepcopy(NOTES if notes is None else notes)
    carrying = more.pop("carrying", None)
    if carrying is not None:
        told["me"]["carrying"] = list(carrying)
    more.setdefault("verbs", VERBS)
    messages = tuple(Message(sender, text, 0) for sender, text in more.pop("heard", ()))
    pose = Pose(np.array([10.0, 20.0, 0.0]))
    return Observation(
        round(time_s / 0.02), time_s, "courier-1", pose, np.zeros(6), notes=told, messages=messages, **more
    )
