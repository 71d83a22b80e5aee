"""Why nobody opened: whether a server that ended a plain connection at once is one that wants TLS."""

import ssl

from bridge.address import parse
from bridge.dialling import dialled
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
        with dialled(parse(address), PATIENCE_S) as plain, context.wrap_socket(plain):
            return True
    except OSError:  # ssl.SSLError is one: what answered is no TLS; or nobody is there, or says nothing
        return False
