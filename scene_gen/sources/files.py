"""Files from outside: opened only when they are what they say, small enough, and where they may be."""

import os
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from bridge.errors import InvalidInput


def checked(path: Path | str, *, what: str, largest_bytes: int, inside: Path | str | None = None) -> Path:
    """The path of a regular file that is not empty and not too large.

    With `inside` (for names that strangers chose) the file, links followed, must lie in that folder. Raises
    InvalidInput.
    """
    path = Path(path)
    if "\0" in str(path):
        raise InvalidInput(f"The {what}'s name holds a zero character. Give the path of a file.")
    if inside is not None:
        root, target = Path(inside).resolve(), (Path(inside) / path).resolve()
        if not target.is_relative_to(root):
            raise InvalidInput(f"{path}: leads out of {inside}. Give a {what} that lies inside it.")
        path = target
    try:
        status = os.stat(path)
    except FileNotFoundError as error:
        raise InvalidInput(f"{path}: there is no such file. Check the name of the {what}.") from error
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read ({error.strerror}). Give a {what} that can.") from error
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInput(f"{path}: is not a file. Give the {what} itself, not a folder or device.")
    if status.st_size == 0:
        raise InvalidInput(f"{path}: is empty. Write the {what} again.")
    if status.st_size > largest_bytes:
        raise InvalidInput(
            f"{path}: has {status.st_size / 1e6:.1f} MB; a {what} has at most {largest_bytes / 1e6:g} MB. Make it smaller."
        )
    return path


def png_size(path: Path, *, what: str, largest: int) -> tuple[int, int]:
    """Width and height of a sound PNG, judged before a decoder sees it: header, size, and that all its pixels are there.

    Raises InvalidInput if it is no PNG, too large, or cut off.
    """
    with path.open("rb") as file:
        head = file.read(33)
        if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 33:
            raise InvalidInput(f"{path}: is not a PNG image, whatever its name says. Save the {what} as PNG.")
        width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head[16:29])
        if not 1 <= width <= largest or not 1 <= height <= largest:
            raise InvalidInput(
                f"{path}: is {width} by {height} pixels; a {what} has 1 to {largest} a side. Scale it down."
            )
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
        expected = height * (1 + (width * channels * depth + 7) // 8)
        found = _unpacked_bytes(file, path, what, limit=2 * expected + 4096)
    if found > 2 * expected or (not interlaced and found < expected):
        raise InvalidInput(
            f"{path}: is a damaged PNG: it holds {found} bytes of pixels, its header promises {expected}. "
            f"Save the {what} again."
        )
    return width, height


def _unpacked_bytes(file: BinaryIO, path: Path, what: str, *, limit: int) -> int:
    """How many bytes the pixel chunks unpack to, counted piece by piece and no further than `limit`."""
    unpacker = zlib.decompressobj()
    count = 0
    try:
        while len(start := file.read(8)) == 8 and count <= limit:
            length, name = int.from_bytes(start[:4], "big"), start[4:]
            if name == b"IEND":
                return count
            if name != b"IDAT":
                file.seek(length + 4, os.SEEK_CUR)
                continue
            body = file.read(length)
            if len(body) < length:
                break
            file.seek(4, os.SEEK_CUR)
            while body and count <= limit and not unpacker.eof:
                count += len(unpacker.decompress(body, 1 << 20))
                body = unpacker.unconsumed_tail
    except zlib.error as error:
        raise InvalidInput(f"{path}: is a damaged PNG ({error}). Save the {what} again.") from error
    if count > limit:
        return count
    raise InvalidInput(f"{path}: is a damaged PNG: it ends in the middle. Save the {what} again.")
