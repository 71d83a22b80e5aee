"""One ordinary JPEG that is sent while it is made and read while it comes: stripes of rows between restart markers.

After a restart marker a JPEG starts afresh (ITU-T T.81, F.1.1.5): what lies between two of them is what a picture of those
rows alone would hold. So stripes are packed one after another, each as a picture of its own, and what is sent of each is its
body, with the marker that ends it; the first has the header of the whole before it. Who joins the pieces has the JPEG of
the whole picture; who reads them as they come puts that header, for fewer rows, before each.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

STRIPE_PIXELS = 5 << 14
MOST_STRIPES = 16
_UNIT_ROWS = 16
_LONGEST_INTERVAL = 0xFFFF
_FRAME, _RESTARTS, _SCAN, _FIRST_RESTART = 0xC0, 0xDD, 0xDA, 0xD0
_END = b"\xff\xd9"


class Header(NamedTuple):
    """What comes before the body of a JPEG of one scan: where things are in it, and how large its units are [px]."""

    size: int
    """Where the body begins."""
    frame: int
    """Where the baseline frame's segment begins; its height and width are five bytes on."""
    scan: int
    """Where the scan's segment begins."""
    interval: int
    """Units from one restart marker to the next; 0 for none."""
    unit_width: int
    unit_height: int


class Stripe(NamedTuple):
    """Rows from `first` to `last` (exclusive) of a picture, as a JPEG of their own."""

    first: int
    last: int
    packed: bytes


def rows_of_stripes(height: int, width: int) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each stripe that a picture is packed in; a single one if it is small."""
    units = -(-height // _UNIT_ROWS)
    least = -(-units // MOST_STRIPES)
    rows = max(STRIPE_PIXELS // (max(width, 1) * _UNIT_ROWS), least, 1) * _UNIT_ROWS
    if height * width < 2 * STRIPE_PIXELS or -(-width // 8) * (rows // 8) > _LONGEST_INTERVAL:
        return [(0, height)]
    return [(start, min(start + rows, height)) for start in range(0, height, rows)]


def pieces(packed: Iterable[bytes], height: int) -> Iterator[bytes]:
    """The pieces of the JPEG of so many rows, each when the JPEG of its stripe is taken from `packed`.

    Stripes are equal in all but height; all but the last are equal in that, too. A single one is the picture as it is.
    """
    head, done, number, rows = None, 0, 0, 0
    for stripe in packed:
        if head is None:
            head = _sound_header(stripe)
            rows, columns = struct.unpack_from(">HH", stripe, head.frame + 5)
            before = stripe[: head.size]
            if rows < height:
                interval = -(-columns // head.unit_width) * (rows // head.unit_height)
                before = _with_interval(_of_height(before, head, height), head, interval)
        else:
            before = b""
        done, number = done + rows, number + 1
        end = _END if done >= height else _marker(number - 1)
        yield b"".join((before, memoryview(stripe)[head.size : -len(_END)], end))


class Stripes:
    """Finds the stripes of a JPEG (height, width) in its pieces. A piece ends where a stripe does, or none is found at all."""

    def __init__(self, height: int, width: int):
        self._height, self._width = height, width
        self._head: Header | None = None
        self._before = self._before_last = b""
        self._rows = self._found = 0
        self._is_lost = False

    def add(self, piece: bytes) -> Stripe | None:
        """The stripe that this piece is; None if it is none, as no later one will be, either."""
        if self._is_lost:
            return None
        body = 0
        if self._head is None:
            if not self._begins(piece):
                return self._lost()
            body = self._head.size if self._head is not None else 0
        first = self._found * self._rows
        last = min(first + self._rows, self._height)
        end = _END if last == self._height else _marker(self._found)
        if first >= self._height or len(piece) < body + len(end) or not piece.endswith(end):
            return self._lost()
        self._found += 1
        before = self._before if last - first == self._rows else self._before_last
        return Stripe(first, last, b"".join((before, memoryview(piece)[body : -len(end)], _END)))

    def _begins(self, piece: bytes) -> bool:
        """Whether it has the header of a JPEG of that size in stripes of whole rows of units."""
        head = header_of(piece)
        if head is None or struct.unpack_from(">HH", piece, head.frame + 5) != (self._height, self._width):
            return False
        columns = -(-self._width // head.unit_width)
        if not head.interval or head.interval % columns:
            return False
        self._head, self._rows = head, head.interval // columns * head.unit_height
        before = piece[: head.size]
        self._before = _of_height(before, head, min(self._rows, self._height))
        self._before_last = _of_height(before, head, (self._height - 1) % self._rows + 1)
        return True

    def _lost(self) -> None:
        self._is_lost = True


def header_of(packed: bytes) -> Header | None:
    """The header of a baseline JPEG; None for any other, and for bytes that are none."""
    place, frame, interval, unit = 2, 0, 0, (0, 0)
    while place + 4 <= len(packed) and packed[place] == 0xFF:
        marker, length = packed[place + 1], int.from_bytes(packed[place + 2 : place + 4], "big")
        segment = packed[place : place + 2 + length]
        if len(segment) < 2 + max(length, 2):
            return None
        if marker == _SCAN:
            is_whole = frame and length > 2 and segment[4] == packed[frame + 9]
            return Header(place + len(segment), frame, place, interval, *unit) if is_whole else None
        if marker == _FRAME and len(segment) > 10 and len(segment) == 10 + 3 * segment[9]:
            factors = [segment[at] for at in range(11, len(segment), 3)]
            unit = 8 * max(f >> 4 for f in factors), 8 * max(f & 15 for f in factors)
            frame = place if min(unit) else 0
        elif marker == _RESTARTS and length == 4:
            interval = int.from_bytes(segment[4:6], "big")
        place += len(segment)
    return None


def _sound_header(packed: bytes) -> Header:
    """The header of a JPEG that was made here."""
    head = header_of(packed)
    if head is None:
        raise AssertionError("The packer has made something else than a baseline JPEG.")
    return head


def _of_height(before: bytes, head: Header, rows: int) -> bytes:
    return before[: head.frame + 5] + struct.pack(">H", rows) + before[head.frame + 7 :]


def _with_interval(before: bytes, head: Header, interval: int) -> bytes:
    return before[: head.scan] + struct.pack(">BBHH", 0xFF, _RESTARTS, 4, interval) + before[head.scan :]


def _marker(number: int) -> bytes:
    return bytes((0xFF, _FIRST_RESTART + number % 8))
