"""Why nobody opened: whether a server that ended a plain connection at once is one that wants TLS."""

import socket
import ssl

from bridge.address import parse
from bridge.errors import EngineUnavailable

PATIENCE_S = 1.0


def told_by_the_door(error: EngineUnavailable, address: str) -> EngineUnavailable:
    """The error of a client that came without TLS, or a plainer one where it should have come with it."""
    if not speaks_tls(address):
        return error
    return EngineUnavailable(
        f'The server at {address} wants TLS, and this client came without. Connect with tls=bridge.Tls("ca.pem"): the '
        "authority that signed the server's certificate, or the certificate itself."
    )


def speaks_tls(address: str) -> bool:
    """Whether somebody there takes up a TLS handshake; nobody's certificate is believed, and nothing is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with _reached(address) as plain, context.wrap_socket(plain):
            return True
    except OSError:  # ssl.SSLError is one: what answered is no TLS; or nobody is there, or says nothing
        return False


def _reached(address: str) -> socket.socket:
    where = parse(address)
    if not where.path:
        return socket.create_connection((where.host, where.port), PATIENCE_S)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(PATIENCE_S)
        made.connect(where.path)
    except OSError:
        made.close()
        raise
    return made
