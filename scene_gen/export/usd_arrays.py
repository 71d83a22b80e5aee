"""OpenUSD's crate files (.usdc) for what is long: points, faces, normals and the faces of each material."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Vt

from bridge.meshes import area_vectors, bounds
from bridge.scene import Mesh
from scene_gen.export.usd_text import Prim

_TYPES = Sdf.ValueTypeNames


class ArrayLayer:
    """The layer below a layer of text: opinions on the same prims, which hold arrays and nothing else."""

    def __init__(self) -> None:
        self.layer = Sdf.Layer.CreateAnonymous(".usdc")
        self.prims: dict[str, Any] = {"": self.layer.pseudoRoot}
        for key, value in (("metersPerUnit", 1.0), ("kilogramsPerUnit", 1.0), ("upAxis", "Z")):
            self.layer.pseudoRoot.SetInfo(key, value)
        self.layer.defaultPrim = "World"

    def save(self, path: Path) -> Path:
        """Writes the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.layer.Export(str(path))
        return path

    def add_mesh(self, prim: Prim, mesh: Mesh, looks: dict[str, str]) -> None:
        """Fills a prim of type Mesh: arrays here; in the text its extent, and a material or a subset for each."""
        spec = self.add_shape(prim, mesh.vertices, mesh.triangles, mesh.normals)
        names = list(dict.fromkeys(mesh.materials))
        material = mesh.material
        if len(names) < len(mesh.materials):
            material = np.array([names.index(name) for name in mesh.materials])[material]
        counts = np.bincount(material, minlength=len(names)).tolist()
        if sum(count > 0 for count in counts) == 1:
            prim.bind(looks[names[material[0]]])
            return
        prim.set("uniform token subsetFamily:materialBind:familyType", '"partition"')
        order = np.argsort(material, kind="stable").astype(np.int32)
        start = 0
        for name, count in zip(names, counts, strict=True):
            if count:
                identifier = looks[name].rpartition("/")[2]
                subset = prim.child(identifier, "GeomSubset")
                subset.set("uniform token familyName", '"materialBind"')
                subset.bind(looks[name])
                below = Sdf.PrimSpec(spec, identifier, Sdf.SpecifierOver)
                _set(below, "indices", _TYPES.IntArray, Vt.IntArray.FromNumpy(order[start : start + count]))
            start += count

    def add_shape(self, prim: Prim, vertices: NDArray, triangles: NDArray, normals: NDArray | None = None) -> Any:
        """Triangles that are not to be subdivided; without `normals` (n,3) the faces are flat. Stray points are dropped."""
        is_used = np.zeros(len(vertices), dtype=bool)
        is_used[triangles] = True
        if not is_used.all():
            triangles = (np.cumsum(is_used) - 1)[triangles]
            vertices, normals = vertices[is_used], None if normals is None else normals[is_used]
        prim.set("uniform token subdivisionScheme", '"none"')
        prim.set_extent(*bounds(vertices))
        spec = self._over(prim.path)
        _set(spec, "points", _TYPES.Point3fArray, _vectors(vertices))
        flat = np.ascontiguousarray(triangles.reshape(-1), dtype=np.int32)
        _set(spec, "faceVertexIndices", _TYPES.IntArray, Vt.IntArray.FromNumpy(flat))
        _set(spec, "faceVertexCounts", _TYPES.IntArray, Vt.IntArray(len(triangles), 3))
        interpolation = "vertex" if normals is not None else "uniform"
        unit = face_directions(vertices, triangles) if normals is None else _unit(normals)
        _set(spec, "normals", _TYPES.Normal3fArray, _vectors(unit)).SetInfo("interpolation", interpolation)
        return spec

    def add_instances(self, prim: Prim, poses: NDArray, scale: NDArray, ids: list[int]) -> None:
        """Fills a prim of type PointInstancer that has one prototype."""
        from pxr import Gf

        spec = self._over(prim.path)
        _set(spec, "protoIndices", _TYPES.IntArray, Vt.IntArray(len(ids), 0))
        _set(spec, "positions", _TYPES.Point3fArray, _vectors(poses[:, :3]))
        turns = Vt.QuathArray([Gf.Quath(*quat) for quat in poses[:, 3:].tolist()])
        _set(spec, "orientations", _TYPES.QuathArray, turns)
        _set(spec, "scales", _TYPES.Float3Array, _vectors(scale))
        _set(spec, "ids", _TYPES.Int64Array, Vt.Int64Array(ids))

    def _over(self, path: str) -> Any:
        found = self.prims.get(path)
        if found is None:
            parent, _, name = path.rpartition("/")
            found = self.prims[path] = Sdf.PrimSpec(self._over(parent), name, Sdf.SpecifierOver)
        return found


def face_directions(vertices: NDArray, triangles: NDArray) -> NDArray[np.float64]:
    """Unit normals (m,3) of triangles; upwards where one has no area."""
    return _unit(area_vectors(vertices, triangles))


def _unit(directions: NDArray) -> NDArray[np.float64]:
    length = np.sqrt(np.einsum("ij,ij->i", directions, directions, dtype=np.float64))[:, None]
    return np.where(length > 0, directions / np.maximum(length, 1e-30), [0.0, 0.0, 1.0])


def _set(spec: Any, name: str, kind: Any, value: Any) -> Any:
    attribute = Sdf.AttributeSpec(spec, name, kind)
    attribute.default = value
    return attribute


def _vectors(array: NDArray) -> Any:
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(array, dtype=np.float32))
