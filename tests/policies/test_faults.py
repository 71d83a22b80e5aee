"""Policies with one fault each: what they change of what the expert does, and that they are the same for the same seed."""

import numpy as np
import pytest

from bridge.engine import Drive, EndEffector
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.types import Pose
from policies import careless, clumsy, restless

DOWN = [0.0, 1.0, 0.0, 0.0]
CUBE, BOWL = [0.5, 0.1, 0.0], [0.4, -0.2, 0.0]
STILL = [1.0, 0.0, 0.0, 0.0]


def at_table(time_s=0.0, tool=(0.3, 0.0, 0.4), **notes):
    things = np.concatenate([CUBE, STILL, BOWL, STILL])
    told = {"tool": np.array([*tool, *DOWN]), "objects": things, "goal": np.array(BOWL), "strewn": things}
    body = Pose(np.zeros(3))
    return Observation(0, time_s, "panda", body, np.zeros(6), told=told, notes={"skill": "pick-place", **notes})


def on_road(time_s=0.0, **told):
    usual = {
        "waypoints": np.column_stack([np.array([2.0, 4, 6, 9, 12, 16, 20, 26]), np.zeros(8)]).reshape(-1),
        "speed": np.array([5.0]), "limit": np.array([8.0]), "signal": np.array([100.0, 0.0]), "ahead": np.array([100.0, 0.0]),
        "junction": np.array([100.0, 0.0]), "crossing": np.array([100.0]), "left": np.array([200.0]),
    }  # fmt: skip
    return Observation(0, time_s, "ego-1", Pose(np.zeros(3)), np.zeros(6), told={**usual, **told})


def hand(seed=0, **config):
    policy = clumsy.make(clumsy.Config(**config))
    policy.reset(seed=seed, agent="panda", instruction="")
    return policy


def wheel(seed=0, **config):
    policy = careless.make(careless.Config(**config))
    policy.reset(seed=seed, agent="ego-1", instruction="")
    return policy


def aim(action):
    assert isinstance(action.motion, EndEffector)
    return action.motion.base_from_tool.position


def drive(action):
    assert isinstance(action.motion, Drive)
    return action.motion


def test_without_a_fault_the_hand_goes_above_the_cube():
    np.testing.assert_allclose(aim(hand().act(at_table()))[:2], CUBE[:2])


def test_a_grasp_aside_is_off_by_what_was_said():
    policy = hand(fault="aside", off_m=0.03)
    assert np.linalg.norm(aim(policy.act(at_table()))[:2] - CUBE[:2]) == pytest.approx(0.03)


def test_another_thing_is_taken_than_was_told():
    np.testing.assert_allclose(aim(hand(fault="other").act(at_table()))[:2], BOWL[:2])


def test_a_drift_is_not_felt_and_of_the_size_that_was_said():
    """300 hands, each where its drift leads it: the spread on each axis is 1 cm, within four standard errors."""
    off = np.array([aim(hand(seed, drift_m=0.01).act(at_table()))[:2] - CUBE[:2] for seed in range(300)])
    assert off.std(axis=0) == pytest.approx(0.01, abs=4 * 0.01 / np.sqrt(600))
    assert np.abs(off.mean(axis=0)).max() < 4 * 0.01 / np.sqrt(300)


def test_a_hand_that_opens_early_closes_first():
    policy = hand(fault="early")
    grips, tool = [], (0.3, 0.0, 0.4)
    for step in range(60):
        action = policy.act(at_table(0.1 * step, tool))
        tool = tuple(aim(action))
        grips.append(action.gripper)
    assert 1.0 in grips
    closed = grips.index(1.0)
    assert 0.0 in grips[closed:]


def test_once_done_the_hand_draws_back_and_waits():
    policy = hand()
    first = policy.act(at_table(tool=(0.4, -0.2, 0.07), is_done=True))
    assert first.gripper == 0.0
    np.testing.assert_allclose(aim(first), [0.4, -0.2, 0.2])
    np.testing.assert_allclose(aim(policy.act(at_table(5.0, tool=(0.4, -0.2, 0.2)))), [0.4, -0.2, 0.2])


def test_restless_hands_stay_over_the_table_and_sweep_low():
    for way in ("about", "sweep"):
        policy = restless.make(restless.Config(way))
        policy.reset(seed=3, agent="panda", instruction="")
        aims, tool = [], (0.3, 0.0, 0.4)
        for step in range(100):
            tool = tuple(aim(policy.act(at_table(0.1 * step, tool))))
            aims.append(tool)
        aims = np.array(aims)
        assert (aims >= [0.3, -0.4, 0.02]).all()
        assert (aims <= [0.7, 0.4, 0.35]).all()
        assert aims[:, 2].min() < 0.08
        assert len(np.unique(aims.round(6), axis=0)) > 20


def test_who_is_fast_pushes_on_where_the_expert_holds_its_speed():
    there = on_road(speed=np.array([7.5]))
    assert drive(wheel(fault="fast", amount=1.9).act(there)).throttle > drive(wheel().act(there)).throttle


def test_who_is_blind_drives_on_where_the_expert_brakes():
    blocked = on_road(ahead=np.array([4.0, 0.0]))
    assert drive(wheel().act(blocked)).brake > 0.0
    assert drive(wheel(fault="blind").act(blocked)).brake == 0.0


def test_who_keeps_to_the_left_steers_to_the_left():
    assert drive(wheel(fault="aside", amount=2.0).act(on_road())).steer > 0.1
    assert drive(wheel(fault="aside", amount=-2.0).act(on_road())).steer < -0.1
    assert drive(wheel().act(on_road())).steer == pytest.approx(0.0)


def test_who_cuts_corners_steers_before_the_bend():
    """A right angle 6 m ahead: the expert still goes straight on, who aims 20 m ahead does not."""
    bend = np.array([[2.0, 0], [4, 0], [6, 0], [6, 3], [6, 6], [6, 10], [6, 14], [6, 20]])
    there = on_road(waypoints=bend.reshape(-1))
    assert drive(wheel(fault="cuts", amount=15.0).act(there)).steer > drive(wheel().act(there)).steer + 0.1


def test_braking_for_nothing_comes_and_goes():
    policy = wheel(fault="brakes")
    brakes = [drive(policy.act(on_road(0.1 * step))).brake for step in range(100)]
    assert 0.1 < np.mean(np.array(brakes) == 0.8) < 0.8


@pytest.mark.parametrize("fault", ["unsteady", "aimless", "brakes"])
def test_the_same_seed_errs_in_the_same_way(fault):
    def way(seed):
        policy = wheel(seed, fault=fault, amount=0.3)
        return [tuple(vars(drive(policy.act(on_road(0.1 * step)))).values()) for step in range(50)]

    assert way(1) == way(1)
    assert way(1) != way(2)


def test_faults_that_mean_nothing_are_refused():
    with pytest.raises(InvalidInput, match="0 or more"):
        hand(off_m=-0.1)
    policy = restless.make(restless.Config("sweep"))
    policy.reset(seed=0, agent="panda", instruction="")
    with pytest.raises(InvalidInput, match="strewn, tool"):
        policy.act(Observation(0, 0.0, "panda", Pose(np.zeros(3)), np.zeros(6)))
