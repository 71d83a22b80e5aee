"""Training Ctrl-World at full size: AdamW, mixed precision, clipped gradients, and activations computed twice to save memory.

One process, one GPU: 1.5 billion trained numbers need some 25 GB for weights, gradients and AdamW's memory. The published
run was 100,000 steps of 64 windows on 16 GPUs. Not run here at full size; what is tested is that it learns with a tiny one.
"""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from bridge.control.seeds import stream
from bridge.errors import InvalidInput, Unavailable
from world_models.clips import read_clips
from world_models.ctrl_world.published.checkpoint import Released, read_folder, write_folder
from world_models.ctrl_world.published.config import HISTORY, Body, Sizes
from world_models.ctrl_world.published.footage import Footage, footage
from world_models.ctrl_world.published.loop import seed_of
from world_models.ctrl_world.published.loss import denoising_loss, draw
from world_models.ctrl_world.published.network import Network
from world_models.ctrl_world.published.poses import Bounds, bounds_of

Say = Callable[[str], None]
STATE = "training.pt"
"""What a run that was broken off goes on from, in its output folder."""


@dataclass(frozen=True)
class Training:
    """How it is trained, as published: learning rate, gradients clipped to a norm, windows a step.

    `precision` of the computation; weights are kept in float32. `recompute` saves memory for time. `skips` are the frames
    between two of a window. `new_bounds` takes the poses' bounds from the data instead of from the weights' folder.
    """

    steps: int = 100_000
    batch: int = 4
    rate: float = 1e-5
    weight_decay: float = 0.01
    clip: float = 1.0
    precision: Literal["float32", "float16", "bfloat16"] = "float16"
    recompute: bool = True
    skips: tuple[int, ...] = (1, 2)
    new_bounds: bool = False
    base_m: tuple[float, float, float] = (0.0, 0.0, 0.75)
    body: Body = "tool"
    seed: int = 0
    save_steps: int = 2000
    log_steps: int = 50
    device: str = ""


def train_published(weights: Path, data: Path, out: Path, training: Training, *, say: Say = print) -> Path:
    """Trains the network in folder `weights` on the clips in folder `data`; the new weights' folder, which is `out`.

    A run that was broken off goes on from where it was saved last. Raises InvalidInput where the loss is no number.
    """
    released = read_folder(weights)
    device = torch.device(training.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    network = released.network.float().to(device)
    say("encoding clips")
    seen = footage(network, released.tokenizer, read_clips(data), base_m=training.base_m, body=training.body)
    bounds = released.bounds
    if training.new_bounds:
        bounds = bounds_of(np.concatenate(list(seen.poses)))
    learner = Learner(network, bounds, training)
    state = out / STATE
    if state.is_file():
        learner.resume(state)
        say(f"goes on at step {learner.done} of {training.steps}")
    running: list[float] = []
    while learner.done < training.steps:
        running.append(learner.step(seen))
        if learner.done % training.log_steps == 0 or learner.done == training.steps:
            say(f"step {learner.done} of {training.steps}, loss {sum(running) / len(running):.4f}")
            running.clear()
        if learner.done % training.save_steps == 0 or learner.done == training.steps:
            _save(out, learner, Released(network, bounds, released.tokenizer))
    return out


class Learner:
    """A network in training, step by step."""

    def __init__(self, network: Network, bounds: Bounds, training: Training) -> None:
        self.network, self.bounds, self.training, self.done = network, bounds, training, 0
        network.requires_grad_(False)
        for part in self.parts:
            part.requires_grad_(True).train()
        if training.recompute:
            network.unet.enable_gradient_checkpointing()
        self.optimizer = torch.optim.AdamW(
            [value for part in self.parts for value in part.parameters()],
            lr=training.rate, weight_decay=training.weight_decay,
        )  # fmt: skip
        self.device = next(network.unet.parameters()).device
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=training.precision == "float16")

    @property
    def parts(self) -> tuple[nn.Module, ...]:
        """What is trained; VAE and text encoder stay as they are."""
        return (self.network.unet, self.network.action_encoder)

    def step(self, seen: Footage) -> float:
        """One step, the loss before it; what is random in it hangs on the seed and the step's number only."""
        training, number = self.training, self.done
        rng = stream(training.seed, "ctrl-world", "windows", number)
        latents, poses, words = (
            value.to(self.device) for value in seen.batch(self.bounds, training.batch, rng, skips=training.skips)
        )
        generator = torch.Generator().manual_seed(seed_of(training.seed, "noise", number))
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._loss(latents, poses, words, generator)
        if not torch.isfinite(loss):
            raise InvalidInput(
                f"The loss is no number any more at step {number}. Lower the rate, or train with precision=bfloat16."
            )
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_([value for part in self.parts for value in part.parameters()], training.clip)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.done += 1
        return loss.item()

    def _loss(self, latents: Tensor, poses: Tensor, words: Tensor, generator: torch.Generator) -> Tensor:
        kind = getattr(torch, self.training.precision)
        with torch.autocast(self.device.type, dtype=kind, enabled=kind != torch.float32):
            tokens = self.network.action_encoder(poses, words)
            draws = draw(latents, HISTORY, generator)
            return denoising_loss(self.network.unet, latents, tokens, draws, scaling=self.network.scaling)[0]

    def state(self) -> dict[str, Any]:
        """All that the next step needs beside the frozen parts."""
        return {
            "done": self.done, "optimizer": self.optimizer.state_dict(), "scaler": self._scaler.state_dict(),
            "unet": self.network.unet.state_dict(), "action_encoder": self.network.action_encoder.state_dict(),
        }  # fmt: skip

    def resume(self, path: Path) -> None:
        """Goes on from a saved state. Raises InvalidInput for one of another network."""
        held = torch.load(path, map_location=self.device, weights_only=True)
        try:
            self.network.unet.load_state_dict(held["unet"])
            self.network.action_encoder.load_state_dict(held["action_encoder"])
            self.optimizer.load_state_dict(held["optimizer"])
            self._scaler.load_state_dict(held["scaler"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise InvalidInput(
                f"{path} is of another network than the one trained here ({str(error).splitlines()[0]}). Train into another "
                "folder, or delete it."
            ) from error
        self.done = int(held["done"])


def _save(out: Path, learner: Learner, released: Released) -> None:
    write_folder(out, released.network, released.bounds, released.tokenizer)
    draft = out / f"{STATE}.part"
    torch.save(learner.state(), draft)
    draft.replace(out / STATE)


def from_stable_video_diffusion(folder: Path, clip: Path, out: Path, *, bounds: Bounds) -> Path:
    """A folder of weights to train from, of Stable Video Diffusion (a diffusers folder with unet/ and vae/) and CLIP ViT-B/32.

    The action encoder starts at random. Nothing is downloaded. Raises Unavailable where a folder is not there.
    """
    from diffusers import AutoencoderKLTemporalDecoder, UNetSpatioTemporalConditionModel
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer

    wanted = [folder / "unet" / "config.json", folder / "vae" / "config.json", clip / "config.json"]
    absent = [str(path) for path in wanted if not path.is_file()]
    if absent:
        raise Unavailable(
            f"{', '.join(absent)} not found. Expected Stable Video Diffusion's unet/ and vae/ in {folder} and CLIP ViT-B/32 in "
            f"{clip}, as diffusers and transformers save them. Nothing is downloaded."
        )
    unet = UNetSpatioTemporalConditionModel.from_pretrained(folder, subfolder="unet", local_files_only=True)
    vae = AutoencoderKLTemporalDecoder.from_pretrained(folder, subfolder="vae", local_files_only=True)
    text = CLIPTextModelWithProjection.from_pretrained(str(clip), local_files_only=True)
    sizes = Sizes(unet=_told(unet), vae=_told(vae), text=text.config.to_diff_dict())
    torch.manual_seed(0)
    network = Network(sizes)
    for part, given in ((network.unet, unet), (network.vae, vae), (network.text_encoder, text)):
        part.load_state_dict(given.state_dict(), strict=True)
    write_folder(out, network, bounds, CLIPTokenizer.from_pretrained(str(clip), local_files_only=True))
    return out


def _told(model: Any) -> dict[str, Any]:
    return {name: value for name, value in model.config.items() if not name.startswith("_")}
