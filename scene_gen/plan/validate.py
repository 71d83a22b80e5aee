"""The rules every plan keeps, whoever made it: sizes, letters, finite heights, known kinds and materials."""

from collections.abc import Callable, Collection, Mapping

import numpy as np

from bridge.errors import InvalidPlan
from scene_gen.kinds import KINDS
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import CELLS, SYMBOLS, Plan
from scene_gen.plan.styles import STYLES
from scene_gen.plan.wishes import LARGEST_M, SMALLEST_M

ROOF_SHAPES = ("hip", "gable", "flat", "mansard", "sawtooth", "shed", "dome", "pyramid")
WATER_KINDS = ("sea", "lake", "river", "canal", "pond")
_HIGHEST_M = 9000.0
_CHOICES: dict[str, tuple[str, ...]] = {
    "season": ("spring", "summer", "autumn", "winter"),
    "weather": ("clear", "overcast", "rain", "storm", "fog", "snow"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "time_of_day_h": (0.0, 24.0), "latitude_rad": (-1.5708, 1.5708), "cloud_cover": (0.0, 1.0), "rain": (0.0, 1.0),
    "snowfall": (0.0, 1.0), "snow_cover": (0.0, 1.0), "wetness": (0.0, 1.0), "visibility_m": (1.0, 1e6),
    "wind_m_s": (0.0, 90.0), "wind_from_rad": (-6.2832, 6.2832),
}  # fmt: skip


def validate_plan(plan: Plan, *, where: str = "plan") -> Plan:
    """The plan itself, if it is sound. Raises InvalidPlan naming `where` (a file), the key, what was found and expected."""

    def refuse(key: str, found: object, expected: str) -> None:
        raise InvalidPlan(f"{where}: {key} is {found}; expected {expected}.")

    if not SMALLEST_M <= plan.size_m <= LARGEST_M:
        refuse("size_m", plan.size_m, f"{SMALLEST_M:g} to {LARGEST_M:g} metres")
    validate_lattice(plan.lattice, where=where)
    heights = plan.heights
    if heights.ndim != 2 or heights.shape[0] != heights.shape[1] or not 33 <= len(heights) <= 2049:
        refuse("heights", f"of shape {heights.shape}", "a square of 33 to 2049 heights a side")
    if heights.dtype != np.float32:
        refuse("heights", f"of type {heights.dtype}", "float32")
    bad = ~np.isfinite(heights) | (np.abs(heights) > _HIGHEST_M)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        refuse(
            f"heights[{row}][{column}] (row 0 south)",
            heights[row, column],
            f"a number within {_HIGHEST_M:g} m of the datum",
        )
    for key, values in _CHOICES.items():
        if getattr(plan.environment, key) not in values:
            refuse(f"environment.{key}", repr(getattr(plan.environment, key)), "one of " + ", ".join(values))
    for key, (low, high) in _RANGES.items():
        value = getattr(plan.environment, key)
        if not low <= value <= high:
            refuse(f"environment.{key}", value, f"{low:g} to {high:g}")
    _look(plan, refuse)
    for index, water in enumerate(plan.waters):
        if water.kind not in WATER_KINDS:
            refuse(f"waters[{index}].kind", repr(water.kind), "one of " + ", ".join(WATER_KINDS))
        if not abs(water.level_m) <= _HIGHEST_M:
            refuse(f"waters[{index}].level_m", water.level_m, "a height in metres")
    half = plan.size_m / 2
    for index, mark in enumerate(plan.landmarks):
        if mark.kind not in KINDS:
            refuse(
                f"landmarks[{index}].kind", repr(mark.kind), "a kind of scene_gen.kinds (lighthouse, church, pier ...)"
            )
        if not 1 <= mark.count <= 100_000:
            refuse(f"landmarks[{index}].count", mark.count, "1 or more")
        if mark.at is not None and not max(abs(mark.at[0]), abs(mark.at[1])) <= half:
            refuse(f"landmarks[{index}].at", mark.at, f"a point on the map, within {half:g} m of its middle, x and y")
        if not 0 < mark.radius_m <= 2 * LARGEST_M:
            refuse(f"landmarks[{index}].radius_m", mark.radius_m, "more than 0")
    for kind, (least, most) in plan.amounts.items():
        if kind not in KINDS:
            refuse(f"amounts.{kind}", "an unknown kind", "a kind of scene_gen.kinds")
        if least < 0 or (most is not None and most < least):
            refuse(f"amounts.{kind}", (least, most), "the least number and the most (or null), the least first")
    for kind in plan.absent:
        if kind not in KINDS:
            refuse("absent", repr(kind), "kinds of scene_gen.kinds")
    for index, agents in enumerate(plan.agents):
        if not 0 <= agents.count <= 100_000:
            refuse(f"agents[{index}].count", agents.count, "0 or more")
    return plan


def validate_lattice(lattice: tuple[str, ...], *, where: str = "plan") -> tuple[str, ...]:
    """The lattice itself, if it is 32 rows of 32 known letters. Raises InvalidPlan naming row and column, both from 1."""
    if len(lattice) != CELLS:
        raise InvalidPlan(f"{where}: lattice has {len(lattice)} rows; expected {CELLS}, the north one first.")
    for number, row in enumerate(lattice, start=1):
        if len(row) != CELLS:
            raise InvalidPlan(
                f"{where}: lattice row {number} has {len(row)} letters; expected {CELLS}, the west one first."
            )
        for column, letter in enumerate(row, start=1):
            if letter not in SYMBOLS:
                raise InvalidPlan(
                    f"{where}: lattice row {number}, column {column} is {letter!r}; expected one of {' '.join(SYMBOLS)}."
                )
    return lattice


def _look(plan: Plan, refuse: Callable[[str, object, str], None]) -> None:
    look = plan.look
    if look.style not in STYLES:
        refuse("look.style", repr(look.style), "one of " + ", ".join(sorted(STYLES)))
    tables: dict[str, tuple[Mapping[str, float], Collection[str]]] = {
        "walls": (look.walls, MATERIALS), "roofs": (look.roofs, MATERIALS), "roof_shapes": (look.roof_shapes, ROOF_SHAPES),
        "trees": (look.trees, KINDS), "density": (look.density, SYMBOLS), "homes": (look.homes, KINDS),
    }  # fmt: skip
    for name, (table, known) in tables.items():
        for key, weight in table.items():
            if key not in known:
                refuse(
                    f"look.{name}.{key}",
                    "unknown",
                    "a name from " + (", ".join(known) if len(known) < 30 else "the palette"),
                )
            if not 0 <= weight < 1e6:
                refuse(f"look.{name}.{key}", weight, "a weight of 0 or more")
    for letter, (low, high) in look.storeys.items():
        if letter not in SYMBOLS or not 1 <= low <= high <= 120:
            refuse(
                f"look.storeys.{letter}", (low, high), "a lattice letter with the fewest and the most storeys, 1 to 120"
            )
    for key, low, high in (
        ("props_density", 0, 20),
        ("trees_density", 0, 20),
        ("grid", 0, 1),
        ("lit_windows", 0, 1),
        ("max_street_slope", 0.01, 0.5),
    ):
        if not low <= getattr(look, key) <= high:
            refuse(f"look.{key}", getattr(look, key), f"{low:g} to {high:g}")
