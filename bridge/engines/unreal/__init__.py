"""UE5 with the plug-in SimBridge, at a port or a Unix socket; tried on simbridge-fake-ue, not run against a real Unreal here."""

from dataclasses import dataclass
from typing import Literal

from bridge.engine import Engine


@dataclass(frozen=True)
class Config:
    """Where Unreal is and how long it may take.

    `engine_address` is "host:50061" or "unix:/path"; `token_file` a file with the 64 hex digits that the plug-in was started
    with, without which only this computer is reached. A call that takes longer than `step_timeout_s` (steps: and ten times
    the time they simulate), or `load_timeout_s` for a scene, ends with TooLate. `shared_memory` "auto" has frames laid in
    memory that both ends see where that works; "never" has them travel.
    """

    engine_address: str = ""
    token_file: str = ""
    connect_timeout_s: float = 10.0
    step_timeout_s: float = 30.0
    load_timeout_s: float = 240.0
    shared_memory: Literal["auto", "never"] = "auto"


def make(config: Config) -> Engine:
    """The engine, connected, without a world until `load`. Raises EngineUnavailable where Unreal is not up, TooLate where it is slow."""
    from bridge.engines.unreal.engine import UnrealEngine

    return UnrealEngine(config)
