"""Colliders scaled without lies, their volumes and hulls, and the ground with its streets as one height field."""

import dataclasses

import numpy as np
import pytest

from bridge.formats.ground_field import ground_field, land
from bridge.formats.sky import daylight
from bridge.formats.solids import convex_points, hull_mesh, posts, prisms, scaled, volume
from bridge.formats.surfaces import filled, terrain_mesh, water_mesh
from bridge.frames import quat_from_yaw, transform_from_pose
from bridge.meshes import face_normals, merge, transformed
from bridge.scene import Collider, Environment, Water
from tests.scenes import GROUND_M, box, tiny_scene

QUARTER = (0.0, 0.0, 0.0, np.cos(np.pi / 4), 0.0, 0.0, np.sin(np.pi / 4))
SLANTED = (0.0, 0.0, 0.0, np.cos(0.2), 0.0, 0.0, np.sin(0.2))


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (Collider("box", (2.0, 3.0, 4.0)), 24.0),
        (Collider("cylinder", (2.0, 2.0, 3.0)), 3 * np.pi),
        (Collider("sphere", (2.0, 2.0, 2.0)), 4 / 3 * np.pi),
        (Collider("capsule", (2.0, 2.0, 5.0)), 4 / 3 * np.pi + 3 * np.pi),
        (Collider("hull", points=np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)), 1 / 6),
    ],
)
def test_volumes_are_those_of_the_textbook(solid, expected):
    assert volume(solid) == pytest.approx(expected)


@pytest.mark.parametrize("shape", ["box", "cylinder", "sphere", "capsule"])
def test_the_hull_of_a_solid_lies_inside_it_and_nearly_fills_it(shape):
    solid = Collider(shape, (1.0, 1.0, 1.0 if shape == "sphere" else 2.0))
    hull = Collider("hull", points=convex_points(solid).astype(np.float32))
    assert 0.93 * volume(solid) < volume(hull) < 1.0001 * volume(solid)


@pytest.mark.parametrize("shape", ["box", "cylinder", "sphere", "capsule"])
def test_scaling_evenly_keeps_the_shape(shape):
    solid = Collider(shape, (1.0, 1.0, 1.0), (1.0, 2.0, 3.0, *SLANTED[3:]))
    twice = scaled(solid, [2.0, 2.0, 2.0])
    assert twice.shape == shape
    assert twice.pose == (2.0, 4.0, 6.0, *SLANTED[3:])
    assert volume(twice) == pytest.approx(8 * volume(solid))


def test_a_box_turned_by_a_quarter_is_scaled_along_the_right_sides():
    wide = scaled(Collider("box", (1.0, 2.0, 3.0), QUARTER), [10.0, 1.0, 1.0])
    assert wide.shape == "box"
    np.testing.assert_allclose(wide.size, [1.0, 20.0, 3.0])


@pytest.mark.parametrize("solid", [Collider("cylinder", (1.0, 1.0, 1.0)), Collider("box", (1.0, 1.0, 1.0), SLANTED)])
def test_what_would_no_longer_be_its_shape_becomes_a_hull(solid):
    wide = scaled(solid, [3.0, 1.0, 1.0])
    assert wide.shape == "hull"
    np.testing.assert_allclose(np.ptp(wide.points, axis=0), np.ptp(convex_points(solid), axis=0) * [3, 1, 1], rtol=1e-6)


def test_hulls_are_closed_and_look_outwards():
    points = np.random.default_rng(3).normal(size=(60, 3))
    corners, triangles = hull_mesh(points)
    edges = {tuple(edge) for edge in np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])}
    assert {(b, a) for a, b in edges} == edges
    a, b, c = np.moveaxis(corners[triangles], 1, 0)
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), a - corners.mean(axis=0)) > 0).all()


def test_a_flat_hull_becomes_a_thin_plate():
    corners, _ = hull_mesh([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert np.ptp(corners[:, 2]) == pytest.approx(1e-3)


def test_a_slab_is_walked_on_from_above_only():
    """A slab 0.3 m thick has two upper triangles; its sides are too low to be walls."""
    pieces = prisms(box((4, 2, 0.3), (0, 0, 1.0)))
    assert pieces.shape == (2, 6, 3)
    assert pieces[:, :3, 2].tolist() == [[np.float32(1.3)] * 3] * 2


def test_posts_of_a_pier_are_boxes_and_its_deck_stays():
    """A post of 0.3 by 0.2 m, 3 m high, turned by 0.4 rad, beside a slab of 4 by 2 m, which is wide enough to stand on."""
    slab, post = box((4, 2, 0.3), (0, 0, 1.0)), box((0.3, 0.2, 3.0), (0, 0, 0))
    post = transformed(post, transform_from_pose([5.0, 1.0, -0.5, *quat_from_yaw(0.4)]))
    found, rest = posts(merge([slab, post]))
    assert [solid.shape for solid in found] == ["box"]
    assert sorted(found[0].size) == pytest.approx([0.2, 0.3, 3.0], abs=1e-5)
    ours, theirs = convex_points(found[0]), np.unique(post.vertices, axis=0)
    assert np.linalg.norm(ours[:, None] - theirs, axis=2).min(axis=1).max() < 1e-4
    np.testing.assert_array_equal(prisms(rest), prisms(slab))


def test_what_only_looks_like_a_post_is_left_alone():
    """One with a face missing, one that leans, and one that tapers have no box that is the same solid."""
    post = box((0.3, 0.2, 3.0), (0, 0, 0))
    open_one = dataclasses.replace(post, triangles=post.triangles[:-1], material=post.material[:-1])
    lean, taper = (post.vertices.copy() for _ in range(2))
    lean[:, 0] += 0.1 * post.vertices[:, 2]
    taper[:, 0] *= 1 + 0.2 * post.vertices[:, 2]
    leaning, tapering = (dataclasses.replace(post, vertices=vertices) for vertices in (lean, taper))
    for mesh in (open_one, leaning, tapering):
        assert posts(mesh) == ([], mesh)


def test_terrain_triangles_look_up_and_pass_through_the_heights():
    town = tiny_scene()
    mesh = terrain_mesh(town.terrain)
    assert (face_normals(mesh)[:, 2] > 0).all()
    middles = mesh.vertices[mesh.triangles].mean(axis=1)
    np.testing.assert_allclose(town.terrain.height_at(middles[:, :2]), middles[:, 2], atol=1e-5)


def test_water_is_filled_without_its_islands():
    """A square of 10 m with an island of 4 m: 84 square metres, whichever way round the rings run."""
    outer, island = np.array([[0, 0], [10, 0], [10, 10], [0, 10.0]]), np.array([[3, 3], [7, 3], [7, 7], [3, 7.0]])
    for rings in ([outer, island], [outer[::-1], island[::-1]]):
        points, triangles = filled(rings)
        a, b, c = np.moveaxis(points[triangles], 1, 0)
        area = np.cross(np.pad(b - a, ((0, 0), (0, 1))), np.pad(c - a, ((0, 0), (0, 1))))[:, 2] / 2
        assert (area > 0).all()
        assert area.sum() == pytest.approx(84)
    mesh = water_mesh(Water("lake", "lake", outer, 1.5, (island,)))
    assert (mesh.vertices[:, 2] == 1.5).all()


def test_the_ground_field_has_streets_in_it_and_terrain_elsewhere():
    town = tiny_scene()
    field = ground_field(town)
    assert field.cell_m == 0.5
    at = lambda x, y: field.heights[round((y + 64) / 0.5), round((x + 64) / 0.5)]  # noqa: E731
    assert at(-40, -12) == pytest.approx(GROUND_M + 0.02)
    assert at(-40, -8) == pytest.approx(GROUND_M + 0.12)
    assert at(-40, -9.5) == pytest.approx(GROUND_M + 0.12), "the ramp of the curb is on the carriageway's side"
    assert at(-40, -10) == pytest.approx(GROUND_M + 0.02)
    assert at(-40, -5) == pytest.approx(GROUND_M)
    assert at(30.5, 55.5) == pytest.approx(float(town.terrain.height_at([30.5, 55.5])))


def test_a_big_map_gets_a_coarser_field():
    town = tiny_scene()
    wide = dataclasses.replace(town.terrain, cell_m=40.0, origin=(-640.0, -640.0))
    field = ground_field(dataclasses.replace(town, terrain=wide, parts=()))
    assert max(field.heights.shape) <= 2049
    assert field.cell_m == pytest.approx(40 / 64)


@pytest.mark.parametrize(
    ("hour", "axis", "sign"),
    [(6.0, 0, 1), (18.0, 0, -1), (12.0, 1, -1)],
    ids=["east at 6", "west at 18", "south at noon"],
)
def test_the_sun_goes_from_east_over_south_to_west(hour, axis, sign):
    sky = daylight(Environment(season="summer", time_of_day_h=hour))
    assert sky.sun_from[axis] * sign > 0.3
    assert np.linalg.norm(sky.sun_from) == pytest.approx(1)


def test_clouds_and_night_take_the_light_away():
    noon = daylight(Environment(time_of_day_h=12.0, cloud_cover=0.0))
    assert noon.sun_lux > 60_000
    assert daylight(Environment(time_of_day_h=12.0, cloud_cover=1.0)).sun_lux == 0
    assert daylight(Environment(time_of_day_h=0.0)).sun_lux < 1


def test_the_land_tells_grid_and_reach_of_its_field_ahead():
    town = tiny_scene()
    told, field = land(town), ground_field(town)
    assert (told.origin, told.cell_m, told.shape) == (field.origin, field.cell_m, field.heights.shape)
    assert told.low_m <= field.heights.min()
    assert field.heights.max() <= told.high_m < field.heights.max() + 1.0
