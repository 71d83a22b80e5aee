"""What grows and lies about beside trees: vines, bushes, hedges, flowers, rocks, reeds; hay on fields, graves."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, in_shape, in_zone, rows
from scene_gen.build.furnishing.street_furniture import is_old
from scene_gen.build.furnishing.woods import Stand, bare_ground, plant_trees, stand_trees

Array = NDArray[np.float64]
BUSH_GAP_M = {"F": 14.0, "P": 13.0, "G": 26.0, "H": 22.0, "S": 13.0, "R": 12.0, "E": 14.0, "X": 11.0, "O": 14.0}
ROCK_GAP_M = {"M": 13.0, "B": 24.0, "H": 26.0, "D": 24.0, "X": 13.0, "G": 55.0, "F": 30.0}


def plant(grounds: Grounds) -> None:
    """Everything that grows, in the order in which it claims its ground."""
    _vineyards(grounds)
    _graves(grounds)
    plant_trees(grounds)
    _fields(grounds)
    _bushes(grounds)
    _flowers(grounds)
    _rocks(grounds)
    _waterside(grounds)
    _desert(grounds)


def _vineyards(grounds: Grounds) -> None:
    """Vines in rows, or an orchard's trees on a grid."""
    rng = grounds.rng("vineyards")
    asks_fruit = "orchard" in grounds.words or grounds.plan.look.trees.get("fruit-tree", 0.0) > 0.25
    for index, (area, shape) in enumerate(areas(grounds, "vineyard", "orchard")):
        is_orchard = area.kind == "orchard" or (asks_fruit and ("vineyard" not in grounds.words or index % 2 == 1))
        if is_orchard:
            xy, _ = rows(shape, 5.5, 5.0, 2.0)
            stand_trees(grounds, [Stand(xy, {"fruit-tree": 1.0}, rng, (0.85, 1.05))])
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
    for _, shape in () if is_old(grounds) else fields[: min(1 + len(fields) // 5, 3)]:
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
    points = _by_zone(grounds, "bushes", {k: gap / np.sqrt(density) for k, gap in BUSH_GAP_M.items()})
    rng = grounds.rng("bushes")
    yaw, scale = rng.uniform(-np.pi, np.pi, len(points)), rng.uniform(0.7, 1.15, len(points))
    off = {"road": 0.4, "walk": 0.3}
    grounds.put("bush", points, yaw, rng=rng, on=("terrain",), tolerance_m=0.25, scale=scale, off=off)
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


def _by_zone(grounds: Grounds, group: str, gaps_m: dict[str, float]) -> Array:
    """Random points (n,2) on bare ground, by lattice letter about `gaps_m` apart."""
    found = [np.zeros((0, 2))]
    for letter, gap in gaps_m.items():
        found.append(in_zone(grounds.rng(f"{group}-{letter}"), grounds, letter, 0.8 / gap**2))
    points = np.concatenate(found)
    return points[bare_ground(grounds, points)]


def _rocks(grounds: Grounds) -> None:
    rng = grounds.rng("rocks")
    points = _by_zone(grounds, "rocks", ROCK_GAP_M)
    wild = np.isin(grounds.plan.zone_at(points), ["M", "X"])
    big = rng.random(len(points)) < np.where(wild, 0.3, 0.12)
    yaw, scale = rng.uniform(-np.pi, np.pi, len(points)), rng.uniform(0.6, 1.5, len(points))
    for kind, mine in (("boulder", big), ("rock", ~big)):
        grounds.put(kind, points[mine], yaw[mine], rng=rng, on=("terrain",), tolerance_m=0.4, scale=scale[mine],
                    off={"road": 0.8, "walk": 0.5})  # fmt: skip


def _waterside(grounds: Grounds) -> None:
    """Reeds at the edge of still or slow fresh water."""
    rng = grounds.rng("reeds")
    for water in grounds.site.waters:
        if water.kind in ("sea", "canal"):
            continue
        ring = shapely.linestrings(np.concatenate([water.polygon, water.polygon[:1]]))
        arc = np.arange(0.0, float(shapely.length(ring)), 2.4)
        xy = shapely.get_coordinates(shapely.line_interpolate_point(ring, arc)) + rng.normal(0, 0.8, (len(arc), 2))
        keep = rng.random(len(xy)) < 0.4
        xy = xy[keep][bare_ground(grounds, xy[keep])]
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
        points = points[bare_ground(grounds, points)]
        grounds.put(kind, points, rng.uniform(-np.pi, np.pi, len(points)), rng=rng, on=("terrain",), tolerance_m=0.3,
                    scale=rng.uniform(0.6, 1.2, len(points)), off={"road": 1.0, "walk": 0.6})  # fmt: skip
