"""scene.usda: valid by OpenUSD's and NVIDIA's validators, with physics that Isaac Sim can step."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.scene import Scene
from tests.scene_gen.test_export import export
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


@pytest.fixture(scope="module")
def path(town, tmp_path_factory) -> Path:
    return export("usd", town, tmp_path_factory.mktemp("usd"))[0]


@pytest.fixture(scope="module")
def stage(path):
    from pxr import Usd

    return Usd.Stage.Open(str(path))


def named(stage, name: str):
    return next(prim for prim in stage.Traverse() if prim.GetDisplayName() == name)


def problems(stage) -> list[str]:
    from pxr import UsdValidation

    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    return [error.GetMessage() for error in UsdValidation.ValidationContext(validators).Validate(stage)]


def stretched(town: Scene) -> Scene:
    """The town with its oaks (a cylinder and a sphere to collide with) stretched."""
    oaks = dataclasses.replace(town.placements[0], scale=np.array([[1.0, 1.0, 2.0]] * 3))
    return dataclasses.replace(town, placements=(oaks, *town.placements[1:]))


def test_openusd_finds_nothing_wrong(stage):
    assert problems(stage) == []


def test_nvidia_finds_no_failure(town, path, tmp_path):
    pytest.importorskip("usd_validation_nvidia", reason="the extra `test` brings usd-validation-nvidia")
    code = "from usd_validation_nvidia.cli import main; main()"
    for file in (path, export("usd", stretched(town), tmp_path)[0]):
        command = [Path(sys.executable).parent / "nvidia_usd_validate", file]
        if not command[0].exists():
            command = [sys.executable, "-c", code, file]
        answer = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)
        report = answer.stdout + answer.stderr
        assert "Failures: 0" in report, report
        assert "Errors: 0" in report, report


def test_the_stage_is_in_metres_kilograms_and_z_up_and_has_one_root(stage):
    from pxr import UsdGeom, UsdPhysics

    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdPhysics.GetStageKilogramsPerUnit(stage) == 1.0
    assert stage.GetDefaultPrim().GetPath() == "/World"


def test_each_concern_is_a_layer_that_can_be_left_out(path):
    from pxr import Sdf, Usd

    stage = Usd.Stage.Open(str(path))
    layers = {Path(name).stem: name for name in stage.GetRootLayer().subLayerPaths}
    assert {"terrain", "roads", "buildings", "props", "agents", "physics", "labels", "lights"} <= set(layers)
    stage.MuteLayer(Sdf.ComputeAssetPathRelativeToLayer(stage.GetRootLayer(), layers["physics"]))
    house = named(stage, "house-1")
    assert not house.GetChild("colliders")
    assert house.GetChild("geometry").GetAttribute("points").Get() is not None


def test_what_stands_in_many_places_is_instanced(stage):
    oaks = [named(stage, f"oak-{i}") for i in (1, 2, 3)]
    assert all(oak.IsInstance() for oak in oaks)
    assert len({oak.GetPrototype().GetPath() for oak in oaks}) == 1


def test_only_what_is_movable_is_a_rigid_body_with_its_mass(stage):
    from pxr import UsdPhysics

    bodies = {prim.GetDisplayName(): prim for prim in stage.Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)}
    assert set(bodies) == {"crate-1", "crate-2"}
    assert bodies["crate-1"].GetAttribute("physics:mass").Get() == 20.0


def test_everything_solid_collides_and_water_does_not(stage):
    from pxr import Usd, UsdPhysics

    def collides(name: str) -> bool:
        under = Usd.PrimRange(named(stage, name), Usd.TraverseInstanceProxies())
        return any(prim.HasAPI(UsdPhysics.CollisionAPI) for prim in under)

    solid = ("terrain", "quay-street", "house-1", "pier-1", "oak-1", "crate-1", "lamp-1", "boat-1")
    assert all(collides(name) for name in solid)
    assert not collides("sea")


def test_colliders_are_where_the_walls_are(stage):
    """warehouse-1 is 20 by 14 m around (-24, 1), from 0.5 m below its floor at 2.12 m up to 9.12 m."""
    from pxr import Usd, UsdGeom

    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["guide"])
    box = cache.ComputeWorldBound(named(stage, "warehouse-1")).ComputeAlignedRange()
    np.testing.assert_allclose(box.GetMin(), [-34, -6, 1.62], atol=1e-5)
    np.testing.assert_allclose(box.GetMax(), [-14, 8, 9.12], atol=1e-5)


def test_extents_are_those_of_the_points(stage):
    from pxr import Usd, UsdGeom

    for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies()):
        if prim.IsA(UsdGeom.Mesh):
            points = np.array(prim.GetAttribute("points").Get())
            low, high = prim.GetAttribute("extent").Get()
            np.testing.assert_allclose([low, high], [points.min(axis=0), points.max(axis=0)], atol=1e-5)


def test_points_that_no_face_uses_are_left_out(town, tmp_path):
    from pxr import Usd

    street = town.parts[0]
    stray = dataclasses.replace(
        street.mesh,
        vertices=np.concatenate([[[0, 0, 99]], street.mesh.vertices]).astype(np.float32),
        triangles=street.mesh.triangles + 1,
    )
    parts = (dataclasses.replace(street, mesh=stray), *town.parts[1:])
    stage = Usd.Stage.Open(str(export("usd", dataclasses.replace(town, parts=parts), tmp_path)[0]))
    geometry = named(stage, street.name).GetChild("geometry")
    np.testing.assert_array_equal(np.array(geometry.GetAttribute("points").Get()), street.mesh.vertices)
    assert list(geometry.GetAttribute("faceVertexIndices").Get()) == street.mesh.triangles.reshape(-1).tolist()
    assert problems(stage) == []


def test_every_face_has_a_material(stage):
    from pxr import Usd, UsdGeom, UsdShade

    for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies()):
        if not prim.IsA(UsdGeom.Mesh) or prim.GetName() != "geometry":
            continue
        subsets = UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets()
        bound = [subset.GetPrim() for subset in subsets] or [prim]
        assert all(UsdShade.MaterialBindingAPI(one).ComputeBoundMaterial()[0] for one in bound)
        if subsets:
            faces = np.concatenate([subset.GetIndicesAttr().Get() for subset in subsets])
            assert sorted(faces) == list(range(len(prim.GetAttribute("faceVertexCounts").Get())))


def test_a_stretched_tree_collides_as_a_hull_since_there_are_no_ellipsoids(town, tmp_path):
    from pxr import Usd

    stage = Usd.Stage.Open(str(export("usd", stretched(town), tmp_path)[0]))
    oak = named(stage, "oak-1")
    types = {
        prim.GetTypeName() for prim in Usd.PrimRange(oak.GetPrototype()) if prim.GetParent().GetName() == "colliders"
    }
    assert types == {"Mesh"}
    assert problems(stage) == []


def test_many_things_without_colliders_become_one_instancer_that_keeps_ids(town, tmp_path):
    from pxr import Usd, UsdGeom

    reed = dataclasses.replace(town.assets["oak-a"], name="reed-a", kind="reed", semantic="vegetation", colliders=())
    count = 100
    poses = np.tile([0.0, 0, 2, 1, 0, 0, 0], (count, 1)) + np.arange(count)[:, None] * [0.1, 0, 0, 0, 0, 0, 0]
    names = tuple(f"reed-{i}" for i in range(count))
    reeds = dataclasses.replace(town.placements[0], asset="reed-a", names=names, poses=poses, scale=np.ones((count, 3)))
    scene = dataclasses.replace(
        town, assets=dict(town.assets) | {"reed-a": reed}, placements=(*town.placements, reeds)
    )  # fmt: skip
    stage = Usd.Stage.Open(str(export("usd", scene, tmp_path)[0]))
    instancer = UsdGeom.PointInstancer(next(prim for prim in stage.Traverse() if prim.IsA(UsdGeom.PointInstancer)))
    assert list(instancer.GetIdsAttr().Get()) == [row.id for row in scene.instances() if row.kind == "reed"]
    assert tuple(instancer.GetPrim().GetAttribute("simbridge:names").Get()) == names
    assert problems(stage) == []


def test_lamps_shine_only_when_they_are_lit(town, stage, tmp_path):
    from pxr import Usd, UsdGeom

    def seen(stage) -> str:
        lamp = next(prim for prim in stage.Traverse() if prim.GetTypeName() == "SphereLight")
        return UsdGeom.Imageable(lamp).ComputeVisibility()

    assert seen(stage) == "inherited"
    day = dataclasses.replace(town, environment=dataclasses.replace(town.environment, lamps_lit=False))
    assert seen(Usd.Stage.Open(str(export("usd", day, tmp_path)[0]))) == "invisible"


def test_the_environment_travels_along(town, stage):
    about = stage.GetDefaultPrim().GetCustomDataByKey("simbridge")
    assert about["environment"]["weather"] == "rain"
    assert about["environment"]["time_of_day_h"] == 19.5
    assert about["prompt"] == town.provenance.prompt
