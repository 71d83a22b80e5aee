"""Recorded numbers of the public Ctrl-World program, and the network that they were recorded with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from world_models.ctrl_world.published.action_encoder import ActionEncoder
from world_models.ctrl_world.published.unet import FrameLevelUNet, frame_level_unet

FOLDER = Path(__file__).parents[1] / "golden" / "ctrl_world"
PEAK = 1e-5
"""What README.md beside the numbers allows outputs of networks to differ by, as a part of the largest value."""


@cache
def config() -> dict[str, Any]:
    return json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))


@cache
def numbers(name: str) -> dict[str, Tensor]:
    return load_file(FOLDER / f"{name}.safetensors")


@cache
def unet() -> FrameLevelUNet:
    """The recorded network; those who change how it attends change it back."""
    made = frame_level_unet(config()["unet"])
    made.load_state_dict(_part("unet."), strict=True)
    return made.requires_grad_(False).eval()


@cache
def action_encoder() -> ActionEncoder:
    made = ActionEncoder(config()["action_encoder"]["hidden"])
    made.load_state_dict(_part("action_encoder."), strict=True)
    return made.requires_grad_(False).eval()


def _part(prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value.float()
        for name, value in numbers("weights").items()
        if name.startswith(prefix)
    }


def off(found: Tensor, expected: Tensor) -> float:
    """The largest difference, as a part of the largest expected value."""
    assert found.shape == expected.shape, f"{tuple(found.shape)} instead of {tuple(expected.shape)}"
    return float((found.double() - expected.double()).abs().max() / expected.double().abs().max().clamp_min(1e-30))


def assert_near(found: Tensor, expected: Tensor, limit: float = PEAK) -> None:
    assert torch.isfinite(found).all()
    assert off(found, expected) <= limit
