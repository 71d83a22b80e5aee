"""People give way: at doors, on sidewalks and to what drives; and what is parked or new in town is seen by everybody."""

import numpy as np
import pytest

from bridge.control.going import GoTo
from bridge.control.timetable import Timetable
from bridge.control.town import Town
from bridge.engine import Action, Move, Spawn, Velocity
from bridge.engines import open_engine
from bridge.types import Pose
from evaluation.streets import Life, Streets
from tests.bridge.control.towns import hamlet, where
from tests.bridge.embedded_town import embedded_town


@pytest.fixture
def street():
    town = Town(embedded_town())
    with open_engine("kinematic") as engine:
        engine.load(town.scene)
        yield town, engine, engine.reset(seed=0)


def test_who_finds_somebody_at_the_door_stops_next_to_them():
    """0.6 m from the door is there; with somebody on the very spot 0.95 m is, and nobody touches anybody."""
    town = hamlet()
    first, second = (agent.name for agent in town.scene.agents)
    goal = min(b.address for b in town.scene.buildings if b.address and b.doors)
    spot = town.places.find(goal).position
    with open_engine("kinematic") as engine:
        engine.load(town.scene)
        engine.reset(seed=0)
        state = engine.edit([Move(first, Pose(spot + [0.0, 0.0, 0.03]))])
        going = GoTo(town, second, goal)
        touched = set()
        while going.status == "running" and state.time_s < 120.0:
            state = engine.step({second: going.act(state)}, 5)
            touched |= {pair for pair in state.contacts.names if first in pair}
        assert going.status == "done"
        assert np.linalg.norm(where(state, second)[:2] - spot[:2]) < 0.95
        assert touched == set()


def test_walkers_of_the_timetable_pass_who_stands_in_their_way():
    """A courier is put 3 m before each of a dozen walkers in turn: they get by, and hardly touch them."""
    life, courier = Timetable(hamlet(), seed=3, vehicles=0, pedestrians=12), hamlet().scene.agents[0].name
    touched, passed = set(), 0
    with open_engine("kinematic") as engine:
        engine.load(hamlet().scene)
        engine.reset(seed=0)
        state = engine.edit(life.spawns())
        for _ in range(40):
            state = engine.step(life.act(state), 25)
        for name in life.names:
            row = state.names.index(name)
            pace = state.velocities[row, :2]
            spot = where(state, name)[:2] + 3.0 * pace / max(np.hypot(*pace), 1e-9)
            if np.hypot(*pace) < 0.8 or hamlet().room.at(spot) < 1.5:
                continue
            height = where(state, name)[2] + 0.03
            state = engine.edit([Move(courier, Pose(np.append(spot, height)))])
            begun = where(state, name)[:2]
            for _ in range(10):
                state = engine.step(life.act(state), 25)
                touched |= {pair for pair in state.contacts.names if courier in pair and name in pair}
            passed += np.linalg.norm(where(state, name)[:2] - begun) > 3.5
    assert passed >= 3
    assert len(touched) <= 2


def test_newcomers_are_people_of_their_size_to_everybody(street):
    town, engine, state = street
    asset = next(asset for asset in town.scene.assets.values() if asset.semantic == "person")
    spawn = Spawn("courier-9", asset.name, Pose(where(state, "courier-1") + [2.0, 0.0, 0.0]), is_agent=True)
    Streets(town, Life(0, 0), seed=0, coarse=True).meet([spawn])
    state = engine.edit([spawn])
    bodies = town.census.bodies(state)
    row, known = bodies.index["courier-9"], bodies.index["courier-1"]
    assert bodies.is_person[row]
    assert bodies.half[row].tolist() == bodies.half[known].tolist()


def test_bodies_are_read_once_a_state(street):
    town, engine, state = street
    assert town.census.bodies(state) is town.census.bodies(state)
    after = engine.step({"courier-1": Action(Velocity(1.0))}, 50)
    row = town.census.bodies(after).index["courier-1"]
    np.testing.assert_array_equal(town.census.bodies(after).xy[row], where(after, "courier-1")[:2])
