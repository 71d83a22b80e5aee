"""MuJoCo for physics and any renderer for pictures: runs wherever pip does, without a graphics card."""

from dataclasses import dataclass
from typing import Literal

from bridge.engine import Engine
from bridge.errors import InvalidInput
from bridge.plugins import check_name


@dataclass(frozen=True)
class Config:
    """How the embedded engine works.

    `reserve` is how many copies of each thing that moves may be spawned before the world is compiled anew, which takes
    about a second; `sleeps` lets things at rest rest. `renderer` is auto, gl, rays, unreal or a dotted module; it is
    opened at the first picture, at `renderer_address` with `renderer_token_file` where it is another program. `robot` is
    a robot to bring along: a description's file (MJCF .xml or .urdf) or a name ("panda"); `robot_at` where: x, y, z [m]
    and yaw [rad], None for a free spawn. `detail` says whom physics moves: everybody at every tick (full), or those whom
    something is near, while the others go as they are told many ticks at once (near): many times faster, for long
    episodes without pictures. With robots of many joints, near is as full.
    """

    renderer: str = "auto"
    renderer_address: str = ""
    renderer_token_file: str = ""
    reserve: int = 2
    sleeps: bool = True
    robot: str = ""
    robot_at: tuple[float, float, float, float] | None = None
    detail: Literal["full", "near"] = "full"


def make(config: Config) -> Engine:
    """The engine, without a world until `load`. Raises UnknownName for a renderer that there is not, InvalidInput."""
    if config.renderer != "auto":
        check_name("bridge.render", config.renderer, what="renderer")
    if config.detail not in ("full", "near") or (config.detail == "near" and not config.sleeps):
        raise InvalidInput(
            f"Engine 'embedded' was given detail '{config.detail}' and sleeps {config.sleeps}. Detail is full, or near with "
            "sleeps on: who keeps to a course sleeps for physics."
        )
    from bridge.engines.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(config)
