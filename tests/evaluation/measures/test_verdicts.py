"""Verdicts of success and onsets of error, on numbers worked by hand."""

import numpy as np
import pytest

from evaluation.measures import agreement, onset, onset_s

TIMES = np.array([0.3, 0.6, 0.9, 1.2])


def test_claims_that_are_right_and_sure_agree_fully():
    found = agreement([1.0, 0.0, 1.0], [1, 0, 1])
    assert found is not None
    assert found.balanced_accuracy == 1.0
    assert found.brier is not None
    assert found.brier.value == 0.0
    assert found.calibration_error == 0.0


def test_who_always_claims_success_is_no_better_than_a_coin():
    found = agreement([1.0] * 10, [1] * 8 + [0] * 2)
    assert found is not None
    assert found.accuracy is not None
    assert (found.accuracy.value, found.balanced_accuracy) == (0.8, 0.5)
    assert found.calibration_error == pytest.approx(0.2)


def test_probabilities_that_mean_what_they_say_are_calibrated():
    """Of ten claimed at 0.3 three come true: no gap; the Brier score is that of the rate, 0.3 * 0.7."""
    found = agreement([0.3] * 10, [1] * 3 + [0] * 7)
    assert found is not None
    assert found.brier is not None
    assert found.calibration_error == pytest.approx(0.0)
    assert found.brier.value == pytest.approx(found.brier_of_rate)


def test_without_both_verdicts_there_is_no_balance():
    found = agreement([0.9, np.nan], [1, 0])
    assert found is not None
    assert (found.n, found.balanced_accuracy) == (1, None)
    assert agreement([], []) is None


@pytest.mark.parametrize(
    ("excess", "first", "for_good"),
    [
        ([-1.0, 1.0, -1.0, 1.0], 0.6, 1.2),
        ([-1.0, -1.0, -1.0, -1.0], np.inf, np.inf),
        ([1.0, 1.0, 1.0, 1.0], 0.3, 0.3),
        ([np.nan, -1.0, 1.0, np.nan], 0.9, 0.9),
        ([0.0, 0.0, 0.0, 0.0], np.inf, np.inf),
    ],
)
def test_onset_is_the_first_time_above_copying(excess, first, for_good):
    assert onset_s(np.array(excess), TIMES) == first
    assert onset_s(np.array(excess), TIMES, for_good=True) == for_good


def test_onsets_of_many_are_a_median_with_nevers_last():
    never = -np.ones(4)
    found = onset([np.array([-1.0, 1.0, 1.0, 1.0]), never, np.array([1.0, 1.0, 1.0, 1.0])], [TIMES] * 3)
    assert found is not None
    assert (found.n, found.never, found.median_s) == (3, pytest.approx(1 / 3), 0.6)
    always = onset([never] * 3, [TIMES] * 3)
    assert always is not None
    assert (always.never, always.median_s, always.high_s) == (1.0, None, None)
