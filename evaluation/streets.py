"""Everybody's way through the streets during an episode: ambient life and the agents' controllers, looked at as often as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.control import Ambient, Controller, Town
from bridge.engine import TICK_S, Action, Spawn
from bridge.types import WorldState

COARSE_ENGINES = ("kinematic",)
"""Engines whose bodies go exactly as they are told, so that one need not look ten times a second."""
FINE_TICKS = 5


@dataclass(frozen=True)
class Life:
    """How much goes on in the streets besides."""

    vehicles: int = 10
    pedestrians: int = 20


class Streets:
    """Who leads whom: the agents' controllers, and traffic, pedestrians and signals if there are any."""

    def __init__(self, town: Town, life: Life | None, *, seed: int, coarse: bool) -> None:
        self._town, self._coarse = town, coarse
        self._ambient: Ambient | None = None
        if life is not None and life.vehicles + life.pedestrians > 0:
            self._ambient = Ambient(town, seed=seed, vehicles=life.vehicles, pedestrians=life.pedestrians)
        self._stops: set[str] = set()

    def spawns(self) -> list[Spawn]:
        """Those who come into the world."""
        return self._ambient.spawns() if self._ambient is not None else []

    def stop(self, agent: str) -> None:
        """An agent that is done stands still from now on."""
        self._stops.add(agent)

    def lead(self, controllers: Sequence[Controller], state: WorldState, *, others: bool = True) -> dict[str, Action]:
        """What everybody is told now who is led; `others` are ambient life and those who are done."""
        orders: dict[str, Action] = {}
        if others:
            orders |= dict.fromkeys(self._stops, Action())
            self._stops.clear()
            if self._ambient is not None:
                orders |= self._ambient.act(state)
        return orders | {controller.agent: controller.act(state) for controller in controllers}

    def ticks(self, state: WorldState, *, end_s: float, is_busy: bool) -> int:
        """How long to go before the next look."""
        return max(min(FINE_TICKS, round((end_s - state.time_s) / TICK_S)), 1)
