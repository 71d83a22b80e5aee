"""From noise to latents in one to four steps: flow matching, and shortcuts that learn to take two steps as one.

Time runs from 0 (noise) to 1 (picture): x_t = (1 - t) noise + t picture. After "One step diffusion via shortcut models" (Frans et al.
2024, arXiv 2410.12557, section 3); the model says the picture instead of the velocity, which is (picture - x_t) / (1 - t).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from bridge.errors import InvalidInput

STEPS = (1, 2, 4)
"""How many steps a prediction may take; 0 asks for the mean of what could follow, in one step."""
Model = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Noisy latents (b,...), time (b,) and level (b,) in, latents free of noise out."""


def sample(model: Model, noise: Tensor, *, steps: int, has_shortcuts: bool = True) -> Tensor:
    """Latents in `steps` equal steps from `noise`; with 0 the mean of all that could follow, for which noise
    means nothing. A model without shortcuts takes every step as an instant's, which costs it detail where steps are few."""
    if steps not in (0, *STEPS):
        raise InvalidInput(f"{steps} steps were asked for. Choose 0 (the mean), 1, 2 or 4.")
    x = noise
    for index in range(max(steps, 1)):
        time = torch.full((len(x),), index / max(steps, 1), device=x.device)
        size = 1.0 / max(steps, 1)
        level = torch.full((len(x),), level_of(size) if steps and has_shortcuts else 0, device=x.device)
        ahead = model(x, time, level)
        x = x + min(size / (1.0 - index * size), 1.0) * (ahead - x)
    return x


def level_of(size: float) -> int:
    """The level of a step of that size: a quarter 1, a half 2, the whole 3."""
    return {0.25: 1, 0.5: 2, 1.0: 3}[size]


def mixed(pictures: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """Pictures part of the way from noise, `time` (b,)."""
    t = time.view(-1, *[1] * (pictures.ndim - 1))
    return (1.0 - t) * noise + t * pictures


@torch.no_grad()
def shortcut_target(model: Model, x: Tensor, time: Tensor, level: Tensor) -> Tensor:
    """Where two steps of half the size lead, said as the picture that one step of `level` (b,) in 1..3 should see from `x` at
    `time` (b,). Both stay within [0, 1]: time + size <= 1."""

    def wide(numbers: Tensor) -> Tensor:
        return numbers.view(-1, *[1] * (x.ndim - 1))

    half = 0.125 * 2.0 ** (level.to(time.dtype) - 1.0)
    lower = level - 1
    first = (model(x, time, lower) - x) / wide(1.0 - time)
    between = x + wide(half) * first
    second = (model(between, time + half, lower) - between) / wide(1.0 - time - half)
    return x + wide(1.0 - time) * (first + second) / 2.0
