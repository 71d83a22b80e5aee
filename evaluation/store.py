"""Finished episodes, one JSON line each in a file that only grows: what is in it survives a kill and is not run again."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from bridge.errors import DamagedFile, Refused

Record = Mapping[str, Any]


class Store:
    """Records by their "key", each on disk before `add` returns. One process at a time; also a context manager.

    What a kill left of a line at the end is dropped when the store is opened (`torn_bytes` says how much that was).
    Of several records of one key the last one counts. Raises DamagedFile for any other line that is none, and Refused
    while another process has the store open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        self._file = path.open("a+b", buffering=0)
        try:
            _lock(self._file, path)
            self._records, whole = _read(path)
            self.torn_bytes = path.stat().st_size - whole
            if self.torn_bytes:
                self._file.truncate(whole)
                os.fsync(self._file.fileno())
            if is_new:
                _sync_folder(path.parent)
        except BaseException:
            self._file.close()
            raise

    def add(self, record: Record) -> None:
        """Appends a record; it is on disk when this returns. Raises ValueError for what JSON has no word for (NaN)."""
        line = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
        view = memoryview(line.encode())
        while view:
            view = view[self._file.write(view) :]
        os.fsync(self._file.fileno())
        self._records[str(record["key"])] = json.loads(line)

    def __contains__(self, key: str) -> bool:
        return key in self._records

    def __getitem__(self, key: str) -> Record:
        return self._records[key]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read(path: Path) -> tuple[dict[str, Record], int]:
    """The records of a file, and how many of its bytes are whole lines."""
    data = path.read_bytes()
    found: dict[str, Record] = {}
    whole, lines = 0, data.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            record = json.loads(line)
            found.pop(key := str(record["key"]), None)
            found[key] = record
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) - 1 and not lines[-1]:
                return found, whole
            raise DamagedFile(
                f"{path}: line {number} is no record ({type(error).__name__}: {error}). Only the last line may be torn. "
                "Remove that line to go on with the others, or name another folder with --out."
            ) from error
        whole += len(line) + 1
    return found, whole


def _lock(file: IO[bytes], path: Path) -> None:
    """Takes the file for this process; the system gives it back when the process ends, however it ends."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 40)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Refused(f"{path} is open in another process. Wait for it, or name another folder with --out.") from error


def _sync_folder(folder: Path) -> None:
    """Puts a new file's name on disk; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
