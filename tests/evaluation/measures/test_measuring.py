"""What `measure` and `curves` promise: perfection is perfect, errors are what they are, and what does not fit is said."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import InvalidInput, UnknownName
from evaluation.measures import MEASURES, curves, distrusted, measure, registry
from tests.evaluation.measures.scenes import clip, true_prediction

WANTED = ("pixels", "states", "laws", "success", "onset")
PERFECT = {"psnr": 60.0, "psnr_moving": 60.0, "ssim": 1.0, "ms_ssim": 1.0, "rmse": 0.0, "place_m": 0.0, "place_moved_m": 0.0,
           "turn_rad": 0.0, "gone": 0.0, "success_brier": 0.0}  # fmt: skip


def test_a_perfect_prediction_scores_perfectly_at_every_horizon():
    row = measure(clip(), true_prediction(clip(), 2, samples=2), 2, wanted=WANTED)
    for name, value in PERFECT.items():
        known = row[name][~np.isnan(row[name])]
        assert len(known)
        np.testing.assert_allclose(known, value, atol=1e-7, err_msg=name)


def test_measures_are_by_horizon_or_by_horizon_and_view():
    row = measure(clip(8, views=2), true_prediction(clip(8, views=2), 2), 2, wanted=WANTED)
    assert {name: value.shape for name, value in row.items()} == {
        name: (5, 2) if MEASURES[name].is_by_view else (5,) for name in row
    }


def test_a_place_is_as_far_off_as_it_is_told_to_be():
    """One of two things told 4 cm beside where it is, in one sample of two: (0.04 / 2) / 2 = 1 cm."""
    of = clip()
    told = true_prediction(of, 2, samples=2)
    poses = dict(told.poses)
    poses["still"] = poses["still"].copy()
    poses["still"][0, :, 1] += 0.04
    row = measure(of, replace(told, poses=poses), 2, wanted=["place_m", "place_moved_m"])
    np.testing.assert_allclose(row["place_m"], 0.01)
    np.testing.assert_allclose(row["place_moved_m"], 0.0)


def test_a_half_turn_is_pi():
    of = clip()
    told = true_prediction(of, 2)
    turned = {name: np.concatenate([p[..., :3], np.broadcast_to([0.0, 0.0, 0.0, 1.0], (*p.shape[:-1], 4))], axis=-1) for name, p in told.poses.items()}  # fmt: skip
    np.testing.assert_allclose(measure(of, replace(told, poses=turned), 2, wanted=["turn_rad"])["turn_rad"], np.pi)


def test_copying_the_last_picture_exceeds_copying_by_nothing():
    of = clip()
    n = len(of) - 3
    copied = replace(true_prediction(of, 2), rgb=np.repeat(of.seen.rgb[None, 2:3], n, axis=1))
    np.testing.assert_allclose(measure(of, copied, 2, wanted=["onset"])["excess_rmse"], 0.0, atol=1e-12)


def test_a_longer_prediction_is_cut_where_the_clip_ends():
    of = clip(8)
    assert len(measure(replace_length(of, 6), true_prediction(of, 2), 2, wanted=["psnr"])["psnr"]) == 3


def test_what_is_not_told_is_left_out():
    of = clip()
    row = measure(of, replace(true_prediction(of, 2), poses={}, success=None), 2, wanted=WANTED)
    assert not {"place_m", "gone", "success_brier", "depth_rel"} & set(row)


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (lambda p: replace(p, times_s=p.times_s + 0.1), "went on at"),
        (lambda p: replace(p, rgb=p.rgb[..., :32, :]), "were expected"),
        (lambda p: replace(p, poses={"still": p.poses["still"][:, :2]}), "poses of 'still'"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(spoiled, says):
    of = clip()
    with pytest.raises(InvalidInput, match=says):
        measure(of, spoiled(true_prediction(of, 2)), 2)


def test_a_wrong_name_is_told_the_near_one():
    with pytest.raises(UnknownName, match="Did you mean 'psnr'"):
        measure(clip(), true_prediction(clip(), 2), 2, wanted=["psnrr"])
    with pytest.raises(UnknownName, match="measure"):
        distrusted("psnrr", "manipulate")


def test_what_was_never_calibrated_is_neither_trusted_nor_distrusted(monkeypatch):
    table = {"manipulate": {"shift": {"psnr": {"is_trusted": True}}, "blur": {"psnr": {"is_trusted": False}}}}
    monkeypatch.setattr(registry, "calibrations", lambda: table)
    assert distrusted("psnr", "manipulate") == ("blur",)
    assert distrusted("ssim", "manipulate") is None
    assert distrusted("psnr", "drive") is None


def test_curves_are_means_with_intervals_over_episodes():
    rows = [{"place_m": np.array([0.1, 0.2]) * k} for k in (1.0, 2.0, 3.0)] + [{"place_m": np.array([0.2])}]
    curve = curves(rows)["place_m"]
    np.testing.assert_allclose(curve.mean, [0.2, 0.4])
    np.testing.assert_array_equal(curve.count, [4, 3])
    assert (curve.low <= curve.mean).all()
    assert (curve.mean <= curve.high).all()
    assert curve.overall() == pytest.approx(0.3)


def test_curves_of_views_are_theirs_and_their_mean():
    rows = [{"psnr": np.array([[10.0, 20.0], [30.0, np.nan]])}] * 2
    curve = curves(rows)["psnr"]
    np.testing.assert_allclose(curve.mean, [15.0, 30.0])
    np.testing.assert_allclose([view.mean for view in curve.views], [[10.0, 30.0], [20.0, np.nan]])


def test_the_same_rows_and_seed_give_the_same_curves():
    rows = [{"place_m": np.random.default_rng(k).random(4)} for k in range(5)]
    first, second = curves(rows, seed=3)["place_m"], curves(rows, seed=3)["place_m"]
    np.testing.assert_array_equal(first.low, second.low)


def replace_length(of, length):
    """The first moments of a clip."""
    return replace(of, seen=of.past(length - 1), success=of.success[:length])
