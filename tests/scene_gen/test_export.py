"""What all formats share: the same names, ids and classes, the same places, the same bytes for the same scene."""

import csv
import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.frames import unreal_from_world_cm
from bridge.plugins import load, plugins
from bridge.scene import Scene
from bridge.semantics import CLASS_ID
from tests.scene_gen.glb_file import read_glb
from tests.scenes import tiny_scene

PACKAGE = "scene_gen.export"
FORMATS = ("gltf", "json", "mjcf", "opendrive", "simworld", "unreal", "usd")


def export(name: str, scene: Scene, folder: Path, **config) -> tuple[Path, ...]:
    module = load(PACKAGE, name, what="format")
    return module.make(module.Config(**config)).export(scene, folder)


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("town")
    for name in FORMATS:
        export(name, town, path)
    return path


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_format_is_listed_with_a_line_about_it():
    listed = plugins(PACKAGE)
    assert set(FORMATS) <= set(listed)
    assert all(line.endswith(".") for line in listed.values())


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_a_frozen_config_and_returns_the_files_it_wrote(town, tmp_path, name):
    module = load(PACKAGE, name, what="format")
    with pytest.raises(dataclasses.FrozenInstanceError):
        module.Config().anything = 1
    written = module.make(module.Config()).export(town, tmp_path / "new" / "folder")
    assert {path.relative_to(tmp_path / "new" / "folder").as_posix() for path in written} == set(
        digests(tmp_path / "new" / "folder")
    )


def test_another_process_writes_the_same_bytes(folder, tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.scenes import tiny_scene\n"
        "from tests.scene_gen.test_export import FORMATS, export\n"
        "for name in FORMATS: export(name, tiny_scene(), Path(sys.argv[1]))"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment, cwd=root, timeout=120)
    assert digests(tmp_path) == digests(folder)


def expected(town: Scene) -> dict[str, tuple[int, str]]:
    """Id and class by name, as the vocabulary has them."""
    return {row.name: (row.id, row.semantic) for row in town.instances()}


def test_gltf_has_the_same_names_ids_and_classes(town, folder):
    document, _ = read_glb(folder / "scene.glb")
    found = {node["name"]: node["extras"] for node in document["nodes"] if "id" in node.get("extras", {})}
    assert {name: (extras["id"], extras["class"]) for name, extras in found.items()} == expected(town)
    assert all(extras["class_id"] == CLASS_ID[extras["class"]] for extras in found.values())


def test_mjcf_has_the_same_names_ids_and_classes(town, folder):
    import mujoco

    model = mujoco.MjModel.from_xml_path(str(folder / "scene.xml"))
    found = {}
    for count, item, user in (
        (model.nbody, model.body, model.body_user),
        (model.ngeom, model.geom, model.geom_user),
        (model.nsite, model.site, model.site_user),
    ):
        found |= {item(i).name: tuple(user[i].astype(int)) for i in range(count) if user[i].any() and item(i).name}
    assert found == {name: (id_, CLASS_ID[semantic]) for name, (id_, semantic) in expected(town).items()}
    ids = set(range(1, len(town.instances()) + 1))
    assert set(model.geom_user[:, 0].astype(int)) <= ids, "every geom says whose it is"


def test_usd_has_the_same_names_ids_and_classes(town, folder):
    from pxr import Usd

    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    found = {}
    for prim in stage.Traverse():
        if prim.HasAttribute("simbridge:id"):
            new = prim.GetAttribute("semantics:labels:class").Get()[0]
            old = prim.GetAttribute("semantic:Semantics:params:semanticData").Get()
            assert new == old
            found[prim.GetDisplayName()] = (prim.GetAttribute("simbridge:id").Get(), new)
    assert found == expected(town)


def test_unreal_has_the_same_names_ids_and_classes(town, folder):
    with (folder / "unreal" / "transforms.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["name"]: (int(row["id"]), row["class"]) for row in rows} == expected(town)


def test_everything_stands_in_the_same_place_in_every_format(town, folder):
    import mujoco
    from pxr import Usd, UsdGeom

    document, _ = read_glb(folder / "scene.glb")
    in_gltf = {node["name"]: node.get("translation") for node in document["nodes"]}
    model = mujoco.MjModel.from_xml_path(str(folder / "scene.xml"))
    state = mujoco.MjData(model)
    mujoco.mj_kinematics(model, state)
    in_mujoco = {name: state.body(name).xpos for name in ("crate-1", "crate-2")}
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    cache = UsdGeom.XformCache()
    in_usd = {prim.GetDisplayName(): cache.GetLocalToWorldTransform(prim) for prim in stage.Traverse()}
    with (folder / "unreal" / "transforms.csv").open(encoding="utf-8") as stream:
        in_unreal = {row["name"]: row for row in csv.DictReader(stream)}
    for group in town.placements:
        for name, pose in zip(group.names, group.poses, strict=True):
            x, y, z = pose[:3]
            np.testing.assert_allclose(in_gltf[name], [x, z, -y], atol=1e-6)
            np.testing.assert_allclose(in_mujoco.get(name, pose[:3]), pose[:3], atol=1e-6)
            np.testing.assert_allclose(in_usd[name].ExtractTranslation(), pose[:3], atol=1e-9)
            place = [float(in_unreal[name][f"{axis}_cm"]) for axis in "xyz"]
            np.testing.assert_allclose(place, unreal_from_world_cm(pose[:3]), atol=1e-4)


def test_headings_are_the_same_in_every_format(town, folder):
    """The lamps' arms point south (-Y): glTF's +Z, Unreal's +Y."""
    import mujoco
    from pxr import Gf, Usd, UsdGeom

    document, _ = read_glb(folder / "scene.glb")
    lamp = next(node for node in document["nodes"] if node["name"] == "lamp-1")
    np.testing.assert_allclose(turned(lamp["rotation"]), [0, 0, 1], atol=1e-7)
    model = mujoco.MjModel.from_xml_path(str(folder / "scene.xml"))
    state = mujoco.MjData(model)
    mujoco.mj_kinematics(model, state)
    np.testing.assert_allclose(state.geom("lamp-1").xmat.reshape(3, 3)[:, 0], [0, -1, 0], atol=1e-7)
    np.testing.assert_allclose(state.geom("lamp-1").xpos, [-20, -8.3, 2 + 2.2], atol=1e-7)
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    prim = next(prim for prim in stage.Traverse() if prim.GetDisplayName() == "lamp-1")
    forward = UsdGeom.XformCache().GetLocalToWorldTransform(prim).TransformDir(Gf.Vec3d(1, 0, 0))
    np.testing.assert_allclose(forward, [0, -1, 0], atol=1e-7)
    with (folder / "unreal" / "transforms.csv").open(encoding="utf-8") as stream:
        row = next(row for row in csv.DictReader(stream) if row["name"] == "lamp-1")
    np.testing.assert_allclose(turned([float(row[f"quat_{axis}"]) for axis in "xyzw"]), [0, 1, 0], atol=1e-7)


def turned(quat_xyzw) -> np.ndarray:
    """Where a rotation takes the X axis. Worked out from the rotation matrix's first column."""
    x, y, z, w = quat_xyzw
    return np.array([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)])


@pytest.mark.parametrize("name", FORMATS)
def test_a_town_of_terrain_alone_can_be_exported(town, tmp_path, name):
    none = np.zeros((0, 3))
    bare = dataclasses.replace(
        town,
        waters=(), buildings=(), parts=(), placements=(), spawns=(), agents=(),
        lights=dataclasses.replace(town.lights, owners=(), positions=none, colors=none, lumens=np.zeros(0), range_m=np.zeros(0)),
        roads=dataclasses.replace(town.roads, junctions=none, streets=()),
    )  # fmt: skip
    assert all(path.is_file() for path in export(name, bare, tmp_path))


@pytest.mark.parametrize("name", FORMATS)
def test_strange_names_stay_inside_the_folder_and_inside_the_syntax(town, tmp_path, name):
    wild = "<\"&'/../../é 港>"
    asset = dataclasses.replace(town.assets["crate-a"], name=wild)
    assets = {key: value for key, value in town.assets.items() if key != "crate-a"} | {wild: asset}
    placements = [
        dataclasses.replace(group, asset=wild, names=(wild + "1", wild + "2")) if group.asset == "crate-a" else group
        for group in town.placements
    ]
    scene = dataclasses.replace(town, name=wild, assets=assets, placements=tuple(placements))
    written = export(name, scene, tmp_path / "in")
    assert all(path.resolve().is_relative_to((tmp_path / "in").resolve()) for path in written)
    assert not [path for path in tmp_path.iterdir() if path.name != "in"]
    if name == "mjcf":
        import mujoco

        mujoco.MjModel.from_xml_path(str(tmp_path / "in" / "scene.xml"))
    if name == "usd":
        from pxr import Usd

        stage = Usd.Stage.Open(str(tmp_path / "in" / "scene.usda"))
        assert wild + "1" in {prim.GetDisplayName() for prim in stage.Traverse()}
