"""Clips as the predictor learns from them: latents, maps and poses of every frame, made once; batches of moments and what followed."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from world_models.autoencoder import Autoencoder, pictures_from_rgb
from world_models.ctrl_world.mini.geometry import maps
from world_models.ctrl_world.mini.imagining import frames_of
from world_models.ctrl_world.mini.poses import numbers
from world_models.ctrl_world.mini.shape import STRIDE, Shape
from world_models.reel import Reel

_THINGS, _BODY = 4.0, 1.0
"""How much more a latent counts that things cover, or the arm."""


@dataclass(frozen=True, eq=False)
class Footage:
    """`latents` (f,v,c,h,w) float32; `maps` (f,v,MAPS,h,w) float16; `weights` (f,v,1,h,w) float32, of a reel's frames."""

    reel: Reel
    latents: Tensor
    maps: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """b moments: `given` (b,m,v,c,h,w), `new` (b,n,v,c,h,w), `maps` (b,m+n,v,k,h,w), `poses` (b,m+n,p), `weights` (b,n,v,1,h,w), which are 0
    beyond a clip's end. `rows` (b,m+n) are the frames in the reel."""

    given: Tensor
    new: Tensor
    maps: Tensor
    poses: Tensor
    weights: Tensor
    rows: NDArray[np.int64]


@torch.no_grad()
def latents_of(
    rgb: NDArray[np.uint8], autoencoder: Autoencoder, *, batch: int = 96, precision: torch.dtype = torch.float32
) -> Tensor:
    """Latents (f,v,c,h,w) float32 of rgb (f,v,H,W,3), on the CPU."""
    device = next(autoencoder.parameters()).device
    flat = rgb.reshape(-1, *rgb.shape[2:])
    parts = []
    for first in range(0, len(flat), batch):
        with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
            parts.append(autoencoder.encode(pictures_from_rgb(flat[first : first + batch], device)).float().cpu())
    found = torch.cat(parts)
    return found.view(*rgb.shape[:2], *found.shape[1:])


def footage(reel: Reel, autoencoder: Autoencoder, shape: Shape, *, precision: torch.dtype = torch.float32) -> Footage:
    """Everything that is the same at every step of training."""
    shown = np.concatenate(
        [
            maps(cameras, reel.body[a:b], reel.gripper[a:b], plane_m=shape.plane_m).astype(np.float16)
            for cameras, a, b in zip(reel.cameras, reel.starts[:-1], reel.starts[1:], strict=True)
        ]
    )
    f, v, height, width = reel.labels.shape
    cells = reel.labels.reshape(f, v, height // STRIDE, STRIDE, width // STRIDE, STRIDE)
    things = ((cells > 0) & (cells < 255)).mean((3, 5), dtype=np.float32)
    own = (cells == 255).mean((3, 5), dtype=np.float32)
    weights = 1.0 + _THINGS * np.sqrt(things) + _BODY * np.sqrt(own)
    return Footage(
        reel, latents_of(reel.rgb, autoencoder, precision=precision), torch.from_numpy(shown), torch.from_numpy(weights[:, :, None])
    )  # fmt: skip


def moments(reel: Reel) -> NDArray[np.int64]:
    """Rows of all frames that another one follows."""
    return np.setdiff1d(np.arange(reel.starts[-1]), reel.starts[1:] - 1)


def batch(film: Footage, shape: Shape, now: NDArray[np.int64], device: torch.device | str = "cpu") -> Batch:
    """What was before and after these frames (b,) of the reel."""
    reel = film.reel
    rows = np.empty((len(now), shape.context + shape.new_frames), dtype=np.int64)
    told, valid = [], np.empty((len(now), shape.new_frames), dtype=np.float32)
    for index, (row, clip) in enumerate(zip(now.tolist(), reel.clip_of(now).tolist(), strict=True)):
        start, end = int(reel.starts[clip]), int(reel.starts[clip + 1])
        own = frames_of(shape, reel.body[start:end], row - start + 1) + start
        when = reel.times_s[np.minimum(own, end - 1)] + shape.frame_s * np.maximum(own - (end - 1), 0)
        valid[index] = own[shape.context :] < end
        rows[index] = own = np.minimum(own, end - 1)
        told.append(numbers(reel.body[own], reel.gripper[own], when, now=shape.context - 1))
    at = torch.from_numpy(rows)
    old, new = at[:, : shape.context], at[:, shape.context :]
    weights = film.weights[new] * torch.from_numpy(valid)[:, :, None, None, None, None]
    return Batch(
        film.latents[old].to(device), film.latents[new].to(device), film.maps[at].float().to(device),
        torch.from_numpy(np.stack(told)).to(device), weights.to(device), rows,
    )  # fmt: skip
