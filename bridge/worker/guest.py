"""A client's connection to an engine, never waited for: what is said comes bit by bit, what is answered goes as there is room."""

import socket
from collections import deque

from bridge.errors import EngineUnavailable
from bridge.link import message_in

LONGEST = 1 << 20
"""Requests of more bytes are the server's affair."""


class Guest:
    """One connection. Whatever raises OSError or SimbridgeError here means that it is to be closed."""

    def __init__(self, connected: socket.socket):
        connected.setblocking(False)
        self._socket, self._heard = connected, bytearray()
        self._unsent: deque[memoryview] = deque()

    def fileno(self) -> int:
        """The socket's number, for those who wait for several."""
        return self._socket.fileno()

    @property
    def has_more_to_be_told(self) -> bool:
        """Whether there was no room for all that it was to be told."""
        return bool(self._unsent)

    def secret(self, size: int) -> bytes | None:
        """The first bytes of all, once they have come. Raises EngineUnavailable when the client is gone."""
        self._hear(size - len(self._heard))
        if len(self._heard) < size:
            return None
        found = bytes(self._heard)
        self._heard.clear()
        return found

    def take(self) -> tuple[int, bytes] | None:
        """The next message and its kind, once it has come whole. Raises EngineUnavailable, DamagedData for what is none."""
        self._hear(1 << 16)
        found = message_in(self._heard, limit=LONGEST)
        if found is not None:
            self._heard.clear()
        return found

    def give(self, message: bytes) -> None:
        """Answers, or goes on with an answer, as far as there is room; `give_more` sends the rest. Raises OSError."""
        if not self._unsent:
            message = message[self._sent(message) :]
        if message:
            self._unsent.append(memoryview(message))

    def give_more(self) -> None:
        """Once there is room again."""
        while self._unsent:
            first = self._unsent[0]
            sent = self._sent(first)
            if sent < len(first):
                self._unsent[0] = first[sent:]
                return
            self._unsent.popleft()

    def _sent(self, message: bytes | memoryview) -> int:
        """How many bytes of it there was room for."""
        try:
            return self._socket.send(message)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _hear(self, size: int) -> None:
        try:
            piece = self._socket.recv(size)
        except BlockingIOError:
            return
        if not piece:
            raise EngineUnavailable("it has closed its connection")
        self._heard += piece
