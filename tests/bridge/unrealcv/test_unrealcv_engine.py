"""The engine `unrealcv` against a server with Unreal's quirks: a town is spawned or found, agents walk and are changed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bridge.conformance import proving_ground
from bridge.conformance.ground import CRATE, CRATE_ASSET, OTHER, WALKER
from bridge.engine import Action, Drive, Hide, Move, Paint, Remove, Resize, Skill, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import (
    DamagedData,
    EngineFailed,
    EngineUnavailable,
    InvalidChange,
    NameTaken,
    NotSupported,
    TooLate,
)
from bridge.frames import quat_from_yaw, yaw_from_quat
from bridge.scene import Asset
from bridge.types import Pose
from tests.bridge.control.towns import hamlet
from tests.bridge.unrealcv.conftest import level_of, running
from tests.bridge.unrealcv.fake_unreal import FakeUnreal, Quirks
from tests.bridge.unrealcv.fake_world import FakeWorld

HERE = Pose(np.array([3.0, -3.0, 1.0]))


def place(state, name):
    return state.poses[state.names.index(name), :3]


def agent(state, name):
    return next(one for one in state.agents if one.name == name)


# ---- towns


def test_a_town_is_spawned_of_simworld_s_assets_where_the_scene_says(run):
    assert run.unreal.world.actors.keys() == {"gen_bp_walker-1", "gen_bp_walker-2", "gen_bp_crate-1"}
    assert run.there(WALKER).class_name == "Base_User_Agent_C"
    assert run.there(CRATE).class_name == "BP_Box_C"
    assert run.there(OTHER).location == [0.0, -800.0, 90.0]  # 8 m north is -Y; its capsule's middle, on a map's ground
    assert run.there(CRATE).location == [90.0, 0.0, 0.0]  # our ground lies at 1 m, the map's at 0
    assert place(run.engine.reset(seed=0), CRATE) == pytest.approx([0.9, 0.0, 1.0])


def test_whatever_has_no_blueprint_is_told():
    with running() as run:
        assert any("wall (1)" in note for note in run.engine.notes)


def test_a_binary_without_some_blueprint_gets_the_rest_of_the_town():
    with running(world=FakeWorld(blueprints={"Base_User_Agent_C"})) as run:
        assert any("BP_Box_C (1)" in note for note in run.engine.notes)
        assert run.engine.reset(seed=0).names == (WALKER, OTHER)


def test_a_binary_with_no_blueprint_at_all_is_refused():
    with (
        FakeUnreal(FakeWorld(blueprints=set())) as unreal,
        open_engine("unrealcv", engine_address=unreal.address) as engine,
        pytest.raises(EngineFailed, match="none of the blueprints"),
    ):
        engine.load(proving_ground())


def test_another_town_takes_the_place_of_the_one_before(run):
    first = proving_ground()
    run.engine.load(replace(first, placements=first.placements[:1]))
    assert run.unreal.world.actors.keys() == {"gen_bp_walker-1", "gen_bp_walker-2"}


def test_a_level_that_has_the_town_is_taken_as_it_is():
    scene = proving_ground()
    with running(scene=scene, world=level_of(scene), dialect="unrealzoo") as run:
        assert not any(line.startswith("vset /objects/spawn") for line in run.unreal.heard)
        assert place(run.engine.reset(seed=0), CRATE) == pytest.approx([0.9, 0.0, 1.0])


def test_in_an_editor_things_are_found_by_their_labels():
    scene, world = proving_ground(), FakeWorld()
    for number, (actor, label) in enumerate((a, n) for n, a in level_of(scene).actors.items()):
        actor.name, actor.label = f"StaticMeshActor_{number}", label
        world.actors[actor.name.casefold()] = actor
    with running(scene=scene, world=world, dialect="unrealzoo", quirks=Quirks(is_editor=True)) as run:
        assert place(run.engine.step({WALKER: Action(Velocity(1.0))}, 5), WALKER)[0] > 0.05
        assert any(line.startswith("vbp StaticMeshActor_0 set_move") for line in run.unreal.heard)


def test_a_level_that_keeps_props_as_instances_is_still_the_town():
    scene = hamlet().scene
    world = level_of(scene)
    loose = {name for group in scene.placements if scene.assets[group.asset].is_movable for name in group.names}
    people = {agent.name for agent in scene.agents}
    about = ("person", "vehicle", "scooter", "bicycle", "boat", "animal", "robot")
    loose |= {n for g in scene.placements if scene.assets[g.asset].semantic in about for n in g.names}
    world.actors = {key: one for key, one in world.actors.items() if one.name in loose | people}
    with running(scene=scene, world=world, dialect="unrealzoo") as run:
        assert any("under no name of theirs" in note for note in run.engine.notes)


def test_a_level_whose_things_stand_elsewhere_is_another_town():
    scene = hamlet().scene
    world = level_of(scene)
    for actor in world.actors.values():
        actor.location[0] += 5000
    with (
        FakeUnreal(world, dialect="unrealzoo") as unreal,
        open_engine("unrealcv", engine_address=unreal.address) as engine,
        pytest.raises(NotSupported),
    ):
        engine.load(scene)


def test_on_a_flat_map_heights_are_told_above_the_ground():
    scene = hamlet().scene
    with running(scene=scene, world=FakeWorld(capsule_cm=90)) as run:
        who = scene.agents[0]
        at = np.array(who.pose[:3])
        above = at[2] - float(scene.terrain.height_at(at[:2]))
        assert run.there(who.name).location[2] == pytest.approx(100 * above + 90, abs=0.02)  # bounds come as %.2f
        assert place(run.engine.reset(seed=0), who.name) == pytest.approx(at, abs=2e-4)
        assert any("flat" in note for note in run.engine.notes)


# ---- agents


@pytest.mark.parametrize("dialect", ["simworld", "unrealzoo"])
def test_an_agent_walks_as_it_is_told_in_the_words_of_each_binary(dialect):
    scene = proving_ground()
    world = level_of(scene) if dialect == "unrealzoo" else None
    with running(scene=scene, world=world, dialect=dialect, clock="auto") as run:
        before = run.engine.reset(seed=0)
        after = run.engine.step({WALKER: Action(Velocity(1.0))}, 50)
        moved = place(after, WALKER) - place(before, WALKER)
        exactly = {"abs": 1e-3} if dialect == "simworld" else {"rel": 1.0}  # by the wall clock a step may last longer
        assert moved[0] == pytest.approx(1.0, **exactly)
        assert abs(moved[1]) < 1e-3
        assert np.linalg.norm(place(after, OTHER) - place(before, OTHER)) < 1e-6


def test_ticks_are_exact_where_the_server_ticks(run):
    for ticks in (1, 7, 3):
        run.engine.step({WALKER: Action(Velocity(2.0))}, ticks)
    state = run.engine.step({}, 5)
    assert (state.tick, state.time_s) == (16, pytest.approx(0.32))
    assert place(state, WALKER)[0] == pytest.approx(0.64, abs=1e-3)
    assert run.engine.lag_s == 0.0
    assert state.velocities is not None
    assert state.velocities[0, 0] == pytest.approx(2.0, abs=1e-2)


def test_turning_left_is_counter_clockwise(run):
    state = run.engine.step({WALKER: Action(Velocity(yaw_rate_rad_s=1.0))}, 25)
    assert float(yaw_from_quat(state.poses[0, 3:])) == pytest.approx(0.5, abs=1e-3)
    assert state.velocities[0, 5] == pytest.approx(1.0, abs=1e-2)


def test_by_the_wall_clock_the_state_says_how_long_the_game_has_really_run():
    scene = proving_ground()
    with running(scene=scene, world=level_of(scene), dialect="unrealzoo") as run:
        state = run.engine.step({}, 5)
        assert state.tick == 5
        assert state.time_s >= 0.1
        assert run.engine.lag_s == pytest.approx(state.time_s - 0.1)
        assert run.unreal.world.is_paused


def test_a_car_is_driven_by_its_pedals():
    scene = proving_ground()
    car = Asset(
        "car", "car", "vehicle", scene.assets["crate"].lods, scene.assets["crate"].colliders, (4, 2, 1.5), 900.0
    )
    crates = replace(scene.placements[1], asset="car")
    scene = replace(scene, assets={**scene.assets, "car": car}, placements=(scene.placements[0], crates))
    with running(scene=scene, world=level_of(scene), dialect="simworld") as run:
        state = run.engine.step({CRATE: Action(Drive(throttle=0.5, steer=0.2))}, 50)
        assert "vbp crate-1 SetState 0.5 0.0 -0.2" in run.unreal.heard
        assert place(state, CRATE)[0] > 5.0
        assert float(yaw_from_quat(state.poses[state.names.index(CRATE), 3:])) > 0.1


def test_what_is_held_is_what_was_picked_up_and_answered(run):
    state = run.engine.step({WALKER: Action(Skill("pick_up", CRATE))})
    assert agent(state, WALKER).holding == (CRATE,)
    state = run.engine.step({WALKER: Action(Skill("put_down"))})
    assert agent(state, WALKER).holding == ()
    state = run.engine.step({OTHER: Action(Skill("pick_up", "no-such-thing"))})
    assert "no-such-thing" in agent(state, OTHER).failure


@pytest.fixture
def ridden():
    """A courier beside a scooter, which SimWorld's binary makes the only actor of the two while it is ridden."""
    scene = proving_ground()
    crate = scene.assets["crate"]
    scooter = replace(crate, name="scooter", kind="scooter", semantic="scooter", size=(1.8, 0.6, 1.1))
    parked = replace(scene.placements[1], asset="scooter")
    scene = replace(scene, assets={**scene.assets, "scooter": scooter}, placements=(scene.placements[0], parked))
    with running(scene=scene) as run:
        run.engine.step({WALKER: Action(Skill("ride", CRATE))})
        yield run


def test_who_rides_is_where_the_scooter_is(ridden):
    state = ridden.engine.step({WALKER: Action(Drive(throttle=0.5))}, 20)
    assert agent(state, WALKER).riding == CRATE
    assert place(state, CRATE)[0] > 2.0
    np.testing.assert_array_equal(place(state, WALKER), place(state, CRATE))


def test_who_gets_off_takes_up_its_name_again(ridden):
    ridden.engine.step({WALKER: Action(Drive(throttle=0.5))}, 20)
    state = ridden.engine.step({WALKER: Action(Skill("dismount"))})
    assert agent(state, WALKER).riding == ""
    assert "gen_bp_walker-1" in ridden.unreal.world.actors
    before = place(state, WALKER)
    state = ridden.engine.step({WALKER: Action(Velocity(1.0))}, 10)
    assert np.linalg.norm(place(state, WALKER) - before) == pytest.approx(0.2, abs=1e-3)


def test_a_reset_makes_riders_get_off(ridden):
    ridden.engine.step({WALKER: Action(Drive(throttle=0.5))}, 20)
    state = ridden.engine.reset(seed=0)
    assert agent(state, WALKER).riding == ""
    assert place(state, WALKER) == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)


def test_there_is_no_word_for_some_skills(run):
    state = run.engine.step({WALKER: Action(Skill("open", "door-1"))})
    assert "no word for 'open'" in agent(state, WALKER).failure


def test_whom_an_agent_ran_into_is_told_where_its_blueprint_counts(run):
    assert run.engine.step({}).contacts.names == ()
    run.there(WALKER).collisions = 1
    state = run.engine.step({})
    assert state.contacts.names == ((WALKER, CRATE),)  # the only object within reach
    np.testing.assert_allclose(state.contacts.positions, [place(state, WALKER)])
    assert run.engine.step({}).contacts.names == ()


def test_counters_that_start_over_when_they_are_asked_are_understood(run):
    told = []
    for count in (1, 0, 1, 1, 0):
        run.there(WALKER).collisions = count
        told.append(len(run.engine.step({}).contacts.names))
    assert told == [1, 0, 1, 1, 0]


def test_agents_whose_blueprints_do_not_count_touch_nothing_that_is_known():
    with running(quirks=Quirks(refuses=("vbp GEN_BP_walker-1 GetCollisionNum", "vbp GEN_BP_walker-2 GetC"))) as run:
        assert run.engine.step({}).contacts is None


# ---- changes


def test_a_batch_spawns_moves_hides_and_removes(run):
    state = run.engine.edit([Spawn("crate-new", CRATE_ASSET, HERE, scale=(2.0, 1.0, 1.0)), Remove(CRATE), Hide(OTHER)])
    assert run.there("crate-new").location == pytest.approx([300.0, 300.0, 0.0])
    assert run.there("crate-new").scale == [2.0, 1.0, 1.0]
    assert run.there(OTHER).is_hidden
    assert CRATE not in state.names
    assert place(state, "crate-new") == pytest.approx([3.0, -3.0, 1.0])
    run.engine.edit([Move("crate-new", Pose(np.array([1.0, 2.0, 1.0]), quat_from_yaw(math.pi / 2)))])
    assert run.there("crate-new").rotation == pytest.approx([0.0, -90.0, 0.0])
    run.engine.edit([Resize("crate-new", (1.0, 3.0, 1.0))])
    assert run.there("crate-new").scale == [1.0, 3.0, 1.0]


def test_a_reset_brings_everything_back(run):
    first = run.engine.state_hash()
    run.engine.edit([Spawn("crate-new", CRATE_ASSET, HERE), Remove(CRATE), Move(OTHER, HERE)])
    run.engine.step({WALKER: Action(Velocity(1.0))}, 10)
    state = run.engine.reset(seed=0)
    assert state.names == (WALKER, OTHER, CRATE)
    assert "gen_bp_crate-new" not in run.unreal.world.actors
    assert run.engine.state_hash() == first


def test_what_fails_in_the_midst_of_a_batch_is_taken_back():
    with running(quirks=Quirks(refuses=("vset /objects/spawn_bp_asset /Game/CityDatabase/blueprints/BP_Cart",))) as run:
        run.engine._blueprints["crate"] = "/Game/CityDatabase/blueprints/BP_Cart.BP_Cart_C"
        batch = [Move(OTHER, HERE), Hide(CRATE), Spawn("crate-new", CRATE_ASSET, HERE)]
        with pytest.raises(InvalidChange, match=r"Change 2 \(Spawn\): Unreal refused .* it will not"):
            run.engine.edit(batch)
        assert run.there(OTHER).location == [0.0, -800.0, 90.0]
        assert not run.there(CRATE).is_hidden


def test_a_batch_is_checked_whole_before_its_first_command(run):
    said = len(run.unreal.heard)
    with pytest.raises(NameTaken):
        run.engine.edit([Move(OTHER, HERE), Spawn(CRATE.upper(), CRATE_ASSET, HERE)])
    with pytest.raises(NotSupported, match="cannot paint"):
        run.engine.edit([Paint(CRATE, (1.0, 0.0, 0.0))])
    assert len(run.unreal.heard) == said


def test_weather_is_the_weather_blueprint_s():
    world = FakeWorld()
    world.add("BP_Weather_C_1")
    with running(world=world) as run:
        run.engine.edit([Weather(weather="fog", visibility_m=200.0, time_of_day_h=12.0)])
        assert world.weather["fog"][0] == pytest.approx(10.0)
        assert -90 < world.weather["sun"][0] < -20  # the sun shines downwards at noon


def test_without_a_weather_blueprint_weather_is_refused(run):
    with pytest.raises(NotSupported, match="no weather blueprint"):
        run.engine.edit([Weather(weather="fog")])


def test_a_game_that_was_paused_for_the_engine_goes_on_when_it_is_closed(run):
    assert run.unreal.world.is_paused
    run.engine.close()
    assert not run.unreal.world.is_paused


# ---- faults


def test_fault_35_unreal_is_not_up():
    with FakeUnreal() as unreal:
        address = unreal.address
    with pytest.raises(EngineUnavailable, match="Start an Unreal binary"):
        open_engine("unrealcv", engine_address=address)


@pytest.mark.parametrize(
    ("then", "error"), [("close", EngineUnavailable), ("half", DamagedData), ("huge", DamagedData), ("hang", TooLate)]
)
def test_fault_36_after_a_broken_link_a_reset_connects_again(then, error):
    with running(timeout_s=1.0) as run:
        run.unreal.quirks.after, run.unreal.quirks.then = 0, then
        with pytest.raises(error):
            run.engine.step({})
        with pytest.raises(EngineFailed, match="reset it"):
            run.engine.step({})
        assert run.unreal.uds_ready.wait(30)
        assert run.engine.reset(seed=0).tick == 0
        assert run.engine.step({}).tick == 1


def test_plain_unrealcv_cannot_move_agents_and_says_so():
    scene = proving_ground()
    with running(scene=scene, world=level_of(scene), dialect="unrealcv") as run:
        assert "control" not in run.engine.info.capabilities
        with pytest.raises(NotSupported, match="no functions to move agents"):
            run.engine.step({WALKER: Action(Velocity(1.0))})


def test_old_servers_that_list_no_commands_are_understood_by_their_help():
    with running(quirks=Quirks(is_old=True)) as run:
        assert "simworld" in run.engine.info.version
        assert run.engine.step({}, 2).tick == 2


def test_a_clock_that_ticks_is_not_promised_where_the_server_does_not():
    with FakeUnreal(dialect="unrealzoo") as unreal, pytest.raises(NotSupported, match="does not tick"):
        open_engine("unrealcv", engine_address=unreal.address, clock="tick")
