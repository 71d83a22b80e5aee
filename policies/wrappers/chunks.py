"""Carries out a part of each chunk of actions that a policy decides at once, then asks for the next chunk."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bridge.engine import Action
from bridge.errors import UsageError
from bridge.observation import Observation
from policies.policy import report_of


class ChunkPolicy(Protocol):
    """A policy that says several actions at once, as most imitation policies do."""

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        ...

    def chunk(self, observation: Observation) -> Sequence[Action]:
        """What the agent does from now on, an action for each coming decision; one at least."""
        ...

    def close(self) -> None:
        """Gives connections and models back."""
        ...


class Chunks:
    """A Policy of a ChunkPolicy: `carry_out` actions of a chunk are carried out unseen; a failure ends the chunk."""

    def __init__(self, inner: ChunkPolicy, carry_out: int) -> None:
        if carry_out < 1:
            raise UsageError(f"carry_out is {carry_out}; at least 1 action of each chunk is carried out.")
        self._inner, self._carry_out = inner, carry_out
        self._left: deque[Action] = deque()

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._left.clear()
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        """The next action of the chunk. Raises UsageError for an empty chunk."""
        if observation.failure:
            self._left.clear()
        if not self._left:
            self._left.extend(list(self._inner.chunk(observation))[: self._carry_out])
        if not self._left:
            raise UsageError(
                f"{type(self._inner).__name__} answered with an empty chunk; expected one action at least."
            )
        return self._left.popleft()

    def report(self) -> Mapping[str, Any]:
        """What the inner policy counted."""
        return report_of(self._inner)

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()
