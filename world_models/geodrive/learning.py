"""The refiner's training: examples, loss, and how much to trust what it makes, measured on clips that it did not learn from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from world_models.clips import Clip, read_clips
from world_models.geodrive.calibration import WITHIN, kinds, share_map, shares, trust_line
from world_models.geodrive.examples import Batch, Drawing, drawn, example, usable
from world_models.geodrive.refiner import Refiner, Shape
from world_models.geodrive.training import Say, Training
from world_models.geodrive.weights import chosen_device, is_half_fast, save
from world_models.training_loop import Stage, fit

NAME = "geodrive-mini.safetensors"
_EDGES, _NEAR = 0.5, 2.0
_LOOKED = 24


def learn(settings: Training, data: Path, out: Path, say: Say) -> Path:
    """See training.train."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = chosen_device(settings.device)
    is_half = settings.precision == "bfloat16" or (settings.precision == "auto" and is_half_fast(device))
    clips = usable(list(read_clips(data)))
    held = clips[:: max(round(1 / settings.held_out), 2)] if settings.held_out > 0 and len(clips) > 1 else []
    learnt = [clip for clip in clips if clip not in held] if held else clips
    say(
        f"geodrive: {len(learnt)} clips to learn from, {len(held)} held out, on {device}{' in bfloat16' if is_half else ''}"
    )
    torch.manual_seed(settings.seed)
    refiner = (
        Refiner(Shape(tuple(settings.channels), settings.has_condition))
        .to(device)
        .to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    )
    drawing = Drawing(settings.ahead, settings.spoilt_share, settings.guessed_share, settings.editing)

    def loss(model: nn.Module, rng: np.random.Generator, over: float) -> Tensor:
        batch = drawn(learnt, rng, settings.batch, drawing)
        with torch.autocast(device.type, torch.bfloat16, enabled=is_half):
            return batch_loss(model, batch, rng, settings.noise_share, device)

    def look(model: nn.Module) -> str:
        return _told(measured(model, held or learnt, device, is_half, settings.editing))

    stage = Stage(
        "refiner",
        settings.seed,
        settings.steps,
        settings.minutes,
        settings.rate,
        warm_up=min(100, settings.steps // 10),
        look_steps=500,
    )
    fit(refiner, loss, stage, folder=out, say=say, look=look)
    path = out / NAME
    trust, taken = calibrated(refiner, held, device, is_half, settings.editing) if held else ([], [])
    card = {"training": asdict(settings), "data": str(data.name), "clips": len(learnt)}
    save(refiner, path, trust=trust, taken=taken, card=json.loads(json.dumps(card)))
    say(f"geodrive: weights at {path}")
    return path


def batch_loss(
    model: nn.Module, batch: Batch, rng: np.random.Generator, noise_share: float, device: torch.device
) -> Tensor:
    """How far the model is off: colours, their differences between neighbours, and nearness, holes and things counting for more.

    Most examples start from noise alone, as the first step of sampling does; `noise_share` of them from less.
    """
    reference, condition, ahead_s, target, weight = (
        torch.from_numpy(one).to(device)
        for one in (batch.reference, batch.condition, batch.ahead_s, batch.target, batch.weight)
    )
    level = np.where(rng.random(len(target)) < noise_share, rng.uniform(0.2, 1.0, len(target)), 1.0).astype(np.float32)
    share = torch.from_numpy(level).to(device)
    grain = torch.from_numpy(rng.standard_normal(target[:, :3].shape, dtype=np.float32)).to(device)
    noisy = (1 - share)[:, None, None, None] * target[:, :3] + share[:, None, None, None] * grain
    found = model(_last(noisy), share, _last(reference), _last(condition), ahead_s).float()
    off = found - target
    weight = weight[:, None] / weight.mean()
    edges = (off[:, :3, 1:] - off[:, :3, :-1]).abs().mean() + (off[:, :3, :, 1:] - off[:, :3, :, :-1]).abs().mean()
    colours = (weight * (off[:, :3].abs() + off[:, :3] ** 2)).mean()
    return colours + _EDGES * edges + _NEAR * (weight * off[:, 3:].abs()).mean()


def calibrated(
    model: nn.Module, clips: Sequence[Clip], device: torch.device, is_half: bool, editing: bool
) -> tuple[list[list[float]], list[float]]:
    """The trust line and the shares of changes to take (see calibration), as clips that nobody learnt from have them."""
    shown = list(_refined(model, clips, device, is_half, editing, most=200))
    kind = [kinds(condition[4] > 0, condition[5]) for _, condition, _, _ in shown]
    changed = [found[:3] - condition[:3] for _, condition, found, _ in shown]
    wanted = [target[:3] - condition[:3] for _, condition, _, target in shown]
    taken = shares(changed, wanted, kind)
    coverage = np.array([condition[4].mean() for _, condition, _, _ in shown])
    right = []
    for (_, condition, _, target), change in zip(shown, changed, strict=True):
        picture = np.clip(condition[:3] + share_map(condition[4] > 0, condition[5], taken) * change, -1, 1)
        right.append((np.abs(picture - target[:3]).mean(axis=0) / 2 < WITHIN).mean())
    return trust_line(coverage, np.array(right)), taken


def measured(
    model: nn.Module, clips: Sequence[Clip], device: torch.device, is_half: bool, editing: bool = True
) -> np.ndarray:
    """How good pictures are, some of each clip at several horizons: rows (ahead, squared error of the refined picture, and of the filled
    splat), things going on as they went."""
    rows = []
    for ahead, condition, found, target in _refined(model, clips, device, is_half, editing, most=_LOOKED):
        off, plain = (((np.clip(one[:3], -1, 1) - target[:3]) / 2) ** 2 for one in (found, condition))
        rows.append((ahead, off.mean(), plain.mean()))
    return np.array(rows)


def _refined(
    model: nn.Module, clips: Sequence[Clip], device: torch.device, is_half: bool, editing: bool, *, most: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """How many frames ahead, condition (c,H,W), the refiner's answer and the target (4,H,W): clips at several horizons."""
    for clip in clips[:: max(len(clips) // most, 1)]:
        for ahead in (1, 2, 3, 5, 8):
            if ahead + 2 > len(clip):
                continue
            now = min((7 * ahead) % max(len(clip) - 1 - ahead, 1), len(clip) - 1 - ahead)
            batch = example(clip, now, ahead, Drawing(guessed_share=1.0, editing=editing))
            parts = [torch.from_numpy(one).to(device) for one in (batch.reference, batch.condition, batch.ahead_s)]
            rng = np.random.default_rng(ahead)
            noise = torch.from_numpy(rng.standard_normal((1, 3, *batch.weight.shape[1:]), dtype=np.float32)).to(device)
            with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=is_half):
                found = model.sampled(noise, *parts, steps=1).float().cpu().numpy()  # type: ignore[operator]
            yield ahead, batch.condition[0], found[0], batch.target[0]


def _told(rows: np.ndarray) -> str:
    """PSNR by horizon: refined, and the filled splat beside it."""
    parts = []
    for ahead in sorted(set(rows[:, 0])):
        mine = rows[rows[:, 0] == ahead]
        refined, plain = (float(np.mean(-10 * np.log10(mine[:, column]))) for column in (1, 2))
        parts.append(f"{int(ahead)}: {refined:.2f} ({plain:.2f})")
    return "dB by frame, splat " + ", ".join(parts)


def _last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=torch.channels_last)
