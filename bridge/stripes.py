"""One ordinary JPEG, made and read by several threads: its stripes of rows lie between restart markers.

After a restart marker a JPEG starts afresh (ITU-T T.81, F.1.1.5): what lies between two of them is what a picture of those
rows alone would hold. So stripes are packed at the same time, each as a picture of its own, and their bodies are joined
under one header. Every reader of JPEGs understands the result; this one finds the markers and unpacks stripes at the
same time. A machine of one core, or one that is busy, loses nothing: only cores that are idle take stripes.
"""

import os
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np

MOST_STRIPES, MOST_THREADS = 4, 4
STRIPE_PIXELS = 1 << 16
"""What is smaller is not worth waking a thread for."""
_UNIT_ROWS = 16
_LONGEST_INTERVAL = 0xFFFF
_FRAME, _RESTARTS, _SCAN, _FIRST_RESTART = 0xC0, 0xDD, 0xDA, 0xD0
_END = b"\xff\xd9"


class Header(NamedTuple):
    """What comes before the body of a JPEG of one scan: where things are in it, and how large its units are [px]."""

    size: int
    """Where the body begins."""
    frame: int
    """Where the baseline frame's segment begins; its height is five bytes on."""
    scan: int
    """Where the scan's segment begins."""
    interval: int
    """Units from one restart marker to the next; 0 for none."""
    unit_width: int
    unit_height: int


def rows_of_stripes(height: int, width: int) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each stripe that a picture is packed in; a single one if it is small."""
    stripes = min(MOST_STRIPES, height * width // STRIPE_PIXELS)
    units = -(-height // _UNIT_ROWS)
    rows = -(-units // max(stripes, 1)) * _UNIT_ROWS
    if stripes < 2 or -(-width // 8) * (rows // 8) > _LONGEST_INTERVAL:
        return [(0, height)]
    return [(start, min(start + rows, height)) for start in range(0, height, rows)]


def joined(stripes: Sequence[bytes], height: int) -> bytes:
    """One JPEG of so many rows, of those of its stripes, which are equal in all but height; all but the last are equal in that, too."""
    first = stripes[0]
    head = header_of(first)
    if len(stripes) == 1 or head is None:
        return first
    rows, columns = struct.unpack_from(">HH", first, head.frame + 5)
    interval = -(-columns // head.unit_width) * (rows // head.unit_height)
    pieces: list[Any] = [
        first[: head.frame + 5],
        struct.pack(">H", height),
        first[head.frame + 7 : head.scan],
        struct.pack(">BBHH", 0xFF, _RESTARTS, 4, interval),
        first[head.scan : head.size],
    ]
    for number, stripe in enumerate(stripes):
        if number:
            pieces.append(bytes((0xFF, _FIRST_RESTART + (number - 1) % 8)))
        pieces.append(memoryview(stripe)[head.size : -len(_END)])
    return b"".join([*pieces, _END])


def split(packed: bytes, height: int, width: int) -> list[tuple[int, int, bytes]]:
    """First row, last row (exclusive) and JPEG of each stripe; nothing if there are none, or they are not whole."""
    head = header_of(packed)
    columns = -(-width // head.unit_width) if head else 0
    if head is None or not head.interval or head.interval % columns or not packed.endswith(_END):
        return []
    rows = head.interval // columns * head.unit_height
    if not rows < height <= rows * MOST_STRIPES * 4:
        return []
    starts, octets = range(0, height, rows), np.frombuffer(packed, np.uint8)[head.size :]
    marks = np.flatnonzero(octets[:-1] == 0xFF)
    marks = marks[octets[marks + 1] & 0xF8 == _FIRST_RESTART]
    if octets[marks + 1].tolist() != [_FIRST_RESTART + number % 8 for number in range(len(starts) - 1)]:
        return []
    before, after = packed[: head.frame + 5], packed[head.frame + 7 : head.size]
    bounds = [head.size - 2, *(marks + head.size).tolist(), len(packed) - len(_END)]
    return [
        (
            first,
            min(first + rows, height),
            b"".join((before, struct.pack(">H", min(rows, height - first)), after, packed[start + 2 : end], _END)),
        )
        for first, start, end in zip(starts, bounds, bounds[1:])
    ]


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


def done_together(work: Callable[[int], Any], times: int) -> list[Any]:
    """What `work` makes of 0, 1, ... `times` - 1: this thread and idle ones take one after another. Raises what one raised."""
    made: list[Any] = [None] * times
    numbers = count()

    def take() -> None:
        while (number := next(numbers)) < times:
            made[number] = work(number)

    helpers = [_helpers().submit(take) for _ in range(min(times - 1, idle_cores()))] if times > 1 else []
    try:
        take()
    finally:
        for helper in helpers:
            if not helper.cancel():
                helper.result()
    return made


def idle_cores() -> int:
    """How many threads beside this one would find a core that has nothing to do at this moment.

    A thread that has to share its core is waited for until the others there have had their turns: 3 to 5 ms, in which this
    one would have done all the stripes five times over. Only Linux says what runs (in the fourth word of its load); elsewhere
    cores are taken to be idle.
    """
    idle, load = _cores(), _load()
    if load is not None:
        idle -= int(os.pread(load, 100, 0).split()[3].partition(b"/")[0]) - 1
    return max(min(idle, _threads()) - 1, 0)


@cache
def _threads() -> int:
    """How many threads may work at the same time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_THREADS)


@cache
def _cores() -> int:
    """How many cores there are, whoever may use them."""
    return os.cpu_count() or 1


@cache
def _load() -> int | None:
    """The kernel's account of its load, open for reading; None where there is none."""
    try:
        return os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS - 1, thread_name_prefix="stripes")
