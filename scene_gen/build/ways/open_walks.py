"""Walking over open places: nodes on squares, quays, piers and promenades, joined to the streets beside them."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bridge.scene import EDGE_KINDS, NODE_KINDS
from scene_gen.build.occupancy import polygon
from scene_gen.build.site import Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.linking import Blocked, Network

Array = NDArray[np.float64]
GAP_M = 9.0
WALKED_PARTS = ("pier", "jetty", "marina", "breakwater", "quay", "square", "promenade", "footbridge", "steps")
WALKED_AREAS = ("square", "quay", "promenade", "yard", "parking-lot")


def add_open_places(network: Network, site: Site, blocked: Blocked, surfaces: Surfaces) -> None:
    """Adds a lattice of nodes on every open place, and links its nodes to the nearest street node in sight."""
    streets = network.count
    owners: list[NDArray[np.intp]] = []
    for shape, kind in _places(site):
        xy, pairs = lattice(shape)
        xy_free = ~blocked.inside(xy) & (surfaces.height(xy) > _flood(site, xy)) if len(xy) else np.zeros(0, bool)
        keep = np.flatnonzero(xy_free)
        if not len(keep):
            continue
        index = np.full(len(xy), -1)
        first = network.add_nodes(xy[keep], NODE_KINDS.index(kind))
        index[keep] = first + np.arange(len(keep))
        linked = index[pairs]
        linked = linked[(linked >= 0).all(axis=1)]
        clear = ~blocked.segments(network.xy[linked[:, 0]], network.xy[linked[:, 1]])
        network.add_edges(linked[clear], EDGE_KINDS.index(kind))
        owners.append(index[keep])
    if streets:
        for own in owners:
            edge_kind = int(EDGE_KINDS.index(NODE_KINDS[network.kind[own[0]]]))
            network.link_in_sight(own, np.arange(streets), blocked, edge_kind, reach_m=13.0, tries=4)


def _flood(site: Site, xy: Array) -> Array:
    """Height [m] above which points (n,2) are dry: a step above the water they lie in, if any."""
    level = np.full(len(xy), -np.inf)
    for water in site.waters:
        inside = shapely.contains_xy(polygon(water.polygon, water.holes), xy[:, 0], xy[:, 1])
        level[inside] = np.maximum(level[inside], water.level_m + 0.3)
    return level


def _places(site: Site) -> list[tuple[shapely.Geometry, str]]:
    """Plans of the open places, each once, with the kind of node that stands on them."""
    places: list[tuple[shapely.Geometry, str]] = []
    for area in site.areas:
        if area.kind in WALKED_AREAS:
            kind = "square" if area.kind in ("square", "yard", "parking-lot") else "quay"
            places.append((polygon(area.polygon, area.holes), kind))
    for part in site.parts:
        if part.kind in WALKED_PARTS and part.outline is not None and len(part.outline) > 2:
            kind = "square" if part.kind == "square" else "quay"
            places.append((polygon(part.outline), kind))
    kept: list[tuple[shapely.Geometry, str]] = []
    for shape, kind in places:
        for other, _ in kept:
            if shapely.intersects(shape, other):
                shape = shapely.difference(shape, other)
        kept += [(piece, kind) for piece in shapely.get_parts(shape) if shapely.area(piece) > 6.0]
    return [(shape, kind) for shape, kind in kept if shapely.get_type_id(shape) == 3]


def lattice(shape: shapely.Geometry, gap_m: float = GAP_M) -> tuple[Array, NDArray[np.intp]]:
    """Points (n,2) about `gap_m` apart inside a polygon, in rows along its long side, and the neighbours among them."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:4]
    if len(ring) < 4:
        return np.zeros((0, 2)), np.zeros((0, 2), dtype=np.intp)
    one, two = ring[1] - ring[0], ring[3] - ring[0]
    if np.hypot(*one) < np.hypot(*two):
        one, two = two, one
    long_, short = np.hypot(*one), np.hypot(*two)
    n, m = max(round(float(long_ / gap_m)), 1), max(round(float(short / gap_m)), 1)
    u, v = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(m) + 0.5) / m)
    base = ring[0] if np.allclose(ring[0] + one + two, ring[2], atol=1e-6) else ring[2] - one - two
    xy = base + u.reshape(-1, 1) * one + v.reshape(-1, 1) * two
    inner = shapely.buffer(shape, -min(1.0, 0.3 * short))
    shapely.prepare(inner)
    xy = xy[shapely.contains_xy(inner, xy[:, 0], xy[:, 1])]
    if len(xy) < 2:
        middle = shapely.get_coordinates(shapely.point_on_surface(shape)) if not len(xy) else xy
        return middle, np.zeros((0, 2), dtype=np.intp)
    near = cKDTree(xy).query_pairs(1.25 * max(long_ / n, short / m if m > 1 else 0.0), output_type="ndarray")
    near = near[np.lexsort((near[:, 1], near[:, 0]))]
    lines = shapely.linestrings(np.stack([xy[near[:, 0]], xy[near[:, 1]]], axis=1))
    shapely.prepare(shape)
    return xy, near[shapely.covers(shape, lines)]
