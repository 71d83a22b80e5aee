"""Few engine episodes and many dreams: the interval holds the truth however wrong dreams are, and is narrow where they are right."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from evaluation.prediction_coverage import coverage
from evaluation.prediction_powered import METHODS, best_power, betting_interval, powered


def drawn(seed: int, n: int, rate: float, right: float) -> tuple[np.ndarray, np.ndarray]:
    """Engine verdicts, and those of a model that repeats them with probability `right`."""
    random = np.random.default_rng(seed)
    real = (random.random(n) < rate).astype(float)
    return real, np.where(random.random(n) < right, real, 1.0 - real)


def test_the_estimate_is_the_dreams_mean_put_right_by_the_pairs():
    real, model, more = (
        np.array([1.0, 0.0, 1.0, 1.0]),
        np.array([1.0, 1.0, 1.0, 1.0]),
        np.array([1.0, 1.0, 0.0, 1.0, 1.0]),
    )
    assert powered(real, model, more, method="student", power=1.0).value == pytest.approx(0.8 + (0.75 - 1.0))
    assert powered(real, model, more, method="student", power=0.0).value == pytest.approx(0.75)


def test_a_model_that_says_nothing_is_not_listened_to():
    real, _ = drawn(0, 30, 0.6, 1.0)
    assert best_power(real, np.ones(30), np.ones(100)) == 0.0
    alone = powered(real, np.ones(30), np.ones(100), method="student")
    assert (alone.low, alone.high) == pytest.approx(alone.classical)
    assert alone.saved == pytest.approx(0.0, abs=1e-9)


def test_a_perfect_model_is_worth_nearly_as_many_episodes_as_it_dreamt():
    real, _ = drawn(1, 420, 0.6, 1.0)
    found = powered(real[:20], real[:20], real[20:], method="normal")
    assert found.power > 0.75
    assert found.worth > 100


def test_more_agreement_is_a_narrower_interval():
    widths = []
    for right in (0.55, 0.75, 0.95):
        real, model = drawn(2, 1030, 0.5, right)
        widths.append(powered(real[:30], model[:30], model[30:], method="plus").width)
    assert widths[0] > widths[1] > widths[2]


@pytest.mark.parametrize("right", [0.5, 0.9, 0.1], ids=["useless", "good", "always wrong"])
@pytest.mark.parametrize("method", ["plus", "betting"])
def test_the_interval_holds_the_truth_however_wrong_the_model_is(method, right):
    real, model = (
        np.stack(side) for side in zip(*(drawn(i, 200, rate, right) for i, rate in enumerate((0.1, 0.5, 0.95))))
    )
    found = coverage(real, model, np.random.default_rng(0), n=12, m=60, method=method, draws=50)
    assert found.covered >= 0.93


def test_a_few_episodes_that_all_went_well_are_not_taken_for_certainty():
    ones = np.ones(10)
    assert powered(ones, ones, np.ones(40), method="student").width == 0.0
    assert powered(ones, ones, np.ones(40), method="plus").low < 0.85
    assert powered(ones, ones, np.ones(40), method="betting").low < 0.85


def test_good_dreams_save_engine_episodes_and_useless_ones_do_not():
    saved = []
    for right in (0.95, 0.5):
        real, model = (side[None] for side in drawn(4, 400, 0.5, right))
        saved.append(coverage(real, model, np.random.default_rng(0), n=20, m=200, method="plus", draws=60).saved)
    assert saved[0] > 10.0
    assert abs(saved[1]) < 3.0


def test_betting_narrows_with_more_values_and_holds_their_mean():
    real, _ = drawn(5, 400, 0.3, 1.0)
    few, many = betting_interval(real[:20]), betting_interval(real)
    assert few[0] <= real[:20].mean() <= few[1]
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])
    assert betting_interval(np.ones(50))[1] == 1.0


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_a_rate_or_not_paired_is_refused(method):
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        powered([0.0, 2.0], [0.0, 1.0], [1.0], method=method)
    with pytest.raises(InvalidInput, match="At least 2"):
        powered([1.0], [1.0], [1.0, 0.0], method=method)
    with pytest.raises(InvalidInput, match=r"\(n,\)"):
        powered([1.0, 0.0], [1.0], [1.0], method=method)
