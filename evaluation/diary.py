"""What the rollout writes down as it goes: outcomes added up, events, and where everybody was."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.tasks.task import Outcome
from bridge.types import WorldState
from evaluation.result import Happening

_COUNTS = ("decisions", "refused", "skills_failed", "mind_errors", "mind_timeouts")


class Diary:
    """The diary of one episode. Places are noted `every_s` of simulated time; ways are measured at every look."""

    def __init__(self, agents: Sequence[str], *, every_s: float) -> None:
        self._agents, self._every_s = tuple(agents), every_s
        self._told: dict[str, dict[str, Any]] = {agent: {} for agent in agents}
        self._reward = dict.fromkeys(agents, 0.0)
        self._ends: dict[str, tuple[bool, bool]] = {}
        self._events: list[Happening] = []
        self._places: list[NDArray[np.float64]] = []
        self._times: list[float] = []
        self._moved_m = np.zeros(len(self._agents))
        self._at: NDArray[np.float64] | None = None
        self._rows: tuple[tuple[str, ...], NDArray[np.int64]] | None = None
        self._now_s = 0.0

    def look(self, state: WorldState) -> None:
        """Notes where everybody is."""
        if self._rows is None or (self._rows[0] is not state.names and self._rows[0] != state.names):
            index = {name: row for row, name in enumerate(state.names)}
            self._rows = state.names, np.array([index[agent] for agent in self._agents], dtype=np.int64)
        at = state.poses[self._rows[1], :2]
        if self._at is not None:
            self._moved_m += np.hypot(*(at - self._at).T)
        self._at, self._now_s = at, state.time_s
        if not self._times or state.time_s >= self._times[-1] + self._every_s - 1e-9:
            self._times.append(state.time_s)
            self._places.append(at)

    def note(self, time_s: float, agent: str, kind: str, details: Mapping[str, Any]) -> None:
        """Writes an event down."""
        self._events.append(Happening(time_s, agent, kind, details))

    def judged(self, time_s: float, agent: str, outcome: Outcome) -> None:
        """Adds an outcome up: rewards sum, numbers replace those before, events go to the list; one that names its `agent`
        ("" for all) is theirs."""
        self._reward[agent] += outcome.reward
        told = dict(outcome.info)
        for event in told.pop("events", ()):
            details = dict(event) if isinstance(event, Mapping) else {"what": event}
            kind = str(details.pop("kind", "event"))
            whose = str(details.pop("agent", agent))
            self._events.append(Happening(float(details.pop("time_s", time_s)), whose, kind, details))
        self._told[agent].update(told)
        if outcome.terminated or outcome.truncated:
            self._ends[agent] = outcome.terminated, outcome.truncated

    def rows(self, counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, Any]]:
        """A row for each agent: what its task said last, and what was counted (which is told even where it is 0)."""
        rows = {}
        for index, agent in enumerate(self._agents):
            terminated, truncated = self._ends.get(agent, (False, False))
            row: dict[str, Any] = {"reward": self._reward[agent], "terminated": terminated, "truncated": truncated}
            row["moved_m"] = round(float(self._moved_m[index]), 3)
            row |= {what: counts[agent].get(what, 0) for what in _COUNTS}
            rows[agent] = row | self._told[agent]
            rows[agent]["refused"] = max(int(self._told[agent].get("refused", 0)), counts[agent].get("refused", 0))
        return rows

    def events(self) -> tuple[Happening, ...]:
        """In order of time; what happened at once stays in the order it was noted."""
        return tuple(sorted(self._events, key=lambda event: event.time_s))

    def traces(self) -> dict[str, NDArray[np.float64]]:
        """By agent time [s] and place [m], (k,3); the last place included."""
        times, places = list(self._times), list(self._places)
        if self._at is not None and (not times or times[-1] < self._now_s):
            times.append(self._now_s)
            places.append(self._at)
        whole = np.array(places).reshape(len(times), len(self._agents), 2)
        return {agent: np.column_stack([times, whole[:, index]]) for index, agent in enumerate(self._agents)}
