"""The waterline of a lattice: a smooth distance to it, how steep it is, and the bed under the water."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import Letters, Mask, beside, built, roomy, wet, widened
from scene_gen.plan.noise import fractal

Field = NDArray[np.float64]

_SHORE = {"Q": 1.3, "B": 0.07, "W": 0.3, "M": 0.8, "H": 0.5, "D": 0.08, "P": 0.3}
"""Rise over run across the waterline by the letter on land; other open land 0.25, other built land 0.7."""


@dataclass(frozen=True, eq=False)
class Shore:
    """The waterline as a field: `distance_m` (n, n), positive on land, negative in water, 0 at the line."""

    distance_m: Field
    steepness: Field


def shore_of(letters: Letters, size_m: float, n: int, rng: np.random.Generator) -> Shore:
    """The waterline: smoothed cells, bent by noise along natural shores, straight along quays."""
    under = wet(letters)
    cell = size_m / CELLS
    spacing = size_m / (n - 1)
    sign = np.where(under, -1.0, 1.0)
    walls = (letters == "Q") | (built(letters) & beside(under)) | (letters == "#")
    walls = widened(walls, corners=True)
    stiff = spread_cells(ndimage.gaussian_filter(walls.astype(float), 0.6), n)
    stiff = np.clip(stiff * 1.4, 0.0, 1.0)
    axis = np.linspace(-1, 1, min(n, 257))
    x, y = np.meshgrid(axis, axis)
    bend = np.stack([_finer(fractal(rng, x, y, frequency=5.0, octaves=3), n) for _ in range(2)])
    bend *= 0.55 * (1 - stiff)
    for _ in range(3):
        shape = spread_cells(sign, n, shift=bend)
        straight = spread_cells(ndimage.gaussian_filter(sign, 0.9, mode="nearest"), n)
        shape = shape + (straight - shape) * 0.75 * stiff
        wrong = (at_cells(shape) < 0) != under
        if not wrong.any():
            break
        # Thin or lone cells that bending or straightening would drown keep their own shape.
        keep = 1.0 - np.clip(spread_cells(widened(wrong, 2).astype(float), n) * 1.5, 0, 1)
        bend, stiff = bend * keep, stiff * keep
    distance = _signed_distance(shape, spacing)
    if not under.any() or under.all():
        distance = np.full((n, n), size_m * (-1.0 if under.any() else 1.0))
    return Shore(distance, _steepness(letters, under, n, cell))


def _finer(field: Field, n: int) -> Field:
    """The same field with n samples a side."""
    if len(field) == n:
        return field
    at = np.linspace(0, len(field) - 1, n)
    return ndimage.map_coordinates(field, np.meshgrid(at, at, indexing="ij"), order=1)


def _signed_distance(shape: Field, spacing: float) -> Field:
    """Distance [m] to the zero line of a field: by its gradient near the line, by cells further away."""
    slope_y, slope_x = np.gradient(shape, spacing)
    near = np.abs(shape) / np.maximum(np.sqrt(slope_x**2 + slope_y**2), 1e-6)
    land = shape > 0
    far = np.where(land, depth_of(land), depth_of(~land)) * spacing
    blend = np.clip(far / (3 * spacing) - 0.5, 0, 1)
    size = np.minimum(near, far + 0.5 * spacing) * (1 - blend) + np.maximum(far - 0.5 * spacing, 0.0) * blend
    return np.where(land, size, -size)


def _steepness(letters: Letters, under: Mask, n: int, cell: float) -> Field:
    """Rise over run across the waterline, from the letter on the landward side."""
    value = np.where(built(letters) | (letters == "#"), 0.7, 0.25)
    for letter, steep in _SHORE.items():
        value[letters == letter] = steep
    if under.all():
        return np.full((n, n), 0.25)
    nearest = np.asarray(ndimage.distance_transform_edt(under, return_distances=False, return_indices=True))
    return spread_cells(ndimage.gaussian_filter(value[tuple(nearest)], 0.8, mode="nearest"), n)


def bed_of(letters: Letters, size_m: float, n: int, distance: Field, steepness: Field) -> Field:
    """The bed: rivers and canals about 2 m deep, open water 4 to 8 m, soon deep along quays."""
    under = wet(letters)
    openness = spread_cells(ndimage.gaussian_filter(roomy(under).astype(float), 0.5), n)
    out = -np.minimum(distance, 0.0)
    start = steepness * out
    shelf = 3.2 + 4.6 * np.clip(out / max(0.14 * size_m, 60.0), 0, 1)
    deepest = 2.0 + (shelf - 2.0) * np.clip(openness * 1.5, 0, 1)
    return -soft_cap(start, deepest)


def at_cells(field: NDArray[np.floating]) -> Field:
    """Values at the cells' middles (32, 32), north row first, of a field (n, n) with row 0 south."""
    n = field.shape[0]
    middle = (np.arange(CELLS) + 0.5) / CELLS * (n - 1)
    rows, columns = np.meshgrid(middle[::-1], middle, indexing="ij")
    return ndimage.map_coordinates(field.astype(np.float64), [rows, columns], order=1)


def spread_cells(values: NDArray[np.floating], n: int, *, order: int = 2, shift: Field | None = None) -> Field:
    """A value a cell (32, 32) as a smooth field (n, n), row 0 south: a quadratic B-spline, which keeps to the range.

    `shift` (2, n, n) [cells] moves the points at which the field is read.
    """
    along = np.linspace(-0.5, CELLS - 0.5, n)
    rows, columns = np.meshgrid(along[::-1], along, indexing="ij")
    if shift is not None:
        rows, columns = rows + shift[0], columns + shift[1]
    return ndimage.map_coordinates(
        values.astype(np.float64), [rows, columns], order=order, prefilter=False, mode="nearest"
    )


def depth_of(mask: NDArray) -> Field:
    """Distance [cells or samples] from each point of a mask to the nearest one outside, 0 outside."""
    return np.asarray(ndimage.distance_transform_edt(mask), dtype=np.float64)


def soft_cap(value: Field, top: Field | float) -> Field:
    """`value` while small, never above `top`, with a rounded shoulder."""
    top = np.maximum(top, 1e-6)
    t = np.clip(value / top, 0.0, 1.5)
    return top * np.where(t < 1.5, t - t**3 * (4.0 / 27.0), 1.0)
