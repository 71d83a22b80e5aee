"""Smooth normals with creases: neighbouring faces are shaded as one surface where they meet at a flat enough angle."""

import numpy as np
from numpy.typing import NDArray


def smoothed(
    vertices: NDArray[np.float64], triangles: NDArray[np.int64], crease_cos: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Vertices, triangles and normals (n,3) after splitting vertices where faces are not to be shaded as one.

    `crease_cos` (m,) is, for each triangle, the least cosine between its normal and that of a neighbour it blends with.
    """
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    weighted = np.cross(b - a, c - a)
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-12)
    corner = triangles.reshape(-1)
    order = np.argsort(corner, kind="stable")
    counts = np.bincount(corner, minlength=len(vertices))
    starts = np.cumsum(counts) - counts
    reach = counts[corner]
    first = np.cumsum(reach) - reach
    owner = np.repeat(np.arange(len(corner)), reach)
    partner = order[np.arange(len(owner)) - first[owner] + starts[corner][owner]]
    mine, theirs = owner // 3, partner // 3
    blends = np.einsum("ij,ij->i", unit[mine], unit[theirs]) >= crease_cos[mine] - 1e-9
    normals = np.add.reduceat(weighted[theirs] * blends[:, None], first, axis=0)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    steps = np.round(normals * 500).astype(np.int64) + 512
    key = ((corner * 1024 + steps[:, 0]) * 1024 + steps[:, 1]) * 1024 + steps[:, 2]
    _, index, inverse = np.unique(key, return_index=True, return_inverse=True)
    return vertices[corner[index]], inverse.reshape(-1, 3), normals[index]
