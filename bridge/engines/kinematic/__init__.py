"""Bodies that go as they are told, in closed form and without forces: for long episodes of many agents, fast."""

from dataclasses import dataclass

from bridge.engine import Engine
from bridge.plugins import check_name


@dataclass(frozen=True)
class Config:
    """How the kinematic engine works.

    `renderer` is auto, gl, rays, unreal or a dotted module; it is opened at the first picture, at `renderer_address` with
    `renderer_token_file` where it is another program. `reserve` is how many copies of
    each thing that moves may be spawned before the world's geometry is compiled anew.
    """

    renderer: str = "auto"
    renderer_address: str = ""
    renderer_token_file: str = ""
    reserve: int = 2


def make(config: Config) -> Engine:
    """The engine, without a world until `load`. Raises UnknownName for a renderer that there is not."""
    if config.renderer != "auto":
        check_name("bridge.render", config.renderer, what="renderer")
    from bridge.engines.kinematic.engine import KinematicEngine

    return KinematicEngine(config)
