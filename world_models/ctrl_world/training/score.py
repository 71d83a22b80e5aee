"""How good dreams of clips held out are, beside nothing changing at all: peak signal-to-noise ratio by horizon, of exterior views and wrist."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from world_models.autoencoder import Autoencoder, rgb_from_pictures
from world_models.ctrl_world.mini.imagining import Start, imagined
from world_models.ctrl_world.mini.network import Predictor
from world_models.ctrl_world.training.footage import Footage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Score:
    """Mean squared errors (e,n,v) of e episodes at n horizons in v views: of the `dream` and of a `copy` of the last frame; and the same of
    pixels of things alone (not a number where none is in view)."""

    dream: Array
    copy: Array
    dream_things: Array
    copy_things: Array

    def line(self) -> str:
        """In words: what was gained over the copy at some horizons [dB]."""
        n = self.dream.shape[1]
        some = sorted({0, n // 3, n // 2, n - 1})
        gained = [f"{decibel(self.dream[:, h].mean()) - decibel(self.copy[:, h].mean()):+.1f}" for h in some]
        things = [
            f"{decibel(np.nanmean(self.dream_things[:, h])) - decibel(np.nanmean(self.copy_things[:, h])):+.1f}"
            for h in some
        ]
        ahead = ", ".join(str(h + 1) for h in some)
        return (
            f"{decibel(self.dream[:, : n // 2 + 1].mean()):.2f} dB (copy {decibel(self.copy[:, : n // 2 + 1].mean()):.2f}); gained at frames "
            f"{ahead}: {' '.join(gained)} dB, on things {' '.join(things)} dB"
        )


def decibel(error: float | np.floating) -> float:
    """Peak signal-to-noise ratio [dB] of a mean squared error of 8-bit values."""
    return float(10.0 * np.log10(255.0**2 / max(float(error), 1e-9)))


@torch.no_grad()
def scored(
    model: Predictor, autoencoder: Autoencoder, film: Footage, *, precision: torch.dtype, clips: int = 16, length: int = 12,
    steps: int = 1, is_told: bool = True,
) -> Score:  # fmt: skip
    """The score of the first `clips` clips that last, imagined from their first frame on."""
    reel = film.reel
    length = min(length, int(np.diff(reel.starts).max()) - 1)
    kept = [i for i in range(reel.count) if reel.starts[i + 1] - reel.starts[i] > length][:clips]
    begins = reel.starts[kept]
    ways = [slice(begin, begin + length + 1) for begin in begins]
    starts = [
        Start(film.latents[way.start : way.start + 1], reel.cameras[clip], reel.body[way], reel.gripper[way], reel.times_s[way], (0, "score", clip))
        for clip, way in zip(kept, ways, strict=True)
    ]  # fmt: skip
    latents = torch.stack(imagined(model, starts, steps=steps, is_told=is_told, precision=precision))
    flat = latents.flatten(0, 2)
    shown = np.concatenate([rgb_from_pictures(autoencoder.decode(part)) for part in flat.split(96)])
    true = np.stack([reel.rgb[way][1:] for way in ways])
    shown = shown.reshape(true.shape)
    last = np.stack([reel.rgb[begin : begin + 1] for begin in begins])
    labels = np.stack([reel.labels[way][1:] for way in ways])
    things = ((labels > 0) & (labels < 255))[..., None]
    return Score(*(_error(picture, true, where) for where in (None, things) for picture in (shown, last)))


def _error(shown: NDArray[np.uint8], true: NDArray[np.uint8], where: NDArray[np.bool_] | None) -> Array:
    error = np.square(shown.astype(np.float32) - true)
    if where is None:
        return error.mean((-3, -2, -1), dtype=np.float64)
    counts = where.sum((-3, -2, -1))
    return np.where(counts > 0, (error * where).sum((-3, -2, -1)) / np.maximum(3 * counts, 1), np.nan)
