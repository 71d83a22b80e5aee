"""Where the gateway's clients come in: a TCP port, and a Unix socket named after it, as UnrealCV has them."""

import contextlib
import logging
import os
import socket
import sys
from dataclasses import dataclass, field

from bridge.address import MAX_PORT, Address, check_bind, numeric_host, why_not
from bridge.errors import InvalidInput, Refused, SimbridgeError
from bridge.gateways.unrealcv.sights import LONGEST_SIDE

SOCKET = "/tmp/unrealcv_{port}.socket"
"""The path that clients know."""
BACKLOG = 64
_ROOM_BYTES = 4 << 20
"""A picture's answer shall find room at once where the system allows that."""
_log = logging.getLogger("bridge.engine")


@dataclass(frozen=True)
class Settings:
    """How the gateway is served. Port 0 takes any free one; the socket needs Linux or macOS.

    `width` and `height` [px] are those of every camera's pictures until a client says otherwise, as in unrealcv.ini.
    `is_shared`: a second client is let in beside the first. `token`: what a client shows before anything else, by
    `vset /unrealcv/auth TOKEN`; empty for nothing. `is_insecure_bind_forced`: other computers are let in without one.
    `folder`: below which the files are written that clients ask for; empty for a temporary one.
    """

    port: int = 9000
    host: str = "localhost"
    has_socket: bool = sys.platform != "win32"
    is_shared: bool = True
    project: str = "simbridge"
    width: int = 640
    height: int = 480
    token: str = field(default="", repr=False)
    is_insecure_bind_forced: bool = False
    folder: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidInput for what cannot be served."""
        if isinstance(self.port, bool) or not isinstance(self.port, int) or not 0 <= self.port <= MAX_PORT:
            raise InvalidInput(f"The gateway's port is {self.port!r}; expected 0 (any free one) to {MAX_PORT}.")
        for side in (self.width, self.height):
            if isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= LONGEST_SIDE:
                raise InvalidInput(
                    f"Pictures are {self.width} x {self.height}; expected 1 to {LONGEST_SIDE} px a side."
                )
        if not self.project or not self.project.isprintable() or len(self.project) > 200:
            raise InvalidInput(f"The project is {self.project[:200]!r}; expected a line of 1 to 200 characters.")
        if self.token and (" " in self.token or not self.token.isprintable()):
            raise InvalidInput("The gateway's token has a space or a sign that is not printed; expected one word.")


class Listening:
    """The open doors. `port` is the one that was taken, `path` the Unix socket's; empty without one."""

    def __init__(self, settings: Settings):
        """Raises Refused where nobody can listen, NotAllowed where everybody could come, InvalidInput for no host."""
        where = Address(host=settings.host, port=settings.port)
        check_bind(where, is_guarded=bool(settings.token), is_forced=settings.is_insecure_bind_forced)
        host = numeric_host(where)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            door = socket.create_server((host, settings.port), family=family, backlog=BACKLOG)
        except OSError as error:
            raise Refused(f"UnrealCV's gateway: {why_not(where, error)}") from error
        self.host, self.port = host, door.getsockname()[1]
        self.doors, self.path = [door], ""
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY)
        """Given up for a moment when no more files can be opened: who knocks is let in, and sent away."""
        door.setblocking(False)
        if settings.has_socket:
            self._open_socket(SOCKET.format(port=self.port))

    def _open_socket(self, path: str) -> None:
        """Clients come by the port alone where the socket cannot be had."""
        door = None
        try:
            check_bind(Address(path=path), is_guarded=True, is_forced=False)
            door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            door.bind(path)
            os.chmod(path, 0o600)
            door.listen(BACKLOG)
            door.setblocking(False)
        except (OSError, AttributeError, SimbridgeError) as error:
            if door is not None:
                door.close()
            _log.warning("UnrealCV's clients find no Unix socket %s, only port %d: %s", path, self.port, error)
            return
        self.doors.append(door)
        self.path = path

    def admitted(self, door: socket.socket) -> socket.socket | None:
        """Who is at that door; None if there is nobody any more, or no more files can be opened."""
        try:
            found, _ = door.accept()
        except (BlockingIOError, ConnectionError):
            return None
        except OSError as error:  # who knocks would be heard again and again, and never let in
            _log.warning("One of UnrealCV's clients was sent away: %s", error)
            self._send_away(door)
            return None
        if found.family == getattr(socket, "AF_UNIX", None):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_BYTES)
        else:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return found

    def _send_away(self, door: socket.socket) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None
        with contextlib.suppress(OSError):
            door.accept()[0].close()
        with contextlib.suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY)

    def close(self) -> None:
        """Lets nobody in any more."""
        doors, self.doors = self.doors, []
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None
        for door in doors:
            door.close()
        if self.path and doors:
            with contextlib.suppress(OSError):
                os.unlink(self.path)
