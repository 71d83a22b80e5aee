"""Lattice letters looked up fast: the plan's zones as an array, asked for many places and for whole polygons."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from scene_gen.plan.artefacts import BUILT, CELLS, Plan

Array = NDArray[np.float64]


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

    def within(self, polygon: Polygon, steps: int = 7) -> NDArray[np.str_]:
        """Letters at places spread evenly over a polygon, at least one."""
        x0, y0, x1, y1 = polygon.bounds
        share = (np.arange(steps) + 0.5) / steps
        x, y = np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        inside = shapely.contains_xy(polygon, x, y)
        if not inside.any():
            return self.at(shapely.get_coordinates(polygon.representative_point()))
        return self.at(np.stack([x[inside], y[inside]], -1))

    def fabric(self, polygon: Polygon) -> tuple[str, float]:
        """The commonest built letter in a polygon ("" if there is none), and the share of it that is built on."""
        letters = self.within(polygon)
        land = letters[letters != "#"]
        letters, counts = np.unique(land if len(land) else letters, return_counts=True)
        built = np.isin(letters, list(BUILT))
        if not built.any():
            return "", 0.0
        best = int(np.argmax(np.where(built, counts, -1)))
        return str(letters[best]), float(counts[built].sum() / counts.sum())

    def open_letter(self, polygon: Polygon) -> str:
        """The commonest letter of a polygon that is neither road nor water; grassland if there is none."""
        letters, counts = np.unique(self.within(polygon), return_counts=True)
        counts = np.where(np.isin(letters, ["#", "W"]), 0, counts)
        return str(letters[np.argmax(counts)]) if counts.any() else "G"
