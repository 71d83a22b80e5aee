"""Parcels: blocks cut into rows back to back, rows into lots, each with a straight front on a street and a number."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportIndexIssue=false, reportReturnType=false

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.fabric import Grain, grain
from scene_gen.build.ground.fronts import Fronted, Lot, banked, fronted
from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.numbering import numbered
from scene_gen.build.ground.polygons import Height, oriented_box, polygons_of, ring
from scene_gen.build.site import Parcel
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_ON_STREET_M = 0.25
_RIM_ROLES = ("ring", "quay", "spine")


def cut_blocks(
    plan: Plan, blocks: Sequence[Polygon], rings: Sequence[Polygon], net: Network, paved: BaseGeometry, *, seed: int
) -> tuple[list[Lot], list[tuple[Polygon, str]]]:
    """Lots of all blocks, and the blocks and remainders that stay open with their letters.

    Blocks within the `rings` of streets are cut into rows; the land outside them square to the street it lies on.
    """
    rng, zones = stream(seed, "lots"), Lattice(plan)
    within = shapely.union_all([polygon.buffer(1.0) for polygon in rings])
    shapely.prepare(within)
    rim = [not within.contains(block.representative_point()) for block in blocks]
    faces = _square_to_streets([block for block, out in zip(blocks, rim, strict=True) if out], net, within, zones, seed)
    lots: list[Lot] = []
    rim_lots: list[tuple[Polygon, str]] = []
    open_: list[tuple[Polygon, str]] = []
    pieces = [(face, True) for face in faces] + [
        (block, False) for block, out in zip(blocks, rim, strict=True) if not out
    ]
    for block, is_rim in pieces:
        letter = _letter_of(zones, block)
        if letter not in BUILT:
            open_.append((block, letter))
            continue
        own = grain(letter)
        front = block
        if _is_deep(block, own):
            front = paved.buffer(1.25 * own.depth_m + 2.0).intersection(block)
            open_ += [(rest, letter) for rest in polygons_of(block.difference(front.buffer(0.05)), 120.0)]
        for piece in polygons_of(front, 30.0):
            if is_rim and piece.area < 3.2 * own.width_m[1] * own.depth_m:
                rim_lots.append((piece, letter))
            else:
                for part in _compact_parts(piece, own):
                    lots += _rows(part, letter, own, rng)
    looks = _toward([piece for piece, _ in rim_lots], net)
    lots += [Lot(piece, letter, look) for (piece, letter), look in zip(rim_lots, looks, strict=True)]
    return lots, open_


def _toward(pieces: Sequence[Polygon], net: Network) -> Array:
    """Which way the street of each lot on the rim lies, (n,2)."""
    lines = np.array([shapely.LineString(e.points[:, :2]) for e in net.edges if e.role != "minor"], dtype=object)
    if not len(lines) or not pieces:
        return np.zeros((len(pieces), 2))
    middle = shapely.centroid(np.array(pieces, dtype=object))
    nearest = lines[shapely.STRtree(lines).nearest(middle)]
    on = shapely.line_interpolate_point(nearest, shapely.line_locate_point(nearest, middle))
    step = shapely.get_coordinates(on) - shapely.get_coordinates(middle)
    return step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)


def _square_to_streets(
    blocks: Sequence[Polygon], net: Network, within: BaseGeometry, zones: Lattice, seed: int
) -> list[Polygon]:
    """Blocks cut by lines square to the streets on their rim, a lot's width apart."""
    rng = stream(seed, "rim lots")
    cuts: list[BaseGeometry] = []
    rim = shapely.union_all([shapely.LineString(e.points[:, :2]) for e in net.edges if e.role in _RIM_ROLES])
    shapely.prepare(rim)
    for edge in net.edges:
        if edge.role in ("minor", "square") or edge.kind == "bridge":
            continue
        line = shapely.LineString(edge.points[:, :2])
        middle = line.interpolate(0.5, normalized=True)
        for side in (-1.0, 1.0):
            probe, _ = _normals(line, np.array([line.project(middle)]), side, 18.0)
            own = grain(str(zones.at(probe[0])))
            count = max(int(round(line.length / rng.uniform(*own.width_m))), 1)
            at = (np.arange(count) + 0.5 + rng.uniform(-0.12, 0.12, count)) / count * line.length
            end, start = _normals(line, at, side, edge.profile.half_m + 1.25 * own.depth_m + 6.0)
            out = ~shapely.contains_xy(within, *((start + 0.6 * (end - start)).T))
            if edge.role not in _RIM_ROLES:
                out &= ~shapely.dwithin(rim, shapely.points(start), 34.0)
            cuts += list(shapely.linestrings(np.stack([start, end], axis=1)[out]))
    if not cuts:
        return list(blocks)
    tree = shapely.STRtree(cuts)
    found: list[Polygon] = []
    for block in blocks:
        lines = [cuts[k] for k in tree.query(block)]
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([block.boundary, *lines]))))
        found += [
            f for f in polygons_of(shapely.multipolygons(faces), 15.0) if block.contains(f.representative_point())
        ]
    return found


def _normals(line: shapely.LineString, at: Array, side: float, reach_m: float) -> tuple[Array, Array]:
    """Ends and starts (n,2) of lines that leave a street squarely at distances `at` along it, to its left (1) or right."""
    start = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + 4.0, line.length)))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 4.0, 0.0)))
    step = ahead - behind
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    return start + reach_m * side * np.stack([-step[:, 1], step[:, 0]], axis=-1), start


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
    found: list[Fronted] = []
    left: list[tuple[Polygon, str]] = []
    for k, lot in enumerate(lots):
        made = fronted(rings_[k], on_street[starts[k] : starts[k + 1]], lot) if usable[k] else None
        if made is not None:
            found.append(made)
        else:
            left.append((lot.shape, lot.letter))
    sound = shapely.is_valid(np.array([Polygon(lot.ring) for lot in found], dtype=object))
    left += [(lot.lot.shape, lot.lot.letter) for lot, ok in zip(found, sound, strict=True) if not ok]
    kept, lost = banked([lot for lot, ok in zip(found, sound, strict=True) if ok], net, level, decks)
    return numbered(kept, net, names, level), left + [(lot.shape, lot.letter) for lot in lost]
