"""Unreal's units: centimetres, left-handed, pitch yaw roll in degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import frames
from bridge.gateways.unrealcv.units import (
    composed,
    location_cm,
    position_m,
    quat,
    relative,
    rotator,
    triple_text,
    turned,
)

ANGLES = st.tuples(st.floats(-89, 89), st.floats(-179, 179), st.floats(-179, 179))


def test_unreal_y_points_right_and_lengths_are_centimetres():
    assert location_cm((1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0)) == (100.0, -200.0, 300.0)
    assert position_m((100.0, -200.0, 300.0)) == pytest.approx((1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("angles", "nose", "left"),
    [
        (
            (0.0, 90.0, 0.0),
            (0.0, -1.0, 0.0),
            (1.0, 0.0, 0.0),
        ),  # yaw turns right, clockwise from above: the nose goes to -y
        ((90.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),  # pitch lifts the nose
        ((0.0, 0.0, 90.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),  # roll lowers the right side: the left one goes up
    ],
)
def test_a_rotator_turns_as_unreal_does(angles, nose, left):
    rotation = quat(angles)
    assert turned(rotation, (1.0, 0.0, 0.0)) == pytest.approx(nose, abs=1e-12)
    assert turned(rotation, (0.0, 1.0, 0.0)) == pytest.approx(left, abs=1e-12)


@given(ANGLES)
def test_one_pose_is_turned_as_many_are(angles):
    rotation = quat(angles)
    np.testing.assert_allclose(rotation, frames.world_quat_from_unreal_rotator(angles), atol=1e-12)
    np.testing.assert_allclose(rotator((0.0, 0.0, 0.0, *rotation)), angles, atol=1e-6)


@pytest.mark.parametrize("angles", [(90.0, 30.0, 0.0), (-90.0, 30.0, 0.0), (90.0, 0.0, 0.0)])
def test_straight_up_and_down_come_back_as_the_same_rotation(angles):
    again = quat(rotator((0.0, 0.0, 0.0, *quat(angles))))
    assert abs(float(np.dot(again, quat(angles)))) == pytest.approx(1.0, abs=1e-9)


@given(ANGLES, ANGLES)
def test_a_pose_relative_to_another_composes_to_itself(first, second):
    parent, child = (1.0, -2.0, 3.0, *quat(first)), (-4.0, 5.0, 0.5, *quat(second))
    back = composed(parent, relative(parent, child))
    np.testing.assert_allclose(back[:3], child[:3], atol=1e-9)
    assert abs(float(np.dot(back[3:], child[3:]))) == pytest.approx(1.0, abs=1e-9)


def test_numbers_have_three_decimals_and_no_minus_before_nothing():
    assert triple_text((1.0, -0.0001, -2.5)) == "1.000 0.000 -2.500"
