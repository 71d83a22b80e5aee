"""Files as they are handed to Interchange: the same geometry, under names that it leaves as they are."""

import numpy as np
import pytest
from simbridge_town.level import plan_level
from simbridge_town.names import asset_names

from tests.scene_gen.glb_file import read_glb, values


@pytest.fixture(scope="module")
def plan(generated_folder):
    return plan_level(generated_folder)


def test_renaming_changes_names_and_nothing_else(plan, tmp_path):
    file = next(file for file in plan.files if file.glb.path.name == "structures.glb")
    (tmp_path / "staged.glb").write_bytes(file.staged(plan.surfaces))
    old, old_blob = read_glb(file.glb.path)
    new, new_blob = read_glb(tmp_path / "staged.glb")
    assert new_blob == old_blob
    for table in ("accessors", "bufferViews", "buffers", "asset"):
        assert new[table] == old[table]
    names = {model.key.partition("#")[2]: model.asset for model in file.models}
    for before, after in zip(old["nodes"], new["nodes"], strict=True):
        assert after == before | {"name": names[before["name"]]}
        assert new["meshes"][after["mesh"]]["name"] == after["name"]
    for before, after in zip(old["materials"], new["materials"], strict=True):
        assert after == before | {"name": plan.surfaces[before["name"]].asset}


def test_a_mesh_in_the_file_is_the_part_of_that_name_in_unreals_axes(generated, plan):
    """glTF's (x, y, z) becomes Unreal's 100 (x, z, y); our (x, y, z) is glTF's (x, z, -y): 100 (x, -y, z) as it must."""
    file = next(file for file in plan.files if file.glb.path.name == "buildings.glb")
    document, blob = read_glb(file.glb.path)
    part = next(part for part in generated.parts if part.semantic == "building")
    node = next(node for node in document["nodes"] if node["name"] == part.name)
    gltf = values(document, blob, document["meshes"][node["mesh"]]["primitives"][0]["attributes"]["POSITION"])
    unreal_cm = 100 * gltf[:, [0, 2, 1]]
    np.testing.assert_allclose(unreal_cm, 100 * part.mesh.vertices * [1, -1, 1], atol=1e-2)


def test_materials_are_the_scenes(generated, plan):
    for name, surface in plan.surfaces.items():
        if name in generated.materials:
            material = generated.materials[name]
            assert surface.color_linear == pytest.approx(material.base_color)
            assert (surface.roughness, surface.metallic) == (material.roughness, material.metallic)


def test_what_glows_at_night_is_dark_by_day(spoilt):
    folder = spoilt("level.json", lambda level: level["environment"].update(lamps_lit=False))
    assert plan_level(folder).surfaces["lamp-glow"].emission_linear == (0, 0, 0)


def test_what_glows_at_night_shines_when_the_lamps_are_lit(tiny_folder):
    assert max(plan_level(tiny_folder).surfaces["lamp-glow"].emission_linear) > 0


def test_a_file_with_one_mesh_is_called_after_it(plan):
    """Interchange calls a lone mesh's asset after the file."""
    for file in plan.files:
        if len(file.models) == 1:
            assert file.asset == file.models[0].asset


def test_water_is_touched_by_nothing_and_what_moves_by_its_hull(plan):
    touches = {model.key: model.touch for file in plan.files for model in file.models}
    assert touches["structures.glb#sea"] == "none"
    assert {touches[thing.mesh] for thing in plan.things if thing.role != "fixed"} == {"hull"}
    assert {touches[batch.mesh] for batch in plan.batches} == {"exact"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["quay-street/carriageway"], ["SM_quay_street_carriageway"]),
        (["a/b", "a_b", "A-B"], ["SM_a_b", "SM_a_b_2", "SM_A_B_3"]),
        (["Café", ""], ["SM_Caf_", "SM__"]),
        (["x" * 200, "x" * 201], ["SM_" + "x" * 77, "SM_" + "x" * 77 + "_2"]),
    ],
)
def test_no_two_names_become_the_same_asset(names, expected):
    assert list(asset_names(names, prefix="SM_").values()) == expected
