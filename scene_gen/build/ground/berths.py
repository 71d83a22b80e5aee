"""Berths for boats: along quays and banks, and at anchor off the shore."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.polygons import rectangle
from scene_gen.build.ground.shore import Harbor, Shore
from scene_gen.build.ground.terrain import Ground
from scene_gen.build.site import Mooring
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]


def moor_along_quays(harbor: Harbor, ground: Ground, water: BaseGeometry, shore: Shore, *, seed: int) -> None:
    rng = stream(seed, "quay moorings")
    skip = -1.0
    on_quay = np.flatnonzero(np.isfinite(shore.deck_m))
    previous = None
    for index in on_quay:
        point, out = shore.points[index], shore.out[index]
        harbor.edges.append((point, out, float(shore.deck_m[index])))
        if previous is not None and np.linalg.norm(point - previous) > 20:
            skip = -1.0
        moved = 0.0 if previous is None else float(np.linalg.norm(point - previous))
        previous = point
        skip -= moved
        if skip > 0:
            continue
        slot = float(rng.choice([9.0, 11.0, 14.0, 18.0, 24.0]))
        along = np.array([out[1], -out[0]])
        for size in (slot, 11.0, 8.0):
            beam = 0.3 * size + 0.8
            spot = point + out * (beam / 2 + 0.5)
            berth = rectangle(spot, along, size + 1.5, beam)
            room = rectangle(spot + out * 0.3, along, size + 1.0, beam - 0.4)
            if not water.buffer(0.3).contains(room) or any(berth.intersects(other) for other in harbor.taken):
                continue
            if ground.at(spot[None])[0] > -1.4 + shore.water_m[index]:
                continue
            yaw = float(np.arctan2(along[1], along[0])) + (np.pi if rng.random() < 0.5 else 0.0)
            harbor.moorings.append(Mooring(float(spot[0]), float(spot[1]), yaw, size, float(shore.water_m[index])))
            harbor.taken.append(berth)
            skip = size / 2 + 8.0
            break


def moor_along_banks(
    harbor: Harbor, plan: Plan, ground: Ground, water: BaseGeometry, bodies: Sequence[tuple[Polygon, int]], shore: Shore,
    *, seed: int,
) -> None:  # fmt: skip
    """Berths along natural banks in town, where canals, rivers and lakes are deep enough near the shore."""
    levels = {plan.waters[kind].level_m for _, kind in bodies if plan.waters[kind].kind != "sea"}
    rng = stream(seed, "bank moorings")
    built = np.isin(plan.zone_at(shore.points - 14.0 * shore.out), list(BUILT + "P#"))
    fit = np.flatnonzero(np.isnan(shore.deck_m) & built & np.isin(shore.water_m, list(levels)))
    count = 0
    for index in fit[::6]:
        if rng.random() < 0.45 or count >= 60:
            continue
        point, out, level = shore.points[index], shore.out[index], float(shore.water_m[index])
        along = np.array([-out[1], out[0]])
        size = float(rng.choice([5.5, 7.0, 9.0]))
        for off in (2.2, 3.4, 4.8, 6.4):
            spot = point + out * off
            if ground.at(spot[None])[0] > level - 0.9:
                continue
            berth = rectangle(spot, along, size + 1.5, 0.34 * size + 0.6)
            if water.contains(berth) and not any(berth.intersects(other) for other in harbor.taken):
                yaw = float(np.arctan2(along[1], along[0])) + (np.pi if rng.random() < 0.5 else 0.0)
                harbor.moorings.append(Mooring(float(spot[0]), float(spot[1]), yaw, size, level))
                harbor.taken.append(berth)
                count += 1
            break


def anchor_off(
    harbor: Harbor, plan: Plan, ground: Ground, water: BaseGeometry, bodies: Sequence[tuple[Polygon, int]], *, seed: int
) -> None:
    rng = stream(seed, "anchorages")
    half = plan.size_m / 2
    taken = shapely.union_all([shape.buffer(12.0) for shape in harbor.taken])
    for polygon, kind in bodies:
        if plan.waters[kind].kind in ("canal", "pond"):
            continue
        room = (
            polygon.buffer(-16.0)
            .difference(taken)
            .intersection(shapely.box(20 - half, 20 - half, half - 20, half - 20))
        )
        if room.is_empty:
            continue
        shapely.prepare(room)
        low, high = np.array(room.bounds[:2]), np.array(room.bounds[2:])
        count = int(np.clip(room.area / 9000.0, 1, 8))
        tries = rng.uniform(low, high, (count * 12, 2))
        tries = tries[shapely.contains_xy(room, tries[:, 0], tries[:, 1])]
        kept: list[Array] = []
        for place in tries:
            if len(kept) < count and all(np.linalg.norm(place - other) > 34.0 for other in kept):
                kept.append(place)
        level = plan.waters[kind].level_m
        yaw = plan.environment.wind_from_rad
        for place in kept:
            if ground.at(place[None])[0] < level - 1.3:
                size = float(rng.choice([7.0, 10.0, 14.0]))
                harbor.moorings.append(
                    Mooring(float(place[0]), float(place[1]), yaw + float(rng.normal(0, 0.12)), size, level)
                )
