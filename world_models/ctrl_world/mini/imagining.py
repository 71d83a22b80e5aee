"""Imagining latents piece by piece, many episodes at once: each piece on top of what was seen and imagined before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.types import Camera
from world_models.ctrl_world.mini import flow
from world_models.ctrl_world.mini.geometry import maps
from world_models.ctrl_world.mini.memory import recalled
from world_models.ctrl_world.mini.network import Predictor, masks_of
from world_models.ctrl_world.mini.poses import numbers
from world_models.ctrl_world.mini.shape import Shape
from world_models.training_loop import noise, stream

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Start:
    """An episode to go on with: `latents` (t,v,c,h,w) of what was seen, and the tool's way before and after: `body` (t+n,7), `gripper`
    (t+n,), `times_s` (t+n,). `key`, a seed and two names, is its random stream's."""

    latents: Tensor
    cameras: tuple[Camera, ...]
    body: Array
    gripper: Array
    times_s: Array
    key: tuple[int, object, object]

    @property
    def coming(self) -> int:
        return len(self.body) - len(self.latents)


MASKED = 0.1
"""The share of a network that masks switch off."""


@torch.no_grad()
def imagined(
    model: Predictor,
    starts: Sequence[Start],
    *,
    steps: int,
    is_told: bool = True,
    batch: int = 16,
    precision: torch.dtype = torch.float32,
    mask_seed: tuple[int, object, object] | None = None,
    has_shortcuts: bool = True,
) -> list[Tensor]:
    """Latents (n,v,c,h,w) that follow each start, float32; `is_told` False hides the course, which is the no-action variant. With a
    `mask_seed` all are imagined by a network parts of which are switched off, the same ones throughout."""
    masks = None
    if mask_seed is not None:
        masks = masks_of(model.shape, 1, stream(*mask_seed), MASKED).to(next(model.parameters()).device)
    found: list[Tensor] = []
    for first in range(0, len(starts), batch):
        found += _together(model, starts[first : first + batch], steps, is_told, precision, masks, has_shortcuts)
    return found


def _together(
    model: Predictor,
    starts: Sequence[Start],
    steps: int,
    is_told: bool,
    precision: torch.dtype,
    masks: Tensor | None,
    has_shortcuts: bool,
) -> list[Tensor]:
    shape, device = model.shape, next(model.parameters()).device
    held = [start.latents.to(device) for start in starts]
    longest = max(start.coming for start in starts)
    for piece in range(0, longest, shape.new_frames):
        going = [index for index, start in enumerate(starts) if start.coming > piece]
        given, shown, told = [], [], []
        for index in going:
            rows = frames_of(shape, starts[index].body, len(held[index]))
            now = len(held[index]) - 1
            given.append(held[index][torch.from_numpy(rows[: shape.context])])
            body, grip, when = (
                _extended(a, rows) for a in (starts[index].body, starts[index].gripper, starts[index].times_s)
            )
            when[rows >= len(starts[index].times_s)] = when[shape.context - 1] + shape.frame_s * (
                rows[rows >= len(starts[index].times_s)] - now
            )
            shown.append(maps(starts[index].cameras, body, grip, plane_m=shape.plane_m))
            told.append(numbers(body, grip, when, now=shape.context - 1))
        context = torch.stack(given)
        size = (shape.new_frames, *context.shape[2:])
        begin = torch.cat([noise(stream(*starts[index].key, piece), (1, *size)) for index in going]).to(device)
        where, what = torch.from_numpy(np.stack(shown)).to(device), torch.from_numpy(np.stack(told)).to(device)
        with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
            own = None if masks is None else masks.expand(len(going), -1, -1)
            new = sampled(
                model, context, begin, where, what, steps=steps, is_told=is_told, masks=own, has_shortcuts=has_shortcuts
            )
        for row, index in enumerate(going):
            held[index] = torch.cat([held[index], new[row, : starts[index].coming - piece]])
    return [latents[len(start.latents) :] for latents, start in zip(held, starts, strict=True)]


def sampled(
    model: Predictor,
    given: Tensor,
    begin: Tensor,
    where: Tensor,
    what: Tensor,
    *,
    steps: int,
    is_told: bool = True,
    masks: Tensor | None = None,
    has_shortcuts: bool = True,
) -> Tensor:
    """One piece: latents of the new frames (b,n,v,c,h,w), given the context and what all frames are told."""
    told = torch.full((len(given),), is_told, device=given.device)
    blur = torch.zeros(len(given), device=given.device)

    def ahead(x: Tensor, time: Tensor, level: Tensor) -> Tensor:
        return model(given, x, where, what, time=time, level=level, told=told, blur=blur, masks=masks)

    return flow.sample(ahead, begin, steps=steps, has_shortcuts=has_shortcuts).float()


def frames_of(shape: Shape, body: Array, seen: int) -> NDArray[np.int64]:
    """Rows of the frames of a piece: remembered, current (the last of `seen`), new; new ones may lie beyond the course."""
    coming = np.arange(seen, seen + shape.new_frames)
    known = body[coming[coming < len(body)]]
    return np.concatenate([recalled(shape, body[:seen], known), [seen - 1], coming]).astype(np.int64)


def _extended(values: Array, rows: NDArray[np.int64]) -> Array:
    """Values at rows, the last one standing for those beyond."""
    return values[np.minimum(rows, len(values) - 1)].copy()
