"""Splats: what was seen stays where it is in the world, the nearest thing hides what is behind, and surfaces do not break up."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from bridge.render.camera import View
from tests.world_models.geodrive.street import episode
from world_models.geodrive.cloud import cloud_of, joined
from world_models.geodrive.model import cloud_at, placed
from world_models.geodrive.splatting import splat

AHEAD = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Axes (right, down, forward as columns) of a camera that looks along the world's x."""


def look(x=0.0, y=0.0, z=0.0, *, width=8, height=6) -> View:
    return View(np.array([x, y, z]), AHEAD, width, height, width / height, 1.0)


def plain(depth, *, shade=100, width=8, height=6):
    """A wall across the picture at an equal depth [m]."""
    return cloud_of(np.full((height, width, 3), shade, np.uint8), np.full((height, width), depth, np.float32), look(width=width, height=height))  # fmt: skip


def by_hand(cloud, view):
    """The pixel and depth of every point, one at a time: u = f X / Z + W / 2, v = f Y / Z + H / 2; the nearest of a pixel counts."""
    focal = view.height / (2 * view.tan_y)
    depth = np.full((view.height, view.width), np.inf)
    for place in cloud.places.T:
        x, y, z = view.axes.T @ (place[:3] - place[3] * view.position)
        if z <= 0.1:
            continue
        column, row = int(np.floor(focal * x / z + view.width / 2)), int(np.floor(focal * y / z + view.height / 2))
        if 0 <= column < view.width and 0 <= row < view.height:
            depth[row, column] = min(depth[row, column], z)
    return depth


def test_from_where_it_was_seen_a_picture_is_itself():
    seen = episode()
    shown = splat(cloud_at(seen, 0, 0, seen.depth[0, 0]), placed(seen.cameras[0], seen.body[0]))
    assert shown.mask.all()
    np.testing.assert_array_equal(shown.rgb, seen.rgb[0, 0])
    np.testing.assert_array_equal(np.isfinite(shown.depth), np.isfinite(seen.depth[0, 0]))
    finite = np.isfinite(shown.depth)
    np.testing.assert_allclose(shown.depth[finite], seen.depth[0, 0][finite], rtol=1e-4)


@pytest.mark.parametrize("later", [1, 3])
def test_what_stands_still_falls_to_where_the_renderer_draws_it_later(later):
    seen = episode()
    shown = splat(cloud_at(seen, 0, 0, seen.depth[0, 0]), placed(seen.cameras[0], seen.body[later]))
    truth = seen.depth[later, 0]
    still = (
        shown.mask & (seen.labels[later, 0] == 0) & (shown.things == 0) & np.isfinite(truth) & np.isfinite(shown.depth)
    )
    off = np.abs(shown.depth[still] - truth[still]) / truth[still]
    assert np.median(off) < 0.005
    assert (off < 0.05).mean() > 0.93
    assert shown.mask.mean() > 0.85
    sky = ~np.isfinite(truth) & shown.mask
    assert np.isinf(shown.depth[sky]).mean() > 0.95


def test_splats_fall_where_points_do_one_by_one():
    rng = np.random.default_rng(3)
    depth = rng.uniform(2.0, 9.0, (6, 8)).astype(np.float32)
    apart = np.arange(48).reshape(6, 8)  # no two pixels of one surface
    cloud = cloud_of(rng.integers(0, 255, (6, 8, 3), np.uint8), depth, look(), labels=apart)
    view = look(-4.0, 0.3, 0.2)
    shown, expected = splat(cloud, view), by_hand(cloud, view)
    hit = np.isfinite(expected)
    assert shown.mask[hit].all()
    alone = hit & (shown.depth >= expected - 1e-3)
    np.testing.assert_allclose(shown.depth[alone], expected[alone], rtol=1e-4)
    assert alone[hit].mean() > 0.9


def test_the_nearer_of_two_walls_is_seen_in_whatever_order_they_come():
    near, far = plain(3.0, shade=10), plain(8.0, shade=200)
    for cloud in (joined(near, far), joined(far, near)):
        shown = splat(cloud, look(-1.0))
        middle = shown.rgb[1:-1, 1:-1]
        assert (middle == 10).all()
        np.testing.assert_allclose(shown.depth[1:-1, 1:-1], 4.0, rtol=1e-5)


def test_a_wall_that_comes_near_does_not_break_up():
    shown = splat(plain(8.0), look(6.5))
    assert shown.mask.all()
    np.testing.assert_allclose(shown.depth, 1.5, rtol=1e-5)
    assert shown.stretch.min() > 20  # (8 / 1.5) ** 2 is 28 pixels a point


def test_a_turn_shows_nothing_where_nobody_looked():
    turned = View(np.zeros(3), np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]), 8, 6, 8 / 6, 1.0)
    assert not splat(plain(8.0), turned).mask.any()


def test_what_is_infinitely_far_turns_with_the_camera_and_never_comes_nearer():
    sky = plain(np.inf, shade=77)
    shown = splat(sky, look(500.0))
    assert shown.mask.all()
    assert np.isinf(shown.depth).all()
    assert (splat(joined(sky, plain(50.0, shade=5)), look()).rgb == 5).all()


def test_colours_between_points_are_between_theirs():
    ramp = np.broadcast_to(np.arange(8, dtype=np.uint8)[None, :, None] * 30, (6, 8, 3))
    cloud = cloud_of(ramp, np.full((6, 8), 8.0, np.float32), look())
    row = splat(cloud, look(6.0)).rgb[3, :, 0].astype(int)  # four times as near: a ramp a quarter as steep
    assert (np.abs(np.diff(row) - 7.5) <= 1).all()


def test_depth_that_does_not_fit_is_refused():
    with pytest.raises(InvalidInput, match="one size"):
        cloud_of(np.zeros((6, 8, 3), np.uint8), np.ones((6, 7), np.float32), look())
    with pytest.raises(InvalidInput, match="above 0 m"):
        plain(0.0)
