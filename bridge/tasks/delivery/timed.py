"""Verbs that take their time, in simulated seconds: wait, rest, charge, ride the bus, lie in hospital."""

from dataclasses import replace

import numpy as np

from bridge.errors import Refused
from bridge.tasks.delivery import bus
from bridge.tasks.delivery.body import can_be_moved, discharge, set_down
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.gauges import BUS
from bridge.tasks.delivery.state import Busy, Shift
from bridge.tasks.delivery.vehicles import end_charge, is_gone


def wait(shift: Shift, name: str, seconds: float) -> Shift:
    """Does nothing for a while; who is away already goes on with that."""
    if (busy := shift.busy.get(name)) is not None and busy.is_away:
        return shift
    return shift.with_busy(name, Busy("wait", until_s=shift.now_s + seconds, begun_s=shift.now_s))


def ride_bus(shift: Shift, name: str, to: str) -> Shift:
    """Waits at a stop for the next bus that goes to another stop, the one at (or nearest to) an address."""
    places = shift.world.places
    if not places.lines:
        raise Refused("No bus runs in this town.")
    goal = places.find(to)
    if goal is None:
        raise Refused(f"No place named '{to[:60]}'. Stops: {', '.join(sorted(places.stops))}.")
    place = next((places.row[stop] for stop in sorted(places.stops) if _is_at(shift, name, places.row[stop])), None)
    if place is None:
        raise Refused(f"You are at no bus stop. Stops: {', '.join(sorted(places.stops))}.")
    if not can_be_moved(shift, name):
        raise Refused("You get on a bus on foot: set_transport walk first.")
    start, transport = places.addresses[place], shift.config.transport
    reachable = {stop for line in places.lines if start in line.stops for stop in line.stops if stop != start}
    stop = min(reachable, key=lambda one: (places.trip_m[goal, places.row[one]], one))
    ride = bus.ride(places.lines, start, stop, shift.now_s, transport, shift.world.speed_factor)
    if ride is None:
        raise Refused(f"No bus goes from {start} to {stop}.")
    shift.ledger.afford(name, cents(transport.bus_fare), "A ride by bus")
    busy = Busy(
        "ride_bus", until_s=ride.arrives_s, begun_s=shift.now_s, leaves_s=ride.leaves_s, start=place,
        goal=places.row[stop], length_m=ride.length_m,
    )  # fmt: skip
    shift = shift.with_busy(name, busy)
    return shift.note("waits_for_bus", name, line=ride.line, to=stop, leaves_s=round(ride.leaves_s, 1))


def interrupted(shift: Shift, name: str) -> Shift:
    """Ends what is under way, with what it came to so far."""
    busy = shift.busy.get(name)
    if busy is None:
        return shift
    return end_charge(shift, name, busy) if busy.verb == "charge" else shift.with_busy(name, None)


def went_on(shift: Shift, lasted_s: float) -> Shift:
    """Everything under way, after some more seconds."""
    if not shift.busy:
        return shift
    body, transport = shift.config.body, shift.config.transport
    energy, battery = shift.gauges.energy, shift.gauges.battery
    if any(busy.verb in ("rest", "charge") for busy in shift.busy.values()):
        energy, battery = energy.copy(), battery.copy()
    over: list[str] = []
    for name, busy in shift.busy.items():
        row = shift.couriers[name].row
        if busy.verb == "rest":
            gained = max(min(busy.to_pct, energy[row] + body.rest_pct_per_min / 60.0 * lasted_s), energy[row])
            energy[row] = gained
            is_done = gained >= busy.to_pct
        elif busy.verb == "charge":
            gained = max(min(busy.to_pct, battery[row] + transport.charge_pct_per_min / 60.0 * lasted_s), battery[row])
            battery[row] = gained
            is_done = gained >= busy.to_pct
        else:
            is_done = shift.now_s >= busy.until_s
        boards = busy.verb == "ride_bus" and not busy.is_away and shift.now_s >= busy.leaves_s
        strays = busy.start >= 0 and not busy.is_away and not _is_at(shift, name, busy.start)
        if is_done or boards or strays or (busy.verb == "charge" and is_gone(shift, shift.couriers[name].scooter)):
            over.append(name)
    shift = replace(shift, gauges=replace(shift.gauges, energy=energy, battery=battery))
    for name in over:
        shift = _turned(shift, name, shift.busy[name])
    return shift


def _turned(shift: Shift, name: str, busy: Busy) -> Shift:
    """What comes of a timed verb at its turning point."""
    if busy.verb == "ride_bus":
        return _bus(shift, name, busy)
    if busy.verb == "hospital":
        return discharge(shift, name)
    if busy.verb == "wait":
        return shift.with_busy(name, None)
    if busy.start >= 0 and not _is_at(shift, name, busy.start):
        return interrupted(shift.fail(name, f"You left {shift.world.places.addresses[busy.start]}."), name)
    if busy.verb == "charge":
        scooter = shift.couriers[name].scooter
        if is_gone(shift, scooter):
            shift = shift.fail(name, f"{scooter} is gone, and is charged no further.")
        return end_charge(shift, name, busy)
    level = shift.gauge(name, "energy")
    shift = shift.with_busy(name, None).tell(name, f"You are rested to {level:.0f} %.")
    return shift.note("rested", name, pct=round(level - busy.from_pct, 1))


def _bus(shift: Shift, name: str, busy: Busy) -> Shift:
    """The bus comes, or has got there."""
    places = shift.world.places
    if not busy.is_away:
        if not _is_at(shift, name, busy.start) or not can_be_moved(shift, name):
            shift = shift.with_busy(name, None)
            return shift.fail(name, f"You missed the bus: you were not at {places.addresses[busy.start]} on foot.")
        busy = replace(busy, is_away=True)
        shift = shift.pay(name, "buses", cents(shift.config.transport.bus_fare), "bus fare").note("on_bus", name)
        shift = shift.with_busy(name, busy)
    if shift.now_s < busy.until_s or not can_be_moved(shift, name):
        return shift
    gauges, row = shift.gauges, shift.couriers[name].row
    metres = gauges.metres.copy()
    metres[row, BUS] += busy.length_m
    jolt = busy.length_m * float(shift.world.rates.jolt_per_m[BUS])
    spent = min(busy.length_m * float(shift.world.rates.energy_per_m[BUS]), float(gauges.energy[row]))
    shift = replace(shift, gauges=replace(gauges, metres=metres)).with_gauge(
        name, energy=float(gauges.energy[row]) - spent, used=float(gauges.used[row]) + spent,
        jolt=float(gauges.jolt[row]) + jolt,
    )  # fmt: skip
    shift = set_down(shift, name, busy.goal).with_busy(name, None)
    return shift.tell(name, f"You got off at {places.addresses[busy.goal]}.").note(
        "got_off", name, to=places.addresses[busy.goal]
    )


def _is_at(shift: Shift, name: str, place: int) -> bool:
    """Whether a courier is within reach of a place."""
    return float(np.hypot(*(shift.world.places.doors[place, :2] - shift.at(name)))) <= shift.config.reach_m
