"""Cameras that are drawn together: each sees what it sees alone, to the last byte, whatever the others are."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from bridge.errors import RendererUnavailable
from bridge.frames import look_at
from bridge.render.camera import Views, view_of
from bridge.render.gl import Config, GlRenderer
from bridge.render.passes import _MOST_VIEWS, _shifts
from bridge.render.targets import MOST_SAMPLES
from bridge.types import MODALITIES, Camera, Frame, Pose, WorldState
from tests.bridge.render_town import town

EYES = {
    "street": ((-20.0, 2.0, 4.5), (60.0, -1.0, 5.0)),
    "above": ((60.0, 45.0, 60.0), (0.0, 0.0, 0.0)),
    "shore": ((-75.0, -60.0, 3.2), (20.0, 10.0, 6.0)),
    "ground": ((5.0, -6.0, 1.2), (6.0, -6.0, 0.4)),
    "sky": ((0.0, 0.0, 10.0), (1.0, 0.0, 30.0)),
    "wall": ((4.0, 2.0, 1.6), (10.0, 4.0, 2.0)),
    "back": ((14.0, 12.0, 3.0), (-30.0, -12.0, 2.0)),
}


def cameras(width: int = 96, height: int = 72) -> list[Camera]:
    return [
        Camera(name, width, height, 1.1, Pose(*look_at(np.array(eye), np.array(target))))
        for name, (eye, target) in EYES.items()
    ]


def same_bytes(one: Frame, other: Frame) -> bool:
    return one.camera == other.camera and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in MODALITIES
    )


def opened(quality: Literal["fast", "high"] = "fast") -> GlRenderer:
    try:
        return GlRenderer(Config(quality=quality))
    except RendererUnavailable as error:
        pytest.skip(f"no OpenGL here: {error}")


@pytest.fixture(scope="module", params=["fast", "high"])
def renderer(request):
    """A town in the rain at dusk, where something has moved and casts a shadow of its own."""
    scene = town(houses=10, trees=8, lamps=4)
    scene = replace(scene, environment=replace(scene.environment, weather="rain", rain=0.5, wetness=0.8))
    group = scene.placements[0]
    pose = group.poses[0] + [1.5, 0.5, 0, 0, 0, 0, 0]
    with opened(request.param) as made:
        made.load(scene)
        made.pose(WorldState(3, 0.06, (group.names[0],), pose[None]))
        yield made


def test_a_camera_sees_the_same_alone_and_among_seven(renderer):
    together = renderer.observe(cameras())
    assert all(
        same_bytes(frame, renderer.observe([camera])[0]) for frame, camera in zip(together, cameras(), strict=True)
    )


def test_the_order_of_cameras_changes_only_the_order_of_frames(renderer):
    ahead, back = renderer.observe(cameras()), renderer.observe(cameras()[::-1])
    assert all(same_bytes(one, other) for one, other in zip(ahead, back[::-1], strict=True))


def test_cameras_of_several_sizes_come_back_in_the_order_asked_for(renderer):
    sizes = [(96, 72), (33, 17), (96, 72), (16, 48), (33, 17)]
    asked = [replace(camera, width=size[0], height=size[1]) for camera, size in zip(cameras(), sizes, strict=False)]
    seen = renderer.observe(asked)
    assert [frame.camera for frame in seen] == list(EYES)[: len(sizes)]
    assert [frame.rgb.shape[1::-1] for frame in seen] == sizes
    assert all(same_bytes(frame, renderer.observe([camera])[0]) for frame, camera in zip(seen, asked, strict=True))


def test_more_pixels_than_are_drawn_at_once_change_nothing(renderer, monkeypatch):
    """96 by 72 pixels are 6,912 samples, four times as many for stills: two cameras, or one, at a time."""
    together = renderer.observe(cameras())
    monkeypatch.setattr("bridge.render.passes.MOST_SAMPLES", 2 * 96 * 72)
    in_turns = renderer.observe(cameras())
    assert all(same_bytes(one, other) for one, other in zip(together, in_turns, strict=True))


def test_more_cameras_than_are_drawn_at_once_change_nothing(renderer, monkeypatch):
    """Each has its own shadow map of what moves, and maps are used again: seven cameras, three at a time."""
    together = renderer.observe(cameras())
    monkeypatch.setattr("bridge.render.passes._MOST_VIEWS", 3)
    in_turns = renderer.observe(cameras())
    assert all(same_bytes(one, other) for one, other in zip(together, in_turns, strict=True))


def test_what_is_asked_for_changes_nothing_of_it(renderer):
    """Without pictures no view waits to be shaded while others are drawn, and without depth none is read before."""
    everything = renderer.observe(cameras())
    for name in MODALITIES:
        alone = renderer.observe(cameras(), [name])
        assert all(
            getattr(one, name).tobytes() == getattr(other, name).tobytes()
            for one, other in zip(everything, alone, strict=True)
        )


def test_every_camera_has_one_turn():
    for number in range(1, _MOST_VIEWS + 1):
        turns = [view for first, last in _shifts(number) for view in range(first, last)]
        assert turns == list(range(number))


def test_each_camera_has_its_own_water():
    """The sea fills one picture and is absent from the next, which is shaded without any."""
    with opened() as renderer:
        renderer.load(town(houses=10, trees=8, lamps=4))
        shore, sky = (renderer.observe([camera])[0] for camera in (cameras()[2], cameras()[4]))
        together = renderer.observe([cameras()[4], cameras()[2]])
    assert (shore.segmentation == 2).mean() > 0.1
    assert not (sky.segmentation == 2).any()
    assert same_bytes(sky, together[0])
    assert same_bytes(shore, together[1])


def test_many_sizes_do_not_pile_up():
    with opened() as renderer:
        renderer.load(town(houses=10, trees=8, lamps=4))
        shelf = renderer._loaded()._shelf
        for width in range(600, 700, 20):
            renderer.observe([replace(cameras()[4], width=width, height=600)], ["depth"])
            assert shelf.samples <= 2 * MOST_SAMPLES + 700 * 600


def test_views_are_stacked_as_they_are_alone():
    """Numbers of a view do not depend on how many others there are."""
    views = [view_of(camera) for camera in cameras()]
    near_m = np.linspace(0.1, 2.0, len(views))
    stacked = Views(views)
    for index, view in enumerate(views):
        alone = Views([view])
        assert alone.planes.tobytes() == stacked.planes[index].tobytes()
        assert (
            alone.clip_from_world(near_m[index : index + 1], 1e4).tobytes()
            == stacked.clip_from_world(near_m, 1e4)[index].tobytes()
        )


def test_frustum_planes_hold_what_the_picture_shows():
    """A point is within a frustum where it projects into the picture: x and y at depth 1 under the tangents."""
    rng = np.random.default_rng(5)
    view = view_of(cameras()[0])
    points = rng.uniform(-60, 60, (500, 3))
    local = (points - view.position) @ view.axes
    inside = (local[:, 2] > 0) & (np.abs(local[:, :2]) <= local[:, 2:] * [view.tan_x, view.tan_y]).all(axis=1)
    planes = Views([view]).planes[0]
    assert 0 < inside.sum() < len(points)
    np.testing.assert_array_equal((points @ planes[:, :3].T + planes[:, 3] >= 0).all(axis=1), inside)
