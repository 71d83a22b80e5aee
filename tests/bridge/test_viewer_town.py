"""What a page is given of a scene: everything that is there, in the very numbers that renderers draw from."""

import gzip
from dataclasses import replace

import numpy as np
import pytest

from bridge.render.sky import sky_over
from bridge.viewer.light import packed_light
from bridge.viewer.outlook import first_outlook
from bridge.viewer.town import packed, packed_town, unpacked
from tests.bridge.test_riders import street
from tests.scenes import SHORE_Y, tiny_scene


@pytest.fixture(scope="module")
def town():
    return unpacked(gzip.decompress(packed_town(tiny_scene())))


def test_what_is_packed_comes_out_again():
    header, arrays = unpacked(
        packed({"name": "é"}, {"a": np.arange(5, dtype=np.uint8), "b": np.ones((2, 3), np.float32)})
    )
    assert header["name"] == "é"
    np.testing.assert_array_equal(arrays["a"], np.arange(5))
    np.testing.assert_array_equal(arrays["b"], np.ones((2, 3)))


def test_the_same_scene_packs_to_the_same_bytes():
    assert packed_town(tiny_scene()) == packed_town(tiny_scene())


def test_everything_of_the_scene_is_there(town):
    header, arrays = town
    scene = tiny_scene()
    assert header["placed"] == [name for group in scene.placements for name in group.names]
    assert header["parts"] == [part.name for part in scene.parts]
    assert set(range(len(scene.parts))) <= set(arrays["chunk_part"].tolist())
    assert len(arrays["water_first"]) == len(scene.waters)
    assert len(arrays["placed_pose"]) == len(header["placed"])
    np.testing.assert_allclose(arrays["placed_pose"][0], scene.placements[0].poses[0], rtol=1e-6)


def test_the_figures_of_those_who_ride_are_sent_though_nobody_rides_yet():
    header, arrays = unpacked(gzip.decompress(packed_town(street("scooter-4"))))
    assert "person-7-riding" in [name for name, _, _ in header["assets"]]
    assert len(arrays["asset_shape"]) == len(header["assets"]) + 1


def test_ids_are_those_of_label_images(town):
    header, arrays = town
    labels = np.ascontiguousarray(arrays["solid_vertices"][:, 16:]).view(np.uint32).ravel() & 0x3FFFFF
    table = {row.name: row.id for row in tiny_scene().instances()}
    assert table[header["parts"][0]] in labels
    assert header["first_placed_id"] == table[header["placed"][0]]


def test_triangles_name_vertices_that_are_there(town):
    _, arrays = town
    for kind in ("solid", "water", "model"):
        assert arrays[f"{kind}_indices"].max() < len(arrays[f"{kind}_vertices"])
    assert (arrays["chunk_first"] + arrays["chunk_stout"][:, 0]).max() == len(arrays["solid_indices"])
    assert arrays["asset_shape"][-1] == len(arrays["model_first"])


def test_ground_under_the_sea_is_not_sent(town):
    _, arrays = town
    terrain = arrays["chunk_part"] == -1
    assert (arrays["chunk_high"][terrain][:, 1] > SHORE_Y).all()


def test_the_light_is_that_of_our_renderer():
    scene = tiny_scene()
    header, arrays = unpacked(packed_light(scene))
    sky = sky_over(scene)
    np.testing.assert_allclose(header["sun_color"], sky.sun_color)
    np.testing.assert_allclose(header["ambient"], sky.ambient.ravel())
    shown = (arrays["sky"][..., :3] / 255.0) ** 2 * header["sky_brightest"]
    np.testing.assert_allclose(shown, sky.map(), atol=0.012 * header["sky_brightest"])


def test_dark_lamps_give_no_light():
    scene = tiny_scene()
    dark = replace(scene, environment=replace(scene.environment, lamps_lit=False))
    assert unpacked(packed_light(scene))[0]["lamp_gain"] > 0
    assert unpacked(packed_light(dark))[0]["lamp_gain"] == 0


def test_the_first_look_is_from_above_the_ground_at_the_town():
    scene = tiny_scene()
    look = first_outlook(scene)
    eye, target = np.array(look["eye"]), np.array(look["target"])
    assert eye[2] > scene.terrain.height_at(eye[:2]) + 5
    x0, y0, x1, y1 = scene.bounds
    assert x0 <= target[0] <= x1
    assert y0 <= target[1] <= y1
