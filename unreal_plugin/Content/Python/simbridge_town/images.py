"""What a PNG file says of itself, read from its first bytes: no decoder is needed to check a height map's size."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from .faults import InvalidTown

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY = 0
"""The colour type of PNG images with one channel."""


@dataclass(frozen=True)
class PngHeader:
    """Width and height [px], bits a channel, and the colour type (0 is grey)."""

    width: int
    height: int
    bits: int
    colour: int


def png_header(path: Path) -> PngHeader:
    """The header of a PNG file (ISO 15948, 11.2.2). Raises InvalidTown for anything else."""
    try:
        with path.open("rb") as file:
            start = file.read(33)
            file.seek(max(0, file.seek(0, 2) - 12))
            end = file.read()
    except OSError as error:
        raise InvalidTown(f"{path} cannot be read: {error}. Export the town again.") from error
    if len(start) < 33 or start[:8] != _SIGNATURE or start[8:16] != b"\0\0\0\rIHDR":
        raise InvalidTown(f"{path} is no PNG image. Export the town again.")
    if zlib.crc32(start[12:29]) != struct.unpack(">I", start[29:33])[0]:
        raise InvalidTown(f"{path} is damaged: its header's checksum does not fit. Export the town again.")
    if end != b"\0\0\0\0IEND\xaeB`\x82":
        raise InvalidTown(f"{path} is cut short: it does not end as a PNG image does. Export the town again.")
    width, height, bits, colour = struct.unpack(">IIBB", start[16:26])
    return PngHeader(width, height, bits, colour)


def check_grey(path: Path, *, size: int, bits: int) -> None:
    """Raises InvalidTown unless an image is grey, `size` pixels a side and `bits` deep."""
    found = png_header(path)
    if (found.width, found.height, found.bits, found.colour) != (size, size, bits, GREY):
        kind = "grey" if found.colour == GREY else f"of colour type {found.colour}"
        raise InvalidTown(
            f"{path} is {found.width} by {found.height} pixels of {found.bits} bits, {kind}; "
            f"{size} by {size} grey pixels of {bits} bits were expected. Export the town again."
        )
