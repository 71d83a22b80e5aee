"""A policy for tests: walks on and on, turning as chance has it."""

from dataclasses import dataclass

import numpy as np

from bridge.engine import Action, Velocity
from bridge.observation import Observation
from policies.policy import Policy


@dataclass(frozen=True)
class Config:
    """How fast."""

    speed_m_s: float = 1.0


class Wanderer:
    """Draws another turn at every decision."""

    def __init__(self, config: Config) -> None:
        self._config, self._rng = config, np.random.default_rng(0)

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self._rng = np.random.default_rng([seed, *agent.encode()])

    def act(self, observation: Observation) -> Action:
        return Action(Velocity(self._config.speed_m_s, 0.0, float(self._rng.uniform(-0.6, 0.6))))

    def close(self) -> None:
        pass


def make(config: Config) -> Policy:
    return Wanderer(config)
