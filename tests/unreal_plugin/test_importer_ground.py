"""The landscape that the importer plans is the town's terrain, and one that Unreal can have."""

import numpy as np
import pytest
from PIL import Image
from simbridge_town.folder import read_town
from simbridge_town.ground import SECTION_QUADS, SECTIONS, ground

from scene_gen.export.landscape import LEGAL_SIZES


def samples(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


def test_every_vertex_stands_where_the_terrain_is_to_half_a_step(town):
    """Unreal's own rule, vertex by vertex: location + index * scale, and (sample - 32768) / 128 * scale in z."""
    scene, folder = town
    plan = ground(read_town(folder))
    heights = samples(plan.heightmap).astype(float)
    assert heights.shape == (plan.size, plan.size)
    rows, columns = np.mgrid[0 : plan.size, 0 : plan.size]
    x = plan.location_cm[0] + columns * plan.scale[0]
    y = plan.location_cm[1] + rows * plan.scale[1]
    z = plan.location_cm[2] + (heights - 32768) / 128 * plan.scale[2]
    exact = scene.terrain.height_at(np.stack([x, -y], axis=-1) / 100)
    half_a_step_m = plan.scale[2] / 128 / 100 / 2
    assert np.abs(z / 100 - exact).max() <= half_a_step_m * 1.001 + 1e-6
    for row, column in ((0, 0), (plan.size - 1, 3), (7, plan.size - 1)):
        at = plan.vertex_cm(column, row, int(heights[row, column]))
        np.testing.assert_allclose(at, (x[row, column], y[row, column], z[row, column]))


def test_a_step_is_as_small_as_the_heights_allow(town):
    """512 cm of heights at a z scale of 1: range [m] * 100 / 512, if all 65536 samples span the range."""
    scene, folder = town
    plan = ground(read_town(folder))
    used = samples(plan.heightmap)
    lowest, highest = float(used.min()), float(used.max())
    assert (lowest, highest) == (1, 65535), "the heights use the whole of the samples, evenly about 32768"
    range_m = (highest - lowest) / 128 * plan.scale[2] / 100
    assert plan.scale[2] == pytest.approx(range_m * 100 / 512, rel=1e-4)
    assert range_m == pytest.approx(float(np.ptp(scene.terrain.height_at(vertices(plan)))), abs=1e-6)


def vertices(plan) -> np.ndarray:
    x = plan.location_cm[0] + np.arange(plan.size) * plan.scale[0]
    y = plan.location_cm[1] + np.arange(plan.size) * plan.scale[1]
    return np.stack(np.meshgrid(x, -y), axis=-1) / 100


def test_the_landscape_covers_the_terrain_exactly(town):
    scene, folder = town
    plan, terrain = ground(read_town(folder)), scene.terrain
    rows, columns = terrain.heights.shape
    east, north = terrain.origin[0] + (columns - 1) * terrain.cell_m, terrain.origin[1] + (rows - 1) * terrain.cell_m
    low, high = plan.bounds_cm()
    np.testing.assert_allclose(low[:2], [100 * terrain.origin[0], -100 * north], atol=1e-4)
    np.testing.assert_allclose(high[:2], [100 * east, -100 * terrain.origin[1]], atol=1e-4)


def test_unreal_has_landscapes_of_such_a_size(town):
    _, folder = town
    plan = ground(read_town(folder))
    assert plan.section_quads in SECTION_QUADS
    assert plan.sections in SECTIONS
    assert plan.components * plan.sections * plan.section_quads + 1 == plan.size
    assert plan.size in LEGAL_SIZES


def test_layers_are_the_surfaces_in_the_colours_of_their_materials(town):
    scene, folder = town
    layers = ground(read_town(folder)).layers
    used = [name for index, name in enumerate(scene.terrain.surfaces) if (scene.terrain.surface == index).any()]
    assert [layer.name for layer in layers] == used
    for layer in layers:
        assert layer.color_linear == pytest.approx(scene.materials[layer.name].base_color, abs=1e-9)
    assert (np.sum([samples(layer.weight_map).astype(int) for layer in layers], axis=0) == 255).all()


@pytest.mark.parametrize("splits_at_southeast", [True, False])
def test_no_street_lies_under_the_landscape(generated, generated_folder, splits_at_southeast):
    """Between vertices the landscape is not the terrain, whichever way its squares are split; streets stay above it."""
    plan = ground(read_town(generated_folder))
    streets = street_points(generated)
    above_cm = 100 * streets[:, 2] - landscape_cm(plan, streets, splits_at_southeast)
    assert len(streets) > 5000
    assert np.mean(above_cm < 0) < 1e-3
    assert above_cm.min() > -3


def street_points(scene) -> np.ndarray:
    """Random points on the upper sides of streets and sidewalks, two a square metre [m], shape (n, 3)."""
    rng, points = np.random.default_rng(0), []
    for part in scene.parts:
        if part.semantic not in ("road", "sidewalk", "crossing"):
            continue
        corners = part.mesh.vertices[part.mesh.triangles].astype(float)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(normals, axis=1) / 2
        faces_up = normals[:, 2] > 1.4 * area
        corners, area = corners[faces_up], area[faces_up]
        chosen = rng.choice(len(corners), size=int(2 * area.sum()) + 1, p=area / area.sum())
        points.append((corners[chosen] * rng.dirichlet([1, 1, 1], size=len(chosen))[:, :, None]).sum(axis=1))
    return np.concatenate(points)


def landscape_cm(plan, points: np.ndarray, splits_at_southeast: bool) -> np.ndarray:
    """The height of the landscape's triangles at points (n, 3) [m]; its squares are split towards one corner."""
    z = plan.location_cm[2] + (samples(plan.heightmap).astype(float) - 32768) / 128 * plan.scale[2]
    u = (100 * points[:, 0] - plan.location_cm[0]) / plan.scale[0]
    v = (-100 * points[:, 1] - plan.location_cm[1]) / plan.scale[1]
    i, j = (np.clip(w.astype(int), 0, plan.size - 2) for w in (v, u))
    fu, fv = u - j, v - i
    a, b, c, d = z[i, j], z[i, j + 1], z[i + 1, j], z[i + 1, j + 1]
    if splits_at_southeast:
        return np.where(fu >= fv, a + fu * (b - a) + fv * (d - b), a + fv * (c - a) + fu * (d - c))
    return np.where(fu + fv <= 1, a + fu * (b - a) + fv * (c - a), d + (1 - fu) * (c - d) + (1 - fv) * (b - d))
