"""How errors cross the wire: each class of bridge.errors has its gRPC status, and comes back as what it was.

The trailing metadata carry the class's name and the hop that failed, so that "slow" and "not there" stay apart.
"""

from typing import Any

import grpc

from bridge import errors
from bridge.errors import SimbridgeError

ERROR_KEY = "simbridge-error"
HOP_KEY = "simbridge-hop"
MAX_MESSAGE = 2000

_CODES: tuple[tuple[type[SimbridgeError], grpc.StatusCode], ...] = (
    (errors.OutOfRange, grpc.StatusCode.OUT_OF_RANGE),
    (errors.DamagedFile, grpc.StatusCode.DATA_LOSS),
    (errors.NewerFormat, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.UnknownName, grpc.StatusCode.NOT_FOUND),
    (errors.UnknownBody, grpc.StatusCode.NOT_FOUND),
    (errors.UnknownCamera, grpc.StatusCode.NOT_FOUND),
    (errors.NotRecorded, grpc.StatusCode.NOT_FOUND),
    (errors.NameTaken, grpc.StatusCode.ALREADY_EXISTS),
    (errors.OverQuota, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.RecordingFailed, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.NotAllowed, grpc.StatusCode.PERMISSION_DENIED),
    (errors.NotSupported, grpc.StatusCode.UNIMPLEMENTED),
    (errors.Refused, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.TooLate, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.Cancelled, grpc.StatusCode.CANCELLED),
    (errors.SessionEnded, grpc.StatusCode.ABORTED),
    (errors.DamagedData, grpc.StatusCode.DATA_LOSS),
    (errors.EngineCrashed, grpc.StatusCode.UNAVAILABLE),
    (errors.EngineFailed, grpc.StatusCode.INTERNAL),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE),
    (errors.UsageError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.InvalidScene, grpc.StatusCode.INVALID_ARGUMENT),
    (SimbridgeError, grpc.StatusCode.FAILED_PRECONDITION),
)
_CLASSES = {code: kind for kind, code in reversed(_CODES)} | {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidInput,
    grpc.StatusCode.FAILED_PRECONDITION: errors.Refused,
    grpc.StatusCode.DATA_LOSS: errors.DamagedData,
    grpc.StatusCode.UNAVAILABLE: errors.EngineUnavailable,
    grpc.StatusCode.UNAUTHENTICATED: errors.NotAllowed,
}

_DISTRUST = ("certificate", "handshake", "verification check")
_PLAIN = "wrong_version_number"
"""What BoringSSL says of an answer that is no TLS."""
_BROKEN = "Internal error from Core"
"""What grpc.aio says, with the status INTERNAL, when it writes to a stream whose connection has just broken."""


def status_of(error: SimbridgeError) -> grpc.StatusCode:
    """The status that an error travels as."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def trailing(error: SimbridgeError, hop: str) -> tuple[tuple[str, str], ...]:
    """What goes with the status: the error's class, and which hop failed."""
    return (ERROR_KEY, type(error).__name__), (HOP_KEY, hop)


def error_from(failure: Any, address: str) -> SimbridgeError:
    """The error behind a failed call (a grpc.RpcError of either kind of channel), in words that name the hop."""
    code, details = failure.code(), failure.details() or ""
    metadata = dict(failure.trailing_metadata() or ())
    told = told_error(str(metadata.get(ERROR_KEY, "")), str(metadata.get(HOP_KEY, "server")), details, address)
    if told is not None:
        return told
    if code is grpc.StatusCode.UNAVAILABLE or details.startswith(_BROKEN):
        return no_server(address, _first_line(details))
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.TooLate(
            f"The server at {address} took the call and did not answer within its deadline. "
            "It may be busy or stuck: look at its log, or connect with a longer timeout_s."
        )
    if code is grpc.StatusCode.CANCELLED:
        return errors.Cancelled(f"The call to {address} was cancelled at this end.")
    kind = _CLASSES.get(code, errors.EngineFailed)
    return kind(f"{_first_line(details) or code} (Said by gRPC at {address}.)")


def no_server(address: str, why: str) -> errors.EngineUnavailable:
    """What is said where nobody answers, or nobody whom this end trusts."""
    if _PLAIN in why.lower():
        return errors.EngineUnavailable(
            f"The server at {address} speaks without TLS, and this client came with it ({why}). Connect without tls=..., "
            "or start the server with --tls-cert and --tls-key."
        )
    if any(word in why.lower() for word in _DISTRUST):
        return errors.EngineUnavailable(
            f"The server at {address} and this client do not trust each other ({why}). Look at tls=bridge.Tls(...): the "
            "authority of the server's certificate, the name in it, and the client's own certificate if it is asked for."
        )
    return errors.EngineUnavailable(
        f"No server answers at {address} ({why}). "
        'Start one with `simbridge serve TOWN`, or open the embedded engine here with bridge.open("embedded"). '
        "If one runs there and asks for TLS, connect with tls=bridge.Tls(...)."
    )


def told_error(name: str, hop: str, message: str, address: str) -> SimbridgeError | None:
    """The error of that name in bridge.errors, saying who said it if it was not the server; None for other names."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, SimbridgeError)):
        return None
    made = kind(message if hop == "server" else f"{message} (Said by the {hop} behind {address}.)")
    made.hop = hop
    return made


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else ""
