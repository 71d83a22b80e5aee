"""The whole level as plain data: what the editor part then only has to carry out, and what tests hold against the town."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import InvalidTown, UsageFault
from .folder import TownFolder, read_town
from .ground import Ground, ground
from .models import ModelFile, Surface, model_files, surfaces
from .names import asset_text
from .placing import Batch, Thing, batches, things
from .reading import entries, entry, number, numbers, text, truth
from .sky import Sky, sky

ROOT = "/Game/SimBridge/Towns"
_HEADROOM_CM = 5000.0
_HALF_A_PERSON_CM = 100.0


@dataclass(frozen=True)
class Mark:
    """A named place: a spawn point or an agent's start, with what else is known of it as texts."""

    name: str
    kind: str
    position_cm: tuple[float, float, float]
    quat_xyzw: tuple[float, float, float, float]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class View:
    """A camera that looks along X with Z up; `fov_deg` is the horizontal angle."""

    name: str
    position_cm: tuple[float, float, float]
    quat_xyzw: tuple[float, float, float, float]
    fov_deg: float


@dataclass(frozen=True)
class Box:
    """An upright box: its middle and half its size [cm]."""

    middle_cm: tuple[float, float, float]
    half_cm: tuple[float, float, float]


@dataclass(frozen=True)
class LevelPlan:
    """Everything that an imported level holds. `package` is the level's path, `folder` that of all its assets."""

    name: str
    folder: str
    package: str
    ground: Ground
    surfaces: dict[str, Surface]
    files: tuple[ModelFile, ...]
    batches: tuple[Batch, ...]
    things: tuple[Thing, ...]
    """The things that are actors of their own: "fixed", "led" and "pushed"."""
    terrain: Thing
    sky: Sky
    walkable: Box
    start: Mark
    marks: tuple[Mark, ...]
    views: tuple[View, ...]
    titles: dict[str, tuple[tuple[str, str], ...]]
    """What is known of buildings beside their shape, by name: use, address, storeys."""


def plan_level(path: str | Path, *, name: str = "", root: str = ROOT) -> LevelPlan:
    """The plan of the town in a folder; `name` is the level's, the town's own without it. Raises ImporterFault."""
    if not root.startswith("/Game/") or not all(asset_text(part) == part for part in root.split("/")[1:]):
        raise UsageFault(f"'{root}' is no place for assets. Give a path such as {ROOT}.")
    town = read_town(path)
    title = name or asset_text(text(town.level, "name", "level.json"))
    if asset_text(title) != title:
        raise UsageFault(f"A level cannot be called '{title}': letters, digits and underscores only.")
    found = things(town)
    lamps_lit = truth(entry(town.level, "environment", "level.json"), "lamps_lit", "the environment of level.json")
    known, surface = surfaces(town, lamps_lit=lamps_lit), ground(town)
    low, high = surface.bounds_cm()
    marks = tuple(_mark(row) for key in ("spawns", "agents") for row in entries(town.level, key, "level.json"))
    folder = f"{root.rstrip('/')}/{title}"
    return LevelPlan(
        title, folder, f"{folder}/{title}", surface, known, model_files(town, found, known), batches(found),
        tuple(thing for thing in found if thing.role in ("fixed", "led", "pushed")), found[0], sky(town),
        _box(low, (high[0], high[1], high[2] + _HEADROOM_CM)), _start(marks, low, high), marks,
        tuple(_view(row) for row in entries(town.level, "cameras", "level.json")), _titles(town),
    )  # fmt: skip


def _start(marks: tuple[Mark, ...], low: tuple[float, ...], high: tuple[float, ...]) -> Mark:
    """Where a player begins: the first place for a person, half a person above the ground; the middle without one."""
    place = next((mark for mark in marks if mark.kind == "person"), None)
    if place is None:
        return Mark("start", "person", ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2]), (0.0, 0.0, 0.0, 1.0))
    x, y, z = place.position_cm
    return Mark("start", "person", (x, y, z + _HALF_A_PERSON_CM), place.quat_xyzw)


def _mark(row: dict[str, Any]) -> Mark:
    name = text(row, "name", "a place in level.json")
    where = f"'{name}' in level.json"
    at, quat = numbers(row, "location_cm", 3, where), numbers(row, "quat_xyzw", 4, where)
    notes = tuple((key, str(row[key])) for key in ("vehicle", "instruction") if row.get(key))
    return Mark(name, text(row, "kind", where), (at[0], at[1], at[2]), (quat[0], quat[1], quat[2], quat[3]), notes)


def _view(row: dict[str, Any]) -> View:
    name = text(row, "name", "a camera in level.json")
    where = f"the camera '{name}' in level.json"
    at, quat = numbers(row, "location_cm", 3, where), numbers(row, "quat_xyzw", 4, where)
    angle = number(row, "fov_x_deg", where)
    if not 0 < angle < 180:
        raise InvalidTown(f"{where} sees {angle} degrees; more than 0 and less than 180 were expected. Export again.")
    return View(name, (at[0], at[1], at[2]), (quat[0], quat[1], quat[2], quat[3]), angle)


def _titles(town: TownFolder) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        text(row, "name", "a building of level.json"): tuple(
            (key, str(row[key])) for key in ("use", "address", "storeys") if row.get(key)
        )
        for row in entries(town.level, "buildings", "level.json")
    }


def _box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Box:
    return Box(
        ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2),
        ((high[0] - low[0]) / 2, (high[1] - low[1]) / 2, (high[2] - low[2]) / 2),
    )
