"""scene.glb by the rules of glTF 2.0, checked here and, where it is installed, by Khronos's own validator.

Set SIMBRIDGE_GLTF_VALIDATOR to the folder of the npm package gltf-validator to have that one run too.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bridge.scene import Scene
from tests.scene_gen.glb_file import read_glb, values
from tests.scene_gen.test_export import export
from tests.scenes import tiny_scene

VALIDATE = """
const validator = require(process.env.SIMBRIDGE_GLTF_VALIDATOR), files = process.argv.slice(1);
Promise.all(files.map(f => validator.validateBytes(new Uint8Array(require('fs').readFileSync(f)))))
  .then(reports => console.log(JSON.stringify(reports.map(r => r.issues))));
"""


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


@pytest.fixture(scope="module", params=[False, True], ids=["nodes", "gpu-instancing"])
def glb(request, town, tmp_path_factory) -> Path:
    return export("gltf", town, tmp_path_factory.mktemp("glb"), gpu_instancing=request.param, sun=True)[0]


def test_every_index_points_at_something(glb):
    document, blob = read_glb(glb)
    assert document["buffers"][0]["byteLength"] == len(blob)
    for view in document["bufferViews"]:
        assert view["byteOffset"] + view["byteLength"] <= len(blob)
    for node in document["nodes"]:
        assert all(0 <= child < len(document["nodes"]) for child in node.get("children", []))
        assert 0 <= node.get("mesh", 0) < len(document["meshes"])
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            vertices = values(document, blob, primitive["attributes"]["POSITION"])
            indices = values(document, blob, primitive["indices"])
            assert indices.max() < len(vertices)
            assert indices.size % 3 == 0
            assert 0 <= primitive["material"] < len(document["materials"])


def test_positions_come_with_their_exact_bounds_and_normals_are_of_unit_length(glb):
    document, blob = read_glb(glb)
    for mesh in document["meshes"]:
        attributes = mesh["primitives"][0]["attributes"]
        accessor = document["accessors"][attributes["POSITION"]]
        vertices = values(document, blob, attributes["POSITION"])
        np.testing.assert_array_equal(np.float32(accessor["min"]), vertices.min(axis=0))
        np.testing.assert_array_equal(np.float32(accessor["max"]), vertices.max(axis=0))
        if "NORMAL" in attributes:
            lengths = np.linalg.norm(values(document, blob, attributes["NORMAL"]), axis=1)
            np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_the_hierarchy_is_a_tree(glb):
    document, _ = read_glb(glb)
    children = [child for node in document["nodes"] for child in node.get("children", [])]
    assert len(children) == len(set(children))
    assert set(children) | set(document["scenes"][0]["nodes"]) == set(range(len(document["nodes"])))


def test_materials_say_how_metallic_and_rough_they_are_and_glow_by_extension(town, glb):
    document, _ = read_glb(glb)
    table = {entry["name"]: entry for entry in document["materials"]}
    assert all({"metallicFactor", "roughnessFactor"} <= set(m["pbrMetallicRoughness"]) for m in table.values())
    assert table["lamp-glow"]["extensions"]["KHR_materials_emissive_strength"]["emissiveStrength"] == 3.0
    assert max(table["lamp-glow"]["emissiveFactor"]) == 1.0


def test_lamps_are_point_lights_in_candela(town, glb):
    """4,000 lumens over the whole sphere are 4000 / 4π = 318.309886 candela."""
    document, _ = read_glb(glb)
    lights = document["extensions"]["KHR_lights_punctual"]["lights"]
    lamp = next(light for light in lights if light["type"] == "point")
    assert lamp["intensity"] == pytest.approx(318.309886)
    node = next(node for node in document["nodes"] if node["name"] == "lamp-1.light")
    np.testing.assert_allclose(node["translation"], [-20.0, 6.3, 8.9])


def test_instances_share_one_mesh(town, tmp_path):
    document, _ = read_glb(export("gltf", town, tmp_path)[0])
    oaks = {node["mesh"] for node in document["nodes"] if node["name"].startswith("oak-")}
    assert len(oaks) == 1
    names = [mesh["name"] for mesh in document["meshes"]]
    assert len(names) == len(set(names)) == 1 + 1 + len(town.parts) + len(town.placements)


def test_gpu_instancing_makes_one_node_an_asset_and_keeps_ids(town, tmp_path):
    document, blob = read_glb(export("gltf", town, tmp_path, gpu_instancing=True)[0])
    oaks = next(node for node in document["nodes"] if node["name"] == "oak-a")
    assert oaks["extras"]["names"] == ["oak-1", "oak-2", "oak-3"]
    assert oaks["extras"]["ids"] == [row.id for row in town.instances() if row.kind == "oak"]
    attributes = oaks["extensions"]["EXT_mesh_gpu_instancing"]["attributes"]
    np.testing.assert_allclose(values(document, blob, attributes["TRANSLATION"])[1], [40, 2, -20], atol=1e-5)
    assert document["extensionsRequired"] == ["EXT_mesh_gpu_instancing"]


def test_the_town_is_the_same_size_as_in_the_scene(town, glb):
    document, blob = read_glb(glb)
    terrain = next(mesh for mesh in document["meshes"] if mesh["name"] == "terrain")
    vertices = values(document, blob, terrain["primitives"][0]["attributes"]["POSITION"])
    heights = town.terrain.heights
    np.testing.assert_allclose(vertices.min(axis=0), [-64, heights.min(), -64], atol=1e-5)
    np.testing.assert_allclose(vertices.max(axis=0), [64, heights.max(), 64], atol=1e-5)
    triangles = sum(document["accessors"][p["indices"]]["count"] // 3 for p in terrain["primitives"])
    assert triangles == 2 * 32 * 32


def test_a_level_of_detail_can_be_chosen(town, tmp_path):
    document, _ = read_glb(export("gltf", town, tmp_path, level_of_detail=1)[0])
    oak = next(mesh for mesh in document["meshes"] if mesh["name"] == "oak-a")
    assert sum(document["accessors"][p["indices"]]["count"] for p in oak["primitives"]) == 3 * 8


@pytest.mark.skipif("SIMBRIDGE_GLTF_VALIDATOR" not in os.environ, reason="SIMBRIDGE_GLTF_VALIDATOR does not name the npm package gltf-validator")  # fmt: skip
def test_khronos_finds_nothing_wrong(town, tmp_path):
    files = [export("gltf", town, tmp_path / "plain")[0], export("gltf", town, tmp_path / "sun", sun=True)[0]]
    files += [path for path in export("unreal", town, tmp_path) if path.suffix == ".glb"]
    command = ["node", "-e", VALIDATE, "--", *map(str, files)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    reports = json.loads(answer.stdout)
    assert len(reports) == len(files)
    assert [report["messages"] for report in reports if report["numErrors"] + report["numWarnings"]] == []
