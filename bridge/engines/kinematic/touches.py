"""What touched in the last tick of a step, as pairs of names."""

import numpy as np
from numpy.typing import NDArray

from bridge.types import Contacts

Array = NDArray[np.float64]


class Touches:
    """Collects contacts of one step; the strongest of a pair counts."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[float, Array]] = {}

    def clear(self) -> None:
        """Forgets the step before."""
        self._found = {}

    def add(self, one: str, other: str, at: Array, force_n: float) -> None:
        """Two touch `at` (3,) [m], pressed together by about that force [N]."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._found or self._found[pair][0] < force_n:
            self._found[pair] = force_n, at

    def report(self, *_: object) -> Contacts:
        """All pairs, the strongest first."""
        rows = sorted(self._found.items(), key=lambda item: (-item[1][0], item[0]))
        return Contacts(
            tuple(pair for pair, _ in rows),
            np.array([at for _, (_, at) in rows]).reshape(-1, 3),
            np.array([force for _, (force, _) in rows]),
        )
