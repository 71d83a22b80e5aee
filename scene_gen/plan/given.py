"""Heights that the user gives: resampled to the plan's grid, and read as water, hills and ground to build on."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportCallIssue=false

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bridge.errors import InvalidPlan
from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import axes, best, distance_to, groups, roomy
from scene_gen.plan.ground import Ground
from scene_gen.plan.relief import samples
from scene_gen.plan.shoreline import at_cells
from scene_gen.plan.wishes import Wishes

_STEEP, _CLIFF = 0.14, 0.5
_FAR_FROM_DATUM_M = 60.0


def resampled(heights: NDArray[np.floating], *, size_m: float) -> NDArray[np.float32]:
    """Heights (n, n) [m] on the plan's grid, edge to edge, of any array (rows, columns), row 0 south.

    Finer arrays are averaged first. Raises InvalidPlan for what is no height map.
    """
    field = np.asarray(heights, dtype=np.float64)
    if field.ndim != 2 or min(field.shape) < 2:
        raise InvalidPlan(f"heights have shape {field.shape}; expected rows and columns, at least 2 of each.")
    if not np.isfinite(field).all():
        row, column = np.argwhere(~np.isfinite(field))[0]
        raise InvalidPlan(f"heights[{row}][{column}] is {field[row, column]}; expected metres. Fill the gaps first.")
    n = samples(size_m)
    blur = [max((length - 1) / (n - 1) - 1.0, 0.0) * 0.5 for length in field.shape]
    if any(blur):
        field = ndimage.gaussian_filter(field, blur, mode="nearest")
    rows, columns = np.meshgrid(*(np.linspace(0, length - 1, n) for length in field.shape), indexing="ij")
    order = 3 if min(field.shape) >= 4 and max(field.shape) < n else 1
    smooth = ndimage.map_coordinates(field, [rows, columns], order=order, mode="nearest")
    return np.round(np.clip(smooth, field.min(), field.max()), 2).astype(np.float32)


def is_flat(heights: NDArray[np.float32]) -> bool:
    """Whether the heights say nothing about the ground: less than half a metre between the lowest and the highest."""
    return float(np.ptp(heights)) < 0.5


def ground_of_heights(
    heights: NDArray[np.float32], wishes: Wishes, notes: list[str]
) -> tuple[Ground, NDArray[np.float32]]:
    """What the heights say about water, hills and mountains, and the heights moved to the datum.

    Ground below 0 is water. Where the sentence needs water and nothing lies below 0, the lowest quarter is flooded;
    where everything lies far above 0, all is lowered: both are noted. Raises InvalidPlan where there is no land.
    """
    lowest = float(heights.min())
    shift = 0.0
    if lowest >= 0 and wishes.waters:
        shift = -float(np.quantile(heights, 0.27)) - 0.01
        notes.append(
            f"The height map has nothing below 0 m; it was lowered by {-shift:.1f} m so that its lowest quarter is water."
        )
    elif lowest > _FAR_FROM_DATUM_M or float(heights.max()) < -_FAR_FROM_DATUM_M:
        shift = 2.0 - lowest
        notes.append(f"The height map was moved by {shift:+.1f} m so that its lowest point lies 2 m above the datum.")
    heights = np.round(heights.astype(np.float64) + shift, 2).astype(np.float32)
    if float((heights >= 0).mean()) < 0.03:
        raise InvalidPlan(
            f"The height map lies {-float(heights.max()):.1f} m under water at its highest; a town needs land above 0 m. "
            "Raise it, or give its heights from the water's level."
        )
    x, y = axes()
    spacing = wishes.size_m / (len(heights) - 1)
    slope = np.hypot(*np.gradient(ndimage.gaussian_filter(heights.astype(np.float64), 1.0), spacing))
    level, slope_cells = at_cells(heights), at_cells(slope)
    water = level < 0
    labels, count = groups(water)
    if count:
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        water &= sizes[labels] >= 2
    open_water = roomy(water)
    if wishes.waters and not water.any():
        notes.append("The height map has no water; there is none in this town.")
    high = level > max(0.18 * wishes.size_m, 40.0)
    mountains = (slope_cells > _CLIFF) | (high & (slope_cells > 0.3))
    hills = (slope_cells > _STEEP) & ~mountains & ~water
    mountains &= ~water
    rise = np.interp(level, [min(float(level.min()), 0.0), max(float(level.max()), 1.0)], [0.0, 1.6])
    flat = ~(water | hills | mountains)
    if not flat.any():
        notes.append("The height map is steep everywhere; the town stands on its gentlest ground.")
        flat = ~water & (slope_cells <= np.quantile(slope_cells, 0.4))
        hills &= ~flat
        mountains &= ~flat
    room = ndimage.uniform_filter(flat.astype(float), 9, mode="constant")
    shore = distance_to(open_water if open_water.any() else water)
    side = wishes.sides.get("town", (0.0, 0.0))
    score = 1.6 * room - 0.4 * np.hypot(x - 0.5 * side[0], y - 0.5 * side[1])
    if np.isfinite(shore).all():
        score = score - 0.06 * np.abs(np.minimum(shore, 14) - 4.5)
    centre = best(score, flat) or (CELLS // 2, CELLS // 2)
    to_sea = (0.0, 0.0)
    if open_water.any():
        sea = np.array([x[open_water].mean() - x[centre], y[open_water].mean() - y[centre]])
        sea /= max(float(np.hypot(*sea)), 1e-9)
        to_sea = (float(sea[0]), float(sea[1]))
    hilltop = None
    if wishes.hilltop:
        near = np.hypot(x - x[centre], y - y[centre])
        hilltop = best(level - 40.0 * np.abs(near - 0.5), (slope_cells < 0.25) & ~water & (near > 0.2) & (near < 0.8))
    return Ground(open_water, water & ~open_water, hills, mountains, rise, to_sea, centre, hilltop), heights
