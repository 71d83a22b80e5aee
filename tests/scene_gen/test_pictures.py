"""Pictures of a town: the view is chosen by what it shows, the map can be read."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.frames import look_at, matrix_from_quat
from bridge.types import Camera, Frame, Pose
from scene_gen.pictures.glimpse import Glimpser
from scene_gen.pictures.hero import hero_camera, score
from scene_gen.pictures.map import COVERED, PANEL_PX, SIDE_PX, WATER, draw_map
from scene_gen.pictures.named import named_places
from scene_gen.pictures.turntable import FRAMES, orbit
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def scene():
    return tiny_scene()


@pytest.fixture(scope="module")
def hero(scene) -> Camera:
    return hero_camera(scene)


def test_the_hero_stands_in_the_map_above_the_ground(scene, hero):
    x, y, z = hero.mount_from_camera.position
    assert scene.bounds[0] <= x <= scene.bounds[2]
    assert scene.bounds[1] <= y <= scene.bounds[3]
    assert z > scene.terrain.height_at([x, y]) + 5


def test_the_hero_holds_its_head_level(hero):
    right = matrix_from_quat(hero.mount_from_camera.quat_wxyz)[:, 0]
    assert right[2] == pytest.approx(0, abs=1e-9)


def test_the_hero_sees_sky_and_buildings(scene, hero):
    (frame,) = Glimpser(scene).glimpse([replace(hero, width=160, height=90)])
    seen = {row.name for row in scene.instances() if row.id in np.unique(frame.segmentation)}
    assert (frame.segmentation == 0).any()
    assert {building.name for building in scene.buildings} & seen


def test_glimpsed_depth_is_planar(scene):
    """Looking straight down from 50 m over level ground, all of it is equally deep, at the picture's edge too."""
    level = replace(scene.terrain, heights=np.full_like(scene.terrain.heights, 2.0))
    bare = replace(scene, terrain=level, parts=(), placements=(), waters=())
    camera = Camera("down", 9, 9, 0.5, Pose(*look_at([0, 0, 52.0], [0, 0, 2.0])))
    (frame,) = Glimpser(bare).glimpse([camera])
    np.testing.assert_allclose(frame.depth, 50.0, atol=0.01)


def test_a_glimpse_shows_each_building_where_it_stands(scene):
    """Straight down from 60 m over its middle there is the building, its roof no higher than its mesh."""
    ids = {row.name: row.id for row in scene.instances()}
    parts = {part.name: part for part in scene.parts}
    glimpser = Glimpser(scene)
    for building in scene.buildings:
        x, y = building.footprint.mean(axis=0)
        camera = Camera("down", 3, 3, 0.1, Pose(*look_at([x, y, building.base_m + 60], [x, y, building.base_m])))
        (frame,) = glimpser.glimpse([camera])
        assert frame.segmentation[1, 1] == ids[building.name]
        roof_m = building.base_m + 60 - frame.depth[1, 1]
        assert building.base_m < roof_m <= parts[building.name].mesh.vertices[:, 2].max() + 0.5


def test_a_view_with_a_wall_in_the_way_scores_less():
    classes = np.array([34, 1, 7, 14, 16], dtype=np.int32)  # sky, terrain, building, person... by id
    wide = np.zeros((72, 128), np.int32)
    wide[20:50] = 2
    wide[50:] = 1
    far = Frame("far", 0, depth=np.full(wide.shape, 80.0, np.float32), segmentation=wide)
    near = replace(far, depth=np.full(wide.shape, 5.0, np.float32))
    none = np.zeros(0, np.int32)
    assert score(far, classes, none) > score(near, classes, none)


def test_a_turntable_comes_round(scene, hero):
    cameras = orbit(scene, hero)
    assert len(cameras) == FRAMES
    np.testing.assert_allclose(
        cameras[0].mount_from_camera.position[:2], hero.mount_from_camera.position[:2], atol=1e-6
    )


def test_a_turntable_flies_over_the_roofs_it_comes_near(scene, hero):
    tops = {b.name: b.base_m + b.height_m + b.roof_m for b in scene.buildings}
    for camera in orbit(scene, hero):
        x, y, z = camera.mount_from_camera.position
        for building in scene.buildings:
            if np.linalg.norm(building.footprint - [x, y], axis=1).min() < 25:
                assert z > tops[building.name]


def test_the_map_has_a_panel_beside_the_town(scene):
    sheet = draw_map(scene)
    assert sheet.size == (SIDE_PX + PANEL_PX, SIDE_PX)


def test_water_is_where_the_water_is(scene):
    sheet = np.asarray(draw_map(scene))
    low, high = np.array(scene.bounds[:2]), np.array(scene.bounds[2:])
    x, y = (scene.waters[0].polygon.mean(axis=0) - low) / (high - low) * SIDE_PX
    patch = sheet[int(SIDE_PX - y) - 20 : int(SIDE_PX - y) + 20, int(x) - 20 : int(x) + 20].reshape(-1, 3)
    assert (np.abs(patch.astype(int) - WATER).max(axis=1) < 12).mean() > 0.5


def test_the_same_town_gives_the_same_map(scene):
    assert draw_map(scene).tobytes() == draw_map(scene).tobytes()


def test_every_pier_has_its_own_name_on_the_map(scene):
    deck = next(part for part in scene.parts if part.outline is not None)
    piers = [replace(deck, name=f"pier-{n}", kind="pier", outline=deck.outline + 9.0 * n) for n in range(11, 17)]
    places = named_places(replace(scene, parts=(*scene.parts, *piers)))
    for pier in piers:
        at = [at for words, at in places if words[0] == pier.name]
        np.testing.assert_allclose(at, [pier.outline.mean(axis=0)])


def test_streets_of_earth_are_drawn_and_named_as_such(scene):
    covered = [
        replace(p, mesh=replace(p.mesh, materials=("dirt-road",))) if p.kind == "carriageway" else p
        for p in scene.parts
    ]
    roads, earthen = np.asarray(draw_map(scene)), np.asarray(draw_map(replace(scene, parts=tuple(covered))))
    shade, word = COVERED["dirt-road"]
    assert word == "dirt road"
    assert (earthen == shade).all(axis=2).sum() > (roads == shade).all(axis=2).sum() + 1000
