"""Does what the instruction says in words, step by step ("take the parcel to 14 Quay Street, then rest")."""

from dataclasses import dataclass, field
from typing import Literal

from policies.chat.config import Config as Model
from policies.words.by_model import ByModel
from policies.words.instructed import Instructed
from policies.words.planner import plan


@dataclass(frozen=True)
class Config:
    """Flags of the policy `instructed`."""

    planner: Literal["rules", "llm"] = "rules"
    """Who turns words into skills: rules (English), or a language model, and rules where it does not answer."""
    on_failure: Literal["stop", "skip", "retry"] = "stop"
    """What becomes of the rest when a skill fails: nothing, its other skills, or another try first."""
    masters: tuple[str, ...] = ()
    """Whose messages are instructions too; the words of anybody else are only words."""
    llm: Model = field(default_factory=Model)
    """The language model, for the planner `llm`."""


def make(config: Config) -> Instructed:
    """A policy for one agent."""
    planner = ByModel(config.llm) if config.planner == "llm" else plan
    return Instructed(planner, on_failure=config.on_failure, masters=config.masters)
