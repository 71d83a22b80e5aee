"""The cloned arm: what it is told becomes numbers that know no place, decisions come back as they went in, and learning learns."""

from dataclasses import fields

import numpy as np
import pytest

from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.types import Pose
from policies import arm_cloning
from policies.imitation import perceptron
from policies.imitation.arm_deeds import CHUNK, FEATURES, STEP, ArmDeeds, aims, decision, features, read_deeds, rows_of
from policies.seeds import stream

DOWN = np.array([0.0, 1.0, 0.0, 0.0])
UPRIGHT = [1.0, 0.0, 0.0, 0.0]


def deeds(count: int = 6, *, aside=(0.0, 0.0, 0.0), seed: int = 0) -> ArmDeeds:
    """A tool that goes to a cube in small steps."""
    rng, aside = stream(seed, "deeds"), np.array(aside)
    cube, bowl = np.array([0.5, 0.1, 0.0]) + aside, np.array([0.45, -0.2, 0.0]) + aside
    at = np.linspace([0.4, 0.0, 0.3], [0.48, 0.08, 0.05], count) + aside + 0.01 * rng.standard_normal((count, 3))
    tool = np.column_stack([at, np.tile(quat_product(quat_from_yaw(0.2), DOWN), (count, 1))])
    objects = np.tile([*cube, *UPRIGHT, *bowl, *UPRIGHT], (count, 1))
    target = np.tile(cube + [0.0, 0.0, 0.025], (count, 1))
    return ArmDeeds(
        0.1 * np.arange(count), tool, np.zeros(count), objects, target, np.full(count, 0.3), np.zeros(count)
    )


def told(one: ArmDeeds, row: int = 0) -> Observation:
    numbers = {"tool": one.tool[row], "gripper": one.gripper[row : row + 1], "objects": one.objects[row]}
    return Observation(0, 0.0, "panda", Pose(np.zeros(3)), np.zeros(6), told=numbers, notes={"skill": "pick-place"})


def test_rows_are_the_same_wherever_on_the_table_it_happens():
    here, there = deeds(), deeds(aside=(0.1, -0.05, 0.0))
    np.testing.assert_allclose(*(features(one.tool, one.gripper, one.objects) for one in (here, there)), atol=1e-12)
    np.testing.assert_allclose(aims(here), aims(there), atol=1e-12)


def test_a_decision_comes_back_as_it_went_in():
    one = deeds()
    for row, aim in enumerate(aims(one)):
        at, yaw, closed = decision(aim[:STEP], one.tool[row])
        far = np.linalg.norm(one.target[row] - one.tool[row, :3])
        if far <= 0.25:
            np.testing.assert_allclose(at, one.target[row], atol=1e-12)
        else:  # cut to 25 cm on the same way
            assert np.linalg.norm(at - one.tool[row, :3]) == pytest.approx(0.25)
        assert (yaw, closed) == (pytest.approx(0.3), 0.0)


def test_a_cube_turned_by_a_quarter_is_the_same_cube():
    one = deeds()
    turned = one.objects.copy()
    turned[:, 3:7] = quat_product(quat_from_yaw(np.pi / 2), np.array(UPRIGHT))
    np.testing.assert_allclose(
        features(one.tool, one.gripper, one.objects), features(one.tool, one.gripper, turned), atol=1e-9
    )


def test_the_last_decision_of_an_episode_lasts():
    found = aims(deeds(4)).reshape(4, CHUNK, STEP)
    np.testing.assert_allclose(found[-1], np.tile(found[-1, 0], (CHUNK, 1)))


def test_deeds_are_kept_in_a_file_and_cut_at_a_time(tmp_path):
    one = deeds()
    one.save(tmp_path / "one.npz")
    again = read_deeds(tmp_path / "one.npz")
    for item in fields(one):
        np.testing.assert_array_equal(getattr(one, item.name), getattr(again, item.name))
    assert len(again.until(0.3)) == 3  # those at 0, 0.1 and 0.2 s
    (tmp_path / "two.npz").write_bytes(b"no")
    with pytest.raises(InvalidInput, match="no decisions"):
        read_deeds(tmp_path / "two.npz")


def test_the_slopes_are_those_of_the_loss():
    rng = stream(3, "slopes")
    network = perceptron.fresh(rng, hidden=5)
    rows = rng.standard_normal((7, FEATURES)), rng.uniform(0.0, 1.0, (7, CHUNK * STEP))
    weights = [getattr(network, name).copy() for name in perceptron._NAMES]
    grips = perceptron._GRIPS

    def loss(values) -> float:
        found = perceptron.Perceptron(*values)(rows[0])
        others = np.setdiff1d(np.arange(CHUNK * STEP), grips)
        chance, truth = found[:, grips], rows[1][:, grips]
        crossed = -truth * np.log(chance) - (1 - truth) * np.log(1 - chance)
        return float((np.sum((found - rows[1])[:, others] ** 2) + 0.2 * np.sum(crossed)) / 7)

    slopes = perceptron._slopes(*rows, weights)
    for index, slope in enumerate(slopes):
        moved = [one.copy() for one in weights]
        direction = rng.standard_normal(slope.shape)
        moved[index] = weights[index] + 1e-6 * direction
        up = loss(moved)
        moved[index] = weights[index] - 1e-6 * direction
        assert (up - loss(moved)) / 2e-6 == pytest.approx(float(np.sum(slope * direction)), rel=1e-4, abs=1e-7)


def test_it_learns_what_it_is_shown_and_the_same_seed_learns_the_same():
    rows = rows_of([deeds(20, seed=seed) for seed in range(5)])
    network = perceptron.fresh(stream(0, "new"), hidden=16)
    learned = [
        perceptron.trained(network, [(rows, 1.0)], rng=stream(0, "batches"), steps=300, rate=3e-3) for _ in range(2)
    ]
    assert perceptron.error(learned[0], rows) < 0.2 * perceptron.error(network, rows)
    assert learned[0].digest == learned[1].digest != network.digest


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(InvalidInput, match="not one decision"):
        perceptron.trained(
            perceptron.fresh(stream(0, "new")), [(rows_of([]), 1.0)], rng=stream(0, "b"), steps=1, rate=1e-3
        )


def test_it_looks_again_after_a_chunk_and_explores_only_when_told_to():
    one = deeds()
    still, curious = (arm_cloning.make(arm_cloning.Config(explores_m=amount)) for amount in (0.0, 0.02))
    for mind in (still, curious):
        mind.reset(seed=1, agent="panda", instruction="")
    first = [still.act(told(one)).motion.base_from_tool.position for _ in range(CHUNK)]
    assert not np.allclose(still.act(told(one, 3)).motion.base_from_tool.position, first[0])
    assert 1e-4 < np.linalg.norm(curious.act(told(one)).motion.base_from_tool.position - first[0]) < 0.1
    still.reset(seed=2, agent="panda", instruction="")
    np.testing.assert_array_equal(still.act(told(one)).motion.base_from_tool.position, first[0])


def test_a_task_that_tells_of_no_things_and_weights_that_are_none_are_refused(tmp_path):
    mind = arm_cloning.make(arm_cloning.Config())
    with pytest.raises(InvalidInput, match="is_privileged"):
        mind.act(Observation(0, 0.0, "panda", Pose(np.zeros(3)), np.zeros(6), told={"tool": np.zeros(7)}))
    with pytest.raises(InvalidInput, match="no weights at"):
        arm_cloning.make(arm_cloning.Config(weights=str(tmp_path / "none.npz")))
    with pytest.raises(InvalidInput, match="explores_m"):
        arm_cloning.Config(explores_m=1.0)
