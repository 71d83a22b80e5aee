"""Asks a policy at every k-th decision only; in between its last action goes on."""

from collections.abc import Mapping
from typing import Any

from bridge.engine import Action
from bridge.errors import UsageError
from bridge.observation import Observation
from policies.policy import Policy, report_of


class FrameSkip:
    """A Policy that asks `inner` once in `every` decisions, and at once when something failed or somebody spoke."""

    def __init__(self, inner: Policy, every: int) -> None:
        if every < 1:
            raise UsageError(f"every is {every}; a policy is asked at every 1st, 2nd, 3rd ... decision.")
        self._inner, self._every = inner, every
        self._left, self._last = 0, Action()

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._left = 0
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        """The inner policy's action, or its last one."""
        if self._left == 0 or observation.failure or observation.messages:
            self._last, self._left = self._inner.act(observation), self._every
        self._left -= 1
        return self._last

    def report(self) -> Mapping[str, Any]:
        """What the inner policy counted."""
        return report_of(self._inner)

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()
