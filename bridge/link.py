"""Messages over a stream socket: how steps reach a server on the same computer, and how a server reaches its engine.

A message is a header of five bytes (its length as a little-endian uint32, its kind) and its bytes: protobuf for what is
asked and answered, three lines of text (class, hop, message) for an error. Where two things can be asked, a LOOK is the
other one: an ObserveRequest, answered by a StepResponse of frames alone. LAPSED answers a client's step at the socket of
an engine, and means that nothing was done and the server is to be asked. Nothing longer than `limit` is read. This
takes a third of the time of gRPC and needs nothing but a socket, so that engines in foreign Pythons can speak it.
"""

import asyncio
import hmac
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

from bridge import errors
from bridge.errors import DamagedData, EngineFailed, EngineUnavailable, InvalidInput, SimbridgeError
from bridge.stripes import idle_cores

MESSAGE, ERROR, LOOK, LAPSED = 0, 1, 2, 3
MAX_BYTES = 64 << 20
SILENCE_S = 9.0
"""After so long without an answer it is asked elsewhere whether somebody is there: as often as gRPC does so itself."""
LINGERS_S = 3e-4
"""A core that waits for work takes some 0.05 ms to wake: after a quick answer the next is looked out for as long as this."""
SECRET_BYTES = 32
"""At a port the client shows the first half of a secret before its first message, and the other end shows the rest."""
_HEADER = struct.Struct("<IB")
_ASKED, _ANSWERED = (MESSAGE, LOOK), (MESSAGE, ERROR, LAPSED)


@dataclass(frozen=True)
class Door:
    """Where a client reaches the engine: a Unix socket; or a port, and the secret that is shown there."""

    socket: str = ""
    port: int = 0
    secret: bytes = field(default=b"", repr=False)


def framed(kind: int, payload: bytes) -> bytes:
    """A message as it travels."""
    return _HEADER.pack(len(payload), kind) + payload


def framed_error(error: SimbridgeError) -> bytes:
    """An error as it travels: as the nearest class of bridge.errors, whatever a plug-in made of it."""
    return framed(ERROR, f"{known_kind(error)}\n{error.hop or 'server'}\n{error}".encode()[:4000])


def known_kind(error: SimbridgeError) -> str:
    """The name of the nearest class of bridge.errors."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)


def error_of_payload(payload: bytes) -> SimbridgeError:
    """The error that travelled."""
    name, hop, message = (*payload.decode("utf-8", "replace").split("\n", 2), "", "", "")[:3]
    return error_named(name, message, hop)


def error_named(name: str, message: str, hop: str) -> SimbridgeError:
    """The error of that class; EngineFailed for names that this side does not know."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, SimbridgeError)):
        kind = EngineFailed
    made = kind(message)
    made.hop = hop
    return made


def message_in(heard: bytes | bytearray, *, limit: int = MAX_BYTES) -> tuple[int, bytes] | None:
    """The kind and the bytes of the one request in what was heard; None while it is not whole. Raises DamagedData."""
    if len(heard) < _HEADER.size:
        return None
    length, kind = _HEADER.unpack_from(heard)
    _check(length, kind, len(heard), _ASKED, limit)
    return (kind, bytes(heard[_HEADER.size :])) if len(heard) == _HEADER.size + length else None


def _check(length: int, kind: int, heard: int, kinds: tuple[int, ...], limit: int = MAX_BYTES) -> None:
    if length > limit or kind not in kinds or heard > _HEADER.size + length:
        raise DamagedData(f"The socket of steps says {length:,} bytes of kind {kind}. Connect again.")


class Link:
    """The blocking end: one message, then its answer."""

    def __init__(self, connected: socket.socket):
        self._socket = connected
        self._is_amid = False
        """Whether a part of a message has come, and not the rest."""
        self._took_s = 1.0
        """How long the last answer took."""

    @classmethod
    def to(cls, path: str, *, timeout_s: float = 2.0) -> "Link":
        """A link to the Unix socket at a path. Raises OSError."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(timeout_s)
            made.connect(path)
        except OSError:
            made.close()
            raise
        return cls(made)

    @classmethod
    def at(cls, host: str, port: int, secret: bytes, *, timeout_s: float) -> "Link":
        """A link to a port, where both ends show their half of the secret. Raises OSError, also for who shows another."""
        half, end = SECRET_BYTES // 2, monotonic() + timeout_s
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        made = socket.create_connection((host, port), timeout_s / len(places))
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.sendall(secret[:half])
            shown = b""
            while len(shown) < half:
                made.settimeout(max(end - monotonic(), 0.001))
                piece = made.recv(half - len(shown))
                if not piece:
                    raise ConnectionAbortedError(f"Port {port} of {host} was closed before the secret was shown.")
                shown += piece
            if not hmac.compare_digest(shown, secret[half:]):
                raise ConnectionRefusedError(f"Somebody else than the engine is at port {port} of {host}.")
        except OSError:
            made.close()
            raise
        return cls(made)

    def exchange(
        self, payload: bytes, timeout_s: float, kind: int = MESSAGE, *, when_silent: Callable[[], None] | None = None
    ) -> tuple[int, bytes]:
        """The answer's kind and bytes. Raises TimeoutError, and EngineUnavailable when the other end is gone.

        Whenever nothing has come for `SILENCE_S`, `when_silent` is called, which may raise what ends the wait.
        """
        begun, end = perf_counter(), monotonic() + timeout_s
        self._socket.settimeout(timeout_s)
        try:
            self._socket.sendall(framed(kind, payload))
            self._linger()
            if when_silent is not None:
                self._socket.settimeout(min(timeout_s, SILENCE_S))
            while True:
                try:
                    found = self._message()
                    break
                except TimeoutError:
                    if when_silent is None or self._is_amid or (left := end - monotonic()) <= 0:
                        raise
                when_silent()
                self._socket.settimeout(max(min(left, SILENCE_S, end - monotonic()), 0.001))
        except ConnectionError as error:
            raise EngineUnavailable(f"the socket of steps: {error.strerror}") from error
        if found is None:
            raise EngineUnavailable("it closed the socket of steps")
        self._took_s = perf_counter() - begun
        return found

    def _linger(self) -> None:
        """Looks out for an answer that will be here at once, without going to sleep, on a core that nobody else wants."""
        if self._took_s > LINGERS_S or not hasattr(select, "poll") or not idle_cores():
            return
        heard, end = select.poll(), perf_counter() + LINGERS_S
        heard.register(self._socket, select.POLLIN)
        while perf_counter() < end and not heard.poll(0):
            pass

    def fileno(self) -> int:
        """The socket's number, for those who wait for several."""
        return self._socket.fileno()

    def take(self, patience_s: float | None = None) -> tuple[int, bytes] | None:
        """The next message and its kind, however long it takes, or TimeoutError; None when the other end is gone."""
        self._socket.settimeout(patience_s)
        try:
            return self._message()
        except (ConnectionError, EngineUnavailable):
            return None

    def give(self, message: bytes) -> None:
        """Sends a framed message. Raises OSError when the other end is gone."""
        self._socket.sendall(message)

    def _message(self) -> tuple[int, bytes] | None:
        """The next message, which must be the only one on its way; None at the end."""
        self._is_amid = False
        head = self._socket.recv(1 << 16)
        self._is_amid = True
        while 0 < len(head) < _HEADER.size:
            head += self._more(_HEADER.size - len(head))
        if not head:
            return None
        length, kind = _HEADER.unpack_from(head)
        _check(length, kind, len(head), _ANSWERED)
        return kind, self._body(head[_HEADER.size :], length)

    def _body(self, first: bytes, length: int) -> bytes:
        """The rest of an answer whose first bytes have come."""
        if len(first) == length:
            return first
        body = bytearray(length)
        body[: len(first)] = first
        view, got = memoryview(body), len(first)
        while got < length:
            count = self._socket.recv_into(view[got:])
            if not count:
                raise EngineUnavailable("it closed the socket of steps in the midst of an answer")
            got += count
        return bytes(body)

    def _more(self, size: int) -> bytes:
        piece = self._socket.recv(size)
        if not piece:
            raise EngineUnavailable("it closed the socket of steps in the midst of an answer")
        return piece

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()


class Port(asyncio.Protocol):
    """The server's end: tells `take` each message and its kind, which answers with `send`, at once or later."""

    def __init__(self, take: Callable[[bytes, "Port", int], None], *, limit: int = MAX_BYTES):
        self._take, self._limit = take, limit
        self._buffer = bytearray()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            length, kind = _HEADER.unpack_from(self._buffer)
            if length > self._limit or kind not in (MESSAGE, LOOK):
                self.send(
                    framed_error(InvalidInput(f"A message of kind {kind} and {length:,} bytes is not taken here."))
                )
                self._transport.close()
                return
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            self._take(payload, self, kind)

    def send(self, message: bytes) -> None:
        """Sends a framed message, if somebody is still there."""
        if not self._transport.is_closing():
            self._transport.write(message)

    def close(self) -> None:
        """Ends the connection after what was sent."""
        self._transport.close()
