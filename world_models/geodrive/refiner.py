"""The network that completes splats: a small UNet with a condition branch that begins at zero, as in ControlNet and GeoDrive.

It denoises a picture (x0-prediction, 1 to 4 steps) given the last seen one, and adds to a filled splat, so that before any
training its answer is the filled splat. Sources: Zhang et al., arXiv 2302.05543 (zero convolutions); GeoDrive, arXiv 2505.22421, section 3.3.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from world_models.geodrive.inputs import CONDITION, REFERENCE

_GROUPS, _TOLD = 8, 64


@dataclass(frozen=True)
class Shape:
    """How large the network is: `channels` by level, each half the size of the one before; `has_condition` False is the ablation without the branch."""

    channels: tuple[int, ...] = (32, 64, 128, 160)
    has_condition: bool = True


class _Block(nn.Module):
    """Two convolutions around what is told of the whole picture, beside the identity."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, padding=1)
        self.calm, self.even = nn.GroupNorm(_GROUPS, before), nn.GroupNorm(_GROUPS, after)
        self.tell = nn.Linear(_TOLD, 2 * after)
        self.past = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.tell(told)[:, :, None, None].chunk(2, dim=1)
        inner = self.first(functional.silu(self.calm(x)))
        inner = self.even(inner) * (1 + scale) + shift
        return self.past(x) + self.second(functional.silu(inner))


class _Encoder(nn.Module):
    """From maps to features of every level, the finest first."""

    def __init__(self, maps: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4 * maps, channels[0], 3, padding=1)
        self.blocks = nn.ModuleList(_Block(a, b) for a, b in zip((channels[0], *channels), channels, strict=False))

    def forward(self, maps: Tensor, told: Tensor, added: list[Tensor] | None = None) -> list[Tensor]:
        x = self.stem(functional.pixel_unshuffle(maps, 2))
        found = []
        for level, block in enumerate(self.blocks):
            x = block(functional.avg_pool2d(x, 2) if level else x, told)
            if added is not None:
                x = x + added[level]
            found.append(x)
        return found


class Refiner(nn.Module):
    """Completes splats. Pictures are (b,3,H,W), -1 to 1; sides are multiples of 2 ** (levels) px."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape or Shape()
        channels = self.shape.channels
        self.told = nn.Sequential(nn.Linear(4, _TOLD), nn.SiLU(), nn.Linear(_TOLD, _TOLD), nn.SiLU())
        self.base = _Encoder(3 + REFERENCE, channels)
        if self.shape.has_condition:
            self.branch = _Encoder(CONDITION, channels)
            self.zeros = nn.ModuleList(_zero(nn.Conv2d(width, width, 1)) for width in channels)
        self.middle = _Block(channels[-1], channels[-1])
        self.up = nn.ModuleList(_Block(a + b, a) for a, b in pairwise(channels))
        self.calm = nn.GroupNorm(_GROUPS, channels[0])
        self.head = _zero(nn.Conv2d(channels[0], 16, 3, padding=1))

    def forward(self, noisy: Tensor, level: Tensor, reference: Tensor, condition: Tensor, ahead_s: Tensor) -> Tensor:
        """What a noisy picture would be without noise, with its nearness: (b,4,H,W), pictures -1 to 1, nearness 0 to 1.

        `level` (b,) is the share of noise, `reference` (b,4,H,W) the last seen picture (-1 to 1) and its nearness, `condition`
        (b,9,H,W) as made by inputs.condition, `ahead_s` (b,) the time since the last seen picture [s].
        """
        covered = condition[:, 4].mean(dim=(1, 2))
        told = self.told(torch.stack([level, ahead_s / 2, covered, torch.ones_like(level)], dim=1))
        added = None
        if self.shape.has_condition:
            added = [zero(one) for zero, one in zip(self.zeros, self.branch(condition, told), strict=True)]
        features = self.base(torch.cat([noisy, reference], dim=1), told, added)
        x = self.middle(features.pop(), told)
        for block, skip in zip(reversed(self.up), reversed(features), strict=True):
            x = block(torch.cat([skip, functional.interpolate(x, scale_factor=2.0)], dim=1), told)
        change = functional.pixel_shuffle(self.head(functional.silu(self.calm(x))), 2)
        return condition[:, :4] + change.float()

    def sampled(self, noise: Tensor, reference: Tensor, condition: Tensor, ahead_s: Tensor, *, steps: int) -> Tensor:
        """Pictures out of noise (b,3,H,W) in `steps` equal steps along straight ways from noise to picture; as `forward` answers."""
        x, found = noise, condition[:, :4]
        for step in range(steps):
            share = 1 - step / steps
            level = torch.full((len(x),), share, device=x.device)
            found = self.forward(x, level, reference, condition, ahead_s)
            noise = (x - (1 - share) * found[:, :3]) / share
            share -= 1 / steps
            x = (1 - share) * found[:, :3] + share * noise
        return found

    def described(self) -> dict[str, object]:
        """Its shape, as a JSON document."""
        return asdict(self.shape)


def _zero(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
