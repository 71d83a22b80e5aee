"""Rain and snow in the air, as seamless pictures that are drawn over what the camera sees."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bridge.render.blur import blurred

SIZE = 512
RAIN_TAN = 0.55
"""Side of the rain picture on a plane at distance 1: how much of the view a tile covers."""


@cache
def rain_tile() -> NDArray[np.uint8]:
    """Streaks of falling drops, (SIZE, SIZE), 255 for the brightest; they fall along the rows."""
    rng = np.random.default_rng(90)
    count, steps = 520, 64
    x, y = rng.uniform(0, SIZE, count), rng.uniform(0, SIZE, count)
    length = rng.uniform(18, 62, count)
    strength = rng.uniform(0.18, 1.0, count) ** 2
    t = np.arange(steps) / steps
    rows = (y[:, None] + t * length[:, None]).astype(int) % SIZE
    light = strength[:, None] * np.sin(np.pi * t) ** 0.7
    picture = np.zeros((SIZE, SIZE))
    column = np.floor(x).astype(int)
    part = x - column
    for offset, share in ((0, 1 - part), (1, part)):
        columns = np.broadcast_to((column + offset)[:, None] % SIZE, rows.shape)
        np.maximum.at(picture, (rows, columns), light * share[:, None])
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


@cache
def snow_tile() -> NDArray[np.uint8]:
    """Flakes from small and sharp to large and blurred, (SIZE, SIZE), 255 for the brightest."""
    rng = np.random.default_rng(91)
    picture = np.zeros((SIZE, SIZE))
    for count, sigma, strength in ((420, 0.8, 3.0), (130, 1.7, 9.0), (26, 4.2, 34.0)):
        layer = np.zeros((SIZE, SIZE))
        layer[rng.integers(0, SIZE, count), rng.integers(0, SIZE, count)] = rng.uniform(0.5, 1, count)
        picture += blurred(layer, sigma, "wrap") * strength
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
