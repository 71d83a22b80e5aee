"""Lanes as curves, and what cars do on them: yield to people, get past what stands there, never wait for themselves."""

import numpy as np
import pytest

from bridge.control.bodies import Bodies
from bridge.control.chains import chained, curves
from bridge.control.lane_map import LaneMap
from bridge.control.signals import Signals
from bridge.control.traffic import Traffic
from bridge.control.ways import LANE, Ways
from bridge.control.yielding import Claims
from bridge.engine import Velocity
from bridge.scene import NavigationGraph

HALF = np.array([2.3, 0.9])


def lanes(nodes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Ways:
    """The lanes of a graph made by hand."""
    kinds = np.full(len(edges), LANE, np.uint8)
    at = np.column_stack([np.array(nodes, float), np.zeros(len(nodes))])
    return Ways(NavigationGraph(at, np.full(len(nodes), 2, np.uint8), np.array(edges, np.int32), kinds), lanes=True)


def test_a_lane_is_one_chain_up_to_the_next_choice():
    # 0-1-2 is a lane; from 2 one turns to 3 by way of 5, or goes to 4; from 6 one comes to 3, too.
    nodes = [(0, 0), (10, 0), (20, 0), (25, -5), (30, 0), (23.5, -1.5), (30, -2)]
    chains, is_turn = chained(lanes(nodes, [(0, 1), (1, 2), (2, 5), (5, 3), (2, 4), (6, 3)]))
    assert chains == [[0, 1, 2], [2, 5, 3], [2, 4], [6, 3]]
    assert is_turn.tolist() == [False, True, True, True]


def test_where_a_lane_has_but_one_turn_the_turn_is_its_last_16_m():
    # Along y = 0 from 0 to 40; at 40 another lane comes in.
    nodes = [(float(x), 0.0) for x in range(0, 50, 10)] + [(40.0, 20.0), (60.0, 0.0)]
    chains, is_turn = chained(lanes(nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (5, 4), (4, 6)]))
    assert chains == [[0, 1, 2, 3], [3, 4], [5, 4], [4, 6]]
    assert is_turn.tolist() == [False, True, True, False]


def test_a_ring_without_a_choice_is_one_chain():
    chains, is_turn = chained(lanes([(0, 0), (10, 0), (10, 10), (0, 10)], [(0, 1), (1, 2), (2, 3), (3, 0)]))
    assert chains == [[0, 1, 2, 3, 0]]
    assert not is_turn.any()


def test_a_turn_through_nodes_on_a_circle_is_that_circle():
    angle = np.linspace(0, np.pi / 2, 4)
    arc = np.column_stack([5 * np.sin(angle), 5 - 5 * np.cos(angle)])
    nodes = [(-10.0, 0.0), *map(tuple, arc.tolist()), (5.0, 15.0), (20.0, 0.0), (9.0, 5.0)]
    ways = lanes(nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (7, 4)])
    chains, is_turn = chained(ways)
    turn = chains.index([1, 2, 3, 4])
    assert is_turn[turn]
    curve = curves(ways, chains, is_turn)[turn]
    np.testing.assert_allclose(np.linalg.norm(curve[:, :2] - [0.0, 5.0], axis=1), 5.0, atol=0.03)


def two_way_street(length: int = 200) -> LaneMap:
    """A lane east along y = 0, one west along y = 3.2; each leads on to itself, so that nobody reaches an end."""
    x = np.arange(length + 1.0)
    points = np.concatenate([np.column_stack([x, 0 * x]), np.column_stack([x[::-1], 0 * x + 3.2])])
    headings = np.repeat([[1.0, 0.0], [-1.0, 0.0]], length + 1, axis=0)
    no = np.zeros(2, dtype=bool)
    return LaneMap(
        np.array([[0, 0], [1, 1]]), np.array([0, length + 1, 2 * length + 2]), points, np.zeros(len(points)), headings,
        np.full(len(points), -1), ((0,), (1,)), no, np.array([-1, -1]), np.zeros((2, 2), bool), np.zeros(2),
        np.zeros((0, 2, 2)), ~no, np.full(2, float(length)),
    )  # fmt: skip


class Drive:
    """One car on the street, driven as it says, among bodies that stand; with the ends of time that act needs."""

    def __init__(self, *standing: tuple[float, float, bool]) -> None:
        street = two_way_street()
        none = np.full(2, -1)
        signals = Signals(none, np.zeros(2), np.zeros(0, np.int64), np.zeros(0))
        self.traffic = Traffic(street, signals, ("car",), seed=0)
        self.traffic.begin([(0, 5)])
        self.claims = Claims(np.zeros(0, bool), np.zeros(0, bool))
        self.standing = np.array([(x, y) for x, y, _ in standing]).reshape(-1, 2)
        self.persons = np.array([False, *(person for _, _, person in standing)])
        self.pose, self.speed, self.time_s = np.array([5.0, 0.0, 0.0]), 0.0, 0.0

    def run(self, seconds: float) -> np.ndarray:
        """The car's (x, y, yaw) every tenth of a second (t,3), as wheels would take it that obey at once."""
        track = []
        names = ("car", *(f"thing-{i}" for i in range(len(self.standing))))
        half = np.vstack([HALF, np.where(self.persons[1:, None], [0.28, 0.28], HALF)])
        for _ in range(round(10 * seconds)):
            heading = np.array([np.cos(self.pose[2]), np.sin(self.pose[2])])
            velocity = np.vstack([self.speed * heading, np.zeros_like(self.standing)])
            yaw = np.r_[self.pose[2], np.zeros(len(self.standing))]
            xy = np.vstack([self.pose[:2], self.standing])
            index = {name: i for i, name in enumerate(names)}
            there = np.ones(len(names), bool)
            seen = Bodies(names, index, xy, np.zeros(len(names)), yaw, velocity, half, self.persons, there)
            motion = self.traffic.act(self.time_s, seen, np.array([0]), self.claims)["car"].motion
            assert isinstance(motion, Velocity)
            self.speed = motion.forward_m_s
            self.pose += 0.1 * np.array([*(self.speed * heading), motion.yaw_rate_rad_s])
            self.time_s += 0.1
            track.append(self.pose.copy())
        return np.array(track)


def test_a_free_street_is_driven_at_town_speed_in_the_lane():
    track = Drive().run(12.0)
    assert np.abs(track[:, 1]).max() < 0.05
    assert 6.0 < np.diff(track[-20:, 0]).mean() / 0.1 < 9.0


def test_a_car_sets_off_at_once():
    # It gains 1.5 m/s² over the 0.4 s until it is asked again, each time: past 2 m/s within a second of a tenth each.
    assert Drive().run(1.0)[-1, 0] > 5.0 + 1.0


@pytest.mark.parametrize("y", [0.0, 1.2, -1.2])
def test_a_car_stops_for_whoever_stands_on_the_road_ahead(y):
    track = Drive((40.0, y, True), (52.0, 3.2, False)).run(14.0)  # the other lane is taken, too
    assert 30.0 < track[-1, 0] < 40.0 - HALF[0] - 1.0
    assert track[-1, 0] == pytest.approx(track[-10, 0], abs=0.05)


def test_who_stands_at_the_kerb_stops_no_car():
    # The lane's middle is 1.5 m from the kerb of a street of 6 m.
    assert Drive((40.0, -1.5, True)).run(14.0)[-1, 0] > 60.0


def test_a_car_gets_past_what_stands_on_its_lane_and_comes_back():
    track = Drive((50.0, 0.0, False)).run(40.0)
    beside = np.abs(track[:, 0] - 50.0) < 2 * HALF[0]
    assert beside.any()
    assert track[beside, 1].min() > 2 * HALF[1] + 0.3
    assert track[-1, 0] > 80.0
    assert abs(track[-1, 1]) < 0.1


def test_nobody_gets_past_where_the_other_side_is_taken():
    track = Drive((50.0, 0.0, False), (55.0, 3.2, False)).run(20.0)
    assert track[:, 0].max() < 50.0 - 2 * HALF[0]
    assert np.abs(track[:, 1]).max() < 0.4


def test_who_is_blocked_goes_back_a_little():
    # Bumper to bumper with 2 m between, from the beginning.
    track = Drive((5.0 + 2 * HALF[0] + 2.0, 0.0, False), (20.0, 3.2, False)).run(14.0)
    assert track[95, 0] == pytest.approx(5.0, abs=0.1)
    assert 2.0 < 5.0 - track[-1, 0] < 3.0
