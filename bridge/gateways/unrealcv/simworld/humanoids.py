"""SimWorld's people: walking, turning, sitting, riding, carrying. Lengths are centimetres, angles degrees."""

import math

from bridge.engine import Action, Skill
from bridge.formats.simworld_assets import HUMANOID
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.collisions import Collisions
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, Out, function, truth
from bridge.gateways.unrealcv.motions import Timed, Turn, motions, tell, velocity
from bridge.gateways.unrealcv.reach import (
    SEATS,
    can_ride,
    can_sit,
    can_take,
    doings,
    driver,
    nearest,
    rider,
)
from bridge.gateways.unrealcv.stage import Stage

WALKS_CM_S = 200.0
"""How fast people walk who were not told."""
_LONGEST_S = 3600.0
_LIFT_M = 0.15
"""Pavements lie so much over the ground that they are laid on."""


def speed_m_s(actor: Actor) -> float:
    """How fast somebody goes who is told to go."""
    return float(actor.memory.get("speed_cm_s", WALKS_CM_S)) / 100


def success(value: bool) -> Out:
    """What functions give out that may fail."""
    return {"Success": truth(value)}


@function("SetMaxSpeed", "set_speed")
def set_max_speed(stage: Stage, actor: Actor, speed: float) -> None:
    """From the next order to go on; who goes already changes step at once."""
    speed = max(0.0, speed)
    told = Action(velocity(speed / 100))
    actor.memory["speed_cm_s"] = speed
    if actor.memory.get("goes"):
        tell(stage, driver(stage, actor), told)


@function("MoveForward")
def move_forward(stage: Stage, actor: Actor) -> None:
    """Straight on, until something else is told."""
    tell(stage, driver(stage, actor), Action(velocity(speed_m_s(actor))))
    actor.memory["goes"] = True


@function("StopAgent", "StopPedestrian", "StopDeliveryMan", "StopAction", "set_stop")
def stop(stage: Stage, actor: Actor) -> None:
    """Stands still."""
    _stand(stage, actor)


@function("StepForward")
def step_forward(stage: Stage, actor: Actor, duration: float, direction: float = 0.0) -> None:
    """Goes for some seconds: 0 ahead, anything else backwards; then stands.

    DeliveryBench says the direction first: no step lasts 0 seconds, so that its steps ahead are known by that.
    """
    if duration == 0:
        duration, direction = direction, 0.0
    _check(duration)
    speed = speed_m_s(actor) if direction == 0 else -speed_m_s(actor)
    _begin(stage, actor, Timed(Action(velocity(speed)), duration))


@function("TurnAround", "Rotate_Angle")
def turn(stage: Stage, actor: Actor, first: float, second: float, third: float = math.nan) -> None:
    """Turns by degrees within seconds: `seconds angle side`, side 1 clockwise and -1 anticlockwise.

    DeliveryBench leaves the seconds out: `angle side`, within one second.
    """
    seconds, angle, side = (first, second, third) if not math.isnan(third) else (1.0, first, second)
    _check(seconds)
    velocity(0.0, 0.0, math.radians(angle) / seconds)
    _begin(stage, actor, Turn(-math.copysign(math.radians(abs(angle)), side), seconds))


@function("SitDown")
def sit_down(stage: Stage, actor: Actor) -> Out:
    """On the nearest bench or chair in reach."""
    seat = nearest(stage, actor, (), SEATS)
    if seat is None or not can_sit(stage, actor, seat):
        return success(False)
    tell(stage, actor, Action(Skill("sit", seat.thing)))
    return success(True)


@function("StandUp")
def stand_up(stage: Stage, actor: Actor) -> Out:
    """From where one sits."""
    sits = doings(stage, actor).doing == "sit"
    if sits:
        tell(stage, actor, Action(Skill("stand")))
    return success(sits)


@function("PickUp")
def pick_up(stage: Stage, actor: Actor, name: str = "") -> Out:
    """A thing by its name; the nearest that can be carried if none is named."""
    thing = stage.actor(name) if name else _nearest_load(stage, actor)
    if thing is None or not can_take(stage, actor, thing):
        return success(False)
    tell(stage, actor, Action(Skill("pick_up", thing.thing)))
    return success(True)


@function("DropOff")
def drop_off(stage: Stage, actor: Actor) -> Out:
    """What was taken last."""
    own = doings(stage, actor)
    holds = bool(own.holding) and not own.riding
    if holds:
        tell(stage, actor, Action(Skill("put_down")))
    return success(holds)


@function("Give")
def give(stage: Stage, actor: Actor) -> Out:
    """Puts what one holds down before whoever is to have it."""
    return drop_off(stage, actor)


@function("GetOnScooter")
def get_on_scooter(stage: Stage, actor: Actor) -> Out:
    """The nearest one in reach."""
    scooter = nearest(stage, actor, ("scooter", "bicycle"))
    return _ride(stage, actor, scooter)


@function("GetOffScooter")
def get_off_scooter(stage: Stage, actor: Actor) -> Out:
    """Called on who rides, or on what is ridden. SimWorld's own people are then named anew by Unreal."""
    who = rider(stage, actor) or actor
    if not doings(stage, who).riding:
        return success(False)
    tell(stage, who, Action(Skill("dismount")))
    if who.class_name == HUMANOID:
        stage.rename(who, stage.numbered(HUMANOID))
    return success(True)


@function("EnterVehicle")
def enter_vehicle(stage: Stage, actor: Actor, name: str = "") -> Out:
    """A vehicle by its name, or the nearest."""
    return _ride(stage, actor, stage.actor(name) if name else nearest(stage, actor, ("vehicle", "boat")))


@function("ExitVehicle")
def exit_vehicle(stage: Stage, actor: Actor, name: str = "") -> Out:
    """The vehicle one is in; another one's name fails."""
    own = doings(stage, actor)
    named = stage.actor(name) if name else None
    fits = bool(own.riding) and (named is None or named.thing == own.riding)
    if fits:
        tell(stage, actor, Action(Skill("dismount")))
    return success(fits)


@function("Discussion", "Arguing", "Listening", "Wave2Dog", "Directing", "Greeting", "Dance")
def gesture(stage: Stage, actor: Actor, kind: str = "") -> None:
    """Stands still for it: bodies here have no arms to wave with."""
    _stand(stage, actor)


@function("CheckAvailable")
def check_available(stage: Stage, actor: Actor) -> Out:
    """Whether it can be told what to do."""
    return success(actor.is_agent)


@function("EnableController")
def enable_controller(stage: Stage, actor: Actor, is_enabled: bool = True) -> Out:
    """Whether it goes by what Unreal would have it do; what is not to do so stands until a client says otherwise.

    SimWorld says this of everybody it spawns: from then on collisions are counted.
    """
    if not actor.is_agent:
        return success(False)
    stage.kept(Collisions)
    actor.flags["controller"] = is_enabled
    if not is_enabled:
        tell(stage, driver(stage, actor), Action())
    return success(True)


def _ride(stage: Stage, actor: Actor, vehicle: Actor | None) -> Out:
    if vehicle is None or not can_ride(stage, actor, vehicle):
        return success(False)
    tell(stage, actor, Action(Skill("ride", vehicle.thing)))
    return success(True)


def _nearest_load(stage: Stage, actor: Actor) -> Actor | None:
    here = stage.pose(actor)
    loads = [other for other in stage.actors() if other.asset and can_take(stage, actor, other)]
    return min(loads, key=lambda one: (math.dist(stage.pose(one)[:3], here[:3]), one.name), default=None)


def _stand(stage: Stage, actor: Actor) -> None:
    tell(stage, driver(stage, actor), Action())
    actor.memory["goes"] = False


def _begin(stage: Stage, actor: Actor, motion: Timed | Turn) -> None:
    motions(stage).begin(driver(stage, actor), motion)
    actor.memory["goes"] = False


def _check(seconds: float) -> None:
    if not 0 < seconds <= _LONGEST_S:
        raise CommandFailed(INVALID)


@function("SetMaxAccel", "SetBrakingDel", "set_acc")
def keep_acceleration(stage: Stage, actor: Actor, value: float) -> None:
    """Kept: how quickly bodies here come up to speed and stop is their own."""
    actor.memory["acceleration_cm_s2"] = value


@function("SetLocation")
def set_location(stage: Stage, actor: Actor, x: float, y: float) -> None:
    """DeliveryBench's: on the ground at x, y [cm]."""
    at = (x / 100, -y / 100)
    ground = float(stage.scene.terrain.height_at(at))
    stage.place(actor, (*at, ground + _LIFT_M, *stage.pose(actor)[3:]))
