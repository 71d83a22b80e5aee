"""The predictor: latents of given frames to latents of coming ones, all views together, each frame told its own pose.

After Ctrl-World (arXiv 2510.10125, section 3): joint views, frame-level conditioning, frames remembered. Other than there, a
transformer sees the tokens of all views of a frame, and every other layer those of all frames, at once (diffusion transformer with shared adaptive norms, Peebles and Xie
2023, Chen et al. 2024), and what is predicted is how much of the current frame goes and what comes instead, so that a model that learned nothing copies it.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from world_models.ctrl_world.mini.geometry import MAPS
from world_models.ctrl_world.mini.poses import NUMBERS
from world_models.ctrl_world.mini.shape import Shape

LEVELS = 4
"""Step sizes that the model is told: 0 none (an instant), then a quarter, a half and the whole way from noise to picture."""
_WAVES = 8
_ANYTHING = 2.0
"""The log odds that anything changes in a cell, before anything was learned: cells where nothing does are many, and easily said so."""


class Predictor(nn.Module):
    """See `forward`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        dim, stem, patch = shape.dim, shape.stem, shape.patch
        rows, columns = shape.grid
        self.cells = (rows // patch) * (columns // patch)
        self.stem = nn.Sequential(
            nn.Conv2d(2 * shape.latents + MAPS + 1, stem, 3, padding=1), nn.SiLU(), nn.Conv2d(stem, stem, 3, padding=1)
        )
        self.tokens = nn.Linear(stem * patch**2, dim)
        self.places = nn.Parameter(0.02 * torch.randn(len(shape.views), self.cells, dim))
        self.poses = nn.Sequential(nn.Linear(NUMBERS, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.clip_poses = nn.Linear(dim * shape.new_frames, dim) if shape.conditioning == "clip" else None
        self.untold = nn.Parameter(torch.zeros(dim))
        self.times = nn.Sequential(nn.Linear(2 * _WAVES + LEVELS + 1, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.norms = nn.Linear(dim, 6 * dim)
        self.blocks = nn.ModuleList(
            _Block(dim, shape.heads, is_local=index % 2 == 0 and shape.layers > 1) for index in range(shape.layers)
        )
        self.last_norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.patches = nn.Linear(dim, stem * patch**2)
        self.head = nn.Sequential(
            nn.SiLU(), nn.Conv2d(stem, stem, 3, padding=1), nn.SiLU(), nn.Conv2d(stem, shape.latents + 2, 3, padding=1)
        )
        nn.init.zeros_(self.norms.weight)
        nn.init.zeros_(self.norms.bias)
        last = self.head[-1]
        assert isinstance(last, nn.Conv2d)
        assert last.bias is not None
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(
        self, given: Tensor, noisy: Tensor, maps: Tensor, poses: Tensor, *, time: Tensor, level: Tensor, told: Tensor,
        blur: Tensor, masks: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Latents (b,n,v,c,h,w) of the new frames, free of noise.

        `given` (b,m,v,c,h,w): remembered frames, then the current one. `noisy` (b,n,v,c,h,w): the new frames at `time` (b,) from 0
        (noise) to 1 (picture), which the model is asked to lead on by a step of `level` (b,) in 0..LEVELS-1. `maps` (b,m+n,v,MAPS,h,w)
        and `poses` (b,m+n,NUMBERS) of all these frames; where `told` (b,) is False the new frames' are hidden. `blur` (b,) is the
        strength of noise on `given`. `masks` (b,layers,4 dim) switch parts of each layer off (see `masks_of`).
        """
        shape = self.shape
        b, m = given.shape[:2]
        n, v = noisy.shape[1], given.shape[2]
        known, shown = self._conditions(poses, maps, told, m)
        frames = torch.cat([given, noisy], 1)
        current = given[:, -1:].expand(-1, m + n, -1, -1, -1, -1)
        is_new = torch.zeros_like(frames[:, :, :, :1])
        is_new[:, m:] = 1.0
        image = torch.cat([frames, current, shown, is_new], 3).flatten(0, 2)
        fine = self.stem(image)
        x = self.tokens(F.pixel_unshuffle(fine, shape.patch).flatten(2).transpose(1, 2))
        x = x.view(b, m + n, v, self.cells, shape.dim) + self.places
        clock = torch.cat([_waves(time), F.one_hot(level, LEVELS).to(time.dtype), time[:, None]], 1)
        dull = torch.cat([_waves(1.0 - blur), torch.zeros_like(clock[:, 2 * _WAVES :])], 1)
        clocks = torch.cat(
            [self.times(dull)[:, None].expand(-1, m, -1), self.times(clock)[:, None].expand(-1, n, -1)], 1
        )
        changes = self.norms(F.silu(known + clocks)).view(b, m + n, 1, 1, 6, shape.dim)
        if not shape.is_joint:
            x = x.transpose(1, 2).reshape(b * v, m + n, 1, self.cells, shape.dim)
            changes = changes.repeat_interleave(v, 0)
            masks = None if masks is None else masks.repeat_interleave(v, 0)
        for index, block in enumerate(self.blocks):
            x = block(x, changes, None if masks is None else masks[:, index])
        if not shape.is_joint:
            x = x.view(b, v, m + n, self.cells, shape.dim).transpose(1, 2)
        x = self.patches(self.last_norm(x[:, m:])).flatten(0, 2).transpose(1, 2)
        rows, columns = shape.grid
        x = F.pixel_shuffle(x.reshape(len(x), -1, rows // shape.patch, columns // shape.patch), shape.patch)
        fine = fine.view(b, m + n, v, *fine.shape[1:])
        said = self.head(x + fine[:, m:].flatten(0, 2)).float().view(b, n, v, shape.latents + 2, rows, columns)
        comes, goes, anything = said[:, :, :, :-2], said[:, :, :, -2:-1], said[:, :, :, -1:]
        return given[:, -1:] + torch.sigmoid(anything + _ANYTHING) * (comes - goes * given[:, -1:])

    def _conditions(self, poses: Tensor, maps: Tensor, told: Tensor, m: int) -> tuple[Tensor, Tensor]:
        """What each frame is told (b,f,dim), and its maps; of new frames nothing where they are not told."""
        known = self.poses(poses)
        old, new = known[:, :m], known[:, m:]
        shown_new = maps[:, m:]
        if self.clip_poses is not None:
            new = self.clip_poses(new.flatten(1))[:, None].expand_as(new)
        if self.shape.conditioning == "none":
            told = torch.zeros_like(told)
        if self.shape.conditioning != "frame":
            shown_new = torch.zeros_like(shown_new)
        new = torch.where(told[:, None, None], new, self.untold.to(new.dtype))
        shown_new = shown_new * told[:, None, None, None, None, None]
        return torch.cat([old, new], 1), torch.cat([maps[:, :m], shown_new], 1)


class _Block(nn.Module):
    """Attention among all tokens, or those of a frame if `is_local`, then each by itself, both under norms that the frame's condition
    shifts and scales."""

    def __init__(self, dim: int, heads: int, *, is_local: bool) -> None:
        super().__init__()
        self.heads, self.is_local = heads, is_local
        self.norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.mix = nn.Linear(dim, 3 * dim)
        self.mixed = nn.Linear(dim, dim)
        self.think = nn.Linear(dim, 4 * dim)
        self.thought = nn.Linear(4 * dim, dim)
        self.own = nn.Parameter(torch.zeros(6, dim))
        with torch.no_grad():
            self.own[2] = self.own[5] = 0.3
        self.queries, self.keys = nn.RMSNorm(dim // heads), nn.RMSNorm(dim // heads)

    def forward(self, x: Tensor, changes: Tensor, mask: Tensor | None) -> Tensor:
        shift, scale, gate, shift2, scale2, gate2 = (changes + self.own).unbind(-2)
        x = x + gate * self._attend(self.norm(x) * (1 + scale) + shift)
        hidden = F.gelu(self.think(self.norm(x) * (1 + scale2) + shift2), approximate="tanh")
        if mask is not None:
            hidden = hidden * mask[:, None, None, None].to(hidden.dtype)
        return x + gate2 * self.thought(hidden)

    def _attend(self, x: Tensor) -> Tensor:
        flat = x.flatten(0, 1).flatten(1, 2) if self.is_local else x.flatten(1, 3)
        b, count, dim = flat.shape
        q, k, value = self.mix(flat).view(b, count, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        q, k = (norm(each.float()).to(value.dtype) for norm, each in ((self.queries, q), (self.keys, k)))
        mixed = _attended(q, k, value)
        return self.mixed(mixed.transpose(1, 2).reshape(b, count, dim)).view(x.shape)


def masks_of(shape: Shape, count: int, rng: np.random.Generator, share: float) -> Tensor:
    """Masks (count,layers,4 dim) that switch off a `share` of what layers think, and strengthen the rest. One mask kept over a whole
    dream makes another world of it (Wellmer and Kwok, Dropout's Dream Land, arXiv 2109.08342)."""
    kept = rng.random((count, shape.layers, 4 * shape.dim)) >= share
    return torch.from_numpy((kept / (1.0 - share)).astype(np.float32))


def _attended(q: Tensor, k: Tensor, value: Tensor) -> Tensor:
    """Attention; written out where no kernel does it faster, which for few tokens on a CPU none does."""
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, value)
    return torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), -1) @ value


def _waves(number: Tensor) -> Tensor:
    """Sines and cosines (b, 2 _WAVES) of a number (b,) between 0 and 1."""
    phase = number[:, None] * math.pi * 2.0 ** torch.arange(-1, _WAVES - 1, device=number.device, dtype=number.dtype)
    return torch.cat([phase.sin(), phase.cos()], 1)
