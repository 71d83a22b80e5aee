"""Makes a whole recording of one that was cut off or damaged: everything that can be read, copied message by message."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mcap.writer import CompressionType, Writer

from bridge.codec import MESSAGES
from bridge.codec.sensed import READINGS
from bridge.errors import DamagedData, InvalidInput, NotRecorded
from bridge.recording.container import Attached, Container, Damage, End, Entry, Piece
from bridge.recording.layout import PROFILE, schema_of
from bridge.recording.mcap_file import new_file
from bridge.recording.reader import Recording
from bridge.v1.engine_service_pb2 import FramePart


@dataclass(frozen=True)
class Recovered:
    """What was kept. `path` is None where the recording was whole already and nothing was written."""

    path: Path | None
    ticks: int
    events: int
    messages: int
    lost: int
    cut_bytes: int
    damage: tuple[Damage, ...]


def recover(path: str | Path, out: str | Path | None = None) -> Recovered:
    """Writes NAME.recovered.mcap beside a recording (or `out`), which stays as it is.

    Raises InvalidInput (no such file), OutputExists, DamagedData where nothing can be read.
    """
    path = Path(path)
    with Recording(path) as recording:
        damage, lost, cut, is_finished = recording.damage, recording.lost, recording.cut_bytes, recording.is_finished
        try:
            ticks = sum(episode.ticks for episode in recording.episodes())
        except DamagedData as error:
            raise DamagedData(f"{error} Nothing can be recovered.") from error
        events = recording.event_count
    if is_finished and not damage and not lost:
        return Recovered(None, ticks, events, 0, 0, 0, ())
    if not events:
        raise NotRecorded(f"{path} ended before its first event was written: there is nothing to recover.")
    target = Path(out) if out is not None else path.with_name(f"{path.stem}.recovered{path.suffix}")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    if target.exists():
        new_file(target)  # raises OutputExists
    try:
        messages = _copied(path, part)
        os.replace(part, target)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}. Give another place with --out.") from error
    finally:
        part.unlink(missing_ok=True)
    return Recovered(target, ticks, events, messages, lost, cut, damage)


def _copied(path: Path, target: Path) -> int:
    """Copies what can be read into a new file, sequence numbers and all; how many messages."""
    count = 0
    channels: dict[str, int] = {}
    schemas: dict[str, int] = {}
    with path.open("rb") as source, target.open("xb") as sink:
        writer = Writer(sink, chunk_size=512 << 10, compression=CompressionType.ZSTD, enable_data_crcs=True)
        writer.start(PROFILE, "simbridge recover")
        chunk = -1
        for piece in _readable(source):
            if isinstance(piece, Attached):
                writer.flush()
                writer.add_attachment(0, 0, piece.name, piece.media_type, piece.data)
                continue
            if piece.place[0] != chunk:  # where names are told again, a new chunk begins here, too
                writer.flush()
                chunk = piece.place[0]
            if piece.topic not in channels:
                if piece.schema not in schemas:
                    schemas[piece.schema] = writer.register_schema(piece.schema, "protobuf", _schema(piece.schema))
                channels[piece.topic] = writer.register_channel(piece.topic, "protobuf", schemas[piece.schema])
            writer.add_message(channels[piece.topic], piece.time_ns, piece.data, piece.time_ns, piece.sequence)
            count += 1
        writer.finish()
        sink.flush()
        os.fsync(sink.fileno())
    return count


def _readable(source: BinaryIO) -> Iterator[Entry | Attached]:
    piece: Piece
    for piece in Container(source).pieces():
        if not isinstance(piece, Damage | End):
            yield piece


def _schema(name: str) -> bytes:
    """The schema of one of our messages; none for those of others, which are copied as they are."""
    known = {FramePart.DESCRIPTOR.full_name: FramePart, **MESSAGES, **READINGS}
    found = known.get(name)
    return b"" if found is None else schema_of(found.DESCRIPTOR)
