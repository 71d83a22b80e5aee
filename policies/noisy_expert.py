"""The expert of whatever task it finds itself in, with noise between it and its body: a different strength each episode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bridge.engine import Action
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.plugins import load
from policies.policy import Policy, report_of
from policies.seeds import stream
from policies.wrappers.noise import LEVELS, Noise

EXPERTS = {"manipulate-expert": "tool", "drive-expert": "waypoints"}
"""Who masters a task, and what only that task tells."""


@dataclass(frozen=True)
class Config:
    """Flags of the policy `noisy-expert`. `mixed` draws one of the levels for each episode, by its seed."""

    level: Literal["mixed", "none", "slight", "mild", "heavy", "strong"] = "mixed"


class NoisyExpert:
    """The mind of one agent; who it is, it knows when it is told something for the first time."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._began: tuple[int, str, str] = (0, "", "")
        self._experts: dict[str, Policy] = {}
        self._acting: Policy | None = None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._began, self._acting = (seed, agent, instruction), None

    def act(self, observation: Observation) -> Action:
        """The expert's action, disturbed. Raises InvalidInput for a task that no expert here masters."""
        if self._acting is None:
            self._acting = self._begun(observation)
        return self._acting.act(observation)

    def report(self) -> Mapping[str, Any]:
        """What the expert counted."""
        return report_of(self._acting)

    def close(self) -> None:
        """Closes the experts."""
        for expert in self._experts.values():
            expert.close()

    def _begun(self, observation: Observation) -> Policy:
        name = next((name for name, sign in EXPERTS.items() if sign in observation.told), None)
        if name is None:
            raise InvalidInput(
                f"noisy-expert is told {', '.join(sorted(observation.told)) or 'nothing'}, by which it knows no task. Use it "
                "for 'manipulate' or 'drive', or put noise before another policy: --policy noisy --noisy.policy NAME."
            )
        if name not in self._experts:
            module = load("policies", name, what="policy")
            self._experts[name] = module.make(module.Config())
        seed, agent, instruction = self._began
        level = self._config.level
        if level == "mixed":
            level = tuple(LEVELS)[int(stream(seed, agent, "level of noise").integers(len(LEVELS)))]
        noisy = Noise(self._experts[name], level)
        noisy.reset(seed=seed, agent=agent, instruction=instruction)
        return noisy


def make(config: Config) -> Policy:
    """A policy for one agent."""
    return NoisyExpert(config)
