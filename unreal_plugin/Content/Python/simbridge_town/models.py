"""The meshes a level needs: which file each is in, what its asset is called, and which materials its slots take."""

from __future__ import annotations

from dataclasses import dataclass

from .faults import InvalidTown
from .folder import TownFolder
from .glb import Glb, read_glb, renamed
from .names import asset_names
from .placing import Thing
from .reading import entries, number, numbers, text, truth

TWO_SIDED = frozenset({"foliage", "fabric", "glass"})
"""Patterns of thin things that are seen from behind as well."""


@dataclass(frozen=True)
class Surface:
    """A material: linear rgb, roughness, metalness; `emission` rgb as it shines at the town's hour."""

    name: str
    asset: str
    color_linear: tuple[float, float, float]
    emission_linear: tuple[float, float, float]
    roughness: float
    metallic: float
    is_two_sided: bool
    sheds_water: bool
    """Leaves do not get darker in rain."""


@dataclass(frozen=True)
class Model:
    """A static mesh: its asset's name, and how what it belongs to touches others.

    `touch` is "exact" (every triangle, for what never moves), "hull" (a convex hull, for what moves) or "none".
    """

    key: str
    asset: str
    touch: str


@dataclass(frozen=True)
class ModelFile:
    """One file to import, under the name `asset` so that a file with a single mesh names it right."""

    glb: Glb
    asset: str
    models: tuple[Model, ...]

    def staged(self, surfaces: dict[str, Surface]) -> bytes:
        """The file's bytes with every mesh and material called what its asset is to be called."""
        meshes = {model.key.partition("#")[2] or _only(self.glb): model.asset for model in self.models}
        return renamed(self.glb, meshes, {name: surface.asset for name, surface in surfaces.items()})


def surfaces(folder: TownFolder, *, lamps_lit: bool) -> dict[str, Surface]:
    """The materials of a folder by name. What glows at night is dark unless the town's lamps are lit."""
    where = "materials.json"
    rows = entries(folder.materials, "materials", where)
    named = asset_names((text(row, "name", where) for row in rows), prefix="MI_")
    found: dict[str, Surface] = {}
    for row in rows:
        name = text(row, "name", where)
        if name in found:
            raise InvalidTown(f"{where} has two materials named '{name}'. Export the town again.")
        place = f"'{name}' in {where}"
        color, emission = numbers(row, "base_color_linear", 3, place), numbers(row, "emission_linear", 3, place)
        shines = lamps_lit or not truth(row, "glows_at_night", place)
        found[name] = Surface(
            name, named[name], (color[0], color[1], color[2]),
            (emission[0], emission[1], emission[2]) if shines else (0.0, 0.0, 0.0),
            number(row, "roughness", place), number(row, "metallic", place), row.get("pattern") in TWO_SIDED, row.get("pattern") == "foliage",
        )  # fmt: skip
    return found


def model_files(folder: TownFolder, found: tuple[Thing, ...], known: dict[str, Surface]) -> tuple[ModelFile, ...]:
    """The files that a level's things need, each with every mesh in it. Raises InvalidTown where one is missing."""
    things = [thing for thing in found if thing.role != "ground"]
    touches = {model_key(thing): _touch(thing) for thing in reversed(things)}
    files = list(dict.fromkeys(thing.mesh for thing in things))
    glbs = {file: read_glb(folder.file(file, "transforms.json")) for file in files}
    keys = {file: [f"{file}#{node}" if _is_shared(file) else file for node in glbs[file].meshes()] for file in files}
    for thing in things:
        if model_key(thing) not in keys[thing.mesh]:
            raise InvalidTown(f"'{thing.name}' is drawn by {model_key(thing)}, which is not there. Export again.")
    models = asset_names((key for file in files for key in keys[file]), prefix="SM_")
    stems = asset_names(files, prefix="F_")
    result = []
    for file in files:
        for name, materials in glbs[file].meshes().items():
            missing = sorted(set(materials) - set(known))
            if missing:
                raise InvalidTown(f"'{name}' in {file} is made of '{missing[0]}', which materials.json does not have.")
        own = tuple(Model(key, models[key], touches.get(key, "exact")) for key in keys[file])
        if not own or (len(own) > 1 and not _is_shared(file)):
            raise InvalidTown(f"{file} has {len(own)} meshes; one was expected. Export the town again.")
        result.append(ModelFile(glbs[file], own[0].asset if len(own) == 1 else stems[file], own))
    return tuple(result)


def model_key(thing: Thing) -> str:
    """The mesh of a thing: a file, or a file and a node in it."""
    return f"{thing.mesh}#{thing.node}" if thing.node else thing.mesh


def _is_shared(file: str) -> bool:
    """Whether a file holds many things that stand once, rather than one asset."""
    return not file.startswith("assets/")


def _only(glb: Glb) -> str:
    return next(iter(glb.meshes()))


def _touch(thing: Thing) -> str:
    if thing.semantic == "water":
        return "none"
    return "hull" if thing.role in ("led", "pushed") else "exact"
