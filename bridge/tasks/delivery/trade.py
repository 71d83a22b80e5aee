"""Buying at shops, and using what one bought."""

from dataclasses import replace

from bridge.errors import Refused
from bridge.plugins import unknown_name
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.state import Shift
from bridge.tasks.delivery.vehicles import delivered_vehicle
from bridge.tasks.delivery.wares import WARES


def buy(shift: Shift, name: str, what: str) -> Shift:
    """Buys one piece of something in the shop one is at."""
    place = shift.world.places.at(shift.at(name), shift.config.reach_m)
    nearby = [row for row in shift.world.places.shop_at if _is_here(shift, name, row)]
    if not nearby:
        where = "" if place is None else f" {shift.world.places.addresses[place]} is none."
        raise Refused(f"You are at no shop.{where} Go to one that sells {what or 'what you want'}.")
    shop = next(
        (shift.world.places.shop_at[row] for row in nearby if what in shift.world.places.shop_at[row].sells), None
    )
    if shop is None:
        sold = {item for row in nearby for item in shift.world.places.shop_at[row].sells}
        raise Refused(unknown_name("ware here", what, sold))
    ware, courier, price = WARES[what], shift.couriers[name], cents(shop.sells[what])
    if len(owned(shift, name, what)) + (ware.is_scooter and bool(courier.scooter)) >= ware.most:
        raise Refused(f"You have {ware.most} of {what}, and need no more.")
    shift.ledger.afford(name, price, what)
    number = sum(shift.ledger.made.get(f"bought {kind}", 0) for kind in WARES) + 1
    if ware.is_scooter:
        shift, body = delivered_vehicle(shift, name, "scooter", shop.place)
        shift = shift.with_courier(name, scooter=body)
        shift = shift.with_gauge(name, battery=min(shift.config.transport.battery_begin_pct, 100.0))
        shift = shift.tell(name, f"{body} stands outside and is yours; set_transport scooter.")
    if ware.slots:
        shift = shift.settled(name).with_courier(name, slots=courier.slots + ware.slots)
        shift = shift.with_gauge(name, insulation=shift.config.food.thermal_bag)
    ledger = shift.ledger.make(f"{what}-{number}", name, f"bought {what}").pay(name, "shops", price, f"bought {what}")
    shift = replace(shift, ledger=ledger)
    if ware.is_scooter or ware.slots:
        shift = shift.counting(name, invested=price)
    return shift.tell(name, f"You bought {what}.").note("bought", name, item=what, paid=price / 100)


def use(shift: Shift, name: str, what: str) -> Shift:
    """Uses one piece of what one bought up."""
    ware = WARES.get(what)
    if ware is None:
        raise Refused(unknown_name("ware", what, WARES))
    if ware.is_scooter or ware.slots:
        raise Refused(f"A {what} serves you from the moment you buy it.")
    mine = owned(shift, name, what)
    if not mine:
        raise Refused(f"You have no {what}. Buy one first.")
    if ware.battery_pct and not shift.couriers[name].scooter:
        raise Refused("You have no scooter to charge.")
    if ware.energy_pct:
        shift = shift.with_gauge(name, energy=min(shift.gauge(name, "energy") + ware.energy_pct, 100.0))
    if ware.battery_pct:
        shift = shift.with_gauge(name, battery=min(shift.gauge(name, "battery") + ware.battery_pct, 100.0))
    if ware.is_heat_pack:
        until = max(shift.gauge(name, "packed_s"), shift.now_s) + shift.config.food.heat_pack_s
        shift = shift.with_gauge(name, packed_s=until)
    shift = replace(shift, ledger=shift.ledger.use(mine[0], f"used {what}"))
    return shift.tell(name, f"You used {what}.").note("used", name, item=what)


def owned(shift: Shift, name: str, what: str = "") -> tuple[str, ...]:
    """The wares that somebody has, or those of one kind."""
    held = (item for item in shift.ledger.held(name) if item not in shift.items)
    return tuple(item for item in held if not what or item.rpartition("-")[0] == what)


def _is_here(shift: Shift, name: str, row: int) -> bool:
    """Whether a courier is within reach of a place."""
    gap = shift.world.places.doors[row, :2] - shift.at(name)
    return float((gap**2).sum() ** 0.5) <= shift.config.reach_m
