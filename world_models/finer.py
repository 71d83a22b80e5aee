"""Pictures drawn finer than they are kept: averaged, and of labels and depth what belongs together."""

import numpy as np
from numpy.typing import NDArray

FINER = 2
"""Pictures are drawn so many times as wide and as high as they are kept."""
_SAME_SURFACE = 1.05


def smaller(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (..., FINER h, FINER w, 3) box-filtered to (..., h, w, 3)."""
    blocks = _blocks(rgb, channels=True).astype(np.uint16)
    return ((blocks.sum(axis=-2) + FINER * FINER // 2) // (FINER * FINER)).astype(np.uint8)


def most_frequent(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Labels (..., 2 h, 2 w) by the most frequent of each block (..., h, w); of two as frequent the smaller one."""
    a, b, c, d = np.moveaxis(np.sort(_blocks(labels), axis=-1), -1, 0)
    return np.where((b == c) | (a == b), b, np.where(c == d, c, a))


def near_depth(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth (..., 2 h, 2 w) [m] by the mean of the nearest surface in each block (..., h, w); inf where there is none."""
    blocks = _blocks(depth)
    near = blocks.min(axis=-1, keepdims=True)
    is_near = (blocks <= _SAME_SURFACE * near) & np.isfinite(blocks)
    total = np.where(is_near, blocks, 0.0).sum(axis=-1)
    count = is_near.sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.inf).astype(np.float32)


def _blocks(pictures: NDArray, *, channels: bool = False) -> NDArray:
    """Pictures as blocks of FINER by FINER: (..., h, w, 4), or (..., h, w, 4, 3)."""
    shape = pictures.shape[:-3] if channels else pictures.shape[:-2]
    height, width = pictures.shape[len(shape) : len(shape) + 2]
    tail = pictures.shape[len(shape) + 2 :]
    split = pictures.reshape(*shape, height // FINER, FINER, width // FINER, FINER, *tail)
    moved = np.swapaxes(split, len(shape) + 1, len(shape) + 2)
    return moved.reshape(*shape, height // FINER, width // FINER, FINER * FINER, *tail)
