"""The one thread that owns an engine: commands go in through a bounded queue, answers come back to the event loop.

The engine is made, used and closed on this thread, since graphics contexts belong to theirs.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from bridge.engine import Engine
from bridge.errors import EngineUnavailable, OverQuota, SimbridgeError, TooLate

T = TypeVar("T")
KILL_S = 5.0
_log = logging.getLogger(__name__)


class Supervised(Protocol):
    """An engine that can crash without taking its server along; see bridge.worker.engine."""

    needs_restart: bool
    is_up: bool
    crash: str

    def restart(self) -> None:
        """Brings it up again. Raises EngineFailed when it was tried too often."""
        ...

    def kill(self) -> None:
        """Ends it at once; from any thread."""
        ...


def supervised(engine: Any) -> Supervised | None:
    """The engine, if it is one of those, or wraps one."""
    return engine if hasattr(engine, "needs_restart") else None


class Simulation:
    """An engine on a thread of its own. All methods are called on one event loop.

    When a supervised engine crashes, `on_crash` is told the crash's id before anybody is told the error; commands wait
    until it is up again. `before_each` command runs on the engine's thread; when it fails, the command does.
    """

    def __init__(
        self,
        make_engine: Callable[[], Engine],
        *,
        limit: int,
        timeout_s: float,
        on_crash: Callable[[str], None] = lambda crash: None,
        before_each: Callable[[Engine], None] = lambda engine: None,
    ):
        self._make, self._limit, self._timeout_s, self._on_crash = make_engine, limit, timeout_s, on_crash
        self._before_each = before_each
        self._engine: Engine | None = None
        self._commands: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._waiting = 0
        self._since: float | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    async def start(self) -> Engine:
        """Makes the engine; raises what making it raises."""
        self._loop = asyncio.get_running_loop()
        self._ready = self._loop.create_future()
        self._thread.start()
        return await self._ready

    def submit(self, job: Callable[[Engine], Any], tell: Callable[[Any, BaseException | None], None]) -> None:
        """Runs `job` on the engine's thread, then `tell` with its result or error on the event loop.

        What cannot be run is told as an error, too: OverQuota when too many wait.
        """
        if self._is_closed:
            error = EngineUnavailable("The server is being stopped and takes no more commands. Connect to another.")
            self._loop.call_soon(tell, None, error)
        elif self._waiting >= self._limit:
            error = OverQuota(
                f"{self._waiting} commands wait for the engine; no more are taken. Try again in a moment."
            )
            self._loop.call_soon(tell, None, error)
        else:
            self._waiting += 1
            self._commands.put((job, tell))

    async def run(self, job: Callable[[Engine], T], *, what: str) -> T:
        """What `job` returns, run on the engine's thread. Raises TooLate when it hangs; skipped if nobody waits."""
        future: asyncio.Future = self._loop.create_future()

        def wanted(engine: Engine) -> T | None:
            return None if future.cancelled() else job(engine)

        self.submit(wanted, lambda result, error: _settle(future, result, error))
        try:
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            raise TooLate(
                f"The engine did not finish '{what}' within {self._timeout_s:g} s. It is slow or stuck: see its log."
            ) from None

    def is_well(self) -> bool:
        """Whether the engine is up, and the present command has not run for longer than any may."""
        since = self._since
        engine = supervised(self._engine)
        if engine is not None and not engine.is_up:
            return False
        return since is None or time.monotonic() - since <= self._timeout_s

    async def close(self, *, grace_s: float) -> bool:
        """Lets the present command finish, closes the engine; False if it did not come to an end in time."""
        self._is_closed = True
        self._commands.put(None)
        engine = supervised(self._engine)
        if engine is not None and engine.needs_restart:
            engine.kill()
        await asyncio.to_thread(self._thread.join, grace_s)
        if self._thread.is_alive() and engine is not None:
            engine.kill()
            await asyncio.to_thread(self._thread.join, KILL_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            engine = self._make()
        except BaseException as error:  # told to whoever waits for the start
            self._loop.call_soon_threadsafe(_settle, self._ready, None, error)
            return
        self._engine = engine
        self._loop.call_soon_threadsafe(_settle, self._ready, engine, None)
        while (command := self._commands.get()) is not None:
            job, tell = command
            result = error = None
            self._since = time.monotonic()
            try:
                self._before_each(engine)
                result = job(engine)
            except Exception as caught:  # crosses to the event loop, which maps or logs it
                error = caught
                if isinstance(caught, SimbridgeError):
                    caught.hop = "engine"
            self._since = None
            crashed = supervised(engine) if error else None
            crashed = crashed if crashed is not None and crashed.needs_restart else None
            try:
                if crashed is not None:
                    self._loop.call_soon_threadsafe(self._on_crash, crashed.crash)
                self._loop.call_soon_threadsafe(self._finish, tell, result, error)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                break
            if crashed is not None and not self._is_closed:
                self._restart(crashed)
        try:
            engine.close()
        except Exception:
            _log.exception("The engine failed while it was closed.")

    def _restart(self, engine: Supervised) -> None:
        try:
            engine.restart()
        except SimbridgeError as error:
            _log.error("%s", error)

    def _finish(self, tell: Callable[[Any, BaseException | None], None], result: Any, error: Any) -> None:
        self._waiting -= 1
        tell(result, error)


def _settle(future: asyncio.Future, result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
