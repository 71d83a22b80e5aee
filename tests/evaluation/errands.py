"""A small task with a life of its own, and policies that do what tests want: what the rollout is tried with."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.engine import Action, Move, Skill
from bridge.observation import Message, Observation
from bridge.tasks.task import Affairs, Outcome
from bridge.types import Pose

AGENTS = ("courier-1",)


@dataclass(frozen=True)
class Bell:
    """How often it was rung, by whom, and what is to be told next."""

    begun_s: float = 0.0
    rung: int = 0
    given: tuple[str, ...] = ()
    failure: str = ""
    messages: tuple[Message, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass
class Ringing:
    """Ring a bell three times: "ring" takes no time, "ring hard" is refused, "clap" fails, "fly" ends somewhere else."""

    limit_s: float = 20.0
    told: Mapping[str, Any] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(
        default_factory=lambda: {"ring": "ring: once", "clap": "clap: fails", "fly": "fly: lifts"}
    )

    def agents(self, scene):
        return AGENTS

    def setup(self, scene, rng):
        return Bell(), (), dict.fromkeys(AGENTS, "Ring three times.")

    def advance(self, task_state, before, actions, after):
        bell = replace(task_state, failure="", messages=(), moves=())
        for agent, action in actions.items():
            verb = action.motion.verb if isinstance(action.motion, Skill) else ""
            bell = replace(bell, given=(*bell.given, verb))
            if verb == "ring":
                heard = Message("task", f"ding {bell.rung + 1}", after.tick)
                bell = replace(bell, rung=bell.rung + 1, messages=(heard,))
            elif verb == "clap":
                bell = replace(bell, failure="Hands are full.")
            elif verb == "fly":
                pose = after.poses[after.names.index(agent)]
                bell = replace(bell, moves=(Move(agent, Pose(pose[:3] + [2.0, 0.0, 0.0], pose[3:].copy())),))
        is_done, is_late = bell.rung >= 3, after.time_s >= self.limit_s - 1e-9
        events = [{"kind": "rung", "times": bell.rung}] if bell.messages else []
        outcome = Outcome(float(bool(events)), is_done, is_late and not is_done, {"rung": bell.rung, "events": events})
        return bell, {"courier-1": outcome}, {}

    def tells(self, task_state, state):
        return {}

    def shows(self, task_state, state, agent):
        return {"rung": task_state.rung}

    def refuses(self, task_state, state, agent, action):
        is_hard = isinstance(action.motion, Skill) and action.motion.target == "hard"
        return "The bell would break." if is_hard else ""

    def means(self, task_state, state, agent, action):
        is_gesture = isinstance(action.motion, Skill) and action.motion.verb == "rest"
        return Action(Skill("wait", text='{"s": 1}')) if is_gesture else action

    def changes(self, task_state):
        return task_state.moves

    def affairs(self, task_state, agent):
        return Affairs(failure=task_state.failure, messages=task_state.messages, walk_m_s=1.2)


class Script:
    """Does one thing after the other, and keeps what it was shown; waits when there is no more."""

    def __init__(self, deeds: Iterable[Action | Callable[[Observation], Action]]) -> None:
        self._deeds = list(deeds)
        self.seen: list[Observation] = []
        self.is_closed = False

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self.seen.clear()

    def act(self, observation: Observation) -> Action:
        self.seen.append(observation)
        index = len(self.seen) - 1
        deed = self._deeds[index] if index < len(self._deeds) else Action(Skill("wait", text='{"s": 5}'))
        return deed(observation) if callable(deed) else deed

    def close(self) -> None:
        self.is_closed = True


class Broken(Script):
    """Raises at every question."""

    def act(self, observation: Observation) -> Action:
        raise ValueError("no idea")


class Uncounted(Script):
    """Decides well, and raises when asked what it counted."""

    def report(self) -> dict:
        raise ValueError("lost count")


class Stalled(Script):
    """Thinks until it is let go."""

    def __init__(self) -> None:
        super().__init__(())
        self.let_go = threading.Event()

    def act(self, observation: Observation) -> Action:
        self.let_go.wait(60.0)
        return Action()


def do(verb: str, target: str = "", text: str = "") -> Action:
    return Action(Skill(verb, target, text))
