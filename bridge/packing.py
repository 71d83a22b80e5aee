"""Frames packed for the way: JPEG for colour; differences, shuffled bytes and zstandard for what must stay exact.

Whoever unpacks says beforehand which array must come out, and nothing larger is ever allocated. The packers are imported
when something is packed: engines in processes of their own do without them.
"""

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from bridge import stripes
from bridge.errors import DamagedData, InvalidInput

JPEG_QUALITY = 90
_LEVEL = 1
_WINDOW_LOG_MAX = 27


def can_pack() -> bool:
    """Whether this Python has the packers."""
    return find_spec("simplejpeg") is not None and find_spec("backports") is not None


def jpeg(rgb: NDArray[np.uint8], *, quality: int = JPEG_QUALITY) -> bytes:
    """A picture uint8 (H,W,3) as JPEG with halved chroma; from quality 95 with whole chroma."""
    return _jpeg_of(np.ascontiguousarray(rgb), quality)


def jpeg_pieces(rgb: NDArray[np.uint8], *, quality: int = JPEG_QUALITY) -> Iterator[tuple[bytes, bool]]:
    """The same picture as a JPEG with restart markers, piece by piece, each packed when it is asked for; and if it is the last.

    Each piece is one of its stripes (bridge/stripes.py), so that `JpegReader` unpacks it before the next has come.
    """
    rgb = np.ascontiguousarray(rgb)
    rows = stripes.rows_of_stripes(*rgb.shape[:2])
    packed = (_jpeg_of(rgb[first:last], quality) for first, last in rows)
    for piece, (_, last) in zip(stripes.pieces(packed, len(rgb)) if len(rows) > 1 else packed, rows, strict=True):
        yield piece, last == len(rgb)


def _jpeg_of(rgb: NDArray[np.uint8], quality: int) -> bytes:
    if not 1 <= quality <= 100:
        raise InvalidInput(f"jpeg_quality is {quality}; expected 1 to 100.")
    import simplejpeg

    return simplejpeg.encode_jpeg(rgb, quality, colorspace="RGB", colorsubsampling="444" if quality >= 95 else "420")


def rgb_from_jpeg(packed: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The picture uint8 (H,W,3) in a JPEG, which must have just that shape. Raises InvalidInput, DamagedData.

    Chroma is doubled without smoothing: a tenth faster, and a street at quality 90 then differs from the original by 1.40 of
    255 in the mean instead of 1.36.
    """
    reader = JpegReader(shape)
    reader.add(packed)
    return reader.picture()


class JpegReader:
    """Unpacks the JPEG of a picture of `shape` (H,W,3) while its pieces come: what are stripes at once, all else at the end."""

    def __init__(self, shape: tuple[int, ...]):
        if len(shape) != 3 or shape[2] != 3:
            raise InvalidInput(f"A JPEG holds pictures of shape (height, width, 3), not {shape}.")
        self._shape = shape
        self._rgb: NDArray[np.uint8] | None = None
        self._stripes = stripes.Stripes(*shape[:2])
        self._pieces: list[bytes] = []
        self._is_in_stripes, self._rows = True, 0

    def add(self, piece: bytes) -> None:
        """The next piece."""
        self._pieces.append(piece)
        stripe = self._stripes.add(piece) if self._is_in_stripes else None
        if stripe is None:
            self._is_in_stripes = False
            return
        try:
            _unpack(stripe.packed, self._room()[stripe.first : stripe.last])
        except ValueError:  # damaged, or not what it seemed: the whole will tell
            self._is_in_stripes = False
        self._rows = stripe.last

    def picture(self) -> NDArray[np.uint8]:
        """The picture, after the last piece. Raises InvalidInput, DamagedData as `rgb_from_jpeg` does."""
        if not (self._is_in_stripes and self._rows == self._shape[0]):
            self._unpack_whole(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces))
        return self._room()

    def _unpack_whole(self, packed: bytes) -> None:
        import simplejpeg

        try:
            height, width, _, _ = simplejpeg.decode_jpeg_header(packed, strict=True)
            if (height, width) != self._shape[:2]:
                raise InvalidInput(f"The JPEG is {width}x{height}; {self._shape[1]}x{self._shape[0]} was announced.")
            _unpack(packed, self._room())
        except ValueError as error:
            said = f"A JPEG of {len(packed)} bytes cannot be read: {error}. Ask for the frame again."
            raise DamagedData(said) from error

    def _room(self) -> NDArray[np.uint8]:
        """Where the picture goes; made when there is something to go there."""
        if self._rgb is None:
            self._rgb = np.empty(self._shape, np.uint8)
        return self._rgb


def _unpack(packed: bytes, room: NDArray[np.uint8]) -> None:
    """Unpacks a JPEG into an array of its shape. Raises ValueError."""
    import simplejpeg

    simplejpeg.decode_jpeg(packed, colorspace="RGB", fastdct=False, fastupsample=True, strict=True, buffer=room)


def shuffled(array: NDArray) -> bytes:
    """An array without loss: differences from pixel to pixel, then all first bytes, all second bytes ..., then zstandard."""
    from backports import zstd

    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    words = little.reshape(-1, _channels(array.shape)).view(f"<u{array.dtype.itemsize}")
    steps = words.copy()
    steps[1:] -= words[:-1]
    planes = np.ascontiguousarray(steps.view(np.uint8).reshape(array.size, -1).T)
    return zstd.compress(planes.data, _LEVEL)


def unshuffled(packed: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
    """The array that `shuffled` packed, which must have that type and shape. Raises DamagedData."""
    from backports import zstd

    item, wanted = np.dtype(dtype).itemsize, int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX})
    try:
        plain = unpacker.decompress(packed, max_length=wanted) if packed else b""
        is_whole = len(plain) == wanted and (unpacker.eof or not unpacker.decompress(b"", max_length=1))
    except zstd.ZstdError as error:
        raise DamagedData(f"A packed frame of {len(packed)} bytes cannot be read: {error}.") from error
    if not is_whole or not unpacker.eof or unpacker.unused_data:
        raise DamagedData(f"A packed frame does not hold the {wanted:,} bytes of its shape {shape}. Ask for it again.")
    planes = np.frombuffer(plain, np.uint8).reshape(item, -1)
    steps = np.ascontiguousarray(planes.T).reshape(-1).view(f"<u{item}").reshape(-1, _channels(shape))
    words = np.cumsum(steps, axis=0, dtype=steps.dtype)
    return words.reshape(-1).view(np.dtype(dtype).newbyteorder("<")).reshape(shape)


def _channels(shape: tuple[int, ...]) -> int:
    """How many numbers belong to one pixel."""
    return max(shape[2], 1) if len(shape) == 3 else 1
