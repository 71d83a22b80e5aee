"""Reads a frame's latents: where each thing is, how it is turned, and whether it lies in the bowl, let go.

A thing's place is looked for among the cells of all views, each of which knows where on the table it looks (see geometry); the
rest, height above all, is added by what the whole frame says.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from world_models.ctrl_world.mini.geometry import CENTRE_M, MAPS, PLACE, SCALE_M
from world_models.ctrl_world.mini.shape import Shape

TOOL = 10
"""How many numbers of a frame's pose are used: place, turn and gripper of the tool."""
_NEAR_M = 0.1


class Reader(nn.Module):
    """`forward` has the poses and the doubts of a frame; `loss` what they are taught by."""

    def __init__(self, shape: Shape, dim: int = 96, layers: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.shape, self.heads = shape, heads
        self.stem = nn.Sequential(
            nn.Conv2d(shape.latents + MAPS, 48, 3, padding=1), nn.SiLU(), nn.Conv2d(48, 48, 3, padding=1)
        )
        rows, columns = shape.grid
        self.tokens = nn.Linear(48 * shape.patch**2, dim)
        self.places = nn.Parameter(0.02 * torch.randn(len(shape.views), rows * columns // shape.patch**2, dim))
        self.cells = nn.Linear(48, dim)
        self.cell_views = nn.Parameter(torch.zeros(len(shape.views), 1, dim))
        self.tool = nn.Linear(TOOL, dim)
        self.things = nn.Parameter(0.02 * torch.randn(len(shape.things), dim))
        self.blocks = nn.ModuleList(_Mixing(dim, heads) for _ in range(layers))
        self.last_norm = nn.LayerNorm(dim)
        self.seek = nn.Linear(dim, dim)
        self.say = nn.Sequential(nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, 6))

    def forward(self, latents: Tensor, maps: Tensor, poses: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of latents (b,v,c,h,w), maps (b,v,MAPS,h,w) and pose numbers (b,p): places (b,k,3) [m], turns (b,k,2) as cosine and sine of
        four times the yaw, and the log odds (b,k) that a thing is where it was to be put."""
        b, v = latents.shape[:2]
        fine = self.stem(torch.cat([latents, maps], 2).flatten(0, 1))
        x = self.tokens(F.pixel_unshuffle(fine, self.shape.patch).flatten(2).transpose(1, 2))
        x = (x.view(b, v, -1, x.shape[-1]) + self.places).flatten(1, 2)
        things = self.things.expand(b, -1, -1)
        x = torch.cat([things, self.tool(poses[:, None, :TOOL]), x], 1)
        for block in self.blocks:
            x = block(x)
        found = self.last_norm(x[:, : things.shape[1]])
        cells = self.cells(fine.flatten(2).transpose(1, 2)).view(b, v, -1, found.shape[-1]) + self.cell_views
        scores = self.seek(found) @ cells.flatten(1, 2).transpose(1, 2) * found.shape[-1] ** -0.5
        where = maps[:, :, PLACE : PLACE + 2].flatten(3).transpose(2, 3).flatten(1, 2).float()
        centre = torch.tensor(CENTRE_M, dtype=torch.float32, device=maps.device)
        seen = torch.softmax(scores.float(), -1) @ where * SCALE_M + centre
        said = self.say(found).float()
        at = torch.cat([seen + _NEAR_M * said[..., :2], self.shape.plane_m + _NEAR_M * said[..., 2:3]], -1)
        return at, said[..., 3:5], said[..., 5]

    def loss(
        self,
        read: tuple[Tensor, Tensor, Tensor],
        places: Tensor,
        turns: Tensor,
        asked: Tensor,
        done: Tensor,
        weights: Tensor,
    ) -> Tensor:
        """Against truth: `places` (b,k,3) [m], `turns` (b,k,2) (zeros where a turn means nothing), and whether the errand with thing
        `asked` (b,) (-1: none) is `done` (b,); `weights` (b,) of the frames."""
        at, turn, odds = read
        share = weights / weights.sum().clamp(min=1e-6)
        near = F.smooth_l1_loss(at / _NEAR_M, places / _NEAR_M, beta=0.1, reduction="none").sum(-1).mean(-1)
        is_turned = turns.square().sum(-1)
        turned = ((turn - turns).square().sum(-1) * is_turned).mean(-1)
        own = odds.gather(1, asked.clamp(min=0)[:, None])[:, 0]
        judged = F.binary_cross_entropy_with_logits(own, done, reduction="none") * (asked >= 0)
        return (share * (near + 0.3 * turned + 0.5 * judged)).sum()


class _Mixing(nn.Module):
    """A layer of a transformer."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.mix, self.mixed = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.think = nn.Sequential(nn.Linear(dim, 3 * dim), nn.GELU(approximate="tanh"), nn.Linear(3 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        b, count, dim = x.shape
        q, k, value = self.mix(self.norm(x)).view(b, count, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        mixed = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), -1) @ value
        x = x + self.mixed(mixed.transpose(1, 2).reshape(b, count, dim))
        return x + self.think(self.norm2(x))
