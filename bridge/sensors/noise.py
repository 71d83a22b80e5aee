"""Noise that depends on (seed, sensor, tick) alone: the same whatever was asked before, also where it drifts."""

import hashlib
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S

_WHITE, _DRIFT = 0, 1
_FORGOTTEN = 40.0
"""Correlation times after which nothing of a value is left in doubles (e^-40)."""


def stream(seed: int, name: str, tick: int) -> np.random.Generator:
    """The random numbers of one sensor at one tick."""
    return _generator(seed, name, tick, _WHITE)


def drift(seed: int, name: str, tick: int, *, correlation_s: float, size: int) -> NDArray[np.float64]:
    """A stationary Gauss-Markov process of `size` independent components at one tick: mean 0, variance 1, shape (size,).

    Values t apart correlate by exp(-t / `correlation_s`); 0 gives white noise. Ticks so far apart that nothing correlates
    are drawn independently, and what lies between two known values is drawn given both (a Markov bridge), so that any tick
    is found in a few halvings without the ticks before it.
    """
    ticks = correlation_s / TICK_S
    step = 1 << max(0, math.ceil(math.log2(max(_FORGOTTEN * ticks, 1.0))))
    left = tick // step * step
    if left == tick:
        return _drawn(seed, name, tick, size)
    low, high = _drawn(seed, name, left, size), _drawn(seed, name, left + step, size)
    while True:
        step //= 2
        kept = math.exp(-step / ticks)
        news = math.sqrt((1 - kept**2) * (1 + kept**2)) * _drawn(seed, name, left + step, size)
        middle = (kept * (low + high) + news) / (1 + kept**2)
        if left + step == tick:
            return middle
        if tick > left + step:
            left, low = left + step, middle
        else:
            high = middle


@lru_cache(maxsize=4096)
def _drawn(seed: int, name: str, tick: int, size: int) -> NDArray[np.float64]:
    """What is new at a tick; kept, for ticks that follow one another share most of what they are drawn from."""
    news = _generator(seed, name, tick, _DRIFT).standard_normal(size)
    news.setflags(write=False)
    return news


def _generator(seed: int, name: str, tick: int, kind: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=_key(int(seed), name), counter=[0, kind, tick, 0]))


@lru_cache(maxsize=1024)
def _key(seed: int, name: str) -> tuple[int, int]:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")
