"""The navigation graph: where one can walk, from every door to every other, and the lanes that vehicles follow."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.frames import read_only
from bridge.scene import EDGE_KINDS, NODE_KINDS, Building, NavigationGraph
from scene_gen.build.occupancy import bands
from scene_gen.build.site import Raised, Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.crossings import crossing_plans
from scene_gen.build.ways.junctions import Corners, corners
from scene_gen.build.ways.keeping_clear import keep_clear
from scene_gen.build.ways.lanes import add_lanes
from scene_gen.build.ways.linking import Blocked, Network, join_up
from scene_gen.build.ways.open_walks import add_open_places
from scene_gen.plan.artefacts import Plan

Array = NDArray[np.float64]
WALK_GAP_M = 9.0
MOUTH_M = 22.0
"""A painted crossing this near to a junction serves it."""


def connect(
    plan: Plan, site: Site, raised: Raised, *, solids: Sequence[shapely.Geometry] = ()
) -> tuple[NavigationGraph, tuple[Building, ...]]:
    """The graph, and the buildings with their doors' nodes filled in.

    Walkers go along both sidewalks of every street (the middle of streets without), round corners, over crossings and
    over squares, quays and piers. All doors are in one connected component: what the streets do not join is joined
    by a way round the houses and the water, and where there is none by the shortest straight link.
    Ways lead round `solids`, the plans of what stands about, where there is room; of those that do not, only what
    keeps the graph in one piece stays. Vehicles keep to the right.
    """
    del plan
    surfaces = Surfaces(site.terrain, site.parts)
    ways = Ways(site.roads.streets)
    bends = corners(ways, len(site.roads.junctions))
    blocked = Blocked.of(site, raised)
    network = Network()
    _add_sidewalks(network, ways, bends, site, blocked)
    add_open_places(network, site, blocked, surfaces)
    doors = _add_doors(network, raised, blocked)
    join_up(network, blocked)
    keep_clear(network, blocked, solids, doors, _carriageways(site))
    add_lanes(network, ways, bends)
    nodes, node_kind, edges, edge_kind = network.arrays()
    graph = NavigationGraph(
        nodes=read_only(np.column_stack([nodes, surfaces.height(nodes)]) if len(nodes) else np.zeros((0, 3))),
        node_kind=read_only(node_kind, np.uint8),
        edges=read_only(edges, np.int32),
        edge_kind=read_only(edge_kind, np.uint8),
    )
    return graph, _with_door_nodes(raised.buildings, doors)


def _add_sidewalks(network: Network, ways: Ways, bends: Corners, site: Site, blocked: Blocked) -> None:
    """Walking lines beside (or in the middle of) every street, corners, and crossings."""
    count = len(ways.streets)
    if not count:
        return
    sidewalk = np.array([street.sidewalk_m for street in ways.streets])
    width = np.array([street.width_m for street in ways.streets])
    has_sides = sidewalk > 0
    offset = np.where(has_sides, width / 2 + sidewalk / 2, 0.0)
    # Lines: for each street its left side (+1) and, where there are sidewalks, its right side (-1).
    street = np.concatenate([np.arange(count), np.flatnonzero(has_sides)])
    side = np.concatenate([np.ones(count), -np.ones(int(has_sides.sum()))])
    line_of = np.full((count, 2), -1)
    line_of[:, 0] = np.arange(count)
    line_of[:, 1] = line_of[:, 0]
    line_of[has_sides, 1] = np.arange(count, len(street))
    column = (side < 0).astype(int)
    begin, end = bends.begin[street, column], ways.length_m[street] - bends.finish[street, column]
    pieces = np.maximum(np.rint((end - begin) / WALK_GAP_M), 1).astype(int)
    line = np.repeat(np.arange(len(street)), pieces + 1)
    rank = np.arange(len(line)) - np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
    arc = begin[line] + (end - begin)[line] * rank / pieces[line]
    # Crossings: a station on either side, and an edge over the street between them.
    cross_street, cross_arc = _crossings(ways, site, bends, has_sides)
    cross_left, cross_right = line_of[cross_street, 0], line_of[cross_street, 1]
    is_end = (rank == 0) | (rank == pieces[line])
    clear = np.ones(len(line), dtype=bool)
    for lines_of_side in (cross_left, cross_right):  # a regular station next to a crossing's would make a short edge
        order = np.argsort(lines_of_side, kind="stable")
        keys, arcs = lines_of_side[order], cross_arc[order]
        joint, own = keys * 1e5 + arcs, line * 1e5 + arc
        place = np.searchsorted(joint, own)
        for neighbour in (place - 1, place):
            at = np.clip(neighbour, 0, max(len(joint) - 1, 0))
            if len(joint):
                clear &= is_end | (np.abs(joint[at] - own) > 3.0)
    all_line = np.concatenate([line[clear], cross_left, cross_right])
    all_arc = np.concatenate([arc[clear], cross_arc, cross_arc])
    painted = np.concatenate([np.zeros(int(clear.sum()), bool), np.ones(2 * len(cross_arc), bool)])
    xy, _ = ways.at(street[all_line], all_arc, (side * offset[street])[all_line])
    kinds = np.where(
        painted,
        NODE_KINDS.index("crossing"),
        np.where(has_sides[street[all_line]], NODE_KINDS.index("sidewalk"), NODE_KINDS.index("path")),
    )
    first = network.add_nodes(xy, kinds)
    order = np.lexsort((all_arc, all_line))
    same = all_line[order][1:] == all_line[order][:-1]
    pairs = np.stack([order[:-1][same], order[1:][same]], axis=1)
    edge_kind = np.where(
        has_sides[street[all_line[pairs[:, 0]]]], EDGE_KINDS.index("sidewalk"), EDGE_KINDS.index("path")
    )
    network.add_edges(first + pairs, edge_kind)
    n = int(clear.sum())
    over = np.stack([n + np.arange(len(cross_arc)), n + len(cross_arc) + np.arange(len(cross_arc))], axis=1)
    network.add_edges(first + over, EDGE_KINDS.index("crossing"))
    # The first and last station of every line, for the corners.
    position = np.full((len(street), 2), -1)
    ends = np.flatnonzero(clear & is_end)
    index_of = np.cumsum(clear) - 1
    starts = ends[rank[ends] == 0]
    finishes = ends[rank[ends] == pieces[line[ends]]]
    position[line[starts], 0] = index_of[starts]
    position[line[finishes], 1] = index_of[finishes]

    def mouth(street: NDArray[np.intp], at_end: NDArray[np.bool_], is_left: bool) -> NDArray[np.intp]:
        """The outermost station on one side of streets' ends, seen from their junctions."""
        return position[line_of[street, (is_left == at_end).astype(int)], at_end.astype(int)]

    if len(bends.left_street):
        a = mouth(bends.left_street, bends.left_at_end, True)
        b = mouth(bends.right_street, bends.right_at_end, False)
        network.add_edges(first + np.stack([a, b], axis=1), EDGE_KINDS.index("sidewalk"))
    network.weld(1.2)
    network.drop_edges(blocked.segments(*network.segments()))


def _crossings(ways: Ways, site: Site, bends: Corners, has_sides: NDArray[np.bool_]) -> tuple[NDArray[np.intp], Array]:
    """Streets and arc lengths of crossings: the painted ones, and the mouths of streets that have none there."""
    street, arc = _painted_crossings(ways, site, has_sides)
    mouths = np.flatnonzero(has_sides)
    near = np.zeros((len(ways.streets), 2), dtype=bool)
    near[street[arc < MOUTH_M], 0] = True
    near[street[ways.length_m[street] - arc < MOUTH_M], 1] = True
    at_start, at_end = mouths[~near[mouths, 0]], mouths[~near[mouths, 1]]
    arcs = (
        arc,
        bends.begin[at_start].max(axis=1) + 0.5,
        ways.length_m[at_end] - bends.finish[at_end].max(axis=1) - 0.5,
    )
    return np.concatenate([street, at_start, at_end]), np.concatenate(arcs)


def _painted_crossings(ways: Ways, site: Site, has_sides: NDArray[np.bool_]) -> tuple[NDArray[np.intp], Array]:
    """Streets and arc lengths of the crossings that the site has painted on streets with sidewalks."""
    zebras = crossing_plans(site)
    if not zebras:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    lines = np.array([shapely.linestrings(street.centreline[:, :2]) for street in ways.streets])
    candidates = np.flatnonzero(has_sides)
    points = shapely.centroid(np.array(zebras, dtype=object))
    if not len(candidates):
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    tree = shapely.STRtree(lines[candidates])
    point, nearest = tree.query_nearest(points, all_matches=False, max_distance=4.0)
    street = candidates[nearest]
    arc = shapely.line_locate_point(lines[street], points[point])
    inside = (arc > 1.0) & (arc < ways.length_m[street] - 1.0)
    return street[inside], arc[inside]


def _add_doors(network: Network, raised: Raised, blocked: Blocked) -> NDArray[np.intp]:
    """A node in front of every door, linked to the nearest walking node in sight; node indices in door order."""
    doors = [door for building in raised.buildings for door in building.doors]
    if not doors:
        return np.zeros(0, dtype=np.intp)
    position = np.array([door.position[:2] for door in doors])
    yaw = np.array([door.yaw_rad for door in doors])
    outward = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    place = position + 0.6 * outward
    for step_m in (1.0, 1.5, 2.2, 3.0, 4.0, 5.5, 7.5, 10.0):  # thresholds may lie in a recess or under a porch
        inside = blocked.inside(place)
        place[inside] = position[inside] + step_m * outward[inside]
    walkers = network.count
    first = network.add_nodes(place, NODE_KINDS.index("door"))
    network.link_in_sight(
        np.arange(first, first + len(doors)), np.arange(walkers), blocked, EDGE_KINDS.index("door"), reach_m=60.0
    )
    return np.arange(first, first + len(doors))


def _carriageways(site: Site) -> shapely.Geometry:
    """The plan of everything vehicles drive on."""
    driven = [street for street in site.roads.streets if sum(street.lanes)]
    return shapely.union_all(bands([s.centreline for s in driven], [s.width_m / 2 for s in driven], quad_segs=3))


def _with_door_nodes(buildings: tuple[Building, ...], nodes: NDArray[np.intp]) -> tuple[Building, ...]:
    found = iter(nodes.tolist())
    return tuple(
        replace(building, doors=tuple(replace(door, node=next(found)) for door in building.doors))
        for building in buildings
    )
