"""What stands before every call: calls are counted, the token is compared, bytes that are no message are refused."""

import functools
import hmac
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from bridge.errors import InvalidInput, NotAllowed, OverQuota
from bridge.gate import Gate
from bridge.status import status_of, trailing

OPEN = ("/grpc.health.v1.Health/",)
"""Calls that need no token: they say whether an engine answers, and nothing else."""


class Guard(grpc.aio.ServerInterceptor):
    """An interceptor of grpc.aio; an empty token lets everybody in, as many as the gate has room for."""

    def __init__(self, token: str, gate: Gate):
        self._wanted, self._gate = f"Bearer {token}".encode() if token else b"", gate

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        """The handler of a call, or one that refuses it."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        is_health = handler_call_details.method.startswith(OPEN)
        if self._wanted and not is_health:
            shown = dict(handler_call_details.invocation_metadata).get("authorization", "")
            if not hmac.compare_digest(str(shown).encode("utf-8", "replace"), self._wanted):
                return _refusing(handler)
        kind = _kind(handler)
        counted = _counted(getattr(handler, kind), self._gate, is_health)
        return handler._replace(request_deserializer=_lenient(handler.request_deserializer), **{kind: counted})


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


def _kind(handler: Any) -> str:
    """Which of its four attributes is the handler's function."""
    asked, answered = (
        "stream" if is_stream else "unary" for is_stream in (handler.request_streaming, handler.response_streaming)
    )
    return f"{asked}_{answered}"


def _counted(behaviour: Callable[[Any, Any], Any], gate: Gate, is_health: bool) -> Callable[[Any, Any], Any]:
    """A handler's function that the gate lets in or refuses."""

    async def refuse(error: OverQuota, context: Any) -> None:
        await context.abort(status_of(error), str(error), trailing(error, "server"))

    if inspect.isasyncgenfunction(behaviour):

        @functools.wraps(behaviour)
        async def stream(request: Any, context: Any) -> Any:
            try:
                with gate.passed(context.peer(), is_health=is_health):
                    async for answer in behaviour(request, context):
                        yield answer
            except OverQuota as error:
                await refuse(error, context)

        return stream

    @functools.wraps(behaviour)
    async def call(request: Any, context: Any) -> Any:
        try:
            with gate.passed(context.peer(), is_health=is_health):
                return await behaviour(request, context)
        except OverQuota as error:
            return await refuse(error, context)

    return call


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

    return getattr(grpc, f"{_kind(handler)}_rpc_method_handler")(refuse, bytes, None)
