"""What is computed beside pictures: optical flow and boxes, against homographies, projections and pixels."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import InvalidInput, UnknownName
from bridge.frames import look_at, matrix_from_quat, pose_array, quat_from_yaw, quat_product
from bridge.meshes import transformed
from bridge.render import open_renderer
from bridge.scene import Part, Scene
from bridge.semantics import CLASS_ID
from bridge.sensors import boxes, flow
from bridge.sensors.extents import upright_box
from bridge.sensors.moment import Moment
from bridge.sensors.pictures import boxes_picture, flow_picture
from bridge.types import Camera, Frame, Pose, Renderer, WorldState
from tests.bridge.render_town import town
from tests.scenes import box

W, H, FOV = 320, 240, 1.0
FOCAL = H / 2 / np.tan(FOV / 2)
K = np.array([[FOCAL, 0, W / 2], [0, FOCAL, H / 2], [0, 0, 1]])
EYE = look_at((-12.0, -1.0, 4.6), (10.0, 1.5, 3.0))
CRATES = ("crate-0", "crate-1", "crate-2")
STAND = pose_array([[-5.0, 0.2, 3.35], [-4.0, 1.6, 3.4], [-3.0, -1.5, 3.4]], [0.3, 1.1, 2.0])


@pytest.fixture(scope="module")
def scene() -> Scene:
    return town(houses=25, trees=30, lamps=8)


@pytest.fixture(scope="module")
def renderer(scene: Scene) -> Iterator[Renderer]:
    made = open_renderer("rays", shadows=False)
    made.load(scene)
    yield made
    made.close()


def camera(pose=EYE, mount: str = "world") -> Camera:
    return Camera("eye", W, H, FOV, Pose(*pose), mount)


def world(tick: int, crates=STAND, rig=None) -> WorldState:
    """The crates, and a rig that carries the camera if it is given one."""
    names, poses = CRATES, crates
    if rig is not None:
        names, poses = (*CRATES, "rig"), np.concatenate([crates, rig[None]])
    return WorldState(tick, tick * 0.02, names, poses)


def seen(renderer: Renderer, state: WorldState, *cameras: Camera, rgb: bool = False) -> Frame:
    renderer.pose(state)
    return renderer.observe(cameras or [camera()], [*(["rgb"] if rgb else []), "depth", "segmentation"])[0]


def ids_of(scene: Scene, *names: str) -> list[int]:
    return [row.id for name in names for row in scene.instances() if row.name == name]


def grid() -> np.ndarray:
    """Pixels' middles, shape (H,W,2)."""
    return np.stack(np.meshgrid(np.arange(W) + 0.5, np.arange(H) + 0.5), axis=-1)


# Flow.


def test_a_camera_that_pans_sees_the_homography_of_its_turn(scene, renderer):
    """Turned by R (old camera from new), pixel p goes to K Rᵀ K⁻¹ p, whatever is there and however far: sky too."""
    turn = np.array([np.cos(0.02), 0.3 * np.sin(0.02), np.sqrt(0.91) * np.sin(0.02), 0.0])
    rigs = np.concatenate([EYE[0], EYE[1]]), np.concatenate([EYE[0], quat_product(EYE[1], turn)])
    here, there = (world(k, rig=rig) for k, rig in enumerate(rigs))
    eye = camera((np.zeros(3), np.array([1.0, 0, 0, 0])), "rig")
    frame = seen(renderer, here, eye)
    assert np.isinf(frame.depth).any()
    got = flow.displacement(scene, eye, frame, here, there)
    warp = K @ matrix_from_quat(turn).T @ np.linalg.inv(K)
    points = np.concatenate([grid(), np.ones((H, W, 1))], axis=-1) @ warp.T
    expected = points[..., :2] / points[..., 2:] - grid()
    np.testing.assert_allclose(got, expected, atol=2e-3)
    assert np.abs(expected).max() > 5


def test_moving_over_level_water_all_moves_alike(scene, renderer):
    """40 m above, looking down with north up, going 2 m east: everything goes f · 2 / 40 px to the left."""
    down = camera((np.zeros(3), np.array([0.0, 1, 0, 0])), "rig")
    at = np.array([-300.0, -300.0, 40.0])
    here, there = (world(k, rig=pose_array(at + [2.0 * k, 0, 0])) for k in (0, 1))
    got = flow.displacement(scene, down, seen(renderer, here, down), here, there)
    np.testing.assert_allclose(got[..., 0], -FOCAL * 2 / 40, atol=2e-3)
    np.testing.assert_allclose(got[..., 1], 0, atol=2e-3)


def test_where_nothing_moves_nothing_flows(scene, renderer):
    here, there = world(0), world(1)
    np.testing.assert_allclose(flow.displacement(scene, camera(), seen(renderer, here), here, there), 0, atol=1e-5)


def test_only_what_moves_flows_and_by_its_own_motion(scene, renderer):
    """A crate that slides across the view by 0.3 m, 7 m away, goes 0.3 f / z to its side; the rest stays."""
    right = matrix_from_quat(EYE[1])[:, 0]
    moved = STAND.copy()
    moved[0, :3] += 0.3 * right
    here, there = world(0), world(1, moved)
    frame = seen(renderer, here)
    got = flow.displacement(scene, camera(), frame, here, there)
    crate = frame.segmentation == ids_of(scene, "crate-0")[0]
    assert crate.sum() > 200
    np.testing.assert_allclose(got[crate][:, 0], FOCAL * 0.3 / frame.depth[crate], rtol=1e-3)
    np.testing.assert_allclose(got[crate][:, 1], 0, atol=1e-3)
    np.testing.assert_allclose(got[~crate], 0, atol=1e-5)


def test_a_crate_that_turns_flows_as_its_corners_do(scene, renderer):
    """Each pixel's point is found by hand: out of the picture, into the crate, turned with it, and back."""
    moved = STAND.copy()
    moved[0] = pose_array(STAND[0, :3] + [0.05, 0.02, 0.1], 0.42)
    here, there = world(0), world(1, moved)
    frame = seen(renderer, here)
    got = flow.displacement(scene, camera(), frame, here, there)
    axes = matrix_from_quat(EYE[1])
    rows, columns = np.nonzero(frame.segmentation == ids_of(scene, "crate-0")[0])
    for y, x in zip(rows[::97], columns[::97], strict=True):
        ray = np.linalg.inv(K) @ [x + 0.5, y + 0.5, 1]
        point = EYE[0] + axes @ ray * frame.depth[y, x]
        local = matrix_from_quat(STAND[0, 3:]).T @ (point - STAND[0, :3])
        after = axes.T @ (matrix_from_quat(moved[0, 3:]) @ local + moved[0, :3] - EYE[0])
        pixel = K @ after
        np.testing.assert_allclose(got[y, x], pixel[:2] / pixel[2] - [x + 0.5, y + 0.5], atol=2e-3)


def sampled(picture: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear lookup of a picture at pixel coordinates (..., 2), clamped at its edges."""
    x, y = np.clip(at[..., 0] - 0.5, 0, W - 1.001), np.clip(at[..., 1] - 0.5, 0, H - 1.001)
    j, i = x.astype(int), y.astype(int)
    u, v = (x - j)[..., None], (y - i)[..., None]
    top, bottom = ((1 - u) * picture[i + k, j] + u * picture[i + k, j + 1] for k in (0, 1))
    return (1 - v) * top + v * bottom


def drive(tick: int) -> WorldState:
    """The camera goes forward and turns; one crate slides and turns, the others stand."""
    crates = STAND.copy()
    crates[0] = pose_array(STAND[0, :3] + [0.0, 0.12 * tick, 0.0], 0.3 + 0.05 * tick)
    ahead = matrix_from_quat(EYE[1])[:, 2]
    rig = np.concatenate([EYE[0] + 0.25 * tick * ahead, quat_product(quat_from_yaw(0.015 * tick), EYE[1])])
    return world(tick, crates, rig)


def test_flow_warps_one_picture_into_the_next(scene, renderer):
    """The frame before, looked up where flow says, is the frame after, but for what was hidden or is seen from aside."""
    eye = camera((np.zeros(3), np.array([1.0, 0, 0, 0])), "rig")
    before, after = drive(0), drive(1)
    first, second = seen(renderer, before, eye, rgb=True), seen(renderer, after, eye, rgb=True)
    back = flow.Config(eye, to="before").read(Moment(scene, before, after, [second]))
    assert (back.tick, back.to_tick) == (1, 0)
    source = grid() + back.pixels
    inside = (source > 1).all(axis=-1) & (source < [W - 1, H - 1]).all(axis=-1)
    ids = first.segmentation[
        np.clip(source[..., 1], 0, H - 1).astype(int), np.clip(source[..., 0], 0, W - 1).astype(int)
    ]
    same = inside & (ids == second.segmentation)
    assert same.mean() > 0.85
    new = second.rgb.astype(float)
    stayed = np.abs(first.rgb.astype(float) - new).mean(axis=-1)[same].mean()
    warped = np.abs(sampled(first.rgb.astype(float), source) - new).mean(axis=-1)[same].mean()
    assert warped < 0.4 * stayed
    crate = same & (second.segmentation == ids_of(scene, "crate-0")[0])
    assert crate.sum() > 200
    assert np.abs(sampled(first.rgb.astype(float), source) - new).mean(axis=-1)[crate].mean() < 6


def test_there_and_back_is_nothing(scene, renderer):
    """Where a point went, flow back leads home; a third of a pixel is what looking up between pixels costs."""
    eye = camera((np.zeros(3), np.array([1.0, 0, 0, 0])), "rig")
    before, after = drive(0), drive(1)
    first, second = seen(renderer, before, eye), seen(renderer, after, eye)
    moment = Moment(scene, before, after, [first, second])
    there, back = (flow.Config(eye, to=way).read(moment).pixels for way in ("after", "before"))
    target = grid() + there
    inside = (target > 1).all(axis=-1) & (target < [W - 1, H - 1]).all(axis=-1)
    j, i = np.clip(target[..., 0], 0, W - 1).astype(int), np.clip(target[..., 1], 0, H - 1).astype(int)
    same = inside & (second.segmentation[i, j] == first.segmentation)
    home = np.linalg.norm(there + sampled(back, target), axis=-1)[same]
    assert np.quantile(home, 0.9) < 0.35


def test_what_comes_behind_the_camera_has_no_flow(scene, renderer):
    """Straight down from 40 m, then 80 m lower: all that was seen is above and behind."""
    down = camera((np.zeros(3), np.array([0.0, 1, 0, 0])), "rig")
    here, there = (world(k, rig=pose_array([-300.0, -300.0, 40.0 - 80 * k])) for k in (0, 1))
    assert np.isnan(flow.displacement(scene, down, seen(renderer, here, down), here, there)).all()


def test_what_the_other_world_has_not_has_no_flow(scene, renderer):
    here = world(0)
    there = WorldState(1, 0.02, CRATES[1:], STAND[1:])
    frame = seen(renderer, here)
    got = flow.displacement(scene, camera(), frame, here, there)
    np.testing.assert_array_equal(np.isnan(got[..., 0]), frame.segmentation == ids_of(scene, "crate-0")[0])


def test_a_part_that_moves_flows(scene, renderer):
    frame = seen(renderer, world(0))
    street = ids_of(scene, "street")[0]
    lifted = WorldState(1, 0.02, (*CRATES, "street"), np.concatenate([STAND, pose_array([[0, 0, 0.5]])]))
    still = WorldState(0, 0.0, (*CRATES, "street"), np.concatenate([STAND, pose_array([[0, 0, 0.0]])]))
    got = flow.displacement(scene, camera(), frame, still, lifted)
    assert (got[frame.segmentation == street][:, 1] < -1).all()
    np.testing.assert_allclose(got[frame.segmentation != street], 0, atol=1e-5)


def test_flow_of_a_frame_of_another_tick_is_refused(scene, renderer):
    here, there = world(0), world(1)
    frame = seen(renderer, here)
    with pytest.raises(InvalidInput, match="frame of tick 0"):
        flow.displacement(scene, camera(), frame, there, here)
    with pytest.raises(InvalidInput, match="no frame of 'eye' at tick 1"):
        flow.Config(camera()).read(Moment(scene, here, there, [frame]))
    with pytest.raises(InvalidInput, match="no depth"):
        flow.Config(camera(), to="after").read(Moment(scene, here, there, [replace(frame, depth=None)]))
    small = replace(camera(), width=32, height=24)
    with pytest.raises(InvalidInput, match="320x240"):
        flow.Config(small, to="after").read(Moment(scene, here, there, [frame]))
    with pytest.raises(InvalidInput, match="'before' or 'after'"):
        flow.Config(camera(), to="next")
    assert flow.Config(camera()).read(Moment(scene, None, here, [frame])) is None


def test_flow_as_colours_tells_directions_apart():
    pixels = np.zeros((1, 4, 2), np.float32)
    pixels[0, :, 0] = [0, 5, -5, np.nan]
    shown = flow_picture(pixels, most_px=5.0)[0].tolist()
    assert shown == [[255, 255, 255], [255, 0, 0], [0, 255, 255], [0, 0, 0]]


# Boxes.


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_rectangles_hold_exactly_the_pixels_of_their_ids(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, (7, 9)).astype(np.int32) * rng.integers(0, 2, (7, 9)).astype(np.int32)
    found = boxes.seen_in(labels)
    assert found.ids.tolist() == sorted(set(labels.ravel().tolist()) - {0})
    for number, (x0, y0, x1, y1), count in zip(found.ids, found.xyxy, found.pixels, strict=True):
        rows, columns = np.nonzero(labels == number)
        assert (x0, y0, x1, y1) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert count == len(rows)


def flat(scene: Scene, renderer: Renderer, state: WorldState, **options):
    config = boxes.Flat(camera(), classes=("crate",), **options)
    return config.read(Moment(scene, None, state, [seen(renderer, state)]))


def test_boxes_are_of_the_chosen_classes_by_id(scene, renderer):
    found = flat(scene, renderer, world(0))
    assert found.names == CRATES
    assert found.ids.tolist() == ids_of(scene, *CRATES)
    assert (found.classes == CLASS_ID["crate"]).all()
    assert not found.is_cut.any()
    frame = seen(renderer, world(0))
    assert found.pixels.tolist() == [(frame.segmentation == number).sum() for number in found.ids]
    few = flat(scene, renderer, world(0), least_pixels=int(found.pixels.max()))
    assert len(few.ids) == 1
    with pytest.raises(UnknownName, match="Did you mean 'crate'"):
        boxes.Flat(camera(), classes=("crates",))


def test_the_visible_fraction_is_what_of_the_thing_alone_is_seen(scene, renderer):
    """One crate half behind another: pixels that show it over those that would with the other gone."""
    ahead, right = matrix_from_quat(EYE[1])[:, 2], matrix_from_quat(EYE[1])[:, 0]
    behind = STAND.copy()
    behind[1, :3] = STAND[0, :3] + 2.0 * ahead + 0.3 * right
    alone = behind.copy()
    alone[0, 2] = -100.0
    both, single = flat(scene, renderer, world(0, behind)), flat(scene, renderer, world(0, alone))
    which = both.names.index("crate-1")
    expected = both.pixels[which] / single.pixels[single.names.index("crate-1")]
    assert 0.1 < expected < 0.9
    assert both.visible_fraction[which] == pytest.approx(expected, abs=0.02)
    assert both.visible_fraction[both.names.index("crate-0")] == pytest.approx(1.0, abs=0.01)


def test_a_thing_that_reaches_out_of_the_picture_is_cut_and_still_all_visible(scene, renderer):
    ahead, right = matrix_from_quat(EYE[1])[:, 2], matrix_from_quat(EYE[1])[:, 0]
    aside = STAND.copy()
    aside[2, :3] = EYE[0] + 5 * ahead + 5 * np.tan(FOV / 2) * W / H * right - [0, 0, 0.5]
    found = flat(scene, renderer, world(0, aside))
    which = found.names.index("crate-2")
    assert found.is_cut[which]
    assert found.xyxy[which, 2] == W
    assert found.visible_fraction[which] > 0.97


def test_the_corners_of_a_crates_box_project_onto_its_rectangle(scene, renderer):
    """A crate is its box: the rectangle around eight projected corners is the one around its pixels, to a pixel."""
    state = world(0)
    rectangles = flat(scene, renderer, state)
    solid = boxes.Solid(camera(), classes=("crate",)).read(Moment(scene, None, state, [seen(renderer, state)]))
    assert solid.names == CRATES
    np.testing.assert_allclose(solid.size, 1.0, atol=1e-6)
    np.testing.assert_allclose(solid.world_from_box[:, :3], STAND[:, :3] + [0, 0, 0.5], atol=1e-6)
    axes = matrix_from_quat(EYE[1])
    np.testing.assert_allclose(solid.corners_in_camera(), (solid.corners_in_world() - EYE[0]) @ axes, atol=1e-9)
    pixels = solid.corners_in_camera() @ K.T
    pixels = pixels[..., :2] / pixels[..., 2:]
    shown = rectangles.visible_fraction > 0.99
    assert shown.any()
    tight = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
    np.testing.assert_allclose(rectangles.xyxy[shown], tight[shown], atol=1.01)


@settings(max_examples=50, deadline=None)
@given(st.floats(-3, 3), st.floats(1, 30), st.floats(1, 30), st.floats(1, 20))
def test_a_buildings_box_lies_along_its_walls(yaw, length, width, height):
    """Turned by any angle, the box of a block has the block's size, its X along the longer side."""
    turn = np.eye(4)
    turn[:3, :3], turn[:3, 3] = matrix_from_quat(quat_from_yaw(yaw)), (40, -20, 3)
    block = Part("block", "house", "building", transformed(box((length, width, height)), turn))
    pose, size = upright_box(block)
    np.testing.assert_allclose(size, [max(length, width), min(length, width), height], atol=1e-3)
    np.testing.assert_allclose(pose[:3], [40, -20, 3 + height / 2], atol=1e-3)
    along = matrix_from_quat(pose[3:])[:, 0]
    if abs(length - width) > 0.1:
        wanted = yaw if length > width else yaw + np.pi / 2
        assert abs(along @ [np.cos(wanted), np.sin(wanted), 0]) == pytest.approx(1, abs=1e-3)


def test_terrain_and_water_have_no_oriented_box_but_houses_have(scene, renderer):
    state = world(0)
    solid = boxes.Solid(camera(), classes=("terrain", "water", "building", "road"))
    found = solid.read(Moment(scene, None, state, [seen(renderer, state)]))
    kinds = {row.name: row.semantic for row in scene.instances()}
    assert {kinds[name] for name in found.names} == {"building", "road"}
    assert np.isfinite(found.size).all()
    inside = {part.name: part.mesh.vertices for part in scene.parts}
    for name, pose, size in zip(found.names, found.world_from_box, found.size, strict=True):
        local = (inside[name] - pose[:3]) @ matrix_from_quat(pose[3:])
        assert (np.abs(local) <= size / 2 + 1e-3).all(), name


def test_boxes_are_drawn_over_the_picture(scene, renderer):
    state = world(0)
    frame = seen(renderer, state, rgb=True)
    moment = Moment(scene, None, state, [frame])
    rectangles = boxes.Flat(camera(), classes=("crate",)).read(moment)
    solid = boxes.Solid(camera(), classes=("crate",)).read(moment)
    shown = boxes_picture(frame.rgb, camera(), flat=rectangles, solid=solid)
    assert shown.shape == frame.rgb.shape
    changed = np.argwhere((shown != frame.rgb).any(axis=-1))
    x0, y0, x1, y1 = rectangles.xyxy[:, 0].min(), rectangles.xyxy[:, 1].min(), rectangles.xyxy[:, 2].max(), rectangles.xyxy[:, 3].max()  # fmt: skip
    assert len(changed) > 100
    # Names stand at most 14 px above; lines are 2 px wide.
    assert (changed >= [y0 - 14, x0 - 3]).all()
    assert (changed[:, 0] <= y1 + 3).all()
    assert x1 <= W
