"""The navigation graph joins all doors, keeps off houses and water, and lies on the ground."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely

from bridge.scene import EDGE_KINDS, NODE_KINDS
from scene_gen.build.surfaces import Surfaces
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
