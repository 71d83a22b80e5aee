"""What a text comes to: skills in their order, and what of it was not understood."""

from dataclasses import dataclass
from typing import Protocol

from bridge.engine import Skill
from bridge.observation import Observation


@dataclass(frozen=True)
class Steps:
    """Skills in order; `not_understood` are stretches of the text, each with the reason."""

    skills: tuple[Skill, ...] = ()
    not_understood: tuple[str, ...] = ()


class Planner(Protocol):
    """Turns a text into skills for who perceives this. Rules and models are the same to who asks."""

    def __call__(self, text: str, observation: Observation) -> Steps: ...
