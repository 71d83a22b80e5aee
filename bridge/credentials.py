"""Who may talk to whom: certificates for both ends (TLS, mutual TLS) and the token that every call carries."""

import os
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from bridge.address import CLIENT_OPTIONS, Address
from bridge.errors import InvalidInput, NotAllowed

MIN_TOKEN, MAX_TOKEN = 16, 1000
_AUTHORITY = "grpc.default_authority"


@dataclass(frozen=True)
class ServerTls:
    """A server's certificate chain and key (PEM files); with `client_ca`, clients show certificates of that authority."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """As gRPC takes them. Raises InvalidInput for files that are not there or no PEM."""
        pair = _pem(self.key, "PRIVATE KEY"), _pem(self.certificate, "CERTIFICATE")
        authority = _pem(self.client_ca, "CERTIFICATE") if self.client_ca else None
        return grpc.ssl_server_credentials([pair], authority, require_client_auth=authority is not None)


@dataclass(frozen=True)
class Tls:
    """How a client makes sure of a server: `ca` is the authority that signed its certificate (None: those of the system).

    `certificate` and `key` are the client's own, where the server asks for them. `server_name` is the name in the server's
    certificate where it is another than that of the address.
    """

    ca: Path | str | None = None
    certificate: Path | str | None = None
    key: Path | str | None = None
    server_name: str = ""

    def credentials(self) -> grpc.ChannelCredentials:
        """As gRPC takes them. Raises InvalidInput for files that are not there or no PEM."""
        if (self.certificate is None) != (self.key is None):
            raise InvalidInput("tls has one of certificate and key; expected both, or none of them.")
        return grpc.ssl_channel_credentials(
            _pem(Path(self.ca), "CERTIFICATE") if self.ca else None,
            _pem(Path(self.key), "PRIVATE KEY") if self.key else None,
            _pem(Path(self.certificate), "CERTIFICATE") if self.certificate else None,
        )


@dataclass(frozen=True)
class Access:
    """What a client shows to be let in; never printed."""

    tls: Tls | None = None
    token: str = field(default="", repr=False)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries."""
        return (("authorization", f"Bearer {checked_token(self.token, 'token')}"),) if self.token else ()

    def channel(self, address: Address, grpc_module: Any) -> Any:
        """A channel of `grpc` or `grpc.aio`. Raises NotAllowed for a token that others on the network could read."""
        if self.tls is None:
            if self.token and not address.is_local():
                raise NotAllowed(
                    f"The token would travel to {address.target} for everybody to read. Give tls=bridge.Tls(...), or "
                    "forward the port (ssh -L) and connect to localhost."
                )
            return grpc_module.insecure_channel(address.target, CLIENT_OPTIONS)
        options = [option for option in CLIENT_OPTIONS if option[0] != _AUTHORITY]
        name = self.tls.server_name or ("localhost" if address.path else "")
        if name:
            options += [("grpc.ssl_target_name_override", name), (_AUTHORITY, name)]
        return grpc_module.secure_channel(address.target, self.tls.credentials(), options)


def read_token(path: Path) -> str:
    """The token in a file that only its owner can read. Raises InvalidInput, NotAllowed."""
    try:
        text = path.read_text("utf-8").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise InvalidInput(f"The token file {path} cannot be read: {why}.") from error
    if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO) and os.stat(path).st_uid == os.getuid():
        raise NotAllowed(f"Others can read the token file {path}. chmod 600 {path}")
    return checked_token(text, str(path))


def checked_token(token: str, where: str) -> str:
    """A token that can travel and cannot be guessed. Raises InvalidInput, without the token in its message."""
    if not MIN_TOKEN <= len(token) <= MAX_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidInput(
            f"{where}: a token has {MIN_TOKEN} to {MAX_TOKEN} printable ASCII characters without spaces; this has "
            f"{len(token)}. Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return token


def _pem(path: Path, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}. Expected a PEM file.") from error
    if f"{what}-----".encode() not in content:
        raise InvalidInput(f"{path} holds no {what.lower()} in PEM.")
    return content
