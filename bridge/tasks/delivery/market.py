"""The market of orders: placing, bids (the lowest acceptable one wins), taking, sharing, handing over, and giving up."""

from dataclasses import replace

from bridge.errors import Refused
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.food import DISHES, Item
from bridge.tasks.delivery.orders import Bid, Offer, Order
from bridge.tasks.delivery.state import Shift


def shop_account(shift: Shift, order: Order) -> str:
    """Who holds an order's food before it is fetched."""
    return f"shop {shift.world.places.addresses[order.shop]}"


def load_of(shift: Shift, name: str) -> int:
    """How many orders somebody has now."""
    return sum(shift.orders[id].agent == name for id in shift.live)


def place(shift: Shift, order: Order) -> Shift:
    """An order appears, its food on the way in the shop's kitchen; those with nothing to do are told."""
    items = {}
    ledger = shift.ledger
    for index, dish in enumerate(order.dishes, start=1):
        item = Item(f"{order.id}/{dish}-{index}", order.id, dish, DISHES[dish].serve_c, order.ready_s)
        items[item.name] = item
        ledger = ledger.make(item.name, shop_account(shift, order), "cooked")
    order = replace(order, items=tuple(items))
    shift = replace(
        shift, ledger=ledger, items={**shift.items, **items}, orders={**shift.orders, order.id: order},
        live=(*shift.live, order.id), next_order=shift.next_order + 1,
    )  # fmt: skip
    shop_xy_m, home_xy_m = shift.world.places.doors[[order.shop, order.home], :2].round(1).tolist()
    shift = shift.note(
        "placed", order=order.id, pay=order.pay / 100, trip_m=order.trip_m, shop_xy_m=shop_xy_m, home_xy_m=home_xy_m,
        allowed_s=order.allowed_s,
    )  # fmt: skip
    working = {who for id in shift.live for who in shift.orders[id].carriers()}
    for name in shift.world.agents:
        if name not in working:
            shift = shift.tell(name, f"{order.id} has been placed.")
    return shift


def bid(shift: Shift, name: str, order: Order, price: int) -> Shift:
    """A sealed bid; another one of the same courier replaces it."""
    if order.state != "open":
        raise Refused(f"{order.id} is {order.state}; bids are taken for open orders only.")
    if shift.now_s >= order.bids_end_s:
        raise Refused(f"Bidding for {order.id} is over. Nobody won: accept it for ${order.pay / 100:.2f}.")
    if not 1 <= price <= order.pay:
        raise Refused(f"A bid for {order.id} is $0.01 to ${order.pay / 100:.2f}, not ${price / 100:.2f}.")
    others = tuple(one for one in order.bids if one.agent != name)
    shift = shift.with_order(order.id, bids=(*others, Bid(price, shift.now_s, name)))
    return shift.counting(name, bids=1).note("bid", name, order=order.id, price=price / 100)


def close_bids(shift: Shift, order: Order) -> Shift:
    """The lowest bid of somebody who may have one more order wins; ties go to the earlier, then by name."""
    ranked = sorted(order.bids, key=lambda one: (one.price, one.time_s, one.agent))
    winner = next((one for one in ranked if load_of(shift, one.agent) < shift.config.most_orders), None)
    shift = shift.with_order(order.id, bids=())
    for one in ranked:
        if one is not winner:
            outcome = f"went to {winner.agent}" if winner else "is still open"
            shift = shift.tell(one.agent, f"Your bid for {order.id} lost; it {outcome}.")
    if winner is None:
        return shift
    shift = shift.tell(winner.agent, f"You won {order.id} for ${winner.price / 100:.2f}.")
    return assign(shift, shift.orders[order.id], winner.agent, winner.price, "won")


def assign(shift: Shift, order: Order, name: str, price: int, how: str) -> Shift:
    """An order becomes somebody's."""
    shift = shift.with_order(order.id, state="assigned", agent=name, price=price, bids=(), offers=())
    return shift.note(how, name, order=order.id, price=price / 100)


def accept(shift: Shift, name: str, order: Order) -> Shift:
    """Takes a share that was offered, or an open order: while bids are taken that is a bid of its whole pay."""
    offer = next((one for one in order.offers if one.to == name and one.kind == "share"), None)
    if offer is not None:
        shift = shift.with_order(order.id, partner=name, part=offer.part, offers=tuple(
            one for one in order.offers if one.kind != "share"))  # fmt: skip
        shift = shift.tell(order.agent, f"{name} joins you in {order.id} for {100 * offer.part:.0f} % of its pay.")
        return shift.counting(order.agent, shared=1).note(
            "shared", order.agent, order=order.id, to=name, part=offer.part
        )
    if order.state != "open":
        raise Refused(f"{order.id} is {order.state}" + (f", {order.agent} has it." if order.agent else "."))
    if load_of(shift, name) >= shift.config.most_orders:
        raise Refused(f"You have {shift.config.most_orders} orders already. Deliver one, or hand one over.")
    if shift.now_s < order.bids_end_s:
        return bid(shift, name, order, order.pay)
    return assign(shift, order, name, order.pay, "accepted")


def decline(shift: Shift, name: str, order: Order) -> Shift:
    """Takes a bid back, turns an offer down, leaves a share, or gives an order back that is still in the shop."""
    if any(one.agent == name for one in order.bids):
        bids = tuple(one for one in order.bids if one.agent != name)
        return shift.with_order(order.id, bids=bids).note("bid_withdrawn", name, order=order.id)
    offer = next((one for one in order.offers if name in (one.to, one.source)), None)
    if offer is not None:
        shift = shift.with_order(order.id, offers=tuple(one for one in order.offers if one is not offer))
        other = offer.source if offer.to == name else offer.to
        return shift.tell(other, f"{name} is not for the {offer.kind} of {order.id}.").note(
            "declined", name, order=order.id
        )
    if order.state not in ("assigned", "carried") or name not in (order.agent, order.partner):
        raise Refused(f"There is nothing to decline about {order.id}: it is {order.state}, and you have no part in it.")
    if any(item.order == order.id for item in shift.food_of(name)):
        raise Refused(f"You carry food of {order.id}. Drop it off, or hand it over.")
    if name == order.partner:
        shift = shift.with_order(order.id, partner="", part=0.0)
        return shift.tell(order.agent, f"{name} leaves {order.id}.").note("declined", name, order=order.id)
    if order.state == "carried":
        raise Refused(f"Food of {order.id} is on its way. Hand the order over to who carries it.")
    shift = shift.with_order(
        order.id, state="open", agent="", price=0, partner="", part=0.0, offers=(), helpers=(),
        bids_end_s=shift.now_s, expires_s=shift.now_s + shift.config.demand.unclaimed_s,
    )  # fmt: skip
    return shift.note("declined", name, order=order.id)


def share(shift: Shift, name: str, order: Order, to: str, part: float) -> Shift:
    """Offers another courier a part of an order's pay for doing it together."""
    _need_owner(order, name)
    if order.partner:
        raise Refused(f"{order.id} is shared with {order.partner} already.")
    offers = tuple(one for one in order.offers if not (one.kind == "share" and one.to == to))
    shift = shift.with_order(order.id, offers=(*offers, Offer("share", name, to, part)))
    shift = shift.tell(
        to, f"{name} offers you {100 * part:.0f} % of {order.id}'s pay for doing it together: accept it?"
    )
    return shift.note("share_offered", name, order=order.id, to=to, part=part)


def hand_over(shift: Shift, name: str, order: Order, to: str) -> Shift:
    """Offers another courier an order, or what one carries of it."""
    if order.state not in ("assigned", "carried") or name not in order.carriers():
        raise Refused(f"{order.id} is {order.state} and not yours to hand over.")
    if name != order.agent and not any(item.order == order.id for item in shift.food_of(name)):
        raise Refused(f"You carry nothing of {order.id}, which is {order.agent}'s.")
    offers = tuple(one for one in order.offers if not (one.kind == "hand-over" and one.source == name))
    shift = shift.with_order(order.id, offers=(*offers, Offer("hand-over", name, to)))
    return shift.tell(to, f"{name} would hand {order.id} over to you: take it over?").note(
        "hand_over_offered", name, order=order.id, to=to
    )


def take_over(shift: Shift, name: str, order: Order) -> Shift:
    """Takes an order, or the food of it that the other carries, from hand to hand."""
    offer = next((one for one in order.offers if one.to == name and one.kind == "hand-over"), None)
    if offer is None:
        raise Refused(f"Nobody offers to hand {order.id} over to you.")
    source = offer.source
    items = tuple(item.name for item in shift.food_of(source) if item.order == order.id)
    passes_order = source == order.agent and name not in (order.partner, *order.helpers)
    if passes_order and load_of(shift, name) >= shift.config.most_orders:
        raise Refused(f"You have {shift.config.most_orders} orders already. Deliver one first.")
    if items:
        away = float(((shift.at(name) - shift.at(source)) ** 2).sum() ** 0.5)
        if away > shift.config.reach_m:
            raise Refused(f"{source} has the food and is {away:.0f} m away. Meet within {shift.config.reach_m:g} m.")
        if shift.free_slots(name) < len(items):
            raise Refused(
                f"{len(items)} items do not fit into your bag, which has {shift.free_slots(name)} slots free."
            )
    if not passes_order and not items:
        raise Refused(f"{source} carries nothing of {order.id} any more.")
    shift = shift.load(name, items, source)
    shift = shift.with_order(order.id, offers=tuple(one for one in order.offers if one is not offer))
    if passes_order:
        shift = shift.with_order(order.id, agent=name, offers=())
    shift = shift.counting(source, handed_over=1).tell(source, f"{name} has taken {order.id} over.")
    return shift.note("handed_over", source, order=order.id, to=name, items=len(items), whole=passes_order)


def give_up(shift: Shift, order: Order) -> Shift:
    """The customer waits no longer: the food is thrown away, and who had the order pays for it."""
    shift = shift.discard(order.items, "thrown away").with_order(
        order.id, state="failed", items=(), offers=(), helpers=()
    )
    shift = replace(shift, live=tuple(id for id in shift.live if id != order.id))
    shift = shift.earn(order.agent, -cents(shift.config.pay.failure_fee), "failure fee")
    stars = shift.couriers[order.agent].tally.stars
    shift = shift.counting(order.agent, failed=1)
    tally = replace(shift.couriers[order.agent].tally, stars=(stars[0] + 1, *stars[1:]))
    shift = shift.with_courier(order.agent, tally=tally)
    for name in dict.fromkeys(name for name in (order.agent, order.partner) if name):
        shift = shift.tell(name, f"{order.id} is off: the customer of it has given up.")
    return shift.note("failed", order.agent, order=order.id)


def expire(shift: Shift, order: Order) -> Shift:
    """Nobody has taken an order; it is withdrawn."""
    shift = shift.discard(order.items, "thrown away").with_order(
        order.id, state="expired", items=(), bids=(), offers=()
    )
    return replace(shift, live=tuple(id for id in shift.live if id != order.id)).note("expired", order=order.id)


def _need_owner(order: Order, name: str) -> None:
    """Raises Refused for an order under way that is not one's own."""
    if order.state not in ("assigned", "carried") or order.agent != name:
        raise Refused(f"{order.id} is {order.state}" + (f" and {order.agent}'s." if order.agent else " and not yours."))
