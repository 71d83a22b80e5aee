"""Riders: they sit on two-wheelers in pictures, keep their ids and move with what they ride; nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

import bridge
from bridge.control.ambient import Ambient
from bridge.control.town import Town
from bridge.engine import Action, Drive, Remove, Skill, Spawn
from bridge.frames import look_at, matrix_from_quat, pose_array
from bridge.riders import poses_of_riders, riding_name, shown
from bridge.scene import Placements
from bridge.types import Camera, Pose
from scene_gen.kit import catalog
from scene_gen.kit.materials import MATERIALS
from tests.bridge.embedded_town import STREET_M, embedded_town

RIDER, MOUNT = "rider", "bike"
XY = (-22.0, -12.0)


def street(wheels: str, *, has_pose: bool = True, weather: str = "clear"):
    """The town by hand, at noon, with an agent of the kit beside a two-wheeler of the kit."""
    town = embedded_town()
    person = "person-7"
    names = [person, wheels, *([riding_name(person)] if has_pose else [])]
    placed = (
        Placements(person, (RIDER,), pose_array([(XY[0], XY[1] + 1.0, STREET_M)], [0.0]), np.ones((1, 3))),
        Placements(wheels, (MOUNT,), pose_array([(*XY, STREET_M)], [0.0]), np.ones((1, 3))),
    )
    agent = replace(town.agents[0], name=RIDER, pose=tuple(placed[0].poses[0].tolist()))
    noon = replace(town.environment, weather=weather, time_of_day_h=12.0, rain=0.0, cloud_cover=0.2)
    return replace(
        town,
        assets={**town.assets, **{name: catalog.asset(name) for name in names}},
        materials={**town.materials, **MATERIALS},
        placements=(*town.placements, *placed),
        agents=(*town.agents, agent),
        environment=noon,
    )


def beside(distance_m: float = 3.0) -> Camera:
    eye = np.array([XY[0], XY[1] - distance_m, STREET_M + 1.0])
    return Camera("beside", 96, 96, 0.8, Pose(*look_at(eye, np.array([*XY, STREET_M + 0.8]))))


def mounted(scene):
    engine = bridge.open("embedded", renderer="rays")
    engine.load(scene)
    engine.reset(seed=0)
    state = engine.step({RIDER: Action(Skill("ride", MOUNT))}, 60)
    assert next(one.riding for one in state.agents if one.name == RIDER) == MOUNT
    return engine, state


def height_seen(engine, camera: Camera) -> float:
    """How high over the street [m] the topmost pixel of the rider is."""
    (frame,) = engine.observe([camera], ["segmentation", "depth"])
    table = {one.name: one.id for one in engine.scene.instances()}
    rows, columns = np.nonzero(frame.segmentation == table[RIDER])
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2)
    ray = np.array([(columns[0] + 0.5 - camera.width / 2) / focal, (rows[0] + 0.5 - camera.height / 2) / focal, 1.0])
    pose = camera.mount_from_camera
    point = pose.position + matrix_from_quat(pose.quat_wxyz) @ (ray * frame.depth[rows[0], columns[0]])
    return float(point[2] - STREET_M)


@pytest.mark.parametrize("name", [name for name in catalog.NAMES if name.endswith("-riding")])
def test_everybody_in_the_kit_has_a_riding_pose_with_far_levels(name):
    asset = catalog.asset(name)
    counts = [len(mesh.triangles) for mesh in asset.lods]
    assert counts[0] <= 2000
    assert len(counts) == 3
    assert counts[-1] <= 60
    standing = catalog.asset(name.removesuffix("-riding"))
    assert {m for mesh in asset.lods for m in mesh.materials} <= {m for mesh in standing.lods for m in mesh.materials}


def test_a_riding_pose_is_nobody_s_usual_look():
    assert not [name for name in catalog.names_of_kind("person") if "riding" in name]
    assert catalog.riding("person-7") == "person-7-riding"
    assert catalog.riding("oak-1") == ""


@pytest.mark.parametrize("wheels", ["scooter-4", "bicycle-1"])
def test_who_rides_sits(wheels):
    engine, _ = mounted(street(wheels))
    sitting = height_seen(engine, beside())
    engine.close()
    engine, _ = mounted(street(wheels, has_pose=False))
    standing = height_seen(engine, beside())
    engine.close()
    # The figure ends at 1.73 m (cap and all) instead of 1.8, above soles 9 cm (scooter) or 20 cm (bicycle) up.
    soles = {"scooter-4": 0.09, "bicycle-1": 0.2}[wheels]
    assert sitting == pytest.approx(1.73 + soles, abs=0.04)
    assert standing == pytest.approx(1.8 + soles, abs=0.04)
    assert standing > sitting + 0.03


def test_the_one_who_rides_keeps_name_and_id():
    scene = street("scooter-4")
    engine, _ = mounted(scene)
    (frame,) = engine.observe([beside()], ["segmentation"])
    table = {one.id: one.name for one in engine.scene.instances()}
    seen = {table[number] for number in np.unique(frame.segmentation).tolist() if number}
    assert {RIDER, MOUNT} <= seen
    assert len(engine.scene.instances()) == len(scene.instances())
    engine.close()


def test_the_figure_moves_with_the_wheels_and_stands_again_after():
    engine, _ = mounted(street("scooter-4"))
    engine.step({RIDER: Action(Drive(0.5))}, 60)
    state = engine.step({RIDER: Action(Drive(0.0, 0.0, 1.0))}, 120)
    at = state.poses[state.names.index(MOUNT), :3]
    assert at[0] > XY[0] + 0.5
    moved = replace(beside(), mount_from_camera=Pose(*look_at(at + [0.0, -3.0, 1.0], at + [0.0, 0.0, 0.8])))
    assert height_seen(engine, moved) == pytest.approx(1.82, abs=0.04)
    state = engine.step({RIDER: Action(Skill("dismount"))}, 60)
    here = state.poses[state.names.index(RIDER), :3]
    moved = replace(moved, mount_from_camera=Pose(*look_at(here + [0.0, -3.0, 1.0], here + [0.0, 0.0, 0.8])))
    assert height_seen(engine, moved) == pytest.approx(1.8, abs=0.15)  # wherever there was room: kerb or street
    engine.close()


def test_a_camera_on_the_rider_rides_along():
    engine, state = mounted(street("scooter-4"))
    pose = state.poses[state.names.index(RIDER)]
    (own,) = engine.observe([f"{RIDER}/front"], ["depth"])
    camera = engine.load(street("scooter-4")).cameras[f"{RIDER}/front"]
    assert camera.mount == RIDER
    engine.close()
    assert np.isfinite(own.depth).any()  # the ground is seen, not the dark below it
    assert pose[2] < STREET_M + 0.3


def test_a_riding_pose_takes_no_spare_bodies_and_changes_no_physics():
    hashes = []
    for has_pose in (True, False):
        engine, _ = mounted(street("scooter-4", has_pose=has_pose))
        hashes.append(engine.state_hash())
        engine.close()
    assert hashes[0] == hashes[1]


def test_who_comes_later_sits_as_well():
    scene = street("scooter-4")
    engine = bridge.open("embedded", renderer="rays")
    engine.load(scene)
    engine.reset(seed=0)
    here = Pose(np.array([XY[0], XY[1] + 1.0, STREET_M]))
    engine.edit([Remove(RIDER), Spawn("late", "person-7", here, is_agent=True)])
    engine.step({"late": Action(Skill("ride", MOUNT))}, 60)
    (frame,) = engine.observe([beside()], ["segmentation"])
    table = {one.id: one.name for one in engine.scene.instances()}
    assert "late" in {table[number] for number in np.unique(frame.segmentation).tolist() if number}
    engine.close()


def test_nobody_in_the_street_has_a_rider_s_looks():
    scene = street("scooter-4")
    people = {one.asset for one in Ambient(Town(scene), seed=0, vehicles=0, pedestrians=12).spawns()}
    assert people
    assert "person-7-riding" not in people


def test_a_scene_without_riding_poses_is_shown_as_it_is():
    scene = embedded_town()
    look = shown(scene, ["courier-1"])
    assert look.scene is scene
    assert poses_of_riders(scene.assets) == frozenset()
    assert poses_of_riders(street("scooter-4").assets) == {"person-7-riding"}
