"""A recording that is read: settings, events, episodes, frames and the scene; finished, unfinished or damaged."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.codec.sensed import READINGS, directions_of_message, reading_of_message
from bridge.episode import Edit, Episode, Event, Reset, Step
from bridge.errors import DamagedData, InvalidInput, NotRecorded, SimbridgeError
from bridge.formats.scene_folder import read_scene
from bridge.recording.container import Attached, Container, Damage, End, Entry
from bridge.recording.layout import (
    CAMERA,
    EDIT,
    EVENTS,
    FRAME_SCHEMA,
    FRAMES,
    RESET,
    SCENE_FILES,
    SCHEMAS,
    SENSORS,
    STEP,
    WORLD,
    scene_attachment,
    sensor_of_topic,
)
from bridge.scene import Scene
from bridge.sensors.readings import Reading
from bridge.types import Camera, Frame, Modality
from bridge.v1.engine_service_pb2 import FramePart

Place = tuple[int, int]
_SEQUENCES = 1 << 32
_LIDAR = "bridge.v1.LidarReading"


@dataclass(frozen=True, eq=False)
class Happened:
    """One event: its number in the file, how many messages were lost before it, under which setting it happened."""

    number: int
    event: Event
    lost_before: int
    setting: codec.Setting


@dataclass(eq=False)
class _Index:
    """What the first walk over a file finds out."""

    events: int = 0
    lost: int = 0
    damage: list[Damage] = field(default_factory=list)
    cut_bytes: int = 0
    is_finished: bool = False
    attached: dict[str, bytes] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    frames: dict[int, dict[tuple[str, str], list[Place]]] = field(default_factory=dict)
    readings: "dict[int, dict[tuple[str, str], _Read]]" = field(default_factory=dict)
    beams: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class _Read:
    """Where a reading is, of which schema, and where the beams are that it may leave out."""

    place: Place
    schema: str
    beams: Place | None = None


class Recording:
    """A recording on disk. Also a context manager. Raises InvalidInput (not there, none of ours), DamagedData.

    `damage` lists the bytes that cannot be read, `lost` how many messages were in them; `is_finished` says whether it was
    stopped in order, and `cut_bytes` how much of a last chunk is there if not.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        try:
            self._file = self.path.open("rb")
        except OSError as error:
            raise InvalidInput(f"{self.path} cannot be read: {error.strerror}. Name a recording.") from error
        try:
            self._container = Container(self._file)
            self._index = self._walked()
        except DamagedData as error:
            self._file.close()
            raise DamagedData(f"{self.path}: {error}") from None
        except BaseException:
            self._file.close()
            raise
        self._chunk = lru_cache(maxsize=4)(self._container.chunk)

    @property
    def is_finished(self) -> bool:
        """Whether it was stopped in order."""
        return self._index.is_finished

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What cannot be read."""
        return tuple(self._index.damage)

    @property
    def lost(self) -> int:
        """How many messages are missing between those that are there."""
        return self._index.lost

    @property
    def cut_bytes(self) -> int:
        """How many bytes of a chunk that never became whole are at the end."""
        return self._index.cut_bytes

    @property
    def event_count(self) -> int:
        """How many resets, steps and edits there are."""
        return self._index.events

    @property
    def cameras(self) -> dict[str, Camera]:
        """Cameras that were described when they were recorded; others are those of the scene."""
        return dict(self._index.cameras)

    def happened(self) -> Iterator[Happened]:
        """All events in order, read as they are asked for. Raises DamagedData for messages that mean nothing."""
        setting: codec.Setting | None = None
        known: dict[int, tuple[str, ...]] = {}
        number = lost = 0
        expected: int | None = 0
        for entry in self._entries():
            lost += 0 if expected is None else (entry.sequence - expected) % _SEQUENCES
            expected = (entry.sequence + 1) % _SEQUENCES
            if entry.topic == WORLD:
                setting = self._decoded(entry, codec.setting_of_message)
            elif entry.topic in EVENTS:
                if setting is None:
                    raise DamagedData(f"{self.path}: what is said of its world is lost; it cannot be understood.")
                event = self._event(entry, known)
                yield Happened(number, event, lost, setting)
                number, lost = number + 1, 0

    def episodes(self) -> tuple[Episode, ...]:
        """Everything from each reset to the next. What follows lost messages is an episode without a seed."""
        made: list[Episode] = []
        begin: Reset | None = None
        events: list[Step | Edit] = []
        first: Happened | None = None

        def end(is_whole: bool) -> None:
            if begin is not None and first is not None:
                setting = first.setting
                made.append(
                    Episode(
                        setting.scene_digest, setting.engine, begin, tuple(events), is_whole, self.path, first.number
                    )
                )

        for item in self.happened():
            event = item.event
            if isinstance(event, Reset) or item.lost_before or begin is None or item.setting is not first.setting:  # type: ignore[union-attr]
                end(not item.lost_before)
                begin = event if isinstance(event, Reset) else Reset(None, event.state, event.state_hash)
                first, events = item, []
            else:
                events.append(event)
        end(True)
        return tuple(made)

    def settings(self) -> tuple[codec.Setting, ...]:
        """Engine and scene, one for each scene that was loaded."""
        return tuple(
            self._decoded(entry, codec.setting_of_message) for entry in self._entries() if entry.topic == WORLD
        )

    def frame_kinds(self, number: int) -> dict[str, tuple[str, ...]]:
        """Which modalities are there by camera, after the event of that number."""
        found: dict[str, tuple[str, ...]] = {}
        for camera, modality in self._index.frames.get(number, {}):
            found[camera] = (*found.get(camera, ()), modality)
        return found

    def frame(self, number: int, camera: str, modalities: Sequence[Modality]) -> Frame:
        """What a camera saw after the event of that number. Raises NotRecorded, DamagedData."""
        here = self._index.frames.get(number, {})
        album = codec.Album([(camera, None)], modalities)
        for modality in modalities:
            if (camera, modality) not in here:
                kinds = self.frame_kinds(number)
                there = "; ".join(f"'{name}' {', '.join(kinds[name])}" for name in sorted(kinds)) or "none"
                raise NotRecorded(
                    f"{modality} of camera '{camera}' was not recorded at this moment. Frames that were: {there}."
                )
            for part in self._parts(here[camera, modality]):
                self._whole(lambda part=part: album.add(part))
        return self._whole(album.frames)[0]

    def packed_rgb(self, number: int, camera: str) -> bytes:
        """The JPEG of what a camera saw, as it was recorded. Raises NotRecorded."""
        if (camera, "rgb") not in self._index.frames.get(number, {}):
            self.frame(number, camera, ["rgb"])
        return b"".join(part.data for part in self._parts(self._index.frames[number][camera, "rgb"]))

    def sensors(self) -> dict[str, tuple[str, ...]]:
        """Which sensors read anything, by agent."""
        found: dict[str, dict[str, None]] = {}
        for here in self._index.readings.values():
            for agent, sensor in here:
                found.setdefault(agent, {})[sensor] = None
        return {agent: tuple(sensors) for agent, sensors in found.items()}

    def reading_kinds(self, number: int) -> dict[str, tuple[str, ...]]:
        """Which sensors read after the event of that number, by agent."""
        found: dict[str, tuple[str, ...]] = {}
        for agent, sensor in self._index.readings.get(number, {}):
            found[agent] = (*found.get(agent, ()), sensor)
        return found

    def reading(self, number: int, agent: str, sensor: str) -> Reading:
        """What a sensor read after the event of that number. Raises NotRecorded, DamagedData."""
        read = self._index.readings.get(number, {}).get((agent, sensor))
        if read is None:
            kinds = self.reading_kinds(number)
            there = "; ".join(f"'{name}' {', '.join(kinds[name])}" for name in sorted(kinds)) or "none"
            raise NotRecorded(
                f"'{sensor}' of '{agent}' read nothing at this moment. Readings that were recorded: {there}."
            )
        message = READINGS[read.schema]

        def made() -> Reading:
            beams = None
            if read.beams is not None:
                beams = directions_of_message(message.FromString(self._data(read.beams)))
            return reading_of_message(message.FromString(self._data(read.place)), known_directions=beams)

        return self._whole(made)

    def readings(self, number: int) -> dict[str, dict[str, Reading]]:
        """All that sensors read after the event of that number, by agent and sensor. Raises DamagedData."""
        kinds = self.reading_kinds(number)
        return {agent: {name: self.reading(number, agent, name) for name in kinds[agent]} for agent in kinds}

    def scene(self, digest: str = "") -> Scene:
        """The scene that was recorded (the first, or that of a digest). Raises NotRecorded where none is attached."""
        found = digest or next((setting.scene_digest for setting in self.settings() if setting.scene_digest), "")
        files = {name: self._index.attached.get(scene_attachment(found, name)) for name in SCENE_FILES}
        if not found or None in files.values():
            raise NotRecorded(f"{self.path} does not hold the scene {found[:12] or 'that it shows'}. Give it the town.")
        with tempfile.TemporaryDirectory(prefix="simbridge-replay-") as folder:
            for name, data in files.items():
                (Path(folder) / name).write_bytes(data or b"")
            try:
                scene = read_scene(Path(folder))
            except SimbridgeError as error:
                raise DamagedData(f"{self.path}: the scene in it cannot be read: {error}") from error
        if scene.digest() != found:
            raise DamagedData(f"{self.path}: the scene in it is not the one that was recorded ({found[:12]}).")
        return scene

    def close(self) -> None:
        """Lets the file go."""
        self._chunk.cache_clear()
        self._file.close()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- how it is read

    def _entries(self) -> Iterator[Entry]:
        return (piece for piece in self._container.pieces() if isinstance(piece, Entry))

    def _walked(self) -> _Index:
        found = _Index()
        expected = 0
        for piece in self._container.pieces():
            if isinstance(piece, Entry):
                found.lost += (piece.sequence - expected) % _SEQUENCES
                expected = (piece.sequence + 1) % _SEQUENCES
                self._enter(piece, found)
            elif isinstance(piece, Attached):
                found.attached[piece.name] = piece.data
            elif isinstance(piece, Damage):
                found.damage.append(piece)
            elif isinstance(piece, End):
                found.cut_bytes, found.is_finished = piece.cut_bytes, piece.is_whole
        return found

    def _enter(self, entry: Entry, found: _Index) -> None:
        if entry.topic.startswith(SENSORS):
            self._enter_reading(entry, found)
            return
        wanted = SCHEMAS.get(entry.topic, FRAME_SCHEMA if entry.topic.startswith(FRAMES) else None)
        if wanted is None:
            return
        if entry.schema != wanted:
            raise InvalidInput(f"{self.path}: '{entry.topic[:80]}' holds '{entry.schema[:80]}', not {wanted}.")
        if entry.topic in EVENTS:
            found.events += 1
        elif entry.topic == CAMERA:
            camera = self._decoded(entry, lambda message: codec.camera_of_message(message, "camera"))
            found.cameras[camera.name] = camera
        elif entry.topic != WORLD and found.events:
            camera, _, modality = entry.topic.removeprefix(FRAMES).rpartition("/")
            found.frames.setdefault(found.events - 1, {}).setdefault((camera, modality), []).append(entry.place)

    def _enter_reading(self, entry: Entry, found: _Index) -> None:
        if entry.schema not in READINGS:
            raise InvalidInput(f"{self.path}: '{entry.topic[:80]}' holds '{entry.schema[:80]}', which is no reading.")
        beams = None
        if entry.schema == _LIDAR:
            if self._whole(lambda: READINGS[_LIDAR].FromString(entry.data)).HasField("directions"):
                found.beams[entry.topic] = entry.place
            beams = found.beams.get(entry.topic)
        if found.events:
            here = found.readings.setdefault(found.events - 1, {})
            here[sensor_of_topic(entry.topic)] = _Read(entry.place, entry.schema, beams)

    def _data(self, place: Place) -> bytes:
        offset, index = place
        return self._chunk(offset)[index].data

    def _event(self, entry: Entry, known: dict[int, tuple[str, ...]]) -> Event:
        def event_of(message: Any) -> Event:
            state = message.state
            if state.names:
                known.clear()
                known[state.names_version] = tuple(state.names)
            return _EVENTS[entry.topic](message, known)

        return self._decoded(entry, event_of)

    def _decoded(self, entry: Entry, made_of: Callable[[Any], Any]) -> Any:
        return self._whole(lambda: made_of(codec.MESSAGES[SCHEMAS[entry.topic]].FromString(entry.data)))

    def _parts(self, places: Sequence[Place]) -> list[Any]:
        return self._whole(lambda: [FramePart.FromString(self._chunk(offset)[index].data) for offset, index in places])

    def _whole(self, reading: Callable[[], Any]) -> Any:
        """What `reading` gives; whatever is wrong with the bytes names the file."""
        try:
            return reading()
        except DecodeError:
            raise DamagedData(f"{self.path}: a message in it is none of ours.") from None
        except (InvalidInput, DamagedData) as error:
            raise type(error)(f"{self.path}: {error}") from None


_EVENTS: dict[str, Callable[[Any, Any], Event]] = {
    RESET: codec.reset_of_message,
    STEP: codec.step_of_message,
    EDIT: codec.edit_of_message,
}
