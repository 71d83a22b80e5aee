"""Routes are shortest, keep to their graph, and are refused where there is none."""

import numpy as np
import pytest

from bridge.control.ways import Ways
from bridge.scene import NavigationGraph
from tests.bridge.control.towns import hamlet
from tests.scenes import tiny_scene


def square(*, lanes: bool) -> Ways:
    """Four corners of 10 m, joined round; as lanes one-way, counter-clockwise."""
    nodes = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]], dtype=float)
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 0]], dtype=np.int32)
    kind = np.full(4, 2 if lanes else 0, dtype=np.uint8)
    return Ways(NavigationGraph(nodes, np.zeros(4, np.uint8), edges, kind), lanes=lanes)


def test_a_walker_goes_either_way_round():
    route = square(lanes=False).route((0, 2), (4, 0))
    assert route is not None
    np.testing.assert_allclose(route.points[:, :2], [[0, 2], [0, 0], [4, 0]])
    assert route.length_m == pytest.approx(6.0)


def test_a_vehicle_never_goes_against_the_traffic():
    # From (0, 2) on the lane that leads down to (0, 0), and back up to (0, 8) the long way: 2 + 10 + 10 + 10 + 2.
    route = square(lanes=True).route((0, 2), (0, 8))
    assert route is not None
    assert route.length_m == pytest.approx(34.0)


def test_a_closed_edge_is_gone_round():
    ways = square(lanes=False)
    route = ways.route((0, 2), (4, 10), closed=frozenset([2]))
    assert route is None or 2 not in route.edges[:-1]
    longer = ways.route((0, 2), (10, 5), closed=frozenset([0]))
    assert longer is not None
    assert longer.length_m == pytest.approx(8 + 10 + 5)


def test_pieces_that_do_not_meet_have_no_route():
    nodes = np.array([[0, 0, 0], [10, 0, 0], [0, 50, 0], [10, 50, 0]], dtype=float)
    edges = np.array([[0, 1], [2, 3]], dtype=np.int32)
    ways = Ways(NavigationGraph(nodes, np.zeros(4, np.uint8), edges, np.zeros(2, np.uint8)), lanes=False)
    assert ways.route((1, 0), (1, 50)) is None
    assert np.isinf(ways.distances_to((1, 50)).at((1, 0)))


def test_a_town_without_lanes_has_no_footholds():
    graph = tiny_scene().navigation
    none = NavigationGraph(graph.nodes, graph.node_kind, graph.edges[:0], graph.edge_kind[:0])
    assert Ways(none, lanes=True).footholds((0, 0)) == []


def test_the_route_is_as_long_as_the_distance_from_everywhere():
    ways, rng = hamlet().walks, np.random.default_rng(0)
    nodes = np.unique(ways.edges)
    for goal in rng.choice(nodes, 4):
        distances = ways.distances_to(ways.nodes[goal])
        for start in rng.choice(nodes, 10):
            route = ways.route(ways.nodes[start], ways.nodes[goal])
            assert route is not None
            ends = ways.nodes[[start, goal], :2] - route.points[[0, -1], :2]  # the steps onto the ways and off them
            whole_m = route.length_m + np.linalg.norm(ends, axis=1).sum()
            assert whole_m == pytest.approx(distances.at(ways.nodes[start]), abs=0.05)


def test_going_along_a_route_brings_the_goal_nearer_by_as_much():
    ways, rng = hamlet().walks, np.random.default_rng(1)
    nodes = np.unique(ways.edges)
    a, b = rng.choice(nodes, 2, replace=False)
    route = ways.route(ways.nodes[a], ways.nodes[b])
    assert route is not None
    distances = ways.distances_to(ways.nodes[b])
    left = [distances.at(point) for point in route.points]
    steps = np.linalg.norm(np.diff(route.points, axis=0), axis=1)
    assert np.all(np.diff(left) <= -steps + 2.1)  # the last two metres are measured as the crow flies
    assert left[-1] == pytest.approx(0.0, abs=1e-6)
