"""Images as UnrealCV's clients read them: png with alpha, bmp from the top down, npy; in a reply or in a file."""

import io
import shutil
import struct
import tempfile
import weakref
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.formats.png import png
from bridge.gateways.unrealcv.commands import CommandFailed

Format = Literal["png", "bmp", "npy"]
Pixels = NDArray[np.uint8]
FAR_CM = 65504.0
"""How far nothing is: the greatest number of a half-precision texture, which Unreal keeps depth in."""
_BMP_HEADER = struct.Struct("<2sIHHIIiiHHIIiiII")
_BMP_HEADER_BYTES = 54


class Files:
    """Where files that clients ask for are written: below one folder, by default a temporary one of its own."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._takes_away: weakref.finalize | None = None

    @property
    def folder(self) -> Path:
        """The folder; made when first asked for."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="simbridge-unrealcv-"))
            self._takes_away = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder.resolve()

    def close(self) -> None:
        """Takes a temporary folder away, with what is in it."""
        if self._takes_away is not None:
            self._takes_away()
            self._takes_away = self._folder = None

    def write(self, name: str, content: bytes) -> str:
        """Writes a file; its name as it was given, or where it is if that was relative. Raises CommandFailed."""
        folder = self.folder
        try:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder) or path == folder:
                raise CommandFailed(f"Invalid filename {name}, files are written below {folder}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (OSError, ValueError) as error:  # no room, no leave, or a name with a null
            raise CommandFailed(f"Can not write {name}: {error}") from None
        return name if Path(name).is_absolute() else str(path)


def answered(files: Files, wish: str, made: dict[Format, bytes]) -> str | bytes:
    """An image as a client wished: a format alone is bytes, a name with one a file. Raises CommandFailed."""
    form = format_of(wish, tuple(made))
    return made[form] if "." not in wish else files.write(wish, made[form])


def format_of(wish: str, possible: tuple[Format, ...]) -> Format:
    """The format that a client wished, in UnrealCV's way of reading names. Raises CommandFailed."""
    if not wish:
        raise CommandFailed("Filename can not be empty")
    form = wish.rpartition(".")[2].lower()
    for one in possible:
        if one == form:
            return one
    raise CommandFailed(f"Invalid filename type, filename {wish}")


def colored(pixels: Pixels, wish: str) -> bytes:
    """An image (H,W,3), sRGB, in one of the formats of colours."""
    return bmp(pixels) if wish.rpartition(".")[2].lower() == "bmp" else rgba_png(pixels)


def rgba_png(pixels: Pixels) -> bytes:
    """Pixels (H,W,3) as a PNG with an alpha channel, all of it opaque: clients take four channels for granted."""
    return png(_with_alpha(pixels))


def bmp(pixels: Pixels) -> bytes:
    """Pixels (H,W,3) as a bitmap of 32 bits, blue first, alpha last and opaque, the top row first (its height is negative)."""
    height, width = pixels.shape[:2]
    content = _with_alpha(pixels[..., ::-1]).tobytes()
    header = _BMP_HEADER.pack(
        b"BM", _BMP_HEADER_BYTES + len(content), 0, 0, _BMP_HEADER_BYTES, 40, width, -height, 1, 32, 0, len(content),
        0, 0, 0, 0,
    )  # fmt: skip
    return header + content


def npy(values: NDArray[np.float32]) -> bytes:
    """An array as NumPy writes it: little-endian float32, row by row."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(values, dtype="<f4"), allow_pickle=False)
    return file.getvalue()


def depth_cm(depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth along the axis in centimetres, nothing and what is farther than Unreal counts at FAR_CM."""
    return np.minimum(depth_m * np.float32(100.0), np.float32(FAR_CM))


def _with_alpha(pixels: Pixels) -> Pixels:
    made = np.empty((*pixels.shape[:2], 4), dtype=np.uint8)
    made[..., :3], made[..., 3] = pixels, 255
    return made
