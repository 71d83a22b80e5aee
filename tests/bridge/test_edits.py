"""What somebody edits, everybody learns: a state says that there is something new, and whoever asks is told what."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from bridge.edits import Ledger
from bridge.engine import Action, Hide, Move, Paint, Remove, Resize, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import EngineCrashed, Refused
from bridge.frames import look_at
from bridge.types import Camera, Pose
from bridge.worker import Supervision, WorkerEngine
from tests.bridge.embedded_town import STREET_M, embedded_town
from tests.bridge.serving import serving, wait
from tests.scenes import tiny_scene

HERE, THERE = Pose(np.array([1.0, 2.0, 0.0])), Pose(np.array([3.0, 4.0, 0.0]))
DOG = Spawn("dog", "dog-asset", HERE, is_agent=True)
RED = (0.5, 0.0, 0.0)


def summed(*batches) -> tuple:
    ledger = Ledger()
    for batch in batches:
        ledger.take(batch)
    return ledger.changes()


def test_what_came_and_went_is_not_told():
    assert summed([DOG], [Paint("dog", RED)], [Remove("dog")]) == ()


def test_what_was_spawned_is_told_where_it_was_put_last_in_its_last_colour():
    spawned, painted = summed([DOG, Paint("dog", (0.0, 0.0, 1.0))], [Move("dog", THERE)], [Paint("dog", RED)])
    assert (spawned.asset, spawned.is_agent, spawned.pose) == ("dog-asset", True, THERE)
    assert painted == Paint("dog", RED)


def test_what_the_scene_had_is_told_to_be_gone_and_nothing_else_of_it():
    assert summed([Move("bench", THERE), Paint("bench", RED)], [Remove("bench")]) == (Remove("bench"),)


def test_what_is_put_in_the_place_of_what_is_gone_comes_after_it():
    again = Spawn("bench", "bench-asset", HERE)
    assert summed([Remove("bench")], [again]) == (Remove("bench"), again)


def test_of_the_weather_the_last_word_on_each_matter_is_told():
    assert summed([Weather("rain", wetness=0.5)], [Weather(wetness=0.9, lamps_lit=True)]) == (
        Weather("rain", wetness=0.9, lamps_lit=True),
    )


NAMES = st.sampled_from(["a", "b"])
COLORS = st.tuples(*[st.sampled_from([0.0, 0.5])] * 3)
CHANGES = st.lists(
    st.one_of(
        st.builds(lambda name: Spawn(name, f"{name}-asset", HERE), NAMES),
        st.builds(lambda name: Move(name, THERE), NAMES),
        st.builds(Remove, NAMES),
        st.builds(Resize, NAMES, st.sampled_from([(2.0, 2.0, 2.0), (0.5, 1.0, 1.0)])),
        st.builds(Hide, NAMES, st.booleans()),
        st.builds(Paint, NAMES, COLORS),
    ),
    max_size=12,
)


def made(changes) -> tuple[dict, list]:
    """What a world that began with "a" holds after changes, how things are by name; and those that could be made."""
    world, kept = {"a": [HERE, None, None, False]}, []
    for change in changes:
        if isinstance(change, Spawn) == (change.name in world):
            continue
        kept.append(change)
        match change:
            case Spawn(name, _, pose, _, scale):
                world[name] = [pose, None, scale, False]
            case Resize(name, scale):
                world[name][2] = scale
            case Hide(name, is_hidden):
                world[name][3] = is_hidden
            case Move(name, pose):
                world[name][0] = pose
            case Paint(name, color):
                world[name][1] = color
            case Remove(name):
                del world[name]
    return world, kept


@given(CHANGES)
def test_the_sum_leads_where_the_changes_led(changes):
    world, kept = made(changes)
    again, taken = made(summed(kept))
    assert again == world
    assert len(taken) == len(summed(kept))  # none that cannot be made


def test_an_observer_learns_what_the_owner_did_also_while_the_engine_is_lent():
    def in_a_worker():
        return WorkerEngine("tests.bridge.point_mass", {})

    with (
        serving(in_a_worker) as server,
        bridge.connect(server.address) as owner,
        bridge.connect(server.address, role="observer") as eve,
    ):
        assert (eve.state().revision, eve.edits().changes) == (0, ())
        for _ in range(5):
            owner.step({"courier-1": Action(Velocity(1.0))})
        owner.edit([DOG, Move("courier-2", THERE)])
        for _ in range(5):
            assert owner.step({}).revision == 1
        seen, found = eve.state(), eve.edits()
        assert (seen.tick, seen.revision, found.revision) == (10, 1, 1)
        spawned, moved = found.changes
        assert (spawned.name, spawned.asset, spawned.is_agent, moved.name) == ("dog", "dog-asset", True, "courier-2")
        np.testing.assert_array_equal(moved.pose.position, THERE.position)


def test_who_watches_sees_the_world_again_when_it_was_edited_between_two_ticks():
    with (
        serving() as server,
        bridge.connect(server.address) as owner,
        bridge.connect(server.address, role="observer") as eve,
    ):
        watching = eve.watch(["courier-1/front"], ["rgb"])
        assert next(watching)[0][0].tick == 0
        owner.edit([Move("courier-2", THERE)])
        (seen,), dropped = next(watching)
        assert (seen.tick, dropped) == (0, 0)
        watching.close()


def test_weather_that_one_client_makes_is_told_whole_to_another():
    town = embedded_town()
    with (
        serving(lambda: open_engine("embedded", renderer="rays"), scene=False) as server,
        bridge.connect(server.address) as owner,
        bridge.connect(server.address, role="observer") as eve,
    ):
        owner.load(town)
        with pytest.raises(Refused, match="Reset it first"):
            eve.edits()
        owner.reset(seed=0)
        own = town.environment
        assert eve.edits().weather == Weather(
            own.weather, own.time_of_day_h, own.visibility_m, own.wetness, own.snow_cover, own.lamps_lit
        )
        owner.edit([Weather("snow", time_of_day_h=21.0, lamps_lit=True)])
        found = eve.edits()
        assert found.weather == Weather("snow", 21.0, own.visibility_m, own.wetness, own.snow_cover, True)
        assert found.changes == (Weather("snow", 21.0, lamps_lit=True),)


def test_a_label_picture_shows_no_id_that_an_onlooker_cannot_look_up():
    # Four crates in a row across the street, one of them taken away again, seen from 4 m: whoever looks on knows each.
    town = embedded_town()
    asset = next(name for name, asset in town.assets.items() if asset.semantic == "crate")
    spots = [Pose(np.array([-22.0 + 1.5 * k, -12.0, STREET_M + 0.6])) for k in range(4)]
    eye = look_at((-20.0, -17.0, STREET_M + 2.0), (-20.0, -12.0, STREET_M + 0.4))
    camera = Camera("above", 160, 90, 1.2, Pose(*eye))
    with (
        serving(lambda: open_engine("embedded", renderer="rays"), scene=False) as server,
        bridge.connect(server.address) as owner,
        bridge.connect(server.address, role="observer") as eve,
    ):
        owner.load(town)
        owner.reset(seed=0)
        begun = {row.id for row in eve.instances()}
        owner.edit([Spawn("brief", asset, spots[0]), Remove("brief"), Spawn("one", asset, spots[0])])
        owner.edit([Spawn("two", asset, spots[1]), Spawn("three", asset, spots[2])])
        owner.edit([Remove("two"), Spawn("four", asset, spots[3])])
        (frame,) = eve.observe([camera], ["segmentation"])
        table = {row.id: row for row in eve.edits().instances}
        seen = set(np.unique(frame.segmentation).tolist()) - begun - {0}
        assert {table[one].name for one in seen} == {"one", "three", "four"}
        assert {row.semantic for row in table.values()} == {"crate"}
        assert [row.name for row in table.values()] == ["one", "two", "three", "four"]
        owner.reset(seed=0)
        assert eve.edits().instances == ()


def test_after_a_crash_another_epoch_begins_without_the_edits():
    with (
        serving(lambda: WorkerEngine("tests.bridge.point_mass", {}, Supervision())) as server,
        bridge.connect(server.address) as owner,
        bridge.connect(server.address, role="observer") as eve,
    ):
        owner.edit([DOG])
        before = eve.edits()
        with pytest.raises(EngineCrashed):
            owner.step({"courier-1": Action(say="exit")})
        owner.reset(seed=0)
        after = eve.edits()
        assert (before.revision, after.revision, after.changes) == (1, 0, ())
        assert after.epoch > before.epoch


def test_the_asyncio_client_is_told_the_same():
    async def told(address):
        async with await bridge.connect_async(address, role="observer") as eve:
            return await asyncio.wait_for(eve.edits(), 20)

    with serving() as server, bridge.connect(server.address) as owner:
        owner.load(tiny_scene())
        owner.reset(seed=0)
        owner.edit([DOG])
        (spawned,) = wait(told(server.address)).changes
        assert (spawned.name, spawned.asset) == ("dog", "dog-asset")
