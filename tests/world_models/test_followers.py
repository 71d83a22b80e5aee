"""Followers come where an engine's bodies come that are told the same."""

import numpy as np

from bridge.engine import Action, Drive, Velocity
from bridge.scene import Terrain
from world_models.adapters import numbers
from world_models.adapters.car import Car, Walker
from world_models.adapters.turns import between, product, turned

FLAT = Terrain((-500.0, -500.0), 500.0, np.zeros((3, 3), np.float32), np.zeros((2, 2), np.uint8), ("grass",))
HILL = Terrain((-500.0, -500.0), 500.0, np.tile(np.array([0.0, 50.0, 100.0], np.float32), (3, 1)), np.zeros((2, 2), np.uint8), ("grass",))  # fmt: skip
HERE = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


def car(terrain=FLAT, pose=HERE, speed=0.0):
    return Car(numbers.chassis(), 4.0, terrain, pose, np.array([speed, 0.0, 0.0, 0.0, 0.0, 0.0]))


def test_a_car_that_brakes_fully_stops_as_far_as_its_brakes_say():
    one, brake = car(speed=10.0), numbers.chassis().brake_m_s2
    one.tell(Action(Drive(brake=1.0)))
    one.advance(100)
    assert abs(one.body[0] - 10.0**2 / (2 * brake)) < 0.3  # v^2 / 2a
    assert one.velocity[0] == 0.0


def test_a_car_told_a_turn_goes_round_in_a_circle():
    one = car(speed=5.0)
    one.tell(Action(Velocity(5.0, yaw_rate_rad_s=0.5)))
    one.advance(round(2 * np.pi / 0.5 / 0.02) + 15)  # once round, and the time in which the wheels turn
    assert np.linalg.norm(one.body[:2]) < 2.5  # the circle's radius is 10 m


def test_many_ticks_are_as_many_advances():
    at_once, bit_by_bit = car(), car()
    for one in (at_once, bit_by_bit):
        one.tell(Action(Drive(0.7, 0.3)))
    at_once.advance(50)
    for _ in range(50):
        bit_by_bit.advance(1)
    assert at_once.digest() == bit_by_bit.digest()


def test_a_copy_goes_its_own_way():
    one = car()
    one.tell(Action(Drive(1.0)))
    other = one.copy()
    other.advance(50)
    assert (one.body == HERE).all()
    assert other.body[0] > 1.0


def test_a_car_stands_on_the_ground_and_leans_with_it():
    up = np.array([0.0, 0.0, 50.0, 1.0, 0.0, 0.0, 0.0])  # 0.1 m higher a metre to the east
    one = car(HILL, up, speed=10.0)
    one.tell(Action(Velocity(10.0)))
    one.advance(50)
    assert abs(one.body[2] - (50.0 + 0.1 * one.body[0])) < 1e-6
    pitch = 2 * np.arctan2(one.body[5], one.body[3])
    assert abs(pitch + np.arctan(0.1)) < 1e-6  # nose up is a turn about -Y


def test_a_walker_goes_as_told_at_once():
    one = Walker(FLAT, HERE)
    one.tell(Action(Velocity(1.5, left_m_s=0.5)))
    one.advance(100)
    np.testing.assert_allclose(one.body[:2], [3.0, 1.0])


def test_turning_by_what_is_between_two_rotations_brings_one_to_the_other():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = (tuple((q / np.linalg.norm(q)).tolist()) for q in rng.normal(size=(2, 4)))
        found = turned(a, between(a, b))
        assert abs(abs(np.dot(found, b)) - 1.0) < 1e-9
        assert np.allclose(product(a, (1.0, 0.0, 0.0, 0.0)), a)
