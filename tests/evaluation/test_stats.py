"""Intervals and tests: held against hand-worked numbers, SciPy, and their own promise of 95 %."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from evaluation import stats


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_wilson_of_8_in_10_is_49_to_94_per_cent():
    # z = 1.96: middle (0.8 + 0.192)/(1.384) = 0.7167, half 1.4163 · sqrt(0.016 + 0.0096) = 0.2266
    assert stats.wilson(8, 10) == pytest.approx((0.4901, 0.9433), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(counts):
    k, n = counts
    expected = scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert stats.wilson(k, n) == pytest.approx(tuple(expected), abs=1e-12)


def test_no_success_at_all_leaves_room_above_and_none_below():
    low, high = stats.wilson(0, 20)
    assert low == 0.0
    assert 0.1 < high < 0.2


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_a_rate_of_impossible_counts_is_refused(k, n):
    with pytest.raises(ValueError, match="successes in"):
        stats.wilson(k, n)


def test_agents_that_always_share_their_fate_tell_as_much_as_one():
    alone = stats.rate([1, 0, 1, 1, 0, 1, 0, 1], [1] * 8)
    together = stats.rate([5, 0, 5, 5, 0, 5, 0, 5], [5] * 8)
    assert together.value == alone.value
    assert together.low == pytest.approx(alone.low, abs=0.03)
    assert together.high == pytest.approx(alone.high, abs=0.03)


def test_a_rate_of_nothing_is_none_and_of_one_episode_is_wilsons():
    assert stats.rate([], []) is None
    assert stats.rate([0], [0]) is None
    one = stats.rate([3], [4])
    assert (one.low, one.high, one.n) == (*stats.wilson(3, 4), 1)


def test_the_interval_of_a_mean_is_scipys_bca():
    sample = rng().exponential(10.0, size=30)
    expected = scipy.stats.bootstrap((sample,), np.mean, method="BCa", n_resamples=20_000, random_state=1)
    found = stats.mean(sample.tolist(), rng(2))
    assert found.value == pytest.approx(sample.mean())
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert found.low == pytest.approx(expected.confidence_interval.low, abs=0.03 * width)
    assert found.high == pytest.approx(expected.confidence_interval.high, abs=0.03 * width)


def test_intervals_of_means_hold_the_truth_about_as_often_as_they_say():
    source = rng(5)
    held = 0
    for trial in range(200):
        found = stats.mean(source.normal(3.0, 2.0, size=40).tolist(), rng(trial))
        held += found.low <= 3.0 <= found.high
    assert scipy.stats.binomtest(held, 200, 0.95).pvalue > 1e-3


def test_the_same_stream_gives_the_same_interval():
    sample = rng().normal(size=12).tolist()
    assert stats.mean(sample, rng(3)) == stats.mean(sample, rng(3))


def test_one_value_has_no_interval_equal_ones_have_one_of_no_width_and_none_has_no_mean():
    assert stats.mean([4.0], rng()) == stats.Estimate(4.0, None, None, 1)
    assert stats.mean([4.0, 4.0, 4.0], rng()) == stats.Estimate(4.0, 4.0, 4.0, 3)
    assert stats.mean([], rng()) is None


def test_nine_wins_of_ten_by_the_sign_test():
    # 2 · (C(10,0) + C(10,1)) / 2^10 = 22/1024; the tie says nothing
    assert stats.sign_test([1.0] * 9 + [-1.0, 0.0]) == pytest.approx(22 / 1024)
    assert stats.sign_test([0.0, 0.0]) == 1.0


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), max_size=40))
def test_the_sign_test_is_the_exact_binomial_one(differences):
    more, less = differences.count(1.0), differences.count(-1.0)
    expected = scipy.stats.binomtest(more, more + less).pvalue if more + less else 1.0
    assert stats.sign_test(differences) == pytest.approx(expected)


def test_holm_corrects_the_smallest_most_and_never_changes_the_order():
    # 0.01 · 3, then 0.02 · 2 = 0.04, then max(0.04, 0.03 · 1)
    assert stats.holm([0.02, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04])
    assert stats.holm([0.9, 0.8]) == [1.0, 1.0]
