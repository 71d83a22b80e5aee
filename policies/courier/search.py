"""Which open orders to take on beside those in hand: a beam search over sets of orders, each with its best route."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.courier.routes import Route, Terms, best_route, gain, inserted
from policies.courier.situation import Order


@dataclass(frozen=True)
class Choice:
    """Orders to take on, in the order they were found to be worth most, the route with them and its gain [$]."""

    orders: tuple[Order, ...]
    route: Route
    gain: float


def chosen(
    mine: Sequence[Order], open_orders: Sequence[Order], terms: Terms, *, room: int, beam: int, breadth: int
) -> Choice:
    """The best set of at most `room` open orders for a courier who has `mine`.

    The `breadth` orders that gain most on their own are tried in all sets, of which the best `beam` of each size are kept.
    """
    route = best_route(mine, terms)
    best = Choice((), route, gain(route, terms))
    if room < 1:
        return best
    alone = [(inserted(route, order, terms)[1], order) for order in open_orders]
    alone = sorted((pair for pair in alone if pair[0] > best.gain), key=lambda pair: (-pair[0], pair[1].id))
    promising = [order for _, order in alone[:breadth]]
    kept = [best]
    for _ in range(min(room, len(promising))):
        found: dict[frozenset[str], Choice] = {}
        for choice in kept:
            taken = {order.id for order in choice.orders}
            for order in promising:
                if order.id in taken:
                    continue
                longer, total = inserted(choice.route, order, terms)
                key = frozenset((*taken, order.id))
                if key not in found or total > found[key].gain:
                    found[key] = Choice((*choice.orders, order), longer, total)
        kept = sorted(found.values(), key=lambda one: (-one.gain, [order.id for order in one.orders]))[:beam]
        if not kept:
            break
        best = max((best, kept[0]), key=lambda one: one.gain)
    return best
