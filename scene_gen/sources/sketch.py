"""Drawn lattices: 32 lines of letters, or a picture painted in the lattice's colours."""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from scene_gen.plan.artefacts import CELLS, SYMBOLS
from scene_gen.sources.files import checked, png_size

COLORS: dict[str, str] = {
    "W": "3b7ea1", "B": "ecdca0", "Q": "7a7f88", "R": "d98b5f", "S": "f2c27b", "O": "b5533c", "C": "e05a7a", "T": "7b4fa3",
    "I": "8a7f5c", "V": "ffffff", "E": "9fd0d8", "P": "7ed957", "F": "2f6b34", "A": "dbd73f", "Y": "9aa02e", "G": "a8c880",
    "H": "a38a55", "M": "5f5a57", "D": "f5ddb5", "X": "b9a9c9", "#": "000000",
}  # fmt: skip
"""The colour of each letter, as sRGB hex, in pictures of lattices and in sketches."""

_LARGEST_TEXT, _LARGEST_PNG, _LARGEST_SIDE = 100_000, 64_000_000, 8192


def read_lattice(path: Path | str, *, inside: Path | str | None = None) -> tuple[str, ...]:
    """32 rows of 32 letters, north row first, from a text file or a PNG of any size.

    In a text, spaces and tabs between letters and empty lines do not count, and small letters are taken as capitals. In
    a picture every pixel takes the nearest colour of COLORS, and every cell the letter most common in it; transparent
    pixels are water. `inside` is the folder that the file must lie in, for names that strangers chose. Raises
    InvalidInput naming file, row and column.
    """
    path = checked(path, what="lattice", largest_bytes=_LARGEST_PNG, inside=inside)
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"\x89PNG"):
        return _from_picture(path)
    if path.stat().st_size > _LARGEST_TEXT:
        raise InvalidInput(f"{path}: is no PNG and too long for {CELLS} lines of letters. Give one or the other.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{path}: is neither a PNG nor text (byte {error.start} is not UTF-8). Give {CELLS} lines of letters or a PNG."
        ) from error
    return _from_text(text, path)


def picture(lattice: tuple[str, ...], *, cell_px: int = 16) -> NDArray[np.uint8]:
    """A lattice painted in its colours, sRGB (32·cell_px, 32·cell_px, 3); `read_lattice` reads it back."""
    palette = {letter: _rgb(color) for letter, color in COLORS.items()}
    cells = np.array([[palette[letter] for letter in row] for row in lattice], dtype=np.uint8)
    return np.repeat(np.repeat(cells, cell_px, axis=0), cell_px, axis=1)


def _from_text(text: str, path: Path) -> tuple[str, ...]:
    rows = [(number, "".join(line.split()).upper()) for number, line in enumerate(text.splitlines(), start=1)]
    rows = [(number, row) for number, row in rows if row]
    if len(rows) != CELLS:
        raise InvalidInput(f"{path}: has {len(rows)} rows of letters; expected {CELLS}, the north one first.")
    for number, row in rows:
        if len(row) != CELLS:
            raise InvalidInput(f"{path}: line {number} has {len(row)} letters; expected {CELLS}, the west one first.")
        for column, letter in enumerate(row, start=1):
            if letter not in SYMBOLS:
                raise InvalidInput(
                    f"{path}: line {number}, letter {column} is {letter!r}; expected one of {' '.join(SYMBOLS)}."
                )
    return tuple(row for _, row in rows)


def _from_picture(path: Path) -> tuple[str, ...]:
    from PIL import Image

    width, height = png_size(path, what="sketch", largest=_LARGEST_SIDE)
    if min(width, height) < CELLS:
        raise InvalidInput(f"{path}: is {width} by {height} pixels; a sketch has at least {CELLS} a side, one a cell.")
    if max(width, height) > 1.05 * min(width, height):
        raise InvalidInput(
            f"{path}: is {width} by {height} pixels; a town's map is square. Crop it to {min(width, height)}."
        )
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            pixels = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, struct.error, zlib.error, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{path}: is a damaged PNG ({error}). Save the sketch again.") from error
    return _letters_of(pixels)


def _letters_of(pixels: NDArray[np.uint8]) -> tuple[str, ...]:
    """Each cell's most common letter, of the nearest colours of at most 24 by 24 of its pixels."""
    symbols = list(COLORS)
    palette = np.array([_rgb(COLORS[letter]) for letter in symbols], dtype=np.float32)
    rows, columns = (_sampled(length) for length in pixels.shape[:2])
    chosen = pixels[np.ix_(rows.ravel(), columns.ravel())]
    nearest = np.empty(chosen.shape[:2], dtype=np.uint8)
    for start in range(0, len(chosen), 64):
        part = chosen[start : start + 64, :, :3].astype(np.float32)
        gap = ((part[:, :, None, :] - palette) ** 2 * np.array([0.30, 0.59, 0.11], dtype=np.float32)).sum(axis=-1)
        nearest[start : start + 64] = np.argmin(gap, axis=-1)
    nearest[chosen[..., 3] < 128] = symbols.index("W")
    cells = nearest.reshape(CELLS, rows.shape[1], CELLS, columns.shape[1])
    counts = np.stack([(cells == index).sum(axis=(1, 3)) for index in range(len(symbols))])
    return tuple("".join(symbols[index] for index in row) for row in np.argmax(counts, axis=0))


def _sampled(length: int) -> NDArray[np.int64]:
    """Pixels along one side, (32, k): k evenly spaced ones in each cell."""
    per_cell = int(np.clip(length // CELLS, 1, 24))
    at = (np.arange(CELLS * per_cell) + 0.5) * length / (CELLS * per_cell)
    return np.minimum(at.astype(np.int64), length - 1).reshape(CELLS, per_cell)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[0:2], 16), int(color[2:4], 16), int(color[4:6], 16)
