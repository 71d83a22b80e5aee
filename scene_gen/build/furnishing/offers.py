"""What may be placed where: offers of places, what came of them, and the arithmetic of feet, slopes and groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Placed:
    """Things of one kind that stand: names, assets, poses (n,7), scale (n,3)."""

    kind: str
    names: tuple[str, ...]
    assets: tuple[str, ...]
    poses: Array
    scale: Array


@dataclass(frozen=True, eq=False)
class Offer:
    """Places (n,) for things, and what is asked of them; the arguments of `Grounds.put`, worked out for every place."""

    xy: Array
    yaw: Array
    scale: Array
    foot: Array
    half: Array
    tolerance: Array
    level: Array | None
    group: NDArray | None
    on: tuple[str, ...] | None
    off: Mapping[str, float]
    spacing_m: float
    margin_m: float
    is_tilted: bool
    is_row: bool


def middles(xy: Array, yaw: Array, foot: Array) -> Array:
    """Middles (n,2) of feet (n,4) of things at (n,2) with headings (n,)."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    x, y = foot[:, 2], foot[:, 3]
    return xy + np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=1)


def by_and_by(count: int, first: int) -> list[slice]:
    """Slices of a list that grow, so that what stands first need not look at all of it."""
    stops = [0]
    while stops[-1] < count:
        stops.append(min(count, stops[-1] + first))
        first *= 4
    return [slice(a, b) for a, b in pairwise(stops)]


def tilts(slope: Array) -> Array:
    """Rotations (n,4) wxyz, in bodies' own frames, that lay level bodies on planes that rise by `slope` (n,2)."""
    normal = np.column_stack([-slope, np.ones(len(slope))])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    quat = np.column_stack([1 + normal[:, 2], -normal[:, 1], normal[:, 0], np.zeros(len(slope))])
    return quat / np.linalg.norm(quat, axis=1, keepdims=True)


def same(group: NDArray) -> Index:
    """Pairs (m,2) of equal entries: each with all earlier ones of its group."""
    order = np.argsort(group, kind="stable")
    pairs = [np.zeros((0, 2), dtype=np.intp)]
    step = 1
    while step < len(order):
        equal = group[order[step:]] == group[order[:-step]]
        if not equal.any():
            break
        pairs.append(np.stack([order[:-step][equal], order[step:][equal]], axis=1))
        step += 1
    return np.concatenate(pairs)
