"""Life on squares and in front of houses: stalls, fountains, cafe tables under parasols, flags, yards of houses."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.islands import WIDE_M2, furnish_islands, seat_focus
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, around, in_shape, rows
from scene_gen.build.furnishing.street_furniture import is_neon, is_old

Array = NDArray[np.float64]
EATING = frozenset({"restaurant", "cafe", "inn", "hotel", "bakery"})
BAD = frozenset({"rain", "storm", "snow"})


def furnish_squares(grounds: Grounds) -> None:
    """Squares first, then the places in front of doors."""
    _middles(grounds)
    if not _is_market(grounds):
        seat_focus(grounds)
    _stalls(grounds)
    furnish_islands(grounds)
    _cafes(grounds)
    _flags(grounds)
    _roofs(grounds)


def _middles(grounds: Grounds) -> None:
    """A fountain, statue or well in the middle of every square that has none yet."""
    rng = grounds.rng("squares")
    for _, shape in areas(grounds, "square"):
        if shapely.area(shape) < 250:
            continue
        order = ("well", "statue") if is_old(grounds) else ("fountain", "statue", "fountain", "obelisk")
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, 1.0))[:1]  # type: ignore
        reach = max(np.sqrt(shapely.area(shape)) / 5, 3.0)
        spots = np.concatenate([middle, around(middle[0], 8, reach)[0], around(middle[0], 12, 2 * reach)[0]])
        kinds = [order[i] for i in rng.permutation(len(order))]
        is_one_enough = rng.random() < 0.15 and shapely.area(shape) < WIDE_M2
        if is_one_enough and any(grounds.count(kind) for kind in ("fountain", "statue", "well")):
            continue
        for kind in kinds:
            if len(
                grounds.put(
                    kind, spots, rng.uniform(-np.pi, np.pi), rng=rng, limit=1, tolerance_m=0.03, off={"road": 1.0}
                )
            ):
                break


def _is_market(grounds: Grounds) -> bool:
    """Whether squares are there for stalls."""
    return bool(grounds.words & {"market", "arabic", "medieval", "asian"}) or grounds.owed("market-stall") > 0


def _stalls(grounds: Grounds) -> None:
    """Market stalls in rows, on the squares of market towns and by chance elsewhere, by day and in fair weather."""
    rng = grounds.rng("stalls")
    is_market = _is_market(grounds)
    hour = grounds.plan.environment.time_of_day_h
    is_open = is_market or (7 <= hour <= 19 and grounds.plan.environment.weather not in ("storm", "snow"))
    depth = grounds.stock.depth("market-stall")
    width = grounds.stock.width("market-stall")
    if not depth or not is_open:
        return
    usual = 28 if is_market else 8
    for index, (_, shape) in enumerate(areas(grounds, "square")):
        if not is_market and (index > 0 or grounds.plan.look.props_density < 0.4):
            break
        xy, yaw = rows(shape, depth + 3.2, width + 0.7, 3.0)
        middle = shapely.get_coordinates(shapely.centroid(shape))[0]
        xy = xy[np.argsort(np.linalg.norm(xy - middle, axis=1), kind="stable")]
        keep = rng.random(len(xy)) < (0.85 if is_market else 0.6)
        grounds.put("market-stall", xy[keep], yaw + np.pi / 2, rng=rng, tolerance_m=0.03, off={"road": 0.8, "walk": 0.0},
                    limit=grounds.wanted("market-stall", usual - grounds.count("market-stall")))  # fmt: skip


def _cafes(grounds: Grounds) -> None:
    """Tables with chairs, and parasols in fair weather, in front of the doors of those who serve."""
    rng = grounds.rng("cafes")
    environment = grounds.plan.environment
    if environment.weather in ("storm", "snow") or environment.snow_cover > 0.3:
        return
    spots, slots = _terraces(grounds, rng)
    if environment.weather not in BAD:
        for _, shape in areas(grounds, "square"):
            xy = in_shape(rng, shape, 9.0)
            xy = xy[rng.random(len(xy)) < 0.12][:4]
            slots = np.concatenate([slots, slots.max(initial=0) + 1 + np.arange(len(xy))])
            spots = np.concatenate([spots, xy])
    _tables(grounds, spots, slots, rng)


def _terraces(grounds: Grounds, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """Spots for tables on both sides of serving doors, and the table (slot) each is for: 2 to 4 a door."""
    doors = [d for b in grounds.raised.buildings if b.use in EATING for d in b.doors[:1]]
    if not doors:
        return np.zeros((0, 2)), np.zeros(0, dtype=np.intp)
    yaw = np.array([d.yaw_rad for d in doors])
    out = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    aside = np.stack([-out[:, 1], out[:, 0]], axis=1)
    place = np.array([d.position[:2] for d in doors])
    along = np.array([2.4, -2.4, 4.4, -4.4])[None, :, None]  # one column a slot
    away = np.array([1.2, 2.2, 3.4, 5.0])[None, None, :]  # in order of preference
    spots = place[:, None, None] + along[..., None] * aside[:, None, None] + away[..., None] * out[:, None, None]
    slot = np.broadcast_to(np.arange(len(doors) * 4).reshape(-1, 4, 1), spots.shape[:3])
    keep = np.arange(4)[None, :, None] < rng.integers(2, 5, len(doors))[:, None, None]
    keep = np.broadcast_to(keep, spots.shape[:3])
    return spots[keep], slot[keep]


def _tables(grounds: Grounds, spots: Array, slots: NDArray[np.intp], rng: np.random.Generator) -> None:
    """One table a slot, two chairs at each, a parasol beside it where the weather is for it."""
    stood = grounds.put(
        "table",
        spots,
        rng.uniform(-np.pi, np.pi, len(spots)),
        rng=rng,
        one_of=slots,
        tolerance_m=0.012,
        off={"road": 0.6},
        spacing_m=1.9,
    )
    place = spots[stood]
    if not len(place):
        return
    table = grounds.stock.reach("table")
    chair = grounds.stock.reach("chair")
    phase = rng.uniform(0, np.pi, len(place))
    angle = np.concatenate([phase, phase + np.pi])
    out = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    twice = np.concatenate([place, place])
    seats = twice + (0.71 * (table + chair) + 0.1) * out
    grounds.put("chair", seats, angle + np.pi, rng=rng, tolerance_m=0.012, off={"road": 0.3})
    if grounds.plan.environment.weather not in BAD and grounds.plan.environment.wind_m_s < 12:
        beside = np.stack([-out[:, 1], out[:, 0]], axis=1)
        which = np.tile(np.arange(len(place)), 2)
        shades = twice + (0.72 * table + 0.35) * beside
        grounds.put("parasol", shades, 0.0, rng=rng, one_of=which, off={"road": 0.6}, tolerance_m=0.03)


def _flags(grounds: Grounds) -> None:
    """Flagpoles beside the doors of town halls, hotels and schools."""
    rng = grounds.rng("flags")
    public = ("town-hall", "hotel", "school", "station", "museum", "police-station", "fire-station", "castle")
    doors = [b.doors[0] for b in grounds.raised.buildings if b.use in public and b.doors]
    if not doors:
        return
    yaw = np.array([d.yaw_rad for d in doors])
    out = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    aside = np.stack([-out[:, 1], out[:, 0]], axis=1)
    local = np.array([(side * a, o) for side in (1, -1) for o in (1.6, 2.6) for a in (2.6, 3.6)])
    place = np.array([d.position[:2] for d in doors])[:, None]
    spots = place + local[None, :, :1] * aside[:, None] + local[None, :, 1:] * out[:, None]
    pole = np.arange(2 * len(doors)).repeat(4)  # one on either side of the door
    turn = np.repeat(yaw, len(local))
    grounds.put("flagpole", spots.reshape(-1, 2), turn, rng=rng, one_of=pole, off={"road": 0.5}, spacing_m=3.0)


def _roofs(grounds: Grounds) -> None:
    """Solar panels and antennas on the ground of yards and gardens, where the town is of an age for them."""
    if is_old(grounds) or not (is_neon(grounds) or grounds.words & {"modern", "campus", "futuristic", "suburb"}):
        return
    rng = grounds.rng("yards")
    gardens = [p for p in grounds.site.parcels if p.zone in "SEIT"]
    for kind, share in (("solar-panel", 0.25), ("antenna", 0.08 if is_neon(grounds) else 0.0)):
        middles = np.array(
            [p.polygon.mean(axis=0) + (p.polygon.mean(axis=0) - p.front.mean(axis=0)) * 0.6 for p in gardens]
        )
        middles = middles.reshape(-1, 2)
        keep = rng.random(len(middles)) < share
        yaw = -np.pi / 2 if kind == "solar-panel" else 0.0
        grounds.put(kind, middles[keep], yaw, rng=rng, on=("terrain",), tolerance_m=0.06)
