"""The one thread that owns an engine: commands go in through a bounded queue, answers come back to the event loop.

The engine is made, used and closed on this thread, since graphics contexts belong to theirs.
"""

import asyncio
import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from bridge.engine import Engine
from bridge.errors import EngineUnavailable, OverQuota, SimbridgeError, TooLate

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Simulation:
    """An engine on a thread of its own. All methods are called on one event loop."""

    def __init__(self, make_engine: Callable[[], Engine], *, limit: int, timeout_s: float):
        self._make, self._limit, self._timeout_s = make_engine, limit, timeout_s
        self._commands: queue.SimpleQueue[tuple[Callable[[Any], Any], asyncio.Future] | None] = queue.SimpleQueue()
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

    async def run(self, job: Callable[[Engine], T], *, what: str, timeout_s: float | None = None) -> T:
        """What `job` returns, run on the engine's thread. Raises OverQuota when too many wait, TooLate when it hangs."""
        if self._is_closed:
            raise EngineUnavailable("The server is being stopped and takes no more commands. Connect to another.")
        if self._waiting >= self._limit:
            raise OverQuota(f"{self._waiting} commands wait for the engine; no more are taken. Try again in a moment.")
        future: asyncio.Future = self._loop.create_future()
        self._waiting += 1
        self._commands.put((job, future))
        limit = self._timeout_s if timeout_s is None else timeout_s
        if limit == math.inf:
            return await future
        try:
            async with asyncio.timeout(limit):
                return await future
        except TimeoutError:
            raise TooLate(
                f"The engine did not finish '{what}' within {limit:g} s. It is slow or stuck: see its log."
            ) from None

    def is_stuck(self) -> bool:
        """Whether the present command has run for longer than any may."""
        since = self._since
        return since is not None and time.monotonic() - since > self._timeout_s

    async def close(self, *, grace_s: float) -> bool:
        """Lets the present command finish, closes the engine; False if it did not come to an end in time."""
        self._is_closed = True
        self._commands.put(None)
        await asyncio.to_thread(self._thread.join, grace_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            engine = self._make()
        except BaseException as error:  # told to whoever waits for the start
            self._loop.call_soon_threadsafe(_settle, self._ready, None, error)
            return
        self._loop.call_soon_threadsafe(_settle, self._ready, engine, None)
        while (command := self._commands.get()) is not None:
            job, future = command
            result = error = None
            if not future.cancelled():
                self._since = time.monotonic()
                try:
                    result = job(engine)
                except Exception as caught:  # crosses to the event loop, which maps or logs it
                    error = caught
                self._since = None
            if isinstance(error, SimbridgeError):
                error.hop = "engine"
            try:
                self._loop.call_soon_threadsafe(self._finish, future, result, error)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                break
        try:
            engine.close()
        except Exception:
            _log.exception("The engine failed while it was closed.")

    def _finish(self, future: asyncio.Future, result: Any, error: BaseException | None) -> None:
        self._waiting -= 1
        _settle(future, result, error)


def _settle(future: asyncio.Future, result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
