"""What each idea of the small Ctrl-World is worth: variants trained equally long on the same clips, scored on clips held out.

    python benchmarks/ctrl_world_ablations.py --data data/panda --test data/panda-test --minutes 20 --out out/ablations

Each variant takes `--minutes` of wall clock (seven of them: about 2 h 20 min at 20), and goes on where it was when started again.
The autoencoder is that of the weights given, so that all variants predict the same latents. Prints a table: PSNR [dB] at 0.3, 1.2,
2.1 and 3.6 s, of exterior views and wrist, of all pixels and those of things.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import tyro

from world_models.clips import read_clips
from world_models.ctrl_world import WEIGHTS
from world_models.ctrl_world.mini.making import device_of, precision_of
from world_models.ctrl_world.mini.shape import Shape
from world_models.ctrl_world.mini.weights import load, networks
from world_models.ctrl_world.training.footage import footage
from world_models.ctrl_world.training.predictor import Lesson, loss_of
from world_models.ctrl_world.training.score import Score, decibel, scored
from world_models.reel import reel
from world_models.training_loop import Stage, fit

VARIANTS: Mapping[str, Mapping[str, object]] = {
    "full": {},
    "memory: implicit": {"memory": "implicit"},
    "memory: none": {"memory": "none"},
    "conditioning: clip": {"conditioning": "clip"},
    "conditioning: none": {"conditioning": "none"},
    "views: separate": {"is_joint": False},
}
FRAMES = (0, 3, 6, 11)
"""Horizons shown, in frames from the first imagined one."""


@dataclass(frozen=True)
class Config:
    """What is trained how long on what."""

    data: Path
    test: Path
    weights: Path = WEIGHTS
    out: Path = Path("out/ctrl-world-ablations")
    minutes: float = 20.0
    batch: int = 16
    rate: float = 1.5e-3
    only: tuple[str, ...] = tuple(VARIANTS)
    seed: int = 0
    device: str = "auto"


def row(name: str, errors: np.ndarray, things: np.ndarray) -> str:
    """A line of the table, of errors (e,n,v) of all pixels and of things."""
    cells = []
    for part in (errors, things):
        for views in (slice(0, -1), slice(-1, None)):
            cells.append(" ".join(f"{decibel(np.nanmean(part[:, h, views])):.1f}" for h in FRAMES if h < part.shape[1]))
    return f"| {name} | {' | '.join(cells)} |"


def main(config: Config) -> None:
    """Trains, scores, prints."""
    device = device_of(config.device)
    precision = precision_of("auto", device)
    kept = load(config.weights, device)
    films = [reel(read_clips(folder)) for folder in (config.data, config.test)]
    learn, judge = (footage(film, kept.autoencoder, kept.shape, precision=precision) for film in films)
    print("| Variant | exterior | wrist | exterior, things | wrist, things |\n|---|---|---|---|---|")
    score: Score | None = None
    for name in config.only:
        shape: Shape = replace(kept.shape, **VARIANTS[name])  # type: ignore[arg-type]
        model = networks(shape, seed=config.seed).predictor.to(device)
        stage = Stage(name.replace(": ", "-"), seed=config.seed, minutes=config.minutes, rate=config.rate)
        loss = loss_of(learn, Lesson(config.batch, blur=0.1, pure=0.8), device=device, precision=precision)
        fit(model, loss, stage, folder=config.out, say=lambda line: print(line, file=sys.stderr, flush=True))
        score = scored(model, kept.autoencoder, judge, precision=precision, clips=64, steps=0)
        print(row(name, score.dream, score.dream_things), flush=True)
        torch.save(model.state_dict(), config.out / f"{stage.name}.pt")
    if score is not None:
        print(row("copy of the last frame", score.copy, score.copy_things))


if __name__ == "__main__":
    main(tyro.cli(Config))
