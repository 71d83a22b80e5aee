"""The help board: favours asked for in words, their bounties in escrow from the moment they are posted."""

from dataclasses import replace

from bridge.errors import Refused
from bridge.tasks.delivery.state import Request, Shift


def escrow(request: str) -> str:
    """The account that holds a request's bounty."""
    return f"escrow {request}"


def post(shift: Shift, name: str, text: str, bounty: int, order: str) -> Shift:
    """Puts a request on the board and its bounty in escrow; with an order, who accepts may fetch and bring that."""
    if not text.strip():
        raise Refused('A request needs words: post_request {"text": "...", "bounty": 3}.')
    if bounty < 1:
        raise Refused(f"A bounty is $0.01 or more, not ${bounty / 100:.2f}.")
    if order and shift.orders[order].agent != name:
        raise Refused(f"{order} is not yours to ask help for.")
    shift.ledger.afford(name, bounty, "That bounty")
    id = f"request-{len(shift.requests) + 1}"
    shift = shift.pay(name, escrow(id), bounty, "bounty")
    shift = replace(shift, requests={**shift.requests, id: Request(id, name, text.strip(), bounty, order)})
    for other in shift.world.agents:
        if other != name:
            shift = shift.tell(other, f"{name} asks for help: {id}, ${bounty / 100:.2f}.")
    return shift.note("request_posted", name, request=id, bounty=bounty / 100)


def accept(shift: Shift, name: str, request: Request) -> Shift:
    """Takes a request on."""
    if request.source == name:
        raise Refused(f"{request.id} is your own. Decline it to take it back.")
    if request.state != "open":
        raise Refused(f"{request.id} is {request.state}" + (f" by {request.helper}." if request.helper else "."))
    shift = _changed(shift, request, state="accepted", helper=name)
    if request.order in shift.live and shift.orders[request.order].agent == request.source:
        helpers = shift.orders[request.order].helpers
        shift = shift.with_order(request.order, helpers=tuple(dict.fromkeys((*helpers, name))))
    shift = shift.tell(request.source, f"{name} takes {request.id} on.")
    return shift.note("request_accepted", name, request=request.id)


def confirm(shift: Shift, name: str, request: Request) -> Shift:
    """The one who asked pays the bounty; the one who helps reports the favour done, and is paid later if nobody objects."""
    if request.state not in ("accepted", "reported"):
        raise Refused(f"{request.id} is {request.state}; there is nothing to confirm.")
    if name == request.source:
        return settle(shift, request)
    if name != request.helper:
        raise Refused(f"{request.id} is between {request.source} and {request.helper}.")
    if request.state == "reported":
        raise Refused(f"You reported {request.id} already; {request.source} has until then to object.")
    shift = _changed(shift, request, state="reported", reported_s=shift.now_s)
    shift = shift.tell(request.source, f"{name} reports {request.id} done: confirm or decline it.")
    return shift.note("request_reported", name, request=request.id)


def decline(shift: Shift, name: str, request: Request) -> Shift:
    """The one who asked takes a request back (or objects: it is open again); the one who helps gives it back."""
    if request.state not in ("open", "accepted", "reported") or name not in (request.source, request.helper):
        raise Refused(f"{request.id} is {request.state}, and not yours to decline.")
    if request.state == "open":
        shift = _changed(shift, request, state="cancelled")
        return shift.pay(escrow(request.id), name, request.bounty, "bounty back").note(
            "request_cancelled", name, request=request.id
        )
    other = request.helper if name == request.source else request.source
    shift = _helper_leaves(_changed(shift, request, state="open", helper="", reported_s=None), request)
    return shift.tell(other, f"{name} declines {request.id}; it is open again.").note(
        "request_declined", name, request=request.id
    )


def settle(shift: Shift, request: Request) -> Shift:
    """The bounty goes to who helped."""
    shift = _helper_leaves(_changed(shift, request, state="confirmed"), request)
    shift = shift.pay(escrow(request.id), request.helper, request.bounty, "bounty").counting(request.helper, helped=1)
    shift = shift.tell(request.helper, f"{request.id} is confirmed: ${request.bounty / 100:.2f}.")
    return shift.note("request_confirmed", request.helper, request=request.id, bounty=request.bounty / 100)


def close(shift: Shift) -> Shift:
    """The end of a shift: what was reported is paid, every other bounty goes back."""
    for request in shift.requests.values():
        if request.state == "reported":
            shift = settle(shift, request)
        elif request.state in ("open", "accepted"):
            shift = _helper_leaves(_changed(shift, request, state="cancelled"), request)
            shift = shift.pay(escrow(request.id), request.source, request.bounty, "bounty back")
    return shift


def _helper_leaves(shift: Shift, request: Request) -> Shift:
    """Who helped with an order may no longer fetch it; what they carry they may still bring."""
    order = shift.orders.get(request.order)
    if order is None or request.helper not in order.helpers:
        return shift
    return shift.with_order(order.id, helpers=tuple(name for name in order.helpers if name != request.helper))


def _changed(shift: Shift, request: Request, **changes: object) -> Shift:
    changed = replace(request, **changes)  # type: ignore[arg-type]
    return replace(shift, requests={**shift.requests, request.id: changed}, due_s=shift.now_s)
