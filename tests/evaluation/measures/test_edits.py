"""Errors of known size, on a made-up episode: they are as large as they say, and none of size nothing."""

from types import SimpleNamespace

import numpy as np
import pytest

from evaluation.measures import measure
from evaluation.measures.edits import Stage, edits
from tests.evaluation.measures.scenes import clip

NOW = 2


@pytest.fixture
def stage():
    """A stage whose engine episode is the made-up one."""
    made = Stage("manipulate", 0, 8, NOW)
    made.__dict__["true"] = SimpleNamespace(clip=clip(8))
    return made


def edit(name):
    return next(one for one in edits("manipulate") if one.name == name)


def test_without_an_edit_the_prediction_is_true(stage):
    row = measure(clip(8), stage.prediction(), NOW, wanted=["rmse", "place_m", "success_brier"])
    for value in row.values():
        np.testing.assert_array_equal(value, 0.0)


@pytest.mark.parametrize("name", ["blur", "noise", "light"])
def test_pictures_err_the_more_the_larger_the_edit_and_places_do_not(stage, name):
    rows = [
        measure(clip(8), edit(name).made(stage, size), NOW, wanted=["rmse", "place_m"]) for size in edit(name).sizes
    ]
    assert (np.diff([row["rmse"].mean() for row in rows]) > 0).all()
    assert all((row["place_m"] == 0).all() for row in rows)


def test_a_delay_of_two_frames_puts_what_slides_10_cm_behind(stage):
    """5 cm a frame; one thing of two slides, and at the first moment only one frame has passed: 2.5 cm, then 5 cm on average."""
    row = measure(clip(8), edit("delay").made(stage, 2), NOW, wanted=["place_m"])
    np.testing.assert_allclose(row["place_m"], [0.025, 0.05, 0.05, 0.05, 0.05])


def test_shuffled_frames_are_all_true_ones_in_another_order(stage):
    told = edit("shuffle").made(stage, 1.0).rgb[0]
    own = clip(8).seen.rgb[NOW + 1 :]
    found = [next(i for i, one in enumerate(own) if (one == frame).all()) for frame in told]
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert all(i != j for i, j in enumerate(found))


def test_the_same_seed_makes_the_same_noise(stage):
    first, second = (edit("noise").made(stage, 10).rgb for _ in range(2))
    np.testing.assert_array_equal(first, second)
