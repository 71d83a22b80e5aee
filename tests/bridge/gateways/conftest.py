"""One embedded engine for all tests of the gateway's commands; the world is reset for each."""

from collections.abc import Iterator

import pytest

from bridge.engine import Loaded
from bridge.engines import open_engine
from bridge.gateways.unrealcv.all_commands import all_commands
from bridge.gateways.unrealcv.kit import furnished
from bridge.gateways.unrealcv.stage import Stage
from bridge.scene import Scene
from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.unrealcv_town import Client


@pytest.fixture(scope="session")
def town_engine() -> Iterator[tuple]:
    scene = furnished(embedded_town())
    with open_engine("embedded") as engine:
        loaded: Loaded = engine.load(scene)
        yield engine, scene, loaded


@pytest.fixture
def ask(town_engine: tuple) -> Client:
    """A client of the town as it is at the start."""
    engine, scene, loaded = town_engine
    assert isinstance(scene, Scene)
    stage = Stage(engine)
    stage.begin(scene, loaded, engine.reset(seed=0))
    return Client(stage, all_commands())
