"""How near pictures are, pixel by pixel: PSNR, of all and of those that move, SSIM and MS-SSIM; NumPy and SciPy alone.

All take pictures uint8 (..., H, W, 3) and give one number a picture (...).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from bridge.errors import InvalidInput

Array = NDArray[np.float64]
Pictures = NDArray[np.uint8]
MOST_DB = 60.0
"""PSNR of pictures that are the same; 8-bit rounding alone is worth 58.9 dB."""
MOVED = 12
"""A pixel moves if a channel differs by more than so many of 255 from the last picture of the past."""
_FEWEST = 8
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def rmse(a: Pictures, b: Pictures) -> Array:
    """Root of the mean squared difference, of a range from 0 to 1."""
    return np.sqrt(_squares(a, b).mean(axis=(-3, -2, -1)))


def psnr(a: Pictures, b: Pictures) -> Array:
    """Peak signal-to-noise ratio [dB], MOST_DB at the most."""
    return _decibels(_squares(a, b).mean(axis=(-3, -2, -1)))


def moving(truth: Pictures, last: Pictures) -> NDArray[np.bool_]:
    """Which pixels (..., H, W) are no longer as they were in the last picture."""
    return np.abs(truth.astype(np.int16) - last.astype(np.int16)).max(axis=-1) > MOVED


def psnr_moving(truth: Pictures, dream: Pictures, last: Pictures) -> Array:
    """PSNR [dB] on pixels that move in truth; nan where fewer than 8 do."""
    mask = moving(truth, last)
    count = mask.sum(axis=(-2, -1))
    total = np.where(mask, _squares(truth, dream).mean(axis=-1), 0.0).sum(axis=(-2, -1))
    return np.where(count >= _FEWEST, _decibels(total / np.maximum(count, 1)), np.nan)


def ssim(a: Pictures, b: Pictures) -> Array:
    """Structural similarity (Wang et al. 2004): Gaussian window of 11 by 11, sigma 1.5, the mean of the three channels, inside of the borders.

    Raises InvalidInput for pictures smaller than the window.
    """
    _check(a)
    full, _ = _similarity(_floats(a), _floats(b))
    return full


def ms_ssim(a: Pictures, b: Pictures) -> Array:
    """Multi-scale SSIM (Wang et al. 2003) over as many of its five scales as the window fits into, their weights made to sum to 1.

    A picture of 64 by 64 has three, one of 160 by 96 has four, so numbers of different sizes do not compare.
    """
    _check(a)
    count = next((i for i in range(1, 5) if min(a.shape[-3:-1]) // 2**i < _WINDOW), 5)
    weights = np.array(_SCALES[:count]) / sum(_SCALES[:count])
    x, y, product = _floats(a), _floats(b), np.ones(a.shape[:-3])
    for scale, weight in enumerate(weights):
        full, contrast = _similarity(x, y)
        product = product * np.maximum(full if scale == count - 1 else contrast, 0.0) ** weight
        x, y = _halved(x), _halved(y)
    return product


def _similarity(x: Array, y: Array) -> tuple[Array, Array]:
    """SSIM, and its contrast and structure part alone, over pictures (..., 3, H, W) in 0 to 1."""
    mx, my = _blurred(x), _blurred(y)
    vx, vy, cxy = _blurred(x * x) - mx * mx, _blurred(y * y) - my * my, _blurred(x * y) - mx * my
    contrast = (2 * cxy + _C2) / (vx + vy + _C2)
    full = contrast * (2 * mx * my + _C1) / (mx * mx + my * my + _C1)
    return full.mean(axis=(-3, -2, -1)), contrast.mean(axis=(-3, -2, -1))


def _blurred(x: Array) -> Array:
    """The window's mean where the window lies inside."""
    reach = _WINDOW // 2
    taps = np.exp(-((np.arange(_WINDOW) - reach) ** 2) / (2 * _SIGMA**2))
    taps /= taps.sum()
    rows = correlate1d(x, taps, axis=-2)[..., reach:-reach, :]
    return correlate1d(rows, taps, axis=-1)[..., reach:-reach]


def _halved(x: Array) -> Array:
    height, width = x.shape[-2] // 2 * 2, x.shape[-1] // 2 * 2
    even = x[..., :height, :width]
    return (even[..., ::2, ::2] + even[..., 1::2, ::2] + even[..., ::2, 1::2] + even[..., 1::2, 1::2]) / 4


def _floats(pictures: Pictures) -> Array:
    return np.moveaxis(pictures, -1, -3).astype(np.float64) / 255.0


def _squares(a: Pictures, b: Pictures) -> Array:
    return ((a.astype(np.float32) - b.astype(np.float32)) / 255.0).astype(np.float64) ** 2


def _decibels(mse: Array) -> Array:
    return np.minimum(-10.0 * np.log10(np.maximum(mse, 10 ** (-MOST_DB / 10))), MOST_DB)


def _check(pictures: Pictures) -> None:
    if min(pictures.shape[-3:-1]) < _WINDOW:
        raise InvalidInput(
            f"Pictures of {pictures.shape[-2]} by {pictures.shape[-3]} px are smaller than SSIM's window. Give {_WINDOW} by {_WINDOW} or more."
        )
