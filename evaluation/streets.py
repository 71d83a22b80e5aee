"""Everybody's way through the streets during an episode: ambient life and the agents' controllers, looked at as often as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.control import Ambient, Controller, Town
from bridge.control.steering import held
from bridge.control.timetable import Timetable
from bridge.engine import TICK_S, Action, Change, Spawn, Velocity
from bridge.types import WorldState

FINE_TICKS, NEAR_TICKS, COARSE_TICKS = 5, 10, 25
_NEAR_M, _SOON_S = 0.6, 0.8


@dataclass(frozen=True)
class Life:
    """How much goes on in the streets besides."""

    vehicles: int = 10
    pedestrians: int = 20


class Streets:
    """Who leads whom: the agents' controllers, and traffic, pedestrians and signals if there are any."""

    def __init__(self, town: Town, life: Life | None, *, seed: int, coarse: bool) -> None:
        self._town, self._coarse = town, coarse
        self._ambient: Ambient | Timetable | None = None
        if life is not None and life.vehicles + life.pedestrians > 0:
            kind = Timetable if coarse else Ambient
            self._ambient = kind(town, seed=seed, vehicles=life.vehicles, pedestrians=life.pedestrians)
        self._stops: set[str] = set()

    def spawns(self) -> list[Spawn]:
        """Those who come into the world."""
        return self._ambient.spawns() if self._ambient is not None else []

    def meet(self, changes: Sequence[Change]) -> None:
        """Takes note of those who come into the world, so that everybody knows how large they are and who is a person."""
        for change in changes:
            if isinstance(change, Spawn):
                self._town.census.enter(change.name, self._town.scene.assets[change.asset])

    def stop(self, agent: str) -> None:
        """An agent that is done stands still from now on."""
        self._stops.add(agent)

    def lead(
        self, controllers: Sequence[Controller], state: WorldState, ticks: int, *, others: bool = True
    ) -> dict[str, Action]:
        """What everybody is told for so many ticks who is led; `others` are ambient life and those who are done."""
        orders: dict[str, Action] = {}
        if others:
            orders |= dict.fromkeys(self._stops, Action())
            self._stops.clear()
            if self._ambient is not None:
                orders |= self._ambient.act(state)
        riding = {agent.name for agent in state.agents if agent.riding}
        for controller in controllers:
            action = controller.act(state)
            if ticks > FINE_TICKS and isinstance(action.motion, Velocity) and controller.agent not in riding:
                action = Action(held(action.motion, ticks * TICK_S))
            orders[controller.agent] = action
        return orders

    def ticks(self, state: WorldState, controllers: Sequence[Controller], *, end_s: float) -> int:
        """How long to go before the next look: a moment while somebody is near whoever is on their way, or acts."""
        ticks = FINE_TICKS
        if self._coarse:
            ticks = NEAR_TICKS if controllers and self._is_anybody_near(state, controllers) else COARSE_TICKS
        return max(min(ticks, round((end_s - state.time_s) / TICK_S)), 1)

    def _is_anybody_near(self, state: WorldState, controllers: Sequence[Controller]) -> bool:
        """Whether somebody is so near a traveller that they could meet before the next look."""
        bodies = self._town.census.bodies(state)
        rows = np.array([bodies.index[controller.agent] for controller in controllers], dtype=np.int64)
        speed = np.hypot(bodies.velocity[:, 0], bodies.velocity[:, 1])
        others = np.flatnonzero(bodies.is_there & (bodies.is_person | (speed > 0.05)))
        way = bodies.xy[others] - bodies.xy[rows][:, None]
        apart = np.hypot(way[..., 0], way[..., 1]) - bodies.half[others].max(axis=1)
        closing = (bodies.velocity[rows][:, None] - bodies.velocity[others]) * way
        closing_m_s = closing.sum(axis=2) / np.maximum(np.hypot(way[..., 0], way[..., 1]), 1e-6)
        near = (apart < _NEAR_M + _SOON_S * np.maximum(closing_m_s, 0.0)) & (closing_m_s > 0.1)
        return bool((near & (others != rows[:, None])).any())
