"""Triangles that rays can hit, in Embree: what rays meet first, with ids, materials and normals, and what blocks them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import RendererUnavailable
from bridge.render.batches import Triangles


class Embree:
    """Embree's two constructors."""

    def __init__(self, scene: Any, mesh: Any) -> None:
        self.scene, self.mesh = scene, mesh


def open_embree() -> Embree:
    """Embree, or RendererUnavailable where it is not installed."""
    try:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh
    except ImportError as error:
        raise RendererUnavailable(f"embreex is not installed ({error}). pip install embreex") from error
    return Embree(rtcore_scene.EmbreeScene, TriangleMesh)


class Solids:
    """Triangles that rays can hit."""

    def __init__(self, embree: Embree, triangles: Triangles) -> None:
        self.triangles = triangles
        self._scene = None
        if len(triangles.indices):
            self._scene = embree.scene()
            embree.mesh(self._scene, triangles.positions, triangles.indices.astype(np.int32))

    def hits(self, origins: NDArray, directions: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Distances in lengths of the directions (inf: none), triangles (-1: none), barycentric u and v, (n,) each."""
        count = len(origins)
        if self._scene is None or not count:
            none = np.zeros(count, np.float32)
            return np.full(count, np.inf, np.float32), np.full(count, -1, np.int64), none, none
        out = self._scene.run(origins, directions, output=True)
        hit = out["primID"].astype(np.int64)
        return np.where(hit >= 0, out["tfar"], np.float32(np.inf)), hit, out["u"], out["v"]

    def blocked(self, origins: NDArray, directions: NDArray) -> NDArray[np.bool_]:
        """Whether rays hit anything, (n,)."""
        if self._scene is None or not len(origins):
            return np.zeros(len(origins), bool)
        return np.asarray(self._scene.run(origins, directions, query="OCCLUDED")) >= 0


@dataclass(frozen=True, eq=False)
class Hit:
    """What rays met, (n,) each: `depth` in lengths of the rays (inf: sky), `ids`, `materials`, unit `normals` (n,3)."""

    depth: NDArray[np.float32]
    ids: NDArray[np.int64]
    materials: NDArray[np.int64]
    normals: NDArray[np.float32]

    def at(self, chosen: NDArray) -> "Hit":
        """The hits of some of the rays."""
        return Hit(self.depth[chosen], self.ids[chosen], self.materials[chosen], self.normals[chosen])


def nearest(origins: NDArray, rays: NDArray, groups: list[Solids]) -> Hit:
    """The first thing each ray meets in any of the groups."""
    count = len(rays)
    depth = np.full(count, np.inf, np.float32)
    ids, materials = np.zeros(count, np.int64), np.zeros(count, np.int64)
    normals = np.zeros((count, 3), np.float32)
    for group in groups:
        t, face, u, v = group.hits(origins, rays)
        some = np.flatnonzero(t < depth)
        if not len(some):
            continue
        triangles = group.triangles
        corner = triangles.indices[face[some]]
        depth[some] = t[some]
        ids[some] = triangles.ids[corner[:, 0]]
        materials[some] = triangles.materials[corner[:, 0]]
        a, b, c = (triangles.positions[corner[:, k]] for k in range(3))
        w1, w2 = u[some, None], v[some, None]
        n = triangles.normals
        smooth = n[corner[:, 0]] * (1 - w1 - w2) + n[corner[:, 1]] * w1 + n[corner[:, 2]] * w2
        smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
        is_back = (np.cross(b - a, c - a) * rays[some]).sum(axis=1) > 0
        normals[some] = np.where(is_back[:, None], -smooth, smooth)
    return Hit(depth, ids, materials, normals)
