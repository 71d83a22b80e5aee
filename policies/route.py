"""Goes to the address that its instruction names, or its task shows, and tries again where that failed."""

import re
from dataclasses import dataclass

from bridge.engine import Action
from bridge.observation import Observation
from policies.verbs import skill, waiting

_GO_TO = re.compile(r"^\s*(?:please\s+)?go to\s+(?P<place>.+?)\s*\.?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Config:
    """Flags of the policy `route`."""

    retries: int = 3
    """How often it sets out anew after a way that failed."""


class Route:
    """Says go_to its address, and waits once it is there."""

    def __init__(self, config: Config) -> None:
        self._retries = config.retries
        self._tries = 0

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._tries = 0

    def act(self, observation: Observation) -> Action:
        """The way there, or a wait where there is nothing to go to, or it failed too often."""
        place = observation.notes.get("goal_address") or _place(observation.instruction)
        if place and observation.doing == "go_to":
            return skill("go_to", place)  # it goes on
        if not place or observation.notes.get("is_over") or (self._tries and not observation.failure):
            return waiting(5.0)
        if self._tries > self._retries:
            return waiting(30.0)
        self._tries += 1
        return skill("go_to", place)

    def close(self) -> None:
        """Nothing to give back."""


def _place(instruction: str) -> str:
    found = _GO_TO.match(instruction)
    return found["place"] if found else ""


def make(config: Config) -> Route:
    """A policy for one agent."""
    return Route(config)
