"""How much stands around a place: blurred heights of everything, by which hollows and streets are shaded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.blur import blurred

CELLS = 512
TOP_M = 32.0
"""Shaders know of nothing that stands further above the ground."""


@dataclass(frozen=True, eq=False)
class Canopy:
    """`heights` float32 (rows, cols, 2) [m]: tops of things averaged over some 2 m and some 9 m; row 0 is south.

    `low` and `high` (2,) are the map's corners [m].
    """

    heights: NDArray[np.float32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def above(self, x: NDArray, y: NDArray, ground: NDArray, average: int) -> NDArray[np.float32]:
        """One of the averages (rows, cols) [m] over the ground's heights there, at places `x` (cols,) and `y` (rows,).

        Nothing is below the ground, and nothing stands along the edges of these places.
        """
        rows, cols = self.heights.shape[:2]
        at = [
            (places - low) / (high - low) * count - 0.5
            for places, low, high, count in zip((x, y), self.low, self.high, (cols, rows), strict=True)
        ]
        above = np.maximum(resampled(self.heights[..., average], at[1], at[0]) - ground, 0)
        above[[0, -1]] = above[:, [0, -1]] = 0
        return above.astype(np.float32)

    def at(self, xy: NDArray) -> NDArray[np.float32]:
        """The two averages (n,2) at points (n,2); nothing stands outside the map."""
        rows, cols = self.heights.shape[:2]
        part = (xy - self.low) / (self.high - self.low)
        uv = part * [cols, rows]
        found = self.heights[np.clip(uv[:, 1].astype(int), 0, rows - 1), np.clip(uv[:, 0].astype(int), 0, cols - 1)]
        return np.where((np.abs(part - 0.5).max(axis=1) > 0.495)[:, None], np.float32(-1e3), found)


def resampled(picture: NDArray, rows: NDArray, cols: NDArray) -> NDArray[np.floating]:
    """A picture (h, w) or (h, w, channels) between its pixels, at rows (n,) times columns (m,) of it."""
    for axis, places in enumerate((rows, cols)):
        places = np.clip(places, 0, picture.shape[axis] - 1)
        low = places.astype(np.int64)
        part = (places - low).astype(np.float32).reshape((-1, *[1] * (picture.ndim - 1 - axis)))
        below, above = (np.take(picture, np.minimum(low + k, picture.shape[axis] - 1), axis) for k in (0, 1))
        picture = below + (above - below) * part
    return picture


def canopy_of(tops: NDArray, low: NDArray, high: NDArray) -> Canopy:
    """The averages of the tops of things [m], shape (rows, cols), seen from straight above."""
    cell = float((high - low).max()) / max(tops.shape)
    near = blurred(tops, 1.8 / cell)
    far = blurred(tops, 9.0 / cell)
    return Canopy(np.stack([near, far], axis=-1).astype(np.float32), np.asarray(low, float), np.asarray(high, float))
