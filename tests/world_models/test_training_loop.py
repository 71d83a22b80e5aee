"""A stage of training: killed and resumed it ends where it would have; foreign checkpoints are refused; minutes become steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bridge.errors import InvalidInput
from world_models.training_loop import Stage, fit, is_finished, noise

STAGE = Stage(
    "line", seed=3, steps=30, rate=0.05, warm_up=2, weight_decay=0.0, average=0.9, log_steps=10, look_steps=10
)


class Killed(Exception):
    """What stands for kill -9: nothing is written any more."""


def line() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Linear(2, 1)


def loss(model, rng, over):
    x = noise(rng, (16, 2))
    return (model(x) - x @ torch.tensor([[2.0], [-1.0]])).square().mean()


def test_a_stage_that_was_killed_ends_with_the_weights_of_one_that_was_not(tmp_path):
    whole = fit(line(), loss, STAGE, folder=tmp_path / "whole", say=lambda line: None)
    left = 17

    def dies(model, rng, over):
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        return loss(model, rng, over)

    with pytest.raises(Killed):
        fit(line(), dies, replace(STAGE, save_s=0.0), folder=tmp_path / "cut", say=lambda line: None)
    assert not is_finished(tmp_path / "cut", "line")
    said = []
    resumed = fit(line(), loss, STAGE, folder=tmp_path / "cut", say=said.append)
    assert said[0] == "line: goes on at step 17 of 30"
    assert is_finished(tmp_path / "cut", "line")
    for mine, other in zip(resumed.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


def test_a_finished_stage_is_not_run_again(tmp_path):
    first = fit(line(), loss, STAGE, folder=tmp_path, say=lambda line: None)

    def never(model, rng, over):
        raise AssertionError("a finished stage took another step")

    again = fit(line(), never, STAGE, folder=tmp_path, say=lambda line: None)
    torch.testing.assert_close(again.weight, first.weight)


def test_it_learns_and_says_so(tmp_path):
    said = []
    found = fit(
        line(),
        loss,
        replace(STAGE, steps=200),
        folder=tmp_path,
        say=said.append,
        look=lambda model: f"{model.weight.shape[1]} weights",
    )
    np.testing.assert_allclose(found.weight.detach().numpy(), [[2.0, -1.0]], atol=0.05)
    assert said[0].startswith("line: step 10 of 200, loss ")
    assert said[0].endswith("2 weights")


def test_minutes_become_as_many_steps_as_fit(tmp_path):
    said = []
    fit(line(), loss, replace(STAGE, minutes=0.001, save_s=1e9), folder=tmp_path, say=said.append)
    assert any("steps in 0.001 min" in line for line in said)
    assert is_finished(tmp_path, "line")


def test_the_checkpoint_of_another_model_is_refused(tmp_path):
    fit(line(), loss, STAGE, folder=tmp_path, say=lambda line: None)
    with pytest.raises(InvalidInput, match="is of another model"):
        fit(torch.nn.Linear(3, 1), loss, STAGE, folder=tmp_path, say=lambda line: None)


def test_a_loss_that_is_no_number_ends_it(tmp_path):
    with pytest.raises(InvalidInput, match="no number any more at step 10"):
        fit(line(), lambda model, rng, over: model.weight.sum() * np.nan, STAGE, folder=tmp_path, say=lambda line: None)
