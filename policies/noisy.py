"""Another policy with noise between it and its agent, frames left out, or its decisions written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bridge.errors import UsageError
from bridge.plugins import load
from policies.policy import Policy, report_of
from policies.wrappers.frame_skip import FrameSkip
from policies.wrappers.noise import Noise
from policies.wrappers.written import Written


@dataclass(frozen=True)
class Config:
    """Flags of the policy `noisy`."""

    policy: str = "greedy"
    """The policy inside, with its usual flags."""
    level: Literal["none", "slight", "mild", "heavy", "strong"] = "mild"
    every: int = 1
    """The policy inside is asked at every so manieth decision."""
    write_to: str = ""
    """A folder to which every agent's decisions are added, as AGENT.jsonl; nothing is written if empty."""


class _Named:
    """Decisions of each agent in a file of its own, which has its name once there is one."""

    def __init__(self, inner: Policy, folder: str) -> None:
        self._inner, self._folder = inner, Path(folder)
        self._written: Written | None = None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        if self._written is None:
            self._written = Written(self._inner, self._folder / f"{agent}.jsonl")
        self._written.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation):
        if self._written is None:
            raise UsageError("A policy was asked before its first episode began: call reset first.")
        return self._written.act(observation)

    def report(self) -> Mapping[str, Any]:
        return report_of(self._inner)

    def close(self) -> None:
        (self._written or self._inner).close()


def make(config: Config) -> Policy:
    """A policy for one agent. Raises UnknownName, UsageError."""
    if config.policy == "noisy":
        raise UsageError("The policy inside `noisy` cannot be `noisy` itself. Choose another --noisy.policy.")
    module = load("policies", config.policy, what="policy")
    inner: Policy = module.make(module.Config())
    inner = FrameSkip(inner, config.every) if config.every != 1 else inner
    inner = Noise(inner, config.level)
    return _Named(inner, config.write_to) if config.write_to else inner
