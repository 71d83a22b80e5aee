"""Training: examples are splats beside what was to be seen, a small refiner learns a few clips, and one that was stopped goes on."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import InvalidInput
from tests.world_models.geodrive.street import episode
from world_models import geodrive
from world_models.clips import Clip, write_shard

torch = pytest.importorskip("torch")

from world_models.geodrive.calibration import KINDS, MOST_SHARE, share_map, shares, trust_line  # noqa: E402
from world_models.geodrive.examples import Drawing, drawn, example, fogged, usable  # noqa: E402
from world_models.geodrive.learning import learn, measured  # noqa: E402
from world_models.geodrive.weights import read  # noqa: E402

SETTINGS = geodrive.Training(steps=4, batch=2, rate=3e-3, ahead=3, held_out=0.0, channels=(8, 16), device="cpu", precision="float32")  # fmt: skip


def clip() -> Clip:
    return Clip("drive", episode(), np.zeros(6, bool))


@pytest.fixture
def data(tmp_path):
    write_shard(tmp_path / "data" / "one.npz", [clip(), clip()])
    return tmp_path / "data"


def test_an_example_shows_the_splat_and_what_was_to_be_seen():
    one = example(clip(), 1, 3)
    assert [part.shape for part in (one.reference, one.condition, one.ahead_s, one.target, one.weight)] == [
        (1, 4, 48, 80), (1, 9, 48, 80), (1,), (1, 4, 48, 80), (1, 48, 80),
    ]  # fmt: skip
    np.testing.assert_allclose(one.target[0, :3].transpose(1, 2, 0) * 127.5 + 127.5, episode().rgb[4, 0], atol=0.01)
    assert one.ahead_s == pytest.approx(1.2)
    hole, thing = one.condition[0, 4] == 0, episode().labels[4, 0] == 1
    np.testing.assert_array_equal(one.weight[0], 1 + hole + 2 * thing)


def test_the_same_stream_draws_the_same_examples_and_some_are_mirrored():
    draws = [drawn([clip()], np.random.default_rng(seed), 4, Drawing(ahead=3)) for seed in (1, 1, *range(2, 8))]
    np.testing.assert_array_equal(draws[0].condition, draws[1].condition)
    columns = np.concatenate([one.condition[:, -1, 0, 0] for one in draws])
    np.testing.assert_array_equal(columns, -1.0)  # the map of columns is never mirrored
    truth = episode().rgb[:, 0] / 127.5 - 1
    plain = [drawn([clip()], np.random.default_rng(seed), 2, Drawing(ahead=1, is_varied=False)) for seed in range(3)]
    assert all(
        np.abs(one.target[:, None, :3] - truth.transpose(0, 3, 1, 2)).max(axis=(2, 3, 4)).min() < 1e-5 for one in plain
    )


def test_a_small_refiner_learns_that_it_grows_dark(tmp_path):
    fading = (episode().rgb * (0.75 ** np.arange(6))[:, None, None, None, None]).astype(np.uint8)
    dusk = replace(clip(), seen=replace(episode(), rgb=fading))
    write_shard(tmp_path / "data" / "dusk.npz", [dusk, dusk])
    path = learn(replace(SETTINGS, steps=60, rate=1e-2), tmp_path / "data", tmp_path / "out", lambda line: None)
    refiner, known = read(path)
    rows = measured(refiner, [dusk], torch.device("cpu"), False)
    assert rows[:, 1].mean() < 0.7 * rows[:, 2].mean()
    assert known.trust == []


def test_what_is_held_out_says_how_much_to_trust_and_to_take(data, tmp_path):
    _, known = read(learn(replace(SETTINGS, held_out=0.5), data, tmp_path / "out", lambda line: None))
    assert len(known.taken) == KINDS
    assert all(0 <= share <= MOST_SHARE for share in known.taken)
    assert np.ptp(np.array(known.trust)[:, 0]) >= 0


def test_changes_are_taken_as_far_as_they_were_wanted():
    kind = np.array([[0, 0], [5, 5]])
    change = np.ones((3, 2, 2), np.float32)
    want = np.stack([[[0.5, 0.3], [-1.0, -1.0]]] * 3)
    assert shares([change], [want], [kind]) == [0.4, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert shares([change], [9 * change], [kind])[0] == MOST_SHARE
    taken = share_map(
        np.array([[True, True], [False, True]]),
        np.array([[0.0, 0.9], [0.0, 0.0]], np.float32),
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    )
    np.testing.assert_allclose(taken, [[0.1, 0.5], [0.6, 0.1]])
    assert (share_map(np.ones((2, 2), bool), np.zeros((2, 2), np.float32), []) == 0).all()  # whole already


def test_training_goes_on_where_it_was_and_the_same_seed_trains_the_same(data, tmp_path):
    said, settings = [], SETTINGS
    first = learn(settings, data, tmp_path / "out", said.append).read_bytes()
    assert learn(settings, data, tmp_path / "other", said.append).read_bytes() == first
    assert not [line for line in said if "goes on" in line]
    assert learn(settings, data, tmp_path / "out", said.append).read_bytes() == first
    assert "refiner: goes on at step 4 of 4" in said


def test_trust_rises_with_coverage_and_is_the_share_of_right_pixels():
    rng = np.random.default_rng(0)
    coverage = rng.random(600)
    right = np.clip(0.4 + 0.5 * coverage + 0.05 * rng.normal(size=600), 0, 1)
    line = np.array(trust_line(coverage, right))
    assert (np.diff(line, axis=0) >= 0).all()
    np.testing.assert_allclose(line[:, 1], 0.4 + 0.5 * line[:, 0], atol=0.02)
    assert (
        len(trust_line(np.arange(60) / 60, 1 - np.arange(60) / 60)) == 1
    )  # where more coverage makes nothing better, it says nothing


def test_clips_without_depth_teach_nothing(tmp_path):
    blind = replace(clip(), seen=replace(episode(), depth=None))
    with pytest.raises(InvalidInput, match="Collect with --task drive"):
        usable([blind])
    with pytest.raises(InvalidInput, match="even batch"):
        geodrive.Training(batch=3)


def test_fog_leaves_five_percent_of_the_contrast_at_its_visibility_and_nothing_of_the_sky():
    pair = np.array([[[0] * 3, [200] * 3]], np.uint8)
    grey = np.full(3, 0.5, np.float32)
    there = fogged(pair, np.full((1, 2), 100.0, np.float32), (100.0, grey))[0, :, 0].astype(int)
    assert there[1] - there[0] == pytest.approx(0.05 * 200, abs=1)
    assert (fogged(pair, np.full((1, 2), np.inf, np.float32), (100.0, grey)) == 128).all()
