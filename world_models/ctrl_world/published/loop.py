"""Imagining on and on: what was imagined last is remembered, and five frames at a time are imagined on top of it."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.errors import InvalidInput
from world_models.ctrl_world.published.config import FUTURE
from world_models.ctrl_world.published.network import Network, noise_for
from world_models.ctrl_world.published.poses import NUMBERS, Bounds
from world_models.ctrl_world.published.sampler import denoise

Array = NDArray[np.float64]
RECALLED = (0, 0, -12, -9, -6, -3)
"""Which moments are shown as history, counted in fours of frames: twice the first, then every third back from now."""
STRIDE = FUTURE - 1
"""Frames between two moments that are kept."""
_FIRST_KEPT = 24


@dataclass
class Memory:
    """Moments that are kept, a latent (s,4,h,w) for s samples and a pose (7,) each, the last of them being now.

    It starts as 24 copies of the first moment, so that there is something to recall from the beginning.
    """

    latents: list[Tensor] = field(default_factory=list)
    poses: list[Array] = field(default_factory=list)

    def keep(self, latent: Tensor, pose: Array) -> None:
        """Adds a moment, which is now from here on."""
        times = 1 if self.latents else _FIRST_KEPT + 1
        self.latents += [latent] * times
        self.poses += [np.asarray(pose, dtype=np.float64)] * times

    def recalled(self) -> tuple[Tensor, Array]:
        """Latents (s,6,4,h,w) and poses (6,7) of what is shown as history."""
        return (
            torch.stack([self.latents[index] for index in RECALLED], dim=1),
            np.stack([self.poses[index] for index in RECALLED]),
        )


@dataclass(frozen=True, eq=False)
class Imaginer:
    """A network, the bounds of its poses, and how it samples."""

    network: Network
    bounds: Bounds
    steps: int = 50
    guidance: float = 2.0

    def imagine(self, memory: Memory, poses: Array, text: Tensor | None, *, seeds: list[int]) -> Tensor:
        """Latents (s,5,4,h,w) of now again and four frames after it, for poses (5,7) of which the first is now's.

        Each sample has its seed. What was imagined last is kept in the memory, which is the next call's now.
        """
        if poses.shape != (FUTURE, NUMBERS):
            raise InvalidInput(
                f"Poses of shape {poses.shape} were given; expected {(FUTURE, NUMBERS)}, now's and four more."
            )
        history, past_poses = memory.recalled()
        current = memory.latents[-1]
        scaled = self.bounds.scaled(np.concatenate([past_poses, poses])).astype(np.float32)
        device = current.device
        given = torch.from_numpy(scaled).to(device)[None].repeat(len(seeds), 1, 1)
        words = None if text is None else text.expand(len(seeds), -1)
        with torch.no_grad():
            tokens = self.network.tokens(given, words)
        noise = noise_for(seeds, FUTURE, self.network.latent_shape, device)
        latents = denoise(
            self.network.unet, tokens, history, current, noise,
            steps=self.steps, guidance=self.guidance, scaling=self.network.scaling,
        )  # fmt: skip
        memory.keep(latents[:, -1], poses[-1])
        return latents


def seed_of(seed: int, *names: object) -> int:
    """A seed for each seed and name, the same on every machine."""
    told = "/".join(map(str, (seed, "ctrl-world", *names)))
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=7).digest())
