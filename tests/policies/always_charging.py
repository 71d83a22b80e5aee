"""A policy that charges, whatever it sees."""

from dataclasses import dataclass

from bridge.engine import Action
from bridge.observation import Observation
from policies.verbs import skill


@dataclass(frozen=True)
class Config:
    """No flags."""


class Charging:
    def reset(self, *, seed: int, agent: str, instruction: str) -> None: ...

    def act(self, observation: Observation) -> Action:
        return skill("charge", arguments={"to_pct": 100})

    def close(self) -> None: ...


def make(config: Config) -> Charging:
    return Charging()
