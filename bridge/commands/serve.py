"""Serves a town to other programs over gRPC, until it is told to stop (Ctrl-C or SIGTERM)."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge serve`, in order of use."""

    town: Annotated[Positional[Path], arg(metavar="TOWN")]
    """A town's folder, as scenegen writes it."""
    port: int = 50051
    """Port on localhost; 0 takes any free one."""
    address: str = ""
    """host:port or unix:/path instead of a port on localhost."""
    engine: str = "embedded"
    """Who runs the town: a name from `simbridge engines`, or a dotted module of your own."""
    renderer: str = "auto"
    """Who draws for an engine without pictures of its own: auto, gl, rays."""
    mode: Literal["lockstep", "real-time"] = "lockstep"
    """lockstep: a tick when its clients ask for one; real-time: 50 ticks a second."""
    missing: Literal["wait", "hold"] = "wait"
    """In lockstep, when one owner is late: the others wait, or go on after 10 s."""
    scenes_root: Path | None = None
    """A folder whose towns clients may load by path; without it they upload."""
    insecure: bool = False
    """Listen beyond localhost without encryption. Anybody who reaches the port then drives the town."""
    in_process: bool = False
    """Run the engine in the server's own process: a crash of the engine then ends the server."""
    crash_logs: Path | None = None
    """A folder for what an engine said before it crashed; without it, among temporary files."""
    json: bool = False
    """Say where it answers as JSON on stdout."""


def run(config: Config) -> int:
    """Loads the town, says where it answers, and serves."""
    from bridge.engine import Engine
    from bridge.engines import open_engine
    from bridge.formats.scene_folder import read_scene
    from bridge.server import Config as ServerConfig
    from bridge.server import serve
    from bridge.worker import Supervision, WorkerEngine

    scene = read_scene(config.town)
    address = config.address or f"localhost:{config.port}"
    options = {"renderer": config.renderer} if config.engine == "embedded" else {}
    settings = ServerConfig(
        address=address,
        mode=config.mode,
        missing=config.missing,
        scenes_root=config.scenes_root,
        is_insecure_bind_forced=config.insecure,
    )

    def say(where: str) -> None:
        if config.json:
            print(json.dumps({"address": where, "scene": scene.name, "digest": scene.digest()}), flush=True)
        else:
            print(where, flush=True)
        print(f"{scene.name} on engine '{config.engine}'. Connect: bridge.connect(\"{where}\")", file=sys.stderr)

    def make() -> Engine:
        if config.in_process:
            return open_engine(config.engine, **options)
        return WorkerEngine(config.engine, options, Supervision(crash_folder=config.crash_logs))

    serve(make, settings, scene=scene, on_start=say)
    return 0
