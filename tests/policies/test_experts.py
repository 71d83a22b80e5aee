"""The experts of driving and table-top work, from what they are told alone: they do what they should, and say what they miss."""

import numpy as np
import pytest

from bridge.engine import Drive, EndEffector
from bridge.engines import open_engine
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.tasks.default_town import town_scene
from bridge.tasks.drive import Config as Driving
from bridge.tasks.drive import make as driving
from bridge.tasks.episodes import Episodes
from bridge.tasks.manipulate import Config as Work
from bridge.tasks.manipulate import make as working
from bridge.types import Pose
from policies import drive_expert, manipulate_expert

WAYPOINTS = np.array([(x, 0.0) for x in (2, 4, 6, 9, 12, 16, 20, 26)], dtype=float)


def told(**changed) -> dict[str, np.ndarray]:
    """A free straight lane where 8 m/s are allowed."""
    free = {
        "waypoints": WAYPOINTS.reshape(-1), "lane": [0, 0], "speed": [5.0], "limit": [8.0], "signal": [100, 0],
        "ahead": [100, 0], "junction": [100, 0], "crossing": [100], "left": [200],
    }  # fmt: skip
    return {name: np.array(value, dtype=float) for name, value in (free | changed).items()}


def perceived(numbers, **more) -> Observation:
    return Observation(0, 0.0, "ego-1", Pose(np.zeros(3)), np.zeros(6), told=numbers, **more)


def pedals(**changed) -> Drive:
    """What the driver comes to do where things stay as they are told."""
    mind = drive_expert.make(drive_expert.Config())
    mind.reset(seed=0, agent="ego-1", instruction="")
    for _ in range(20):
        motion = mind.act(perceived(told(**changed))).motion
    assert isinstance(motion, Drive)
    return motion


def test_on_a_free_lane_the_driver_speeds_up_and_holds_the_wheel_straight():
    motion = pedals()
    assert motion.throttle > 0.2
    assert (motion.steer, motion.brake) == (0.0, 0.0)


@pytest.mark.parametrize(
    "reason",
    [
        {"signal": [4.0, 2]}, {"ahead": [3.0, 0.0]}, {"crossing": [8.0]}, {"junction": [4.0, 1]}, {"left": [2.0]},
        {"speed": [9.0]},
    ],
    ids=lambda reason: next(iter(reason)),
)  # fmt: skip
def test_the_driver_brakes_for(reason):
    motion = pedals(**reason)
    assert motion.brake > 0.05
    assert motion.throttle == 0.0


def test_amber_is_passed_when_it_is_too_late_to_stop():
    assert pedals(signal=[1.0, 1]).brake == 0.0
    assert pedals(signal=[7.0, 1]).brake > 0.0


def test_the_driver_steers_to_where_the_route_leads_and_slows_down_for_the_bend():
    left = np.column_stack([WAYPOINTS[:, 0], 0.03 * WAYPOINTS[:, 0] ** 2])
    assert pedals(waypoints=left.reshape(-1)).steer > 0.05
    assert pedals(waypoints=(left * [1, -1]).reshape(-1)).steer < -0.05
    tight = np.column_stack([WAYPOINTS[:, 0].clip(max=8.0), 0.8 * (WAYPOINTS[:, 0] - 6.0).clip(min=0.0)])
    assert pedals(waypoints=tight.reshape(-1), speed=[7.0]).brake > 0.0


def test_the_driver_arrives_in_traffic_with_a_clean_record():
    episodes = Episodes(driving(Driving(least_m=60.0, most_m=80.0)), town_scene(), open_engine("embedded"), ticks=5)
    seen = episodes.begin(1)
    mind = drive_expert.make(drive_expert.Config())
    mind.reset(seed=0, agent="ego-1", instruction="")
    while True:
        seen, outcomes = episodes.step({"ego-1": mind.act(seen["ego-1"])})
        if outcomes["ego-1"].terminated or outcomes["ego-1"].truncated:
            break
    info = outcomes["ego-1"].info
    episodes.close()
    assert info["ended"] == "arrived"
    assert info["score"] > 0.99
    assert info["comfort"] > 0.9


def run(episodes: Episodes, seed: int) -> tuple[bool, int]:
    """Whether the expert succeeds, and the state it leaves."""
    seen = episodes.begin(seed)
    mind = manipulate_expert.make(manipulate_expert.Config())
    mind.reset(seed=0, agent="panda", instruction="")
    while True:
        seen, outcomes = episodes.step({"panda": mind.act(seen["panda"])})
        if outcomes["panda"].terminated or outcomes["panda"].truncated:
            return bool(outcomes["panda"].info["success"]), episodes.engine.state_hash()


@pytest.mark.parametrize("skill", ["reach", "push", "pick-place", "stack", "drawer"])
def test_the_arm_does_what_it_is_asked_for(skill):
    task = working(Work(skill=skill))
    episodes = Episodes(task, task.place(), open_engine("embedded"), ticks=5)
    assert [run(episodes, seed)[0] for seed in (100, 101)] == [True, True]
    episodes.close()


def test_the_same_seed_is_the_same_work_to_the_last_bit():
    task = working(Work(skill="drawer"))
    episodes = Episodes(task, task.place(), open_engine("embedded"), ticks=5)
    assert run(episodes, 7) == run(episodes, 7)
    episodes.close()


def test_the_gripper_goes_above_a_cube_before_it_goes_down():
    mind = manipulate_expert.make(manipulate_expert.Config())
    mind.reset(seed=0, agent="panda", instruction="")
    upright = [1.0, 0.0, 0.0, 0.0]
    numbers = {
        "tool": np.array([0.3, 0.0, 0.4, 0.0, 1.0, 0.0, 0.0]), "goal": np.array([0.5, 0.2, 0.0]),
        "objects": np.array([0.4, -0.1, 0.0, *upright, 0.5, 0.2, 0.0, *upright]),
    }  # fmt: skip
    action = mind.act(perceived(numbers, notes={"skill": "pick-place"}))
    assert isinstance(action.motion, EndEffector)
    np.testing.assert_allclose(action.motion.base_from_tool.position[:2], [0.4, -0.1])
    assert action.motion.base_from_tool.position[2] > 0.1
    assert action.gripper == 0.0


def test_experts_say_what_they_are_not_told():
    with pytest.raises(InvalidInput, match="not told waypoints"):
        drive_expert.make(drive_expert.Config()).act(perceived({"goal": np.zeros(2)}))
    with pytest.raises(InvalidInput, match="is_privileged"):
        manipulate_expert.make(manipulate_expert.Config()).act(perceived({}, notes={"skill": "stack"}))
