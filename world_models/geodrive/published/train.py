"""Training the condition encoder beside a frozen CogVideoX: noisy films, their splats, and v-prediction.

Published: AdamW at 1e-5, one film a GPU and step, 28,000 steps on eight GPUs. Not run here at full size.
"""
# pyright: reportArgumentType=false

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from bridge.errors import InvalidInput
from world_models.geodrive.published.checkpoint import Scheduler
from world_models.geodrive.published.network import RENDER, DualBranch


@dataclass(frozen=True, eq=False)
class Film:
    """One thing to learn from, as latents in the transformer's scale: the `film` (1,f,c,h,w), its first frame alone as the
    base for pictures is given it (1,1,c,h,w), what was splatted along the same course (1,f,c,h,w), and words (1,length,d).
    """

    film: Tensor
    first: Tensor
    render: Tensor
    words: Tensor


@dataclass(frozen=True)
class Training:
    """How the encoder is trained, as published. `recompute` saves memory for time."""

    rate: float = 1e-5
    clip: float = 1.0
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    recompute: bool = True
    seed: int = 0


def denoising_loss(network: DualBranch, scheduler: Scheduler, seen: Film, noise: Tensor, timestep: Tensor) -> Tensor:
    """The error of what v says the clean latents are, weighted by 1 / (1 - alpha) (CogVideoX, appendix on training).

    `noise` like the film; `timestep` (1,), a whole number of the scheduler's.
    """
    noisy = scheduler.add_noise(seen.film, noise, timestep)
    beside = torch.zeros_like(noisy)
    beside[:, :1] = seen.first
    given = torch.cat([noisy, beside], dim=2) if network.config.in_channels > noisy.shape[2] else noisy
    rotary = network.rotary(noisy.shape[1], *noisy.shape[3:])
    v = network(given, seen.words, timestep, image_rotary_emb=rotary, attention_kwargs={RENDER: seen.render}).sample
    clean = scheduler.get_velocity(v.float(), noisy, timestep)
    alpha = scheduler.alphas_cumprod.to(noisy.device)[timestep].reshape(-1, 1, 1, 1, 1)
    return ((clean - seen.film) ** 2 / (1 - alpha)).mean()


class Learner:
    """The encoder in training, film by film; the base stays as it was."""

    def __init__(self, network: DualBranch, scheduler: Scheduler, training: Training) -> None:
        encoder = network.encoder
        if encoder is None:
            raise InvalidInput("There is no condition encoder to train; call grow() on the network first.")
        self.network, self.scheduler, self.training, self.done = network.train(), scheduler, training, 0
        self._trained = [value for value in encoder.parameters() if value.requires_grad]
        self._optimizer = torch.optim.AdamW(self._trained, lr=training.rate)
        if training.recompute:
            network.enable_gradient_checkpointing()

    def step(self, seen: Film) -> float:
        """One step, the loss before it; what is random in it hangs on the seed and the step's number only."""
        generator = torch.Generator().manual_seed(self.training.seed * 1_000_003 + self.done)
        noise = torch.randn(seen.film.shape, generator=generator).to(seen.film)
        count = int(self.scheduler.config.num_train_timesteps)
        timestep = torch.randint(count, (1,), generator=generator).to(seen.film.device)
        kind = getattr(torch, self.training.precision)
        self._optimizer.zero_grad(set_to_none=True)
        with torch.autocast(seen.film.device.type, dtype=kind, enabled=kind != torch.float32):
            loss = denoising_loss(self.network, self.scheduler, seen, noise, timestep)
        if not torch.isfinite(loss):
            raise InvalidInput(f"The loss is no number any more at step {self.done}. Lower the rate.")
        loss.backward()
        nn.utils.clip_grad_norm_(self._trained, self.training.clip)
        self._optimizer.step()
        self.done += 1
        return loss.item()
