"""Unreal as a puppet: bodies stand where another engine has them, and its pictures are of the tick they claim."""

import contextlib
import dataclasses

import numpy as np
import pytest

from bridge.conformance import proving_ground
from bridge.conformance.ground import CRATE, OTHER, WALKER
from bridge.errors import DamagedData, EngineFailed, NotSupported
from bridge.frames import look_at, quat_from_yaw
from bridge.render import open_renderer
from bridge.scene import Placements
from bridge.types import Camera, Pose, WorldState
from tests.bridge.unrealcv.conftest import level_of
from tests.bridge.unrealcv.fake_unreal import FakeUnreal, Quirks
from tests.bridge.unrealcv.fake_world import FakeWorld

SCENE = proving_ground()
IDS = {row.name: row.id for row in SCENE.instances()}
MIDDLE = np.array([0.0, 0.0, 0.9])


@contextlib.contextmanager
def puppet(*, dialect="simworld", world=None, quirks=None, scene=SCENE, **options):
    with FakeUnreal(world or FakeWorld(capsule_cm=90), dialect=dialect, quirks=quirks) as unreal:
        renderer = open_renderer("unrealcv", engine_address=unreal.address, **options)
        try:
            renderer.load(scene)
            yield unreal, renderer
        finally:
            renderer.close()


def state(tick, **places) -> WorldState:
    names = tuple(name.replace("_", "-") for name in places)
    poses = np.array([[*at, *quat_from_yaw(0.5)] for at in places.values()])
    return WorldState(tick, tick * 0.02, names, poses)


def looking(eye, target, mount="world") -> Camera:
    return Camera("look", 64, 48, 0.8, Pose(*look_at(eye, target)), mount)


def test_bodies_are_put_where_the_state_says_and_seen_there():
    with puppet() as (unreal, renderer):
        at = np.array([4.0, -2.0, 1.0])
        renderer.pose(state(7, walker_1=at))
        (frame,) = renderer.observe([looking(at + MIDDLE - [0.0, 4.0, 0.0], at + MIDDLE)])
        assert frame.tick == 7
        assert frame.segmentation[24, 32] == IDS[WALKER]
        assert frame.depth[24, 32] == pytest.approx(4.0, abs=0.01)
        actor = unreal.world.actors["gen_bp_walker-1"]
        assert actor.location == pytest.approx([400.0, 200.0, 90.0])
        assert actor.rotation[1] == pytest.approx(-np.degrees(0.5), abs=1e-3)
        assert unreal.world.is_paused


def test_only_what_has_moved_is_told():
    with puppet() as (unreal, renderer):
        renderer.observe([looking([0.0, -4.0, 2.0], [0.0, 0.0, 2.0])], ["depth"])
        said = len(unreal.heard)
        renderer.pose(state(1, walker_1=[0.5, 0.0, 1.0], walker_2=SCENE.placements[0].poses[1, :3]))
        renderer.pose(state(2, walker_1=[1.0, 0.0, 1.0]))
        renderer.observe([looking([0.0, -4.0, 2.0], [0.0, 0.0, 2.0])], ["depth"])
        told = [line for line in unreal.heard[said:] if line.startswith("vset /object/")]
        assert {line.split("/")[2] for line in told} == {"GEN_BP_walker-1", "GEN_BP_walker-2"}  # whose heading is new
        assert "vset /object/GEN_BP_walker-1/location 100.0 0.0 90.0" in told


def test_cameras_on_bodies_see_from_there():
    with puppet() as (_, renderer):
        renderer.pose(state(3, walker_1=[0.0, 5.0, 1.0]))
        (frame,) = renderer.observe([looking([0.0, 0.0, 0.9], [0.0, 1.0, 0.9], WALKER)], ["segmentation"])
        # at a heading of 0.5 rad its left is not north: the other walker, 3 m further north, is seen off the middle
        columns = np.nonzero((frame.segmentation == IDS[OTHER]).any(axis=0))[0]
        assert columns.mean() > 33


def test_another_scene_keeps_what_is_the_same_in_both():
    with puppet() as (unreal, renderer):
        said = len(unreal.heard)
        more = Placements("crate", ("crate-2",), SCENE.placements[1].poses + [0, 2, 0, 0, 0, 0, 0], np.ones((1, 3)))

        renderer.load(dataclasses.replace(SCENE, placements=(*SCENE.placements, more)))
        spawned = [line for line in unreal.heard[said:] if line.startswith("vset /objects/spawn_bp_asset")]
        assert [line.split()[-1] for line in spawned] == ["GEN_BP_crate-2"]
        renderer.load(SCENE)
        assert "gen_bp_crate-2" not in unreal.world.actors
        assert "gen_bp_crate-1" in unreal.world.actors


def test_a_level_that_has_the_scene_is_taken_as_it_is():
    with puppet(dialect="unrealcv", world=level_of(SCENE)) as (unreal, renderer):
        renderer.pose(state(1, crate_1=[2.0, 0.0, 1.0]))
        (frame,) = renderer.observe([looking([2.0, -3.0, 1.0], [2.0, 0.0, 1.0])], ["segmentation"])
        assert frame.segmentation[24, 32] == IDS[CRATE]
        assert unreal.world.actors[CRATE].location == pytest.approx([200.0, 0.0, 100.0])


def test_plain_unreal_without_the_level_says_what_is_missing():
    with (
        FakeUnreal(dialect="unrealcv") as unreal,
        contextlib.closing(open_renderer("unrealcv", engine_address=unreal.address)) as renderer,
        pytest.raises(NotSupported, match="imported from this town"),
    ):
        renderer.load(SCENE)


def test_fault_37_a_body_that_will_not_stay_gives_no_frame():
    with puppet(quirks=Quirks(wanders=True), tries=2) as (unreal, renderer):
        unreal.world.actors["gen_bp_walker-1"].velocity = (500.0, 0.0)
        renderer.pose(state(4, walker_1=[1.0, 0.0, 1.0]))
        with pytest.raises(EngineFailed, match="tick 4"):
            renderer.observe([looking([0.0, -4.0, 2.0], [0.0, 0.0, 2.0])], ["rgb"])


def test_fault_37_a_picture_of_frames_before_is_taken_again():
    with puppet(quirks=Quirks(latency_frames=3)) as (_, renderer):
        for tick in range(1, 4):
            at = np.array([3.0 * tick, -3.0, 1.0])
            renderer.pose(state(tick, walker_1=at))
            (frame,) = renderer.observe([looking(at + MIDDLE - [0.0, 4.0, 0.0], at + MIDDLE)], ["segmentation"])
            assert (frame.tick, frame.segmentation[24, 32]) == (tick, IDS[WALKER])


def test_fault_36_after_a_broken_link_the_next_picture_shows_everything_in_its_place():
    with puppet(timeout_s=2.0) as (unreal, renderer):
        at = np.array([4.0, -2.0, 1.0])
        renderer.pose(state(7, walker_1=at))
        unreal.quirks.after, unreal.quirks.then = 0, "half"
        camera = looking(at + MIDDLE - [0.0, 4.0, 0.0], at + MIDDLE)
        with pytest.raises(DamagedData, match="amid a message"):
            renderer.observe([camera])
        assert unreal.uds_ready.wait(30)
        (frame,) = renderer.observe([camera])
        assert (frame.tick, frame.segmentation[24, 32]) == (7, IDS[WALKER])
