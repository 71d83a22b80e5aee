"""Pictures from Unreal: decoded by numbers worked out by hand, seen from where the camera is, and of the tick they claim."""

import numpy as np
import pytest

from bridge.conformance import proving_ground
from bridge.conformance.ground import CRATE, OTHER, WALKER
from bridge.engine import Action, Velocity
from bridge.errors import DamagedData, EngineFailed, NotSupported
from bridge.frames import look_at
from bridge.types import Camera, Pose
from bridge.unrealcv import images
from bridge.unrealcv.border import camera_quat, camera_rotator_deg, mask_color
from tests.bridge.unrealcv.conftest import level_of, running
from tests.bridge.unrealcv.fake_unreal import Quirks
from tests.bridge.unrealcv.fake_world import bmp, npy

COLORS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 8, 7]], [[1, 2, 3], [4, 5, 6]]], np.uint8)


def looking(eye, target, name="look", **how) -> Camera:
    return Camera(name, 64, 48, 0.8, Pose(*look_at(eye, target)), **how)


def id_of(name: str) -> int:
    return next(row.id for row in proving_ground().instances() if row.name == name)


# ---- formats


@pytest.mark.parametrize("stray", [False, True])
def test_bitmaps_are_red_green_blue_top_row_first_with_and_without_the_stray_bytes(stray):
    np.testing.assert_array_equal(images.bitmap(bmp(COLORS, stray=stray), 2, 3), COLORS)


def test_a_bitmap_of_another_size_is_refused():
    with pytest.raises(DamagedData, match="2x3"):
        images.bitmap(bmp(COLORS, stray=True), 3, 2)
    with pytest.raises(DamagedData, match="expected a BMP"):
        images.bitmap(b"\x89PNG\r\n\x1a\n" + bytes(60), 2, 3)
    with pytest.raises(DamagedData):
        images.bitmap(bmp(COLORS, stray=False)[:-8], 2, 3)


def test_depth_is_metres_and_inf_where_half_precision_ends():
    depth = images.depth(npy(np.array([[500.0, 65504.0], [12.5, np.inf]])), 2, 2)
    np.testing.assert_array_equal(depth, np.array([[5.0, np.inf], [0.125, np.inf]], np.float32))
    with pytest.raises(DamagedData, match="expected floats"):
        images.depth(npy(np.zeros((3, 3))), 2, 2)
    with pytest.raises(DamagedData, match="no array"):
        images.depth(b"error", 2, 2)


def test_masks_are_read_by_their_colours():
    found = images.labels(COLORS, {(255, 0, 0): 5, (9, 8, 7): 6, (77, 0, 0): 7})
    np.testing.assert_array_equal(found, [[5, 0], [0, 6], [0, 0]])


def test_colours_for_masks_are_all_different_and_never_black():
    found = {mask_color(number) for number in range(1, 20_001)}
    assert len(found) == 20_000
    assert (0, 0, 0) not in found


def test_normals_are_turned_into_our_frame():
    told = np.array([[[255, 127, 127], [127, 255, 127], [0, 0, 0]]], np.uint8)  # +X, Unreal's +Y (right), nothing
    found = images.normals(told, None)
    np.testing.assert_allclose(found[0], [[1, 0, 0], [0, -1, 0], [0, 0, 0]], atol=0.01)


def test_a_camera_that_looks_east_and_down_has_unreal_s_pitch():
    _, quat = look_at([0.0, 0.0, 2.0], [2.0, 0.0, 0.0])
    np.testing.assert_allclose(camera_rotator_deg(quat), [-45, 0, 0], atol=1e-9)
    _, quat = look_at([0.0, 0.0, 1.0], [0.0, 2.0, 1.0])  # north, which is Unreal's -Y
    np.testing.assert_allclose(camera_rotator_deg(quat), [0, -90, 0], atol=1e-9)
    np.testing.assert_allclose(np.abs(camera_quat(camera_rotator_deg(quat)) @ quat), 1.0)


# ---- through the server


def test_who_is_seen_stands_where_the_state_says(run):
    state = run.engine.step({WALKER: Action(Velocity(1.0))}, 25)
    body = state.poses[state.names.index(WALKER), :3] + [0.0, 0.0, 0.9]  # the square hangs at the capsule's middle
    (frame,) = run.engine.observe([looking(body - [0.0, 4.0, 0.0], body)])
    assert frame.tick == 25
    assert frame.segmentation[24, 32] == id_of(WALKER)
    assert frame.depth[24, 32] == pytest.approx(4.0, abs=0.01)
    assert np.isinf(frame.depth[0, 0])
    assert frame.rgb.shape == (48, 64, 3)
    # 0.5 m at 4 m; a field of view of 0.8 rad over 48 rows is 56.8 pixels focal length: 7.1 pixels wide
    assert (frame.segmentation[24] == id_of(WALKER)).sum() == pytest.approx(7.1, abs=1.0)


def test_cameras_on_bodies_go_along(run):
    at = Pose(*look_at([0.0, 0.6, 0.9], [0.0, 3.0, 0.9]))
    camera = Camera("shoulder", 64, 48, 0.9, at, WALKER)
    (before,) = run.engine.observe([camera], ["segmentation"])
    assert id_of(OTHER) in np.unique(before.segmentation)
    run.engine.step({WALKER: Action(Velocity(yaw_rate_rad_s=1.5))}, 100)
    (after,) = run.engine.observe([camera], ["segmentation"])
    assert id_of(OTHER) not in np.unique(after.segmentation)


def test_several_cameras_come_in_the_order_asked_for(run):
    east, north = looking([-3.0, 0.0, 1.9], [0.0, 0.0, 1.9], "east"), looking([0.0, 3.0, 1.9], [0.0, 8.0, 1.9], "north")
    frames = run.engine.observe([north, east], ["segmentation"])
    assert [frame.camera for frame in frames] == ["north", "east"]
    assert [frame.segmentation[24, 32] for frame in frames] == [id_of(OTHER), id_of(WALKER)]
    assert frames[0].rgb is None


def test_in_a_level_the_masks_are_read_by_its_own_colours():
    scene = proving_ground()
    with running(scene=scene, world=level_of(scene), dialect="unrealzoo") as run:
        (frame,) = run.engine.observe([looking([0.9, -3.0, 1.0], [0.9, 0.0, 1.0])], ["segmentation"])
        assert frame.segmentation[24, 32] == id_of(CRATE)


def test_fault_37_a_picture_of_the_frame_before_is_taken_again():
    with running(quirks=Quirks(latency_frames=3)) as run:
        state = run.engine.step({WALKER: Action(Velocity(2.0))}, 100)
        body = state.poses[state.names.index(WALKER), :3] + [0.0, 0.0, 0.9]
        (frame,) = run.engine.observe([looking(body - [0.0, 4.0, 0.0], body)], ["depth", "segmentation"])
        assert frame.segmentation[24, 32] == id_of(WALKER)


def test_fault_37_a_world_that_will_not_stand_still_gives_no_frame():
    with running(quirks=Quirks(wanders=True), tries=3) as run:
        run.there(WALKER).velocity = (100.0, 0.0)
        with pytest.raises(EngineFailed, match="No picture of tick 0 could be proven to be of it in 3 tries"):
            run.engine.observe([looking([0.0, -4.0, 1.9], [0.0, 0.0, 1.9])], ["rgb"])


def test_pictures_that_the_server_refuses_are_not_supported():
    with (
        running(quirks=Quirks(refuses=("vget /camera/1/normal",))) as run,
        pytest.raises(NotSupported, match="it will not"),
    ):
        run.engine.observe([looking([0.0, -4.0, 1.9], [0.0, 0.0, 1.9])], ["normals"])
