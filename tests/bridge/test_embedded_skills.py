"""What agents can do in the embedded engine, how long it takes, and what they say when they cannot."""

import numpy as np
import pytest

from bridge.engine import Action, Drive, Move, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.types import AgentState, Pose
from tests.bridge.embedded_town import SIDEWALK_M, embedded_town


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded") as engine:
        engine.load(embedded_town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def do(engine, verb: str, target: str = "", *, ticks: int = 60) -> AgentState:
    return engine.step({"courier-1": Action(Skill(verb, target))}, ticks).agents[0]


def position(state, name: str) -> np.ndarray:
    return state.poses[state.names.index(name), :3]


def move(engine, name: str, x: float, y: float, z: float = SIDEWALK_M) -> None:
    engine.edit([Move(name, Pose(np.array([x, y, z])))])


def test_a_parcel_is_taken_carried_and_put_down_elsewhere(engine):
    assert do(engine, "pick_up", "parcel-1").holding == ("parcel-1",)
    state = engine.step({"courier-1": Action(Velocity(1.4))}, 150)
    assert position(state, "parcel-1")[0] > -27.0
    assert position(state, "parcel-1")[2] > SIDEWALK_M + 0.5
    assert do(engine, "put_down").holding == ()
    state = engine.step({}, 50)
    assert position(state, "parcel-1")[2] == pytest.approx(SIDEWALK_M, abs=0.02)


def test_a_skill_takes_a_moment(engine):
    assert do(engine, "pick_up", "parcel-1", ticks=5).doing == "pick_up"
    assert do(engine, "pick_up", "parcel-1", ticks=60).holding == ("parcel-1",)


def test_a_skill_sent_again_is_the_same_skill(engine):
    for _ in range(80):
        state = do(engine, "pick_up", "parcel-1", ticks=1)
    assert state.holding == ("parcel-1",)
    assert state.failure == ""


def test_another_action_ends_a_skill(engine):
    do(engine, "pick_up", "parcel-1", ticks=5)
    state = engine.step({"courier-1": Action(Velocity(0.1))}, 60).agents[0]
    assert (state.doing, state.holding) == ("", ())


def test_waiting_lasts(engine):
    assert do(engine, "wait", ticks=500).doing == "wait"


@pytest.mark.parametrize(
    ("verb", "target", "reason"),
    [
        ("pick_up", "parcel-9", "Did you mean 'parcel-1'"),
        ("pick_up", "crate-1", "Go there first"),
        ("pick_up", "car-1", "cannot be carried"),
        ("pick_up", "bench-1", "cannot be carried"),
        ("put_down", "", "holds nothing"),
        ("ride", "car-1", "Go there first"),
        ("ride", "parcel-1", "cannot be ridden"),
        ("dismount", "", "rides nothing"),
        ("stand", "", "does not sit"),
        ("sit", "oak-1", "not for sitting"),
        ("open", "scooter-1", "does not open"),
    ],
)
def test_what_cannot_be_done_says_why(engine, verb, target, reason):
    state = do(engine, verb, target)
    assert reason in state.failure
    assert state.doing == ""


def test_what_is_too_heavy_stays(engine):
    engine.edit([Spawn("safe-1", "safe-a", Pose(np.array([-29.0, -7.9, 2.13])))])
    assert "weighs 90 kg" in do(engine, "pick_up", "safe-1").failure


def test_hands_hold_two_things(engine):
    for index in range(2):
        engine.edit([Spawn(f"parcel-{index + 2}", "parcel-a", Pose(np.array([-29.4, -7.9 - 0.6 * index, 2.13])))])
    for name in ("parcel-1", "parcel-2"):
        do(engine, "pick_up", name)
    state = do(engine, "pick_up", "parcel-3")
    assert state.holding == ("parcel-1", "parcel-2")
    assert "both hands full" in state.failure
    state = engine.step({})
    assert position(state, "parcel-2")[2] > position(state, "parcel-1")[2] + 0.1


def test_a_wall_leaves_no_room_to_put_something_down(engine):
    do(engine, "pick_up", "parcel-1")
    engine.edit([Move("courier-1", Pose(np.array([-24.0, -6.4, 2.12]), np.array([np.sqrt(0.5), 0, 0, np.sqrt(0.5)])))])
    assert "no room" in do(engine, "put_down").failure


def test_on_foot_there_is_nothing_to_drive(engine):
    state = engine.step({"courier-1": Action(Drive(1.0))}, 20)
    assert "on foot" in state.agents[0].failure
    assert position(state, "courier-1")[0] == pytest.approx(-30.0, abs=0.01)


def test_the_nearest_vehicle_is_ridden_when_none_is_named(engine):
    assert do(engine, "ride").riding == "scooter-1"
    assert "rides scooter-1 already" in do(engine, "ride", "car-1").failure


def test_who_is_ridden_is_steered_by_the_rider_alone(engine):
    do(engine, "ride", "scooter-1")
    engine.step({"scooter-1": Action(Drive(1.0))}, 50)
    state = engine.step({}, 1)
    assert position(state, "scooter-1")[0] == pytest.approx(-30.0, abs=0.05)


def test_nobody_steps_off_a_moving_scooter(engine):
    do(engine, "ride", "scooter-1")
    engine.step({"courier-1": Action(Drive(1.0))}, 100)
    state = do(engine, "dismount", ticks=55)
    assert state.riding == "" or "Stop before" in state.failure


def test_parcels_ride_along(engine):
    do(engine, "pick_up", "parcel-1")
    do(engine, "ride", "scooter-1")
    state = engine.step({"courier-1": Action(Drive(1.0))}, 150)
    assert np.linalg.norm(position(state, "parcel-1")[:2] - position(state, "scooter-1")[:2]) < 1.0


def test_sitting_down_and_getting_up(engine):
    state = do(engine, "sit", "bench-1")
    assert (state.doing, state.failure) == ("sit", "")
    assert "sits on bench-1" in engine.step({"courier-1": Action(Velocity(1.0))}, 5).agents[0].failure
    state = do(engine, "stand")
    assert (state.doing, state.failure) == ("", "")
    assert position(engine.step({}), "courier-1")[0] == pytest.approx(-30.0, abs=0.05)


def test_boats_are_boarded_from_a_pier_and_left_onto_it(engine):
    move(engine, "courier-1", 21.5, -42.0, 1.32)
    assert do(engine, "ride", "boat-1").riding == "boat-1"
    state = do(engine, "dismount")
    assert state.riding == ""
    assert position(engine.step({}), "courier-1")[2] == pytest.approx(1.3, abs=0.05)


def test_what_is_carried_is_in_nobodys_way(engine):
    """A crate held before the chest hides neither the room in front nor the ground there."""
    move(engine, "parcel-1", -40.0, -8.2)
    engine.edit([Spawn("crate-9", "crate-a", Pose(np.array([-29.0, -8.2, SIDEWALK_M])))])
    assert do(engine, "pick_up", "crate-9").holding == ("crate-9",)
    put = do(engine, "put_down")
    assert (put.holding, put.failure) == ((), "")
    assert position(engine.step({}, 50), "crate-9")[2] == pytest.approx(SIDEWALK_M, abs=0.02)
