"""What every RPC handler goes through: errors become statuses, surprises are logged whole and told in one sentence."""

import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from bridge.errors import EngineFailed, SimbridgeError
from bridge.status import MAX_MESSAGE, status_of, trailing

_log = logging.getLogger("bridge.server")


def foreseen(error: Exception, what: str) -> SimbridgeError:
    """The error as it may be told: a surprise is logged under an id, and nothing else of it leaves the server."""
    if isinstance(error, SimbridgeError):
        return error
    crash = secrets.token_hex(4)
    _log.error("crash %s in %s", crash, what, exc_info=error)
    made = EngineFailed(
        f"{what} failed in a way nobody foresaw ({type(error).__name__}). The server's log has it as crash {crash}."
    )
    made.hop = "engine"
    return made


def answered(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A handler of grpc.aio whose errors end the call with their status."""

    @functools.wraps(handler)
    async def handle(self: Any, request: Any, context: Any) -> Any:
        try:
            return await handler(self, request, context)
        except Exception as error:  # the border to the wire
            told = foreseen(error, handler.__name__)
        message = str(told)
        if len(message) > MAX_MESSAGE:
            message = message[:MAX_MESSAGE] + " ..."
        return await context.abort(status_of(told), message, trailing(told, told.hop or "server"))

    return handle
