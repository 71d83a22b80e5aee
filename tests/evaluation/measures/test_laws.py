"""Laws of physics on motions that keep or break them by a known amount."""

import numpy as np
import pytest

from evaluation.measures import laws

TIMES = 0.3 * np.arange(4)


def motion(body=(5.0, 0.0, 1.0), classes="tabletop-object", **ways):
    """Things of 10 cm whose underside's middle goes through the given points, none of them turned."""
    poses = {
        name: np.column_stack([np.asarray(way, float), np.tile([1.0, 0, 0, 0], (4, 1))]) for name, way in ways.items()
    }
    tool = np.tile([*body, 1.0, 0, 0, 0], (4, 1))
    return laws.Motion(poses, {n: np.full(3, 0.1) for n in ways}, dict.fromkeys(ways, classes), tool, TIMES)


HERE, ASIDE = np.zeros((4, 3)), np.tile([0.0, 1.0, 0.0], (4, 1))
ALL = (laws.lasting, laws.penetration, laws.floating, laws.unmoved)


@pytest.mark.parametrize("law", ALL)
def test_things_at_rest_break_no_law(law):
    np.testing.assert_array_equal(law(motion(one=HERE, two=ASIDE)), 0.0)


def test_boxes_are_as_deep_in_each_other_as_they_overlap():
    """Boxes of 10 cm, middles 7 cm apart along x: 3 cm deep."""
    np.testing.assert_allclose(laws.penetration(motion(one=HERE, two=HERE + [0.07, 0.0, 0.0])), 0.03)


def test_what_is_gone_or_leaps_does_not_last():
    gone = HERE.copy()
    gone[2:] = np.nan
    leaps = ASIDE.copy()
    leaps[3] += [30.0, 0.0, 0.0]
    np.testing.assert_allclose(laws.lasting(motion(one=gone, two=leaps)), [0.0, 0.5, 1.0])


def test_what_hangs_in_the_air_floats_by_its_height():
    hangs = HERE.copy()
    hangs[1:, 2] = 0.2
    np.testing.assert_allclose(laws.floating(motion(one=hangs, two=ASIDE)), [0.0, 0.2, 0.2])


def test_what_the_tool_holds_does_not_float_nor_move_by_itself():
    hangs = HERE.copy()
    hangs[1:, 2] = 0.2
    held = motion(body=(0.0, 0.0, 0.2), one=hangs, two=ASIDE)
    np.testing.assert_array_equal(laws.floating(held), 0.0)
    np.testing.assert_array_equal(laws.unmoved(held), 0.0)


def test_what_stands_on_another_thing_does_not_float():
    stacked = HERE.copy()
    stacked[:, 2] = 0.1
    np.testing.assert_array_equal(laws.floating(motion(one=HERE, two=stacked)), 0.0)


def test_what_moves_untouched_is_told_by_how_far():
    slides = HERE.copy()
    slides[2:, 0] = 0.3
    np.testing.assert_allclose(laws.unmoved(motion(one=slides, two=ASIDE)), [0.0, 0.3, 0.0])


def test_what_falls_moves_rightly():
    falls = HERE.copy()
    falls[:, 2] = [0.4, 0.2, 0.0, 0.0]
    np.testing.assert_array_equal(laws.unmoved(motion(one=falls, two=ASIDE)), 0.0)


def test_cars_may_go_steadily_by_themselves():
    drives = HERE + np.outer(3.0 * np.arange(4), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(laws.unmoved(motion(classes="vehicle", one=drives)), 0.0)


def test_cars_that_stop_dead_break_a_law():
    """10 m/s to nothing within 0.3 s: 3 m less than the speed before, of which 12 m/s² explain 12 * 0.09 = 1.08 m."""
    drives = HERE.copy()
    drives[:, 0] = [0.0, 3.0, 6.0, 6.0]
    np.testing.assert_allclose(laws.unmoved(motion(classes="vehicle", one=drives)), [0.0, 0.0, 3.0 - 1.08])
