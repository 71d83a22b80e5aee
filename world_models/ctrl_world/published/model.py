"""The published Ctrl-World as a world model: a past and a course in, three films at 192x320 out.

Not run here with the released weights, which are 8 GB and not part of this project; what is tested is the architecture,
tensor for tensor against recorded numbers of the public program, and the whole way from pictures to pictures with small
random weights.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.errors import InvalidInput
from bridge.imagination import Course, ModelInfo, Past, Prediction
from world_models.ctrl_world.published.checkpoint import Released, read_folder
from world_models.ctrl_world.published.config import FRAME_S, VIEWS, Published
from world_models.ctrl_world.published.loop import STRIDE, Imaginer, Memory, seed_of
from world_models.ctrl_world.published.poses import numbers_from_body

Array = NDArray[np.float64]
_LEAST_S, _MOST_S = 0.1, 0.5
"""Frames this far apart are like those that it was trained on, which were 0.2 and 0.4 s apart."""


class PublishedCtrlWorld:
    """Imagines four frames at a time, each four on top of the last; every frame of a course becomes one of its frames.

    Its own frames stand 0.2 or 0.4 s apart; the course's may stand 0.1 to 0.5 s apart, as it is told where the tool is in
    each of them and not when. What it remembers of the past is every fourth frame back from now.
    """

    def __init__(self, config: Published, released: Released) -> None:
        self._config, self._tokenizer = config, released.tokenizer
        self._device = torch.device(config.device or ("cuda" if torch.cuda.is_available() else "cpu"))
        network = released.network.to(self._device).requires_grad_(False).eval()
        network.float()
        if config.half and self._device.type == "cuda":
            network.unet.bfloat16()
            network.action_encoder.bfloat16()
        self._imaginer = Imaginer(network, released.bounds, config.steps, config.guidance)
        sizes = network.sizes
        self.info = ModelInfo(
            "ctrl-world", "manipulate", VIEWS, sizes.width, sizes.height, FRAME_S, STRIDE, weights=str(config.weights)
        )  # fmt: skip

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """Pictures of the course's moments at 192x320, in the order of the past's cameras. See WorldModel.predict."""
        order = _order(past)
        _check(past, course)
        seen, poses = self._numbers(past.body, past.gripper), self._numbers(course.body, course.gripper)
        memory = self._memory(past, seen, order, samples)
        text = self._text(past.instruction)

        films: list[NDArray[np.uint8]] = []
        now = seen[-1]
        for number, start in enumerate(range(0, len(poses), STRIDE)):
            part = poses[start : start + STRIDE]
            padded = np.concatenate([now[None], part, np.repeat(part[-1:], STRIDE - len(part), axis=0)])
            seeds = [seed_of(seed, number, sample) for sample in range(samples)]
            latents = self._imaginer.imagine(memory, padded, text, seeds=seeds)
            films.append(self._films(latents)[:, 1 : 1 + len(part)])
            now = part[-1]
        size = (samples, 0, len(order), self.info.height, self.info.width, 3)
        rgb = np.concatenate(films, axis=1) if films else np.zeros(size, np.uint8)
        return Prediction(course.times_s, np.ascontiguousarray(rgb[:, :, np.argsort(order)]))

    def close(self) -> None:
        """Gives the network's memory back; it cannot be used afterwards."""
        self._imaginer.network.to("meta")

    def _numbers(self, body: Array, gripper: Array | None) -> Array:
        """What the network reads, (n,7), of the tool's poses and the gripper."""
        if gripper is None:
            raise InvalidInput("Ctrl-World needs the gripper of past and course, 0 open to 1 closed; there is none.")
        return numbers_from_body(body, gripper, base_m=self._config.base_m, body=self._config.body)

    def _memory(self, past: Past, poses: Array, order: list[int], samples: int) -> Memory:
        """The first frame, and every fourth one back from now."""
        last = len(past.times_s) - 1
        moments = [0, *(index for index in range(last % STRIDE, last + 1, STRIDE) if index > 0)]
        latents = self._imaginer.network.encode(torch.from_numpy(past.rgb[moments][:, order]))
        memory = Memory()
        for moment, latent in zip(moments, latents, strict=True):
            memory.keep(latent.expand(samples, -1, -1, -1), poses[moment])
        return memory

    def _films(self, latents: Tensor) -> NDArray[np.uint8]:
        """Pictures (s,n,3,H,W,3) of latents (s,n,4,h,w), the views in the network's order."""
        return np.stack([self._imaginer.network.decode(one).cpu().numpy() for one in latents])

    def _text(self, instruction: str) -> Tensor | None:
        if not self._config.with_text:
            return None
        return self._imaginer.network.embed_instruction(self._tokenizer, instruction)


def make_published(config: Published) -> PublishedCtrlWorld:
    """The world model of a folder of weights. Raises Unavailable or InvalidInput for a folder that does not serve."""
    if not str(config.weights):
        raise InvalidInput(
            "The published Ctrl-World needs a folder of weights, and none come along. Give it with --ctrl-world.weights."
        )
    return PublishedCtrlWorld(config, read_folder(Path(config.weights), temporal_action=config.temporal_action))


def _order(past: Past) -> list[int]:
    """Where in the past's views the network's first, second and third are."""
    names = [camera.name for camera in past.cameras]
    if sorted(names) != sorted(VIEWS):
        raise InvalidInput(
            f"The past was seen by {', '.join(names) or 'nobody'}; Ctrl-World looks through {', '.join(VIEWS)}."
        )
    return [names.index(view) for view in VIEWS]


def _check(past: Past, course: Course) -> None:
    if course.others or course.removed:
        raise InvalidInput(
            "Ctrl-World imagines everything beside the arm; it cannot be given the ways of other things."
        )
    gaps = np.diff([past.times_s[-1], *course.times_s])
    if len(gaps) and not (gaps.min() >= _LEAST_S - 1e-6 and gaps.max() <= _MOST_S + 1e-6):
        raise InvalidInput(
            f"The course's frames are {gaps.min():.2f} to {gaps.max():.2f} s apart. Ctrl-World was trained on 0.2 and "
            f"0.4 s; give it {_LEAST_S} to {_MOST_S} s."
        )
