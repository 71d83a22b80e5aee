"""The parts furnishing stands on: exact heights, who keeps whom away, stations along streets."""

from dataclasses import replace

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bridge.meshes import mesh
from bridge.scene import Collider, Part, RoadNetwork, Street, Terrain
from scene_gen.build.furnishing.ground_layers import plans
from scene_gen.build.occupancy import discs, independent, scattered
from scene_gen.build.site import Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.crossings import crossing_plans
from scene_gen.build.ways.parking import parking_bays, through_streets

FLAT = Terrain((-50.0, -50.0), 10.0, np.zeros((11, 11), np.float32), np.zeros((11, 11), np.uint8), ("grass",))


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda p: p[0] != p[1]), max_size=40))
def test_the_kept_are_those_kept_one_by_one(pairs):
    kept: list[int] = []
    for i in range(15):
        if not any((i, j) in pairs or (j, i) in pairs for j in kept):
            kept.append(i)
    found = independent(15, np.array(pairs, dtype=np.intp).reshape(-1, 2))
    assert np.flatnonzero(found).tolist() == kept


@given(st.floats(0.3, 12), st.floats(0.3, 12), st.floats(-3, 3))
def test_discs_cover_their_rectangle(long_m, wide_m, yaw):
    centre, radius, _ = discs([[1.0, 2.0]], [yaw], [[long_m, wide_m]])
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 25) * long_m, np.linspace(-0.5, 0.5, 25) * wide_m)
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    points = np.stack([u.ravel(), v.ravel()], 1) @ turn.T + (1.0, 2.0)
    away = np.linalg.norm(points[:, None] - centre[None], axis=2) - radius
    assert away.min(axis=1).max() <= 1e-9


def test_scattered_points_keep_their_distance():
    points = scattered(np.random.default_rng(0), (0, 0), (60, 40), 3.0)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)[np.triu_indices(len(points), 1)]
    assert gaps.min() >= 3.0
    assert len(points) > 0.5 * 60 * 40 / 9  # a random packing of discs covers about half of what a square grid does


def test_the_top_is_the_highest_surface():
    def plate(name, z):
        corners = [(-5, -5, z), (5, -5, z), (5, 5, z + 1), (-5, 5, z + 1)]
        return Part(name, "pier", "dock", mesh(corners, [[0, 1, 2], [0, 2, 3]], ("wood",)))

    surfaces = Surfaces(FLAT, (plate("low", 1.0), plate("high", 2.0)))
    height, part = surfaces.top([(0, 0), (0, 5), (20, 0), (-4.9, -4.9)])
    np.testing.assert_allclose(height, [2.5, 3.0, 0.0, 2.01], atol=1e-5)
    assert part.tolist() == [1, 1, -1, 1]


def test_ground_under_a_plate_that_lies_deeper_stays_the_ground():
    below = Part("cellar", "quay", "dock", mesh([(-5, -5, -2), (5, -5, -2), (0, 5, -2)], [[0, 1, 2]], ("wood",)))
    height, part = Surfaces(FLAT, (below,)).top([(0.0, 0.0)])
    assert height.tolist() == [0.0]
    assert part.tolist() == [-1]


def test_random_triangles_give_the_heights_of_a_plain_search():
    rng = np.random.default_rng(1)
    corners = np.concatenate(
        [rng.uniform(-40, 40, (60, 1, 2)) + rng.uniform(-9, 9, (60, 3, 2)), np.zeros((60, 3, 1))], 2
    )
    corners[..., 2] = rng.uniform(0.5, 3.0, (60, 1)) + rng.uniform(0, 1, (60, 3))
    flip = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] < 0
    corners[flip] = corners[flip][:, ::-1]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    corners = corners[normal[:, 2] > 0.4 * np.linalg.norm(normal, axis=1)]
    part = Part("heap", "square", "sidewalk", mesh(corners.reshape(-1, 3), np.arange(3 * len(corners)), ("wood",)))
    xy = rng.uniform(-45, 45, (400, 2))
    want = np.zeros(len(xy))
    for a, b, c in corners.astype(np.float32).astype(float):
        weights = np.linalg.solve(
            np.array([a[:2], b[:2], c[:2]]).T @ np.array([[-1, -1], [1, 0], [0, 1]]), (xy - a[:2]).T
        ).T
        inside = (weights >= 0).all(axis=1) & (weights.sum(axis=1) <= 1)
        want = np.where(inside, np.maximum(want, a[2] + weights @ [b[2] - a[2], c[2] - a[2]]), want)
    np.testing.assert_allclose(Surfaces(FLAT, (part,)).height(xy), want, atol=1e-4)


def street(*points, width=6.0, sidewalk=2.0, lanes=(1, 1)) -> Street:
    return Street("Street", "street", 0, 1, np.array([(*p, 0.0) for p in points], float), width, sidewalk, lanes)


def test_offsets_lie_to_the_left_of_a_street():
    xy, heading = Ways((street((0, 0), (10, 0)),)).at([0, 0], [4.0, 4.0], [2.0, -3.0])
    np.testing.assert_allclose(xy, [(4, 2), (4, -3)], atol=1e-9)
    np.testing.assert_allclose(heading, 0.0, atol=1e-9)


def test_an_offset_line_stays_parallel_round_a_bend():
    ways = Ways((street((0, 0), (10, 0), (10, 10)),))
    xy, _ = ways.at([0, 0, 0], [0.0, 10.0, 20.0], 1.0)
    np.testing.assert_allclose(xy, [(0, 1), (9, 1), (9, 10)], atol=1e-6)


def test_stations_are_in_the_middle_of_equal_shares():
    streets, arcs = Ways((street((0, 0), (10, 0)), street((0, 5), (30, 5)))).every([0, 1], 10.0)
    assert streets.tolist() == [0, 1, 1, 1]
    assert arcs.tolist() == [5.0, 5.0, 15.0, 25.0]


def test_parking_leaves_room_for_both_lanes():
    def bays(width_m: float, lanes=(1, 1)) -> tuple[float, ...]:
        return tuple(parking_bays([street((0, 0), (9, 0), width=width_m, lanes=lanes)])[0].tolist())

    assert bays(5.5) == (0.0, 0.0)
    assert bays(7.4) == (0.0, 2.1)  # 2.1 to the parked cars' side, 1.5 clear, 2.6 between the lanes, 1.2 to the curb
    assert bays(9.8) == (2.1, 2.1)
    assert bays(9.8, lanes=(0, 0)) == (0.0, 0.0)


def test_on_narrow_streets_one_parks_only_where_no_traffic_goes_round():
    # A square of four streets, one of them the longest, with a diagonal street and a dead end.
    corners = [(0, 0), (100, 0), (100, 90), (0, 90), (200, 0)]
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 4)]
    streets = [replace(street(corners[a], corners[b], width=6.0), start=a, end=b) for a, b in pairs]
    bays = parking_bays(streets)
    through = through_streets(streets, may_lose=np.ones(6, bool))
    assert through.tolist() == [True, True, True, True, False, False]
    assert (bays[:, 1] > 0).tolist() == (~through).tolist()


def test_stripes_of_one_zebra_are_one_crossing():
    def stripe(x, y):
        return [(x, y, 0.0), (x + 0.5, y, 0.0), (x + 0.5, y + 3, 0.0), (x, y + 3, 0.0)]

    corners = [stripe(0, 0), stripe(1, 0), stripe(2, 0), stripe(40, 0), stripe(41, 0)]
    faces = [[4 * i + a for a in face] for i in range(5) for face in ((0, 1, 2), (0, 2, 3))]
    part = Part("zebras", "crossing", "crossing", mesh(np.concatenate(corners), faces, ("crossing-marking",)))
    site = Site(FLAT, (), RoadNetwork(np.zeros((0, 3)), ()), (part,), (), (), ())
    assert [tuple(shapely.bounds(plan)) for plan in crossing_plans(site)] == [(0, 0, 2.5, 3), (40, 0, 41.5, 3)]


def test_a_part_covers_its_outline_or_its_boxes_or_its_hull():
    square = mesh([(0, 0, 0), (4, 0, 0), (4, 4, 1), (0, 4, 1)], [[0, 1, 2], [0, 2, 3]], ("wood",))
    turned = (1.0, 2.0, 0.5, np.cos(np.pi / 4), 0.0, 0.0, np.sin(np.pi / 4))
    wall = Collider("box", (6.0, 0.4, 1.0), turned)  # turned by a quarter: 0.4 m wide, 6 m deep
    assert shapely.area(plans(Part("a", "wall", "wall", square, (), np.array([(0, 0), (2, 0), (0, 2)])))).tolist() == [
        2
    ]
    (boxed,) = plans(Part("b", "wall", "wall", square, (wall,)))
    np.testing.assert_allclose(shapely.bounds(boxed), (0.8, -1.0, 1.2, 5.0), atol=1e-9)
    (hull,) = plans(Part("c", "wall", "wall", square))
    assert shapely.area(hull) == 16
