"""Policies as the rollout asks them: several think at once, and none that raises or stalls stops the others."""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.engine import Action
from bridge.observation import Observation
from policies.policy import Policy, report_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a policy said. Without an `action` it raised (`trouble` says what) or was too slow (`is_late`)."""

    action: Action | None
    trouble: str = ""
    is_late: bool = False


class Mind:
    """One agent's policy on a thread of its own.

    A policy that did not answer in time goes on thinking; until it is done the agent waits, and its answer is dropped.
    """

    def __init__(self, agent: str, policy: Policy) -> None:
        self.agent, self.policy = agent, policy
        self._tasks: queue.SimpleQueue = queue.SimpleQueue()
        self._answers: queue.SimpleQueue = queue.SimpleQueue()
        self._number, self._pending = 0, 0
        self._thread: threading.Thread | None = None
        self._told: set[str] = set()

    def begin(self, *, seed: int, instruction: str, timeout_s: float) -> Answer:
        """A new episode for the policy; the answer has no action either way."""
        self._ask(lambda: self.policy.reset(seed=seed, agent=self.agent, instruction=instruction))
        return self.answer(timeout_s)

    def ask(self, observation: Observation) -> bool:
        """Begins a decision; False if the one before is still under way."""
        if self._is_busy():
            return False
        self._ask(lambda: self.policy.act(observation))
        return True

    def answer(self, timeout_s: float) -> Answer:
        """The decision that was begun, waited for."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                number, found, error = self._answers.get(timeout=max(deadline - time.monotonic(), 0.0))
            except queue.Empty:
                return Answer(None, f"{self.agent}'s policy did not answer within {timeout_s:g} s.", is_late=True)
            self._pending -= 1
            if number != self._number:
                continue  # an answer that came too late for its own question
            if error is not None:
                trouble = f"{type(error).__name__}: {error}"
                if trouble not in self._told:
                    self._told.add(trouble)
                    _log.warning("The policy of %s failed; the agent waits.", self.agent, exc_info=error)
                return Answer(None, trouble)
            if found is not None and not isinstance(found, Action):
                return Answer(None, f"{self.agent}'s policy answered with {type(found).__name__}, not with an Action.")
            return Answer(found)

    def report(self) -> tuple[Mapping[str, Any], str]:
        """What the policy counted in the episode, nothing for one that counts nothing or is still thinking; and what went
        wrong with that, if anything did.
        """
        if self._is_busy():
            return {}, ""
        try:
            return dict(report_of(self.policy)), ""
        except Exception as error:  # anybody's code, as in `_think`: an episode's results are not lost for a count
            _log.warning("The policy of %s could not say what it counted.", self.agent, exc_info=True)
            return {}, f"{type(error).__name__}: {error}"

    def close(self, timeout_s: float = 10.0) -> str:
        """Lets the policy go; what went wrong with that, if anything did."""
        if self._is_busy():
            return f"{self.agent}'s policy was still thinking when the episode was over; it was left alone."
        self._ask(self.policy.close)
        trouble = self.answer(timeout_s).trouble
        self._tasks.put(None)
        self._thread = None
        return trouble

    def _is_busy(self) -> bool:
        while self._pending:
            try:
                self._answers.get_nowait()
            except queue.Empty:
                return True
            self._pending -= 1
        return False

    def _ask(self, task) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._think, name=f"mind of {self.agent}", daemon=True)
            self._thread.start()
        self._number += 1
        self._pending += 1
        self._tasks.put((self._number, task))

    def _think(self) -> None:
        while (asked := self._tasks.get()) is not None:
            number, task = asked
            try:
                self._answers.put((number, task(), None))
            except Exception as error:  # a policy is anybody's code: whatever it raises is told, and the shift goes on
                self._answers.put((number, None, error))
