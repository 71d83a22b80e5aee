"""Messages over a stream socket: how steps reach a server on the same computer, and how a server reaches its engine.

A message is a header of five bytes (its length as a little-endian uint32, its kind) and its bytes: protobuf for what is
asked and answered, three lines of text (class, hop, message) for an error. Where two things can be asked, a LOOK is the
other one: an ObserveRequest, answered by a StepResponse of frames alone. Who asks `in_parts` may get an answer in several
messages: all but the last are MORE, each is a part of it as protobuf merges them, and an error at the end makes them void.
LAPSED answers a client's step at the socket of an engine, and means that nothing was done and the server is to be asked.
Nothing longer than `limit` is read, all parts together. This takes a third of the time of gRPC and needs nothing but a
socket, so that engines in foreign Pythons can speak it.
"""

import asyncio
import functools
import hmac
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

from bridge import errors
from bridge.cores import LINGERS_S, idle_cores, looked_out
from bridge.errors import DamagedData, EngineFailed, EngineUnavailable, InvalidInput, SimbridgeError

MESSAGE, ERROR, LOOK, LAPSED, MORE = 0, 1, 2, 3, 4
MAX_BYTES = 64 << 20
SILENCE_S = 9.0
"""After so long without an answer it is asked elsewhere whether somebody is there: as often as gRPC does so itself."""
SECRET_BYTES = 32
"""At a port the client shows the first half of a secret before its first message, and the other end shows the rest."""
_HEADER = struct.Struct("<IB")
_ASKED, _ANSWERED = (MESSAGE, LOOK), (MESSAGE, ERROR, LAPSED, MORE)
_ROOM = 1 << 18
"""So much is read at once; after a longer message its room is given back."""


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
    if length > limit or kind not in kinds or (kind != MORE and heard > _HEADER.size + length):
        raise DamagedData(f"The socket of steps says {length:,} bytes of kind {kind}. Connect again.")


def show_secret(connected: socket.socket, secret: bytes, end: float) -> None:
    """Shows the first half of a secret at a port and sees the other, before `end` of the monotonic clock.

    Raises TimeoutError; ConnectionAbortedError where the port is closed instead, ConnectionRefusedError for another half.
    """
    half, shown = SECRET_BYTES // 2, b""
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.sendall(secret[:half])
    while len(shown) < half:
        connected.settimeout(max(end - monotonic(), 0.001))
        piece = connected.recv(half - len(shown))
        if not piece:
            raise ConnectionAbortedError("The port was closed before the secret was shown.")
        shown += piece
    if not hmac.compare_digest(shown, secret[half:]):
        raise ConnectionRefusedError("Somebody else than the engine is at that port.")


class _Heard:
    """What has come over a stream and was not taken yet. Raises DamagedData for what is no answer."""

    def __init__(self) -> None:
        self._room = memoryview(bytearray(_ROOM))
        self._start = self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    def room(self) -> memoryview:
        """Where what comes next is to be laid; `came` says how much it was."""
        wanted = self._start + _HEADER.size
        if len(self) >= _HEADER.size:
            wanted += _HEADER.unpack_from(self._room, self._start)[0]
        if wanted > len(self._room):
            larger = self._room
            if wanted - self._start > len(larger):
                larger = memoryview(bytearray(wanted - self._start))
            larger[: len(self)] = self._room[self._start : self._end].tobytes()
            self._room, self._start, self._end = larger, 0, len(self)
        return self._room[self._end :]

    def came(self, count: int) -> None:
        """So many bytes were laid there."""
        self._end += count

    def take(self) -> tuple[int, bytes] | None:
        """The next message and its kind, once it is whole. Only a MORE has another one after it."""
        if len(self) < _HEADER.size:
            return None
        length, kind = _HEADER.unpack_from(self._room, self._start)
        _check(length, kind, len(self), _ANSWERED)
        start = self._start + _HEADER.size
        if start + length > self._end:
            return None
        payload = self._room[start : start + length].tobytes()
        self._start = start + length
        if not len(self):
            self._start = self._end = 0
            if len(self._room) > _ROOM:
                self._room = memoryview(bytearray(_ROOM))
        return kind, payload


class Link:
    """The blocking end: one message, then its answer."""

    def __init__(self, connected: socket.socket):
        self._socket = connected
        self._heard = _Heard()
        self._awake: Callable[[], Any] | None = None
        """What says whether something has come, for who stays awake; made when it is wanted, where a system has it."""
        self._took_s = 1.0
        """How long it took until something of the last answer came."""
        self._had_at = 0.0
        """When the last answer had come."""

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
        end = monotonic() + timeout_s
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        made = socket.create_connection((host, port), timeout_s / len(places))
        try:
            show_secret(made, secret, end)
        except OSError:
            made.close()
            raise
        return cls(made)

    def exchange(
        self,
        payload: bytes,
        timeout_s: float,
        kind: int = MESSAGE,
        *,
        when_silent: Callable[[], None] | None = None,
        more: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        """The answer's kind and bytes. Raises TimeoutError, and EngineUnavailable when the other end is gone.

        Whenever nothing has come for `SILENCE_S`, `when_silent` is called, which may raise what ends the wait. `more` is
        called with each part of the answer that comes before the last.
        """
        begun, end, size, parts = perf_counter(), monotonic() + timeout_s, 0, 0
        self._socket.settimeout(timeout_s)
        try:
            self._socket.sendall(framed(kind, payload))
            is_awake = self._took_s < LINGERS_S and self._can_stay_awake(begun)
            while True:
                found = self._answer(end, is_awake, when_silent)
                if found is None:
                    raise EngineUnavailable("it closed the socket of steps")
                if not parts:
                    self._took_s = perf_counter() - begun
                if found[0] != MORE:
                    self._had_at = perf_counter()
                    return found
                parts, size = parts + 1, size + len(found[1])
                if more is None or size > MAX_BYTES:
                    raise DamagedData(f"The socket of steps says {size:,} bytes in {parts} parts. Connect again.")
                more(found[1])
        except ConnectionError as error:
            raise EngineUnavailable(f"the socket of steps: {error.strerror}") from error

    def _answer(self, end: float, is_awake: bool, when_silent: Callable[[], None] | None) -> tuple[int, bytes] | None:
        """The next message before `end` of the monotonic clock; None when the other end is gone."""
        found = self._heard.take() if len(self._heard) else None
        if found is None and is_awake and self._awake is not None:
            looked_out(self._awake)
        while found is None:
            left = end - monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left if when_silent is None else min(left, SILENCE_S))
            try:
                if not self._hear():
                    return None
                found = self._heard.take()
            except TimeoutError:
                if when_silent is not None:
                    when_silent()
        return found

    def _can_stay_awake(self, begun: float) -> bool:
        """Whether an answer can be looked out for on a core that nobody else wants.

        The other end needs one, too, and has it if it was looking out for us (bridge/worker/visitors.py).
        """
        if self._awake is None and hasattr(select, "poll"):
            heard = select.poll()
            heard.register(self._socket, select.POLLIN)
            self._awake = functools.partial(heard.poll, 0)
        has_other_end_one = begun - self._had_at < LINGERS_S
        return self._awake is not None and idle_cores() >= (0 if has_other_end_one else 1)

    def fileno(self) -> int:
        """The socket's number, for those who wait for several."""
        return self._socket.fileno()

    def take(self, patience_s: float | None = None) -> tuple[int, bytes] | None:
        """The next message and its kind, however long it takes, or TimeoutError; None when the other end is gone."""
        self._socket.settimeout(patience_s)
        try:
            while (found := self._heard.take()) is None:
                if not self._hear():
                    return None
            return found
        except (ConnectionError, EngineUnavailable):
            return None

    def give(self, message: bytes) -> None:
        """Sends a framed message. Raises OSError when the other end is gone."""
        self._socket.sendall(message)

    def _hear(self) -> bool:
        """Waits for more to come; False when the other end is gone. Raises EngineUnavailable if that was amid a message."""
        count = self._socket.recv_into(self._heard.room())
        if not count and len(self._heard):
            raise EngineUnavailable("it closed the socket of steps in the midst of an answer")
        self._heard.came(count)
        return count > 0

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
