"""Imagining five frames: noise is taken away step by step, with the remembered frames in front and the current one beside each."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from world_models.ctrl_world.published.attention import remembered
from world_models.ctrl_world.published.noise import noise_levels, scales
from world_models.ctrl_world.published.unet import FrameLevelUNet

FPS_ID, MOTION_ID = 7.0, 127.0
SAMPLING_AUGMENTATION_ID = 0.02
"""What the released sampler says about noise on the current frame. It trained with 0.0; kept as it was released."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step down: its number from 0, what the network gave for all passes and frames, v of the new frames, and latents after."""

    number: int
    raw: Tensor
    v: Tensor
    latents: Tensor


def time_ids(batch: int, augmentation: float, *, like: Tensor) -> Tensor:
    """Frame rate, motion and noise augmentation (b,3), as numbers that Stable Video Diffusion expects."""
    return torch.tensor([[FPS_ID, MOTION_ID, augmentation]], dtype=like.dtype, device=like.device).repeat(batch, 1)


def guidance_ramp(frames: int, most: float, *, least: float = 1.0) -> Tensor:
    """How much each new frame is pushed towards its tokens, (frames,): not at all for the current one, `most` for the last."""
    return torch.linspace(least, most, frames)


def denoise(
    unet: FrameLevelUNet,
    tokens: Tensor,
    history: Tensor,
    current: Tensor,
    noise: Tensor,
    *,
    steps: int = 50,
    guidance: float = 2.0,
    scaling: float = 0.18215,
    augmentation: float = SAMPLING_AUGMENTATION_ID,
    history_sees_current: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> Tensor:
    """Latents (b,n,4,h,w) of the new frames, the first of them the current one, in the VAE's scaled space.

    `tokens` (b,m+n,d) for m remembered and n new frames; `history` (b,m,4,h,w) and `current` (b,4,h,w) clean, scaled;
    `noise` (b,n,4,h,w) with unit variance. A `guidance` of 1 takes one pass a step instead of two. Latents are kept in
    float32 between steps, whatever the network computes in.
    """
    batch, past, new = len(noise), history.shape[1], noise.shape[1]
    kind, device = unet.dtype, noise.device
    levels = noise_levels(steps).to(device)
    passes = 2 if guidance > 1.0 else 1
    both = torch.cat([torch.zeros_like(tokens), tokens])[-passes * batch :].to(kind)
    beside = (current / scaling)[:, None].repeat(1, past + new, 1, 1, 1)
    if not history_sees_current:
        beside[:, :past] = 0.0
    ids = time_ids(passes * batch, augmentation, like=both)
    ramp = guidance_ramp(new, guidance).to(device)[None, :, None, None, None]
    latents = noise.float() * (levels[0] ** 2 + 1) ** 0.5

    with torch.no_grad(), _context(unet, both):
        for number in range(steps):
            at = scales(levels[number])
            frames = torch.cat([torch.cat([history, latents * at.into], dim=1), beside], dim=2)
            raw = unet(frames.repeat(passes, 1, 1, 1, 1).to(kind), at.noise.expand(passes * batch), both, ids).float()
            v = raw[-batch:, past:]
            if passes == 2:
                free = raw[:batch, past:]
                v = free + ramp * (v - free)
            clean = at.out * v + at.skip * latents
            latents = latents + (latents - clean) / levels[number] * (levels[number + 1] - levels[number])
            if on_step is not None:
                on_step(Step(number, raw, v, latents))
    return latents


def _context(unet: FrameLevelUNet, tokens: Tensor):
    return remembered(unet, tokens, unet.temporal_action) if unet.one_token else nullcontext()
