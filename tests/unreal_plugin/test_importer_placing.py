"""What stands where: transforms worked out by hand and held against the scene, batches, ids, names."""

import math

import numpy as np
import pytest
from simbridge_town.folder import read_town
from simbridge_town.level import plan_level
from simbridge_town.models import model_key
from simbridge_town.placing import SELF_MOVING, batches, things

from bridge.frames import unreal_from_world_cm, unreal_from_world_quat
from bridge.semantics import CLASS_ID
from tests.scenes import GROUND_M


def by_name(folder) -> dict:
    return {thing.name: thing for thing in things(read_town(folder))}


def test_an_oak_stands_north_of_the_middle_at_minus_y(tiny_folder):
    """oak-1: 10 m west, 30 m north, turned 0.3 rad to the left: x -1000, y -3000 cm, turned 0.3 rad about -z.

    A turn by a about z is (cos a/2, 0, 0, sin a/2) in our frame; mirrored in y its axis stays and its sense turns:
    z = -sin 0.15, w = cos 0.15.
    """
    oak = by_name(tiny_folder)["oak-1"]
    assert oak.position_cm == pytest.approx((-1000, -3000, 100 * GROUND_M))
    assert oak.quat_xyzw == pytest.approx((0, 0, -math.sin(0.15), math.cos(0.15)))
    assert oak.scale == (1.0, 1.0, 1.0)


def test_a_bigger_oak_is_bigger_by_its_factor(tiny_folder):
    assert by_name(tiny_folder)["oak-2"].scale == pytest.approx((1.2, 1.2, 1.2))
    assert by_name(tiny_folder)["oak-3"].scale == pytest.approx((0.8, 0.8, 0.8))


def test_a_lamp_that_leans_over_the_street_to_the_south_looks_along_plus_y(tiny_folder):
    """Yaw -90 degrees is south; Unreal's y points south: X turned by the quaternion is (0, 1, 0)."""
    x, y, z, w = by_name(tiny_folder)["lamp-1"].quat_xyzw
    ahead = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
    assert ahead == pytest.approx((0, 1, 0), abs=1e-8)


def test_every_placement_stands_where_the_scene_has_it(town):
    scene, folder = town
    found = by_name(folder)
    for group in scene.placements:
        rows = [found[name] for name in group.names]
        np.testing.assert_allclose(
            [row.position_cm for row in rows], unreal_from_world_cm(group.poses[:, :3]), atol=1e-4
        )
        quats = np.array([row.quat_xyzw for row in rows])[:, [3, 0, 1, 2]]
        same = np.abs(np.sum(quats * unreal_from_world_quat(group.poses[:, 3:]), axis=1))
        np.testing.assert_allclose(same, 1, atol=1e-8)
        np.testing.assert_allclose([row.scale for row in rows], group.scale, atol=1e-8)


def test_ids_names_kinds_and_classes_are_the_table_of_instances(town):
    scene, folder = town
    expected = [(row.id, row.name, row.kind, row.semantic, CLASS_ID[row.semantic]) for row in scene.instances()]
    assert [(t.id, t.name, t.kind, t.semantic, t.class_id) for t in things(read_town(folder))] == expected


def test_each_thing_is_in_one_batch_or_an_actor_or_the_ground_and_never_in_two(town):
    scene, folder = town
    plan = plan_level(folder)
    ids = [thing.id for batch in plan.batches for thing in batch.things]
    ids += [thing.id for thing in plan.things] + [plan.terrain.id]
    assert sorted(ids) == [row.id for row in scene.instances()]


def test_a_batch_is_one_mesh_with_all_its_things(town):
    _, folder = town
    found = things(read_town(folder))
    made = batches(found)
    assert len({batch.mesh for batch in made}) == len(made)
    for batch in made:
        assert batch.things == tuple(thing for thing in found if thing.mesh == batch.mesh)
        assert {thing.role for thing in batch.things} == {"batched"}


def test_what_physics_may_push_is_an_actor_with_its_mass(tiny_folder):
    plan = plan_level(tiny_folder)
    assert {thing.name: thing.mass_kg for thing in plan.things if thing.role == "pushed"} == {
        "crate-1": 20,
        "crate-2": 20,
    }


def test_what_somebody_moves_is_an_actor_without_physics(generated_folder):
    plan = plan_level(generated_folder)
    led = [thing for thing in plan.things if thing.role == "led"]
    assert {thing.semantic for thing in led} <= SELF_MOVING
    assert {"courier-1", "courier-2"} <= {thing.name for thing in led}
    assert not any(thing.semantic in SELF_MOVING for batch in plan.batches for thing in batch.things)


def test_every_mesh_that_is_needed_is_in_a_file_under_a_name_of_its_own(town):
    _, folder = town
    plan = plan_level(folder)
    models = {model.key: model for file in plan.files for model in file.models}
    needed = {model_key(thing) for thing in plan.things} | {batch.mesh for batch in plan.batches}
    assert needed <= set(models)
    assert len({model.asset.lower() for model in models.values()}) == len(models)
    assert all(model.asset.isascii() and model.asset.replace("_", "").isalnum() for model in models.values())
