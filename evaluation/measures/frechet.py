"""Fréchet distances between two sets of feature vectors: of pictures, and of short films.

The distance of the normal distributions with the sets' means and covariances (Dowson & Landau 1982; as in FID, Heusel et al. 2017). It is
biased upwards for small sets: compare only numbers of as many pictures, and look at the floor, the distance between two halves of the engine's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput

Array = NDArray[np.float64]
WINDOW = 4
"""A film is described by so many frames at a time."""


def frechet(a: Array, b: Array) -> float:
    """The distance of two sets (k,d) and (m,d), each with at least two vectors: |mean difference|² + tr(A + B - 2 (A B)^½). Never negative.

    Raises InvalidInput for sets that have no covariance, and for vectors of different length.
    """
    if min(len(a), len(b)) < 2 or a.shape[1] != b.shape[1]:
        raise InvalidInput(f"Sets of {a.shape} and {b.shape} were given. Give two vectors or more, of the same length.")
    # The trace of the root of A B is the nuclear norm of the product of the centred sets: no root of a matrix that may be singular.
    centred = [(one - one.mean(axis=0)) / np.sqrt(len(one) - 1) for one in (a, b)]
    x, y = (np.asarray(np.linalg.qr(one, mode="r")) if len(one) > one.shape[1] else one for one in centred)
    trace = float((x * x).sum() + (y * y).sum() - 2.0 * np.linalg.svd(x @ y.T, compute_uv=False).sum())
    return float(np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + max(trace, 0.0))


def film_features(frames: Array) -> Array:
    """Features (windows,2 d) of a film by those of its frames (n,d): the mean of every WINDOW frames, and their mean change from one to
    the next, which pictures alone do not tell."""
    if len(frames) < WINDOW:
        return np.zeros((0, 2 * frames.shape[1]))
    parts = np.stack([frames[start : start + WINDOW] for start in range(len(frames) - WINDOW + 1)])
    return np.concatenate([parts.mean(axis=1), np.abs(np.diff(parts, axis=1)).mean(axis=1)], axis=1)


@dataclass(eq=False)
class Sets:
    """Features of the engine's and of imagined episodes, gathered one after the other; `features_of` takes pictures (..., H, W, 3) to (..., d)."""

    features_of: Callable[[NDArray[np.uint8]], Array]
    engine: list[Array] = field(default_factory=list)
    dreamt: list[Array] = field(default_factory=list)

    def add(self, engine: NDArray[np.uint8], dreamt: NDArray[np.uint8]) -> None:
        """The pictures (n,v,H,W,3) of one episode, and those of a dream of it."""
        self.engine.append(self.features_of(engine))
        self.dreamt.append(self.features_of(dreamt))

    def pictures(self, view: int | None = None) -> float:
        """The distance of all pictures, or of those of one view."""
        return frechet(_frames(self.engine, view), _frames(self.dreamt, view))

    def films(self, view: int | None = None) -> float:
        """The distance of all films, in windows. Raises InvalidInput where they are too short."""
        return frechet(_films(self.engine, view), _films(self.dreamt, view))

    def floor(self) -> float:
        """The distance of the pictures of every second engine episode to those of the others: what chance alone gives, or more, being of half
        as many."""
        return frechet(_frames(self.engine[::2], None), _frames(self.engine[1::2], None))


def _frames(episodes: Sequence[Array], view: int | None) -> Array:
    parts = [one if view is None else one[:, view : view + 1] for one in episodes]
    return np.concatenate([part.reshape(-1, part.shape[-1]) for part in parts]) if parts else np.zeros((0, 0))


def _films(episodes: Sequence[Array], view: int | None) -> Array:
    rows = [film_features(one[:, v]) for one in episodes for v in range(one.shape[1]) if view in (None, v)]
    return np.concatenate(rows) if rows else np.zeros((0, 0))
