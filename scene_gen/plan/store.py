"""plan.json: a plan that a person can read and change, written and read back exactly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidPlan
from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.plan.artefacts import SYMBOLS, AgentsPlanned, Landmark, Look, Plan, PlannedWater
from scene_gen.plan.plain import from_plain, to_plain
from scene_gen.plan.survey import Survey
from scene_gen.plan.validate import validate_plan

FORMAT = "simbridge-plan"
VERSION = 1
_LARGEST_BYTES = 64_000_000
_PARTS: dict[str, Any] = {
    "environment": Environment,
    "look": Look,
    "waters": tuple[PlannedWater, ...],
    "landmarks": tuple[Landmark, ...],
    "absent": tuple[str, ...],
    "agents": tuple[AgentsPlanned, ...],
    "notes": tuple[str, ...],
    "brief": Brief,
    "survey": Survey | None,
}
_KEYS = ("format", "version", "name", "planner", "size_m", "legend", "lattice", *_PARTS, "amounts", "heights_m")


def write_plan(plan: Plan, path: Path | str) -> Path:
    """Writes the plan and returns its path. The same plan gives the same bytes. Raises InvalidPlan for an unsound one.

    Heights come last, north row first like the lattice, in metres.
    """
    path = Path(path)
    validate_plan(plan)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "name": plan.name,
        "planner": plan.planner,
        "size_m": plan.size_m,
        "legend": SYMBOLS,
        "lattice": list(plan.lattice),
        **{key: to_plain(getattr(plan, key)) for key in _PARTS},
        "amounts": {kind: list(plan.amounts[kind]) for kind in sorted(plan.amounts)},
    }
    text = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
    rows = ",\n".join("  [" + ", ".join(row) + "]" for row in _height_texts(plan.heights))
    text = text[: text.rindex("}")].rstrip() + ',\n "heights_m": [\n' + rows + "\n ]\n}\n"
    path.write_bytes(text.encode("utf-8"))
    return path


def read_plan(path: Path | str) -> Plan:
    """The plan in a file or in a town's folder. Raises InvalidPlan naming file, key, what was found and expected."""
    path = Path(path)
    if path.is_dir():
        path = path / "plan.json"
    if not path.is_file():
        raise InvalidPlan(f"{path}: there is no such file. Give a plan.json, or a town's folder that holds one.")
    if path.stat().st_size > _LARGEST_BYTES:
        raise InvalidPlan(
            f"{path}: is {path.stat().st_size / 1e6:.0f} MB; a plan has at most {_LARGEST_BYTES / 1e6:.0f} MB."
        )
    try:
        found = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise InvalidPlan(f"{path}: is not UTF-8 text at byte {error.start}; a plan is JSON.") from error
    except json.JSONDecodeError as error:
        raise InvalidPlan(f"{path}: is not JSON at line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError as error:
        raise InvalidPlan(f"{path}: is nested too deeply for a plan.") from error
    except ValueError as error:
        raise InvalidPlan(f"{path}: {error}.") from error
    return _plan(found, str(path))


def _plan(found: Any, where: str) -> Plan:
    if not isinstance(found, dict):
        raise InvalidPlan(
            f"{where}: holds a {type(found).__name__}; expected an object with lattice, heights_m and the rest."
        )
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        raise InvalidPlan(
            f"{where}: format and version are {found.get('format')!r} and {found.get('version')!r}; "
            f"expected {FORMAT!r} and {VERSION}."
        )
    for key in found:
        if key not in _KEYS:
            raise InvalidPlan(f"{where}: has a key '{key}' that means nothing; expected {', '.join(_KEYS)}.")
    for key in ("name", "size_m", "lattice", "heights_m", "environment", "look", "brief"):
        if key not in found:
            raise InvalidPlan(f"{where}: has no '{key}'. Add it, or write the plan again.")
    parts = {key: from_plain(kind, found[key], f"{where}: {key}") for key, kind in _PARTS.items() if key in found}
    plan = Plan(
        name=from_plain(str, found["name"], f"{where}: name"),
        planner=from_plain(str, found.get("planner", "rules"), f"{where}: planner"),
        size_m=from_plain(float, found["size_m"], f"{where}: size_m"),
        lattice=from_plain(tuple[str, ...], found["lattice"], f"{where}: lattice"),
        heights=_heights(found["heights_m"], f"{where}: heights_m"),
        amounts=_amounts(found.get("amounts", {}), f"{where}: amounts"),
        **parts,
    )
    return validate_plan(plan, where=where)


def _amounts(found: Any, where: str) -> dict[str, tuple[int, int | None]]:
    if not isinstance(found, dict):
        raise InvalidPlan(f'{where}: is {found!r}; expected an object such as {{"boat": [3, null]}}.')
    return {kind: from_plain(tuple[int, int | None], bounds, f"{where}.{kind}") for kind, bounds in found.items()}


def _heights(found: Any, where: str) -> NDArray[np.float32]:
    """Rows from north to south as an array with row 0 south."""
    if not isinstance(found, list) or not found or not all(isinstance(row, list) for row in found):
        raise InvalidPlan(f"{where}: is no list of rows; expected rows of metres, the north one first.")
    for number, row in enumerate(found):
        if len(row) != len(found):
            raise InvalidPlan(
                f"{where}[{number}]: has {len(row)} heights; expected {len(found)}, as many as there are rows."
            )
        for column, value in enumerate(row):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise InvalidPlan(f"{where}[{number}][{column}]: is {value!r}; expected a height in metres.")
    heights = np.array(found[::-1], dtype=np.float64).astype(np.float32)
    heights.setflags(write=False)
    return heights


def _height_texts(heights: NDArray[np.float32]) -> list[list[str]]:
    """Each height, north row first, in centimetres where that is exact, else with all its digits."""
    north_first = heights[::-1]
    rounded = np.round(north_first.astype(np.float64), 2)
    exact = rounded.astype(np.float32) == north_first
    return [
        [f"{value:.2f}" if is_exact else str(full) for value, is_exact, full in zip(*columns, strict=True)]
        for columns in zip(rounded.tolist(), exact.tolist(), north_first, strict=True)
    ]


def _no_constant(name: str) -> float:
    raise ValueError(f"holds {name}, which is no number; give every value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"has the key '{next(key for key in names if names.count(key) > 1)}' twice")
    return found
