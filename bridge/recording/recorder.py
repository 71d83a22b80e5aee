"""An engine that remembers: what passes through it is recorded, with the states, hashes and frames that followed.

with record(bridge.open("embedded"), "run.mcap", cameras=["courier-1/front"]) as engine:
    engine.load(scene); engine.reset(seed=0); engine.step({"courier-1": Action(Velocity(1.0))})
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge import codec
from bridge.engine import Actions, Change, Engine, EngineInfo, Loaded
from bridge.errors import EngineFailed, NotSupported, Refused, SimbridgeError
from bridge.packing import JPEG_QUALITY
from bridge.recording.layout import EDIT, RESET, STEP, SUFFIX
from bridge.recording.mcap_file import Stream, new_file
from bridge.recording.sensed import Sensed, Wanted
from bridge.recording.take import Recorded, Take, platform_here, simbridge_version
from bridge.recording.tape import USUAL, Habits
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState


def record(
    engine: Engine,
    path: str | Path,
    *,
    cameras: Sequence[str | Camera] | None = (),
    modalities: Sequence[Modality] = ("rgb",),
    every_ticks: int = 1,
    jpeg_quality: int = JPEG_QUALITY,
    sensors: Wanted = (),
    scene: Scene | None = None,
    has_scene: bool = True,
    task: str = "",
    policies: Mapping[str, str] | None = None,
    habits: Habits = USUAL,
) -> "Recorder":
    """The engine, recorded into a new file at `path` from now on. Raises OutputExists, InvalidInput, RecordingFailed.

    `cameras` are looked through `every_ticks` ticks and after each reset and edit; None records the frames that are
    asked for anyway. `sensors` are what every agent carries ("lidar", "imu", "gps", "boxes" and more, see
    bridge.sensors.outfits), or by agent what it does; each is recorded at its own rate, at most once a step. `scene` is what the engine has loaded already, if it has; scenes that it loads from now on are known.
    `has_scene` puts the scene into the file, so that it can be replayed anywhere. `task` and `policies` (names by agent)
    go with every episode.
    """
    made = Recorder(engine, scene=scene)
    try:
        made.start(
            path, cameras=cameras, modalities=modalities, every_ticks=every_ticks, jpeg_quality=jpeg_quality,
            has_scene=has_scene, habits=habits, sensors=sensors,
        )  # fmt: skip
    except BaseException:
        engine.close()
        raise
    made.describe(task=task, policies=policies or {})
    return made


class Recorder:
    """An engine around another: passes everything on, and records it between `start` and `stop`. See `record`."""

    def __init__(self, engine: Engine, *, scene: Scene | None = None):
        self.info: EngineInfo = engine.info
        self._engine, self._scene = engine, scene
        self._loaded: Loaded | None = None
        self._state: WorldState | None = None
        self._seed: int | None = None
        self._task, self._policies = "", {}
        self._take: Take | None = None
        self._wanted: Wanted = ()
        self._sensed: Sensed | None = None
        self._is_alone = not hasattr(engine, "claim")
        """Whether nobody else moves the world: where agents are claimed, somebody may."""

    @property
    def is_recording(self) -> bool:
        """Whether what happens now is recorded."""
        return self._take is not None and self._take.tape.failure is None

    @property
    def failure(self) -> SimbridgeError | None:
        """Why the recording ended by itself, if it did; `stop` raises it."""
        return None if self._take is None else self._take.tape.failure

    def start(
        self,
        path: str | Path,
        *,
        cameras: Sequence[str | Camera] | None = (),
        modalities: Sequence[Modality] = ("rgb",),
        every_ticks: int = 1,
        jpeg_quality: int = JPEG_QUALITY,
        has_scene: bool = True,
        habits: Habits = USUAL,
        sensors: Wanted = (),
        open_file: Callable[[Path], Stream] = new_file,
    ) -> Path:
        """Records from now on; the file's path. Raises Refused when something is being recorded already."""
        if self._take is not None:
            raise Refused(f"{self._take.path} is being recorded. Stop it first.")
        codec.numbers_of_modalities(modalities)
        path = Path(path)
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        sights = None if cameras is None else tuple(cameras)
        take = Take(path, sights, tuple(modalities), every_ticks, jpeg_quality, has_scene, habits, open_file)
        self._take, self._wanted = take, sensors
        if self._loaded is None:
            self._loaded = _loaded_already(self._engine)
        if self._loaded is not None or self._scene is not None:
            take.world(self._setting(), self._scene)
            try:
                self._equip()
            except SimbridgeError:
                self.cut()()
                path.unlink(missing_ok=True)
                raise
        if self._state is not None:
            self._began(self._seed, self._state)
        return path

    def describe(self, *, task: str = "", policies: Mapping[str, str] | None = None) -> None:
        """What the agents are to do from the next reset on, and who they are: a policy's name by agent."""
        self._task, self._policies = task, dict(policies or {})

    def stop(self) -> Recorded:
        """Ends the recording. Raises RecordingFailed if it ended by itself before, Refused if nothing is recorded."""
        return self.cut()()

    def cut(self) -> Callable[[], Recorded]:
        """Records nothing from now on; what is returned ends the file, on any thread, as `stop` does."""
        take, self._take, self._sensed = self._take, None, None
        if take is None:
            raise Refused("Nothing is being recorded. Start a recording first.")
        return take.stop

    # ---- the engine

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; replaces the one before."""
        loaded = self._engine.load(scene)
        self._scene, self._loaded, self._state, self._seed = scene, loaded, None, None
        if self._take is not None:
            self._take.world(self._setting(), scene)
            self._equip()
        return loaded

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode."""
        with self._unless_it_fails():
            state = self._engine.reset(seed=seed)
        self._state, self._seed = state, int(seed)
        self._began(self._seed, state)
        return state

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world."""
        with self._unless_it_fails():
            state = self._engine.step(actions, ticks)
        self._state, self._seed = state, None
        if self._take is not None:
            self._take.event(STEP, lambda: codec.message_of_step(actions, ticks), state, self._engine)
            self._sense(lambda sensed: sensed.sensing.move_on(state))
        return state

    def step_and_observe(
        self, actions: Actions, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES, ticks: int = 1
    ) -> tuple[WorldState, tuple[Frame, ...]]:
        """`step` and `observe`."""
        state = self.step(actions, ticks)
        return state, self.observe(cameras, modalities)

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing."""
        with self._unless_it_fails():
            state = self._engine.edit(changes)
        self._state, self._seed = state, None
        if self._take is not None:
            self._take.event(EDIT, lambda: codec.message_of_edit(changes), state, self._engine)
            self._sense(lambda sensed: sensed.changed(changes, state))
        return state

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera; those that were recorded a moment ago are not drawn again. Arrays are read-only."""
        take = self._take
        if take is None:
            return self._engine.observe(cameras, modalities)
        seen = take.seen(cameras, modalities) if self._is_alone else None
        if seen is None:
            seen = self._engine.observe(cameras, modalities)
            if take.cameras is None:
                take.frames(seen, cameras)
        return seen

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        return self._engine.state_hash()

    def close(self) -> None:
        """Ends the recording, then the engine. Raises RecordingFailed if the recording ended by itself."""
        try:
            if self._take is not None:
                self.stop()
        finally:
            self._engine.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        """Whatever else this engine can do, as long as it does not change the world unseen."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "lend" and self._take is not None:
            raise AttributeError(name)
        if name == "take_back":
            return functools.partial(self._taken_back, self._engine.take_back)  # type: ignore[attr-defined]
        if name == "foresee" and self._take is not None:
            return functools.partial(_foresee, self._engine.foresee)  # type: ignore[attr-defined]
        if name == "load_path":
            raise NotSupported(
                "A scene that a server loads from its own disk cannot be recorded here. Upload it instead."
            )
        return getattr(self._engine, name)

    # ---- what is told to the recording

    @contextlib.contextmanager
    def _unless_it_fails(self) -> Iterator[None]:
        """An engine that cannot go on has no present state: what follows is recorded from its next reset on."""
        try:
            yield
        except EngineFailed:
            self._state = self._seed = None
            raise

    def _taken_back(self, take_back: Callable[[str], Any], asked: str = "") -> Any:
        """An engine that was lent and moved on unseen; it is never lent while it is recorded."""
        with self._unless_it_fails():
            returned = take_back(asked)
        self._state, self._seed = returned.state, None
        return returned

    def _setting(self) -> codec.Setting:
        scene = self._scene
        return codec.Setting(
            engine=self.info,
            scene_name="" if scene is None else scene.name,
            loaded=self._loaded or Loaded(()),
            simbridge_version=simbridge_version(),
            platform=platform_here(),
            options=dict(getattr(self._engine, "options", None) or {}),
        )

    def _began(self, seed: int | None, state: WorldState) -> None:
        if self._take is not None:
            told = functools.partial(codec.message_of_reset, seed, self._task, self._policies)
            self._take.event(RESET, told, state, self._engine)
            self._sense(lambda sensed: sensed.began(state, seed))

    def _sense(self, follow: Callable[[Sensed], None]) -> None:
        """Reads what is due, after the sensors followed the world. Never raises: the world has moved."""
        if self._sensed is None or self._take is None:
            return
        try:
            follow(self._sensed)
        except SimbridgeError as error:
            self._take.miss("readings of some sensors", error)
        self._take.readings(self._sensed.sensing)

    def _equip(self) -> None:
        """Hands out the sensors that are recorded, in the scene that is loaded."""
        self._sensed = None
        if self._wanted:
            loaded = self._loaded or Loaded(())
            self._sensed = Sensed(self._wanted, self._engine, self._scene, loaded.agents, loaded.cameras)


def _loaded_already(engine: Engine) -> Loaded | None:
    """What an engine from afar says of the scene that it has; engines here say it only when they load."""
    tell = getattr(engine, "loaded", None)
    if tell is None:
        return None
    try:
        return tell()
    except Refused:  # nothing is loaded yet
        return None


def _foresee(foresee: Callable[..., None], sights: Any, *, wants_hash: bool, epoch: int) -> None:
    """What an engine that is far is told to have ready: while it is recorded, the hash always."""
    foresee(sights, wants_hash=True, epoch=epoch)
