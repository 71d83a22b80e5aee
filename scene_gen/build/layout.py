"""The ground of a town: plan and seed in, a site out with terrain, water, streets, parcels and harbor works."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from bridge.frames import read_only
from bridge.scene import RoadNetwork, Street
from scene_gen.build.mains import draw_mains, place_squares
from scene_gen.build.minors import draw_minors
from scene_gen.build.network import Network, StreetHeight, node_ways, over_water
from scene_gen.build.parcels import cut_blocks, make_parcels
from scene_gen.build.polygons import polygons_of
from scene_gen.build.profile import levelled
from scene_gen.build.quays import design_quays
from scene_gen.build.region import find_regions
from scene_gen.build.site import Area, Site
from scene_gen.build.streetnames import name_streets
from scene_gen.build.terrain import raw_ground
from scene_gen.build.water import planned_water, shores, water_records
from scene_gen.plan.artefacts import Plan

Array = NDArray[np.float64]


def lay_out(plan: Plan, *, seed: int) -> Site:
    """The site of a plan: everything flat is flat, everything wet is under water, every parcel has a street."""
    ground = raw_ground(plan, seed=seed)
    wet = planned_water(plan, ground)
    quays = design_quays(plan, ground, shores(ground, wet))
    bodies = shores(ground, wet)
    decks = shapely.union_all([quay.deck for quay in quays])
    water = shapely.union_all([polygon for polygon, _ in bodies]).difference(decks) if bodies else Polygon()
    regions = find_regions(plan, ground, water, quays, seed=seed)
    squares = place_squares(plan, regions, quays, seed=seed)
    drawing, _ = draw_mains(plan, ground, water, regions, quays, squares, seed=seed)
    inside = [polygon for region in regions for polygon in region.within]
    if drawing.ways:
        draw_minors(plan, ground, drawing, inside, [square.ground for square in squares], seed=seed)
    town = shapely.union_all([region.land for region in regions] + inside)
    net = node_ways(plan, over_water(drawing.ways, water), town)
    net = levelled(net, ground, wet, water, quays, squares, plan.look.max_street_slope)
    names = name_streets(plan, net, quays, squares, seed=seed)
    paved = shapely.union_all(
        [shapely.buffer(shapely.linestrings(e.points[:, :2]), e.profile.half_m, quad_segs=4) for e in net.edges]
    )
    height = StreetHeight(net.edges)
    keep = shapely.union_all([square.ground for square in squares])
    blocks = polygons_of(town.difference(shapely.union_all([paved, keep, decks])), 30.0)
    lots, open_ = cut_blocks(plan, blocks, paved, seed=seed)
    parcels, left = make_parcels(plan, lots, net, names, paved, height)
    areas = [Area("garden", read_only(np.asarray(p.exterior.coords)[:-1])) for p, _ in left + open_]
    return Site(
        terrain=ground.finished(np.zeros(ground.heights.shape), ("grass",)),
        waters=water_records(bodies, plan, decks),
        roads=road_network(net, names),
        parts=(),
        parcels=tuple(parcels),
        areas=tuple(areas),
        moorings=(),
    )


def road_network(net: Network, names: list[str]) -> RoadNetwork:
    """The network as scene data."""
    kinds = {"road": "street", "track": "lane"}
    streets = tuple(
        Street(
            names[edge.chain],
            kinds.get(edge.kind, edge.kind),  # type: ignore[arg-type]
            edge.a,
            edge.b,
            read_only(edge.points),
            edge.profile.width_m,
            edge.profile.sidewalk_m,
            (edge.profile.lanes, edge.profile.lanes),
        )
        for edge in net.edges
    )
    return RoadNetwork(read_only(net.nodes), streets)
