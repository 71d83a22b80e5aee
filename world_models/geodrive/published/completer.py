"""The published GeoDrive's second half: splatted pictures in, whole ones out, by CogVideoX with the condition encoder.

Not run here with real weights, which no one has published; what is tested is that the base is left as it was, that the
encoder alone learns, and the whole way from pictures to pictures with small random weights.
"""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from diffusers import CogVideoXImageToVideoPipeline
from numpy.typing import NDArray
from torch import Tensor

from bridge.errors import InvalidInput
from world_models.geodrive.published.checkpoint import CONDITION, Parts, read_folder
from world_models.geodrive.published.config import Published
from world_models.geodrive.published.network import RENDER

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Splatted(Protocol):
    """A cloud seen from somewhere: `rgb` uint8 (H,W,3), `depth` (H,W) [m], `mask` (H,W) where anything was seen."""

    rgb: Pictures
    depth: Floats
    mask: NDArray[np.bool_]


class PublishedCompleter:
    """Makes films of splats, 48 frames at most at the released size, each after the last picture that was seen.

    Pictures of any size are brought to the base's, 480x720 at the released size, and back.
    """

    def __init__(self, config: Published, parts: Parts, *, device: torch.device) -> None:
        self._config, self._parts = config, parts
        trained = (config.weights / CONDITION).is_file()
        self.name = str(config.weights) if trained else f"{config.weights} without a trained encoder"
        pipeline = CogVideoXImageToVideoPipeline(
            tokenizer=None, text_encoder=None, vae=parts.vae, transformer=parts.transformer, scheduler=parts.scheduler
        )  # type: ignore[arg-type]
        pipeline.set_progress_bar_config(disable=True)
        self._pipeline = pipeline.to(device)
        if device.type == "cuda":
            parts.vae.enable_tiling()
        sizes, shrink = parts.transformer.config, pipeline.vae_scale_factor_spatial
        self.height, self.width = int(sizes.sample_height) * shrink, int(sizes.sample_width) * shrink
        self.frames = int(sizes.sample_frames)

    def imagine(self, first: Pictures, renders: Pictures, *, seed: int) -> Pictures:
        """Pictures (n,H,W,3) that follow `first` (H,W,3) and complete `renders` (n,H,W,3), holes black."""
        if not 1 <= len(renders) < self.frames:
            raise InvalidInput(
                f"{len(renders)} pictures were to be completed. CogVideoX makes 1 to {self.frames - 1} after the first; "
                "imagine a longer course in pieces."
            )
        shown = np.concatenate([first[None], renders, np.repeat(renders[-1:], self.frames - 1 - len(renders), axis=0)])
        video = self._sized(shown)
        generator = torch.Generator().manual_seed(seed)
        words = {"prompt_embeds": self._parts.prompt, "negative_prompt_embeds": self._parts.negative}
        device = self._pipeline.device
        with torch.no_grad():
            found = self._pipeline(
                (video[:, :, 0] + 1.0) / 2.0,
                height=self.height,
                width=self.width,
                num_frames=self.frames,
                num_inference_steps=self._config.steps,
                guidance_scale=self._config.guidance,
                generator=generator,
                output_type="pt",
                attention_kwargs={RENDER: self.encode(video)},
                **{name: value.to(device) for name, value in words.items()},
            ).frames
        return self._unsized(found[0, 1 : 1 + len(renders)], renders.shape[1:3])

    def encode(self, video: Tensor) -> Tensor:
        """Latents (1,f,c,h,w), as the transformer knows them, of a film (1,3,t,H,W) in -1..1."""
        vae = self._parts.vae
        with torch.no_grad():
            latents = vae.encode(video.to(vae.device, vae.dtype)).latent_dist.mode().movedim(1, 2)
        scale = float(vae.config.scaling_factor)
        return latents / scale if vae.config.invert_scale_latents else latents * scale

    def completed(
        self, splats: Sequence[Splatted], reference: Floats, ahead_s: Floats, *, seed: int
    ) -> tuple[Pictures, Floats]:
        """Pictures (n,H,W,3) of splats, and the depth (n,H,W) [m] that was splatted, inf in holes, as the base knows none.

        `reference` (H,W,3 or more), 0 to 1, is the picture that was seen last.
        """
        first = (reference[..., :3] * 255 + 0.5).clip(0, 255).astype(np.uint8)
        renders = np.stack([one.rgb * one.mask[..., None] for one in splats]).astype(np.uint8)
        depth = np.stack([np.where(one.mask, one.depth, np.inf) for one in splats]).astype(np.float32)
        return self.imagine(first, renders, seed=seed), depth

    def trust(self, coverage: Floats) -> Floats:
        """The share of the picture that was covered: nothing has been measured that would say more."""
        return coverage

    def _sized(self, pictures: Pictures) -> Tensor:
        """A film (1,3,t,H,W) in -1..1 at the base's size."""
        flat = torch.from_numpy(pictures).movedim(-1, 1).float() / 127.5 - 1.0
        return _resized(flat, (self.height, self.width)).movedim(0, 1)[None]

    def _unsized(self, film: Tensor, size: Sequence[int]) -> Pictures:
        """Pictures (t,H,W,3) of a film (t,3,h,w) in 0..1."""
        sized = _resized(film.float().cpu(), (int(size[0]), int(size[1])))
        return (sized * 255 + 0.5).clamp(0, 255).to(torch.uint8).movedim(1, -1).numpy()


def make_published(config: Published) -> PublishedCompleter:
    """The completer of a folder of weights. Raises Unavailable or InvalidInput for a folder that does not serve."""
    device = torch.device(config.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    precision = config.precision or ("bfloat16" if device.type == "cuda" else "float32")
    parts = read_folder(
        config.weights, prompt=config.prompt, kind=getattr(torch, precision), untrained=config.untrained
    )
    return PublishedCompleter(config, parts, device=device)


def _resized(film: Tensor, size: tuple[int, int]) -> Tensor:
    if film.shape[-2:] == size:
        return film
    return torch.nn.functional.interpolate(film, size, mode="bilinear", antialias=True)
