"""The user's own models: read, turned, scaled; a bad folder gets an error that names file, place and remedy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from bridge.errors import InvalidInput
from scene_gen.kit.catalog import names_of_kind
from scene_gen.kit.custom import MOST_TRIANGLES, catalog_with


def write(folder: Path, **row: Any) -> Path:
    """A folder with one box, 2 wide (x), 1 high (y), 4 long (z) in glTF's axes, and its manifest."""
    box = trimesh.creation.box((2.0, 1.0, 4.0))
    box.visual = trimesh.visual.TextureVisuals(
        material=trimesh.visual.material.PBRMaterial(baseColorFactor=[255, 0, 0, 255], roughnessFactor=0.3)
    )
    box.export(folder / "thing.glb")
    return manifest(folder, {"file": "thing.glb", "kind": "crate", "licence": "CC0-1.0", **row})


def manifest(folder: Path, *rows: Any) -> Path:
    (folder / "assets.json").write_text(json.dumps({"assets": rows}), encoding="utf-8")
    return folder


def test_a_glb_becomes_an_asset_that_stands_on_the_ground_with_x_forward(tmp_path):
    kit = catalog_with(write(tmp_path, mass_kg=12.5, is_movable=True))
    thing = kit.assets["my-crate-1"]
    np.testing.assert_allclose(thing.size, (4.0, 2.0, 1.0), atol=1e-5)
    np.testing.assert_allclose(thing.lods[0].vertices.min(axis=0), (-2.0, -1.0, 0.0), atol=1e-5)
    assert (thing.semantic, thing.mass_kg, thing.is_movable, thing.licence) == ("crate", 12.5, True, "CC0-1.0")
    np.testing.assert_allclose(thing.colliders[0].size, thing.size)


def test_the_front_axis_turns_and_the_length_scales(tmp_path):
    thing = catalog_with(write(tmp_path, front="+x", length_m=6.0)).assets["my-crate-1"]
    np.testing.assert_allclose(thing.size, (6.0, 12.0, 3.0), atol=1e-5)


def test_turning_keeps_triangles_outward(tmp_path):
    for front in ("+x", "-x", "+z", "-z"):
        mesh = catalog_with(write(tmp_path, front=front)).assets["my-crate-1"].lods[0]
        a, b, c = np.moveaxis(mesh.vertices[mesh.triangles].astype(float), 1, 0)
        np.testing.assert_allclose(np.einsum("ij,ij->", a, np.cross(b, c)) / 6, 8.0, rtol=1e-5)


def test_its_colour_and_roughness_become_a_material(tmp_path):
    kit = catalog_with(write(tmp_path))
    (name,) = kit.assets["my-crate-1"].lods[0].materials
    assert kit.materials[name].base_color == (1.0, 0.0, 0.0)
    assert kit.materials[name].roughness == pytest.approx(0.3, abs=0.01)


def test_an_obj_is_read_too(tmp_path):
    trimesh.creation.icosphere(subdivisions=2).export(tmp_path / "ball.obj")
    kit = catalog_with(manifest(tmp_path, {"file": "ball.obj", "kind": "rock", "licence": "CC0-1.0", "height_m": 0.5}))
    thing = kit.assets["my-rock-1"]
    np.testing.assert_allclose(thing.size, (0.5, 0.5, 0.5), atol=0.02)
    assert len(thing.lods) == 2


def test_a_boat_keeps_its_water_line(tmp_path):
    thing = catalog_with(write(tmp_path, kind="rowing-boat")).assets["my-rowing-boat-1"]
    np.testing.assert_allclose(thing.lods[0].vertices[:, 2].min(), -0.5, atol=1e-5)


def test_it_replaces_the_kits_variants_or_adds_to_them(tmp_path):
    own = names_of_kind("crate")
    assert catalog_with(write(tmp_path)).names_of_kind("crate") == ("my-crate-1",)
    assert catalog_with(write(tmp_path, replaces=False)).names_of_kind("crate") == (*own, "my-crate-1")
    assert catalog_with(write(tmp_path)).names_of_kind("oak") == names_of_kind("oak")


def test_it_is_found_like_the_kits_own_by_group_adjective_and_season(tmp_path):
    kit = catalog_with(write(tmp_path, kind="oak", replaces=False, words="red wooden"))
    assert "my-oak-1" in kit.names_of_kind("tree")
    assert kit.matching("oak", ("red",)) == ("my-oak-1",)
    assert kit.for_season("oak", "winter") == ("oak-1-bare", "oak-2-bare", "oak-3-bare", "my-oak-1")
    assert kit.asset("my-oak-1").kind == kit.asset("oak-1-bare").kind == "oak"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"kind": "crte"}, "asset 1: No kind of asset named 'crte'. Did you mean 'crate'"),
        ({"kind": "house"}, "No kind of asset named 'house'"),
        ({"licence": ""}, "has no 'licence'. Add it"),
        ({"lenght_m": 3}, "Did you mean 'length_m'"),
        ({"length_m": -1}, "expected a positive number"),
        ({"length_m": "3 m"}, "expected a number"),
        ({"front": "north"}, "expected one of"),
        ({"front": "+y"}, "lie on one axis"),
        ({"semantic": "vessel"}, "semantic class"),
        ({"file": "../thing.glb"}, "lies outside"),
        ({"file": "thing.fbx"}, "there is no file"),
    ],
)
def test_a_wrong_manifest_names_place_and_remedy(tmp_path, row, message):
    with pytest.raises(InvalidInput, match=message):
        catalog_with(write(tmp_path, **row))


def test_a_folder_without_a_manifest_says_what_to_write(tmp_path):
    with pytest.raises(InvalidInput, match=r"has no assets\.json"):
        catalog_with(tmp_path)
    (tmp_path / "assets.json").write_text("{")
    with pytest.raises(InvalidInput, match="is not JSON"):
        catalog_with(tmp_path)
    (tmp_path / "assets.json").write_text("{}")
    with pytest.raises(InvalidInput, match="lists no assets"):
        catalog_with(tmp_path)


@pytest.mark.parametrize("content", [b"", b"glTF", b"\x00" * 100, b"glTF\x02\x00\x00\x00\xff\xff\xff\xff{}"])
def test_a_broken_file_is_named(tmp_path, content):
    write(tmp_path)
    (tmp_path / "thing.glb").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"thing\.glb cannot be read|thing\.glb holds no triangles"):
        catalog_with(tmp_path)


def test_a_model_in_millimetres_is_refused_until_its_length_is_given(tmp_path):
    trimesh.creation.box((2000.0, 1000.0, 4000.0)).export(tmp_path / "thing.obj")
    row = {"file": "thing.obj", "kind": "crate", "licence": "CC0-1.0"}
    with pytest.raises(InvalidInput, match="Give 'length_m' or 'height_m'"):
        catalog_with(manifest(tmp_path, row))
    assert catalog_with(manifest(tmp_path, row | {"length_m": 4})).assets["my-crate-1"].size[0] == pytest.approx(4.0)


def test_too_many_triangles_are_refused(tmp_path):
    grid = np.arange(3 * (MOST_TRIANGLES + 1)).reshape(-1, 3)
    corners = np.random.default_rng(0).uniform(0, 1, (3 * (MOST_TRIANGLES + 1), 3))
    trimesh.Trimesh(corners, grid, process=False).export(tmp_path / "thing.ply")
    with pytest.raises(InvalidInput, match=f"at most {MOST_TRIANGLES}"):
        catalog_with(manifest(tmp_path, {"file": "thing.ply", "kind": "crate", "licence": "CC0-1.0"}))
