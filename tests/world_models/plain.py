"""A plain with a car and a van on it, and an engine of it that knows no physics: the car goes as it is told, the van stands."""

import numpy as np

from bridge.engine import Drive, EngineInfo, Loaded, Velocity
from bridge.errors import EngineFailed
from bridge.scene import (
    Asset,
    Environment,
    Lights,
    NavigationGraph,
    Placements,
    Provenance,
    RoadNetwork,
    Scene,
    Terrain,
)
from bridge.types import Frame, WorldState

CAR, VAN = (4.2, 1.8, 1.5), (5.0, 1.9, 2.1)


def plain() -> Scene:
    """The car at the origin, looking east; the van 20 m before it."""
    assets = {
        name: Asset(name, name, "vehicle", (), (), size, 1200.0, True) for name, size in (("car", CAR), ("van", VAN))
    }
    placed = tuple(
        Placements(asset, (name,), np.array([[x, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]), np.ones((1, 3)))
        for name, asset, x in (("ego-1", "car", 0.0), ("van-1", "van", 20.0))
    )
    ground = np.zeros((9, 9))
    return Scene(
        name="plain", bounds=(-100.0, -100.0, 100.0, 100.0),
        terrain=Terrain((-100.0, -100.0), 25.0, ground.astype(np.float32), ground.astype(np.uint8), ("grass",)),
        waters=(), roads=RoadNetwork(np.zeros((0, 3)), ()), buildings=(), parts=(), assets=assets, placements=placed,
        materials={}, lights=Lights((), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), np.zeros(0)),
        environment=Environment(), provenance=Provenance(),
        navigation=NavigationGraph(np.zeros((0, 3)), np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
    )  # fmt: skip


class PlainEngine:
    """The car goes ahead as fast as it was told; pictures are all of the tick's value, depth 7 m, labels the van's id on the left half."""

    def __init__(self) -> None:
        self.info = EngineInfo("plain", "1", 0.02, ("rgb", "control", "edit"))
        self.steps, self.is_closed = 0, False

    def load(self, scene):
        self._names = tuple(name for group in scene.placements for name in group.names)
        self._home = np.concatenate([group.poses for group in scene.placements])
        self._ids = {row.name: row.id for row in scene.instances()}
        return Loaded(("ego-1",))

    def reset(self, *, seed):
        self._tick, self._poses, self._speed, self._revision = 0, self._home.copy(), 0.0, 0
        return self._state()

    def step(self, actions, ticks=1):
        self.steps += 1
        motion = actions["ego-1"].motion if "ego-1" in actions else None
        if isinstance(motion, Velocity):
            self._speed = motion.forward_m_s
        elif isinstance(motion, Drive):
            raise EngineFailed("The plain knows velocities only.")
        self._tick += ticks
        self._poses[0, 0] += self._speed * 0.02 * ticks
        return self._state()

    def edit(self, changes):
        for change in changes:
            self._poses[self._names.index(change.name), :3] = change.pose.position
        self._revision += bool(changes)
        return self._state()

    def observe(self, cameras, modalities):
        frames = []
        for camera in cameras:
            shape = camera.height, camera.width
            ids = np.zeros(shape, np.int32)
            ids[:, : camera.width // 2] = self._ids["van-1"]
            rgb = np.full((*shape, 3), self._tick % 256, np.uint8)
            frames.append(Frame(camera.name, self._tick, rgb, np.full(shape, 7.0, np.float32), ids))
        return tuple(frames)

    def state_hash(self):
        return hash((self._tick, self._poses.tobytes()))

    def close(self):
        self.is_closed = True

    def _state(self):
        velocities = np.zeros((2, 6))
        velocities[0, 0] = self._speed
        poses = self._poses.copy()
        poses.setflags(write=False)
        return WorldState(self._tick, self._tick * 0.02, self._names, poses, velocities, revision=self._revision)
