"""What a site promises: dry, level, joined, within its slopes, nothing under anything it should lie on."""

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bridge.digest import digest
from bridge.errors import InvalidPlan
from scene_gen.build.ground.layout import lay_out
from scene_gen.build.site import Parcel, Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import Landmark, Plan, PlannedWater
from scene_gen.plan.survey import Survey, SurveyedBuilding, SurveyedStreet
from tests.scene_gen import plans

TOWNS = {"harbor": plans.harbor, "river-city": lambda: plans.river_city(900.0), "hill-village": plans.hill_village}


@pytest.fixture(scope="module", params=sorted(TOWNS))
def town(request) -> tuple[Plan, Site]:
    plan = TOWNS[request.param]()
    return plan, lay_out(plan, seed=1)


@pytest.fixture(scope="module")
def harbor() -> tuple[Plan, Site]:
    plan = plans.harbor()
    return plan, lay_out(plan, seed=0)


def polygons(site: Site) -> np.ndarray:
    return shapely.polygons([shapely.linearrings(parcel.polygon) for parcel in site.parcels])


def paving(site: Site) -> shapely.Geometry:
    strips = [
        shapely.LineString(street.centreline[:, :2]).buffer(street.width_m / 2 + street.sidewalk_m, cap_style="flat")
        for street in site.roads.streets
    ]
    return shapely.union_all(strips)


def waters(site: Site) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(water.polygon, water.holes) for water in site.waters])


def tops(site: Site, kinds: set[str]) -> np.ndarray:
    """Points (n,3) on the upper faces of parts, four a triangle."""
    rng = np.random.default_rng(0)
    found = []
    for part in site.parts:
        if part.kind in kinds:
            a, b, c = np.moveaxis(part.mesh.vertices[part.mesh.triangles].astype(np.float64), 1, 0)
            normal = np.cross(b - a, c - a)
            up = normal[:, 2] > 0.3 * np.linalg.norm(normal, axis=1)
            weight = rng.dirichlet([1, 1, 1], (int(up.sum()), 4))
            found.append(np.einsum("nkw,wnx->nkx", weight, np.stack([a[up], b[up], c[up]])).reshape(-1, 3))
    return np.concatenate(found)


def test_the_same_plan_and_seed_give_the_same_site(harbor):
    plan, site = harbor
    assert digest(lay_out(plan, seed=0)) == digest(site)


def test_another_seed_gives_another_town_on_the_same_lattice(harbor):
    plan, site = harbor
    other = lay_out(plan, seed=5)
    assert len(other.roads.streets) > 20
    assert digest(other.roads) != digest(site.roads)


def test_the_default_town_has_parcels_enough(harbor):
    _, site = harbor
    assert len(site.parcels) >= 220


def test_built_letters_are_mostly_parcels(town):
    plan, site = town
    built = sum(letter in "QROSCTIVEX" for row in plan.lattice for letter in row) * plan.cell_m**2
    assert shapely.area(polygons(site)).sum() > 0.38 * built


def test_parcels_are_sound_and_apart(town):
    _, site = town
    shapes = polygons(site)
    assert shapely.is_valid(shapes).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapes)).all()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = one < two
    overlap = shapely.area(shapely.intersection(shapes[one[pair]], shapes[two[pair]]))
    assert overlap.max(initial=0.0) < 0.1


def test_no_parcel_lies_in_water_or_on_a_street(town):
    _, site = town
    shapes = polygons(site)
    assert shapely.area(shapely.intersection(shapes, waters(site))).max() == 0
    assert shapely.area(shapely.intersection(shapes, paving(site))).max() < 3.0


def test_fronts_are_the_first_edge_and_face_a_street(town):
    _, site = town
    paved = paving(site)
    for parcel in site.parcels:
        np.testing.assert_allclose(parcel.polygon[:2], parcel.front, atol=1e-9)
        out = parcel.front[1] - parcel.front[0]
        normal = np.array([out[1], -out[0]]) / np.linalg.norm(out)
        middle = parcel.front.mean(axis=0)
        assert paved.distance(shapely.Point(middle)) < 2.0 + 0.12 * np.linalg.norm(out), parcel.name
        assert paved.distance(shapely.Point(middle + normal)) <= paved.distance(shapely.Point(middle - normal))


def test_house_numbers_ascend_odd_on_the_left_even_on_the_right(town):
    _, site = town
    seen: dict[str, list[Parcel]] = {}
    for parcel in site.parcels:
        seen.setdefault(parcel.street, []).append(parcel)
    names = {street.name for street in site.roads.streets}
    for street, own in seen.items():
        assert street in names
        numbers = [parcel.number for parcel in own]
        assert len(set(numbers)) == len(numbers)


def test_streets_hang_together(town):
    _, site = town
    ends = np.array([(street.start, street.end) for street in site.roads.streets])
    count = len(site.roads.junctions)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    assert connected_components(graph, directed=False)[0] == 1


def test_streets_end_at_junctions_the_edge_of_the_map_or_a_gate(town):
    plan, site = town
    ends = np.array([(street.start, street.end) for street in site.roads.streets])
    degree = np.bincount(ends.ravel(), minlength=len(site.roads.junctions))
    lonely = site.roads.junctions[degree == 1, :2]
    inland = lonely[(np.abs(lonely) < plan.size_m / 2 - 2).all(axis=1)]
    fronts = shapely.multipoints([parcel.front.mean(axis=0) for parcel in site.parcels])
    assert all(fronts.distance(shapely.Point(place)) < 12.0 for place in inland)


def test_centrelines_run_from_junction_to_junction_within_the_slope(town):
    plan, site = town
    for street in site.roads.streets:
        np.testing.assert_allclose(street.centreline[0], site.roads.junctions[street.start], atol=1e-6)
        np.testing.assert_allclose(street.centreline[-1], site.roads.junctions[street.end], atol=1e-6)
        step = np.diff(street.centreline, axis=0)
        slope = np.abs(step[:, 2]) / np.linalg.norm(step[:, :2], axis=1)
        assert slope.max() <= plan.look.max_street_slope + 1e-6, street.name


def test_a_name_belongs_to_one_street_that_hangs_together(town):
    _, site = town
    by_name: dict[str, list] = {}
    for street in site.roads.streets:
        by_name.setdefault(street.name, []).append(street)
    for name, own in by_name.items():
        whole = shapely.union_all([shapely.LineString(street.centreline[:, :2]).buffer(0.5) for street in own])
        assert isinstance(whole, shapely.Polygon), name


def test_ground_stays_below_what_lies_on_it(town):
    _, site = town
    points = tops(site, {"carriageway", "sidewalk", "square", "quay", "crossing", "lane-marking"})
    clearance = points[:, 2] - site.terrain.height_at(points[:, :2])
    assert (clearance < 0).mean() < 2e-4
    assert clearance.min() > -0.1


def test_paint_lies_on_the_carriageway(harbor):
    _, site = harbor
    roads = Surfaces(site.terrain, [part for part in site.parts if part.kind in ("carriageway", "bridge")])
    corners = np.concatenate([p.mesh.vertices for p in site.parts if p.kind in ("crossing", "lane-marking")])
    above = corners[:, 2] - roads.height(corners[:, :2])
    np.testing.assert_allclose(above, 0.018, atol=2e-3)


def test_sidewalks_rise_a_curb_above_the_carriageway(harbor):
    _, site = harbor
    walk = next(part for part in site.parts if part.name == "high-street/sidewalk")
    assert set(walk.mesh.materials) == {"paving", "curb"}
    assert walk.semantic == "sidewalk"


def test_ground_under_parcels_is_level(town):
    _, site = town
    sunk, floating = [], []
    for parcel in site.parcels:
        middle = parcel.polygon.mean(axis=0)
        ground = site.terrain.height_at(middle + 0.7 * (parcel.polygon - middle)) - parcel.base_m
        sunk.append(np.median(ground))
        floating.append(ground.min())
    assert abs(np.median(sunk)) < 0.2
    assert np.quantile(sunk, 0.95) < 0.35
    assert np.quantile(floating, 0.05) > -1.0


def test_water_lies_over_ground_and_land_beside_it_does_not(harbor):
    _, site = harbor
    sea = max(site.waters, key=lambda water: shapely.Polygon(water.polygon).area)
    assert sea.kind == "sea"
    assert sea.level_m == 0.0
    rng = np.random.default_rng(0)
    places = rng.uniform(-315, 315, (4000, 2))
    shape = shapely.Polygon(sea.polygon, sea.holes)
    wet = shapely.contains_xy(shape.buffer(-4.0), places[:, 0], places[:, 1])
    decks = shapely.union_all([shapely.Polygon(p.outline) for p in site.parts if p.kind == "quay"])
    dry = ~shapely.dwithin(shape.union(decks), shapely.points(places), 4.0)
    assert (site.terrain.height_at(places[wet]) < 0).all()
    assert (site.terrain.height_at(places[dry]) > 0).all()


def test_every_material_exists_and_meshes_are_sound(town):
    _, site = town
    assert set(site.terrain.surfaces) <= set(MATERIALS)
    names = [part.name for part in site.parts]
    assert len(set(names)) == len(names)
    for part in site.parts:
        assert set(part.mesh.materials) <= set(MATERIALS), part.name
        assert np.isfinite(part.mesh.vertices).all()
        assert part.mesh.triangles.max() < len(part.mesh.vertices)


def test_areas_are_sound_and_stay_off_streets_and_parcels(town):
    _, site = town
    blocked = shapely.union_all([paving(site), *polygons(site)])
    for area in site.areas:
        shape = shapely.Polygon(area.polygon, area.holes)
        assert shape.is_valid
        if area.kind in ("meadow", "forest", "field", "garden", "yard"):
            assert shape.intersection(blocked).area < 0.02 * shape.area + 3.0, area.kind


def test_piers_stand_in_the_water_with_boats_beside_them(harbor):
    _, site = harbor
    sea = waters(site)
    piers = [part for part in site.parts if part.kind == "pier"]
    assert [part.name for part in piers] == ["pier-1", "pier-2", "pier-3"]
    for pier in piers:
        shape = shapely.Polygon(pier.outline)
        assert shape.intersection(sea).area > 0.85 * shape.area
    assert len(site.moorings) > 20
    spots = np.array([(mooring.x, mooring.y) for mooring in site.moorings])
    assert shapely.contains_xy(sea, spots[:, 0], spots[:, 1]).all()
    assert (site.terrain.height_at(spots) < -0.8).all()


def test_asked_for_things_get_their_ground(harbor):
    plan, site = harbor
    reserved = {(place.kind, place.on) for place in site.reserved}
    assert ("lighthouse", "breakwater") in reserved
    assert ("crane", "quay") in reserved
    assert ("fountain", "square") in reserved
    uses = {parcel.use: parcel for parcel in site.parcels if parcel.use}
    assert uses["church"].clause == 3
    assert uses["castle"].clause == 4
    wanted = next(mark.at for mark in plan.landmarks if mark.kind == "castle")
    assert np.linalg.norm(uses["castle"].polygon.mean(axis=0) - wanted) < 130


def test_the_street_along_the_quay_is_called_so(harbor):
    _, site = harbor
    quay = shapely.union_all([shapely.Polygon(part.outline) for part in site.parts if part.kind == "quay"])
    streets = [street for street in site.roads.streets if street.name == "Quay Street"]
    assert streets
    assert min(quay.distance(shapely.LineString(street.centreline[:, :2])) for street in streets) < 8.0


def test_a_bridge_carries_its_street_clear_of_the_water():
    plan = plans.river_city(800.0)
    site = lay_out(plan, seed=0)
    bridges = [street for street in site.roads.streets if street.kind == "bridge"]
    assert bridges
    assert any(part.kind == "bridge" for part in site.parts)
    decks = Surfaces(site.terrain, [part for part in site.parts if part.kind in ("bridge", "carriageway")])
    for street in bridges:
        assert street.centreline[:, 2].min() > 2.0 + 1.5
        np.testing.assert_allclose(decks.height(street.centreline[:, :2]), street.centreline[:, 2], atol=0.1)


def test_a_town_wall_has_gates_where_roads_go_through():
    village = plans.hill_village()
    walled = Plan(
        **{**vars(village), "landmarks": (Landmark("town-wall", 1, (0.0, 0.0), 90.0), Landmark("gate", 2, None))}
    )
    site = lay_out(walled, seed=0)
    assert [part.kind for part in site.parts].count("town-wall") == 1
    assert [part.kind for part in site.parts].count("gate") == 2


def test_land_without_a_town_is_a_site_too():
    village = plans.hill_village()
    rows = tuple("G" * 20 + "W" * 12 for _ in range(32))
    heights = np.broadcast_to(np.linspace(8, -4, 65), (65, 65)).astype(np.float32)
    empty = Plan(
        **{
            **vars(village),
            "lattice": rows,
            "heights": heights,
            "waters": (PlannedWater("lake", 0.0),),
            "landmarks": (),
        }
    )
    site = lay_out(empty, seed=0)
    assert site.parcels == ()
    assert len(site.waters) == 1
    assert site.areas


def test_heights_that_are_not_numbers_are_refused():
    village = plans.hill_village()
    broken = np.full((33, 33), np.nan, dtype=np.float32)
    with pytest.raises(InvalidPlan, match="not finite"):
        lay_out(Plan(**{**vars(village), "heights": broken}), seed=0)


def test_a_survey_keeps_its_streets_and_footprints():
    half = 90.0
    streets = (
        SurveyedStreet("Long Street", "main", np.array([(-half, 0.0), (half, 4.0)]), 7.0),
        SurveyedStreet("Cross Street", "street", np.array([(0.0, -half), (6.0, half)]), 6.0),
    )
    house = np.array([(20.0, 14.0), (32.0, 14.0), (32.0, 24.0), (20.0, 24.0)])
    on_the_road = house + [0.0, -18.0]
    survey = Survey(
        200.0,
        streets,
        (SurveyedBuilding(house, "inn", 2, "Long Street", "12"), SurveyedBuilding(on_the_road, "house")),
        (),
        "",
    )
    village = plans.hill_village(200.0)
    plain = {"heights": np.zeros((33, 33), dtype=np.float32), "lattice": ("R" * 32,) * 32, "landmarks": ()}
    site = lay_out(Plan(**{**vars(village), **plain, "survey": survey}), seed=0)
    assert {street.name for street in site.roads.streets} == {"Long Street", "Cross Street"}
    (inn,) = site.parcels
    assert (inn.use, inn.street, inn.number) == ("inn", "Long Street", 12)
    assert shapely.Polygon(inn.polygon).symmetric_difference(shapely.Polygon(house)).area < 0.5
    np.testing.assert_allclose(inn.front[:, 1], 14.0, atol=1e-6)
