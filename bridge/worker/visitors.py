"""Who speaks to an engine: its server, always, and the client that it lent its engine to, by a Unix socket."""

import contextlib
import logging
import os
import select
import socket

from bridge.errors import SimbridgeError
from bridge.link import Link

PATIENCE_S = 0.25
"""How long the rest of a client's message, or room for its answer, is waited for: the server has other clients."""

_log = logging.getLogger("bridge.engine")


class Visitors:
    """Waits for the next message of either. Until a door is open there is nobody but the server."""

    def __init__(self, server: Link):
        self.server = server
        self._door: socket.socket | None = None
        self._client: Link | None = None
        self._poll = None

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
        door.setblocking(False)
        self._door, self._poll = door, select.poll()
        for file in (self.server.fileno(), door.fileno()):
            self._poll.register(file, select.POLLIN)

    def next(self) -> tuple[Link, int, bytes] | None:
        """Whose the next message is, its kind and itself; None when the server is gone. The server's comes first."""
        while self._poll is not None:
            ready = {file for file, _ in self._poll.poll()}
            if self.server.fileno() in ready:
                return self._heard_server()
            if self._client is not None and self._client.fileno() in ready:
                client, heard = self._client, self._heard(self._client)
                if heard is not None:
                    return client, *heard
            else:
                self._admit()
        return self._heard_server()

    def give(self, to: Link, message: bytes) -> None:
        """Answers. A client that does not take its answer is shown out; raises OSError when the server is gone."""
        try:
            to.give(message)
        except OSError:
            if to is self.server:
                raise
            self._show_out()

    def close(self) -> None:
        """Lets nobody in any more; the server stays."""
        self._show_out()
        if self._door is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._door.getsockname())
            self._door.close()
            self._door = self._poll = None

    def _heard_server(self) -> tuple[Link, int, bytes] | None:
        heard = self.server.take()
        return None if heard is None else (self.server, *heard)

    def _heard(self, client: Link) -> tuple[int, bytes] | None:
        try:
            heard = client.take(PATIENCE_S)
        except (SimbridgeError, OSError):  # garbage, or half a message
            heard = None
        if heard is None:
            self._show_out()
        return heard

    def _admit(self) -> None:
        assert self._door is not None
        assert self._poll is not None
        try:
            found, _ = self._door.accept()
        except (BlockingIOError, ConnectionError):  # who knocked is gone already
            return
        except OSError as error:  # no more files, say: whoever knocks would be heard again and again, and never let in
            _log.warning(
                "No client is let in to the engine (%s): steps go by the server until it is lent again.", error
            )
            self.close()
            return
        self._show_out()
        self._client = Link(found)
        self._poll.register(found.fileno(), select.POLLIN)

    def _show_out(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            assert self._poll is not None
            self._poll.unregister(client.fileno())
            client.close()
