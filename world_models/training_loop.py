"""A training stage that can be killed at any moment and goes on where it was: steps, learning rate, averaged weights, checkpoints.

Everything random in step i comes from a stream keyed by (seed, stage, i), and a checkpoint holds all that the next step needs:
a stage that was interrupted ends with the weights of one that was not. Needs torch.
"""

import copy
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, nn

from bridge.errors import InvalidInput

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """How one stage is trained: `steps`, or as many as fit into `minutes` of wall clock going by the first few.

    The learning rate rises over `warm_up` steps, stays, and falls to nothing over the last `decay` of them. The weights that
    count are an average that forgets by `average` a step (less in the beginning).
    """

    name: str
    seed: int = 0
    steps: int = 1000
    minutes: float | None = None
    rate: float = 1e-3
    warm_up: int = 50
    decay: float = 0.3
    weight_decay: float = 0.01
    average: float = 0.998
    clip: float = 1.0
    log_steps: int = 100
    look_steps: int = 500
    save_s: float = 60.0


_TRIED = 20
"""Steps after which the speed is known well enough to tell how many fit into the minutes given."""


def fit(
    model: nn.Module,
    loss: Callable[[nn.Module, np.random.Generator, float], Tensor],
    stage: Stage,
    *,
    folder: Path,
    say: Say,
    look: Callable[[nn.Module], str] | None = None,
) -> nn.Module:
    """Trains `model` in place and returns it with its averaged weights, from the stage's checkpoint if there is one.

    `loss` is told the model, the step's random stream and how much of the stage is over (0..1); `look` says in words how good
    the averaged weights are, now and then. Raises InvalidInput for a checkpoint of another model, and where the loss is no number any more.
    """
    path = folder / f"{stage.name}.checkpoint"
    averaged = copy.deepcopy(model).requires_grad_(False)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(_groups(model, stage.weight_decay), lr=stage.rate, betas=(0.9, 0.98))
    done, steps, spent_s = 0, stage.steps, 0.0
    if path.is_file():
        done, steps, spent_s = _resume(path, model, averaged, optimizer)
        say(f"{stage.name}: goes on at step {done} of {steps}")
    begun_s = saved_s = time.monotonic()
    running: list[float] = []
    begun = done
    while done < steps:
        if done == _TRIED and stage.minutes is not None and begun < _TRIED:
            each_s = (time.monotonic() - begun_s) / (_TRIED - begun)
            steps = _agreed(max(int(60.0 * stage.minutes / each_s), 2 * _TRIED))
            say(f"{stage.name}: {each_s:.2f} s a step, {steps} steps in {stage.minutes:g} min")
        running.append(_step(model, averaged, optimizer, trained, loss, stage, done, steps))
        done += 1
        if done % stage.log_steps == 0:
            total_s = spent_s + time.monotonic() - begun_s
            seen = f", {look(averaged)}" if look is not None and (done % stage.look_steps == 0 or done == steps) else ""
            say(f"{stage.name}: step {done} of {steps}, loss {np.mean(running):.4f}, {total_s:.0f} s{seen}")
            if not np.isfinite(running).all():
                raise InvalidInput(f"{stage.name}: the loss is no number any more at step {done}. Lower the rate.")
            running.clear()
        if time.monotonic() - saved_s > stage.save_s:
            saved_s = time.monotonic()
            _save(path, model, averaged, optimizer, done, steps, spent_s + saved_s - begun_s)
    _save(path, model, averaged, optimizer, done, steps, spent_s + time.monotonic() - begun_s)
    wait_for_all()
    model.load_state_dict(averaged.state_dict())
    return model


def _step(
    model: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer, trained: list[nn.Parameter],
    loss: Callable[[nn.Module, np.random.Generator, float], Tensor], stage: Stage, step: int, steps: int,
) -> float:  # fmt: skip
    """One step of training; the loss before it."""
    over = step / steps
    fall = min(1.0, (1.0 - over) / stage.decay) if stage.decay > 0 else 1.0
    for group in optimizer.param_groups:
        group["lr"] = stage.rate * min(1.0, (step + 1) / max(stage.warm_up, 1)) * fall
    model.train()
    optimizer.zero_grad(set_to_none=True)
    found = loss(model, stream(stage.seed, stage.name, step, *([rank()] if rank() else [])), over)
    found.backward()
    _average(trained)
    nn.utils.clip_grad_norm_(trained, stage.clip)
    optimizer.step()
    keep = min(stage.average, (1 + step) / (10 + step))
    with torch.no_grad():
        for mean, now in zip(_floats(averaged), _floats(model), strict=True):
            mean.lerp_(now, 1.0 - keep)
    return float(found.detach())


def rank() -> int:
    """Which of several processes that train together this is; 0 where there is one."""
    return distributed.get_rank() if distributed.is_available() and distributed.is_initialized() else 0


def _agreed(number: int) -> int:
    """What the first of several processes that train together says."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return number
    said = torch.tensor([number])
    distributed.broadcast(said, 0)
    return int(said)


def wait_for_all() -> None:
    """Until all processes that train together are here."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.barrier()


def _average(trained: list[nn.Parameter]) -> None:
    """Gradients become their mean over the processes that train together."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return
    gradients = [p.grad for p in trained if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def _floats(model: nn.Module) -> Iterator[Tensor]:
    return (value for value in model.state_dict().values() if value.is_floating_point())


def _groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Matrices are kept small, vectors are not."""
    named = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in named if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in named if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _save(
    path: Path, model: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer, done: int, steps: int,
    spent_s: float,
) -> None:  # fmt: skip
    if rank():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    held = {"model": model.state_dict(), "averaged": averaged.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**held, "done": done, "steps": steps, "spent_s": spent_s}, draft)
    draft.replace(path)


def _resume(
    path: Path, model: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[int, int, float]:
    """Steps done, steps in all and seconds spent, of a checkpoint that is put back into all three."""
    device = next(model.parameters()).device
    held = torch.load(path, map_location=device, weights_only=True)
    try:
        model.load_state_dict(held["model"])
        averaged.load_state_dict(held["averaged"])
        optimizer.load_state_dict(held["optimizer"])
    except (RuntimeError, ValueError, KeyError) as error:
        first = str(error).split("\n")[0]
        raise InvalidInput(
            f"{path} is of another model than the one trained here ({first}). Train into another --out, or delete it."
        ) from error
    return held["done"], held["steps"], held["spent_s"]


def is_finished(folder: Path, name: str) -> bool:
    """Whether a stage has run to its end in this folder."""
    path = folder / f"{name}.checkpoint"
    if not path.is_file():
        return False
    held = torch.load(path, map_location="cpu", weights_only=True)
    return held["done"] >= held["steps"]


def stream(seed: int, *names: object) -> np.random.Generator:
    """An independent generator for each seed and name, the same on every machine."""
    key = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, int.from_bytes(key[:8], "little")])


def noise(rng: np.random.Generator, shape: tuple[int, ...], device: torch.device | str = "cpu") -> Tensor:
    """Standard normal numbers of a stream, float32."""
    return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32)).to(device)
