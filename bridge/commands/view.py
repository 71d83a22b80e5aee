"""Opens a live town, or a recording, in the browser: follow and drive agents, change the weather, pause and step."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

if TYPE_CHECKING:
    from bridge.engine import Engine
    from bridge.scene import Scene
    from bridge.viewer.show import Opening


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge view`, in order of use."""

    town: Annotated[Positional[Path], arg(metavar="TOWN")]
    """A town's folder, as scenegen writes it; or a recording (.mcap), which is played back."""
    episode: int = 0
    """Which episode of a recording, counted from 0."""
    recorded_in: Path | None = None
    """The town's folder of a recording that does not hold its town."""
    port: int = 8080
    """Port of the page on localhost; 0 takes any free one."""
    address: str = ""
    """A running simbridge server that has this town, instead of an engine here."""
    observe: bool = False
    """With --address: only look on; without it this viewer may step the world and drive agents."""
    tls_ca: Path | None = None
    """With --address: the authority (PEM) that signed the server's certificate."""
    token_file: Path | None = None
    """With --address: a file with the token that the server asks for."""
    engine: str = "embedded"
    """Who runs the town: a name from `simbridge engines`, or a dotted module of your own."""
    renderer: str = "auto"
    """Who draws the agents' own pictures for an engine without any: auto, gl, rays."""
    seed: int = 0
    """Seed of the episode."""
    traffic: bool = False
    """Cars and walkers that go about by themselves; the page has a switch for them, too."""
    in_process: bool = False
    """Run the engine in the viewer's own process: a crash of the engine then ends the view."""
    host: str = "localhost"
    """Where the page listens; anything but localhost needs --insecure."""
    insecure: bool = False
    """Listen beyond localhost without encryption. Anybody who reaches the port then drives the town."""
    open: bool = True
    """Open the page in the browser of this desktop, if there is one."""
    once: bool = False
    """End when the last browser has gone."""
    json: bool = False
    """Say where the page is as JSON on stdout."""


def run(config: Config) -> int:
    """Shows the town until Ctrl-C."""
    import asyncio

    from bridge.address import Address
    from bridge.viewer.live import live

    scene, opening = _watched(config)

    def say(url: str) -> None:
        print(json.dumps({"url": url, "scene": scene.name}) if config.json else url, flush=True)
        print(f"{scene.name} is live at {url} Ctrl-C ends it.", file=sys.stderr)
        if config.open and _has_desktop():
            import webbrowser

            webbrowser.open(url)

    host = "127.0.0.1" if config.host == "localhost" else config.host
    asyncio.run(
        live(
            opening,
            scene,
            Address(host=host, port=config.port),
            is_exposed=config.insecure,
            seed=config.seed,
            has_traffic=config.traffic,
            is_over_with_browser=config.once,
            on_start=say,
        )
    )
    return 0


def _watched(config: Config) -> tuple["Scene", "Opening"]:
    """The town, and the way to its world: a recording, a server, or an engine here."""
    from bridge.formats.scene_folder import read_scene
    from bridge.viewer.playback import recorded_scene, recorded_world
    from bridge.viewer.show import own_world, served_world

    if config.town.suffix == ".mcap":
        scene = read_scene(config.recorded_in) if config.recorded_in else recorded_scene(config.town)
        return scene, recorded_world(config.town, scene, episode=config.episode)
    scene = read_scene(config.town)
    if not config.address:
        return scene, own_world(lambda: _engine(config), scene, seed=config.seed)
    from bridge.credentials import Tls, read_token

    opening = served_world(
        config.address,
        scene,
        is_observer=config.observe,
        seed=config.seed,
        tls=Tls(ca=config.tls_ca) if config.tls_ca else None,
        token=read_token(config.token_file) if config.token_file else "",
    )
    return scene, opening


def _engine(config: Config) -> "Engine":
    """The engine in a process of its own, so that a crash of it is told in the page, and a reset begins anew."""
    from bridge.engines import open_engine
    from bridge.worker import WorkerEngine

    options = {"renderer": config.renderer} if config.engine == "embedded" else {}
    return open_engine(config.engine, **options) if config.in_process else WorkerEngine(config.engine, options)


def _has_desktop() -> bool:
    """Whether a browser can open a window here; a terminal's browser would only take the terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
