"""What stands before every call: the token is compared, and bytes that are no message are refused in words."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from bridge.errors import InvalidInput, NotAllowed
from bridge.status import trailing

OPEN = ("/grpc.health.v1.Health/",)
"""Calls that need no token: they say whether an engine answers, and nothing else."""


class Guard(grpc.aio.ServerInterceptor):
    """An interceptor of grpc.aio; an empty token lets everybody in."""

    def __init__(self, token: str):
        self._wanted = f"Bearer {token}".encode() if token else b""

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        """The handler of a call, or one that refuses it."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        if self._wanted and not handler_call_details.method.startswith(OPEN):
            shown = dict(handler_call_details.invocation_metadata).get("authorization", "")
            if not hmac.compare_digest(str(shown).encode("utf-8", "replace"), self._wanted):
                return _refusing(handler)
        return handler._replace(request_deserializer=_lenient(handler.request_deserializer))


class Malformed:
    """What stands for a request that could not be read."""

    def __init__(self, size: int, why: str):
        self.error = InvalidInput(f"The request's {size:,} bytes are no message of this contract: {why}.")


def readable(request: Any) -> Any:
    """The request, or requests, of a call. Raises InvalidInput for what could not be read."""
    if isinstance(request, Malformed):
        raise request.error
    return request


async def all_readable(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """The same for a stream of requests, as they come."""
    async for request in requests:
        yield readable(request)


def _lenient(deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    if deserialize is None:
        return None

    def read(content: bytes) -> Any:
        try:
            return deserialize(content)
        except DecodeError as error:
            return Malformed(len(content), str(error))

    return read


def _refusing(handler: Any) -> Any:
    """A handler of the same kind that refuses the call at once, without reading its requests."""
    error = NotAllowed(
        "This server asks for its token, and the call came without it, or with another. Connect with token=..."
    )

    async def refuse(request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, str(error), trailing(error, "server"))

    if handler.request_streaming:
        made = (
            grpc.stream_stream_rpc_method_handler
            if handler.response_streaming
            else grpc.stream_unary_rpc_method_handler
        )
    else:
        made = (
            grpc.unary_stream_rpc_method_handler if handler.response_streaming else grpc.unary_unary_rpc_method_handler
        )
    return made(refuse, bytes, None)
