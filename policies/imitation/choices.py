"""What a courier could do next, each possibility as a row of numbers: the input of the cloned policy, and its labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Skill
from policies.courier.atlas import Atlas
from policies.courier.care import nearest
from policies.courier.situation import Order, Situation
from policies.courier.worth import seconds_per_m

KINDS = ("wait", "rest", "take", "fetch", "bring")
WIDTH = len(KINDS) + 14
"""Numbers a choice has."""
_WORDS = {
    "accept": "take",
    "bid": "take",
    "pick_up_order": "fetch",
    "drop_off": "bring",
    "wait": "wait",
    "rest": "rest",
}


@dataclass(frozen=True)
class Choice:
    """One possibility: its kind (one of KINDS), the order it is about, and the address it leads to; "" for none."""

    kind: str
    order: str = ""
    address: str = ""


def choices(now: Situation, atlas: Atlas, *, most_orders: int = 3) -> list[Choice]:
    """All possibilities, waiting first; the others by kind and name."""
    found = [Choice("wait")]
    haven = nearest(now, "rest", atlas)
    if haven and now.me.energy_pct < 97.0:
        found.append(Choice("rest", "", haven))
    mine = [order for order in now.mine if not order.offers]
    if len(mine) + sum(order.my_bid is not None for order in now.open) < most_orders:
        found += [
            Choice("take", order.id, order.shop_address)
            for order in now.open
            if order.my_bid is None and now.avoid.isdisjoint((order.shop_address, order.to_address))
        ]
    for order in mine:
        kind, address = ("bring", order.to_address) if order.is_fetched else ("fetch", order.shop_address)
        found.append(Choice(kind, order.id, address))
    return found


def features(now: Situation, atlas: Atlas, found: list[Choice]) -> NDArray[np.float64]:
    """A row of about unit size for each choice (n, WIDTH): its kind, the order's numbers, the courier's and the ways'."""
    orders = {order.id: order for order in (*now.open, *now.mine)}
    mine = [order for order in now.mine if not order.offers]
    me, pace = now.me, seconds_per_m(now)
    common = [
        me.energy_pct / 100.0,
        len(mine) / 3.0,
        sum(order.is_fetched for order in mine) / 3.0,
        min(now.ends_s - now.now_s, 3600.0) / 3600.0,
        float(me.doing == "rest"),
    ]
    rows = []
    for choice in found:
        away = atlas.metres("", choice.address) if choice.address else 0.0
        order = orders.get(choice.order)
        rows.append(
            [float(choice.kind == kind) for kind in KINDS]
            + common
            + [min(away, 1500.0) / 500.0, float(bool(choice.address) and choice.address == me.near)]
            + _numbers(order, now, away * pace)
        )
    return np.array(rows, dtype=np.float64).reshape(len(found), WIDTH)


def label(action: Action, now: Situation, found: list[Choice]) -> int | None:
    """Which of the choices an action carries out; None for those that are no choice (using what one bought, say)."""
    motion = action.motion
    if not isinstance(motion, Skill):
        return None
    if motion.verb == "go_to":
        mine = {order.id: order for order in now.mine}
        due = [index for index, one in enumerate(found) if one.address == motion.target and one.kind != "take"]
        return min(due, key=lambda i: (mine[found[i].order].deadline_s if found[i].order else np.inf, i), default=None)
    kind = _WORDS.get(motion.verb)
    if kind == "wait":  # at a shop whose kitchen is not done, that is fetching
        waits = [i for i, one in enumerate(found) if one.kind == "fetch" and one.address == now.me.near]
        return waits[0] if waits else 0
    about = motion.target if kind in ("take", "fetch", "bring") else ""
    return next((i for i, one in enumerate(found) if one.kind == kind and one.order == about), None)


def _numbers(order: Order | None, now: Situation, way_s: float) -> list[float]:
    """What an order adds to a row."""
    if order is None:
        return [0.0] * 7
    left_m = order.trip_m if not order.is_fetched else 0.0
    there_s = max(now.now_s + way_s, order.ready_s if not order.is_fetched else 0.0) + left_m * seconds_per_m(now)
    return [
        order.pay / 10.0,
        min(order.trip_m, 2000.0) / 500.0,
        float(np.clip((order.deadline_s - there_s) / 600.0, -3.0, 3.0)),
        float(np.clip((order.ready_s - now.now_s - way_s) / 300.0, -2.0, 2.0)),
        order.pay / (there_s - now.now_s + 60.0) * 30.0,
        order.items / 4.0,
        float(there_s > now.ends_s),
    ]
