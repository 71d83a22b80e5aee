"""Poses as the published Ctrl-World reads them: Franka's own kinematics, Euler angles, bounds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidInput
from bridge.frames import transform_from_pose
from bridge.robots.description import read_robot
from bridge.robots.kinematics import Kinematics
from world_models.ctrl_world.published.kinematics import flange, flange_from_tool
from world_models.ctrl_world.published.poses import (
    Bounds,
    bounds_of,
    euler_from_matrix,
    matrix_from_euler,
    numbers_from_body,
    numbers_from_flange,
    read_bounds,
    tool_from_numbers,
)

ANGLE = st.floats(-3.1, 3.1)


@pytest.fixture(scope="module")
def panda() -> tuple[Kinematics, np.ndarray, np.ndarray]:
    robot = read_robot("panda")
    return Kinematics(robot), robot.joints.low, robot.joints.high


@given(shares=st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_the_published_rows_put_the_tool_where_the_engine_does(panda, shares: list[float]):
    kinematics, low, high = panda
    joints = low + np.array(shares) * (high - low)
    ours = flange(joints) @ flange_from_tool()
    np.testing.assert_allclose(ours, transform_from_pose(kinematics.tool(joints)), atol=2e-6)


def test_a_stretched_arm_is_as_high_as_its_links_are_long():
    """Upwards 0.333 + 0.316 + 0.384 m, then down the flange's 0.107 m; forwards the 0.088 m of the last elbow."""
    np.testing.assert_allclose(flange(np.zeros(7))[:3, 3], [0.088, 0.0, 0.926], atol=1e-12)


@given(roll=ANGLE, pitch=st.floats(-1.5, 1.5), yaw=ANGLE)
def test_euler_angles_come_back(roll: float, pitch: float, yaw: float):
    np.testing.assert_allclose(euler_from_matrix(matrix_from_euler([roll, pitch, yaw])), [roll, pitch, yaw], atol=1e-9)


@given(roll=ANGLE, pitch=st.sampled_from([-np.pi / 2, np.pi / 2]), yaw=ANGLE)
def test_straight_up_and_down_the_rotation_is_kept_if_not_the_angles(roll: float, pitch: float, yaw: float):
    turned = matrix_from_euler([roll, pitch, yaw])
    np.testing.assert_allclose(matrix_from_euler(euler_from_matrix(turned)), turned, atol=1e-6)


def test_roll_comes_first_and_yaw_last_about_axes_that_stay():
    """A quarter roll takes y to z, and the quarter yaw after it leaves z alone."""
    np.testing.assert_allclose(matrix_from_euler([np.pi / 2, 0, np.pi / 2]) @ [0, 1, 0], [0, 0, 1], atol=1e-12)


@given(joints=st.lists(st.floats(-1.4, 1.4), min_size=7, max_size=7))
def test_the_tools_pose_and_the_flanges_say_the_same(joints: list[float]):
    numbers = numbers_from_flange(flange(joints), 0.3)
    tool = tool_from_numbers(numbers[None], base_m=(0.1, 0.2, 0.75))
    again = numbers_from_body(tool, np.array([0.3]), base_m=(0.1, 0.2, 0.75))[0]
    np.testing.assert_allclose(again[[0, 1, 2, 6]], numbers[[0, 1, 2, 6]], atol=1e-9)
    np.testing.assert_allclose(matrix_from_euler(again[3:6]), matrix_from_euler(numbers[3:6]), atol=1e-6)


def test_droids_poses_are_the_flanges_already():
    pose = tool_from_numbers(numbers_from_flange(flange(np.full(7, 0.3)), 0.5)[None])
    assert not np.allclose(numbers_from_body(pose, [0.5]), numbers_from_body(pose, [0.5], body="flange"))
    np.testing.assert_allclose(numbers_from_body(pose, [0.5], body="flange")[0, :3], pose[0, :3])


def test_bounds_go_to_minus_one_and_one_and_nothing_beyond():
    bounds = Bounds(np.zeros(7), np.full(7, 2.0))
    np.testing.assert_allclose(
        bounds.scaled([[0, 1, 2, 3, -5, 0.5, 1.5]]), [[-1, 0, 1, 1, -1, -0.5, 0.5]], atol=1e-7
    )  # fmt: skip


def test_numbers_that_never_change_have_bounds_apart():
    bounds = bounds_of(np.ones((50, 7)))
    np.testing.assert_allclose(bounds.scaled(np.ones((1, 7))), 0.0, atol=1e-4)


def test_bounds_are_read_as_they_were_written(tmp_path: Path):
    bounds = Bounds(np.arange(7.0), np.arange(7.0) + 2)
    bounds.write(tmp_path / "stat.json")
    again = read_bounds(tmp_path / "stat.json")
    np.testing.assert_array_equal([again.low, again.high], [bounds.low, bounds.high])


@pytest.mark.parametrize("text", ["", "{}", '{"state_01": [1], "state_99": [2]}', '{"state_01": "a", "state_99": []}'])
def test_bounds_that_are_none_are_refused(tmp_path: Path, text: str):
    path = tmp_path / "stat.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"stat\.json"):
        read_bounds(path)
