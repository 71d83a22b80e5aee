"""Smooth random fields: gradient noise in octaves, with arithmetic that gives the same bits on every machine."""

import numpy as np
from numpy.typing import NDArray

_PERIOD = 64


def fractal(
    rng: np.random.Generator,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    frequency: float,
    octaves: int = 4,
    gain: float = 0.5,
) -> NDArray[np.float64]:
    """Fractal noise at points (x, y), roughly -1 to 1, mean 0; `frequency` is waves per unit of x in the first octave."""
    total = np.zeros(np.shape(x))
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        shift = rng.uniform(0, _PERIOD, 2)
        scale = frequency * 2.0**octave
        total += amplitude * _gradient(rng, x * scale + shift[0], y * scale + shift[1])
        norm += amplitude
        amplitude *= gain
    return total * (1.6 / norm)


def ridged(
    rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64], *, frequency: float, octaves: int = 4
) -> NDArray[np.float64]:
    """Noise with sharp crests, 0 to 1: mountains."""
    total = np.zeros(np.shape(x))
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        shift = rng.uniform(0, _PERIOD, 2)
        scale = frequency * 2.0**octave
        crest = 1.0 - np.minimum(np.abs(1.6 * _gradient(rng, x * scale + shift[0], y * scale + shift[1])), 1.0)
        total += amplitude * crest * crest
        norm += amplitude
        amplitude *= 0.5
    return total / norm


def _gradient(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """One octave (Perlin 2002), roughly -0.7 to 0.7, with random unit gradients on a periodic grid."""
    vectors = rng.standard_normal((2, _PERIOD, _PERIOD))
    vectors /= np.sqrt(vectors[0] ** 2 + vectors[1] ** 2)
    east, north = vectors.reshape(2, -1)
    whole_x, whole_y = np.floor(x), np.floor(y)
    u, v = x - whole_x, y - whole_y
    column, row = whole_x.astype(np.int32) % _PERIOD, whole_y.astype(np.int32) % _PERIOD
    columns = column, (column + 1) % _PERIOD
    rows = row * _PERIOD, (row + 1) % _PERIOD * _PERIOD

    def corner(i: int, j: int) -> NDArray[np.float64]:
        index = rows[j] + columns[i]
        return east.take(index) * (u - i) + north.take(index) * (v - j)

    fu, fv = u * u * u * (u * (u * 6 - 15) + 10), v * v * v * (v * (v * 6 - 15) + 10)
    south = corner(0, 0)
    south += fu * (corner(1, 0) - south)
    top = corner(0, 1)
    top += fu * (corner(1, 1) - top)
    return south + fv * (top - south)
