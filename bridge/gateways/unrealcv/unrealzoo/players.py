"""UnrealZoo's players, animals, cars and drones: velocities, postures, carrying, doors, their cameras and looks."""

import math

from bridge.engine import Action, Paint, Skill
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.collisions import Collisions
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, Out, function, truth
from bridge.gateways.unrealcv.motions import Timed, motions, tell, velocity
from bridge.gateways.unrealcv.reach import RIDDEN, can_ride, doings, driver, gap_m, holder, nearest
from bridge.gateways.unrealcv.simworld.humanoids import drop_off, pick_up
from bridge.gateways.unrealcv.simworld.weather import FULL_SUN, set_sun_direction, set_sun_intensity
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.units import position_m, quat

_JUMP_S, _JUMP_M_S = 0.6, 1.5
_LOOKS = 27
_CAR_REACH_M = 3.0
_PACES = {"crouch": 0.5, "liedown": 0.0}
"""How much of a velocity is left to who crouches or lies."""


@function("set_move")
def set_move(
    stage: Stage, actor: Actor, first: float, second: float, third: float = math.nan, fourth: float = 0.0
) -> None:
    """Velocities held until the next order: `deg/s cm/s` to the right and ahead; or `ahead right up deg/s` in cm/s.

    Nobody flies here: what goes up is left out.
    """
    if math.isnan(third):
        turn, ahead, right = first, second, 0.0
    else:
        ahead, right, turn = first, second, fourth
    pace = _PACES.get(actor.memory.get("posture", ""), 1.0) / 100
    told = velocity(pace * ahead, -pace * right + 0.0, -math.radians(turn) + 0.0)
    tell(stage, driver(stage, actor), Action(told))


@function("get_speed")
def speed(stage: Stage, actor: Actor) -> Out:
    """How fast it goes [cm/s]."""
    return {"Speed": f"{100 * math.hypot(*stage.velocity(actor)[:3]):.6f}"}


@function("get_angle")
def angle(stage: Stage, actor: Actor) -> Out:
    """How fast it turns clockwise [degrees a second]."""
    return {"Angle": f"{-math.degrees(stage.velocity(actor)[5]) + 0.0:.6f}"}


@function("set_app")
def set_appearance(stage: Stage, actor: Actor, number: int) -> None:
    """Other clothes: a body keeps its shape and takes the colour of the number."""
    if not actor.thing:
        raise CommandFailed(INVALID)
    hue = (number % _LOOKS) / _LOOKS * 2 * math.pi
    shares = [0.25 + 0.2 * math.cos(hue + turn) for turn in (0.0, 2.094, 4.189)]
    actor.memory["appearance"] = number
    stage.edit([Paint(actor.thing, (shares[0], shares[1], shares[2]))])


@function("set_interval", "set_random", "set_viewport", "start")
def keep(stage: Stage, actor: Actor, value: str = "") -> None:
    """Settings of the blueprint's own wandering, and of Unreal's window: kept, and of no effect on who is told what to do."""
    actor.memory["setting"] = value


@function("set_phy")
def set_physics(stage: Stage, actor: Actor, state: int) -> None:
    """Whether physics moves it (1) or it holds still (0) until it is told something else.

    UnrealZoo says this of everybody it spawns: from then on hits are counted.
    """
    stage.kept(Collisions)
    actor.flags["physics"] = bool(state)
    if not state and actor.is_agent:
        tell(stage, driver(stage, actor), Action())


@function("reset")
def reset(stage: Stage, actor: Actor) -> None:
    """Stands still, upright, and lets go of what it holds."""
    drop_off(stage, actor)
    if actor.is_agent and not doings(stage, actor).holding:
        tell(stage, driver(stage, actor), Action())


@function("set_jump")
def set_jump(stage: Stage, actor: Actor) -> None:
    """A leap ahead on the ground, as wide as one jumps; bodies here keep their feet on it."""
    motions(stage).begin(driver(stage, actor), Timed(Action(velocity(_JUMP_M_S)), _JUMP_S))


@function("set_crouch")
def set_crouch(stage: Stage, actor: Actor) -> None:
    """Goes half as fast until it stands up."""
    _posture(stage, actor, "crouch")


@function("set_liedown")
def set_lie_down(stage: Stage, actor: Actor, ahead: float = 100.0, aside: float = 100.0) -> None:
    """Holds still until it stands up."""
    _posture(stage, actor, "liedown")


@function("set_standup")
def set_stand_up(stage: Stage, actor: Actor) -> None:
    """Up from the ground, or from where one sits."""
    actor.memory.pop("posture", None)
    if doings(stage, actor).doing == "sit":
        tell(stage, actor, Action(Skill("stand")))


def _posture(stage: Stage, actor: Actor, posture: str) -> None:
    if not actor.is_agent:
        raise CommandFailed(INVALID)
    actor.memory["posture"] = posture
    tell(stage, driver(stage, actor), Action())


@function("set_cam")
def set_camera(stage: Stage, actor: Actor, x: float, y: float, z: float, roll: float, pitch: float, yaw: float) -> None:
    """Where its camera is, relative to it [cm], and how it is turned [degrees]."""
    offset, rotation = position_m((x, y, z)), quat((pitch, yaw, roll))
    own = [sight for sight in stage.sights if sight.mount is actor]
    if not own:
        raise CommandFailed(INVALID)
    own[0].pose = (*offset, *rotation)


@function("carry_body")
def carry_body(stage: Stage, actor: Actor) -> Out:
    """The nearest thing that can be carried."""
    return pick_up(stage, actor)


@function("drop_body")
def drop_body(stage: Stage, actor: Actor) -> Out:
    """What it carries."""
    return drop_off(stage, actor)


@function("is_carrying")
def is_carrying(stage: Stage, actor: Actor) -> Out:
    """1 if it carries something, else 0."""
    return {"Carrying": str(int(bool(doings(stage, actor).holding)))}


@function("is_picked")
def is_picked(stage: Stage, actor: Actor) -> Out:
    """1 if somebody carries it, else 0."""
    return {"Picked": str(int(bool(holder(stage, actor))))}


@function("set_open_door")
def set_open_door(stage: Stage, actor: Actor, state: int = 1) -> Out:
    """Opens (1) or closes (0) the nearest door."""
    door = nearest(stage, actor, ("door",))
    in_reach = door is not None and gap_m(stage, actor, door) <= _CAR_REACH_M
    if in_reach and door is not None:
        tell(stage, actor, Action(Skill("open" if state else "close", door.thing)))
    return {"Success": truth(in_reach)}


@function("enter_exit_car")
def enter_or_exit_car(stage: Stage, actor: Actor, player: int = 0) -> Out:
    """Called on a person: out of what it rides, or into the nearest vehicle. On a vehicle: the nearest person's turn."""
    who = actor
    if actor.asset and stage.scene.assets[actor.asset].semantic in RIDDEN:
        found = driver(stage, actor) if driver(stage, actor) is not actor else nearest(stage, actor, ("person",))
        if found is None:
            return {"Success": "false"}
        who = found
    if doings(stage, who).riding:
        tell(stage, who, Action(Skill("dismount")))
        return {"Success": "true"}
    vehicle = actor if who is not actor else nearest(stage, who, RIDDEN)
    fits = vehicle is not None and can_ride(stage, who, vehicle)
    if fits and vehicle is not None:
        tell(stage, who, Action(Skill("ride", vehicle.thing)))
    return {"Success": truth(fits)}


@function("set_mat")
def set_material(stage: Stage, actor: Actor, slot: int, red: float, green: float, blue: float, *rest: str) -> None:
    """Colours it; roughness and the picture at `rest` are left out."""
    if not actor.thing:
        raise CommandFailed(INVALID)
    color = [max(0.0, min(1.0, share)) for share in (red, green, blue)]
    stage.edit([Paint(actor.thing, (color[0], color[1], color[2]))])


@function("set_light")
def set_light(stage: Stage, actor: Actor, roll: float, yaw: float, pitch: float, intensity: float, *color: str) -> None:
    """The sun's direction [degrees] and strength (1 to 5), where seven numbers say them; a sky's four are kept."""
    if color:
        set_sun_direction(stage, actor, max(-90.0, min(90.0, pitch)), yaw)
        set_sun_intensity(stage, actor, max(0.0, min(100.0, 2 * FULL_SUN * intensity / 5)))
    actor.memory["light"] = (roll, yaw, pitch, intensity, *color)
