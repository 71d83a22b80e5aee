"""A refiner's weights on disk (safetensors, half precision) with what is known of them, and the refiner at work."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from bridge.errors import InvalidInput, NotSupported
from world_models.geodrive import inputs
from world_models.geodrive.calibration import share_map
from world_models.geodrive.refiner import Refiner, Shape
from world_models.geodrive.splatting import Splat

Floats = NDArray[np.float32]
_FORMAT = "simbridge-geodrive-1"
_AT_ONCE = 8


@dataclass(frozen=True)
class Measured:
    """What was measured of a refiner: points (coverage, trust) of a rising line, and how much of a change is taken by kind of pixel; empty where nobody measured."""

    trust: list[list[float]] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)


def save(
    refiner: Refiner,
    path: Path,
    *,
    trust: list[list[float]] | None = None,
    taken: list[float] | None = None,
    card: Mapping[str, Any] | None = None,
) -> None:
    """Writes weights, all of them or nothing. `trust` are points (coverage, trust) of a rising line, `taken` is how
    much of a change is taken by kind of pixel (see calibration), `card` what they were trained on."""
    told = {
        "format": _FORMAT,
        "shape": refiner.described(),
        "trust": trust or [],
        "taken": taken or [],
        "card": dict(card or {}),
    }
    notes = {
        "simbridge": json.dumps(told, sort_keys=True)
    }  # one entry: several come in no order, and the same weights are the same bytes
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    save_file(
        {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in refiner.state_dict().items()},
        draft,
        notes,
    )
    draft.replace(path)


def read(path: Path) -> tuple[Refiner, Measured]:
    """A refiner and what was measured of it. Raises InvalidInput for a file that is none of ours, or damaged."""
    if not path.is_file():
        raise InvalidInput(
            f"There are no weights at {path}. Train some with `simbridge train geodrive`, or leave out --geodrive.weights."
        )
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {}).get("simbridge", "{}"))
            if notes.get("format") != _FORMAT:
                raise InvalidInput(
                    f"{path} holds weights of format '{notes.get('format')}', and '{_FORMAT}' is known here. Train anew."
                )
            told = notes["shape"]
            refiner = Refiner(Shape(tuple(told["channels"]), told["has_condition"]))
            refiner.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise InvalidInput(
            f"{path} holds no weights of a GeoDrive refiner, or damaged ones ({error}). Train anew."
        ) from error
    return refiner.eval(), Measured(notes["trust"], notes["taken"])


def chosen_device(name: str) -> torch.device:
    """The device of a name; "auto" is a GPU where there is one. Raises NotSupported for one that is not here."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidInput(f"'{name}' is no device. Say auto, cpu or cuda.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise NotSupported(
            f"PyTorch sees no GPU here, and the device '{name}' was asked for. Say --geodrive.device cpu."
        )
    return device


def refining(path: Path, *, steps: int, device: str, precision: str) -> "Refining":
    """The refiner of a weights file at work. `precision` "auto" is bfloat16 on a GPU, and on processors that multiply it."""
    refiner, known = read(path)
    place = chosen_device(device)
    is_half = precision == "bfloat16" or (precision == "auto" and is_half_fast(place))
    name = f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    return Refining(refiner, known, steps=steps, device=place, is_half=is_half, name=name)


def is_half_fast(device: torch.device) -> bool:
    """Whether bfloat16 is worth it on a device."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return (
        device.type == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


class Refining:
    """A Completer: a refiner at work, some pictures at once."""

    def __init__(self, refiner: Refiner, known: Measured, *, steps: int, device: torch.device, is_half: bool, name: str = "") -> None:  # fmt: skip
        self.refiner = refiner.to(device).eval().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.steps, self.device, self.is_half, self.name = steps, device, is_half, name
        self._taken = known.taken
        self._trust = np.array(known.trust, dtype=np.float64).reshape(-1, 2)

    def completed(
        self, splats: list[Splat], reference: Floats, ahead_s: Floats, *, seed: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """See model.Completer; each picture's noise is its own."""
        height, width = splats[0].mask.shape
        sides = 2 ** len(self.refiner.shape.channels)
        if height % sides or width % sides:
            raise InvalidInput(
                f"GeoDrive was given pictures of {width}x{height}. Give it sides that are multiples of {sides} px."
            )
        backdrop = inputs.backdrop(reference)
        shown = np.stack([inputs.condition(one, inputs.filled(one, backdrop)) for one in splats])
        last = reference.transpose(2, 0, 1).copy()
        last[:3] = 2 * last[:3] - 1
        noise = np.random.default_rng(seed).standard_normal((len(splats), 3, height, width), dtype=np.float32)
        found = [
            self._some(noise[part], last, shown[part], ahead_s[part])
            for part in (slice(start, start + _AT_ONCE) for start in range(0, len(splats), _AT_ONCE))
        ]
        taken = np.stack([share_map(one[4] > 0, one[5], self._taken) for one in shown])[:, None]
        whole = shown[:, :4] + taken * (np.concatenate(found) - shown[:, :4])
        rgb = ((whole[:, :3].transpose(0, 2, 3, 1) + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8)
        return rgb, inputs.depth_of(whole[:, 3])

    def trust(self, coverage: Floats) -> Floats:
        """As measured in training for such a coverage; the coverage itself where nobody measured."""
        if not len(self._trust):
            return coverage
        return np.interp(coverage, self._trust[:, 0], self._trust[:, 1]).astype(np.float32)

    def _some(self, noise: Floats, last: Floats, shown: Floats, ahead_s: Floats) -> Floats:
        parts = (noise, np.broadcast_to(last, (len(noise), *last.shape)), shown, ahead_s)
        tensors = [torch.from_numpy(np.ascontiguousarray(one)).to(self.device) for one in parts]
        tensors = [one.contiguous(memory_format=torch.channels_last) if one.ndim == 4 else one for one in tensors]
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_half):
            return self.refiner.sampled(*tensors, steps=self.steps).float().cpu().numpy()
