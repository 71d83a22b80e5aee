"""Pictures as UnrealCV sends them: bitmaps with and without its stray four bytes, arrays, labels and normals in colours."""

import re
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedData
from bridge.frames import read_only

FAR_M = 655.04
"""Depth travels as half precision, which ends at 65,504 cm: what is farther cannot be told from nothing by depth alone."""
_LONGEST_HEADER = 4096
_NPY = re.compile(
    rb"\x93NUMPY[\x01-\x03]\x00(?:..|....)\{'descr': '(?P<order>[<>])f(?P<bytes>[248])', 'fortran_order': False, "
    rb"'shape': \((?P<shape>[0-9, ]{1,60})\), *\} *\n", re.DOTALL,
)  # fmt: skip
_HEADER = struct.Struct("<2sIHHI IiiHHI")


def bitmap(answer: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """Red, green, blue (H,W,3) of a BMP of 24 or 32 bits, top row first.

    Unreal writes the pixels' count before them, so that they begin four bytes late: they are taken from the end.
    Raises DamagedData for another format or size.
    """
    if len(answer) < _HEADER.size or answer[:2] != b"BM":
        raise DamagedData(f"A picture begins with {answer[:8]!r}; expected a BMP of {width}x{height}.")
    found = _HEADER.unpack_from(answer)
    wide, high, bits, packing = found[6], found[7], found[9], found[10]
    row = (wide * bits // 8 + 3) // 4 * 4
    if (wide, abs(high)) != (width, height) or bits not in (24, 32) or packing not in (0, 3):
        raise DamagedData(f"A BMP is {wide}x{abs(high)} of {bits} bits; expected {width}x{height} of 24 or 32.")
    if len(answer) < found[4] + row * height:
        raise DamagedData(f"A BMP of {width}x{height} has {len(answer)} bytes; expected {found[4] + row * height}.")
    pixels = np.frombuffer(answer, np.uint8, row * height, len(answer) - row * height).reshape(height, row)
    pixels = pixels[:, : wide * bits // 8].reshape(height, width, bits // 8)
    upright = pixels if high < 0 else pixels[::-1]
    return read_only(upright[..., 2::-1], np.uint8)


def depth(answer: bytes, width: int, height: int) -> NDArray[np.float32]:
    """Planar depth (H,W) [m], inf where nothing is, of UnrealCV's array in centimetres. Raises DamagedData."""
    array = _array(answer)
    if array.shape[:2] != (height, width) or array.size != width * height:
        raise DamagedData(f"A depth picture is {array.dtype} {array.shape}; expected floats ({height}, {width}).")
    metres = array.reshape(height, width).astype(np.float32) * np.float32(0.01)
    nothing = ~np.isfinite(metres) | (metres >= FAR_M - 0.3) | (metres <= 0)
    return read_only(np.where(nothing, np.float32(np.inf), metres), np.float32)


def _array(answer: bytes) -> NDArray[np.floating]:
    """The floats of an array in NumPy's format, read without NumPy's own reader, which can run what it reads."""
    found = _NPY.match(answer[:_LONGEST_HEADER])
    if found is None:
        raise DamagedData(f"A depth picture is no array of floats; it begins with {answer[:8]!r}.")
    shape = tuple(int(side) for side in found["shape"].replace(b" ", b"").split(b",") if side)
    dtype = np.dtype(f"{found['order'].decode()}f{found['bytes'].decode()}")
    size = int(np.prod(shape, dtype=np.float64)) if len(shape) <= 3 else 0
    if not size or len(answer) - found.end() != size * dtype.itemsize:
        raise DamagedData(
            f"A depth picture says {dtype} {shape} and has {len(answer) - found.end():,} bytes of it; "
            "expected as many as that takes."
        )
    return np.frombuffer(answer, dtype, size, found.end()).reshape(shape)


def with_limit(depth: NDArray[np.float32], labels: NDArray[np.int32]) -> NDArray[np.float32]:
    """Depth (H,W) [m] that ends at FAR_M where labels (H,W) show something farther, and not at infinity."""
    return read_only(np.where(np.isinf(depth) & (labels != 0), np.float32(FAR_M), depth), np.float32)


def labels(colors: NDArray[np.uint8], id_of: Mapping[tuple[int, int, int], int]) -> NDArray[np.int32]:
    """Instance ids (H,W) of an object mask (H,W,3); a colour that belongs to nothing we know is 0."""
    keys = colors.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    table = np.array(
        sorted((red << 16 | green << 8 | blue, id_) for (red, green, blue), id_ in id_of.items()), np.int32
    )
    if not len(table):
        return read_only(np.zeros(keys.shape, np.int32), np.int32)
    at = np.minimum(np.searchsorted(table[:, 0], keys), len(table) - 1)
    return read_only(np.where(table[at, 0] == keys, table[at, 1], 0), np.int32)


def normals(colors: NDArray[np.uint8], is_sky: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Unit normals (H,W,3) in our world of Unreal's colours of them; zero where `is_sky` (H,W), or where they are black."""
    told = colors.astype(np.float32) / 127.5 - 1
    length = np.linalg.norm(told, axis=-1)
    nothing = (colors == 0).all(axis=-1) | (length < 0.5)
    if is_sky is not None:
        nothing |= is_sky
    unit = told / np.maximum(length, 1e-6)[..., None] * np.array([1, -1, 1], np.float32)
    return read_only(np.where(nothing[..., None], np.float32(0), unit), np.float32)
