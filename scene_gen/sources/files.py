"""Files from outside: opened only when they are what they say, small enough, and where they may be."""

import os
import stat
from pathlib import Path

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
    """Width and height from a PNG's header, before anything is unpacked. Raises InvalidInput if it is no PNG or too large."""
    with path.open("rb") as file:
        head = file.read(26)
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 26:
        raise InvalidInput(f"{path}: is not a PNG image, whatever its name says. Save the {what} as PNG.")
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if not 1 <= width <= largest or not 1 <= height <= largest:
        raise InvalidInput(f"{path}: is {width} by {height} pixels; a {what} has 1 to {largest} a side. Scale it down.")
    return width, height
