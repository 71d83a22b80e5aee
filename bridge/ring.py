"""Frames in shared memory: a file of slots that a server or its engine writes and a client on the same computer reads.

Layout, little-endian: a header of 64 bytes (magic, key, slots, slot_bytes, generation), then the slots, each with a header
of 64 bytes (before, after, length, held) and room for one array. A writer sets `before`, lays the bytes down and sets
`after`; a reader checks `after`, takes the bytes and checks `before`: a slot that was written meanwhile is noticed, and
never handed out half old and half new. A reader that looks at a slot in place says so in `held`, and it is left alone
until the array is gone. The file is the server's, of mode 0600; what clients name is never opened. Whoever may write to it
may cut it short as well: both ends look at its size before they touch a slot. A cut in between, or under an array that is
looked at in place, ends the program that touches it (SIGBUS); only the same user can do that.
"""

import contextlib
import errno
import logging
import math
import mmap
import os
import secrets
import stat
import struct
import sys
import tempfile
import threading
import weakref
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
_GENERATION = 4
_BEFORE, _AFTER, _LENGTH, _HELD = range(4)
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
    """The writing end. Pages are reserved when a slot is first used, so that a full /dev/shm is an answer, not a crash.

    The server makes the file and removes it; an engine in a process of its own is `attached` to it and writes in its
    stead. One of the two writes, never both.
    """

    def __init__(self, place: Path, *, slots: int = SLOTS, slot_bytes: int = SLOT_BYTES):
        path, key = place / f"{PREFIX}{secrets.token_hex(8)}", secrets.randbits(63) | 1
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            os.ftruncate(file, _HEADER + slots * _stride(slot_bytes))
            _reserve(file, 0, _HEADER)
            self._open(file, path, slots, slot_bytes, key)
        except OSError:
            os.close(file)
            path.unlink(missing_ok=True)
            raise
        self._is_owner = True
        for index, value in enumerate((_MAGIC, key, slots, slot_bytes)):
            self._words[index] = value

    @classmethod
    def attached(cls, path: str, *, size: int, slots: int, key: int) -> "RingWriter":
        """Another program's ring, to write in its stead. Raises InvalidInput when it is not the one that was named."""
        file = _opened(path, size)
        made = cls.__new__(cls)
        try:
            slot_bytes = _checked(os.read(file, 32), path, size, slots, key)
            made._open(file, Path(path), slots, slot_bytes, key)
        except BaseException:
            os.close(file)
            raise
        made._is_owner = False
        return made

    def _open(self, file: int, path: Path, slots: int, slot_bytes: int, key: int) -> None:
        self.path, self.slots, self.slot_bytes, self.key = path, slots, slot_bytes, key
        self.stride = _stride(slot_bytes)
        self.bytes = _HEADER + slots * self.stride
        self._file, self._lock = file, threading.Lock()
        self._reserved = [0] * slots
        self._cursor, self._span = -1, 2
        self._map: mmap.mmap | None = mmap.mmap(file, self.bytes)
        self._octets = np.frombuffer(self._map, np.uint8)
        self._words = memoryview(self._map).cast("Q")

    def lay(self, arrays: Sequence[NDArray]) -> list[tuple[int, int] | None]:
        """Slot and generation of each array of one answer; None for those that have no room and must travel."""
        with self._lock:
            fitting = min(len(arrays), self.slots // 2)
            self._span = max(self._span, min(self.slots, 2 * fitting))
            return [self._put(array) if index < fitting else None for index, array in enumerate(arrays)]

    def _put(self, array: NDArray) -> tuple[int, int] | None:
        if self._map is None or array.nbytes > self.slot_bytes or self._is_cut():
            return None
        words, tried = self._words, 0
        while tried < self._span:
            slot = (self._cursor + 1) % self._span
            start = _HEADER + slot * self.stride
            if not self._has_room(slot, start, array.nbytes):
                return None
            self._cursor, tried, word = slot, tried + 1, start // 8
            if not words[word + _HELD]:
                generation = words[_GENERATION] + 1
                words[_GENERATION] = words[word + _BEFORE] = generation
                if not words[word + _HELD]:
                    target = self._octets[start + _HEADER : start + _HEADER + array.nbytes]
                    np.copyto(target.view(array.dtype).reshape(array.shape), array)
                    words[word + _LENGTH], words[word + _AFTER] = array.nbytes, generation
                    return slot, generation
                words[word + _BEFORE] = words[word + _AFTER]  # its reader came between: nothing was written
            if tried == self._span < self.slots:
                self._cursor, self._span = tried - 1, min(2 * self._span, self.slots)
        return None

    def _has_room(self, slot: int, start: int, size: int) -> bool:
        """Whether the slot's pages are there; no slot is touched before they are."""
        if self._reserved[slot] >= size > 0:
            return True
        try:
            _reserve(self._file, start, _HEADER + size)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM):
                raise
            _log.warning("No room for frames in %s (%s): they travel instead.", self.path.parent, error)
            self.slot_bytes = -1
            return False
        self._reserved[slot] = size
        return True

    def _is_cut(self) -> bool:
        """Whether somebody has cut the file short: what lies beyond its end cannot be touched, and frames travel."""
        if os.fstat(self._file).st_size >= self.bytes:
            return False
        _log.warning("Shared memory %s was cut short by somebody: frames travel instead.", self.path)
        self.slot_bytes = -1
        return True

    def is_gone(self) -> bool:
        """Whether the file was removed: nobody will read what is written now."""
        return os.fstat(self._file).st_nlink == 0

    def close(self) -> None:
        """Gives memory and file back; readers keep what they have mapped."""
        with self._lock:
            if self._map is None:
                return
            self._words.release()
            del self._octets
            self._map.close()
            self._map = None
            os.close(self._file)
            if self._is_owner:
                with contextlib.suppress(PermissionError):  # Windows, while a reader has it: the next server sweeps it
                    self.path.unlink(missing_ok=True)


class RingReader:
    """A client's end. Raises InvalidInput when the file is not the ring that was announced."""

    def __init__(self, path: str, *, size: int, slots: int, key: int):
        file = _opened(path, size)
        try:
            self.slot_bytes = _checked(os.read(file, 32), path, size, slots, key)
            mapped = mmap.mmap(file, size)
        except BaseException:
            os.close(file)
            raise
        self._file, self._size = file, size
        self._closer = weakref.finalize(self, os.close, file)
        self.path, self.slots, self._stride = Path(path), slots, _stride(self.slot_bytes)
        self._octets, self._words = np.frombuffer(mapped, np.uint8), memoryview(mapped).cast("Q")
        self._address = self._octets.ctypes.data
        self._held: set[int] = set()

    def take(self, slot: int, generation: int, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
        """The array in a slot, read-only, in place: the slot is held as long as the array lives.

        A quarter of the slots can be held at once; further arrays are copies. Raises DamagedData when the array was
        overwritten, InvalidInput when it cannot be there.
        """
        count = math.prod(shape) * dtype.itemsize
        if not 0 <= slot < self.slots or not 0 <= count <= self.slot_bytes:
            raise InvalidInput(
                f"Slot {slot} cannot hold {count:,} bytes; there are {self.slots} of {self.slot_bytes:,}."
            )
        if os.fstat(self._file).st_size < self._size:
            raise DamagedData(
                f"Shared memory {self.path} was cut short by somebody. Observe again: frames travel then."
            )
        start = _HEADER + slot * self._stride
        word, words = start // 8, self._words
        is_there = generation > 0 and words[word + _AFTER] == generation and words[word + _LENGTH] == count
        array = None
        if is_there and slot not in self._held and len(self._held) < self.slots // 4:
            words[word + _HELD] = generation
            array = np.asarray(_Held(self, slot, word + _HELD, start + _HEADER, dtype, shape))
        elif is_there:
            array = np.empty(shape, dtype)
            array.reshape(-1).view(np.uint8)[:] = self._octets[start + _HEADER : start + _HEADER + count]
            array.flags.writeable = False
        if array is None or words[word + _BEFORE] != generation:
            raise DamagedData(
                f"Frame {generation} in slot {slot} was overwritten by frame {words[word + _BEFORE]} before it was "
                "read. Read frames before asking for many more, or observe again."
            )
        return array

    def close(self) -> None:
        """Lets the memory go, as soon as no array lies in it any more."""
        self.slots = 0
        del self._octets, self._words
        self._closer()


class _Held:
    """What an array in a slot belongs to: gives the slot back when the array is gone."""

    __slots__ = ("__array_interface__", "_held", "_octets", "_slot", "_word", "_words")

    def __init__(
        self, reader: RingReader, slot: int, word: int, start: int, dtype: np.dtype, shape: tuple[int, ...]
    ) -> None:
        self._held, self._octets, self._words = reader._held, reader._octets, reader._words
        self._slot, self._word = slot, word
        self._held.add(slot)
        self.__array_interface__ = {
            "shape": shape,
            "typestr": dtype.str,
            "data": (reader._address + start, True),
            "version": 3,
        }

    def __del__(self) -> None:
        self._words[self._word] = 0
        self._held.discard(self._slot)


def _stride(slot_bytes: int) -> int:
    return _HEADER + -(-slot_bytes // 4096) * 4096


def _reserve(file: int, start: int, count: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, start, count)
    elif hasattr(os, "pwrite"):
        os.pwrite(file, bytes(count), start)


def _opened(path: str, size: int) -> int:
    """The file of a ring, if it is a plain one of that size."""
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise InvalidInput(f"Shared memory {path} cannot be opened here: {error.strerror or error}.") from error
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_size != size or size < _HEADER:
        os.close(file)
        raise InvalidInput(f"Shared memory {path} has {found.st_size} bytes; {size} were announced.")
    return file


def _checked(head: bytes, path: str, size: int, slots: int, key: int) -> int:
    """The size of a slot, if the header is that of the ring that was announced."""
    magic, found_key, found_slots, slot_bytes = struct.unpack("<4Q", head)
    if (magic, found_key, found_slots) != (_MAGIC, key, slots) or _HEADER + slots * _stride(slot_bytes) != size:
        raise InvalidInput(f"Shared memory {path} is not this session's ring: its header differs.")
    return slot_bytes
