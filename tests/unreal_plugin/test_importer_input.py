"""Folders that cannot be imported: each is refused before the editor is touched, by a message that names the place."""

import json
import math

import pytest
from PIL import Image
from simbridge_town.faults import InvalidTown, NewerTown, UsageFault
from simbridge_town.level import plan_level


def test_a_town_and_its_unreal_folder_are_the_same(tiny_folder):
    assert plan_level(tiny_folder.parent) == plan_level(tiny_folder)


def test_a_path_that_is_no_folder(tmp_path):
    with pytest.raises(InvalidTown, match="no folder"):
        plan_level(tmp_path / "nowhere")


def test_a_folder_that_is_no_town(tmp_path):
    with pytest.raises(InvalidTown, match=r"no level\.json"):
        plan_level(tmp_path)


def test_a_folder_of_a_newer_version(spoilt):
    with pytest.raises(NewerTown, match=r"format 2; this plug-in reads up to 1.*simbridge unreal install"):
        plan_level(spoilt("level.json", lambda level: level.update(format=2)))


def test_a_folder_from_before_versions_were_told(spoilt):
    assert plan_level(spoilt("level.json", lambda level: level.pop("format"))).name == "tiny"


@pytest.mark.parametrize("version", ["two", True, 0, -1, 1.5])
def test_a_version_that_is_none(spoilt, version):
    with pytest.raises(InvalidTown, match="format"):
        plan_level(spoilt("level.json", lambda level: level.update(format=version)))


@pytest.mark.parametrize(
    "name", ["level.json", "transforms.json", "materials.json", "heightmap.json", "heightmap.png", "assets/oak-a.glb",
             "buildings.glb", "layers/grass.png"],
)  # fmt: skip
def test_a_file_that_is_missing(spoilt, name):
    folder = spoilt("level.json", lambda level: None)
    (folder / name).unlink()
    with pytest.raises(InvalidTown, match=name.rpartition("/")[2].replace(".", r"\.")):
        plan_level(folder)


@pytest.mark.parametrize(
    "name", ["heightmap.png", "layers/grass.png", "assets/oak-a.glb", "buildings.glb", "level.json"]
)
def test_a_file_that_is_cut_short(spoilt, name):
    folder = spoilt("level.json", lambda level: None)
    content = (folder / name).read_bytes()
    for kept in (0, 7, 20, len(content) // 2, len(content) - 1):
        (folder / name).write_bytes(content[:kept])
        if name == "level.json" and kept == len(content) - 1:
            continue
        with pytest.raises(InvalidTown, match=name.rpartition("/")[2].replace(".", r"\.")):
            plan_level(folder)


def test_a_height_map_of_another_size(spoilt):
    folder = spoilt("level.json", lambda level: None)
    Image.new("I;16", (126, 127)).save(folder / "heightmap.png")
    with pytest.raises(InvalidTown, match="126 by 127 pixels of 16 bits, grey; 127 by 127"):
        plan_level(folder)


def test_a_height_map_of_eight_bits(spoilt):
    folder = spoilt("level.json", lambda level: None)
    Image.new("L", (127, 127)).save(folder / "heightmap.png")
    with pytest.raises(InvalidTown, match=r"8 bits, grey; .* of 16 bits were expected"):
        plan_level(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": 128}, "128 vertices a side, but"),
        ({"components": 0}, "0 components"),
        ({"components": 33, "size": 33 * 63 + 1}, "33 components"),
        ({"sections_per_component": 3}, "3 sections"),
        ({"quads_per_section": 64}, "64 quads"),
        ({"scale": [100.0, 100.0, 0.0]}, "scale"),
        ({"scale": [100.0, 100.0]}, "3 numbers"),
        ({"location_cm": [0.0, 0.0, 0.0]}, "disagrees with itself"),
        ({"size": "127"}, "whole number"),
        ({"layers": []}, "no layers"),
        ({"layers": [{"surface": "marble", "weight_map": "layers/grass.png"}]}, "marble"),
        ({"layers": [{"surface": "grass", "weight_map": "../../grass.png"}]}, "outside"),
    ],
)
def test_a_landscape_that_unreal_cannot_have(spoilt, change, said):
    with pytest.raises(InvalidTown, match=said):
        plan_level(spoilt("heightmap.json", lambda sidecar: sidecar.update(change)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x_cm": math.nan}, "NaN"),
        ({"x_cm": math.inf}, "Infinity"),
        ({"x_cm": None}, "finite number"),
        ({"x_cm": True}, "finite number"),
        ({"quat_w": 3.0}, "length"),
        ({"scale_x": 0.0}, "scale"),
        ({"scale_z": -1.0}, "scale"),
        ({"id": 77}, "77 where"),
        ({"name": "oak-2"}, "two things named"),
        ({"name": ""}, "a text was expected"),
        ({"mesh": "assets/none.glb"}, r"none\.glb"),
        ({"mesh": "structures.glb#none"}, "none"),
        ({"mesh": "heightmap.png"}, "terrain, once"),
        ({"class_id": 256}, "class"),
        ({"mass_kg": -1.0}, "mass"),
        ({"is_movable": "yes"}, "true or false"),
    ],
)
def test_a_row_that_cannot_be(spoilt, change, said):
    def spoil(content):
        next(row for row in content["instances"] if row["name"] == "oak-1").update(change)

    with pytest.raises(InvalidTown, match=said):
        plan_level(spoilt("transforms.json", spoil))


def test_a_number_too_large_for_any_float(spoilt):
    folder = spoilt("transforms.json", lambda content: content["instances"][5].update(x_cm=12345.0))
    text = (folder / "transforms.json").read_text(encoding="utf-8")
    (folder / "transforms.json").write_text(text.replace("12345.0", "1e999"), encoding="utf-8")
    with pytest.raises(InvalidTown, match="finite"):
        plan_level(folder)


def test_a_folder_in_another_frame(spoilt):
    with pytest.raises(InvalidTown, match="frame"):
        plan_level(spoilt("transforms.json", lambda content: content.update(frame="metres")))


def test_a_mesh_of_a_material_that_nobody_knows(spoilt):
    def forget(content):
        content["materials"] = [row for row in content["materials"] if row["name"] != "bark"]

    with pytest.raises(InvalidTown, match="'bark'"):
        plan_level(spoilt("materials.json", forget))


@pytest.mark.parametrize("name", ["my town", "a/b", "ünreal", "a.b"])
def test_a_level_cannot_be_called_so(tiny_folder, name):
    with pytest.raises(UsageFault, match="letters, digits"):
        plan_level(tiny_folder, name=name)


@pytest.mark.parametrize("root", ["/Engine/Towns", "Game/Towns", "/Game/../Engine", "/Game/my towns"])
def test_assets_cannot_go_there(tiny_folder, root):
    with pytest.raises(UsageFault, match="no place for assets"):
        plan_level(tiny_folder, root=root)


def test_json_that_is_no_object(spoilt):
    folder = spoilt("level.json", lambda level: None)
    (folder / "materials.json").write_text(json.dumps([1, 2]), encoding="utf-8")
    with pytest.raises(InvalidTown, match="not an object"):
        plan_level(folder)
