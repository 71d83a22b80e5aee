"""What near things hide: boxes that lie behind everything already drawn need not be drawn."""

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import View

_BLOCK = 16


class Curtain:
    """The far ends of what a depth picture shows, by blocks of pixels and by ever larger blocks of blocks."""

    def __init__(self, depth: NDArray[np.float32], view: View) -> None:
        """`depth` (height, width) [m] along the optical axis, inf where nothing was drawn."""
        self._view = view
        rows, cols = -(-depth.shape[0] // _BLOCK), -(-depth.shape[1] // _BLOCK)
        if depth.shape != (rows * _BLOCK, cols * _BLOCK):
            padded = np.zeros((rows * _BLOCK, cols * _BLOCK), np.float32)
            padded[: depth.shape[0], : depth.shape[1]] = depth
            depth = padded
        level = depth.reshape(rows, _BLOCK, cols * _BLOCK).max(axis=1).reshape(rows, cols, _BLOCK).max(axis=2)
        self._levels = [level]
        while max(level.shape) > 1:
            padded = np.pad(level, ((0, level.shape[0] % 2), (0, level.shape[1] % 2)))
            level = np.maximum(
                np.maximum(padded[::2, ::2], padded[1::2, ::2]), np.maximum(padded[::2, 1::2], padded[1::2, 1::2])
            )
            self._levels.append(level)

    def hides(self, low: NDArray, high: NDArray) -> NDArray[np.bool_]:
        """Which boxes (n,3) lie wholly behind what is drawn."""
        if not len(low):
            return np.zeros(0, bool)
        view = self._view
        matrix = view.camera_from_world()
        pick = np.array([[k & 1, k >> 1 & 1, k >> 2 & 1] for k in range(8)], bool)
        corners = np.where(pick[None], high[:, None], low[:, None])
        seen = corners @ matrix[:3, :3].T + matrix[:3, 3]
        nearest = seen[..., 2].min(axis=1)
        ahead = np.maximum(seen[..., 2], 1e-3)
        rows, cols = self._levels[0].shape
        x = (seen[..., 0] / (ahead * view.tan_x) * 0.5 + 0.5) * view.width / _BLOCK
        y = (seen[..., 1] / (ahead * view.tan_y) * 0.5 + 0.5) * view.height / _BLOCK
        x0, x1 = np.clip(np.floor([x.min(axis=1), x.max(axis=1)]), 0, cols - 1).astype(np.int64)
        y0, y1 = np.clip(np.floor([y.min(axis=1), y.max(axis=1)]), 0, rows - 1).astype(np.int64)
        span = np.maximum(x1 - x0, y1 - y0)
        level = np.ceil(np.log2(np.maximum(span, 1))).astype(np.int64)
        hidden = np.zeros(len(low), bool)
        for number in np.unique(level):
            some = np.flatnonzero(level == number)
            far = self._levels[min(int(number), len(self._levels) - 1)]
            a, b, c, d = (value[some] >> int(number) for value in (y0, y1, x0, x1))
            deepest = np.maximum(np.maximum(far[a, c], far[a, d]), np.maximum(far[b, c], far[b, d]))
            hidden[some] = nearest[some] > deepest * 1.0005 + 0.02
        return hidden & (nearest > 0.1)
