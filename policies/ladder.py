"""One rung of a ladder from the expert down to no aim at all: the same task done with one fault, more or less."""

from dataclasses import dataclass
from typing import Literal

from bridge.engine import Action
from bridge.errors import InvalidInput
from bridge.observation import Observation
from policies import drive_expert, manipulate_expert
from policies.policy import Policy
from policies.rungs.arm import Hampered, HandFaults
from policies.rungs.car import Impaired
from policies.rungs.steps import STEPS

_SIGNS = {"manipulate": "tool", "drive": "waypoints"}
"""What only that task tells."""


@dataclass(frozen=True)
class Config:
    """Flags of the policy `ladder`: which `rung`, 0 the expert; `task` "" goes by what is told."""

    rung: int = 0
    task: Literal["", "manipulate", "drive"] = ""

    def __post_init__(self) -> None:
        known = [self.task] if self.task else list(STEPS)
        most = min(len(STEPS[task]) for task in known)
        if not 0 <= self.rung < max(len(STEPS[task]) for task in known):
            raise InvalidInput(f"The ladder has no rung {self.rung}. Choose 0 to {most - 1}.")


class Ladder:
    """A Policy for one agent, on one rung; which task it is at, it knows when it is told something for the first time."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._began: tuple[int, str, str] = (0, "", "")
        self._acting: Policy | None = None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._began = (seed, agent, instruction)
        if self._acting is not None:
            self._acting.close()
        self._acting = None

    def act(self, observation: Observation) -> Action:
        """The expert's action with the rung's fault. Raises InvalidInput for a task that has no ladder."""
        if self._acting is None:
            self._acting = self._made(observation)
            seed, agent, instruction = self._began
            self._acting.reset(seed=seed, agent=agent, instruction=instruction)
        return self._acting.act(observation)

    def close(self) -> None:
        """Closes the expert."""
        if self._acting is not None:
            self._acting.close()

    def _made(self, observation: Observation) -> Policy:
        task = self._config.task or next((task for task, sign in _SIGNS.items() if sign in observation.told), "")
        if not task:
            raise InvalidInput(
                f"The ladder is told {', '.join(sorted(observation.told)) or 'nothing'}, by which it knows no task. Use it for "
                f"{' or '.join(map(repr, STEPS))}."
            )
        if self._config.rung >= len(STEPS[task]):
            raise InvalidInput(
                f"The ladder of '{task}' has no rung {self._config.rung}. Choose 0 to {len(STEPS[task]) - 1}."
            )
        faults = STEPS[task][self._config.rung].faults
        if isinstance(faults, HandFaults):
            return Hampered(manipulate_expert.make(manipulate_expert.Config()), faults)
        return Impaired(drive_expert.make(drive_expert.Config(speed_up_m_s2=faults.pulls_m_s2)), faults)


def make(config: Config) -> Ladder:
    """A policy for one agent."""
    return Ladder(config)
