"""Means over what is known: nan says nothing and counts for nothing."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def mean_known(values: ArrayLike, axis: int | tuple[int, ...] = 0) -> Array:
    """The mean of what is not nan along `axis`; nan where nothing is known."""
    array = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(array)
    count = known.sum(axis=axis)
    total = np.where(known, array, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
