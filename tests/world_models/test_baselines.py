"""The floors that every world model is held against: nothing changes, and all goes on as it went."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from bridge.imagination import Course, Past, Thing
from bridge.types import Camera, Pose
from world_models import constant_velocity, copy_last
from world_models.flow import affine_flow, warped

CAMERA = Camera("front", 64, 48, 1.0, Pose(np.zeros(3)), "body")


def pose(x, yaw=0.0):
    return np.array([x, 0.0, 0.0, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)])


def textured(seed=0):
    """A picture (48,64,3) of soft blobs."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (12, 16, 3))
    wide = np.repeat(np.repeat(coarse, 4, axis=0), 4, axis=1)
    for axis in (0, 1):
        for _ in range(6):
            wide = (np.roll(wide, 1, axis) + 2 * wide + np.roll(wide, -1, axis)) / 4
    return wide.astype(np.uint8)


def past(pictures, ways):
    """A past of pictures 0.4 s apart, and of one car with these poses."""
    n = len(pictures)
    rgb = np.stack(pictures)[:, None]
    car = Thing("van-1", "vehicle", (5.0, 2.0, 2.0), np.stack(ways))
    return Past(0.4 * np.arange(n), (CAMERA,), rgb, np.stack([pose(0.0)] * n), things=(car,))


def course(n, begin_s):
    return Course(begin_s + 0.4 * np.arange(1, n + 1), np.stack([pose(0.0)] * n))


def test_copy_last_shows_the_last_moment_again_and_again():
    pictures = [textured(0), textured(1)]
    found = copy_last.make(copy_last.Config()).predict(
        past(pictures, [pose(0.0), pose(2.0)]), course(3, 0.4), samples=2
    )
    assert found.rgb.shape == (2, 3, 1, 48, 64, 3)
    assert (found.rgb == pictures[1]).all()
    assert (found.poses["van-1"] == pose(2.0)).all()


def test_what_moved_moves_on_and_what_turned_turns_on():
    model = constant_velocity.make(constant_velocity.Config())
    found = model.predict(past([textured()] * 2, [pose(0.0, 0.0), pose(2.0, 0.1)]), course(2, 0.4))
    np.testing.assert_allclose(found.poses["van-1"][0], [pose(4.0, 0.2), pose(6.0, 0.3)], atol=1e-9)


def test_pictures_go_on_as_they_went():
    first = textured()
    shift = np.array([[0.0, 0.0, 2.0], [0.0, 0.0, -1.0]])
    model = constant_velocity.make(constant_velocity.Config())
    found = model.predict(past([first, warped(first, shift)], [pose(0.0)] * 2), course(1, 0.4))
    truth = warped(first, 2 * shift)
    off = np.abs(found.rgb[0, 0, 0, 6:-6, 6:-6].astype(int) - truth[6:-6, 6:-6]).mean()
    copied = np.abs(warped(first, shift)[6:-6, 6:-6].astype(int) - truth[6:-6, 6:-6]).mean()
    assert off < 0.25 * copied


@pytest.mark.parametrize(
    "flow", [[[0, 0, 2.5], [0, 0, -1.2]], [[0.03, 0, 0], [0, 0.03, 1]], [[0, -0.05, 0], [0.05, 0, 0]]]
)
def test_the_flow_that_was_is_found(flow):
    picture = textured()
    np.testing.assert_allclose(affine_flow(picture, warped(picture, np.array(flow))), flow, atol=0.15)


def test_no_flow_is_found_where_there_is_none():
    grey = np.full((48, 64, 3), 90, np.uint8)
    assert (affine_flow(grey, grey) == 0).all()


def test_courses_that_do_not_follow_are_refused():
    model = copy_last.make(copy_last.Config())
    seen = past([textured()], [pose(0.0)])
    with pytest.raises(InvalidInput, match="one after the other"):
        model.predict(seen, course(2, -0.4))
    with pytest.raises(InvalidInput, match="0 samples"):
        model.predict(seen, course(1, 0.0), samples=0)
