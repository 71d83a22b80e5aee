"""Random streams keyed by (seed, name of the thing), so that one mind more or less changes no other."""

import hashlib

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """An independent generator for each seed and name, the same on every machine."""
    key = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, int.from_bytes(key[:8], "little")])
