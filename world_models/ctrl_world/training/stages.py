"""The stages of training the small Ctrl-World, one after another: autoencoder, predictor, few steps, reader, calibration, weights."""

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bridge.errors import InvalidInput
from world_models.autoencoder import Autoencoder, pictures_from_rgb
from world_models.clips import read_clips
from world_models.ctrl_world.config import Training
from world_models.ctrl_world.mini import weights
from world_models.ctrl_world.mini.making import device_of, precision_of
from world_models.ctrl_world.mini.shape import Shape
from world_models.ctrl_world.training import reading
from world_models.ctrl_world.training.footage import Footage, footage
from world_models.ctrl_world.training.predictor import Lesson, loss_of
from world_models.ctrl_world.training.score import scored
from world_models.reel import Reel, reel
from world_models.training_loop import Say, Stage, fit, noise, rank, stream, wait_for_all

_SHARES = {"autoencoder": 0.2, "predictor": 0.5, "few-steps": 0.2, "reader": 0.1}
"""How the minutes are shared out."""
_DREAMT = 0.5
"""The share of the reader's frames that are imagined."""


@dataclass(frozen=True, eq=False)
class _Ground:
    """Where and on what training happens."""

    settings: Training
    shape: Shape
    out: Path
    say: Say
    device: torch.device
    precision: torch.dtype
    train: Reel
    held: Reel

    def stage(self, name: str, steps: int, rate: float, **more: object) -> Stage:
        minutes = self.settings.minutes
        share = None if minutes is None else minutes * _SHARES[name]
        return Stage(name, seed=self.settings.seed, steps=steps, minutes=share, rate=rate, **more)  # type: ignore[arg-type]


def trained(settings: Training, data: Path, out: Path, say: Say) -> Path:
    """Trains in this process (see world_models.ctrl_world.train), whether others train along or not."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    ground = _ground(settings, data, out, say)
    mini = weights.networks(ground.shape, seed=settings.seed)
    for network in (mini.autoencoder, mini.predictor, mini.reader):
        network.to(ground.device)
    _autoencoder(ground, mini.autoencoder)
    films = [
        footage(own, mini.autoencoder, ground.shape, precision=ground.precision) for own in (ground.train, ground.held)
    ]
    film, held = films

    def look(model: nn.Module) -> str:
        return scored(model, mini.autoencoder, held, precision=ground.precision).line()  # type: ignore[arg-type]

    told = {"device": ground.device, "precision": ground.precision}
    for name, steps, rate, lesson in (
        ("predictor", settings.predictor_steps, settings.rate, Lesson(settings.batch)),
        (
            "few-steps",
            settings.few_steps,
            settings.rate / 3,
            Lesson(settings.batch, shortcuts=0.25, own=0.3, masked=0.5),
        ),
    ):
        stage = ground.stage(name, steps, rate, decay=0.3)
        fit(mini.predictor, loss_of(film, lesson, **told), stage, folder=out, say=say, look=look)
    calibration = _reader(ground, mini, film, held)
    final = scored(mini.predictor, mini.autoencoder, held, precision=ground.precision)
    say(f"finished: {final.line()}")
    path = out / weights.FILE
    if not rank():
        weights.save(replace(mini, calibration=calibration), path, story=_story(ground, data))
    return path


def _ground(settings: Training, data: Path, out: Path, say: Say) -> _Ground:
    clips = list(read_clips(data))
    order = stream(settings.seed, "held out").permutation(len(clips))
    count = max(int(round(settings.held_out * len(clips))), 1)
    if len(clips) <= count:
        raise InvalidInput(
            f"There are {len(clips)} clips in {data}; {count} are held out, and none is left to learn from. Collect more."
        )
    held, train = (reel(clips[index] for index in part.tolist()) for part in (order[:count], order[count:]))
    views, height, width = train.rgb.shape[1:4]
    names = tuple(camera.name for camera in train.cameras[0])
    shape = Shape(
        views=names, width=width, height=height, frame_s=float(np.median(np.diff(train.times_s)[np.diff(train.times_s) > 0])),
        memory=settings.memory, conditioning=settings.conditioning, is_joint=settings.is_joint, dim=settings.dim,
        layers=settings.layers, heads=max(settings.dim // 32, 1), things=train.names,
    )  # fmt: skip
    device = device_of(settings.device)
    say(f"{train.count} clips to learn from, {held.count} held out, {views} views of {width}x{height}, on {device}")
    return _Ground(settings, shape, out, say, device, precision_of(settings.precision, device), train, held)


def _autoencoder(ground: _Ground, model: Autoencoder) -> None:
    """Trained, or taken from weights that are there."""
    settings, device = ground.settings, ground.device
    if settings.autoencoder:
        model.load_state_dict(weights.load(Path(settings.autoencoder), device).autoencoder.state_dict())
        ground.say(f"autoencoder: taken from {settings.autoencoder}")
        return
    stage = ground.stage("autoencoder", settings.autoencoder_steps, 2e-3, warm_up=100, weight_decay=0.0)
    fit(
        model,
        pictures_loss(ground.train, device, ground.precision),
        stage,
        folder=ground.out,
        say=ground.say,
        look=_seen(ground),
    )
    flat = ground.train.rgb.reshape(-1, *ground.train.rgb.shape[2:])
    model.standardise(pictures_from_rgb(flat[:: max(len(flat) // 1024, 1)], device))


def pictures_loss(
    film: Reel, device: torch.device, precision: torch.dtype, *, count: int = 24
) -> Callable[[nn.Module, np.random.Generator, float], Tensor]:
    """The autoencoder's loss on `count` random pictures: things count six times, the arm twice."""
    rgb, labels = film.rgb.reshape(-1, *film.rgb.shape[2:]), film.labels.reshape(-1, *film.labels.shape[2:])

    def loss(model: nn.Module, rng: np.random.Generator, over: float) -> Tensor:
        assert isinstance(model, Autoencoder)
        rows = rng.integers(0, len(rgb), count)
        own = torch.from_numpy(labels[rows]).to(device)
        counts = 1.0 + 5.0 * ((own > 0) & (own < 255)).float() + (own == 255).float()
        pictures = pictures_from_rgb(rgb[rows], device)
        height, width = pictures.shape[-2] // 8, pictures.shape[-1] // 8
        blur = 0.1 * noise(rng, (count, model.shape.latents, height, width), device)
        with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
            return model.loss(pictures, counts[:, None], noise=blur)

    return loss


def _seen(ground: _Ground) -> Callable[[nn.Module], str]:
    flat = ground.held.rgb.reshape(-1, *ground.held.rgb.shape[2:])
    pictures = pictures_from_rgb(flat[:: max(len(flat) // 96, 1)], ground.device)

    @torch.no_grad()
    def look(model: nn.Module) -> str:
        assert isinstance(model, Autoencoder)
        error = (model.decoder(model.encoder(pictures)) - pictures).square().mean()
        return f"{10 * np.log10(4.0 / float(error)):.2f} dB on clips held out"

    return look


def _reader(ground: _Ground, mini: weights.Mini, film: Footage, held: Footage) -> weights.Calibration:
    """Trains the reader on what was seen and imagined, and calibrates it, and trust, on dreams of clips held out."""
    settings = ground.settings
    clips = stream(settings.seed, "dreams to read").permutation(film.reel.count)[:400]
    told = {"seed": settings.seed, "steps": 1, "precision": ground.precision}
    store = ground.out / "dreams.npz"
    if not store.is_file() and not rank():
        ground.say(f"reader: imagines {len(clips)} clips to learn from")
        dreamt, rows = reading.dreams(mini.predictor, film, clips, **told)
        with (draft := store.with_suffix(".part")).open("wb") as file:
            np.savez(file, latents=dreamt.half().numpy(), rows=rows)
        draft.replace(store)
    wait_for_all()
    with np.load(store) as kept:
        dreamt, rows = torch.from_numpy(kept["latents"]), kept["rows"]
    true = reading.truth(film.reel)
    loss = reading.loss_of(
        film, true, dreamt, rows, batch=64, share=_DREAMT, device=ground.device, precision=ground.precision
    )
    stage = ground.stage("reader", settings.reader_steps, 1.5e-3)
    fit(mini.reader, loss, stage, folder=ground.out, say=ground.say)
    mini.reader.eval()
    ours = reading.truth(held.reel)
    every = np.arange(held.reel.count)
    worlds = [reading.dreams(mini.predictor, held, every, mask=mask, **told) for mask in (None, 0, 1)]
    latents, rows = worlds[0]
    places, _, odds = reading.read(mini.reader, latents, held, ours, rows)
    asked, done = ours.asked[rows], ours.done[rows].numpy()
    own = odds.gather(1, asked.clamp(min=0)[:, None])[:, 0].double().numpy()
    slope, offset = reading.platt(own[asked.numpy() >= 0], done[asked.numpy() >= 0])
    doubt = torch.stack([world for world, _ in worlds]).var(0).mean((1, 2, 3, 4)).sqrt()
    off_m = (places - ours.places[rows]).norm(dim=-1).nanmedian()
    _, error = reading.reliability(1 / (1 + np.exp(-(slope * own + offset))), done)
    ground.say(
        f"reader: things {100 * float(off_m):.1f} cm off in dreams (median), calibration error of success {error:.3f}"
    )
    return weights.Calibration(slope, offset, float(doubt.median()), has_shortcuts=True)


def _story(ground: _Ground, data: Path) -> dict[str, object]:
    """How these weights came about."""
    used = torch.cuda.get_device_name() if ground.device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "data": data.name, "clips": ground.train.count, "held_out": ground.held.count, "training": asdict(ground.settings),
        "device": used, "torch": torch.__version__, "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
