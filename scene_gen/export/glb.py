"""Binary glTF 2.0, written in one piece: meshes grouped by material, shared by as many nodes as need them.

Takes Z-up metres and turns them into glTF's Y-up frame (x, z, -y). Flat meshes go without normals, which glTF defines
as flat shading.
"""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import gltf_from_world, quat_product
from bridge.meshes import bounds
from bridge.scene import Material, Mesh

_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_FLOAT, _UNSIGNED_SHORT, _UNSIGNED_INT = 5126, 5123, 5125
_Y_UP = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])
_TWO_SIDED = ("foliage", "fabric", "glass")
"""Patterns of thin things that are seen from behind as well."""


class GlbWriter:
    """Collects meshes and nodes, then gives the bytes of a .glb."""

    def __init__(self, materials: Mapping[str, Material], *, lamps_lit: bool = True) -> None:
        self._table, self._lamps_lit = materials, lamps_lit
        self._used: dict[str, int] = {}
        self._chunks: dict[str, list[NDArray]] = {"vertices": [], "short": [], "int": [], "instances": []}
        self._sizes = dict.fromkeys(self._chunks, 0)
        self._views: dict[str, int] = {}
        self._extensions: set[str] = set()
        self._required: set[str] = set()
        self.content: dict[str, list[Any]] = {name: [] for name in ("meshes", "accessors", "nodes", "cameras")}
        self.lights: list[dict[str, Any]] = []

    def mesh(self, mesh: Mesh, name: str, extras: Mapping[str, Any] | None = None) -> int:
        """Adds a mesh, a primitive for each of its materials; returns its index."""
        attributes = {"POSITION": self._vectors(mesh.vertices, bounded=True)}
        if mesh.normals is not None:
            length = np.sqrt(np.einsum("ij,ij->i", mesh.normals, mesh.normals))[:, None]
            unit = np.where(length > 1e-6, mesh.normals / np.maximum(length, 1e-6), [0, 0, 1])
            attributes["NORMAL"] = self._vectors(unit)
        counts = np.bincount(mesh.material, minlength=len(mesh.materials)).tolist()
        by_material = mesh.triangles[np.argsort(mesh.material, kind="stable")]
        primitives = [
            {"attributes": attributes, "indices": indices, "material": self._material(material)}
            for material, indices in zip(
                mesh.materials, self._indices(by_material, counts, len(mesh.vertices)), strict=True
            )
            if indices >= 0
        ]
        return self._add("meshes", {"name": name, "primitives": primitives} | _extras(extras))

    def node(self, name: str, **content: Any) -> int:
        """Adds a node without a pose of its own; returns its index."""
        return self._add("nodes", {"name": name} | {key: value for key, value in content.items() if value is not None})

    def placed(
        self, names: Sequence[str], poses: ArrayLike, scale: ArrayLike, contents: Iterable[dict[str, Any]]
    ) -> list[int]:
        """Adds a node for each pose (n,7) and scale (n,3), parent_from_node in Z-up axes; returns their indices."""
        poses, scale = np.asarray(poses, dtype=np.float64).reshape(-1, 7), np.asarray(scale, dtype=np.float64)
        scale = np.broadcast_to(scale, (len(poses), 3))[:, [0, 2, 1]]
        columns = (
            _rounded(gltf_from_world(poses[:, :3]), 6), _rounded(_xyzw(poses[:, 3:]), 9), _rounded(scale, 9),
            (scale != 1).any(axis=1).tolist(), contents,
        )  # fmt: skip
        found = []
        for name, at, turn, size, is_scaled, content in zip(names, *columns, strict=True):
            node = {"name": name, "translation": at, "rotation": turn} | ({"scale": size} if is_scaled else {})
            found.append(self._add("nodes", node | content))
        return found

    def looking(self, name: str, position: ArrayLike, quat_opencv: ArrayLike, **content: Any) -> int:
        """Adds a node for a camera or a light, which in glTF look along their own -Z."""
        quat = quat_product(_Y_UP, quat_product(quat_opencv, [0.0, 1.0, 0.0, 0.0]))
        where = {"translation": _rounded(gltf_from_world(position), 6), "rotation": _rounded(np.roll(quat, -1), 9)}
        return self._add("nodes", {"name": name} | where | content)

    def light(self, light: dict[str, Any]) -> dict[str, Any]:
        """The `extensions` of a node that carries a light of KHR_lights_punctual."""
        if light not in self.lights:
            self.lights.append(light)
        self._extensions.add("KHR_lights_punctual")
        return {"KHR_lights_punctual": {"light": self.lights.index(light)}}

    def instanced(self, poses: NDArray, scale: NDArray) -> dict[str, Any]:
        """The `extensions` of a node whose mesh is drawn once for each pose (n,7) and scale (n,3)."""
        self._extensions.add("EXT_mesh_gpu_instancing")
        self._required.add("EXT_mesh_gpu_instancing")
        columns = {
            "TRANSLATION": ("VEC3", gltf_from_world(poses[:, :3])),
            "ROTATION": ("VEC4", _xyzw(poses[:, 3:])),
            "SCALE": ("VEC3", scale[:, [0, 2, 1]]),
        }
        attributes = {}
        for name, (kind, values) in columns.items():
            offset = self._append("instances", values.astype("<f4"))
            accessor = {"bufferView": "instances", "byteOffset": offset, "componentType": _FLOAT, "count": len(values)}
            attributes[name] = self._add("accessors", accessor | {"type": kind})
        return {"EXT_mesh_gpu_instancing": {"attributes": attributes}}

    def data(self, *, root: Sequence[int], name: str, extras: Mapping[str, Any] | None = None) -> bytes:
        """The whole file."""
        blob, views = self._blob()
        for accessor in self.content["accessors"]:
            accessor["bufferView"] = views[accessor["bufferView"]]
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "simbridge"},
            "scene": 0,
            "scenes": [{"name": name, "nodes": list(root)} | _extras(extras)],
            "materials": [self._material_entry(self._table[used]) for used in self._used],
        }
        document |= {key: value for key, value in self.content.items() if value}
        if blob:
            document["bufferViews"] = self._view_entries
            document["buffers"] = [{"byteLength": sum(map(len, blob))}]
        if self.lights:
            document["extensions"] = {"KHR_lights_punctual": {"lights": self.lights}}
        if self._extensions:
            document["extensionsUsed"] = sorted(self._extensions)
        if self._required:
            document["extensionsRequired"] = sorted(self._required)
        if not document["materials"]:
            del document["materials"]
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        size = sum(map(len, blob))
        chunks = [struct.pack("<II", len(text), 0x4E4F534A), text]
        if size:
            chunks += [struct.pack("<II", size, 0x004E4942), *blob]
        return b"".join([struct.pack("<III", 0x46546C67, 2, 12 + sum(map(len, chunks))), *chunks])

    def _blob(self) -> tuple[list[bytes], dict[str, int]]:
        """Pieces whose sizes are multiples of four, and the buffer view of each kind of chunk."""
        forms = {"vertices": {"byteStride": 12, "target": _ARRAY_BUFFER}, "instances": {}}
        pieces, views, offset = [], {}, 0
        self._view_entries: list[dict[str, Any]] = []
        for name, arrays in self._chunks.items():
            if not arrays:
                continue
            size = self._sizes[name]
            views[name] = len(self._view_entries)
            form = forms.get(name, {"target": _ELEMENT_BUFFER})
            self._view_entries.append({"buffer": 0, "byteOffset": offset, "byteLength": size} | form)
            pieces += [*(array.tobytes() for array in arrays), b"\0" * (-size % 4)]
            offset += size + -size % 4
        return pieces, views

    def _vectors(self, vectors: NDArray, *, bounded: bool = False) -> int:
        turned = gltf_from_world(vectors).astype("<f4", order="C")
        accessor: dict[str, Any] = {"bufferView": "vertices", "byteOffset": self._append("vertices", turned)}
        accessor |= {"componentType": _FLOAT, "count": len(turned), "type": "VEC3"}
        if bounded:
            low, high = bounds(turned)
            accessor |= {"min": low.tolist(), "max": high.tolist()}
        return self._add("accessors", accessor)

    def _indices(self, triangles: NDArray, counts: Sequence[int], vertices: int) -> list[int]:
        """Accessors of consecutive runs of triangles, -1 for runs of none."""
        view, dtype, kind = ("short", "<u2", _UNSIGNED_SHORT) if vertices < 65535 else ("int", "<u4", _UNSIGNED_INT)
        offset = self._append(view, triangles.astype(dtype))
        found = []
        for count in counts:
            accessor = {"bufferView": view, "byteOffset": offset, "componentType": kind, "count": 3 * count}
            found.append(self._add("accessors", accessor | {"type": "SCALAR"}) if count else -1)
            offset += 3 * count * int(dtype[-1])
        return found

    def _append(self, view: str, array: NDArray) -> int:
        offset = self._sizes[view]
        self._chunks[view].append(array)
        self._sizes[view] += array.nbytes
        return offset

    def _add(self, table: str, entry: dict[str, Any]) -> int:
        self.content[table].append(entry)
        return len(self.content[table]) - 1

    def _material(self, name: str) -> int:
        return self._used.setdefault(name, len(self._used))

    def _material_entry(self, material: Material) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "name": material.name,
            "pbrMetallicRoughness": {
                "baseColorFactor": [*_rounded(np.clip(material.base_color, 0, 1), 6), 1.0],
                "metallicFactor": material.metallic,
                "roughnessFactor": material.roughness,
            },
            "extras": {"pattern": material.pattern, "glows_at_night": material.glows_at_night},
        }
        if material.pattern in _TWO_SIDED:
            entry["doubleSided"] = True
        strength = max(material.emission)
        if strength > 0 and (self._lamps_lit or not material.glows_at_night):
            entry["emissiveFactor"] = _rounded(np.array(material.emission) / strength, 6)
            entry["extensions"] = {"KHR_materials_emissive_strength": {"emissiveStrength": strength}}
            self._extensions.add("KHR_materials_emissive_strength")
        return entry


def _xyzw(quat_wxyz: ArrayLike) -> NDArray[np.float64]:
    quat = np.asarray(quat_wxyz, dtype=np.float64)
    return np.concatenate([gltf_from_world(quat[..., 1:]), quat[..., :1]], axis=-1)


def _rounded(values: NDArray, digits: int) -> list[float]:
    return (np.round(np.asarray(values, dtype=np.float64), digits) + 0.0).tolist()


def _extras(extras: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"extras": dict(extras)} if extras else {}
