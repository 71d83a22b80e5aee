"""Furnishing honours the plan's counts and places, and sets everything on its ground, apart from all else."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from bridge.control.clearance import MOVES
from bridge.digest import digest
from bridge.frames import yaw_from_quat
from bridge.scene import Environment
from scene_gen.brief import Brief, Read, Source
from scene_gen.build.furnishing.furnish import Furnished, furnish
from scene_gen.build.furnishing.people import sidewalk_places
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.site import Reserved
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.driven import LANE_CLEAR_M, planned_lines
from scene_gen.kinds import members
from scene_gen.plan.artefacts import Landmark
from tests.scene_gen import hand_catalog, hand_site

MAY_STAND_ON_ROADS = {"vehicle", "scooter", "bicycle", "person", "animal", "signal"}


def furnished(*, seed: int = 0, site=None, **changes) -> Furnished:
    plan = hand_site.plan(**changes)
    return furnish(plan, site or hand_site.site(), hand_site.raised(), seed=seed, catalog=hand_catalog)


def count(town: Furnished, kind: str) -> int:
    return sum(len(g.names) for g in town.placements if town.assets[g.asset].kind in members(kind))


def spots(town: Furnished, kind: str) -> np.ndarray:
    found = [g.poses[:, :3] for g in town.placements if town.assets[g.asset].kind in members(kind)]
    return np.concatenate([np.zeros((0, 3)), *found])


def rectangles(town: Furnished) -> tuple[list[str], list[str], np.ndarray]:
    """Names, classes and plans of everything placed; a tree is its trunk."""
    names, classes, rings = [], [], []
    for group in town.placements:
        asset = town.assets[group.asset]
        size = asset.colliders[0].size if asset.semantic == "tree" else asset.size
        half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * np.array(size[:2]) / 2
        for pose, scale, name in zip(group.poses, group.scale, group.names, strict=True):
            yaw = float(yaw_from_quat(pose[3:]))
            turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
            rings.append(half * scale[:2] @ turn.T + pose[:2])
            names.append(name)
            classes.append(asset.semantic)
    return names, classes, shapely.polygons(np.array(rings))


@pytest.fixture(scope="module")
def town() -> Furnished:
    return furnished()


def test_the_same_seed_gives_the_same_things(town):
    assert digest(furnished()) == digest(town)


def test_another_seed_gives_other_things(town):
    assert digest(furnished(seed=1).placements) != digest(town.placements)


def test_names_are_unique_and_tell_the_kind(town):
    pairs = [(name, town.assets[g.asset].kind) for g in town.placements for name in g.names]
    assert len({name for name, _ in pairs}) == len(pairs)
    acting = {agent.name: agent.kind for agent in town.agents}
    assert all(name.rsplit("-", 1)[0] == acting.get(name, kind) for name, kind in pairs)


def test_a_harbor_has_what_makes_it_one(town):
    for kind in ("tree", "lamp", "boat", "car", "bench", "person", "bollard", "crate", "market-stall", "table", "bush"):
        assert count(town, kind), kind


def test_nothing_overlaps_anything(town):
    names, _, plans = rectangles(town)
    inner = shapely.buffer(plans, -0.0025)
    first, second = shapely.STRtree(inner).query(inner, predicate="intersects")
    assert [(names[a], names[b]) for a, b in zip(first, second, strict=True) if a < b] == []


def test_nothing_stands_in_a_house_or_a_doorway(town):
    names, _, plans = rectangles(town)
    houses = [shapely.Polygon(b.footprint) for b in hand_site.raised().buildings]
    steps = [shapely.Point(d.position).buffer(0.6) for b in hand_site.raised().buildings for d in b.doors]
    hit = shapely.STRtree(plans).query([*houses, *steps], predicate="intersects")[1]
    assert [names[i] for i in hit] == []


def test_only_who_moves_stands_on_the_carriageway(town):
    names, classes, plans = rectangles(town)
    site = hand_site.site()
    roads = [
        shapely.LineString(s.centreline[:, :2]).buffer(s.width_m / 2 - 0.01, cap_style="flat")
        for s in site.roads.streets
    ]
    hit = set(shapely.STRtree(plans).query(roads, predicate="intersects")[1].tolist())
    assert [names[i] for i in hit if classes[i] not in MAY_STAND_ON_ROADS] == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_stands_keeps_off_the_lanes_as_cars_drive_them(seed):
    names, classes, plans = rectangles(furnished(seed=seed))
    lanes = planned_lines(hand_site.site().roads)
    away = shapely.distance(plans[:, None], lanes).min(axis=1)
    beside = {name: round(float(m), 2) for name, kind, m in zip(names, classes, away) if kind not in MOVES}
    assert {name: m for name, m in beside.items() if m < LANE_CLEAR_M} == {}
    assert sum(m < LANE_CLEAR_M + 1.0 for m in beside.values()) > 10  # and yet at the curb


def test_places_on_sidewalks_keep_off_carriageways_round_every_corner():
    site = hand_site.site()
    grounds = Grounds(hand_site.plan(), site, hand_site.raised(), seed=0, catalog=hand_catalog)
    driven = [street for street in site.roads.streets if street.lanes[0]]
    roads = shapely.union_all([shapely.LineString(s.centreline).buffer(s.width_m / 2) for s in driven])
    walk = shapely.MultiLineString([street.centreline for street in driven])
    found = np.concatenate([sidewalk_places(grounds, np.random.default_rng(seed), 7.0)[0] for seed in range(20)])
    beside = found[shapely.distance(shapely.points(found), walk) < 8.0]
    assert len(beside) > 300
    assert shapely.distance(shapely.points(beside), roads).min() >= 0.25


def test_everything_stands_on_the_ground_and_boats_float(town):
    site = hand_site.site()
    surfaces = Surfaces(site.terrain, site.parts)
    for group in town.placements:
        asset = town.assets[group.asset]
        floats = asset.semantic == "boat" or asset.kind == "buoy"
        ground = np.zeros(len(group.poses)) if floats else surfaces.height(group.poses[:, :2])
        np.testing.assert_allclose(group.poses[:, 2], ground, atol=0.05, err_msg=group.asset)


def test_nothing_but_boats_and_buoys_is_in_the_sea(town):
    sea = shapely.Polygon(hand_site.site().waters[0].polygon)
    decks = shapely.union_all([shapely.Polygon(p.outline) for p in hand_site.site().parts if p.semantic == "dock"])
    for group in town.placements:
        asset = town.assets[group.asset]
        wet = shapely.contains_xy(sea.difference(decks), group.poses[:, 0], group.poses[:, 1])
        assert wet.all() if asset.semantic == "boat" or asset.kind == "buoy" else not wet.any(), group.asset


def test_a_town_without_cars_has_none_of_any_sort_named():
    assert count(furnished(absent=("car",)), "car") == 0
    assert count(furnished(absent=("vehicle",)), "vehicle") == 0
    assert count(furnished(absent=("tree",)), "tree") == 0


@pytest.mark.parametrize(
    ("kind", "number"), [("sailing-boat", 3), ("bench", 7), ("car", 11), ("sheep", 5), ("windmill", 2)]
)
def test_an_exact_number_is_exact(kind, number):
    assert count(furnished(amounts={kind: (number, number)}), kind) == number


def test_a_group_counts_its_members_and_keeps_room_for_those_asked():
    town = furnished(amounts={"boat": (4, 4), "sailing-boat": (3, 3)})
    assert count(town, "boat") == 4
    assert count(town, "sailing-boat") == 3


def test_more_boats_than_moorings_lie_at_anchor():
    town = furnished(amounts={"rowing-boat": (14, 14)})
    assert count(town, "rowing-boat") == 14


def test_a_landmark_stands_near_its_place_and_remembers_its_clause():
    town = furnished(landmarks=(Landmark("windmill", 1, (-80.0, 80.0), 40.0, clause=3),))
    (spot,) = spots(town, "windmill")
    assert np.hypot(spot[0] + 80, spot[1] - 80) <= 40
    assert town.clauses["windmill-1"] == 3


def test_a_thing_asked_near_a_house_stands_near_that_very_house():
    cafe = next(b for b in hand_site.raised().buildings if b.use == "cafe")
    mark = Landmark("barrel", 3, (90.0, 80.0), 60.0, near="cafe", relation="near", clause=1)
    cafes = [shapely.Polygon(b.footprint) for b in hand_site.raised().buildings if b.use == cafe.use]
    found = spots(furnished(landmarks=(mark,), look=replace(hand_site.plan().look, props_density=0.0)), "barrel")
    assert len(found) == 3
    assert all(min(shapely.distance(shapely.Point(x, y), c) for c in cafes) < 25 for x, y, _ in found)


def test_a_thing_asked_north_of_a_square_stands_north_of_it():
    mark = Landmark("statue", 1, (0.0, 80.0), 60.0, near="square", relation="north-of", clause=1)
    town = furnished(landmarks=(mark,))
    (name,) = [name for name, clause in town.clauses.items() if clause == 1]
    ((x, y, _),) = [g.poses[g.names.index(name), :3] for g in town.placements if name in g.names]
    assert y > -10
    assert abs(x - 30) < y + 27.5


def test_a_herd_of_a_farm_is_fenced_in():
    source = Source("farm", 0, 4)
    town = furnished(brief=Brief("a farm", places=(Read("farm", source),)))
    assert count(town, "fence") > 20


def test_the_rain_brings_out_no_parasols(town):
    assert count(furnished(environment=Environment(weather="rain")), "parasol") == 0


def test_snowmen_need_snow(town):
    assert count(town, "snowman") == 0
    assert count(furnished(environment=Environment(season="winter", snow_cover=0.9)), "snowman") > 0


def test_reserved_ground_is_used_to_the_centimetre():
    place = Reserved("lighthouse", (-130.0, -94.0, 2.02), 0.5, "quay", ("red",), 7)
    town = furnished(site=hand_site.site(reserved=(place,)), landmarks=(Landmark("lighthouse", 1, clause=7),))
    np.testing.assert_allclose(spots(town, "lighthouse"), [(-130.0, -94.0, 2.02)], atol=1e-6)
    assert town.clauses == {"lighthouse-1": 7}
    assert "lighthouse-red" in town.assets


def test_what_finds_no_room_is_said():
    town = furnished(amounts={"cargo-ship": (40, 40)})
    assert count(town, "cargo-ship") < 40
    assert any("cargo ships" in note for note in town.notes)


def test_without_trees_the_lamps_stay_where_they_are(town):
    bare = furnished(look=replace(hand_site.plan().look, trees_density=0.0))
    np.testing.assert_array_equal(spots(bare, "lamp"), spots(town, "lamp"))


def test_fewer_people_are_out_in_a_storm(town):
    assert count(furnished(environment=Environment(weather="storm")), "person") < count(town, "person")


def test_lamps_shine_from_their_heads(town):
    lamps = spots(town, "lamp")
    assert len(town.lights.owners) == len(lamps)
    np.testing.assert_allclose(town.lights.positions[:, 2].min(), lamps[:, 2].min() + 4.3, atol=1e-6)
    assert (town.lights.lumens == 6_000).all()


def test_agents_start_at_free_places_with_what_they_ride(town):
    assert [(a.kind, a.vehicle, a.instruction) for a in town.agents] == [("courier", "scooter", "deliver")] * 2
    where = {name: pose for group in town.placements for name, pose in zip(group.names, group.poses, strict=True)}
    rides = np.array([pose for name, pose in where.items() if name.startswith("scooter")])
    for agent in town.agents:
        np.testing.assert_allclose(where[agent.name], agent.pose, err_msg="an agent has a body of its own name")
        assert np.linalg.norm(rides[:, :2] - agent.pose[:2], axis=1).min() < 1.0


def test_there_are_free_places_for_all_who_may_come(town):
    assert {spawn.kind for spawn in town.spawns} == {"person", "robot", "scooter", "car", "boat"}
