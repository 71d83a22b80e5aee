"""What tests of the gateway need: a gateway that runs on a thread of its own, and a client that says exactly what it is told."""

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from bridge.formats.unrealcv_wire import Unframer, framed
from bridge.gateways.unrealcv.listening import Settings
from bridge.gateways.unrealcv.server import Answer, Gateway

PATIENCE_S = 30.0


def echo(command: str) -> bytes:
    """The stand-in for commands: what was asked."""
    return command.encode()


@contextlib.contextmanager
def running(answer: Answer = echo, **settings) -> Iterator[Gateway]:
    """A gateway whose work is done on one thread, as an engine's would."""
    gateway = Gateway(answer, Settings(**{"port": 0} | settings))
    stop, stopped = socket.socketpair()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            while stopped not in select.select([gateway, stopped], [], [], 0 if gateway.has_work else None)[0]:
                gateway.work(perf_counter() + 0.004)
        except BaseException as error:
            failures.append(error)
        finally:
            gateway.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        stop.send(b"x")
        thread.join(PATIENCE_S)
        stop.close()
        stopped.close()
    assert not thread.is_alive()
    assert not failures, failures


class Doors(NamedTuple):
    """Where a gateway in another process is reached."""

    port: int
    path: str


class Talker:
    """A client to the byte. Messages that it takes come without their frame."""

    def __init__(self, gateway: Gateway | Doors, *, by_socket: bool = False, greets: bool = True):
        if by_socket:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.socket.connect(gateway.path)
            except OSError:
                self.socket.close()
                raise
        else:
            self.socket = socket.create_connection(("127.0.0.1", gateway.port))
        self.socket.settimeout(PATIENCE_S)
        self._unframer, self._messages = Unframer(), []
        if greets:
            assert self.take() == b"connected to simbridge"

    def send(self, *payloads: bytes) -> None:
        """Messages, all in one go."""
        self.socket.sendall(b"".join(map(framed, payloads)))

    def take(self) -> bytes | None:
        """The next message; None when the gateway has ended the connection."""
        while not self._messages:
            try:
                piece = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not piece:
                return None
            self._messages += self._unframer.take(piece)
        return self._messages.pop(0)

    def ask(self, payload: bytes) -> bytes | None:
        """One message, and the next answer."""
        self.send(payload)
        return self.take()

    def hears_nothing(self) -> bool:
        """Whether an answer to a further request comes first: what was sent before had none."""
        return self.ask(b"99:are you there") == b"99:are you there"

    def break_off(self) -> None:
        """Ends the connection at once, with whatever is under way."""
        if self.socket.family != getattr(socket, "AF_UNIX", None):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self) -> "Talker":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
