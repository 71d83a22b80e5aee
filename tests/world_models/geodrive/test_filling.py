"""Holes: what is seen stays as it is, and a hole takes after what is around it."""

import numpy as np

from world_models.geodrive.filling import nearest, smooth

RNG = np.random.default_rng(5)


def picture(height=13, width=22, channels=3):
    return RNG.random((height, width, channels)).astype(np.float32)


def test_what_is_seen_stays_as_it_is():
    seen = RNG.random((13, 22)) < 0.3
    for fill in (nearest, smooth):
        whole = picture()
        np.testing.assert_array_equal(fill(whole, seen)[seen], whole[seen])


def test_a_hole_takes_the_nearest_pixel():
    whole = picture()
    seen = np.ones((13, 22), bool)
    seen[4:9, 8] = False
    filled = nearest(whole, seen)
    assert all(any((filled[row, 8] == whole[row, column]).all() for column in (7, 9)) for row in range(4, 9))


def test_smooth_filling_of_one_colour_is_that_colour_however_little_is_seen():
    seen = np.zeros((96, 160), bool)
    seen[70, 3] = True
    np.testing.assert_allclose(smooth(np.full((96, 160, 2), 0.37, np.float32), seen), 0.37, atol=1e-4)


def test_smooth_filling_never_leaves_the_range_of_what_was_seen():
    seen = RNG.random((31, 47)) < 0.1
    whole = picture(31, 47)
    filled = smooth(whole, seen)
    assert filled.min() >= whole[seen].min() - 1e-3
    assert filled.max() <= whole[seen].max() + 1e-3


def test_smooth_filling_takes_after_what_weighs_more():
    whole = np.zeros((2, 16, 1), np.float32)
    whole[:, ::2] = 1.0
    seen = np.array([[True], [False]]).repeat(16, axis=1)
    weight = np.where(np.arange(16) % 2 == 0, 1.0, 0.01)[None].repeat(2, axis=0).astype(np.float32)
    np.testing.assert_allclose(smooth(whole, seen)[1], 0.5, atol=1e-4)
    np.testing.assert_allclose(smooth(whole, seen, weight)[1], 1 / 1.01, atol=1e-3)


def test_where_nothing_was_seen_nearest_leaves_things_be_and_smooth_is_grey():
    whole, nothing = picture(), np.zeros((13, 22), bool)
    np.testing.assert_array_equal(nearest(whole, nothing), whole)
    np.testing.assert_allclose(smooth(whole, nothing), 0.5)
