"""From flags to a model that is ready: device, precision, weights."""

from pathlib import Path
from typing import Literal

import torch

from bridge.errors import InvalidInput
from world_models.ctrl_world.config import Config
from world_models.ctrl_world.mini.dreamer import Habits, MiniCtrlWorld
from world_models.ctrl_world.mini.weights import load


def made(config: Config, weights: Path) -> MiniCtrlWorld:
    """The small model with these weights (a file or a folder)."""
    device = device_of(config.device)
    precision = precision_of(config.precision, device)
    mini = load(weights, device)
    return MiniCtrlWorld(mini, Habits(config.steps, config.doubts, config.is_told, config.batch, precision))


def device_of(name: str) -> torch.device:
    """A device by name; "auto" is a GPU where there is one. Raises InvalidInput for one that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidInput(f"There is no device '{name}'. Say auto, cpu or cuda.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InvalidInput(f"The device '{name}' was asked for, and PyTorch finds no GPU here. Say auto or cpu.")
    return device


def precision_of(name: Literal["auto", "float32", "bfloat16"], device: torch.device) -> torch.dtype:
    """The precision to compute in; "auto" is bfloat16 where the device multiplies it faster than float32."""
    if name == "auto":
        fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else _cpu_likes_bfloat16()
        return torch.bfloat16 if fast else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]


def _cpu_likes_bfloat16() -> bool:
    """Whether this processor has instructions for it: without them it is slower than float32."""
    able = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in able and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
