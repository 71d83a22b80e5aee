"""What touches what, and how hard: contacts of a tick's substeps, one row a pair of things.

What sleeps is not looked at, so that a crate at rest touches nothing until something wakes it; feet and wheels follow
the ground without contact.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.types import Contacts

MOST = 4096


class ContactLog:
    """Gathers contacts substep by substep; `owner` (ngeom,) says whose a geom is (see Compiled)."""

    def __init__(self, owner: NDArray[np.int64], first_owner: int, *, is_elliptic: bool) -> None:
        self._owner, self._first, self._is_elliptic = owner, first_owner, is_elliptic
        self._raw: list[tuple[NDArray, ...]] = []

    def clear(self) -> None:
        """Forgets the tick before."""
        self._raw = []

    def add(self, data: mujoco.MjData) -> None:
        """Takes the contacts of the substep just done over, as they are: most are never asked for."""
        if data.ncon:
            contact = data.contact
            raw = contact.efc_address, contact.dim, contact.geom, contact.pos, data.efc_force
            self._raw.append(tuple(array.copy() for array in raw))

    def report(self, movers: Sequence[str], standing: tuple[str, ...]) -> Contacts:
        """Pairs of names with the strongest force of a substep and its middle, the strongest first."""
        if not self._raw:
            return Contacts((), np.zeros((0, 3)), np.zeros(0))
        address, dim, geoms, positions, forces = (np.concatenate(arrays) for arrays in zip(*self._raw, strict=True))
        substep = np.repeat(np.arange(len(self._raw)), [len(raw[0]) for raw in self._raw])
        starts = np.cumsum([0] + [len(raw[4]) for raw in self._raw])
        felt = np.flatnonzero(address >= 0)
        first = address[felt] + starts[substep[felt]]
        is_single = (dim[felt] == 1) | self._is_elliptic
        edges = np.where(is_single, 1, 2 * (dim[felt] - 1))  # a pyramid's edges share the normal force
        ends = np.stack([first, first + edges], axis=1).reshape(-1)
        normal = np.add.reduceat(np.append(forces, 0.0), ends)[::2] if len(ends) else np.zeros(0)
        felt, normal = felt[normal > 0], normal[normal > 0]
        if not len(felt):
            return Contacts((), np.zeros((0, 3)), np.zeros(0))
        one, other = self._owner[geoms[felt, 0]], self._owner[geoms[felt, 1]]
        span, count = len(movers) + self._first, len(self._raw)
        low, high = np.minimum(one, other) + self._first, np.maximum(one, other) + self._first
        key = (low * span + high) * count + substep[felt]
        order = np.argsort(key, kind="stable")
        key, felt, normal = key[order], felt[order], normal[order]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        sums = np.add.reduceat(normal, begins)
        pair = key[begins] // count
        strongest = np.lexsort((-sums, pair))
        strongest = strongest[np.flatnonzero(np.diff(pair[strongest], prepend=-1))]
        strongest = strongest[np.argsort(-sums[strongest], kind="stable")][:MOST]
        middle = np.add.reduceat(positions[felt] * normal[:, None], begins)[strongest] / sums[strongest, None]
        first, last = (pair[strongest] // span).tolist(), (pair[strongest] % span).tolist()

        def name(index: int) -> str:
            return movers[index - self._first] if index >= self._first else standing[self._first - 1 - index]

        return Contacts(tuple((name(b), name(a)) for a, b in zip(first, last, strict=True)), middle, sums[strongest])
