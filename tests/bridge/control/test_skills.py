"""Going to addresses, following and boarding, on the embedded engine; and why they fail."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.control.company import Board, Follow
from bridge.control.going import GoTo
from bridge.control.town import Town
from bridge.engine import Move
from bridge.engines import open_engine
from bridge.errors import UnknownBody
from bridge.types import Pose
from tests.bridge.control.towns import hamlet, loaded_engine, where
from tests.bridge.embedded_town import embedded_town


@pytest.fixture(scope="module")
def world():
    with loaded_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def street():
    town = Town(embedded_town())
    with open_engine("embedded") as engine:
        engine.load(town.scene)
        yield town, engine


def acted(engine, state, controllers, *, most_s: float = 150.0):
    """The state when all controllers are over, or time is."""
    end_s = state.time_s + most_s
    while state.time_s < end_s and any(one.status == "running" for one in controllers):
        state = engine.step({one.agent: one.act(state) for one in controllers}, 10)
    return state


def test_couriers_reach_addresses(world):
    town, state = hamlet(), world.reset(seed=0)
    names = [agent.name for agent in town.scene.agents]
    goals = sorted(b.address for b in town.scene.buildings if b.address and b.doors)[: len(names)]
    going = [GoTo(town, name, goal) for name, goal in zip(names, goals, strict=True)]
    state = acted(world, state, going)
    for one, goal in zip(going, goals, strict=True):
        assert (one.status, one.failure) == ("done", "")
        assert np.linalg.norm(where(state, one.agent)[:2] - town.places.find(goal).position[:2]) < 0.7


def test_an_unknown_address_fails_with_the_nearest(street):
    town, engine = street
    going = GoTo(town, "courier-1", "15 Quay Street")
    going.act(engine.reset(seed=0))
    assert going.status == "failed"
    assert going.failure.startswith("no way there: No place named '15 Quay Street'. Did you mean '14 Quay Street'")


def test_a_point_in_the_sea_is_too_far_from_any_way(street):
    town, engine = street
    going = GoTo(town, "courier-1", (-50.0, -60.0))
    going.act(engine.reset(seed=0))
    assert "no way there: (-50.0, -60.0) lies" in going.failure


def test_who_is_not_there_cannot_go(street):
    town, engine = street
    with pytest.raises(UnknownBody, match="courier-1"):
        GoTo(town, "courier-7", "14 Quay Street").act(engine.reset(seed=0))


def test_who_gets_nowhere_for_10_s_says_what_is_in_the_way(street):
    # Time passes while nothing moves: 9.9 s are no failure yet, 10.1 s are one.
    town, engine = street
    engine.reset(seed=0)
    x, y, _ = town.places.find("14 Quay Street").position
    beside = [Move("courier-1", Pose(np.array([x, y, 2.13]))), Move("scooter-1", Pose(np.array([x + 0.9, y, 2.14])))]
    state = engine.edit(beside)
    going = GoTo(town, "courier-1", (x + 25.0, y))
    going.act(state)
    going.act(replace(state, time_s=state.time_s + 9.9))
    assert going.status == "running"
    going.act(replace(state, time_s=state.time_s + 10.1))
    assert (going.status, going.failure) == ("failed", "blocked for 10 s by scooter-1")


def test_boarding_ends_in_the_saddle(street):
    town, engine = street
    state = engine.reset(seed=0)
    boarding = Board(town, "courier-1", "scooter-1")
    state = acted(engine, state, [boarding], most_s=30.0)
    assert (boarding.status, boarding.failure) == ("done", "")
    assert next(agent for agent in state.agents if agent.name == "courier-1").riding == "scooter-1"


def test_what_cannot_be_ridden_is_not_boarded(street):
    town, engine = street
    boarding = Board(town, "courier-1", "parcel-1")
    acted(engine, engine.reset(seed=0), [boarding], most_s=30.0)
    assert boarding.status == "failed"
    assert "cannot be ridden" in boarding.failure


def test_a_follower_stays_close(world):
    town, state = hamlet(), world.reset(seed=0)
    leader, follower = (agent.name for agent in town.scene.agents)
    addresses = [b.address for b in town.scene.buildings if b.address and b.doors]
    away = {a: np.linalg.norm(town.places.find(a).position[:2] - where(state, leader)[:2]) for a in addresses}
    goal = min((address for address in away if away[address] > 20.0), key=lambda address: away[address])
    leads, follows = GoTo(town, leader, goal, speed_m_s=1.1), Follow(town, follower, leader)
    state = acted(world, state, [leads], most_s=1.0)
    for _ in range(900):
        state = world.step({leader: leads.act(state), follower: follows.act(state)}, 10)
        if leads.status != "running" and np.linalg.norm(where(state, leader) - where(state, follower)) < 2.6:
            break
    assert leads.status == "done"
    assert follows.status == "running"
    assert np.linalg.norm(where(state, leader)[:2] - where(state, follower)[:2]) < 2.6
