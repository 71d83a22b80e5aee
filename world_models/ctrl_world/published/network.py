"""All parts of the published Ctrl-World in one module, named as the released checkpoint names them."""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

import math
from collections.abc import Sequence
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_temporal_decoder import AutoencoderKLTemporalDecoder
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPVisionConfig, CLIPVisionModelWithProjection

from bridge.errors import InvalidInput
from world_models.ctrl_world.published.action_encoder import ActionEncoder
from world_models.ctrl_world.published.config import VIEWS, Sizes, TemporalAction
from world_models.ctrl_world.published.unet import frame_level_unet

DECODED_AT_ONCE = 7
"""Frames that the temporal decoder is given together."""


class Network(nn.Module):
    """UNet, VAE, text encoder and action encoder; 1.7 billion parameters at the released sizes.

    The checkpoint's image encoder, which nothing calls, is no part of it.
    """

    def __init__(self, sizes: Sizes, *, one_token: bool = True, temporal_action: TemporalAction = "first") -> None:
        super().__init__()
        self.sizes = sizes
        self.unet = frame_level_unet(sizes.unet, one_token=one_token, temporal_action=temporal_action)
        self.vae = AutoencoderKLTemporalDecoder(**sizes.vae)
        self.text_encoder = CLIPTextModelWithProjection(CLIPTextConfig(**sizes.text))
        self.action_encoder = ActionEncoder(sizes.token)

    @property
    def scaling(self) -> float:
        """What latents are multiplied by after encoding."""
        return float(self.vae.config.scaling_factor)

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of one frame's latents, all views stacked."""
        shrink = self.sizes.shrink
        rows = len(VIEWS) * (self.sizes.height // shrink)
        return int(self.sizes.vae["latent_channels"]), rows, self.sizes.width // shrink

    def encode(self, rgb: Tensor) -> Tensor:
        """Scaled latents (n,4,3h/8,w/8) of pictures uint8 (n,3,H,W,3) of any size, the views one above the other.

        They are the middle of what the encoder says, where the released program draws one at random near it.
        """
        count, views = rgb.shape[:2]
        if views != len(VIEWS):
            raise InvalidInput(f"{views} views, and {len(VIEWS)} ({', '.join(VIEWS)}) are expected.")
        pictures = rgb.flatten(0, 1).movedim(-1, 1).to(self.vae.device, torch.float32) / 127.5 - 1.0
        size = (self.sizes.height, self.sizes.width)
        if pictures.shape[-2:] != size:
            pictures = nn.functional.interpolate(pictures, size, mode="bilinear", antialias=True)
        with torch.no_grad():
            found = [self.vae.encode(one.to(self.vae.dtype)).latent_dist.mode() for one in pictures.split(views)]
        latents = torch.cat(found).float() * self.scaling
        return latents.unflatten(0, (count, views)).movedim(1, 2).flatten(2, 3)

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures uint8 (n,3,H,W,3) of scaled latents (n,4,3h/8,w/8) that follow each other.

        Each view is decoded as a film of its own, at most 7 frames together.
        """
        views = latents.unflatten(2, (len(VIEWS), -1)).movedim(2, 0) / self.scaling
        films = []
        with torch.no_grad():
            for view in views:
                parts = view.to(self.vae.dtype).split(DECODED_AT_ONCE)
                films.append(torch.cat([self.vae.decode(part, num_frames=len(part)).sample for part in parts]))
        pictures = torch.stack(films, dim=1).float().movedim(2, -1)
        return ((pictures / 2 + 0.5).clamp(0, 1) * 255).to(torch.uint8)

    def embed_text(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The instruction's embedding (b,width/2) of token ids and their mask (b,length)."""
        with torch.no_grad():
            return self.text_encoder(input_ids=ids, attention_mask=mask).text_embeds

    def embed_instruction(self, tokenizer: Any, instruction: str) -> Tensor:
        """The embedding (1,width/2) of an instruction, cut off where it is too long for CLIP."""
        longest = int(self.sizes.text["max_position_embeddings"])
        words = tokenizer([instruction], padding="max_length", max_length=longest, truncation=True, return_tensors="pt")
        device = self.text_encoder.device
        return self.embed_text(words["input_ids"].to(device), words["attention_mask"].to(device))

    def tokens(self, poses: Tensor, text: Tensor | None) -> Tensor:
        """Context tokens (b,f,d) of scaled poses (b,f,7) and the instruction's embedding."""
        kind = self.action_encoder.action_encode[0].weight.dtype
        return self.action_encoder(poses.to(kind), None if text is None else text.to(kind))


def shapes(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Every name in a released checkpoint, the image encoder's among them, with its shape; nothing is computed or stored."""
    with torch.device("meta"):
        network = Network(sizes)
        eyes = CLIPVisionModelWithProjection(CLIPVisionConfig(**sizes.image))
    found = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    return found | {f"image_encoder.{name}": tuple(value.shape) for name, value in eyes.state_dict().items()}


def noise_for(seeds: Sequence[int], frames: int, shape: tuple[int, int, int], device: torch.device) -> Tensor:
    """Unit noise (len(seeds), frames, *shape), each sample of its own seed, the same on every device."""
    drawn = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        drawn.append(torch.randn(frames, *shape, generator=generator))
    return torch.stack(drawn).to(device)


def parameter_count(shapes_by_name: dict[str, tuple[int, ...]], part: str) -> int:
    """How many numbers a part holds."""
    return sum(math.prod(shape) for name, shape in shapes_by_name.items() if name.startswith(f"{part}."))
