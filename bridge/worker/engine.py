"""An engine in a supervised process of its own, behind the words of every engine.

When the process dies or hangs, the call under way ends with an error that has the crash's id and log; `restart` then
brings up another with the same scene, more slowly each time, and gives up after too many in a row.
"""

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from bridge import codec, ring
from bridge.codec import fields
from bridge.crashes import new_crash_id, write_crash_log
from bridge.engine import Actions, Change, EngineInfo, Loaded
from bridge.errors import EngineCrashed, EngineFailed, InvalidInput, SimbridgeError, TooLate
from bridge.formats.scene_folder import write_scene
from bridge.link import ERROR, MESSAGE, error_named, error_of_payload
from bridge.scene import Scene
from bridge.sights import Sights
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.v1 import link_pb2 as pb
from bridge.worker.process import WorkerProcess
from bridge.workfolder import WorkFolder

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
CALM_S = 60.0
"""An engine that has run for so long is well: the crashes before it are forgotten."""
CLOSE_S = 5.0
_log = logging.getLogger("bridge.server")


@dataclass(frozen=True)
class Supervision:
    """How long an engine may take, and what is done when it does not come to an end.

    A call that takes longer than `watchdog_s` (steps: and ten times the time they simulate) hangs; that and
    `load_timeout_s` are shorter than a server's own patience, so that it is told of the crash. `restarts` is how many
    crashes in a row are made good. `is_one_of_many`: several workers share this computer, so that each draws with one
    thread. Crash logs go to `crash_folder`, or among temporary files.
    """

    watchdog_s: float = 50.0
    load_timeout_s: float = 280.0
    start_timeout_s: float = 60.0
    restarts: int = 5
    is_one_of_many: bool = False
    crash_folder: Path | None = None


class WorkerEngine:
    """bridge.engine.Engine over a link; used by one thread at a time, but for `kill`. Also a context manager."""

    info: EngineInfo

    def __init__(
        self,
        engine: str = "embedded",
        options: Mapping[str, Any] | None = None,
        supervision: Supervision = Supervision(),
        *,
        shared_memory: Path | None = None,
    ):
        self.name, self.supervision = engine, supervision
        try:
            self._options = json.dumps(dict(options or {}))
        except TypeError as error:
            raise InvalidInput(f"Options of an engine in a process of its own are plain values: {error}.") from error
        fields.text(self._options, "options")
        self._shared_memory = shared_memory or ring.folder()
        self._folder = WorkFolder()
        self._process: WorkerProcess | None = None
        self._own: tuple[ring.RingWriter, ring.RingReader] | None = None
        self._scene: Path | None = None
        self._scenes = self._number = self._epoch = self._version = 0
        self._names: dict[int, tuple[str, ...]] = {}
        self._tick = 0
        self._hash: int | None = None
        self._foreseen: tuple[list[Sights], bool] = ([], False)
        self._seen: dict[int, Any] = {}
        self._crashes, self._since = 0, time.monotonic()
        self._is_ending = threading.Event()
        self._failure: SimbridgeError | None = None
        self.needs_restart = self._is_closed = False
        self.crash = ""
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    # ---- bridge.engine.Engine

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; replaces the one before. If the engine dies of it, it is started anew with the one before."""
        self._scenes += 1
        folder = self._folder.path / f"scene-{self._scenes}"
        paths = write_scene(scene, folder)
        try:
            loaded = self._load(folder)
        except BaseException:
            _remove(paths, folder)
            raise
        before, self._scene = self._scene, folder
        if before is not None:
            _remove([before / path.name for path in paths], before)
        return loaded

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode. The same seed gives the same world."""
        return self._change(
            pb.Order(reset=pb.ResetWorld(seed=fields.whole(seed, "seed", low=0, high=(1 << 64) - 1))), "reset"
        )

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; what was foreseen to be looked at is drawn at once."""
        ticks = fields.whole(ticks, "ticks", low=1, high=(1 << 32) - 1)
        order = pb.Order(advance=pb.Advance(actions=codec.map_of_actions(actions), ticks=ticks))
        sights, wants_hash = self._foreseen
        self._foreseen = ([], False)
        order.wants_hash = wants_hash
        order.looks.extend(self._look(one.cameras, one.modalities, self._ring_of(one)) for one in sights)
        limit_s = self.supervision.watchdog_s + 10 * ticks * self.info.tick_s
        return self._change(order, "step", sights=sights, limit_s=limit_s)

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing."""
        made = [codec.message_of_change(change) for change in changes]
        return self._change(pb.Order(edit=pb.EditWorld(changes=made)), "edit")

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the present tick; arrays are read-only."""
        waves: list[dict[str, str | Camera]] = []
        for camera in cameras:  # no two cameras of one name in one look
            name = camera if isinstance(camera, str) else camera.name
            wave = next((wave for wave in waves if name not in wave), None)
            if wave is None:
                waves.append(wave := {})
            wave[name] = camera
        drawn = [{frame.camera: frame for frame in self._observed(list(wave.values()), modalities)} for wave in waves]
        found: dict[str, int] = {}
        frames: list[Frame] = []
        for camera in cameras:
            name = camera if isinstance(camera, str) else camera.name
            found[name] = found.get(name, -1) + 1
            frames.append(drawn[found[name]][name])
        return tuple(frames)

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        if self._hash is None:
            self._hash = self._ask(pb.Order(stand_still={}, wants_hash=True), "state_hash").state_hash
        return self._hash

    def close(self) -> None:
        """Ends the process and gives everything back; the engine cannot be used afterwards."""
        if self._is_closed:
            return
        self._is_closed = True
        process, self._process = self._process, None
        if process is not None:
            if not (self.needs_restart or self._is_ending.is_set()):
                try:
                    process.link.exchange(pb.Order(close={}).SerializeToString(), CLOSE_S)
                except (SimbridgeError, OSError) as error:
                    _log.warning("engine '%s' was not closed in order: %s", self.name, error)
                process.wait(CLOSE_S)
            process.close()
        self._failure = EngineFailed(f"The engine '{self.name}' was closed. Open another.")
        if self._own is not None:
            self._own[1].close()
            self._own[0].close()
            self._own = None
        self._folder.close()

    def __enter__(self) -> "WorkerEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- frames that this process need not touch: see bridge.sights.Foreseeing

    def foresee(self, sights: Sequence[Sights], *, wants_hash: bool, epoch: int) -> None:
        """What will be asked for after the next step: it comes with the step's own answer."""
        self._foreseen, self._epoch = ([one for one in sights if one.cameras], wants_hash), epoch

    def parts(self, sights: Sights, moment: Any) -> list[Any]:
        """The frames of a call as they travel; those of a client on this computer are in its ring already."""
        self._epoch = moment.epoch
        seen = self._seen.pop(id(sights), None)
        shared = self._ring_of(sights)
        if seen is None:
            order = pb.Order(stand_still={}, looks=[self._look(sights.cameras, sights.modalities, shared)])
            seen = self._ask(order, "observe").seen[0]
        if shared is sights.way.ring:
            _check_seen(seen)
            return list(seen.parts)
        return codec.parts_of_frames(self._frames(seen, sights.cameras, sights.modalities), moment, sights.way)

    # ---- when it goes wrong: see bridge.simulation.Supervised

    @property
    def is_up(self) -> bool:
        """Whether the engine runs."""
        return not self.needs_restart and self._failure is None

    def restart(self) -> None:
        """Brings up another process with the scene of the one before, which waits for a reset.

        Raises EngineFailed when it was brought up too often in a row; so does every call from then on.
        """
        while self.needs_restart:
            if self._crashes > self.supervision.restarts:
                self._failure = EngineFailed(
                    f"The engine '{self.name}' crashed {self._crashes} times in a row and is not started again; the last "
                    f"was crash {self.crash}. Look at its log, then start the server anew."
                )
                self.needs_restart = False
                raise self._failure
            pause_s = 0.0 if self._crashes < 2 else min(FIRST_PAUSE_S * 2 ** (self._crashes - 2), LONGEST_PAUSE_S)
            if self._is_ending.wait(pause_s):
                raise EngineFailed(f"The engine '{self.name}' is being ended.")
            try:
                self._start()
                if self._scene is not None:
                    self._load(self._scene)
            except SimbridgeError as error:
                if not self.needs_restart:  # it lives, and cannot do it: no better than dead
                    self._fallen("start", "it could not be brought up", str(error))
                _log.warning("engine '%s': %s", self.name, error)
            else:
                _log.warning("engine '%s' runs again after crash %s", self.name, self.crash)

    def kill(self) -> None:
        """Ends the process at once, whatever it does; from any thread."""
        self._is_ending.set()
        process = self._process
        if process is not None:
            process.kill()

    # ---- the link

    def _start(self) -> None:
        limit_s = self.supervision.start_timeout_s
        self.needs_restart = False
        self._names, self._version = {}, 0
        environment = {"LP_NUM_THREADS": "1"} if self.supervision.is_one_of_many else {}
        self._process = WorkerProcess(environment=environment, timeout_s=limit_s)
        order = pb.Order(open=pb.OpenEngine(engine=self.name, options_json=self._options))
        self.info = codec.info_of_message(self._ask(order, "open", limit_s=limit_s).engine)
        self._since = time.monotonic()

    def _load(self, folder: Path) -> Loaded:
        order = pb.Order(load=pb.LoadFolder(path=str(folder)))
        report = self._ask(order, "load", limit_s=self.supervision.load_timeout_s)
        return replace(codec.loaded_of_message(report.scene), added=codec.instances_of_message(report.scene))

    def _change(
        self, order: pb.Order, what: str, *, sights: Sequence[Sights] = (), limit_s: float | None = None
    ) -> WorldState:
        order.wants_state, order.known_names = True, self._version
        self._hash, self._seen = None, {}
        report = self._ask(order, what, limit_s=limit_s)
        if report.state.names:
            self._names, self._version = (
                {report.state.names_version: tuple(report.state.names)},
                report.state.names_version,
            )
        if order.wants_hash:
            self._hash = report.state_hash
        self._seen = {id(one): seen for one, seen in zip(sights, report.seen, strict=True)}
        state = codec.state_of_message(report.state, known=self._names)
        self._tick = state.tick
        return state

    def _ask(self, order: pb.Order, what: str, *, limit_s: float | None = None) -> pb.Report:
        """The report of an order. Raises what the engine raised, or what its death means."""
        if self._failure is not None:
            raise self._failure
        if self._process is None or self.needs_restart:
            raise EngineCrashed(f"The engine '{self.name}' is down since crash {self.crash}. Wait for its restart.")
        limit_s = limit_s or self.supervision.watchdog_s
        self._number += 1
        order.number, order.epoch = self._number, self._epoch
        try:
            kind, payload = self._process.link.exchange(order.SerializeToString(), limit_s)
            report = pb.Report.FromString(payload) if kind == MESSAGE else None
        except TimeoutError:
            self._process.abort()
            said = self._fallen(what, f"it did not come to an end within {limit_s:g} s and was ended", str(order))
            raise _told(TooLate(said)) from None
        except (SimbridgeError, OSError, DecodeError) as error:
            said = self._fallen(what, "", f"{error}\n{order}")
            raise _told(EngineCrashed(said)) from None
        if kind == ERROR:
            raise _told(error_of_payload(payload))
        if report is None or report.number != self._number or len(report.seen) != len(order.looks):
            said = self._fallen(what, "it answered another question", str(order))
            raise _told(EngineCrashed(said))
        return report

    def _fallen(self, what: str, how: str, doing: str) -> str:
        """Notes a crash, writes its log, and says so in words."""
        process = self._process
        ending = process.ending() if process is not None else "never started"
        lived_s = time.monotonic() - self._since
        self._crashes = 1 if lived_s > CALM_S else self._crashes + 1
        self.crash, self.needs_restart = new_crash_id(), True
        lines = [
            f"crash {self.crash} of engine '{self.name}', at {time.strftime('%Y-%m-%dT%H:%M:%S%z')}",
            f"in: {what}; {how or 'it ended'} ({ending}), after {lived_s:.1f} s, crash {self._crashes} in a row",
            f"scene: {self._scene}; options: {self._options}",
            f"last tick: {self._tick}",
            "",
            "doing:",
            *doing.splitlines()[:100],
            "",
            "last words:",
            *(process.lines if process is not None else ()),
        ]
        path = write_crash_log(self.supervision.crash_folder, self.crash, lines)
        if process is not None:
            process.close()
        self._process = None
        if what == "open" and process is not None and process.lines:
            how = f"{how or ending} ({process.lines[-1]})"
        where = f"{path} on the server's computer" if path else "in the server's log"
        _log.error(
            "crash %s of engine '%s' in %s: %s (%s). %s", self.crash, self.name, what, how or "ended", ending, path
        )
        return (
            f"The engine '{self.name}' died in {what}: {how or ending}. Crash {self.crash}: {where}. "
            "It is started anew; reset the world and go on."
        )

    # ---- pictures

    def _observed(self, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> tuple[Frame, ...]:
        if not cameras:
            return ()
        order = pb.Order(stand_still={}, looks=[self._look(cameras, modalities, self._own_ring())])
        seen = self._ask(order, "observe").seen[0]
        return self._frames(seen, cameras, modalities)

    def _frames(self, seen: Any, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> tuple[Frame, ...]:
        _check_seen(seen)
        sizes = [(c, None) if isinstance(c, str) else (c.name, (c.height, c.width)) for c in cameras]
        album = codec.Album(sizes, modalities, ring=self._own[1] if self._own else None)
        for part in seen.parts:
            album.add(part)
        return album.frames()

    def _look(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality], shared: ring.RingWriter | None
    ) -> pb.Look:
        made = pb.Look(
            names=[fields.name(camera, "camera") for camera in cameras if isinstance(camera, str)],
            cameras=[codec.message_of_camera(camera) for camera in cameras if not isinstance(camera, str)],
            modalities=codec.numbers_of_modalities(modalities),
        )
        if shared is not None:
            made.ring.CopyFrom(codec.message_of_ring(shared))
        return made

    def _ring_of(self, sights: Sights) -> ring.RingWriter | None:
        """The client's own ring, where frames go that way; else that between engine and server."""
        way = sights.way
        return way.ring if way.ring is not None and way.is_shared else self._own_ring()

    def _own_ring(self) -> ring.RingWriter | None:
        if self._own is None:
            try:
                made = ring.RingWriter(self._shared_memory)
                self._own = made, ring.RingReader(str(made.path), size=made.bytes, slots=made.slots, key=made.key)
            except OSError as error:
                _log.warning("No shared memory in %s (%s): frames travel instead.", self._shared_memory, error)
                return None
        return self._own[0]


def _told(error: SimbridgeError) -> SimbridgeError:
    error.hop = "engine"
    return error


def _check_seen(seen: Any) -> None:
    """Raises what a look failed of."""
    if seen.HasField("failure"):
        raise error_named(seen.failure.kind, seen.failure.message, "engine")


def _remove(paths: Sequence[Path], folder: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    folder.rmdir()
