"""What the reader learns from: latents that were seen and latents that were imagined, with the engine's truth about both."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bridge.frames import yaw_from_quat
from world_models.ctrl_world.mini.asked import asked_thing
from world_models.ctrl_world.mini.geometry import matrices
from world_models.ctrl_world.mini.imagining import Start, imagined
from world_models.ctrl_world.mini.network import Predictor
from world_models.ctrl_world.mini.poses import numbers
from world_models.ctrl_world.mini.reader import Reader
from world_models.ctrl_world.training.footage import Footage
from world_models.reel import Reel

Array = NDArray[np.float64]
_UPRIGHT = 0.95
"""The least cosine of a cube's tilt at which its yaw means something."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Of each frame of a reel: `places` (f,k,3) [m], `turns` (f,k,2), `asked` (f,) the thing that the
    errand is about (-1: none), `done` (f,), `told` (f,p) the tool in numbers."""

    places: Tensor
    turns: Tensor
    asked: Tensor
    done: Tensor
    told: Tensor


def truth(reel: Reel) -> Truth:
    """What a reader should say of a reel's frames."""
    turn = matrices(np.nan_to_num(reel.things[..., 3:], nan=0.5))
    angle = 4.0 * yaw_from_quat(np.nan_to_num(reel.things[..., 3:], nan=0.5))
    is_cube = np.array([name.endswith("cube") for name in reel.names])
    counts = is_cube & (turn[..., 2, 2] > _UPRIGHT)
    asked = np.full(len(reel.body), -1)
    for clip, words in enumerate(reel.instructions):
        found = asked_thing(words, reel.names)
        asked[reel.starts[clip] : reel.starts[clip + 1]] = -1 if found is None else found
    return Truth(
        torch.from_numpy(reel.things[..., :3].astype(np.float32)),
        torch.from_numpy((np.stack([np.cos(angle), np.sin(angle)], -1) * counts[..., None]).astype(np.float32)),
        torch.from_numpy(asked),
        torch.from_numpy(reel.success.astype(np.float32)),
        torch.from_numpy(numbers(reel.body, reel.gripper, reel.times_s, now=0)),
    )


@torch.no_grad()
def dreams(
    model: Predictor, film: Footage, clips: NDArray[np.int64], *, seed: int, steps: int, precision: torch.dtype,
    mask: int | None = None, begins: NDArray[np.int64] | None = None,
) -> tuple[Tensor, NDArray[np.int64]]:  # fmt: skip
    """Whole clips imagined from their first frame, or from the frame `begins` says: latents (r,v,c,h,w), and the frames (r,) of the reel
    that they stand for."""
    reel = film.reel
    starts, rows = [], []
    for index, clip in enumerate(clips.tolist()):
        a, b = int(reel.starts[clip]), int(reel.starts[clip + 1])
        now = a + (int(begins[index]) if begins is not None else 0)
        starts.append(
            Start(
                film.latents[a : now + 1],
                reel.cameras[clip],
                reel.body[a:b],
                reel.gripper[a:b],
                reel.times_s[a:b],
                (seed, "dream", clip),
            )
        )
        rows.append(np.arange(now + 1, b))
    masked = None if mask is None else (seed, "mask", mask)
    found = imagined(model, starts, steps=steps, precision=precision, mask_seed=masked)
    return torch.cat([latents.cpu() for latents in found]), np.concatenate(rows)


def loss_of(
    film: Footage, true: Truth, imagined_latents: Tensor, rows: NDArray[np.int64], *, batch: int, share: float, device: torch.device,
    precision: torch.dtype,
) -> Callable[[nn.Module, np.random.Generator, float], Tensor]:  # fmt: skip
    """The loss of one step; a `share` of the frames are imagined ones, and count where pictures could tell."""
    dreamt = imagined_latents.half()

    def loss(model: nn.Module, rng: np.random.Generator, over: float) -> Tensor:
        assert isinstance(model, Reader)
        own = int(round(share * batch)) if len(rows) else 0
        seen = rng.integers(0, len(film.latents), batch - own)
        picked = rng.integers(0, max(len(rows), 1), own)
        at = torch.from_numpy(np.concatenate([seen, rows[picked]]).astype(np.int64))
        latents = torch.cat([film.latents[seen], dreamt[picked].float()]) if own else film.latents[seen]
        latents = latents + 0.1 * torch.from_numpy(rng.standard_normal(latents.shape, dtype=np.float32))
        with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
            read = model(latents.to(device), film.maps[at].float().to(device), true.told[at].to(device))
        weights = torch.isfinite(true.places[at]).all(-1).all(-1).float().to(device)
        places = torch.nan_to_num(true.places[at], nan=0.0).to(device)
        return model.loss(
            read, places, true.turns[at].to(device), true.asked[at].to(device), true.done[at].to(device), weights
        )

    return loss


@torch.no_grad()
def read(
    model: Reader, latents: Tensor, film: Footage, true: Truth, rows: NDArray[np.int64]
) -> tuple[Tensor, Tensor, Tensor]:
    """What the reader says of latents (r,v,c,h,w) that stand for frames (r,), on the CPU."""
    device = next(model.parameters()).device
    parts = []
    for first in range(0, len(rows), 64):
        at = torch.from_numpy(rows[first : first + 64])
        told = model(
            latents[first : first + 64].float().to(device), film.maps[at].float().to(device), true.told[at].to(device)
        )
        parts.append([part.float().cpu() for part in told])
    places, turns, odds = (torch.cat(column) for column in zip(*parts, strict=True))
    return places, turns, odds


def platt(odds: Array, done: Array) -> tuple[float, float]:
    """Slope and offset that make sigmoid(slope * odds + offset) most likely (Platt 1999, with his smoothed targets), by Newton's method."""
    yes, no = float(done.sum()), float((1 - done).sum())
    target = np.where(done > 0.5, (yes + 1) / (yes + 2), 1 / (no + 2))
    found = np.array([1.0, 0.0])
    rows = np.stack([odds, np.ones_like(odds)], 1)
    for _ in range(100):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ found, -40, 40)))
        slope = rows.T @ (chance - target) + 1e-6 * found
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    return max(float(found[0]), 1e-3), float(found[1])


def reliability(chance: Array, done: Array, bins: int = 10) -> tuple[list[tuple[float, float, int]], float]:
    """By bins of probability the mean said, the share that was so, and how many; and the expected calibration error."""
    which = np.minimum((chance * bins).astype(int), bins - 1)
    table = [
        (float(chance[which == b].mean()), float(done[which == b].mean()), int((which == b).sum()))
        for b in np.unique(which)
    ]
    off = sum(count * abs(said - was) for said, was, count in table) / max(len(chance), 1)
    return table, float(off)
