"""The ground of a town: plan and seed in, a site out with terrain, water, streets, parcels and harbor works.

The order of the steps: land and water, streets and their levels, lots, cut and fill, then everything that lies on top.
"""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from bridge.errors import InvalidPlan
from bridge.frames import read_only
from bridge.scene import Part, RoadNetwork, Street, Terrain
from scene_gen.build.ground.bridges import bridge_part, water_level_at
from scene_gen.build.ground.covers import chain_covers, covers_of
from scene_gen.build.ground.drawing import Way
from scene_gen.build.ground.estates import Estate, farmsteads, outlying, with_estates
from scene_gen.build.ground.fronts import settled
from scene_gen.build.ground.grading import grade
from scene_gen.build.ground.harborworks import build_harbor
from scene_gen.build.ground.landmarks import claim, reserve
from scene_gen.build.ground.mains import Square, draw_mains, place_squares
from scene_gen.build.ground.minors import draw_minors
from scene_gen.build.ground.network import Network, StreetHeight, node_ways, over_water
from scene_gen.build.ground.openland import area, left_open, outside_town, park_paths
from scene_gen.build.ground.parcels import cut_blocks, make_parcels
from scene_gen.build.ground.paving import CURB_M, Ribbons, flat_part, painted_parts, plan_ribbons, street_parts
from scene_gen.build.ground.polygons import inset, polygons_of, slab
from scene_gen.build.ground.profile import levelled
from scene_gen.build.ground.quays import Quay, design_quays
from scene_gen.build.ground.region import Region, find_regions
from scene_gen.build.ground.shore import Harbor
from scene_gen.build.ground.shoreworks import parking_lots, promenades, quay_steps
from scene_gen.build.ground.soil import covered
from scene_gen.build.ground.spans import draw_bridges
from scene_gen.build.ground.streetnames import name_streets
from scene_gen.build.ground.surveyed import named_chains, survey_parcels, survey_town, survey_ways
from scene_gen.build.ground.terrain import Ground, raw_ground
from scene_gen.build.ground.townwalls import town_walls, wall_line
from scene_gen.build.ground.water import Wet, planned_water, rivers_apart, shores, water_records, wet_mask
from scene_gen.build.site import Area, Parcel, Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Land:
    """Ground and water before anything is built; `water` is all of it, less the quays' `decks`."""

    ground: Ground
    wet: Wet
    bodies: list[tuple[Polygon, int]]
    quays: list[Quay]
    decks: BaseGeometry
    water: BaseGeometry


@dataclass(frozen=True, eq=False)
class _Town:
    """Streets with their names and heights, and the `area` they open up; `rings` are what ring streets enclose."""

    net: Network
    names: list[str]
    height: StreetHeight
    ribbons: Ribbons
    area: BaseGeometry
    regions: list[Region] = field(default_factory=list)
    rings: list[Polygon] = field(default_factory=list)
    squares: list[Square] = field(default_factory=list)
    plazas: list[Polygon] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)


def lay_out(plan: Plan, *, seed: int) -> Site:
    """The site of a plan: everything flat is flat, everything wet is under water, every parcel has a street.

    Raises InvalidPlan for heights that are no numbers. What the land has no room for is said in the site's notes.
    """
    if len(plan.heights) < 2 or not np.isfinite(plan.heights).all():
        raise InvalidPlan("The plan's heights hold numbers that are not finite; give at least 2×2 heights in metres.")
    land = _land(plan, seed)
    town = _surveyed_town(plan, land, seed) if plan.survey is not None else _drawn_town(plan, land, seed)
    if town is None:
        return _wild(plan, land, seed)
    notes: list[str] = []
    parcels, open_ = _lots(plan, land, town, seed)
    parcels, lot_parts, lot_areas = parking_lots(plan, parcels, notes)

    ground, quays = land.ground, land.quays
    plaza_levels = [float(town.height(shapely.get_coordinates(p.exterior)).mean()) + CURB_M for p in town.plazas]
    flats = list(zip(town.plazas, [level - 0.02 for level in plaza_levels], strict=True))
    flats += [(Polygon(a.polygon), a.level_m - 0.02) for a in lot_areas if a.level_m is not None]
    under = wet_mask(ground, land.bodies)
    lids = [(quay.deck, quay.level_m) for quay in quays]
    grade(ground, town.net, town.height, parcels, flats, lids, under | ground.inside(land.decks))

    bare = ground.finished(np.zeros(ground.heights.shape, dtype=np.uint8), ("grass",))
    parcels = settled(parcels, bare.height_at)
    parts, areas = _squares(plan, town, plaza_levels)
    parts += _streets(plan, land, town, bare)
    spans = list(town.ribbons.bridges.values())
    harbor = build_harbor(plan, ground, land.water, land.bodies, quays, keep_off=spans, seed=seed)
    parts += lot_parts + quay_steps(plan, harbor, notes) + harbor.parts
    areas += lot_areas + harbor.areas
    wall = wall_line(plan, town.regions, shapely.union_all([land.water.buffer(5.0), land.decks.buffer(7.0)]))
    if wall is not None:
        parts += town_walls(plan, ground, town.net, wall, notes)

    lots = [shapely.polygons(parcel.polygon) for parcel in parcels]
    walled = wall.buffer(4.0) if wall is not None else Polygon()
    taken = shapely.union_all([town.area, town.ribbons.paved, land.decks, walled, *lots])
    strolls, stroll_areas = promenades(plan, bare, harbor, land.water, taken, notes)
    taken = shapely.union_all([taken, *(shapely.polygons(place.polygon) for place in stroll_areas)])
    works = shapely.union_all([shapely.polygons(part.outline) for part in harbor.parts if part.outline is not None])
    wet_or_built = shapely.union_all([land.water, works])
    greens = left_open(open_) + outside_town(plan, ground, taken, wet_or_built, seed=seed)
    parts += strolls + _park_paths(greens, bare, seed)
    areas += stroll_areas + _with_graves(greens, parcels)
    reserved = reserve(plan, ground, harbor, town.squares, plaza_levels, land.water, taken, seed=seed)
    return Site(
        terrain=covered(plan, ground, land.wet, under, areas, seed=seed),
        waters=water_records(land.bodies, plan, land.decks),
        roads=road_network(town.net, town.names),
        parts=tuple(parts),
        parcels=tuple(parcels),
        areas=tuple(areas),
        moorings=tuple(harbor.moorings),
        reserved=tuple(reserved),
        notes=tuple(harbor.notes + notes),
    )


def _land(plan: Plan, seed: int) -> _Land:
    ground = raw_ground(plan, seed=seed)
    wet = planned_water(plan, ground)
    quays = [] if plan.survey is not None else design_quays(plan, ground, shores(ground, wet))
    bodies = rivers_apart(plan, shores(ground, wet))
    decks = shapely.union_all([quay.deck for quay in quays])
    water = shapely.union_all([polygon for polygon, _ in bodies]).difference(decks) if bodies else Polygon()
    return _Land(ground, wet, bodies, quays, decks, water)


def _frame(plan: Plan) -> Polygon:
    half = plan.size_m / 2
    return box(-half, -half, half, half)


def _drawn_town(plan: Plan, land: _Land, seed: int) -> _Town | None:
    """Streets of our own: rings and main streets first, minor streets between them. None where nothing is built."""
    regions = find_regions(plan, land.ground, land.water, land.quays, seed=seed)
    squares = place_squares(plan, regions, land.quays, seed=seed)
    drawing, grid = draw_mains(plan, land.ground, land.water, regions, land.quays, squares, seed=seed)
    if not drawing.ways:
        return None
    draw_bridges(plan, drawing, grid, land.water, land.decks)
    estates = outlying(plan, land.ground, land.water, regions, drawing, grid)
    rings = [polygon for region in regions for polygon in region.within]
    draw_minors(plan, land.ground, drawing, rings, [square.ground for square in squares], seed=seed)
    whole = shapely.union_all([region.land for region in regions] + rings)
    net = _levelled(plan, land, drawing.ways, whole, squares)
    names = name_streets(plan, net, land.quays, squares, seed=seed)
    ribbons = plan_ribbons(net, _frame(plan), land.decks)
    plazas = [_plaza(square, net) for square in squares]
    return _Town(net, names, StreetHeight(net.edges), ribbons, whole, regions, rings, squares, plazas, estates)


def _surveyed_town(plan: Plan, land: _Land, seed: int) -> _Town | None:
    """The streets of a survey, as they are."""
    ways = survey_ways(plan, plan.survey) if plan.survey is not None else []
    if not ways or plan.survey is None:
        return None
    whole = survey_town(plan.survey)
    net, known = named_chains(_levelled(plan, land, ways, whole, ()))
    names = name_streets(plan, net, (), (), seed=seed, known=known)
    return _Town(net, names, StreetHeight(net.edges), plan_ribbons(net, _frame(plan), land.decks), whole)


def _levelled(plan: Plan, land: _Land, ways: Sequence[Way], whole: BaseGeometry, squares: Sequence[Square]) -> Network:
    net = node_ways(plan, over_water(ways, land.water), whole)
    return levelled(plan, net, land.ground, land.wet, land.water, land.quays, squares)


def _lots(plan: Plan, land: _Land, town: _Town, seed: int) -> tuple[list[Parcel], list[tuple[Polygon, str]]]:
    """Parcels, and what stays open between them with its lattice letter."""
    paved = town.ribbons.paved
    if plan.survey is not None:
        parcels = survey_parcels(plan, plan.survey, town.net, town.names, paved, land.water, town.height)
        built = shapely.union_all([paved, land.water, *(shapely.polygons(parcel.polygon) for parcel in parcels)])
        return parcels, [
            (piece, "S") for piece in polygons_of(town.area.intersection(_frame(plan)).difference(built), 20.0)
        ]
    keep = shapely.union_all([*town.plazas, paved, land.decks])
    free = inset(town.area.difference(keep), 0.06, join_style="mitre").simplify(0.05)
    lots, open_ = cut_blocks(plan, polygons_of(free, 30.0), town.rings, town.net, paved, seed=seed)
    lots += farmsteads(plan, land.ground, town.net, town.area, land.water, town.estates, seed=seed)
    decks = [(quay.deck, quay.level_m) for quay in land.quays]
    parcels, left = make_parcels(lots, town.net, town.names, paved, town.height, decks)
    return claim(plan, with_estates(parcels, town.estates, town.net, town.names, town.height)), open_ + left


def _squares(plan: Plan, town: _Town, levels: Sequence[float]) -> tuple[list[Part], list[Area]]:
    material = covers_of(plan).square
    parts: list[Part] = []
    areas: list[Area] = []
    for number, (plaza, level) in enumerate(zip(town.plazas, levels, strict=True), start=1):
        part = flat_part(f"square-{number}", "square", "sidewalk", plaza, level, material=material)
        if part is not None:
            parts.append(part)
            areas.append(area("square", plaza, level_m=level, name=part.name))
    return parts, areas


def _streets(plan: Plan, land: _Land, town: _Town, bare: Terrain) -> list[Part]:
    covers = covers_of(plan)
    carriage = chain_covers(plan, town.net, covers)
    parts = street_parts(town.net, town.names, town.ribbons, town.height, carriage, covers)
    levels = [(polygon, plan.waters[kind].level_m) for polygon, kind in land.bodies]
    counts = {"bridge": 0, "footbridge": 0}
    for index in sorted(town.ribbons.bridges):
        edge = town.net.edges[index]
        word = "footbridge" if edge.role == "footbridge" else "bridge"
        counts[word] += 1
        surface = (carriage[edge.chain], covers.sidewalk, covers.curb)
        parts.append(bridge_part(edge, land.ground, water_level_at(levels, edge), surface, f"{word}-{counts[word]}"))
    roads = [part for part in parts if part.kind in ("carriageway", "bridge")]
    return parts + painted_parts(town.net, town.names, Surfaces(bare, roads).height, carriage)


def _plaza(square: Square, net: Network) -> Polygon:
    """The paved ground inside the streets round a square."""
    near = [e for e in net.edges if shapely.LineString(e.points[:, :2]).dwithin(square.around, 12.0)]
    streets = [shapely.LineString(e.points[:, :2]).buffer(e.profile.half_m, quad_segs=4) for e in near]
    inner = polygons_of(square.around.difference(shapely.union_all(streets)))
    return inner[0] if inner else square.ground


def _park_paths(greens: Sequence[Area], bare: Terrain, seed: int) -> list[Part]:
    rng = stream(seed, "parks")
    parts: list[Part] = []
    for park in greens:
        shape = Polygon(park.polygon, park.holes)
        if park.kind != "park" or shape.area < 700.0:
            continue
        paths = shapely.union_all(park_paths(shape, rng))
        body = slab(paths, lambda xy: _crest(bare, xy), lift_m=0.05, depth_m=0.4, spacing_m=1.5, material="gravel")
        if body is not None:
            parts.append(Part(f"park-{len(parts) + 1}/paths", "path", "sidewalk", body))
    return parts


def _crest(terrain: Terrain, xy: Array) -> Array:
    """The highest ground (n,) within about a metre of places (n,2): what is laid at that height is not pierced."""
    around = np.array([[0.0, 0.0], [1.3, 0.0], [-1.3, 0.0], [0.0, 1.3], [0.0, -1.3]])
    return terrain.height_at(xy[:, None, :] + around).max(axis=1)


def _with_graves(greens: Sequence[Area], parcels: Sequence[Parcel]) -> list[Area]:
    """The open areas, the garden or meadow nearest to each church a cemetery."""
    found = list(greens)
    for parcel in parcels:
        if parcel.use not in ("church", "chapel", "cathedral", "monastery"):
            continue
        lot = Polygon(parcel.polygon)
        near = [
            (shape.distance(lot), k)
            for k, shape in enumerate(Polygon(place.polygon) for place in found)
            if found[k].kind in ("garden", "yard") and 120.0 < shape.area < 4000.0
        ]
        if near and min(near)[0] < 40.0:
            found[min(near)[1]] = replace(found[min(near)[1]], kind="cemetery")
    return found


def _wild(plan: Plan, land: _Land, seed: int) -> Site:
    """A site without a single street: land and water, and what stands on piles or alone."""
    areas = outside_town(plan, land.ground, Polygon(), land.water, seed=seed)
    harbor: Harbor = build_harbor(plan, land.ground, land.water, land.bodies, land.quays, seed=seed)
    reserved = reserve(plan, land.ground, harbor, (), (), land.water, land.decks, seed=seed)
    return Site(
        terrain=covered(plan, land.ground, land.wet, wet_mask(land.ground, land.bodies), areas, seed=seed),
        waters=water_records(land.bodies, plan, land.decks),
        roads=RoadNetwork(read_only(np.zeros((0, 3))), ()),
        parts=tuple(harbor.parts),
        parcels=(),
        areas=tuple(areas + harbor.areas),
        moorings=tuple(harbor.moorings),
        reserved=tuple(reserved),
        notes=tuple(harbor.notes),
    )


def road_network(net: Network, names: Sequence[str]) -> RoadNetwork:
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
