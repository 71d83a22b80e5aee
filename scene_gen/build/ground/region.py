"""The town's ground: where it may be built on, and the ring of streets that holds each part of it together."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false, reportOptionalSubscript=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.fabric import PROFILES, grain
from scene_gen.build.ground.polygons import inset, polygons_of, smooth_polygon
from scene_gen.build.ground.quays import DECK_M, Quay
from scene_gen.build.ground.terrain import Ground, blurred, noise
from scene_gen.build.ground.water import contour
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
        for land in polygons_of(inset(dry, 7.0).buffer(7).intersection(dry), 1500.0):
            regions.append(_with_ring(plan, ground, land, decks, quays))
    return sorted(regions, key=lambda region: -region.land.area)


def _sampled(cells: NDArray, plan: Plan, ground: Ground) -> NDArray:
    rows, cols = ground.heights.shape
    u = np.clip((np.arange(cols) * ground.cell_m / plan.cell_m).astype(int), 0, len(cells) - 1)
    v = np.clip((np.arange(rows) * ground.cell_m / plan.cell_m).astype(int), 0, len(cells) - 1)
    return cells[::-1][v][:, u]


def _with_ring(plan: Plan, ground: Ground, land: Polygon, decks: BaseGeometry, quays: Sequence[Quay]) -> Region:
    """A part of the town with its rings: as far inside its edge as lots are deep there, nearer along quays."""
    own = [quay for quay in quays if quay.deck.intersects(land)]
    beyond = [quay.wall.buffer(60.0, cap_style="flat") for quay in own]
    window = _Window(ground, land.buffer(8.0))
    deep = window.depth(shapely.union_all([land, *beyond])) - window.setbacks(plan, land)
    if own:
        deep = np.minimum(deep, window.depth(land) - (DECK_M + PROFILES["main"].half_m))
    within = shapely.union_all(contour(window.whole(deep), ground))
    within = inset(inset(within, 14.0).buffer(27, quad_segs=8), 13.0, quad_segs=8)
    off_quay = decks.buffer(PROFILES["main"].half_m - 0.2)
    rings = [
        q
        for p in smooth_polygon(within, 6.0, 6, 2600.0)
        for q in polygons_of(p.difference(off_quay) if own else p, 2600.0)
    ]
    rings = [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 6000.0]) for p in rings]
    return Region(land.difference(decks), tuple(rings))


class _Window:
    """The vertices about a shape, for distances within it."""

    def __init__(self, ground: Ground, shape: BaseGeometry) -> None:
        rows, cols = ground.heights.shape
        x0, y0, x1, y1 = ((np.array(shape.bounds).reshape(2, 2) - ground.origin) / ground.cell_m).ravel()
        self._ground = ground
        self._at = (
            slice(max(int(y0) - 1, 0), min(int(y1) + 3, rows)),
            slice(max(int(x0) - 1, 0), min(int(x1) + 3, cols)),
        )

    def depth(self, shape: BaseGeometry) -> Array:
        """How far [m] the vertices lie within a shape's edge; 0 outside."""
        mask = np.pad(self._ground.inside(shape)[self._at], 1)
        return ndimage.distance_transform_edt(mask)[1:-1, 1:-1] * self._ground.cell_m

    def setbacks(self, plan: Plan, land: BaseGeometry) -> Array:
        """How far [m] a ring street keeps from the edge at each vertex: a lot's depth and half a street."""
        letters = plan.zone_at(self._ground.xy[self._at])
        table = {letter: min(grain(letter).depth_m, 27.0) + PROFILES["street"].half_m for letter in BUILT}
        depth = np.zeros(letters.shape)
        for letter, metres in table.items():
            depth[letters == letter] = metres
        known = depth > 0
        if not known.any():
            return np.full(letters.shape, table["R"])
        i, j = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
        return ndimage.gaussian_filter(depth[i, j], 0.6 * plan.cell_m / self._ground.cell_m, mode="nearest")

    def whole(self, field: Array) -> Array:
        """A field on the window as one on all vertices, negative elsewhere."""
        found = np.full(self._ground.heights.shape, -1.0)
        found[self._at] = field
        return found
