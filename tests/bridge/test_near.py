"""The embedded engine in near detail: physics for whom something is near, courses for the others, and nobody sees a seam."""

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from bridge.conformance import conform, proving_ground
from bridge.conformance.ground import CRATE, OTHER, WALKER, WALL
from bridge.engine import TICK_S, Action, Drive, Move, Remove, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw
from bridge.robots.description import read_robot
from bridge.robots.placing import bring
from bridge.types import MODALITIES, Pose
from tests.bridge.control.towns import hamlet


@pytest.fixture
def ground():
    with open_engine("embedded", detail="near") as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        yield engine


@pytest.fixture
def full():
    with open_engine("embedded") as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        yield engine


def at(state, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def velocity(state, name: str) -> np.ndarray:
    return state.velocities[state.names.index(name)]


def pose(x: float, y: float, heading: float = 0.0) -> Pose:
    """On the proving ground, facing `heading` [rad]."""
    return Pose(np.array([x, y, 1.0]), quat_from_yaw(heading))


def by_physics(engine) -> set[str]:
    """Whom physics moves."""
    return set(engine._world.handed)


def clear(engine) -> None:
    """The crate far away from everybody, and everybody on the ground."""
    engine.edit([Move(CRATE, pose(-25.0, -25.0))])
    engine.step({}, 50)


FACING = [Move(OTHER, pose(0.0, 4.0, -np.pi / 2)), Move(WALKER, pose(0.1, 0.0, np.pi / 2))]
"""Two who walk into each other, a little off the middle, if both go ahead."""
AHEAD = {OTHER: Action(Velocity(1.0)), WALKER: Action(Velocity(1.0))}


def test_it_keeps_the_contract():
    """But for pictures, which are tried in full detail."""
    engine = open_engine("embedded", detail="near")
    blind = tuple(word for word in engine.info.capabilities if word not in MODALITIES)
    engine.info = replace(engine.info, capabilities=blind)
    verdicts = list(conform(engine))
    assert [verdict for verdict in verdicts if verdict.outcome == "broken"] == []
    assert sum(verdict.outcome == "kept" for verdict in verdicts) > 40


@pytest.mark.slow
def test_its_pictures_keep_the_contract():
    verdicts = list(conform(open_engine("embedded", detail="near", renderer="rays")))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []


def test_it_says_which_it_is():
    with open_engine("embedded", detail="near") as near, open_engine("embedded") as full:
        assert near.info.version == f"{full.info.version} in near detail"
        assert set(near.info.capabilities) - set(full.info.capabilities) == {"leaps"}
        assert near.options == {"detail": "near"}


@pytest.mark.parametrize("options", [{"detail": "far"}, {"detail": "near", "sleeps": False}])
def test_a_detail_that_cannot_be_had_is_refused(options):
    with pytest.raises(InvalidInput, match="Detail is full, or near with sleeps on"):
        open_engine("embedded", **options)


def test_who_is_alone_keeps_to_a_course(ground):
    clear(ground)
    ground.step({OTHER: Action(Velocity(1.0))}, 200)
    assert by_physics(ground) == set()


@pytest.mark.parametrize("cut", [(1,), (3, 20, 1), (7,)])
@pytest.mark.parametrize("meeting", [False, True])
def test_it_does_not_matter_how_many_steps_a_way_is_cut_into(ground, cut, meeting):
    """To the last bit, whether somebody is met on it or not: 250 ticks at once, and in pieces."""

    def begin():
        ground.reset(seed=0)
        ground.edit(FACING if meeting else [])
        return ground.step(AHEAD if meeting else {OTHER: Action(Velocity(0.8, 0.3, 0.4))})

    begin()
    long = ground.step({}, 250)
    hashed = ground.state_hash()
    begin()
    left, pieces = 250, cycle(cut)
    while left:
        ticks = min(next(pieces), left)
        short, left = ground.step({}, ticks), left - ticks
    np.testing.assert_array_equal(short.poses, long.poses)
    np.testing.assert_array_equal(short.velocities, long.velocities)
    assert ground.state_hash() == hashed


def test_places_and_velocities_do_not_jump_when_physics_takes_over_or_lets_go(ground):
    """Past each other, touching: in no tick does anybody move by other than their velocity, nor change it faster than feet
    can, 3.5 m/s2, but while they push each other.
    """
    ground.edit(
        [Move(CRATE, pose(-25, -25)), Move(OTHER, pose(0.0, 4.0, -np.pi / 2)), Move(WALKER, pose(0.3, 0.0, np.pi / 2))]
    )
    before, seams, touched, led = ground.step(AHEAD), 0, 0, by_physics(ground)
    for _ in range(450):
        after = ground.step({})
        seams, led = seams + (by_physics(ground) != led), by_physics(ground)
        touches = bool(after.contacts.names or before.contacts.names)
        for name in (OTHER, WALKER):
            moved = at(after, name)[:2] - at(before, name)[:2]
            change = velocity(after, name)[:2] - velocity(before, name)[:2]
            np.testing.assert_allclose(moved, velocity(after, name)[:2] * TICK_S, atol=0.01 if touches else 1e-3)
            assert touches or np.linalg.norm(change) < 3.51 * TICK_S
        before, touched = after, touched + touches
    assert seams >= 3, "they were handed over and taken back"
    assert touched
    assert by_physics(ground) == set()
    assert at(after, WALKER)[1] > at(after, OTHER)[1], "they are past each other"


def test_two_who_walk_into_each_other_fare_as_in_full_detail(ground, full):
    found = []
    for engine in (ground, full):
        clear(engine)
        engine.edit(FACING)
        state = engine.step(AHEAD, 100)
        assert {OTHER, WALKER} in [set(pair) for pair in state.contacts.names]
        found.append(engine.step({}, 100))
    near, whole = found
    for name in (OTHER, WALKER):
        np.testing.assert_allclose(at(near, name)[:3], at(whole, name)[:3], atol=0.03)


def test_a_loose_crate_is_pushed_and_comes_to_rest(ground, full):
    """For 1.6 s at 1 m/s, of which 0.6 s are the way there; then a halt: it lies as in full detail, and physics rests."""
    found = []
    for engine in (ground, full):
        engine.step({WALKER: Action(Velocity(1.0))}, 80)
        found.append(at(engine.step({WALKER: Action()}, 150), CRATE)[:3])
    assert found[0][0] > 1.8
    np.testing.assert_allclose(found[0], found[1], atol=0.1)
    ground.step({}, 200)
    assert by_physics(ground) == set()


def test_a_wall_holds_and_is_reported(ground):
    ground.edit([Move(OTHER, pose(8.0, 0.0, np.pi / 8))])
    state = ground.step({OTHER: Action(Velocity(1.5))}, 250)
    assert 10.8 < at(state, OTHER)[0] < 11.5
    assert at(state, OTHER)[1] > 1.5, "it is slid along"
    assert {OTHER, WALL} in [set(pair) for pair in state.contacts.names]


def test_where_a_wall_was_taken_away_one_walks_on(ground):
    ground.edit([Move(OTHER, pose(8.0, 0.0)), Remove(WALL)])
    assert at(ground.step({OTHER: Action(Velocity(1.5))}, 500), OTHER)[0] > 20.0


def test_what_is_put_down_falls(ground):
    """One metre, which takes 0.45 s."""
    ground.edit([Move(CRATE, Pose(np.array([-5.0, -5.0, 2.0])))])
    assert at(ground.step({}, 10), CRATE)[2] > 1.7
    assert at(ground.step({}, 90), CRATE)[2] == pytest.approx(1.0, abs=0.01)


def test_skills_take_as_long_and_end_as_in_full_detail(ground, full):
    for engine in (ground, full):
        engine.step({}, 20)
        state = engine.step({WALKER: Action(Skill("pick_up", CRATE))}, 29)
        assert next(agent for agent in state.agents if agent.name == WALKER).holding == ()
        state = engine.step({}, 2)
        assert next(agent for agent in state.agents if agent.name == WALKER).holding == (CRATE,)
        state = engine.step({WALKER: Action(Velocity(-1.0))}, 100)
        assert np.linalg.norm(at(state, CRATE)[:2] - at(state, WALKER)[:2]) < 1.0
        state = engine.step({WALKER: Action(Skill("put_down"))}, 100)
        assert at(state, CRATE)[2] == pytest.approx(1.0, abs=0.01)


def test_an_edit_that_builds_the_world_anew_stops_nobody(ground):
    """Five more crates than there are spares for: who walks and who is being pushed go on as they were."""
    ground.step({OTHER: Action(Velocity(1.0)), WALKER: Action(Velocity(1.0))}, 100)
    before = ground.step({})
    asset = next(group.asset for group in proving_ground().placements if CRATE in group.names)
    after = ground.edit([Spawn(f"crate-{n}", asset, pose(-20.0, 3.0 * n)) for n in range(5, 10)])
    for name in (OTHER, WALKER, CRATE):
        np.testing.assert_allclose(at(after, name), at(before, name), atol=1e-9)
        np.testing.assert_allclose(velocity(after, name), velocity(before, name), atol=1e-9)
    later = ground.step({}, 50)
    assert at(later, OTHER)[0] - at(before, OTHER)[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("motion", [Velocity(4.0, 0.0, 0.3), Drive(0.6, 0.2), Drive(-0.5, 0.0)])
def test_wheels_go_about_as_far_as_by_physics(motion):
    """The same order for 2 s: within 15 % of the way, and handed over without a jerk of the wheels."""
    town = hamlet().scene
    asset = next(
        town.assets[group.asset] for group in town.placements if town.assets[group.asset].semantic == "vehicle"
    )
    scene = proving_ground()
    scene = replace(scene, assets={**scene.assets, asset.name: asset}, materials={**town.materials, **scene.materials})
    found = []
    for detail in ("full", "near"):
        with open_engine("embedded", detail=detail) as engine:
            engine.load(scene)
            engine.reset(seed=0)
            begun = engine.edit([Spawn("vehicle-9", asset.name, pose(-20.0, -20.0), is_agent=True)])
            after = engine.step({"vehicle-9": Action(motion)}, 100)
            found.append(at(after, "vehicle-9")[:2] - at(begun, "vehicle-9")[:2])
    assert np.linalg.norm(found[1]) == pytest.approx(np.linalg.norm(found[0]), rel=0.15)


def test_with_a_robot_of_many_joints_it_is_as_full():
    scene = bring(proving_ground(), read_robot("panda"), (3.0, 3.0, 1.0, 0.0))
    found = []
    for detail in ("full", "near"):
        with open_engine("embedded", detail=detail) as engine:
            engine.load(scene)
            engine.reset(seed=0)
            found.append(engine.step({OTHER: Action(Velocity(1.0))}, 40))
    np.testing.assert_array_equal(found[0].poses, found[1].poses)
