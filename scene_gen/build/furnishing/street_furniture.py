"""What stands along streets: lamps, traffic lights, signs, benches, bins, hydrants, mailboxes, stops, neon."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, curbside, edge, in_shape, off_lanes, rows, streets_of
from scene_gen.build.occupancy import polygon

Array = NDArray[np.float64]
OLD = frozenset({"medieval", "rustic", "fantasy", "arabic"})
NEON = frozenset({"neon", "sci-fi", "futuristic", "cyberpunk"})
BENCH_GAP_M = {"square": 9.0, "promenade": 16.0, "quay": 34.0, "park": 18.0, "cemetery": 25.0}
"""Between benches along the edges of open places [m], by kind of place."""


def is_old(grounds: Grounds) -> bool:
    """Whether the town is older than engines and electricity."""
    return bool(grounds.words & {"medieval", "fantasy"})


def is_neon(grounds: Grounds) -> bool:
    """Whether the town glows."""
    return bool(grounds.words & NEON)


def lamp_look(grounds: Grounds) -> tuple[str, ...]:
    """The word for the lamps of this town: one look for all its streets."""
    if is_neon(grounds):
        return ("futuristic",)
    cosy = OLD | {
        "victorian",
        "old-town",
        "village",
        "fishing-village",
        "alpine",
        "maritime",
        "colonial",
        "mediterranean",
    }
    return ("old",) if grounds.words & cosy else ("modern",)


def furnish_streets(grounds: Grounds) -> None:
    """Everything along streets, in the order in which it claims its place."""
    _signals(grounds)
    _lamps(grounds)
    if not is_old(grounds):
        _bus_stops(grounds)
        _signs(grounds)
    _power_poles(grounds)
    if is_neon(grounds):
        _neon(grounds)
    _small(grounds)


def _lamps(grounds: Grounds) -> None:
    """Every 27 m on alternating sides of streets; on lanes, squares, quays, parks, piers; lanterns at old doors."""
    rng = grounds.rng("lamps")
    gap_m = 19.0 if is_neon(grounds) else 27.0
    looks = grounds.stock.chosen("lamp", lamp_look(grounds))
    single = tuple(name for name in looks if name in grounds.stock.without("lamp", "double")) or looks
    reach = max((max(grounds.stock.foot(name)[:2]) for name in looks), default=0.4) / 2
    walks = streets_of(grounds, sidewalks=True)
    xy, yaw, station, _ = curbside(grounds, walks, gap_m, max(0.35, reach + 0.06), rng=rng)
    on = ("sidewalk", "square", "dock")
    grounds.put("lamp", xy, yaw, rng=rng, assets=single, one_of=station, spacing_m=0.6 * gap_m, on=on)
    lanes = streets_of(grounds, sidewalks=False, kinds=("lane", "street", "path"))
    xy, yaw, station, _ = curbside(grounds, lanes, 32.0, reach + 0.2, rng=rng)
    grounds.put("lamp", xy, yaw, rng=rng, assets=single, one_of=station, spacing_m=18.0, tolerance_m=0.05)
    for area, shape in areas(grounds, "square", "promenade", "park", "quay", "yard"):
        gap = 30.0 if area.kind in ("park", "yard") else 19.0
        xy, yaw = edge(shape, gap, 1.1 if area.kind != "quay" else 2.2)
        grounds.put("lamp", xy, yaw, rng=rng, assets=looks, spacing_m=14.0, off={"road": 0.3})
        if area.kind in ("square", "yard") and shape.area > 1_500.0:
            xy = in_shape(rng, shapely.buffer(shape, -8.0), 21.0)
            grounds.put("lamp", xy, rng.uniform(-np.pi, np.pi, len(xy)), rng=rng, assets=looks, spacing_m=18.0)
    decks = [polygon(p.outline) for p in grounds.site.parts if p.kind in ("pier", "jetty") and p.outline is not None]
    spots = [edge(deck, 20.0, 0.4) for deck in decks]
    if spots:
        xy, yaw = np.concatenate([s[0] for s in spots]), np.concatenate([s[1] for s in spots])
        grounds.put("lamp", xy, yaw, rng=rng, assets=single, on=("dock",), spacing_m=16.0)
    if grounds.words & {"medieval", "fantasy", "asian"}:
        _lanterns(grounds, rng)


def _lanterns(grounds: Grounds, rng: np.random.Generator) -> None:
    """Lanterns beside some of the doors."""
    doors = [d for b in grounds.raised.buildings for d in b.doors[:1]]
    if not doors:
        return
    yaw = np.array([d.yaw_rad for d in doors])
    out = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    aside = np.stack([-out[:, 1], out[:, 0]], axis=1) * rng.choice([1.0, -1.0], (len(doors), 1))
    xy = np.array([d.position[:2] for d in doors]) + 0.45 * out + 1.35 * aside
    keep = rng.random(len(xy)) < 0.35
    looks = grounds.stock.chosen("lantern", ("asian",) if "asian" in grounds.words else ("old",))
    grounds.put("lantern", xy[keep], yaw[keep], rng=rng, assets=looks, tolerance_m=0.05)


def _signals(grounds: Grounds) -> None:
    """Traffic lights at the mouths of main streets where at least three driven streets meet."""
    if is_old(grounds) or grounds.words & {"village", "fishing-village", "farm", "ranch"}:
        return
    rng = grounds.rng("signals")
    streets = grounds.ways.streets
    driven = [i for i, s in enumerate(streets) if sum(s.lanes) and s.sidewalk_m > 0.9]
    ends = [(s.start, i, False) for i, s in enumerate(streets) if i in set(driven)]
    ends += [(s.end, i, True) for i, s in enumerate(streets) if i in set(driven)]
    by_junction: dict[int, list[tuple[int, bool]]] = {}
    for junction, street, at_end in ends:
        by_junction.setdefault(junction, []).append((street, at_end))
    arms = [
        arm
        for _, mouths in sorted(by_junction.items())
        if len(mouths) >= 3 and sum(streets[i].kind == "main" for i, _ in mouths) >= 2
        for arm in mouths
    ]
    if not arms:
        return
    street, at_end = np.array([a[0] for a in arms]), np.array([a[1] for a in arms])
    width = np.array([streets[i].width_m for i in street])
    shifts = np.array([8.0, 10.0, 12.0, 14.0, 6.5])
    back = np.tile(shifts, len(street))
    s, e = np.repeat(street, len(shifts)), np.repeat(at_end, len(shifts))
    arc = np.where(e, grounds.ways.length_m[s] - back, back)
    # The driver who comes to the junction has it on the right: the street's right at its end, its left at its start.
    side = np.where(e, -1.0, 1.0)
    xy, heading = grounds.ways.at(s, arc, side * (np.repeat(width, len(shifts)) / 2 + 0.35))
    facing = heading + np.where(e, np.pi, 0.0)  # towards the driver
    station = np.repeat(np.arange(len(street)), len(shifts))
    xy = off_lanes(grounds, xy, heading - side * np.pi / 2, 0.35)
    grounds.put(
        "traffic-light",
        xy,
        facing,
        rng=rng,
        one_of=station,
        on=("sidewalk",),
        limit=grounds.wanted("traffic-light", 40),
    )


def _signs(grounds: Grounds) -> None:
    rng = grounds.rng("signs")
    walks = streets_of(grounds, sidewalks=True)
    xy, yaw, station, _ = curbside(grounds, walks, 90.0, 0.35, rng=rng, sides="random")
    grounds.put("sign", xy, yaw + np.pi / 2, rng=rng, one_of=station, on=("sidewalk",), spacing_m=40.0)


def _bus_stops(grounds: Grounds) -> None:
    rng = grounds.rng("bus-stops")
    mains = [
        i for i in streets_of(grounds, sidewalks=True, kinds=("main",)) if grounds.ways.streets[i].sidewalk_m >= 1.8
    ]
    depth = grounds.stock.depth("bus-stop")
    xy, yaw, station, _ = curbside(
        grounds, mains, 140.0, 0.25 + depth / 2, rng=rng, sides="random", shifts=(0, 4, -4, 8, -8, 12, -12)
    )
    usual = max(2.0, len(grounds.raised.buildings) / 45) if len(grounds.raised.buildings) > 12 else 0
    grounds.put(
        "bus-stop",
        xy,
        yaw,
        rng=rng,
        one_of=station,
        spacing_m=90.0,
        limit=grounds.wanted("bus-stop", usual),
        on=("sidewalk",),
    )


def _power_poles(grounds: Grounds) -> None:
    """Poles along lanes of villages and farms."""
    if is_old(grounds) or not grounds.words & {
        "village",
        "farm",
        "rustic",
        "american",
        "fishing-village",
        "ranch",
        "suburb",
    }:
        return
    rng = grounds.rng("power-poles")
    lanes = streets_of(grounds, kinds=("lane", "street"))
    xy, yaw, station, _ = curbside(
        grounds, lanes[: max(len(lanes) // 3, 1)], 38.0, 2.2, rng=rng, sides="both", shifts=(0.0, 3.0, -3.0)
    )
    left = np.arange(len(xy)) % 6 < 3
    grounds.put(
        "power-pole",
        xy[left],
        yaw[left],
        rng=rng,
        one_of=station[left],
        on=("terrain",),
        tolerance_m=0.1,
        spacing_m=20.0,
    )


def _neon(grounds: Grounds) -> None:
    """Neon signs at doors, holograms on squares, billboards beside main streets."""
    rng = grounds.rng("neon")
    doors = [d for b in grounds.raised.buildings for d in b.doors]
    if doors:
        place = np.array([d.position[:2] for d in doors])
        yaw = np.array([d.yaw_rad for d in doors])
        out = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        aside = np.stack([-out[:, 1], out[:, 0]], axis=1)
        side = np.where(rng.random(len(doors)) < 0.5, 1.0, -1.0)[:, None]
        depth = grounds.stock.depth("neon-sign")
        wide = grounds.stock.width("neon-sign")
        xy = place + (0.1 + depth / 2) * out + side * (1.0 + wide / 2) * aside
        keep = rng.random(len(xy)) < 0.75
        grounds.put("neon-sign", xy[keep], yaw[keep], rng=rng, spacing_m=6.0, tolerance_m=0.05)
    for _, shape in areas(grounds, "square"):
        xy = in_shape(rng, shape, 14.0)
        grounds.put("hologram", xy, rng.uniform(-np.pi, np.pi, len(xy)), rng=rng, limit=3)
    walks = streets_of(grounds, sidewalks=True, kinds=("main", "street"))
    xy, yaw, station, _ = curbside(grounds, walks, 70.0, 0.7, rng=rng, sides="random")
    grounds.put("neon-sign", xy, yaw, rng=rng, one_of=station, spacing_m=12.0, on=("sidewalk",))
    xy, yaw, station, _ = curbside(grounds, walks, 120.0, 3.2, rng=rng, sides="random")
    grounds.put(
        "billboard", xy, yaw, rng=rng, one_of=station, spacing_m=60.0, off={"walk": 0.1, "road": 0.5}, tolerance_m=0.1
    )
    grounds.put("hologram", xy, yaw, rng=rng, one_of=station, spacing_m=80.0, tolerance_m=0.06)


def _small(grounds: Grounds) -> None:
    """Benches, bins, hydrants, mailboxes and planters, by rank of the street."""
    density = grounds.plan.look.props_density
    if density <= 0:
        return
    walks = streets_of(grounds, sidewalks=True)
    modern = not is_old(grounds)
    rng = grounds.rng("small-furniture")
    for kind, gap, inset, sides in (
        ("hydrant", 75.0, 0.4, "alternate"),
        ("mailbox", 110.0, 0.45, "random"),
        ("bin", 42.0, 0.45, "alternate"),
        ("bench", 60.0, 0.5, "random"),
        ("planter", 58.0, 0.5, "random"),
    ):
        if kind in ("hydrant", "mailbox", "bin") and not modern:
            continue
        depth = grounds.stock.depth(kind)
        xy, yaw, station, _ = curbside(grounds, walks, gap / density, max(inset, 0.2 + depth / 2), rng=rng, sides=sides)
        away = yaw + np.pi if kind in ("bench", "mailbox") else yaw  # benches look at the houses' side
        grounds.put(kind, xy, away, rng=rng, one_of=station, on=("sidewalk",), spacing_m=min(20.0, 0.6 * gap))
    _in_open_places(grounds, rng, density)
    parks = [in_shape(rng, shape, 7.0) for _, shape in areas(grounds, "park")[:3]]
    for xy in parks if modern else ():
        yaw = rng.uniform(-np.pi, np.pi, len(xy))
        off = {"road": 3.0, "walk": 1.0}
        grounds.put("playground", xy, yaw, rng=rng, tolerance_m=0.12, limit=1, off=off)
    for _, shape in areas(grounds, "yard"):
        xy, yaw = rows(shape, 6.0, 6.0, 2.0)
        keep = rng.random(len(xy)) < 0.06
        grounds.put("bin", xy[keep], yaw, rng=rng)


def _in_open_places(grounds: Grounds, rng: np.random.Generator, density: float) -> None:
    """Benches that look inwards round open places, bins, and planters round squares."""
    found: dict[str, list[tuple[Array, Array]]] = {"bench": [], "bin": [], "planter": []}
    for area, shape in areas(grounds, *BENCH_GAP_M):
        gap = BENCH_GAP_M[area.kind] / density
        found["bench"].append(edge(shape, gap, 2.4 if area.kind != "quay" else 4.5))
        found["bin"].append(edge(shape, 2.2 * gap, 2.4))
        if area.kind == "square":
            found["planter"].append(edge(shape, 1.6 * gap, 1.4))
    for kind, places in found.items():
        if not places or (kind == "bin" and is_old(grounds)):
            continue
        xy, yaw = (np.concatenate(column) for column in zip(*places, strict=True))
        xy = xy + rng.normal(0, 0.2, xy.shape) * (kind == "bin")
        grounds.put(
            kind, xy, yaw, rng=rng, off={"road": 0.5}, spacing_m={"bench": 6.0, "bin": 10.0, "planter": 7.0}[kind]
        )
