"""What the driver of an agent means: keys held become the motion of a walker or the pedals of a vehicle."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bridge.engine import Action, Drive, Skill, Velocity
from bridge.errors import Refused
from bridge.scene import Scene
from bridge.types import AgentState, WorldState

WALK_M_S, RUN_M_S, TURN_RAD_S = 1.6, 3.6, 1.8
_CRUISE, _BRAKE = 0.55, 0.7
_LASTS_S = 0.6
"""An agent whose driver is not heard of for so long stops."""
_REACH_M = 8.0
VEHICLES = ("scooter", "bicycle", "vehicle", "boat")


@dataclass(frozen=True)
class Wheel:
    """Keys held: `forward` and `turn` (left is positive) from -1 to 1, and whether it shall be fast."""

    forward: float = 0.0
    turn: float = 0.0
    is_fast: bool = False


class Drivers:
    """Who is driven how just now, and what has to be told to them."""

    def __init__(self, semantics: Mapping[str, str]) -> None:
        self._semantics = semantics
        self._wheels: dict[str, tuple[Wheel, float]] = {}
        self._told: dict[str, tuple[Wheel, bool]] = {}

    def hold(self, agent: str, wheel: Wheel, *, ends: bool = False) -> None:
        """Keys are held so from now on, for a moment at least; `ends` is the driver's last word."""
        self._wheels[agent] = (wheel, time.monotonic() + (0.0 if ends else _LASTS_S))

    def let_go(self, agent: str) -> None:
        """An agent does something else."""
        self._wheels.pop(agent, None)
        self._told.pop(agent, None)

    def actions(self, state: WorldState) -> dict[str, Action]:
        """What has to be told now, to those whose keys have changed or whose driver is gone."""
        actions, now = {}, time.monotonic()
        for agent, (wheel, lasts) in list(self._wheels.items()):
            if lasts < now:
                del self._wheels[agent]
                wheel = Wheel()
            told = (wheel, self._semantics.get(riding(state, agent) or agent) in VEHICLES)
            before = self._told.get(agent, (Wheel(), False))
            self._told[agent] = told
            # A driver who holds no key lets a skill go on that was begun meanwhile.
            if told != before and (wheel != Wheel() or before[0] != Wheel()):
                actions[agent] = action_of(wheel, is_vehicle=told[1])
        return actions


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
