"""Lamp light gathered once into a grid over the town, so that a thousand lamps cost a pixel no more than one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Lights, Terrain

LEVELS = 6
TOP_M = 24.0
_CELLS = 320
_AT_ONCE = 64


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
        toward = self.toward[below, row, col] * (1 - part) + self.toward[below + 1, row, col] * part
        return lux.astype(np.float32), toward.astype(np.float32)


def lamp_grid(lights: Lights, terrain: Terrain, *, is_lit: bool = True) -> LampGrid:
    """The light of all lamps; they shine down more than up, and no further than their range."""
    positions = np.asarray(lights.positions, dtype=np.float64).reshape(-1, 3)
    if not len(positions) or not is_lit:
        none = np.zeros((LEVELS, 1, 1, 3), np.float32)
        return LampGrid(none, none, np.zeros(2), np.ones(2))
    reach = np.asarray(lights.range_m, dtype=np.float64)
    low = (positions[:, :2] - reach[:, None]).min(axis=0)
    high = (positions[:, :2] + reach[:, None]).max(axis=0)
    cell = max(1.5, float((high - low).max()) / _CELLS)
    cols, rows = np.ceil((high - low) / cell).astype(int) + 1
    high = low + cell * np.array([cols, rows])
    x, y = low[0] + cell * (np.arange(cols) + 0.5), low[1] + cell * (np.arange(rows) + 0.5)
    ground = terrain.height_at(np.stack(np.meshgrid(x, y), axis=-1)).astype(np.float32)
    size = LEVELS * rows * cols
    sums = np.zeros((7, size))
    for some in np.array_split(np.arange(len(positions)), -(-len(positions) // _AT_ONCE)):
        place, radius = positions[some].astype(np.float32), reach[some].astype(np.float32)
        span = np.arange(int(np.ceil(2 * radius.max() / cell)) + 1)
        first = np.floor((place[:, :2] - radius[:, None] - low) / cell).astype(int)
        col = np.clip(first[:, 0, None] + span, 0, cols - 1)[:, None, None, :]
        row = np.clip(first[:, 1, None] + span, 0, rows - 1)[:, None, :, None]
        level = np.arange(LEVELS)[None, :, None, None]
        height = (TOP_M * (level / (LEVELS - 1)) ** 2).astype(np.float32)
        lamp = [place[:, axis, None, None, None] for axis in range(3)]
        towards = [lamp[0] - x.astype(np.float32)[col], lamp[1] - y.astype(np.float32)[row]]
        towards.append(lamp[2] - (ground[row, col] + height))
        squared = towards[0] ** 2 + towards[1] ** 2 + towards[2] ** 2
        distance = np.sqrt(np.maximum(squared, 0.01))
        window = np.clip(1 - (squared / radius[:, None, None, None] ** 2) ** 2, 0, 1) ** 2
        beam = np.clip(0.45 + towards[2] / distance, 0.06, 1.3)
        candela = (np.asarray(lights.lumens)[some] / (4 * np.pi)).astype(np.float32)[:, None, None, None]
        received = candela * window * beam / np.maximum(squared, 0.5)
        index = np.broadcast_to((level * rows + row) * cols + col, received.shape).ravel()
        color = np.asarray(lights.colors, np.float32)[some]
        channels = [received * color[:, axis, None, None, None] for axis in range(3)]
        channels += [received * toward / distance for toward in towards] + [received]
        for total, channel in zip(sums, channels, strict=True):
            total += np.bincount(index, np.broadcast_to(channel, received.shape).ravel(), size)
    shape = (LEVELS, rows, cols)
    lux = np.stack([total.reshape(shape) for total in sums[:3]], axis=-1)
    mean = (
        np.stack([total.reshape(shape) for total in sums[3:6]], axis=-1)
        / np.maximum(sums[6], 1e-9).reshape(shape)[..., None]
    )
    return LampGrid(lux.astype(np.float32), mean.astype(np.float32), low, high)
