"""Depth as an estimator would give it: the seam for one, and a knob that spoils exact depth in an estimator's ways."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter, zoom

from bridge.errors import InvalidInput
from bridge.types import Camera

Depth = NDArray[np.float32]


class DepthEstimator(Protocol):
    """Tells how far everything in a picture is."""

    def depth(self, rgb: NDArray[np.uint8], camera: Camera) -> Depth:
        """Planar depth float32 (H,W) [m] of a picture (H,W,3), inf where nothing is."""
        ...


@dataclass(frozen=True)
class Corruption:
    """How far depth is off; all 0 is exact.

    `scale` is the standard deviation of the factor the whole picture is off by, `drift` that of a factor that changes
    slowly across it, `noise` that of each pixel's error at 10 m, as a share of the distance and growing with it (as the error of a disparity does);
    `bleeding_px` is how far near surfaces run over the edges of what is behind them.
    """

    scale: float = 0.0
    drift: float = 0.0
    noise: float = 0.0
    bleeding_px: int = 0

    def __post_init__(self) -> None:
        if min(self.scale, self.drift, self.noise, self.bleeding_px) < 0:
            raise InvalidInput(f"Depth cannot be corrupted by less than nothing: {self}. Give numbers of 0 and more.")

    def __bool__(self) -> bool:
        return bool(self.scale or self.drift or self.noise or self.bleeding_px)


_PATCHES = (3, 4)
_REFERENCE_M = 10.0
_NEAREST_M = 0.05


def corrupted(depth: Depth, corruption: Corruption, *, seed: int, name: str = "") -> Depth:
    """Depth (H,W) [m] with an estimator's errors; the same seed and name give the same errors. What is infinitely far stays so."""
    if not corruption:
        return depth
    key = int.from_bytes(hashlib.sha256(f"depth/{name}".encode()).digest()[:8], "little")
    rng = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, key])
    whole, patches, grain = rng.normal(), rng.normal(size=_PATCHES), rng.normal(size=depth.shape)
    found: NDArray[np.float64] = depth.astype(np.float64)
    if corruption.bleeding_px:
        found = np.asarray(minimum_filter(found, size=2 * corruption.bleeding_px + 1, mode="nearest"), dtype=np.float64)
    field: NDArray[np.float64] = np.asarray(
        zoom(
            patches,
            (depth.shape[0] / _PATCHES[0], depth.shape[1] / _PATCHES[1]),
            order=1,
            grid_mode=True,
            mode="nearest",
        )
    )
    found = found * np.exp(corruption.scale * whole + corruption.drift * field)
    share = np.clip(corruption.noise * np.where(np.isfinite(found), found, 0.0) / _REFERENCE_M, 0.0, 0.5)
    return np.maximum(found * (1 + share * grain), _NEAREST_M).astype(np.float32)
