"""The navigation graph joins all doors, keeps off houses and water, and lies on the ground."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely

from bridge.scene import EDGE_KINDS, NODE_KINDS, Street
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.junctions import corners
from scene_gen.build.ways.lanes import add_lanes, turn_nodes
from scene_gen.build.ways.linking import Network
from scene_gen.build.ways.navigation import connect
from tests.scene_gen import hand_site

LANE = EDGE_KINDS.index("lane")


@pytest.fixture(scope="module")
def town():
    site, raised = hand_site.site(), hand_site.raised()
    graph, buildings = connect(hand_site.plan(), site, raised)
    return site, raised, graph, buildings


def walks(graph) -> nx.Graph:
    return nx.Graph(graph.edges[graph.edge_kind != LANE].tolist())


def test_every_door_reaches_every_other_door_on_foot(town):
    _, _, graph, buildings = town
    doors = [door.node for building in buildings for door in building.doors]
    assert min(doors) >= 0
    piece = nx.node_connected_component(walks(graph), doors[0])
    assert set(doors) <= piece


def test_all_walking_nodes_are_one_piece(town):
    _, _, graph, _ = town
    walkers = set(np.flatnonzero(graph.node_kind != NODE_KINDS.index("lane")).tolist())
    assert walkers == nx.node_connected_component(walks(graph), next(iter(walkers)))


def test_a_door_node_stands_in_front_of_its_door(town):
    _, _, graph, buildings = town
    for building in buildings:
        for door in building.doors:
            assert graph.node_kind[door.node] == NODE_KINDS.index("door")
            assert np.linalg.norm(graph.nodes[door.node, :2] - np.array(door.position[:2])) < 2.5


def test_no_way_runs_through_a_house_or_over_open_water(town):
    site, raised, graph, _ = town
    lines = shapely.linestrings(graph.nodes[graph.edges][:, :, :2])
    houses = shapely.union_all([shapely.Polygon(b.footprint).buffer(-0.05) for b in raised.buildings])
    decks = shapely.union_all([shapely.Polygon(p.outline).buffer(0.3) for p in site.parts if p.semantic == "dock"])
    sea = shapely.Polygon(site.waters[0].polygon).difference(decks)
    assert not shapely.intersects(lines, houses).any()
    assert not shapely.intersects(lines, sea).any()


def test_nodes_lie_on_the_ground(town):
    site, _, graph, _ = town
    height = Surfaces(site.terrain, site.parts).height(graph.nodes[:, :2])
    np.testing.assert_allclose(graph.nodes[:, 2], height, atol=1e-6)


def test_vehicles_keep_to_the_right(town):
    _, _, graph, _ = town
    a, b = graph.nodes[graph.edges[graph.edge_kind == LANE]].transpose(1, 0, 2)
    west_road = (a[:, 0] < -20) & (b[:, 0] < -20) & (np.abs(a[:, 0] - b[:, 0]) > 3)
    going_east = b[:, 0] > a[:, 0]
    assert (a[west_road & going_east, 1] < 0).all()
    assert (a[west_road & ~going_east, 1] > 0).all()


def test_every_lane_leads_on_to_every_other(town):
    _, _, graph, _ = town
    lanes = nx.DiGraph(graph.edges[graph.edge_kind == LANE].tolist())
    assert nx.is_strongly_connected(lanes)


def test_a_house_behind_a_wall_of_houses_is_reached_round_them():
    # A ring of four long houses around a courtyard, with a gap of 2 m in one corner far from the street.
    site, raised = hand_site.site(), hand_site.raised()
    make = hand_site.rectangle
    rings = [make(-80, 30, -20, 33), make(-80, 60, -22, 63), make(-80, 33.0, -77, 58.0), make(-23, 33.5, -20, 63)]
    rings.append(make(-60, 42, -50, 50))
    walls = tuple(
        replace(raised.buildings[0], name=f"wall-{i}", footprint=r, doors=()) for i, r in enumerate(rings[:4])
    )
    door = replace(raised.buildings[0].doors[0], position=(-55.0, 42.0, 2.0))
    inner = replace(raised.buildings[0], name="inner", footprint=rings[4], doors=(door,))
    raised = replace(raised, buildings=(*raised.buildings, *walls, inner))
    graph, buildings = connect(hand_site.plan(), site, raised)
    first, last = buildings[0].doors[0].node, buildings[-1].doors[0].node
    assert nx.has_path(walks(graph), first, last)
    lines = shapely.linestrings(graph.nodes[graph.edges][:, :, :2])
    houses = shapely.union_all([shapely.Polygon(b.footprint).buffer(-0.05) for b in buildings])
    assert not shapely.intersects(lines, houses).any()


def test_a_site_without_streets_still_joins_its_doors():
    site = replace(hand_site.site(), roads=type(hand_site.site().roads)(np.zeros((0, 3)), ()), parts=(), areas=())
    graph, buildings = connect(hand_site.plan(), site, hand_site.raised())
    doors = [b.doors[0].node for b in buildings]
    assert set(doors) <= nx.node_connected_component(walks(graph), doors[0])


def block(width_m: float) -> list[Street]:
    """Four streets of 100 m round a block."""
    corners = np.array([(0, 0), (100, 0), (100, 100), (0, 100)], dtype=float)
    lines = [np.column_stack([corners[[i, (i + 1) % 4]], np.zeros(2)]) for i in range(4)]
    return [Street(f"s{i}", "street", i, (i + 1) % 4, line, width_m, 2.0, (1, 1)) for i, line in enumerate(lines)]


def lanes_of(streets: list[Street]) -> np.ndarray:
    """Both ends (m,2,2) of all edges of the lanes of some streets."""
    network, ways = Network(), Ways(streets)
    add_lanes(network, ways, corners(ways, 1 + max(s.end for s in streets)))
    return np.stack(network.segments(), axis=1)


@pytest.mark.parametrize("width_m", [5.0, 6.0, 7.4])
def test_lanes_of_both_directions_let_cars_meet_and_keep_off_curbs_and_parked_vehicles(width_m):
    # Along the block's first street, in the north: y is 0 in its middle, and the right curb of who goes east in the south.
    ends = lanes_of(block(width_m))
    x, y = ends.transpose(2, 0, 1)
    y = y[(np.abs(y) < width_m).all(axis=1) & (x > 15).all(axis=1) & (x < 85).all(axis=1)]
    bay_m = 2.1 if width_m >= 7.4 else 0.0
    assert np.ptp(y) >= 2.6 - 1e-6
    assert y.max() <= width_m / 2 - 1.2 + 1e-6
    assert y.min() >= -width_m / 2 + (bay_m + 1.5 if bay_m else 1.2) - 1e-6


def test_a_turn_is_no_tighter_than_a_car_s_turning_circle():
    for turn in (0.6, 1.0, np.pi / 2):
        arrives = np.array([np.cos(turn), np.sin(turn)])
        tangent = 5.0 * np.tan(turn / 2)
        start, corner = np.zeros(2), np.array([tangent, 0.0])
        end = corner + tangent * arrives
        nodes = np.vstack([start, turn_nodes(start, end, np.array([1.0, 0.0]), arrives), end])
        middle = np.array([0.0, 5.0])
        assert len(nodes) > 2
        np.testing.assert_allclose(np.linalg.norm(nodes - middle, axis=1), 5.0, atol=0.02)


def test_a_lane_that_goes_straight_on_needs_no_more_nodes():
    ahead = np.array([1.0, 0.0])
    assert len(turn_nodes(np.zeros(2), np.array([20.0, 0.0]), ahead, ahead)) == 0


def lines_on_foot(graph) -> np.ndarray:
    return shapely.linestrings(graph.nodes[graph.edges[graph.edge_kind != LANE]][:, :, :2])


def test_ways_lead_round_what_stands_on_sidewalks(town):
    site, raised, bare, _ = town
    on_foot = bare.nodes[bare.edges[bare.edge_kind == EDGE_KINDS.index("sidewalk")]][:, :, :2].mean(axis=1)[::5]
    lamps = shapely.points(on_foot).tolist()
    lamps = [lamp.buffer(0.12) for lamp in lamps]
    graph, buildings = connect(hand_site.plan(), site, raised, solids=lamps)
    assert shapely.distance(lines_on_foot(bare), shapely.union_all(lamps)).min() == 0.0
    assert shapely.distance(lines_on_foot(graph), shapely.union_all(lamps)).min() >= 0.35 - 1e-9
    doors = {door.node for building in buildings for door in building.doors}
    assert doors <= nx.node_connected_component(walks(graph), next(iter(doors)))


def test_what_stands_across_a_way_closes_it_where_there_is_another(town):
    site, raised, bare, _ = town
    a, b = bare.nodes[bare.edges[bare.edge_kind == EDGE_KINDS.index("sidewalk")][0]][:, :2]
    across = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
    fence = shapely.LineString([(a + b) / 2 - 3.5 * across, (a + b) / 2 + 3.5 * across]).buffer(0.1)
    graph, _ = connect(hand_site.plan(), site, raised, solids=[fence])
    assert shapely.intersects(lines_on_foot(bare), fence).any()
    assert shapely.distance(lines_on_foot(graph), fence).min() >= 0.35 - 1e-9
    assert nx.is_connected(walks(graph))


def test_what_is_walled_in_stays_joined(town):
    site, raised, bare, _ = town
    door = raised.buildings[0].doors[0]
    fence = shapely.Point(bare.nodes[town[3][0].doors[0].node][:2]).buffer(2.6).exterior.buffer(0.1)
    graph, buildings = connect(hand_site.plan(), site, raised, solids=[fence])
    assert door.position == buildings[0].doors[0].position
    assert nx.is_connected(walks(graph))
