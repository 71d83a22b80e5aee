"""A scene on disk: `scene.json` with every record and every pose, `geometry.npz` with meshes, terrain and navigation.

`scene.json` alone says what stands where (kinds, poses, outlines, streets, weather), for scripts that judge a town.
Both files depend on the scene alone, byte for byte; reading gives back the same digest, layer by layer.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.collecting import not_collecting
from bridge.errors import DamagedFile, InvalidInput, InvalidScene, NewerFormat
from bridge.formats.arrays import npz_bytes, read_npz
from bridge.formats.records import Complaint, check_dtypes, decode, decoder, encode
from bridge.formats.wellformed import check_scene
from bridge.scene import SCHEMA_VERSION, Collider, Mesh, NavigationGraph, Scene, Terrain

FORMAT = "simbridge-scene"
FILES = ("scene.json", "geometry.npz")
"""What a scene's folder holds; whatever else lies there is not read."""
MAX_JSON_BYTES = 1 << 29
MAX_GEOMETRY_BYTES = 1 << 30

_STORED: dict[tuple[type, str], tuple[str, str, int]] = {
    (Terrain, "heights"): ("terrain_heights", "<f4", 2),
    (Terrain, "surface"): ("terrain_surface", "|u1", 2),
    (NavigationGraph, "nodes"): ("navigation_nodes", "<f8", 2),
    (NavigationGraph, "node_kind"): ("navigation_node_kind", "|u1", 1),
    (NavigationGraph, "edges"): ("navigation_edges", "<i4", 2),
    (NavigationGraph, "edge_kind"): ("navigation_edge_kind", "|u1", 1),
}
"""Fields that live in geometry.npz: array name, dtype, dimensions."""

_MESHES: dict[str, tuple[str, int]] = {
    "vertices": ("<f4", 2),
    "triangles": ("<i4", 2),
    "triangle_material": ("<u2", 1),
    "normals": ("<f4", 2),
    "mesh_ranges": ("<i8", 2),
    "hull_points": ("<f4", 2),
}
"""All meshes one after another; `mesh_ranges` (n,6): start and count of vertices, triangles, normals (-1: flat)."""

_EXPECTED = _MESHES | {name: (dtype, dimensions) for name, dtype, dimensions in _STORED.values()}


def write_scene(scene: Scene, folder: Path, *, is_packed: bool = True) -> tuple[Path, Path]:
    """Writes `scene.json` and `geometry.npz` into `folder`, which is made; returns their paths. Raises InvalidScene.

    For `is_packed` see `scene_files`.
    """
    files = scene_files(scene, is_packed=is_packed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "scene.json", folder / "geometry.npz"
    for path in reversed(paths):
        _replace(path, files[path.name])
    return paths


def scene_files(scene: Scene, *, is_packed: bool = True) -> dict[str, bytes]:
    """What the files of a scene's folder hold, by their names. Raises InvalidScene.

    Not packed, the geometry is three times as large and made in a fifth of the time: for what is read once and at once.
    """
    with not_collecting():
        return _files(scene, is_packed)


def _files(scene: Scene, is_packed: bool) -> dict[str, bytes]:
    check_scene(scene)
    store = _Writer()
    records = {item.name: encode(getattr(scene, item.name), item.name, store.hooks()) for item in fields(scene)}
    geometry = npz_bytes(store.arrays(), level=1 if is_packed else 0)
    header = {
        "format": FORMAT,
        "schema": SCHEMA_VERSION,
        "geometry": {"file": "geometry.npz", "sha256": hashlib.sha256(geometry).hexdigest(), "bytes": len(geometry)},
        "layers": scene.layer_digests(),
        "counts": dict(sorted(Counter(row.kind for row in scene.instances()).items())),
    }
    return {"scene.json": _text(header | records), "geometry.npz": geometry}


def read_scene(folder: Path | str, *, checks_layers: bool = True) -> Scene:
    """The scene in a town's folder; raises InvalidInput (missing, damaged, newer, hostile) or InvalidScene (breaks a rule).

    Whoever compares the scene's digest with one that he trusts may leave the digests of its layers unchecked.
    """
    with not_collecting():
        return _read(Path(folder), checks_layers)


def _read(folder: Path, checks_layers: bool) -> Scene:
    path = folder / "scene.json"
    content = _json(_bytes(path, MAX_JSON_BYTES), path)
    _check_header(content, path)
    reader = _Reader(_geometry(content.get("geometry"), folder), path)
    scene = decode(Scene, {key: content[key] for key in content if key not in _HEADER}, str(path), reader.hooks())
    try:
        check_scene(scene)
    except InvalidScene as error:
        raise InvalidScene(f"{path}: {error}") from error
    if checks_layers:
        _check_layers(content.get("layers"), scene, path)
    return scene


_HEADER = ("format", "schema", "geometry", "layers", "counts")


class _Writer:
    """Collects meshes and big arrays while records are encoded."""

    def __init__(self) -> None:
        self.meshes: list[Mesh] = []
        self.points: list[NDArray] = []
        self.point_count = 0
        self.stored: dict[str, NDArray] = {}

    def hooks(self) -> dict[Any, Callable[[Any], Any]]:
        table: dict[Any, Callable[[Any], Any]] = {Mesh: self.mesh, (Collider, "points"): self.hull}
        for key, (name, dtype, _) in _STORED.items():
            table[key] = lambda array, name=name, dtype=dtype: self.store(name, array, dtype)
        return table

    def mesh(self, mesh: Mesh) -> dict[str, Any]:
        check_dtypes(mesh)
        self.meshes.append(mesh)
        return {"index": len(self.meshes) - 1, "triangles": len(mesh.triangles), "materials": list(mesh.materials)}

    def hull(self, points: NDArray | None) -> list[int] | None:
        if points is None:
            return None
        start, self.point_count = self.point_count, self.point_count + len(points)
        self.points.append(points)
        return [start, len(points)]

    def store(self, name: str, array: NDArray, dtype: str) -> dict[str, Any]:
        self.stored[name] = array.astype(dtype, copy=False)
        return {"array": name, "shape": list(array.shape)}

    def arrays(self) -> dict[str, NDArray]:
        meshes, normals = self.meshes, [mesh.normals for mesh in self.meshes if mesh.normals is not None]
        vertices = np.array([len(mesh.vertices) for mesh in meshes], dtype=np.int64)
        triangles = np.array([len(mesh.triangles) for mesh in meshes], dtype=np.int64)
        smooth = np.array([mesh.normals is not None for mesh in meshes], dtype=bool)
        counts = np.where(smooth, vertices, 0)
        ranges = [
            _starts(vertices),
            vertices,
            _starts(triangles),
            triangles,
            np.where(smooth, _starts(counts), -1),
            counts,
        ]
        packed = {
            "vertices": _stack([mesh.vertices for mesh in meshes], 3, "<f4"),
            "triangles": _stack([mesh.triangles for mesh in meshes], 3, "<i4"),
            "triangle_material": _stack([mesh.material for mesh in meshes], 0, "<u2"),
            "normals": _stack(normals, 3, "<f4"),
            "mesh_ranges": np.stack(ranges, axis=1).astype("<i8"),
            "hull_points": _stack(self.points, 3, "<f4"),
        }
        return packed | {name: self.stored[name] for name, _, _ in _STORED.values()}


class _Reader:
    """Gives meshes and big arrays back while records are decoded."""

    def __init__(self, arrays: dict[str, NDArray], path: Path) -> None:
        self.arrays = arrays
        self._texts, self._range = decoder(tuple[str, ...], {}), decoder(tuple[int, int], {})
        ranges = arrays["mesh_ranges"]
        sizes = [len(arrays[name]) for name in ("vertices", "triangles", "normals")]
        good = ranges.shape[1] == 6 and len(arrays["triangle_material"]) == sizes[1]
        for name in ("vertices", "triangles", "normals", "hull_points"):
            good = good and arrays[name].shape[1] == 3
        if good:
            starts, counts = ranges[:, ::2], ranges[:, 1::2]
            good = bool((counts >= 0).all() and (starts >= -1).all() and (starts[:, :2] >= 0).all())
            good = good and bool((starts + counts <= np.array(sizes)).all())
        if not good:
            raise InvalidInput(
                f"{path.parent / 'geometry.npz'}: its tables do not fit each other. Generate the town again."
            )
        self._ranges: list[list[int]] = ranges.tolist()

    def hooks(self) -> dict[Any, Callable[[Any], Any]]:
        table: dict[Any, Callable[[Any], Any]] = {Mesh: self.mesh, (Collider, "points"): self.hull}
        for key, (name, _, _) in _STORED.items():
            table[key] = lambda value, name=name: self.arrays[name]
        return table

    def mesh(self, value: Any) -> Mesh:
        index = value.get("index") if isinstance(value, dict) else None
        arrays = self.arrays
        if type(index) is not int or not 0 <= index < len(self._ranges):
            raise Complaint(f"points at no mesh of geometry.npz; it holds {len(self._ranges)}.")
        try:
            materials = self._texts(value.get("materials"))
        except Complaint as error:
            raise error.at(".materials") from None
        v, nv, t, nt, n, nn = self._ranges[index]
        return Mesh(
            arrays["vertices"][v : v + nv],
            arrays["triangles"][t : t + nt],
            arrays["triangle_material"][t : t + nt],
            materials,
            None if n < 0 else arrays["normals"][n : n + nn],
        )

    def hull(self, value: Any) -> NDArray | None:
        if value is None:
            return None
        start, count = self._range(value)
        if start < 0 or count < 0 or start + count > len(self.arrays["hull_points"]):
            raise Complaint("points outside the hull points of geometry.npz.")
        return self.arrays["hull_points"][start : start + count]


def _starts(counts: NDArray) -> NDArray:
    return np.cumsum(counts) - counts


def _stack(arrays: list[NDArray], columns: int, dtype: str) -> NDArray:
    empty = np.zeros((0, columns) if columns else 0, dtype)
    return np.concatenate([empty, *arrays]).astype(dtype, copy=False)


def _text(content: dict[str, Any]) -> bytes:
    """JSON with one record a line: small to read, easy to compare."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n  ".join(_dump(item) for item in value)
            lines.append(f'"{key}": [\n  {rows}\n]')
        elif isinstance(value, dict) and value and isinstance(next(iter(value.values())), dict):
            rows = ",\n  ".join(f"{_dump(name)}: {_dump(item)}" for name, item in value.items())
            lines.append(f'"{key}": {{\n  {rows}\n}}')
        else:
            lines.append(f'"{key}": {_dump(value)}')
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    return text.encode("utf-8", errors="backslashreplace")


_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _bytes(path: Path, limit: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit:
            raise InvalidInput(f"{path} has {size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB are read.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no {path}. A town is a folder that scenegen has written.") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error


def _json(data: bytes, path: Path) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number")

    try:
        content = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(
            f"{path} is not readable JSON ({error}). It may be cut short; generate the town again."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InvalidInput(f"{path} is not a scene of simbridge: it has no format '{FORMAT}'.")
    return content


def _check_header(content: dict[str, Any], path: Path) -> None:
    schema = content.get("schema")
    if type(schema) is not int or schema < 1:
        raise InvalidInput(f"{path} has the schema {schema!r}; expected {SCHEMA_VERSION}.")
    if schema > SCHEMA_VERSION:
        raise NewerFormat(
            f"{path} has schema {schema}; this simbridge reads up to {SCHEMA_VERSION}. Update with `pip install -U simbridge`."
        )


def _geometry(entry: Any, folder: Path) -> dict[str, NDArray]:
    path = folder / "geometry.npz"
    if not isinstance(entry, dict) or entry.get("file") != path.name:
        found = entry.get("file") if isinstance(entry, dict) else entry
        raise InvalidInput(f"{folder / 'scene.json'} names its geometry {found!r}; expected '{path.name}' beside it.")
    data = _bytes(path, MAX_GEOMETRY_BYTES)
    found = hashlib.sha256(data).hexdigest()
    if found != entry.get("sha256"):
        raise DamagedFile(
            f"{path} is not the file that scene.json was written with: its {len(data):,} bytes have the SHA-256 "
            f"{found[:12]}..., not {str(entry.get('sha256'))[:12]}... Copy both files again, or generate the town again."
        )
    return read_npz(data, _EXPECTED, name=str(path))


def _check_layers(layers: Any, scene: Scene, path: Path) -> None:
    if layers is None:
        return
    found = scene.layer_digests()
    if not isinstance(layers, dict):
        raise InvalidInput(f'{path}: "layers" holds no digests. Delete the line to read the file without them.')
    for name, value in found.items():
        if layers.get(name) != value:
            raise InvalidInput(
                f"{path}: '{name}' is not what was written. If the change is meant, delete the line \"layers\"; if not, generate the town again."
            )
