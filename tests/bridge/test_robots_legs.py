"""Quadrupeds trot: feet that stand stay planted, legs hang together, the trunk follows the ground."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.codec import instances_of_message, message_of_scene
from bridge.engine import Action, Move, Remove, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import InvalidChange
from bridge.frames import matrix_from_quat, pose_array
from bridge.robots.legs import FEET, HIPS, KNEES, LEGS, with_legs
from bridge.scene import Placements, Scene
from bridge.types import Pose, WorldState
from scene_gen.kit import catalog
from tests.bridge.embedded_town import STREET_M, embedded_town

DOG = next(catalog.asset(name) for name in catalog.NAMES if name.startswith("quadruped"))
RADIUS_M = 0.0375


def town() -> Scene:
    """The town with one quadruped on Quay Street that heads east."""
    scene = embedded_town()
    dog = Placements(DOG.name, ("dog-1",), pose_array([[0.0, -12.0, STREET_M]], [0.0]), np.ones((1, 3)))
    return replace(
        scene,
        assets={**scene.assets, DOG.name: DOG},
        materials={**catalog.MATERIALS, **scene.materials},
        placements=(*scene.placements, dog),
    )


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded", renderer="rays") as engine:
        engine.load(town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def pose(state: WorldState, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def placed(pose: np.ndarray, local: np.ndarray) -> np.ndarray:
    return pose[:3] + matrix_from_quat(pose[3:]) @ local


def feet(state: WorldState) -> np.ndarray:
    """The middles of the feet's balls (4,3)."""
    shanks = [pose(state, f"dog-1/{leg}-shank") for leg in LEGS]
    return np.array([placed(shank, foot - knee) for shank, foot, knee in zip(shanks, FEET, KNEES, strict=True)])


def trot(engine, ticks: int, forward: float = 1.0, turn: float = 0.0) -> list[WorldState]:
    return [engine.step({"dog-1": Action(Velocity(forward, 0.0, turn))}) for _ in range(ticks)]


def test_one_mesh_becomes_a_trunk_and_eight_links_without_losing_a_triangle():
    scene, scales = with_legs(town())
    assert scales == {"dog-1": pytest.approx(1.0)}
    links = [group for group in scene.placements if group.names[0].startswith("dog-1")]
    assert len(links) == 9
    assert sum(len(scene.assets[group.asset].lods[0].triangles) for group in links) == len(DOG.lods[0].triangles)


def test_who_stands_looks_as_the_kit_made_it(engine):
    state = engine.reset(seed=0)
    for index, leg in enumerate(LEGS):
        np.testing.assert_allclose(
            pose(state, f"dog-1/{leg}-thigh")[:3], HIPS[index] + [0.0, -12.0, STREET_M], atol=1e-6
        )
    np.testing.assert_allclose(feet(state)[:, :2], FEET[:, :2] + [0.0, -12.0], atol=0.01)
    still = engine.step({}, 50)
    np.testing.assert_allclose(feet(still), feet(state), atol=1e-6)


def test_planted_feet_do_not_slide_and_every_foot_takes_steps(engine):
    states = trot(engine, 150)
    paths = np.array([feet(state) for state in states[50:]])
    stands = paths[:, :, 2] < STREET_M + RADIUS_M + 1e-3
    both = stands[1:] & stands[:-1]
    slid = np.linalg.norm(np.diff(paths[:, :, :2], axis=0), axis=2)
    assert both.mean() > 0.4
    assert slid[both].max() < 0.02
    assert (paths[:, :, 2].max(axis=0) > STREET_M + RADIUS_M + 0.04).all()
    assert pose(states[-1], "dog-1")[0] == pytest.approx(150 * 0.02, rel=0.2)


def test_diagonal_feet_swing_together_and_two_always_stand(engine):
    paths = np.array([feet(state) for state in trot(engine, 120)[40:]])
    lifted = paths[:, :, 2] > STREET_M + RADIUS_M + 0.01
    np.testing.assert_array_equal(lifted[:, 0], lifted[:, 3])
    np.testing.assert_array_equal(lifted[:, 1], lifted[:, 2])
    assert (lifted.sum(axis=1) <= 2).all()


def test_shanks_hang_on_thighs_and_thighs_on_the_trunk(engine):
    for state in trot(engine, 100, turn=0.6)[::7]:
        trunk = pose(state, "dog-1")
        for index, leg in enumerate(LEGS):
            thigh = pose(state, f"dog-1/{leg}-thigh")
            np.testing.assert_allclose(thigh[:3], placed(trunk, HIPS[index]), atol=1e-6)
            np.testing.assert_allclose(
                pose(state, f"dog-1/{leg}-shank")[:3], placed(thigh, KNEES[index] - HIPS[index]), atol=1e-6
            )


def test_it_comes_to_rest_on_four_feet(engine):
    trot(engine, 80)
    state = engine.step({"dog-1": Action()}, 120)
    np.testing.assert_allclose(feet(state)[:, 2], STREET_M + RADIUS_M, atol=2e-3)
    np.testing.assert_allclose(feet(engine.step({}, 20)), feet(state), atol=1e-6)


def test_on_a_hill_the_trunk_leans_and_feet_stay_on_the_ground(engine):
    """The hill in the north rises about 0.15 m a metre."""
    uphill = Pose(np.array([20.0, 48.0, 2.6]), np.array([np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)]))
    engine.edit([Move("dog-1", uphill)])
    state = trot(engine, 150, forward=0.8)[-1]
    nose = matrix_from_quat(pose(state, "dog-1")[3:])[2, 0]
    assert 0.08 < nose < 0.25
    ground = town().terrain.height_at(feet(state)[:, :2])
    assert (feet(state)[:, 2] - ground > 0.02).all()
    assert (feet(state)[:, 2] - ground < 0.15).all()


def test_links_are_told_with_the_scene_and_seen_under_their_names(engine):
    loaded = engine.load(town())
    engine.reset(seed=0)
    table = instances_of_message(message_of_scene(loaded, town().instances(), epoch=1, scene_digest=""))
    assert table == engine.scene.instances()
    assert len(loaded.added) == 8
    frame = engine.observe(["dog-1/follow"], ["segmentation"])[0]
    ids = {row.name: row.id for row in table}
    assert {ids["dog-1"], ids["dog-1/rear-left-shank"], ids["dog-1/rear-right-thigh"]} <= set(
        np.unique(frame.segmentation)
    )


def test_legs_go_with_their_dog_and_come_back_with_a_reset(engine):
    start = engine.state_hash()
    state = engine.edit([Remove("dog-1")])
    assert (state.poses[[name.startswith("dog-1/") for name in state.names], 2] < -100).all()
    engine.step({}, 5)
    engine.reset(seed=0)
    assert engine.state_hash() == start
    with pytest.raises(InvalidChange, match="robot"):
        engine.edit([Remove("dog-1/front-left-thigh")])


def test_legs_are_at_once_where_their_dog_was_put(engine):
    state = engine.edit([Move("dog-1", Pose(np.array([20.0, -12.0, STREET_M])))])
    np.testing.assert_allclose(feet(state)[:, :2], FEET[:, :2] + [20.0, -12.0], atol=0.01)


def test_strides_are_part_of_the_state_and_go_on_in_a_new_model(engine):
    def run(*, spawns: bool) -> tuple[int, np.ndarray]:
        engine.reset(seed=0)
        trot(engine, 60)
        if spawns:
            engine.edit([Spawn(f"x-{i}", "crate-a", Pose(np.array([-40.0 + 2 * i, 20.0, 3.0]))) for i in range(4)])
        state = trot(engine, 30)[-1]
        return engine.state_hash(), feet(state)

    (one, there), (same, _) = run(spawns=False), run(spawns=False)
    assert one == same
    np.testing.assert_allclose(run(spawns=True)[1], there, atol=1e-6)
