"""What Ctrl-World is trained on: five frames under noise of all strengths, given slightly noisy memories and their tokens."""

from dataclasses import dataclass

import torch
from torch import Tensor

from world_models.ctrl_world.published.noise import Scales, scales
from world_models.ctrl_world.published.sampler import time_ids
from world_models.ctrl_world.published.unet import FrameLevelUNet

LEVEL_MEAN, LEVEL_SPREAD = 0.7, 1.6
"""Of the logarithm of the noise level."""
CURRENT_NOISE, HISTORY_NOISE, DROPPED = 0.2, 0.3, 0.05
"""The most noise on the current frame, the spread of it on remembered ones, and how often tokens are left out."""


@dataclass(frozen=True, eq=False)
class Draws:
    """What is random in one step, in the order in which it is drawn; u is even in 0..1, the rest normal.

    `current_u` (b,1,1,1), `current` (b,4,h,w), `dropped_u` (b,), `level` (b,1,1,1,1), `noise` (b,f,4,h,w), `history_level`
    (b,m,1,1,1), `history` (b,m,4,h,w).
    """

    current_u: Tensor
    current: Tensor
    dropped_u: Tensor
    level: Tensor
    noise: Tensor
    history_level: Tensor
    history: Tensor


def draw(latents: Tensor, remembered: int, generator: torch.Generator) -> Draws:
    """Draws for latents (b,f,4,h,w) of which the first frames are remembered ones. The generator lives on the CPU."""
    batch, _, *one = latents.shape
    like = {"dtype": torch.float32, "generator": generator}
    made = (
        torch.rand(batch, 1, 1, 1, **like),
        torch.randn(batch, *one, **like),
        torch.rand(batch, **like),
        torch.randn(batch, 1, 1, 1, 1, **like),
        torch.randn(tuple(latents.shape), **like),
        torch.randn(batch, remembered, 1, 1, 1, **like),
        torch.randn(batch, remembered, *one, **like),
    )
    return Draws(*(value.to(latents) for value in made))


@dataclass(frozen=True, eq=False)
class Noised:
    """What the network is given: `frames` (b,f,8,h,w), `noisy` latents (b,f,4,h,w) before scaling, their scales, the tokens kept."""

    frames: Tensor
    noisy: Tensor
    at: Scales
    tokens: Tensor


def noised(latents: Tensor, tokens: Tensor, draws: Draws, *, scaling: float = 0.18215) -> Noised:
    """Clean latents (b,f,4,h,w) made noisy, the current frame beside each."""
    past = draws.history.shape[1]
    sigma = (LEVEL_MEAN + LEVEL_SPREAD * draws.level).exp()
    at = scales(sigma)

    some = CURRENT_NOISE * draws.current_u
    current = (latents[:, past] + some * draws.current) / (some**2 + 1) ** 0.5
    faint = HISTORY_NOISE * draws.history_level
    history = (latents[:, :past] + faint * draws.history) / (faint**2 + 1) ** 0.5
    noisy = latents + sigma * draws.noise
    shown = torch.cat([history, at.into * noisy[:, past:]], dim=1)
    beside = (current / scaling)[:, None].expand_as(shown)
    kept = (draws.dropped_u > DROPPED).to(tokens.dtype)
    return Noised(torch.cat([shown, beside], dim=2), noisy, at, tokens * kept[:, None, None])


def denoising_loss(
    unet: FrameLevelUNet, latents: Tensor, tokens: Tensor, draws: Draws, *, scaling: float = 0.18215
) -> tuple[Tensor, Tensor]:
    """The loss, one number, and v (b,f,4,h,w).

    `latents` are in the VAE's scaled space; the loss is the mean over the new frames, the current one among them, of the
    weighted squared error of what v says the clean latents are.
    """
    past = draws.history.shape[1]
    given = noised(latents, tokens, draws, scaling=scaling)
    v = unet(given.frames, given.at.noise.flatten(), given.tokens, time_ids(len(latents), 0.0, like=given.frames))
    clean = given.at.out * v + given.at.skip * given.noisy
    error = given.at.weight * (clean[:, past:] - latents[:, past:]) ** 2
    return error.mean(), v
