"""The line to Unreal: orders and reports of bridge/link.py at a port or a Unix socket, each within its deadline.

"Not there" (EngineUnavailable), "slow" (TooLate) and "garbage" (DamagedData) are told apart. Whatever breaks the line
ends it: what was said on it is never mixed up with what is said on the next.
"""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from google.protobuf.message import DecodeError

from bridge.address import Address, parse
from bridge.dialling import dialled
from bridge.errors import (
    DamagedData,
    EngineFailed,
    EngineUnavailable,
    InvalidInput,
    NotAllowed,
    OverQuota,
    SimbridgeError,
    TooLate,
)
from bridge.link import ERROR, MAX_BYTES, MESSAGE, SECRET_BYTES, Link, error_of_payload, show_secret
from bridge.v1 import link_pb2 as pb

START = (
    "Start Unreal with the plug-in SimBridge (`simbridge unreal install PROJECT.uproject` puts it there) and let the level "
    "run, or try without Unreal: simbridge-fake-ue --port PORT --no-token"
)
CLOSE_S = 2.0


@dataclass(frozen=True)
class Reach:
    """Where Unreal listens, the secret that is shown there (empty for none), and how long it may take to answer at all."""

    address: Address
    secret: bytes = field(default=b"", repr=False)
    connect_timeout_s: float = 10.0

    @property
    def is_here(self) -> bool:
        """Whether it may be on this computer, as far as the address tells: a tunnel looks the same."""
        return self.address.is_local()


def reach(engine_address: str, token_file: str | Path = "", *, connect_timeout_s: float = 10.0) -> Reach:
    """Where to find Unreal: "host:port" or "unix:/path", with the file of a token where one is asked for.

    The token is 64 hex digits. Raises InvalidInput, and NotAllowed for a port of another computer without a token.
    """
    if not engine_address:
        raise InvalidInput(
            "Unreal is another program, and nobody said where it listens. Give --engine-address host:50061 or "
            "--engine-address unix:/path/of.sock."
        )
    address = parse(engine_address)
    if not connect_timeout_s > 0:
        raise InvalidInput(f"connect_timeout_s is {connect_timeout_s}; expected some time.")
    if not str(token_file):
        if not address.is_local():
            raise NotAllowed(
                f"{address.target} is on another computer, where anybody could answer. Give the token that the plug-in "
                "was started with (--engine-token-file FILE), or forward the port (ssh -L) and name localhost."
            )
        return Reach(address, connect_timeout_s=connect_timeout_s)
    if address.path:
        raise InvalidInput(
            f"{address.target} is a Unix socket, which asks for no token. Leave --engine-token-file out."
        )
    return Reach(address, _secret(Path(token_file)), connect_timeout_s)


def _secret(path: Path) -> bytes:
    from bridge.credentials import read_token  # with gRPC: only where there is a token

    token = read_token(path)
    try:
        secret = bytes.fromhex(token)
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES or len(token) != 2 * SECRET_BYTES:
        raise InvalidInput(
            f"{path}: the token of an engine has {2 * SECRET_BYTES} hex digits; this has {len(token)} characters. Make "
            "one for both ends: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return secret


class Channel:
    """One order at a time; used by one thread. Without a connection until `open`, and again after whatever breaks it."""

    def __init__(self, where: Reach):
        self.where = where
        self._link: Link | None = None
        self._number = 0

    @property
    def address(self) -> str:
        """Where Unreal is, in words."""
        return self.where.address.target

    @property
    def is_up(self) -> bool:
        """Whether there is a connection, as far as this end knows."""
        return self._link is not None

    def open(self) -> pb.Report:
        """Connects and opens the engine; what it says of itself. Raises EngineUnavailable, TooLate, NotAllowed."""
        self._drop()
        end = monotonic() + self.where.connect_timeout_s
        self._link = Link(_connected(self.where, end))
        left = max(end - monotonic(), 0.1)
        return self.ask(pb.Order(open=pb.OpenEngine(engine="unreal", options_json="{}")), "open", left)

    def ask(self, order: pb.Order, what: str, limit_s: float) -> pb.Report:
        """The report of an order, which is numbered here. Raises what Unreal says, or what its silence means."""
        link = self._link
        if link is None:
            raise EngineFailed(
                f"There is no connection to Unreal at {self.address}. Load a scene, or reset, to connect."
            )
        self._number += 1
        order.number = self._number
        payload = order.SerializeToString()
        if len(payload) > MAX_BYTES:
            raise OverQuota(f"'{what}' has {len(payload):,} bytes; at most {MAX_BYTES:,} travel at once. Ask for less.")
        try:
            kind, answer = link.exchange(payload, limit_s)
            report = pb.Report.FromString(answer) if kind == MESSAGE else None
        except BaseException as error:
            self._drop()
            if isinstance(error, TimeoutError | SimbridgeError | OSError | DecodeError):
                raise self._broken(error, what, limit_s) from None
            raise
        if kind == ERROR:
            raise _said(error_of_payload(answer))
        if report is None or report.number != self._number or len(report.seen) != len(order.looks):
            self._drop()
            raise _said(
                DamagedData(
                    f"{self.address} answered another question than '{what}' ({_found(report, kind)}; expected a report with "
                    f"the number {self._number}). Is it the plug-in of this simbridge that listens there?"
                )
            )
        return report

    @contextlib.contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """While something of an answer is read: what cannot be, is Unreal's fault and nobody's input. Raises DamagedData."""
        try:
            yield
        except InvalidInput as error:
            raise _said(
                DamagedData(
                    f"Unreal at {self.address} answered '{what}' with what cannot be: {error} Install the plug-in of this "
                    "simbridge there, and reset."
                )
            ) from error

    def close(self) -> None:
        """Takes leave and ends the connection; the program there goes on."""
        if self._link is not None:
            try:
                self._link.exchange(
                    pb.Order(number=self._number + 1, close=pb.CloseEngine()).SerializeToString(), CLOSE_S
                )
            except (SimbridgeError, OSError):  # it is gone already, and that was what was wanted
                pass
            finally:
                self._drop()

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _broken(self, error: BaseException, what: str, limit_s: float) -> SimbridgeError:
        """What an exchange that came to nothing means."""
        if isinstance(error, TimeoutError):
            return _said(
                TooLate(
                    f"Unreal at {self.address} took '{what}' and did not answer within {limit_s:.3g} s. It is up, and slow or "
                    "stuck: shaders that compile, a dialog, a breakpoint. Look at its window or its log, then reset the world, or load it again, which may take longer."
                )
            )
        if isinstance(error, DamagedData | DecodeError):
            return _said(
                DamagedData(
                    f"What {self.address} answered to '{what}' is no message of simbridge ({error}). The connection was "
                    "ended. Is it the plug-in of this simbridge that listens there? Reset the world to connect again."
                )
            )
        hint = ""
        if what == "open" and not self.where.secret and not self.where.address.path:
            hint = " Perhaps it asks for a token: give --engine-token-file."
        return _said(
            EngineUnavailable(
                f"The connection to Unreal at {self.address} broke in '{what}' ({error}).{hint} The world there is lost to "
                "this engine. Look at Unreal's log; when it is up, reset the world to connect again."
            )
        )


def _connected(where: Reach, end: float) -> socket.socket:
    """A connection to a port at which both ends have shown their halves of the secret, or to a Unix socket."""
    address = where.address
    try:
        made = dialled(address, max(end - monotonic(), 0.1))
    except (OSError, UnicodeError) as error:
        raise _said(EngineUnavailable(_why_not(address, error, where.connect_timeout_s))) from error
    try:
        if where.secret:
            show_secret(made, where.secret, end)
        return made
    except TimeoutError:
        made.close()
        raise _said(
            TooLate(
                f"{address.target} takes connections and has not shown its half of the token within "
                f"{where.connect_timeout_s:g} s. Unreal is starting, or stuck; or something else listens there."
            )
        ) from None
    except OSError as error:
        made.close()
        raise _said(
            NotAllowed(
                f"{address.target} and this end have not the same token ({error}). Both take it from a file with the same "
                f"{2 * SECRET_BYTES} hex digits: --engine-token-file here, -SimBridgeTokenFile= there."
            )
        ) from error


def _why_not(address: Address, error: Exception, limit_s: float) -> str:
    """The sentence for a place where nobody answers: which hop it was, and what to do."""
    port = str(address.port or 50061)
    start = (
        START.replace("PORT", port)
        if not address.path
        else START.replace("--port PORT --no-token", f"--unix {address.path}")
    )
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"No computer is known here by the name '{address.host}'. Look at the spelling of {address.target}."
    if isinstance(error, TimeoutError):
        return (
            f"Nothing answered at {address.target} within {limit_s:g} s: the computer is off, or a firewall drops what comes. "
            f"Unreal was not reached. {start}"
        )
    known = {errno.ECONNREFUSED: "nobody listens there", errno.ENOENT: "there is no such socket"}
    number = getattr(error, "winerror", None) if sys.platform == "win32" else None
    why = known.get(getattr(error, "errno", 0) or 0) or os.strerror(error.errno) if getattr(error, "errno", 0) else ""  # type: ignore[attr-defined]
    why = why or (f"error {number}" if number else str(error))
    return f"Unreal is not up at {address.target}: {why}. {start}"


def _found(report: pb.Report | None, kind: int) -> str:
    return f"a message of kind {kind}" if report is None else f"number {report.number} with {len(report.seen)} looks"


def _said(error: SimbridgeError) -> SimbridgeError:
    error.hop = "engine"
    return error
