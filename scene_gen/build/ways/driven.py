"""Where cars drive: the lanes of a town as drivers round them, bends cut, for whatever has to keep off."""

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.control.chains import chained, curves
from bridge.control.ways import Ways as Lanes
from bridge.scene import NavigationGraph, RoadNetwork
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.junctions import corners
from scene_gen.build.ways.lanes import add_lanes
from scene_gen.build.ways.linking import Network

LANE_CLEAR_M = 1.5
"""What things that stand keep from the middle of a lane [m]: half a car, and what its tail swings out in a bend."""


def driven_lines(graph: NavigationGraph) -> NDArray[np.object_]:
    """The lanes of a graph as shapely lines (n,) with heights [m], as `bridge.control` drives them."""
    lanes = Lanes(graph, lanes=True)
    if not len(lanes.edges):
        return np.zeros(0, dtype=object)
    return np.array([shapely.LineString(curve) for curve in curves(lanes, *chained(lanes))], dtype=object)


def planned_lines(roads: RoadNetwork) -> NDArray[np.object_]:
    """The same of streets that have no graph yet, all at height 0."""
    network, ways = Network(), Ways(roads.streets)
    if not len(roads.streets):
        return np.zeros(0, dtype=object)
    add_lanes(network, ways, corners(ways, len(roads.junctions)))
    xy, node_kind, edges, edge_kind = network.arrays()
    nodes = np.column_stack([xy, np.zeros(len(xy))])
    return driven_lines(NavigationGraph(nodes, node_kind, edges.astype(np.int32), edge_kind))
