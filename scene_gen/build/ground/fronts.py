"""Lots made fit to build on: a straight front on the street, and banks where the ground beside them is too low or high."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportIndexIssue=false

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from bridge.frames import read_only
from scene_gen.build.ground.fabric import Grain, grain
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.polygons import Height
from scene_gen.build.houses.facade import DEEP
from scene_gen.build.site import Parcel

Array = NDArray[np.float64]
Ring = list[tuple[float, float]]
_FOUNDATION_M, _BURIED_M, _TERRACE_M = DEEP - 0.5, 0.9, DEEP + 0.1
"""How much lower a street, how much higher a street, how much lower another lot may lie right beside a lot."""
_DEEPEST_M = DEEP - 0.08
_BANK_M, _BESIDE_M = 3.7, 3.2
_BOW_M = 0.02


@dataclass(frozen=True, eq=False)
class Lot:
    """A piece of a block: its `shape`, the letter it is built as, and which way its row looks (2,)."""

    shape: Polygon
    letter: str
    outward: Array


@dataclass(frozen=True, eq=False)
class Fronted:
    """A lot whose first side is its front: `ring` (k,2), open, counter-clockwise."""

    ring: Array
    lot: Lot

    @property
    def front(self) -> Array:
        """The side on the street (2,2)."""
        return self.ring[:2]


def fronted(points: Array, on_street: NDArray[np.bool_], lot: Lot) -> Fronted | None:
    """The lot with its longest street side made straight, sides its row looks to preferred; None without a front.

    `points` (k,2) is the lot's ring and `on_street` (k,) tells which of its edges lie on a street.
    """
    street = on_street.tolist()
    if not any(street):
        return None
    ring, count = [tuple(p) for p in points.tolist()], len(points)
    heading = [math.atan2(ring[(i + 1) % count][1] - y, ring[(i + 1) % count][0] - x) for i, (x, y) in enumerate(ring)]
    best: list[int] = []
    best_score = 0.0
    for run in _runs(street, heading):
        (ax, ay), (bx, by) = ring[run[0]], ring[(run[-1] + 1) % count]
        size = math.hypot(bx - ax, by - ay)
        if size > 3.0:
            looks = ((by - ay) * lot.outward[0] - (bx - ax) * lot.outward[1]) / size
            score = size * (2.2 if looks > 0.6 else 1.0)
            if score > best_score:
                best, best_score = run, score
    if not best:
        return None
    (ax, ay), (bx, by) = ring[best[0]], ring[(best[-1] + 1) % count]
    size = math.hypot(bx - ax, by - ay)
    ux, uy = (bx - ax) / size, (by - ay) / size
    bow = max((ring[i][1] - ay) * ux - (ring[i][0] - ax) * uy for i in best)
    back = max(bow, 0.0) + _BOW_M
    made = front_first(ring, (ax - uy * back, ay + ux * back), (ux, uy))
    if made is None or not _fits(made, grain(lot.letter)):
        return None
    return Fronted(np.array(made), lot)


def _runs(street: list[bool], heading: list[float]) -> list[list[int]]:
    """Edges on a street that follow each other without turning much."""
    count = len(street)
    first = street.index(False) if not all(street) else 0
    runs: list[list[int]] = []
    run: list[int] = []
    for step in range(count):
        i = (first + step) % count
        if run and (not street[i] or abs((heading[i] - heading[run[0]] + math.pi) % (2 * math.pi) - math.pi) > 0.5):
            runs.append(run)
            run = []
        if street[i]:
            run.append(i)
    return [*runs, run] if run else runs


def front_first(ring: Ring, at: tuple[float, float], along: tuple[float, float]) -> Ring | None:
    """What of a ring lies left of the line through `at` along a unit vector, that line's longest side first."""
    clipped = clip(ring, at, along)
    count = len(clipped)
    if count < 3:
        return None
    on = [abs((y - at[1]) * along[0] - (x - at[0]) * along[1]) < 1e-6 for x, y in clipped]
    sides = [
        (math.dist(clipped[i], clipped[(i + 1) % count]), -i) for i in range(count) if on[i] and on[(i + 1) % count]
    ]
    if not sides:
        return None
    i = -max(sides)[1]
    return clipped[i:] + clipped[:i]


def clip(ring: Ring, at: tuple[float, float], along: tuple[float, float]) -> Ring:
    """The part of a ring left of a line (Sutherland and Hodgman 1974, one plane), without points that coincide."""
    depth = [(y - at[1]) * along[0] - (x - at[0]) * along[1] for x, y in ring]
    found: Ring = []
    for k, (x, y) in enumerate(ring):
        following = (k + 1) % len(ring)
        d, e = depth[k], depth[following]
        if d >= 0:
            found.append((x, y))
        if (d >= 0) != (e >= 0):
            share = d / (d - e)
            px, py = x + share * (ring[following][0] - x), y + share * (ring[following][1] - y)
            off = (py - at[1]) * along[0] - (px - at[0]) * along[1]
            found.append((px + off * along[1], py - off * along[0]))
    return [p for p, q in zip(found, found[1:] + found[:1], strict=True) if math.dist(p, q) > 1e-3]


def _fits(ring: Ring, own: Grain) -> bool:
    """Whether a lot is wide, deep, large and square enough for a house."""
    (ax, ay), (bx, by) = ring[0], ring[1]
    wide = math.hypot(bx - ax, by - ay)
    if wide < 0.58 * own.width_m[0]:
        return False
    ux, uy = (bx - ax) / wide, (by - ay) / wide
    along = [(x - ax) * ux + (y - ay) * uy for x, y in ring]
    deep = max((y - ay) * ux - (x - ax) * uy for x, y in ring)
    area = 0.5 * sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True))
    return (
        area >= 0.42 * own.width_m[0] * own.depth_m and deep >= 6.0 and area > 0.48 * (max(along) - min(along)) * deep
    )


def banked(
    lots: Sequence[Fronted], net: Network, level: Height, decks: Sequence[tuple[Polygon, float]]
) -> tuple[list[Fronted], list[Lot]]:
    """Lots held back from streets, quays and lots far below their own level, and from streets far above it.

    Returns those on which a house still fits, and the others. `level` is the height of the streets, `decks` are quays
    with their levels.
    """
    if not lots:
        return [], []
    base = level(np.array([lot.front.mean(axis=0) for lot in lots]))
    owner = np.repeat(np.arange(len(lots)), [len(lot.ring) - 1 for lot in lots])  # all sides but the front
    start = np.concatenate([lot.ring[1:] for lot in lots])
    end = np.concatenate([np.roll(lot.ring, -1, axis=0)[1:] for lot in lots])
    places = (start[:, None] + np.array([0.03, 0.5, 0.97])[:, None] * (end - start)[:, None]).reshape(-1, 2)
    side, points = np.repeat(np.arange(len(start)), 3), shapely.points(places)
    own = base[owner[side]]
    gap = np.full(len(start), np.inf)
    place, away, street_m = _streets_beside(points, net)
    drop = own[place] - street_m
    steep = (drop > _FOUNDATION_M) | (drop < -_BURIED_M)
    np.minimum.at(gap, side[place[steep]], np.maximum(away[steep], 0.0))
    for deck, deck_m in decks:
        shapely.prepare(deck)
        low = np.flatnonzero(shapely.dwithin(deck, points, _BESIDE_M) & (own - deck_m > _FOUNDATION_M))
        np.minimum.at(gap, side[low], shapely.distance(deck, points[low]))
    rings = shapely.linearrings(
        np.concatenate([lot.ring for lot in lots]),
        indices=np.repeat(np.arange(len(lots)), [len(lot.ring) for lot in lots]),
    )
    near, other = shapely.STRtree(shapely.polygons(rings)).query(points, predicate="dwithin", distance=0.8)
    gap[side[near[own[near] - base[other] > _TERRACE_M]]] = 0.0
    held = np.flatnonzero(np.isfinite(gap) & (np.linalg.norm(end - start, axis=1) > 0.3))
    sides: dict[int, list[int]] = {}
    for edge in held.tolist():
        sides.setdefault(int(owner[edge]), []).append(edge)
    kept: list[Fronted] = []
    lost: list[Lot] = []
    for k, lot in enumerate(lots):
        made = (
            lot if k not in sides else _held_back(lot, [(start[e], end[e], _BANK_M - float(gap[e])) for e in sides[k]])
        )
        if made is None:
            lost.append(lot.lot)
        else:
            kept.append(made)
    return kept, lost


def settled(parcels: Sequence[Parcel], ground_at: Height) -> list[Parcel]:
    """The parcels, cut back from sides where the finished ground lies more than a foundation's depth below their level.

    A parcel that would be left too small for a house is left out, unless somebody asked for what stands on it.
    """
    if not parcels:
        return []
    owner = np.repeat(np.arange(len(parcels)), [len(parcel.polygon) for parcel in parcels])
    start = np.concatenate([parcel.polygon for parcel in parcels])
    end = np.concatenate([np.roll(parcel.polygon, -1, axis=0) for parcel in parcels])
    length = np.linalg.norm(end - start, axis=1)
    run = (end - start) / np.maximum(length, 1e-9)[:, None]
    inward = np.stack([-run[:, 1], run[:, 0]], axis=-1)
    places = start[:, None] + np.linspace(0.0, 1.0, 9)[:, None] * (end - start)[:, None]
    lowest = np.array([parcel.base_m for parcel in parcels])[owner] - _DEEPEST_M
    low = np.flatnonzero((ground_at(places) < lowest[:, None]).any(axis=1) & (length > 0.05))
    cuts: dict[int, list[tuple[Array, Array, float]]] = {}
    steps = np.arange(1, 13) * 0.4
    for edge in low.tolist():
        shifted = places[edge] + steps[:, None, None] * inward[edge]
        fine = (ground_at(shifted) >= lowest[edge]).all(axis=1)
        back = float(steps[np.argmax(fine)]) if fine.any() else float(steps[-1])
        cuts.setdefault(int(owner[edge]), []).append((start[edge], end[edge], back))
    found: list[Parcel] = []
    for k, parcel in enumerate(parcels):
        if k not in cuts:
            found.append(parcel)
            continue
        made = _held_back(Fronted(parcel.polygon, Lot(Polygon(), parcel.zone, np.zeros(2))), cuts[k])
        if made is not None:
            found.append(replace(parcel, polygon=read_only(made.ring), front=read_only(made.front)))
        elif parcel.use:
            found.append(parcel)
    return found


def _streets_beside(points: NDArray[np.object_], net: Network) -> tuple[NDArray[np.intp], Array, Array]:
    """Pairs of a place and a street near it: the place's index, its distance from the paving, the street's level there."""
    lines = np.array([shapely.linestrings(edge.points) for edge in net.edges], dtype=object)
    half = np.array([edge.profile.half_m for edge in net.edges])
    place, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_BESIDE_M + float(half.max()))
    away = shapely.distance(points[place], lines[edge]) - half[edge]
    near = away < _BESIDE_M
    place, edge, away = place[near], edge[near], away[near]
    along = shapely.line_locate_point(lines[edge], points[place])
    level = shapely.get_coordinates(shapely.line_interpolate_point(lines[edge], along), include_z=True)[:, 2]
    return place, away, level


def _held_back(lot: Fronted, sides: Sequence[tuple[Array, Array, float]]) -> Fronted | None:
    """The lot cut back from some of its sides by so many metres, if a house still fits."""
    ring: Ring | None = [tuple(p) for p in lot.ring.tolist()]
    for number, (start, end, back) in enumerate(
        sorted(sides, key=lambda side: not np.array_equal(side[0], lot.ring[0]))
    ):
        run = (end - start) / np.linalg.norm(end - start)
        at = start + back * np.array([-run[1], run[0]])
        (ax, ay), (bx, by) = ring[0], ring[1]
        size = math.hypot(bx - ax, by - ay)
        is_front = number == 0 and np.array_equal(start, lot.ring[0])
        line = (tuple(at.tolist()), tuple(run.tolist()))
        ring = (
            front_first(ring, *line)
            if is_front
            else front_first(clip(ring, *line), (ax, ay), ((bx - ax) / size, (by - ay) / size))
        )
        if ring is None:
            return None
    return Fronted(np.array(ring), lot.lot) if _fits(ring, grain(lot.lot.letter)) else None
