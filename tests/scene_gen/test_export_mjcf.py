"""scene.xml in MuJoCo: the ground is where it is drawn, things rest, and what is fixed stays."""

import dataclasses
import io

import mujoco
import numpy as np
import pytest
from PIL import Image

from bridge.formats.ground_field import ground_field
from bridge.formats.mjcf import mjcf
from bridge.formats.mjcf_visuals import Palette, display_color
from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.scene import Collider, Placements, Scene
from tests.scene_gen.test_export import export
from tests.scenes import GROUND_M, box, tiny_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return tiny_scene()


def model_of(scene: Scene, **options) -> mujoco.MjModel:
    document = mjcf(scene, **options)
    return mujoco.MjModel.from_xml_string(document.xml, assets=document.files)


def height_below(model, data, x: float, y: float) -> float:
    geom = np.zeros(1, dtype=np.int32)
    return 50 - mujoco.mj_ray(model, data, np.array([x, y, 50.0]), np.array([0.0, 0.0, -1.0]), None, 1, -1, geom)


@pytest.fixture(scope="module")
def settled(town, tmp_path_factory):
    path = export("mjcf", town, tmp_path_factory.mktemp("mjcf"))[0]
    model = mujoco.MjModel.from_xml_path(str(path))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    before = data.xpos.copy()
    for _ in range(500):
        mujoco.mj_step(model, data)
    return model, data, before


def test_nothing_moves_more_than_two_centimetres_in_two_seconds(settled):
    _, data, before = settled
    assert np.abs(data.xpos - before).max() < 0.02
    assert not any(warning.number for warning in data.warning)


def test_only_what_is_movable_has_a_joint(settled):
    model, _, _ = settled
    moving = {model.body(model.jnt_bodyid[i]).name for i in range(model.njnt)}
    assert moving == {"crate-1", "crate-2"}
    assert model.body("crate-1").mass[0] == pytest.approx(20.0)


def test_the_ground_is_the_terrain(town, settled):
    """On the hill, away from streets: inside cells, on both of their triangles."""
    model, data, _ = settled
    for x, y in [(30.3, 55.1), (33.9, 55.1), (-40.7, 61.2), (12.1, 47.9), (-20.0, -60.0)]:
        assert height_below(model, data, x, y) == pytest.approx(float(town.terrain.height_at([x, y])), abs=1e-4)


def test_sidewalks_are_level_up_to_the_curb_and_streets_beyond_it(settled):
    """Sidewalk from y = -9 to -7.5 at 0.12 m, street south of it at 0.02 m; the curb is a ramp within a metre."""
    model, data, _ = settled
    assert height_below(model, data, -40.2, -8.9) == pytest.approx(GROUND_M + 0.12, abs=1e-4)
    assert height_below(model, data, -40.2, -10.1) == pytest.approx(GROUND_M + 0.02, abs=1e-4)


def test_one_can_go_under_a_pier_and_stand_on_it(settled):
    model, data, _ = settled
    assert height_below(model, data, 20.0, -45.0) == pytest.approx(1.3, abs=1e-3)
    ground = ground_field(tiny_scene())
    row, column = int((-45 + 64) / ground.cell_m), int((20 + 64) / ground.cell_m)
    assert ground.heights[row, column] == pytest.approx(-3.0)


def test_a_mesh_collider_that_is_no_ground_keeps_its_walls(town):
    """A wall 2 m high and 0.4 m thick: one can stand on it and not go through it."""
    wall = dataclasses.replace(
        town.parts[0], name="town-wall-1", kind="town-wall", semantic="wall", mesh=box((10, 0.4, 2.0), (-40, 20, GROUND_M))
    )  # fmt: skip
    model = model_of(dataclasses.replace(town, parts=(*town.parts, wall)))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert height_below(model, data, -39.0, 20.05) == pytest.approx(GROUND_M + 2.0, abs=1e-3)
    geom = np.zeros(1, dtype=np.int32)
    distance = mujoco.mj_ray(
        model, data, np.array([-39.0, 15.0, GROUND_M + 1.2]), np.array([0.0, 1.0, 0.0]), None, 1, -1, geom
    )
    assert distance == pytest.approx(4.8, abs=0.01)


def test_things_keep_their_size_when_they_are_scaled(town):
    """A crate scaled by (2, 1, 0.5) and turned by a quarter: 1.6 m along y, 0.8 along x, 0.4 high."""
    turn = [np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)]
    assert model_of(town).body_mass.sum() == pytest.approx(40.0)
    big = Placements("crate-a", ("big",), np.array([[0.0, 60.0, 30.0, *turn]]), np.array([[2.0, 1.0, 0.5]]))
    model = model_of(dataclasses.replace(town, placements=(big,)))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert height_below(model, data, 0.39, 60.79) == pytest.approx(30.4, abs=1e-6)
    assert height_below(model, data, 0.41, 60.0) < 20
    assert height_below(model, data, 0.0, 60.81) < 20
    assert model.body("big").mass[0] == pytest.approx(20.0)


def test_boats_stay_where_they_float(town):
    boat = dataclasses.replace(town.assets["rowing-boat-a"], is_movable=True)
    model = model_of(dataclasses.replace(town, assets=dict(town.assets) | {"rowing-boat-a": boat}))
    assert model.geom("boat-1").bodyid[0] == 0


def test_visuals_show_every_triangle_and_touch_nothing(town):
    model = model_of(town, visuals=True)
    shown = model.geom_group == 2
    assert shown.sum() > len(town.parts)
    assert not model.geom_contype[shown].any()
    assert not model.geom_conaffinity[shown].any()
    assert shown[model.geom("sea").id]
    faces = model.mesh_facenum[model.geom_dataid[shown]].sum()
    things = [terrain_mesh(town.terrain), *map(water_mesh, town.waters), *(part.mesh for part in town.parts)]
    placed = [town.assets[group.asset].lods[0] for group in town.placements for _ in group.names]
    assert faces == sum(len(mesh.triangles) for mesh in (*things, *placed))


def test_visuals_are_coloured_by_their_materials_and_lit_windows_glow(town):
    """A vertex's texture coordinate, looked up in the palette, is its material's display colour."""
    palette = Palette(materials_with_water(town), lamps_lit=True)
    assert [material for material, _ in palette.meshes(town.parts[5].mesh)] == ["palette", "palette-glow"]
    dark = Palette(town.materials, lamps_lit=False)
    assert [material for material, _ in dark.meshes(town.parts[5].mesh)] == ["palette"]
    model = model_of(town, visuals=True)
    mesh = model.geom("church-lane").dataid[0]
    texture = model.mesh_texcoord[model.mesh_texcoordadr[mesh]]
    with Image.open(io.BytesIO(palette.image)) as image:
        pixels = np.array(image)
    u, v = (texture * len(pixels)).astype(int)
    assert pixels[v, u].tolist() == [round(255 * c) for c in display_color(town.materials["asphalt"].base_color)]


def test_flat_hulls_are_given_a_thickness(town):
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float32)
    crate = dataclasses.replace(town.assets["crate-a"], colliders=(Collider("hull", points=square),))
    model_of(dataclasses.replace(town, assets=dict(town.assets) | {"crate-a": crate}))


def test_spawns_and_agents_are_sites(town, settled):
    model, data, _ = settled
    np.testing.assert_allclose(data.site("courier-1").xpos, town.agents[0].pose[:3], atol=1e-6)
    assert {"courier-1", "spawn-person-1", "spawn-car-1"} <= {model.site(i).name for i in range(model.nsite)}
