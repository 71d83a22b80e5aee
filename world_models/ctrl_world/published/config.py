"""What the published Ctrl-World is made of and how it is run: sizes, options, and the names its weights folder has to have."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from bridge.errors import InvalidInput

HISTORY, FUTURE = 6, 5
"""Frames remembered, and frames imagined at once, of which the first is the current one again (paper, section 3)."""
FRAME_S = 0.2
"""The time between two frames that it was trained on; twice as much was trained on too."""
VIEWS = ("exterior-1", "exterior-2", "wrist")
"""The views in the order in which they are stacked, the first on top."""

TemporalAction = Literal["first", "own"]
Body = Literal["tool", "flange"]
"""What poses of the body that acts are of: the tool between the finger tips, as here, or the flange, as in DROID."""


def _down(first: str, times: int, last: str) -> list[str]:
    return [first] * times + [last]


UNET: Mapping[str, Any] = MappingProxyType(
    {
        "in_channels": 8,
        "out_channels": 4,
        "block_out_channels": [320, 640, 1280, 1280],
        "num_attention_heads": [5, 10, 20, 20],
        "layers_per_block": 2,
        "cross_attention_dim": 1024,
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 768,
    }
)
"""Stable Video Diffusion's UNet, in the words of diffusers' UNetSpatioTemporalConditionModel."""
VAE: Mapping[str, Any] = MappingProxyType(
    {
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "block_out_channels": [128, 256, 512, 512],
        "layers_per_block": 2,
        "latent_channels": 4,
        "sample_size": 768,
        "scaling_factor": 0.18215,
    }
)
"""Stable Video Diffusion's VAE, in the words of diffusers' AutoencoderKLTemporalDecoder."""
TEXT: Mapping[str, Any] = MappingProxyType(
    {
        "vocab_size": 49408,
        "hidden_size": 512,
        "intermediate_size": 2048,
        "num_hidden_layers": 12,
        "num_attention_heads": 8,
        "max_position_embeddings": 77,
        "projection_dim": 512,
    }
)
"""CLIP ViT-B/32's text half, in the words of transformers' CLIPTextConfig."""
IMAGE: Mapping[str, Any] = MappingProxyType(
    {
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "num_attention_heads": 16,
        "patch_size": 14,
        "projection_dim": 1024,
        "hidden_act": "gelu",
    }
)
"""CLIP ViT-H/14's vision half, in the words of CLIPVisionConfig. It is in the checkpoint and nobody calls it."""


@dataclass(frozen=True)
class Sizes:
    """How large each part is; as they stand, those that were released.

    `height` and `width` [px] are of one view. The tokens are as wide as the UNet's cross attention.
    """

    unet: Mapping[str, Any] = field(default_factory=lambda: UNET)
    vae: Mapping[str, Any] = field(default_factory=lambda: VAE)
    text: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    image: Mapping[str, Any] = field(default_factory=lambda: IMAGE)
    height: int = 192
    width: int = 320

    @property
    def token(self) -> int:
        """The width of a context token."""
        return int(self.unet["cross_attention_dim"])

    @property
    def shrink(self) -> int:
        """How many pixels one latent's edge stands for."""
        return 2 ** (len(self.vae["block_out_channels"]) - 1)

    def write(self, path: Path) -> None:
        """Writes them as JSON."""
        parts = {name: dict(getattr(self, name)) for name in ("unet", "vae", "text", "image")}
        path.write_text(json.dumps({**parts, "height": self.height, "width": self.width}, indent=1), encoding="utf-8")


def read_sizes(path: Path) -> Sizes:
    """The sizes in a JSON file. Raises InvalidInput for one that holds anything else."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Sizes(**told)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{path} holds no sizes ({error}). Expected JSON with unet, vae, text, image, height and width."
        ) from error


@dataclass(frozen=True)
class Published:
    """How the published Ctrl-World is run.

    `weights` is the folder with `checkpoint.pt`, `stat.json` and `tokenizer/` (see checkpoint.py). `steps` of the sampler,
    and `guidance`, what the last frame's weight rises to: 2 in the paper; 1 takes half the time. `temporal_action` says whose pose the attention along time is
    given: that of the oldest frame, as was released, or each frame's own, which needs other weights. `device` is "cpu",
    "cuda" and so on, "" for the best there is; `half` computes in bfloat16 (on a GPU). `base_m` is where the robot's base
    stands in the world [m]: poses are given to the network in its frame. `body` says what the past's poses are of: clips
    read from DROID hold the flange's, with the base at the origin. `with_text` adds the instruction.
    """

    weights: Path | str
    steps: int = 50
    guidance: float = 2.0
    temporal_action: TemporalAction = "first"
    device: str = ""
    half: bool = True
    base_m: tuple[float, float, float] = (0.0, 0.0, 0.75)
    body: Body = "tool"
    with_text: bool = True
