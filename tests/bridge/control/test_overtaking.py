"""Getting past what stands on a lane: out before it, back behind it, and only where nobody comes."""

import numpy as np

from bridge.control.bodies import Bodies
from bridge.control.overtaking import is_free, is_free_behind, other_lane_m, way_round

ARC = np.arange(-2.0, 42.0)
NO_TURN = np.zeros(len(ARC), dtype=bool)
HALF = np.array([2.3, 0.9])
EAST = np.array([1.0, 0.0])


def bodies(*rows: tuple[float, float, float]) -> Bodies:
    """Cars at (x, y) that drive east or, with a negative speed, come towards one."""
    x, y, speed = np.array(rows).T
    names = tuple(f"car-{i}" for i in range(len(rows)))
    return Bodies(
        names, {name: i for i, name in enumerate(names)}, np.column_stack([x, y]), np.zeros(len(x)),
        np.where(speed < 0, np.pi, 0.0), np.column_stack([speed, np.zeros(len(x))]), np.tile(HALF, (len(x), 1)),
        np.zeros(len(x), bool), np.ones(len(x), bool),
    )  # fmt: skip


def test_one_is_all_over_beside_the_obstacle_and_back_after_it():
    shift = way_round(ARC, NO_TURN, HALF, from_m=14.0, long_m=4.0, other_m=3.0)
    assert shift is not None
    beside = (14.0 - HALF[0] < ARC) & (18.0 + HALF[0] > ARC)
    np.testing.assert_allclose(shift[beside], 3.0)
    assert shift[-1] == 0.0
    assert (
        np.abs(np.diff(shift)).max() < 0.6
    )  # a smooth swing: 3 m over 10 m, at most 1.5 times as steep as a straight line


def test_nobody_swings_out_from_behind_a_bumper_or_into_a_turn():
    assert way_round(ARC, NO_TURN, HALF, from_m=8.0, long_m=4.0, other_m=3.0) is None
    assert way_round(ARC, ARC > 25.0, HALF, from_m=14.0, long_m=4.0, other_m=3.0) is None
    assert way_round(ARC, NO_TURN, HALF, from_m=30.0, long_m=4.0, other_m=3.0) is None


def test_the_other_lane_is_the_one_that_comes_towards_one():
    points = np.array([[0.0, 3.0], [0.0, -3.0], [0.0, 3.5], [20.0, 3.0]])
    headings = np.array([[-1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    assert other_lane_m(points, headings, np.zeros(2), EAST) == 3.0
    assert other_lane_m(points[1:3], headings[1:3], np.zeros(2), EAST) == 0.0


def test_the_other_side_has_to_be_free_until_one_is_back():
    # 24 m at 4 m/s take 6 s; who comes at 9 m/s covers 54 m meanwhile, 78 m together.
    at = np.zeros(2)
    assert is_free(bodies((0, 0, 0)), 0, at, EAST, 3.0, 24.0)
    assert not is_free(bodies((0, 0, 0), (70, 3, -9)), 0, at, EAST, 3.0, 24.0)
    assert is_free(bodies((0, 0, 0), (90, 3, -9)), 0, at, EAST, 3.0, 24.0)
    assert is_free(bodies((0, 0, 0), (70, 3, 0)), 0, at, EAST, 3.0, 24.0)
    assert not is_free(bodies((0, 0, 0), (20, 3, 0)), 0, at, EAST, 3.0, 24.0)


def test_one_goes_back_only_where_nobody_stands_behind():
    assert is_free_behind(bodies((0, 0, 0), (-9, 0, 0)), 0, 2.0)
    assert not is_free_behind(bodies((0, 0, 0), (-6, 0, 0)), 0, 2.0)
    assert is_free_behind(bodies((0, 0, 0), (-6, 5, 0)), 0, 2.0)
