"""What the ground is made of: a material for every vertex, by lattice letter, slope, shore and open area."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportCallIssue=false

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from shapely import Polygon

from bridge.scene import Terrain
from scene_gen.build.ground.covers import covers_of, is_desert
from scene_gen.build.ground.openland import rim_m
from scene_gen.build.ground.terrain import Ground, Mask, noise
from scene_gen.build.ground.water import Wet
from scene_gen.build.site import Area
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_AREAS = {"garden": "lawn", "park": "lawn", "cemetery": "lawn", "field": "", "vineyard": "soil", "yard": "gravel",
          "forest": "forest-floor"}  # fmt: skip
_WILD = ("grass", "meadow", "dry-grass", "desert-sand", "rock", "red-rock", "lawn")
"""What may go on beyond the map; the floor of a wood would be bare and brown without its trees, so grass does for it."""
_STRIPS = ("crops", "crops-gold", "meadow", "crops", "soil")


def covered(plan: Plan, ground: Ground, wet: Wet, under: Mask, areas: Sequence[Area], *, seed: int) -> Terrain:
    """The finished terrain. `under` (rows, cols) are the vertices below water."""
    letters = plan.zone_at(ground.xy)
    above = np.where(np.isfinite(wet.level), ground.heights - np.where(np.isfinite(wet.level), wet.level, 0.0), np.inf)
    is_dry = is_desert(plan)
    surface, names = _by_letter(letters, ground, ~under, above, covers_of(plan).yards, is_dry=is_dry)
    count = 0
    for place in areas:
        if place.kind not in _AREAS or (is_dry and place.kind == "garden"):
            continue
        name = _AREAS[place.kind] or _STRIPS[(count := count + 1) % len(_STRIPS)]
        if name not in names:
            names.append(name)
        own = ground.inside(Polygon(place.polygon, place.holes)) & ~under
        surface[own] = names.index(name)
    _plain_rim(surface, names, ground, under, rim_m(plan), seed)
    return ground.finished(surface, tuple(names))


def _plain_rim(
    surface: NDArray[np.uint8], names: list[str], ground: Ground, under: Mask, width_m: float, seed: int
) -> None:
    """Covers the dry ground along the map's edge with the wild sort that is most of it, in place, with an uneven border.

    Pictures carry the edge's ground on to the horizon, where fields would be stripes of a mile.
    """
    rows, columns = surface.shape
    i, j = np.indices(surface.shape)
    inward = np.minimum(np.minimum(i, rows - 1 - i), np.minimum(j, columns - 1 - j)) * ground.cell_m
    uneven = noise(surface.shape, 30 / ground.cell_m, stream(seed, "terrain", "rim"))
    rim = (inward < width_m * (1 + 0.4 * uneven)) & ~under
    usual = np.array([names.index(name) for name in _WILD if name in names])
    counts = np.bincount(surface[rim & (inward < ground.cell_m)], minlength=len(names))[usual]
    kept = np.isin(surface, [names.index(name) for name in ("sand", "seabed") if name in names])
    surface[rim & ~kept] = usual[int(counts.argmax())]


def _by_letter(
    letters: NDArray, ground: Ground, dry: Mask, shore: Array, yards: str, *, is_dry: bool
) -> tuple[NDArray[np.uint8], list[str]]:
    """Materials of the vertices: `letters` (rows, cols), `shore` the height above the nearest water [m] (inf: none)."""
    table = {
        "W": "seabed", "B": "sand", "Q": "gravel", "R": "lawn", "S": "lawn", "O": "paving-warm" if yards == "paving" else yards,
        "C": yards, "T": yards, "I": "gravel", "V": yards, "E": "lawn", "P": "lawn", "F": "forest-floor", "A": "crops", "Y": "soil", "G": "grass",
        "H": "meadow", "M": "rock", "D": "desert-sand", "X": "dry-grass", "#": "grass",
    }  # fmt: skip
    if is_dry:
        table |= {"R": "desert-sand", "S": "desert-sand", "G": "dry-grass", "O": "desert-sand", "#": "desert-sand",
                  "H": "red-rock", "M": "red-rock", "E": "dry-grass", "C": "desert-sand", "V": "desert-sand", "I": "desert-sand"}  # fmt: skip
    names = list(dict.fromkeys([*table.values(), "rock", "sand", "seabed", "crops-gold", "soil", "meadow"]))
    index = {name: k for k, name in enumerate(names)}
    surface = np.zeros(ground.heights.shape, dtype=np.uint8)
    for letter, name in table.items():
        surface[letters == letter] = index[name]
    slope = np.hypot(*np.gradient(ndimage.gaussian_filter(ground.heights, 1.0), ground.cell_m))
    open_land = np.isin(letters, list("GHFMDAYB"))
    surface[(slope > 0.62) & open_land] = index["red-rock" if is_dry else "rock"]
    surface[open_land & (shore < 0.8) & (slope < 0.5)] = index["sand"]
    surface[~dry] = index["seabed"]
    surface[~dry & (shore > -1.2)] = index["sand"]
    return surface, names
