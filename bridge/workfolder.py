"""A server's own folder for uploads and sockets: private, locked while the server lives, swept after one that was killed."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PREFIX = "simbridge-server-"


class WorkFolder:
    """A new folder; folders of servers that are gone are removed first."""

    def __init__(self, place: Path | None = None):
        place = place or Path(tempfile.gettempdir())
        sweep(place)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Removes it with all that is in it."""
        os.close(self._lock)
        shutil.rmtree(self.path, ignore_errors=True)


def sweep(place: Path) -> int:
    """Removes folders that nobody locks any more; returns how many. On Windows they stay, since no lock tells."""
    removed = 0
    if sys.platform != "win32":
        for folder in place.glob(f"{PREFIX}*"):
            try:
                if folder.lstat().st_uid != os.getuid():
                    continue
                with (folder / "lock").open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
            except OSError:  # in use, just being made, or gone already
                continue
    return removed
