"""What touches what, told from where it is."""

import numpy as np

from world_models.touching import between_fingers, closes_to, holds, run_into

DOWN = [0.0, 1.0, 0.0, 0.0]
CUBE = (0.05, 0.05, 0.05)
CAR = (4.0, 2.0, 1.5)


def upright(x, y, z=0.0, yaw=0.0):
    return np.array([x, y, z, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)])


def test_fingers_close_on_what_is_between_them():
    tool = np.array([0.5, 0.1, 0.775, *DOWN])
    cubes = {"red": (upright(0.51, 0.1, 0.75), CUBE), "blue": (upright(0.4, 0.1, 0.75), CUBE)}
    assert between_fingers(tool, cubes) == "red"
    assert between_fingers(tool + np.array([0, 0, 0.1, 0, 0, 0, 0]), cubes) == ""
    assert between_fingers(tool, {}) == ""


def test_a_gripper_of_8_cm_closes_to_three_eighths_on_a_cube_of_5():
    assert abs(closes_to(CUBE, 0.08) - 0.375) < 1e-12


def test_who_opens_lets_go():
    assert holds(0.375, 0.375)
    assert not holds(0.3, 0.375)


def test_cars_touch_where_their_rectangles_overlap():
    here = upright(0.0, 0.0), CAR
    beside = {"near": (upright(0.0, 1.9), CAR), "far": (upright(0.0, 2.1), CAR)}  # they are 2 m wide
    assert run_into(here, beside) == ("near",)


def test_a_turned_car_reaches_farther():
    here = upright(0.0, 0.0), CAR
    assert run_into(here, {"across": (upright(3.1, 0.0, yaw=np.pi / 2), CAR)}) == ()  # 2 + 1 = 3 m are free
    assert run_into(here, {"along": (upright(3.1, 0.0), CAR)}) == ("along",)  # 2 + 2 = 4 m are not


def test_who_is_above_is_not_touched():
    assert run_into((upright(0.0, 0.0), CAR), {"bridge": (upright(0.0, 0.0, 3.0), CAR)}) == ()
