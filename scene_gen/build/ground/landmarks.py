"""Ground for what was asked for by name: parcels large enough for churches and castles, spots for lighthouses and wells."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from scene_gen.build.ground.fronts import front_first
from scene_gen.build.ground.mains import Square
from scene_gen.build.ground.polygons import oriented_box, ring
from scene_gen.build.ground.shore import Harbor
from scene_gen.build.ground.terrain import Ground
from scene_gen.build.houses.uses import NEEDS
from scene_gen.build.site import Parcel, Reserved
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Landmark, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_ON_SQUARE = ("fountain", "statue", "well", "obelisk", "clock-tower", "flagpole")
_BY_WATER = ("lighthouse",)
_STANDING = (
    "lighthouse", "windmill", "water-tower", "clock-tower", "bell-tower", "watchtower", "silo", "chimney", "dome", "obelisk",
    "fountain", "well", "statue", "crane", "wind-turbine", "playground", "flagpole", "antenna",
)  # fmt: skip
_ROOM_M = {"lighthouse": 4.5, "windmill": 6.0, "water-tower": 5.0, "wind-turbine": 6.0, "crane": 5.0, "dome": 9.0, "silo": 5.0,
           "fountain": 3.5, "playground": 7.0}  # fmt: skip
_LARGE = 190.0


def need(kind: str) -> tuple[float, float]:
    """Frontage [m] and area [m²] that a parcel for a kind of building needs."""
    return NEEDS.get(kind, (8.0, 100.0))


def claim(plan: Plan, parcels: Sequence[Parcel]) -> list[Parcel]:
    """The parcels with one set aside for each building wanted near a place in town; neighbours are joined where too small."""
    found = list(parcels)
    for mark in plan.landmarks:
        if mark.at is None or mark.kind not in KINDS or KINDS[mark.kind].realised != "building" or mark.count > 4:
            continue
        kind = next((k for k in members(mark.kind) if k in NEEDS), "")
        if not kind or mark.kind == "building":
            continue
        width, area = need(kind)
        already = sum(p.use == kind and p.clause == mark.clause for p in found)
        for _ in range(mark.count - already):
            joined = _best_lot(found, np.asarray(mark.at), mark.radius_m, width, area)
            if joined is None:
                break
            indices, polygon, front = joined
            first = found[indices[0]]
            whole = replace(
                first, polygon=read_only(polygon), front=read_only(front), use=kind, attributes=mark.attributes,
                clause=mark.clause, is_attached=first.is_attached and area < _LARGE,
                base_m=float(np.mean([found[i].base_m for i in indices])),
            )  # fmt: skip
            found[indices[0]] = whole
            for i in sorted(indices[1:], reverse=True):
                del found[i]
    return found


def _best_lot(
    parcels: Sequence[Parcel], at: Array, radius: float, width: float, area: float
) -> tuple[list[int], Array, Array] | None:
    middles = np.array([parcel.polygon.mean(axis=0) for parcel in parcels])
    fronts = np.array([parcel.front for parcel in parcels])
    gap = np.linalg.norm(middles - at, axis=1)
    best: tuple[float, list[int], Array, Array] | None = None
    for index in np.argsort(gap, kind="stable")[:60]:
        start = parcels[index]
        away = float(gap[index]) + 2.0 * max(float(gap[index]) - radius, 0.0)
        if gap[index] > radius + 60.0 or (best is not None and away >= best[0]):
            break
        if start.use:
            continue
        chain = [int(index)]
        polygon, front = start.polygon, start.front
        for _ in range(5):
            wide = float(np.linalg.norm(front[1] - front[0]))
            if wide >= width and Polygon(polygon).area >= area:
                break
            grown = _with_neighbour(parcels, fronts, chain, polygon, front)
            if grown is None:
                break
            chain, polygon, front = grown
        wide, size = float(np.linalg.norm(front[1] - front[0])), Polygon(polygon).area
        short = max(0.0, 1 - wide / width) + max(0.0, 1 - size / area)
        _, long_, thin = oriented_box(polygon)
        cost = away + 260.0 * short + 60.0 * (1 - size / max(long_ * thin, 1.0)) + 4.0 * len(chain)
        if best is None or cost < best[0]:
            best = (cost, chain, polygon, front)
    return None if best is None else best[1:]


def _with_neighbour(
    parcels: Sequence[Parcel], fronts: Array, chain: list[int], polygon: Array, front: Array
) -> tuple[list[int], Array, Array] | None:
    """The lot with the next one along its front, if both fronts lie in line."""
    own = parcels[chain[0]]
    direction = (front[1] - front[0]) / np.linalg.norm(front[1] - front[0])
    for end, sign in ((1, 1.0), (0, -1.0)):
        meeting = fronts[:, 0] if sign > 0 else fronts[:, 1]
        for index in np.flatnonzero((np.abs(meeting - front[end]) < 1.2).all(axis=1)).tolist():
            other = parcels[index]
            if index in chain or other.use or other.street != own.street:
                continue
            step = (other.front[1] - other.front[0]) / np.linalg.norm(other.front[1] - other.front[0])
            if step @ direction < 0.985 or abs(other.base_m - own.base_m) > 0.9:
                continue
            both = (
                Polygon(polygon)
                .buffer(0.12, join_style="mitre")
                .union(Polygon(other.polygon).buffer(0.12, join_style="mitre"))
            )
            both = both.buffer(-0.12, join_style="mitre")
            if not isinstance(both, Polygon) or both.interiors:
                continue
            a, b = (front[0], other.front[1]) if sign > 0 else (other.front[0], front[1])
            unit = (b - a) / np.linalg.norm(b - a)
            inward = np.array([-unit[1], unit[0]])
            corners = ring(shapely.simplify(both, 0.1))
            bow = max(
                0.0,
                float(
                    max(((p - a) @ inward for p in (front[0], front[1], other.front[0], other.front[1])), default=0.0)
                ),
            )
            start = a + inward * bow
            made = front_first([tuple(p) for p in corners.tolist()], tuple(start.tolist()), tuple(unit.tolist()))
            if made is None:
                continue
            return [*chain, index], np.array(made), np.array(made[:2])
    return None


def reserve(
    plan: Plan, ground: Ground, harbor: Harbor, squares: Sequence[Square], levels: Sequence[float], water: BaseGeometry,
    taken: BaseGeometry, *, seed: int,
) -> list[Reserved]:  # fmt: skip
    """Spots for things that stand alone: on squares, at the water's edge, on breakwaters, quays and open ground."""
    found: list[Reserved] = []
    rng = stream(seed, "reserved")
    heads = list(harbor.heads)
    used: list[Array] = []
    for mark in plan.landmarks:
        if mark.kind not in _STANDING:
            continue
        for number in range(min(mark.count, 12)):
            spot = None
            room = _ROOM_M.get(mark.kind, 2.5)
            if mark.kind in _BY_WATER and heads:
                near = [
                    h
                    for h in heads
                    if mark.at is None
                    or mark.clause < 0
                    or np.hypot(h[0] - mark.at[0], h[1] - mark.at[1]) <= mark.radius_m + 40.0
                ]
                if near:
                    x, y, z, yaw = near[0]
                    heads.remove(near[0])
                    spot = Reserved(mark.kind, (x, y, z), yaw, "breakwater", mark.attributes, mark.clause)
            elif mark.kind == "crane" and harbor.edges:
                spot = _on_quay(harbor, mark, used)
            elif mark.kind in _ON_SQUARE and squares and not mark.attributes.count("outside"):
                spot = _on_square(squares, levels, mark, number, used, rng)
            if spot is None and mark.kind in _BY_WATER and harbor.edges:
                spot = _on_quay(harbor, mark, used, reach_m=mark.radius_m + 15.0)
            if spot is None:
                spot = _on_ground(plan, ground, mark, room, water, taken, used, rng)
            if spot is not None:
                used.append(np.array(spot.position[:2]))
                found.append(spot)
    return found


def _on_quay(harbor: Harbor, mark: Landmark, used: Sequence[Array], reach_m: float = np.inf) -> Reserved | None:
    """A spot 4.6 m behind the edge of a quay, looking out over the water, clear of piers."""
    points = np.array([point for point, _, _ in harbor.edges])
    out = np.array([direction for _, direction, _ in harbor.edges])
    free = np.ones(len(points), dtype=bool)
    for other in used:
        free &= np.linalg.norm(points - other, axis=1) > 18.0
    piers = [
        part.outline for part in harbor.parts if part.kind in ("pier", "jetty", "marina") and part.outline is not None
    ]
    for outline in piers:
        free &= np.asarray(shapely.distance(Polygon(outline), shapely.points(points))) > 6.5
    if not free.any():
        return None
    at = points.mean(axis=0) if mark.at is None else np.asarray(mark.at)
    gap = np.linalg.norm(points - at, axis=1)
    best = int(np.argmin(np.where(free, gap, np.inf)))
    if gap[best] > reach_m:
        return None
    x, y = points[best] - out[best] * 4.6
    return Reserved(
        mark.kind,
        (float(x), float(y), harbor.edges[best][2]),
        float(np.arctan2(out[best, 1], out[best, 0])),
        "quay",
        mark.attributes,
        mark.clause,
    )


def _on_square(
    squares: Sequence[Square],
    levels: Sequence[float],
    mark: Landmark,
    number: int,
    used: Sequence[Array],
    rng: np.random.Generator,
) -> Reserved | None:
    at = np.asarray(mark.at) if mark.at is not None else np.asarray(squares[0].ground.centroid.coords[0])
    index = min(range(len(squares)), key=lambda i: squares[i].ground.distance(Point(at)))
    square = squares[index]
    if mark.at is not None and square.ground.distance(Point(at)) > mark.radius_m + 30.0:
        return None
    room = square.ground.buffer(-6.0)
    if room.is_empty:
        room = square.ground.buffer(-3.0)
    centre = np.asarray(square.ground.centroid.coords[0])
    axis, length, width = oriented_box(ring(square.ground))
    across = np.array([-axis[1], axis[0]])
    tries = [
        centre,
        *(centre + axis * s * length * 0.27 + across * t * width * 0.22 for s in (-1, 1) for t in (0, -1, 1)),
    ]
    for place in tries:
        if room.contains(Point(place)) and all(np.linalg.norm(place - other) > 7.5 for other in used):
            yaw = float(np.arctan2(axis[1], axis[0]))
            return Reserved(
                mark.kind,
                (float(place[0]), float(place[1]), float(levels[index])),
                yaw,
                "square",
                mark.attributes,
                mark.clause,
            )
    return None


def _on_ground(
    plan: Plan, ground: Ground, mark: Landmark, room: float, water: BaseGeometry, taken: BaseGeometry, used: Sequence[Array],
    rng: np.random.Generator,
) -> Reserved | None:  # fmt: skip
    half = plan.size_m / 2 - room - 3.0
    if mark.at is None:
        places = rng.uniform(-half, half, (500, 2))
        cost = np.linalg.norm(places, axis=1) * 0.5
    else:
        reach = max(mark.radius_m, 10.0)
        angle = rng.uniform(0, 2 * np.pi, 900)
        radius = np.sqrt(rng.uniform(0, 1, 900)) * reach * np.where(np.arange(900) < 500, 1.0, 2.2)
        places = np.clip(
            np.asarray(mark.at) + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1), -half, half
        )
        cost = np.linalg.norm(places - np.asarray(mark.at), axis=1) * 0.4
        cost += 3.0 * np.maximum(np.linalg.norm(places - np.asarray(mark.at), axis=1) - reach, 0)
    points = shapely.points(places)
    shapely.prepare(taken)
    shapely.prepare(water)
    free = ~shapely.dwithin(taken, points, room) & ~shapely.dwithin(water, points, room * 0.6)
    for other in used:
        free &= np.linalg.norm(places - other, axis=1) > room + 6.0
    if not free.any():
        return None
    around = np.stack([ground.at(places + room * np.array(o)) for o in ((1, 0), (-1, 0), (0, 1), (0, -1))], -1)
    cost = cost + 6.0 * np.ptp(around, axis=1)
    if mark.kind in _BY_WATER:
        cost = cost + 2.0 * np.asarray(shapely.distance(water, points))
    if mark.kind in ("windmill", "watchtower", "wind-turbine"):
        cost = cost - 1.5 * ground.at(places)
    best = int(np.argmin(np.where(free, cost, np.inf)))
    x, y = places[best]
    z = float(around[best].min())
    yaw = (
        plan.environment.wind_from_rad
        if mark.kind in ("windmill", "wind-turbine")
        else float(rng.uniform(-np.pi, np.pi))
    )
    return Reserved(mark.kind, (float(x), float(y), z), yaw, "terrain", mark.attributes, mark.clause)
