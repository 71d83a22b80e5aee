"""The user's own models: a folder of glb or obj files with a manifest, read into assets that replace or add to kinds.

assets.json: {"assets": [{"file": "trawler.glb", "kind": "fishing-boat", "licence": "CC-BY-4.0 Jo Doe",
"length_m": 14.0, "front": "+z", "up": "+y", "replaces": true, "mass_kg": 20000, "is_movable": false,
"words": "old blue"}, ...]}.
`file`, `kind` and `licence` are needed. `length_m` is the size from back to front; without it, or `height_m`, the file
is taken to be in metres. `front` and `up` are the file's axes (glTF: "+z" and "+y"). `semantic` is the kind's own
unless given. `replaces` (default) keeps the kit's variants of that kind away; false adds to them.
`words` are adjectives that fit it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import read_only
from bridge.meshes import extent, merge, mesh
from bridge.plugins import unknown_name
from bridge.scene import Asset, Collider, Material, Mesh
from bridge.semantics import CLASS_ID
from scene_gen.kinds import KINDS, members
from scene_gen.kit import catalog, shapes

MANIFEST = "assets.json"
MOST_TRIANGLES = 200_000
MOST_BYTES = 200_000_000
_AXES = {f"{sign}{name}": np.eye(3)[i] * (1 if sign == "+" else -1) for i, name in enumerate("xyz") for sign in "+-"}
_FIELDS = {
    "file": str, "kind": str, "licence": str, "length_m": (int, float), "height_m": (int, float), "front": str,
    "up": str, "semantic": str, "mass_kg": (int, float), "is_movable": bool, "replaces": bool,
    "words": str,
}  # fmt: skip
_FLOATS = ("boat",)


@dataclass(frozen=True, eq=False)
class CustomCatalog:
    """The kit's catalogue with the user's assets over it; it offers what scene_gen.kit.catalog does.

    `assets`, `materials` and `adjectives` by name are the user's; `replaced` are kinds whose own variants stay away.
    """

    assets: Mapping[str, Asset]
    materials: Mapping[str, Material]
    adjectives: Mapping[str, tuple[str, ...]]
    replaced: tuple[str, ...]

    def asset(self, name: str) -> Asset:
        """The asset of that name, the user's or the kit's. Raises UnknownName."""
        return self.assets[name] if name in self.assets else catalog.asset(name)

    def names_of_kind(self, kind: str) -> tuple[str, ...]:
        """The variants of a kind or group: the kit's, unless replaced, then the user's."""
        own = (name for name in catalog.names_of_kind(kind) if catalog.asset(name).kind not in self.replaced)
        return (*own, *(name for name, asset in self.assets.items() if asset.kind in members(kind)))

    def words(self, name: str) -> tuple[str, ...]:
        """Adjectives that fit a variant."""
        return self.adjectives[name] if name in self.assets else catalog.words(name)

    def matching(self, kind: str, attributes: tuple[str, ...]) -> tuple[str, ...]:
        """The variants of a kind that fit the most of these adjectives; all of them where none fits any."""
        hits = {name: len(set(self.words(name)) & set(attributes)) for name in self.names_of_kind(kind)}
        most = max(hits.values(), default=0)
        return tuple(name for name, count in hits.items() if count == most)

    def seasonal(self, name: str, season: str, snow_cover: float = 0.0) -> str:
        """The name of the same thing in that season; the user's own things look the same all year."""
        return name if name in self.assets else catalog.seasonal(name, season, snow_cover)

    def riding(self, name: str) -> str:
        """The name of somebody's asset while they ride; "" for those that do not, and for things of one's own."""
        return "" if name in self.assets else catalog.riding(name)

    def for_season(self, kind: str, season: str, snow_cover: float = 0.0) -> tuple[str, ...]:
        """The variants of a kind or group as they look in that season."""
        return tuple(self.seasonal(name, season, snow_cover) for name in self.names_of_kind(kind))


def catalog_with(folder: Path) -> CustomCatalog:
    """The catalogue with the assets of a folder that holds an assets.json. Raises InvalidInput naming the file, the place and the remedy."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise InvalidInput(f"{folder} has no {MANIFEST}. Write one that lists file, kind and licence of each model.")
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{manifest} is not JSON: {error}. Correct it there.") from error
    rows = content.get("assets") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise InvalidInput(f'{manifest} lists no assets; expected {{"assets": [{{"file": ..., "kind": ...}}]}}.')
    assets: dict[str, Asset] = {}
    materials: dict[str, Material] = {}
    adjectives: dict[str, tuple[str, ...]] = {}
    replaced: dict[str, None] = {}
    for index, row in enumerate(rows):
        where = f"{manifest}, asset {index + 1}"
        checked = _checked(row, where)
        number = sum(asset.kind == checked["kind"] for asset in assets.values()) + 1
        name = f"my-{checked['kind']}-{number}"
        assets[name], own = _asset(name, checked, folder, where)
        materials |= own
        adjectives[name] = tuple(checked.get("words", "").split())
        if checked.get("replaces", True):
            replaced.setdefault(checked["kind"])
    return CustomCatalog(assets, materials, adjectives, tuple(replaced))


def _checked(row: Any, where: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise InvalidInput(f"{where} is {type(row).__name__}; expected an object with file, kind and licence.")
    for key, value in row.items():
        if key not in _FIELDS:
            raise InvalidInput(f"{where}: {unknown_name('field', key, _FIELDS)}")
        wanted = _FIELDS[key]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise InvalidInput(f"{where}: '{key}' is {value!r}; expected {_type_name(wanted)}.")
    for key in ("file", "kind", "licence"):
        if not row.get(key):
            raise InvalidInput(f"{where} has no '{key}'. Add it.")
    for key in ("length_m", "height_m", "mass_kg"):
        if key in row and not 0 < row[key] < 1e9:
            raise InvalidInput(f"{where}: '{key}' is {row[key]}; expected a positive number.")
    kind = KINDS.get(row["kind"])
    if kind is None or kind.realised != "asset" or kind.members:
        known = [k.name for k in KINDS.values() if k.realised == "asset" and not k.members]
        raise InvalidInput(f"{where}: {unknown_name('kind of asset', row['kind'], known)}")
    if row.get("semantic", kind.semantic) not in CLASS_ID:
        raise InvalidInput(f"{where}: {unknown_name('semantic class', row['semantic'], CLASS_ID)}")
    for key in ("front", "up"):
        if row.get(key, "+x") not in _AXES:
            raise InvalidInput(f"{where}: '{key}' is {row[key]!r}; expected one of {', '.join(_AXES)}.")
    return row


def _type_name(wanted: Any) -> str:
    return {str: "text", bool: "true or false"}.get(wanted, "a number")


def _asset(name: str, row: Mapping[str, Any], folder: Path, where: str) -> tuple[Asset, dict[str, Material]]:
    path = (folder / row["file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidInput(f"{where}: '{row['file']}' lies outside {folder}. Copy the file into the folder.")
    if not path.is_file():
        raise InvalidInput(f"{where}: there is no file {path}. Correct 'file', or put it there.")
    if path.suffix.lower() not in (".glb", ".gltf", ".obj", ".ply", ".stl"):
        raise InvalidInput(f"{where}: {path.name} is not glb, gltf, obj, ply or stl. Convert it to glb.")
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(f"{where}: {path.name} is larger than {MOST_BYTES // 1_000_000} MB. Reduce it first.")
    parts, materials = _read(path, name, where)
    whole = merge(parts)
    if len(whole.triangles) > MOST_TRIANGLES:
        raise InvalidInput(f"{where}: {path.name} has {len(whole.triangles)} triangles; at most {MOST_TRIANGLES} fit.")
    kind = KINDS[row["kind"]]
    standing = _standing(whole, row, where, is_afloat=kind.semantic in _FLOATS)
    low, high = extent(standing)
    x, y, z = (float(v) for v in high - low)
    middle = (low + high) / 2
    box = Collider("box", (x, y, z), (float(middle[0]), float(middle[1]), float(middle[2]), 1.0, 0.0, 0.0, 0.0))
    far = _box_mesh(low, high, standing)
    return Asset(
        name=name,
        kind=kind.name,
        semantic=row.get("semantic", kind.semantic),
        lods=(standing, far) if len(standing.triangles) > 12 else (standing,),
        colliders=(box,),
        size=(x, y, z),
        mass_kg=float(row.get("mass_kg", max(1.0, 150 * x * y * z))),
        is_movable=bool(row.get("is_movable", False)),
        licence=row["licence"],
    ), materials


def _read(path: Path, name: str, where: str) -> tuple[list[Mesh], dict[str, Material]]:
    """The file's meshes in its own axes and units, and their materials, named after the asset."""
    import trimesh

    try:
        scene = trimesh.load_scene(path)
    except (ValueError, KeyError, IndexError, TypeError, OSError, AttributeError) as error:
        raise InvalidInput(f"{where}: {path.name} cannot be read ({error}). Export it again as glb.") from error
    parts, materials = [], {}
    for node in sorted(scene.graph.nodes_geometry):
        matrix, geometry = scene.graph[node]
        shape = scene.geometry[geometry]
        if not isinstance(shape, trimesh.Trimesh) or not len(shape.faces):
            continue
        vertices = np.asarray(shape.vertices, dtype=np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        if not np.isfinite(vertices).all():
            raise InvalidInput(f"{where}: {path.name} holds coordinates that are not numbers. Export it again.")
        faces = np.asarray(shape.faces)
        faces = faces[:, ::-1] if np.linalg.det(matrix[:3, :3]) < 0 else faces
        material = _material(shape.visual, f"{name}-{len(materials) + 1}")
        materials[material.name] = material
        parts.append(mesh(vertices, faces, (material.name,)))
    if not parts:
        raise InvalidInput(f"{where}: {path.name} holds no triangles. Export its surfaces, not only curves or points.")
    return parts, materials


def _material(visual: Any, name: str) -> Material:
    """One colour for one mesh: the material's base colour, or the mean of vertex colours or texture, as linear rgb."""
    source = getattr(visual, "material", None)
    roughness, metallic = getattr(source, "roughnessFactor", None), getattr(source, "metallicFactor", None)
    factor = getattr(source, "baseColorFactor", None)
    texture = getattr(source, "baseColorTexture", None) or getattr(source, "image", None)
    if texture is not None:
        color = np.asarray(texture.convert("RGB").resize((1, 1)), dtype=float).reshape(3) / 255
        color = color if factor is None else color * np.asarray(factor, dtype=float)[:3] / 255
    elif factor is not None:
        color = np.asarray(factor, dtype=float)[:3] / 255
    else:
        color = np.asarray(visual.main_color if source is None else source.main_color, dtype=float)[:3] / 255
    linear = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    r, g, b = (round(float(v), 5) for v in linear)
    return Material(
        name,
        (r, g, b),
        0.8 if roughness is None else float(roughness),
        0.0 if metallic is None else float(metallic),
    )


def _standing(whole: Mesh, row: Mapping[str, Any], where: str, *, is_afloat: bool) -> Mesh:
    """Turned to X forward and Z up, scaled to metres, its underside's middle at the origin; boats keep their height."""
    front, up = _AXES[row.get("front", "+z")], _AXES[row.get("up", "+y")]
    if abs(front @ up) > 0.5:
        raise InvalidInput(f"{where}: 'front' and 'up' lie on one axis. They are the file's axes, such as +z and +y.")
    turn = np.stack([front, np.cross(up, front), up])
    vertices = whole.vertices.astype(np.float64) @ turn.T
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    scale = _scale(high - low, row, where)
    vertices = (vertices - [*((low + high) / 2)[:2], 0.0 if is_afloat else low[2]]) * scale
    return Mesh(read_only(vertices, np.float32), whole.triangles, whole.material, whole.materials)


def _scale(size: NDArray[np.float64], row: Mapping[str, Any], where: str) -> float:
    axis, key = (0, "length_m") if "length_m" in row else (2, "height_m")
    if key not in row:
        if size.max() > 500 or size.max() < 0.02:
            raise InvalidInput(f"{where}: the model is {size.max():.4g} m large. Give 'length_m' or 'height_m'.")
        return 1.0
    if size[axis] < 1e-9:
        raise InvalidInput(f"{where}: the model is flat along '{key}'. Check 'front' and 'up'.")
    return row[key] / float(size[axis])


def _box_mesh(low: NDArray[np.float64], high: NDArray[np.float64], like: Mesh) -> Mesh:
    """A box in the commonest material: what is drawn far away."""
    box = shapes.box()
    vertices = (box.vertices + [0.5, 0.5, 0.0]) * (high - low) + low
    commonest = int(np.bincount(like.material).argmax())
    return mesh(vertices, box.triangles, (like.materials[commonest],))
