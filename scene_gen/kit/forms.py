"""Forms: the geometry of the kit's assets before paint, shipped in one archive and read when first asked for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from bridge.formats.arrays import npz_bytes, read_npz
from bridge.scene import Collider, Mesh

FILE = "forms.npz"
_ARRAYS = {
    "index": ("|u1", 1), "vertices": ("<f4", 2), "normals": ("<f4", 2), "triangles": ("<u2", 2), "material": ("|u1", 1),
    "points": ("<f4", 2),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Form:
    """Levels of detail whose materials may be places to paint ("@body"), solids, full extents and a light's place [m]."""

    lods: tuple[Mesh, ...]
    colliders: tuple[Collider, ...]
    size: tuple[float, float, float]
    light: tuple[float, float, float] | None


def packed(forms: Sequence[Form], of: Mapping[str, int]) -> bytes:
    """An archive of forms; `of` says which one an asset has."""
    lods = [mesh for form in forms for mesh in form.lods]
    hulls = [solid.points for form in forms for solid in form.colliders if solid.points is not None]
    index = {"of": dict(of), "forms": [_described(form) for form in forms]}
    return npz_bytes(
        {
            "index": np.frombuffer(json.dumps(index).encode(), dtype=np.uint8),
            "vertices": np.concatenate([mesh.vertices for mesh in lods]),
            "normals": np.concatenate([mesh.normals for mesh in lods if mesh.normals is not None]),
            "triangles": np.concatenate([mesh.triangles for mesh in lods]).astype(np.uint16),
            "material": np.concatenate([mesh.material for mesh in lods]).astype(np.uint8),
            "points": np.concatenate(hulls),
        },
        level=9,
    )


def form_of(asset: str) -> Form:
    """The form of an asset of the kit. Raises KeyError for one that is not in the archive."""
    forms, of = _shipped()
    return forms[of[asset]]


@cache
def _shipped() -> tuple[list[Form], dict[str, int]]:
    data = resources.files("scene_gen.kit").joinpath(FILE).read_bytes()
    arrays = read_npz(data, _ARRAYS, name=FILE)
    index = json.loads(arrays["index"].tobytes())
    take = _Reels(arrays)
    return [_form(entry, take) for entry in index["forms"]], index["of"]


class _Reels:
    """Arrays that are read from front to back."""

    def __init__(self, arrays: Mapping[str, NDArray]) -> None:
        wide = {"triangles": np.int32, "material": np.uint16}
        self._arrays = {name: array.astype(wide.get(name, array.dtype)) for name, array in arrays.items()}
        for array in self._arrays.values():
            array.setflags(write=False)
        self._at = dict.fromkeys(arrays, 0)

    def __call__(self, name: str, count: int) -> NDArray:
        start = self._at[name]
        self._at[name] = start + count
        return self._arrays[name][start : start + count]


def _described(form: Form) -> dict:
    meshes = [
        [len(mesh.vertices), len(mesh.triangles), mesh.normals is not None, list(mesh.materials)] for mesh in form.lods
    ]
    solids = []
    for solid in form.colliders:
        row = asdict(solid)
        row["points"] = None if solid.points is None else len(solid.points)
        solids.append(row)
    return {"lods": meshes, "colliders": solids, "size": form.size, "light": form.light}


def _form(entry: dict, take: _Reels) -> Form:
    lods = tuple(
        Mesh(
            vertices=take("vertices", vertices),
            triangles=take("triangles", triangles),
            material=take("material", triangles),
            materials=tuple(materials),
            normals=take("normals", vertices) if is_smooth else None,
        )
        for vertices, triangles, is_smooth, materials in entry["lods"]
    )
    colliders = []
    for row in entry["colliders"]:
        points = None if row["points"] is None else take("points", row["points"])
        colliders.append(Collider(row["shape"], size=tuple(row["size"]), pose=tuple(row["pose"]), points=points))
    light = None if entry["light"] is None else tuple(entry["light"])
    return Form(lods, tuple(colliders), tuple(entry["size"]), light)
