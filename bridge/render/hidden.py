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
        """Which boxes (n,3) lie wholly behind what is drawn, judged by the boxes along the camera's axes that hold them."""
        if not len(low):
            return np.zeros(0, bool)
        view = self._view
        rotation = view.axes.T
        centre = ((low + high) / 2 - view.position) @ rotation.T
        reach = ((high - low) / 2) @ np.abs(rotation).T
        nearest = centre[:, 2] - reach[:, 2]
        front, back = (np.maximum(z, 1e-3)[:, None] for z in (nearest, centre[:, 2] + reach[:, 2]))
        least, most = centre[:, :2] - reach[:, :2], centre[:, :2] + reach[:, :2]
        least, most = least / np.where(least < 0, front, back), most / np.where(most > 0, front, back)
        ends = np.array(self._levels[0].shape[::-1]) - 1
        scale = np.array([view.width / view.tan_x, view.height / view.tan_y]) / (2 * _BLOCK)
        middle = np.array([view.width, view.height]) / (2 * _BLOCK)
        x0, y0 = np.clip(np.floor(least * scale + middle), 0, ends).astype(np.int64).T
        x1, y1 = np.clip(np.floor(most * scale + middle), 0, ends).astype(np.int64).T
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
