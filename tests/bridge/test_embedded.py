"""The embedded engine's physics: who walks, drives, floats and falls, what touches what, and that it can be repeated."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from bridge.engine import TICK_S, Action, Drive, EndEffector, Joints, Move, Skill, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import EngineFailed, InvalidAction, UnknownBody, UnknownName
from bridge.frames import yaw_from_quat
from bridge.types import Pose, WorldState
from tests.bridge.embedded_town import COURIER_XY, SIDEWALK_M, STREET_M, embedded_town


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded", renderer="rays") as engine:
        engine.load(embedded_town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def pose(state: WorldState, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def velocity(state: WorldState, name: str) -> np.ndarray:
    return state.velocities[state.names.index(name)]


def go(forward: float = 0.0, left: float = 0.0, turn: float = 0.0) -> Action:
    return Action(Velocity(forward, left, turn))


def at(x: float, y: float, z: float = SIDEWALK_M) -> Pose:
    return Pose(np.array([x, y, z]))


def test_the_engine_is_found_by_its_name():
    assert open_engine("embedded").info.name == "embedded"
    with pytest.raises(UnknownName, match="embedded"):
        open_engine("embeded")


def test_after_a_reset_everything_is_where_the_scene_says(engine):
    state = engine.reset(seed=0)
    assert (state.tick, state.time_s) == (0, 0.0)
    scene = embedded_town()
    start = {name: row for group in scene.placements for name, row in zip(group.names, group.poses, strict=True)}
    for name in state.names:
        np.testing.assert_allclose(pose(state, name)[:3], start[name][:3], atol=1e-9)


def test_only_what_can_move_is_in_the_state(engine):
    names = set(engine.step({}).names)
    assert {"courier-1", "scooter-1", "car-1", "boat-1", "crate-1", "parcel-1"} <= names
    assert not names & {"oak-1", "lamp-1", "bench-1", "house-1"}


def test_a_tick_lasts_twenty_milliseconds(engine):
    state = engine.step({}, ticks=50)
    assert (state.tick, state.time_s) == (50, pytest.approx(50 * TICK_S))


def test_what_is_told_nothing_stays_where_it_is(engine):
    before = engine.reset(seed=0)
    after = engine.step({}, ticks=100)
    assert np.abs(after.poses[:, :3] - before.poses[:, :3]).max() < 0.02


def test_a_courier_walks_as_fast_as_told_until_told_otherwise(engine):
    engine.step({"courier-1": go(1.4)}, ticks=50)
    state = engine.step({}, ticks=100)
    assert velocity(state, "courier-1")[0] == pytest.approx(1.4, abs=0.02)
    stopped = engine.step({"courier-1": Action()}, ticks=50)
    assert np.linalg.norm(velocity(stopped, "courier-1")) < 0.01


def test_nobody_on_foot_outruns_four_metres_a_second(engine):
    state = engine.step({"courier-1": go(10.0)}, ticks=100)
    assert 3.0 < velocity(state, "courier-1")[0] <= 4.0


def test_walking_aside_and_turning(engine):
    state = engine.step({"courier-1": go(0.0, 0.5)}, ticks=50)
    assert pose(state, "courier-1")[1] > COURIER_XY[1] + 0.3
    state = engine.step({"courier-1": go(0.0, 0.0, 1.0)}, ticks=100)
    assert yaw_from_quat(pose(state, "courier-1")[3:]) == pytest.approx(2.0, abs=0.1)


def test_feet_step_down_the_curb_and_up_again(engine):
    engine.edit([Move("courier-1", at(-15.0, -8.2))])
    down = engine.step({"courier-1": go(0.0, -1.0)}, ticks=120)
    assert pose(down, "courier-1")[2] == pytest.approx(STREET_M, abs=0.03)
    up = engine.step({"courier-1": go(0.0, 1.0)}, ticks=120)
    assert pose(up, "courier-1")[2] == pytest.approx(SIDEWALK_M, abs=0.03)


def test_walls_stop_walkers(engine):
    engine.edit([Move("courier-1", at(-24.0, -7.0, 2.12))])
    state = engine.step({"courier-1": go(0.0, 1.5)}, ticks=150)
    assert pose(state, "courier-1")[1] < -6.0
    assert ("courier-1", "warehouse-1") in [tuple(sorted(pair)) for pair in state.contacts.names]


def test_people_wade_half_a_metre_deep_and_no_deeper(engine):
    """The beach falls 5 m in 16 m from y = -24 on; the sea lies at 0."""
    engine.edit([Move("courier-1", at(-40.0, -26.0, 1.4))])
    state = engine.step({"courier-1": go(0.3, -2.0)}, ticks=300)
    assert pose(state, "courier-1")[2] == pytest.approx(-0.5, abs=0.15)
    assert "deep water" in state.agents[0].failure
    state = engine.step({"courier-1": go(0.0, 2.0)}, ticks=50)
    assert pose(state, "courier-1")[1] > -31.5
    assert state.agents[0].failure == ""


def test_nobody_steps_off_a_pier_into_deep_water(engine):
    engine.edit([Move("courier-1", at(20.0, -45.0, 1.32))])
    state = engine.step({"courier-1": go(0.0, -1.5)}, ticks=400)
    assert -52.1 < pose(state, "courier-1")[1] < -51.5
    assert pose(state, "courier-1")[2] == pytest.approx(1.3, abs=0.05)


def test_who_is_in_deep_water_comes_out_again(engine):
    engine.edit([Move("courier-1", at(-40.0, -40.0, -2.9))])
    state = engine.step({"courier-1": go(0.0, 2.0)}, ticks=600)
    assert pose(state, "courier-1")[1] > -31.0


def test_the_map_has_an_edge(engine):
    engine.edit([Move("courier-1", at(62.0, 20.0, 2.0))])
    state = engine.step({"courier-1": go(4.0)}, ticks=100)
    assert pose(state, "courier-1")[0] < 64.0


def test_what_falls_lands_and_rests(engine):
    engine.edit([Spawn("drop", "crate-a", at(0.0, 0.0, 4.0))])
    falling = engine.step({}, ticks=20)
    assert pose(falling, "drop")[2] == pytest.approx(4.0 - 0.5 * 9.81 * 0.4**2, abs=0.05)
    state = engine.step({}, ticks=150)
    assert pose(state, "drop")[2] == pytest.approx(2.02, abs=0.02)
    assert np.abs(velocity(state, "drop")).max() < 1e-3


def test_a_crate_on_the_ground_presses_with_its_weight():
    with open_engine("embedded", sleeps=False) as engine:
        engine.load(embedded_town())
        engine.reset(seed=0)
        engine.edit([Spawn("drop", "crate-a", at(-40.0, 20.0, 2.05))])
        engine.step({}, ticks=50)
        contacts = engine.step({}).contacts
    force = contacts.forces[contacts.names.index(("drop", "terrain"))]
    assert force == pytest.approx(20.0 * 9.81, rel=0.1)
    assert (np.diff(contacts.forces) <= 0).all()


def test_what_rests_sleeps_and_is_no_contact_until_it_is_touched(engine):
    engine.edit([Spawn("drop", "crate-a", at(-40.0, 20.0, 2.05))])
    assert engine.step({}, ticks=100).contacts.names == ()
    engine.edit([Spawn("top", "crate-a", at(-40.0, 20.0, 2.9))])
    names = engine.step({}, ticks=8).contacts.names
    assert ("top", "drop") in names or ("drop", "top") in names


def test_a_walker_pushes_a_crate_along(engine):
    engine.edit([Spawn("box", "crate-a", at(-27.0, -8.2, 2.12)), Move("parcel-1", at(-40.0, 20.0, 2.1))])
    state = engine.step({"courier-1": go(1.4)}, ticks=250)
    assert pose(state, "box")[0] > -26.5
    assert pose(state, "courier-1")[0] < pose(state, "box")[0]


def test_a_scooter_is_ridden_and_driven(engine):
    state = engine.step({"courier-1": Action(Skill("ride", "scooter-1"))}, ticks=60)
    assert state.agents[0].riding == "scooter-1"
    state = engine.step({"courier-1": Action(Drive(1.0))}, ticks=150)
    assert pose(state, "scooter-1")[0] > -26.0
    np.testing.assert_allclose(pose(state, "courier-1")[:2], pose(state, "scooter-1")[:2], atol=0.4)
    state = engine.step({"courier-1": Action(Drive(0.0, 0.0, 1.0))}, ticks=100)
    assert np.linalg.norm(velocity(state, "scooter-1")) < 0.05
    state = engine.step({"courier-1": Action(Skill("dismount"))}, ticks=60)
    assert state.agents[0].riding == ""
    assert np.linalg.norm(pose(state, "courier-1")[:2] - pose(state, "scooter-1")[:2]) > 0.4


def test_a_car_turns_in_the_circle_of_a_bicycle_model(engine):
    """With wheel base b and front wheels at angle d the rear axle turns at v tan(d) / b."""
    for _ in range(30):
        state = engine.step({"car-1": Action(Velocity(3.0, 0.0, 0.4))}, ticks=5)
    assert velocity(state, "car-1")[5] == pytest.approx(0.4, abs=0.03)
    assert np.hypot(*velocity(state, "car-1")[:2]) == pytest.approx(3.0, abs=0.1)


def test_cars_do_not_slide_sideways_on_dry_streets(engine):
    engine.edit([Weather("clear", wetness=0.0)])
    state = engine.step({"car-1": Action(Drive(0.5, 0.5))}, ticks=100)
    yaw = yaw_from_quat(pose(state, "car-1")[3:])
    aside = velocity(state, "car-1")[:2] @ [-np.sin(yaw), np.cos(yaw)]
    assert abs(aside) < 0.2


def test_snow_makes_brakes_longer(engine):
    def braking_distance(snow: float) -> float:
        engine.reset(seed=0)
        engine.edit([Weather(wetness=0.0, snow_cover=snow), Move("car-1", at(-50.0, -12.0, STREET_M))])
        before = engine.step({"car-1": Action(Velocity(8.0))}, ticks=200)
        after = engine.step({"car-1": Action(Drive(0.0, 0.0, 1.0))}, ticks=300)
        return pose(after, "car-1")[0] - pose(before, "car-1")[0]

    assert braking_distance(1.0) > 1.8 * braking_distance(0.0)


@pytest.mark.parametrize("braked", ["car-1", "scooter-1"])
def test_rain_makes_brakes_longer_but_less_so_than_snow(engine, braked):
    """Tyres hold 0.9 g when dry, 0.65 of that when wet, 0.35 in snow: from v they need at least v² / (2 a)."""
    distances = []
    for wetness, snow in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
        engine.reset(seed=0)
        engine.edit([Weather(wetness=wetness, snow_cover=snow), Move(braked, at(-50.0, -12.0, STREET_M))])
        before = engine.step({braked: Action(Velocity(6.0))}, ticks=250)
        speed = velocity(before, braked)[0]
        after = engine.step({braked: Action(Drive(0.0, 0.0, 1.0))}, ticks=250)
        distances.append(pose(after, braked)[0] - pose(before, braked)[0])
        hold = 0.9 * 9.81 * (0.65 if wetness else 0.35 if snow else 1.0)
        assert distances[-1] > 0.95 * speed**2 / (2 * hold)
    dry, wet, snowed = distances
    assert dry <= wet < snowed
    assert snowed > 1.5 * dry


def test_feet_take_longer_to_stop_in_snow(engine):
    ways = []
    for snow in (0.0, 1.0):
        engine.reset(seed=0)
        engine.edit([Weather(wetness=0.0, snow_cover=snow)])
        before = engine.step({"courier-1": go(2.0)}, ticks=150)
        after = engine.step({"courier-1": Action()}, ticks=100)
        ways.append(pose(after, "courier-1")[0] - pose(before, "courier-1")[0])
    assert ways[1] > 2.0 * ways[0] > 0.0


def test_a_car_that_hits_a_crate_pushes_it(engine):
    engine.edit([Spawn("box", "crate-a", at(-4.0, -13.5, STREET_M))])
    state = engine.step({"car-1": Action(Drive(0.6))}, ticks=150)
    assert pose(state, "box")[0] > -3.5


def test_boats_float_and_stay_on_the_water(engine):
    state = engine.step({"boat-1": Action(Drive(1.0))}, ticks=500)
    assert pose(state, "boat-1")[2] == pytest.approx(0.0, abs=1e-6)
    assert pose(state, "boat-1")[1] > -42.0 + 1.0
    assert pose(state, "boat-1")[1] + 2.0 < -30.4 + 0.1


@pytest.mark.parametrize(
    "action",
    [
        go(float("nan")), go(float("inf")), Action(Drive(1.5)), Action(Drive(0.0, 0.0, -0.1)), Action(Skill("fly")),
        Action(Joints(np.zeros(7))), Action(EndEffector(Pose(np.zeros(3)))), Action(gripper=0.5), Action("walk"),
    ],
)  # fmt: skip
def test_an_action_that_means_nothing_is_refused_and_nothing_moves(engine, action):
    before = engine.state_hash()
    with pytest.raises(InvalidAction, match="courier-1"):
        engine.step({"walker-1": go(1.0), "courier-1": action})
    assert engine.state_hash() == before


def test_actions_for_nobody_are_refused_with_the_near_name(engine):
    with pytest.raises(UnknownBody, match="courier-1"):
        engine.step({"courier-2": go(1.0)})
    with pytest.raises(InvalidAction, match="does not move by itself"):
        engine.step({"crate-1": go(1.0)})


@pytest.mark.parametrize("ticks", [0, -1, 10**12, 1.5, True])
def test_a_step_lasts_a_whole_number_of_ticks(engine, ticks):
    with pytest.raises(InvalidAction, match="ticks"):
        engine.step({}, ticks=ticks)


def test_an_engine_says_what_it_needs_first():
    engine = open_engine("embedded")
    with pytest.raises(EngineFailed, match="load"):
        engine.reset(seed=0)
    engine.load(embedded_town())
    with pytest.raises(EngineFailed, match="reset"):
        engine.step({})
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        engine.load(embedded_town())


def test_steps_may_be_taken_singly_or_at_once(engine):
    engine.step({"courier-1": go(1.2, 0.1, 0.2)}, ticks=40)
    at_once = engine.state_hash()
    engine.reset(seed=0)
    for _ in range(40):
        engine.step({"courier-1": go(1.2, 0.1, 0.2)})
    assert engine.state_hash() == at_once


def test_a_reset_undoes_everything(engine):
    before = engine.state_hash()
    engine.edit([Spawn(f"x-{i}", "crate-a", at(0.0, 0.0, 3.0 + i)) for i in range(7)])
    engine.edit([Weather("snow", snow_cover=1.0), Move("oak-1", at(0.0, 20.0, 2.0))])
    engine.step({"courier-1": go(1.0), "car-1": Action(Drive(1.0))}, ticks=60)
    assert engine.state_hash() != before
    engine.reset(seed=0)
    assert engine.state_hash() == before


EPISODE = """
import numpy as np
from bridge.engine import *
from bridge.engines import open_engine
from tests.bridge.embedded_town import embedded_town
from bridge.types import Pose
engine = open_engine("embedded", robot="panda", robot_at=(6.0, -7.0, 2.12, 1.0))
engine.load(embedded_town())
engine.reset(seed=3)
rng = np.random.default_rng(5)
at = lambda x, y, z=2.02: Pose(np.array([float(x), float(y), z]))
walkers = [Spawn(f"w-{i}", "courier-a", at(-50 + 4 * i, -8.2, 2.12)) for i in range(14)]
cars = [Spawn(f"c-{i}", "car-a", at(-45 + 14 * i, -11)) for i in range(6)]
scooters = [Spawn(f"s-{i}", "scooter-a", at(-40 + 12 * i, -14)) for i in range(4)]
loose = [Spawn(f"x-{i}", ("crate-a", "parcel-a")[i % 2], at(-30 + 3 * i, -12, 3.0 + 0.2 * i)) for i in range(20)]
engine.edit(walkers + cars + scooters + loose)
wheels = ["car-1", *(f"c-{i}" for i in range(6)), *(f"s-{i}" for i in range(4))]
feet = ["courier-1", "walker-1", *(f"w-{i}" for i in range(14))]
assert len(wheels) + len(feet) > 20
home = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.8])
for _ in range(TICKS // 20):
    orders = {name: Action(Velocity(*rng.uniform([-1, -1, -1], [3, 1, 1]).tolist())) for name in feet}
    orders |= {name: Action(Drive(*rng.uniform([-1, -1, 0], [1, 1, 0.2]).tolist())) for name in wheels}
    orders |= {"boat-1": Action(Drive(*rng.uniform([-1, -1], 1).tolist()))}
    orders |= {"panda": Action(Joints(home + rng.uniform(-0.4, 0.4, 7)), gripper=float(rng.uniform()))}
    engine.step(orders, 20)
print(hex(engine.state_hash()))
"""


def episode_hash(ticks: int, threads: str) -> str:
    """What a process of its own makes of an episode with 27 movers, an arm and 22 loose things."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, threads)}
    program = EPISODE.replace("TICKS", str(ticks))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.strip()


def test_two_processes_agree_to_the_last_bit_whatever_their_threads():
    assert episode_hash(1000, "1") == episode_hash(1000, "2")


@pytest.mark.slow
def test_two_processes_agree_for_ten_thousand_ticks():
    assert episode_hash(10_000, "1") == episode_hash(10_000, "2")


def test_an_agent_without_a_placement_is_there_all_the_same():
    scene = embedded_town()
    ghost = replace(scene.agents[0], name="ghost-1", pose=(0.0, -8.0, 2.12, 1.0, 0.0, 0.0, 0.0))
    with open_engine("embedded") as engine:
        assert engine.load(replace(scene, agents=(*scene.agents, ghost))).agents == ("courier-1", "ghost-1")
        state = engine.reset(seed=0)
        assert "ghost-1" in state.names
        engine.step({"ghost-1": go(1.0)}, ticks=50)


def test_the_hash_does_not_tell_which_kind_of_number_was_asked_for(engine):
    def hash_after(speed) -> int:
        engine.reset(seed=0)
        engine.step({"courier-1": Action(Velocity(speed)), "scooter-1": Action(Drive(throttle=speed))})
        return engine.state_hash()

    assert hash_after(1) == hash_after(1.0) == hash_after(np.float64(1.0))
