"""The published Ctrl-World learns: windows of clips, a loss that falls, and a run that can be broken off."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from bridge.errors import InvalidInput, Unavailable
from tests.world_models import tiny_ctrl_world as tiny
from world_models.clips import Clip, write_shard
from world_models.ctrl_world.published.checkpoint import read_folder
from world_models.ctrl_world.published.footage import Footage, footage, window
from world_models.ctrl_world.published.train import (
    STATE,
    Learner,
    Training,
    from_stable_video_diffusion,
    train_published,
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def clips(count: int = 3, length: int = 12) -> list[Clip]:
    """Grey pictures that grow brighter with the tool's height."""
    made = []
    for seed in range(count):
        past = tiny.past(length, seed=seed, size=8)
        bright = ((past.body[:, 2] - 1.0) / 0.2 * 255).clip(0, 255).astype(np.uint8)
        rgb = np.broadcast_to(bright[:, None, None, None, None], past.rgb.shape)
        seen = type(past)(past.times_s, past.cameras, rgb, past.body, past.gripper, instruction=past.instruction)
        made.append(Clip("manipulate", seen, np.zeros(length, bool), seed=seed))
    return made


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    words = tiny.tokenizer(tmp_path_factory.mktemp("words"))
    return footage(tiny.network(), words, clips())


def learner(**options) -> Learner:
    told = {"batch": 1, "rate": 3e-3, "precision": "float32", "recompute": False, "device": "cpu", **options}
    return Learner(tiny.network(), tiny.BOUNDS, Training(**told))


def test_a_window_remembers_every_fourth_frame_and_goes_on_frame_by_frame():
    np.testing.assert_array_equal(window(30, 60, skip=1), [6, 10, 14, 18, 22, 26, 30, 31, 32, 33, 34])
    np.testing.assert_array_equal(window(50, 60, skip=2), [2, 10, 18, 26, 34, 42, 50, 52, 54, 56, 58])


def test_windows_end_where_the_clip_does():
    np.testing.assert_array_equal(window(9, 12, skip=1), [0, 0, 0, 0, 1, 5, 9, 10, 11, 11, 11])
    np.testing.assert_array_equal(window(3, 12, skip=1, stride=0), [3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7])


def test_a_batch_has_latents_poses_and_words_of_each_window(seen: Footage):
    latents, poses, words = seen.batch(tiny.BOUNDS, 5, np.random.default_rng(0))
    assert tuple(latents.shape) == (5, 11, 4, 12, 4)
    assert tuple(poses.shape) == (5, 11, 7)
    assert tuple(words.shape) == (5, 16)
    assert poses.abs().max() <= 1


def test_the_loss_falls(seen: Footage):
    learning = learner(batch=1)
    losses = []
    for _ in range(8):
        learning.done = 0
        losses.append(learning.step(seen))
    assert losses[-1] < 0.7 * losses[0], "the same window under the same noise, eight times"


def test_only_the_unet_and_the_action_encoder_are_trained(seen: Footage):
    learning = learner()
    before = {name: value.clone() for name, value in learning.network.state_dict().items()}
    learning.step(seen)
    changed = {
        name.split(".")[0]
        for name, value in learning.network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"unet", "action_encoder"}


def test_computing_activations_twice_changes_nothing(seen: Footage):
    once, twice = learner(recompute=False), learner(recompute=True)
    assert twice.network.unet.is_gradient_checkpointing
    for _ in range(2):
        assert twice.step(seen) == pytest.approx(once.step(seen), rel=1e-4)


def test_half_precision_learns_too(seen: Footage):
    half, whole = learner(precision="bfloat16"), learner()
    assert half.step(seen) == pytest.approx(whole.step(seen), rel=0.05)


def test_a_run_that_was_broken_off_ends_as_one_that_was_not(seen: Footage, tmp_path: Path):
    whole = learner()
    losses = [whole.step(seen) for _ in range(4)]
    first = learner()
    for _ in range(2):
        first.step(seen)
    torch.save(first.state(), tmp_path / STATE)
    second = learner()
    second.resume(tmp_path / STATE)
    assert [second.step(seen) for _ in range(2)] == pytest.approx(losses[2:], rel=1e-5)


def test_training_goes_from_a_folder_and_clips_to_a_folder(tmp_path: Path):
    write_shard(tmp_path / "data" / "0.npz", clips(2, 6))
    weights = tiny.weights(tmp_path / "weights")
    said: list[str] = []
    told = Training(
        steps=2, batch=1, precision="float32", new_bounds=True, save_steps=1, log_steps=1, device="cpu", rate=1e-2
    )
    out = train_published(weights, tmp_path / "data", tmp_path / "out", told, say=said.append)
    before, after = read_folder(weights), read_folder(out)
    assert any("step 2 of 2" in line for line in said)
    assert not torch.equal(before.network.unet.conv_in.weight, after.network.unet.conv_in.weight)
    assert not np.array_equal(before.bounds.low, after.bounds.low)
    train_published(weights, tmp_path / "data", out, Training(**{**vars(told), "steps": 3}), say=said.append)
    assert any("goes on at step 2 of 3" in line for line in said)


def test_a_state_of_another_network_is_refused(tmp_path: Path):
    torch.save({"unet": {}, "action_encoder": {}}, tmp_path / STATE)
    with pytest.raises(InvalidInput, match="another network"):
        learner().resume(tmp_path / STATE)


def test_clips_without_a_gripper_are_refused(tmp_path: Path):
    bad = clips(1)[0]
    seen = bad.seen
    bare = Clip("drive", type(seen)(seen.times_s, seen.cameras[:1], seen.rgb[:, :1], seen.body), bad.success)
    with pytest.raises(InvalidInput, match="--task manipulate"):
        footage(tiny.network(), tiny.tokenizer(tmp_path), [bare])


def test_training_can_start_from_stable_video_diffusion(tmp_path: Path):
    network = tiny.network(seed=4)
    network.unet.save_pretrained(tmp_path / "svd" / "unet")
    network.vae.save_pretrained(tmp_path / "svd" / "vae")
    network.text_encoder.save_pretrained(str(tmp_path / "clip"))
    tiny.tokenizer(tmp_path / "clip")
    out = from_stable_video_diffusion(tmp_path / "svd", tmp_path / "clip", tmp_path / "out", bounds=tiny.BOUNDS)
    again = read_folder(out).network.state_dict()
    for name, value in network.state_dict().items():
        assert name.startswith("action_encoder.") or torch.equal(value, again[name]), name


def test_what_is_not_there_is_not_fetched(tmp_path: Path):
    with pytest.raises(Unavailable, match="Nothing is downloaded"):
        from_stable_video_diffusion(tmp_path, tmp_path, tmp_path / "out", bounds=tiny.BOUNDS)
