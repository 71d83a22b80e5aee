"""Lamp light gathered once into a grid over the town, so that a thousand lamps cost a pixel no more than one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Lights, Terrain

LEVELS = 6
TOP_M = 24.0
_CELLS = 320


@dataclass(frozen=True, eq=False)
class LampGrid:
    """`lux` float32 (LEVELS, rows, cols, 3) rgb facing the lamps, `toward` the same shape, their mean direction.

    Level k lies TOP_M · (k / (LEVELS - 1))² above the ground; row 0 is south; `low` and `high` are the corners (2,)
    of the first and past the last cell [m]. The shorter `toward`, the more evenly light comes from all sides.
    """

    lux: NDArray[np.float32]
    toward: NDArray[np.float32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def at(self, points: NDArray, rise_m: NDArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Light and direction (n,3) each at points (n,3) that lie so far above the ground."""
        rows, cols = self.lux.shape[1:3]
        level = np.sqrt(np.clip(rise_m, 0, TOP_M) / TOP_M) * (LEVELS - 1)
        uv = (points[:, :2] - self.low) / (self.high - self.low) * [cols, rows]
        col = np.clip(uv[:, 0].astype(int), 0, cols - 1)
        row = np.clip(uv[:, 1].astype(int), 0, rows - 1)
        below = np.minimum(level.astype(int), LEVELS - 2)
        part = (level - below)[:, None].astype(np.float32)
        lux = self.lux[below, row, col] * (1 - part) + self.lux[below + 1, row, col] * part
        return lux, self.toward[below, row, col] * (1 - part) + self.toward[below + 1, row, col] * part


def lamp_grid(lights: Lights, terrain: Terrain) -> LampGrid:
    """The light of all lamps; they shine down more than up, and no further than their range."""
    positions = np.asarray(lights.positions, dtype=np.float64).reshape(-1, 3)
    reach = np.asarray(lights.range_m, dtype=np.float64)
    if not len(positions):
        none = np.zeros((LEVELS, 1, 1, 3), np.float32)
        return LampGrid(none, none, np.zeros(2), np.ones(2))
    low = (positions[:, :2] - reach[:, None]).min(axis=0)
    high = (positions[:, :2] + reach[:, None]).max(axis=0)
    cell = max(1.5, float((high - low).max()) / _CELLS)
    cols, rows = np.ceil((high - low) / cell).astype(int)
    high = low + cell * np.array([cols, rows])
    x, y = low[0] + cell * (np.arange(cols) + 0.5), low[1] + cell * (np.arange(rows) + 0.5)
    ground = terrain.height_at(np.stack(np.meshgrid(x, y), axis=-1))
    level = TOP_M * (np.arange(LEVELS) / (LEVELS - 1)) ** 2
    lux = np.zeros((LEVELS, rows, cols, 3), np.float32)
    toward = np.zeros((LEVELS, rows, cols, 3), np.float32)
    weight = np.zeros((LEVELS, rows, cols), np.float32)
    for place, color, lumens, radius in zip(positions, lights.colors, lights.lumens, reach, strict=True):
        first = np.clip(((place[:2] - radius - low) / cell).astype(int), 0, [cols - 1, rows - 1])
        last = np.clip(((place[:2] + radius - low) / cell).astype(int) + 1, 1, [cols, rows])
        part = (slice(first[1], last[1]), slice(first[0], last[0]))
        dx, dy = place[0] - x[None, part[1]], place[1] - y[part[0], None]
        dz = place[2] - (ground[part][None] + level[:, None, None])
        squared = dx * dx + dy * dy + dz * dz
        distance = np.sqrt(squared)
        window = np.clip(1 - (squared / radius**2) ** 2, 0, 1) ** 2
        beam = np.clip(0.45 + 1.0 * dz / np.maximum(distance, 0.1), 0.06, 1.3)
        received = (lumens / (4 * np.pi) * window * beam / np.maximum(squared, 0.5)).astype(np.float32)
        lux[:, part[0], part[1]] += received[..., None] * np.asarray(color, np.float32)
        weight[:, part[0], part[1]] += received
        for axis, delta in enumerate((dx, dy, dz)):
            toward[:, part[0], part[1], axis] += received * delta / np.maximum(distance, 0.1)
    return LampGrid(lux, toward / np.maximum(weight, 1e-9)[..., None], low, high)
