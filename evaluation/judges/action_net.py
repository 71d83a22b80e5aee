"""A small net that says what is being done in a few frames of video: its forward pass, in NumPy.

Convolutions of stride 2, a hidden layer, and a softmax for every question of evaluation.judges.deeds. An arm is read from the pictures of
three moments in all views, at half their size; a car from optical flow (evaluation.measures.flow) between five, since how pictures move says how it drives
whatever the street looks like. Trained by `python -m evaluation.judges.training`; `weights/CARD.md` says on what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile
from evaluation.judges.deeds import QUESTIONS, REACH
from evaluation.measures.flow import measured_flow
from evaluation.measures.recogniser import convolved

Floats = NDArray[np.float32]
WIDTHS = MappingProxyType({"manipulate": (27, 32, 48, 64), "drive": (8, 24, 32, 48)})
"""Channels of what goes in, and of every convolution."""
SIZES = MappingProxyType({"manipulate": (32, 32), "drive": (24, 40)})
"""Height and width of what goes in."""
HIDDEN = 96
_FLOW_PX = 4.0
"""Flow is given in units of this, squeezed by arcsinh: it is a pixel far off and thirty at the kerb."""


@dataclass(frozen=True, eq=False)
class ActionNet:
    """`weights`: "conv1.weight" (out,in,3,3), "conv1.bias" and so on, "hidden.weight" (HIDDEN,...), and "QUESTION.weight" (answers,HIDDEN)."""

    task: str
    weights: Mapping[str, Floats]

    def answers(self, given: Floats) -> Mapping[str, NDArray[np.float64]]:
        """Probabilities (answers,) by question, of what goes in (C,H,W)."""
        x, held = given, self.weights
        for layer in range(1, len(WIDTHS[self.task])):
            x = np.maximum(convolved(x, held[f"conv{layer}.weight"], held[f"conv{layer}.bias"], 2), 0)
        x = np.maximum(held["hidden.weight"] @ x.ravel() + held["hidden.bias"], 0)
        return {name: _softmax(held[f"{name}.weight"] @ x + held[f"{name}.bias"]) for name in QUESTIONS[self.task]}


def inputs(task: str, rgb: NDArray[np.uint8]) -> Floats:
    """What goes into the net at every moment that has REACH others on both sides: (t - 2 reach, C, H, W) of pictures (t,v,H,W,3).

    Raises Unavailable for a car without OpenCV.
    """
    reach = REACH[task]
    many = len(rgb) - 2 * reach
    if many <= 0:
        return np.zeros((0, WIDTHS[task][0], *SIZES[task]), np.float32)
    if task == "manipulate":
        height, width = SIZES[task]
        small = rgb.reshape(*rgb.shape[:2], height, 2, width, 2, 3).mean(axis=(3, 5), dtype=np.float32)
        flat = np.moveaxis(small, -1, 2).reshape(len(rgb), -1, height, width) / np.float32(127.5) - 1
        parts = [flat[shift : shift + many] for shift in range(2 * reach + 1)]
    else:
        flows = np.stack([_flow(*pair) for pair in zip(rgb[:-1, 0], rgb[1:, 0], strict=True)])
        parts = [flows[shift : shift + many] for shift in range(2 * reach)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def fits(task: str, rgb: NDArray[np.uint8]) -> bool:
    """Whether pictures (...,v,H,W,3) are of the size and number of views that the net of a task knows."""
    views, height, width = rgb.shape[-4:-1]
    if task == "manipulate":
        return (views, height, width) == (3, 2 * SIZES[task][0], 2 * SIZES[task][1])
    return task == "drive" and (height, width) == (4 * SIZES[task][0], 4 * SIZES[task][1])


def _flow(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Floats:
    """Flow between two pictures, averaged over 4 by 4 pixels: (2,H/4,W/4)."""
    flow = measured_flow(before, after)
    height, width = flow.shape[0] // 4, flow.shape[1] // 4
    small = flow.reshape(height, 4, width, 4, 2).mean(axis=(1, 3))
    return np.arcsinh(np.moveaxis(small, -1, 0) / _FLOW_PX).astype(np.float32)


def _softmax(scores: Floats) -> NDArray[np.float64]:
    share = np.exp(scores.astype(np.float64) - scores.max())
    return share / share.sum()


@lru_cache(maxsize=4)
def shipped(task: str) -> ActionNet | None:
    """The net that comes with the package for a task; None where there is none."""
    source = files("evaluation.judges") / "weights" / f"{task}.npz"
    if not source.is_file():
        return None
    with as_file(source) as path:
        return load(path)


def load(path: Path) -> ActionNet:
    """A net of a file. Raises DamagedFile for one that is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = {name: file[name].astype(np.float32) for name in file.files if name != "task"}
            found = ActionNet(str(file["task"]), weights)
        for name in ["hidden", *QUESTIONS[found.task], *(f"conv{i}" for i in range(1, len(WIDTHS[found.task])))]:
            weights[f"{name}.weight"], weights[f"{name}.bias"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DamagedFile(
            f"{path} holds no net that reads actions ({error}). Train one with `python -m evaluation.judges.training`."
        ) from error
    return found


def save(net: ActionNet, path: Path) -> None:
    """Writes a net, in half precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: value.astype(np.float16) for name, value in net.weights.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, task=np.array(net.task), **halves)
