"""Boats at their moorings and at anchor, and buoys."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import in_shape
from scene_gen.build.occupancy import polygon
from scene_gen.build.site import Mooring
from scene_gen.kinds import KINDS, members

Array = NDArray[np.float64]
USUAL = {"fishing-boat": 4.0, "sailing-boat": 2.5, "motor-boat": 2.0, "rowing-boat": 2.5, "yacht": 0.7}
LONG = {"ferry": 1.0, "cargo-ship": 1.0, "tugboat": 1.0}
GAP_M = 0.4
BERTHS_TAKEN = 0.6
"""The share of moorings where a boat lies; the others are free for those who come."""


def moor(grounds: Grounds) -> None:
    """Boats asked for first, then the usual ones on three moorings in five, then buoys."""
    boats = [k for k in members("boat") if k != "boat" and grounds.stock.names(k)]
    for kind in boats:
        place_boats(grounds, kind, grounds.owed(kind))
    rng = grounds.rng("boats")
    moorings = grounds.site.moorings
    usual = _usual(grounds)
    target = max(0, min(round(BERTHS_TAKEN * len(moorings)), len(moorings) - 1) - grounds.count("boat"))
    _fill(grounds, [moorings[i] for i in rng.permutation(len(moorings))], usual, target, rng)
    for group in ("ship", "boat"):
        for _ in range(grounds.owed(group)):
            order_of_size = sorted(boats, key=lambda k: (grounds.stock.length(k), k))
            likely = [k for k in order_of_size if k in members(group) and grounds.allowance(k)]
            if not any(place_boats(grounds, kind, 1) for kind in likely):
                break
    _buoys(grounds)


def _usual(grounds: Grounds) -> dict[str, float]:
    weights = {**USUAL, **LONG}
    if grounds.words & {"medieval", "fantasy"}:
        weights = {"rowing-boat": 3.0, "sailing-boat": 2.0, "fishing-boat": 1.0}
    elif grounds.words & {"fishing-village"}:
        weights["fishing-boat"] = 8.0
    elif grounds.words & {"resort"}:
        weights.update({"sailing-boat": 5.0, "yacht": 3.0, "fishing-boat": 1.0})
    return {kind: w for kind, w in weights.items() if grounds.stock.names(kind)}


def _fitting(grounds: Grounds, kind: str, length_m: float, attributes: tuple[str, ...] = ()) -> list[str]:
    return [n for n in grounds.stock.chosen(kind, attributes) if grounds.stock.asset(n).size[0] <= length_m]


def _fill(
    grounds: Grounds, moorings: list[Mooring], weights: dict[str, float], target: int, rng: np.random.Generator
) -> None:  # fmt: skip
    """About `target` boats at moorings, in the order given, each of a kind that fills its berth sensibly."""
    taken = grounds.occupancy.taken(
        np.array([(m.x, m.y) for m in moorings]).reshape(-1, 2), np.full(len(moorings), 0.8)
    )
    chosen: dict[str, list[Mooring]] = {}
    for mooring in [m for m, is_taken in zip(moorings, taken, strict=True) if not is_taken][: max(target, 0)]:
        shortest = min(0.42 * mooring.length_m, 30.0)
        fitting = {k: w for k, w in weights.items() if grounds.allowance(k) and _fitting(grounds, k, mooring.length_m)}
        likely = {
            kind: weight
            for kind, weight in fitting.items()
            if any(grounds.stock.asset(n).size[0] >= shortest for n in _fitting(grounds, kind, mooring.length_m))
        } or fitting
        if likely:
            share = np.array(list(likely.values()))
            kind = list(likely)[int(rng.choice(len(likely), p=share / share.sum()))]
            chosen.setdefault(kind, []).append(mooring)
    for kind, berths in chosen.items():
        _berth(grounds, kind, berths, rng, len(berths))


def _berth(
    grounds: Grounds, kind: str, moorings: list[Mooring], rng: np.random.Generator, limit: int,
    attributes: tuple[str, ...] = (), clause: int = -1,
) -> int:  # fmt: skip
    """Boats of a kind at moorings that fit, in the order given; returns how many."""
    berths = [(m, names) for m in moorings if (names := _fitting(grounds, kind, m.length_m, attributes))]
    if not berths:
        return 0
    fleet = grounds.stock.names(kind)
    which = [fleet.index(names[int(rng.integers(0, len(names)))]) for _, names in berths]
    stood = grounds.put(
        kind, [(m.x, m.y) for m, _ in berths], [m.yaw_rad for m, _ in berths], rng=rng, assets=fleet, which=which, limit=limit,
        level_m=np.array([m.level_m for m, _ in berths]), margin_m=GAP_M, clause=clause,
    )  # fmt: skip
    return len(stood)


def place_boats(
    grounds: Grounds,
    kind: str,
    count: int,
    *,
    at: tuple[float, float] | None = None,
    attributes: tuple[str, ...] = (),
    clause: int = -1,
    may_anchor: bool = True,
) -> int:
    """`count` boats of a kind at the moorings (nearest to `at` first), the rest at anchor; returns how many lie."""
    if count <= 0 or not grounds.stock.names(kind):
        return 0
    rng = grounds.rng(f"boats-{kind}-{clause}")
    moorings = list(grounds.site.moorings)
    if at is None:
        moorings = [moorings[i] for i in rng.permutation(len(moorings))]
        length = grounds.stock.length(kind)
        moorings.sort(key=lambda m: max(m.length_m - 2.2 * length, 0.0))  # berths of about its own size first
    else:
        moorings.sort(key=lambda m: (m.x - at[0]) ** 2 + (m.y - at[1]) ** 2)
    lying = _berth(grounds, kind, moorings, rng, count, attributes, clause)
    if lying < count and may_anchor:
        lying += _anchor(grounds, kind, count - lying, rng, at, attributes, clause)
    return lying


def _anchor(
    grounds: Grounds, kind: str, count: int, rng: np.random.Generator,
    at: tuple[float, float] | None, attributes: tuple[str, ...], clause: int,
) -> int:  # fmt: skip
    """Boats on open water, clear of the shore and of decks and where it is deep enough to float."""
    names = grounds.stock.chosen(kind, attributes)
    stood = 0
    for name in sorted(names, key=lambda n: grounds.stock.asset(n).size[0]):
        length = grounds.stock.asset(name).size[0]
        for water, xy in _open_water(grounds, rng, length / 2 + 1.5, max(5.0, 0.7 * length)):
            if at is not None:
                xy = xy[np.argsort(np.linalg.norm(xy - np.array(at), axis=1), kind="stable")]
            heading = rng.uniform(-0.5, 0.5, len(xy)) + rng.uniform(-np.pi, np.pi)
            stood += len(
                grounds.put(kind, xy, heading, rng=rng, assets=(name,), limit=count - stood,
                            level_m=water, margin_m=1.5, clause=clause)
            )  # fmt: skip
            if stood >= count:
                return stood
    return stood


def _open_water(grounds: Grounds, rng: np.random.Generator, clear_m: float, gap_m: float) -> list[tuple[float, Array]]:
    """Levels and points of open water, `clear_m` from every shore, mapped edge and deck, a metre deep at least."""
    half = grounds.plan.size_m / 2
    inside = shapely.box(-half, -half, half, half)
    decks = [
        polygon(p.outline) for p in grounds.site.parts if p.semantic in ("dock", "bridge") and p.outline is not None
    ]
    cover = shapely.union_all(decks) if decks else None
    found = []
    for water in grounds.site.waters:
        shape = shapely.intersection(polygon(water.polygon, water.holes), inside)
        if cover is not None:
            shape = shapely.difference(shape, cover)
        shape = shapely.buffer(shape, -clear_m)
        if shapely.is_empty(shape):
            continue
        xy = in_shape(rng, shape, gap_m)
        xy = xy[grounds.surfaces.height(xy) < water.level_m - 0.8]
        found.append((water.level_m, xy))
    return found


def _buoys(grounds: Grounds) -> None:
    if "buoy" not in KINDS or (not grounds.site.moorings and not grounds.owed("buoy")):
        return
    rng = grounds.rng("buoys")
    for level, xy in _open_water(grounds, rng, 9.0, 30.0):
        moorings = np.array([(m.x, m.y) for m in grounds.site.moorings]).reshape(-1, 2)
        if len(moorings):
            near = np.linalg.norm(xy[:, None] - moorings[None], axis=2).min(axis=1)
            xy = xy[np.argsort(near, kind="stable")]
            xy = xy[::2]
        grounds.put(
            "buoy", xy, 0.0, rng=rng, level_m=level, margin_m=3.0, limit=grounds.wanted("buoy", 7), spacing_m=25.0
        )
