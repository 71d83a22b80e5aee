"""What Ctrl-World is trained on: clips as latents, poses and words, and windows of eleven frames out of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from bridge.errors import InvalidInput
from world_models.clips import Clip
from world_models.ctrl_world.published.config import FUTURE, HISTORY, VIEWS, Body
from world_models.ctrl_world.published.loop import STRIDE
from world_models.ctrl_world.published.network import Network
from world_models.ctrl_world.published.poses import Bounds, numbers_from_body

STILL = 0.15
"""How often everything remembered is now."""
_AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Footage:
    """Clips ready for training: `latents` (t,4,3h/8,w/8) float16 each, `poses` (t,7) unscaled each, `words` (width/2,) each.

    Everything is held in memory, some 23 kB a frame at the released size.
    """

    latents: Sequence[Tensor]
    poses: Sequence[NDArray[np.float64]]
    words: Sequence[Tensor]

    def batch(
        self, bounds: Bounds, size: int, rng: np.random.Generator, *, skips: Sequence[int] = (1, 2)
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Latents (b,11,4,h,w), scaled poses (b,11,7) and words (b,width/2) of windows; clips count by their length."""
        lengths = np.array([len(one) for one in self.latents])
        clips = rng.choice(len(lengths), size, p=lengths / lengths.sum())
        found = []
        for clip in clips:
            now = int(rng.integers(lengths[clip]))
            stride = 0 if rng.random() < STILL else STRIDE
            frames = window(now, int(lengths[clip]), skip=int(rng.choice(skips)), stride=stride)
            scaled = bounds.scaled(self.poses[clip][frames]).astype(np.float32)
            found.append((self.latents[clip][frames].float(), torch.from_numpy(scaled), self.words[clip]))
        latents, poses, words = zip(*found, strict=True)
        return torch.stack(latents), torch.stack(poses), torch.stack(words)


def window(now: int, length: int, *, skip: int, stride: int = STRIDE) -> NDArray[np.int64]:
    """Frames (11,) of a clip: six remembered ones `stride * skip` apart, now, and four more `skip` apart.

    What lies before the clip's beginning is its first frame, what lies behind its end the last.
    """
    before = now - skip * stride * np.arange(HISTORY, 0, -1)
    after = now + skip * np.arange(FUTURE)
    return np.clip(np.concatenate([before, after]), 0, length - 1)


def footage(
    network: Network,
    tokenizer: Any,
    clips: Iterable[Clip],
    *,
    base_m: ArrayLike = (0.0, 0.0, 0.0),
    body: Body = "tool",
) -> Footage:
    """Clips encoded by the network's own VAE and text encoder. Raises InvalidInput for clips that are not of an arm."""
    latents, poses, words = [], [], []
    for clip in clips:
        seen = clip.seen
        names = [camera.name for camera in seen.cameras]
        if sorted(names) != sorted(VIEWS) or seen.gripper is None:
            raise InvalidInput(
                f"A clip of '{clip.task}' shows {', '.join(names)} {'with' if seen.gripper is not None else 'without'} a "
                f"gripper; Ctrl-World learns from {', '.join(VIEWS)} with one. Collect with `simbridge collect --task manipulate`."
            )
        rgb = torch.from_numpy(np.ascontiguousarray(seen.rgb[:, [names.index(view) for view in VIEWS]]))
        latents.append(torch.cat([network.encode(part).half().cpu() for part in rgb.split(_AT_ONCE)]))
        poses.append(numbers_from_body(seen.body, seen.gripper, base_m=base_m, body=body))
        words.append(network.embed_instruction(tokenizer, seen.instruction)[0].cpu())
    if not latents:
        raise InvalidInput("There are no clips to learn from. Collect some with `simbridge collect --task manipulate`.")
    return Footage(latents, poses, words)
