"""Fréchet distances against the closed form of normal distributions, and features against a plain reference."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from bridge.errors import InvalidInput
from evaluation.measures.frechet import WINDOW, Sets, film_features, frechet

RNG = np.random.default_rng(2)
A, B = RNG.normal(size=(300, 6)), RNG.normal(size=(200, 6)) @ RNG.normal(size=(6, 6)) + 1.0


def test_the_distance_of_a_set_to_itself_is_nothing():
    assert frechet(A, A) == pytest.approx(0.0, abs=1e-9)


def test_the_distance_is_the_same_both_ways():
    assert frechet(A, B) == pytest.approx(frechet(B, A))


def test_a_shift_alone_counts_by_its_square():
    assert frechet(A, A + np.array([3.0, 4.0, 0, 0, 0, 0])) == pytest.approx(25.0)


def test_the_distance_is_that_of_the_published_formula():
    ca, cb = np.cov(A.T), np.cov(B.T)
    plain = np.sum((A.mean(0) - B.mean(0)) ** 2) + np.trace(ca + cb - 2 * np.real(sqrtm(ca @ cb)))
    assert frechet(A, B) == pytest.approx(plain)


def test_sets_smaller_than_their_vectors_are_long_are_measured_all_the_same():
    few = RNG.normal(size=(4, 50))
    assert frechet(few, few) == pytest.approx(0.0, abs=1e-9)
    assert frechet(few, few + 1.0) == pytest.approx(50.0)


def test_sets_without_a_spread_are_refused():
    with pytest.raises(InvalidInput, match="two vectors"):
        frechet(A[:1], B)


def test_films_differ_by_their_changes_where_their_pictures_do_not():
    """The same frames, once in order and once shuffled: pictures alone cannot tell, changes can."""
    walk = np.cumsum(RNG.random((12, 3)), axis=0)
    calm, wild = film_features(walk), film_features(walk[RNG.permutation(12)])
    assert calm.shape == (12 - WINDOW + 1, 6)
    assert calm[:, 3:].mean() < wild[:, 3:].mean()


def test_sets_gather_episodes_and_measure_by_view():
    sets = Sets(lambda rgb: rgb.mean(axis=(-3, -2)))
    for _ in range(4):
        rgb = RNG.integers(0, 200, (6, 2, 4, 4, 3), dtype=np.uint8)
        lighter = rgb.copy()
        lighter[:, 1] += 50
        sets.add(rgb, lighter)
    assert sets.pictures(0) == pytest.approx(0.0, abs=1e-6)
    assert sets.pictures(1) == pytest.approx(3 * 50.0**2)
    assert sets.films(0) == pytest.approx(0.0, abs=1e-6)
    assert sets.floor() > 0
