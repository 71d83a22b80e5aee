"""What was asked for by name: reserved ground first, then landmarks near their places, then what is still owed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.anchors import COMPASS, ELSEWHERE, anchor, beside, distance
from scene_gen.build.furnishing.moored import place_boats
from scene_gen.build.furnishing.parked import curb_places, vehicle_weights
from scene_gen.build.furnishing.people import sidewalk_places
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import curbside, streets_of
from scene_gen.build.furnishing.woods import tree_weights
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Landmark

Array = NDArray[np.float64]
PAVED = ("sidewalk", "square", "quay", "dock", "promenade", "parking-lot")
NATURAL = frozenset({"vegetation", "animal", "other", "fence"})


def stand_reserved(grounds: Grounds) -> None:
    """Things on the ground that the site kept for them, exactly there."""
    rng = grounds.rng("reserved")
    for place in grounds.site.reserved:
        kind = _member(grounds, place.kind)
        names = grounds.stock.chosen(kind, place.attributes) if kind else ()
        if not names:
            grounds.notes.append(f"The kit has no '{place.kind}', so the place kept for it stays empty.")
            continue
        name = names[int(rng.integers(0, len(names)))]
        x, y, z = place.position
        if place.on != "water":
            ground = float(grounds.surfaces.height(np.array([[x, y]]))[0])
            z = ground if abs(ground - z) < 1.5 else z
        grounds.put_at(kind, [(x, y, z)], place.yaw_rad, assets=[name], clause=place.clause)


Offered = tuple[Array, Array, tuple[str, ...] | None, dict[str, float], float]


@dataclass(frozen=True, eq=False)
class Where:
    """A place for a wish: around `at` (None: anywhere), or beside a `shape`, not farther than `radius_m`."""

    at: tuple[float, float] | None = None
    radius_m: float = 60.0
    shape: shapely.Geometry | None = None


ANYWHERE = Where()
BY_THE_WAY = frozenset(
    {"crate", "container", "animal", "person", "vehicle", "bicycle", "scooter", "vegetation", "tree", "lamp"}
)
"""Classes that come in numbers: as the planner's own ideas they only top up what the town has anyway."""


def grant_landmarks(grounds: Grounds, *, last: bool = False) -> None:
    """Landmarks that are assets and that no reserved ground answered, near their places.

    First those that were asked for and single things; at `last` the planner's ideas of common things.
    """
    answered: dict[tuple[str, int], int] = {}
    for place in grounds.site.reserved:
        answered[place.kind, place.clause] = answered.get((place.kind, place.clause), 0) + 1
    for mark in grounds.plan.landmarks:
        if mark.kind not in KINDS or KINDS[mark.kind].realised != "asset":
            continue
        taken = min(answered.get((mark.kind, mark.clause), 0), mark.count)
        if taken:
            answered[mark.kind, mark.clause] -= taken
        missing = mark.count - taken
        is_idea = mark.clause < 0
        comes_last = is_idea and (KINDS[mark.kind].semantic in BY_THE_WAY or mark.kind in ("buoy", "fishing-net"))
        if comes_last != last:
            continue
        if last:
            missing -= grounds.count(mark.kind)
        if missing <= 0:
            continue
        where = _target(grounds, mark)
        stood = grant(grounds, mark.kind, missing, where=where, attributes=mark.attributes, clause=mark.clause)
        if stood < missing and not is_idea:
            place = f" within {where.radius_m:.0f} m of ({where.at[0]:.0f}, {where.at[1]:.0f})" if where.at else ""
            grounds.notes.append(
                f"Only {stood} of {missing} {KINDS[mark.kind].plural} found room{place}; "
                "a larger --size-m or another --seed gives more."
            )


def _target(grounds: Grounds, mark: Landmark) -> Where:
    """Where a landmark belongs: beside the very thing it was asked to be near, or where the planner put it."""
    if mark.near and mark.relation not in ELSEWHERE:
        shape = anchor(grounds, mark.near, mark.at)
        if shape is not None and mark.relation in COMPASS:
            return Where(beside(shape, mark.relation), 25.0)
        if shape is not None:
            x, y = shapely.get_coordinates(shapely.centroid(shape))[0].tolist()
            return Where((x, y), min(mark.radius_m, 18.0 + 2.0 * mark.count**0.5), shape)
    return Where(mark.at, mark.radius_m)


def pay_debts(grounds: Grounds) -> None:
    """Places what the plan's amounts still want, anywhere that fits, members before groups."""
    owed = [name for name in grounds.plan.amounts if name in KINDS and KINDS[name].realised == "asset"]
    for name in sorted(owed, key=lambda n: (len(members(n)), n)):
        missing = min(grounds.owed(name), 10**6)
        if not missing:
            continue
        stood = grant(grounds, name, missing)
        if stood < missing:
            found = grounds.count(name)
            why = "the kit has none" if not _member(grounds, name) else "there is no more room for them"
            grounds.notes.append(f"{found} of {found + missing - stood} {KINDS[name].plural} stand; {why}.")


def grant(
    grounds: Grounds,
    kind: str,
    count: int,
    *,
    where: Where = ANYWHERE,
    attributes: tuple[str, ...] = (),
    clause: int = -1,
) -> int:
    """Stands `count` of a kind (or of a group's members) near a place or anywhere; returns how many found room."""
    stood = 0
    for member in _members_in_order(grounds, kind):
        if stood >= count:
            break
        stood += _grant_kind(grounds, member, count - stood, where, attributes, clause)
    return stood


def _member(grounds: Grounds, kind: str) -> str:
    """The kind itself if the kit has it, else the member of the group that suits best; "" if there is none."""
    return next(iter(_members_in_order(grounds, kind)), "")


def _members_in_order(grounds: Grounds, kind: str) -> list[str]:
    """Members of a group that the kit has and the plan allows, the likeliest first."""
    if not KINDS[kind].members:
        return [kind] if grounds.stock.names(kind) else []
    usual = {"tree": tree_weights(grounds), "vehicle": vehicle_weights(grounds)}.get(kind, {})
    if kind == "animal":
        usual = {"sheep": 3.0, "dog": 2.0, "cow": 2.0, "goat": 1.0}
    have = [k for k in members(kind) if k != kind and grounds.stock.names(k) and grounds.allowance(k)]
    return sorted(have, key=lambda k: (-usual.get(k, 0.0), members(kind).index(k)))


def _grant_kind(
    grounds: Grounds, kind: str, count: int, where: Where, attributes: tuple[str, ...], clause: int
) -> int:  # fmt: skip
    semantic, at = KINDS[kind].semantic, where.at
    if semantic == "boat":
        is_idea = clause < 0 and at is not None
        return place_boats(grounds, kind, count, at=at, attributes=attributes, clause=clause, may_anchor=not is_idea)
    rng = grounds.rng(f"wish-{kind}-{clause}")
    names = grounds.stock.chosen(kind, attributes)
    stood = 0
    reaches = (0.0,) if at is None else (where.radius_m, 2 * where.radius_m)
    for reach in reaches:
        for xy, yaw, on, off, tolerance in _offers(grounds, kind, where, reach, rng):
            if stood >= count:
                return stood
            if at is not None:
                target = where.shape if where.shape is not None else shapely.Point(at)
                away = distance(target, xy)
                order = np.argsort(away, kind="stable")
                order = order[away[order] <= reach]
                xy, yaw = xy[order], yaw[order]
            margin = 0.5 if grounds.stock.reach(kind) > 4 else 0.1
            stood += len(
                grounds.put(
                    kind, xy, yaw, rng=rng, assets=names, limit=count - stood, on=on, off=off,
                    tolerance_m=tolerance, margin_m=margin, clause=clause,
                )
            )  # fmt: skip
    return stood


def _offers(grounds: Grounds, kind: str, where: Where, reach: float, rng: np.random.Generator) -> Iterator[Offered]:
    """Sets of places for a kind, the most fitting first: points, headings, grounds, distances, tolerance [m]."""
    semantic = KINDS[kind].semantic
    size = grounds.stock.reach(kind)
    xy = _points(grounds, where, reach, rng, max(0.75 * size, 2.0))
    yaw = rng.uniform(-np.pi, np.pi, len(xy))
    bare, paved = ("terrain",), PAVED
    clear = {"road": 0.3, "walk": 0.05}
    # The more level the ground the better: a wish for a large thing takes uneven ground only after all else.
    slack = (0.03, 0.1, 0.3, 0.8) if size > 1.5 else (0.03, 0.1, 0.3)
    if semantic in ("vehicle",):
        curb_xy, curb_yaw, _ = curb_places(grounds, rng)
        order = rng.permutation(len(curb_xy))
        yield curb_xy[order], curb_yaw[order], ("road", "parking-lot"), {"crossing": 3.0}, 0.15
        side_xy, side_yaw, _, _ = curbside(
            grounds, streets_of(grounds), 9.0, -1.2, rng=rng, sides="random", shifts=(0.0,)
        )
        yield side_xy, side_yaw + np.pi / 2, ("road",), {"crossing": 3.0}, 0.15
    if (
        semantic
        in (
            "scooter",
            "bicycle",
            "person",
            "robot",
            "street-furniture",
            "lamp",
            "sign",
            "signal",
            "furniture",
            "table",
            "crate",
        )
        and size < 4
    ):
        side_xy, side_yaw = sidewalk_places(grounds, rng, 5.0)
        spot_xy, spot_yaw, _, _ = curbside(
            grounds, streets_of(grounds, sidewalks=True), 6.0, 0.2 + size / 2, rng=rng, sides="both", shifts=(0.0,)
        )
        yield (
            (spot_xy, spot_yaw, paved, {}, 0.03)
            if semantic not in ("person", "robot")
            else (side_xy, side_yaw, paved, {}, 0.03)
        )
        yield xy, yaw, paved, {"road": 0.3}, 0.03
    if semantic in ("tree",) or semantic in NATURAL:
        for tolerance in (0.1, 0.3, 0.8):
            yield xy, yaw, bare, clear, tolerance
        yield xy, yaw, paved, {"road": 0.3}, 0.05
        return
    if kind in ("crane", "container", "crate", "barrel", "pallet", "market-stall", "fountain", "statue", "bollard"):
        yield xy, yaw, paved, {"road": 0.3}, 0.03
    for tolerance in slack:
        yield xy, yaw, bare, clear, tolerance
    yield xy, yaw, paved, {"road": 0.3}, 0.05
    yield xy, yaw, None, {"road": 0.1}, 0.1


def _points(grounds: Grounds, where: Where, reach: float, rng: np.random.Generator, gap_m: float) -> Array:
    """Random points around a place, or over the whole map with the middle half first."""
    half = grounds.plan.size_m / 2
    if where.at is None:
        count = int(min(6000, max(600, (2 * half / gap_m) ** 2)))
        xy = rng.uniform(-0.97 * half, 0.97 * half, (count, 2))
        return xy[np.argsort(np.abs(xy).max(axis=1) > 0.55 * half, kind="stable")]
    x0, y0, x1, y1 = shapely.bounds(where.shape if where.shape is not None else shapely.Point(where.at))
    low, high = (x0 - reach, y0 - reach), (x1 + reach, y1 + reach)
    count = int(min(4000, max(300, 4 * (high[0] - low[0]) * (high[1] - low[1]) / gap_m**2)))
    return rng.uniform(low, high, (count, 2))
