"""The embedded engine in a town as it is generated: couriers walk, ride and drive, cars find the bridges."""

import numpy as np
import pytest

from bridge.engine import Action, Drive, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.engines.embedded.roster import role_of
from bridge.scene import Scene
from bridge.types import Pose
from scene_gen import generate


@pytest.fixture(scope="module")
def town() -> Scene:
    return generate("a small harbor town with 2 scooter couriers and a bridge", seed=0, size_m=320)


@pytest.fixture(scope="module")
def loaded(town):
    with open_engine("embedded") as engine:
        engine.load(town)
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def pose(state, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def test_its_couriers_are_its_agents(town, loaded):
    assert {agent.name for agent in loaded.reset(seed=0).agents} == {agent.name for agent in town.agents}
    assert len(town.agents) == 2


def test_nothing_moves_until_somebody_does(town, engine):
    before = engine.reset(seed=0)
    after = engine.step({}, 50)
    moved = np.abs(after.poses[:, :3] - before.poses[:, :3]).max(axis=1)
    assert moved.max() < 0.06


def test_every_courier_finds_a_scooter_beside_and_drives_off(town, engine):
    names = [agent.name for agent in town.agents]
    state = engine.step({name: Action(Skill("ride")) for name in names}, 60)
    assert all(agent.riding.startswith("scooter") for agent in state.agents), state.agents
    start = {name: pose(state, name)[:2] for name in names}
    state = engine.step({name: Action(Drive(0.6)) for name in names}, 100)
    assert all(np.linalg.norm(pose(state, name)[:2] - start[name]) > 1.0 for name in names)


def test_a_bridge_carries_walkers_and_cars(town, engine):
    bridges = [street for street in town.roads.streets if street.kind == "bridge"]
    if not bridges:
        pytest.skip("this town has no bridge for cars")
    line = bridges[0].centreline
    middle, ahead = line[len(line) // 2], line[len(line) // 2 + 1] - line[len(line) // 2 - 1]
    yaw = np.arctan2(ahead[1], ahead[0])
    turn = np.array([np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)])
    car = next(asset.name for asset in town.assets.values() if role_of(asset) == "wheels" and asset.kind == "car")
    person = next(asset.name for asset in town.assets.values() if asset.semantic == "person")
    aside = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    engine.edit([
        Spawn("car-x", car, Pose(middle - 1.5 * aside + [0, 0, 0.1], turn), is_agent=True),
        Spawn("walker-x", person, Pose(middle + 1.0 * aside + [0, 0, 0.1], turn), is_agent=True),
    ])  # fmt: skip
    state = engine.step({"car-x": Action(Velocity(1.5)), "walker-x": Action(Velocity(1.0))}, 60)
    for name in ("car-x", "walker-x"):
        assert abs(pose(state, name)[2] - middle[2]) < 0.5, pose(state, name)
        assert np.linalg.norm(pose(state, name)[:2] - middle[:2]) > 0.8
