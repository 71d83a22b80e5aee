"""Reading and writing Ctrl-World's weights: one folder, nothing fetched, every key where it belongs.

DIR/checkpoint.pt     the released state dict (or checkpoint.safetensors); keys unet. vae. text_encoder. action_encoder.
                      and, of no use to anybody, image_encoder.
DIR/stat.json         state_01 and state_99: the bounds of poses
DIR/tokenizer/        CLIP ViT-B/32's tokenizer.json, or vocab.json and merges.txt
DIR/sizes.json        only where the sizes are not the released ones
DIR/adapter.pt        only for policies that speak in joint velocities
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bridge.errors import DamagedFile, InvalidInput, Unavailable
from world_models.ctrl_world.published.config import Sizes, TemporalAction, read_sizes
from world_models.ctrl_world.published.network import Network, shapes
from world_models.ctrl_world.published.poses import Bounds, read_bounds

CHECKPOINTS = ("checkpoint.pt", "checkpoint.safetensors")
_LISTED = 5


@dataclass(frozen=True, eq=False)
class Released:
    """What a folder of weights holds."""

    network: Network
    bounds: Bounds
    tokenizer: Any


def read_folder(folder: Path, *, one_token: bool = True, temporal_action: TemporalAction = "first") -> Released:
    """The network with its weights, on the CPU. Raises Unavailable for files that are not there, InvalidInput or
    DamagedFile for ones that are not what they should be.
    """
    path = _checkpoint(folder)
    sizes = read_sizes(folder / "sizes.json") if (folder / "sizes.json").is_file() else Sizes()
    network = empty(sizes, one_token=one_token, temporal_action=temporal_action)
    fill(network, read_state(path), named=str(path))
    return Released(network.eval(), read_bounds(folder / "stat.json"), _tokenizer(folder / "tokenizer", sizes))


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name, mapped from the file and not read before they are used."""
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        # torch and safetensors raise whatever their readers do: RuntimeError, UnpicklingError, SafetensorError, EOFError.
        raise DamagedFile(
            f"{path} cannot be read as a checkpoint ({type(error).__name__}: {error}). Fetch it anew."
        ) from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise InvalidInput(f"{path} holds no state dict. Expected what torch.save(model.state_dict()) writes.")
    return dict(state)


def empty(sizes: Sizes, *, one_token: bool = True, temporal_action: TemporalAction = "first") -> Network:
    """A network without weights, that takes no memory until it is filled."""
    with torch.device("meta"):
        return Network(sizes, one_token=one_token, temporal_action=temporal_action)


def fill(network: Network, state: Mapping[str, Tensor], *, named: str = "the state dict") -> None:
    """Gives a network its weights, key for key. Raises InvalidInput where a key or a shape is not the expected one."""
    check(state, network.sizes, named=named)
    own = {name: value for name, value in state.items() if not name.startswith("image_encoder.")}
    network.load_state_dict(own, strict=True, assign=True)
    _rebuild_buffers(network)


def check(state: Mapping[str, Tensor], sizes: Sizes, *, named: str) -> None:
    """Raises InvalidInput for keys that are missing or not expected, and for shapes. The image encoder may be missing whole."""
    wanted = shapes(sizes)
    if not any(name.startswith("image_encoder.") for name in state):
        wanted = {name: shape for name, shape in wanted.items() if not name.startswith("image_encoder.")}
    missing = [name for name in wanted if name not in state]
    strange = [name for name in state if name not in wanted]
    unfit = [
        f"{name} {tuple(value.shape)} instead of {wanted[name]}"
        for name, value in state.items()
        if name in wanted and tuple(value.shape) != wanted[name]
    ]
    complaints = [
        f"{len(names)} {what}: {', '.join(names[:_LISTED])}{' ...' if len(names) > _LISTED else ''}"
        for names, what in ((missing, "keys are missing"), (strange, "keys are not expected"), (unfit, "shapes differ"))
        if names
    ]
    if complaints:
        raise InvalidInput(
            f"{named} does not fit Ctrl-World of these sizes. {'; '.join(complaints)}. "
            "Expected the released checkpoint, or one of other sizes with its sizes.json beside it."
        )


def write_folder(folder: Path, network: Network, bounds: Bounds, tokenizer: Any) -> None:
    """Writes what `read_folder` reads; a file is whole or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    network.sizes.write(folder / "sizes.json")
    bounds.write(folder / "stat.json")
    tokenizer.save_pretrained(str(folder / "tokenizer"))
    draft = folder / "checkpoint.part"
    torch.save(network.state_dict(), draft)
    draft.replace(folder / "checkpoint.pt")


def _checkpoint(folder: Path) -> Path:
    """The checkpoint's path, when all that belongs to it is there."""
    found = [folder / name for name in CHECKPOINTS if (folder / name).is_file()]
    words = folder / "tokenizer"
    has_words = (words / "tokenizer.json").is_file() or all(
        (words / name).is_file() for name in ("vocab.json", "merges.txt")
    )
    absent = [
        name
        for name, there in (
            (CHECKPOINTS[0], bool(found)), ("stat.json", (folder / "stat.json").is_file()), ("tokenizer/", has_words),
        )
        if not there
    ]  # fmt: skip
    if absent:
        raise Unavailable(
            f"{folder} lacks {', '.join(absent)}. Expected there: checkpoint.pt (the released Ctrl-World state dict), "
            "stat.json (bounds of its poses), tokenizer/ (CLIP ViT-B/32's tokenizer.json, or its vocab.json and "
            "merges.txt). Nothing is downloaded: put them there and pass --ctrl-world.weights DIR."
        )
    return found[0]


def _tokenizer(folder: Path, sizes: Sizes) -> Any:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)
    if len(tokenizer) > sizes.text["vocab_size"]:
        raise InvalidInput(
            f"{folder} knows {len(tokenizer)} words, and the text encoder {sizes.text['vocab_size']}. Expected CLIP ViT-B/32's."
        )
    return tokenizer


def _rebuild_buffers(network: Network) -> None:
    """Buffers that no checkpoint holds: positions of text tokens, counted anew."""
    for module in network.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if not buffer.is_meta:
                continue
            if name != "position_ids":
                raise InvalidInput(f"{type(module).__name__}.{name} is in no checkpoint and cannot be made anew here.")
            module.register_buffer(name, torch.arange(buffer.shape[-1])[None], persistent=False)
