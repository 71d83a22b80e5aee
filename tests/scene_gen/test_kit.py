"""The kit: every kind has assets of real size, closed, light enough, with levels of detail and colliders that fit."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from bridge.digest import digest
from bridge.errors import UnknownName
from bridge.meshes import extent, face_normals
from bridge.scene import Asset, Collider, Mesh
from bridge.semantics import CLASS_ID
from scene_gen.kinds import KINDS
from scene_gen.kit import catalog
from scene_gen.kit.catalog import NAMES, asset, for_season, matching, names_of_kind, seasonal, words
from scene_gen.kit.materials import MATERIALS

KINDS_OF_ASSETS = [kind.name for kind in KINDS.values() if kind.realised == "asset" and not kind.members]
BASES = [name for kind in KINDS_OF_ASSETS for name in names_of_kind(kind)]

LENGTH_M = {"car": (3.5, 5.2), "bus": (10, 13), "bicycle": (1.6, 1.95), "scooter": (1.6, 2.1), "rowing-boat": (3, 5),
            "sailing-boat": (8, 12), "fishing-boat": (6, 16), "ferry": (30, 60), "cargo-ship": (70, 110),
            "tugboat": (18, 34), "yacht": (14, 26), "container": (6.0, 12.3), "horse": (2.1, 2.8), "dog": (0.8, 1.4),
            "truck": (6, 12), "tram": (12, 40), "pallet": (1.15, 1.25)}  # fmt: skip
HEIGHT_M = {"person": (1.1, 2.2), "oak": (7, 14), "pine": (6, 20), "palm": (6, 13), "lighthouse": (12, 30),
            "lamp": (3.5, 8.5), "bench": (0.75, 1.0), "table": (0.7, 0.8), "chair": (0.75, 1.0), "bin": (0.8, 1.2),
            "crane": (8, 40), "windmill": (12, 25), "hydrant": (0.6, 1.0), "traffic-light": (2.8, 4.5),
            "wind-turbine": (40, 110), "snowman": (1.2, 2.2), "market-stall": (2.2, 3.0)}  # fmt: skip


@cache
def welded(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Points (n,3) and triangles (m,3) with equal places made one and flat triangles left out."""
    points, index = np.unique(np.round(mesh.vertices.astype(np.float64), 5), axis=0, return_inverse=True)
    triangles = index.reshape(-1)[mesh.triangles]
    a, b, c = triangles.T
    return points, triangles[(a != b) & (b != c) & (c != a)]


def corners_of(solid: Collider) -> np.ndarray:
    """Points (n,3) that span a collider (upright ones only)."""
    if solid.points is not None:
        return solid.points.astype(np.float64)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return np.asarray(solid.pose[:3]) + signs * np.asarray(solid.size) / 2


def all_corners(thing: Asset) -> np.ndarray:
    return np.concatenate([corners_of(solid) for solid in thing.colliders])


def test_every_kind_of_asset_is_there():
    assert [kind for kind in KINDS_OF_ASSETS if not names_of_kind(kind)] == []


def test_common_kinds_have_variants():
    least = {"oak": 3, "pine": 3, "palm": 2, "car": 5, "fishing-boat": 2, "sailing-boat": 2, "rowing-boat": 2,
             "person": 8, "container": 4, "market-stall": 3, "lamp": 3, "crane": 2, "scooter": 3}  # fmt: skip
    assert {kind: len(names_of_kind(kind)) for kind in least if len(names_of_kind(kind)) < least[kind]} == {}


def test_a_group_has_the_variants_of_its_members():
    assert set(names_of_kind("tree")) >= {*names_of_kind("oak"), *names_of_kind("palm")}
    assert set(names_of_kind("boat")) >= set(names_of_kind("ferry"))


def test_names_are_unique_and_tell_the_kind():
    assert len(set(NAMES)) == len(NAMES)
    assert all(name.startswith(asset(name).kind) for name in BASES)


def test_an_unknown_name_says_what_is_near():
    with pytest.raises(UnknownName, match="Did you mean 'oak-1'"):
        asset("oak1")
    with pytest.raises(UnknownName, match="Did you mean 'lighthouse'"):
        names_of_kind("lighthous")


@pytest.mark.parametrize("kind", KINDS_OF_ASSETS)
def test_an_asset_is_sound(kind: str):
    for name in (n for n in NAMES if asset(n).kind == kind):
        _check_sound(name)


def _check_sound(name: str) -> None:
    thing = asset(name)
    kind = KINDS[thing.kind]
    counts = [len(mesh.triangles) for mesh in thing.lods]
    assert thing.name == name
    assert thing.semantic == kind.semantic
    assert thing.semantic in CLASS_ID
    assert thing.mass_kg > 0
    assert counts[0] <= 2000
    assert 2 <= len(counts) <= 3
    assert counts[1] <= 0.4 * counts[0]
    assert counts[-1] <= (60 if len(counts) == 3 else 2000)
    assert 1 <= len(thing.colliders) <= 6
    for mesh in thing.lods:
        assert set(mesh.materials) <= set(MATERIALS)
        assert len(set(mesh.materials)) == len(mesh.materials)
        assert mesh.material.max() < len(mesh.materials)
        assert mesh.triangles.max() < len(mesh.vertices)
        assert np.isfinite(mesh.vertices).all()
        if mesh.normals is not None:
            np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=2e-3)


@pytest.mark.parametrize("kind", KINDS_OF_ASSETS)
def test_the_size_is_what_is_measured_and_the_thing_stands_on_the_ground(kind: str):
    for name in names_of_kind(kind):
        _check_size(name)


def _check_size(name: str) -> None:
    thing = asset(name)
    low, high = extent(thing.lods[0])
    np.testing.assert_allclose(high - low, thing.size, atol=1e-6)
    if thing.semantic == "boat" or thing.kind == "buoy":
        assert low[2] < -0.05 < 0.2 < high[2], "it floats at z = 0"
    else:
        assert abs(low[2]) < 1e-4
    assert low[0] < 0 < high[0]
    assert low[1] < 0 < high[1]


@pytest.mark.parametrize(("axis", "table"), [(0, LENGTH_M), (2, HEIGHT_M)])
def test_things_are_as_large_as_real_ones(axis: int, table: dict[str, tuple[float, float]]):
    wrong = {
        name: asset(name).size[axis]
        for kind, (least, most) in table.items()
        for name in names_of_kind(kind)
        if not least <= asset(name).size[axis] <= most
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS_OF_ASSETS)
def test_surfaces_are_closed_and_face_outward(kind: str):
    for name in names_of_kind(kind):
        _check_closed(name)


def _check_closed(name: str) -> None:
    points, triangles = welded(asset(name).lods[0])
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    key, back = edges[:, 0] * len(points) + edges[:, 1], edges[:, 1] * len(points) + edges[:, 0]
    there, counts = np.unique(key, return_counts=True)
    again, returns = np.unique(back, return_counts=True)
    np.testing.assert_array_equal(there, again, "every edge is met by one in the other direction")
    np.testing.assert_array_equal(counts, returns)
    assert min(_volumes(points, triangles)) > -1e-6


def _volumes(points: np.ndarray, triangles: np.ndarray) -> list[float]:
    """Signed volumes of the connected pieces [m³]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(points), len(points)))
    _, piece = connected_components(graph, directed=False)
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    return np.bincount(piece[triangles[:, 0]], np.einsum("ij,ij->i", a, np.cross(b, c)) / 6).tolist()


def test_smooth_normals_lean_the_way_their_faces_look():
    for mesh in (asset(name).lods[0] for name in BASES):
        if mesh.normals is not None:
            faces = face_normals(mesh)
            cosine = np.einsum("ikj,ij->ik", mesh.normals[mesh.triangles], faces)
            has_area = np.linalg.norm(faces, axis=1) > 0.5
            assert np.quantile(cosine[has_area].min(axis=1), 0.02) > 0.0


@pytest.mark.parametrize("kind", KINDS_OF_ASSETS)
def test_colliders_lie_within_the_thing(kind: str):
    for name in names_of_kind(kind):
        _check_colliders(name)


def _check_colliders(name: str) -> None:
    thing = asset(name)
    low, high = extent(thing.lods[0])
    slack = 0.05 + 0.02 * max(thing.size)
    corners = np.concatenate(
        [corners_of(solid) for solid in thing.colliders if solid.shape != "cylinder"] or [np.zeros((1, 3))]
    )
    assert (corners >= low - slack).all()
    assert (corners <= high + slack).all()
    for solid in thing.colliders:
        if solid.shape == "cylinder":
            assert solid.size[2] <= thing.size[2] + slack
            assert solid.size[0] <= max(thing.size[:2]) + 2 * slack


@pytest.mark.parametrize("name", [name for name in BASES if asset(name).is_movable])
def test_movable_things_are_enveloped_and_stand_firmly(name: str):
    thing = asset(name)
    low, high = extent(thing.lods[0])
    corners = all_corners(thing)
    np.testing.assert_allclose(corners[:, 2].min(), 0.0, atol=1e-3)
    np.testing.assert_allclose(corners.min(axis=0), low, atol=0.12)
    np.testing.assert_allclose(corners.max(axis=0), high, atol=0.4 if thing.kind == "planter" else 0.3)
    feet = corners[corners[:, 2] < 0.01]
    volumes = np.array([np.prod(solid.size) for solid in thing.colliders])
    centre = np.average([solid.pose[:3] for solid in thing.colliders], axis=0, weights=volumes)
    assert (feet.min(axis=0)[:2] < centre[:2]).all()
    assert (centre[:2] < feet.max(axis=0)[:2]).all()
    assert thing.mass_kg <= 400


def test_movable_are_the_things_one_can_push():
    pushed = {asset(name).kind for name in BASES if asset(name).is_movable}
    assert pushed == {"crate", "barrel", "bin", "chair", "table", "pallet", "hay-bale", "cart"}
    assert {name for name in BASES if asset(name).kind == "bin" and not asset(name).is_movable} == {"bin-1"}


def test_a_tree_collides_with_its_trunk_alone():
    for name in ("oak-1", "birch-1", "pine-1", "willow-1"):
        assert [solid.shape for solid in asset(name).colliders] == ["cylinder"]
        assert asset(name).colliders[0].size[0] < 1.5


def test_lamps_have_their_light_at_the_lamp():
    for name in (*names_of_kind("lamp"), *names_of_kind("lantern"), *names_of_kind("lighthouse")):
        thing = asset(name)
        assert thing.light is not None
        glowing = [i for i, m in enumerate(thing.lods[0].materials) if sum(MATERIALS[m].emission)]
        corners = thing.lods[0].vertices[thing.lods[0].triangles[np.isin(thing.lods[0].material, glowing)]]
        assert np.linalg.norm(corners.reshape(-1, 3) - thing.light, axis=1).min() < 1.2


def test_trees_follow_the_seasons():
    assert seasonal("oak-1", "summer") == "oak-1"
    assert seasonal("oak-1", "autumn") == "oak-1-autumn"
    assert seasonal("oak-1", "winter") == "oak-1-bare"
    assert seasonal("oak-1", "spring", 0.8) == "oak-1-bare"
    assert seasonal("pine-1", "winter", 1.0) == "pine-1"
    assert seasonal("cherry-tree-2", "spring") == "cherry-tree-2-blossom"
    assert for_season("palm", "winter") == names_of_kind("palm")
    assert set(for_season("tree", "winter")) <= set(NAMES)


def test_a_bare_tree_has_no_leaves_and_an_autumn_tree_no_green_ones():
    assert not any(m.startswith("foliage") for mesh in asset("oak-1-bare").lods for m in mesh.materials)
    assert "foliage-oak" not in asset("oak-1-autumn").lods[0].materials


def test_variants_are_found_by_adjectives():
    assert {words(name)[0] for name in matching("car", ("red",))} == {"red"}
    assert matching("car", ("glittering",)) == names_of_kind("car")
    assert all("wooden" in words(name) for name in matching("rowing-boat", ("wooden",)))


def test_paint_changes_the_colour_and_nothing_else():
    blue, red = asset("container-1"), asset("container-2")
    assert digest(blue.lods[0].vertices) == digest(red.lods[0].vertices)
    assert "corrugated-red" in red.lods[0].materials
    assert "corrugated-red" not in blue.lods[0].materials


def test_the_same_asset_has_the_same_bytes_in_another_process_and_another_order():
    names = ("willow-1", "oak-2-bare", "fishing-boat-2", "car-4", "rock-1")
    code = (
        "from scene_gen.kit.catalog import asset; from bridge.digest import digest\n"
        f"print(' '.join(digest(asset(n)) for n in {tuple(reversed(names))!r}))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert there == [digest(asset(name)) for name in reversed(names)]


def test_every_recipe_says_its_real_size():
    missing = [recipe.kind for recipe in catalog.RECIPES if not any(c.isdigit() for c in recipe.build.__doc__ or "")]
    assert missing == []
