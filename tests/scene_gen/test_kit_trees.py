"""Trees: crowns of many small leaves, darker below, on branches that show; and what a blade of leaves is."""

import numpy as np
import pytest

from bridge.meshes import face_normals
from scene_gen.kit.builder import Builder
from scene_gen.kit.catalog import asset
from scene_gen.kit.leaves import blades, spread

LEAFY = ("oak-1", "maple-1", "birch-1", "olive-tree-1", "fruit-tree-1")


def of_material(name: str, starts: str) -> tuple[np.ndarray, np.ndarray]:
    """Middles (n,3) [m] and areas (n,) [m²] of the finest triangles whose material begins so."""
    mesh = asset(name).lods[0]
    wanted = [i for i, material in enumerate(mesh.materials) if material.startswith(starts)]
    corners = mesh.vertices[mesh.triangles[np.isin(mesh.material, wanted)]].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return corners.mean(axis=1), np.linalg.norm(across, axis=1) / 2


@pytest.mark.parametrize("name", LEAFY)
def test_a_crown_is_darker_below_than_above(name: str):
    assert of_material(name, "foliage-dark")[0][:, 2].mean() < of_material(name, "foliage")[0][:, 2].mean()


@pytest.mark.parametrize("name", LEAFY)
def test_a_crowns_outline_is_made_of_leaves_no_longer_than_a_fifth_of_it(name: str):
    middles, areas = of_material(name, "foliage")
    assert len(areas) > 1000
    assert np.quantile(areas, 0.95) < (0.2 * max(asset(name).size[:2])) ** 2
    assert np.ptp(middles[:, 2]) > 0.5 * asset(name).size[2]


@pytest.mark.parametrize("name", ["oak-1", "pine-1", "palm-1", "cypress-1", "willow-1", "birch-1"])
def test_from_afar_a_tree_keeps_its_height_and_width(name: str):
    sizes = [np.ptp(mesh.vertices, axis=0) for mesh in asset(name).lods]
    assert all(np.all(size > 0.6 * sizes[0]) for size in sizes[1:])


def test_boughs_of_conifers_hang_and_grow_shorter_upwards():
    middles, _ = of_material("pine-1", "foliage")
    reach = np.hypot(middles[:, 0], middles[:, 1])
    height = asset("pine-1").size[2]
    thirds = [
        reach[(middles[:, 2] >= low * height / 3) & (middles[:, 2] < (low + 1) * height / 3)].max() for low in range(3)
    ]
    assert thirds[0] > thirds[1] > thirds[2]


def test_a_blades_two_front_faces_look_out():
    b = Builder()
    roots = spread(40) + [0, 0, 3]
    outs = spread(40)
    aside = np.cross(outs, [0.3, 0.5, 0.8])
    blades(b, "foliage-oak", roots, aside, outs, 0.4, 0.2)
    (fine, *_), _ = b.finished()
    front = face_normals(fine).reshape(40, 4, 3)[:, :2].mean(axis=1)
    assert len(fine.triangles) == 160
    assert ((front * outs).sum(axis=1) > 0).all()
