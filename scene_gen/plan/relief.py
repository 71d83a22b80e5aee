"""Heights from a lattice: sea beds, beaches, quay walls, gentle towns, hills and mountains, one smooth surface."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import Letters, Mask, built, distance_to, is_any, labelled, letters_of, wet, widened
from scene_gen.plan.noise import fractal, ridged
from scene_gen.plan.shoreline import bed_of, depth_of, shore_of, soft_cap, spread_cells
from scene_gen.seeds import stream

Field = NDArray[np.float64]

QUAY_M = 1.9
"""Top of a quay above its water [m]."""
_SPACING_M = 5.0
_FEWEST, _MOST = 4, 16
"""Steps between heights along one cell."""

_STEEPEST = {
    "H": 0.55,
    "M": 1.15,
    "F": 0.28,
    "G": 0.24,
    "Y": 0.22,
    "A": 0.12,
    "P": 0.11,
    "D": 0.30,
    "B": 0.08,
    "W": 0.05,
}
"""Rise over run allowed by letter; what is built on keeps to `_GENTLE`."""
_GENTLE = 0.085
_HILL_ROAD = 0.1


def samples(size_m: float) -> int:
    """Heights along one side: about 5 m apart, at least 129, at most 513; lattice corners lie on samples."""
    return CELLS * int(np.clip(np.ceil(size_m / CELLS / _SPACING_M), _FEWEST, _MOST)) + 1


def relief(lattice: tuple[str, ...], *, size_m: float, seed: int) -> NDArray[np.float32]:
    """Heights (n, n) [m] for a lattice, rounded to centimetres, row 0 south; water cells lie below 0."""
    letters = letters_of(lattice)
    n = samples(size_m)
    shore = shore_of(letters, size_m, n, stream(seed, "plan", "shoreline"))
    above = _above(letters, size_m, n, stream(seed, "plan", "relief"))
    distance = shore.distance_m
    rise = shore.steepness * distance
    land = soft_cap(np.maximum(rise, 0.0), QUAY_M) + above * _smooth(distance / 6.0)
    bed = bed_of(letters, size_m, n, distance, shore.steepness)
    heights = np.where(distance > 0, np.maximum(land, 0.02), np.minimum(bed, -0.02))
    return np.round(heights, 2).astype(np.float32)


def fit_to_lattice(
    heights: NDArray[np.float32], lattice: tuple[str, ...], *, size_m: float, seed: int
) -> NDArray[np.float32]:
    """Given heights bent so that the lattice's water is under water and its land is not; the rest stays as it was."""
    letters = letters_of(lattice)
    n = heights.shape[0]
    shore = shore_of(letters, size_m, n, stream(seed, "plan", "shoreline"))
    distance = shore.distance_m
    land = soft_cap(np.maximum(shore.steepness * distance, 0.02), QUAY_M)
    bed = np.minimum(bed_of(letters, size_m, n, distance, shore.steepness), -0.02)
    given = heights.astype(np.float64)
    return np.round(np.where(distance > 0, np.maximum(given, land), np.minimum(given, bed)), 2).astype(np.float32)


def _above(letters: Letters, size_m: float, n: int, rng: np.random.Generator) -> Field:
    """Height above the waterfront (n, n): what each zone wants, cut back to the slope that each zone allows."""
    under = wet(letters)
    coarse = 2 * CELLS + 1
    axis = np.linspace(-1, 1, coarse)
    x, y = np.meshgrid(axis, axis)
    inland = spread_cells(np.minimum(distance_to(under), 30.0) if under.any() else np.full(letters.shape, 12.0), coarse)
    inland_m = np.maximum(inland - 1.0, 0.0) * size_m / CELLS
    swell = 0.5 + 0.5 * fractal(rng, x, y, frequency=0.9, octaves=2)
    wanted = 0.018 * np.minimum(inland_m, 600.0) + 0.006 * min(size_m, 1500.0) * swell * np.minimum(inland / 6.0, 1.0)
    natural = spread_cells(ndimage.gaussian_filter(is_any(letters, "GFYDA").astype(float), 0.6), coarse)
    wanted = wanted + natural * 0.012 * min(size_m, 1200.0) * (0.5 + 0.5 * fractal(rng, x, y, frequency=2.2, octaves=3))
    wanted = wanted + _dunes(letters, coarse, x, y, rng)
    wanted = wanted + _hills(letters, size_m, coarse, x, y, rng) + _mountains(letters, size_m, coarse, x, y, rng)
    flat = widened(letters == "Q") | under
    wanted = np.where(spread_cells(flat.astype(float), coarse, order=1) > 0.35, 0.0, np.maximum(wanted, 0.0))
    limited = _slope_limited(wanted, _allowed(letters, coarse), size_m / (coarse - 1))
    fine = np.linspace(0, coarse - 1, n)
    rows, columns = np.meshgrid(fine, fine, indexing="ij")
    smooth = ndimage.gaussian_filter(limited, 0.7, mode="nearest")
    smooth = ndimage.map_coordinates(smooth, [rows, columns], order=2, prefilter=False, mode="nearest")
    return smooth + _detail(letters, size_m, n, rng)


def _hills(letters: Letters, size_m: float, n: int, x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Domes on hill cells, higher the wider they are; a hill with houses on it only as steep as its road."""
    hill = letters == "H"
    if not hill.any():
        return np.zeros((n, n))
    body = ndimage.binary_closing(np.pad(hill | (letters == "M"), 4, mode="edge"), np.ones((3, 3)), iterations=2)[
        4:-4, 4:-4
    ]
    crowned = _enclosed(letters, hill)
    body |= crowned | hill
    inside = _depth(body)
    cell = size_m / CELLS
    labels, count = labelled(body, corners=True)
    has_houses = np.isin(labels, np.unique(labels[crowned])) & body & (labels > 0) if count else body & False
    top = float(np.clip(0.075 * size_m, 18.0, 60.0))
    dome = np.where(has_houses, np.minimum(0.12 * cell * (inside + 0.5), 60.0), soft_cap(0.5 * cell * inside, top))
    lumps = 1.0 + 0.25 * fractal(rng, x, y, frequency=2.4, octaves=3) * (1 - spread_cells(has_houses.astype(float), n))
    return spread_cells(np.where(body, dome, 0.0), n) * lumps


def _mountains(letters: Letters, size_m: float, n: int, x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Ridges on mountain cells, up to 0.3 of the map's side where they are deepest."""
    mountain = letters == "M"
    if not mountain.any():
        return np.zeros((n, n))
    inside = spread_cells(_depth(mountain), n)
    top = 0.3 * size_m
    body = soft_cap(0.85 * inside * size_m / CELLS, top)
    return body * (0.5 + 0.75 * ridged(rng, x, y, frequency=1.5)) * (0.6 + 0.4 * np.clip(inside / 4.0, 0, 1))


def _dunes(letters: Letters, n: int, x: Field, y: Field, rng: np.random.Generator) -> Field:
    sand = letters == "D"
    if not sand.any():
        return np.zeros((n, n))
    waves = ridged(rng, x + 0.2 * y, y * 0.55, frequency=2.2, octaves=2)
    return spread_cells(np.minimum(_depth(sand), 4.0) / 4.0, n) * 9.0 * waves


def _depth(mask: Mask) -> Field:
    """How many cells deep inside a mask each cell lies, 0 outside; the world beyond the map continues it."""
    wide = np.pad(mask, 8, mode="edge")
    return depth_of(wide)[8:-8, 8:-8]


def _enclosed(letters: Letters, hill: Mask) -> Mask:
    """Groups of houses with hills nearly all around."""
    labels, count = labelled(built(letters) | (letters == "P"), corners=True)
    result = np.zeros_like(hill)
    for index in range(1, count + 1):
        group = labels == index
        rim = widened(group, corners=True) & ~group & (letters != "#")
        if rim.any() and hill[rim].mean() > 0.6:
            result |= group
    return result


def _allowed(letters: Letters, n: int) -> Field:
    """Rise over run allowed at each point: the least of the letters around it."""
    slope = np.full(letters.shape, _GENTLE)
    for letter, steepest in _STEEPEST.items():
        slope[letters == letter] = steepest
    town = built(letters) | (letters == "#")
    slope[(letters == "#") & widened(letters == "H", corners=True)] = _HILL_ROAD
    slope = np.where(widened(town) & ~town, np.minimum(slope, 0.16), slope)
    along = np.linspace(-0.5, CELLS - 0.5, n)
    rows, columns = np.meshgrid(along[::-1], along, indexing="ij")
    gentlest = np.full((n, n), np.inf)
    for half in (-0.01, 0.01):
        for other in (-0.01, 0.01):
            index = (
                np.clip(np.round(rows + half).astype(int), 0, CELLS - 1),
                np.clip(np.round(columns + other).astype(int), 0, CELLS - 1),
            )
            gentlest = np.minimum(gentlest, slope[index])
    return gentlest


def _slope_limited(wanted: Field, slope: Field, spacing: float) -> Field:
    """The highest surface under `wanted` that is nowhere steeper than `slope`: rings of neighbours until nothing moves."""
    height = wanted.copy()
    steps = [(0, 1, 1.0), (1, 0, 1.0), (1, 1, np.sqrt(2.0)), (1, -1, np.sqrt(2.0))]
    for _ in range(4 * len(height)):
        before = height.copy()
        for down, right, length in steps:
            here, there = _pair(height, down, right)
            slope_here, slope_there = _pair(slope, down, right)
            rise = np.minimum(slope_here, slope_there) * (length * spacing)
            np.minimum(here, there + rise, out=here)
            np.minimum(there, here + rise, out=there)
        if np.abs(height - before).max() < 1e-3:
            break
    return height


def _pair(field: Field, down: int, right: int) -> tuple[Field, Field]:
    """Views of a field and of itself one step away, over the points that have that neighbour."""
    rows = len(field)
    if right >= 0:
        return field[: rows - down, : rows - right], field[down:, right:]
    return field[: rows - down, -right:], field[down:, : rows + right]


def _detail(letters: Letters, size_m: float, n: int, rng: np.random.Generator) -> Field:
    """Small bumps of open land; none where people build."""
    rough = np.zeros(letters.shape)
    for letter, metres in (
        ("G", 0.5),
        ("F", 0.8),
        ("H", 1.6),
        ("M", 0.02 * size_m),
        ("D", 0.5),
        ("A", 0.15),
        ("Y", 0.3),
    ):
        rough[letters == letter] = metres
    town = widened(built(letters) | (letters == "#"))
    rough[town] *= 0.2
    axis = np.linspace(-1, 1, n)
    x, y = np.meshgrid(axis, axis)
    waves = min(size_m / 90.0, n / 24.0)
    bumps = spread_cells(rough, n) * fractal(rng, x, y, frequency=waves, octaves=2)
    inside = np.clip((_depth(letters == "M") - 1.0) / 2.5, 0.0, 1.0) * ~widened(town, 2)
    if not inside.any():
        return bumps
    crags = ridged(rng, x + 0.3 * y, y - 0.3 * x, frequency=0.45 * waves, octaves=3) - 0.45
    return bumps + spread_cells(inside, n) * 0.085 * size_m * crags


def _smooth(value: Field) -> Field:
    t = np.clip(value, 0.0, 1.0)
    return t * t * (3 - 2 * t)
