"""The town's ground: where it may be built on, and the ring of streets that holds each part of it together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from scene_gen.build.fabric import PROFILES, grain
from scene_gen.build.polygons import polygons_of, smooth_polygon
from scene_gen.build.quays import DECK_M, Quay
from scene_gen.build.terrain import Ground, blurred, noise
from scene_gen.build.water import contour
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Region:
    """One part of the town: `land` that may be built on (quay decks excluded), and what lies `within` its ring streets
    (nothing where the part is too narrow for a ring)."""

    land: BaseGeometry
    within: tuple[Polygon, ...]


def find_regions(plan: Plan, ground: Ground, water: BaseGeometry, quays: Sequence[Quay], *, seed: int) -> list[Region]:
    """Parts of the town, largest first, from the built letters of the lattice, their edges smooth and uneven."""
    table = np.array([list(row) for row in plan.lattice])
    built = np.isin(table, list(BUILT))
    soft = np.isin(table, ["P", "#"])
    around = ndimage.convolve(built.astype(int), np.ones((3, 3), dtype=int), mode="constant")
    built |= soft & (around >= 3)
    letters = _sampled(built, plan, ground)
    field = blurred(letters, 0.42 * plan.cell_m / ground.cell_m) - 0.5
    field += 0.10 * noise(field.shape, 60 / ground.cell_m, stream(seed, "region", "edge"))
    half = plan.size_m / 2
    inner = box(-half + 6, -half + 6, half - 6, half - 6)
    decks = shapely.union_all([quay.deck for quay in quays])
    near_quay = decks.buffer(30.0)
    keep_off = water.buffer(5.0).difference(near_quay).union(water)
    regions: list[Region] = []
    shapes = [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 5000.0]) for p in contour(field, ground)]
    for shape in polygons_of(shapely.union_all(shapes)):
        shape = shape.union(decks.intersection(shape.buffer(20.0)))
        dry = shape.intersection(inner).difference(keep_off)
        for land in polygons_of(dry.buffer(-7).buffer(7).intersection(dry), 1500.0):
            regions.append(_with_ring(plan, land, decks, quays))
    return sorted(regions, key=lambda region: -region.land.area)


def _sampled(cells: NDArray, plan: Plan, ground: Ground) -> NDArray:
    rows, cols = ground.heights.shape
    u = np.clip((np.arange(cols) * ground.cell_m / plan.cell_m).astype(int), 0, len(cells) - 1)
    v = np.clip((np.arange(rows) * ground.cell_m / plan.cell_m).astype(int), 0, len(cells) - 1)
    return cells[::-1][v][:, u]


def _with_ring(plan: Plan, land: Polygon, decks: BaseGeometry, quays: Sequence[Quay]) -> Region:
    middle = np.asarray(land.representative_point().coords[0])
    letter = str(plan.zone_at(middle[None])[0])
    setback = min(grain(letter).depth_m, 27.0) + PROFILES["street"].half_m
    to_quay = DECK_M + PROFILES["main"].half_m
    own = [quay for quay in quays if quay.deck.intersects(land)]
    grown = shapely.union_all([land, *(quay.wall.buffer(setback - to_quay, cap_style="flat") for quay in own)])
    within = grown.buffer(-setback, quad_segs=6)
    within = within.buffer(-9).buffer(22, quad_segs=8).buffer(-13, quad_segs=8)
    off_quay = decks.buffer(PROFILES["main"].half_m - 0.2)
    rings = [
        q
        for p in smooth_polygon(within, 6.0, 6, 2600.0)
        for q in polygons_of(p.difference(off_quay) if own else p, 2600.0)
    ]
    rings = [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 6000.0]) for p in rings]
    return Region(land.difference(decks), tuple(rings))
