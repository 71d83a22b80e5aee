"""A small convolutional net that says of every pixel what it shows and where things stand: its forward pass, in NumPy.

Four sizes down and up again with what was seen on the way down beside (U-Net, Ronneberger et al. 2015). It was trained by
`python -m evaluation.measures.training` on pictures of the embedded engine; `weights/CARD.md` says on which. Weights are numbers in a
.npz; nothing is unpickled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile

Floats = NDArray[np.float32]
WIDTHS = (16, 32, 48, 64)
LAYERS: tuple[tuple[str, int, int, int], ...] = (
    ("down1", 3, WIDTHS[0], 1),
    ("down2", WIDTHS[0], WIDTHS[1], 2),
    ("down3", WIDTHS[1], WIDTHS[2], 2),
    ("down4", WIDTHS[2], WIDTHS[3], 2),
    ("deep", WIDTHS[3], WIDTHS[3], 1),
    ("up3", WIDTHS[3] + WIDTHS[2], WIDTHS[2], 1),
    ("up2", WIDTHS[2] + WIDTHS[1], WIDTHS[1], 1),
    ("up1", WIDTHS[1] + WIDTHS[0], WIDTHS[0], 1),
)
"""Convolutions of 3 by 3: name, channels in, channels out, stride."""
SHRINKS = 8
"""Pictures' sides must be whole multiples of this."""


@dataclass(frozen=True, eq=False)
class Recogniser:
    """What it can tell apart: `classes`, the first of which is everything else, and `points`, of which it says where they are.

    `weights` are those of LAYERS ("NAME.weight" (out,in,3,3), "NAME.bias") and of "head" (classes + points, WIDTHS[0]).
    """

    classes: tuple[str, ...]
    points: tuple[str, ...]
    weights: Mapping[str, Floats]

    def scores(self, rgb: NDArray[np.uint8]) -> Floats:
        """Scores (classes + points, H, W) of one picture (H,W,3)."""
        held = self.weights
        x = np.moveaxis(rgb, -1, 0).astype(np.float32) / np.float32(127.5) - np.float32(1.0)
        passed = {}
        for name, _, _, stride in LAYERS:
            if name.startswith("up"):
                x = np.concatenate([x.repeat(2, axis=1).repeat(2, axis=2), passed[f"down{name[2:]}"]])
            x = np.maximum(convolved(x, held[f"{name}.weight"], held[f"{name}.bias"], stride), 0)
            passed[name] = x
        flat = held["head.weight"] @ x.reshape(len(x), -1) + held["head.bias"][:, None]
        return flat.reshape(-1, *x.shape[1:])

    def read(self, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """The class of every pixel (H,W), and the pixel (x, y) of every point (points,2), of one picture (H,W,3)."""
        scores = self.scores(rgb)
        count = len(self.classes)
        return scores[:count].argmax(axis=0).astype(np.uint8), expected_pixel(scores[count:])


def expected_pixel(scores: Floats) -> NDArray[np.float64]:
    """Where points are by their scores (k,H,W): the mean of pixels' middles by their softmax (k,2)."""
    k, height, width = scores.shape
    flat = scores.reshape(k, -1).astype(np.float64)
    share = np.exp(flat - flat.max(axis=1, keepdims=True, initial=-np.inf)) if k else flat
    share = (share / share.sum(axis=1, keepdims=True)).reshape(k, height, width)
    x = share.sum(axis=1) @ (np.arange(width) + 0.5)
    y = share.sum(axis=2) @ (np.arange(height) + 0.5)
    return np.stack([x, y], axis=-1)


@lru_cache(maxsize=8)
def shipped(task: str) -> Recogniser | None:
    """The recogniser that comes with the package for a task; None where there is none."""
    source = files("evaluation.measures") / "weights" / f"{task}.npz"
    if not source.is_file():
        return None
    with as_file(source) as path:
        return load(path)


def load(path: Path) -> Recogniser:
    """A recogniser of a file. Raises DamagedFile for one that is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = {name: file[name].astype(np.float32) for name in file.files if name not in ("classes", "points")}
            found = Recogniser(
                tuple(str(one) for one in file["classes"]), tuple(str(one) for one in file["points"]), weights
            )
        for name, *_ in (*LAYERS, ("head",)):
            weights[f"{name}.weight"], weights[f"{name}.bias"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DamagedFile(
            f"{path} holds no recogniser ({error}). Train one with `python -m evaluation.measures.training`."
        ) from error
    return found


def save(recogniser: Recogniser, path: Path) -> None:
    """Writes a recogniser, in half precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: value.astype(np.float16) for name, value in recogniser.weights.items()}
    with path.open("wb") as file:
        np.savez_compressed(
            file, allow_pickle=False, classes=np.array(recogniser.classes), points=np.array(recogniser.points, dtype="U"), **halves
        )  # fmt: skip


def convolved(x: Floats, weight: Floats, bias: Floats, stride: int) -> Floats:
    """A convolution of 3 by 3 with a border of zeros: (in,H,W) to (out, H / stride, W / stride)."""
    around = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(1, 2))[:, ::stride, ::stride]
    _, height, width, _, _ = windows.shape
    columns = windows.transpose(0, 3, 4, 1, 2).reshape(-1, height * width)
    return (weight.reshape(len(weight), -1) @ columns + bias[:, None]).reshape(-1, height, width)
