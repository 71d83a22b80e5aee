"""What a task is: what to do well, as pure functions of data; the same task runs on every engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Actions, Change
from bridge.scene import Scene
from bridge.types import WorldState

State = TypeVar("State")
Briefings = Mapping[str, str]
"""What agents are told in words, by agent."""


@dataclass(frozen=True)
class Outcome:
    """How one agent did in one step. `terminated`: the task is over for it; `truncated`: its time is, undecided.

    `info` holds numbers for people and metrics; policies do not see it.
    """

    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)


class Task(Protocol[State]):
    """Sets an episode up and judges it. No engine inside: what happens is in the states."""

    told: Mapping[str, tuple[tuple[float, float], ...]]
    """What it tells policies in numbers (see `tells`): the least and most of each number, by name."""
    verbs: Mapping[str, str]
    """Skills that the task itself carries out in `advance`, each with a line on its use."""

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """Who takes part, in any episode in this scene."""
        ...

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[State, Sequence[Change], Briefings]:
        """A new episode: its state, the changes that prepare the world, and what agents are told."""
        ...

    def advance(
        self, task_state: State, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[State, Mapping[str, Outcome], Briefings]:
        """Judges one step from `before` to `after`; briefings only where there is something new to say."""
        ...

    def tells(self, task_state: State, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """What each agent is told in numbers at a state, by agent and name."""
        ...

    def shows(self, task_state: State, state: WorldState, agent: str) -> Mapping[str, Any]:
        """What an agent knows beside numbers: a JSON document, units in its keys; empty where there is nothing."""
        ...

    def refuses(self, task_state: State, state: WorldState, agent: str, action: Action) -> str:
        """Why an agent may not do this now (riding somebody else's scooter, say); "" if it may."""
        ...
