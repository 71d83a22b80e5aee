"""Verdicts of calibration on measurements that rise, stand still, fall, or rise less than they tremble."""

import numpy as np
import pytest

from evaluation.measures.calibration import document, markdown, spearman, verdict
from evaluation.measures.edits import EditKind

EDIT = EditKind("shift", "m", (0.01, 0.02, 0.05), lambda stage, size: stage.prediction())


def made(rows, name="rmse"):
    return verdict(name, EDIT, np.array(rows, dtype=float))


def test_ranks_correlate_as_spearman_says():
    """Ranks 1 2 3 4 against 1 3 2 4: 1 - 6 * 2 / (4 * 15) = 0.8."""
    assert spearman(np.array([1.0, 2, 3, 4]), np.array([10.0, 30, 20, 40])) == pytest.approx(0.8)
    assert spearman(np.arange(3.0), np.ones(3)) is None


def test_a_measure_that_rises_with_the_error_is_trusted():
    found = made([[0.0, 0.1, 0.2, 0.3]] * 5)
    assert (found.spearman, found.seen_from, found.is_trusted) == (1.0, 0.01, True)


def test_more_being_better_a_falling_measure_rises_with_the_error():
    assert made([[60, 40, 30, 20]] * 5, "psnr").is_trusted
    assert not made([[20, 30, 40, 60]] * 5, "psnr").is_trusted


def test_a_measure_that_never_changes_is_blind():
    found = made([[0.3, 0.3, 0.3, 0.3]] * 5)
    assert (found.spearman, found.seen_from, found.is_trusted) == (None, None, False)


def test_small_errors_may_drown_in_the_floor_while_large_ones_are_told():
    """The floor is 9 mm; shifts of 1 and 2 cm are above it in two episodes of five, one of 5 cm in all."""
    high, low = [0.009, 0.010, 0.02, 0.05], [0.009, 0.0085, 0.0088, 0.05]
    found = made([high, high, low, low, low])
    assert found.seen_from == 0.05


def test_an_episode_in_which_nothing_is_known_does_not_count():
    assert made([[np.nan] * 4, [0.0, 0.1, 0.2, 0.3]]).is_trusted


def test_the_table_marks_what_is_to_be_trusted():
    verdicts = {"manipulate": [made([[0.0, 0.1, 0.2, 0.3]]), made([[0.5, 0.5, 0.5, 0.5]], "ssim")]}
    told = document(verdicts, command=["--out", "x"], episodes=1)
    assert told["tasks"]["manipulate"]["shift"]["rmse"]["is_trusted"]
    text = markdown(verdicts)
    assert "| RMSE | **1.00 / 0.01** |" in text
    assert "| SSIM | · |" in text
