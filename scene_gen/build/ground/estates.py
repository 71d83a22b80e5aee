"""Houses outside the town: farmsteads along the roads through fields, and what was asked for on a hill of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from bridge.frames import read_only
from scene_gen.build.ground.drawing import Drawing
from scene_gen.build.ground.fronts import Lot
from scene_gen.build.ground.landmarks import need
from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.paths import PathGrid, curved
from scene_gen.build.ground.polygons import Height, polygons_of, rectangle, ring
from scene_gen.build.ground.region import Region
from scene_gen.build.ground.terrain import Ground
from scene_gen.build.houses.uses import NEEDS
from scene_gen.build.site import Parcel
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Landmark, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estate:
    """Ground for one building outside the town: its ring (k,2), front first, the landmark it answers and its use."""

    ring: Array
    mark: Landmark
    use: str


def outlying(
    plan: Plan, ground: Ground, water: BaseGeometry, regions: Sequence[Region], drawing: Drawing, grid: PathGrid
) -> list[Estate]:
    """Ground for buildings that are wanted outside the town, each with a track to it."""
    if not drawing.ways:
        return []
    town = shapely.union_all([region.land for region in regions])
    found: list[Estate] = []
    for mark in plan.landmarks:
        if mark.at is None or mark.kind not in KINDS or KINDS[mark.kind].realised != "building":
            continue
        if town.distance(Point(mark.at)) < 25.0:
            continue
        kind = next((k for k in members(mark.kind) if k in NEEDS), mark.kind)
        width, area = need(kind)
        side = max(width * 1.25, float(np.sqrt(area * 1.5)), 14.0)
        for _ in range(min(mark.count, 12)):
            avoid = shapely.union_all(
                [
                    water.buffer(6.0),
                    town.buffer(8.0),
                    drawing.lines.buffer(9.0),
                    *(Polygon(f.ring).buffer(14.0) for f in found),
                ]
            )
            place = _level_spot(plan, ground, np.asarray(mark.at), mark.radius_m, side, avoid)
            if place is None:
                break
            streets = drawing.lines
            on, _ = nearest_points(streets, Point(place))
            toward = np.array([on.x, on.y]) - place
            toward /= max(float(np.linalg.norm(toward)), 1e-9)
            gate = place + toward * (side / 2 + 2.4)
            way = grid.way(gate[None], np.array([[on.x, on.y]]), streets)
            if way is None:
                break
            line = curved(np.concatenate([gate[None], (gate + toward * 8.0)[None], way[1:]]))
            drawing.attach(line, "track", "access", free_start=True)
            across = np.array([-toward[1], toward[0]])
            lot = rectangle(place, across, side, side)
            corners = ring(lot)
            facing = int(np.argmax((np.roll(corners, -1, axis=0) + corners) @ toward))
            corners = np.roll(corners, -facing, axis=0)
            found.append(Estate(corners, mark, kind))
    return found


def _level_spot(plan: Plan, ground: Ground, at: Array, radius: float, side: float, avoid: BaseGeometry) -> Array | None:
    """The most level free place for a square of `side` within `radius` of `at`, near it rather than far."""
    half = plan.size_m / 2 - side * 0.8 - 4.0
    rings_ = np.linspace(0, max(radius, 1.0), 7)
    angle = np.arange(12) * np.pi / 6
    offset = np.concatenate([[[0.0, 0.0]], *(r * np.stack([np.cos(angle), np.sin(angle)], -1) for r in rings_[1:])])
    places = np.clip(at + offset, -half, half)
    corner = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [0, 0]]) * side / 2
    heights = ground.at((places[:, None] + corner[None]).reshape(-1, 2)).reshape(-1, 5)
    shapely.prepare(avoid)
    free = ~shapely.dwithin(avoid, shapely.points(places), side * 0.72)
    if not free.any():
        return None
    cost = np.ptp(heights, axis=1) * 4.0 + np.linalg.norm(places - at, axis=1) * 0.5
    return places[int(np.argmin(np.where(free, cost, np.inf)))]


def farmsteads(
    plan: Plan,
    ground: Ground,
    net: Network,
    town: BaseGeometry,
    water: BaseGeometry,
    estates: Sequence[Estate],
    *,
    seed: int,
) -> list[Lot]:
    """Lots for farms along the roads through farm land, some 90 m apart on alternating sides."""
    rng, zones = stream(seed, "farmsteads"), Lattice(plan)
    blocked = shapely.union_all(
        [town.buffer(6.0), water.buffer(8.0), *(Polygon(estate.ring).buffer(5.0) for estate in estates)]
    )
    streets = shapely.union_all([shapely.LineString(e.points[:, :2]).buffer(e.profile.half_m) for e in net.edges])
    shapely.prepare(blocked)
    shapely.prepare(streets)
    found: list[Polygon] = []
    half = plan.size_m / 2
    for edge in net.edges:
        if edge.kind not in ("road", "track", "street"):
            continue
        points = edge.points[:, :2]
        for i in range(3, len(points) - 3, 9):
            side = 1.0 if (i // 9) % 2 else -1.0
            step = points[i + 2] - points[i - 2]
            step /= max(float(np.linalg.norm(step)), 1e-9)
            out = side * np.array([-step[1], step[0]])
            wide, deep = rng.uniform(30, 42), rng.uniform(30, 40)
            middle = points[i] + out * (edge.profile.half_m + 0.3 + deep / 2)
            if str(zones.at(middle)) not in "AY" or np.abs(middle).max() > half - 30:
                continue
            corners = middle + np.array([[-wide, -deep], [wide, -deep], [wide, deep], [-wide, deep]]) / 2 @ np.stack(
                [step, out]
            )
            lot = Polygon(corners)
            rest = lot.difference(streets.buffer(0.05))
            pieces = polygons_of(rest, 500.0)
            if (
                not pieces
                or pieces[0].area < 0.9 * lot.area
                or blocked.intersects(lot)
                or any(lot.distance(o) < 8.0 for o in found)
            ):
                continue
            if np.ptp(ground.at(corners)) < 5.0:
                found.append(pieces[0])
    return [Lot(lot, str(zones.at(np.array(lot.centroid.coords[0]))), np.zeros(2)) for lot in found]


def with_estates(
    parcels: Sequence[Parcel], estates: Sequence[Estate], net: Network, names: Sequence[str], level: Height
) -> list[Parcel]:
    """The parcels with those of the estates that a street reaches."""
    found = list(parcels)
    lines = np.array([shapely.LineString(edge.points[:, :2]) for edge in net.edges], dtype=object)
    for number, estate in enumerate(estates, start=1):
        gate = estate.ring[:2].mean(axis=0)
        away = shapely.distance(lines, shapely.points(gate))
        nearest = int(np.argmin(away))
        if away[nearest] > 12.0:
            continue
        street = names[net.edges[nearest].chain]
        found.append(
            Parcel(
                name=f"estate-{number}",
                polygon=read_only(estate.ring),
                front=read_only(estate.ring[:2]),
                base_m=round(float(level(gate[None])[0]) + 0.1, 4),
                zone="G",
                street=street,
                number=max((parcel.number for parcel in found if parcel.street == street), default=0) + 1,
                use=estate.use,
                attributes=estate.mark.attributes,
                clause=estate.mark.clause,
            )
        )
    return found
