"""A scene on disk: exact, the same bytes for the same scene, and damaged or hostile files refused by name."""

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.errors import InvalidInput, InvalidScene, SimbridgeError
from bridge.formats.arrays import npz_bytes
from bridge.formats.scene_folder import read_scene, write_scene
from bridge.formats.wellformed import check_scene
from bridge.scene import Collider, Lights, NavigationGraph, Provenance, Scene
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


@pytest.fixture
def folder(town: Scene, tmp_path: Path) -> Path:
    write_scene(town, tmp_path)
    return tmp_path


def rewrite(folder: Path, **changes) -> None:
    content = json.loads((folder / "scene.json").read_text(encoding="utf-8")) | changes
    (folder / "scene.json").write_text(json.dumps(content), encoding="utf-8")


def pack_geometry(folder: Path, data: bytes) -> None:
    """Replaces geometry.npz and the digest that scene.json has of it."""
    import hashlib

    (folder / "geometry.npz").write_bytes(data)
    entry = {"file": "geometry.npz", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    rewrite(folder, geometry=entry)


def arrays_of(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "geometry.npz") as archive:
        return {name: archive[name] for name in archive.files}


def test_reading_gives_back_the_same_scene_layer_by_layer(town, folder):
    assert read_scene(folder).layer_digests() == town.layer_digests()
    assert read_scene(folder).digest() == town.digest()


def test_the_same_scene_gives_the_same_bytes_also_after_a_round_trip(town, folder, tmp_path):
    write_scene(read_scene(folder), tmp_path / "again")
    for name in ("scene.json", "geometry.npz"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_unpacked_geometry_is_larger_and_the_same_scene(town, folder, tmp_path):
    write_scene(town, tmp_path / "unpacked", is_packed=False)
    sizes = [(place / "geometry.npz").stat().st_size for place in (folder, tmp_path / "unpacked")]
    assert sizes[0] < sizes[1]
    assert read_scene(tmp_path / "unpacked").digest() == town.digest()


def test_a_scene_that_breaks_a_rule_is_told_as_if_each_mesh_had_been_looked_at_alone(town):
    """All meshes are first looked at together: each rule broken in one of them only must still be found and named."""
    asset = town.assets["rowing-boat-a"]
    mesh = asset.lods[0]
    count = len(mesh.vertices)
    holes = mesh.vertices.copy()
    holes[3, 1] = np.nan
    broken = {
        "hold a number that is not finite": replace(mesh, vertices=holes),
        "point outside their table": replace(mesh, triangles=mesh.triangles + np.int32(count)),
        "have the shape": replace(mesh, vertices=mesh.vertices[:, :2]),
        "is made of 'nothing'": replace(mesh, materials=tuple("nothing" for _ in mesh.materials)),
    }
    for says, wrong in broken.items():
        scene = replace(town, assets={**town.assets, asset.name: replace(asset, lods=(wrong,))})
        with pytest.raises(InvalidScene, match=f"'rowing-boat-a'.*{says}"):
            check_scene(scene)
    for says, solid in {
        "is not finite": Collider("box", (1.0, np.inf, 1.0)),
        "has fewer than four points": Collider("hull", points=np.zeros((3, 3), np.float32)),
        "has the size": Collider("sphere", (0.0, 0.0, 0.0)),
    }.items():
        scene = replace(town, assets={**town.assets, asset.name: replace(asset, colliders=(solid,))})
        with pytest.raises(InvalidScene, match=f"'rowing-boat-a' {says}"):
            check_scene(scene)


def test_a_script_can_judge_the_town_from_the_json_alone(folder):
    content = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    assert content["counts"]["oak"] == 3
    assert content["environment"]["weather"] == "rain"
    boats = next(group for group in content["placements"] if group["asset"] == "rowing-boat-a")
    assert boats["poses"][0][:3] == [24.5, -42.0, 0.0]
    assert content["assets"]["rowing-boat-a"]["kind"] == "rowing-boat"
    assert content["buildings"][0]["address"] == "2 Church Lane"
    assert content["waters"][0]["polygon"][2] == [64.0, -30.4]


def test_arrays_that_were_read_cannot_be_written_to(folder):
    scene = read_scene(folder)
    for array in (
        scene.terrain.heights,
        scene.parts[0].mesh.vertices,
        scene.placements[0].poses,
        scene.navigation.edges,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_scene_without_lights_streets_and_paths_comes_back_as_well(town, tmp_path):
    none = np.zeros((0, 3))
    bare = replace(
        town,
        lights=Lights((), none, none, np.zeros(0), np.zeros(0)),
        navigation=NavigationGraph(none, np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
        buildings=(),
        parts=(),
        placements=(),
        spawns=(),
        agents=(),
    )
    write_scene(bare, tmp_path)
    assert read_scene(tmp_path).digest() == bare.digest()


@pytest.mark.parametrize("prompt", ["港町の雨", "a \ud800 half", 'quotes " and \\ and \n lines', "\x00\x1b[31m"])
def test_any_prompt_survives(town, tmp_path, prompt):
    scene = replace(town, provenance=Provenance(prompt=prompt, seed=2**63))
    write_scene(scene, tmp_path)
    assert read_scene(tmp_path).provenance == scene.provenance


@pytest.mark.parametrize("name", ["scene.json", "geometry.npz"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_found_or_changes_nothing(town, folder, name, data):
    path = folder / name
    whole = path.read_bytes()
    position = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    path.write_bytes(whole[:position] + bytes([whole[position] ^ 1 << bit]) + whole[position + 1 :])
    message = ""
    try:
        is_same = read_scene(folder).digest() == town.digest()
    except SimbridgeError as error:
        message = str(error)
    path.write_bytes(whole)
    assert "scene.json" in message or "geometry.npz" in message if message else is_same


@pytest.mark.parametrize("name", ["scene.json", "geometry.npz"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_was_cut_short_is_refused_with_a_remedy(folder, name, share):
    path = folder / name
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InvalidInput, match="generate the town again"):
        read_scene(folder)


def test_an_archive_cut_short_that_has_the_right_digest_is_refused_too(folder):
    pack_geometry(folder, (folder / "geometry.npz").read_bytes()[:-40])
    with pytest.raises(InvalidInput, match="damaged"):
        read_scene(folder)


def test_a_missing_folder_says_what_a_town_is(tmp_path):
    with pytest.raises(InvalidInput, match="A town is a folder that scenegen has written"):
        read_scene(tmp_path / "nowhere")


def test_a_newer_schema_says_how_to_update(folder):
    rewrite(folder, schema=99)
    with pytest.raises(InvalidInput, match=r"schema 99.*pip install -U simbridge"):
        read_scene(folder)


def test_another_format_is_not_a_scene(folder):
    (folder / "scene.json").write_text("[1, 2]")
    with pytest.raises(InvalidInput, match="not a scene"):
        read_scene(folder)


def test_deep_nesting_ends_in_a_message(folder):
    (folder / "scene.json").write_text("[" * 100_000)
    with pytest.raises(InvalidInput, match="not readable JSON"):
        read_scene(folder)


@pytest.mark.parametrize("file", ["../geometry.npz", "/etc/passwd", "other.npz", None, 7])
def test_geometry_is_taken_from_beside_the_json_and_nowhere_else(folder, file):
    rewrite(folder, geometry={"file": file, "sha256": "", "bytes": 0})
    with pytest.raises(InvalidInput, match=r"expected 'geometry.npz' beside it"):
        read_scene(folder)


def test_an_archive_that_would_unpack_to_gigabytes_is_not_unpacked(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in arrays_of(folder):
            archive.writestr(f"{name}.npy", b"\0" * 1000)
    bomb = bytearray(buffer.getvalue())
    for entry in range(len(bomb) - 4):
        if bomb[entry : entry + 4] == b"PK\1\2":
            bomb[entry + 24 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    pack_geometry(folder, bytes(bomb))
    with pytest.raises(InvalidInput, match=r"would unpack to .* GB"):
        read_scene(folder)


def test_pickles_are_never_opened(folder):
    arrays = arrays_of(folder)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays | {"vertices": np.array([{"a": 1}], dtype=object)}, allow_pickle=True)
    pack_geometry(folder, buffer.getvalue())
    with pytest.raises(InvalidInput, match="vertices"):
        read_scene(folder)


@pytest.mark.parametrize("extra", ["evil.npy", "../../evil.npy", "/tmp/evil.npy"])
def test_strange_members_are_refused(folder, extra):
    with zipfile.ZipFile(folder / "geometry.npz", "a") as archive:
        archive.writestr(extra, b"x")
    pack_geometry(folder, (folder / "geometry.npz").read_bytes())
    with pytest.raises(InvalidInput, match="does not belong there"):
        read_scene(folder)


def test_ranges_that_point_outside_are_refused(folder):
    arrays = arrays_of(folder)
    arrays["mesh_ranges"] = arrays["mesh_ranges"].copy()
    arrays["mesh_ranges"][0, 1] = 10**9
    pack_geometry(folder, npz_bytes(arrays))
    with pytest.raises(InvalidInput, match="do not fit each other"):
        read_scene(folder)


def test_triangles_that_point_outside_are_an_invalid_scene(folder):
    arrays = arrays_of(folder)
    arrays["triangles"] = arrays["triangles"].copy()
    arrays["triangles"][0, 0] = 10**6
    pack_geometry(folder, npz_bytes(arrays))
    with pytest.raises(InvalidScene, match=r"Triangles of asset|Triangles of part"):
        read_scene(folder)


def test_a_changed_layer_is_named_and_how_to_keep_the_change(folder):
    content = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    rewrite(folder, environment=content["environment"] | {"weather": "snow"})
    with pytest.raises(InvalidInput, match=r"'environment' is not what was written.*layers"):
        read_scene(folder)
    rewrite(folder, layers=None)
    assert read_scene(folder).environment.weather == "snow"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: c["buildings"][0].pop("use"), r"buildings\[0\]\.use is missing"),
        (
            lambda c: c["buildings"][0].update(storeys="two"),
            r"buildings\[0\]\.storeys is 'two'; expected a whole number",
        ),
        (lambda c: c["buildings"][1]["footprint"].append([1.0]), r"buildings\[1\]\.footprint does not hold rows of 2"),
        (lambda c: c["environment"].update(weather="hail"), r"environment\.weather is 'hail'; expected one of clear"),
        (lambda c: c["spawns"][0]["pose"].pop(), r"spawns\[0\]\.pose has 6 entries; expected 7"),
        (lambda c: c["parts"][0].update(colour="red"), r"parts\[0\] has a field 'colour'"),
        (lambda c: c["parts"][0]["mesh"].update(index=999), r"parts\[0\]\.mesh points at no mesh"),
        (lambda c: c["placements"][0].update(asset="elm"), r"[Pp]lacements of 'elm' name an asset that is not there"),
        (lambda c: c.pop("terrain"), r"terrain is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder, change, place):
    content = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "scene.json").write_text(json.dumps(content))
    with pytest.raises(SimbridgeError, match=place):
        read_scene(folder)


def broken_placements(town, **changes):
    return replace(town, placements=(replace(town.placements[0], **changes), *town.placements[1:]))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda t: broken_placements(t, poses=np.full((3, 7), np.nan)), "not finite"),
        (lambda t: broken_placements(t, poses=np.zeros((3, 7))), "unit"),
        (lambda t: broken_placements(t, names=("oak-1", "oak-1", "oak-2")), "'oak-1' is used twice"),
        (lambda t: broken_placements(t, scale=np.zeros((3, 3))), "not positive"),
        (lambda t: replace(t, parts=(replace(t.parts[0], semantic="lava"), *t.parts[1:])), "class 'lava'"),
        (lambda t: replace(t, materials={}), "a name in Scene.materials"),
        (lambda t: replace(t, buildings=(replace(t.buildings[0], name="house-9"),)), "'house-9' has no mesh"),
        (lambda t: replace(t, bounds=(0.0, 0.0, 0.0, 0.0)), "Bounds are"),
    ],
)
def test_a_scene_that_breaks_a_rule_is_not_written(town, tmp_path, broken, message):
    with pytest.raises(InvalidScene, match=message):
        write_scene(broken(town), tmp_path)
    assert not any(tmp_path.iterdir())


def test_arrays_of_another_type_than_the_vocabulary_says_are_named(town, tmp_path):
    scene = broken_placements(town, scale=np.ones((3, 3), np.float32))
    with pytest.raises(InvalidScene, match=r"placements\[0\]\.scale is float32; expected an array of float64"):
        write_scene(scene, tmp_path)


def test_the_handmade_town_keeps_every_rule(town):
    check_scene(town)


def test_a_folder_can_be_moved(town, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert read_scene(tmp_path / "elsewhere").digest() == town.digest()
