"""A connection to an address, be it a port or a Unix socket, within a time that all its places share."""

import socket

from bridge.address import Address


def dialled(where: Address, timeout_s: float) -> socket.socket:
    """A connected socket; the time is its timeout, too. Raises OSError."""
    if not where.path:
        places = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
        made = socket.create_connection((where.host, where.port), timeout_s / len(places))
        made.settimeout(timeout_s)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(timeout_s)
        made.connect(where.path)
    except BaseException:
        made.close()
        raise
    return made
