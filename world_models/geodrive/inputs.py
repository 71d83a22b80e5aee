"""What the refiner is shown: splats and the last seen picture as maps of numbers, and back to pictures and depth."""

import numpy as np
from numpy.typing import NDArray

from world_models.geodrive.filling import smooth
from world_models.geodrive.splatting import Splat

Floats = NDArray[np.floating]
MIDDLE_M = 8.0
"""The depth at which nearness is one half."""
SKY = 0.02
"""Nearness below which nothing is there: some 400 m."""
CONDITION, REFERENCE = 9, 4
"""Maps that tell of the splat, and of the last seen picture."""


def nearness(depth: NDArray[np.float32]) -> Floats:
    """Depth [m] as a number from 1 (at the camera) to 0 (infinitely far)."""
    return np.where(np.isfinite(depth), MIDDLE_M / (MIDDLE_M + np.where(np.isfinite(depth), depth, 0.0)), 0.0).astype(
        np.float32
    )


def depth_of(near: Floats) -> NDArray[np.float32]:
    """The depth [m] that nearness stands for, inf where nothing is."""
    shown = np.clip(near, SKY, 0.99)
    return np.where(near <= SKY, np.inf, MIDDLE_M / shown - MIDDLE_M).astype(np.float32)


def filled(seen: Splat, backdrop: Floats) -> Floats:
    """The splat's picture and nearness (H,W,4), 0 to 1, with holes filled smoothly, from behind rather than from in front.

    Where nothing at all was seen `backdrop` (H,W,4) shows.
    """
    if not seen.mask.any():
        return backdrop
    picture = np.concatenate([seen.rgb.astype(np.float32) / 255, nearness(seen.depth)[..., None]], axis=-1)
    behind = 1.05 - picture[..., 3]
    return smooth(picture, seen.mask, behind)


def backdrop(reference: Floats) -> Floats:
    """A picture's (H,W,4) rows, each of its mean: what a view of the same place shows on the average."""
    return np.broadcast_to(reference.mean(axis=1, keepdims=True), reference.shape).astype(np.float32)


def reference_of(rgb: NDArray[np.uint8], depth: NDArray[np.float32]) -> Floats:
    """The last seen picture and its nearness, 0 to 1, (H,W,4)."""
    return np.concatenate([rgb.astype(np.float32) / 255, nearness(depth)[..., None]], axis=-1)


def condition(seen: Splat, whole: Floats) -> Floats:
    """What is known of the splat and its filling (H,W,4): CONDITION maps (c,H,W) of about unit size."""
    height, width = seen.mask.shape
    stretch = np.log2(np.maximum(seen.stretch, 1.0)) / 4
    rows, columns = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    maps = [
        *(2 * whole[..., :3] - 1).transpose(2, 0, 1),
        whole[..., 3],
        seen.mask,
        stretch,
        (seen.things > 0) & seen.mask,
        rows,
        columns,
    ]
    return np.stack(maps).astype(np.float32)
