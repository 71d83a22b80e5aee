"""Carries out what a text says: plans it into skills, does one after another, and tells what was not understood or failed."""

import json
from collections import deque
from typing import Literal

from bridge.engine import Action, Skill
from bridge.observation import Observation
from policies.verbs import usage, waiting
from policies.words.planner import plan
from policies.words.steps import Planner

_IDLE_S = 30.0


class Instructed:
    """A Policy. A new instruction, or a message of one of `masters`, is planned anew in place of what is left.

    When a skill fails, `on_failure` says what becomes of the rest: "stop", "skip" the one, or "retry" it once. What was not
    understood and what failed is said aloud with the next action, and counted in `report()`.
    """

    def __init__(
        self,
        planner: Planner = plan,
        *,
        on_failure: Literal["stop", "skip", "retry"] = "stop",
        masters: tuple[str, ...] = (),
    ) -> None:
        self._planner, self._on_failure, self._masters = planner, on_failure, masters
        self._start("")

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self._start(instruction)

    def act(self, observation: Observation) -> Action:
        said = self._listen(observation)
        if not said and observation.doing and self._current is not None and not observation.failure:
            return Action(self._current)  # woken in the middle of it
        aloud = self._judge(observation) if not said else []
        if said:
            steps = self._planner(said, observation)
            self._left, self._current, self._retried = deque(steps.skills), None, False
            self._unclear += steps.not_understood
            aloud += [f"I do not understand {unclear}." for unclear in steps.not_understood]
        self._current = self._left.popleft() if self._left else None
        return self._said(self._current, " ".join(aloud), observation)

    def report(self) -> dict[str, object]:
        """What became of the instructions since the last reset, as a JSON document."""
        planner = getattr(self._planner, "report", None)
        return {
            "done": list(self._done),
            "failed": list(self._failed),
            "left": len(self._left) + (self._current is not None),
            "not_understood": list(self._unclear),
        } | ({"planner": planner()} if planner else {})

    def close(self) -> None:
        close = getattr(self._planner, "close", None)
        if close is not None:
            close()

    def _start(self, instruction: str) -> None:
        self._instruction, self._planned = instruction, ""
        self._left: deque[Skill] = deque()
        self._current: Skill | None = None
        self._retried = False
        self._done: list[str] = []
        self._failed: list[str] = []
        self._unclear: list[str] = []

    def _listen(self, observation: Observation) -> str:
        """A text that has to be planned now; "" while there is none."""
        orders = [message.text for message in observation.messages if message.sender in self._masters]
        if orders:
            return orders[-1]
        instruction = observation.instruction or self._instruction
        if instruction == self._planned:
            return ""
        self._planned = instruction
        return instruction

    def _judge(self, observation: Observation) -> list[str]:
        """Takes down how the current skill ended; what there is to say about it."""
        if self._current is None:
            return []
        name = f"{self._current.verb} {self._current.target}".strip()
        if not observation.failure:
            self._done.append(name)
            self._retried = False
            return []
        if self._on_failure == "retry" and not self._retried:
            self._retried = True
            self._left.appendleft(self._current)
            return []
        self._retried = False
        self._failed.append(f"{name}: {observation.failure}")
        if self._on_failure == "stop":
            self._left.clear()
        return [f"I could not {name}: {observation.failure}."]

    def _said(self, skill: Skill | None, aloud: str, observation: Observation) -> Action:
        """An action that does a skill and says something; speaking is done by `say` where the task has no verb for it."""
        if skill is None:
            return Action(waiting(_IDLE_S).motion, say=aloud)
        if skill.verb == "say" and "say" not in usage(observation):
            return Action(waiting(1.0).motion, say=f"{aloud} {json.loads(skill.text)['text']}".strip())
        return Action(skill, say=aloud)
