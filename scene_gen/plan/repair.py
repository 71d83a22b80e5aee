"""Rules that every lattice of ours keeps: one town, reached over land or bridges; sand and quays by the water; no specks."""

import numpy as np
from scipy import ndimage

from scene_gen.plan.cells import (
    CROSS,
    Letters,
    beside,
    built,
    groups,
    is_any,
    joined,
    labelled,
    spread,
    way_back,
    widened,
)

_LONGEST_BRIDGE = 8


def repair(letters: Letters) -> Letters:
    """The lattice with its faults mended; a sound lattice comes back unchanged."""
    letters = letters.copy()
    _dry_bridges(letters)
    _join_parts(letters)
    _lone_cells(letters)
    _by_the_water(letters)
    return letters


def _dry_bridges(letters: Letters) -> None:
    """Roads that end in open water lose the part that leads nowhere."""
    for _ in range(32):
        road = letters == "#"
        land = letters != "W"
        ways = ndimage.convolve(land.astype(int), CROSS.astype(int), mode="constant") - land
        ends = road & (ways == 0)
        if not ends.any():
            return
        letters[ends] = "W"


def _join_parts(letters: Letters) -> None:
    """Parts of the town beyond water get a bridge; parts too far away go back to nature."""
    for _ in range(12):
        labels, count = groups(letters != "W")
        homes = built(letters)
        if not homes.any():
            return
        sizes = [int((homes & (labels == i)).sum()) for i in range(1, count + 1)]
        main = int(np.argmax(sizes)) + 1
        apart = [
            i for i in range(1, count + 1) if i != main and (sizes[i - 1] or ((letters == "#") & (labels == i)).any())
        ]
        if not apart:
            return
        part = labels == apart[0]
        cost = np.where(letters == "W", 8.0, np.where(letters == "#", 0.1, np.where(is_any(letters, "MQV"), 6.0, 1.0)))
        roads = (letters == "#") & (labels == main)
        sources = roads if roads.any() else homes & (labels == main)
        reached, before = spread(cost, sources)
        target = np.where(part & (homes | (letters == "#")), reached, np.inf)
        way = joined(way_back(before, divmod(int(np.argmin(target)), letters.shape[1])), cost)
        wet_cells = sum(letters[cell] == "W" for cell in way)
        if sizes[apart[0] - 1] < 3 or wet_cells > _LONGEST_BRIDGE:
            letters[part & (homes | (letters == "#"))] = "G"
            continue
        for cell in way:
            letters[cell] = "#"


def _lone_cells(letters: Letters) -> None:
    """A single cell of town or nature among others takes the letter most common beside it."""
    for symbol in "RSOCTIEAYGFDHP":
        labels, count = labelled(letters == symbol, corners=True)
        if count < 2:
            continue
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        for index in np.flatnonzero(sizes[1:] == 1) + 1:
            row, column = np.argwhere(labels == index)[0]
            around = letters[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].ravel()
            others = [str(s) for s in around if s not in ("W", "#", "Q", "B", "V", "M", symbol)]
            same_sort = [s for s in others if built(np.array([s]))[0] == built(np.array([symbol]))[0]]
            if same_sort:
                letters[row, column] = max(sorted(set(same_sort)), key=same_sort.count)


def _by_the_water(letters: Letters) -> None:
    """Quays and beaches that touch no water become what is beside them."""
    by_water = beside(letters == "W")
    letters[(letters == "Q") & ~by_water] = "C" if (letters == "C").any() else "R"
    near = widened(letters == "W", corners=True)
    letters[(letters == "B") & ~near] = "G"
