"""Rotations at Unreal's border: its rotators, worked out by hand, and there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.frames import (
    matrix_from_quat,
    quat_from_yaw,
    quat_product,
    unreal_rotator_from_world_quat,
    world_quat_from_unreal_rotator,
)

HALF = np.sqrt(0.5)


@pytest.mark.parametrize(
    ("quat", "rotator"),
    [
        ([1, 0, 0, 0], [0, 0, 0]),
        ([HALF, 0, 0, HALF], [0, -90, 0]),  # a quarter turn to the left: Unreal counts yaw to the right
        ([np.cos(np.pi / 12), 0, -np.sin(np.pi / 12), 0], [30, 0, 0]),  # nose up by 30 degrees: -30 about Y (left)
        ([np.cos(np.pi / 18), np.sin(np.pi / 18), 0, 0], [0, 0, 20]),  # right side down by 20 degrees
        ([0, 0, 0, 1], [0, -180, 0]),
    ],
)
def test_rotators_are_nose_up_to_the_right_and_right_side_down(quat, rotator):
    np.testing.assert_allclose(unreal_rotator_from_world_quat(quat), rotator, atol=1e-9)
    back = world_quat_from_unreal_rotator(rotator)
    np.testing.assert_allclose(matrix_from_quat(back), matrix_from_quat(quat), atol=1e-12)


def test_unreal_yaws_first_then_pitches_then_rolls():
    yaw, pitch, roll = np.radians([40.0, 25.0, 10.0])
    by_hand = quat_product(
        quat_product(quat_from_yaw(-yaw), [np.cos(pitch / 2), 0, -np.sin(pitch / 2), 0]),
        [np.cos(roll / 2), np.sin(roll / 2), 0, 0],
    )
    found = world_quat_from_unreal_rotator([25.0, 40.0, 10.0])
    np.testing.assert_allclose(matrix_from_quat(found), matrix_from_quat(by_hand), atol=1e-12)


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_there_and_back_is_the_same_rotation(quat):
    quat = np.array(quat) / np.linalg.norm(quat)
    back = world_quat_from_unreal_rotator(unreal_rotator_from_world_quat(quat))
    np.testing.assert_allclose(matrix_from_quat(back), matrix_from_quat(quat), atol=3e-3)


@pytest.mark.parametrize("up", [1.0, -1.0])
def test_straight_up_and_down_have_no_yaw_of_their_own(up):
    quat = quat_product(quat_from_yaw(0.7), [HALF, 0, -up * HALF, 0])
    rotator = unreal_rotator_from_world_quat(quat)
    assert rotator[0] == pytest.approx(up * 90)
    np.testing.assert_allclose(
        matrix_from_quat(world_quat_from_unreal_rotator(rotator)), matrix_from_quat(quat), atol=1e-7
    )
