"""What touches what, and how hard: contacts of a tick's substeps, one row a pair of things."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.types import Contacts

MOST = 4096


class ContactLog:
    """Gathers contacts substep by substep; `owner` (ngeom,) says whose a geom is (see Compiled)."""

    def __init__(self, owner: NDArray[np.int64], first_owner: int) -> None:
        self._owner, self._first = owner, first_owner
        self._pairs: list[NDArray[np.int64]] = []
        self._positions: list[NDArray[np.float64]] = []
        self._forces: list[NDArray[np.float64]] = []

    def clear(self) -> None:
        """Forgets the tick before."""
        self._pairs, self._positions, self._forces = [], [], []

    def add(self, data: mujoco.MjData) -> None:
        """Takes the contacts of the substep just done over."""
        if not data.ncon:
            return
        contact = data.contact
        address, forces = contact.efc_address, data.efc_force
        felt = address >= 0
        address, edges = address[felt], contact.dim[felt]
        edges = np.where(edges == 1, 1, 2 * (edges - 1))  # a pyramid's edges share the normal force
        ends = np.stack([address, address + edges], axis=1).reshape(-1)
        normal = np.add.reduceat(np.append(forces, 0.0), ends)[::2] if len(ends) else np.zeros(0)
        pressed = normal > 0
        self._pairs.append(self._owner[contact.geom[felt][pressed]])
        self._positions.append(contact.pos[felt][pressed])
        self._forces.append(normal[pressed])

    def touched(self, slots: int) -> NDArray[np.bool_]:
        """Which slots touched anything in this tick, (slots,)."""
        touched = np.zeros(slots, dtype=bool)
        for pairs in self._pairs:
            touched[pairs[pairs >= 0]] = True
        return touched

    def report(self, slots: list[str], standing: tuple[str, ...]) -> Contacts:
        """Pairs of names with the strongest force of a substep and where it was, the strongest first."""
        if not sum(map(len, self._forces)):
            return Contacts((), np.zeros((0, 3)), np.zeros(0))
        substep = np.repeat(np.arange(len(self._forces)), [len(forces) for forces in self._forces])
        pairs = np.sort(np.concatenate(self._pairs), axis=1)
        forces, positions = np.concatenate(self._forces), np.concatenate(self._positions)
        span = len(slots) + self._first + 1
        pair = (pairs[:, 0] + self._first) * span + pairs[:, 1] + self._first
        strongest = np.lexsort((forces, pair))
        keys, where = np.unique(pair * len(self._forces) + substep, return_inverse=True)
        sums = np.bincount(where, weights=forces)
        at_once, whose = np.unique(keys // len(self._forces), return_inverse=True)
        peak = np.zeros(len(at_once))
        np.maximum.at(peak, whose, sums)
        ends = np.searchsorted(pair[strongest], at_once, side="right") - 1
        order = np.lexsort((at_once, -peak))[:MOST]
        names = [*reversed(standing), *slots]
        first, second = (at_once // span).tolist(), (at_once % span).tolist()
        return Contacts(
            tuple((names[second[i]], names[first[i]]) for i in order.tolist()),
            positions[strongest[ends]][order],
            peak[order],
        )
