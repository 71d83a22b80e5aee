"""Lidar sweeps against geometry worked by hand, depth images of the same viewpoint, and what weather takes away."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import RendererUnavailable
from bridge.frames import pose_array, quat_from_yaw, quat_product
from bridge.render import open_renderer
from bridge.render.tracer import Tracer, tracer_of
from bridge.scene import Placements, Scene
from bridge.sensors import lidar
from bridge.sensors.moment import Moment
from bridge.types import Camera, Pose, WorldState
from tests.bridge.render_town import town

IDEAL = replace(lidar.CHANNELS_16, is_ideal=True)
AT_SEA = Pose(np.array([-300.0, -300.0, 5.0]))
"""Over open water at level 0, with nothing around."""
STREET = Pose(np.array([-10.0, 1.0, 5.0]), quat_from_yaw(0.2))
NOTHING = WorldState(0, 0.0, (), np.zeros((0, 7)))


@pytest.fixture(scope="module")
def scene() -> Scene:
    return town(houses=25, trees=30, lamps=8, weather="clear", visibility_m=20_000.0)


def placed(scene: Scene, *names_and_poses, tick: int = 0) -> WorldState:
    names, poses = zip(*names_and_poses, strict=True)
    return WorldState(tick, tick * 0.02, names, np.array(poses))


def sweep(config: lidar.Config, scene: Scene, state: WorldState = NOTHING, **more):
    return config.read(Moment(scene, None, state, **more))


def id_of(scene: Scene, name: str) -> int:
    return next(row.id for row in scene.instances() if row.name == name)


def test_over_level_water_each_channel_draws_a_circle(scene):
    """From 5 m up, looking down by angle a, the water is 5 / sin a away; channels that look up meet nothing."""
    scan = sweep(replace(IDEAL, mount_from_sensor=AT_SEA, most_m=80.0), scene)
    elevations = np.array(IDEAL.elevations_rad)
    assert scan.ranges.shape == (16, 1024)
    for channel, angle in enumerate(elevations):
        far = 5 / np.sin(-angle) if angle < 0 else np.inf
        if far < 80:
            np.testing.assert_allclose(scan.ranges[channel], far, rtol=1e-4)
        else:
            assert np.isinf(scan.ranges[channel]).all()
            assert not scan.ids[channel].any()
    assert (np.diff(elevations) < 0).all()


def test_points_lie_on_what_they_met(scene):
    """In the sensor's frame the water is 5 m below, in the world at 0, wherever the sensor looks."""
    turned = Pose(AT_SEA.position, quat_from_yaw(1.1))
    scan = sweep(replace(IDEAL, mount_from_sensor=turned), scene)
    assert len(scan.points()) == scan.is_return.sum() > 1000
    np.testing.assert_allclose(scan.points()[:, 2], -5, atol=2e-3)
    np.testing.assert_allclose(scan.points_in_world()[:, 2], 0, atol=2e-3)
    moved = scan.points_in_world(pose_array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(moved, scan.points() + [1, 0, 0])


def test_columns_run_clockwise_and_the_middle_looks_forward(scene):
    """A crate 10 m ahead is in the middle columns; one to the left is in the left quarter, in row order as seen."""
    beams = lidar.directions(IDEAL)
    np.testing.assert_allclose(np.linalg.norm(beams, axis=2), 1, atol=1e-6)
    assert beams[8, 511, 0] > 0.98
    assert beams[8, 256, 1] > 0.98
    assert beams[8, 768, 1] < -0.98
    at = AT_SEA.position
    state = placed(scene, ("crate-0", pose_array(at + [10, 0, -0.5])), ("crate-1", pose_array(at + [0, 10, -0.5])))
    scan = sweep(replace(IDEAL, mount_from_sensor=AT_SEA), scene, state)
    ahead, left = (np.nonzero(scan.ids == id_of(scene, name)) for name in ("crate-0", "crate-1"))
    assert np.median(ahead[1]) == pytest.approx(511.5, abs=1)
    assert np.median(left[1]) == pytest.approx(255.5, abs=1)
    # The crate's face stands 9.5 m before the sensor.
    np.testing.assert_allclose(
        scan.points()[scan.ids[scan.is_return] == id_of(scene, "crate-0")][:, 0].min(), 9.5, atol=1e-3
    )


@pytest.mark.parametrize("renderer", ["gl", "rays"])
def test_ranges_agree_with_the_depth_image_of_the_same_viewpoint(scene, renderer):
    """1 / depth is linear over a picture of a plane: bilinear between four pixels of one thing it is exact.

    Renderers draw far trees coarser than beams meet them, so that trees are left out. Of a hundred other beams at least
    98 are within 1 cm; the others fall between pixels that see two faces (wall and pane), and lie between their depths.
    """
    state = placed(scene, ("crate-0", pose_array([-2.0, 2.0, 3.6], 0.4)), ("crate-1", pose_array([2.0, 0.5, 3.4], 1.0)))
    camera_from_body = np.array([0.5, -0.5, 0.5, -0.5])  # z forward, x right, y down
    eye = Pose(STREET.position, quat_product(STREET.quat_wxyz, camera_from_body))
    camera = Camera("eye", 960, 720, 1.0, eye)
    try:
        drawn = open_renderer(renderer)
    except RendererUnavailable as error:
        pytest.skip(str(error))
    drawn.load(scene)
    drawn.pose(state)
    frame = drawn.observe([camera], ["depth", "segmentation"])[0]
    drawn.close()
    angles = tuple(np.linspace(0.4, -0.4, 40).tolist())
    config = replace(IDEAL, elevations_rad=angles, columns=200, azimuth_span_rad=0.9, mount_from_sensor=STREET)
    scan = sweep(config, scene, state)
    beams = scan.directions.reshape(-1, 3).astype(float)
    focal = 360 / np.tan(0.5)
    column = 480 - beams[:, 1] / beams[:, 0] * focal - 0.5
    row = 360 - beams[:, 2] / beams[:, 0] * focal - 0.5
    x, y = np.floor(column).astype(int), np.floor(row).astype(int)
    u, v = column - x, row - y
    corners = [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)]
    ids = np.array([frame.segmentation[at] for at in corners])
    inverse = 1 / np.array([frame.depth[at] for at in corners])
    trees = [row.id for row in scene.instances() if row.semantic == "tree"]
    near = (ids == ids[0]).all(axis=0) & (scan.ids.ravel() == ids[0]) & ~np.isin(ids[0], [0, *trees])
    near &= scan.ranges.ravel() < 60
    between = (1 - v) * ((1 - u) * inverse[0] + u * inverse[1]) + v * ((1 - u) * inverse[2] + u * inverse[3])
    depth = (scan.ranges.ravel() * beams[:, 0])[near]
    error = np.abs(depth - 1 / between[near])
    assert near.sum() > 2000
    assert {id_of(scene, "crate-0"), id_of(scene, "crate-1")} <= set(ids[0][near].tolist())
    assert (error < 0.01).mean() > 0.98
    straddles = (depth > 1 / inverse[:, near].max(axis=0) - 0.01) & (depth < 1 / inverse[:, near].min(axis=0) + 0.01)
    assert ((error < 0.01) | straddles).mean() > 0.999
    # What both see they mostly call the same.
    inside = (ids == ids[0]).all(axis=0) & np.isfinite(scan.ranges.ravel())
    assert (scan.ids.ravel() == ids[0])[inside].mean() > 0.98


def test_what_moves_is_met_as_if_the_scene_had_it_there(scene):
    group = scene.placements[2]
    there = pose_array([[-4.0, 1.5, 3.4], [0.0, -1.0, 3.5], [3.0, 2.0, 3.5]], [0.3, 1.2, 2.0])
    rebuilt = replace(scene, placements=(*scene.placements[:2], replace(group, poses=there)))
    config = replace(IDEAL, mount_from_sensor=STREET)
    moved = sweep(config, scene, placed(scene, *zip(group.names, there, strict=True)))
    built = sweep(config, rebuilt)
    assert np.isin(moved.ids, [id_of(scene, name) for name in group.names]).sum() > 20
    assert (moved.ids == built.ids).mean() > 0.9995
    same = (moved.ids == built.ids) & moved.is_return
    np.testing.assert_allclose(moved.ranges[same], built.ranges[same], atol=2e-3)
    np.testing.assert_allclose(moved.intensity[same], built.intensity[same], atol=2e-3)


def test_scaled_and_tilted_things_are_met_where_their_corners_are(scene):
    """A unit crate, twice as long along its own X and turned nose up, is 2 m tall."""
    group = scene.placements[2]
    long = replace(group, scale=np.array([[2.0, 1.0, 1.0], [1, 1, 1], [1, 1, 1]]))
    stretched = replace(scene, placements=(*scene.placements[:2], long))
    nose_up = np.array([np.cos(np.pi / 4), 0, -np.sin(np.pi / 4), 0])
    at = AT_SEA.position
    state = placed(scene, ("crate-0", np.concatenate([at + [6.5, 0, 0], nose_up])))
    fan = tuple(np.linspace(0.3, -0.3, 301).tolist())
    scan = sweep(
        replace(IDEAL, elevations_rad=fan, columns=9, azimuth_span_rad=0.05, mount_from_sensor=AT_SEA), stretched, state
    )
    seen = scan.points()[scan.ids[scan.is_return] == id_of(scene, "crate-0")]
    # Its underside, turned to face away, stands at 6.5 m; its top faces the sensor 1 m nearer.
    np.testing.assert_allclose(seen[:, 0].min(), 5.5, atol=2e-3)
    assert seen[:, 2].max() == pytest.approx(1.0, abs=0.02)
    assert seen[:, 2].min() == pytest.approx(-1.0, abs=0.02)


def test_beams_pass_through_what_carries_the_sensor_and_what_it_ignores(scene):
    crate = pose_array([-300.0, -300.0, 4.6])
    state = placed(scene, ("crate-0", crate), ("crate-1", pose_array([-297.0, -300.0, 4.6])))
    inside = replace(IDEAL, mount="crate-0", mount_from_sensor=Pose(np.array([0.0, 0.0, 0.5])), least_m=0.0)
    assert id_of(scene, "crate-0") not in sweep(inside, scene, state).ids
    assert id_of(scene, "crate-1") in sweep(inside, scene, state).ids
    assert id_of(scene, "crate-1") not in sweep(replace(inside, ignores=("crate-1",)), scene, state).ids


def test_what_is_gone_is_not_met(scene):
    config = replace(IDEAL, mount_from_sensor=Pose(np.array([-3.0, 2.0, 4.2])))
    crate = id_of(scene, "crate-0")
    assert crate in sweep(config, scene).ids
    assert crate not in sweep(config, scene, absent=("crate-0",)).ids
    assert crate in sweep(config, scene).ids


def test_another_weather_asks_for_no_other_tracer_but_another_shape_does(scene):
    foggy = replace(scene, environment=replace(scene.environment, weather="fog"))
    assert tracer_of(foggy) is tracer_of(scene)
    group = scene.placements[2]
    shifted = replace(
        scene, placements=(*scene.placements[:2], replace(group, poses=group.poses + [1, 0, 0, 0, 0, 0, 0]))
    )
    assert tracer_of(shifted) is not tracer_of(scene)
    white = {name: replace(material, base_color=(1.0, 1.0, 1.0)) for name, material in scene.materials.items()}
    config = replace(IDEAL, mount_from_sensor=STREET)
    painted, plain = sweep(config, replace(scene, materials=white)), sweep(config, scene)
    np.testing.assert_array_equal(painted.ranges, plain.ranges)
    assert painted.intensity.sum() > 2 * plain.intensity.sum()


def test_what_is_spawned_is_met_and_what_stands_is_kept(scene):
    """A town with one crate more, that the state names, is met as one built with it; only the crate is new."""
    crate = Placements("crate", ("crate-new",), pose_array([[-4.0, 1.5, 3.5]]), np.ones((1, 3)))
    grown = replace(scene, placements=(*scene.placements, crate))
    here = placed(scene, *zip(scene.placements[2].names, scene.placements[2].poses, strict=True))
    more = WorldState(1, 0.02, (*here.names, "crate-new"), np.concatenate([here.poses, crate.poses]))
    config = replace(IDEAL, mount_from_sensor=STREET)
    sweep(config, scene, here)
    built = sweep(config, grown)
    spawned = sweep(config, grown, more)
    np.testing.assert_array_equal(spawned.ids, built.ids)
    assert (spawned.ids == id_of(grown, "crate-new")).sum() > 20
    first, second = Tracer(scene), Tracer(grown)
    for tracer, state in ((first, here), (second, more)):
        tracer.hits(STREET.position, np.eye(3), state)
    assert first._fixed[1] is second._fixed[1]


def test_a_part_that_moved_is_met_where_it_is(scene):
    """A house lifted by 500 m is not in sight any more."""
    config = replace(IDEAL, mount_from_sensor=STREET)
    seen = sweep(config, scene)
    houses = [row for row in scene.instances() if row.kind == "house"]
    house = max(houses, key=lambda row: (seen.ids == row.id).sum())
    assert (seen.ids == house.id).any()
    still = placed(scene, (house.name, pose_array([0.0, 0.0, 0.0])))
    lifted = placed(scene, (house.name, pose_array([0.0, 0.0, 500.0])))
    np.testing.assert_array_equal(sweep(config, scene, still).ids == house.id, seen.ids == house.id)
    assert not (sweep(config, scene, lifted).ids == house.id).any()


def test_too_near_and_too_far_give_no_range(scene):
    near_blind = sweep(replace(IDEAL, mount_from_sensor=AT_SEA, least_m=21.0, most_m=40.0), scene)
    seen = near_blind.ranges[near_blind.is_return]
    assert len(seen)
    assert seen.min() >= 21.0
    assert seen.max() <= 40.0
    assert not near_blind.intensity[~near_blind.is_return].any()


def test_a_matte_face_gives_back_the_cosine_of_incidence():
    """A crate's front, 20 m ahead: 15° off the middle of the face the same wood gives back cos 15° as much."""
    wide = town(houses=2, trees=2, lamps=2)
    group = wide.placements[2]
    wall = replace(group, scale=np.tile([1.0, 40.0, 4.0], (3, 1)))
    wide = replace(wide, placements=(*wide.placements[:2], wall))
    state = placed(wide, ("crate-0", pose_array(AT_SEA.position + [20.5, 0, -2])))
    config = replace(
        IDEAL, elevations_rad=(0.0,), columns=31, azimuth_span_rad=np.radians(31), mount_from_sensor=AT_SEA
    )
    scan = sweep(config, wide, state)
    middle, side = scan.intensity[0, 15], scan.intensity[0, 0]
    assert 0 < side < middle < 1
    assert side / middle == pytest.approx(np.cos(np.radians(15)), rel=1e-3)


def noisy(scene: Scene, seed: int = 0, **environment):
    weathered = replace(scene, environment=replace(scene.environment, **environment))
    return sweep(replace(lidar.CHANNELS_16, mount_from_sensor=STREET), weathered, seed=seed)


def test_ranges_are_noisy_as_described(scene):
    exact = sweep(replace(IDEAL, mount_from_sensor=STREET), scene)
    scans = [noisy(scene, seed) for seed in range(3)]
    both = [scan.is_return & exact.is_return & (scan.ids == exact.ids) for scan in scans]
    error = np.concatenate([scan.ranges[some] - exact.ranges[some] for scan, some in zip(scans, both, strict=True)])
    assert len(error) > 5000
    assert error.std() == pytest.approx(0.02, rel=0.05)
    assert abs(error.mean()) < 0.002


def test_dark_and_far_things_are_lost_first(scene):
    exact, scan = sweep(replace(IDEAL, mount_from_sensor=STREET), scene), noisy(scene)
    is_lost = exact.is_return & ~scan.is_return
    assert is_lost.any()
    kept = exact.is_return & scan.is_return

    def strength(some):
        return np.median(exact.intensity[some] / exact.ranges[some] ** 2)

    assert strength(is_lost) < 0.1 * strength(kept)


def test_the_thicker_the_fog_the_less_comes_back_and_the_nearer(scene):
    """With 50 m of visibility a beam that goes 30 m and back keeps e^(-2 · 0.06 · 30), a fortieth."""
    counts, reach = [], []
    for visibility_m in (20_000.0, 300.0, 100.0, 50.0):
        scan = noisy(scene, weather="fog", visibility_m=visibility_m)
        hits = scan.ids > 0
        counts.append(hits.sum())
        reach.append(np.quantile(scan.ranges[hits], 0.99))
    assert counts == sorted(counts, reverse=True)
    assert reach == sorted(reach, reverse=True)
    assert reach[-1] < 0.6 * reach[0]


def test_rain_sends_some_beams_back_early_as_nothing_the_scene_has(scene):
    dry, wet = noisy(scene), noisy(scene, weather="rain", rain=1.0, wetness=1.0, visibility_m=2000.0)
    assert not (dry.is_return & (dry.ids == 0)).any()
    drops = wet.is_return & (wet.ids == 0)
    assert drops.mean() == pytest.approx(lidar.CHANNELS_16.false_echo, rel=0.35)
    assert np.median(wet.ranges[drops]) < 8


def test_the_same_seed_and_tick_give_the_same_sweep(scene):
    config = replace(lidar.CHANNELS_16, mount_from_sensor=STREET)
    later = WorldState(9, 0.18, (), np.zeros((0, 7)))
    first = sweep(config, scene, seed=4)
    sweep(config, scene, later, seed=4)
    again = sweep(config, scene, seed=4)
    for name in ("ranges", "ids", "intensity"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert sweep(config, scene, later, seed=4).ranges.tobytes() != first.ranges.tobytes()
    assert sweep(config, scene, seed=5).ranges.tobytes() != first.ranges.tobytes()


def test_presets_have_the_channels_of_their_names():
    for preset, channels in ((lidar.CHANNELS_16, 16), (lidar.CHANNELS_32, 32), (lidar.CHANNELS_64, 64)):
        assert lidar.directions(preset).shape == (channels, preset.columns, 3)
