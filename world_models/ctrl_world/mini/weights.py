"""Weights on disk: one safetensors file, half precision, that says itself how the networks are built and how they are calibrated."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from bridge.errors import InvalidInput
from world_models.autoencoder import Autoencoder
from world_models.autoencoder import Shape as AutoencoderShape
from world_models.ctrl_world.mini.network import Predictor
from world_models.ctrl_world.mini.reader import Reader
from world_models.ctrl_world.mini.shape import Shape

FORMAT = "ctrl-world-mini-1"
FILE = "ctrl-world-mini.safetensors"


@dataclass(frozen=True)
class Calibration:
    """How raw outputs become probabilities and trust: success is sigmoid(slope * odds + offset); trust is 1 / (1 + doubt / doubt_half),
    doubt being how far apart what several masks imagine is. `has_shortcuts` says whether few steps were trained as such."""

    slope: float = 1.0
    offset: float = 0.0
    doubt_half: float = 0.1
    has_shortcuts: bool = False


@dataclass(frozen=True, eq=False)
class Mini:
    """The three networks, their shape and calibration; `digest` of the file they came from, "" for untrained ones."""

    shape: Shape
    autoencoder: Autoencoder
    predictor: Predictor
    reader: Reader
    calibration: Calibration
    digest: str = ""


def networks(shape: Shape, *, seed: int = 0) -> Mini:
    """Networks that have learned nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = Autoencoder(AutoencoderShape(shape.latents, shape.widths)), Predictor(shape), Reader(shape)
    return Mini(shape, *made, Calibration())


def save(mini: Mini, path: Path, *, story: dict[str, object] | None = None) -> str:
    """Writes them, all or nothing, and answers the file's digest. `story` is how they came about, kept in the file's header."""
    tensors = {
        f"{name}.{key}": value.detach().to("cpu", torch.float16).contiguous()
        for name, network in _parts(mini).items()
        for key, value in network.state_dict().items()
    }
    notes = {
        "format": FORMAT,
        "shape": json.dumps(asdict(mini.shape)),
        "calibration": json.dumps(asdict(mini.calibration)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    save_file(tensors, draft, {**notes, "story": json.dumps(story or {})})
    draft.replace(path)
    return digest(path)


def load(path: Path, device: torch.device | str = "cpu") -> Mini:
    """Networks from a file, or from the one in a folder. Raises InvalidInput for one that is none."""
    path = path / FILE if path.is_dir() else path
    if not path.is_file():
        raise InvalidInput(f"There are no weights at {path}. Train some with `simbridge train ctrl-world --data DIR`.")
    try:
        with safe_open(path, "pt") as file:
            notes = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise InvalidInput(
            f"{path} is no safetensors file, or a damaged one ({error}). Train anew, or copy it again."
        ) from error
    if notes.get("format") != FORMAT:
        raise InvalidInput(
            f"{path} is of format '{notes.get('format', 'none')}', and '{FORMAT}' is known here. Train it anew with this version."
        )
    rows: Mapping[str, Any] = json.loads(notes["shape"])
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in rows.items()}
    shape = Shape(**told)
    mini = replace(networks(shape), calibration=Calibration(**json.loads(notes["calibration"])), digest=digest(path))
    for name, network in _parts(mini).items():
        own = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
        try:
            network.load_state_dict(own)
        except RuntimeError as error:
            raise InvalidInput(f"{path} does not fit its own shape: {str(error).splitlines()[1].strip()}") from error
        network.to(device).eval().requires_grad_(False)
    return mini


def digest(path: Path) -> str:
    """The first 16 hexadecimal digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _parts(mini: Mini) -> dict[str, nn.Module]:
    return {"autoencoder": mini.autoencoder, "predictor": mini.predictor, "reader": mini.reader}
