"""A helping hand for agents that only move: takes orders, fetches and drops off as soon as that is possible."""

from bridge.errors import Refused
from bridge.tasks.delivery import carrying, market
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.state import Shift


def help_out(shift: Shift) -> Shift:
    """One pass over all couriers: those at a door do what is to be done there, those with no order get the nearest."""
    mine: dict[str, list[Order]] = {name: [] for name in shift.world.agents}
    is_open = []
    for id in shift.live:
        order = shift.orders[id]
        if order.state == "open":
            is_open.append(order)
        elif order.agent in mine:
            mine[order.agent].append(order)
    for name, orders in mine.items():
        for order in orders:
            shift = _served(shift, name, order)
        if not orders and is_open:
            away = shift.world.places.away_m(shift.at(name))
            nearest = min(is_open, key=lambda one: (away[one.shop], one.placed_s, one.id))
            is_open.remove(nearest)
            shift = market.assign(shift, nearest, name, nearest.pay, "accepted")
    return shift


def _served(shift: Shift, name: str, order: Order) -> Shift:
    """Fetches or drops off an order where one stands, if it can be."""
    try:
        shift.need_free(name)
        if any(item.order == order.id for item in shift.food_of(name)):
            return carrying.drop_off(shift, name, order, order.wish)
        return carrying.pick_up(shift, name, order, None)
    except Refused:
        return shift
