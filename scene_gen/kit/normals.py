"""Smooth normals with creases: neighbouring faces are shaded as one surface where they meet at a flat enough angle."""

import numpy as np
from numpy.typing import NDArray

from scene_gen.kit.shapes import cross


def smoothed(
    vertices: NDArray[np.float64], triangles: NDArray[np.int64], crease_cos: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Vertices, triangles, normals (n,3) and the old index of each triangle, with vertices split along creases.

    `crease_cos` (m,) is, for each triangle, the least cosine between its normal and that of a neighbour it blends with;
    1 or more keeps it flat, -1 or less blends with all.
    """
    corners = vertices[triangles]
    weighted = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    unit = weighted / np.maximum(_lengths(weighted), 1e-12)
    flat, soft = np.flatnonzero(crease_cos >= 1), np.flatnonzero(crease_cos <= -1)
    round_ = np.flatnonzero((crease_cos < 1) & (crease_cos > -1))
    old = np.concatenate([flat, soft, round_])
    points, faces, normals = corners[flat].reshape(-1, 3), np.arange(3 * len(flat)), np.repeat(unit[flat], 3, axis=0)
    if len(soft):
        owner, inverse = np.unique(triangles[soft], return_inverse=True)
        at, weights = inverse.reshape(-1), np.repeat(weighted[soft], 3, axis=0)
        bent = np.stack([np.bincount(at, weights[:, axis]) for axis in range(3)], axis=1, dtype=np.float64)
        bent /= np.maximum(_lengths(bent), 1e-12)
        faces = np.concatenate([faces, at + len(points)])
        points, normals = np.concatenate([points, vertices[owner]]), np.concatenate([normals, bent])
    if len(round_):
        owner, inverse, bent = _blended(triangles[round_], weighted[round_], unit[round_], crease_cos[round_])
        faces = np.concatenate([faces, inverse + len(points)])
        points, normals = np.concatenate([points, vertices[owner]]), np.concatenate([normals, bent])
    return points, faces.reshape(-1, 3), normals, old


def _blended(
    triangles: NDArray[np.int64],
    weighted: NDArray[np.float64],
    unit: NDArray[np.float64],
    crease_cos: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Old vertex of each new one, new vertex of each corner, normals (n,3)."""
    corner = triangles.reshape(-1)
    order = np.argsort(corner, kind="stable")
    counts = np.bincount(corner)
    starts = np.cumsum(counts) - counts
    reach = counts[corner]
    first = np.cumsum(reach) - reach
    mine = np.repeat(np.arange(len(corner)), reach)
    theirs = order[np.arange(len(mine)) - first[mine] + starts[corner][mine]] // 3
    cosine = np.einsum("ij,ij->i", unit[mine // 3], unit[theirs])
    blends = cosine >= crease_cos[mine // 3] - 1e-9
    mine, theirs = mine[blends], theirs[blends]
    normals = np.stack(
        [np.bincount(mine, weighted[theirs, i], len(corner)) for i in range(3)], axis=1, dtype=np.float64
    )
    normals /= np.maximum(_lengths(normals), 1e-12)
    steps = np.round(normals * 500).astype(np.int64) + 512
    key = ((corner * 1024 + steps[:, 0]) * 1024 + steps[:, 1]) * 1024 + steps[:, 2]
    _, index, inverse = np.unique(key, return_index=True, return_inverse=True)
    return corner[index], inverse, normals[index]


def _lengths(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths of vectors (n,3), shape (n,1)."""
    return np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
