"""The judge sees what is wrong, says where, and repair mends what moving or removing a thing can mend."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import InvalidScene
from bridge.meshes import mesh
from bridge.scene import EDGE_KINDS, NODE_KINDS, Asset, Collider, Environment, NavigationGraph, Placements, Scene
from scene_gen.brief import Brief, Read, Relation, Source, Thing
from scene_gen.check.fidelity import agreement
from scene_gen.check.judge import judge
from scene_gen.check.repair import repair, without
from scene_gen.check.report import Report
from scene_gen.check.settle import LIMIT_M, _settle
from scene_gen.plan.artefacts import Look, Plan
from tests.scenes import tiny_scene

SAID = Source("so", 0, 2)


def plan_for(scene: Scene, **brief) -> Plan:
    """A plan that asks for nothing but what is given."""
    size = scene.bounds[2] - scene.bounds[0]
    lattice = tuple("G" * 32 for _ in range(32))
    return Plan("tiny", Brief("so", **brief), size, lattice, np.zeros((9, 9), np.float32), scene.environment, Look())


def verdict(report: Report, name: str) -> tuple[bool, set[str]]:
    check = next(check for check in report.checks if check.name == name)
    return check.passed, {finding.name for finding in check.findings}


def moved(scene: Scene, name: str, step: tuple[float, float, float]) -> Scene:
    """The scene with one placed thing moved by `step` [m]."""
    groups = []
    for group in scene.placements:
        poses = group.poses.copy()
        if name in group.names:
            poses[group.names.index(name), :3] += step
        groups.append(Placements(group.asset, group.names, poses, group.scale))
    return replace(scene, placements=tuple(groups))


def place_of(scene: Scene, name: str) -> np.ndarray:
    return next(group.poses[group.names.index(name), :3] for group in scene.placements if name in group.names)


def with_lane(scene: Scene, line: np.ndarray) -> Scene:
    """The scene with one more lane, over nodes (k,3) [m]."""
    nav, nodes = scene.navigation, len(scene.navigation.nodes) + np.arange(len(line))
    graph = NavigationGraph(
        np.vstack([nav.nodes, line]),
        np.append(nav.node_kind, np.full(len(line), NODE_KINDS.index("lane"))).astype(np.uint8),
        np.vstack([nav.edges, np.stack([nodes[:-1], nodes[1:]], axis=1)]).astype(np.int32),
        np.append(nav.edge_kind, np.full(len(line) - 1, EDGE_KINDS.index("lane"))).astype(np.uint8),
    )
    return replace(scene, navigation=graph)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return tiny_scene()


def test_what_stands_well_passes(scene):
    report = judge(scene, plan_for(scene))
    for name in ("complete", "geometry is sound", "inside the map", "things stand apart", "nothing stands in water"):
        assert verdict(report, name) == (True, set()), name


def test_a_thing_that_floats_six_centimetres_is_named(scene):
    report = judge(moved(scene, "crate-1", (0, 0, 0.06)), plan_for(scene))
    assert "crate-1" in verdict(report, "things stand on the ground")[1]


def test_two_crates_in_one_place_are_named(scene):
    step = place_of(scene, "crate-1") - place_of(scene, "crate-2") + [0.1, 0, 0]
    report = judge(moved(scene, "crate-2", tuple(step)), plan_for(scene))
    assert "crate-1" in verdict(report, "things stand apart")[1]


def test_a_crate_in_a_house_is_named(scene):
    house = scene.buildings[0]
    target = np.array([*house.footprint.mean(axis=0), house.base_m])
    report = judge(moved(scene, "crate-1", tuple(target - place_of(scene, "crate-1"))), plan_for(scene))
    assert "crate-1" in verdict(report, "things stand apart")[1]


def test_a_tree_in_the_sea_is_named(scene):
    water = scene.waters[0]
    x, y = water.polygon.mean(axis=0)
    bed = float(scene.terrain.height_at([x, y]))
    report = judge(moved(scene, "oak-1", tuple(np.array([x, y, bed]) - place_of(scene, "oak-1"))), plan_for(scene))
    assert "oak-1" in verdict(report, "nothing stands in water")[1]


def test_a_lamp_on_the_carriageway_is_named(scene):
    line = scene.roads.streets[0].centreline
    report = judge(moved(scene, "lamp-1", tuple(line[1] - place_of(scene, "lamp-1"))), plan_for(scene))
    assert "lamp-1" in verdict(report, "streets are free")[1]


def test_a_lamp_that_cars_would_scrape_in_a_bend_is_named_and_removed(scene):
    # It stands 1.9 m outside of the straight line between the nodes of a left bend. Cars go round: the curve through
    # them leaves that line by 11.3 m / 2 · tan(22.5° / 2), about 1.1 m.
    bend = np.array([[-20.0, 0.0], [-8.0, 0.0], [0.0, 8.0], [0.0, 20.0]]) - [-4.0, 4.0]
    broken = with_lane(scene, np.column_stack([bend + [-1.34, 1.34], np.zeros(4)]) + place_of(scene, "lamp-1"))
    assert "lamp-1" in verdict(judge(broken, plan_for(scene)), "lanes are free")[1]
    mended, report = repair(broken, plan_for(scene))
    assert "lamp-1" not in {row.name for row in mended.instances()}
    assert verdict(report, "lanes are free") == (True, set())


@pytest.mark.parametrize(("height_m", "is_free"), [(0.0, False), (-12.0, True), (12.0, True)])
def test_a_lamp_high_above_or_deep_below_a_lane_is_in_nobodys_way(scene, height_m, is_free):
    lane = np.array([[-20.0, 1.0, height_m], [20.0, 1.0, height_m]]) + place_of(scene, "lamp-1")
    report = judge(with_lane(scene, lane), plan_for(scene))
    assert ("lamp-1" not in verdict(report, "lanes are free")[1]) == is_free


def test_a_house_moved_onto_its_neighbour_is_named(scene):
    first, second = scene.buildings[:2]
    shifted = replace(second, footprint=second.footprint - second.footprint.mean(axis=0) + first.footprint.mean(axis=0))
    report = judge(replace(scene, buildings=(first, shifted)), plan_for(scene))
    assert not verdict(report, "buildings stand apart")[0]


def test_a_door_without_a_way_is_named(scene):
    nav = replace(scene.navigation, edges=scene.navigation.edges[:0], edge_kind=scene.navigation.edge_kind[:0])
    assert not verdict(judge(replace(scene, navigation=nav), plan_for(scene)), "every door can be reached")[0]


def test_a_street_of_thirteen_percent_is_too_steep(scene):
    street = scene.roads.streets[0]
    line = street.centreline.copy()
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
    steep = replace(street, centreline=np.column_stack([line[:, :2], 0.13 * along]))
    report = judge(replace(scene, roads=replace(scene.roads, streets=(steep,))), plan_for(scene))
    assert verdict(report, "streets can be climbed") == (False, {street.name})


def test_darkness_without_lamps_is_named(scene):
    dark = replace(scene, environment=Environment(time_of_day_h=23.0, lamps_lit=False))
    assert not verdict(judge(dark, plan_for(scene)), "weather, hour and lamps agree")[0]


def test_repair_sets_down_what_floats_and_removes_what_overlaps(scene):
    step = place_of(scene, "crate-1") - place_of(scene, "crate-2") + [0.1, 0, 0]
    broken = moved(moved(scene, "crate-2", tuple(step)), "oak-2", (0, 0, 0.4))
    mended, report = repair(broken, plan_for(scene))
    assert verdict(report, "things stand on the ground") == (True, set())
    assert verdict(report, "things stand apart") == (True, set())
    assert place_of(mended, "oak-2")[2] == pytest.approx(place_of(scene, "oak-2")[2], abs=0.05)
    assert any("oak-2" in said for said in report.repairs)


def test_a_way_through_a_wall_is_closed_where_there_is_another(scene):
    nav, house = scene.navigation, scene.buildings[0]
    corners = house.footprint
    nodes = np.vstack(
        [
            nav.nodes,
            [[*(corners[0] - 0.5 * (corners[2] - corners[0])), 2.0]],
            [[*(corners[2] + 0.5 * (corners[2] - corners[0])), 2.0]],
        ]
    )
    edge = [[len(nav.nodes), len(nav.nodes) + 1]]
    crossed = replace(
        nav,
        nodes=nodes,
        node_kind=np.append(nav.node_kind, [0, 0]).astype(np.uint8),
        edges=np.vstack([nav.edges, edge]).astype(np.int32),
        edge_kind=np.append(nav.edge_kind, 0).astype(np.uint8),
    )
    broken = replace(scene, navigation=crossed)
    assert not verdict(judge(broken, plan_for(scene)), "ways are free")[0]
    mended, report = repair(broken, plan_for(scene))
    assert verdict(report, "ways are free") == (True, set())
    assert len(mended.navigation.edges) == len(nav.edges)


def test_a_house_on_a_street_is_left_out(scene):
    middle = scene.roads.streets[0].centreline[1, :2]
    house = scene.buildings[0]
    moved_house = replace(house, footprint=house.footprint - house.footprint.mean(axis=0) + middle)
    broken = replace(scene, buildings=(moved_house, *scene.buildings[1:]))
    mended, report = repair(broken, plan_for(scene))
    assert house.name not in {building.name for building in mended.buildings}
    assert house.name not in {part.name for part in mended.parts}
    assert f"left {house.name} out" in report.repairs


def test_a_house_makes_room_for_what_was_asked_for(scene):
    house = scene.buildings[0]
    target = np.array([*house.footprint.mean(axis=0), house.base_m])
    broken = moved(scene, "crate-1", tuple(target - place_of(scene, "crate-1")))
    plan = replace(plan_for(scene), amounts={"crate": (2, 2)})
    mended, report = repair(broken, plan)
    assert "crate-1" in {row.name for row in mended.instances()}
    assert f"left {house.name} out" in report.repairs


def test_removing_a_lamp_removes_its_light(scene):
    lit = without(scene, {"lamp-1"})
    assert "lamp-1" not in {row.name for row in lit.instances()}
    assert "lamp-1" not in lit.lights.owners


def test_a_report_that_fails_says_what_and_how(scene):
    report = judge(replace(scene, buildings=()), plan_for(scene))
    with pytest.raises(InvalidScene, match="has no buildings"):
        report.raise_if_failed()


@pytest.mark.parametrize(
    ("brief", "holds"),
    [
        ({"weather": (Read("rain", SAID),)}, True),
        ({"weather": (Read("fog", SAID),)}, False),
        ({"not_weather": (Read("rain", SAID),)}, False),
        ({"things": (Thing("crate", 2, 2, SAID),)}, True),
        ({"things": (Thing("crate", 3, None, SAID),)}, False),
        ({"things": (Thing("car", 0, 0, SAID),)}, True),
        ({"things": (Thing("tree", 1, None, SAID),)}, True),
        ({"things": (Thing("crate", 0, 0, SAID),)}, False),
        ({"relations": (Relation("crate", "near", ("lighthouse",), SAID),)}, False),
    ],
)
def test_clauses_are_held_against_the_scene(scene, brief, holds):
    clauses = judge(scene, plan_for(scene, **brief)).clauses
    assert [clause.holds for clause in clauses] == [holds]


def test_agreement_of_a_lattice_with_itself_is_one():
    asked = np.arange(1024).reshape(32, 32) % 3
    assert agreement(asked, asked) == (1.0, [0.0, 0.0, 0.0])


def test_agreement_falls_by_the_cells_that_differ():
    asked = np.zeros((32, 32), dtype=int)
    asked[:16] = 2
    found = asked.copy()
    found[16:20] = 2  # 4 of 16 water rows read as open: IoU 12/16 and 16/20
    miou, shares = agreement(asked, found)
    assert miou == pytest.approx((12 / 16 + 16 / 20) / 2)
    assert shares == pytest.approx([-0.125, 0.0, 0.125])


def crate(size: tuple[float, float, float]) -> Asset:
    """A movable box that stands on its underside."""
    box = Collider("box", size, (0.0, 0.0, size[2] / 2, 1.0, 0.0, 0.0, 0.0))
    return Asset("crate", "crate", "crate", (mesh(np.eye(3), [[0, 1, 2]], ("wood",)),), (box,), size, 5.0, True)


def test_what_topples_slides_or_falls_is_found_and_what_stands_is_not():
    """A pole 0.1 m wide and 2 m tall topples where the ground climbs more than 1 in 20; friction 0.8 holds at 1 in 3."""
    pole, box = crate((0.1, 0.1, 2.0)), crate((0.5, 0.5, 0.5))
    stands = [(pole, [0.0, 0.0, 0.0]), (box, [0.0, 0.0, 0.0])]
    moves = [(pole, [0.06, 0.0, 0.0]), (box, [1.0, 0.0, 0.0]), (box, [0.0, 0.0, 0.5])]
    distances = _settle([(asset, np.array(ground)) for asset, ground in stands + moves])
    assert max(distances[: len(stands)]) < 0.005
    assert min(distances[len(stands) :]) > LIMIT_M


@pytest.mark.parametrize(
    ("attributes", "holds"),
    [
        (("red-roofed",), True),
        (("slate-roofed",), False),
        (("white",), True),
        (("red",), False),  # the roof is red, not the house
        (("plaster",), True),
        (("brick",), False),
        (("white", "red-roofed"), True),
        (("white", "thatched"), False),
        (("blue", "red-roofed"), False),
        (("old",), True),  # no material shows it, so it binds nothing
    ],
)
def test_adjectives_of_walls_and_roofs_are_held_against_walls_and_roofs(scene, attributes, holds):
    houses = tuple(replace(b, use="house", materials=("plaster-white", "roof-tiles-red")) for b in scene.buildings)
    asked = {"things": (Thing("house", 1, None, SAID, attributes),)}
    clauses = judge(replace(scene, buildings=houses), plan_for(scene, **asked)).clauses
    assert [clause.holds for clause in clauses] == [holds]
