"""A small convolutional autoencoder: pictures to latents an eighth of their size and back, the same for all views.

Pictures are float (n,3,H,W) in -1..1, sides divisible by 8; latents (n,channels,H/8,W/8), each channel of unit spread over
the pictures it was trained on. Needs torch.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STRIDE = 8
"""Pixels per latent, along each side."""


@dataclass(frozen=True)
class Shape:
    """How large the network is: `latents` channels, and the `widths` at a half, a quarter and an eighth of the size."""

    latents: int = 16
    widths: tuple[int, int, int] = (32, 64, 128)


class Autoencoder(nn.Module):
    """Convolutions at a half, a quarter and an eighth of the size; the finest scale is folded into channels, not computed at."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        fine, middle, coarse = shape.widths
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(12, fine, 3, padding=1),
            Block(fine),
            nn.Conv2d(fine, middle, 3, stride=2, padding=1),
            Block(middle),
            nn.Conv2d(middle, coarse, 3, stride=2, padding=1),
            Block(coarse),
            nn.Conv2d(coarse, shape.latents, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(shape.latents, coarse, 3, padding=1),
            Block(coarse),
            Block(coarse),
            nn.Conv2d(coarse, 4 * middle, 1),
            nn.PixelShuffle(2),
            Block(middle),
            Block(middle),
            nn.Conv2d(middle, 4 * fine, 1),
            nn.PixelShuffle(2),
            Block(fine),
            nn.Conv2d(fine, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.zeros(shape.latents))
        self.register_buffer("spread", torch.ones(shape.latents))

    def encode(self, pictures: Tensor) -> Tensor:
        """Latents of pictures, standardised."""
        return (self.encoder(pictures) - self.mean[:, None, None]) / self.spread[:, None, None]

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures of standardised latents; values may leave -1..1 a little."""
        return self.decoder(latents * self.spread[:, None, None] + self.mean[:, None, None])

    def loss(self, pictures: Tensor, weights: Tensor, *, noise: Tensor, shrink: float = 1e-3) -> Tensor:
        """The squared error of pictures seen through noisy latents, pixels weighted by `weights` (n,1,H,W).

        `noise` (n,latents,h,w) of fixed strength makes the decoder smooth about each latent, so that small errors of a
        predictor stay small errors of pictures; `shrink` keeps latents from growing to escape it.
        """
        raw = self.encoder(pictures)
        again = self.decoder(raw + noise)
        error = (again - pictures).float().square() * weights
        edges = _edges(again.float(), pictures) if pictures.shape[-1] > 1 else error.new_zeros(())
        return error.sum() / (3 * weights.sum()) + 0.1 * edges + shrink * raw.float().square().mean()

    @torch.no_grad()
    def standardise(self, pictures: Tensor) -> None:
        """Takes the mean and spread of each latent channel from these pictures."""
        raw = self.encoder(pictures).float()
        self.mean.copy_(raw.mean((0, 2, 3)))
        self.spread.copy_(raw.std((0, 2, 3)).clamp(min=1e-3))


class Block(nn.Module):
    """Two convolutions beside a way through; it begins as the way through alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        for parameter in self.second.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(F.silu(self.norm(x)))))


def _edges(again: Tensor, pictures: Tensor) -> Tensor:
    """The mean absolute error of differences between neighbouring pixels: what a squared error leaves blurred."""
    error = again - pictures
    return error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()


def pictures_from_rgb(rgb: "NDArray[np.uint8]", device: "torch.device | str" = "cpu") -> Tensor:
    """Pictures (n,3,H,W) of uint8 rgb (n,H,W,3)."""
    return torch.from_numpy(rgb).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def rgb_from_pictures(pictures: Tensor) -> "NDArray[np.uint8]":
    """uint8 rgb (n,H,W,3) of pictures (n,3,H,W)."""
    bright = ((pictures.float().clamp(-1.0, 1.0) + 1.0) * 127.5).round().to(torch.uint8)
    return bright.permute(0, 2, 3, 1).contiguous().cpu().numpy()
