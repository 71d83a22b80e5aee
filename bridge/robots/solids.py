"""MuJoCo's geoms as meshes: primitives tessellated, meshes shaded smooth but for their edges."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.meshes import mesh
from bridge.scene import Mesh

_EDGE = float(np.cos(np.radians(35)))
"""Faces that meet at more than this angle show an edge."""


def solid_mesh(model: mujoco.MjModel, geom: int, material: str) -> Mesh | None:
    """The surface of a geom in its own frame; None for what has none (planes, height fields)."""
    kind, size = mujoco.mjtGeom(int(model.geom_type[geom])), model.geom_size[geom]
    if kind == mujoco.mjtGeom.mjGEOM_MESH:
        index = int(model.geom_dataid[geom])
        first, count = int(model.mesh_vertadr[index]), int(model.mesh_vertnum[index])
        face, faces = int(model.mesh_faceadr[index]), int(model.mesh_facenum[index])
        return smooth(model.mesh_vert[first : first + count], model.mesh_face[face : face + faces], material)
    import trimesh  # takes longer to load than a small town, which mostly has no robots

    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        made = trimesh.creation.box(2 * size)
    elif kind in (mujoco.mjtGeom.mjGEOM_SPHERE, mujoco.mjtGeom.mjGEOM_ELLIPSOID):
        made = trimesh.creation.icosphere(subdivisions=3)
        made.apply_scale(size if kind == mujoco.mjtGeom.mjGEOM_ELLIPSOID else np.full(3, size[0]))
    elif kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        made = trimesh.creation.capsule(height=2 * size[1], radius=size[0], count=[16, 16])
        made.apply_translation([0.0, 0.0, -made.bounds.mean(axis=0)[2]])
    elif kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        made = trimesh.creation.cylinder(radius=size[0], height=2 * size[1], sections=24)
    else:
        return None
    return smooth(np.asarray(made.vertices), np.asarray(made.faces), material)


def smooth(vertices: NDArray, triangles: NDArray, material: str) -> Mesh:
    """A mesh whose corners have the mean normal of the faces around that meet theirs without an edge."""
    vertices, corner_vertex = np.unique(np.round(vertices[triangles.reshape(-1)], 7), axis=0, return_inverse=True)
    triangles = corner_vertex.reshape(-1, 3)
    a, b, c = (vertices[triangles[:, corner]].astype(np.float64) for corner in range(3))
    area = np.cross(b - a, c - a)
    size = np.linalg.norm(area, axis=1)
    kept = size > 1e-14
    triangles, area, size = triangles[kept], area[kept], size[kept]
    unit = area / size[:, None]
    corner_vertex, corner_face = triangles.reshape(-1), np.repeat(np.arange(len(triangles)), 3)
    order = np.argsort(corner_vertex, kind="stable")
    starts = np.searchsorted(corner_vertex[order], np.arange(len(vertices) + 1))
    normals = np.zeros((len(corner_vertex), 3))
    first, last = starts[corner_vertex], starts[corner_vertex + 1]
    for turn in range(int((last - first).max(initial=0))):
        has = np.flatnonzero(first + turn < last)
        other = corner_face[order[first[has] + turn]]
        meets = np.einsum("ij,ij->i", unit[other], unit[corner_face[has]]) > _EDGE
        normals[has[meets]] += area[other[meets]]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    alike = np.column_stack([corner_vertex, np.round(normals, 4)])
    _, first_seen, index = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    return mesh(vertices[corner_vertex[first_seen]], index.reshape(-1, 3), (material,), 0, normals[first_seen])
