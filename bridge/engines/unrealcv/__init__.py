"""Any Unreal binary that has UnrealCV (SimWorld's, UnrealZoo's, plain ones), or our gateway; not run against a real Unreal here."""

from dataclasses import dataclass
from typing import Literal

from bridge.engine import Engine


@dataclass(frozen=True)
class Config:
    """How the engine reaches Unreal, and what it makes of it.

    `engine_address` is host:port or unix:/path; `token_file` for a gateway that asks for a token. `dialect` is found out unless it is named. `clock` ticks where the server
    can, or lets the game run by the wall clock and pauses it between steps. `blueprints` is a JSON file {kind: path} of
    blueprints for what SimWorld's assets lack; `ground_z_cm` the height of a flat map's ground. Things that are farther than
    `watch_m` from every agent are believed to stay where they are. `tries` is how often a picture that cannot be proven
    to be of the tick is taken again. `timeout_s` is how long the server may be silent.
    """

    engine_address: str = "localhost:9000"
    token_file: str = ""
    dialect: Literal["auto", "unrealcv", "simworld", "unrealzoo", "simbridge"] = "auto"
    clock: Literal["auto", "tick", "wall"] = "auto"
    world: Literal["auto", "as-is", "spawn"] = "auto"
    blueprints: str = ""
    ground_z_cm: float = 0.0
    watch_m: float = 30.0
    tries: int = 5
    connect_timeout_s: float = 10.0
    timeout_s: float = 30.0


def make(config: Config) -> Engine:
    """The engine, connected, without a world until `load`. Raises EngineUnavailable, InvalidInput."""
    from bridge.engines.unrealcv.engine import UnrealCvEngine

    return UnrealCvEngine(config)
