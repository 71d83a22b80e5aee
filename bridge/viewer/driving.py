"""What the driver of an agent means: keys held become the motion of a walker or the pedals of a vehicle."""

from dataclasses import dataclass

import numpy as np

from bridge.engine import Action, Drive, Skill, Velocity
from bridge.errors import Refused
from bridge.scene import Scene
from bridge.types import AgentState, WorldState

WALK_M_S, RUN_M_S, TURN_RAD_S = 1.6, 3.6, 1.8
_CRUISE, _BRAKE = 0.55, 0.7
_REACH_M = 8.0
VEHICLES = ("scooter", "bicycle", "vehicle", "boat")


@dataclass(frozen=True)
class Wheel:
    """Keys held: `forward` and `turn` (left is positive) from -1 to 1, and whether it shall be fast."""

    forward: float = 0.0
    turn: float = 0.0
    is_fast: bool = False


def action_of(wheel: Wheel, *, is_vehicle: bool) -> Action:
    """What a body does while the keys are held so; without any it stops."""
    if is_vehicle:
        throttle = wheel.forward * (1.0 if wheel.is_fast else _CRUISE)
        return Action(Drive(throttle, wheel.turn, _BRAKE if wheel.forward == 0 else 0.0))
    if wheel.forward == 0 and wheel.turn == 0:
        return Action()
    speed = RUN_M_S if wheel.is_fast else WALK_M_S
    return Action(Velocity(wheel.forward * speed, 0.0, wheel.turn * TURN_RAD_S))


def semantics_of(scene: Scene) -> dict[str, str]:
    """The class of everything that is placed in a scene, by name."""
    return {name: scene.assets[group.asset].semantic for group in scene.placements for name in group.names}


def mount_or_dismount(state: WorldState, agent: str, semantics: dict[str, str]) -> Action:
    """The skill that puts an agent on the nearest vehicle, or off the one it rides. Raises Refused if none is near."""
    if riding(state, agent):
        return Action(Skill("dismount"))
    at = {name: state.poses[index, :3] for index, name in enumerate(state.names)}
    vehicles = [name for name in at if semantics.get(name) in VEHICLES and name != agent]
    far = {name: float(np.linalg.norm(at[name] - at[agent])) for name in vehicles} if agent in at else {}
    nearest = min(far, key=far.__getitem__, default="")
    if not nearest or far[nearest] > _REACH_M:
        raise Refused(f"{agent} finds nothing to ride within {_REACH_M:g} m. Walk up to a scooter, a car or a boat.")
    return Action(Skill("ride", nearest))


def riding(state: WorldState, agent: str) -> str:
    """What an agent rides, "" if nothing."""
    found: AgentState | None = next((one for one in state.agents if one.name == agent), None)
    return found.riding if found else ""
