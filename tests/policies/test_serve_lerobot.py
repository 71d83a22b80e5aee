"""A LeRobot policy behind our server: pictures turned and scaled as its models want them, chunks as plain numbers."""

import numpy as np
import pytest

from policies.remote.serve_lerobot import infer_with

pytestmark = pytest.mark.llm_server  # needs torch, as those do


class Halving:
    """A policy in the shape of LeRobot's: two steps, half of the state and half of its mean brightness."""

    def predict_action_chunk(self, batch):
        import torch

        self.batch = batch
        light = batch["observation.images.front"].mean().reshape(1, 1)
        step = torch.cat([batch["observation.state"] / 2, light], dim=1)
        return torch.stack([step, step], dim=1)


def test_an_observation_becomes_a_batch_and_a_chunk_comes_back():
    policy = Halving()
    infer = infer_with(policy, before=lambda batch: batch, after=lambda step: step * 10, device="cpu")
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:2] = 255
    asked = {"observation.images.front": picture, "observation.state": np.ones(2, np.float32), "task": "push"}
    actions = infer(asked)["actions"]
    # Half of the picture is white: its mean is 0.5; every step is ten times what the policy said.
    np.testing.assert_allclose(actions, [[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]])
    assert actions.dtype == np.float32
    assert tuple(policy.batch["observation.images.front"].shape) == (1, 3, 4, 6)
    assert policy.batch["task"] == "push"
