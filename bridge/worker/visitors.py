"""Who speaks to an engine: its server, always, and the client that it lent its engine to, by a Unix socket or a port.

A Unix socket belongs to one user, and stays open. A port is open until the client that it is for has come in by it, or the
leave is over; whoever comes by it shows a secret first, and is sent away with a wrong one, or if it takes too long.
"""

import contextlib
import functools
import hmac
import logging
import os
import secrets
import select
import socket
from time import monotonic, perf_counter
from typing import Any, Protocol

from bridge.cores import LINGERS_S, idle_cores, looked_out
from bridge.errors import SimbridgeError
from bridge.link import SECRET_BYTES, Link
from bridge.worker.guest import Guest

PATIENCE_S = 2.0
"""How long one who came by a port may take to show the secret."""
SLICE_S = 4e-3
"""So long a gateway's clients are served before it is looked whether the server has said something."""
MOST_STRANGERS = 8
"""So many may be at it at the same time; the one who came first makes room for another."""

_log = logging.getLogger("bridge.engine")


class Attended(Protocol):
    """Clients of another protocol, who are served where the engine is; see bridge.gateways.unrealcv.server."""

    @property
    def has_work(self) -> bool:
        """Whether there is something to do of which its file says nothing."""
        ...

    def fileno(self) -> int:
        """A file that is readable when they want something."""
        ...

    def work(self, until: float) -> None:
        """Does what they want, until it is all done or so late by time.perf_counter."""
        ...


class Visitors:
    """Waits for the next message of either; used by one thread. Until a door is open there is nobody but the server."""

    def __init__(self, server: Link):
        self.server = server
        self._poll: Any = None
        self._gateway: Attended | None = None
        self._has_served = False
        """Whether it was the gateway's turn: the server's is next, if it has said something."""
        self._door: socket.socket | None = None
        self._port: socket.socket | None = None
        self._secret = b""
        self._strangers: dict[int, tuple[Guest, float]] = {}
        self._client: Guest | None = None
        self._came_by: tuple[int, bytes] = (0, b"")
        self._told_at, self._thought_s = 0.0, 1.0
        """When the client was told something last, and how long it then took to say something."""

    def open_door(self, path: str) -> None:
        """Lets clients in by a Unix socket at `path`, one at a time: the last that came. Raises OSError."""
        if self._door is not None:
            return
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.bind(path)
            os.chmod(path, 0o600)
            door.listen(4)
        except OSError:
            door.close()
            raise
        self._door = door
        self._wait_for(door)

    def open_port(self, host: str, port: int, held: bytes) -> tuple[int, bytes]:
        """Lets one client in by a port (0: any free one) of that numeric host. The port and its secret. Raises OSError.

        A client that is in already by the secret `held` stays, and nothing is opened.
        """
        self.shut_port()
        if self._client is not None and held and hmac.compare_digest(held, self._came_by[1]):
            return self._came_by
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        is_dual = host == "::" and socket.has_dualstack_ipv6()
        self._port = socket.create_server((host, port), family=family, backlog=4, dualstack_ipv6=is_dual)
        self._secret = secrets.token_bytes(SECRET_BYTES)
        self._wait_for(self._port)
        return self._port.getsockname()[1], self._secret

    def shut_port(self) -> None:
        """Lets nobody in by the port any more; who is in stays."""
        port, self._port, self._secret = self._port, None, b""
        if port is not None:
            self._poll.unregister(port.fileno())
            port.close()
            for stranger, _ in list(self._strangers.values()):
                self._send_away(stranger)

    def attend(self, gateway: Attended | None) -> None:
        """Serves its clients whenever nobody else has said anything, and in turn with the server; None: nobody's any more."""
        if gateway is self._gateway:
            return
        before, self._gateway = self._gateway, gateway
        if before is not None:
            self._poll.unregister(before.fileno())
        if gateway is not None:
            self._wait_for(gateway)

    def next(self) -> tuple[Link | Guest, int, bytes] | None:
        """Whose the next message is, its kind and itself; None when the server is gone. The server's comes first."""
        while self._poll is not None:
            ready = [file for file, _ in self._ready()]
            is_server_heard = self.server.fileno() in ready
            if self._gateway is not None and not (is_server_heard and self._has_served):
                self._has_served = self._gateway.has_work or self._gateway.fileno() in ready
                if self._has_served:
                    now = perf_counter()
                    self._thought_s = now - self._told_at
                    self._gateway.work(now + SLICE_S)
                    self._told_at = perf_counter()
                    continue
            self._has_served = False
            if is_server_heard:
                return self._heard_server()
            client = self._client
            if client is not None and client.fileno() in ready:
                heard = self._heard(client)
                if heard is not None:
                    return client, *heard
            elif ready:
                self._answer_the_door(ready[0])
            self._send_the_late_away()
        return self._heard_server()

    def _ready(self) -> list[tuple[int, int]]:
        """Who has something to say. Clients that were quick with their last request are looked out for awake."""
        if self._gateway is not None and self._gateway.has_work:
            return self._poll.poll(0)
        ready = []
        if self._thought_s < LINGERS_S:
            self._thought_s = 1.0  # until it is quick again
            if idle_cores() >= 0:  # the client has a core, or waits for none
                ready = looked_out(functools.partial(self._poll.poll, 0))
        return ready or self._poll.poll(1000 * PATIENCE_S if self._strangers else None)

    def give(self, to: Link | Guest, message: bytes) -> None:
        """Answers, or goes on with an answer; who does not take it keeps nobody waiting. Raises OSError when the server is gone."""
        if isinstance(to, Link):
            to.give(message)
        elif to is self._client:
            self._tell(to, message)
            self._told_at = perf_counter()

    def close(self) -> None:
        """Lets nobody in any more; the server stays."""
        self._show_out()
        self.shut_port()
        self._gateway = None
        door, self._door, self._poll = self._door, None, None
        if door is not None:
            with contextlib.suppress(OSError):
                os.unlink(door.getsockname())
            door.close()

    def _wait_for(self, door: socket.socket | Attended) -> None:
        if isinstance(door, socket.socket):
            door.setblocking(False)
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self.server.fileno(), select.POLLIN)
        self._poll.register(door.fileno(), select.POLLIN)

    def _heard_server(self) -> tuple[Link, int, bytes] | None:
        heard = self.server.take()
        return None if heard is None else (self.server, *heard)

    def _heard(self, client: Guest) -> tuple[int, bytes] | None:
        """What the client says, if that has come whole; or it is told more of what it is being told."""
        if client.has_more_to_be_told:
            self._tell(client)
            return None
        try:
            said = client.take()
            if said is not None:
                self._thought_s = perf_counter() - self._told_at
            return said
        except (SimbridgeError, OSError):  # gone, or garbage
            self._show_out()
            return None

    def _tell(self, client: Guest, message: bytes | None = None) -> None:
        """As much as there is room for; until all is told, room is waited for and nothing is heard of it."""
        was_amid = client.has_more_to_be_told
        try:
            if message is None:
                client.give_more()
            else:
                client.give(message)
        except OSError:
            self._show_out()
            return
        if client.has_more_to_be_told != was_amid:
            self._poll.modify(client.fileno(), select.POLLIN if was_amid else select.POLLOUT)

    def _answer_the_door(self, file: int) -> None:
        """Somebody is at one of the doors, or shows a secret there."""
        if file in self._strangers:
            self._look_at_secret(self._strangers[file][0])
        elif self._door is not None and file == self._door.fileno():
            found = self._admitted(self._door)
            if found is not None:
                self._let_in(found, (0, b""))
        elif self._port is not None:
            found = self._admitted(self._port)
            if found is not None:
                if len(self._strangers) == MOST_STRANGERS:
                    self._send_away(min(self._strangers.values(), key=lambda one: one[1])[0])
                self._strangers[found.fileno()] = found, monotonic() + PATIENCE_S
                self._poll.register(found.fileno(), select.POLLIN)

    def _admitted(self, door: socket.socket) -> Guest | None:
        try:
            found, _ = door.accept()
        except (BlockingIOError, ConnectionError):  # who knocked is gone already
            return None
        except OSError as error:  # no more files, say: whoever knocks would be heard again and again, and never let in
            _log.warning(
                "No client is let in to the engine (%s): steps go by the server until it is lent again.", error
            )
            self.close()
            return None
        if door is self._port:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return Guest(found)

    def _look_at_secret(self, stranger: Guest) -> None:
        half = SECRET_BYTES // 2
        try:
            shown = stranger.secret(half)
            if shown is None:
                return
            if hmac.compare_digest(shown, self._secret[:half]):
                stranger.give(self._secret[half:])
                del self._strangers[stranger.fileno()]
                self._poll.unregister(stranger.fileno())
                assert self._port is not None
                self._let_in(stranger, (self._port.getsockname()[1], self._secret))
                self.shut_port()
                return
            _log.warning("Somebody came to the engine's port with a wrong secret, and was sent away.")
        except (SimbridgeError, OSError):  # gone
            pass
        self._send_away(stranger)

    def _send_the_late_away(self) -> None:
        now = monotonic()
        for stranger, end in list(self._strangers.values()):
            if now > end:
                _log.warning(
                    "Somebody came to the engine's port, showed no secret for %g s, and was sent away.", PATIENCE_S
                )
                self._send_away(stranger)

    def _send_away(self, stranger: Guest) -> None:
        del self._strangers[stranger.fileno()]
        self._poll.unregister(stranger.fileno())
        stranger.close()

    def _let_in(self, client: Guest, came_by: tuple[int, bytes]) -> None:
        self._show_out()
        self._client, self._came_by = client, came_by
        self._poll.register(client.fileno(), select.POLLIN)

    def _show_out(self) -> None:
        client, self._client, self._came_by = self._client, None, (0, b"")
        if client is not None:
            self._poll.unregister(client.fileno())
            client.close()
