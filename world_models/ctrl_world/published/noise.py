"""How noisy latents are scaled for the network, and the noise levels that a sampler walks down (Karras et al. 2022, EDM)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

SIGMA_MIN, SIGMA_MAX, RHO = 0.002, 700.0, 7.0
"""Stable Video Diffusion's range of noise levels, and how they crowd towards the low end."""


@dataclass(frozen=True, eq=False)
class Scales:
    """Factors for one noise level, each shaped as the level was: x0 = out * v + skip * noisy, v = network(c_in * noisy, noise)."""

    skip: Tensor
    out: Tensor
    into: Tensor
    noise: Tensor
    weight: Tensor


def scales(sigma: Tensor) -> Scales:
    """The factors of v-prediction for noise levels of any shape."""
    variance = sigma**2 + 1
    return Scales(
        1 / variance, -sigma / variance**0.5, 1 / variance**0.5, sigma.log() / 4, variance / sigma**2
    )  # fmt: skip


def noise_levels(steps: int, *, low: float = SIGMA_MIN, high: float = SIGMA_MAX, rho: float = RHO) -> Tensor:
    """Levels (steps + 1,) from `high` to `low`, even in their rho-th roots, and 0 after them; float32."""
    roots = np.linspace(high ** (1 / rho), low ** (1 / rho), steps)
    return torch.from_numpy(np.append(roots**rho, 0.0).astype(np.float32))
