"""GeoDrive as a world model: what it needs, what it answers, and that without a trained refiner it is the filled splat."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import InvalidInput
from bridge.imagination import ModelInfo
from tests.world_models.geodrive.street import CRATE, FRONT, course, episode, past
from world_models import geodrive, splat
from world_models.geodrive.depth import Corruption
from world_models.geodrive.model import Filler, GeoDrive, Rules


def psnr(a, b) -> float:
    return float(-10 * np.log10(np.mean((a.astype(float) - b) ** 2) / 255**2))


@pytest.mark.parametrize("fill", ["none", "nearest", "smooth"])
def test_the_splat_answers_pictures_depth_poses_and_trust(fill):
    found = splat.make(splat.Config(fill=fill)).predict(past(), course(), samples=2)
    assert (found.rgb.shape, found.rgb.dtype) == ((2, 4, 1, 48, 80, 3), np.uint8)
    assert found.depth is not None
    assert found.trust is not None
    assert found.depth.shape == (2, 4, 1, 48, 80)
    assert found.poses[CRATE].shape == (2, 4, 7)
    assert (np.diff(found.trust) < 0).all()
    np.testing.assert_array_equal(found.times_s, course().times_s)
    np.testing.assert_array_equal(found.rgb[0], found.rgb[1])


def test_the_splat_is_nearer_to_what_came_than_the_last_picture():
    seen = episode()
    found = splat.make(splat.Config()).predict(past(), course())
    for ahead in range(4):
        truth = seen.rgb[2 + ahead]
        assert psnr(found.rgb[0, ahead], truth) > psnr(seen.rgb[1], truth) + 1.0


def test_moving_things_by_their_boxes_tells_where_they_are():
    seen, crate = episode(), episode().labels[5, 0] == 1
    moving, still = (
        splat.make(splat.Config(editing=editing)).predict(past(), course()).rgb[0, 3, 0] for editing in (True, False)
    )
    truth = seen.rgb[5, 0]
    assert psnr(moving[crate], truth[crate]) > psnr(still[crate], truth[crate]) + 1.0


def test_a_way_that_is_given_and_a_removal_show():
    aside = np.tile(past().things[0].poses[-1], (4, 1)) + np.array([0, 1.5, 0, 0, 0, 0, 0])
    model = splat.make(splat.Config(fill="none"))
    given = model.predict(past(), course(others={CRATE: aside}))
    np.testing.assert_array_equal(given.poses[CRATE][0], aside)
    gone = model.predict(past(), course(removed=frozenset({CRATE})))
    assert CRATE not in gone.poses
    assert (given.rgb != gone.rgb).any()


def test_spoilt_depth_makes_worse_pictures():
    seen = episode()
    clean, spoilt = (
        splat.make(splat.Config(corruption=knob)).predict(past(), course(), seed=1)
        for knob in (Corruption(), Corruption(scale=0.3, drift=0.2))
    )
    assert psnr(clean.rgb[0, 3], seen.rgb[5]) > psnr(spoilt.rgb[0, 3], seen.rgb[5])


class Ruler:
    """An estimator that knows the truth."""

    def depth(self, rgb, camera):
        assert (rgb.shape, camera) == ((48, 80, 3), FRONT)
        return episode().depth[1, 0]


def test_an_estimator_stands_in_for_depth_that_nobody_measured():
    blind = past(depth=None)
    with pytest.raises(InvalidInput, match="give it a depth estimator"):
        splat.make(splat.Config()).predict(blind, course())
    model = GeoDrive(ModelInfo("splat", "any"), Filler(), Rules(keyframe=0), Ruler())
    np.testing.assert_array_equal(
        model.predict(blind, course()).rgb, splat.make(splat.Config()).predict(past(), course()).rgb
    )


def test_what_was_imagined_stays_when_it_is_seen_again():
    there_and_back = replace(course(), body=episode().body[[3, 5, 3, 1]])
    white = Blank()
    kept = GeoDrive(ModelInfo("geodrive", "drive"), white, Rules(keyframe=2)).predict(past(), there_and_back)
    forgotten = GeoDrive(ModelInfo("geodrive", "drive"), white, Rules(keyframe=0)).predict(past(), there_and_back)
    assert (kept.trust[2:] > forgotten.trust[2:]).all()
    np.testing.assert_array_equal(kept.rgb[0, :2], forgotten.rgb[0, :2])


class Blank(Filler):
    """Fills holes with white walls at 20 m."""

    def completed(self, splats, reference, ahead_s, *, seed):
        rgb, depth = super().completed(splats, reference, ahead_s, seed=seed)
        holes = ~np.stack([one.mask for one in splats])
        rgb[holes], depth[holes] = 255, 20.0
        return rgb, depth


def test_what_does_not_fit_is_refused():
    model = splat.make(splat.Config())
    with pytest.raises(InvalidInput, match="a pose for each time"):
        model.predict(past(), replace(course(), body=course().body[:2]))
    with pytest.raises(InvalidInput, match="Ask for at least 1"):
        model.predict(past(), course(), samples=0)
    with pytest.raises(InvalidInput, match="1 to 4 steps"):
        geodrive.Config(steps=5)
