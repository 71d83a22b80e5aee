"""Trees: forests, parks and gardens by zone, rows along streets, squares and promenades."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, curbside, edge, in_shape, in_zone, streets_of
from scene_gen.build.occupancy import independent

Array = NDArray[np.float64]
TREE_GAP_M = {
    "F": 6.4, "P": 11.0, "G": 27.0, "H": 23.0, "M": 27.0, "X": 17.0, "E": 13.0, "A": 48.0, "S": 16.0, "R": 20.0,
    "O": 20.0, "C": 26.0, "V": 22.0, "B": 20.0, "D": 45.0, "T": 30.0, "I": 34.0, "#": 30.0,
}  # fmt: skip
"""How far apart trees stand by lattice letter [m], at trees_density 1."""
USUAL_TREES = {"oak": 3.0, "maple": 2.0, "birch": 1.5, "pine": 1.5}
NO_TREES_ON = ("field", "vineyard", "square", "quay", "yard", "parking-lot", "promenade", "cemetery", "beach")
CONIFERS, OF_SAND = ("pine", "dead-tree"), ("palm", "olive-tree", "cactus")
NOT_IN_PAVEMENTS = ("fruit-tree", "dead-tree", "willow", "pine")
PAVED = ("sidewalk", "square", "dock", "quay", "promenade")
STEEPEST = 0.9
"""Rise over run on which no tree holds."""


@dataclass(frozen=True, eq=False)
class Stand:
    """Places (n,2) for trees of weighted kinds; `scales` bounds their size, `crown_clear` the part of the crown's
    radius that keeps off the walls of houses."""

    points: Array
    weights: dict[str, float]
    rng: np.random.Generator
    scales: tuple[float, float] = (0.8, 1.2)
    crown_clear: float = 0.75


def plant_trees(grounds: Grounds) -> None:
    """All trees of the town: those in pavements first, for they have the least choice."""
    weights = tree_weights(grounds)
    if grounds.plan.look.trees_density <= 0 or not weights:
        return
    stand_trees(grounds, _in_pavements(grounds, weights), on=PAVED, spacing_m=6.0)
    stand_trees(grounds, [*_in_gardens(grounds, weights), *_in_zones(grounds, weights)], spacing_m=3.0)


def tree_weights(grounds: Grounds) -> dict[str, float]:
    """Kinds of tree that the kit has and the plan allows, with their weights, sorted by name."""
    given = grounds.plan.look.trees or USUAL_TREES
    return {k: w for k, w in sorted(given.items()) if w > 0 and grounds.stock.names(k) and grounds.allowance(k)}


def bare_ground(grounds: Grounds, points: Array) -> NDArray[np.bool_]:
    """Which points are bare ground, away from streets, and in no area kept for something else."""
    free = grounds.surfaces.top(points)[1] == -1
    spots = np.asarray(shapely.points(points), dtype=object)
    for layer, distance in (("road", 0.9), ("walk", 0.9), ("water", 0.9), *((kind, 0.5) for kind in NO_TREES_ON)):
        free[free] = ~grounds.occupancy.near(layer, spots[free], distance)
    return free


def stand_trees(
    grounds: Grounds, stands: list[Stand], *, on: tuple[str, ...] = ("terrain",), spacing_m: float = 3.0
) -> None:  # fmt: skip
    """Trees at the places of all stands, a kind at a time; crowns stay off the walls of houses."""
    chosen: dict[str, list[tuple[Array, Array, Array]]] = {}
    for stand in stands:
        kinds = sorted(k for k in stand.weights if grounds.stock.names(k))
        if not kinds or not len(stand.points):
            continue
        rng, count = stand.rng, len(stand.points)
        share = np.array([stand.weights[kind] for kind in kinds])
        which = rng.choice(len(kinds), count, p=share / share.sum())
        looks = np.array([len(grounds.stock.names(kind)) for kind in kinds])
        look = (rng.random(count) * looks[which]).astype(int)
        scale, yaw = rng.uniform(*stand.scales, count), rng.uniform(-np.pi, np.pi, count)
        reach = np.zeros(count)
        for index, kind in enumerate(kinds):
            sizes = [max(grounds.stock.asset(name).size[:2]) / 2 for name in grounds.stock.names(kind)]
            mine = which == index
            reach[mine] = np.array(sizes)[look[mine]]
        clear = ~grounds.occupancy.near("house", stand.points, stand.crown_clear * reach * scale)
        clear[clear] = _gentle(grounds, stand.points[clear])
        for index, kind in enumerate(kinds):
            mine = clear & (which == index)
            entry = (stand.points[mine], yaw[mine], np.column_stack([look[mine], scale[mine]]))
            chosen.setdefault(kind, []).append(entry)
    for kind in sorted(chosen):
        points, yaw, rest = (np.concatenate(column) for column in zip(*chosen[kind], strict=True))
        grounds.put(
            kind, points, yaw, rng=grounds.rng(f"trees-{kind}"), which=rest[:, 0], scale=rest[:, 1], on=on,
            tolerance_m=0.6, margin_m=0.3, spacing_m=spacing_m,
        )  # fmt: skip


def _in_zones(grounds: Grounds, weights: dict[str, float]) -> list[Stand]:
    stands = []
    for letter, usual_gap in TREE_GAP_M.items():
        suited = _by_letter(weights, letter)
        if not suited or not any(letter in row for row in grounds.plan.lattice):
            continue
        rng = grounds.rng(f"trees-{letter}")
        gap = usual_gap / np.sqrt(grounds.plan.look.trees_density)
        points = in_zone(rng, grounds, letter, 2.0 / gap**2)
        points = points[independent(len(points), cKDTree(points).query_pairs(gap, output_type="ndarray"))]
        stands.append(Stand(points[bare_ground(grounds, points)], suited, rng))
    return stands


def _by_letter(weights: dict[str, float], letter: str) -> dict[str, float]:
    """The weights that suit a zone: conifers on mountains, palms on sand and nowhere in forests of others."""
    if letter == "M":
        return {k: w for k, w in weights.items() if k in CONIFERS} or weights
    if letter in "BD":
        return {k: w for k, w in weights.items() if k in OF_SAND}
    if letter in "FH" and len(weights) > 1:
        return {k: w for k, w in weights.items() if k not in ("palm", "fruit-tree", "cherry-tree")} or weights
    return weights


def _in_gardens(grounds: Grounds, weights: dict[str, float]) -> list[Stand]:
    """Gardens and what is left between houses: closer than elsewhere in their zone."""
    rng = grounds.rng("garden-trees")
    gap = 9.0 / np.sqrt(grounds.plan.look.trees_density)
    found = [in_shape(rng, shapely.buffer(shape, -1.0), gap) for _, shape in areas(grounds, "garden")]
    xy = np.concatenate([np.zeros((0, 2)), *found])
    suited = {k: w for k, w in weights.items() if k != "willow"} or weights
    return [Stand(xy[rng.random(len(xy)) < 0.6], suited, rng, (0.6, 1.0))]


def _in_pavements(grounds: Grounds, weights: dict[str, float]) -> list[Stand]:
    """Rows at the curbs of main streets, round squares, and of palms along promenades."""
    if grounds.words & {"medieval", "desert"}:
        return []
    rng = grounds.rng("street-trees")
    density = min(grounds.plan.look.trees_density, 1.6)
    broad = {k: w for k, w in weights.items() if k not in NOT_IN_PAVEMENTS} or weights
    mains = streets_of(grounds, sidewalks=True, kinds=("main",))
    wide = [i for i in mains if grounds.ways.streets[i].sidewalk_m >= 1.9]
    xy, _, _, _ = curbside(grounds, wide, 15.0 / density, 0.5, rng=rng, sides="both", shifts=(0.0,))
    stands = [Stand(xy[rng.random(len(xy)) < 0.85], broad, rng, (0.5, 0.7), 0.55)]
    rings = [edge(shape, 10.0 / density, 3.0)[0] for _, shape in areas(grounds, "square") if rng.random() < 0.75]
    stands.append(Stand(np.concatenate([np.zeros((0, 2)), *rings]), broad, rng, (0.55, 0.75), 0.6))
    rows = [edge(shape, 11.0, 1.6)[0] for _, shape in areas(grounds, "promenade")]
    palms = {"palm": 1.0} if "palm" in weights else broad
    stands.append(Stand(np.concatenate([np.zeros((0, 2)), *rows]), palms, rng, (0.7, 0.95)))
    return stands


def _gentle(grounds: Grounds, points: Array) -> NDArray[np.bool_]:
    """Where the terrain rises less than STEEPEST."""
    h = grounds.site.terrain.height_at
    here = h(points)
    return np.hypot(h(points + (1.0, 0.0)) - here, h(points + (0.0, 1.0)) - here) < STEEPEST
