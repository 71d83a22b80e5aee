"""Vehicles: buying a scooter, renting a car and giving it back, charging, and whose may be ridden."""

import math
from dataclasses import replace

import numpy as np

from bridge.engine import Remove, Spawn
from bridge.errors import Refused
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.gauges import CAR, DRAG, SCOOTER, WALK
from bridge.tasks.delivery.state import Busy, Shift

_SIZES = {"scooter": (2.0, 0.9), "car": (4.8, 2.2)}
"""Length and width [m] that a parking spot has."""


def modes(shift: Shift, riding: dict[str, str]) -> np.ndarray:
    """How every courier gets about (n,), by gauges.MODES, as the world's state has it: on foot unless they ride their own."""
    found = np.full(len(shift.world.agents), WALK, dtype=np.int64)
    for name, vehicle in riding.items():
        courier = shift.couriers[name]
        if vehicle == courier.scooter:
            found[courier.row] = SCOOTER if shift.gauges.battery[courier.row] > 0 else DRAG
        elif vehicle == courier.car:
            found[courier.row] = CAR
    return found


def own(shift: Shift, name: str) -> tuple[str, ...]:
    """The vehicles that somebody may ride."""
    courier = shift.couriers[name]
    return tuple(vehicle for vehicle in (courier.scooter, courier.car) if vehicle)


def may_ride(shift: Shift, name: str, vehicle: str) -> str:
    """Why somebody may not ride a vehicle, "" if they may."""
    mine = own(shift, name)
    if vehicle in mine:
        return ""
    yours = f"Yours: {', '.join(mine)}." if mine else "Buy a scooter at the dealer's, or rent a car."
    what = f"'{vehicle}' is not yours to ride" if vehicle else "Name what you ride"
    return f"{what}. {yours}"


def delivered_vehicle(shift: Shift, name: str, kind: str, place: int) -> tuple[Shift, str]:
    """A new body for somebody's vehicle, put by the roadside near a place. Raises Refused where there is no room."""
    asset, state = shift.world.places.vehicle_assets[kind], shift.state
    if not asset or state is None:
        raise Refused(f"There are no {kind}s in this town.")
    length, width = _SIZES[kind]
    fresh = [change.pose.position[:2] for change in shift.changes if isinstance(change, Spawn)]
    others = np.vstack([state.poses[:, :2], *(at[None] for at in fresh)])
    near = shift.world.places.doors[place, :2]
    pose = shift.world.parks.spot(near, others, length_m=length, width_m=width)
    if pose is None:
        raise Refused(
            f"There is no room to put a {kind} near {shift.world.places.addresses[place]} now. Try again later."
        )
    number = shift.made + 1
    while (body := f"{name}-{kind}-{number}") in shift.world.taken_names or body in state.names:
        number += 1
    return replace(shift, made=number, changes=(*shift.changes, Spawn(body, asset, pose))), body


def rent(shift: Shift, name: str) -> Shift:
    """A car from the rental place one is at, paid by the minute begun."""
    place = _rental(shift, name)
    if shift.couriers[name].car:
        raise Refused(f"You have rented {shift.couriers[name].car} already.")
    price = cents(shift.config.transport.car_per_min)
    shift.ledger.afford(name, price, "A minute's rent")
    shift, body = delivered_vehicle(shift, name, "car", place)
    shift = shift.pay(name, "rentals", price, "car rent")
    shift = replace(shift.with_courier(name, car=body, car_paid_s=shift.now_s + 60.0), due_s=shift.now_s)
    return shift.tell(name, f"{body} stands outside; set_transport car.").note("rented", name, car=body)


def return_rental(shift: Shift, name: str) -> Shift:
    """Gives the car back; it must stand near the rental place, and nobody ride it. One that is no more in the world is
    written off: nobody pays for ever for what cannot be brought."""
    place, car = _rental(shift, name), shift.couriers[name].car
    if not car:
        raise Refused("You have rented no car.")
    if is_gone(shift, car):
        return shift.with_courier(name, car="", car_paid_s=0.0).note("returned", name, car=car, lost=True)
    if car in shift.riding.values() or _ridden(shift, car):
        raise Refused(f"Somebody rides {car}. Get off first: set_transport walk.")
    _parked(shift, car, place, "to give it back")
    shift = replace(shift, changes=(*shift.changes, Remove(car)))
    return shift.with_courier(name, car="", car_paid_s=0.0).note("returned", name, car=car)


def pay_rents(shift: Shift) -> Shift:
    """The next minute of every rental that has begun, into debt if need be."""
    price = cents(shift.config.transport.car_per_min)
    for name, courier in shift.couriers.items():
        if courier.car and shift.now_s >= courier.car_paid_s:
            minutes = math.floor((shift.now_s - courier.car_paid_s) / 60.0) + 1
            shift = shift.pay(name, "rentals", minutes * price, "car rent")
            shift = shift.with_courier(name, car_paid_s=courier.car_paid_s + 60.0 * minutes)
    return shift


def charge(shift: Shift, name: str, to_pct: float) -> Shift:
    """Charges the own scooter at a charging place, up to a level; the power is paid for as it flows."""
    scooter = shift.couriers[name].scooter
    if not scooter:
        raise Refused("You have no scooter to charge. The dealer sells them.")
    place = at_service(shift, name, "charger", "charge")
    _parked(shift, scooter, place, "to be charged")
    level = shift.gauge(name, "battery")
    if level >= to_pct:
        raise Refused(f"{scooter} is charged to {level:.0f} % already.")
    price = shift.config.transport.charge_per_pct
    shift.ledger.afford(name, cents(price), "Charging by 1 %")
    if price > 0:
        to_pct = min(to_pct, level + shift.ledger.balance(name) / (100.0 * price))
    busy = Busy("charge", from_pct=level, to_pct=to_pct, begun_s=shift.now_s, start=place)
    return shift.with_busy(name, busy).note("charging", name, from_pct=round(level, 1), to_pct=round(to_pct, 1))


def end_charge(shift: Shift, name: str, busy: Busy) -> Shift:
    """Pays for what flowed and says so."""
    gained = shift.gauge(name, "battery") - busy.from_pct
    price = cents(max(gained, 0.0) * shift.config.transport.charge_per_pct)
    shift = shift.pay(name, "power", price, "power").with_busy(name, None)
    level = shift.gauge(name, "battery")
    return shift.tell(name, f"Your scooter is charged to {level:.0f} %.").note(
        "charged", name, pct=round(gained, 1), paid=price / 100
    )


def _rental(shift: Shift, name: str) -> int:
    if not shift.world.places.vehicle_assets["car"]:
        raise Refused("There are no cars in this town.")
    return at_service(shift, name, "rental", "rent a car")


def at_service(shift: Shift, name: str, service: str, what: str) -> int:
    """The place of a service that a courier is at. Raises Refused with the nearest, where they are at none."""
    places = shift.world.places
    rows = list(places.services[service])
    away = np.hypot(*(places.doors[rows, :2] - shift.at(name)).T)
    nearest = int(np.argmin(away))
    if away[nearest] > shift.config.reach_m:
        where = ", ".join(places.addresses[row] for row in rows)
        raise Refused(f"You can {what} at {where}; the nearest is {away[nearest]:.0f} m away. Go there.")
    return rows[nearest]


def _parked(shift: Shift, vehicle: str, place: int, why: str) -> None:
    """Raises Refused where a vehicle does not stand near a place."""
    state, places = shift.state, shift.world.places
    if state is None or is_gone(shift, vehicle):
        raise Refused(f"{vehicle} is nowhere to be seen.")
    at = state.poses[state.names.index(vehicle), :2]
    away = float(np.hypot(*(places.doors[place, :2] - at)))
    if away > shift.config.parking_m:
        raise Refused(
            f"{vehicle} stands {away:.0f} m from {places.addresses[place]}; {why} it must be within "
            f"{shift.config.parking_m:g} m. Ride it here."
        )


def is_gone(shift: Shift, vehicle: str) -> bool:
    """Whether a vehicle is no more in the world: somebody with a hand in it has taken it away."""
    return shift.state is not None and vehicle not in shift.state.names


def _ridden(shift: Shift, vehicle: str) -> bool:
    return shift.state is not None and any(agent.riding == vehicle for agent in shift.state.agents)
