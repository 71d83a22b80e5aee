"""What a task is: what to do well, as pure functions of data; the same task runs on every engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Actions, Change
from bridge.observation import Message
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
        """Judges one step from `before` to `after`; briefings only where there is something new to say.

        `actions` are what was decided for this step: one that merely goes on is not in it again.
        """
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


@dataclass(frozen=True)
class Affairs:
    """Where one agent stands with its task after a step.

    `doing` is the task's verb under way ("rest"), "" if there is none; `failure` why the last one came to nothing, told
    once; `news` why the agent should think anew now, "" if nothing happened to it; `messages` what reached it in this
    step. It goes on foot at `walk_m_s` and by vehicle at `drive_m_s`: weather, tired legs and a flat battery are in there.
    """

    doing: str = ""
    failure: str = ""
    news: str = ""
    messages: tuple[Message, ...] = ()
    walk_m_s: float = 1.5
    drive_m_s: float = 7.0


@runtime_checkable
class LivingTask(Task[State], Protocol[State]):
    """A task that goes on between its agents' decisions and has a hand in the world: an economy, say.

    Whoever runs it asks `means` what a decision comes to before carrying it out, and after each `advance` makes the
    `changes` in the engine (the state then is the next step's `before`) and tells the agents their `affairs`.
    """

    def means(self, task_state: State, state: WorldState, agent: str, action: Action) -> Action:
        """What an action comes to in words of control and the engine ("by scooter" is to board this one); most are as
        they are. Asked after `refuses`; what the task carries out itself is given to `advance` as it was decided."""
        ...

    def changes(self, task_state: State) -> Sequence[Change]:
        """What the last step changes in the world: somebody set down where the bus stopped. Often nothing."""
        ...

    def affairs(self, task_state: State, agent: str) -> Affairs:
        """Where an agent stands after the last step."""
        ...


@runtime_checkable
class SteeredTask(Task[State], Protocol[State]):
    """A task whose agents are no walkers: what the numbers of a learner mean to it.

    `controls` names each number of a continuous action, -1 to 1; `choices` are the numbers each discrete action stands for.
    """

    controls: tuple[str, ...]
    choices: tuple[tuple[float, ...], ...]

    def controlled(self, state: WorldState, agent: str, numbers: Sequence[float]) -> Action:
        """What an agent that was given these numbers does from a state on."""
        ...


@runtime_checkable
class PeopledTask(Task[State], Protocol[State]):
    """A task that brings its own life into the streets, because it judges agents by it: traffic and its lights, say.

    Whoever runs it tells the engine what it `leads` at least ten times a second, and needs no ambient life beside.
    """

    def leads(self, task_state: State, state: WorldState) -> Actions:
        """What everybody but the agents does from a state on; empty while all go on as they do."""
        ...


@runtime_checkable
class PlacedTask(Task[State], Protocol[State]):
    """A task that needs a scene of its own, such as a table with an arm, and runs in no town."""

    def place(self) -> Scene:
        """The scene; the same every time."""
        ...
