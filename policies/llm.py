"""A language model behind any OpenAI-compatible endpoint."""

from bridge.plugins import load
from policies.chat.config import Config
from policies.chat.mind import Mind
from policies.policy import Policy

__all__ = ["Config", "make"]


def make(config: Config) -> Mind:
    """A mind for one agent. Raises UsageError or UnknownName where the config cannot be used."""
    return Mind(config, fallback=fallback(config.fallback))


def fallback(name: str) -> Policy | None:
    """The policy that decides while the model does not; None for waiting."""
    if not name:
        return None
    module = load("policies", name, what="policy")
    return module.make(module.Config())
