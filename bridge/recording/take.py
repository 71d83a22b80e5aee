"""One recording under way: turns what happens to a world into jobs for its tape, and looks through the cameras."""

import contextlib
import logging
import platform
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge import codec
from bridge.engine import Engine
from bridge.errors import NotSupported, RecordingFailed, SimbridgeError
from bridge.formats.scene_folder import write_scene
from bridge.recording.layout import (
    CAMERA,
    RESET,
    SCENE_FILES,
    STEP,
    WORLD,
    frame_topic,
    reading_topic,
    scene_attachment,
)
from bridge.recording.mcap_file import McapFile, Stream
from bridge.recording.tape import Habits, Tape
from bridge.scene import Scene
from bridge.sensors.readings import Reading
from bridge.sensors.sensing import Sensing
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState

_log = logging.getLogger("bridge.recording")
_STATE_BYTES = 512
_NOTHING = np.zeros((0, 7))


@dataclass(frozen=True)
class Recorded:
    """What a recording that was stopped holds. `waited_s`: how long the engine had to wait for the disk."""

    path: Path
    bytes: int
    ticks: int
    events: int
    frames: int
    waited_s: float
    readings: int = 0


class Take:
    """One recording under way: turns what happens into jobs for its tape."""

    def __init__(
        self,
        path: Path,
        cameras: tuple[str | Camera, ...] | None,
        modalities: tuple[Modality, ...],
        every_ticks: int,
        jpeg_quality: int,
        has_scene: bool,
        habits: Habits,
        open_file: Callable[[Path], Stream],
    ):
        self.path, self.cameras, self.modalities = path, cameras, modalities
        self._every_ticks, self._jpeg_quality, self._has_scene = max(every_ticks, 1), jpeg_quality, has_scene
        self.tape = Tape(
            McapFile(path, is_packed=cameras == (), open_file=open_file), f"simbridge {simbridge_version()}", habits
        )
        self._closer = weakref.finalize(self, _end, self.tape)
        self._way = codec.Way(codec.PACKINGS["jpeg"], jpeg_quality)
        self._epoch = self._events = self._frames = self._ticks = self._readings = 0
        self._start_s = self._now_s = self._time_s = 0.0
        self._tick: int | None = None
        self._due_tick = 0
        self._arrays: dict[tuple[str, str], NDArray] = {}
        self._described: dict[str, Camera] = {}
        self._attached: set[str] = set()
        self._unseen: set[str] = set()

    def world(self, setting: codec.Setting, scene: Scene | None) -> None:
        """A scene was loaded, or is."""
        self._epoch += 1
        self._arrays.clear()
        names = tuple(c if isinstance(c, str) else c.name for c in self.cameras or ())
        setting = replace(
            setting, cameras=names, modalities=self.modalities if names else (), jpeg_quality=self._jpeg_quality
        )
        at_s, attached, has_scene = self._now_s, self._attached, self._has_scene

        def job(file: McapFile) -> None:
            digest = "" if scene is None else scene.digest()
            instances = () if scene is None or has_scene else scene.instances()
            told = replace(setting, scene_digest=digest, instances=instances)
            file.message(WORLD, codec.message_of_setting(told), at_s)
            if scene is not None and has_scene and digest not in attached:
                attached.add(digest)
                _attach(file, scene, digest)

        self.tape.put(job, _STATE_BYTES)
        for camera in self.cameras or ():
            self._describe(camera)

    def event(self, topic: str, told: Callable[[], Any], state: WorldState, engine: Engine) -> None:
        """Something happened to the world. Never raises: the world has moved, and its caller must learn where to."""
        if self.tape.failure is not None:
            return
        try:
            message = told()
            with contextlib.suppress(NotSupported):
                message.state_hash = engine.state_hash()
        except SimbridgeError as error:
            self.tape.fail(f"what happened at tick {state.tick} cannot be recorded: {error}")
            return
        if topic == RESET:
            self._epoch += 1
            self._start_s = self._now_s - state.time_s
            self._due_tick = state.tick + self._every_ticks
        elif topic == STEP and self._tick is not None:
            self._ticks += max(state.tick - self._tick, 0)
        self._tick, self._time_s, self._now_s = state.tick, state.time_s, self._start_s + state.time_s
        self._events += 1
        self._arrays.clear()
        at_s, epoch = self._now_s, self._epoch
        for array in (state.poses, state.velocities):
            if array is not None:
                array.setflags(write=False)

        def job(file: McapFile) -> None:
            message.state.CopyFrom(file.state(state, epoch))
            file.message(topic, message, at_s)

        self.tape.put(job, _STATE_BYTES + 3 * state.poses.nbytes)
        is_due = topic != STEP or state.tick >= self._due_tick
        if topic == STEP and is_due:
            self._due_tick += self._every_ticks * (1 + (state.tick - self._due_tick) // self._every_ticks)
        if is_due and self.cameras and self.modalities:
            self._look(engine, self.cameras)

    def _look(self, engine: Engine, cameras: Sequence[str | Camera]) -> None:
        try:
            self.frames(engine.observe(cameras, self.modalities), cameras)
        except SimbridgeError as error:
            if len(cameras) > 1:
                for camera in cameras:
                    self._look(engine, [camera])
            else:
                self.miss("frames", error)

    def readings(self, sensing: Sensing) -> None:
        """What sensors read for the first time now. Never raises; what cannot be read is missing, and the log says why."""
        for camera in {camera.name: camera for suite in sensing.suites.values() for camera in suite.cameras}.values():
            self._describe(camera)
        for agent, sensor in sensing.due():
            try:
                reading = sensing.fresh(agent, sensor)
            except SimbridgeError as error:
                self.miss(f"readings of '{agent}/{sensor}'", error)
                continue
            if reading is None or self.tape.failure is not None:
                continue
            self._readings += 1
            topic, at_s = reading_topic(agent, sensor), self._now_s
            size = sum(value.nbytes for value in vars(reading).values() if isinstance(value, np.ndarray))

            def job(file: McapFile, topic: str = topic, reading: Reading = reading, at_s: float = at_s) -> None:
                file.reading(topic, reading, at_s)

            self.tape.put(job, size)

    def miss(self, what: str, error: SimbridgeError) -> None:
        """Says once why something is not recorded."""
        if str(error) not in self._unseen:
            self._unseen.add(str(error))
            _log.warning("From tick %s on, %s are missing in %s: %s", self._tick, what, self.path, error)

    def frames(self, frames: Sequence[Frame], cameras: Sequence[str | Camera]) -> None:
        """Frames that show the present tick; those that were recorded already are left out."""
        for frame, camera in zip(frames, cameras):
            self._describe(camera)
            found = {name: getattr(frame, name) for name in MODALITIES if getattr(frame, name) is not None}
            fresh = {name: array for name, array in found.items() if (frame.camera, name) not in self._arrays}
            if not fresh or self.tape.failure is not None:
                continue
            for name, array in fresh.items():
                array.setflags(write=False)
                self._arrays[frame.camera, name] = array
            self._frames += len(fresh)
            self._keep(Frame(frame.camera, frame.tick, **fresh), sum(array.nbytes for array in fresh.values()))

    def _keep(self, frame: Frame, size: int) -> None:
        at_s, time_s, epoch, way = self._now_s, self._time_s, self._epoch, self._way

        def job(file: McapFile) -> None:
            moment = codec.message_of_moment(epoch, WorldState(frame.tick, time_s, (), _NOTHING))
            for part in codec.parts_of_frames([frame], moment, way):
                name = codec.modalities_of_numbers([part.modality], "modality")[0]
                file.message(frame_topic(part.camera, name), part, at_s)

        self.tape.put(job, size)

    def seen(self, cameras: Sequence[str | Camera], modalities: Sequence[str]) -> tuple[Frame, ...] | None:
        """The frames, if all of them were recorded since the last event; None otherwise."""
        names = [camera if isinstance(camera, str) else camera.name for camera in cameras]
        if not names or not modalities or self._tick is None:
            return None
        for camera, name in zip(cameras, names):
            if isinstance(camera, Camera) and self._described.get(name) is not camera:
                return None
            if any((name, modality) not in self._arrays for modality in modalities):
                return None
        return tuple(
            Frame(name, self._tick, **{kind: self._arrays[name, kind] for kind in modalities})  # type: ignore[arg-type]
            for name in names
        )

    def stop(self) -> Recorded:
        """Ends the file."""
        self._closer.detach()
        self.tape.stop()
        return Recorded(
            self.path,
            self.tape.safe_bytes,
            self._ticks,
            self._events,
            self._frames,
            round(self.tape.waited_s, 3),
            self._readings,
        )

    def _describe(self, camera: str | Camera) -> None:
        """Keeps what a camera is that no scene names."""
        if isinstance(camera, str) or self._described.get(camera.name) is camera:
            return
        self._described[camera.name] = camera
        message, at_s = codec.message_of_camera(camera), self._now_s
        self.tape.put(lambda file: file.message(CAMERA, message, at_s), _STATE_BYTES)


def _attach(file: McapFile, scene: Scene, digest: str) -> None:
    with tempfile.TemporaryDirectory(prefix="simbridge-recording-") as folder:
        write_scene(scene, Path(folder))
        for name, kind in zip(SCENE_FILES, ("application/json", "application/octet-stream")):
            file.attach(scene_attachment(digest, name), kind, (Path(folder) / name).read_bytes())


def _end(tape: Tape) -> None:
    """Ends a file whose recorder was forgotten; why it failed is in the log already."""
    with contextlib.suppress(RecordingFailed):
        tape.stop()


def platform_here() -> str:
    """System, processor, Python and NumPy of this process."""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}"


def simbridge_version() -> str:
    """Which simbridge this is; empty where it is run from a folder."""
    try:
        return version("simbridge")
    except PackageNotFoundError:
        return ""
