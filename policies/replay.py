"""Does again what was written down: the decisions of a file."""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from bridge.engine import Action
from bridge.errors import InvalidInput
from bridge.observation import Observation
from policies.deeds import deeds


@dataclass(frozen=True)
class Config:
    """Flags of the policy `replay`."""

    file: str = ""
    """Decisions, a JSON document a line, as `--noisy.write-to` writes them; `policies.deeds` makes them of episodes."""
    agent: str = ""
    """Whose decisions; the agent's own if empty."""


class Replay:
    """A Policy: at each moment the last action that was decided by then; before the first one it holds still.

    Raises InvalidInput on `reset` for a file that does not hold the agent's decisions.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._times: list[float] = []
        self._actions: list[Action] = []

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """Reads what the agent did."""
        config = self._config
        if not config.file:
            raise InvalidInput("The policy `replay` was given no file. Name one: --replay.file decisions.jsonl")
        name = config.agent or agent
        found = [deed for deed in deeds(Path(config.file)) if deed.agent == name]
        if not found:
            raise InvalidInput(f"{config.file} holds no decision of '{name}'. Choose another --replay.agent.")
        self._times, self._actions = [deed.time_s for deed in found], [deed.action for deed in found]

    def act(self, observation: Observation) -> Action:
        """The last action by now."""
        index = bisect_right(self._times, observation.time_s + 1e-6) - 1
        return self._actions[index] if index >= 0 else Action()

    def close(self) -> None:
        """Nothing to give back."""


def make(config: Config) -> Replay:
    """A policy for one agent."""
    return Replay(config)
