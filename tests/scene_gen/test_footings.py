"""Walls go down to the ground, wherever it is."""

from dataclasses import replace

import numpy as np

from scene_gen.build.houses.footings import DEEPER_M, footed
from tests.scenes import tiny_scene


def houses(scene):
    names = [building.name for building in scene.buildings]
    return tuple(part for name in names for part in scene.parts if part.name == name)


def test_a_house_on_level_ground_stays_as_it_is():
    scene = tiny_scene()
    parts = houses(scene)
    assert footed(scene.buildings, parts, scene.terrain) == parts


def test_a_house_over_a_hollow_is_drawn_down_into_it():
    scene = tiny_scene()
    sunk = replace(scene.terrain, heights=scene.terrain.heights - np.float32(6.0))
    for before, after in zip(houses(scene), footed(scene.buildings, houses(scene), sunk), strict=True):
        building = next(b for b in scene.buildings if b.name == after.name)
        lowest = float(sunk.height_at(building.footprint).min())
        assert after.mesh.vertices[:, 2].min() <= lowest - DEEPER_M + 1e-3
        assert after.mesh.vertices[:, 2].max() == before.mesh.vertices[:, 2].max()
