"""A published Ctrl-World so small that it runs in a test: random weights of every part, and a tokenizer of letters."""

import json
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer

from bridge.frames import quat_from_yaw
from bridge.imagination import Course, Past
from bridge.types import Camera, Pose
from world_models.ctrl_world.published.checkpoint import write_folder
from world_models.ctrl_world.published.config import VIEWS, Sizes
from world_models.ctrl_world.published.network import Network
from world_models.ctrl_world.published.poses import Bounds

SIZES = Sizes(
    unet={
        "in_channels": 8, "out_channels": 4, "block_out_channels": [32, 32], "num_attention_heads": [2, 2],
        "down_block_types": ["CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"],
        "up_block_types": ["UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"],
        "layers_per_block": 1, "cross_attention_dim": 32, "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 24,
    },
    vae={
        "down_block_types": ["DownEncoderBlock2D"] * 2, "block_out_channels": [32, 32], "layers_per_block": 1,
        "latent_channels": 4, "sample_size": 16, "scaling_factor": 0.18215,
    },
    text={
        "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "max_position_embeddings": 12, "projection_dim": 16, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1,
    },
    image={
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "patch_size": 8,
        "image_size": 16, "projection_dim": 16,
    },
    height=8,
    width=8,
)  # fmt: skip
BOUNDS = Bounds(
    np.array([0.2, -0.4, 0.0, -np.pi, -1.0, -np.pi, 0.0]), np.array([0.8, 0.4, 0.7, np.pi, 1.0, np.pi, 1.0])
)


def tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's tokenizer with a word for each letter."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)


def network(seed: int = 0) -> Network:
    """Random weights, larger than they would be at the start of training, so that everything shows in the pictures."""
    torch.manual_seed(seed)
    made = Network(SIZES)
    with torch.no_grad():
        for module in (made.unet, made.action_encoder):
            for value in module.parameters():
                value.add_(0.05 * torch.randn_like(value))
    return made.eval()


def weights(folder: Path, seed: int = 0) -> Path:
    """A folder as `--weights` names it."""
    write_folder(folder, network(seed), BOUNDS, tokenizer(folder / "words"))
    return folder


def past(length: int = 9, *, seed: int = 1, size: int = 12) -> Past:
    """Pictures of noise, and a tool that wanders."""
    rng = np.random.default_rng(seed)
    cameras = tuple(Camera(name, size, size, 0.6, Pose(np.zeros(3))) for name in VIEWS)
    return Past(
        np.arange(length) * 0.3,
        cameras,
        rng.integers(0, 256, (length, len(VIEWS), size, size, 3), dtype=np.uint8),
        _poses(rng, length),
        rng.uniform(0, 1, length),
        instruction="pick up the red cube",
    )


def course(length: int = 6, *, after_s: float = 2.4, seed: int = 2) -> Course:
    """What the tool does next."""
    rng = np.random.default_rng(seed)
    return Course(after_s + 0.3 * (1 + np.arange(length)), _poses(rng, length), rng.uniform(0, 1, length))


def _poses(rng: np.random.Generator, length: int) -> np.ndarray:
    places = np.array([0.5, 0.0, 1.1]) + rng.uniform(-0.1, 0.1, (length, 3))
    return np.concatenate([places, quat_from_yaw(rng.uniform(-1, 1, length))], axis=1)
