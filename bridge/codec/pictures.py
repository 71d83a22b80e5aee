"""Frames as the parts they travel in, and back: laid in shared memory, packed, or in plain pieces.

Every part says which array it belongs to; a reader knows what it asked for, and allocates nothing else.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.codec.tensors import DTYPES, ELEMENT_TYPES, MAX_SIDE_PX
from bridge.errors import DamagedData, InvalidInput, Refused
from bridge.packing import JPEG_QUALITY, JpegReader, jpeg, jpeg_pieces, shuffled, unshuffled
from bridge.ring import RingReader, RingWriter
from bridge.types import Frame, Modality
from bridge.v1 import engine_service_pb2
from bridge.v1 import types_pb2 as pb

MAX_ARRAY_BYTES = 1 << 28
PIECE_BYTES = 1 << 20

_ALL: tuple[tuple[str, int, str, int], ...] = (
    ("rgb", pb.MODALITY_RGB, "|u1", 3),
    ("depth", pb.MODALITY_DEPTH, "<f4", 0),
    ("segmentation", pb.MODALITY_SEGMENTATION, "<i4", 0),
    ("normals", pb.MODALITY_NORMALS, "<f4", 3),
    ("flow", pb.MODALITY_FLOW, "<f4", 2),
)
_FRAME_FIELDS = {item.name for item in fields(Frame)}
_KINDS: dict[Any, tuple[str, np.dtype, int]] = {
    number: (name, np.dtype(dtype), channels) for name, number, dtype, channels in _ALL if name in _FRAME_FIELDS
}
_CHANNELS = {0: (), 2: (2,), 3: (3,)}
_NUMBERS = {name: number for number, (name, _, _) in _KINDS.items()}
PACKINGS = {
    "raw": pb.PACKING_RAW,
    "jpeg": pb.PACKING_JPEG,
    "zstd": pb.PACKING_SHUFFLED_ZSTD,
    "shared": pb.PACKING_SHARED_MEMORY,
}


@dataclass(frozen=True)
class Way:
    """How frames shall travel: a number of `PACKINGS` (unspecified: raw), a JPEG quality, a ring where there is one.

    "jpeg" packs colour so and everything else without loss.
    """

    packing: int = 0
    quality: int = JPEG_QUALITY
    ring: RingWriter | None = None

    @property
    def is_shared(self) -> bool:
        """Whether frames shall be laid in the ring."""
        return self.packing == pb.PACKING_SHARED_MEMORY


def message_of_ring(ring: RingWriter) -> engine_service_pb2.SharedMemory:
    """Where a ring is, for those who read it or write in its owner's stead."""
    return engine_service_pb2.SharedMemory(path=str(ring.path), bytes=ring.bytes, slots=ring.slots, key=ring.key)


def way_of_message(number: int, quality: int, ring: RingWriter | None, path: str) -> Way:
    """How a client wants its frames."""
    if number not in (0, *PACKINGS.values()):
        raise InvalidInput(f"{path}packing is {number}; expected one of {', '.join(map(str, PACKINGS.values()))}.")
    if quality > 100:
        raise InvalidInput(f"{path}jpeg_quality is {quality}; expected 1 to 100, or 0 for {JPEG_QUALITY}.")
    return Way(number, quality or JPEG_QUALITY, ring)


def modalities_of_numbers(numbers: Sequence[int], path: str) -> tuple[Modality, ...]:
    """Modalities, each once."""
    made: list[Modality] = []
    for index, number in enumerate(numbers):
        if number not in _KINDS:
            raise InvalidInput(
                f"{path}[{index}] is {number}; expected {', '.join(f'{_NUMBERS[n]} ({n})' for n in _NUMBERS)}."
            )
        if _KINDS[number][0] in made:
            raise InvalidInput(f"{path}[{index}] asks for {_KINDS[number][0]} a second time. Leave one out.")
        made.append(_KINDS[number][0])  # type: ignore[arg-type]
    return tuple(made)


def numbers_of_modalities(modalities: Iterable[str]) -> list[Any]:
    """Modalities as they travel."""
    if isinstance(modalities, str):
        raise InvalidInput(f"modalities is the text '{modalities}'; expected a list: ['{modalities}'].")
    try:
        return [_NUMBERS[name] for name in modalities]
    except KeyError as error:
        raise InvalidInput(f"There is no modality {error}; expected {', '.join(_NUMBERS)}.") from None


def parts_of_frames(frames: Sequence[Frame], moment: pb.Moment, way: Way) -> list[engine_service_pb2.FramePart]:
    """All parts of the frames of one answer, in order. Raises Refused for a frame of another tick than the answer's."""
    return [part for part, _ in parts_while_packed(frames, moment, way, in_stripes=False)]


def parts_while_packed(
    frames: Sequence[Frame], moment: pb.Moment, way: Way, *, in_stripes: bool
) -> Iterator[tuple[engine_service_pb2.FramePart, bool]]:
    """The same, each as soon as it is packed, and whether it is the last; if wished, large JPEGs in pieces of some rows."""
    for frame in frames:
        if frame.tick != moment.tick:
            raise Refused(f"'{frame.camera}' shows tick {frame.tick}; the world is at {moment.tick}. Observe again.")
    found = [
        (frame.camera, number, np.ascontiguousarray(getattr(frame, name), dtype))
        for frame in frames
        for number, (name, dtype, _) in _KINDS.items()
        if getattr(frame, name) is not None
    ]
    laid: Sequence[tuple[int, int] | None] = [None] * len(found)
    if way.is_shared and way.ring is not None:
        laid = way.ring.lay([array for _, _, array in found])
    for index, ((camera, number, array), place) in enumerate(zip(found, laid)):
        head = engine_service_pb2.FramePart(
            camera=camera,
            modality=number,
            moment=moment,
            element_type=ELEMENT_TYPES[array.dtype.newbyteorder("<")],
            shape=array.shape,
            packing=pb.PACKING_SHARED_MEMORY if place else _packing_of(number, way.packing),
        )
        is_last_array = index == len(found) - 1
        if place:
            head.slot, head.generation = place
            head.is_last = True
            yield head, is_last_array
        else:
            for piece in _pieces(head, array, way.quality, in_stripes):
                yield piece, is_last_array and piece.is_last


def _packing_of(modality: int, wanted: int) -> Any:
    if wanted == pb.PACKING_JPEG:
        return pb.PACKING_JPEG if modality == pb.MODALITY_RGB else pb.PACKING_SHUFFLED_ZSTD
    return wanted if wanted == pb.PACKING_SHUFFLED_ZSTD else pb.PACKING_RAW


def _pieces(
    head: engine_service_pb2.FramePart, array: NDArray, quality: int, in_stripes: bool
) -> Iterator[engine_service_pb2.FramePart]:
    for octets, is_last in _packed(head.packing, array, quality, in_stripes):
        for start in range(0, max(len(octets), 1), PIECE_BYTES):
            piece = engine_service_pb2.FramePart()
            piece.CopyFrom(head)
            piece.data = bytes(octets[start : start + PIECE_BYTES])
            piece.is_last = is_last and start + PIECE_BYTES >= len(octets)
            yield piece


def _packed(packing: int, array: NDArray, quality: int, in_stripes: bool) -> Iterable[tuple[Any, bool]]:
    """The array's bytes, in one or in stripes; and whether they are the last."""
    if packing == pb.PACKING_RAW:
        return ((array.reshape(-1).view(np.uint8).data, True),)
    if packing == pb.PACKING_JPEG:
        return jpeg_pieces(array, quality=quality) if in_stripes else ((jpeg(array, quality=quality), True),)
    return ((shuffled(array), True),)


class Album:
    """Collects the parts of one answer and gives the frames back.

    `sizes` are (height, width) by camera, in the order asked for; a size of None is not known beforehand.
    """

    def __init__(
        self,
        sizes: Sequence[tuple[str, tuple[int, int] | None]],
        modalities: Sequence[Modality],
        *,
        ring: RingReader | None = None,
    ):
        self._sizes, self._modalities, self._ring = dict(sizes), tuple(modalities), ring
        self._cameras = [camera for camera, _ in sizes]
        self._arrays: dict[tuple[str, str], NDArray] = {}
        self._unpacking: _Plain | JpegReader | None = None
        self._size = 0
        self._open: tuple[str, str] | None = None
        self.moment: pb.Moment | None = None

    def add(self, part: engine_service_pb2.FramePart) -> None:
        """Takes one part. Raises InvalidInput for what was not asked for, DamagedData for what is not whole."""
        kind = _KINDS.get(part.modality)
        if kind is None or kind[0] not in self._modalities or part.camera not in self._sizes:
            raise InvalidInput(
                f"A frame of camera '{part.camera[:80]}' and modality {part.modality} was not asked for."
            )
        name, dtype, channels = kind
        key = (part.camera, name)
        if self.moment is None:
            self.moment = part.moment
        elif (self.moment.epoch, self.moment.tick) != (part.moment.epoch, part.moment.tick):
            raise DamagedData(f"Frames of ticks {self.moment.tick} and {part.moment.tick} came as one. Observe again.")
        if self._open not in (None, key) or key in self._arrays:
            raise DamagedData(f"Pieces of the frames of '{part.camera}' came in disorder. Observe again.")
        shape = _checked_shape(part, channels, dtype, self._sizes[part.camera])
        size = math.prod(shape) * dtype.itemsize
        if part.packing == pb.PACKING_SHARED_MEMORY:
            if self._ring is None:
                raise InvalidInput("A frame is said to lie in shared memory, and this session has none.")
            self._keep(key, self._ring.take(part.slot, part.generation, dtype, shape))
            return
        if self._unpacking is None:
            self._unpacking, self._size, self._open = _unpacking(part, dtype, shape, name), 0, key
        data = part.data
        self._size += len(data)
        if self._size > size + (size >> 2) + 4096:
            raise DamagedData(f"The frame '{part.camera}' {name} is larger than its shape {shape}.")
        self._unpacking.add(data)
        if part.is_last:
            made, self._unpacking, self._open = self._unpacking, None, None
            self._keep(key, made.picture())

    def _keep(self, key: tuple[str, str], array: NDArray) -> None:
        array.flags.writeable = False
        self._arrays[key] = array

    def is_complete(self) -> bool:
        """Whether all that was asked for has come."""
        return len(self._arrays) == len(self._cameras) * len(self._modalities)

    def frames(self) -> tuple[Frame, ...]:
        """One frame a camera, in the order asked for. Raises DamagedData when something is missing."""
        missing = [f"'{camera}' {name}" for camera in self._cameras for name in self._modalities
                   if (camera, name) not in self._arrays]  # fmt: skip
        if missing or self.moment is None:
            raise DamagedData(f"The answer ended without the frames {', '.join(missing[:4])}. Observe again.")
        tick = self.moment.tick
        return tuple(
            Frame(camera, tick, **{name: self._arrays[camera, name] for name in self._modalities})
            for camera in self._cameras
        )


def _checked_shape(
    part: engine_service_pb2.FramePart, channels: int, dtype: np.dtype, size: tuple[int, int] | None
) -> tuple[int, ...]:
    shape = tuple(part.shape)
    sides = shape[:2]
    is_sound = len(sides) == 2 and min(sides) >= 1 and max(sides) <= MAX_SIDE_PX and shape[2:] == _CHANNELS[channels]
    is_sound = is_sound and size in (None, sides) and DTYPES.get(part.element_type) == dtype
    if not is_sound or math.prod(shape) * dtype.itemsize > MAX_ARRAY_BYTES:
        wanted = "x".join(map(str, size)) if size else "a frame"
        raise InvalidInput(f"The frame of '{part.camera[:80]}' has shape {shape[:4]}; expected {wanted} of {dtype}.")
    return shape


def _unpacking(
    part: engine_service_pb2.FramePart, dtype: np.dtype, shape: tuple[int, ...], name: str
) -> "_Plain | JpegReader":
    """What makes the array of the pieces that come."""
    kind, what = part.packing, f"'{part.camera}' {name}"
    if kind == pb.PACKING_JPEG and dtype == np.uint8:
        return JpegReader(shape)
    if kind in (pb.PACKING_RAW, pb.PACKING_SHUFFLED_ZSTD):
        return _Plain(kind, dtype, shape, what)
    raise InvalidInput(f"The frame {what} is packed in a way ({kind}) that this side does not know. Update simbridge.")


class _Plain:
    """Keeps the pieces of an array until all are there."""

    def __init__(self, kind: int, dtype: np.dtype, shape: tuple[int, ...], what: str):
        self._kind, self._dtype, self._shape, self._what = kind, dtype, shape, what
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        """The next one."""
        self._pieces.append(piece)

    def picture(self) -> NDArray:
        """The array, after the last one. Raises DamagedData."""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        if self._kind == pb.PACKING_SHUFFLED_ZSTD:
            return unshuffled(data, self._dtype, self._shape)
        if len(data) != math.prod(self._shape) * self._dtype.itemsize:
            raise DamagedData(
                f"The frame {self._what} has {len(data):,} bytes; its shape {self._shape} has another number."
            )
        return np.frombuffer(data, self._dtype).reshape(self._shape)
