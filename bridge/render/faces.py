"""Faces of meshes made ready to draw: how thin the detail is that each belongs to, and which corners can be one vertex."""

import numpy as np
from numpy.typing import NDArray

THIN_M = (0.05, 0.06, 0.08, 0.10, 0.13, 0.16, 0.21, 0.26, 0.33, 0.42, 0.54, 0.70)
"""Thicknesses [m] of details that may be left out where they are far thinner than a pixel."""
_MOST = 0.5
"""A board is one of which a pane hides more than this part,"""
_PANE_TO_M = 0.1
"""and which is not further behind it than this [m]."""
_NORMAL_STEPS = 4095
"""Faces whose normals round to the same such step face alike."""


def areas(vertices: NDArray, triangles: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Area vectors (3,m) of triangles and their lengths (m,) [m²]."""
    x, y, z = np.ascontiguousarray(vertices.T, dtype=np.float64)
    a, b, c = np.ascontiguousarray(triangles.T)
    ux, uy, uz = ((axis[b] - axis[a]) / 2 for axis in (x, y, z))
    vx, vy, vz = (axis[c] - axis[a] for axis in (x, y, z))
    area = np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx])
    return area, np.sqrt(area[0] ** 2 + area[1] ** 2 + area[2] ** 2)


def thinness(vertices: NDArray, triangles: NDArray[np.int64], area: NDArray, size: NDArray) -> NDArray[np.int64]:
    """Per triangle, of area vectors `area` (3,m) so long as `size` (m,) [m²], 0 for stout ones, up to len(THIN_M) for
    the thinnest.

    A detail is a run of triangles that shares no vertex with what comes before or after. It is as thick as its thickest
    triangle is high; only the edges of a slab and the moulding around a pane, triangles that are lower than those that
    make up half of the detail's area, count by themselves. A board behind a pane is as thick as what shows around it.
    """
    a, b, c = np.ascontiguousarray(triangles.T)
    reached = np.maximum.accumulate(np.maximum(np.maximum(a, b), c))
    to_come = np.minimum.accumulate(np.minimum(np.minimum(a, b), c)[::-1])[::-1]
    starts = np.concatenate([[True], to_come[1:] > reached[:-1]])
    first = np.flatnonzero(starts)
    detail = np.cumsum(starts) - 1
    axes = np.ascontiguousarray(vertices.T)
    longest = np.zeros(len(triangles), np.float32)
    for here, there in ((a, b), (b, c), (c, a)):
        x, y, z = (axis[there] - axis[here] for axis in axes)
        longest = np.maximum(longest, x * x + y * y + z * z)
    height = 2 * size / np.sqrt(np.maximum(longest, 1e-12))
    order = np.lexsort((height, detail))
    lower = np.cumsum(size[order])
    before = np.concatenate([[0.0], lower])[first]
    half = before + np.add.reduceat(size, first) / 2
    edges = np.zeros(len(triangles), bool)
    edges[order] = lower < half[detail]
    # A triangle as high as the one in the middle is no edge, whatever order the two came in.
    typical = np.minimum.reduceat(np.where(edges, np.inf, height), first)
    edges &= height < 0.9 * typical[detail]
    thickness = np.where(edges, height, np.maximum.reduceat(height, first)[detail])
    board, rim = _boards(vertices, triangles, first, area, size)
    for k in range(2):
        thickness[first[board] + k] = np.minimum(thickness[first[board] + k], rim)
    return len(THIN_M) - np.searchsorted(THIN_M, thickness, side="right")


def _boards(
    vertices: NDArray, triangles: NDArray[np.int64], first: NDArray[np.int64], area: NDArray, size: NDArray
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which details, that start at triangles `first`, are boards mostly hidden by the pane that comes next.

    Both are two triangles that face alike, close together with one middle. Returns also by how much boards are larger [m].
    """
    count = np.diff(np.append(first, len(triangles)))
    board = np.flatnonzero((count[:-1] == 2) & (count[1:] == 2))
    large, small = (size[first[which]] + size[first[which] + 1] for which in (board, board + 1))
    near = (small < large) & (small > _MOST * large)
    board, large, small = board[near], large[near], small[near]
    behind, before = first[board], first[board + 1]
    normal = area[:, behind] / size[behind]
    apart = _middles(vertices, triangles, before) - _middles(vertices, triangles, behind)
    out = (apart * normal).sum(axis=0)
    aside = np.sqrt(np.maximum((apart * apart).sum(axis=0) - out * out, 0.0))
    rim = np.sqrt(large) - np.sqrt(small)
    is_board = (area[:, before] * normal).sum(axis=0) > 0.999 * size[before]
    is_board &= (out > 0) & (out < _PANE_TO_M) & (aside < rim / 2)
    return board[is_board], rim[is_board]


def _middles(vertices: NDArray, triangles: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """The middles (3,n) of the quads whose triangles are `at` and the next."""
    corners = np.concatenate([triangles[at], triangles[at + 1]], axis=1)
    return vertices[corners].mean(axis=1, dtype=np.float64).T


def corners_apart(
    count: int, triangles: NDArray[np.int64], material: NDArray[np.uint32], face: NDArray[np.float32] | None
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Vertices split where their faces differ in material or, given unit normals `face` (m,3) of flat ones, in direction.

    Returns triangles (m,3) of new vertices, and per new vertex the old one and the triangle it belongs to, which is 0
    for those without any.
    """
    flat = triangles.ravel()
    of_corner = np.repeat(np.arange(len(triangles)), 3)
    of_vertex = np.zeros(count, dtype=np.int64)
    of_vertex[flat] = of_corner
    differs = material[of_corner] != material[of_vertex[flat]]
    if face is not None:
        differs |= np.abs(face[of_corner] - face[of_vertex[flat]]).max(axis=1) > 2e-4
    is_split = np.zeros(count, bool)
    is_split[flat[differs]] = True
    added = np.flatnonzero(is_split[flat])
    indices = flat.astype(np.uint32)
    indices[added] = count + np.arange(len(added), dtype=np.uint32)
    vertex = np.concatenate([np.arange(count), flat[added]])
    return indices.reshape(-1, 3), vertex, np.concatenate([of_vertex, of_corner[added]])


def corners_shared(
    count: int, triangles: NDArray[np.int64], material: NDArray[np.uint32], face: NDArray[np.float32]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """As `corners_apart` for flat faces, but only the last corner of each triangle speaks for it: few are split.

    Each triangle looks for a corner that speaks for no other face yet, and is turned until that comes last.
    """
    steps = np.rint(face * _NORMAL_STEPS).astype(np.int64) + _NORMAL_STEPS
    key = ((steps[:, 0] << 13 | steps[:, 1]) << 13 | steps[:, 2]) << 16 | material
    speaks_for = np.full(count, -1, np.int64)
    corner = np.full(len(triangles), 3)
    for which in (2, 0, 1):
        open_ones = np.flatnonzero(corner == 3)
        at = triangles[open_ones, which]
        free = speaks_for[at] < 0
        # Backwards, so that of many the first one has it.
        speaks_for[at[free][::-1]] = open_ones[free][::-1]
        corner[open_ones[key[speaks_for[at]] == key[open_ones]]] = which
    alone = np.flatnonzero(corner == 3)
    corner[alone] = 2
    turned = np.empty((len(triangles), 3), np.uint32)
    for place in range(3):
        turned[:, place] = triangles[np.arange(len(triangles)), (corner + 1 + place) % 3]
    vertex = np.concatenate([np.arange(count), turned[alone, 2].astype(np.int64)])
    turned[alone, 2] = count + np.arange(len(alone), dtype=np.uint32)
    return turned, vertex, np.concatenate([np.maximum(speaks_for, 0), alone])
