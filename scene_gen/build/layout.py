"""The ground of a town: plan and seed in, a site out with terrain, water, streets, parcels and harbor works."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon, box

from bridge.errors import InvalidPlan
from bridge.frames import read_only
from bridge.scene import Part, RoadNetwork, Street, Terrain
from scene_gen.build.bridges import bridge_part, water_level_at
from scene_gen.build.fronts import Lot
from scene_gen.build.grading import grade, surface_kinds
from scene_gen.build.harborworks import build_harbor
from scene_gen.build.landmarks import claim, outlying, reserve
from scene_gen.build.mains import Square, draw_mains, place_squares
from scene_gen.build.minors import draw_minors
from scene_gen.build.network import Network, StreetHeight, node_ways, over_water
from scene_gen.build.openland import area, left_open, outside_town, park_paths
from scene_gen.build.parcels import cut_blocks, make_parcels, rim_pieces
from scene_gen.build.paving import CURB_M, flat_part, painted_parts, plan_ribbons, street_parts
from scene_gen.build.polygons import polygons_of, slab
from scene_gen.build.profile import levelled
from scene_gen.build.quays import design_quays
from scene_gen.build.region import find_regions
from scene_gen.build.shoreworks import parking_lots, promenades, quay_steps
from scene_gen.build.site import Area, Parcel, Site
from scene_gen.build.streetnames import name_streets
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.terrain import Ground, raw_ground
from scene_gen.build.townwalls import town_walls, wall_line
from scene_gen.build.water import Wet, planned_water, shores, water_records, wet_mask
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]


def lay_out(plan: Plan, *, seed: int) -> Site:
    """The site of a plan: everything flat is flat, everything wet is under water, every parcel has a street."""
    if len(plan.heights) < 2 or not np.isfinite(plan.heights).all():
        raise InvalidPlan("The plan's heights hold numbers that are not finite; give at least 2×2 heights in metres.")
    half = plan.size_m / 2
    frame = box(-half, -half, half, half)
    ground = raw_ground(plan, seed=seed)
    wet = planned_water(plan, ground)
    quays = design_quays(plan, ground, shores(ground, wet))
    bodies = shores(ground, wet)
    decks = shapely.union_all([quay.deck for quay in quays])
    water = shapely.union_all([polygon for polygon, _ in bodies]).difference(decks) if bodies else Polygon()

    regions = find_regions(plan, ground, water, quays, seed=seed)
    squares = place_squares(plan, regions, quays, seed=seed)
    drawing, grid = draw_mains(plan, ground, water, regions, quays, squares, seed=seed)
    if not drawing.ways:
        return _wild(plan, ground, wet, bodies, water, seed=seed)
    outer = outlying(plan, ground, water, regions, drawing, grid)
    rings = [polygon for region in regions for polygon in region.within]
    draw_minors(plan, ground, drawing, rings, [square.ground for square in squares], seed=seed)
    town = shapely.union_all([region.land for region in regions] + rings)
    net = node_ways(plan, over_water(drawing.ways, water), town)
    net = levelled(plan, net, ground, wet, water, quays, squares)
    names = name_streets(plan, net, quays, squares, seed=seed)
    height = StreetHeight(net.edges)

    plazas = [_plaza(square, net) for square in squares]
    ribbons = plan_ribbons(net, frame, decks)
    keep = shapely.union_all([*plazas, ribbons.paved, decks])
    blocks = rim_pieces(
        polygons_of(town.difference(keep).buffer(-0.06, join_style="mitre").simplify(0.05), 30.0), rings
    )
    lots, open_ = cut_blocks(plan, blocks, ribbons.paved, seed=seed)
    lots += [
        Lot(polygon, _letter(plan, polygon), np.zeros(2))
        for polygon in _farmsteads(plan, ground, net, town, water, outer, seed=seed)
    ]
    lids = [(quay.deck, quay.level_m) for quay in quays]
    parcels, left = make_parcels(lots, net, names, ribbons.paved, height, lids)
    parcels = claim(plan, _with_outlying(parcels, outer, net, names, height))
    notes: list[str] = []
    parcels, lot_parts, lot_areas = parking_lots(plan, parcels, notes)

    plaza_levels = [float(height(shapely.get_coordinates(plaza.exterior)).mean()) + CURB_M for plaza in plazas]
    flats = list(zip(plazas, [level - 0.02 for level in plaza_levels], strict=True))
    flats += [(Polygon(a.polygon), a.level_m - 0.02) for a in lot_areas if a.level_m is not None]
    wet_vertices = wet_mask(ground, bodies)
    grade(ground, net, height, parcels, flats, lids, wet_vertices | ground.inside(decks))

    parts: list[Part] = []
    areas: list[Area] = []
    for number, (plaza, level) in enumerate(zip(plazas, plaza_levels, strict=True), start=1):
        part = flat_part(
            f"square-{number}",
            "square",
            "sidewalk",
            plaza,
            level,
            material="cobble" if "O" in "".join(plan.lattice) else "paving-warm",
        )
        if part is not None:
            parts.append(part)
            areas.append(area("square", plaza, level_m=level, name=part.name))
    materials = _materials(plan)
    parts += street_parts(net, names, ribbons, height, materials)
    levels = [(polygon, plan.waters[kind].level_m) for polygon, kind in bodies]
    for number, index in enumerate(sorted(ribbons.bridges), start=1):
        edge = net.edges[index]
        word = "footbridge" if edge.role == "footbridge" else "bridge"
        parts.append(bridge_part(edge, ground, water_level_at(levels, edge), f"{word}-{number}"))
    bare = Terrain(
        ground.origin,
        ground.cell_m,
        ground.heights.astype(np.float32),
        np.zeros(ground.heights.shape, np.uint8),
        ("grass",),
    )
    roads = [part for part in parts if part.kind in ("carriageway", "bridge")]
    parts += painted_parts(net, names, Surfaces(bare, roads).height)
    crossable = list(ribbons.bridges.values())
    harbor = build_harbor(plan, ground, water, bodies, quays, keep_off=crossable, seed=seed)
    parts += lot_parts + quay_steps(plan, harbor, notes) + harbor.parts
    areas += lot_areas + harbor.areas
    wall = wall_line(plan, regions, shapely.union_all([water.buffer(5.0), decks.buffer(7.0)]))
    if wall is not None:
        parts += town_walls(plan, ground, net, wall, notes)

    lots_taken = shapely.union_all([shapely.polygons(parcel.polygon) for parcel in parcels])
    walled = wall.buffer(4.0) if wall is not None else Polygon()
    taken = shapely.union_all([town, ribbons.paved, decks, lots_taken, walled])
    strolls, stroll_areas = promenades(plan, bare, harbor, water, taken, notes)
    parts += strolls
    areas += stroll_areas
    taken = shapely.union_all([taken, *(shapely.polygons(a.polygon) for a in stroll_areas)])
    works = shapely.union_all([shapely.polygons(part.outline) for part in harbor.parts if part.outline is not None])
    open_areas = left_open(left + open_) + outside_town(
        plan, ground, taken, shapely.union_all([water, works]), seed=seed
    )
    rng = stream(seed, "parks")
    for number, park in enumerate([a for a in open_areas if a.kind == "park"], start=1):
        shape = Polygon(park.polygon, park.holes)
        if shape.area < 700.0:
            continue
        for piece, path in enumerate(park_paths(shape, rng), start=1):
            body = slab(path, lambda xy: _crest(bare, xy), lift_m=0.05, depth_m=0.4, spacing_m=1.5, material="gravel")
            if body is not None:
                parts.append(Part(f"park-path-{number}-{piece}", "path", "sidewalk", body))
    areas += open_areas
    reserved = reserve(plan, ground, harbor, squares, plaza_levels, water, taken, seed=seed)
    return Site(
        terrain=_terrain(plan, ground, wet, wet_vertices, areas),
        waters=water_records(bodies, plan, decks),
        roads=road_network(net, names),
        parts=tuple(parts),
        parcels=tuple(parcels),
        areas=tuple(areas),
        moorings=tuple(harbor.moorings),
        reserved=tuple(reserved),
        notes=tuple(harbor.notes + notes),
    )


def _wild(plan: Plan, ground: Ground, wet: Wet, bodies: list[tuple[Polygon, int]], water, *, seed: int) -> Site:
    """A site without a single street: land and water."""
    areas = outside_town(plan, ground, Polygon(), water, seed=seed)
    network = RoadNetwork(read_only(np.zeros((0, 3))), ())
    harbor = build_harbor(plan, ground, water, bodies, (), seed=seed)
    reserved = reserve(plan, ground, harbor, (), (), water, Polygon(), seed=seed)
    terrain = _terrain(plan, ground, wet, wet_mask(ground, bodies), areas)
    records = water_records(bodies, plan, Polygon())
    return Site(
        terrain,
        records,
        network,
        tuple(harbor.parts),
        (),
        tuple(areas),
        tuple(harbor.moorings),
        tuple(reserved),
        tuple(harbor.notes),
    )


def _plaza(square: Square, net: Network) -> Polygon:
    """The paved ground inside the streets round a square."""
    near = [e for e in net.edges if shapely.LineString(e.points[:, :2]).dwithin(square.around, 12.0)]
    streets = [shapely.LineString(e.points[:, :2]).buffer(e.profile.half_m, quad_segs=4) for e in near]
    inner = square.around.difference(shapely.union_all(streets))
    return polygons_of(inner)[0] if not inner.is_empty else square.ground


def _crest(terrain: Terrain, xy: Array) -> Array:
    """The highest ground (n,) within about a metre of places (n,2): what is laid at that height is not pierced."""
    around = np.array([[0.0, 0.0], [1.3, 0.0], [-1.3, 0.0], [0.0, 1.3], [0.0, -1.3]])
    return terrain.height_at(xy[:, None, :] + around).max(axis=1)


def _letter(plan: Plan, polygon: Polygon) -> str:
    return str(plan.zone_at(np.asarray(polygon.centroid.coords))[0])


def _farmsteads(plan: Plan, ground: Ground, net: Network, town, water, outer, *, seed: int) -> list[Polygon]:
    """Lots for farms along the roads through farm land, some 90 m apart on alternating sides."""
    rng = stream(seed, "farmsteads")
    blocked = shapely.union_all([town.buffer(6.0), water.buffer(8.0), *(polygon.buffer(5.0) for polygon, *_ in outer)])
    streets = shapely.union_all([shapely.LineString(e.points[:, :2]).buffer(e.profile.half_m) for e in net.edges])
    shapely.prepare(blocked)
    shapely.prepare(streets)
    found: list[Polygon] = []
    half = plan.size_m / 2
    for edge in net.edges:
        if edge.kind not in ("road", "track", "street"):
            continue
        points = edge.points[:, :2]
        for i in range(3, len(points) - 3, 9):
            side = 1.0 if (i // 9) % 2 else -1.0
            step = points[i + 2] - points[i - 2]
            step /= max(float(np.linalg.norm(step)), 1e-9)
            out = side * np.array([-step[1], step[0]])
            wide, deep = rng.uniform(30, 42), rng.uniform(30, 40)
            middle = points[i] + out * (edge.profile.half_m + 0.3 + deep / 2)
            if str(plan.zone_at(middle[None])[0]) not in "AY" or np.abs(middle).max() > half - 30:
                continue
            corners = middle + np.array([[-wide, -deep], [wide, -deep], [wide, deep], [-wide, deep]]) / 2 @ np.stack(
                [step, out]
            )
            lot = Polygon(corners)
            rest = lot.difference(streets.buffer(0.05))
            pieces = polygons_of(rest, 500.0)
            if (
                not pieces
                or pieces[0].area < 0.9 * lot.area
                or blocked.intersects(lot)
                or any(lot.distance(o) < 8.0 for o in found)
            ):
                continue
            if np.ptp(ground.at(corners)) < 5.0:
                found.append(pieces[0])
    return found


def _with_outlying(parcels: list[Parcel], outer, net: Network, names: list[str], height: StreetHeight) -> list[Parcel]:
    """The parcels with those of buildings that stand by themselves outside the town."""
    found = list(parcels)
    lines = [shapely.LineString(edge.points[:, :2]) for edge in net.edges]
    for number, (polygon, front, mark, kind) in enumerate(outer, start=1):
        gate = shapely.points(front.mean(axis=0))
        nearest = int(np.argmin(shapely.distance(np.array(lines, dtype=object), gate)))
        if lines[nearest].distance(gate) > 12.0:
            continue
        level = float(height(front.mean(axis=0)[None])[0])
        own = [p for p in found if p.street == names[net.edges[nearest].chain]]
        found.append(
            Parcel(
                name=f"estate-{number}",
                polygon=read_only(shapely.get_coordinates(polygon.exterior)[:-1]),
                front=read_only(front),
                base_m=round(level + 0.1, 4),
                zone="G",
                street=names[net.edges[nearest].chain],
                number=max((p.number for p in own), default=0) + 1,
                use=kind,
                attributes=mark.attributes,
                clause=mark.clause,
            )
        )
    return found


def _materials(plan: Plan) -> dict[str, str]:
    style = plan.look.style
    old = style in ("medieval", "rustic", "mediterranean", "arabic", "abandoned")
    return {
        "main": "cobble" if style == "medieval" else "asphalt",
        "street": "cobble" if old else "asphalt",
        "lane": "cobble",
        "road": "dirt-road" if style in ("medieval", "rustic") else "asphalt",
        "track": "dirt-road",
        "path": "gravel",
        "sidewalk": "paving-warm" if old else "paving",
    }


def _terrain(plan: Plan, ground: Ground, wet: Wet, under: NDArray[np.bool_], areas: list[Area]) -> Terrain:
    letters = plan.zone_at(ground.xy)
    above = np.where(np.isfinite(wet.level), ground.heights - np.where(np.isfinite(wet.level), wet.level, 0.0), np.inf)
    is_desert = bool((letters == "D").mean() > 0.12)
    surface, names = surface_kinds(letters, ground, ~under, above, is_desert=is_desert)
    strips = ("crops", "crops-gold", "meadow", "crops", "soil")
    outer = {
        "garden": "lawn",
        "park": "lawn",
        "field": "",
        "vineyard": "soil",
        "yard": "gravel",
        "forest": "forest-floor",
    }
    count = 0
    for place in areas:
        if place.kind not in outer or (is_desert and place.kind == "garden"):
            continue
        name = outer[place.kind] or strips[(count := count + 1) % len(strips)]
        if name not in names:
            names.append(name)
        own = ground.inside(Polygon(place.polygon, place.holes)) & ~under
        surface[own] = names.index(name)
    return ground.finished(surface, tuple(names))


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
