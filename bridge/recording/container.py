"""Reads MCAP files as they are: whole, unfinished, cut off or damaged; what cannot be read is told in its place.

Records are walked from the front, so that a file needs no end to be read. After damage, reading goes on at the next chunk
whose checksum is right. Nothing is allocated on the word of a length that the file cannot hold.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from backports import zstd

from bridge.errors import DamagedData

MAGIC = b"\x89MCAP0\r\n"
MAX_CHUNK_BYTES = 1 << 28
_HEADER, _FOOTER, _SCHEMA, _CHANNEL, _MESSAGE, _CHUNK = 1, 2, 3, 4, 5, 6
_ATTACHMENT, _DATA_END, _LAST = 9, 15, 15
_HEAD = struct.Struct("<BQ")
_CHUNK_START = struct.Struct("<QQQI")
_CHUNK_LIKE = re.compile(rb"\x06(?=.{5}\x00{3}.{28}(?:\x04\x00\x00\x00zstd|\x00\x00\x00\x00).{5}\x00{3})", re.DOTALL)
_BLOCK = 4 << 20
_WINDOW_LOG_MAX = 27


@dataclass(frozen=True)
class Entry:
    """One message; `place` is where it can be found again: the offset of its chunk and its number there."""

    topic: str
    schema: str
    sequence: int
    time_ns: int
    data: bytes
    place: tuple[int, int]


@dataclass(frozen=True)
class Attached:
    """A file within the file."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Damage:
    """Bytes that cannot be read."""

    offset: int
    size: int
    why: str


@dataclass(frozen=True)
class End:
    """Where reading ended. `cut_bytes` of a last record that is not whole follow; `is_whole` says a footer does."""

    offset: int
    cut_bytes: int
    is_whole: bool


Piece = Entry | Attached | Damage | End


class Container:
    """One open file; channels are remembered, so that chunks can be read again in any order."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._schemas: dict[int, str] = {}
        self._channels: dict[int, tuple[str, int]] = {}
        if self._at(0, len(MAGIC)) != MAGIC:
            raise DamagedData("It does not begin as MCAP files do. Was it recorded by simbridge?")
        self._learn_from_the_end()

    def pieces(self) -> Iterator[Piece]:
        """Everything in order, an End last."""
        offset, crc = len(MAGIC), zlib.crc32(MAGIC)
        is_sound, is_complete = True, False
        while True:
            body = self._record(offset)
            if body is None:
                following = self._next_chunk(offset + 1)
                if following is None:
                    break
                yield Damage(offset, following - offset, "no record begins there")
                offset, is_sound = following, False
                continue
            opcode, data = body
            end = offset + _HEAD.size + len(data)
            if opcode == _FOOTER:
                is_complete = self._at(end, len(MAGIC)) == MAGIC and self._size == end + len(MAGIC)
                yield from self._checked_index(offset, data)
                offset = end + len(MAGIC) * is_complete
                break
            if opcode == _DATA_END and is_sound and len(data) == 4:
                told = int.from_bytes(data, "little")
                if told not in (0, crc):
                    yield Damage(offset, len(data), "the checksum of the whole file is another")
            crc = zlib.crc32(data, zlib.crc32(_HEAD.pack(opcode, len(data)), crc))
            for piece in self._parsed(opcode, data, offset):
                is_sound = is_sound and not isinstance(piece, Damage)
                yield piece
            offset = end
        yield End(offset, self._size - offset, is_complete)

    def chunk(self, offset: int) -> list[Entry]:
        """The messages of the chunk at an offset that a place told. Raises DamagedData."""
        body = self._record(offset)
        if body is None or body[0] != _CHUNK:
            raise DamagedData(f"At byte {offset:,} there is no chunk any more. Was the file changed meanwhile?")
        return self._entries(body[1], offset)

    # ---- records

    def _at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)

    def _record(self, offset: int) -> tuple[int, bytes] | None:
        """Opcode and content of the record at an offset, if the file can hold it."""
        head = self._at(offset, _HEAD.size)
        if len(head) < _HEAD.size:
            return None
        opcode, length = _HEAD.unpack(head)
        if not 1 <= opcode <= _LAST or length > self._size - offset - _HEAD.size:
            return None
        return opcode, self._file.read(length)

    def _parsed(self, opcode: int, data: bytes, offset: int) -> Iterator[Piece]:
        try:
            if opcode == _CHUNK:
                yield from self._entries(data, offset)
            elif opcode == _ATTACHMENT:
                yield _attached(data)
            elif opcode in (_SCHEMA, _CHANNEL):
                self._learn(opcode, _Reader(data))
        except DamagedData as error:
            yield Damage(offset, _HEAD.size + len(data), str(error))

    def _entries(self, data: bytes, offset: int) -> list[Entry]:
        records = _Reader(_unpacked(data))
        found: list[Entry] = []
        while records.left:
            opcode, length = records.take(_HEAD)
            inner = _Reader(records.bytes(length))
            if opcode == _MESSAGE:
                found.append(self._entry(inner, (offset, len(found))))
            elif opcode in (_SCHEMA, _CHANNEL):
                self._learn(opcode, inner)
        return found

    def _entry(self, reader: "_Reader", place: tuple[int, int]) -> Entry:
        channel, sequence, time_ns, _ = reader.take(_MESSAGE_START)
        topic, schema = self._channels.get(channel, ("", 0))
        if not topic:
            raise DamagedData(f"a message is on channel {channel}, of which nothing is known")
        return Entry(topic, self._schemas.get(schema, ""), sequence, time_ns, reader.bytes(reader.left), place)

    def _learn(self, opcode: int, reader: "_Reader") -> None:
        if opcode == _SCHEMA:
            (number,) = reader.take(_U16)
            self._schemas[number] = reader.text()
        else:
            number, schema = reader.take(_U16_PAIR)
            self._channels[number] = reader.text(), schema

    # ---- the end of a file that has one

    def _learn_from_the_end(self) -> None:
        """Schemas and channels are told again behind the data: a damaged first chunk does not take them along."""
        footer = self._size - len(MAGIC) - _HEAD.size - _FOOTER_BODY.size
        body = self._record(footer) if footer > 0 else None
        if body is None or body[0] != _FOOTER or len(body[1]) != _FOOTER_BODY.size:
            return
        offset = _FOOTER_BODY.unpack(body[1])[0]
        while len(MAGIC) <= offset < footer:
            record = self._record(offset)
            if record is None:
                return
            try:
                if record[0] in (_SCHEMA, _CHANNEL):
                    self._learn(record[0], _Reader(record[1]))
            except DamagedData:  # told when the walk comes there
                return
            offset += _HEAD.size + len(record[1])

    def _checked_index(self, footer: int, data: bytes) -> Iterator[Damage]:
        if len(data) != _FOOTER_BODY.size:
            yield Damage(footer, len(data), "the footer is too short")
            return
        start, _, told = _FOOTER_BODY.unpack(data)
        start = min(start, footer)
        found = zlib.crc32(self._at(start, footer + _HEAD.size + _FOOTER_BODY.size - 4 - start))
        if told not in (0, found):
            yield Damage(start, footer - start, "the index at the end has another checksum")

    def _next_chunk(self, offset: int) -> int | None:
        """Where the next chunk begins that is whole and sound."""
        while offset < self._size:
            block = self._at(offset, _BLOCK + 64)
            for match in _CHUNK_LIKE.finditer(block):
                record = self._record(offset + match.start())
                if record is not None and _is_sound(record[1]):
                    return offset + match.start()
            offset += _BLOCK
        return None


_MESSAGE_START = struct.Struct("<HIQQ")
_FOOTER_BODY = struct.Struct("<QQI")
_U16, _U16_PAIR, _U32, _U64 = struct.Struct("<H"), struct.Struct("<HH"), struct.Struct("<I"), struct.Struct("<Q")
_U64_PAIR = struct.Struct("<QQ")


class _Reader:
    """Numbers, texts and bytes one after another; what is not there is DamagedData."""

    def __init__(self, data: bytes):
        self._data, self._offset = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._offset

    def take(self, shape: struct.Struct) -> tuple[int, ...]:
        return shape.unpack(self.bytes(shape.size))

    def bytes(self, size: int) -> bytes:
        if size > self.left:
            raise DamagedData(f"{size:,} bytes should follow and {self.left:,} do")
        self._offset += size
        return self._data[self._offset - size : self._offset]

    def text(self) -> str:
        try:
            return self.bytes(self.take(_U32)[0]).decode("utf-8")
        except UnicodeDecodeError:
            raise DamagedData("a text is not UTF-8") from None


def _unpacked(data: bytes) -> bytes:
    """The records of a chunk, checked."""
    reader = _Reader(data)
    _, _, size, told = reader.take(_CHUNK_START)
    packing = reader.text()
    packed = reader.bytes(reader.take(_U64)[0])
    if packing == "" and size == len(packed):
        plain = packed
    elif packing == "zstd" and size <= MAX_CHUNK_BYTES:
        plain = _decompressed(packed, size)
    else:
        raise DamagedData(f"a chunk is packed as '{packing[:20]}' to {size:,} bytes, which simbridge does not write")
    if told and zlib.crc32(plain) != told:
        raise DamagedData("a chunk has another checksum")
    return plain


def _decompressed(packed: bytes, size: int) -> bytes:
    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX})
    try:
        plain = unpacker.decompress(packed, max_length=size) if packed else b""
    except zstd.ZstdError as error:
        raise DamagedData(f"a chunk cannot be unpacked: {error}") from None
    if len(plain) != size or unpacker.unused_data:
        raise DamagedData("a chunk unpacks to another size than it says")
    return plain


def _is_sound(data: bytes) -> bool:
    """Whether bytes that look like a chunk are one: only with a checksum, since zeros look like chunks without."""
    try:
        return any(data[24:28]) and bool(_unpacked(data))
    except DamagedData:
        return False


def _attached(data: bytes) -> Attached:
    reader = _Reader(data)
    reader.take(_U64_PAIR)
    name, media_type = reader.text(), reader.text()
    content = reader.bytes(reader.take(_U64)[0])
    if zlib.crc32(data[:-4]) != reader.take(_U32)[0]:
        raise DamagedData(f"the attached file '{name[:80]}' has another checksum")
    return Attached(name, media_type, content)
