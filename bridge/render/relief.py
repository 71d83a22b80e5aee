"""The terrain in few triangles: tiles whose parts are halved wherever a triangle would lie too far from the ground.

Right-angled triangles are halved from their right angle to the middle of their long side, and neighbours with them, so
that a tile has no gaps (after Evans, Kirkpatrick and Townsend, Right-Triangulated Irregular Networks, 2001).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bridge.render.ground import HEM_M, TILE, Sheet, grid_tiles, grid_vertices, skirted
from bridge.scene import Scene, Terrain

ERRORS_M = (0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.36, 0.75, 1.6)
"""How far triangles of the coarse levels of detail may lie from the ground, where they are halved."""
_SIDE = TILE + 1


@dataclass(frozen=True, eq=False)
class Relief:
    """Tiles of the terrain, row by row, at all levels of detail: `first`, `count` int64 (tiles, levels) in triangles.

    `bare` are the counts without skirts, `error_m` (tiles, levels) is how far below the true ground a level lies at
    most; it never lies above. Level 0 is the true ground. `columns` is how many tiles there are in a row.
    """

    sheet: Sheet
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    bare: NDArray[np.int64]
    error_m: NDArray[np.float64]
    columns: int


@dataclass(frozen=True, eq=False)
class _Halving:
    """Triangles of one size: points of a tile at their ends `a`, `b`, their right angle `c` and half-way from a to b.

    A tile's points are its vertices, row by row, and after them the middles of its cells.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    c: NDArray[np.int64]
    middle: NDArray[np.int64]


def relief(scene: Scene) -> Relief:
    """All levels of detail of the terrain's tiles; skirts hang from all edges, so that no gap opens between levels."""
    exact = [skirted(positions, normals) for positions, normals in grid_tiles(scene)]
    tiles = len(exact)
    heights, at, inside = _tile_points(scene.terrain)
    worth = _worth_halving(heights, inside)
    sheets, counts, bares, errors = exact, [], [], [np.zeros(tiles)]
    counts.append([len(sheet.indices) for sheet in exact])
    bares.append([len(sheet.indices) - sheet.skirt for sheet in exact])
    positions, normals = grid_vertices(scene)
    grid = positions.reshape(-1, 3), normals.reshape(-1, 3)
    for allowed in ERRORS_M:
        sheet, count, bare, error = _level(heights, at, inside, worth > allowed, grid)
        sheets.append(sheet)
        counts.append(count)
        bares.append(bare)
        errors.append(np.maximum(error, errors[-1]))
    count = np.array(counts, np.int64)
    first = (np.cumsum(count.ravel()) - count.ravel()).reshape(count.shape)
    columns = -(-(scene.terrain.heights.shape[1] - 1) // TILE)
    return Relief(_joined(sheets), first.T, count.T, np.array(bares, np.int64).T, np.array(errors).T, columns)


def _level(
    heights: NDArray, at: NDArray, inside: NDArray, is_halved: NDArray[np.bool_], grid: tuple[NDArray, NDArray]
) -> tuple[Sheet, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """All tiles with triangles halved at some points (tiles, points); triangles per tile, with and without skirts."""
    tiles = len(heights)
    gap = np.where(inside, _surface(heights, is_halved) - heights, 0)
    above, below = gap.max(axis=1), -gap.min(axis=1)
    tile, corners = _triangles(is_halved)
    # Nothing is drawn beyond the map's edge, where tiles that are cut off would go on.
    kept = inside[tile[:, None], corners].all(axis=1)
    tile, corners = tile[kept], corners[kept]
    edge_tile, u, v = _border_edges(tile, corners, inside)
    error = above + below
    used = np.zeros((tiles, 2, _SIDE * _SIDE), bool)
    used[tile[:, None], 0, corners] = True
    used[edge_tile, 1, u] = used[edge_tile, 1, v] = True
    number = (np.cumsum(used.ravel()) - 1).reshape(used.shape)
    of_tile, is_hem, vertex = np.nonzero(used)
    positions = grid[0][at[of_tile, vertex]]
    positions[:, 2] -= (above[of_tile] + is_hem * (HEM_M + 2 * error[of_tile])).astype(np.float32)
    top_u, top_v = number[edge_tile, 0, u], number[edge_tile, 0, v]
    low_u, low_v = number[edge_tile, 1, u], number[edge_tile, 1, v]
    skirt = np.concatenate([np.stack([top_u, low_u, low_v], 1), np.stack([top_u, low_v, top_v], 1)])
    owner = np.concatenate([2 * tile, np.tile(2 * edge_tile + 1, 2)])
    faces = np.concatenate([number[tile[:, None], 0, corners], skirt])[np.argsort(owner, kind="stable")]
    bare, hem = np.bincount(tile, minlength=tiles), 2 * np.bincount(edge_tile, minlength=tiles)
    sheet = Sheet(positions, grid[1][at[of_tile, vertex]], faces.astype(np.uint32))
    return sheet, bare + hem, bare, error


@cache
def _halvings() -> tuple[_Halving, ...]:
    """The triangles of a tile from the two largest down to the halves of its cells."""
    a, b, c = np.array([[0, 0], [TILE, TILE]]), np.array([[TILE, TILE], [0, 0]]), np.array([[TILE, 0], [0, TILE]])
    sizes = []
    while True:
        at_a, at_b, at_c = (xy[:, 1] * _SIDE + xy[:, 0] for xy in (a, b, c))
        middle = (a + b) // 2
        if ((a + b) % 2).any():
            sizes.append(_Halving(at_a, at_b, at_c, _SIDE * _SIDE + middle[:, 1] * TILE + middle[:, 0]))
            return tuple(sizes)
        sizes.append(_Halving(at_a, at_b, at_c, middle[:, 1] * _SIDE + middle[:, 0]))
        a, b, c = (np.stack(pair, 1).reshape(-1, 2) for pair in ((c, b), (a, c), (middle, middle)))


def _worth_halving(heights: NDArray, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far off the ground is, at each point of tiles (tiles, points), where triangles are not halved there [m].

    No less than further down, so that halves of what is whole are whole. Triangles over the map's edge are all halved.
    """
    worth = np.zeros(heights.shape)
    half = None
    for size in _halvings()[::-1]:
        off = np.abs((heights[:, size.a] + heights[:, size.b]) / 2 - heights[:, size.middle])
        if half is not None:
            off = np.maximum(off, worth[:, half.middle].reshape(len(heights), -1, 2).max(axis=2))
        crosses = ~(inside[:, size.a] & inside[:, size.b] & inside[:, size.c])
        np.maximum.at(worth.T, size.middle, np.where(crosses, np.inf, off).T)
        half = size
    return worth


def _surface(heights: NDArray, is_halved: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Heights of the triangles at a tile's points (tiles, points)."""
    drawn = heights.copy()
    for size in _halvings():
        flat = (drawn[:, size.a] + drawn[:, size.b]) / 2
        drawn[:, size.middle] = np.where(is_halved[:, size.middle], heights[:, size.middle], flat)
    return drawn


def _triangles(is_halved: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The triangles that are not halved: their tiles (n,) and corners (n,3).

    Halves of cells are not halved but, both at once, turned to meet along the cell's true diagonal.
    """
    found = []
    here = np.ones((len(is_halved), 2), bool)
    sizes = _halvings()
    for size in sizes[:-1]:
        is_split = is_halved[:, size.middle]
        tile, which = np.nonzero(here & ~is_split)
        found.append((tile, np.stack([size.a[which], size.c[which], size.b[which]], axis=1)))
        here = np.repeat(here & is_split, 2, axis=1)
    last = sizes[-1]
    tile, which = np.nonzero(here)
    corners = np.stack([last.a[which], last.c[which], last.b[which]], axis=1)
    south_west = (corners // _SIDE).min(axis=1) * _SIDE + (corners % _SIDE).min(axis=1)
    right_angle = corners[:, 1] - south_west
    is_turned = is_halved[tile, last.middle[which]]
    for angle, offsets in ((_SIDE + 1, (0, 1, _SIDE + 1)), (0, (0, _SIDE + 1, _SIDE))):
        some = is_turned & (right_angle == angle)
        corners[some] = south_west[some, None] + np.array(offsets)
    found.append((tile, corners))
    return np.concatenate([tile for tile, _ in found]), np.concatenate([corners for _, corners in found])


def _border_edges(tile: NDArray, corners: NDArray, inside: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Edges of triangles along the borders of their tiles or of the map: tiles, and vertices from and to."""
    square = inside[:, : _SIDE * _SIDE].reshape(-1, _SIDE, _SIDE)
    last = np.stack([square[:, 0].sum(axis=1), square[:, :, 0].sum(axis=1)]) - 1
    found = []
    for k in range(3):
        u, v = corners[:, k], corners[:, (k + 1) % 3]
        along = np.zeros(len(tile), bool)
        for axis, (p, q) in enumerate(((u % _SIDE, v % _SIDE), (u // _SIDE, v // _SIDE))):
            along |= (p == q) & ((p == 0) | (p == last[axis, tile]))
        found.append((tile[along], u[along], v[along]))
    edge_tile, u, v = (np.concatenate(part) for part in zip(*found, strict=True))
    return edge_tile, u, v


def _tile_points(terrain: Terrain) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Heights [m] of tiles' points (tiles, points), where their vertices are in the terrain, which points are there."""
    rows, cols = terrain.heights.shape
    tall, wide = -(-(rows - 1) // TILE), -(-(cols - 1) // TILE)
    index = np.full((tall * TILE + 1, wide * TILE + 1), -1, np.int64)
    index[:rows, :cols] = np.arange(rows * cols).reshape(rows, cols)
    starts = [(i * TILE, j * TILE) for i in range(tall) for j in range(wide)]
    at = np.stack([index[i : i + _SIDE, j : j + _SIDE] for i, j in starts])
    heights = terrain.heights.ravel()[at].astype(np.float64)
    middles = (heights[:, :-1, :-1] + heights[:, 1:, 1:]) / 2
    inside = at >= 0
    cells = inside[:, :-1, :-1] & inside[:, 1:, 1:]
    flat = (len(at), -1)
    return (
        np.concatenate([heights.reshape(flat), middles.reshape(flat)], axis=1),
        at.reshape(flat),
        np.concatenate([inside.reshape(flat), cells.reshape(flat)], axis=1),
    )


def _joined(sheets: list[Sheet]) -> Sheet:
    starts = np.cumsum([0] + [len(sheet.positions) for sheet in sheets[:-1]])
    return Sheet(
        np.concatenate([sheet.positions for sheet in sheets]),
        np.concatenate([sheet.normals for sheet in sheets]),
        np.concatenate([sheet.indices + np.uint32(start) for sheet, start in zip(sheets, starts, strict=True)]),
    )
