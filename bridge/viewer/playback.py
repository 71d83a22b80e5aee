"""A recording as a world that goes on by itself: whatever ticks were recorded, at the clock's pace, to the end."""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bridge.engine import Actions, Change, Loaded, Weather
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
            return Show(playback, loaded, playback.reset(seed=0), drives=False, edits=False, air=playback.environment)
        except BaseException:
            playback.close()
            raise

    return open_show


class Playback:
    """The replay engine, told nothing, with the recorded ticks that come next; at the end it stays where it is."""

    def __init__(self, path: Path, episode: int = 0) -> None:
        from bridge.engines import open_engine
        from bridge.recording import Recording

        with Recording(path) as recording:
            episodes = recording.episodes()
            if not 0 <= episode < len(episodes):
                raise NotRecorded(f"{path} has no episode {episode}; it has {len(episodes)}, counted from 0.")
            events = tuple(episodes[episode])
        self._ticks = [event.state.tick for event in events if isinstance(event, Step)]
        self._airs = [
            (event.state.tick, change)
            for event in events
            if isinstance(event, Edit)
            for change in event.changes
            if isinstance(change, Weather)
        ]
        self._engine: Any = open_engine("replay", recording=path, episode=episode)
        self.info = self._engine.info

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
        self._wanted = max(self._wanted, self._state.tick) + ticks
        known = bisect_right(self._ticks, self._wanted)
        if known and self._ticks[known - 1] > self._state.tick:
            self._state = self._engine.step({}, self._ticks[known - 1] - self._state.tick)
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
        """The frames that were recorded at this tick. Raises NotRecorded."""
        return self._engine.observe(cameras, modalities)

    def state_hash(self) -> int:
        """The hash that was recorded at this tick."""
        return self._engine.state_hash()

    def close(self) -> None:
        """Gives the recording back."""
        self._engine.close()
