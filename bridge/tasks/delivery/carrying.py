"""Fetching food at shops and leaving it with customers; the last piece dropped off is what is rated and paid."""

from dataclasses import replace

from bridge.errors import Refused
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.food import stars
from bridge.tasks.delivery.market import shop_account
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.state import Shift


def pick_up(shift: Shift, name: str, order: Order, most: int | None) -> Shift:
    """Takes an order's items at the shop: all that fit, or `most`."""
    if order.state not in ("assigned", "carried") or name not in order.carriers():
        owner = f" and {order.agent}'s" if order.agent else ""
        raise Refused(f"{order.id} is {order.state}{owner}; you have no part in it. Bid for it, or accept it.")
    shift.near(name, order.shop, f"The shop of {order.id}")
    if shift.now_s < order.ready_s:
        raise Refused(f"{order.id} is ready in {order.ready_s - shift.now_s:.0f} s. Wait for it.")
    shop = shop_account(shift, order)
    waiting = [item for item in order.items if shift.ledger.holder[item] == shop]
    if not waiting:
        raise Refused(f"Nothing of {order.id} is left in the shop.")
    fits = shift.free_slots(name)
    if fits < 1:
        raise Refused(f"Your bag is full: {shift.couriers[name].slots} slots. Drop something off first.")
    taken = tuple(waiting[: min(fits, len(waiting) if most is None else most)])
    shift = shift.load(name, taken, shop).with_order(order.id, state="carried")
    if len(taken) < len(waiting):
        shift = shift.tell(
            name, f"You took {len(taken)} items of {order.id}; {len(waiting) - len(taken)} wait in the shop."
        )
    else:
        shift = shift.tell(name, f"You picked {order.id} up.")
    return shift.note("picked_up", name, order=order.id, items=len(taken))


def drop_off(shift: Shift, name: str, order: Order, method: str) -> Shift:
    """Leaves what one carries of an order with the customer; with the last item the order is delivered."""
    items = tuple(item.name for item in shift.food_of(name) if item.order == order.id)
    if not items:
        raise Refused(f"You carry nothing of {order.id}.")
    shift.near(name, order.home, f"The customer of {order.id}")
    shift = shift.settled(name)
    ledger, customer = shift.ledger, f"customer of {order.id}"
    for item in items:
        ledger = ledger.give(item, name, customer)
    shift = replace(shift, ledger=ledger).with_order(
        order.id, items=tuple(item for item in order.items if item not in items), dropped=(*order.dropped, *items),
        method=method if order.method in ("", order.wish) else order.method,
    )  # fmt: skip
    shift = shift.note("dropped_off", name, order=order.id, items=len(items), method=method)
    order = shift.orders[order.id]
    if order.items:
        return shift.tell(name, f"You dropped {len(items)} items of {order.id} off; {len(order.items)} are missing.")
    return _delivered(shift, order, name)


def _delivered(shift: Shift, order: Order, bearer: str) -> Shift:
    """Stars, pay, tip and bonus for an order that is complete."""
    pay, ratio = shift.config.pay, order.ratio(shift.now_s)
    rating = stars(ratio, [shift.items[item] for item in order.dropped], shift.config.food)
    base = round(order.price * (1.0 if ratio <= 1.0 else max(pay.late_least, 1.0 / ratio)))
    tip = round(order.price * pay.tip_share[rating]) if order.method == order.wish else 0
    bonus = cents(pay.star_bonus[rating])
    to_partner = round(base * order.part) if order.partner else 0
    shift = shift.earn(order.agent, base - to_partner, "pay")
    if to_partner:
        shift = shift.earn(order.partner, to_partner, "pay")
    shift = shift.earn(order.agent, tip, "tip").earn(order.agent, bonus, "star bonus")
    shift = shift.discard(order.dropped, "eaten")
    shift = shift.with_order(
        order.id, state="delivered", delivered_s=shift.now_s, stars=rating, items=(), offers=(), helpers=()
    )
    shift = replace(shift, live=tuple(id for id in shift.live if id != order.id))
    was = shift.couriers[order.agent].tally
    counts = tuple(times + (index == rating) for index, times in enumerate(was.stars))
    tally = replace(was, stars=counts, delivered=was.delivered + 1, on_time=was.on_time + (ratio <= 1.0))
    shift = shift.with_courier(order.agent, tally=tally)
    earned = (base + tip + bonus) / 100
    for name in dict.fromkeys(who for who in (order.agent, order.partner, bearer) if who):
        shift = shift.tell(name, f"{order.id} is delivered: {rating} stars, ${earned:.2f}.")
    if bearer not in (order.agent, order.partner):
        shift = shift.counting(bearer, helped=1)
    return shift.note(
        "delivered", order.agent, order=order.id, stars=rating, paid=base / 100, tip=tip / 100, bonus=bonus / 100,
        ratio=round(ratio, 3), by=bearer, partner=order.partner,
    )  # fmt: skip
