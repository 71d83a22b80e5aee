"""SimWorld's traffic manager, which tells and moves many at once, and what pedestrians do by themselves."""

import math

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, Out, function, truth
from bridge.gateways.unrealcv.reach import driver
from bridge.gateways.unrealcv.simworld.humanoids import move_forward, speed_m_s, stop
from bridge.gateways.unrealcv.simworld.signals import now_s, signals
from bridge.gateways.unrealcv.simworld.vehicles import begin_path, drive, waypoints
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.units import location_cm, rotator

_STOPS = ("stop", "wait", "false", "0", "idle")


@function("VSetState")
def set_vehicles(stage: Stage, actor: Actor, *states: str) -> None:
    """`name,throttle,brake,steering;name,...`: those who are not there are passed over; one that cannot act fails all."""
    told = [(stage.actor(name), _pedals(values)) for name, values in _entries(" ".join(states))]
    there = [(vehicle, pedals) for vehicle, pedals in told if vehicle is not None]
    for vehicle, _ in there:
        if not driver(stage, vehicle).is_agent:
            raise CommandFailed(f"{vehicle.name} cannot act")
    for vehicle, pedals in there:
        drive(stage, vehicle, *pedals)


@function("PSetState")
def set_pedestrians(stage: Stage, actor: Actor, *states: str) -> None:
    """`name,state;name,...`: whose state says stop stops, the others go on."""
    for name, values in _entries(" ".join(states)):
        walker = stage.actor(name)
        if walker is not None:
            (stop if values and values[0].strip().casefold() in _STOPS else move_forward)(stage, walker)


def _pedals(values: list[str]) -> tuple[float, float, float]:
    try:
        throttle, brake, steering = map(float, values)
    except ValueError:
        raise CommandFailed(INVALID) from None
    if not all(map(math.isfinite, (throttle, brake, steering))):
        raise CommandFailed(INVALID)
    return throttle, brake, steering


def _entries(text: str) -> list[tuple[str, list[str]]]:
    rows = [row.strip() for row in text.split(";")]
    return [(name.strip(), values.split(",") if comma else []) for name, comma, values in (row.partition(",") for row in rows if row)]  # fmt: skip


@function("UpdateObjects", "UpdateAgents")
def update_objects(stage: Stage, actor: Actor) -> None:
    """The manager looks who there is. Here it always knows; what was spawned is brought into the world."""
    stage.flush()


@function("GetInformation", "GetDeliveryInformation")
def information(stage: Stage, actor: Actor) -> Out:
    """Where all vehicles, pedestrians, agents and scooters are, and what the lights show."""
    rows: dict[str, list[Actor]] = {"V": [], "P": [], "A": [], "S": []}
    for other in stage.actors():
        if letter := _letter(stage, other):
            rows[letter].append(other)
    out = {}
    for letter, actors in rows.items():
        out[f"{letter}Locations"] = "".join([one.name + _vector(stage, one) for one in actors])
        out[f"{letter}Rotations"] = "".join([one.name + _rotator(stage, one) for one in actors])
    time_s = now_s(stage)
    lights = [(one.name, signal.now(time_s)) for one, signal in signals(stage).told(stage).items()]
    out["LStates"] = "".join([f"{name}{truth(green)}{truth(walk)}{left:.6f}" for name, (green, walk, left) in lights])
    return out


def _letter(stage: Stage, actor: Actor) -> str:
    """The list that an actor is in, "" for none."""
    asset = stage.scene.assets.get(actor.asset)
    semantic = asset.semantic if asset is not None else ("person" if actor.is_agent else "")
    if semantic == "person":
        return "P" if "pedestrian" in (actor.class_name + actor.name).casefold() else "A"
    if semantic in ("robot", "animal") and actor.is_agent:
        return "A"
    return {"vehicle": "V", "scooter": "S", "bicycle": "S"}.get(semantic, "")


def _vector(stage: Stage, actor: Actor) -> str:
    x, y, z = location_cm(stage.pose(actor))
    return f"X={x:.3f} Y={y:.3f} Z={z:.3f}"


def _rotator(stage: Stage, actor: Actor) -> str:
    pitch, yaw, roll = rotator(stage.pose(actor))
    return f"P={pitch:.6f} Y={yaw:.6f} R={roll:.6f}"


@function("SetWaypoints")
def set_waypoints(stage: Stage, actor: Actor, *points: str) -> None:
    """Where a pedestrian shall go: `x,y;x,y` in centimetres; it goes when its movement is simulated."""
    actor.memory["path"] = waypoints(" ".join(points))


@function("MovementSimulation")
def simulate_movement(stage: Stage, actor: Actor) -> None:
    """Goes along its waypoints, at its speed."""
    points = actor.memory.get("path")
    if not points:
        raise CommandFailed(INVALID)
    begin_path(stage, actor, points, 100 * speed_m_s(actor), 50.0)
