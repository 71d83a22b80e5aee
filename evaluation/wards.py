"""What each agent is at: its decision handed to control, to the engine or to the task, and when it has to decide anew."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bridge.control import Board, Controller, Follow, GoTo, Town
from bridge.engine import VERBS, Action, Skill
from bridge.errors import SimbridgeError
from bridge.observation import Message
from bridge.plugins import unknown_name
from bridge.tasks.task import Affairs
from bridge.types import AgentState, WorldState

GOING = ("go_to", "follow", "board")
"""Verbs that bridge.control carries out."""
_ENGINE_S = 3.0
"""Engines are done with their skills by then; who sits goes on sitting."""
_POINT = re.compile(r"\s*\(?\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\)?\s*")
Doing = Literal["", "control", "engine", "task", "motion", "wait"]


@dataclass
class Ward:
    """One agent of an episode. `doing` says who carries its skill out, "" when it is free to decide."""

    agent: str
    town: Town
    walk_m_s: float = 1.5
    drive_m_s: float = 7.0
    doing: Doing = ""
    skill: Skill | None = None
    controller: Controller | None = None
    since_s: float = 0.0
    until_s: float = np.inf
    not_before_s: float = 0.0
    failure: str = ""
    news: str = ""
    messages: tuple[Message, ...] = ()
    is_over: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """One more of something in the agent's row."""
        self.counts[what] = self.counts.get(what, 0) + 1

    @property
    def verb(self) -> str:
        """The verb under way."""
        return self.skill.verb if self.skill is not None and self.doing else ""

    def begin(self, action: Action, state: WorldState, verbs: Mapping[str, str]) -> Action | None:
        """Takes a decision up; what the engine is told of it at once, or None if a controller tells it. Raises SimbridgeError."""
        motion = action.motion
        self.controller, self.skill, self.until_s = None, None, np.inf
        self.failure, self.news, self.since_s = "", "", state.time_s
        if not isinstance(motion, Skill):
            self.doing = "motion" if motion is not None else ""
            return action
        self.skill = motion
        if motion.verb in verbs:
            self.doing = "task"
            return Action()
        if motion.verb in GOING:
            self.doing = "control"
            self.controller = self._controller(motion)
            return None
        if motion.verb == "wait":
            self.doing, self.until_s = "wait", state.time_s + waiting_s(motion)
            return Action()
        if motion.verb in VERBS:
            self.doing = "engine"
            return action
        self.doing = ""
        raise SimbridgeError(unknown_name("verb", motion.verb, (*GOING, *VERBS, *verbs)))

    def _controller(self, skill: Skill) -> Controller:
        if skill.verb == "follow":
            return Follow(self.town, self.agent, skill.target, speed_m_s=self.walk_m_s)
        if skill.verb == "board":
            return Board(self.town, self.agent, skill.target, speed_m_s=self.walk_m_s)
        point = _POINT.fullmatch(skill.target)
        target = np.array([float(number) for number in point.groups()]) if point else skill.target
        return GoTo(self.town, self.agent, target, speed_m_s=self.walk_m_s, drive_m_s=self.drive_m_s)

    def fail(self, reason: str, now_s: float, *, pause_s: float) -> None:
        """The skill came to nothing; the agent learns why when it decides next, which is not at once."""
        self.doing, self.controller, self.failure, self.not_before_s = "", None, reason, now_s + pause_s

    def look(self, own: AgentState, now_s: float) -> None:
        """Notes that the skill is over, as control or the engine tell it."""
        if self.doing == "control" and self.controller is not None and self.controller.status != "running":
            failure = self.controller.failure
            self.doing, self.controller = "", None
            if failure:
                self.count("skills_failed")
                self.failure = failure
        elif self.doing == "engine" and now_s > self.since_s:
            is_done = own.doing != self.verb or now_s - self.since_s > _ENGINE_S
            if is_done:
                self.doing = ""
                if own.failure:
                    self.count("skills_failed")
                    self.failure = own.failure
        elif self.doing == "wait" and now_s >= self.until_s - 1e-9:
            self.doing = ""

    def learn(self, affairs: Affairs) -> None:
        """Takes note of where the agent stands with its task after a step."""
        if (self.walk_m_s, self.drive_m_s) != (affairs.walk_m_s, affairs.drive_m_s):
            self.walk_m_s, self.drive_m_s = affairs.walk_m_s, affairs.drive_m_s
            if self.controller is not None:
                self.controller.hurry(affairs.walk_m_s, affairs.drive_m_s)
        if affairs.failure:
            self.count("skills_failed")
            self.failure = affairs.failure
        self.news = affairs.news or self.news
        self.messages += affairs.messages
        if self.doing == "task" and not affairs.doing:
            self.doing = ""

    def is_due(self, now_s: float, patience_s: float) -> bool:
        """Whether it has to decide now."""
        if self.is_over or now_s < self.not_before_s - 1e-9:
            return False
        wakes = bool(self.news or self.messages) and self.doing != "motion"
        return self.doing in ("", "motion") or wakes or now_s - self.since_s >= patience_s - 1e-9


def waiting_s(skill: Skill, *, usual_s: float = 5.0) -> float:
    """For how long "wait" waits: the `s` of its arguments, or its target as a number. Raises SimbridgeError for neither."""
    try:
        arguments: Any = json.loads(skill.text) if skill.text.strip() else {}
        seconds = float(arguments.get("s", skill.target or usual_s))
    except (ValueError, TypeError, AttributeError) as error:
        raise SimbridgeError(f'wait was told {skill.text or skill.target!r}. Say wait {{"s": 30}}.') from error
    if not 0.0 <= seconds <= 7200.0:
        raise SimbridgeError(f"wait was told {seconds:g} s. Wait for 0 to 7200 s at once.")
    return seconds
