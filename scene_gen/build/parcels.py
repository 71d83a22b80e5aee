"""Parcels: blocks cut into rows back to back, rows into lots, each with a straight front on a street and a number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from scene_gen.build.fabric import Grain, grain
from scene_gen.build.lattice import Lattice
from scene_gen.build.network import Network
from scene_gen.build.polygons import Height, oriented_box, polygons_of, ring
from scene_gen.build.site import Parcel
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_ON_STREET_M = 0.25
_FOUNDATION_M = 0.5
_BURIED_M = 0.9
_BANK_M = 3.7
_TERRACE_M = 1.1


@dataclass(frozen=True, eq=False)
class Lot:
    """A piece of a block: its `shape`, the letter it is built as, and which way its row looks (2,)."""

    shape: Polygon
    letter: str
    outward: Array


def rim_pieces(blocks: Sequence[Polygon], rings: Sequence[Polygon]) -> list[Polygon]:
    """The blocks, those outside the ring streets cut across every 60 m or so, square to the ring."""
    if not rings:
        return list(blocks)
    within = shapely.union_all([polygon.buffer(1.0) for polygon in rings])
    shapely.prepare(within)
    cuts = []
    for polygon in rings:
        for loop in (polygon.exterior, *polygon.interiors):
            count = max(int(loop.length // 58.0), 4)
            at = np.arange(count) * loop.length / count
            place = shapely.get_coordinates(shapely.line_interpolate_point(loop, at))
            ahead = shapely.get_coordinates(shapely.line_interpolate_point(loop, (at + 4.0) % loop.length))
            behind = shapely.get_coordinates(shapely.line_interpolate_point(loop, (at - 4.0) % loop.length))
            step = ahead - behind
            step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
            normal = np.stack([step[:, 1], -step[:, 0]], -1)
            probe = place + 3.0 * normal
            normal = np.where(shapely.contains_xy(polygon, probe[:, 0], probe[:, 1])[:, None], -normal, normal)
            cuts += list(shapely.linestrings(np.stack([place, place + 52.0 * normal], axis=1)))
    tree = shapely.STRtree(cuts)
    found: list[Polygon] = []
    for block in blocks:
        if within.contains(block.representative_point()):
            found.append(block)
            continue
        own = [cuts[k] for k in tree.query(block)]
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([block.boundary, *own]))))
        found += [
            f for f in polygons_of(shapely.multipolygons(faces), 15.0) if block.contains(f.representative_point())
        ]
    return found


def cut_blocks(
    plan: Plan, blocks: Sequence[Polygon], paved: BaseGeometry, *, seed: int
) -> tuple[list[Lot], list[tuple[Polygon, str]]]:
    """Lots of all blocks, and the blocks and remainders that stay open with their letters."""
    rng, zones = stream(seed, "lots"), Lattice(plan)
    lots: list[Lot] = []
    open_: list[tuple[Polygon, str]] = []
    for block in blocks:
        letter = _letter_of(zones, block)
        if letter not in BUILT:
            open_.append((block, letter))
            continue
        own = grain(letter)
        front = block
        if block.area > 0:
            reach = paved.buffer(1.25 * own.depth_m + 2.0).intersection(block) if _is_deep(block, own) else block
            front = reach
        for piece in polygons_of(front, 30.0):
            for part in _compact_parts(piece, own):
                lots += _rows(part, letter, own, rng)
        if front is not block:
            open_ += [(rest, letter) for rest in polygons_of(block.difference(front.buffer(0.05)), 120.0)]
    return lots, open_


def _letter_of(zones: Lattice, block: Polygon) -> str:
    """What a block is built as: its commonest built letter if that is a third of it, else what lies there open."""
    letter, share = zones.fabric(block)
    return letter if share >= 0.34 else zones.open_letter(block)


def _is_deep(block: Polygon, own: Grain) -> bool:
    return not block.buffer(-(1.25 * own.depth_m + 2.0)).is_empty


def _compact_parts(piece: Polygon, own: Grain) -> list[Polygon]:
    """The piece, or its halves and quarters where it is far from filling its box."""
    stack, found = [piece], []
    while stack:
        shape = stack.pop()
        axis, length, width = oriented_box(ring(shape))
        full = shape.area / max(length * width, 1e-9)
        holed = bool(shape.interiors)
        if (full < 0.62 or holed) and (
            (length > 2.2 * own.width_m[1] and shape.area > 3.0 * own.width_m[1] * own.depth_m) or holed
        ):
            middle = float(
                np.mean(
                    np.array([ring(shape) @ axis]).ravel()[
                        [np.argmin(ring(shape) @ axis), np.argmax(ring(shape) @ axis)]
                    ]
                )
            )
            halves = shapely.intersection(shape, _bands(ring(shape), axis, np.array([-1e4, middle, 1e4])))
            pieces = [p for half in halves for p in polygons_of(half, 20.0)]
            if len(pieces) > 1:
                stack += pieces
                continue
        found.append(Polygon(shape.exterior))
    return found


def _bands(points: Array, axis: Array, at: Array) -> NDArray:
    """Long boxes across `axis` between successive coordinates `at` along it."""
    across = np.array([-axis[1], axis[0]])
    side = points @ across
    low, high = side.min() - 5.0, side.max() + 5.0
    a, b = at[:-1, None], at[1:, None]
    corners = np.stack(
        [a * axis + low * across, b * axis + low * across, b * axis + high * across, a * axis + high * across], 1
    )
    return shapely.polygons(corners)


def _rows(part: Polygon, letter: str, own: Grain, rng: np.random.Generator) -> list[Lot]:
    points = ring(part)
    axis, _, width = oriented_box(points)
    across = np.array([-axis[1], axis[0]])
    side = points @ across
    low, high = side.min(), side.max()
    if width < 1.36 * own.depth_m:
        rows = [(part, across)]
        cuts = None
    elif width < 2.7 * own.depth_m:
        cuts = np.array([low - 1, (low + high) / 2 + rng.uniform(-0.04, 0.04) * width, high + 1])
    else:
        cuts = np.array([low - 1, low + own.depth_m, high - own.depth_m, high + 1])
    if cuts is not None:
        strips = shapely.intersection(part, _bands(points, across, cuts))
        looks = [-across, across] if len(cuts) == 3 else [-across, np.zeros(2), across]
        rows = [(p, look) for strip, look in zip(strips, looks, strict=True) for p in polygons_of(strip, 20.0)]
    lots: list[Lot] = []
    for row, look in rows:
        lots += [Lot(piece, letter, look) for piece in _slices(row, axis, own, rng)]
    return lots


def _slices(row: Polygon, axis: Array, own: Grain, rng: np.random.Generator) -> list[Polygon]:
    along = ring(row) @ axis
    length = float(np.ptp(along))
    wanted = rng.uniform(*own.width_m)
    count = max(int(round(length / wanted)), 1)
    share = rng.uniform(0.8, 1.2, count)
    at = along.min() + length * np.concatenate([[0.0], np.cumsum(share) / share.sum()])
    at[0] -= 1.0
    at[-1] += 1.0
    pieces = [p for cell in shapely.intersection(row, _bands(ring(row), axis, at)) for p in polygons_of(cell, 4.0)]
    pieces.sort(key=lambda p: float(p.centroid.x * axis[0] + p.centroid.y * axis[1]))
    least = 0.5 * own.width_m[0] * min(own.depth_m, row.area / max(length, 1.0))
    merged: list[Polygon] = []
    for piece in pieces:
        if merged and (piece.area < least or merged[-1].area < least):
            both = merged[-1].union(piece.buffer(0.002, join_style="mitre"))
            if isinstance(both, Polygon):
                merged[-1] = both
                continue
        merged.append(piece)
    return merged


def make_parcels(
    plan: Plan,
    lots: Sequence[Lot],
    net: Network,
    names: Sequence[str],
    paved: BaseGeometry,
    level: Height,
    decks: Sequence[tuple[Polygon, float]] = (),
) -> tuple[list[Parcel], list[tuple[Polygon, str]]]:
    """Parcels of the lots that have a fit front, numbered along their streets; the others are given back as open.

    `level` is the height of the streets; `decks` are quays with their levels.
    """
    shapes = [shapely.simplify(lot.shape, 0.004) for lot in lots]
    usable = [isinstance(s, Polygon) and not s.interiors for s in shapes]
    rings_ = [ring(s) if ok else np.zeros((0, 2)) for s, ok in zip(shapes, usable, strict=True)]
    counts = np.array([len(r) for r in rings_])
    starts = np.concatenate([[0], np.cumsum(counts)])
    everything = np.concatenate(rings_) if len(rings_) else np.zeros((0, 2))
    following = np.concatenate([np.roll(r, -1, axis=0) for r in rings_]) if len(rings_) else everything
    shapely.prepare(paved)
    middle = (everything + following) / 2
    on_street = shapely.dwithin(paved, shapely.points(middle), _ON_STREET_M)
    found: list[tuple[Array, Array, Lot]] = []
    left: list[tuple[Polygon, str]] = []
    for k, lot in enumerate(lots):
        fronted = None
        if usable[k]:
            fronted = _fronted(rings_[k], on_street[starts[k] : starts[k + 1]], lot.outward)
        own = grain(lot.letter)
        if fronted is not None:
            polygon, front = fronted
            if _fits(polygon, front, own):
                found.append((polygon, front, lot))
                continue
        left.append((lot.shape, lot.letter))
    found, lost = _banked(found, paved, level, decks)
    return _numbered(plan, found, net, names, level), left + lost


def _fits(polygon: Array, front: Array, own: Grain) -> bool:
    """Whether a lot is wide, deep, large and square enough for a house."""
    wide = float(np.linalg.norm(front[1] - front[0]))
    area = Polygon(polygon).area
    along = (polygon - front[0]) @ ((front[1] - front[0]) / wide)
    deep = float(
        ((polygon - front[0]) @ (np.array([front[0, 1] - front[1, 1], front[1, 0] - front[0, 0]]) / wide)).max()
    )
    large = wide >= 0.58 * own.width_m[0] and area >= 0.42 * own.width_m[0] * own.depth_m and deep >= 6.0
    return large and area > 0.48 * float(np.ptp(along)) * deep


def _banked(
    found: Sequence[tuple[Array, Array, Lot]],
    paved: BaseGeometry,
    level: Height,
    decks: Sequence[tuple[Polygon, float]],
) -> tuple[list[tuple[Array, Array, Lot]], list[tuple[Polygon, str]]]:
    """Lots held back by a bank where a street, quay or lot beside them lies deeper than a foundation
    below their front, or a street far above it."""
    if not found:
        return [], []
    fronts = np.array([front.mean(axis=0) for _, front, _ in found])
    base = level(fronts)
    owner = np.concatenate([np.full(len(polygon) - 1, k) for k, (polygon, _, _) in enumerate(found)])
    start = np.concatenate([polygon[1:] for polygon, _, _ in found])
    end = np.concatenate([np.roll(polygon, -1, axis=0)[1:] for polygon, _, _ in found])
    places = start[:, None] + np.array([0.03, 0.5, 0.97])[:, None] * (end - start)[:, None]
    beside = shapely.dwithin(paved, shapely.points(places), 3.2)
    drop = np.zeros(beside.shape)
    if beside.any():
        drop[beside] = np.repeat(base[owner][:, None], 3, axis=1)[beside] - level(places[beside])
    steep = (drop > _FOUNDATION_M) | (drop < -_BURIED_M)
    gap = np.where(steep, shapely.distance(paved, shapely.points(places)), np.inf).min(axis=1)
    for deck, deck_m in decks:
        away = shapely.distance(deck, shapely.points(places))
        low = (away < 3.2) & (base[owner] - deck_m > _FOUNDATION_M)[:, None]
        gap = np.minimum(gap, np.where(low, away, np.inf).min(axis=1))
    lots = shapely.polygons([shapely.linearrings(polygon) for polygon, _, _ in found])
    near, other = shapely.STRtree(lots).query(shapely.points(places.reshape(-1, 2)), predicate="dwithin", distance=0.8)
    lower = base[owner[near // 3]] - base[other] > _TERRACE_M
    gap[near[lower] // 3] = np.minimum(gap[near[lower] // 3], 0.0)
    deep = np.flatnonzero(np.isfinite(gap) & (np.linalg.norm(end - start, axis=1) > 0.3))
    cut: dict[int, list[int]] = {}
    for edge in deep.tolist():
        cut.setdefault(int(owner[edge]), []).append(edge)
    kept: list[tuple[Array, Array, Lot]] = []
    lost: list[tuple[Polygon, str]] = []
    for k, (polygon, front, lot) in enumerate(found):
        made: tuple[Array, Array] | None = (polygon, front)
        for edge in cut.get(k, []):
            along = (end[edge] - start[edge]) / np.linalg.norm(end[edge] - start[edge])
            inward = np.array([-along[1], along[0]])
            back = _BANK_M - float(gap[edge])
            points = _clip(made[0], start[edge] + back * inward, inward)
            direction = (front[1] - front[0]) / np.linalg.norm(front[1] - front[0])
            made = clipped_front(points, front[0], direction) if len(points) > 2 else None
            if made is None:
                break
        if made is not None and (k not in cut or _fits(*made, grain(lot.letter))):
            kept.append((*made, lot))
        else:
            lost.append((lot.shape, lot.letter))
    return kept, lost


def _fronted(points: Array, on_street: NDArray, outward: Array) -> tuple[Array, Array] | None:
    """The polygon with its longest street side made straight, and that side (2,2); None without a street side."""
    if not on_street.any():
        return None
    count = len(points)
    edges = np.roll(points, -1, axis=0) - points
    heading = np.arctan2(edges[:, 1], edges[:, 0])
    length = np.linalg.norm(edges, axis=1)
    first = int(np.flatnonzero(~on_street)[0]) if (~on_street).any() else 0
    runs: list[list[int]] = []
    for step in range(count):
        i = (first + step) % count
        if not on_street[i]:
            runs.append([])
            continue
        turn = heading[i] - heading[runs[-1][0]] if runs and runs[-1] else 0.0
        if not runs or (runs[-1] and abs((turn + np.pi) % (2 * np.pi) - np.pi) > 0.5):
            runs.append([])
        runs[-1].append(i)
    best, best_score = None, 0.0
    for run in runs:
        if not run:
            continue
        a, b = points[run[0]], points[(run[-1] + 1) % count]
        chord = b - a
        size = float(np.linalg.norm(chord))
        if size < 1e-6:
            continue
        normal = np.array([chord[1], -chord[0]]) / size
        score = size * (2.2 if float(normal @ outward) > 0.6 else 1.0)
        if score > best_score:
            best, best_score = run, score
    if best is None or length[best].sum() < 3.0:
        return None
    a, b = points[best[0]], points[(best[-1] + 1) % count]
    direction = (b - a) / np.linalg.norm(b - a)
    inward = np.array([-direction[1], direction[0]])
    bow = float(max(((points[i] - a) @ inward for i in best), default=0.0))
    return clipped_front(points, a + inward * (max(bow, 0.0) + 0.02), direction)


def clipped_front(points: Array, at: Array, direction: Array) -> tuple[Array, Array] | None:
    """What of a ring lies left of the line through `at` along the unit vector `direction`, that line's side first."""
    inward = np.array([-direction[1], direction[0]])
    clipped = _clip(points, at, inward)
    if len(clipped) < 3:
        return None
    onto = np.abs((clipped - at) @ inward) < 1e-6
    pairs = np.flatnonzero(onto & np.roll(onto, -1))
    if not len(pairs):
        return None
    sizes = np.linalg.norm(clipped[(pairs + 1) % len(clipped)] - clipped[pairs], axis=1)
    i = int(pairs[np.argmax(sizes)])
    clipped = np.roll(clipped, -i, axis=0)
    shape = Polygon(clipped)
    if not shape.is_valid or shape.area < 1.0:
        return None
    return clipped, clipped[:2]


def _clip(points: Array, at: Array, inward: Array) -> Array:
    """The part of a ring on the inner side of a line (Sutherland and Hodgman 1974, one plane)."""
    depth = (points - at) @ inward
    following, next_depth = np.roll(points, -1, axis=0), np.roll(depth, -1)
    found: list[Array] = []
    for p, q, d, e in zip(points, following, depth, next_depth, strict=True):
        if d >= 0:
            found.append(p)
        if (d >= 0) != (e >= 0) and abs(d - e) > 1e-12:
            cross = p + d / (d - e) * (q - p)
            found.append(cross - ((cross - at) @ inward) * inward)
    kept = [p for p, q in zip(found, found[1:] + found[:1], strict=True) if np.linalg.norm(p - q) > 1e-3]
    return np.array(kept).reshape(-1, 2)


def _numbered(
    plan: Plan, found: Sequence[tuple[Array, Array, Lot]], net: Network, names: Sequence[str], level: Height
) -> list[Parcel]:
    if not found:
        return []
    from shapely import LineString

    middle = np.array([front.mean(axis=0) for _, front, _ in found])
    outward = np.array([[f[1, 1] - f[0, 1], f[0, 0] - f[1, 0]] for _, f, _ in found])
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    streets = [LineString(edge.points[:, :2]) for edge in net.edges]
    tree = shapely.STRtree(streets)
    reach = np.array([e.profile.half_m for e in net.edges])
    probe = shapely.points(middle + outward * 2.0)
    owner = np.zeros(len(found), dtype=int)
    pairs = tree.query(shapely.points(middle), predicate="dwithin", distance=14.0)
    gap = shapely.distance(probe[pairs[0]], np.array(streets, dtype=object)[pairs[1]]) - reach[pairs[1]]
    order = np.lexsort((pairs[1], gap, pairs[0]))
    who, first = np.unique(pairs[0][order], return_index=True)
    owner[who] = pairs[1][order][first]
    lost = np.setdiff1d(np.arange(len(found)), who)
    if len(lost):
        near = tree.query_nearest(shapely.points(middle[lost]), all_matches=False)
        owner[lost[near[0]]] = near[1]
    start = _chainage(net)
    along = np.zeros(len(found))
    left = np.zeros(len(found), dtype=bool)
    for k in range(len(found)):
        edge = net.edges[owner[k]]
        line = streets[owner[k]]
        s = line.project(shapely.points(middle[k]))
        offset, reverse = start[int(owner[k])]
        along[k] = offset + (line.length - s if reverse else s)
        p = np.asarray(line.interpolate(s).coords[0])
        q = np.asarray(line.interpolate(min(s + 1.0, line.length)).coords[0])
        if np.allclose(p, q):
            p = np.asarray(line.interpolate(max(s - 1.0, 0.0)).coords[0])
        turn = (q - p)[0] * (middle[k] - p)[1] - (q - p)[1] * (middle[k] - p)[0]
        left[k] = (turn > 0) != reverse
        assert edge.chain >= 0
    chain = np.array([net.edges[o].chain for o in owner])
    order = np.lexsort((along, ~left, chain))
    heights = level(middle + outward * 1.0)
    parcels: list[Parcel] = []
    numbers: dict[tuple[int, bool], int] = {}
    for k in order:
        polygon, front, lot = found[k]
        key = (int(chain[k]), bool(left[k]))
        numbers[key] = numbers.get(key, -1 if left[k] else 0) + 2
        own = grain(lot.letter)
        parcels.append(
            Parcel(
                name=f"parcel-{len(parcels) + 1}",
                polygon=read_only(polygon),
                front=read_only(front),
                base_m=round(float(heights[k]) + 0.15, 4),
                zone=lot.letter,
                street=names[int(chain[k])],
                number=numbers[key],
                is_attached=own.is_attached,
            )
        )
    return parcels


def _chainage(net: Network) -> dict[int, tuple[float, bool]]:
    """For each edge the way already gone along its street when it begins, and whether it is walked backwards."""
    chains: dict[int, list[int]] = {}
    for index, edge in enumerate(net.edges):
        chains.setdefault(edge.chain, []).append(index)
    found: dict[int, tuple[float, bool]] = {}
    for own in chains.values():
        at: dict[int, list[int]] = {}
        for index in own:
            at.setdefault(net.edges[index].a, []).append(index)
            at.setdefault(net.edges[index].b, []).append(index)
        ends = sorted(node for node, here in at.items() if len(here) == 1)
        node = ends[0] if ends else net.edges[own[0]].a
        gone, todo = 0.0, set(own)
        while todo:
            here = [index for index in at[node] if index in todo]
            if not here:
                index = min(todo)
                node = net.edges[index].a
                continue
            index = min(here)
            edge = net.edges[index]
            backwards = edge.b == node and edge.a != node
            found[index] = (gone, backwards)
            gone += edge.length_m
            node = edge.a if backwards else edge.b
            todo.remove(index)
    return found
