"""The page and its stream: files over HTTP, the live town over a WebSocket, the newest first for slow readers."""

import asyncio
import contextlib
import gzip
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bridge.address import Address
from bridge.errors import InvalidInput
from bridge.imagination import Dream
from bridge.viewer import messages
from bridge.viewer.light import packed_light
from bridge.viewer.news import Light, News, Notice, Picture, Status
from bridge.viewer.show import Show
from bridge.viewer.stage import Stage
from bridge.viewer.town import packed_town

log = logging.getLogger("simbridge.viewer")
_KINDS = {
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
    "glsl": "text/plain; charset=utf-8", "vert": "text/plain; charset=utf-8", "frag": "text/plain; charset=utf-8",
}  # fmt: skip
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; "
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MOST_BROWSERS = 32
_MOST_WISH_BYTES = 1 << 14
_JPEG_QUALITY = 82
_STATUS_EVERY = 3
"""Every so many news of the world come with the panel's numbers."""


@dataclass(eq=False)
class Browser:
    """One page: what it still has to be told. Of poses, pictures and light only the newest wait."""

    connection: ServerConnection
    texts: deque[str] = field(default_factory=deque)
    status: Status | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    light: bytes | None = None
    dream: Dream | None = None
    roster: int = -1
    has: NDArray[np.float32] | None = None
    told: int = 0
    awake: asyncio.Event = field(default_factory=asyncio.Event)


class Site:
    """Serves a stage to browsers. Everything here runs on one event loop; `hear` may be called from any thread."""

    def __init__(self, address: Address, *, is_exposed: bool = False) -> None:
        self._address, self._is_exposed = address, is_exposed
        self._pages = _pages()
        self._browsers: set[Browser] = set()
        self._roster, self._names = 0, ()
        self._status: Status | None = None
        self._light: bytes | None = None
        self._lit: asyncio.Task[None] | None = None
        self._unlit: Light | None = None
        self.was_seen = asyncio.Event()
        self.is_alone = asyncio.Event()

    async def start(self, stage: Stage, show: Show) -> None:
        """Listens from now on. Raises OSError where nobody can."""
        self._stage, self._show, self._loop = stage, show, asyncio.get_running_loop()
        self._town = asyncio.ensure_future(asyncio.to_thread(packed_town, stage.scene))
        self._digest = stage.scene.digest()
        self._shine(Light(stage.scene))
        self._server: Server = await serve(
            self._attend,
            self._address.host,
            self._address.port,
            process_request=self._answer,
            compression=None,
            max_size=_MOST_WISH_BYTES,
            close_timeout=2.0,
            logger=_quiet(),
        )

    @property
    def port(self) -> int:
        """The port that was taken."""
        return next(iter(self._server.sockets)).getsockname()[1]

    @property
    def url(self) -> str:
        """Where the page is."""
        host = self._address.host
        shown = f"[{host}]" if ":" in host else "localhost" if host == "127.0.0.1" else host
        return f"http://{shown}:{self.port}/"

    async def stop(self) -> None:
        """Says goodbye to all browsers and listens no more."""
        self._server.close()
        await self._server.wait_closed()
        for task in (self._lit, self._town):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def listener(self, loop: asyncio.AbstractEventLoop) -> Callable[[News], None]:
        """What a stage is given to tell its news to."""

        def hear(news: News) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self._hear, news)

        return hear

    def _hear(self, news: News) -> None:
        if isinstance(news, Light):
            self._shine(news)
            return
        if isinstance(news, Status):
            if news.state.names != self._names:
                self._roster, self._names = self._roster + 1, news.state.names
            self._status = news
        for browser in self._browsers:
            if isinstance(news, Status):
                browser.status = news
            elif isinstance(news, Picture):
                browser.pictures[news.camera] = news
            elif isinstance(news, Dream):
                browser.dream = news
            elif news.asker is None or news.asker is browser:
                browser.texts.append(messages.notice_told(news))
            browser.awake.set()

    def _shine(self, news: Light) -> None:
        """Works the newest light out, one at a time."""
        self._unlit = news
        if self._lit is None or self._lit.done():
            self._lit = asyncio.ensure_future(self._work_out())

    async def _work_out(self) -> None:
        while self._unlit is not None:
            scene, sky, self._unlit = self._unlit.scene, self._unlit.sky, None
            self._light = messages.light_told(await asyncio.to_thread(packed_light, scene), sky)
            for browser in self._browsers:
                browser.light = self._light
                browser.awake.set()

    async def _attend(self, connection: ServerConnection) -> None:
        """One browser, from its first message to its last."""
        browser = Browser(connection)
        asked = parse_qs(urlsplit(connection.request.path).query) if connection.request else {}
        try:
            scene = self._stage.scene
            if asked.get("have") != [self._digest]:
                for message in messages.town_told(await self._town, self._digest):
                    await connection.send(message)
            assert self._lit is not None
            await self._lit
            browser.light, browser.status = self._light, self._status
            browser.texts.append(messages.world_told(self._show, scene))
            self._browsers.add(browser)
            self.was_seen.set()
            self.is_alone.clear()
            browser.awake.set()
            telling = asyncio.ensure_future(self._tell_on(browser))
            try:
                async for wish in connection:
                    self._carry_out(wish, browser)
            finally:
                telling.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                    await telling
        except ConnectionClosed:
            pass  # the browser left, which is its right
        finally:
            self._browsers.discard(browser)
            self._stage.want(browser, "")
            if not self._browsers:
                self.is_alone.set()

    def _carry_out(self, wish: str | bytes, browser: Browser) -> None:
        try:
            messages.carry_out(wish, self._stage, browser)
        except InvalidInput as error:
            browser.texts.append(messages.notice_told(Notice(str(error))))
            browser.awake.set()

    async def _tell_on(self, browser: Browser) -> None:
        """Tells a browser as long as it is there; where that fails, the page is sent away, and comes back by itself."""
        try:
            await self._tell(browser)
        except ConnectionClosed:
            raise
        except Exception:  # the border to the browser: logged whole
            log.exception("a page could not be told the news")
            await browser.connection.close(1011, "The program could not go on telling.")

    async def _tell(self, browser: Browser) -> None:
        """Sends a browser what waits for it, as fast as it takes it."""
        send = browser.connection.send
        while True:
            await browser.awake.wait()
            browser.awake.clear()
            while browser.texts:
                await send(browser.texts.popleft())
            if browser.light is not None:
                light, browser.light = browser.light, None
                await send(light)
            status, browser.status = browser.status, None
            if status is not None:
                await self._tell_status(browser, status)
            while browser.pictures:
                _, picture = browser.pictures.popitem()
                await send(messages.picture_told(picture, _jpeg(picture)))
            if browser.dream is not None:
                dream, browser.dream = browser.dream, None
                await send(messages.dream_told(dream))

    async def _tell_status(self, browser: Browser, status: Status) -> None:
        if browser.roster != self._roster and status.state.names == self._names:
            browser.roster, browser.has = self._roster, None
            told = messages.bodies_told(self._roster, self._names, self._stage.spawned)
            await browser.connection.send(told)
        if status.state.names == self._names:
            poses, browser.has = messages.poses_told(status, browser.roster, browser.has)
            if poses is not None:
                await browser.connection.send(poses)
        browser.told += 1
        if status.is_paused or status.trouble or browser.told % _STATUS_EVERY == 1:
            await browser.connection.send(messages.status_told(status, watching=len(self._browsers)))

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The answer to an HTTP request; None lets a page's stream through."""
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        if not self._is_exposed and urlsplit(f"//{host}").hostname not in ("localhost", "127.0.0.1", "::1"):
            return _said(HTTPStatus.FORBIDDEN, f"This town is shown at {self.url} alone.\n")
        path = urlsplit(request.path).path
        if path == "/stream":
            if origin is not None and urlsplit(origin).netloc != host:
                return _said(HTTPStatus.FORBIDDEN, "Another site's page may not drive this town.\n")
            if len(self._browsers) >= _MOST_BROWSERS:
                return _said(HTTPStatus.SERVICE_UNAVAILABLE, f"{_MOST_BROWSERS} browsers watch already.\n")
            return None
        name = path.removeprefix("/") or "index.html"
        if name not in self._pages:
            return _said(HTTPStatus.NOT_FOUND, f"There is no {path} here. The town is at {self.url}\n")
        return self._pages[name]


def _jpeg(picture: Picture) -> bytes:
    import simplejpeg

    return simplejpeg.encode_jpeg(np.ascontiguousarray(picture.rgb), quality=_JPEG_QUALITY)


def _pages() -> dict[str, Response]:
    """The files of the page, by name."""
    found = {}
    for file in (files("bridge.viewer") / "page").iterdir():
        kind = _KINDS.get(file.name.rpartition(".")[2])
        if kind:
            body = gzip.compress(file.read_bytes(), mtime=0)
            headers = Headers(
                {
                    "Content-Type": kind, "Content-Encoding": "gzip", "Content-Length": str(len(body)),
                    "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
                    "Content-Security-Policy": _POLICY, "Connection": "close",
                }
            )  # fmt: skip
            found[file.name] = Response(200, "OK", headers, body)
    return found


def _said(status: HTTPStatus, text: str) -> Response:
    body = text.encode()
    headers = Headers(
        {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
    )
    return Response(status.value, status.phrase, headers, body)


def _quiet() -> logging.Logger:
    """A log for what browsers do wrong, which is no news for the terminal."""
    quiet = logging.getLogger("simbridge.viewer.browsers")
    quiet.setLevel(logging.CRITICAL)
    return quiet
