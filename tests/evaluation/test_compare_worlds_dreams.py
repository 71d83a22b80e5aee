"""One dream: what it is known by, how it is dreamt piece by piece, and who is told what."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import DamagedFile, InvalidInput
from bridge.imagination import Prediction
from evaluation.compare_worlds.dreams import (
    Dream,
    Mind,
    Source,
    clip_digest,
    clip_of,
    imagined,
    joined,
    kept,
    run,
    sized,
)
from tests.evaluation import dreaming
from tests.evaluation.worlds import clip, data_set

FADING = "tests.evaluation.dreaming"


class Listening:
    """A model that remembers what it was asked, and answers with the last picture."""

    def __init__(self):
        self.asked = []

    def predict(self, past, course, *, samples=1, seed=0):
        self.asked.append((past, course))
        rgb = np.repeat(past.rgb[-1][None, None], len(course.times_s), axis=1)
        return Prediction(course.times_s, rgb, {"red-cube": np.zeros((1, len(course.times_s), 7))})

    def close(self):
        pass


def test_a_model_sees_the_first_moments_and_is_told_the_way_the_body_took():
    model, whole = Listening(), clip(moments=8)
    found = imagined(model, whole, now=1, length=20)
    ((past, course),) = model.asked
    assert len(past.times_s) == 2
    np.testing.assert_array_equal(course.body, whole.seen.body[2:])
    np.testing.assert_array_equal(found.times_s, whole.seen.times_s[2:])


def test_a_model_that_begins_anew_sees_the_truth_up_to_there_each_time():
    model, whole = Listening(), clip(moments=8)
    found = imagined(model, whole, now=1, length=5, keyframe_every=2)
    assert [(len(past.times_s), len(course.times_s)) for past, course in model.asked] == [(2, 2), (4, 2), (6, 1)]
    np.testing.assert_array_equal(found.rgb[0, 2], whole.seen.rgb[3])
    assert found.poses["red-cube"].shape == (1, 5, 7)


def test_one_that_stays_is_told_that_the_body_does_not_move():
    model, whole = Listening(), clip(moments=6)
    imagined(model, whole, now=2, length=3, stays=True)
    ((past, course),) = model.asked
    np.testing.assert_array_equal(course.body, np.repeat(past.body[-1:], 3, axis=0))


def test_the_ways_of_others_are_told_only_if_wanted():
    model, whole = Listening(), clip(moments=6)
    imagined(model, whole, now=1, length=3)
    imagined(model, whole, now=1, length=3, is_told_others=True)
    assert model.asked[0][1].others == {}
    np.testing.assert_array_equal(model.asked[1][1].others["red-cube"], whole.seen.things[0].poses[2:5])


def test_what_one_piece_lacks_the_whole_lacks():
    one = Prediction(np.array([1.0]), np.zeros((1, 1, 1, 2, 2, 3), np.uint8), success=np.zeros((1, 1)))
    other = replace(one, times_s=np.array([2.0]), success=None)
    whole = joined([one, other])
    assert whole.success is None
    assert whole.rgb.shape == (1, 2, 1, 2, 2, 3)


def test_a_dream_of_another_size_is_held_against_the_episode_in_the_episodes_size():
    coarse = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(1, 2, 1, 4, 6, 3)
    large = coarse.repeat(3, axis=3).repeat(3, axis=4)
    depth = large[..., 0].astype(np.float32)
    found = sized(Prediction(np.array([1.0, 2.0]), large, depth=depth), 4, 6)
    np.testing.assert_array_equal(found.rgb, coarse)
    np.testing.assert_array_equal(found.depth, coarse[..., 0])


def the_dream(folder, **changes) -> Dream:
    shown = clip(moments=6, done_from=4)
    data_set(folder, shown)
    source = Source("one", str(folder / "clips-00000.npz"), 0, clip_digest(shown))
    mind = Mind("fading", "model", FADING, dreaming.Config(0.2))
    return replace(Dream(source, mind, now=1, length=20, wanted=("psnr",), folder=str(folder / "dreams")), **changes)


def test_a_dream_is_measured_and_what_it_shows_is_kept(tmp_path):
    dream = the_dream(tmp_path)
    found = run(dream)
    assert found["frames"] == 4
    assert found["horizons_s"] == pytest.approx([0.3, 0.6, 0.9, 1.2])
    assert found["success"] == [0.0, 0.0, 1.0, 1.0]
    assert found["foretold"] == pytest.approx([0.1, 0.366667, 0.633333, 0.9])
    psnr = np.array(found["measures"]["psnr"])
    assert psnr.shape == (4, 3)
    assert (np.diff(psnr.mean(axis=1)) < 0).all(), "it fades, so it gets worse"
    assert kept(tmp_path / "dreams" / found["file"]).shape == (4, 3, 64, 64, 3)


def test_dreams_are_the_same_by_what_they_show_and_not_by_where_they_lie(tmp_path):
    here, there = the_dream(tmp_path / "a"), the_dream(tmp_path / "b")
    assert here.key == there.key
    stronger = replace(here, mind=replace(here.mind, config=dreaming.Config(0.3)))
    others = [
        stronger,
        replace(here, now=2),
        replace(here, keyframe_every=2),
        replace(here, mind=replace(here.mind, stays=True)),
    ]
    others.append(replace(here, mind=replace(here.mind, weights="others")))
    assert len({here.key, *(other.key for other in others)}) == 6


def test_an_episode_too_short_to_imagine_anything_is_said(tmp_path):
    with pytest.raises(InvalidInput, match="has 6 moments, too few to see 6"):
        run(the_dream(tmp_path, now=5))


def test_data_that_changed_meanwhile_are_not_taken_for_the_same(tmp_path):
    dream = the_dream(tmp_path)
    data_set(tmp_path, clip(seed=5, moments=6))
    with pytest.raises(DamagedFile, match="changed while it was compared"):
        clip_of(dream.source)
