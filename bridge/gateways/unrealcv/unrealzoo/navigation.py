"""UnrealZoo's navigation: to a point, to somebody, anywhere near; on the town's walks and lanes instead of a nav mesh."""

import numpy as np

from bridge.control.seeds import stream
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, Out, function
from bridge.gateways.unrealcv.motions import Going, motions, velocity
from bridge.gateways.unrealcv.reach import driver
from bridge.gateways.unrealcv.stage import NOT_FOUND, Stage
from bridge.gateways.unrealcv.units import location_cm, position_m
from bridge.scene import NODE_KINDS

_SPEED_CM_S, _NEAR_M = 200.0, 0.6
_LANE = NODE_KINDS.index("lane")


@function("set_nav_speed")
def set_nav_speed(stage: Stage, actor: Actor, speed: float) -> None:
    """How fast it goes where it finds its way [cm/s]."""
    velocity(speed / 100)
    actor.memory["nav_cm_s"] = max(1.0, speed)


@function("nav_to_goal", "move_to_goal")
def nav_to_goal(stage: Stage, actor: Actor, x: float, y: float, z: float = 0.0) -> None:
    """To a point [cm] by the shortest way."""
    _go(stage, actor, position_m((x, y, z)), _NEAR_M)


@function("MoveToNextPoint")
def move_to_next_point(stage: Stage, actor: Actor, x: float, y: float, tolerance: float = 100.0) -> None:
    """DeliveryBench's: to a point [cm], within a tolerance [cm]."""
    _go(stage, actor, position_m((x, y, 0.0)), max(tolerance / 100, 0.3))


@function("nav_to_target")
def nav_to_target(stage: Stage, actor: Actor, name: str, distance: float = 200.0) -> None:
    """To where somebody or something is now, ending so far away [cm]."""
    other = stage.actor(name)
    if other is None:
        raise CommandFailed(NOT_FOUND)
    _go(stage, actor, stage.pose(other)[:3], max(distance / 100, _NEAR_M))


@function("nav_random")
def nav_random(stage: Stage, actor: Actor, radius: float, is_looped: int = 0) -> Out:
    """To a point within a radius [cm] that it draws; where that is."""
    goal = _drawn(stage, actor, 0.0, radius / 100)
    _go(stage, actor, goal, _NEAR_M)
    return {"nav_goal": _vector(goal)}


@function("generate_nav_goal")
def generate_nav_goal(stage: Stage, actor: Actor, most: float, least: float = 0.0) -> Out:
    """A point between two distances [cm] that can be walked to, and does not go there."""
    return {"nav_goal": _vector(_drawn(stage, actor, least / 100, most / 100))}


def _go(stage: Stage, actor: Actor, target: tuple[float, float, float], near_m: float) -> None:
    who = driver(stage, actor)
    speed = float(actor.memory.get("nav_cm_s", actor.memory.get("speed_cm_s", _SPEED_CM_S))) / 100
    stage.flush()
    motions(stage).begin(who, Going(stage, who, target, max(speed, 0.1), near_m))


def _drawn(stage: Stage, actor: Actor, least_m: float, most_m: float) -> tuple[float, float, float]:
    """A node of the walks at such a distance, the nearest to it if there is none."""
    nodes = stage.scene.navigation.nodes
    on_foot = np.flatnonzero(stage.scene.navigation.node_kind != _LANE)
    if not len(on_foot) or not most_m > 0:
        raise CommandFailed(INVALID)
    pose = stage.pose(actor)
    away = np.hypot(nodes[on_foot, 0] - pose[0], nodes[on_foot, 1] - pose[1])
    fits = on_foot[(away >= least_m) & (away <= most_m)]
    drawn = actor.memory["drawn"] = actor.memory.get("drawn", 0) + 1
    random = stream(0, actor.name.casefold(), f"nav goal {drawn}")
    node = int(fits[int(random.integers(len(fits)))]) if len(fits) else int(on_foot[np.argmin(np.abs(away - most_m))])
    x, y, z = nodes[node].tolist()
    return x, y, z


def _vector(point: tuple[float, float, float]) -> str:
    x, y, z = location_cm((*point, 1.0, 0.0, 0.0, 0.0))
    return f"X={x:.3f} Y={y:.3f} Z={z:.3f}"
