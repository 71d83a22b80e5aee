"""What is told of a failure that nobody foresaw: one sentence and an id to the caller, everything to a log."""

import contextlib
import errno
import logging
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bridge.errors import EngineFailed, OverQuota, SimbridgeError

LOG_PREFIX, KEPT_LOGS = "simbridge-crash-", 20
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
    """Writes a file that only this user can read; None where there is no room.

    It lies in `folder`, or among temporary files, where only the last `KEPT_LOGS` stay.
    """
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        number, path = tempfile.mkstemp(prefix=f"{LOG_PREFIX}{crash}-", suffix=".log", dir=folder)
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        _log.error("no crash log could be written: %s", error)
        return None
    if folder is None:
        sweep_crash_logs(Path(path).parent)
    return Path(path)


def sweep_crash_logs(folder: Path, *, kept: int = KEPT_LOGS) -> int:
    """Removes this user's crash logs but for the last ones; returns how many."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob(f"{LOG_PREFIX}*.log"):
        with contextlib.suppress(OSError):  # gone already
            about = path.lstat()
            if not hasattr(os, "getuid") or about.st_uid == os.getuid():
                found.append((about.st_mtime, path))
    removed = 0
    for _, path in sorted(found)[:-kept]:
        with contextlib.suppress(OSError):  # somebody reads it, or was faster
            path.unlink()
            removed += 1
    return removed
