"""A far end that shows what it is told and moves nothing by itself: one of our renderers, as Unreal is when it draws for others."""

from collections.abc import Sequence

import numpy as np

from bridge.dressed import dressed
from bridge.engine import TICK_S, Change, EngineInfo, Loaded, Paint, Resize, Spawn, Weather
from bridge.errors import Refused
from bridge.render import open_renderer
from bridge.scene import Placements, Scene
from bridge.types import WorldState
from bridge.weather import changed


class Puppet:
    """Spawns, paints and weather by edits, all else by poses."""

    def __init__(self) -> None:
        self.info = EngineInfo("puppet", "1", TICK_S, ("rgb", "depth", "segmentation", "normals", "edit"))
        self._renderer = open_renderer("auto")

    def load(self, scene: Scene) -> Loaded:
        self._begun = scene
        return Loaded(tuple(agent.name for agent in scene.agents))

    def reset(self, *, seed: int) -> WorldState:
        self._spawned: dict[str, Placements] = {}
        self._paints: dict[str, tuple[float, float, float]] = {}
        self._scales: dict[str, tuple[float, float, float]] = {}
        self._revision, self._sky = 0, self._begun.environment
        self._draw()
        return self.pose(WorldState(0, 0.0, (), np.zeros((0, 7))))

    def edit(self, changes: Sequence[Change]) -> WorldState:
        for change in changes:
            match change:
                case Spawn(name, asset, pose):
                    row = np.concatenate([pose.position, pose.quat_wxyz])[None]
                    self._spawned[name] = Placements(asset, (name,), row, np.ones((1, 3)))
                case Resize(name, scale):
                    self._scales[name] = scale
                case Paint(name, color):
                    self._paints[name] = color
                case Weather():
                    self._sky = changed(self._sky, change)
        self._revision += 1
        self._draw()
        return self.pose(WorldState(0, 0.0, (), np.zeros((0, 7))))

    def pose(self, state: WorldState) -> WorldState:
        known = {row.name for row in self._scene.instances()}
        if not known.issuperset(state.names):
            raise Refused(f"{sorted(set(state.names) - known)} are not here.")
        self._renderer.pose(state)
        return WorldState(state.tick, state.time_s, (), np.zeros((0, 7)), revision=self._revision)

    def observe(self, cameras, modalities):
        return self._renderer.observe(cameras, modalities)

    def close(self) -> None:
        self._renderer.close()

    def _draw(self) -> None:
        self._scene = dressed(self._begun, tuple(self._spawned.values()), self._paints, self._sky, self._scales)
        self._renderer.load(self._scene)
