"""The thread that owns the engine: steps it in real time, takes pictures, makes changes, and tells what happens."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bridge.engine import Action, Spawn
from bridge.errors import NotAllowed, SimbridgeError
from bridge.scene import Environment, Scene
from bridge.simulation import supervised
from bridge.types import WorldState
from bridge.viewer.driving import Drivers, Wheel, mount_or_dismount, semantics_of
from bridge.viewer.light import after, weather_asked
from bridge.viewer.news import Light, News, Notice, Status
from bridge.viewer.show import Opening, Show
from bridge.viewer.traffic import LOOKS_EVERY_TICKS, Traffic, check_traffic
from bridge.viewer.wanted import Wanted
from bridge.weather import news

log = logging.getLogger("simbridge.viewer")
TOLD_EVERY_S = 1 / 30
LOOK_EVERY_S = 1 / 25
_MOST_TICKS = 10
"""Ticks a step; an engine slower than that lets the world go slower than the clock."""
_BEHIND_S = 0.3
SPEEDS = (0.1, 10.0)
_OPENING_S = 600.0


class Stage:
    """A world that goes on by itself. Methods may be called from any thread; `hear` is called on the engine's.

    A recording waits until somebody is `ready` to see its first tick. `spawned` has the assets of what is not in the scene.
    """

    def __init__(
        self, opening: Opening, scene: Scene, hear: Callable[[News], None], *, seed: int = 0, has_traffic: bool = False
    ) -> None:
        self.scene = scene
        self.spawned: dict[str, str] = {}
        self._opening, self._hear, self._seed, self._begins_with_traffic = opening, hear, seed, has_traffic
        self._air = scene.environment
        self._jobs: queue.SimpleQueue[tuple[Callable[[Show], None], object] | None] = queue.SimpleQueue()
        self._semantics = semantics_of(scene)
        self._drivers = Drivers(self._semantics)
        self._wanted = Wanted(hear)
        self._is_paused, self._is_waiting, self._speed, self._trouble = False, False, 1.0, ""
        self._traffic: Traffic | None = None
        self._is_traffic_coming, self._sky = False, 0
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

    def ready(self) -> None:
        """Somebody sees the world: a recording that waited for that begins."""
        self._do(lambda show: self._go(is_paused=False) if self._is_waiting else None)

    def run(self) -> None:
        """Lets the world go on; a recording that has ended begins anew."""

        def job(show: Show) -> None:
            if show.film is not None and show.has_ended(self._state):
                self._show_from(show, show.film.span[0])
            self._go(is_paused=False)

        self._do(job)

    def pause(self) -> None:
        """Holds the world still."""
        self._do(lambda show: self._go(is_paused=True))

    def seek(self, tick: int, asker: object = None) -> None:
        """Shows a recording from that tick on."""

        def job(show: Show) -> None:
            if show.film is None:
                raise NotAllowed("Only recordings can be seen from another moment on. Reset this world to begin anew.")
            self._show_from(show, tick)
            self._go(is_paused=self._is_paused and not self._is_waiting)

        self._do(job, asker)

    def step(self, ticks: int = 1, asker: object = None) -> None:
        """Pauses, and goes so many ticks further."""

        def job(show: Show) -> None:
            show.check_steps()
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
        """Begins anew, with another engine if the one before has crashed."""

        def job(show: Show) -> None:
            show.check_steps()
            self._drivers = Drivers(self._semantics)
            self.spawned = dict(show.film.spawned) if show.film else {}
            engine = supervised(show.engine)
            if engine is not None and engine.needs_restart:
                engine.restart()
            self._take(show.engine.reset(seed=self._seed))
            self._shine(show.film.environment() if show.film else self._air)
            self._wanted.outdated()
            self._trouble = ""
            traffic, self._traffic = self._traffic, None
            if traffic is not None:
                self._bring(show, traffic, anew=True)

        self._do(job, asker)

    def change_weather(self, asked: Mapping[str, Any], asker: object = None) -> None:
        """Changes weather or hour, and tells of the new light."""

        def job(show: Show) -> None:
            if not show.edits:
                raise NotAllowed("The weather is somebody else's here. Look on, or connect as a controller.")
            change = weather_asked(self.scene.environment, asked)
            self._take(show.engine.edit([change]))
            self._shine(after(self.scene.environment, change))

        self._do(job, asker)

    def set_traffic(self, is_wanted: bool, asker: object = None) -> None:
        """Brings cars and walkers that go about by themselves, as soon as they are prepared; or takes them away."""

        def job(show: Show) -> None:
            check_traffic(show, self.scene)
            if not is_wanted:
                self._is_traffic_coming = False
                self._end_traffic(show)
            elif self._traffic is None and not self._is_traffic_coming:
                self._is_traffic_coming = True
                threading.Thread(
                    target=self._prepare_traffic, args=(asker,), name="viewer-traffic", daemon=True
                ).start()

        self._do(job, asker)

    def spawn(self, spawns: list[Spawn], asker: object = None) -> None:
        """Puts copies of the scene's assets into the world."""

        def job(show: Show) -> None:
            self._take(show.engine.edit(spawns))
            self.spawned = self.spawned | {one.name: one.asset for one in spawns}

        self._do(job, asker)

    def drive(self, agent: str, wheel: Wheel, asker: object = None, *, ends: bool = False) -> None:
        """Moves an agent as keys are held, until they are let go or nothing is heard for a moment."""

        def job(show: Show) -> None:
            show.check_drives(agent)
            self._drivers.hold(agent, wheel, ends=ends)

        self._do(job, asker)

    def ride(self, agent: str, asker: object = None) -> None:
        """Puts an agent on the nearest vehicle, or off its own."""

        def job(show: Show) -> None:
            show.check_drives(agent)
            self._drivers.let_go(agent)
            self._act(show, {agent: mount_or_dismount(self._state, agent, self._semantics)})

        self._do(job, asker)

    def want(self, watcher: object, camera: str) -> None:
        """Pictures of this camera for a watcher from now on; "" for none."""
        self._do(lambda show: self._wanted.want(watcher, camera, show.loaded.cameras), watcher)

    def _do(self, job: Callable[[Show], None], asker: object = None) -> None:
        self._jobs.put((job, asker))

    def _run(self) -> None:
        try:
            show = self._opening()
        except BaseException as error:
            self._opened.put(error)
            return
        try:
            self._show, self._state, self._pending = show, show.state, {}
            self._due = self._told = time.monotonic()
            self._paces = [(time.monotonic(), show.state.time_s)]
            self._is_waiting = self._is_paused = show.film is not None
            self.spawned = dict(show.film.spawned) if show.film else {}
            try:
                self._learn()
                if self._begins_with_traffic:
                    check_traffic(show, self.scene)
                    self._bring(show, Traffic(self.scene, seed=self._seed))
            except BaseException as error:
                self._opened.put(error)
                return
            self._due = time.monotonic()
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
        goes = not self._is_paused or show.look is not None
        due = [time.monotonic() + 0.5]
        due += [self._due] if goes and not self._trouble else []
        due += [] if self._trouble else [self._wanted.due_s(self._state.tick)]
        return min(due)

    def _turn(self, show: Show) -> None:
        """Whatever is due: a step or a look, news, a picture."""
        now = time.monotonic()
        if self._trouble:
            return
        if show.look is not None and (self._is_paused or not show.steps):
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
        if time.monotonic() >= self._wanted.due_s(self._state.tick):
            self._wanted.take(show.engine, self._state.tick, self._sky)

    def _advance(self, show: Show, ticks: int) -> None:
        actions = self._pending | self._drivers.actions(self._state)
        self._pending = {}
        while ticks > 0:
            part = ticks
            if self._traffic is not None and not self._traffic.is_whole(self._state):
                self._end_traffic(show)
                self._hear(Notice("Somebody has taken a part of the traffic away. It ends here; switch it on again."))
            if self._traffic is not None:
                actions, part = self._traffic.act(self._state) | actions, min(ticks, LOOKS_EVERY_TICKS)
            self._take(show.engine.step(actions, part))
            actions, ticks = {}, ticks - part
        if show.film is not None:
            self._shine(show.film.environment())
            self._is_paused = self._is_paused or show.has_ended(self._state)

    def _shine(self, air: Environment) -> None:
        """Tells of the light where the air has changed."""
        if air != self.scene.environment:
            self.scene = replace(self.scene, environment=air)
            self._sky += 1
            self._wanted.after_the_light()
            self._hear(Light(self.scene, self._sky))

    def _show_from(self, show: Show, tick: int) -> None:
        """Goes to a tick of a recording."""
        assert show.film is not None
        self._take(show.film.seek(tick))
        self._shine(show.film.environment())
        self._wanted.outdated()
        self._due = time.monotonic()

    def _prepare_traffic(self, asker: object) -> None:
        """On a thread of its own: makes traffic, and hands it, or what went wrong, to the engine's thread."""
        try:
            made: Traffic | BaseException = Traffic(self.scene, seed=self._seed)
        except Exception as error:  # raised again on the engine's thread, which logs and tells it
            made = error

        def job(show: Show) -> None:
            if self._is_traffic_coming:
                self._is_traffic_coming = False
                if isinstance(made, BaseException):
                    raise made
                self._bring(show, made)

        self._do(job, asker)

    def _bring(self, show: Show, traffic: Traffic, *, anew: bool = False) -> None:
        self._take(traffic.enter(show.engine, anew=anew))
        self._traffic = traffic
        self.spawned = self.spawned | dict(traffic.spawned)

    def _end_traffic(self, show: Show) -> None:
        traffic, self._traffic = self._traffic, None
        if traffic is not None:
            self._take(traffic.leave(show.engine, self._state))
            self.spawned = {name: asset for name, asset in self.spawned.items() if name not in traffic.spawned}

    def _act(self, show: Show, actions: dict[str, Action]) -> None:
        """Hands actions to the next step; a paused world takes one at once, so that refusals are heard."""
        self._pending |= actions
        self._advance(show, 1)

    def _take(self, state: WorldState) -> None:
        before, self._state = self._state, state
        if (state.epoch, state.revision) != (before.epoch, before.revision):
            self._learn()
        now = time.monotonic()
        self._paces = [pace for pace in self._paces if now - pace[0] < 1.0 and pace[1] <= state.time_s]
        self._paces.append((now, state.time_s))

    def _learn(self) -> None:
        """Hears what a world that others edit, or have reset, has become: its weather, and what came into it."""
        if self._show.changed is not None:
            edits = self._show.changed()
            self.spawned = {change.name: change.asset for change in edits.changes if isinstance(change, Spawn)}
            self._shine(after(self._air, news(self._air, edits.weather)))

    def _go(self, *, is_paused: bool) -> None:
        self._is_paused, self._is_waiting, self._due = is_paused or bool(self._trouble), False, time.monotonic()

    def _tell(self) -> None:
        self._told = time.monotonic()
        (began, first), (ended, last) = self._paces[0], self._paces[-1]
        rate = (last - first) / (ended - began) if ended > began else 0.0
        traffic = "on" if self._traffic is not None else "coming" if self._is_traffic_coming else "off"
        status = Status(
            self._state, self._is_paused, self._speed, rate, self._trouble, self._show.has_ended(self._state), traffic
        )
        self._hear(status)
