"""The refiner: before any training it answers the filled splat; its condition branch begins at zero and can be left out."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load_file

from bridge.errors import InvalidInput, Unavailable
from tests.world_models.geodrive.street import course, episode, past
from world_models import geodrive, splat
from world_models.geodrive.training import needs_torch

torch = pytest.importorskip("torch")

from world_models.geodrive.refiner import Refiner, Shape  # noqa: E402
from world_models.geodrive.weights import read, save  # noqa: E402

SMALL = Shape((8, 16))


def parts(size=1, height=16, width=24):
    """What a refiner is given, by lot."""
    draw = torch.Generator().manual_seed(3)
    noise, reference, condition = (torch.randn(size, maps, height, width, generator=draw) for maps in (3, 4, 9))
    return noise, reference, condition, torch.full((size,), 0.4)


@pytest.fixture
def weights(tmp_path):
    """A small refiner whose head is not at zero any more."""
    torch.manual_seed(0)
    refiner = Refiner(SMALL)
    torch.nn.init.normal_(refiner.head.weight, std=0.05)
    save(refiner, tmp_path / "small.safetensors", trust=[[0.2, 0.3], [0.8, 0.9]])
    return tmp_path / "small.safetensors"


def test_an_untrained_refiner_answers_the_filled_splat(tmp_path):
    save(Refiner(SMALL), tmp_path / "new.safetensors")
    model = geodrive.make(geodrive.Config(weights=str(tmp_path / "new.safetensors"), keyframe=0, precision="float32"))
    found, plain = model.predict(past(), course()), splat.make(splat.Config()).predict(past(), course())
    assert np.abs(found.rgb.astype(int) - plain.rgb).max() <= 1
    assert found.depth is not None
    assert plain.depth is not None
    np.testing.assert_array_equal(np.isinf(found.depth), np.isinf(plain.depth))


@pytest.mark.parametrize("steps", [1, 4])
def test_the_same_seed_dreams_the_same_and_another_does_not(weights, steps):
    model = geodrive.make(geodrive.Config(weights=str(weights), steps=steps, precision="float32"))
    once, again, other = (model.predict(past(), course(), samples=2, seed=seed).rgb for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
    assert (once[0] != once[1]).any()


def test_trust_is_read_off_the_line_that_was_measured(weights):
    found = geodrive.make(geodrive.Config(weights=str(weights))).predict(past(), course())
    plain = splat.make(splat.Config()).predict(past(), course())
    assert found.trust is not None
    assert plain.trust is not None
    np.testing.assert_allclose(found.trust[0], np.interp(plain.trust[0], [0.2, 0.8], [0.3, 0.9]), atol=1e-6)


def test_the_condition_branch_changes_nothing_until_its_zeros_are_moved():
    noise, reference, condition, ahead_s = parts()
    torch.manual_seed(1)
    refiner = Refiner(SMALL)
    torch.nn.init.normal_(refiner.head.weight)
    other = condition.clone()
    other[:, 5:] = torch.randn(1, 4, 16, 24)
    level = torch.ones(1)
    first, second = (refiner(noise, level, reference, one, ahead_s) for one in (condition, other))
    torch.testing.assert_close(first, second)
    for zero in refiner.zeros:
        torch.nn.init.normal_(zero.weight)
    assert (refiner(noise, level, reference, other, ahead_s) - first).abs().max() > 1e-3


def test_the_ablation_without_the_branch_has_no_weights_for_it():
    bare = Refiner(replace(SMALL, has_condition=False))
    assert not [name for name, _ in bare.named_parameters() if name.startswith(("branch", "zeros"))]
    assert bare(*parts()[:1], torch.ones(1), *parts()[1:]).shape == (1, 4, 16, 24)


def test_what_comes_along_has_two_to_three_million_weights():
    assert 2e6 < sum(value.numel() for value in Refiner().parameters()) < 3e6


def test_one_exact_guess_is_the_answer_of_any_number_of_steps():
    noise, reference, condition, ahead_s = parts()
    refiner = Refiner(SMALL)  # untrained: every guess is the filled splat
    for steps in (1, 2, 4):
        torch.testing.assert_close(refiner.sampled(noise, reference, condition, ahead_s, steps=steps), condition[:, :4])


def test_weights_come_back_as_they_were_to_half_precision(weights):
    refiner, known = read(weights)
    assert known.trust == [[0.2, 0.3], [0.8, 0.9]]
    kept = load_file(weights)
    assert all(value.dtype == torch.float16 for value in kept.values())
    for name, value in refiner.state_dict().items():
        torch.testing.assert_close(value, kept[name].float())


def test_weights_that_are_none_are_refused(tmp_path, weights):
    with pytest.raises(InvalidInput, match="There are no weights at"):
        geodrive.make(geodrive.Config(weights=str(tmp_path / "nowhere.safetensors")))
    (tmp_path / "text.safetensors").write_text("not weights")
    with pytest.raises(InvalidInput, match="holds no weights"):
        read(tmp_path / "text.safetensors")
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match="damaged"):
        read(weights)


def test_pictures_of_odd_sizes_are_refused(weights):
    seen = episode()
    cut = replace(past(), rgb=seen.rgb[:2, :, :-1], depth=seen.depth[:2, :, :-1], labels=seen.labels[:2, :, :-1], cameras=(replace(seen.cameras[0], height=47),))  # fmt: skip
    with pytest.raises(InvalidInput, match="multiples of 4 px"):
        geodrive.make(geodrive.Config(weights=str(weights))).predict(cut, course())


def test_without_torch_one_is_told_what_to_install():
    with pytest.raises(Unavailable, match=r'pip install "simbridge\[world-models\]"'), needs_torch("GeoDrive"):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    with pytest.raises(ModuleNotFoundError), needs_torch("GeoDrive"):
        raise ModuleNotFoundError("No module named 'world_model'", name="world_model")
