"""Spoilt depth: by as much as the knob says, the same for the same seed, and never for what is infinitely far."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from world_models.geodrive.depth import Corruption, corrupted
from world_models.geodrive.inputs import depth_of, nearness

FLAT = np.full((48, 80), 10.0, np.float32)


def test_exact_depth_stays_exact():
    np.testing.assert_array_equal(corrupted(FLAT, Corruption(), seed=1), FLAT)


def test_the_whole_scale_is_off_as_often_as_the_knob_says():
    factors = [corrupted(FLAT, Corruption(scale=0.1), seed=seed)[0, 0] / 10 for seed in range(300)]
    assert np.std(np.log(factors)) == pytest.approx(0.1, rel=0.15)
    assert np.ptp(corrupted(FLAT, Corruption(scale=0.1), seed=3)) < 1e-4


def test_drift_is_slow_across_the_picture():
    off = np.log(corrupted(FLAT, Corruption(drift=0.1), seed=2) / 10)
    assert np.ptp(off) > 0.1
    assert max(np.abs(np.diff(off, axis=0)).max(), np.abs(np.diff(off, axis=1)).max()) < 0.03


def test_noise_grows_with_the_square_of_the_distance():
    near, far = (np.std(corrupted(FLAT * times, Corruption(noise=0.02), seed=2)) for times in (1, 4))
    assert near == pytest.approx(0.2, rel=0.1)
    assert far == pytest.approx(16 * near, rel=0.01)


def test_near_surfaces_bleed_over_what_is_behind_them():
    depth = FLAT.copy()
    depth[:, 40:] = 3.0
    spoilt = corrupted(depth, Corruption(bleeding_px=2), seed=0)
    assert (spoilt[:, 38:] == 3.0).all()
    assert (spoilt[:, :38] == 10.0).all()


def test_the_same_seed_and_name_spoil_alike_and_others_do_not():
    knob = Corruption(0.05, 0.05, 0.05, 1)
    once = corrupted(FLAT, knob, seed=4, name="front")
    np.testing.assert_array_equal(once, corrupted(FLAT, knob, seed=4, name="front"))
    assert (once != corrupted(FLAT, knob, seed=5, name="front")).any()
    assert (once != corrupted(FLAT, knob, seed=4, name="rear")).any()


def test_the_sky_stays_infinitely_far():
    depth = FLAT.copy()
    depth[:10] = np.inf
    spoilt = corrupted(depth, Corruption(0.1, 0.1, 0.1), seed=1)
    assert np.isinf(spoilt[:10]).all()
    assert np.isfinite(spoilt[10:]).all()


def test_less_than_nothing_is_refused():
    with pytest.raises(InvalidInput, match="less than nothing"):
        Corruption(scale=-0.1)


def test_nearness_tells_depth_up_to_its_sky():
    depth = np.array([0.5, 3.0, 60.0, 350.0, np.inf], np.float32)
    np.testing.assert_allclose(depth_of(nearness(depth)), depth, rtol=1e-4)
    assert np.isinf(depth_of(nearness(np.array([2000.0], np.float32)))).all()
