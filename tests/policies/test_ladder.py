"""A ladder's rungs are the expert with one fault each: on the first it is the expert, and the same seed brings the same faults."""

import numpy as np
import pytest

from bridge.engine import Drive, EndEffector
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.types import Pose
from policies import drive_expert, ladder, manipulate_expert
from policies.rungs import STEPS, DriverFaults, Hampered, HandFaults, Impaired, picked

UPRIGHT = [1.0, 0.0, 0.0, 0.0]
WAYPOINTS = np.array([(x, 0.0) for x in (2, 4, 6, 9, 12, 16, 20, 26)], dtype=float).reshape(-1)


def at_the_table(time_s: float = 0.0, tool=(0.4, 0.1, 0.3)) -> Observation:
    told = {
        "tool": np.array([*tool, 0.0, 1.0, 0.0, 0.0]),
        "gripper": np.zeros(1),
        "goal": np.array([0.5, 0.2, 0.0]),
        "objects": np.array([0.4, -0.1, 0.0, *UPRIGHT, 0.5, 0.2, 0.0, *UPRIGHT]),
    }
    return Observation(round(50 * time_s), time_s, "panda", Pose(np.zeros(3)), np.zeros(6), told=told, notes={"skill": "pick-place"})  # fmt: skip


def on_the_road(time_s: float = 0.0, **changed) -> Observation:
    free = {
        "waypoints": WAYPOINTS, "lane": [0, 0], "speed": [5.0], "limit": [8.0], "signal": [100, 0], "ahead": [100, 0],
        "junction": [100, 0], "crossing": [100], "left": [200],
    }  # fmt: skip
    told = {name: np.array(value, dtype=float) for name, value in (free | changed).items()}
    return Observation(round(50 * time_s), time_s, "ego-1", Pose(np.zeros(3)), np.zeros(6), told=told)


def hand(seed: int = 0, **faults) -> Hampered:
    mind = Hampered(manipulate_expert.make(manipulate_expert.Config()), HandFaults(**faults))
    mind.reset(seed=seed, agent="panda", instruction="")
    return mind


def target(mind, observation) -> np.ndarray:
    motion = mind.act(observation).motion
    assert isinstance(motion, EndEffector)
    return motion.base_from_tool.position


def wheel(seed: int = 0, **faults) -> Impaired:
    mind = Impaired(drive_expert.make(drive_expert.Config()), DriverFaults(**faults))
    mind.reset(seed=seed, agent="ego-1", instruction="")
    return mind


def pedals(mind, observation) -> Drive:
    motion = mind.act(observation).motion
    assert isinstance(motion, Drive)
    return motion


EXPERT_GOES = target(hand(), at_the_table())


@pytest.mark.parametrize("task", list(STEPS))
def test_there_are_at_least_twenty_rungs_all_different_and_the_first_is_the_expert(task):
    steps = STEPS[task]
    assert len(steps) >= 20
    assert len({step.words for step in steps}) == len({step.faults for step in steps}) == len(steps)
    assert steps[0].faults in (HandFaults(), DriverFaults())


@pytest.mark.parametrize("task", list(STEPS))
def test_fewer_rungs_are_spread_evenly_from_the_first_to_the_last(task):
    most = len(STEPS[task])
    assert picked(task, most) == tuple(range(most))
    assert picked(task, 2) == (0, most - 1)
    assert len(set(picked(task, 20))) == 20


def test_a_ladder_that_is_too_long_or_for_another_task_is_refused():
    with pytest.raises(InvalidInput, match="Ask for 2 to"):
        picked("drive", 500)
    with pytest.raises(InvalidInput, match="ladders for manipulate and drive"):
        picked("delivery", 5)
    with pytest.raises(InvalidInput, match="no rung 99"):
        ladder.Config(99)


@pytest.mark.parametrize(
    ("observation", "expert"),
    [(at_the_table(), manipulate_expert), (on_the_road(), drive_expert)],
    ids=["manipulate", "drive"],
)
def test_the_first_rung_does_what_the_expert_does(observation, expert):
    minds = [ladder.make(ladder.Config(0)), expert.make(expert.Config())]
    for mind in minds:
        mind.reset(seed=0, agent=observation.agent, instruction="")
    mine, own = (mind.act(observation) for mind in minds)
    if isinstance(own.motion, EndEffector):
        np.testing.assert_array_equal(mine.motion.base_from_tool.position, own.motion.base_from_tool.position)
        assert mine.gripper == own.gripper
    else:
        assert mine.motion == own.motion


@pytest.mark.parametrize(("task", "observed"), [("manipulate", at_the_table), ("drive", on_the_road)])
def test_the_same_seed_brings_the_same_faults_on_every_rung(task, observed):
    for rung in range(len(STEPS[task])):
        mind = ladder.make(ladder.Config(rung))
        runs = []
        for _ in range(2):
            mind.reset(seed=5, agent="it", instruction="")
            runs.append([repr(mind.act(observed(0.1 * step))) for step in range(12)])
        assert runs[0] == runs[1]


def test_a_hand_that_is_off_believes_itself_to_be_right():
    np.testing.assert_allclose(target(hand(aside_m=(0.02, 0.0, 0.0)), at_the_table()) - EXPERT_GOES, [0.02, 0.0, 0.0])


def test_a_shaking_hand_is_sent_elsewhere_at_each_decision():
    sent = np.array([target(mind, at_the_table()) for mind in [hand(shake_m=0.01)] for _ in range(200)])
    np.testing.assert_allclose(sent.mean(axis=0), EXPERT_GOES, atol=0.003)
    np.testing.assert_allclose(sent.std(axis=0), 0.01, rtol=0.25)


def test_a_late_hand_waits_and_then_does_what_was_decided_before():
    mind = hand(late=2)
    waits = [target(mind, at_the_table(0.1 * step)) for step in range(3)]
    np.testing.assert_allclose(waits[:2], [[0.4, 0.1, 0.3]] * 2)
    np.testing.assert_allclose(waits[2], EXPERT_GOES)


def test_a_slow_hand_goes_no_farther_than_its_speed_allows():
    mind = hand(speed_m_s=0.3)
    assert np.linalg.norm(target(mind, at_the_table()) - [0.4, 0.1, 0.3]) == pytest.approx(0.03)


def test_a_hand_that_mixes_up_goes_to_the_other_side():
    np.testing.assert_allclose(target(hand(mixes_up=1.0), at_the_table()), EXPERT_GOES * [1.0, -1.0, 1.0])


def test_a_hand_stops_for_good_in_so_many_episodes_as_it_is_said_to():
    still = []
    for seed in range(100):
        mind = hand(seed, stops=0.3, stops_s=(0.5, 1.0))
        target(mind, at_the_table())
        still.append(np.allclose(target(mind, at_the_table(1.5)), [0.4, 0.1, 0.3]))
    assert 15 <= sum(still) <= 45


def test_a_weak_hand_closes_part_of_the_way_and_a_careless_one_opens_again():
    low = (0.4, -0.1, 0.025)
    for faults, expected in (({}, 1.0), ({"grip": 0.3}, 0.3), ({"holds_s": 0.2}, 0.0)):
        mind = hand(**faults)
        for step in range(20):
            mind.act(at_the_table(0.1 * step, (0.4, -0.1, 0.185)))
        said = [mind.act(at_the_table(2.0 + 0.1 * step, low)).gripper for step in range(8)]
        assert said[-1] == expected


def test_an_aimless_hand_stays_over_the_table():
    mind = hand(aimless=True)
    goes = np.array([target(mind, at_the_table(0.1 * step)) for step in range(200)])
    assert np.ptp(goes, axis=0).min() > 0.15
    assert goes[:, 2].min() > 0.0


@pytest.mark.parametrize("reason", [{"signal": [4.0, 2]}, {"ahead": [3.0, 0.0]}, {"crossing": [8.0]}, {"junction": [4.0, 1]}], ids=lambda r: next(iter(r)))  # fmt: skip
def test_who_does_not_see_a_thing_does_not_brake_for_it(reason):
    name = next(iter(reason))
    sees, does_not = wheel(), wheel(unseen=(name,))
    for step in range(15):
        seen, unseen = (pedals(mind, on_the_road(0.1 * step, **reason)) for mind in (sees, does_not))
    assert seen.brake > 0.0 == unseen.brake


def test_pace_side_and_weaving_are_what_they_are_called():
    slow, fast = wheel(pace=0.4), wheel(pace=1.5)
    for step in range(20):
        braking, pushing = (pedals(mind, on_the_road(0.1 * step, speed=[7.0])) for mind in (slow, fast))
    assert braking.brake > 0.0
    assert pushing.throttle > 0.0
    assert pedals(wheel(aside_m=2.0), on_the_road()).steer > 0.1
    mind = wheel(weaves=0.3)
    turns = np.array([pedals(mind, on_the_road(0.1 * step)).steer for step in range(600)])
    assert turns.std() == pytest.approx(0.3, rel=0.4)
    assert np.corrcoef(turns[1:], turns[:-1])[0, 1] > 0.7, "it weaves slowly"


def test_the_rungs_of_a_car_pull_away_as_they_are_said_to():
    calm, hurried = (ladder.make(ladder.Config(rung, "drive")) for rung in (0, 1))
    for mind in (calm, hurried):
        mind.reset(seed=0, agent="ego-1", instruction="")
    for step in range(20):
        slow, fast = (pedals(mind, on_the_road(0.1 * step, speed=[2.0])) for mind in (calm, hurried))
    assert fast.throttle > 1.5 * slow.throttle


def test_who_brakes_for_nothing_does_so_some_of_the_time():
    mind = wheel(brakes_hz=0.5)
    braked = np.mean([pedals(mind, on_the_road(0.1 * step)).brake == 0.8 for step in range(600)])
    assert 0.15 < braked < 0.6


def test_other_tasks_are_refused_with_the_way_out():
    mind = ladder.make(ladder.Config(3))
    mind.reset(seed=0, agent="courier", instruction="")
    with pytest.raises(InvalidInput, match=r"told money.*'manipulate' or 'drive'"):
        mind.act(Observation(0, 0.0, "courier", Pose(np.zeros(3)), np.zeros(6), told={"money": np.zeros(1)}))
