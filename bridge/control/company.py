"""Skills that have to do with others: follow somebody, board a vehicle."""

import numpy as np

from bridge.control.going import GoTo, Status
from bridge.control.town import Town
from bridge.engine import Action, Skill
from bridge.errors import UnknownBody
from bridge.plugins import unknown_name
from bridge.types import AgentState, WorldState

_STRAYED_M = 2.0
"""Somebody who went this far from where they were last looked for is looked for anew."""
_HASTE_M = 4.0
_RIDE_S = 5.0


class Follow:
    """Keeps `gap_m` behind a body, on the ways where it is out of sight. Never done; fails when there is no way to it."""

    def __init__(self, town: Town, agent: str, leader: str, *, gap_m: float = 2.0, speed_m_s: float = 1.6) -> None:
        self.agent, self.leader, self.failure = agent, leader, ""
        self.status: Status = "running"
        self._town, self._gap_m, self._speed = town, gap_m, speed_m_s
        self._going: GoTo | None = None
        self._seen_xy = np.full(2, np.inf)

    def hurry(self, walk_m_s: float, drive_m_s: float) -> None:
        """From now on it goes at this speed [m/s] on foot."""
        self._speed = walk_m_s
        if self._going is not None:
            self._going.hurry(walk_m_s, drive_m_s)

    def act(self, state: WorldState) -> Action:
        """What to do now. Raises UnknownBody when one of the two is not there."""
        for name in (self.agent, self.leader):
            if name not in state.names:
                raise UnknownBody(unknown_name("body", name, state.names))
        if self.status != "running":
            return Action()
        own, other = (state.poses[state.names.index(name), :2] for name in (self.agent, self.leader))
        away = float(np.linalg.norm(other - own))
        if away <= self._gap_m:
            self._going = None
            return Action()
        strays = np.linalg.norm(other - self._seen_xy) > min(_STRAYED_M, 0.3 * away + 0.3)
        if self._going is None or strays or self._going.status == "done":
            haste = min(1.0 + 0.25 * max(away - self._gap_m, 0.0) / _HASTE_M, 1.8)
            self._seen_xy = other.copy()
            self._going = GoTo(
                self._town, self.agent, other, speed_m_s=haste * self._speed, arrive_m=max(self._gap_m, 0.6)
            )
        action = self._going.act(state)
        if self._going.status == "failed":
            self.status, self.failure = "failed", self._going.failure
        return action


class Board:
    """Goes to a vehicle and gets on; done when the agent rides it. Fails with the engine's reason or the way's."""

    def __init__(self, town: Town, agent: str, vehicle: str, *, speed_m_s: float = 1.5) -> None:
        self.agent, self.vehicle, self.failure = agent, vehicle, ""
        self.status: Status = "running"
        self._town, self._speed = town, speed_m_s
        self._going: GoTo | None = None
        self._asked_s: float | None = None

    def hurry(self, walk_m_s: float, drive_m_s: float) -> None:
        """From now on it goes at this speed [m/s] on foot."""
        self._speed = walk_m_s
        if self._going is not None:
            self._going.hurry(walk_m_s, drive_m_s)

    def act(self, state: WorldState) -> Action:
        """What to do now. Raises UnknownBody when one of the two is not there."""
        bodies = self._town.census.bodies(state)
        for name in (self.agent, self.vehicle):
            if name not in bodies.index:
                raise UnknownBody(unknown_name("body", name, state.names))
        own = next((agent for agent in state.agents if agent.name == self.agent), AgentState(self.agent))
        if own.riding == self.vehicle:
            self.status = "done"
        elif own.riding:
            self._fail(f"{self.agent} rides {own.riding} already")
        if self.status != "running":
            return Action()
        row = bodies.index[self.vehicle]
        if self._going is None:
            reach = float(bodies.half[row].min()) + 0.95
            self._going = GoTo(self._town, self.agent, self.vehicle, speed_m_s=self._speed, arrive_m=reach)
        if self._going.status == "running":
            action = self._going.act(state)
            if self._going.status == "failed":
                self._fail(self._going.failure)
            if self._going.status != "done":
                return action
        if self._asked_s is None:
            self._asked_s = state.time_s
        elif own.failure:
            self._fail(own.failure)
        elif state.time_s - self._asked_s > _RIDE_S:
            self._fail(f"{self.vehicle} was not mounted within {_RIDE_S:g} s")
        return Action(Skill("ride", self.vehicle)) if self.status == "running" else Action()

    def _fail(self, reason: str) -> None:
        self.status, self.failure = "failed", reason
