"""What happens at its time, whether or not somebody acts: orders come, bids close, customers give up, rents fall due."""

from dataclasses import replace

import numpy as np

from bridge.tasks.delivery import board, market, timed, vehicles
from bridge.tasks.delivery.orders import Order
from bridge.tasks.delivery.state import Request, Shift


def strike(shift: Shift) -> Shift:
    """Everything that is due by now."""
    if shift.now_s < shift.due_s:
        return shift
    while shift.next_order < len(shift.coming) and shift.coming[shift.next_order].placed_s <= shift.now_s:
        shift = market.place(shift, shift.coming[shift.next_order])
    for id in shift.live:
        order = shift.orders[id]
        if order.state == "open":
            if order.bids and shift.now_s >= order.bids_end_s:
                shift = market.close_bids(shift, order)
            elif shift.now_s >= order.expires_s:
                shift = market.expire(shift, order)
        elif shift.now_s >= _gives_up_s(shift, order):
            shift = market.give_up(shift, order)
    shift = vehicles.pay_rents(shift)
    for request in shift.requests.values():
        if (
            request.reported_s is not None
            and request.state == "reported"
            and shift.now_s >= _silence_ends_s(shift, request)
        ):
            shift = board.settle(shift, request)
    return replace(shift, due_s=_next_s(shift))


def close(shift: Shift) -> Shift:
    """The end: what is under way stops, food is thrown away, escrow is paid out or goes back."""
    for name in tuple(shift.busy):
        shift = timed.interrupted(shift, name)
    for id in shift.live:
        order = shift.orders[id]
        state = "expired" if order.state == "open" else "unfinished"
        shift = shift.discard((*order.items, *order.dropped), "thrown away")
        shift = shift.with_order(id, state=state, items=(), bids=(), offers=(), helpers=()).note(
            state, order.agent, order=id
        )
    return replace(board.close(shift), live=(), is_over=True)


def _next_s(shift: Shift) -> float:
    """When something falls due next."""
    times = [np.inf]
    if shift.next_order < len(shift.coming):
        times.append(shift.coming[shift.next_order].placed_s)
    for id in shift.live:
        order = shift.orders[id]
        if order.state == "open":
            times += [order.bids_end_s] if order.bids else []
            times.append(order.expires_s)
        else:
            times.append(_gives_up_s(shift, order))
    times += [courier.car_paid_s for courier in shift.couriers.values() if courier.car]
    times += [_silence_ends_s(shift, one) for one in shift.requests.values() if one.state == "reported"]
    return float(min(times))


def _gives_up_s(shift: Shift, order: Order) -> float:
    return order.placed_s + shift.config.pay.fails_at * order.allowed_s


def _silence_ends_s(shift: Shift, request: Request) -> float:
    assert request.reported_s is not None
    return request.reported_s + shift.config.request_s
