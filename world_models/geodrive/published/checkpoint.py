"""Reading and writing GeoDrive's weights: CogVideoX's folder as diffusers lays it out, and the encoder's file. Nothing is fetched.

DIR/transformer/  DIR/vae/  DIR/scheduler/      of CogVideoX-5b-I2V
DIR/tokenizer/  DIR/text_encoder/               of the same; or DIR/prompt.safetensors in their stead, with the embeddings
                                                `prompt` and `negative` (1,226,4096)
DIR/condition.safetensors                       the trained condition encoder
"""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXDPMScheduler
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from bridge.errors import DamagedFile, InvalidInput, Unavailable
from world_models.geodrive.published.network import ConditionEncoder, DualBranch

CONDITION, PROMPT = "condition.safetensors", "prompt.safetensors"
Scheduler: TypeAlias = CogVideoXDDIMScheduler | CogVideoXDPMScheduler
_SCHEDULERS = {made.__name__: made for made in (CogVideoXDDIMScheduler, CogVideoXDPMScheduler)}
_LISTED = 5


@dataclass(frozen=True, eq=False)
class Parts:
    """What a folder of weights holds; `prompt` and `negative` (1,length,d) are embeddings of words."""

    transformer: DualBranch
    vae: AutoencoderKLCogVideoX
    scheduler: Scheduler
    prompt: Tensor
    negative: Tensor


def read_folder(folder: Path, *, prompt: str, kind: torch.dtype, untrained: bool = False) -> Parts:
    """All parts, on the CPU, computing in `kind`.

    Raises Unavailable for files that are not there and InvalidInput or DamagedFile for ones that do not serve.
    """
    _check_there(folder, untrained=untrained)
    transformer = DualBranch.from_pretrained(
        folder, subfolder="transformer", local_files_only=True, torch_dtype=kind
    )  # fmt: skip
    encoder = transformer.grow()
    if (folder / CONDITION).is_file():
        read_condition(encoder, folder / CONDITION)
    vae = AutoencoderKLCogVideoX.from_pretrained(folder, subfolder="vae", local_files_only=True, torch_dtype=kind)
    words, nothing = _words(folder, prompt, int(transformer.config.max_text_seq_length))
    return Parts(
        transformer.eval(), vae.eval(), read_scheduler(folder / "scheduler" / "scheduler_config.json"), words.to(kind), nothing.to(kind)
    )  # fmt: skip


def read_scheduler(path: Path) -> Scheduler:
    """The scheduler that a file describes: DDIM or DPM for CogVideoX."""
    told = json.loads(path.read_text(encoding="utf-8"))
    name = told.get("_class_name")
    if name not in _SCHEDULERS:
        raise InvalidInput(f"{path} is of a scheduler '{name}', and {' or '.join(_SCHEDULERS)} is expected.")
    return _SCHEDULERS[name].from_config(told)


def write_condition(encoder: ConditionEncoder, path: Path) -> None:
    """Writes the encoder's weights alone; the file is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    save_file({name: value.detach().cpu().contiguous() for name, value in encoder.state_dict().items()}, draft)
    draft.replace(path)


def read_condition(encoder: ConditionEncoder, path: Path) -> None:
    """Gives an encoder the weights of a file, key for key. Raises InvalidInput where they do not fit."""
    try:
        held = load_file(path)
    except (SafetensorError, OSError) as error:
        raise DamagedFile(
            f"{path} cannot be read as a condition encoder's weights ({error}). Fetch it anew."
        ) from error
    own = {name: tuple(value.shape) for name, value in encoder.state_dict().items()}
    complaints = [
        *(f"{name} is missing" for name in own if name not in held),
        *(f"{name} is not expected" for name in held if name not in own),
        *(f"{name} is {tuple(held[name].shape)} instead of {own[name]}" for name in own if name in held and tuple(held[name].shape) != own[name]),
    ]  # fmt: skip
    if complaints:
        raise InvalidInput(
            f"{path} does not fit this base: {'; '.join(complaints[:_LISTED])}{' ...' if len(complaints) > _LISTED else ''}. "
            "Expected an encoder trained beside the same CogVideoX."
        )
    encoder.load_state_dict(held, strict=True)


def _words(folder: Path, prompt: str, length: int) -> tuple[Tensor, Tensor]:
    """Embeddings of the prompt and of no words, computed once by a text encoder that is given back at once."""
    if (folder / PROMPT).is_file():
        held = load_file(folder / PROMPT)
        if set(held) != {"prompt", "negative"} or held["prompt"].shape != held["negative"].shape:
            raise InvalidInput(
                f"{folder / PROMPT} holds {', '.join(held)}. Expected 'prompt' and 'negative' of one shape."
            )
        return held["prompt"], held["negative"]
    from transformers import AutoTokenizer, T5EncoderModel

    tokenizer: Any = AutoTokenizer.from_pretrained(str(folder / "tokenizer"), local_files_only=True)
    encoder = T5EncoderModel.from_pretrained(str(folder / "text_encoder"), local_files_only=True)
    ids = tokenizer(
        [prompt, ""], padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        found = encoder(ids)[0]
    return found[:1], found[1:]


def _check_there(folder: Path, *, untrained: bool) -> None:
    wanted = ["transformer/config.json", "vae/config.json", "scheduler/scheduler_config.json"]
    if not (folder / PROMPT).is_file():
        wanted += ["tokenizer", "text_encoder/config.json"]
    if not untrained:
        wanted.append(CONDITION)
    absent = [name for name in wanted if not (folder / name).exists()]
    if absent:
        raise Unavailable(
            f"{folder} lacks {', '.join(absent)}. Expected there: CogVideoX-5b-I2V as diffusers lays it out (transformer/, "
            f"vae/, scheduler/, tokenizer/, text_encoder/) and {CONDITION}, GeoDrive's trained encoder. Nothing is "
            "downloaded: put them there and pass --geodrive.weights DIR."
        )
