"""Vehicles that stand: cars, vans and trucks along curbs and in parking lots, scooters and bicycles on sidewalks."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, curbside, rows, streets_of
from scene_gen.build.furnishing.street_furniture import is_old
from scene_gen.build.occupancy import bands
from scene_gen.build.ways.parking import parking_bays

Array = NDArray[np.float64]
CROSSING_CLEAR_M, MOUTH_CLEAR_M, BAY_M = 4.0, 11.0, 6.4
NEAR_M = 2.5
"""The middle of a bay keeps this much from other streets' carriageways."""
USUAL = {"car": 0.76, "van": 0.1, "taxi": 0.05, "truck": 0.06, "police-car": 0.02, "bus": 0.01}


def park(grounds: Grounds) -> None:
    """Vehicles by what the town's age and the plan allow."""
    if is_old(grounds):
        _carts(grounds)
        return
    _lots(grounds)
    _curbs(grounds)
    _two_wheelers(grounds)


def vehicle_weights(grounds: Grounds) -> dict[str, float]:
    """Kinds of vehicle that may be parked, with weights."""
    weights = dict(USUAL)
    if grounds.words & {"industrial"}:
        weights["truck"] = 0.25
    if grounds.words & {"farm", "ranch", "vineyard"}:
        weights["tractor"] = 0.15
        weights["truck"] = 0.15
    return {k: w for k, w in weights.items() if grounds.stock.names(k) and grounds.allowance(k)}


def curb_places(grounds: Grounds, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Parking bays on carriageways: points (n,2), headings (n,) with the traffic, widths of the bays (n,) [m]."""
    streets = grounds.ways.streets
    spots: list[Array] = [np.zeros((0, 2))]
    yaws: list[Array] = [np.zeros(0)]
    widths: list[Array] = [np.zeros(0)]
    bays = parking_bays(streets)
    for column, side in ((0, 1.0), (1, -1.0)):
        usable = np.flatnonzero(bays[:, column] > 0)
        street, arc = grounds.ways.every(usable, BAY_M, trim_m=MOUTH_CLEAR_M)
        width = np.array([s.width_m for s in streets])[street]
        xy, heading = grounds.ways.at(street, arc, side * (width / 2 - bays[street, column] / 2))
        apart = ~_beside_others(grounds, xy, street)
        spots.append(xy[apart])
        yaws.append(heading[apart] + (np.pi if side > 0 else 0.0))  # on the left the traffic comes towards one
        widths.append(bays[street, column][apart])
    return np.concatenate(spots), np.concatenate(yaws), np.concatenate(widths)


def _beside_others(grounds: Grounds, xy: Array, street: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which places (n,2) along streets (n,) lie so near to another street's carriageway that they narrow it."""
    streets = grounds.ways.streets
    roads = shapely.STRtree(bands([s.centreline for s in streets], [s.width_m / 2 + NEAR_M for s in streets]))
    place, other = roads.query(np.asarray(shapely.points(xy), dtype=object), predicate="intersects")
    found = np.zeros(len(xy), dtype=bool)
    found[place[street[place] != other]] = True
    return found


def _curbs(grounds: Grounds) -> None:
    rng = grounds.rng("parked")
    xy, yaw, width = curb_places(grounds, rng)
    if not len(xy):
        return
    order = rng.permutation(len(xy))
    share = 0.36 * min(max(grounds.plan.look.props_density, 0.3), 1.5)
    letters = grounds.plan.zone_at(xy)
    busy = np.where(np.isin(letters, list("TC")), 1.4, np.where(np.isin(letters, list("OVQ")), 0.9, 1.0))
    order = order[rng.random(len(order)) < (share * busy)[order]]
    _stand(grounds, xy[order], yaw[order], width[order], rng)


def _stand(grounds: Grounds, xy: Array, yaw: Array, width: Array, rng: np.random.Generator) -> None:
    """Vehicles of weighted kinds in bays; wide ones only where they fit."""
    weights = vehicle_weights(grounds)
    if not weights or not len(xy):
        return
    kinds = sorted(weights)
    share = np.array([weights[k] for k in kinds])
    which = rng.choice(len(kinds), len(xy), p=share / share.sum())
    for i, kind in enumerate(kinds):
        mine = np.flatnonzero(which == i)
        limit = {"police-car": 3, "bus": 3, "truck": 10, "taxi": 12}.get(kind)
        wide = grounds.stock.width(kind)
        mine = mine[width[mine] > wide + 0.05]
        grounds.put(kind, xy[mine], yaw[mine] + rng.normal(0, 0.015, len(mine)), rng=rng, on=("road", "parking-lot", "square"),
                    off={"crossing": CROSSING_CLEAR_M}, tolerance_m=0.05, limit=limit, margin_m=0.3, is_tilted=True)  # fmt: skip


def _lots(grounds: Grounds) -> None:
    """Rows of bays across parking lots, and a few vehicles in yards."""
    rng = grounds.rng("lots")
    for area, shape in areas(grounds, "parking-lot", "yard"):
        xy, yaw = rows(shape, 6.5, 2.7, 2.8)
        keep = rng.random(len(xy)) < (0.55 if area.kind == "parking-lot" else 0.05)
        turn = np.where(rng.random(len(xy)) < 0.5, np.pi / 2, -np.pi / 2)
        _stand(grounds, xy[keep], (yaw + turn)[keep], np.full(int(keep.sum()), 2.7), rng)


def _two_wheelers(grounds: Grounds) -> None:
    """Small groups of bicycles and scooters, square to the curb."""
    rng = grounds.rng("two-wheelers")
    walks = [i for i in streets_of(grounds, sidewalks=True) if grounds.ways.streets[i].sidewalk_m >= 1.4]
    density = grounds.plan.look.props_density
    for kind, gap, most in (("bicycle", 65.0, 5), ("scooter", 85.0, 3)):
        long_m = grounds.stock.reach(kind)
        turned = long_m > 1.7
        shifts = 0.85 * np.arange(-(most // 2), most - most // 2)
        xy, yaw, _, _ = curbside(
            grounds,
            walks,
            gap / max(density, 0.2),
            0.55,
            rng=rng,
            sides="random",
            shifts=tuple(shifts * (2.4 if turned else 1.0)),
        )
        keep = rng.random(len(xy)) < 0.6
        heading = yaw + (np.pi / 2 if turned else 0.0)  # along the curb where the sidewalk is narrow
        grounds.put(kind, xy[keep], heading[keep], rng=rng, on=("sidewalk",), tolerance_m=0.03)


def _carts(grounds: Grounds) -> None:
    """Carts on squares, quays and in front of houses."""
    rng = grounds.rng("carts")
    for _, shape in areas(grounds, "square", "quay", "yard"):
        xy, yaw = rows(shape, 9.0, 9.0, 2.5)
        keep = rng.random(len(xy)) < 0.15
        grounds.put(
            "cart", xy[keep], yaw + rng.uniform(-np.pi, np.pi, int(keep.sum())), rng=rng, limit=4, off={"road": 0.4}
        )
    lanes = streets_of(grounds)
    xy, yaw, station, _ = curbside(grounds, lanes, 90.0, 1.6, rng=rng, sides="random")
    grounds.put("cart", xy, yaw + np.pi / 2, rng=rng, one_of=station, off={"road": 0.1, "walk": 0.0}, tolerance_m=0.1,
                limit=grounds.wanted("cart", 8), spacing_m=40.0)  # fmt: skip
