"""What grows and lies about: trees by zone, street trees, bushes, flowers, rocks, vines, fields, graves."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scene_gen.build.occupancy import independent
from scene_gen.build.placing import Grounds
from scene_gen.build.spots import areas, curbside, edge, in_shape, in_zone, rows, streets_of

Array = NDArray[np.float64]
TREE_GAP_M = {
    "F": 6.4, "P": 11.0, "G": 27.0, "H": 23.0, "M": 27.0, "X": 17.0, "E": 13.0, "A": 48.0, "S": 16.0, "R": 20.0,
    "O": 20.0, "C": 26.0, "V": 22.0, "B": 20.0, "D": 45.0, "T": 30.0, "I": 34.0, "#": 30.0,
}  # fmt: skip
"""How far apart trees stand by lattice letter [m], at trees_density 1."""
USUAL_TREES = {"oak": 3.0, "maple": 2.0, "birch": 1.5, "pine": 1.5}
NO_TREES_ON = ("field", "vineyard", "square", "quay", "yard", "parking-lot", "promenade", "cemetery", "beach")
CONIFERS, OF_SAND = ("pine", "dead-tree"), ("palm", "olive-tree", "cactus")


def plant(grounds: Grounds) -> None:
    """Everything that grows, in the order in which it claims its ground."""
    _vineyards(grounds)
    _graves(grounds)
    _street_trees(grounds)
    _trees(grounds)
    _fields(grounds)
    _bushes(grounds)
    _flowers(grounds)
    _rocks(grounds)
    _waterside(grounds)
    _desert(grounds)


def tree_weights(grounds: Grounds) -> dict[str, float]:
    """Kinds of tree that the kit has and the plan allows, with their weights, sorted by name."""
    given = grounds.plan.look.trees or USUAL_TREES
    return {k: w for k, w in sorted(given.items()) if w > 0 and grounds.stock.names(k) and grounds.allowance(k)}


def _by_letter(weights: dict[str, float], letter: str) -> dict[str, float]:
    """The weights that suit a zone: conifers on mountains, palms on sand and nowhere in forests of others."""
    if letter == "M":
        return {k: w for k, w in weights.items() if k in CONIFERS} or weights
    if letter in "BD":
        return {k: w for k, w in weights.items() if k in OF_SAND}
    if letter in "FH" and len(weights) > 1:
        return {k: w for k, w in weights.items() if k not in ("palm", "fruit-tree", "cherry-tree")} or weights
    return weights


def _trees(grounds: Grounds) -> None:
    density = grounds.plan.look.trees_density
    weights = tree_weights(grounds)
    if density <= 0 or not weights:
        return
    _garden_trees(grounds, weights)
    for letter, usual_gap in TREE_GAP_M.items():
        suited = _by_letter(weights, letter)
        if not suited or not any(letter in row for row in grounds.plan.lattice):
            continue
        rng = grounds.rng(f"trees-{letter}")
        gap = usual_gap / np.sqrt(density)
        points = in_zone(rng, grounds, letter, 2.0 / gap**2)
        points = points[independent(len(points), cKDTree(points).query_pairs(gap, output_type="ndarray"))]
        points = points[_bare_ground(grounds, points)]
        stand_trees(grounds, points, suited, rng, gap_m=0.8 * gap)


def _garden_trees(grounds: Grounds, weights: dict[str, float]) -> None:
    """Trees in gardens and in what is left between houses, closer than elsewhere in their zone."""
    rng = grounds.rng("garden-trees")
    gap = 9.0 / np.sqrt(grounds.plan.look.trees_density)
    found = [in_shape(rng, shapely.buffer(shape, -1.0), gap) for _, shape in areas(grounds, "garden")]
    xy = np.concatenate([np.zeros((0, 2)), *found])
    suited = {k: w for k, w in weights.items() if k != "willow"} or weights
    stand_trees(grounds, xy[rng.random(len(xy)) < 0.6], suited, rng, gap_m=6.0, scales=(0.6, 1.0))


def _bare_ground(grounds: Grounds, points: Array) -> NDArray[np.bool_]:
    """Which points are bare ground, away from streets, and in no area kept for something else."""
    free = grounds.surfaces.top(points)[1] == -1
    for layer in ("road", "walk", "water"):
        free[free] = ~grounds.occupancy.near(layer, points[free], 0.9)
    for layer in NO_TREES_ON:
        free[free] = ~grounds.occupancy.near(layer, points[free], 0.5)
    return free


def stand_trees(
    grounds: Grounds,
    points: Array,
    weights: dict[str, float],
    rng: np.random.Generator,
    *,
    gap_m: float = 2.0,
    scales: tuple[float, float] = (0.8, 1.2),
    limit: int | None = None,
    clause: int = -1,
    crown_clear: float = 0.75,
    on: tuple[str, ...] = ("terrain",),
) -> int:
    """Trees of weighted kinds at points; crowns stay off the walls of houses. Returns how many stand."""
    if not len(points) or not weights:
        return 0
    kinds = sorted(weights)
    share = np.array([weights[kind] for kind in kinds], dtype=np.float64)
    which = rng.choice(len(kinds), len(points), p=share / share.sum())
    scale = rng.uniform(*scales, len(points))
    yaw = rng.uniform(-np.pi, np.pi, len(points))
    stood = 0
    for i, kind in enumerate(kinds):
        mine = np.flatnonzero(which == i)
        names = grounds.stock.names(kind)
        if not names or not len(mine):
            continue
        pick = rng.integers(0, len(names), len(mine))
        reach = np.array([max(grounds.stock.asset(name).size[:2]) / 2 for name in names])[pick]
        clear = ~grounds.occupancy.near("house", points[mine], crown_clear * reach * scale[mine])
        clear &= _gentle(grounds, points[mine])
        mine, pick = mine[clear], pick[clear]
        stood += len(
            grounds.put(
                kind,
                points[mine],
                yaw[mine],
                rng=rng,
                assets=names,
                which=pick,
                scale=scale[mine],
                on=on,
                tolerance_m=0.6,
                margin_m=0.3,
                spacing_m=min(gap_m, 3.0),
                clause=clause,
                limit=None if limit is None else max(limit - stood, 0),
            )
        )
    return stood


def _gentle(grounds: Grounds, points: Array, steepest: float = 0.9) -> NDArray[np.bool_]:
    """Where the terrain rises less than `steepest` (rise over run)."""
    h = grounds.site.terrain.height_at
    dx = h(points + (1.0, 0.0)) - h(points - (1.0, 0.0))
    dy = h(points + (0.0, 1.0)) - h(points - (0.0, 1.0))
    return np.hypot(dx, dy) / 2 < steepest


def _street_trees(grounds: Grounds) -> None:
    """Trees along main streets, in the sidewalk's outer edge; palms along the promenade."""
    density = grounds.plan.look.trees_density
    weights = tree_weights(grounds)
    if density <= 0 or not weights or grounds.words & {"medieval", "desert"}:
        return
    rng = grounds.rng("street-trees")
    broad = {k: w for k, w in weights.items() if k not in ("fruit-tree", "dead-tree", "willow")} or weights
    wide = [
        i for i in streets_of(grounds, sidewalks=True, kinds=("main",)) if grounds.ways.streets[i].sidewalk_m >= 1.9
    ]
    xy, _, _, _ = curbside(grounds, wide, 15.0 / min(density, 1.6), 0.5, rng=rng, sides="both", shifts=(0.0,))
    keep = rng.random(len(xy)) < 0.85
    stand_trees(grounds, xy[keep], broad, rng, gap_m=6.0, scales=(0.5, 0.7), crown_clear=0.55, on=("sidewalk",))
    for _, shape in areas(grounds, "square"):
        if rng.random() < 0.75:
            xy, _ = edge(shape, 10.0, 3.0)
            stand_trees(
                grounds, xy, broad, rng, gap_m=8.0, scales=(0.55, 0.75), crown_clear=0.6, on=("sidewalk", "square")
            )
    palms = {"palm": 1.0} if "palm" in weights else broad
    for _, shape in areas(grounds, "promenade"):
        xy, _ = edge(shape, 11.0, 1.6)
        stand_trees(grounds, xy, palms, rng, gap_m=6.0, scales=(0.7, 0.95), on=("sidewalk", "dock", "terrain"))


def _vineyards(grounds: Grounds) -> None:
    """Vines in rows, or an orchard's trees on a grid."""
    rng = grounds.rng("vineyards")
    asks_fruit = "orchard" in grounds.words or grounds.plan.look.trees.get("fruit-tree", 0.0) > 0.25
    for index, (area, shape) in enumerate(areas(grounds, "vineyard", "orchard")):
        is_orchard = area.kind == "orchard" or (asks_fruit and ("vineyard" not in grounds.words or index % 2 == 1))
        if is_orchard:
            xy, _ = rows(shape, 5.5, 5.0, 2.0)
            stand_trees(grounds, xy, {"fruit-tree": 1.0}, rng, scales=(0.85, 1.05))
            continue
        long_m = max(grounds.stock.length("vine"), 1.2)
        xy, yaw = rows(shape, 2.6, long_m + 0.15, 1.5)
        grounds.put(
            "vine", xy, yaw, rng=rng, on=("terrain",), tolerance_m=0.5, off={"road": 0.5, "walk": 0.3}, is_row=True
        )


def _fields(grounds: Grounds) -> None:
    """Hay bales after the harvest, and now and then a tractor."""
    rng = grounds.rng("fields")
    if grounds.plan.environment.season == "winter":
        return
    bales = [in_shape(rng, shape, 16.0)[:7] for _, shape in areas(grounds, "field")]
    xy = np.concatenate([np.zeros((0, 2)), *bales])
    xy = xy[rng.random(len(xy)) < 0.6]
    off = {"road": 2.0, "walk": 1.0}
    yaw = rng.uniform(-np.pi, np.pi, len(xy))
    grounds.put("hay-bale", xy, yaw, rng=rng, on=("terrain",), tolerance_m=0.06, off=off)
    fields = areas(grounds, "field", "vineyard")
    for _, shape in fields[: 1 + len(fields) // 4]:
        xy = in_shape(rng, shape, 9.0)
        grounds.put(
            "tractor", xy, rng.uniform(-np.pi, np.pi, len(xy)), rng=rng, on=("terrain",), tolerance_m=0.08, limit=1
        )


def _graves(grounds: Grounds) -> None:
    rng = grounds.rng("graves")
    for _, shape in areas(grounds, "cemetery"):
        xy, yaw = rows(shape, 2.8, 1.7, 1.2)
        keep = rng.random(len(xy)) < 0.8
        grounds.put("gravestone", xy[keep], yaw + np.pi / 2, rng=rng, tolerance_m=0.05, off={"walk": 0.3, "road": 0.5})


def _bushes(grounds: Grounds) -> None:
    """Bushes in gardens, parks and clearings; hedges along the fronts of gardens."""
    density = grounds.plan.look.trees_density
    if density <= 0 or "desert" in grounds.words:
        return
    for letter, gap in {
        "F": 14.0,
        "P": 13.0,
        "G": 26.0,
        "H": 22.0,
        "S": 9.0,
        "R": 11.0,
        "E": 14.0,
        "X": 11.0,
        "O": 14.0,
    }.items():
        rng = grounds.rng(f"bushes-{letter}")
        points = in_zone(rng, grounds, letter, 0.8 * density / gap**2)
        points = points[_bare_ground(grounds, points)]
        grounds.put("bush", points, rng.uniform(-np.pi, np.pi, len(points)), rng=rng, on=("terrain",), tolerance_m=0.25,
                    scale=rng.uniform(0.7, 1.15, len(points)), off={"road": 0.4, "walk": 0.3})  # fmt: skip
    _hedges(grounds)


def _hedges(grounds: Grounds) -> None:
    """Clipped hedges along the fronts of some gardens, with a gap for the way to the door."""
    rng = grounds.rng("hedges")
    long_m = grounds.stock.length("hedge")
    parcels = [p for p in grounds.site.parcels if p.zone in "SE"]
    if long_m <= 0 or not parcels:
        return
    front = np.array([p.front for p in parcels])
    side = front[:, 1] - front[:, 0]
    length = np.hypot(*side.T)
    side = side / length[:, None]
    inward = np.stack([-side[:, 1], side[:, 0]], axis=1)
    has_one = (rng.random(len(parcels)) < 0.45) & (length > 2 * long_m)
    count = np.where(has_one, np.floor((length - 1.5 * long_m) / (long_m + 0.02)) + 1, 0).astype(int)
    owner = np.repeat(np.arange(len(parcels)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    along = long_m + rank * (long_m + 0.02)
    keep = np.abs(along - length[owner] / 2) > 1.8
    owner, along = owner[keep], along[keep]
    xy = front[owner, 0] + along[:, None] * side[owner] + 0.9 * inward[owner]
    yaw = np.arctan2(side[:, 1], side[:, 0])[owner]
    grounds.put(
        "hedge", xy, yaw, rng=rng, on=("terrain",), tolerance_m=0.05, off={"road": 0.1, "walk": 0.05}, is_row=True
    )


def _flowers(grounds: Grounds) -> None:
    """Flower beds in parks, gardens and round squares, while it is not winter."""
    if grounds.plan.environment.season == "winter" or grounds.plan.environment.snow_cover > 0.2:
        return
    rng = grounds.rng("flowers")
    beds = [in_shape(rng, shape, 10.0)[:14] for _, shape in areas(grounds, "park", "garden")]
    xy = np.concatenate([np.zeros((0, 2)), *beds])
    xy = xy[rng.random(len(xy)) < 0.4]
    off = {"road": 0.8, "walk": 0.4}
    yaw = rng.uniform(-np.pi, np.pi, len(xy))
    grounds.put("flower-bed", xy, yaw, rng=rng, tolerance_m=0.05, on=("terrain",), off=off)
    gardens = [p for p in grounds.site.parcels if p.zone in "RSE"]
    if gardens:
        front = np.array([p.front for p in gardens])
        side = front[:, 1] - front[:, 0]
        length = np.hypot(*side.T)[:, None]
        inward = np.stack([-side[:, 1], side[:, 0]], axis=1) / length
        t = rng.uniform(0.15, 0.85, (len(gardens), 1))
        xy = front[:, 0] + t * side + rng.uniform(1.3, 2.2, (len(gardens), 1)) * inward
        keep = rng.random(len(xy)) < 0.35
        grounds.put("flower-bed", xy[keep], np.arctan2(side[:, 1], side[:, 0])[keep], rng=rng, tolerance_m=0.04, on=("terrain",),
                    off={"road": 0.2, "walk": 0.1})  # fmt: skip


def _rocks(grounds: Grounds) -> None:
    for letter, gap in {"M": 13.0, "B": 24.0, "H": 26.0, "D": 24.0, "X": 13.0, "G": 55.0, "F": 30.0}.items():
        rng = grounds.rng(f"rocks-{letter}")
        points = in_zone(rng, grounds, letter, 0.8 / gap**2)
        points = points[_bare_ground(grounds, points)]
        big = rng.random(len(points)) < (0.3 if letter in "MX" else 0.12)
        for kind, mine in (("boulder", big), ("rock", ~big)):
            grounds.put(kind, points[mine], rng.uniform(-np.pi, np.pi, int(mine.sum())), rng=rng, on=("terrain",), tolerance_m=0.4,
                        scale=rng.uniform(0.6, 1.5, int(mine.sum())), off={"road": 0.8, "walk": 0.5})  # fmt: skip


def _waterside(grounds: Grounds) -> None:
    """Reeds at the edge of still or slow fresh water."""
    rng = grounds.rng("reeds")
    for water in grounds.site.waters:
        if water.kind in ("sea", "canal"):
            continue
        ring = shapely.linestrings(np.concatenate([water.polygon, water.polygon[:1]]))
        arc = np.arange(0.0, shapely.length(ring), 2.4)
        xy = shapely.get_coordinates(shapely.line_interpolate_point(ring, arc)) + rng.normal(0, 0.8, (len(arc), 2))
        keep = rng.random(len(xy)) < 0.4
        xy = xy[keep][_bare_ground(grounds, xy[keep])]
        grounds.put(
            "reed", xy, rng.uniform(-np.pi, np.pi, len(xy)), rng=rng, on=("terrain",), tolerance_m=0.4, limit=160
        )


def _desert(grounds: Grounds) -> None:
    """Cacti and dry bushes on sand."""
    if not any("D" in row for row in grounds.plan.lattice):
        return
    rng = grounds.rng("desert")
    for kind, gap in (("cactus", 26.0), ("bush", 34.0)):
        points = in_zone(rng, grounds, "D", 0.8 / gap**2)
        points = points[_bare_ground(grounds, points)]
        grounds.put(kind, points, rng.uniform(-np.pi, np.pi, len(points)), rng=rng, on=("terrain",), tolerance_m=0.3,
                    scale=rng.uniform(0.6, 1.2, len(points)), off={"road": 1.0, "walk": 0.6})  # fmt: skip
