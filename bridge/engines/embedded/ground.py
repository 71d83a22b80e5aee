"""How high the ground is under feet and wheels, and where water lets boats be."""

import mujoco
import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.engines.embedded.compile import Compiled
from bridge.engines.embedded.shapes import DECK
from bridge.formats.ground_field import GroundField
from bridge.scene import Scene, Water

STEP_M = 0.6
"""What lies higher than this above somebody's feet is not the ground for them."""


class Ground:
    """The height field, and the decks of bridges and piers above it."""

    def __init__(self, field: GroundField, compiled: Compiled, data: mujoco.MjData) -> None:
        rows, self._cols = field.heights.shape
        self._flat, self._origin, self._cell_m = field.heights.reshape(-1), np.array(field.origin), field.cell_m
        self._last = np.array([self._cols, rows]) - 1.000001
        self._corners = np.array([0, 1, self._cols, self._cols + 1])
        self._model, self._data = compiled.model, data
        self._decks = tuple(compiled.decks.T) if len(compiled.decks) else ()
        deck_geoms = (compiled.conaffinity == DECK) & (compiled.owner < 0)
        compiled.model.geom_group[deck_geoms] = 1
        self._deck_group = np.array([0, 1, 0, 0, 0, 0], dtype=np.uint8)

    def height(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height [m] of what somebody at points (..., 3) can stand on, shape (...)."""
        heights = self._field(points)[0]
        deck = self._deck(points)
        return heights if deck is None else np.maximum(heights, deck)

    def under(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights [m] as above, and the rise per metre eastwards and northwards, shape (..., 2); decks are level."""
        heights, east, north = self._field(points)
        slopes = np.empty((*heights.shape, 2))
        slopes[..., 0], slopes[..., 1] = east, north
        slopes /= self._cell_m
        deck = self._deck(points)
        if deck is not None:
            slopes[deck > heights] = 0.0
            heights = np.maximum(heights, deck)
        return heights, slopes

    def slope(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rise per metre of the bare ground eastwards and northwards at points (..., 2), shape (..., 2)."""
        _, east, north = self._field(points)
        return np.stack([east, north], axis=-1) / self._cell_m

    def _field(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Heights (...) on the field's own triangles, and how much they rise over a cell eastwards and northwards."""
        at = np.minimum(np.maximum((points[..., :2] - self._origin) / self._cell_m, 0), self._last)
        cell = at.astype(np.int64)
        at -= cell
        corner = self._flat[(cell[..., 1] * self._cols + cell[..., 0])[..., None] + self._corners].astype(np.float64)
        fu, fv = at[..., 0], at[..., 1]
        sw, se, nw, ne = corner[..., 0], corner[..., 1], corner[..., 2], corner[..., 3]
        is_below = fu >= fv
        east, north = np.where(is_below, se - sw, ne - nw), np.where(is_below, ne - se, nw - sw)
        return sw + fu * east + fv * north, east, north

    def _deck(self, points: NDArray) -> NDArray[np.float64] | None:
        """Height of the deck under each point, -inf where there is none; None where there is none at all."""
        if not self._decks:
            return None
        x, y = points[..., 0, None], points[..., 1, None]
        x0, y0, x1, y1 = self._decks
        near = ((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).any(axis=-1)
        if not near.any():
            return None
        heights = np.full(points.shape[:-1], -np.inf)
        down, geom = np.array([0.0, 0.0, -1.0]), np.zeros(1, dtype=np.int32)
        for index in map(tuple, np.argwhere(near)):
            eye = points[index] + [0.0, 0.0, STEP_M]
            distance = mujoco.mj_ray(self._model, self._data, eye, down, self._deck_group, 1, -1, geom)
            if distance >= 0:
                heights[index] = eye[2] - distance
        return heights


class Waters:
    """Where boats can be, inside a water, some way from its shore; and how high water stands over the ground."""

    def __init__(self, scene: Scene, field: GroundField) -> None:
        self._polygons = [_polygon(water) for water in scene.waters]
        self._levels = np.array([water.level_m for water in scene.waters])
        for polygon in self._polygons:
            shapely.prepare(polygon)
        self._origin, self._cell_m = np.array(field.origin), field.cell_m
        surface = self._flooded(field)
        self._surface, self._cols = surface.astype(np.float64).reshape(-1), surface.shape[1]
        self._last = np.array(surface.shape[::-1]) - 1

    def _flooded(self, field: GroundField) -> NDArray[np.float32]:
        """The water's level [m] at the field's points, -inf where they are dry."""
        surface = np.full(field.heights.shape, -np.inf, dtype=np.float32)
        for polygon, level in zip(self._polygons, self._levels.tolist(), strict=True):
            row, column = np.nonzero(field.heights < level)
            x, y = self._origin[0] + column * field.cell_m, self._origin[1] + row * field.cell_m
            inside = shapely.contains_xy(polygon, x, y)
            surface[row[inside], column[inside]] = level
        return surface

    def surface(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Level [m] of the water that stands at the nearest point of the field, -inf where it is dry, (n,) for (n, 2)."""
        if not self._polygons:
            return np.full(len(points), -np.inf)
        cell = ((points - self._origin) / self._cell_m + 0.5).astype(np.int64)
        cell = np.minimum(np.maximum(cell, 0), self._last)
        return self._surface[cell[:, 1] * self._cols + cell[:, 0]]

    def reach(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far from the shore [m] points (n, 2) lie; negative on land."""
        reach = np.full(len(points), -np.inf)
        at = shapely.points(points)
        for polygon in self._polygons:
            distance = shapely.distance(polygon.boundary, at)
            reach = np.maximum(reach, np.where(shapely.contains(polygon, at), distance, -distance))
        return reach

    def level(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Level [m] of the water at points (n, 2); NaN on land."""
        at = shapely.points(points)
        level = np.full(len(points), np.nan)
        for polygon, height in zip(self._polygons, self._levels, strict=True):
            level = np.where(shapely.contains(polygon, at), height, level)
        return level


def _polygon(water: Water) -> shapely.Polygon:
    return shapely.Polygon(water.polygon, list(water.holes))
