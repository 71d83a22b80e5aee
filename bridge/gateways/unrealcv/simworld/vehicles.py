"""SimWorld's vehicles: pedals and wheel, turning round, following a path. Also its robot dog."""

import math

from bridge.engine import Action, Drive
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, function
from bridge.gateways.unrealcv.motions import Path, Timed, Turn, motions, tell, velocity
from bridge.gateways.unrealcv.reach import driver
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.units import product

_ROUND_S, _ROUND_M_S = 6.0, 2.0
_FOLLOWS_CM_S, _NEAR_CM = 400.0, 100.0
_WAYS = {0: (1.0, 0.0), 1: (-1.0, 0.0), 2: (0.0, 1.0), 3: (0.0, -1.0)}
"""Which way the dog goes: ahead, back, left, right."""


def drive(stage: Stage, actor: Actor, throttle: float, brake: float, steering: float) -> None:
    """Pedals and wheel of a vehicle, by whoever rides it; Unreal steers to the right with positive numbers."""
    throttle, steering, brake = max(-1.0, min(1.0, throttle)), max(-1.0, min(1.0, steering)), max(0.0, min(1.0, brake))
    tell(stage, driver(stage, actor), Action(Drive(throttle, -steering + 0.0, brake)))


@function("SetState")
def set_state(stage: Stage, actor: Actor, throttle: float, brake: float = 0.0, steering: float = 0.0) -> None:
    """Held until the next one."""
    drive(stage, actor, throttle, brake, steering)


@function("MakeUTurn", "MakingUTurn")
def make_u_turn(stage: Stage, actor: Actor) -> None:
    """Goes round to the left, which is across the street where one drives on the right."""
    motions(stage).begin(driver(stage, actor), Turn(math.pi, _ROUND_S, _ROUND_M_S))


@function("SetPath")
def set_path(stage: Stage, actor: Actor, *points: str) -> None:
    """Where it shall go: `x,y;x,y` in centimetres; it goes when it is told to follow."""
    actor.memory["path"] = waypoints(" ".join(points))


@function("FollowPath")
def follow_path(stage: Stage, actor: Actor, speed: float = 0.0) -> None:
    """Along its path, as fast as it was told."""
    points = actor.memory.get("path")
    if not points:
        raise CommandFailed(INVALID)
    begin_path(stage, actor, points, speed or float(actor.memory.get("speed_cm_s", _FOLLOWS_CM_S)))


def begin_path(
    stage: Stage, actor: Actor, points: list[tuple[float, float]], speed_cm_s: float, near_cm: float = _NEAR_CM
) -> None:
    """From point to point of the world [m], ending within `near_cm` of the last."""
    motions(stage).begin(driver(stage, actor), Path(points, speed_cm_s / 100, max(near_cm, 20.0) / 100))


def waypoints(text: str) -> list[tuple[float, float]]:
    """Points of the world [m] from Unreal's `x,y;x,y` [cm]. Raises CommandFailed."""
    points = []
    for pair in filter(None, (piece.strip(" ()") for piece in text.split(";"))):
        try:
            x, y = (float(number.rpartition("=")[2]) for number in pair.split(",")[:2])
        except ValueError:
            raise CommandFailed(INVALID) from None
        if not (math.isfinite(x) and math.isfinite(y)):
            raise CommandFailed(INVALID)
        points.append((x / 100, -y / 100))
    if not points:
        raise CommandFailed(INVALID)
    return points


@function("Move_Speed")
def move_speed(stage: Stage, actor: Actor, speed: float, duration: float, direction: int = 0) -> None:
    """The dog goes so fast for some seconds: 0 ahead, 1 back, 2 left, 3 right."""
    if direction not in _WAYS or not 0 < duration <= 3600:
        raise CommandFailed(INVALID)
    ahead, left = _WAYS[direction]
    pace = abs(speed) / 100
    motions(stage).begin(driver(stage, actor), Timed(Action(velocity(ahead * pace, left * pace)), duration))


@function("lookup")
def look_up(stage: Stage, actor: Actor, angle: float = 10.0) -> None:
    """The dog's camera looks higher by some degrees."""
    tilt(stage, actor, abs(angle))


@function("lookdown")
def look_down(stage: Stage, actor: Actor, angle: float = 10.0) -> None:
    """The dog's camera looks lower by some degrees."""
    tilt(stage, actor, -abs(angle))


def tilt(stage: Stage, actor: Actor, angle_deg: float) -> None:
    """Turns every camera on an actor up."""
    half = -math.radians(max(-89.0, min(89.0, angle_deg))) / 2
    for sight in stage.sights:
        if sight.mount is actor:
            turned = product(sight.pose[3:], (math.cos(half), 0.0, math.sin(half), 0.0))
            sight.pose = (*sight.pose[:3], *turned)
