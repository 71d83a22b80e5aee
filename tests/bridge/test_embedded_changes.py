"""Changes between ticks: all of a batch or nothing of it, with reserve or without, and seen by the next picture."""

import numpy as np
import pytest

from bridge.engine import Action, Hide, Move, Paint, Remove, Resize, Skill, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import InvalidChange, NameTaken, UnknownBody, UnknownName
from bridge.types import Pose
from tests.bridge.embedded_town import embedded_town

NAN = float("nan")


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded", reserve=2) as engine:
        engine.load(embedded_town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def at(x: float, y: float, z: float = 2.1, quat: tuple = (1.0, 0.0, 0.0, 0.0)) -> Pose:
    return Pose(np.array([x, y, z]), np.array(quat))


def position(state, name: str) -> np.ndarray:
    return state.poses[state.names.index(name), :3]


def test_what_is_spawned_is_there_at_once_and_last_in_order(engine):
    before = engine.step({}).names
    state = engine.edit([Spawn("new-1", "crate-a", at(0.0, 0.0))])
    assert state.names == (*before, "new-1")
    np.testing.assert_allclose(position(state, "new-1"), [0.0, 0.0, 2.1])


def test_more_than_the_reserve_can_be_spawned_while_the_rest_goes_on(engine):
    engine.step({"courier-1": Action(Velocity(1.4))}, 50)
    moving = engine.step({})
    state = engine.edit([Spawn(f"new-{i}", "crate-a", at(2.0 * i, 0.0)) for i in range(9)])
    assert sum(name.startswith("new-") for name in state.names) == 9
    index = state.names.index("courier-1")
    np.testing.assert_array_equal(state.velocities[index], moving.velocities[moving.names.index("courier-1")])
    after = engine.step({}, 50)
    assert position(after, "courier-1")[0] > position(state, "courier-1")[0] + 1.3


def test_spawned_agents_act(engine):
    state = engine.edit([Spawn("courier-2", "courier-a", at(0.0, -8.0), is_agent=True)])
    assert [agent.name for agent in state.agents] == ["courier-1", "courier-2"]
    after = engine.step({"courier-2": Action(Velocity(1.0))}, 100)
    assert position(after, "courier-2")[0] > 1.5


def test_what_is_removed_is_gone_and_its_name_is_free(engine):
    engine.edit([Remove("crate-1")])
    assert "crate-1" not in engine.step({}).names
    engine.edit([Spawn("crate-1", "crate-a", at(0.0, 0.0))])
    assert "crate-1" in engine.step({}).names


def test_walls_that_are_removed_no_longer_stop_anybody(engine):
    engine.edit([Remove("warehouse-1"), Move("courier-1", at(-24.0, -7.0, 2.12))])
    state = engine.step({"courier-1": Action(Velocity(0.0, 1.5))}, 250)
    assert position(state, "courier-1")[1] > -4.0


def test_trees_that_are_moved_stop_walkers_where_they_are_now(engine):
    engine.edit([Move("oak-1", at(-28.0, -8.2, 2.1)), Move("parcel-1", at(-40.0, 20.0))])
    state = engine.step({"courier-1": Action(Velocity(1.4))}, 250)
    assert position(state, "courier-1")[0] < -28.0


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Spawn("new-1", "crate-a", at(0.0, 0.0)), NameTaken),
        (Spawn("car-1", "crate-a", at(0.0, 0.0)), NameTaken),
        (Spawn("", "crate-a", at(0.0, 0.0)), InvalidChange),
        (Spawn("a\0b", "crate-a", at(0.0, 0.0)), InvalidChange),
        (Spawn("a/b", "crate-a", at(0.0, 0.0)), InvalidChange),
        (Spawn("n" * 1000, "crate-a", at(0.0, 0.0)), InvalidChange),
        (Spawn("new-2", "crate-z", at(0.0, 0.0)), UnknownName),
        (Spawn("new-2", "crate-a", at(NAN, 0.0)), InvalidChange),
        (Spawn("new-2", "crate-a", at(1e9, 0.0)), InvalidChange),
        (Spawn("new-2", "crate-a", at(500.0, 0.0)), InvalidChange),
        (Spawn("new-2", "crate-a", at(0.0, 0.0, quat=(0.0, 0.0, 0.0, 0.0))), InvalidChange),
        (Spawn("new-2", "crate-a", at(0.0, 0.0), is_agent=True), InvalidChange),
        (Spawn("new-2", "rowing-boat-a", at(0.0, 0.0)), InvalidChange),
        (Move("nobody", at(0.0, 0.0)), UnknownBody),
        (Move("house-1", at(0.0, 0.0)), InvalidChange),
        (Move("crate-1", at(0.0, NAN)), InvalidChange),
        (Remove("nobody"), UnknownBody),
        (Spawn("new-2", "crate-a", at(0.0, 0.0), scale=(0.0, 1.0, 1.0)), InvalidChange),
        (Resize("crate-1", (1.0, 1.0, 1000.0)), InvalidChange),
        (Resize("crate-1", (1.0, NAN, 1.0)), InvalidChange),
        (Resize("house-1", (2.0, 2.0, 2.0)), InvalidChange),
        (Hide("nobody"), UnknownBody),
        (Paint("crate-1", (2.0, 0.0, 0.0)), InvalidChange),
        (Paint("crate-1", (NAN, 0.0, 0.0)), InvalidChange),
        (Weather("hail"), InvalidChange),
        (Weather(wetness=NAN), InvalidChange),
        (Weather(visibility_m=-1.0), InvalidChange),
        ("rain", InvalidChange),
    ],
)
def test_one_bad_change_and_nothing_of_the_batch_is_made(engine, bad, error):
    before = engine.state_hash(), engine.scene
    batch = [Spawn("new-1", "crate-a", at(0.0, 0.0)), Remove("crate-2"), Weather("snow"), bad]
    with pytest.raises(error, match="Change 3"):
        engine.edit(batch)
    assert (engine.state_hash(), engine.scene) == before
    assert "crate-2" in engine.step({}).names


def test_what_is_in_use_is_not_taken_away(engine):
    engine.step({"courier-1": Action(Skill("ride", "scooter-1"))}, 60)
    with pytest.raises(InvalidChange, match="in use by 'courier-1'"):
        engine.edit([Remove("scooter-1")])
    with pytest.raises(InvalidChange, match="Move that"):
        engine.edit([Move("courier-1", at(0.0, 0.0))])


def test_who_leaves_drops_everything(engine):
    engine.step({"courier-1": Action(Skill("pick_up", "parcel-1"))}, 60)
    engine.edit([Remove("courier-1")])
    state = engine.step({}, 100)
    assert "courier-1" not in state.names
    assert position(state, "parcel-1")[2] == pytest.approx(2.12, abs=0.02)


def test_weather_changes_what_is_named_and_keeps_the_rest(engine):
    before = engine.scene.environment
    engine.edit([Weather("snow", snow_cover=0.8)])
    after = engine.scene.environment
    assert (after.weather, after.snow_cover, after.rain) == ("snow", 0.8, 0.0)
    assert (after.wetness, after.time_of_day_h) == (before.wetness, before.time_of_day_h)


def test_the_scene_now_keeps_the_ids_of_the_scene_before(engine):
    before = engine.scene.instances()
    engine.edit([Paint("oak-2", (0.1, 0.2, 0.3)), Remove("oak-1"), Spawn("new-1", "crate-a", at(0.0, 0.0))])
    after = engine.scene.instances()
    assert after[: len(before)] == before
    assert [row.name for row in after[len(before) :]] == ["new-1"]


def rests(engine, name: str) -> float:
    """The height at which a thing lies after two seconds."""
    return float(position(engine.step({}, 100), name)[2])


def test_a_larger_thing_bears_what_lies_on_it_higher(engine):
    """A parcel of 0.2 m, three times as high, bears another one 0.6 m above the ground it lies on, not 0.2 m."""
    ground = rests(engine, "parcel-1")
    engine.edit([Resize("parcel-1", (3.0, 3.0, 3.0)), Spawn("on-top", "parcel-a", at(-29.0, -8.2, ground + 0.7))])
    assert rests(engine, "on-top") == pytest.approx(ground + 0.6, abs=0.03)
    engine.reset(seed=0)
    engine.edit([Spawn("on-top", "parcel-a", at(-29.0, -8.2, ground + 0.7))])
    assert rests(engine, "on-top") == pytest.approx(ground + 0.2, abs=0.03)


def test_what_is_spawned_in_a_size_has_it_and_what_is_resized_stays_where_it_is(engine):
    engine.step({"courier-1": Action(Velocity(1.0))}, 50)
    before = position(engine.step({}), "courier-1")
    state = engine.edit(
        [Spawn("big-1", "parcel-a", at(0.0, 0.0), scale=(2.0, 2.0, 2.0)), Resize("courier-1", (1.0, 1.0, 1.2))]
    )
    np.testing.assert_allclose(position(state, "courier-1"), before, atol=1e-6)
    scales = {
        name: group.scale[row].tolist() for group in engine.scene.placements for row, name in enumerate(group.names)
    }
    assert scales["big-1"] == [2.0, 2.0, 2.0]
    assert scales["courier-1"] == [1.0, 1.0, 1.2]
    assert scales["walker-1"] == [1.0, 1.0, 1.0]


def test_what_comes_again_has_the_size_it_is_given_or_had(engine):
    def size(name: str) -> list[float]:
        return next(g.scale[g.names.index(name)].tolist() for g in engine.scene.placements if name in g.names)

    engine.edit([Resize("crate-1", (2.0, 2.0, 2.0))])
    engine.edit([Remove("crate-1")])
    engine.edit([Spawn("crate-1", "crate-a", at(0.0, 0.0))])
    assert size("crate-1") == [1.0, 1.0, 1.0]  # as the scene had it
    engine.edit([Remove("crate-1"), Spawn("crate-1", "crate-a", at(0.0, 0.0), scale=(3.0, 1.0, 1.0))])
    assert size("crate-1") == [3.0, 1.0, 1.0]


def test_who_rides_or_carries_is_not_resized(engine):
    engine.step({"courier-1": Action(Skill("pick_up", "parcel-1"))}, 60)
    with pytest.raises(InvalidChange, match="carries something"):
        engine.edit([Resize("courier-1", (2.0, 2.0, 2.0))])
    with pytest.raises(InvalidChange, match="held by 'courier-1'"):
        engine.edit([Resize("parcel-1", (2.0, 2.0, 2.0))])


def test_what_is_hidden_is_there_to_physics(engine):
    """A parcel falls on a hidden one and lies on it."""
    ground = rests(engine, "parcel-1")
    engine.edit([Hide("parcel-1"), Spawn("on-top", "parcel-a", at(-29.0, -8.2, ground + 0.7))])
    assert rests(engine, "on-top") == pytest.approx(ground + 0.2, abs=0.03)
