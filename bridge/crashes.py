"""What is told of a failure that nobody foresaw: one sentence and an id to the caller, everything to a log."""

import errno
import logging
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bridge.errors import EngineFailed, OverQuota, SimbridgeError

_EXHAUSTED = {
    errno.EMFILE: "no more files can be opened",
    errno.ENFILE: "no more files can be opened",
    errno.ENOSPC: "the disk is full",
    errno.ENOMEM: "memory is full",
}
"""What may run out under a call, in words that tell nothing else of the server."""
_log = logging.getLogger("bridge.server")


def new_crash_id() -> str:
    """What a caller is told and the log is searched for: 8 hex digits."""
    return secrets.token_hex(4)


def foreseen(error: Exception, what: str) -> SimbridgeError:
    """The error as it may be told: a surprise is logged under an id, and nothing else of it leaves this program."""
    if isinstance(error, SimbridgeError):
        return error
    crash = new_crash_id()
    _log.error("crash %s in %s", crash, what, exc_info=error)
    if isinstance(error, OSError) and error.errno in _EXHAUSTED:
        return OverQuota(
            f"{what}: {_EXHAUSTED[error.errno]} where the server runs. Try again when there is room. "
            f"The server's log has it as crash {crash}."
        )
    made = EngineFailed(
        f"{what} failed in a way nobody foresaw ({type(error).__name__}). The server's log has it as crash {crash}."
    )
    made.hop = "engine"
    return made


def write_crash_log(folder: Path | None, crash: str, lines: Iterable[str]) -> Path | None:
    """Writes a file that only this user can read, in `folder` or among temporary files; None where there is no room."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        number, path = tempfile.mkstemp(prefix=f"simbridge-crash-{crash}-", suffix=".log", dir=folder)
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        _log.error("no crash log could be written: %s", error)
        return None
    return Path(path)
