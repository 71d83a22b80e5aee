"""Height maps of real or drawn ground: PNG (8 or 16 bit), GeoTIFF or npy, as metres."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, Unavailable
from scene_gen.sources.files import checked, png_size

LARGEST_SIDE = 8192
_LARGEST_BYTES = 512_000_000
_FEWEST = 4
_HIGHEST_M = 9000.0
_NODATA = (-9999.0, -32768.0, -32767.0)


def read_height_map(
    path: Path | str,
    *,
    size_m: float | None = None,
    range_m: tuple[float, float] | None = None,
    inside: Path | str | None = None,
) -> NDArray[np.float32]:
    """Heights [m], float32 (rows, columns), row 0 south, column 0 west.

    A PNG's black and white stand for `range_m`, by default 5 m below the water and 0.08 of the map's side (`size_m`, or
    640 m) above it; its first row is the north, as is a GeoTIFF's. A GeoTIFF and an npy hold metres; an npy's row 0 is
    the south, as in `Plan.heights`. `range_m` stretches these as well, if given. `inside` is the folder that the file
    must lie in, for names that strangers chose. Raises InvalidInput naming file, place and remedy.
    """
    path = checked(path, what="height map", largest_bytes=_LARGEST_BYTES, inside=inside)
    if range_m is not None and not (np.isfinite(range_m).all() and range_m[0] < range_m[1]):
        raise InvalidInput(f"The height range is {range_m[0]} to {range_m[1]}; expected metres, the lowest first.")
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"\x89PNG"):
        low, high = range_m or (-5.0, 0.08 * (size_m or 640.0))
        field = low + _png(path) * (high - low)
        return _sound(field[::-1], path)
    if magic[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _sound(_stretched(_geotiff(path)[::-1], range_m), path)
    if magic.startswith(b"\x93NUMPY"):
        return _sound(_stretched(_npy(path), range_m), path)
    if magic.startswith(b"PK"):
        raise InvalidInput(
            f"{path}: is a zip archive (npz?), which is not unpacked here. Save one plain array as .npy."
        )
    raise InvalidInput(f"{path}: is no PNG, GeoTIFF or npy by its first bytes. Convert the height map to one of these.")


def _png(path: Path) -> NDArray[np.float64]:
    """Grey values from 0 to 1."""
    from PIL import Image

    png_size(path, what="height map", largest=LARGEST_SIDE)
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            if image.mode in ("I;16", "I;16B", "I;16L", "I"):
                return np.asarray(image, dtype=np.float64) / 65535.0
            return np.asarray(image.convert("L"), dtype=np.float64) / 255.0
    except (OSError, ValueError, SyntaxError, struct.error, zlib.error, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{path}: is a damaged PNG ({error}). Save the height map again.") from error


def _npy(path: Path) -> NDArray[np.float64]:
    """The array of an npy file; its header is judged before anything is read, pickles are never opened."""
    data = path.read_bytes()
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = reader(stream)
    except (ValueError, SyntaxError, TypeError) as error:
        raise InvalidInput(f"{path}: is a damaged npy file ({error}). Save the array again with numpy.save.") from error
    if dtype.hasobject or dtype.kind not in "fiu":
        raise InvalidInput(f"{path}: holds {dtype}, not numbers; objects (pickles) are not opened. Save it as float32.")
    if len(shape) != 2 or max(shape, default=0) > LARGEST_SIDE:
        raise InvalidInput(f"{path}: has shape {shape}; expected rows and columns, at most {LARGEST_SIDE} of each.")
    expected = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if len(data) - stream.tell() != expected:
        raise InvalidInput(
            f"{path}: holds {len(data) - stream.tell()} bytes of heights, its header promises {expected}. It is cut off; "
            "save it again."
        )
    stream.seek(0)
    return np.load(stream, allow_pickle=False).astype(np.float64)


def _geotiff(path: Path) -> NDArray[np.float64]:
    try:
        import tifffile
    except ImportError as error:
        raise Unavailable('GeoTIFF height maps need tifffile: pip install "simbridge[geo]"') from error
    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            shape, dtype = page.shape, page.dtype
            if len(shape) != 2 or max(shape) > LARGEST_SIDE or dtype is None or dtype.kind not in "fiu":
                raise InvalidInput(
                    f"{path}: its first band has shape {shape} and type {dtype}; expected one band of numbers, at most "
                    f"{LARGEST_SIDE} a side."
                )
            tag = page.tags.get(42113)
            nodata = float(str(tag.value).strip("\0 ")) if tag is not None else None
            field = page.asarray().astype(np.float64)
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        struct.error,
        zlib.error,
        tifffile.TiffFileError,
    ) as error:
        raise InvalidInput(f"{path}: is a damaged GeoTIFF ({error}). Export the height map again.") from error
    gaps = np.isin(field, _NODATA) | (field == nodata if nodata is not None else False)
    if gaps.any():
        row, column = np.argwhere(gaps)[0]
        raise InvalidInput(
            f"{path}: has no data at row {row} (row 0 north), column {column} and {int(gaps.sum()) - 1} more places. Fill the gaps "
            "(gdal_fillnodata) or crop the map."
        )
    return field


def _stretched(field: NDArray[np.float64], range_m: tuple[float, float] | None) -> NDArray[np.float64]:
    if range_m is None or not field.size or not np.isfinite(field).all() or float(np.ptp(field)) == 0.0:
        return field
    return range_m[0] + (field - field.min()) / float(np.ptp(field)) * (range_m[1] - range_m[0])


def _sound(field: NDArray[np.float64], path: Path) -> NDArray[np.float32]:
    """The heights, if a town can stand on them."""
    rows, columns = field.shape
    if min(rows, columns) < _FEWEST:
        raise InvalidInput(f"{path}: is {columns} by {rows}; expected at least {_FEWEST} heights a side.")
    if max(rows, columns) > 1.02 * min(rows, columns) + 1:
        raise InvalidInput(
            f"{path}: is {columns} by {rows}; a town's map is square. Crop it to {min(rows, columns)} by {min(rows, columns)}."
        )
    bad = ~np.isfinite(field) | (np.abs(np.nan_to_num(field)) > _HIGHEST_M)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InvalidInput(
            f"{path}: the height at row {row}, column {column} (row 0 south) is {field[row, column]:g}; expected metres "
            f"within {_HIGHEST_M:g}. Fill or correct {int(bad.sum())} such places."
        )
    return np.ascontiguousarray(field, dtype=np.float32)
