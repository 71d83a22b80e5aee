"""The noisy expert knows its task by what it is told, and is disturbed in its own way in every episode."""

import numpy as np
import pytest

from bridge.engine import EndEffector
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.types import Pose
from policies import manipulate_expert, noisy_expert

TOOL = np.array([0.4, 0.0, 0.3, 0.0, 1.0, 0.0, 0.0])


def at_the_table(time_s: float = 0.0) -> Observation:
    return Observation(
        tick=round(50 * time_s),
        time_s=time_s,
        agent="panda",
        pose=Pose(np.zeros(3)),
        velocity=np.zeros(6),
        told={"tool": TOOL, "gripper": np.zeros(1), "goal": np.array([0.5, 0.1, 0.2])},
        notes={"skill": "reach"},
    )


def first_target(policy, seed: int) -> np.ndarray:
    policy.reset(seed=seed, agent="panda", instruction="reach")
    motion = policy.act(at_the_table()).motion
    assert isinstance(motion, EndEffector)
    return motion.base_from_tool.position


def test_without_noise_it_is_the_expert_of_the_task():
    quiet = noisy_expert.make(noisy_expert.Config("none"))
    expert = manipulate_expert.make(manipulate_expert.Config())
    np.testing.assert_array_equal(first_target(quiet, 1), first_target(expert, 1))


def test_the_same_seed_brings_the_same_noise_and_another_seed_another():
    policy = noisy_expert.make(noisy_expert.Config("heavy"))
    np.testing.assert_array_equal(first_target(policy, 3), first_target(policy, 3))
    assert (first_target(policy, 3) != first_target(policy, 4)).any()


def test_mixed_noise_is_stronger_in_some_episodes_than_in_others():
    policy = noisy_expert.make(noisy_expert.Config())
    expert = manipulate_expert.make(manipulate_expert.Config())
    off_m = [np.linalg.norm(first_target(policy, seed) - first_target(expert, seed)) for seed in range(40)]
    assert min(off_m) == 0.0, "some episodes are the expert's own"
    assert max(off_m) > 0.02, "some are disturbed by centimetres"


def test_a_task_that_nobody_masters_is_refused_with_the_way_out():
    policy = noisy_expert.make(noisy_expert.Config())
    policy.reset(seed=0, agent="courier", instruction="")
    elsewhere = Observation(0, 0.0, "courier", Pose(np.zeros(3)), np.zeros(6), told={"money": np.zeros(1)})
    with pytest.raises(InvalidInput, match=r"told money.*--noisy\.policy NAME"):
        policy.act(elsewhere)
