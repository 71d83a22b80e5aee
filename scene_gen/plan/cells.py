"""The lattice as arrays: coordinates, neighbours, connected groups and least-cost ways from cell to cell."""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from scene_gen.plan.artefacts import BUILT, CELLS

Cell = tuple[int, int]
Mask = NDArray[np.bool_]
Letters = NDArray[np.str_]

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)
"""A cell and its four neighbours."""


def letters_of(lattice: tuple[str, ...]) -> Letters:
    """Array (32, 32) of single letters, north row first."""
    return np.array([list(row) for row in lattice], dtype="<U1")


def lattice_of(letters: Letters) -> tuple[str, ...]:
    """The 32 rows of an array of letters."""
    return tuple("".join(row) for row in letters)


@cache
def axes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """East and north of every cell's middle, each (32, 32), from -1 to 1 across the map."""
    middle = (np.arange(CELLS) + 0.5) / CELLS * 2 - 1
    x, y = np.meshgrid(middle, -middle)
    x.setflags(write=False)
    y.setflags(write=False)
    return x, y


def middle_of(cell: Cell, size_m: float) -> tuple[float, float]:
    """World (x, y) [m] of a cell's middle."""
    step = size_m / CELLS
    return (cell[1] + 0.5) * step - size_m / 2, size_m / 2 - (cell[0] + 0.5) * step


def cell_at(x: float, y: float, size_m: float) -> Cell:
    """The cell (row, column) that holds a point [m]; outside the map, the nearest."""
    step = size_m / CELLS
    row, column = int((size_m / 2 - y) // step), int((x + size_m / 2) // step)
    return min(max(row, 0), CELLS - 1), min(max(column, 0), CELLS - 1)


def only(cell: Cell) -> Mask:
    """The mask of one cell."""
    mask = np.zeros((CELLS, CELLS), dtype=bool)
    mask[cell] = True
    return mask


def is_any(letters: Letters, symbols: str) -> Mask:
    """Cells whose letter is one of `symbols`."""
    return np.isin(letters, list(symbols))


def built(letters: Letters) -> Mask:
    """Cells that get streets and buildings."""
    return is_any(letters, BUILT)


def bridges(letters: Letters) -> Mask:
    """Road cells that lie over water: those with water on two opposite sides, and their wet neighbours in the road."""
    water, road = letters == "W", letters == "#"
    north, south, west, east = (_shifted(water, *step) for step in ((1, 0), (-1, 0), (0, 1), (0, -1)))
    over = road & ((north & south) | (west & east))
    wet_sides = north.astype(int) + south + west + east
    for _ in range(3):
        over |= road & widened(over) & (wet_sides >= 2)
    return over


def wet(letters: Letters) -> Mask:
    """Cells whose ground lies under water: water and the bridges over it."""
    return (letters == "W") | bridges(letters)


def widened(mask: NDArray, steps: int = 1, *, corners: bool = False) -> Mask:
    """The mask with its neighbours, `steps` times: over sides, or over corners too."""
    around = np.ones((3, 3), dtype=bool) if corners else CROSS
    return np.asarray(ndimage.binary_dilation(mask, around, iterations=steps), dtype=bool)


def roomy(mask: Mask) -> Mask:
    """The parts of a mask that are at least three cells wide; the world beyond the map continues it."""
    wide = ndimage.binary_opening(np.pad(mask, 3, mode="edge"), np.ones((3, 3)))[3:-3, 3:-3]
    return widened(wide, corners=True) & mask


def labelled(mask: NDArray, *, corners: bool = False) -> tuple[NDArray[np.int32], int]:
    """Numbers from 1 for the groups of cells joined by sides (or corners too), in reading order, and how many there are."""
    labels = np.zeros(mask.shape, dtype=np.int32)
    count = ndimage.label(mask, np.ones((3, 3)) if corners else CROSS, output=labels)
    return labels, int(count)  # type: ignore[arg-type]


def beside(mask: Mask) -> Mask:
    """Cells that share a side with a cell of `mask` and are not in it."""
    return widened(mask) & ~mask


def distance_to(mask: Mask) -> NDArray[np.float64]:
    """Distance [cells] from every cell's middle to the nearest one in `mask`; infinite where there is none."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~mask))


def groups(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Labels (0 outside) of the groups of cells joined by their sides, largest first, and how many there are."""
    labels, count = labelled(mask)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    order = np.argsort(-sizes, kind="stable")
    rank = np.zeros(count + 1, dtype=np.int32)
    rank[order + 1] = np.arange(1, count + 1)
    return rank[labels], count


def spread(cost: NDArray[np.float64], sources: Mask) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Least cost from the nearest source to every cell, corners included, and each cell's predecessor (flat index).

    `cost` (32, 32) is that of crossing one cell, infinite where nobody can go; predecessors are negative at sources.
    """
    a, b, length = _edges()
    flat = cost.ravel()
    weights = (flat[a] + flat[b]) * length / 2
    usable = np.isfinite(weights)
    graph = csr_matrix((weights[usable], (a[usable], b[usable])), shape=(CELLS * CELLS,) * 2)
    starts = np.flatnonzero(sources.ravel())
    if not len(starts):
        return np.full(cost.shape, np.inf), np.full(cost.shape, -9999, dtype=np.int32)
    reached, before, _ = dijkstra(graph, indices=starts, min_only=True, return_predecessors=True)
    return reached.reshape(cost.shape), before.reshape(cost.shape).astype(np.int32)


def way_back(before: NDArray[np.int32], end: Cell) -> list[Cell]:
    """Cells from a source to `end` along the predecessors of `spread`, both included."""
    flat, at = before.ravel(), end[0] * CELLS + end[1]
    cells = [at]
    while flat[at] >= 0:
        at = int(flat[at])
        cells.append(at)
    return [divmod(index, CELLS) for index in reversed(cells)]


def joined(way: list[Cell], cost: NDArray[np.float64]) -> list[Cell]:
    """The way with a cell more at each step over a corner, the cheaper of two, so that all share sides."""
    cells = way[:1]
    for (row, column), (next_row, next_column) in pairwise(way):
        if row != next_row and column != next_column:
            cells.append(min((row, next_column), (next_row, column), key=lambda cell: float(cost[cell])))
        cells.append((next_row, next_column))
    return cells


def grow(start: Cell, amount: int, allowed: Mask, cost: NDArray[np.float64], *, through: Mask | None = None) -> Mask:
    """The `amount` cells of `allowed` that are cheapest to reach from `start`, one patch; it may reach over `through`."""
    sources = only(start)
    usable = allowed | sources if through is None else allowed | sources | through
    reached, _ = spread(np.where(usable, cost, np.inf), sources)
    return cheapest(np.where(allowed, reached, np.inf), amount)


def cheapest(value: NDArray[np.float64], amount: int) -> Mask:
    """The `amount` cells of least finite value; ties go to the first in reading order."""
    order = np.argsort(value.ravel(), kind="stable")[: max(amount, 0)]
    chosen = np.zeros(value.size, dtype=bool)
    chosen[order] = True
    return chosen.reshape(value.shape) & np.isfinite(value)


def best(score: NDArray[np.float64], allowed: Mask) -> Cell | None:
    """The cell of `allowed` with the highest score; None where none is allowed."""
    if not allowed.any():
        return None
    index = int(np.argmax(np.where(allowed, score, -np.inf)))
    return divmod(index, CELLS)


def _shifted(mask: Mask, down: int, right: int) -> Mask:
    out = np.zeros_like(mask)
    out[max(down, 0) : CELLS + min(down, 0), max(right, 0) : CELLS + min(right, 0)] = mask[
        max(-down, 0) : CELLS + min(-down, 0), max(-right, 0) : CELLS + min(-right, 0)
    ]
    return out


@cache
def _edges() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    index = np.arange(CELLS * CELLS).reshape(CELLS, CELLS)
    starts = [index[:, :-1], index[:-1], index[:-1, :-1], index[:-1, 1:]]
    ends = [index[:, 1:], index[1:], index[1:, 1:], index[1:, :-1]]
    a = np.concatenate([part.ravel() for part in starts])
    b = np.concatenate([part.ravel() for part in ends])
    straight = np.arange(len(a)) < 2 * CELLS * (CELLS - 1)
    length = np.where(straight, 1.0, np.sqrt(2.0))
    return np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([length, length])
