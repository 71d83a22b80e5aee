"""A scene told piece by piece is the scene: nothing left out, nothing twice, no piece larger than it may be."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.conformance import proving_ground
from bridge.digest import digest
from bridge.formats.views import views
from bridge.roles import role_of
from bridge.scene import Collider, Mesh, Scene
from bridge.unreal import telling
from bridge.unreal.telling import cut, tell
from tests.bridge.unreal.retold import Retold
from tests.scenes import tiny_scene


def retold(pieces) -> Retold:
    """What the far end has when all has come."""
    made: Retold | None = None
    for piece in pieces:
        kind = piece.WhichOneof("piece")
        if kind == "begin":
            made = Retold(piece.begin)
        elif kind != "end":
            assert made is not None
            made.take(kind, getattr(piece, kind))
    assert made is not None
    return made


def layers(scene: Scene) -> dict[str, str]:
    """Digests of what is told of a scene, layer by layer."""
    parts = tuple(replace(part, outline=None, colliders=in_floats(part.colliders)) for part in scene.parts)
    assets = {
        name: replace(asset, light=None, licence="", colliders=in_floats(asset.colliders))
        for name, asset in scene.assets.items()
    }
    placed = [(group.asset, row) for group in scene.placements for row in zip(group.names, group.poses, group.scale)]
    waters = tuple(replace(water, kind="lake") for water in scene.waters)
    agents = tuple(replace(agent, instruction="") for agent in scene.agents)
    kept = (scene.name, scene.bounds, scene.terrain, scene.lights, scene.environment, scene.materials)
    return {
        name: digest(value)
        for name, value in {
            "parts": parts, "assets": assets, "waters": waters, "agents": agents, "placed": placed,
            "kept": kept, "instances": [(row.id, row.name) for row in scene.instances()],
        }.items()
    }  # fmt: skip


def in_floats(colliders: Sequence[Collider]) -> tuple[Collider, ...]:
    """The same, with whole numbers written as what they travel as."""
    return tuple(
        replace(one, size=tuple(map(float, one.size)), pose=tuple(map(float, one.pose)))  # type: ignore[arg-type]
        for one in colliders
    )


@pytest.mark.parametrize("scene", [tiny_scene(), proving_ground()], ids=["town", "ground"])
@pytest.mark.parametrize("most", [20_000, 7])
def test_all_of_a_scene_arrives(monkeypatch, scene, most):
    """Whether meshes, heights and tables go in one piece or in many."""
    if most < 20_000:
        monkeypatch.setattr(telling, "PIECE_BYTES", 1000)
        monkeypatch.setattr(telling, "MOST_ROWS", 1)
    got = retold(tell(scene, views(scene)))
    assert layers(got.finish()) == layers(scene)
    assert got.begin.scene_digest == scene.digest()
    assert [camera.name for camera in got.cameras] == [camera.name for camera in views(scene)]
    assert got.roles == {name: role_of(asset) for name, asset in scene.assets.items()}


def test_what_is_named_was_told_before():
    """Retold refuses anything else; here its order is looked at: a mesh, and then who is made of it."""
    told: set[str] = set()
    for piece in tell(tiny_scene()):
        match piece.WhichOneof("piece"):
            case "materials":
                told |= {one.name for one in piece.materials.materials}
            case "mesh":
                assert told >= set(piece.mesh.materials)
                told.add(piece.mesh.name)
            case "asset":
                assert told >= set(piece.asset.meshes)
                told.add(piece.asset.name)
            case "placements":
                assert piece.placements.asset in told


@given(st.integers(1, 400), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_mesh_that_is_cut_has_the_same_triangles_in_the_same_places(count, is_smooth, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(3 * count, 3)).astype(np.float32)
    corners = rng.integers(0, len(points), (count, 3), dtype=np.int32)
    mesh = Mesh(
        points, corners, rng.integers(0, 3, count).astype(np.uint16), ("a", "b", "c"), points if is_smooth else None
    )
    most, telling.MOST_TRIANGLES = telling.MOST_TRIANGLES, 64
    try:
        pieces = list(cut(mesh))
    finally:
        telling.MOST_TRIANGLES = most
    assert len(pieces) == -(-count // 64)
    assert all(len(piece.vertices) <= 3 * 64 for piece in pieces) or count <= 64
    placed = np.concatenate([piece.vertices[piece.triangles] for piece in pieces])
    np.testing.assert_array_equal(placed, points[corners])
    np.testing.assert_array_equal(np.concatenate([piece.material for piece in pieces]), mesh.material)
    if is_smooth:
        turned = np.concatenate([piece.normals[piece.triangles] for piece in pieces if piece.normals is not None])
        np.testing.assert_array_equal(turned, points[corners])
