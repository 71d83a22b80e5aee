"""Quays: where the plan wants one, the shore becomes a straight wall with a paved deck behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiLineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.polygons import inset, lines_of, polygons_of
from scene_gen.build.ground.terrain import Ground, blend_to
from scene_gen.plan.artefacts import CELLS, Plan

Array = NDArray[np.float64]
DECK_M = 14.0
"""Width of a quay from its wall to the street behind it."""
ABOVE_WATER_M = 1.7


@dataclass(frozen=True, eq=False)
class Quay:
    """A stretch of quay: its paved `deck`, the edge over the water as `wall` (lines), its level and the water's."""

    deck: Polygon
    wall: MultiLineString
    level_m: float
    water_m: float


def cells_polygon(plan: Plan, letters: str, grow: float = 0.0) -> BaseGeometry:
    """The union of all lattice cells with these letters, each grown by `grow` of its side."""
    half, cell = plan.size_m / 2, plan.cell_m
    table = np.array([list(row) for row in plan.lattice])
    rows, cols = np.nonzero(np.isin(table, list(letters)))
    x, y = cols * cell - half, half - (rows + 1) * cell
    assert table.shape == (CELLS, CELLS)
    margin = grow * cell
    return shapely.union_all(shapely.box(x - margin, y - margin, x + cell + margin, y + cell + margin))


def design_quays(plan: Plan, ground: Ground, bodies: Sequence[tuple[Polygon, int]]) -> list[Quay]:
    """Quays along the shore of the plan's Q cells; the ground is levelled behind the walls and dredged before them."""
    zone = cells_polygon(plan, "Q", 0.5)
    water = shapely.union_all([polygon for polygon, _ in bodies]) if bodies else Polygon()
    if zone.is_empty or water.is_empty:
        return []
    half = plan.size_m / 2
    frame = box(-half, -half, half, half)
    land = frame.difference(water)
    straight = inset(inset(land, 4.0).buffer(8), 4.0).intersection(frame).simplify(7.0)
    wet = frame.difference(straight)
    decks = wet.buffer(DECK_M, join_style="mitre", mitre_limit=1.5).intersection(straight).intersection(zone)
    decks = decks.buffer(-2.5, join_style="mitre").buffer(2.5, join_style="mitre")
    quays: list[Quay] = []
    for deck in polygons_of(decks, 260.0):
        deck = Polygon(deck.exterior)
        wall = MultiLineString(lines_of(deck.exterior.intersection(wet.buffer(0.05))))
        wall = MultiLineString(lines_of(shapely.line_merge(wall), 3.0))
        if wall.length < 20.0:
            continue
        nearest = min(bodies, key=lambda body: (body[0].distance(deck), -body[0].area))
        level = plan.waters[nearest[1]].level_m
        quays.append(Quay(deck, wall, level + ABOVE_WATER_M, level))
    if quays:
        _dredge(plan, ground, quays, wet, straight, zone)
    return quays


def _dredge(
    plan: Plan, ground: Ground, quays: list[Quay], wet: BaseGeometry, dry: BaseGeometry, zone: BaseGeometry
) -> None:
    fixed = np.zeros(ground.heights.shape, dtype=bool)
    target = ground.heights.copy()
    for quay in quays:
        apron = quay.deck.buffer(12.0).intersection(dry).union(quay.deck)
        own = ground.inside(apron)
        fixed |= own
        target[own] = quay.level_m
    under = ground.inside(wet)
    blend_to(ground, fixed, target, water=under)
    for quay in quays:
        reach = 1.45 * ground.cell_m
        below = quay.wall.buffer(reach).intersection(quay.deck).union(quay.deck.buffer(10.0).intersection(wet))
        ground.heights = np.where(ground.inside(below), np.minimum(ground.heights, quay.water_m - 2.6), ground.heights)
        ground.heights = np.where(
            ground.inside(quay.deck), np.minimum(ground.heights, quay.level_m - 0.15), ground.heights
        )
