"""Pictures blurred by a bell curve: small ones, as products with a matrix."""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Edge = Literal["nearest", "wrap"]


def blurred(picture: NDArray[np.floating], sigma: float, edge: Edge = "nearest") -> NDArray[np.float32]:
    """A picture (rows, cols) or (rows, cols, channels) blurred over `sigma` pixels, float32.

    What lies beyond the edge is its nearest pixel, or the other side of the picture.
    """
    rows, cols = picture.shape[:2]
    across = np.tensordot(_weights(rows, sigma, edge), picture.astype(np.float32), axes=(1, 0))
    return np.ascontiguousarray(np.moveaxis(np.tensordot(across, _weights(cols, sigma, edge), axes=(1, 1)), -1, 1))


@cache
def _weights(count: int, sigma: float, edge: Edge) -> NDArray[np.float32]:
    """How much of each of so many pixels is in each blurred one (count, count)."""
    reach = int(4 * sigma + 0.5)
    offset = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (offset / sigma) ** 2)
    at = np.arange(count)[:, None] + offset
    at = at % count if edge == "wrap" else np.clip(at, 0, count - 1)
    flat = (np.arange(count)[:, None] * count + at).ravel()
    weights = np.bincount(flat, np.tile(bell / bell.sum(), count), count * count)
    return weights.reshape(count, count).astype(np.float32)
