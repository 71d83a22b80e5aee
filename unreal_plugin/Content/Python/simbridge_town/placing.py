"""Everything that stands in the town: which of it is drawn in batches, which is an actor of its own, and where.

Transforms are Unreal's: centimetres, left-handed; quaternions x, y, z, w.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .faults import InvalidTown
from .folder import TownFolder
from .reading import entries, number, text, truth, whole

SELF_MOVING = frozenset({"person", "animal", "robot", "vehicle", "bicycle", "scooter", "boat"})
"""Classes of things that somebody moves: actors of their own, movable, led by whoever drives them."""
MOST_IDS = 1 << 24
"""Ids travel in 32-bit floats (per-instance custom data), which are exact up to here."""
TERRAIN = "heightmap.png"


@dataclass(frozen=True)
class Thing:
    """One row of the table of instances. `mesh` is a file in the folder, `node` its part or "" for the whole."""

    id: int
    name: str
    kind: str
    semantic: str
    class_id: int
    mesh: str
    node: str
    position_cm: tuple[float, float, float]
    quat_xyzw: tuple[float, float, float, float]
    scale: tuple[float, float, float]
    mass_kg: float
    is_movable: bool

    @property
    def role(self) -> str:
        """How it enters the level: "ground", "fixed" (stands once), "batched", "led" (moved) or "pushed" (physics)."""
        if self.mesh == TERRAIN:
            return "ground"
        if self.node:
            return "fixed"
        if self.is_movable:
            return "pushed"
        return "led" if self.semantic in SELF_MOVING else "batched"


@dataclass(frozen=True)
class Batch:
    """All things of one mesh that never move, in the order of their ids."""

    mesh: str
    things: tuple[Thing, ...]


def things(folder: TownFolder) -> tuple[Thing, ...]:
    """Every row of transforms.json, by id. Raises InvalidTown for a row that cannot be, or ids with gaps."""
    found = tuple(_thing(row) for row in entries(folder.transforms, "instances", "transforms.json"))
    for expected, thing in enumerate(found, start=1):
        if thing.id != expected:
            raise InvalidTown(
                f"transforms.json has the id {thing.id} where {expected} was expected ('{thing.name}'): masks would name "
                "the wrong thing. Export the town again."
            )
    if not found or found[0].role != "ground" or any(thing.role == "ground" for thing in found[1:]):
        raise InvalidTown("transforms.json does not begin with the terrain, once. Export the town again.")
    if len(found) >= MOST_IDS:
        raise InvalidTown(f"transforms.json has {len(found)} things; ids are exact below {MOST_IDS} only.")
    names: set[str] = set()
    for thing in found:
        if thing.name in names:
            raise InvalidTown(f"transforms.json has two things named '{thing.name}'. Export the town again.")
        names.add(thing.name)
        folder.file(thing.mesh, f"'{thing.name}' in transforms.json")
    return found


def batches(found: tuple[Thing, ...]) -> tuple[Batch, ...]:
    """The things that are drawn in batches, one batch a mesh, in the order in which meshes first appear."""
    by_mesh: dict[str, list[Thing]] = {}
    for thing in found:
        if thing.role == "batched":
            by_mesh.setdefault(thing.mesh, []).append(thing)
    return tuple(Batch(mesh, tuple(group)) for mesh, group in by_mesh.items())


def _thing(row: dict[str, Any]) -> Thing:
    name = text(row, "name", "a row of transforms.json")
    where = f"'{name}' in transforms.json"
    mesh, _, node = text(row, "mesh", where).partition("#")
    x, y, z, w = (number(row, key, where) for key in ("quat_x", "quat_y", "quat_z", "quat_w"))
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if abs(length - 1) > 1e-3:
        raise InvalidTown(
            f"The rotation of {where} has the length {length:.6f}; 1 was expected. Export the town again."
        )
    scale = (number(row, "scale_x", where), number(row, "scale_y", where), number(row, "scale_z", where))
    if min(scale) <= 0:
        raise InvalidTown(
            f"The scale of {where} is {scale}; three numbers above 0 were expected. Export the town again."
        )
    mass = number(row, "mass_kg", where)
    is_movable = truth(row, "is_movable", where)
    class_id = whole(row, "class_id", where)
    if not 0 <= class_id < 256:
        raise InvalidTown(f"The class of {where} is {class_id}; the stencil holds 0 to 255. Export the town again.")
    if mass < 0 or (is_movable and mass == 0):
        raise InvalidTown(f"The mass of {where} is {mass} kg; a movable thing has some. Export the town again.")
    return Thing(
        whole(row, "id", where), name, text(row, "kind", where), text(row, "class", where), class_id, mesh, node,
        (number(row, "x_cm", where), number(row, "y_cm", where), number(row, "z_cm", where)),
        (x / length, y / length, z / length, w / length), scale, mass, is_movable,
    )  # fmt: skip
