"""unreal/: a landscape of a legal size that is the terrain, and SimWorld's files as its client reads them."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.formats.png import png
from bridge.formats.simworld_assets import BUILDINGS_CM
from bridge.frames import unreal_from_world_cm
from bridge.scene import Scene, Terrain
from scene_gen.export.landscape import LEGAL_SIZES, landscape
from tests.scene_gen.test_export import export
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("unreal")
    export("unreal", town, path)
    export("simworld", town, path)
    return path / "unreal"


def content(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_height_map_is_the_terrain_to_half_a_step_north_row_first(town, folder):
    sidecar = content(folder / "heightmap.json")
    with Image.open(folder / "heightmap.png") as image:
        assert image.mode == "I;16"
        values = np.array(image).astype(float)
    assert values.shape == (sidecar["size"],) * 2
    heights = sidecar["height_m_at_0"] + values * sidecar["height_m_per_step"]
    steps = np.arange(sidecar["size"]) * np.array(sidecar["scale"][:2])[:, None] / 100
    x, y = sidecar["location_cm"][0] / 100 + steps[0], -sidecar["location_cm"][1] / 100 - steps[1]
    exact = town.terrain.height_at(np.stack(np.meshgrid(x, y), axis=-1))
    assert np.abs(heights - exact).max() < sidecar["height_m_per_step"]


def test_unreal_finds_the_same_heights(town, folder):
    """Unreal's rule: world Z = actor's Z + (value - 32768) / 128 * Z scale, in centimetres."""
    sidecar = content(folder / "heightmap.json")
    with Image.open(folder / "heightmap.png") as image:
        value = float(np.array(image)[0, 0])
    z_cm = sidecar["location_cm"][2] + (value - 32768) / 128 * sidecar["scale"][2]
    assert z_cm == pytest.approx(100 * float(town.terrain.heights[-1, 0]), abs=0.1)


@pytest.mark.parametrize(("vertices", "legal"), [(33, 127), (127, 127), (128, 253), (257, 505), (1009, 1009)])
def test_the_size_is_the_smallest_legal_one_that_loses_nothing(vertices, legal):
    flat = np.zeros((vertices, vertices), np.float32)
    found = landscape(Terrain((0.0, 0.0), 1.0, flat, flat.astype(np.uint8), ("grass",))).sidecar
    assert found["size"] == legal
    assert legal in LEGAL_SIZES
    assert found["components"] * found["sections_per_component"] * found["quads_per_section"] + 1 == legal


def test_weights_add_up_to_255_everywhere(town, folder):
    layers = content(folder / "heightmap.json")["layers"]
    assert [layer["surface"] for layer in layers] == ["grass", "sand"]
    images = []
    for layer in layers:
        with Image.open(folder / layer["weight_map"]) as image:
            images.append(np.array(image).astype(int))
    assert (np.sum(images, axis=0) == 255).all()
    assert images[1][-1, 0] == 255, "the south is sand"
    assert images[0][0, 0] == 255, "the north is grass"


@pytest.mark.parametrize(("shape", "dtype"), [((35, 21), np.uint8), ((35, 21), np.uint16), ((5, 7, 3), np.uint8)])
def test_png_files_come_back_as_they_were(tmp_path, shape, dtype):
    numbers = np.arange(np.prod(shape), dtype=np.uint64) * 2654435761
    pixels = (numbers % np.iinfo(dtype).max).astype(dtype).reshape(shape)
    (tmp_path / "a.png").write_bytes(png(pixels))
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.array(image), pixels)


def test_every_mesh_that_a_transform_names_is_there(folder):
    for row in content(folder / "transforms.json")["instances"]:
        assert (folder / row["mesh"].partition("#")[0]).is_file()


def test_the_level_says_what_is_no_mesh(town, folder):
    level = content(folder / "level.json")
    assert level["environment"]["weather"] == "rain"
    assert level["lamps"][0]["location_cm"] == [-2000.0, 890.0, 630.0]
    assert level["agents"][0]["instruction"] == "Bring the parcel to 2 Church Lane."
    assert level["buildings"][0]["address"] == "2 Church Lane"
    assert {entry["name"] for entry in content(folder / "materials.json")["materials"]} >= set(town.materials)


def test_simworld_gets_nodes_as_its_client_reads_them(town, folder):
    world = content(folder / "simworld_world.json")
    ids = [node["id"] for node in world["nodes"]]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(("GEN_BP_", "GEN_Road_")) and " " not in name for name in ids)
    for node in world["nodes"]:
        assert set(node["properties"]) == {"location", "orientation", "scale"}
        assert set(node["properties"]["orientation"]) == {"pitch", "yaw", "roll"}
        assert node["instance_name"].startswith("BP_")


def test_simworld_buildings_have_our_size_and_face_our_street(town, folder):
    """warehouse-1: 20 m along the street, 14 m deep, 7 m high; its door faces south, which is Unreal's +Y."""
    world = content(folder / "simworld_world.json")
    node = next(node for node in world["nodes"] if node["id"] == "GEN_BP_warehouse-1")
    scale = node["properties"]["scale"]
    size = np.array(BUILDINGS_CM[node["instance_name"]]) * [scale["x"], scale["y"], scale["z"]]
    np.testing.assert_allclose(size, [2000, 1400, 700], rtol=1e-3)
    assert node["properties"]["orientation"]["yaw"] == 0.0
    assert node["properties"]["location"] == {"x": -2400.0, "y": -100.0, "z": 212.0}


def test_simworld_is_told_what_it_has_no_blueprint_for(folder):
    unmapped = content(folder / "simworld_world.json")["unmapped"]
    assert unmapped["rowing-boat"] == 1
    assert unmapped["lamp"] == 2
    assert "oak" not in unmapped
    assert "crate" not in unmapped


def test_simworld_roads_meet_and_follow_bends(town, tmp_path):
    bend = np.array([[-56.0, -12, 2], [-30, -12, 2], [-10, -2, 2], [0, -12, 2]])
    street = dataclasses.replace(town.roads.streets[0], centreline=bend)
    roads = dataclasses.replace(town.roads, streets=(street, *town.roads.streets[1:]))
    export("simworld", dataclasses.replace(town, roads=roads), tmp_path)
    found = content(tmp_path / "unreal" / "simworld_roads.json")["roads"]
    assert [road["end"] for road in found[:3]] == [road["start"] for road in found[1:4]]
    x, y, _ = unreal_from_world_cm(bend[2]) / 100
    assert found[1]["end"] == {"x": x, "y": y}
    assert len(found) == 4, "Church Lane has no lanes for cars"
