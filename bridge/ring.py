"""Frames in shared memory: a file of slots that the server writes and a client on the same computer reads.

Layout, little-endian: a header of 64 bytes (magic, key, slots, slot_bytes), then the slots, each with a header of 64
bytes (before, after, length) and room for one array. A writer sets `before`, lays the bytes down and sets `after`; a
reader checks `after`, takes the bytes and checks `before`: a slot that was written meanwhile is noticed, and never
handed out half old and half new. The file is the server's, of mode 0600; what clients name is never opened.
"""

import contextlib
import errno
import logging
import math
import mmap
import os
import secrets
import stat
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedData, InvalidInput

if sys.platform != "win32":
    import fcntl

PREFIX = "simbridge-ring-"
SLOTS, SLOT_BYTES = (64, 32 << 20) if sys.platform != "win32" else (16, 8 << 20)
_MAGIC = int.from_bytes(b"SIMRING1", "little")
_HEADER = 64
_BEFORE, _AFTER, _LENGTH = 0, 1, 2
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Where rings lie: in memory where there is such a place, else among temporary files."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def sweep(place: Path) -> int:
    """Removes rings whose servers are gone (they held a lock on theirs); returns how many."""
    removed = 0
    for path in place.glob(f"{PREFIX}*"):
        try:
            if sys.platform != "win32":
                with path.open("rb") as file:
                    if os.fstat(file.fileno()).st_uid != os.getuid():
                        continue
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
            else:
                path.unlink()
            removed += 1
        except OSError as error:  # in use, or gone already
            _log.debug("%s stays: %s", path, error)
    return removed


class RingWriter:
    """The server's end. Pages are reserved when a slot is first used, so that a full /dev/shm is an answer, not a crash."""

    def __init__(self, place: Path, *, slots: int = SLOTS, slot_bytes: int = SLOT_BYTES):
        self.slots, self.slot_bytes = slots, slot_bytes
        self.key = secrets.randbits(63) | 1
        self.stride = _HEADER + -(-slot_bytes // 4096) * 4096
        self.bytes = _HEADER + slots * self.stride
        self.path = place / f"{PREFIX}{secrets.token_hex(8)}"
        self._lock = threading.Lock()
        self._reserved = [0] * slots
        self._cursor, self._span, self._generation = -1, 2, 0
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if sys.platform != "win32":
                fcntl.flock(self._file, fcntl.LOCK_EX)
            os.ftruncate(self._file, self.bytes)
            self._reserve(0, _HEADER)
            self._map: mmap.mmap | None = mmap.mmap(self._file, self.bytes)
        except OSError:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise
        self._octets = np.frombuffer(self._map, np.uint8)
        self._words = self._octets.view("<u8")
        self._words[:4] = _MAGIC, self.key, slots, slot_bytes

    def lay(self, arrays: Sequence[NDArray]) -> list[tuple[int, int] | None]:
        """Slot and generation of each array of one answer; None for those that have no room and must travel."""
        with self._lock:
            fitting = min(len(arrays), self.slots // 2)
            self._span = max(self._span, min(self.slots, 2 * fitting))
            return [self._put(array) if index < fitting else None for index, array in enumerate(arrays)]

    def _put(self, array: NDArray) -> tuple[int, int] | None:
        if self._map is None or array.nbytes > self.slot_bytes:
            return None
        slot = (self._cursor + 1) % self._span
        start = _HEADER + slot * self.stride
        if self._reserved[slot] < array.nbytes:
            try:
                self._reserve(start, _HEADER + array.nbytes)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM):
                    raise
                if self._span:
                    _log.warning("No room for frames in %s (%s): they travel instead.", self.path.parent, error)
                self.slot_bytes = 0
                return None
            self._reserved[slot] = array.nbytes
        self._cursor, self._generation = slot, self._generation + 1
        word, data = start // 8, start + _HEADER
        self._words[word + _BEFORE] = self._generation
        target = self._octets[data : data + array.nbytes].view(array.dtype).reshape(array.shape)
        np.copyto(target, array)
        self._words[word + _LENGTH] = array.nbytes
        self._words[word + _AFTER] = self._generation
        return slot, self._generation

    def _reserve(self, start: int, count: int) -> None:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._file, start, count)
        elif hasattr(os, "pwrite"):
            os.pwrite(self._file, bytes(count), start)

    def close(self) -> None:
        """Gives memory and file back; readers keep what they have mapped."""
        with self._lock:
            if self._map is None:
                return
            del self._octets, self._words
            self._map.close()
            self._map = None
            os.close(self._file)
            with contextlib.suppress(PermissionError):  # Windows, while a reader has it: the next server sweeps it
                self.path.unlink(missing_ok=True)


class RingReader:
    """A client's end. Raises InvalidInput when the file is not the ring that was announced."""

    def __init__(self, path: str, *, size: int, slots: int, key: int):
        try:
            file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise InvalidInput(f"Shared memory {path} cannot be opened here: {error.strerror or error}.") from error
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_size != size or size < _HEADER:
                raise InvalidInput(f"Shared memory {path} has {found.st_size} bytes; {size} were announced.")
            self._map = mmap.mmap(file, size, access=mmap.ACCESS_READ)
        finally:
            os.close(file)
        self._octets = np.frombuffer(self._map, np.uint8)
        self._words = self._octets[: size // 8 * 8].view("<u8")
        magic, found_key, found_slots, slot_bytes = (int(word) for word in self._words[:4])
        stride = _HEADER + -(-slot_bytes // 4096) * 4096
        if (magic, found_key, found_slots) != (_MAGIC, key, slots) or _HEADER + slots * stride != size:
            self.close()
            raise InvalidInput(f"Shared memory {path} is not this session's ring: its header differs.")
        self.slots, self.slot_bytes, self._stride = slots, slot_bytes, stride

    def take(self, slot: int, generation: int, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
        """A copy of the array in a slot. Raises DamagedData when it was overwritten, InvalidInput when it cannot be there."""
        count = math.prod(shape) * dtype.itemsize
        if not 0 <= slot < self.slots or not 0 <= count <= self.slot_bytes:
            raise InvalidInput(
                f"Slot {slot} cannot hold {count:,} bytes; there are {self.slots} of {self.slot_bytes:,}."
            )
        start = _HEADER + slot * self._stride
        word, data = start // 8, start + _HEADER
        is_there = generation > 0 and self._words[word + _AFTER] == generation and self._words[word + _LENGTH] == count
        array = np.empty(shape, dtype)
        if is_there:
            array.reshape(-1).view(np.uint8)[:] = self._octets[data : data + count]
        if not is_there or self._words[word + _BEFORE] != generation:
            raise DamagedData(
                f"Frame {generation} in slot {slot} was overwritten by frame {self._words[word + _BEFORE]} before it was "
                "read. Read frames before asking for many more, or observe again."
            )
        return array

    def close(self) -> None:
        """Lets the memory go."""
        del self._octets, self._words
        self._map.close()
