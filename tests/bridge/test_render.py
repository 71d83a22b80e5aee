"""Both renderers keep the `Renderer` contract: depth, ids, normals and picture of the same frame, on both the same."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from bridge.errors import RendererUnavailable, SimbridgeError, UnknownName
from bridge.frames import look_at, pose_array
from bridge.render import open_renderer
from bridge.scene import Scene
from bridge.types import Camera, Frame, Pose, Renderer, WorldState
from tests.bridge.render_town import town

EYES = {
    "street": ((-20.0, 2.0, 4.5), (60.0, -1.0, 5.0)),
    "drone": ((-60.0, -50.0, 30.0), (10.0, 10.0, 0.0)),
    "shore": ((-75.0, -60.0, 3.2), (20.0, 10.0, 6.0)),
}


def camera(name: str = "street", width: int = 160, height: int = 120, mount: str = "world") -> Camera:
    position, quat = look_at(*EYES[name])
    return Camera(name, width, height, np.radians(55), Pose(position, quat), mount)


def opened(name: str, **options: object) -> Renderer:
    try:
        return open_renderer(name, **options)
    except RendererUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def scene() -> Scene:
    return town(houses=25, trees=30, lamps=8)


@pytest.fixture(scope="module", params=["gl", "rays"])
def renderer(request: pytest.FixtureRequest, scene: Scene) -> Iterator[Renderer]:
    made = opened(request.param)
    made.load(scene)
    yield made
    made.close()


def away_from_edges(frame: Frame) -> np.ndarray:
    """Pixels whose eight neighbours belong to the same instance."""
    ids = np.pad(frame.segmentation, 1, mode="edge")
    here = ids[1:-1, 1:-1]
    rows, cols = here.shape
    same = np.ones_like(here, bool)
    for i in range(3):
        for j in range(3):
            same &= ids[i : i + rows, j : j + cols] == here
    return same


def test_frames_have_the_shapes_and_types_of_the_contract(renderer):
    frame = renderer.observe([camera()])[0]
    assert frame.rgb.shape == (120, 160, 3)
    assert frame.rgb.dtype == np.uint8
    assert frame.depth.shape == (120, 160)
    assert frame.depth.dtype == np.float32
    assert frame.segmentation.shape == (120, 160)
    assert frame.segmentation.dtype == np.int32
    assert frame.normals.shape == (120, 160, 3)
    assert frame.normals.dtype == np.float32


def test_a_modality_that_was_not_asked_for_is_none(renderer):
    frame = renderer.observe([camera()], ["depth"])[0]
    assert frame.depth is not None
    assert frame.rgb is None
    assert frame.segmentation is None
    assert frame.normals is None


def test_sky_has_id_0_infinite_depth_and_no_normal(renderer):
    frame = renderer.observe([camera()])[0]
    is_sky = frame.segmentation == 0
    assert is_sky.any()
    assert not is_sky.all()
    np.testing.assert_array_equal(np.isinf(frame.depth), is_sky)
    assert not frame.normals[is_sky].any()


def test_normals_are_unit_and_face_the_camera(renderer):
    frame = renderer.observe([camera()])[0]
    seen = frame.segmentation > 0
    np.testing.assert_allclose(np.linalg.norm(frame.normals[seen], axis=1), 1, atol=1e-4)
    assert frame.normals[110, 80, 2] > 0.9  # the street below


def test_ids_are_those_of_the_scenes_table(renderer, scene):
    names = {row.id: row.name for row in scene.instances()}
    seen = set(np.unique(renderer.observe([camera()])[0].segmentation)) - {0}
    assert seen <= set(names)
    assert {"terrain", "street", "line"} <= {names[k] for k in seen}


def test_depth_is_planar(renderer):
    """Straight down from 40 m on a level sea every pixel is 40 m away along the axis, corners too."""
    down = Camera("down", 64, 48, 1.2, Pose(np.array([-300.0, -300.0, 40.0]), np.array([0.0, 1.0, 0.0, 0.0])))
    depth = renderer.observe([down], ["depth"])[0].depth
    np.testing.assert_allclose(depth, 40.0, atol=2e-3)


def test_row_0_is_the_top_and_column_0_the_left(renderer, scene):
    """The sky is above the street; from above, with north up, what lies north of the middle is in the upper rows."""
    frame = renderer.observe([camera()])[0]
    assert (frame.segmentation[0] == 0).mean() > (frame.segmentation[-1] == 0).mean()
    position = np.array([0.0, 0.0, 20.0])
    crate = next(row.id for row in scene.instances() if row.name == "crate-0")  # stands at x = 0, y = 2
    _, quat = look_at(position, [0.01, 0.0, 0.0])
    seen = renderer.observe([Camera("top", 200, 200, 0.6, Pose(position, quat))], ["segmentation"])[0].segmentation
    rows, columns = np.nonzero(seen == crate)
    assert columns.mean() == pytest.approx(100, abs=6)
    assert rows.mean() < 80


def test_the_same_camera_sees_the_same_bytes_twice(renderer):
    a, b = renderer.observe([camera()])[0], renderer.observe([camera()])[0]
    for name in ("rgb", "depth", "segmentation", "normals"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name


def test_other_cameras_and_sizes_between_change_nothing(renderer):
    before = renderer.observe([camera()])[0]
    renderer.observe([camera("drone", 96, 96), camera("shore", 40, 30)])
    after = renderer.observe([camera()])[0]
    assert before.rgb.tobytes() == after.rgb.tobytes()


def test_a_posed_thing_is_where_it_was_put_and_the_tick_is_the_states(scene, renderer):
    crate = next(row.id for row in scene.instances() if row.name == "crate-1")
    here, there = scene.placements[2].poses[1], pose_array([20.0, 0.0, 3.5])
    try:
        renderer.pose(WorldState(7, 0.14, ("crate-1",), there[None]))
        frame = renderer.observe([camera()])[0]
        assert frame.tick == 7
        seen = frame.segmentation == crate
        assert seen.any()
        # The eye is at x = -20 and looks east: the crate's near face is half a metre before its middle.
        assert np.median(frame.depth[seen]) == pytest.approx(39.5, abs=0.3)
    finally:
        renderer.pose(WorldState(0, 0.0, ("crate-1",), here[None]))
    assert np.median(renderer.observe([camera()])[0].depth[seen]) != pytest.approx(39.5, abs=0.3)


def test_a_posed_part_moves_as_a_rigid_body(scene):
    for name in ("gl", "rays"):
        renderer = opened(name)
        renderer.load(scene)
        before = renderer.observe([camera("drone")], ["segmentation"])[0].segmentation
        house = np.bincount(before.ravel())[3:].argmax() + 3
        part = next(row.name for row in scene.instances() if row.id == house)
        renderer.pose(WorldState(1, 0.0, (part,), pose_array([0.0, 0.0, 500.0])[None]))
        after = renderer.observe([camera("drone")], ["segmentation"])[0].segmentation
        renderer.close()
        assert (before == house).any(), name
        assert not (after == house).any(), name


def test_a_camera_rides_on_a_body(renderer, scene):
    """A camera one metre above a body that stands 10 m up sees the sea bed's water 11 m away, straight down."""
    down = Camera("cam", 32, 32, 0.5, Pose(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0, 0.0])), "robot")
    renderer.pose(WorldState(3, 0.0, ("robot",), pose_array([-300.0, -300.0, 10.0], 0.7)[None]))
    np.testing.assert_allclose(renderer.observe([down], ["depth"])[0].depth, 11.0, atol=1e-3)


def test_a_camera_on_an_unknown_body_is_refused(renderer):
    with pytest.raises(UnknownName, match="crate-0"):
        renderer.observe([camera(mount="crate-O")])


@pytest.mark.parametrize("eye", list(EYES))
def test_gl_and_rays_agree_on_depth_ids_and_normals(scene, eye):
    frames = []
    for name in ("gl", "rays"):
        renderer = opened(name)
        renderer.load(scene)
        frames.append(renderer.observe([camera(eye, 320, 240)])[0])
        renderer.close()
    a, b = frames
    inside = away_from_edges(a) & away_from_edges(b)
    assert (a.segmentation == b.segmentation)[inside].mean() > 0.999
    both = inside & (a.segmentation == b.segmentation) & (a.segmentation > 0)
    near = both & (a.depth < 60.0)
    assert (np.abs(a.depth[near] - b.depth[near]) < 0.01).mean() > 0.99
    assert (np.abs(a.depth[both] - b.depth[both]) < 2e-3 * a.depth[both] + 0.01).mean() > 0.99
    assert (np.abs(a.normals - b.normals).max(axis=-1)[both] < 0.02).mean() > 0.99
    assert np.abs(a.rgb.astype(int) - b.rgb)[inside].mean() < 12


def test_gl_and_rays_agree_on_the_meadows_beyond_the_map(scene):
    position, quat = look_at((90.0, 90.0, 120.0), (1500.0, 1700.0, 40.0))
    eye = Camera("hill", 160, 120, np.radians(60), Pose(position, quat))
    seen = []
    for name in ("gl", "rays"):
        made = opened(name)
        made.load(scene)
        seen.append(made.observe([eye])[0])
        made.close()
    far = (seen[0].segmentation == 1) & (seen[0].depth > 300) & (seen[0].depth < 2500)
    assert far.sum() > 1000
    gray = [frame.rgb[far].mean(axis=1) for frame in seen]
    assert np.corrcoef(gray)[0, 1] > 0.8


def test_auto_finds_a_renderer(scene):
    renderer = opened("auto")
    assert renderer.name in ("gl", "rays")
    renderer.close()


def test_auto_falls_back_to_rays_without_opengl(monkeypatch):
    import bridge.render.gl as gl

    def fails() -> None:
        raise RendererUnavailable("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(gl, "_context", fails)
    renderer = opened("auto")
    assert renderer.name == "rays"
    renderer.close()


def test_rays_need_no_opengl_library():
    code = "import sys; sys.modules['moderngl'] = None; import bridge.render.rays as r; r.make(r.Config()).close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_unknown_renderer_is_answered_with_the_near_one():
    with pytest.raises(UnknownName, match="Did you mean 'rays'"):
        open_renderer("ray")


def test_a_renderer_without_a_scene_or_closed_says_so(scene):
    for name in ("gl", "rays"):
        renderer = opened(name)
        with pytest.raises(SimbridgeError, match="no scene yet"):
            renderer.observe([camera()])
        renderer.load(scene)
        renderer.close()
        renderer.close()
        with pytest.raises(SimbridgeError, match="was closed"):
            renderer.observe([camera()])
        with pytest.raises(SimbridgeError, match="was closed"):
            renderer.load(scene)


def test_two_renderers_live_side_by_side(scene):
    first, second = opened("gl"), opened("gl")
    first.load(scene)
    expected = first.observe([camera()])[0].rgb.tobytes()
    second.load(town(houses=4, trees=4, lamps=2, seed=1))
    other = second.observe([camera()])[0].rgb.tobytes()
    assert first.observe([camera()])[0].rgb.tobytes() == expected != other
    second.close()
    assert first.observe([camera()])[0].rgb.tobytes() == expected
    first.close()


def test_a_second_load_replaces_the_scene(scene):
    renderer = opened("gl")
    renderer.load(town(houses=4, trees=4, lamps=2, seed=1))
    renderer.load(scene)
    fresh = opened("gl")
    fresh.load(scene)
    assert renderer.observe([camera()])[0].rgb.tobytes() == fresh.observe([camera()])[0].rgb.tobytes()
    renderer.close()
    fresh.close()
