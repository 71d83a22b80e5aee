"""What the predictor is taught: to match the flow from noise to what followed, to take two steps as one, and to bear its own errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from world_models.ctrl_world.mini import flow
from world_models.ctrl_world.mini.imagining import MASKED, sampled
from world_models.ctrl_world.mini.network import LEVELS, Predictor, masks_of
from world_models.ctrl_world.training.footage import Batch, Footage, batch, moments
from world_models.training_loop import noise


@dataclass(frozen=True)
class Lesson:
    """`batch` moments a step. `pure` is the share of pictures that are pure noise, since one step is what is asked most. `untold` is the share that is
    not told the course; `blur` the strongest noise on what is given; `shortcuts` the share of steps that learn to be two at once;
    `own` the share of moments some of whose given frames the model imagined itself; `masked` the share that a mask is laid on."""

    batch: int = 16
    untold: float = 0.1
    blur: float = 0.1
    pure: float = 0.8
    shortcuts: float = 0.0
    own: float = 0.0
    masked: float = 0.0


def loss_of(
    film: Footage, lesson: Lesson, *, device: torch.device, precision: torch.dtype
) -> Callable[[nn.Module, np.random.Generator, float], Tensor]:
    """The loss of one step, as `training_loop.fit` wants it."""
    ready = moments(film.reel)

    def loss(model: nn.Module, rng: np.random.Generator, over: float) -> Tensor:
        assert isinstance(model, Predictor)
        now = rng.choice(ready, lesson.batch)
        taught = batch(film, model.shape, now, device)
        with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
            if lesson.own > 0.0:
                taught = _with_own(model, film, taught, now, lesson, rng)
            return matching(model, taught, lesson, rng)

    return loss


def matching(model: Predictor, taught: Batch, lesson: Lesson, rng: np.random.Generator) -> Tensor:
    """The weighted squared error of latents, in part against pictures and in part against two steps of half the size."""
    device, count = taught.new.device, len(taught.new)
    times = np.where(rng.random(count) < lesson.pure, 0.0, rng.random(count))
    levels = np.zeros(count, dtype=np.int64)
    learning = rng.random(count) < lesson.shortcuts
    if learning.any():
        chosen = rng.integers(1, LEVELS, count)
        slots = 2 ** (LEVELS - 1 - chosen)
        aligned = np.floor(rng.random(count) * slots) / slots
        levels, times = np.where(learning, chosen, levels), np.where(learning, aligned, times)
    told = torch.from_numpy(rng.random(count) >= lesson.untold).to(device)
    blur = torch.from_numpy((lesson.blur * rng.random(count)).astype(np.float32)).to(device)
    given = taught.given + blur.view(-1, *[1] * 5) * noise(rng, tuple(taught.given.shape), device)
    start = noise(rng, tuple(taught.new.shape), device)
    time, level = torch.from_numpy(times.astype(np.float32)).to(device), torch.from_numpy(levels).to(device)
    x = flow.mixed(taught.new, start, time)

    masks = None
    if lesson.masked > 0.0:
        masks = masks_of(model.shape, count, rng, MASKED)
        masks[torch.from_numpy(rng.random(count) >= lesson.masked)] = 1.0
        masks = masks.to(device)

    def ahead(rows: Tensor) -> flow.Model:
        def model_of(x: Tensor, time: Tensor, level: Tensor) -> Tensor:
            return model(
                given[rows], x, taught.maps[rows], taught.poses[rows], time=time, level=level, told=told[rows],
                blur=blur[rows], masks=None if masks is None else masks[rows],
            )  # fmt: skip

        return model_of

    target = taught.new
    if learning.any():
        rows = torch.from_numpy(np.flatnonzero(learning)).to(device)
        target = target.clone()
        target[rows] = flow.shortcut_target(ahead(rows), x[rows], time[rows], level[rows])
    everything = torch.arange(count, device=device)
    error = (ahead(everything)(x, time, level) - target).square() * taught.weights
    return error.sum() / (taught.weights.sum() * taught.new.shape[3])


def _with_own(
    model: Predictor, film: Footage, taught: Batch, now: np.ndarray, lesson: Lesson, rng: np.random.Generator
) -> Batch:
    """The same batch, some of whose given frames are what the model itself imagined of them a piece earlier."""
    shape, reel = model.shape, film.reel
    chosen = np.flatnonzero(rng.random(len(now)) < lesson.own)
    begins = reel.starts[reel.clip_of(now[chosen])]
    earlier = np.maximum(now[chosen] - rng.integers(1, shape.new_frames + 1, len(chosen)), begins)
    chosen, earlier = chosen[earlier < now[chosen]], earlier[earlier < now[chosen]]
    if not len(chosen):
        return taught
    before = batch(film, shape, earlier, taught.given.device)
    start = noise(rng, tuple(before.new.shape), taught.given.device)
    with torch.no_grad():
        dreamt = sampled(model, before.given, start, before.maps, before.poses, steps=0)
    given = taught.given.clone()
    for row, index in enumerate(chosen.tolist()):
        imagined = {int(frame): dreamt[row, i] for i, frame in enumerate(before.rows[row, shape.context :])}
        for slot, frame in enumerate(taught.rows[index, : shape.context].tolist()):
            if frame in imagined:
                given[index, slot] = imagined[frame]
    return Batch(given, taught.new, taught.maps, taught.poses, taught.weights, taught.rows)
