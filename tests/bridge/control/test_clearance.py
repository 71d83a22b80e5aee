"""Room to walk: none in walls, things and water, some on streets and piers."""

import itertools

import numpy as np
import pytest

from bridge.control.clearance import Clearance, clearance
from bridge.control.detour import detour, is_free
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def room():
    return Clearance(tiny_scene())


@pytest.mark.parametrize("inside", [(10.0, 8.0), (-24.0, 1.0), (40.0, 20.0), (0.0, -50.0), (200.0, 0.0)])
def test_houses_trees_the_sea_and_the_outside_have_no_room(room, inside):
    assert room.at(inside) == 0.0


def test_a_pier_is_dry(room):
    assert room.at((20.0, -40.0)) == pytest.approx(2.0, abs=0.3)  # 4 m wide


def test_room_is_the_distance_to_the_wall(room):
    assert room.at((-30.0, -12.0)) == pytest.approx(6.0, abs=0.3)  # the warehouse ends at y = -6
    np.testing.assert_allclose(room.away((-30.0, -8.0)), [0.0, -1.0], atol=0.1)


def test_what_can_be_pushed_is_no_wall(room):
    assert room.at((24.0, -24.0)) > 1.0  # crate-1


def test_a_detour_leads_round_a_house(room):
    start, goal = np.array([3.5, 8.0]), np.array([16.5, 8.0])
    assert not is_free(room, start, goal, 0.3)
    way = detour(room, start, goal, radius_m=0.3)
    assert way is not None
    assert all(is_free(room, a, b, 0.25) for a, b in itertools.pairwise(way))
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).sum() < 30.0


def test_there_is_no_detour_into_a_house(room):
    assert detour(room, np.array([3.5, 8.0]), np.array([10.0, 8.0]), radius_m=0.3) is None


def test_one_point_has_the_room_that_many_have_to_the_last_bit(room):
    points = np.random.default_rng(0).uniform(-80.0, 80.0, (500, 2))
    assert [room.of(x, y) for x, y in points.tolist()] == room.at(points).tolist()


def test_a_scene_is_measured_once():
    scene = tiny_scene()
    assert clearance(scene) is clearance(scene)
