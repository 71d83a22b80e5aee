"""How UnrealCV's messages travel, both ways: a header of eight bytes (magic number, length), then so many bytes.

Both numbers are little-endian uint32. A message of no bytes is none, and one of more than MAX_BYTES is refused before
any of it is kept: what is held of a message is what has come of it, never what its header promises.
"""

import struct
from collections.abc import Iterator

from bridge.errors import DamagedData

MAGIC = 0x9E2B83C1
MAX_BYTES = 256 << 20
"""UnrealCV's own limit of one message."""
HEADER_BYTES = 8
_HEADER = struct.Struct("<II")


def framed(payload: bytes) -> bytes:
    """A message as it travels. Raises DamagedData for one that no receiver takes: empty, or over MAX_BYTES."""
    _check_size(len(payload), MAX_BYTES)
    return _HEADER.pack(MAGIC, len(payload)) + payload


class Unframer:
    """Takes a stream apart, in whatever pieces it comes. After damage it is of no use: close the connection.

    `limit` is the most bytes of one message.
    """

    def __init__(self, *, limit: int = MAX_BYTES):
        self._limit, self._held = limit, bytearray()

    @property
    def held_bytes(self) -> int:
        """How much has come of a message that is not whole yet, its header included."""
        return len(self._held)

    def take(self, piece: bytes | bytearray | memoryview) -> Iterator[bytes]:
        """The messages that are whole now, in order; run through all of them before the next piece.

        Raises DamagedData in the place of a message with another magic number, of no bytes, or of too many.
        """
        held = self._held
        held += piece
        start, end = 0, len(held)
        try:
            while end - start >= HEADER_BYTES:
                magic, size = _HEADER.unpack_from(held, start)
                if magic != MAGIC:
                    raise DamagedData(
                        f"A message begins with 0x{magic:08X}; expected UnrealCV's 0x{MAGIC:08X}. "
                        "Another service may answer at this port, or bytes were lost: connect again."
                    )
                _check_size(size, self._limit)
                after = start + HEADER_BYTES + size
                if after > end:
                    return
                message = bytes(memoryview(held)[start + HEADER_BYTES : after])
                start = after
                yield message
        finally:
            del held[:start]


def _check_size(size: int, limit: int) -> None:
    if not 0 < size <= limit:
        raise DamagedData(f"A message of {size:,} bytes; UnrealCV's have 1 to {limit:,}. Send it in smaller ones.")
