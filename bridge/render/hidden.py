"""What near things hide: boxes that lie behind everything already drawn need not be drawn."""

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import FAR_M, Views

_BLOCK = 8
_STEPS = 2.0**-23
"""How far off numbers in a depth buffer may be: two steps of 24 bits."""


class Curtain:
    """The far ends of what views' depth pictures show, by blocks of pixels and by windows of 2ⁿ times 2ᵐ blocks.

    Any rectangle of blocks is four such windows, which overlap (a sparse table, after Bender and Farach-Colton, 2000).
    """

    def __init__(self, buffers: NDArray[np.float32], near_m: NDArray[np.float64], views: Views) -> None:
        """`buffers` (k, height, width): depth buffers' numbers, 0 to 1 between `near_m` (k,) and FAR_M."""
        self._views = views
        number, rows, cols = len(buffers), -(-views.height // _BLOCK), -(-views.width // _BLOCK)
        if buffers.shape[1:] != (rows * _BLOCK, cols * _BLOCK):
            padded = np.zeros((number, rows * _BLOCK, cols * _BLOCK), np.float32)
            padded[:, : views.height, : views.width] = buffers
            buffers = padded
        strips = buffers.reshape(number * rows, _BLOCK, cols * _BLOCK).max(axis=1)
        furthest = np.maximum.reduce([strips[:, k::_BLOCK] for k in range(_BLOCK)]).reshape(number, rows, cols)
        left = np.maximum(1.0 - furthest.astype(np.float64) - _STEPS, 0.0)
        windows = np.empty((rows.bit_length(), cols.bit_length(), number, rows, cols), np.float32)
        windows[0, 0] = 1.0 / (left * (1 / near_m - 1 / FAR_M)[:, None, None] + 1 / FAR_M)
        for n in range(1, len(windows)):
            half = 1 << (n - 1)
            windows[n, 0] = windows[n - 1, 0]
            np.maximum(windows[n - 1, 0, :, :-half], windows[n - 1, 0, :, half:], out=windows[n, 0, :, :-half])
        for m in range(1, windows.shape[1]):
            half = 1 << (m - 1)
            windows[:, m] = windows[:, m - 1]
            np.maximum(windows[:, m - 1, ..., :-half], windows[:, m - 1, ..., half:], out=windows[:, m, ..., :-half])
        self._windows = windows

    def hides(self, which: NDArray, low: NDArray, high: NDArray) -> NDArray[np.bool_]:
        """Which boxes (n,3) lie wholly behind what their view `which` (n,) shows.

        Judged by the boxes along the camera's axes that hold them.
        """
        views = self._views
        axes = views.axes.transpose(1, 0, 2)[:, which]  # by axis of the world, which is quicker than by box
        middle, half = ((low + high) / 2 - views.position[which]).T, ((high - low) / 2).T
        centre = middle[0, :, None] * axes[0] + middle[1, :, None] * axes[1] + middle[2, :, None] * axes[2]
        axes = np.abs(axes)
        reach = half[0, :, None] * axes[0] + half[1, :, None] * axes[1] + half[2, :, None] * axes[2]
        nearest = centre[:, 2] - reach[:, 2]
        front, back = (np.maximum(z, 1e-3)[:, None] for z in (nearest, centre[:, 2] + reach[:, 2]))
        least, most = centre[:, :2] - reach[:, :2], centre[:, :2] + reach[:, :2]
        least, most = least / np.where(least < 0, front, back), most / np.where(most > 0, front, back)
        ends = np.array(self._windows.shape[:2:-1]) - 1
        middle = np.array([views.width, views.height]) / (2 * _BLOCK)
        scale = (middle / views.tan)[which]
        first = np.clip(np.floor(least * scale + middle), 0, ends).astype(np.int64)
        last = np.clip(np.floor(most * scale + middle), 0, ends).astype(np.int64)
        level = np.frexp(last - first + 1)[1] - 1
        (x0, y0), (m, n) = first.T, level.T
        x1, y1 = (last + 1 - (1 << level)).T
        found = [self._windows[n, m, which, y, x] for y in (y0, y1) for x in (x0, x1)]
        return (nearest > np.maximum.reduce(found) * 1.0005 + 0.02) & (nearest > 0.1)
