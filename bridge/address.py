"""Where servers are: "localhost:50051", "unix:/run/town.sock"; and the channel options that both ends use."""

import errno
import os
import socket
import stat
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from bridge.errors import InvalidInput, NotAllowed, Refused

MAX_MESSAGE_BYTES = 64 << 20
CHUNK_BYTES = 1 << 20
MAX_SOCKET_PATH = 100
MAX_PORT = 65535
_PORTS = f"a whole number from 1 to {MAX_PORT}, or 0 for any free one"
_NO_HOST = frozenset(" /\\@?#[]")

_SHARED = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.http2.lookahead_bytes", 8 << 20),
    ("grpc.http2.max_frame_size", (1 << 24) - 1),
]
SERVER_OPTIONS = [
    *_SHARED,
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 4_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
]
"""Connections that never say what they are, or whose other end is gone, are let go and leave room for others."""
CLIENT_OPTIONS = [
    *_SHARED,
    ("grpc.keepalive_time_ms", 9_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.default_authority", "simbridge"),
]
"""A peer that hangs is found within 15 s; without ping_timeout_ms it takes a minute."""


@dataclass(frozen=True)
class Address:
    """A place to listen or to call: a host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidInput for a port that there is not."""
        if not 0 <= self.port <= MAX_PORT:
            raise InvalidInput(f"Port {self.port} is none; expected {_PORTS}.")

    @property
    def target(self) -> str:
        """As gRPC writes it."""
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        if self.path or self.host == "localhost":
            return True
        return _is_ip(self.host) and ip_address(self.host).is_loopback


def parse(text: str) -> Address:
    """The address in a string; "host:port", "[::1]:port", "unix:/path" or an absolute path. Raises InvalidInput."""
    expected = 'expected "host:port" or "unix:/path/of.sock"'
    if text.startswith(("unix:", "/")):
        path = text.removeprefix("unix:").removeprefix("//")
        if sys.platform == "win32":
            raise InvalidInput(f"Address '{text}': Unix sockets need Linux or macOS; use localhost:50051.")
        path = path if not path.startswith("/") else f"/{path.lstrip('/')}"
        if (
            not path.startswith("/")
            or path.endswith("/")
            or "\0" in path
            or len(path.encode("utf-8", "replace")) > MAX_SOCKET_PATH
        ):
            raise InvalidInput(f"Address '{text}': {expected}, absolute and at most {MAX_SOCKET_PATH} bytes long.")
        return Address(path=path)
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    is_host = host.isprintable() and _NO_HOST.isdisjoint(host) and (":" not in host or _is_ip(host))
    if not colon or not port or not host or not is_host:
        raise InvalidInput(f"Address '{text[:100]}': {expected}.")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= MAX_PORT):
        raise InvalidInput(f"Address '{text[:100]}': {expected}, and '{port[:40]}' is no port, which is {_PORTS}.")
    return Address(host=host, port=int(port))


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def check_bind(address: Address, *, is_guarded: bool, is_forced: bool) -> None:
    """Raises NotAllowed where anybody on the network could drive the world, Refused where nobody can listen.

    `is_guarded`: the connection is encrypted, and calls carry a token. Raises InvalidInput for a host that is not there.
    """
    if address.path:
        _clear_stale_socket(Path(address.path))
        return
    family, place = _resolved(address)
    if not (address.is_local() or is_guarded or is_forced):
        raise NotAllowed(
            f"'{address.target}' can be reached from other computers, and not both encryption and a token guard it. Give "
            "--tls-cert, --tls-key and --token-file; or listen on localhost and forward the port (ssh -L); or, on a "
            "network you trust, force it (simbridge serve --insecure)."
        )
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            raise Refused(why_not(address, error)) from error


def numeric_host(address: Address) -> str:
    """The host of an address as a number, as bind takes it. Raises InvalidInput for an unknown name."""
    return _resolved(address)[1][0]


def _resolved(address: Address) -> tuple[int, Any]:
    """What kind of socket listens there and where, as bind takes it. Raises InvalidInput for an unknown name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            found = socket.getaddrinfo(address.host, address.port, family, socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError):  # the codec of host names raises the other
            continue
        return family, found[0][4]
    raise InvalidInput(
        f"Nothing can listen at {address.target}: no computer is known here by the name '{address.host}'. Look at its "
        "spelling, or listen at localhost."
    )


def why_not(address: Address, error: OSError) -> str:
    """The sentence for a place where nobody can listen: why, and what to do instead."""
    hints = {
        errno.EADDRINUSE: "another program listens there. Stop it, or choose another port; 0 takes any free one.",
        errno.EACCES: f"ports below 1024 are kept for administrators here. Choose one from 1024 to {MAX_PORT}.",
        errno.EADDRNOTAVAIL: "that is no address of this computer. Listen at localhost, one of its own, or 0.0.0.0.",
    }
    hint = hints.get(error.errno or 0, f"{error.strerror or error}. Choose another address.")
    return f"Nothing can listen at {address.target}: {hint}"


def _clear_stale_socket(path: Path) -> None:
    """Unlinks a socket that nobody listens at any more, if it is ours."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise InvalidInput(f"There is no folder {path.parent} for the socket {path.name}. Make it first.") from None
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise Refused(f"{path} is there already and is no socket. Choose another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            if found.st_uid != os.getuid():
                raise Refused(f"{path} is a socket left behind by another user. Choose another path.") from None
            path.unlink()
            return
        except OSError as error:
            raise Refused(f"{path} cannot be tried: {error.strerror or error}. Choose another path.") from error
    raise Refused(f"Another server listens at {path}. Stop it, or choose another path.")
