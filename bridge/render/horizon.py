"""The land beyond the map's edge, up to the horizon: hills, dunes and table mountains, or ranges, as the map's own land is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.patterns import noise
from bridge.scene import Scene

Array = NDArray[np.floating]
RINGS_M = np.array([0, 25, 70, 150, 250, 380, 540, 730, 950, 1200, 1500, 1850, 2250, 2700, 3200, 3750, 4400, 5150, 6000],
                   dtype=np.float64)  # fmt: skip
"""Distances from the map's edge [m] at which the far land has its points."""
_PER_PIXEL_M = 11.0


@dataclass(frozen=True)
class _Land:
    """Heights [m]: of rolling ground nearby, of ridges far away, and of table mountains."""

    rolling_m: float
    ridges_m: float
    tables_m: float = 0.0


_LANDS = {"M": _Land(70.0, 520.0), "D": _Land(16.0, 25.0, 150.0), "H": _Land(45.0, 210.0), "F": _Land(30.0, 150.0),
          "Y": _Land(40.0, 170.0)}  # fmt: skip
"""By the letters of the lattice that cover much of a map."""
_PLAIN = _Land(22.0, 110.0)
_MUCH = {"M": 0.05, "D": 0.2, "H": 0.12, "F": 0.25, "Y": 0.2}


def far_land(scene: Scene) -> Callable[[Array, float], Array]:
    """A function of points (n,2) [m] and their distance from the map's edge [m] to heights (n,) [m] over the edge's level."""
    land = _land_of(scene)
    broad, fine = noise(41, 1.9), noise(23, 1.5)

    def height(xy: Array, distance: float) -> Array:
        swell, bumps = _sampled(broad, xy / _PER_PIXEL_M), _sampled(fine, xy / _PER_PIXEL_M + 77.0)
        ridge = np.clip(1.15 - np.abs(_sampled(broad, xy / (1.7 * _PER_PIXEL_M) + 31.0)), 0.0, 1.2)
        rolling = land.rolling_m * _eased(distance / 900.0) * np.clip(0.9 + 0.5 * swell + 0.25 * bumps, 0.15, 2.5)
        ridges = (
            land.ridges_m
            * _eased((distance - 700.0) / 3600.0)
            * ridge
            * np.clip(0.85 + 0.3 * swell + 0.22 * bumps, 0.2, 2)
        )
        tables = land.tables_m * _eased((distance - 1300.0) / 500.0) * _eased((swell + 0.25 * bumps - 0.55) / 0.22)
        return rolling + ridges + tables

    return height


def _land_of(scene: Scene) -> _Land:
    letters = "".join(scene.provenance.lattice)
    dry = max(len(letters) - letters.count("W"), 1)
    return next((land for letter, land in _LANDS.items() if letters.count(letter) / dry > _MUCH[letter]), _PLAIN)


def _sampled(field: Array, at: Array) -> Array:
    """Values (n,) of a seamless square field between its pixels, smoothly joined."""
    size = len(field)
    whole = np.floor(at)
    (u, v), (j, i) = np.moveaxis(_eased(at - whole), -1, 0), np.moveaxis(whole.astype(np.int64) % size, -1, 0)
    k, l = (i + 1) % size, (j + 1) % size
    below, above = field[i, j] * (1 - u) + field[i, l] * u, field[k, j] * (1 - u) + field[k, l] * u
    return below * (1 - v) + above * v


def _eased(value: Array | float) -> Array:
    t = np.clip(value, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float64)
