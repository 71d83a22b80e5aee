"""Pictures of the embedded engine show the world of their tick, with any renderer, from cameras by name."""

import numpy as np
import pytest

from bridge.engine import Action, Hide, Move, Paint, Remove, Resize, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import InvalidInput, RendererUnavailable, UnknownBody, UnknownCamera, UnknownName
from bridge.frames import look_at, matrix_from_quat
from bridge.render import open_renderer
from bridge.types import Camera, Frame, Pose
from tests.bridge.embedded_town import COURIER_XY, embedded_town


@pytest.fixture(scope="module", params=["gl", "rays"])
def loaded(request):
    try:
        open_renderer(request.param).close()
    except RendererUnavailable as error:
        pytest.skip(str(error))
    with open_engine("embedded", renderer=request.param) as engine:
        engine.load(embedded_town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def street(fov_y_rad: float = 0.9) -> Camera:
    """A camera across the street that sees the courier walk by from left to right."""
    eye = np.array([COURIER_XY[0] + 2.5, -20.0, 4.0])
    position, quat = look_at(eye, [COURIER_XY[0] + 2.5, -8.2, 3.0])
    return Camera("street", 320, 240, fov_y_rad, Pose(position, quat))


def instance(engine, name: str) -> int:
    return next(row.id for row in engine.scene.instances() if row.name == name)


def pixel(camera: Camera, point: np.ndarray) -> tuple[int, int]:
    """Row and column of a point [m] in a world camera, worked out from the pinhole model."""
    mount = camera.mount_from_camera
    x, y, z = matrix_from_quat(mount.quat_wxyz).T @ (point - mount.position)
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2)
    return int(camera.height / 2 + focal * y / z), int(camera.width / 2 + focal * x / z)


def seen(frame: Frame, name_id: int) -> int:
    return int((frame.segmentation == name_id).sum())


def test_a_courier_who_walked_is_seen_where_the_state_says(engine):
    engine.edit([Move("parcel-1", Pose(np.array([-40.0, 20.0, 2.1])))])
    number = instance(engine, "courier-1")
    xs = []
    for ticks in (1, 200):
        state = engine.step({"courier-1": Action(Velocity(1.4))}, ticks)
        frame = engine.observe([street()], ["segmentation", "depth"])[0]
        chest = state.poses[state.names.index("courier-1"), :3] + [0.0, 0.0, 1.0]
        row, column = pixel(street(), chest)
        assert frame.segmentation[row, column] == number
        assert frame.tick == state.tick
        xs.append(chest[0])
    assert xs[1] - xs[0] == pytest.approx(5.0, abs=0.5)


def test_frames_come_in_the_order_asked_for(engine):
    names = ["courier-1/follow", "overview", "courier-1/front"]
    frames = engine.observe([*names, street()], ["depth"])
    assert [frame.camera for frame in frames] == [*names, "street"]
    assert frames[2].depth.shape == (480, 640)
    assert frames[0].rgb is None


def test_all_cameras_that_a_load_names_take_pictures(engine):
    loaded = engine.load(embedded_town())
    engine.reset(seed=0)
    assert {"courier-1/front", "courier-1/follow", "overview", "street-view-1"} <= set(loaded.cameras)
    assert len(engine.observe(list(loaded.cameras), ["depth"])) == len(loaded.cameras)


def test_one_sees_oneself_from_behind_but_not_from_within(engine):
    number = instance(engine, "courier-1")
    front, follow = engine.observe(["courier-1/front", "courier-1/follow"], ["segmentation"])
    assert seen(front, number) == 0
    assert seen(follow, number) > 500


def test_what_is_spawned_is_seen_and_what_is_removed_is_not(engine):
    hidden = instance(engine, "courier-1")
    engine.edit([Spawn("new-1", "crate-a", Pose(np.array([-26.0, -8.2, 2.12]))), Remove("courier-1")])
    frame = engine.observe([street()], ["segmentation"])[0]
    assert seen(frame, instance(engine, "new-1")) > 50
    assert seen(frame, hidden) == 0


@pytest.mark.parametrize("name", ["courier-1", "bench-1", "quay-street"])
def test_what_is_hidden_is_not_seen_until_it_is_shown_again(engine, name):
    number = instance(engine, name)
    assert seen(engine.observe([street()], ["segmentation"])[0], number) > 30
    engine.edit([Hide(name)])
    assert seen(engine.observe([street()], ["segmentation"])[0], number) == 0
    engine.step({}, 2)
    assert seen(engine.observe([street()], ["segmentation"])[0], number) == 0
    engine.edit([Hide(name, False)])
    assert seen(engine.observe([street()], ["segmentation"])[0], number) > 30


@pytest.mark.parametrize("name", ["bench-1", "quay-street"])
def test_what_was_hidden_or_removed_is_seen_after_a_reset(engine, name):
    for change in (Hide(name), Remove(name)):
        engine.edit([change])
        assert seen(engine.observe([street()], ["segmentation"])[0], instance(engine, name)) == 0
        engine.reset(seed=0)
        assert seen(engine.observe([street()], ["segmentation"])[0], instance(engine, name)) > 30


def test_what_is_larger_is_seen_larger(engine):
    number = instance(engine, "scooter-1")
    before = seen(engine.observe([street()], ["segmentation"])[0], number)
    engine.edit([Resize("scooter-1", (1.0, 1.0, 2.0))])
    after = seen(engine.observe([street()], ["segmentation"])[0], number)
    assert 1.5 * before < after < 2.2 * before


def test_paint_is_seen(engine):
    number = instance(engine, "scooter-1")
    before = engine.observe([street()])[0]
    engine.edit([Paint("scooter-1", (0.0, 0.0, 1.0))])
    after = engine.observe([street()])[0]
    mask = (before.segmentation == number) & (after.segmentation == number)
    assert mask.sum() > 50
    red, _, blue = after.rgb[mask].mean(axis=0)
    assert blue > 1.5 * red
    red, _, blue = before.rgb[mask].mean(axis=0)
    assert red > 1.5 * blue


def test_cameras_ride_on_bodies(engine):
    roof = Camera("roof", 64, 48, 1.0, Pose(*look_at([0.0, 0.0, 2.5], [5.0, 0.0, 2.0])), mount="car-1")
    first = engine.observe([roof], ["depth"])[0].depth
    engine.step({"car-1": Action(Velocity(5.0))}, 100)
    later = engine.observe([roof], ["depth"])[0].depth
    both = np.isfinite(first) & np.isfinite(later)
    assert np.abs(first[both] - later[both]).max() > 0.5


@pytest.mark.parametrize("size", [(0, 48), (64, 0), (100_000, 48)])
def test_cameras_without_pixels_or_with_too_many_are_refused(engine, size):
    with pytest.raises(InvalidInput, match="pixels"):
        engine.observe([Camera("c", *size, 1.0, Pose(np.zeros(3)))])


@pytest.mark.parametrize("fov", [0.0, np.pi, float("nan")])
def test_fields_of_view_that_make_no_picture_are_refused(engine, fov):
    with pytest.raises(InvalidInput, match="field of view"):
        engine.observe([Camera("c", 64, 48, fov, Pose(np.zeros(3)))])


def test_unknown_cameras_mounts_and_modalities_are_refused_by_name(engine):
    with pytest.raises(UnknownCamera, match="courier-1/front"):
        engine.observe(["courier-1/frnt"])
    with pytest.raises(UnknownBody, match="courier-1"):
        engine.observe([Camera("c", 64, 48, 1.0, Pose(np.zeros(3)), mount="courier-2")])
    with pytest.raises(InvalidInput, match="lidar"):
        engine.observe(["overview"], ["lidar"])


def test_no_renderer_is_opened_before_the_first_picture():
    """A dotted name is anybody's module, which is not looked for before it is needed."""
    with open_engine("embedded", renderer="no_such_package.renderer") as engine:
        engine.load(embedded_town())
        engine.reset(seed=0)
        engine.step({}, 5)
        with pytest.raises(UnknownName, match="no_such_package"):
            engine.observe(["overview"], ["rgb"])
