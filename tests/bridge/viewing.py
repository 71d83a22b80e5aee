"""A town shown for a test: a stage whose news can be waited for, and a site that browsers can reach."""

import asyncio
import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bridge.address import Address
from bridge.engine import Weather
from bridge.scene import Scene
from bridge.viewer.live import live
from bridge.viewer.news import News, Status
from bridge.viewer.show import Opening, own_world
from bridge.viewer.stage import Stage
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene


class Outdoors(PointMass):
    """Points under a sky: notes what it is told, and on which threads."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.edits: list[Weather] = []
        self.acted: list[dict[str, Any]] = []
        self.threads: set[int] = set()

    def load(self, scene):
        self.threads.add(threading.get_ident())
        return super().load(scene)

    def step(self, actions, ticks=1):
        self.threads.add(threading.get_ident())
        if actions:
            self.acted.append(dict(actions))
        return super().step(actions, ticks)

    def edit(self, changes):
        state = super().edit([change for change in changes if not isinstance(change, Weather)])
        skies = [change for change in changes if isinstance(change, Weather)]
        self.edits += skies
        if len(skies) < len(changes) or not skies:
            return state
        self.revision += 1
        return self._state()

    def observe(self, cameras, modalities=("rgb",)):
        self.threads.add(threading.get_ident())
        return super().observe(cameras, modalities)

    def close(self):
        self.threads.add(threading.get_ident())
        super().close()


class Heard:
    """News in the order they came."""

    def __init__(self) -> None:
        self._news: queue.Queue[News] = queue.Queue()

    def __call__(self, news: News) -> None:
        self._news.put(news)

    def until(self, is_it: Callable[[Any], bool], *, timeout_s: float = 60.0) -> Any:
        """The first of the news to come that is it."""
        deadline = time.monotonic() + timeout_s
        while True:
            news = self._news.get(timeout=max(deadline - time.monotonic(), 0.001))
            if is_it(news):
                return news

    def status(self, is_it: Callable[[Status], bool] = lambda status: True) -> Status:
        return self.until(lambda news: isinstance(news, Status) and is_it(news))


@contextlib.contextmanager
def staged(engine: Any, scene: Scene | None = None, *, opening: Opening | None = None) -> Iterator[tuple[Stage, Heard]]:
    """A stage that runs, and its news."""
    scene, heard = scene or tiny_scene(), Heard()
    stage = Stage(opening or own_world(lambda: engine, scene, seed=0), scene, heard)
    stage.start()
    try:
        yield stage, heard
    finally:
        stage.close()


@contextlib.contextmanager
def shown(
    make_engine: Callable[[], Any] | None,
    scene: Scene | None = None,
    *,
    opening: Opening | None = None,
    once: bool = False,
    has_traffic: bool = False,
) -> Iterator[str]:
    """The address of a page that shows a town, with its event loop on another thread."""
    scene = scene or tiny_scene()
    where: queue.Queue[str | BaseException] = queue.Queue()
    ends: dict[str, Any] = {}

    async def show() -> None:
        ends["loop"], ends["over"] = asyncio.get_running_loop(), asyncio.Event()
        await live(
            opening or own_world(make_engine, scene, seed=0),
            scene,
            Address(host="127.0.0.1", port=0),
            has_traffic=has_traffic,
            is_over_with_browser=once,
            on_start=where.put,
            over=ends["over"],
        )

    def run() -> None:
        try:
            asyncio.run(show())
        except BaseException as error:
            where.put(error)
            raise

    thread = threading.Thread(target=run)
    thread.start()
    try:
        url = where.get(timeout=60)
        if isinstance(url, BaseException):
            raise url
        yield url
        if once:
            thread.join(60)
            assert not thread.is_alive(), "the view went on without a browser"
    finally:
        if thread.is_alive():
            ends["loop"].call_soon_threadsafe(ends["over"].set)
            thread.join(60)


class Tab:
    """What a page hears, without a browser."""

    def __init__(self, url: str, *, have: str = "", origin: str | None = None) -> None:
        self._ends = contextlib.ExitStack()
        where = f"ws{url.removeprefix('http')}stream?have={have}"
        self.socket: ClientConnection = self._ends.enter_context(
            connect(where, max_size=1 << 26, origin=origin, open_timeout=60)
        )

    def hear(self) -> dict[str, Any] | bytes:
        message = self.socket.recv(timeout=60)
        return message if isinstance(message, bytes) else json.loads(message)

    def until(self, what: str | int) -> Any:
        """The next text of a kind ("world"), or the next bytes of one (messages.POSES)."""
        while True:
            message = self.hear()
            if message[0] == what if isinstance(message, bytes) else message["is"] == what:
                return message

    def wish(self, **what: Any) -> None:
        self.socket.send(json.dumps(what))

    def __enter__(self) -> "Tab":
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()
