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
        self._heights, self._origin, self._cell_m = field.heights, np.array(field.origin), field.cell_m
        self._model, self._data, self._decks = compiled.model, data, compiled.decks
        deck_geoms = (compiled.conaffinity == DECK) & (compiled.owner < 0)
        compiled.model.geom_group[deck_geoms] = 1
        self._deck_group = np.array([0, 1, 0, 0, 0, 0], dtype=np.uint8)

    def height(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height [m] of what somebody at points (..., 3) can stand on, shape (...)."""
        return self.under(points)[0]

    def under(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights [m] as above, and the rise per metre eastwards and northwards, shape (..., 2); decks are level."""
        heights, slopes = self._field(points[..., 0], points[..., 1])
        if len(self._decks):
            deck = self._deck(points)
            is_deck = deck > heights
            if is_deck.any():
                heights, slopes = np.where(is_deck, deck, heights), np.where(is_deck[..., None], 0.0, slopes)
        return heights, slopes

    def _field(self, x: NDArray, y: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights (...) and slopes (..., 2) on the field's own triangles."""
        rows, cols = self._heights.shape
        u = np.clip((x - self._origin[0]) / self._cell_m, 0, cols - 1.000001)
        v = np.clip((y - self._origin[1]) / self._cell_m, 0, rows - 1.000001)
        i, j = v.astype(np.int64), u.astype(np.int64)
        fu, fv = u - j, v - i
        flat, at = self._heights.reshape(-1), i * cols + j
        sw, se = flat[at].astype(np.float64), flat[at + 1].astype(np.float64)
        nw, ne = flat[at + cols].astype(np.float64), flat[at + cols + 1].astype(np.float64)
        is_below = fu >= fv
        east, north = np.where(is_below, se - sw, ne - nw), np.where(is_below, ne - se, nw - sw)
        return sw + fu * east + fv * north, np.stack([east, north], axis=-1) / self._cell_m

    def _deck(self, points: NDArray) -> NDArray[np.float64]:
        """Height of the deck under each point, -inf where there is none."""
        x, y = points[..., 0, None], points[..., 1, None]
        x0, y0, x1, y1 = self._decks.T
        near = ((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).any(axis=-1)
        heights = np.full(points.shape[:-1], -np.inf)
        if not near.any():
            return heights
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
        self._surface = self._flooded(field)

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
        rows, cols = self._surface.shape
        if not self._polygons:
            return np.full(len(points), -np.inf)
        column, row = ((points - self._origin) / self._cell_m + 0.5).astype(np.int64).T
        at = np.minimum(np.maximum(row, 0), rows - 1) * cols + np.minimum(np.maximum(column, 0), cols - 1)
        return self._surface.reshape(-1)[at].astype(np.float64)

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
