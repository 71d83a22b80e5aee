"""What the refiner's answers are worth, measured on clips that it did not learn from: how much of each change to take, and trust."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
STRETCHES = (1.06, 1.5, 3.0, 9.0)
"""Bounds between kinds of pixels: by how many pixels a point came to cover. What no point covers is a kind of its own, the last."""
KINDS = len(STRETCHES) + 2
MOST_SHARE = 1.5
WHOLE = 0.99
"""The coverage from which a picture is whole: nothing is left to complete, and nothing is changed."""
WITHIN = 0.1
"""A pixel is right that is off by less than this share of full brightness, on the average of its colours; trust is the share of such pixels."""


def kinds(mask: NDArray[np.bool_], log_stretch: Floats) -> NDArray[np.intp]:
    """The kind of each pixel, from those maps of inputs.condition that tell what is covered, and how far stretched."""
    return np.where(mask, np.digitize(log_stretch, np.log2(STRETCHES) / 4), KINDS - 1)


def shares(changed: Sequence[Floats], wanted: Sequence[Floats], kind: Sequence[NDArray[np.intp]]) -> list[float]:
    """How much of the changes (3,H,W) to take by kind of pixel (H,W), 0 to MOST_SHARE, so that they come nearest to those that were wanted.

    Least squares; where nothing was ever changed nothing is taken.
    """
    found = []
    for index in range(KINDS):
        both = own = 0.0
        for change, want, of in zip(changed, wanted, kind, strict=True):
            here = of == index
            both += float((change * want)[:, here].sum())
            own += float((change**2)[:, here].sum())
        found.append(round(float(np.clip(both / own, 0.0, MOST_SHARE)), 3) if own > 0 else 0.0)
    return found


def share_map(mask: NDArray[np.bool_], log_stretch: Floats, taken: Sequence[float]) -> Floats:
    """How much of a change to take at each pixel, by the shares of the kinds; all of it where nobody measured any."""
    if mask.mean() > WHOLE:
        return np.zeros(mask.shape, np.float32)
    return np.asarray(taken, np.float32)[kinds(mask, log_stretch)] if len(taken) else np.ones(mask.shape, np.float32)


def trust_line(coverage: NDArray, right: NDArray, knots: int = 6) -> list[list[float]]:
    """Points (coverage, share of right pixels) of a line that never falls: means of equal groups, those that fall joined (PAVA)."""
    order = np.argsort(coverage, kind="stable")
    parts = [part for part in np.array_split(order, knots) if len(part)]
    line: list[list[float]] = []
    for part in parts:
        line.append([float(coverage[part].mean()), float(right[part].mean()), len(part)])
        while len(line) > 1 and line[-2][1] > line[-1][1]:
            (x0, y0, n0), (x1, y1, n1) = line[-2:]
            line[-2:] = [[(n0 * x0 + n1 * x1) / (n0 + n1), (n0 * y0 + n1 * y1) / (n0 + n1), n0 + n1]]
    return [[round(x, 4), round(y, 4)] for x, y, _ in line]
