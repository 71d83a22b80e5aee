"""LPIPS, FID and FVD as published, for those who have the published weights in a folder; nothing is ever downloaded.

| Measure | Files in the folder | What they are |
|---|---|---|
| LPIPS (Zhang et al., CVPR 2018) | alexnet.pth, lpips-alex.pth; or vgg16.pth, lpips-vgg.pth | the net's state dict as torchvision has it ("features.0.weight" ...), and the five linear heads ("lin0.model.1.weight" (1,c,1,1) ...) of version 0.1 |
| FID (Heusel et al., NIPS 2017) | inception-2015-12-05.pt | TorchScript of the TensorFlow Inception: uint8 (b,3,H,W), `return_features=True`, to (b,2048) |
| FVD (Unterthiner et al. 2018) | i3d_torchscript.pt | TorchScript of I3D on Kinetics-400: (b,3,t,224,224) in -1 to 1, `rescale=False, resize=False, return_features=True`, to (b,400) |

State dicts are read as tensors alone (`weights_only`). TorchScript is a program: take it from whom you trust.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile, Unavailable
from evaluation.measures.efflite0 import torch_or_say, unit_difference

Array = NDArray[np.float64]
Net = Literal["alex", "vgg"]
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_AT_ONCE, _I3D_SIDE, I3D_FRAMES = 32, 224, 9
"""I3D needs films of nine frames or more."""
_ALEX = (("conv", 0, 4, 2), "tap", ("pool", 3), ("conv", 3, 1, 2), "tap", ("pool", 3), ("conv", 6, 1, 1), "tap", ("conv", 8, 1, 1), "tap", ("conv", 10, 1, 1), "tap")  # fmt: skip
_VGG = (
    ("conv", 0, 1, 1), ("conv", 2, 1, 1), "tap", ("pool", 2), ("conv", 5, 1, 1), ("conv", 7, 1, 1), "tap", ("pool", 2),
    ("conv", 10, 1, 1), ("conv", 12, 1, 1), ("conv", 14, 1, 1), "tap", ("pool", 2), ("conv", 17, 1, 1), ("conv", 19, 1, 1), ("conv", 21, 1, 1), "tap",
    ("pool", 2), ("conv", 24, 1, 1), ("conv", 26, 1, 1), ("conv", 28, 1, 1), "tap",
)  # fmt: skip
_NETS: Mapping[Net, tuple[Any, ...]] = {"alex": _ALEX, "vgg": _VGG}
_FILES: Mapping[Net, tuple[str, str]] = {
    "alex": ("alexnet.pth", "lpips-alex.pth"),
    "vgg": ("vgg16.pth", "lpips-vgg.pth"),
}


@dataclass(frozen=True, eq=False)
class Lpips:
    """LPIPS with given weights: of the net ("features.N.weight", "features.N.bias") and of the heads, one (c,) a tap."""

    net: Net
    weights: Mapping[str, Any]
    heads: tuple[Any, ...]

    def __call__(self, truth: NDArray[np.uint8], dream: NDArray[np.uint8]) -> Array:
        """LPIPS (...) of pictures (..., H, W, 3): 0 for the same, symmetric."""
        torch = torch_or_say()
        shape = truth.shape[:-3]
        a, b = (one.reshape(-1, *one.shape[-3:]) for one in (truth, dream))
        found = []
        with torch.inference_mode():
            for start in range(0, len(a), _AT_ONCE):
                x, y = (self._taps(one[start : start + _AT_ONCE]) for one in (a, b))
                parts = [(unit_difference(p, q).mean(dim=(2, 3)) * head).sum(dim=1) for p, q, head in zip(x, y, self.heads, strict=True)]  # fmt: skip
                found.append(sum(parts[1:], parts[0]))
        return torch.cat(found).numpy().astype(np.float64).reshape(shape)

    def _taps(self, rgb: NDArray[np.uint8]) -> list[Any]:
        torch = torch_or_say()
        x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(rgb, -1, 1))).float() / 127.5 - 1.0
        x = (x - torch.tensor(_SHIFT)[:, None, None]) / torch.tensor(_SCALE)[:, None, None]
        found = []
        for part in _NETS[self.net]:
            if part == "tap":
                found.append(x)
            elif part[0] == "pool":
                x = torch.nn.functional.max_pool2d(x, part[1], 2)
            else:
                _, index, stride, pad = part
                held = [self.weights[f"features.{index}.{name}"] for name in ("weight", "bias")]
                x = torch.relu(torch.nn.functional.conv2d(x, *held, stride=stride, padding=pad))
        return found


def lpips(folder: Path, net: Net = "alex") -> Lpips:
    """LPIPS with the weights of a folder (see above). Raises Unavailable for files that are missing, DamagedFile for others."""
    held, lins = (_tensors(folder / name, "LPIPS") for name in _FILES[net])
    try:
        heads = tuple(lins[f"lin{tap}.model.1.weight"].reshape(-1) for tap in range(5))
        wanted = [part[1] for part in _NETS[net] if part[0] == "conv"]
        weights = {f"features.{i}.{n}": held[f"features.{i}.{n}"] for i in wanted for n in ("weight", "bias")}
    except KeyError as error:
        raise DamagedFile(f"The weights for LPIPS in {folder} have no tensor {error}. Give {' and '.join(_FILES[net])} as they were published.") from error  # fmt: skip
    return Lpips(net, weights, heads)


def inception_features(folder: Path) -> Callable[[NDArray[np.uint8]], Array]:
    """What takes pictures (..., H, W, 3) to Inception's features (..., d): with evaluation.measures.frechet.Sets, its `pictures` is the FID."""
    net = _script(folder / "inception-2015-12-05.pt", "FID")

    def features(rgb: NDArray[np.uint8]) -> Array:
        torch = torch_or_say()
        flat = rgb.reshape(-1, *rgb.shape[-3:])
        with torch.inference_mode():
            parts = [
                net(torch.from_numpy(np.ascontiguousarray(np.moveaxis(flat[s : s + _AT_ONCE], -1, 1))), return_features=True)
                for s in range(0, len(flat), _AT_ONCE)
            ]  # fmt: skip
        return torch.cat(parts).numpy().astype(np.float64).reshape(*rgb.shape[:-3], -1)

    return features


def i3d_features(folder: Path) -> Callable[[NDArray[np.uint8]], Array]:
    """What takes a film (n,v,H,W,3) of I3D_FRAMES or more to I3D's features (v,d), one vector a view: `frechet` of two sets is the FVD."""
    net = _script(folder / "i3d_torchscript.pt", "FVD")

    def features(rgb: NDArray[np.uint8]) -> Array:
        torch = torch_or_say()
        x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(rgb, -1, 2))).float() / 127.5 - 1.0  # (n,v,3,H,W)
        n, views = x.shape[:2]
        x = torch.nn.functional.interpolate(x.flatten(0, 1), size=(_I3D_SIDE, _I3D_SIDE), mode="bilinear", align_corners=False)  # fmt: skip
        x = x.unflatten(0, (n, views)).permute(1, 2, 0, 3, 4)
        with torch.inference_mode():
            found = torch.cat([net(one[None], rescale=False, resize=False, return_features=True) for one in x])
        return found.numpy().astype(np.float64)

    return features


def _tensors(path: Path, what: str) -> Mapping[str, Any]:
    torch = torch_or_say()
    _check(path, what)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler met
        raise DamagedFile(f"{path} is no file of tensors ({error}). Give the one that was published.") from error


def _script(path: Path, what: str) -> Any:
    torch = torch_or_say()
    _check(path, what)
    try:
        with warnings.catch_warnings():
            # torch would have it exported anew; what was published is TorchScript, and nobody can.
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.load(str(path), map_location="cpu").eval()
    except RuntimeError as error:
        raise DamagedFile(f"{path} is no TorchScript ({error}). Give the one that was published.") from error


def _check(path: Path, what: str) -> None:
    if not path.is_file():
        raise Unavailable(
            f"{what} needs {path.name}, which is not in {path.parent}. The module evaluation.measures.published says which files; "
            "without them the distances of EffLite0 stand in, under their own names."
        )
