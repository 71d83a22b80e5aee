"""The height field while it is worked on: finer than the plan's, graded for building, then cut to what stands on it."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportGeneralTypeIssues=false

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from bridge.scene import Terrain
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass
class Ground:
    """Heights [m] (rows, cols), row 0 south, vertices `cell_m` apart from `origin`; changed in place by the builder."""

    origin: tuple[float, float]
    cell_m: float
    heights: Array

    @property
    def size_m(self) -> float:
        """Side of the square map [m]."""
        return self.cell_m * (self.heights.shape[0] - 1)

    @property
    def xy(self) -> Array:
        """Places of the vertices (rows, cols, 2) [m]."""
        rows, cols = self.heights.shape
        x = self.origin[0] + self.cell_m * np.arange(cols)
        y = self.origin[1] + self.cell_m * np.arange(rows)
        return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1)

    def at(self, xy: Array) -> Array:
        """Heights (n,) [m] between the vertices, bilinear."""
        return self.field_at(self.heights, xy)

    def field_at(self, field: NDArray, xy: Array) -> Array:
        """Values (n,) of any field on the vertices, bilinear."""
        v = (np.asarray(xy)[..., 1] - self.origin[1]) / self.cell_m
        u = (np.asarray(xy)[..., 0] - self.origin[0]) / self.cell_m
        return ndimage.map_coordinates(np.asarray(field, dtype=np.float64), [v, u], order=1, mode="nearest")

    def inside(self, shape: BaseGeometry) -> Mask:
        """Which vertices (rows, cols) lie in a polygon; only those in its bounding box are asked."""
        rows, cols = self.heights.shape
        mask = np.zeros((rows, cols), dtype=bool)
        if shape.is_empty:
            return mask
        x0, y0, x1, y1 = shape.bounds
        j0, j1 = self._span(x0, x1, self.origin[0], cols)
        i0, i1 = self._span(y0, y1, self.origin[1], rows)
        if i1 <= i0 or j1 <= j0:
            return mask
        x = self.origin[0] + self.cell_m * np.arange(j0, j1)
        y = self.origin[1] + self.cell_m * np.arange(i0, i1)
        shapely.prepare(shape)
        grid_x, grid_y = np.meshgrid(x, y)
        mask[i0:i1, j0:j1] = shapely.contains_xy(shape, grid_x, grid_y)
        return mask

    def _span(self, low: float, high: float, origin: float, count: int) -> tuple[int, int]:
        first = int(np.ceil((low - origin) / self.cell_m))
        last = int(np.floor((high - origin) / self.cell_m)) + 1
        return min(max(first, 0), count), min(max(last, 0), count)

    def finished(self, surface: NDArray[np.uint8], surfaces: tuple[str, ...]) -> Terrain:
        """The same as frozen data."""
        return Terrain(
            self.origin, self.cell_m, read_only(self.heights, np.float32), read_only(surface, np.uint8), surfaces
        )


def blurred(mask: NDArray, sigma: float) -> Array:
    """A field smoothed by a Gaussian of `sigma` vertices."""
    return ndimage.gaussian_filter(np.asarray(mask, dtype=np.float64), sigma, mode="nearest", truncate=3.0)


def noise(shape: tuple[int, int], wavelength: float, rng: np.random.Generator) -> Array:
    """Smooth noise in about -1..1: random values every `wavelength` vertices, joined by cubic splines."""
    counts = [int(n / wavelength) + 5 for n in shape]
    values = rng.uniform(-1.0, 1.0, counts)
    return _between(values, 1 + np.arange(shape[0]) / wavelength, 1 + np.arange(shape[1]) / wavelength)


def _between(values: Array, rows: Array, columns: Array) -> Array:
    """Values (n,m) at every pair of fractional rows and columns, joined by cubic splines (lower ones where n or m < 4)."""
    order = min(3, min(values.shape) - 1)
    at = np.meshgrid(rows, columns, indexing="ij")
    return ndimage.map_coordinates(values, np.array(at), order=order, mode="mirror")


def raw_ground(plan: Plan, *, seed: int) -> Ground:
    """The plan's heights on vertices 2.5 m (small maps) to 5 m (3 km and more) apart, graded where houses will stand."""
    wanted = float(np.clip(plan.size_m / 400, 2.5, 5.0))
    count = int(np.ceil(plan.size_m / wanted))
    cell = plan.size_m / count
    coarse = np.asarray(plan.heights, dtype=np.float64)
    rows, columns = (np.linspace(0, n - 1, count + 1) for n in coarse.shape)
    heights = _between(coarse, rows, columns)
    ground = Ground((-plan.size_m / 2, -plan.size_m / 2), cell, heights)
    letters = plan.zone_at(ground.xy)
    built = blurred(np.isin(letters, list(BUILT + "#P")), 0.5 * plan.cell_m / cell)
    rough = np.isin(letters, ["M", "H", "D"])
    fine = noise(heights.shape, 24 / cell, stream(seed, "terrain", "rolling")) * 0.45
    fine += noise(heights.shape, 9 / cell, stream(seed, "terrain", "bumps")) * 0.2
    fine += noise(heights.shape, 40 / cell, stream(seed, "terrain", "crags")) * 2.0 * blurred(rough, 3)
    level = ndimage.gaussian_filter(heights, 14.0 / cell, mode="nearest", truncate=2.5)
    keep = np.clip(1.2 * built - 0.1, 0, 1)
    ground.heights = heights * (1 - keep) + level * keep + fine * (1 - np.clip(1.6 * built, 0, 1))
    return ground


def near(mask: Mask, cell_m: float) -> tuple[Array, tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Distance [m] of every vertex to the mask, and which vertex of the mask is nearest (rows, columns)."""
    if not mask.any():
        far = np.full(mask.shape, np.inf)
        return far, (np.zeros(mask.shape, dtype=int), np.zeros(mask.shape, dtype=int))
    distance, index = ndimage.distance_transform_edt(~mask, return_indices=True)
    return distance * cell_m, (index[0], index[1])


def blend_to(ground: Ground, fixed: Mask, targets: Array, *, water: Mask) -> None:
    """Sets heights where `fixed`, and lets the natural ground run into them over banks no steeper than about 1 in 2.5."""
    if not fixed.any():
        return
    distance, (i, j) = near(fixed, ground.cell_m)
    target = targets[i, j]
    reach = np.clip(3.0 * np.abs(target - ground.heights), 6.0, 45.0)
    t = np.clip(distance / reach, 0, 1)
    weight = 1 - t * t * (3 - 2 * t)
    soft = ground.heights * (1 - weight) + target * weight
    ground.heights = np.where(fixed, targets, np.where(water, ground.heights, soft))
