"""Lattice letters looked up fast: the plan's zones as an array, asked for many places and for whole polygons."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from scene_gen.plan.artefacts import BUILT, CELLS, Plan

Array = NDArray[np.float64]
_IS_BUILT = np.isin(np.arange(128), [ord(letter) for letter in BUILT])


class Lattice:
    """The letters of a plan, read once."""

    def __init__(self, plan: Plan) -> None:
        self.letters = np.array([list(row) for row in plan.lattice])
        self._half, self._cell = plan.size_m / 2, plan.cell_m

    def at(self, xy: Array) -> NDArray[np.str_]:
        """Letters at points (..., 2) [m]; outside the map, those of its edge."""
        column = np.clip(((xy[..., 0] + self._half) / self._cell).astype(int), 0, CELLS - 1)
        row = np.clip(((self._half - xy[..., 1]) / self._cell).astype(int), 0, CELLS - 1)
        return self.letters[row, column]

    def roads_over_water(self, xy: Array) -> NDArray[np.bool_]:
        """Which points (..., 2) lie in road corridor cells that have water on two opposite sides, across up to three."""
        wet, road = np.pad(self.letters == "W", 1), np.pad(self.letters == "#", 1)
        sides = []
        for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
            hit = np.roll(wet, step, axis=axis)
            for _ in range(2):
                hit |= np.roll(road & hit, step, axis=axis)
            sides.append(hit)
        over = road & (sides[0] & sides[1] | sides[2] & sides[3])
        column = np.clip(((xy[..., 0] + self._half) / self._cell).astype(int), 0, CELLS - 1)
        row = np.clip(((self._half - xy[..., 1]) / self._cell).astype(int), 0, CELLS - 1)
        return over[1:-1, 1:-1][row, column]

    def _counts(self, polygon: Polygon, steps: int = 7) -> NDArray[np.int64]:
        """How often each letter, by its code, lies at places spread evenly over a polygon, shape (128,)."""
        x0, y0, x1, y1 = polygon.bounds
        share = (np.arange(steps) + 0.5) / steps
        x, y = np.repeat(x0 + share * (x1 - x0), steps), np.tile(y0 + share * (y1 - y0), steps)
        inside = shapely.contains_xy(polygon, x, y)
        xy = np.stack([x[inside], y[inside]], -1)
        letters = self.at(xy if len(xy) else shapely.get_coordinates(polygon.representative_point()))
        return np.bincount(letters.view(np.int32), minlength=128)

    def fabric(self, polygon: Polygon) -> tuple[str, float]:
        """The commonest built letter in a polygon ("" if there is none), and the share of it that is built on."""
        counts = self._counts(polygon)
        if counts.sum() > counts[ord("#")]:
            counts[ord("#")] = 0
        built = np.where(_IS_BUILT, counts, 0)
        if not built.any():
            return "", 0.0
        return chr(int(np.argmax(built))), float(built.sum() / counts.sum())

    def open_letter(self, polygon: Polygon) -> str:
        """The commonest letter of a polygon that is neither road nor water; grassland if there is none."""
        counts = self._counts(polygon)
        counts[[ord("#"), ord("W")]] = 0
        return chr(int(np.argmax(counts))) if counts.any() else "G"
