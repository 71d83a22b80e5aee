"""An MCAP file as it is written: messages gathered into chunks, each whole by itself, so that a cut costs the last one.

States leave out the names of bodies while those stay the same, and sweeps their beams, but the first of every chunk has
them.
"""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from mcap.writer import CompressionType, Writer
from numpy.typing import NDArray

from bridge.codec import message_of_state
from bridge.codec.sensed import message_of_reading
from bridge.errors import InvalidInput, OutputExists
from bridge.recording.layout import PROFILE, schema_of
from bridge.sensors.readings import LidarScan, Reading
from bridge.types import WorldState

NEVER = 1 << 62
"""More bytes than any chunk has: when chunks end is decided here, not by the writer."""


class Stream(Protocol):
    """The few things a file must be able to do; a plain unbuffered file can."""

    def write(self, data: Any, /) -> int | None: ...
    def fileno(self) -> int: ...
    def truncate(self, size: int | None = None, /) -> int: ...
    def close(self) -> None: ...


def new_file(path: Path) -> Stream:
    """A file that was not there before. Raises OutputExists, InvalidInput."""
    try:
        return path.open("xb", buffering=0)
    except FileExistsError:
        raise OutputExists(f"{path} is there already. Choose another name, or remove it.") from None
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be made: {error.strerror}. Record into a folder that exists and may be written to."
        ) from error


class McapFile:
    """A new MCAP file; used by one thread at a time. What the disk refuses is raised as OSError."""

    def __init__(self, path: Path, *, is_packed: bool, open_file: Callable[[Path], Stream] = new_file):
        self.path = path
        self._stream = open_file(path)
        self._out = _Out(self._stream)
        self._writer = Writer(
            self._out,  # type: ignore[arg-type]
            chunk_size=NEVER,
            compression=CompressionType.ZSTD if is_packed else CompressionType.NONE,
            enable_data_crcs=True,
        )
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._names: tuple[str, ...] | None = None
        self._names_version = self._names_told = 0
        self._beams: dict[str, NDArray[np.float32]] = {}
        self._sequence = 0
        self.pending_bytes = 0
        self.safe_bytes = 0

    def start(self, library: str) -> None:
        """Writes the header, and sees to it that the folder knows the file."""
        self._writer.start(PROFILE, library)
        self._kept()
        if sys.platform != "win32":
            folder = os.open(self.path.parent, os.O_RDONLY)
            with contextlib.closing(_Descriptor(folder)):
                os.fsync(folder)

    def message(self, topic: str, message: Any, time_s: float) -> None:
        """Adds a message to the present chunk; `time_s` is simulated time since the recording began."""
        channel = self._channels.get(topic)
        if channel is None:
            channel = self._channels[topic] = self._channel(topic, message.DESCRIPTOR)
        data, at_ns = message.SerializeToString(), round(time_s * 1e9)
        self._writer.add_message(channel, at_ns, data, at_ns, self._sequence & 0xFFFFFFFF)
        self._sequence += 1
        self.pending_bytes += len(data) + 31

    def state(self, state: WorldState, epoch: int) -> Any:
        """A state as a message, its names left out if this chunk has them already."""
        if state.names != self._names:
            self._names = state.names
            self._names_version += 1
        made = message_of_state(state, epoch=epoch, names_version=self._names_version, known_names=self._names_told)
        self._names_told = self._names_version
        return made

    def reading(self, topic: str, reading: Reading, time_s: float) -> None:
        """Adds a reading; the beams of a lidar are left out if this chunk has them already."""
        self.message(topic, message_of_reading(reading, known_directions=self._beams.get(topic)), time_s)
        if isinstance(reading, LidarScan):
            self._beams[topic] = reading.directions

    def attach(self, name: str, media_type: str, data: bytes) -> None:
        """Adds a file of its own, after the present chunk."""
        self.flush()
        self._writer.add_attachment(0, 0, name, media_type, data)
        self._kept()

    def flush(self) -> None:
        """Ends the present chunk and gives it to the system: from here on a killed process does not lose it."""
        self._writer.flush()
        self.pending_bytes = self._names_told = 0
        self._beams.clear()
        self._kept()

    def sync(self) -> None:
        """Waits until the disk has what was flushed: from here on a power cut does not lose it."""
        os.fsync(self._stream.fileno())

    def is_there(self) -> bool:
        """Whether the file still has its name; one that was deleted takes bytes without complaint."""
        try:
            here, there = os.fstat(self._stream.fileno()), os.stat(self.path)
        except FileNotFoundError:
            return False
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)

    def finish(self) -> None:
        """Ends the last chunk, writes what readers jump by, and closes."""
        self._writer.finish()
        self._kept()
        self.sync()
        self._stream.close()

    def abandon(self) -> None:
        """Closes with the chunks that are whole; never raises."""
        with contextlib.suppress(OSError):  # the disk has failed before and this is only for tidiness
            self._stream.truncate(self.safe_bytes)
        with contextlib.suppress(OSError):
            self._stream.close()

    def _kept(self) -> None:
        self.safe_bytes = self._out.tell()

    def _channel(self, topic: str, descriptor: Any) -> int:
        name = descriptor.full_name
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(name, "protobuf", schema_of(descriptor))
        return self._writer.register_channel(topic, "protobuf", self._schemas[name])


class _Descriptor:
    """A descriptor that closes."""

    def __init__(self, number: int):
        self._number = number

    def close(self) -> None:
        os.close(self._number)


class _Out:
    """What the MCAP writer writes to: every byte goes to the system at once, or an OSError says why not."""

    def __init__(self, stream: Stream):
        self._stream, self._count = stream, 0

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left:
            written = self._stream.write(left) or 0
            self._count += written
            left = left[written:]
        return len(data)

    def tell(self) -> int:
        return self._count

    def flush(self) -> None:
        pass
