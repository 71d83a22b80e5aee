"""The thread that owns the engine: steps it in real time, takes pictures, makes changes, and tells what happens."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Spawn
from bridge.errors import NotAllowed, NotRecorded, SimbridgeError, UnknownBody
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.types import WorldState
from bridge.viewer.driving import VEHICLES, Wheel, action_of, mount_or_dismount, riding, semantics_of
from bridge.viewer.light import after, weather_asked
from bridge.viewer.show import Opening, Show

log = logging.getLogger("simbridge.viewer")
TOLD_EVERY_S = 1 / 30
LOOK_EVERY_S = 1 / 25
PICTURE_EVERY_S = 0.1
_PICTURES_SHARE = 0.25
"""How much of the engine's time pictures may take."""
_MOST_TICKS = 10
"""Ticks a step; an engine slower than that lets the world go slower than the clock."""
_BEHIND_S = 0.3
_WHEEL_LASTS_S = 0.6
"""An agent whose driver is not heard of for so long stops."""
SPEEDS = (0.1, 10.0)
_OPENING_S = 600.0


@dataclass(frozen=True, eq=False)
class Status:
    """How the world goes: the clock, who does what, what is wrong."""

    state: WorldState
    is_paused: bool
    speed: float
    rate: float
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """What a camera sees, rgb uint8 (H,W,3), at a tick."""

    camera: str
    tick: int
    rgb: NDArray[np.uint8]


@dataclass(frozen=True)
class Notice:
    """What could not be done, for whoever asked (None: for all)."""

    text: str
    asker: object = None


@dataclass(frozen=True, eq=False)
class Light:
    """The scene under another sky."""

    scene: Scene


News = Status | Picture | Notice | Light


class Stage:
    """A world that goes on by itself. Methods may be called from any thread; `hear` is called on the engine's."""

    def __init__(self, opening: Opening, scene: Scene, hear: Callable[[News], None], *, seed: int = 0) -> None:
        self.scene = scene
        self.spawned: dict[str, str] = {}
        self._opening, self._hear, self._seed = opening, hear, seed
        self._jobs: queue.SimpleQueue[tuple[Callable[[Show], None], object] | None] = queue.SimpleQueue()
        self._semantics = semantics_of(scene)
        self._wheels: dict[str, tuple[Wheel, float]] = {}
        self._steered: dict[str, tuple[Wheel, bool]] = {}
        self._wanted: dict[object, str] = {}
        self._is_paused, self._speed, self._trouble = False, 1.0, ""
        self._opened: queue.SimpleQueue[Show | BaseException] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="viewer-engine", daemon=True)

    def start(self) -> Show:
        """Opens the engine and sets the world going. Raises what opening it raises."""
        self._thread.start()
        answer = self._opened.get(timeout=_OPENING_S)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self, *, timeout_s: float = 20.0) -> None:
        """Ends the world and gives the engine back."""
        self._jobs.put(None)
        self._thread.join(timeout_s)

    def run(self) -> None:
        """Lets the world go on."""
        self._do(lambda show: self._go(is_paused=False))

    def pause(self) -> None:
        """Holds the world still."""
        self._do(lambda show: self._go(is_paused=True))

    def step(self, ticks: int = 1, asker: object = None) -> None:
        """Pauses, and goes so many ticks further."""

        def job(show: Show) -> None:
            self._check_own(show)
            self._go(is_paused=True)
            self._advance(show, ticks)

        self._do(job, asker)

    def set_speed(self, factor: float) -> None:
        """How fast the world goes, 1 is the clock's speed."""

        def job(show: Show) -> None:
            self._speed = float(np.clip(factor, *SPEEDS))
            self._due = time.monotonic()

        self._do(job)

    def reset(self, asker: object = None) -> None:
        """Begins anew."""

        def job(show: Show) -> None:
            self._check_own(show)
            self._wheels.clear()
            self._steered.clear()
            self._take(show.engine.reset(seed=self._seed))
            self._breathe(show)
            self._trouble = ""

        self._do(job, asker)

    def change_weather(self, asked: Mapping[str, Any], asker: object = None) -> None:
        """Changes weather or hour, and tells of the new light."""

        def job(show: Show) -> None:
            if not show.edits:
                raise NotAllowed("The weather is somebody else's here. Look on, or connect as a controller.")
            change = weather_asked(self.scene.environment, asked)
            self._take(show.engine.edit([change]))
            self.scene = replace(self.scene, environment=after(self.scene.environment, change))
            self._pictured = -1
            self._hear(Light(self.scene))

        self._do(job, asker)

    def spawn(self, spawns: list[Spawn], asker: object = None) -> None:
        """Puts copies of the scene's assets into the world."""

        def job(show: Show) -> None:
            self._take(show.engine.edit(spawns))
            self.spawned |= {one.name: one.asset for one in spawns}

        self._do(job, asker)

    def drive(self, agent: str, wheel: Wheel, asker: object = None, *, ends: bool = False) -> None:
        """Moves an agent as keys are held, until they are let go or nothing is heard for a moment."""

        def job(show: Show) -> None:
            self._check_driver(show, agent)
            self._wheels[agent] = (wheel, time.monotonic() + (0.0 if ends else _WHEEL_LASTS_S))

        self._do(job, asker)

    def ride(self, agent: str, asker: object = None) -> None:
        """Puts an agent on the nearest vehicle, or off its own."""

        def job(show: Show) -> None:
            self._check_driver(show, agent)
            self._wheels.pop(agent, None)
            self._steered.pop(agent, None)
            self._act(show, {agent: mount_or_dismount(self._state, agent, self._semantics)})

        self._do(job, asker)

    def want(self, watcher: object, camera: str) -> None:
        """Pictures of this camera for a watcher from now on; "" for none."""

        def job(show: Show) -> None:
            self._wanted.pop(watcher, None)
            self._pictured = -1
            if camera:
                if camera not in show.loaded.cameras:
                    raise UnknownBody(unknown_name("camera", camera, show.loaded.cameras))
                self._wanted[watcher] = camera

        self._do(job, watcher)

    def _do(self, job: Callable[[Show], None], asker: object = None) -> None:
        self._jobs.put((job, asker))

    def _run(self) -> None:
        try:
            show = self._opening()
        except BaseException as error:
            self._opened.put(error)
            return
        try:
            self._state, self._pending = show.state, {}
            self._due = self._picture_due = self._told = time.monotonic()
            self._pictured, self._paces = -1, [(time.monotonic(), show.state.time_s)]
            self._opened.put(show)
            self._tell()
            while self._take_jobs(show):
                self._guarded(show, self._turn)
        finally:
            self._guarded(show, lambda show: show.engine.close())

    def _take_jobs(self, show: Show) -> bool:
        """Does what was asked for until something is due by itself; False when all is over."""
        while True:
            try:
                asked = self._jobs.get(timeout=max(self._next_due(show) - time.monotonic(), 0.0005))
            except queue.Empty:
                return True
            if asked is None:
                return False
            job, asker = asked
            self._guarded(show, job, asker)
            self._tell()

    def _guarded(self, show: Show, job: Callable[[Show], None], asker: object = None) -> None:
        """Does something with the engine; what goes wrong is told to whoever asked, or stops the world."""
        try:
            job(show)
        except SimbridgeError as error:
            self._failed(f"{error}", asker)
        except Exception as error:  # the border of the engine's thread: logged whole, and shown
            log.exception("the engine failed")
            self._failed(f"{type(error).__name__}: {error}. The log has all of it.", asker)

    def _failed(self, text: str, asker: object) -> None:
        if asker is None:
            self._trouble, self._is_paused = text, True
            self._tell()
        else:
            self._hear(Notice(text, asker))

    def _next_due(self, show: Show) -> float:
        goes = not self._is_paused or not show.steps
        due = [time.monotonic() + 0.5]
        due += [self._due] if goes and not self._trouble else []
        due += [self._picture_due] if self._wanted and self._pictured != self._state.tick and not self._trouble else []
        return min(due)

    def _turn(self, show: Show) -> None:
        """Whatever is due: a step or a look, news, a picture."""
        now = time.monotonic()
        if self._trouble:
            return
        if not show.steps and show.look is not None:
            if now >= self._due:
                self._due = now + LOOK_EVERY_S
                self._take(show.look())
        elif not self._is_paused and now >= self._due:
            tick_s = show.engine.info.tick_s / self._speed
            ticks = min(int((now - self._due) / tick_s) + 1, _MOST_TICKS)
            self._advance(show, ticks)
            self._due = max(self._due + ticks * tick_s, time.monotonic() - _BEHIND_S)
        if time.monotonic() - self._told >= TOLD_EVERY_S:
            self._tell()
        if self._wanted and self._pictured != self._state.tick and time.monotonic() >= self._picture_due:
            self._take_pictures(show)

    def _advance(self, show: Show, ticks: int) -> None:
        actions, now = dict(self._pending), time.monotonic()
        self._pending.clear()
        for agent, (wheel, lasts) in list(self._wheels.items()):
            if lasts < now:
                del self._wheels[agent]
                wheel = Wheel()
            vehicle = riding(self._state, agent) or agent
            told = (wheel, self._semantics.get(vehicle) in VEHICLES)
            before = self._steered.get(agent, (Wheel(), False))
            self._steered[agent] = told
            # A driver who holds no key lets a skill go on that was begun meanwhile.
            if told != before and (wheel != Wheel() or before[0] != Wheel()):
                actions[agent] = action_of(wheel, is_vehicle=told[1])
        self._take(show.engine.step(actions, ticks))
        self._breathe(show)

    def _breathe(self, show: Show) -> None:
        """Tells of the light where the air has changed by itself."""
        air = show.air() if show.air is not None else self.scene.environment
        if air != self.scene.environment:
            self.scene = replace(self.scene, environment=air)
            self._hear(Light(self.scene))

    def _act(self, show: Show, actions: dict[str, Action]) -> None:
        """Hands actions to the next step; a paused world takes one at once, so that refusals are heard."""
        self._pending |= actions
        self._advance(show, 1)

    def _take(self, state: WorldState) -> None:
        self._state = state
        now = time.monotonic()
        self._paces = [pace for pace in self._paces if now - pace[0] < 1.0 and pace[1] <= state.time_s]
        self._paces.append((now, state.time_s))

    def _take_pictures(self, show: Show) -> None:
        names = tuple(dict.fromkeys(self._wanted.values()))
        began = time.monotonic()
        try:
            frames = show.engine.observe(names, ("rgb",))
        except NotRecorded:  # a recording has pictures of some ticks only: the last one stays
            self._pictured = self._state.tick
            return
        except SimbridgeError as error:
            self._wanted.clear()
            self._hear(Notice(f"There are no pictures: {error}"))
            return
        took = time.monotonic() - began
        self._picture_due = began + max(PICTURE_EVERY_S, took / _PICTURES_SHARE)
        self._pictured = self._state.tick
        for frame in frames:
            assert frame.rgb is not None
            self._hear(Picture(frame.camera, frame.tick, frame.rgb))

    def _go(self, *, is_paused: bool) -> None:
        self._is_paused, self._due = is_paused, time.monotonic()

    def _tell(self) -> None:
        self._told = time.monotonic()
        (began, first), (ended, last) = self._paces[0], self._paces[-1]
        rate = (last - first) / (ended - began) if ended > began else 0.0
        self._hear(Status(self._state, self._is_paused, self._speed, rate, self._trouble))

    def _check_own(self, show: Show) -> None:
        if not show.steps:
            raise NotAllowed("This world is only watched; whoever drives it steps it. View the town itself to do so.")

    def _check_driver(self, show: Show, agent: str) -> None:
        if not show.drives:
            raise NotAllowed("This world is only watched, its agents cannot be driven from here.")
        if agent not in show.loaded.agents:
            raise UnknownBody(unknown_name("agent", agent, show.loaded.agents))
