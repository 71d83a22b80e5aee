"""Rankings: laws of the measures, numbers worked by hand, and those of a published table."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from bridge.errors import InvalidInput
from evaluation.ranking import (
    MEASURES,
    fisher_interval,
    kendall,
    leverage,
    measures,
    mmrv,
    mmrv_as_printed,
    pairwise_accuracy,
    pearson,
    permutation_floor,
    spearman,
)
from evaluation.ranking_bootstrap import bootstrap, errors, self_agreement

TABLE = np.array(json.loads((Path(__file__).parents[1] / "golden" / "ctrlworld_table3.json").read_text()))
"""(task, policy, [instruction following real and in the world model, success real and in the world model])."""
FOLLOWS, SUCCEEDS = (TABLE[..., 0], TABLE[..., 1]), (TABLE[..., 2], TABLE[..., 3])

anything = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 1 << 30)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates of 3 to 10 policies in twentieths, ties among them, that are not all alike by either judge."""
    random = np.random.default_rng(seed)
    real, model = random.integers(0, random.integers(2, 21), (2, random.integers(3, 11))) / 20
    real[0], model[0] = real.min() + 0.5, model.min() + 0.25
    real[1], model[1] = real[0] - 0.5, model[0] - 0.25
    return np.round(real, 3), np.round(model, 3)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@anything
@given(seeds)
def test_a_model_that_says_what_is_true_is_perfect(seed):
    real, _ = drawn(seed)
    found = measures(real, real)
    for name in ("pearson", "spearman", "kendall", "pairwise_accuracy", "slope"):
        assert found[name] == pytest.approx(1.0)
    for name in ("mmrv", "mmrv_as_printed", "bias", "rmse", "intercept"):
        assert found[name] == pytest.approx(0.0, abs=1e-12)


@anything
@given(seeds, st.sampled_from([lambda v: v**3, np.exp, lambda v: 5 * v - 2, np.sqrt]))
def test_measures_of_order_do_not_change_under_a_rising_map_of_what_the_model_says(seed, rises):
    real, model = drawn(seed)
    mapped = rises(model)
    for measure in (spearman, kendall, mmrv, mmrv_as_printed, pairwise_accuracy):
        np.testing.assert_allclose(measure(real, mapped), measure(real, model), atol=1e-12)


@anything
@given(seeds)
def test_nothing_is_violated_where_the_orders_agree(seed):
    real, _ = drawn(seed)
    values, places = np.unique(real, return_inverse=True)
    model = np.sort(np.random.default_rng(seed).permutation(100)[: len(values)] / 100)[places]
    assert mmrv(real, model) == mmrv_as_printed(real, model) == 0.0
    assert pairwise_accuracy(real, model) == kendall(real, model) == pytest.approx(1.0)


@anything
@given(seeds)
def test_the_measures_are_those_of_the_statisticians(seed):
    real, model = drawn(seed)
    assert pearson(real, model) == pytest.approx(reference.pearsonr(real, model).statistic, abs=1e-9)
    assert spearman(real, model) == pytest.approx(reference.spearmanr(real, model).statistic, abs=1e-9)
    assert kendall(real, model) == pytest.approx(reference.kendalltau(real, model).statistic, abs=1e-9)


@anything
@given(seeds)
def test_no_measure_depends_on_how_policies_are_listed(seed):
    real, model = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(real))
    for name, value in measures(real, model).items():
        np.testing.assert_allclose(MEASURES[name](real[order], model[order]), value, atol=1e-12)


def test_rank_violations_worked_by_hand():
    # the model swaps 0.2 and 0.5, 0.3 apart: that is the worst for both of these, and 0.9 is in order: (0.3 + 0.3 + 0) / 3
    assert mmrv([0.2, 0.5, 0.9], [0.4, 0.1, 0.8]) == pytest.approx(0.2)
    # it takes 0.2 and 0.6 for a tie: only one of the two is charged with 0.4, which one is the difference of the conventions
    assert mmrv([0.2, 0.6], [0.5, 0.5]) == mmrv_as_printed([0.2, 0.6], [0.5, 0.5]) == pytest.approx(0.2)
    assert mmrv([0.2, 0.6, 0.7], [0.5, 0.5, 0.5]) == pytest.approx((0.0 + 0.4 + 0.5) / 3)
    assert mmrv_as_printed([0.2, 0.6, 0.7], [0.5, 0.5, 0.5]) == pytest.approx((0.5 + 0.1 + 0.0) / 3)
    # a tie in reality weighs nothing
    assert mmrv([0.5, 0.5], [0.1, 0.9]) == 0.0


def test_the_models_ties_are_worth_half_a_pair():
    assert pairwise_accuracy([0.1, 0.5, 0.9], [0.3, 0.3, 0.8]) == pytest.approx(2.5 / 3)
    assert np.isnan(pairwise_accuracy([0.5, 0.5], [0.1, 0.9]))


def test_what_is_not_defined_is_no_number():
    assert np.isnan(pearson([0.5, 0.5, 0.5], [0.1, 0.2, 0.3]))
    assert np.isnan(kendall([0.1, 0.2, 0.3], [0.4, 0.4, 0.4]))
    with pytest.raises(InvalidInput, match="one finite number"):
        pearson([0.1, 0.2], [0.1, float("nan")])
    with pytest.raises(InvalidInput, match=r"\(2,\) and \(3,\)"):
        mmrv([0.1, 0.2], [0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (FOLLOWS, {"pearson": 0.968, "spearman": 0.942, "kendall": 0.856, "slope": 0.87, "intercept": -0.04, "bias": -0.117, "mmrv_as_printed": 0.079}),
        (SUCCEEDS, {"pearson": 0.832, "spearman": 0.846, "slope": 0.82, "intercept": -0.11, "bias": -0.202, "mmrv_as_printed": 0.240}),
    ],
    ids=["instruction following", "success"],
)  # fmt: skip
def test_the_published_table_of_ctrl_world_is_reproduced(sides, expected):
    found = measures(*(side.ravel() for side in sides))
    for name, value in expected.items():
        digits = 0.005 if name in ("slope", "intercept") else 0.001
        assert found[name] == pytest.approx(value, abs=digits), name


def test_the_published_table_task_by_task_and_policy_by_policy():
    assert np.mean([mmrv(*task) for task in zip(*FOLLOWS)]) == 0.0
    assert np.mean([mmrv(*task) for task in zip(*SUCCEEDS)]) == pytest.approx(0.019, abs=0.0005)
    for real, model in (FOLLOWS, SUCCEEDS):
        assert mmrv(real.mean(axis=0), model.mean(axis=0)) == 0.0
        floor = permutation_floor(real.mean(axis=0), model.mean(axis=0), rng())
        assert (floor.is_exact, floor.p_value, floor.least_p) == (True, pytest.approx(1 / 6), pytest.approx(1 / 6))


def test_fishers_interval_worked_by_hand():
    # artanh(0.5) = 0.5493, 1.96 / sqrt(25) = 0.3920: tanh(0.1573) and tanh(0.9413)
    low, high = fisher_interval(0.5, 28) or (0.0, 0.0)
    assert (low, high) == (pytest.approx(0.156, abs=1e-3), pytest.approx(0.736, abs=1e-3))
    assert fisher_interval(0.9, 3) is None


def test_the_policy_that_a_correlation_stands_on_is_told_first():
    real, model = [0.1, 0.1, 0.2, 0.2, 1.0], [0.2, 0.1, 0.1, 0.2, 0.9]
    most = leverage(("a", "b", "c", "d", "far"), real, model)[0]
    assert most.policy == "far"
    assert most.without == pytest.approx(pearson(real[:4], model[:4]))
    assert most.without + 0.9 < pearson(real, model)


def test_chance_does_as_well_as_often_as_orders_drawn_say():
    real = np.arange(12.0)
    sure = permutation_floor(real, real, rng(), draws=999)
    assert (sure.is_exact, sure.p_value) == (False, pytest.approx(1 / 1000))
    none = permutation_floor(real, -real, rng(), draws=999)
    assert none.p_value == 1.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_drawing_anew_is_the_same_for_the_same_seed_and_holds_its_value(seed):
    random = np.random.default_rng(seed)
    real = (random.random((8, 20)) < np.linspace(0.1, 0.9, 8)[:, None]).astype(float)
    found = [bootstrap(real, real, np.random.default_rng(1), resamples=30, names=("pearson", "bias")) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0]["pearson"].low == pytest.approx(1.0)
    assert (found[0]["bias"].low, found[0]["bias"].high) == (0.0, 0.0)


def test_intervals_over_seeds_hold_a_known_bias_as_often_as_they_promise():
    held = []
    for trial in range(80):
        random = np.random.default_rng(trial)
        real, model = (random.random((6, 40)) < 0.5), (random.random((6, 40)) < 0.7)
        one = bootstrap(real, model, random, level="seeds", resamples=120, names=("bias",))["bias"]
        held.append(one.low <= 0.2 <= one.high)
    assert np.mean(held) > 0.84, "percentiles of few resamples are a little narrow"


def test_no_interval_is_drawn_over_a_handful_of_policies():
    real = np.linspace(0, 1, 4)[:, None] * np.ones(10)
    assert bootstrap(real, real, rng(), level="both")["pearson"].low is None
    assert bootstrap(real, real, rng(), level="seeds", resamples=10)["pearson"].low == pytest.approx(1.0)


def test_the_engine_agrees_with_itself_the_better_the_more_it_is_asked():
    chances = np.linspace(0.1, 0.9, 15)[:, None]
    few, many = ((np.random.default_rng(2).random((15, n)) < chances).astype(float) for n in (6, 200))
    assert self_agreement(few, rng()) < self_agreement(many, rng())
    assert self_agreement(many, rng()) > 0.97
    assert np.isnan(self_agreement(few[:, :3], rng()))


def test_errors_are_parted_into_what_all_share_a_line_and_single_policies():
    real = np.linspace(0.0, 1.0, 5)[:, None] * np.ones(8)
    shifted = errors(real, real + 0.1)
    assert (shifted.all, shifted.shared, shifted.own) == (
        pytest.approx(0.01),
        pytest.approx(0.01),
        pytest.approx(0.0, abs=1e-12),
    )
    flat = errors(real, 0.5 + 0.5 * (real - 0.5))
    assert (flat.shared, flat.stretch) == (pytest.approx(0.0, abs=1e-12), pytest.approx(flat.all))
    one_wrong = real.copy()
    one_wrong[2] += 0.3
    part = errors(real, one_wrong)
    assert part.own > part.shared > 0.0
    assert part.shared + part.stretch + part.own + part.chance == pytest.approx(part.all)
