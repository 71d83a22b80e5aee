"""What every RPC handler goes through: errors become statuses, surprises are logged whole and told in one sentence."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from bridge.codec import message_of_moment
from bridge.crashes import foreseen
from bridge.guard import all_readable, readable
from bridge.status import MAX_MESSAGE, status_of, trailing
from bridge.world import World


def answered(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A handler of grpc.aio whose errors end the call with their status, and whose answer tells the world's moment."""

    @functools.wraps(handler)
    async def handle(self: Any, request: Any, context: Any) -> Any:
        try:
            request = all_readable(request) if isinstance(request, AsyncIterator) else readable(request)
            return _timed(await handler(self, request, context), self.world)
        except Exception as error:  # the border to the wire
            told = foreseen(error, handler.__name__)
        message = str(told)
        if len(message) > MAX_MESSAGE:
            message = message[:MAX_MESSAGE] + " ..."
        return await context.abort(status_of(told), message, trailing(told, told.hop or "server"))

    return handle


def _timed(answer: Any, world: World) -> Any:
    """The answer with the moment it is given at, unless it says so itself or no world has begun."""
    if answer is None or world.state is None:
        return answer
    if "moment" in answer.DESCRIPTOR.fields_by_name and not answer.HasField("moment"):
        answer.moment.CopyFrom(message_of_moment(world.epoch, world.state))
    return answer
