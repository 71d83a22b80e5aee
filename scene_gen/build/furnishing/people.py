"""People on sidewalks, squares and quays, and animals where they belong."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, edge, in_shape, in_zone, streets_of
from scene_gen.build.occupancy import polygon

Array = NDArray[np.float64]
MOST_PENS = 4
"""Herds that are fenced in; the others graze freely."""
KERB_M = 0.3
"""How far from a carriageway one stands on a sidewalk."""
WEATHER = {"rain": 0.65, "storm": 0.3, "snow": 0.7, "fog": 0.8}


def populate(grounds: Grounds) -> None:
    """People first."""
    _people(grounds)
    _pets(grounds)
    _herds(grounds)
    _birds(grounds)
    _winter(grounds)


def crowd(grounds: Grounds) -> float:
    """How many people are out, beside a fair afternoon (1): fewer by night and in bad weather."""
    environment = grounds.plan.environment
    hour = environment.time_of_day_h
    by_day = 1.0 if 8 <= hour < 20 else 0.65 if 6 <= hour < 23 else 0.35
    if grounds.words & {"ruins", "abandoned"}:
        by_day *= 0.15
    return by_day * WEATHER.get(environment.weather, 1.0) * min(max(grounds.plan.look.props_density, 0.4), 1.6)


def sidewalk_places(grounds: Grounds, rng: np.random.Generator, gap_m: float) -> tuple[Array, Array]:
    """Places to stand on sidewalks (or on the edges of lanes), headings along the street, in random order."""
    streets = grounds.ways.streets
    indices = streets_of(grounds)
    street, arc = grounds.ways.every(indices, gap_m, trim_m=3.0)
    arc = arc + rng.uniform(-0.4, 0.4, len(arc)) * gap_m
    side = rng.choice([1.0, -1.0], len(street))
    width = np.array([s.width_m for s in streets])[street]
    walk = np.array([s.sidewalk_m for s in streets])[street]
    across = np.where(
        walk > 0, width / 2 + walk * rng.uniform(0.3, 0.8, len(street)), width * rng.uniform(0.1, 0.4, len(street))
    )
    xy, heading = grounds.ways.at(street, arc, side * across)
    yaw = heading + np.where(rng.random(len(street)) < 0.5, 0.0, np.pi) + rng.normal(0, 0.15, len(street))
    order = rng.permutation(len(xy))
    strays = (walk > 0) & grounds.occupancy.near("road", xy, KERB_M)  # round the corner, where others turn
    order = order[~strays[order]]
    return xy[order], yaw[order]


def _people(grounds: Grounds) -> None:
    rng = grounds.rng("people")
    town = len(grounds.raised.buildings)
    total = grounds.wanted("person", crowd(grounds) * (0.26 * town + 4) if town else 0)
    squares = areas(grounds, "square", "promenade", "quay", "park")
    places = [in_shape(rng, shapely.buffer(shape, -1.0), 4.0) for _, shape in squares]
    open_xy = np.concatenate([np.zeros((0, 2)), *places])
    open_xy = open_xy[rng.permutation(len(open_xy))]
    in_open = min(len(open_xy), round(0.4 * total))
    crowd_of = grounds.stock.names("person")
    choice = dressed(grounds, grounds.plan.zone_at(open_xy), rng)
    yaw = rng.uniform(-np.pi, np.pi, len(open_xy))
    stood = len(
        grounds.put("person", open_xy, yaw, rng=rng, assets=crowd_of, which=choice, limit=in_open, off={"road": 0.3},
                    tolerance_m=0.03, spacing_m=1.2)
    )  # fmt: skip
    xy, yaw = sidewalk_places(grounds, rng, 7.0)
    choice = dressed(grounds, grounds.plan.zone_at(xy), rng)
    on = ("sidewalk", "square", "dock", "road", "terrain")
    grounds.put(
        "person",
        xy,
        yaw,
        rng=rng,
        assets=crowd_of,
        which=choice,
        limit=total - stood,
        tolerance_m=0.03,
        spacing_m=2.0,
        on=on,
    )


def dressed(grounds: Grounds, zones: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Who stands at each of some places (an index into the stock's persons).

    Umbrellas and raincoats are out in rain only, fishers and workers by the water and in yards.
    """
    stock, wet = grounds.stock, grounds.plan.environment.weather in ("rain", "storm")
    everybody = stock.names("person")
    usual = stock.without("person", "umbrella", "fisher", "worker", "vendor", "courier")
    at_work = stock.chosen("person", ("fisher",)) + stock.chosen("person", ("worker",)) + usual[:1]
    covered = stock.chosen("person", ("umbrella",)) + stock.chosen("person", ("raincoat",))

    def some(names: tuple[str, ...]) -> NDArray[np.intp]:
        return np.array([everybody.index(n) for n in names])[rng.integers(0, len(names), len(zones))]

    if not everybody:
        return np.zeros(len(zones), dtype=np.intp)
    pick, works = rng.random((2, len(zones)))
    chosen = np.where((pick < 0.6) & wet, some(covered), some(usual))
    return np.where(np.isin(zones, ["Q", "I"]) & (works < 0.55), some(at_work), chosen)


def _pets(grounds: Grounds) -> None:
    rng = grounds.rng("pets")
    town = len(grounds.raised.buildings)
    for kind, share in (("dog", 0.028), ("cat", 0.024)):
        xy, yaw = sidewalk_places(grounds, rng, 11.0)
        grounds.put(
            kind,
            xy,
            yaw,
            rng=rng,
            limit=grounds.wanted(kind, share * town * max(crowd(grounds), 0.4)),
            tolerance_m=0.03,
        )


def _herds(grounds: Grounds) -> None:
    """Sheep, cows, goats and horses on meadows and farms; chickens near farmhouses; camels in deserts."""
    rng = grounds.rng("herds")
    pastures = [shape for _, shape in areas(grounds, "meadow", "field")]
    farm = bool(grounds.words & {"farm", "ranch", "village", "hills", "mountain", "alpine", "rustic"})
    kinds, pens = ("sheep", "cow", "horse", "goat"), 0
    for index, shape in enumerate(pastures):
        if not farm and (index % 4 or shapely.area(shape) < 600):
            continue
        if farm and index % 2:
            continue
        kind = kinds[int(rng.integers(0, len(kinds)))]
        herd = in_shape(rng, shapely.buffer(shape, -2.0), 4.5)
        if not len(herd):
            continue
        heart = herd[int(rng.integers(0, len(herd)))]
        herd = herd[np.argsort(np.linalg.norm(herd - heart, axis=1), kind="stable")]
        heading = rng.uniform(-np.pi, np.pi)
        grounds.put(kind, herd[::2], heading + rng.normal(0, 0.9, len(herd[::2])), rng=rng, on=("terrain",), tolerance_m=0.12,
                    limit=int(rng.integers(4, 10)), off={"road": 2.0, "walk": 1.0})  # fmt: skip
        if farm and pens < MOST_PENS:
            pens += 1
            _pen(grounds, heart, heading, rng)
    for building in grounds.raised.buildings:
        if building.use in ("farmhouse", "barn"):
            middle = building.footprint.mean(axis=0)
            xy = middle + rng.normal(0, 9.0, (14, 2))
            grounds.put(
                "chicken",
                xy,
                rng.uniform(-np.pi, np.pi, 14),
                rng=rng,
                on=("terrain",),
                tolerance_m=0.05,
                limit=6,
                off={"road": 0.5},
            )
    if "D" in "".join(grounds.plan.lattice) and grounds.words & {"desert", "oasis", "arabic"}:
        xy = in_zone(rng, grounds, "D", 1 / 400)
        near = xy[np.argsort(np.linalg.norm(xy, axis=1), kind="stable")][:80]
        grounds.put("camel", near, rng.uniform(-np.pi, np.pi, len(near)), rng=rng, on=("terrain",), tolerance_m=0.12,
                    limit=grounds.wanted("camel", 7), off={"road": 1.0})  # fmt: skip


def _pen(grounds: Grounds, heart: Array, heading: float, rng: np.random.Generator) -> None:
    """A fence round a herd, with a gap for the gate."""
    names = grounds.stock.chosen("fence", ("rustic",))
    if not names:
        return
    long_m = grounds.stock.asset(names[0]).size[0] + 0.02
    n, m = 12, 8
    along, across = (np.arange(n) - (n - 1) / 2) * long_m, (np.arange(m) - (m - 1) / 2) * long_m
    far, near = (m * long_m + 0.2) / 2, (n * long_m + 0.2) / 2
    local = np.concatenate(
        [np.stack([along, np.full(n, side * far)], axis=1) for side in (1, -1)]
        + [np.stack([np.full(m, side * near), across], axis=1) for side in (1, -1)]
    )[1:]
    turn = np.concatenate([np.zeros(2 * n), np.full(2 * m, np.pi / 2)])[1:]
    cosine, sine = np.cos(heading), np.sin(heading)
    xy = heart + np.stack(
        [cosine * local[:, 0] - sine * local[:, 1], sine * local[:, 0] + cosine * local[:, 1]], axis=1
    )
    grounds.put("fence", xy, heading + turn, rng=rng, assets=names, on=("terrain",), tolerance_m=0.35, is_row=True,
                off={"road": 0.5, "walk": 0.3, "house": 0.2})  # fmt: skip


def _birds(grounds: Grounds) -> None:
    """Seagulls on the edges of quays and piers, ducks beside fresh water."""
    rng = grounds.rng("birds")
    if not any(water.kind == "sea" for water in grounds.site.waters):
        return
    shapes = [shape for _, shape in areas(grounds, "quay")]
    shapes += [
        polygon(p.outline)
        for p in grounds.site.parts
        if p.kind in ("pier", "jetty", "breakwater") and p.outline is not None
    ]
    spots = [edge(shape, 5.0, 0.9)[0] for shape in shapes]
    xy = np.concatenate([np.zeros((0, 2)), *spots])
    xy = xy[rng.permutation(len(xy))]
    grounds.put(
        "seagull",
        xy,
        rng.uniform(-np.pi, np.pi, len(xy)),
        rng=rng,
        on=("dock",),
        limit=grounds.wanted("seagull", 14),
        spacing_m=3.0,
    )


def _winter(grounds: Grounds) -> None:
    """Snowmen where snow lies, in parks and gardens."""
    if grounds.plan.environment.snow_cover < 0.3:
        return
    rng = grounds.rng("snowmen")
    middles = [p.polygon.mean(axis=0) for p in grounds.site.parcels if p.zone in "RSOE"]
    parks = [in_shape(rng, shape, 16.0) for _, shape in areas(grounds, "park", "square", "garden")]
    xy = np.concatenate([np.array(middles).reshape(-1, 2), *parks])
    xy = xy[rng.permutation(len(xy))]
    grounds.put("snowman", xy, rng.uniform(-np.pi, np.pi, len(xy)), rng=rng, limit=grounds.wanted("snowman", 6), tolerance_m=0.05,
                off={"road": 1.0, "walk": 0.3}, spacing_m=15.0)  # fmt: skip
