"""The kinematic engine keeps the contract and goes where the embedded one goes, however its steps are cut."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.conformance import conform, proving_ground
from bridge.conformance.ground import OTHER, WALKER, WALL
from bridge.engine import Action, Drive, Move, Remove, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import NotSupported
from bridge.frames import yaw_from_quat
from bridge.robots.description import read_robot
from bridge.robots.placing import bring
from bridge.types import MODALITIES, Pose
from tests.bridge.control.towns import hamlet


@pytest.fixture
def ground():
    with open_engine("kinematic") as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        yield engine


@pytest.fixture(scope="module", params=["embedded", "kinematic"])
def town(request):
    """The hamlet on both engines."""
    with open_engine(request.param) as engine:
        engine.load(hamlet().scene)
        yield engine


def at(state, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def vehicles() -> list[str]:
    """Names of what has wheels in the hamlet."""
    scene = hamlet().scene
    wheels = ("vehicle", "scooter", "bicycle")
    return [name for group in scene.placements if scene.assets[group.asset].semantic in wheels for name in group.names]


def test_it_keeps_the_contract():
    """But for pictures, which are the embedded engine's and tried there."""
    engine = open_engine("kinematic")
    blind = tuple(word for word in engine.info.capabilities if word not in MODALITIES)
    engine.info = replace(engine.info, capabilities=blind)
    verdicts = list(conform(engine))
    assert [verdict for verdict in verdicts if verdict.outcome == "broken"] == []
    assert sum(verdict.outcome == "kept" for verdict in verdicts) > 40


@pytest.mark.slow
def test_its_pictures_keep_the_contract():
    verdicts = list(conform(open_engine("kinematic", renderer="rays")))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []


def test_one_long_step_ends_where_many_short_ones_do_while_nobody_meets(ground):
    turn = {WALKER: Action(Velocity(-0.8, 0.3, 0.4)), OTHER: Action(Velocity(-1.0))}
    long = ground.step(turn, 100)
    ground.reset(seed=0)
    ground.step(turn)
    for ticks in (3, 20, 1, 75):
        short = ground.step({}, ticks)
    np.testing.assert_array_equal(short.poses, long.poses)
    np.testing.assert_array_equal(short.velocities, long.velocities)


def test_a_walk_with_a_turn_is_an_arc(ground):
    """1 m/s at 0.5 rad/s is a circle of 2 m: after half a turn one stands 4 m to the left."""
    begun = at(ground.step({OTHER: Action(Velocity(-1.0, 0.0, -0.5))}, 25), OTHER)
    after = at(ground.step({}, round(2 * np.pi / 0.02)), OTHER)
    assert np.linalg.norm(after[:2] - begun[:2]) == pytest.approx(4.0, abs=0.05)
    turned = float(yaw_from_quat(after[3:]) - yaw_from_quat(begun[3:]))
    assert abs(turned) == pytest.approx(np.pi, abs=0.02)


def test_two_who_walk_into_each_other_touch_and_do_not_pass_through(ground):
    facing = Pose(np.array([0.0, 3.0, 1.0]), np.array([np.cos(-np.pi / 4), 0.0, 0.0, np.sin(-np.pi / 4)]))
    meeting = Pose(np.array([0.0, 0.0, 1.0]), np.array([np.cos(np.pi / 4), 0.0, 0.0, np.sin(np.pi / 4)]))
    ground.edit([Move(OTHER, facing), Move(WALKER, meeting)])
    state = ground.step({OTHER: Action(Velocity(1.0)), WALKER: Action(Velocity(1.0))}, 150)
    gap = np.linalg.norm(at(state, OTHER)[:2] - at(state, WALKER)[:2])
    assert 0.38 < gap < 0.6
    assert any({OTHER, WALKER} == set(pair) for pair in state.contacts.names)
    assert at(state, OTHER)[1] > at(state, WALKER)[1]


def test_a_wall_is_slid_along(ground):
    """At 45 degrees to the wall the way along it is made, the way into it is not."""
    pose = Pose(np.array([10.0, 0.0, 1.0]), np.array([np.cos(np.pi / 8), 0.0, 0.0, np.sin(np.pi / 8)]))
    ground.edit([Move(OTHER, pose)])
    state = ground.step({OTHER: Action(Velocity(1.0))}, 250)
    assert at(state, OTHER)[0] < 11.5
    assert at(state, OTHER)[1] > 2.0
    assert {OTHER, WALL} in [set(pair) for pair in state.contacts.names]


def test_where_a_wall_was_taken_away_one_walks_on(ground):
    ground.edit([Remove(WALL)])
    state = ground.step({OTHER: Action(Velocity(1.5))}, 750)
    assert at(state, OTHER)[0] > 20.0
    ground.reset(seed=0)
    state = ground.step({OTHER: Action(Velocity(1.5))}, 750)
    assert at(state, OTHER)[0] < 11.5


def test_robots_with_joints_are_left_to_the_embedded_engine():
    scene = bring(proving_ground(), read_robot("panda"), (3.0, 3.0, 1.0, 0.0))
    with open_engine("kinematic") as engine, pytest.raises(NotSupported, match="embedded"):
        engine.load(scene)


@pytest.mark.parametrize("motion", [Velocity(4.0, 0.0, 0.3), Drive(0.6, 0.2), Drive(-0.5, 0.0)])
def test_wheels_go_about_as_far_as_by_physics(motion):
    """The same order for 2 s: both engines within 15 % of the way and 10 degrees of the heading."""
    asset = next(
        hamlet().scene.assets[group.asset] for group in hamlet().scene.placements if vehicles()[0] in group.names
    )
    scene, materials = proving_ground(), hamlet().scene.materials
    scene = replace(scene, assets={**scene.assets, asset.name: asset}, materials={**materials, **scene.materials})
    found = []
    for name in ("embedded", "kinematic"):
        with open_engine(name) as engine:
            engine.load(scene)
            engine.reset(seed=0)
            begun = engine.edit([Spawn("vehicle-9", asset.name, Pose(np.array([-20.0, -20.0, 1.0])), is_agent=True)])
            after = engine.step({"vehicle-9": Action(motion)}, 100)
            way = at(after, "vehicle-9")[:2] - at(begun, "vehicle-9")[:2]
            found.append((np.linalg.norm(way), float(yaw_from_quat(at(after, "vehicle-9")[3:]))))
    (far, yaw), (far_here, yaw_here) = found
    assert far_here == pytest.approx(far, rel=0.15)
    assert yaw_here == pytest.approx(yaw, abs=np.radians(10))


def test_riding_says_the_same_on_both_engines(town):
    """Out of reach first; then on, riding, and off again beside the vehicle."""
    town.reset(seed=0)
    vehicle = vehicles()[0]
    far = town.step({"courier-1": Action(Skill("ride", vehicle))}, 60)
    told = next(agent for agent in far.agents if agent.name == "courier-1")
    assert "Go there first" in told.failure or told.riding == vehicle
    pose = at(far, vehicle)
    side = np.array([-np.sin(yaw_from_quat(pose[3:])), np.cos(yaw_from_quat(pose[3:])), 0.0])
    town.edit([Move("courier-1", Pose(pose[:3] + 1.6 * side + [0, 0, 0.05], pose[3:].copy()))])
    on = town.step({"courier-1": Action(Skill("ride", vehicle))}, 60)
    told = next(agent for agent in on.agents if agent.name == "courier-1")
    assert (told.riding, told.failure) == (vehicle, "")
    off = town.step({"courier-1": Action(Skill("dismount"))}, 60)
    told = next(agent for agent in off.agents if agent.name == "courier-1")
    assert (told.riding, told.failure) == ("", "")
    assert 0.5 < np.linalg.norm(at(off, "courier-1")[:2] - pose[:2]) < 4.0
