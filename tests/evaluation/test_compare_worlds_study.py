"""Bands, onsets and verdicts of a comparison: from numbers whose answer is known."""

import numpy as np
import pytest

from bridge.control.seeds import stream
from evaluation import stats
from evaluation.compare_worlds import verdict
from evaluation.compare_worlds.bands import band
from evaluation.compare_worlds.plots import Line, curves
from evaluation.compare_worlds.study import agreement, curve, gain, onsets, plain, worst
from tests.evaluation.worlds import ERROR, luck, study


def test_a_band_is_the_mean_with_the_same_interval_as_a_sample_by_itself():
    sample = np.random.default_rng(1).exponential(2.0, 25)
    found = band(sample[:, None], stream(0, "one"))
    alone = stats.mean(sample.tolist(), stream(0, "another"))
    assert found.mean[0] == pytest.approx(alone.value)
    assert found.low[0] == pytest.approx(alone.low, abs=0.08)  # by other resamples
    assert found.high[0] == pytest.approx(alone.high, abs=0.12)


def test_episodes_that_end_early_count_as_long_as_they_last():
    values = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, np.nan], [5.0, np.nan, np.nan]])
    found = band(values, stream(0, "ends"))
    np.testing.assert_allclose(found.mean, [3.0, 3.0, 3.0])
    assert found.n.tolist() == [3, 2, 1]
    assert np.isfinite(found.low).tolist() == [True, True, False]


def test_a_sample_without_spread_has_an_interval_of_no_width_and_nothing_has_none():
    found = band(np.array([[2.0, np.nan], [2.0, np.nan]]), stream(0, "same"))
    assert (found.low[0], found.mean[0], found.high[0]) == (2.0, 2.0, 2.0)
    assert found.n[1] == 0
    assert np.isnan(found.mean[1])


def test_intervals_cover_the_mean_about_as_often_as_they_say():
    rng = np.random.default_rng(3)
    found = band(rng.normal(0.0, 1.0, (20, 400)), stream(0, "cover"))
    covered = ((found.low <= 0) & (found.high >= 0)).mean()
    assert 0.88 <= covered <= 0.98


def test_better_everywhere_is_said_with_the_last_horizon():
    found = study({"ours": 24.0 + luck(), "copy-last": 20.0 + luck(size=0.1)})
    assert (
        verdict.headline(found) == "ours is nearer to the engine than copy-last in PSNR at every horizon up to 1.8 s."
    )
    first = verdict.findings(found)[0]
    assert first.kind == "good"
    assert "+3.9" in first.text or "+4.0" in first.text
    assert "at 1.8 s (95 % interval" in first.text
    assert "n = 10" in first.text


def test_a_measure_where_less_is_better_turns_the_verdict_round():
    found = study({"ours": 0.1 + luck(size=0.001), "copy-last": 0.2 + luck(size=0.001)}, measure=ERROR)
    assert "ours is nearer to the engine than copy-last in Error at every horizon" in verdict.headline(found)


@pytest.mark.parametrize(
    ("offsets", "sentence"),
    [
        ([-3, -3, 3, 3, 3, 3], "is nearer to the engine than copy-last in PSNR from 0.9 s on, and farther at every horizon up to 0.6 s"),
        ([0, 0, 3, 3, 3, 0], "is nearer to the engine than copy-last in PSNR from 0.9 to 1.5 s, and not before"),
        ([3, -3, -3, -3, -3, -3], "is farther from the engine than copy-last in PSNR from 0.6 s on, and nearer only at 0.3 s"),
        ([-3, -3, -3, -3, -3, -3], "is farther from the engine than copy-last in PSNR at every horizon up to 1.8 s, and nowhere nearer"),
        ([0, 0, 0, 0, 0, 0], "is not shown to be nearer to the engine than copy-last in PSNR at any horizon"),
    ],
)  # fmt: skip
def test_the_verdict_says_over_which_horizons_it_holds(offsets, sentence):
    noise = luck()
    noise -= noise.mean(axis=0)
    found = study({"ours": 20.0 + np.array(offsets) + noise, "copy-last": np.full((10, 6), 20.0)})
    assert verdict.headline(found) == f"ours {sentence}."


def test_a_few_episodes_decide_nothing_however_far_apart():
    found = study({"ours": 50.0 + luck(5), "copy-last": 20.0 + luck(5, size=0.1)})
    assert verdict.headline(found) == "5 episodes cannot tell ours from copy-last: ask for 6 or more."


def test_horizons_that_few_episodes_reach_are_left_out_of_the_verdict():
    ours = 24.0 + luck()
    ours[4:, 4:] = np.nan
    found = study({"ours": ours, "copy-last": 20.0 + luck(size=0.1)})
    assert verdict.headline(found).endswith("at every horizon up to 1.2 s.")


def test_nothing_finished_and_no_yardstick_have_their_own_sentences():
    nothing = study({"copy-last": np.full((3, 2), 20.0)})
    assert verdict.headline(nothing) == "No episode of ours was finished: there is nothing to compare."
    assert "no copy-last was there" in verdict.headline(study({"ours": 20.0 + luck()}))


def test_a_dream_strays_at_the_first_horizon_where_copying_is_nearer_and_for_good_where_it_stays_so():
    values = np.array([[5.0, -1.0, 5.0, -1.0, -1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, 1.0, np.nan]])
    found = study({"ours": values, "copy-last": np.where(np.isnan(values), np.nan, 0.0)})
    np.testing.assert_allclose(onsets(found, "ours"), [0.6, np.inf, 0.6])
    np.testing.assert_allclose(onsets(found, "ours", for_good=True), [1.2, np.inf, np.inf])
    told = next(one.text for one in verdict.findings(found) if "strays" in one.text)
    assert "first after 0.6 s in the median of 3 episodes and never within 1.5 s in 1" in told
    assert "for good, to the end, in 1 of them" in told


def test_success_is_compared_at_the_last_moment_and_balanced():
    truth = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    dream = np.array([[0.0, 0.9], [0.0, 0.2], [0.9, 0.1], [0.0, np.nan]])
    found = agreement(study({"ours": luck(4, 2)}, success=truth, foretold={"ours": dream}), "ours")
    assert (found.both, found.only_engine, found.neither, found.only_dream) == (1, 1, 2, 0)
    assert found.balanced == pytest.approx((1 / 2 + 2 / 2) / 2)


def test_only_failures_say_little_of_verdicts_on_success():
    found = study({"ours": luck(4, 2)}, success=np.zeros((4, 2)), foretold={"ours": np.zeros((4, 2))})
    told = next(one for one in verdict.findings(found) if "On success" in one.text)
    assert "all episodes failed, so that this says little" in told.text
    assert told.kind == "open"


def test_an_oracle_that_departs_from_the_engine_makes_everything_suspect():
    others = {"ours": 24.0 + luck(), "copy-last": 20.0 + luck()}
    sound = study({**others, "oracle": np.full((10, 6), 55.0)})
    assert verdict.is_sound(sound)
    broken = study({**others, "oracle": np.full((10, 6), 21.0)})
    assert not verdict.is_sound(broken)
    assert any("trust no number here" in one.text for one in verdict.findings(broken))


def test_the_worst_episodes_are_those_that_lose_most_against_copying():
    ours = np.full((4, 3), 20.0)
    copied = np.array([[19.0], [25.0], [20.0], [22.0]]) + np.zeros((1, 3))
    assert worst(study({"ours": ours, "copy-last": copied}), "ours", most=3) == [1, 3, 2]


def test_a_curve_is_drawn_over_its_horizons_with_its_names_escaped():
    found = study({"<ours>": 24.0 + luck(), "copy-last": 20.0 + luck()}, model="<ours>")
    lines = [Line(label, curve(found, label, found.primary), i) for i, label in enumerate(found.values)]
    drawn = curves(lines, found.horizons_s, axis="PSNR (dB)")
    assert drawn.count('class="band') == 2
    assert drawn.count('class="line') == 2
    assert "&lt;ours&gt;" in drawn
    assert "<ours>" not in drawn
    zero = curves(
        [Line("g", gain(found, "<ours>", "copy-last", found.primary), 0)],
        found.horizons_s,
        axis="",
        zero=("up", "down"),
    )
    assert 'class="zero"' in zero


def test_results_have_a_word_for_what_never_happens():
    assert plain(np.array([1.25, np.nan, np.inf])) == [1.25, None, "never"]
