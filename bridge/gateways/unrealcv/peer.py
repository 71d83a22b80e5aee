"""One client of the gateway: what it has asked for, and what it has still to be told. Nothing here waits for it."""

import logging
import re
import socket
import struct
from collections import deque

from bridge.formats.unrealcv_wire import MAGIC, MAX_BYTES, Unframer

MOST_ASKED_BYTES = 32 << 20
"""A client with so much under way is not listened to until some of it is carried out."""
MOST_UNTOLD_BYTES = 256 << 20
"""A client that takes no answers is carried out no more requests, once so much waits for it; it is listened to all the
same, since the clients there are write a whole batch before they read."""
LONGEST_REQUEST = 1 << 20
_READ_BYTES = 1 << 18
_JOINED_BYTES = 1 << 16
"""Answers are laid together in pieces of this size; a longer one goes by itself, uncopied."""
_MOST_PIECES = 64
_OVERHEAD_BYTES = 100
"""What a request takes in memory besides its text, about."""
_HEADER = struct.Struct("<II")
_REQUEST = re.compile(r"([0-9]+):([^\n\v\f\r\x85\u2028\u2029]*)")
_log = logging.getLogger("bridge.engine")

Request = tuple[bytes, str]
"""The number that its answer begins with, and the command."""


class Peer:
    """One connection. What raises OSError or DamagedData here means that it is to be closed."""

    def __init__(self, connected: socket.socket, name: str):
        connected.setblocking(False)
        self.name, self.is_trusted, self.is_gone = name, False, False
        self.requests: deque[Request] = deque()
        self.gathers = 0
        """How many requests are held until all of them are there: those of a vbatch."""
        self.asked_bytes = self.untold_bytes = 0
        self._socket, self._unframer = connected, Unframer(limit=LONGEST_REQUEST)
        self._told: deque[memoryview] = deque()
        self._piece = bytearray()

    def fileno(self) -> int:
        """The socket's number, for those who wait for several."""
        return self._socket.fileno()

    @property
    def is_heard(self) -> bool:
        """Whether there is room for more of its requests."""
        return self.asked_bytes < MOST_ASKED_BYTES

    @property
    def is_ready(self) -> bool:
        """Whether it has a request that can be carried out now."""
        if self.untold_bytes >= MOST_UNTOLD_BYTES:
            return False
        return bool(self.requests) and (len(self.requests) >= self.gathers or not self.is_heard)

    def hear(self) -> None:
        """Takes in what has come. Raises EOFError when it has closed its end, OSError, DamagedData for what is none of ours."""
        try:
            piece = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        if not piece:
            raise EOFError
        for payload in self._unframer.take(piece):
            request = request_in(payload)
            if request is None:
                _log.warning("%s sent %r, which is no request ('7:vget /objects' is one).", self.name, payload[:100])
            else:
                self.requests.append(request)
                self.asked_bytes += len(payload) + _OVERHEAD_BYTES

    def next(self) -> Request:
        """The request that is to be carried out now."""
        request = self.requests.popleft()
        self.asked_bytes -= len(request[0]) + len(request[1]) + 1 + _OVERHEAD_BYTES
        if self.gathers:
            self.gathers -= 1
        return request

    def greet(self, text: bytes) -> None:
        """The one message that answers nothing."""
        self._add(_HEADER.pack(MAGIC, len(text)) + text)

    def answer(self, number: bytes, body: bytes) -> None:
        """Keeps an answer until `tell`; who is gone needs none."""
        if self.is_gone:
            return
        size = len(number) + 1 + len(body)
        if size > MAX_BYTES:
            body = b"error The answer has %d bytes; at most %d travel." % (len(body), MAX_BYTES)
            size = len(number) + 1 + len(body)
        head = _HEADER.pack(MAGIC, size) + number + b":"
        if len(body) < _JOINED_BYTES:
            self._add(head + body)
        else:
            self._add(head)
            self._end_piece()
            self._told.append(memoryview(body))
            self.untold_bytes += len(body)

    def tell(self) -> bool:
        """Sends as much as there is room for; whether that was all. Raises OSError when it is gone."""
        if self._piece:
            self._end_piece()
        while self._told:
            try:
                sent = self._send()
            except BlockingIOError:
                return False
            self.untold_bytes -= sent
            while sent:
                first = self._told[0]
                if sent < len(first):
                    self._told[0] = first[sent:]
                    break
                sent -= len(first)
                self._told.popleft()
        return True

    def hang_up(self) -> None:
        """Ends the connection. What it has asked for stays, but for what only it would have learned of."""
        self.is_gone = True
        self.untold_bytes = 0
        self._told.clear()
        self._piece = bytearray()
        self._socket.close()
        if len(self.requests) < self.gathers:
            self.requests.clear()
        self.requests = deque(request for request in self.requests if not _only_tells(request[1]))
        self.gathers = 0

    def _send(self) -> int:
        if len(self._told) == 1 or not hasattr(self._socket, "sendmsg"):
            return self._socket.send(self._told[0])
        return self._socket.sendmsg([self._told[index] for index in range(min(len(self._told), _MOST_PIECES))])

    def _add(self, message: bytes) -> None:
        self._piece += message
        self.untold_bytes += len(message)
        if len(self._piece) > _JOINED_BYTES:
            self._end_piece()

    def _end_piece(self) -> None:
        self._told.append(memoryview(self._piece))
        self._piece = bytearray()


def request_in(payload: bytes) -> Request | None:
    """A message as UnrealCV reads it: the first digits before a colon, and the rest of that line; None without such.

    The answer's number is what a 32-bit atoi makes of the digits.
    """
    number, colon, command = payload.partition(b":")
    if colon and len(number) < 10 and number.isdigit() and number[0] != 48 and command.isascii():
        text = command.decode("ascii")
        if text.isprintable():
            return number, text
    found = _REQUEST.search(payload.decode("utf-8", "replace"))
    return None if found is None else (b"%d" % atoi32(found[1]), found[2])


def _only_tells(command: str) -> bool:
    """Whether a command leaves everything as it is: one that asks, and names no file to write to."""
    return command.startswith("vget ") and "." not in command


def atoi32(digits: str) -> int:
    """What C makes of digits: a long that stops at its largest value, of which 32 bits are kept."""
    value = min(int(digits.lstrip("0")[:20] or "0"), (1 << 63) - 1)
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)
