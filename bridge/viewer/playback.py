"""A recording as a world that goes on by itself: whatever ticks were recorded, at the clock's pace, to the end."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.engine import Actions, Change, Loaded, Spawn, Weather
from bridge.episode import Edit, Step
from bridge.errors import NotRecorded
from bridge.scene import Environment, Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.viewer.light import after
from bridge.viewer.show import Opening, Show


def recorded_scene(path: Path) -> Scene:
    """The town in a recording. Raises NotRecorded where it holds none, InvalidInput, DamagedData."""
    from bridge.recording import Recording

    with Recording(path) as recording:
        return recording.scene()


def recorded_world(path: Path, scene: Scene, *, episode: int = 0) -> Opening:
    """One episode of a recording, to look at."""

    def open_show() -> Show:
        playback = Playback(path, episode)
        try:
            loaded = playback.load(scene)
            return Show(playback, loaded, playback.reset(seed=0), drives=False, edits=False, film=playback)
        except BaseException:
            playback.close()
            raise

    return open_show


class Playback:
    """The replay engine, told nothing, with the recorded ticks that come next; at the end it stays where it is."""

    def __init__(self, path: Path, episode: int = 0) -> None:
        from bridge.engines import open_engine
        from bridge.recording import Recording

        self._recording = Recording(path)
        try:
            episodes = self._recording.episodes()
            if not 0 <= episode < len(episodes):
                raise NotRecorded(f"{path} has no episode {episode}; it has {len(episodes)}, counted from 0.")
            self._engine: Any = open_engine("replay", recording=path, episode=episode)
        except BaseException:
            self._recording.close()
            raise
        events = tuple(episodes[episode])
        changes = [(event.state.tick, one) for event in events if isinstance(event, Edit) for one in event.changes]
        self._first_tick = events[0].state.tick
        self._ticks = [event.state.tick for event in events if isinstance(event, Step)]
        self._airs = [(tick, one) for tick, one in changes if isinstance(one, Weather)]
        self._spawned = {one.name: one.asset for _, one in changes if isinstance(one, Spawn)}
        self._pictured = self._pictures(episodes[episode].first, [event.state.tick for event in events])
        self.info = self._engine.info

    def _pictures(self, first: int, ticks: Sequence[int]) -> dict[str, list[tuple[int, int]]]:
        """When each camera's colours were recorded: ticks with the numbers of their events."""
        found: dict[str, list[tuple[int, int]]] = {}
        for number, tick in enumerate(ticks, first):
            for camera, kinds in self._recording.frame_kinds(number).items():
                if "rgb" in kinds:
                    found.setdefault(camera, []).append((tick, number))
        return found

    @property
    def span(self) -> tuple[int, int]:
        """The first tick and the last one."""
        return self._first_tick, max(self._ticks, default=self._first_tick)

    @property
    def spawned(self) -> Mapping[str, str]:
        """The assets of what came into the world meanwhile, by name."""
        return self._spawned

    def load(self, scene: Scene) -> Loaded:
        """Takes the scene that was recorded."""
        self._scene = scene
        return self._engine.load(scene)

    def reset(self, *, seed: int) -> WorldState:
        """The beginning of the episode, whatever the seed."""
        self._state: WorldState = self._engine.reset(seed=seed)
        self._wanted = self._state.tick
        return self._state

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """The last recorded state up to so many ticks later; what is told to agents has no effect."""
        del actions
        if not self._ticks or self._state.tick >= self._ticks[-1]:
            return self._state
        return self.seek(max(self._wanted, self._state.tick) + ticks)

    def seek(self, tick: int) -> WorldState:
        """The last recorded state up to that tick, forwards or back."""
        if tick < self._state.tick:
            self._state = self._engine.reset(seed=0)
        known = bisect_right(self._ticks, tick)
        if known and self._ticks[known - 1] > self._state.tick:
            self._state = self._engine.step({}, self._ticks[known - 1] - self._state.tick)
        self._wanted = max(tick, self._state.tick)
        return self._state

    def environment(self) -> Environment:
        """The air at this moment of the recording."""
        environment = self._scene.environment
        for tick, change in self._airs:
            environment = after(environment, change) if tick <= self._state.tick else environment
        return environment

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """Refused: what was, was."""
        return self._engine.edit(changes)

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """The last frames up to now: recordings hold pictures of some ticks only. Raises NotRecorded before the first."""
        found = []
        for camera in cameras:
            name = camera if isinstance(camera, str) else camera.name
            taken = self._pictured.get(name, [])
            known = bisect_right(taken, self._state.tick, key=lambda entry: entry[0])
            if not known:
                raise NotRecorded(f"No picture of '{name}' was recorded up to tick {self._state.tick}.")
            found.append(self._recording.frame(taken[known - 1][1], name, modalities))
        return tuple(found)

    def state_hash(self) -> int:
        """The hash that was recorded at this tick."""
        return self._engine.state_hash()

    def close(self) -> None:
        """Gives the recording back."""
        self._engine.close()
        self._recording.close()
