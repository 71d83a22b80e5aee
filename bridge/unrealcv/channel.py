"""A connection to an UnrealCV server: a batch of lines is written at once, and the answers come in its order.

Every wait has a deadline. A connection that broke a rule or came too late is closed: what comes next would belong to
what was asked before.
"""

import os
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bridge.address import Address, parse
from bridge.dialling import dialled
from bridge.errors import DamagedData, EngineUnavailable, NotAllowed, SimbridgeError, TooLate, Unavailable
from bridge.formats.unrealcv_wire import Unframer, framed

HOW_TO_START = (
    "Start an Unreal binary that has UnrealCV (its usual port is 9000), or `simbridge serve TOWN --unrealcv 9000`."
)
A_FRAME = ("vget /unrealcv/version",) * 32
"""Lines that nobody needs the answers of. UnrealCV carries out 32 a frame at most: after them another frame has begun."""
_MOST_IDS = 2**31 - 1
"""Servers read ids as int32."""
_SLOWEST_S = 0.1
"""How much longer a batch may take for each line in it: 32 lines a frame at three frames a second."""
_PIECE = 1 << 18


class Channel:
    """An open connection; `project` is what the server calls itself. Also a context manager."""

    def __init__(self, sock: socket.socket, where: str, project: str, unframer: Unframer) -> None:
        sock.setblocking(False)
        self._socket, self._unframer = sock, unframer
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self.where, self.project = where, project
        self.is_open = True
        self._next = 0

    def ask(self, lines: Sequence[str], timeout_s: float) -> list[bytes]:
        """The answers to so many lines, in their order.

        `timeout_s` is how long the server may be silent. Raises TooLate, DamagedData or EngineUnavailable, and the
        connection is closed then.
        """
        if not lines:
            return []
        if not self.is_open:
            raise EngineUnavailable(f"The connection to {self.where} is closed. Reset the world to connect again.")
        first, self._next = self._next, (self._next + len(lines)) % _MOST_IDS
        ids = [(first + index) % _MOST_IDS for index in range(len(lines))]
        try:
            out = b"".join(framed(f"{id_}:{line}".encode()) for id_, line in zip(ids, lines, strict=True))
            return self._exchange(out, ids, lines, timeout_s)
        except OSError as error:
            self.close()
            raise EngineUnavailable(
                f"{self.where} no longer answers ({error.strerror or error}). {HOW_TO_START}"
            ) from error
        except SimbridgeError:
            self.close()
            raise

    def _exchange(self, out: bytes, ids: list[int], lines: Sequence[str], timeout_s: float) -> list[bytes]:
        rest, answers = memoryview(out), []
        now = time.monotonic()
        silent, latest = now + timeout_s, now + timeout_s + _SLOWEST_S * len(lines)
        self._watch(writes=True)
        while len(answers) < len(ids):
            left = min(silent, latest) - time.monotonic()
            events = self._selector.select(left) if left > 0 else []
            if not events:
                self._too_late(lines[len(answers)], len(answers), len(lines), timeout_s)
            for _, mask in events:
                if mask & selectors.EVENT_WRITE and rest:
                    rest = rest[self._sent(rest) :]
                    if not rest:
                        self._watch(writes=False)
                if mask & selectors.EVENT_READ:
                    answers += self._read(ids[len(answers) :])
                    silent = time.monotonic() + timeout_s
        return answers

    def _sent(self, rest: memoryview) -> int:
        try:
            return self._socket.send(rest)
        except BlockingIOError:
            return 0

    def _read(self, ids: list[int]) -> list[bytes]:
        """What has come; each answer must bear the id that is next."""
        try:
            piece = self._socket.recv(_PIECE)
        except BlockingIOError:
            return []
        if not piece:
            self._ended()
        found = []
        for message in self._unframer.take(piece):
            id_, colon, body = message.partition(b":")
            wanted = ids[len(found)] if len(found) < len(ids) else None
            if wanted is None or not colon or id_ != b"%d" % wanted:
                told = message[:40].decode("utf-8", "replace")
                raise DamagedData(
                    f"{self.where} sent {told!r} where the answer to request {wanted} was due. Reset to connect again."
                )
            found.append(body)
        return found

    def _ended(self) -> NoReturn:
        if self._unframer.held_bytes:
            raise DamagedData(
                f"{self.where} closed the connection amid a message, {self._unframer.held_bytes} bytes into it. "
                "Reset the world to connect again."
            )
        raise EngineUnavailable(f"{self.where} closed the connection. {HOW_TO_START}")

    def _too_late(self, line: str, done: int, asked: int, timeout_s: float) -> NoReturn:
        raise TooLate(
            f"{self.where} is up but slow: {done} of {asked} answers came, and none to '{line[:120]}' within {timeout_s:g} s. "
            "Give it longer (timeout_s), or look whether the game hangs."
        )

    def _watch(self, *, writes: bool) -> None:
        self._selector.modify(
            self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE if writes else selectors.EVENT_READ
        )

    def close(self) -> None:
        """Ends the connection; may be said twice."""
        if self.is_open:
            self.is_open = False
            self._selector.close()
            self._socket.close()

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(address: str, timeout_s: float, *, token_file: str = "") -> Channel:
    """A connection to "host:port" or "unix:/path". Raises EngineUnavailable, which says what was missing, or InvalidInput.

    A token is shown first, where there is one; Unreal's own servers know none, our gateway may. Raises NotAllowed.

    UnrealCV on Linux serves TCP once: after its first client it listens at /tmp/unrealcv_<port>.socket alone. For an
    address on this computer that socket is tried first, where there is one.
    """
    channel = _reached(parse(address), timeout_s)
    if token_file:
        from bridge.credentials import read_token

        said = channel.ask([f"vset /unrealcv/auth {read_token(Path(token_file))}"], timeout_s)[0]
        if said.startswith(b"error"):
            channel.close()
            raise NotAllowed(
                f"{channel.where} does not take the token of {token_file}: {said.decode('utf-8', 'replace')}."
            )
    return channel


def leave(channel: Channel, timeout_s: float) -> None:
    """Lets the game go on, if it can be told, and ends the connection."""
    if channel.is_open:
        with suppress(SimbridgeError):  # whoever leaves does not care why the other end is gone
            channel.ask(["vset /action/game/resume"], timeout_s)
    channel.close()


def _reached(place: Address, timeout_s: float) -> Channel:
    if place.path:
        return _opened(place, timeout_s)
    successor = _successor(place)
    if successor is not None:
        try:
            return _opened(successor, timeout_s)
        except Unavailable:
            pass  # left behind by a server that is gone: the port is asked
    return _opened(place, timeout_s)


def _successor(place: Address) -> Address | None:
    """The Unix socket that a server of this user, or of root, listens at after its first client."""
    if sys.platform == "win32" or not place.is_local():
        return None
    path = Path(f"/tmp/unrealcv_{place.port}.socket")
    try:
        is_ours = path.is_socket() and path.stat().st_uid in (0, os.getuid())
    except OSError:
        return None
    return Address(path=str(path)) if is_ours else None


def _opened(place: Address, timeout_s: float) -> Channel:
    where = place.target
    try:
        sock = dialled(place, timeout_s)
    except OSError as error:
        raise EngineUnavailable(
            f"No UnrealCV server answers at {where} ({error.strerror or error}). {HOW_TO_START}"
        ) from error
    try:
        greeting, unframer = _greeting(sock, where, timeout_s)
    except BaseException:
        sock.close()
        raise
    return Channel(sock, where, greeting.removeprefix("connected to").strip() or "?", unframer)


def _greeting(sock: socket.socket, where: str, timeout_s: float) -> tuple[str, Unframer]:
    """What the server says first; it closes the connection without a word while another client is there."""
    unframer, until = Unframer(), time.monotonic() + timeout_s
    try:
        while True:
            sock.settimeout(max(until - time.monotonic(), 0.001))
            piece = sock.recv(_PIECE)
            if not piece:
                raise EngineUnavailable(
                    f"{where} closed the connection without a greeting. UnrealCV serves one client: end the other one."
                )
            for message in unframer.take(piece):
                if not message.startswith(b"connected"):
                    raise DamagedData(f"it begins with {message[:40]!r}; expected 'connected to ...'")
                return message.decode("utf-8", "replace"), unframer
    except DamagedData as error:
        raise EngineUnavailable(
            f"Something answers at {where}, but it is no UnrealCV server: {error} Check the port."
        ) from error
    except TimeoutError as error:
        raise EngineUnavailable(
            f"{where} takes connections, but sent no greeting within {timeout_s:g} s. On Linux UnrealCV serves TCP once and "
            "then the Unix socket /tmp/unrealcv_<port>.socket alone: give --engine-address unix:/tmp/unrealcv_9000.socket "
            "on its computer, or start the binary anew."
        ) from error
    except ConnectionError as error:
        raise EngineUnavailable(
            f"{where} dropped the connection ({error.strerror or error}). {HOW_TO_START}"
        ) from error
