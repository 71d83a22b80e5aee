"""The ground with its streets as one height field, for engines that can only walk on height fields.

Curbs cannot be vertical in a height field: they become ramps one cell wide, a cell or less out on the carriageway, so
that what stands on a sidewalk stands level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.meshes import bounds
from bridge.scene import Mesh, Part, Scene

_SOLID = ("road", "sidewalk", "crossing", "terrain", "dock")
_DECKS = ("pier", "jetty", "marina")
"""Kinds of dock that one can see under."""
FINEST_M, MOST = 0.5, 2049


@dataclass(frozen=True, eq=False)
class GroundField:
    """`heights` float32 (rows, cols) [m], row 0 south, `cell_m` apart from `origin`; split as the terrain's cells."""

    origin: tuple[float, float]
    cell_m: float
    heights: NDArray[np.float32]


@dataclass(frozen=True)
class Land:
    """What is known of a ground field before it is made: its grid as there, and heights [m] that it keeps between."""

    origin: tuple[float, float]
    cell_m: float
    shape: tuple[int, int]
    low_m: float
    high_m: float


def is_ground(part: Part) -> bool:
    """Whether a part is massive down to the ground, so that a height field can stand for it."""
    collides = any(solid.shape == "mesh" for solid in part.colliders)
    return collides and part.semantic in _SOLID and part.kind not in _DECKS


def land(scene: Scene) -> Land:
    """The grid of a scene's ground field, and between which heights it lies, in a hundredth of the time it takes."""
    terrain, finer = scene.terrain, _finer(scene)
    rows, cols = terrain.heights.shape
    tops = [float(bounds(part.mesh.vertices)[1][2]) for part in scene.parts if is_ground(part)]
    return Land(
        terrain.origin,
        terrain.cell_m / finer,
        ((rows - 1) * finer + 1, (cols - 1) * finer + 1),
        float(terrain.heights.min()),
        max(float(terrain.heights.max()), *tops) if tops else float(terrain.heights.max()),
    )


def _finer(scene: Scene) -> int:
    """How many cells of the field one of the terrain becomes, each way."""
    terrain = scene.terrain
    finer = max(1, int(np.ceil(terrain.cell_m / FINEST_M - 1e-9)))
    return max(1, min(finer, (MOST - 1) // (max(terrain.heights.shape) - 1)))


def ground_field(scene: Scene) -> GroundField:
    """Terrain and everything massive that lies on it; a grid fine enough for curbs where that many cells allow."""
    terrain, finer = scene.terrain, _finer(scene)
    cell = terrain.cell_m / finer
    heights = _refined(terrain.heights, finer)
    walks, streets = (np.full(heights.shape, -np.inf, dtype=np.float32) for _ in range(2))
    for part in scene.parts:
        if is_ground(part):
            _burn(part.mesh, streets if part.semantic == "road" else walks, terrain.origin, cell)
    on_street = np.nonzero(streets > -np.inf)
    np.maximum(heights, walks, out=heights)
    beside = np.maximum(streets[on_street], _highest_around(walks, *on_street))
    heights[on_street] = np.maximum(heights[on_street], beside)
    return GroundField(terrain.origin, cell, heights)


def _refined(heights: NDArray[np.float32], finer: int) -> NDArray[np.float32]:
    """The same triangles on a grid `finer` times as fine; a copy."""
    rows, cols = heights.shape
    h = np.pad(heights, ((0, 1), (0, 1)), mode="edge")
    sw, se, nw, ne = h[:-1, :-1], h[:-1, 1:], h[1:, :-1], h[1:, 1:]
    fine = np.empty((rows, finer, cols, finer), dtype=np.float32)
    for i in range(finer):
        for j in range(finer):
            v, u = np.float32(i / finer), np.float32(j / finer)
            fine[:, i, :, j] = sw + u * (se - sw) + v * (ne - se) if u >= v else sw + v * (nw - sw) + u * (ne - nw)
    return fine.reshape(rows * finer, cols * finer)[: (rows - 1) * finer + 1, : (cols - 1) * finer + 1].copy()


def _highest_around(field: NDArray[np.float32], rows: NDArray, columns: NDArray) -> NDArray[np.float32]:
    """The highest of each of these points and its eight neighbours."""
    wide = np.pad(field, 1, constant_values=-np.inf)
    around = [wide[rows + i, columns + j] for i in range(3) for j in range(3)]
    return np.maximum.reduce(around)


def _burn(mesh: Mesh, field: NDArray[np.float32], origin: tuple[float, float], cell_m: float) -> None:
    """Raises the field's points under a mesh's upper side to it: a scan line for each triangle and row."""
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    corners[..., :2] = (corners[..., :2] - origin) / cell_m
    edge, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge[:, 0] * other[:, 1] - edge[:, 1] * other[:, 0]
    corners = corners[area > 1e-9]
    first, last = np.ceil(corners[..., 1].min(axis=1)), np.floor(corners[..., 1].max(axis=1))
    triangle, row = _spans(np.maximum(first, 0), np.minimum(last, len(field) - 1))
    low, high = _crossings(corners[triangle], row)
    span, column = _spans(np.maximum(np.ceil(low - 1e-6), 0), np.minimum(np.floor(high + 1e-6), field.shape[1] - 1))
    triangle, row = triangle[span], row[span]
    a, b, c = np.moveaxis(corners[triangle], 1, 0)
    ab, ac, at = b - a, c - a, np.stack([column, row], axis=1) - a[:, :2]
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    s = (at[:, 0] * ac[:, 1] - at[:, 1] * ac[:, 0]) / area
    t = (ab[:, 0] * at[:, 1] - ab[:, 1] * at[:, 0]) / area
    np.maximum.at(field, (row.astype(int), column.astype(int)), a[:, 2] + s * ab[:, 2] + t * ac[:, 2])


def _spans(first: NDArray, last: NDArray) -> tuple[NDArray, NDArray]:
    """All whole numbers of many intervals: which interval each is of, and the number."""
    counts = np.maximum(last - first + 1, 0).astype(int)
    which = np.repeat(np.arange(len(counts)), counts)
    return which, first[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _crossings(corners: NDArray, row: NDArray) -> tuple[NDArray, NDArray]:
    """Between which columns a row lies inside a triangle."""
    low, high = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for i in range(3):
        a, b = corners[:, i], corners[:, (i + 1) % 3]
        rise = b[:, 1] - a[:, 1]
        crosses = (np.minimum(a[:, 1], b[:, 1]) <= row) & (row <= np.maximum(a[:, 1], b[:, 1])) & (rise != 0)
        at = a[:, 0] + (row - a[:, 1]) / np.where(rise == 0, 1, rise) * (b[:, 0] - a[:, 0])
        low, high = np.where(crosses, np.minimum(low, at), low), np.where(crosses, np.maximum(high, at), high)
    return low, high
