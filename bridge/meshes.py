"""Meshes joined, moved and measured: the few operations that everything which makes geometry needs."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.scene import Mesh


def mesh(
    vertices: ArrayLike,
    triangles: ArrayLike,
    materials: Sequence[str],
    material: ArrayLike = 0,
    normals: ArrayLike | None = None,
) -> Mesh:
    """A Mesh of anything array-like; `material` is one index for all or one a triangle."""
    faces = _frozen(np.asarray(triangles).reshape(-1, 3), np.int32)
    per_face = np.broadcast_to(np.asarray(material, dtype=np.uint16), (len(faces),))
    return Mesh(
        vertices=_frozen(np.asarray(vertices).reshape(-1, 3), np.float32),
        triangles=faces,
        material=_frozen(per_face, np.uint16),
        materials=tuple(materials),
        normals=None if normals is None else _frozen(normals, np.float32),
    )


def merge(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh of many. If any is smooth, flat ones get their faces' own normals (vertices split)."""
    parts = [part for part in meshes if len(part.triangles)]
    if not parts:
        return mesh(np.zeros((0, 3)), np.zeros((0, 3)), ())
    if any(part.normals is not None for part in parts):
        parts = [part if part.normals is not None else with_flat_normals(part) for part in parts]
    names: dict[str, int] = {}
    for part in parts:
        for name in part.materials:
            names.setdefault(name, len(names))
    starts = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    tables = [np.array([names[name] for name in part.materials], dtype=np.uint16) for part in parts]
    smooth = parts[0].normals is not None
    return mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=True)]),
        tuple(names),
        np.concatenate([table[part.material] for part, table in zip(parts, tables, strict=True)]),
        np.concatenate([part.normals for part in parts if part.normals is not None]) if smooth else None,
    )


def transformed(part: Mesh, matrix: ArrayLike) -> Mesh:
    """The mesh moved by a homogeneous matrix (4,4); a mirroring matrix turns the triangles round."""
    matrix = np.asarray(matrix, dtype=np.float64)
    vertices = part.vertices.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    triangles = part.triangles if np.linalg.det(matrix[:3, :3]) > 0 else part.triangles[:, ::-1]
    normals = part.normals
    if normals is not None:
        normals = normals.astype(np.float64) @ np.linalg.inv(matrix[:3, :3])
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return mesh(vertices, triangles, part.materials, part.material, normals)


def with_flat_normals(part: Mesh) -> Mesh:
    """The same faces with three vertices each and the face's normal at all of them."""
    corners = part.vertices[part.triangles]
    normals = face_normals(part)
    return mesh(
        corners.reshape(-1, 3),
        np.arange(3 * len(part.triangles)).reshape(-1, 3),
        part.materials,
        part.material,
        np.repeat(normals, 3, axis=0),
    )


def face_normals(part: Mesh) -> NDArray[np.float32]:
    """Unit normals (m,3), zero for triangles without area."""
    normal = area_vectors(part.vertices, part.triangles)
    return (normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def area_vectors(vertices: NDArray, triangles: NDArray) -> NDArray[np.float64]:
    """Normals (m,3) of triangles, as long as twice their areas [m2]."""
    a, b, c = (vertices[triangles[:, corner]].astype(np.float64).T for corner in range(3))
    (ux, uy, uz), (vx, vy, vz) = b - a, c - a
    return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], axis=1)


def extent(part: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest corner [m], shape (3,) each."""
    low, high = bounds(part.vertices)
    return low.astype(np.float64), high.astype(np.float64)


def bounds(points: NDArray) -> tuple[NDArray, NDArray]:
    """Least and greatest of each column of points (n,k), shape (k,) each; n is 1 or more."""
    columns = np.ascontiguousarray(points.T)  # reduced along rows ten times as fast
    return columns.min(axis=1), columns.max(axis=1)


def _frozen(values: ArrayLike, dtype: type) -> NDArray:
    array = np.ascontiguousarray(values, dtype=dtype)
    if array.flags.writeable and (array is values or array.base is not None):
        array = array.copy()
    array.setflags(write=False)
    return array
