"""Whether all meshes and colliders of a scene keep the rules, looked at together: thousands of small arrays are slow one by one."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Collider, Mesh, Scene


def solids_are_sound(scene: Scene) -> bool:
    """Whether no mesh and no collider breaks a rule. Which one does, and how, wellformed.py finds out one by one."""
    owners = (*scene.assets.values(), *scene.parts)
    meshes = [*chain.from_iterable(asset.lods for asset in scene.assets.values()), *(part.mesh for part in scene.parts)]
    return _are_meshes(meshes, scene) and _are_solids([solid for owner in owners for solid in owner.colliders])


def _are_meshes(meshes: Sequence[Mesh], scene: Scene) -> bool:
    for mesh in meshes:
        smooth = mesh.normals is None or _is_table(mesh.normals, len(mesh.vertices))
        if not (_is_table(mesh.vertices) and _is_table(mesh.triangles) and smooth):
            return False
        if mesh.material.shape != (len(mesh.triangles),):
            return False
    points = [mesh.vertices for mesh in meshes] + [mesh.normals for mesh in meshes if mesh.normals is not None]
    return (
        _are_finite(points)
        and _are_within([mesh.triangles for mesh in meshes], [len(mesh.vertices) for mesh in meshes])
        and _are_within([mesh.material for mesh in meshes], [len(mesh.materials) for mesh in meshes])
        and scene.materials.keys() >= set(chain.from_iterable({mesh.materials for mesh in meshes}))
    )


def _are_solids(solids: Sequence[Collider]) -> bool:
    numbers = [(*solid.size, *solid.pose) for solid in solids]
    if any(len(row) != 10 for row in numbers) or not np.isfinite(np.array(numbers, dtype=np.float64)).all():
        return False
    hulls = [solid.points for solid in solids if solid.shape == "hull"]
    if not all(points is not None and _is_table(points) and len(points) >= 4 for points in hulls):
        return False
    measured = [min(solid.size) for solid in solids if solid.shape not in ("hull", "mesh")]
    return min(measured, default=1.0) > 0 and _are_finite([points for points in hulls if points is not None])


def _is_table(array: NDArray, rows: int | None = None) -> bool:
    return array.ndim == 2 and array.shape[1] == 3 and (rows is None or array.shape[0] == rows)


def _are_finite(arrays: Iterable[NDArray]) -> bool:
    flat = [array.reshape(-1) for array in arrays if array.dtype.kind == "f"]
    return not flat or bool(np.isfinite(np.concatenate(flat)).all())


def _are_within(indices: Sequence[NDArray], counts: Sequence[int]) -> bool:
    """Whether each array's entries are from 0 to below its count."""
    sizes = np.array([array.size for array in indices], dtype=np.int64)
    if not sizes.any():
        return True
    flat = np.concatenate([array.reshape(-1) for array in indices])
    limit = np.repeat(np.array(counts, dtype=np.int64), sizes)
    return bool((flat >= 0).all() and (flat < limit).all())
