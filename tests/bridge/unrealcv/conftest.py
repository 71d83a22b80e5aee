"""An engine over the test server, in worlds that are small enough to follow by hand."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bridge.conformance import proving_ground
from bridge.engines import open_engine
from bridge.engines.unrealcv.engine import UnrealCvEngine
from tests.bridge.unrealcv.fake_unreal import FakeUnreal, Quirks
from tests.bridge.unrealcv.fake_world import FakeWorld


@dataclass
class Run:
    """A test server and an engine that holds the proving ground in it."""

    unreal: FakeUnreal
    engine: UnrealCvEngine

    def there(self, name: str):
        """The actor that stands for something."""
        return self.unreal.world.actors[f"gen_bp_{name}".casefold()]


@contextlib.contextmanager
def running(
    *, dialect: str = "simworld", scene=None, world=None, quirks: Quirks | None = None, **options
) -> Iterator[Run]:
    """The engine loaded and reset."""
    with FakeUnreal(world or FakeWorld(capsule_cm=90), dialect=dialect, quirks=quirks) as unreal:
        engine = open_engine("unrealcv", engine_address=unreal.address, **options)
        assert isinstance(engine, UnrealCvEngine)
        with engine:
            engine.load(scene or proving_ground())
            engine.reset(seed=0)
            yield Run(unreal, engine)


@pytest.fixture
def run():
    with running() as made:
        yield made


def level_of(scene) -> FakeWorld:
    """A level that was made of a scene: everything under its own name where the scene says."""
    world = FakeWorld()
    for group in scene.placements:
        for name, pose in zip(group.names, group.poses, strict=True):
            world.add(name, (100 * pose[0], -100 * pose[1], 100 * pose[2]))
    for part in scene.parts:
        world.add(part.name)
    for number, actor in enumerate(world.actors.values(), start=1):
        actor.color = (number % 256, number // 256, 7)
    return world
