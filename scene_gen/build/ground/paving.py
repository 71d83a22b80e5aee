"""What streets are made of: carriageways, sidewalks with curbs, zebra crossings, dashes; one part a street each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from bridge.meshes import mesh
from bridge.scene import Collider, Mesh, Part
from scene_gen.build.ground.covers import Covers, is_painted
from scene_gen.build.ground.network import Network, StreetHeight
from scene_gen.build.ground.polygons import polygons_of, resampled, ring, slab

Array = NDArray[np.float64]
CURB_M = 0.12
PAINT_M = 0.018
_CORNER_M = 2.5
_RANK = {"bridge": 0, "main": 1, "street": 2, "road": 3, "lane": 4, "track": 5, "path": 6}


@dataclass(frozen=True, eq=False)
class Ribbons:
    """The plan of the streets: by chain the `carriage` and `walk` grounds, by edge the `bridges`; `paved` is all."""

    carriage: tuple[BaseGeometry, ...]
    walk: tuple[BaseGeometry, ...]
    bridges: dict[int, Polygon]
    paved: BaseGeometry


def plan_ribbons(net: Network, frame: BaseGeometry, off: BaseGeometry) -> Ribbons:
    """The plan of all streets within the map's `frame`; nothing is paved on `off` (squares, quay decks)."""
    rank = _ranks(net)
    centre = shapely.linestrings(
        np.concatenate([e.points[:, :2] for e in net.edges]),
        indices=np.repeat(np.arange(len(net.edges)), [len(e.points) for e in net.edges]),
    )
    centre = shapely.simplify(centre, 0.04)
    wide = np.array([e.profile.width_m / 2 for e in net.edges])
    half = np.array([e.profile.half_m for e in net.edges])
    style = {"cap_style": "flat", "join_style": "round", "quad_segs": 3}
    carriage, band = shapely.buffer(centre, wide, **style), shapely.buffer(centre, half, **style)
    chains = 1 + max(edge.chain for edge in net.edges)
    wet = np.array([edge.kind == "bridge" for edge in net.edges])
    bridges = {int(index): Polygon(band[index].exterior) for index in np.flatnonzero(wet)}
    of = np.array([edge.chain for edge in net.edges])
    roads = [(int(of[i]), carriage[i]) for i in np.flatnonzero(~wet)]
    sides = [(int(of[i]), band[i]) for i in np.flatnonzero(~wet)]
    at: list[list[int]] = [[] for _ in net.nodes]
    for index, edge in enumerate(net.edges):
        at[edge.a].append(index)
        at[edge.b].append(index)
    places: NDArray = np.asarray(shapely.points(net.nodes[:, :2]), dtype=object)
    discs = shapely.buffer(places, [_second(wide[here]) for here in at], quad_segs=4)
    wider = shapely.buffer(places, [_second(half[here]) for here in at], quad_segs=4)
    for node, here in enumerate(at):
        dry = [i for i in here if not wet[i]]
        if not dry:
            continue
        chain = min((int(of[i]) for i in dry), key=rank.__getitem__)
        roads.append((chain, discs[node]))
        sides.append((chain, wider[node]))
        if len(here) > 2:
            reach = float(half[here].max())
            local = shapely.union_all([*carriage[here], discs[node]]).intersection(places[node].buffer(2.2 * reach))
            corner = local.buffer(_CORNER_M, quad_segs=4).buffer(-_CORNER_M, quad_segs=4).difference(local)
            inner = corner.intersection(places[node].buffer(1.9 * reach))
            roads += [(chain, piece) for piece in polygons_of(inner, 0.02)]
    clear = off.union(shapely.union_all(list(bridges.values())))
    order = np.empty(chains, dtype=np.int64)
    order[sorted(rank, key=rank.__getitem__)] = np.arange(chains)
    whole_roads, whole_sides = _by_chain(roads, chains), _by_chain(sides, chains)
    cut_roads = _without(whole_roads, [(roads, True)], order, frame, clear)
    cut_sides = _without(whole_sides, [(sides, True), (roads, False)], order, frame, clear)
    paved = shapely.union_all([*whole_roads, *whole_sides, *bridges.values()])
    return Ribbons(tuple(cut_roads), tuple(cut_sides), bridges, paved.intersection(frame).difference(off))


def _second(sizes: Array) -> float:
    """The second largest: as broad as what goes on through a junction; 0 where there is nothing."""
    if not len(sizes):
        return 0.0
    return float(np.sort(sizes)[-2]) if len(sizes) > 1 else float(sizes[0])


def _ranks(net: Network) -> dict[int, tuple]:
    length: dict[int, float] = {}
    kind: dict[int, int] = {}
    for edge in net.edges:
        length[edge.chain] = length.get(edge.chain, 0.0) + edge.length_m
        kind[edge.chain] = min(kind.get(edge.chain, 9), _RANK[edge.kind])
    return {chain: (kind[chain], -round(length[chain], 3), chain) for chain in length}


Pieces = Sequence[tuple[int, BaseGeometry]]
"""Pieces of streets with the number of the chain that each belongs to."""


def _by_chain(pieces: Pieces, chains: int) -> list[BaseGeometry]:
    parts: list[list[BaseGeometry]] = [[] for _ in range(chains)]
    for chain, shape in pieces:
        parts[chain].append(shape)
    return [shapely.union_all(shapes) for shapes in parts]


def _without(
    wholes: Sequence[BaseGeometry], cutters: Sequence[tuple[Pieces, bool]], order: NDArray[np.int64], frame: BaseGeometry,
    clear: BaseGeometry,
) -> list[BaseGeometry]:  # fmt: skip
    """Each chain within `frame`, without `clear` and the cutters: of those that say so, only chains before its own."""
    cuts: list[list[BaseGeometry]] = [[] for _ in wholes]
    for pieces, is_by_order in cutters:
        shapes = np.array([shape for _, shape in pieces], dtype=object)
        place = order[[chain for chain, _ in pieces]]
        own, other = shapely.STRtree(shapes).query(wholes, predicate="intersects")
        keep = place[other] < order[own] if is_by_order else np.ones(len(own), dtype=bool)
        for chain, k in zip(own[keep].tolist(), other[keep].tolist(), strict=True):
            cuts[chain].append(shapes[k])
    shapely.prepare(frame)
    shapely.prepare(clear)
    found = []
    for whole, cutting in zip(wholes, cuts, strict=True):
        rest = whole.difference(shapely.union_all(cutting)) if cutting else whole
        if clear.intersects(rest):
            rest = rest.difference(clear)
        found.append(rest if frame.contains(rest) else rest.intersection(frame))
    return found


def street_parts(
    net: Network, names: Sequence[str], ribbons: Ribbons, height: StreetHeight, carriage: Sequence[str], covers: Covers
) -> list[Part]:
    """Carriageways and sidewalks, one part a street; `carriage` is what each street's carriageway is made of."""
    kinds = {edge.chain: edge.kind for edge in reversed(net.edges) if edge.kind != "bridge"}
    parts: list[Part] = []
    for chain, name in enumerate(names):
        label = slug(name)
        kind = kinds.get(chain, "main")
        top = slab(ribbons.carriage[chain], height, spacing_m=4.0, material=carriage[chain], skip_sides_in=None)
        if top is not None:
            is_path = kind == "path"
            word, semantic = ("path", "sidewalk") if is_path else ("carriageway", "road")
            parts.append(_part(f"{label}/{word}", word, semantic, top))
        walk = slab(
            _without_crumbs(ribbons.walk[chain]), height, lift_m=CURB_M, depth_m=CURB_M + 0.4, spacing_m=4.0,
            material=covers.sidewalk, side_material=covers.curb,
        )  # fmt: skip
        if walk is not None:
            parts.append(_part(f"{label}/sidewalk", "sidewalk", "sidewalk", walk))
    return parts


def _without_crumbs(shape: BaseGeometry) -> BaseGeometry:
    pieces = np.array(polygons_of(shape, 0.6), dtype=object)
    return shapely.MultiPolygon(list(pieces[~shapely.is_empty(shapely.buffer(pieces, -0.15))]))


def painted_parts(net: Network, names: Sequence[str], surface: object, carriage: Sequence[str]) -> list[Part]:
    """Zebra crossings at junctions and dashes between lanes, on asphalt; `surface` gives the height of the paving.

    `carriage` is what each street's carriageway is made of.
    """
    degree = net.degree()
    incident: list[list[int]] = [[] for _ in net.nodes]
    for index, edge in enumerate(net.edges):
        incident[edge.a].append(index)
        incident[edge.b].append(index)
    stripes: dict[int, list[Array]] = {}
    dashes: dict[int, list[Array]] = {}
    for index, edge in enumerate(net.edges):
        profile = edge.profile
        if profile.lanes == 0 or edge.kind not in ("main", "street", "road", "bridge"):
            continue
        if not is_painted(carriage[edge.chain]):
            continue
        line = resampled(edge.points[:, :2], 0.5)
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        total = along[-1]
        low, high = 0.0, total
        for node, is_start in ((edge.a, True), (edge.b, False)):
            others = [net.edges[i] for i in incident[node] if i != index]
            if degree[node] < 3 or not others:
                continue
            back = max(other.profile.half_m for other in others) + 0.8
            zebra = (
                profile.sidewalk_m > 0
                and edge.kind != "bridge"
                and total > 2 * back + 12
                and (edge.kind == "main" or degree[node] > 3 or any(o.kind == "main" for o in others))
            )
            if zebra:
                at = back + 1.5 if is_start else total - back - 1.5
                stripes.setdefault(edge.chain, []).append(_zebra(line, along, at, profile.width_m))
            gap = back + (4.2 if zebra else 0.5)
            low, high = (gap, high) if is_start else (low, total - gap)
        if edge.kind != "road" or profile.width_m > 6:
            first = np.arange(low + 1.5, high - 3.0, 7.5)
            if len(first):
                dashes.setdefault(edge.chain, []).append(_dashes(line, along, first))
    parts: list[Part] = []
    for kind, semantic, quads, material in (
        ("crossing", "crossing", stripes, "crossing-marking"),
        ("lane-marking", "lane-marking", dashes, "road-marking"),
    ):
        for chain in sorted(quads):
            corners = np.concatenate(quads[chain])
            painted = _painted(corners, surface, material)
            parts.append(Part(f"{slug(names[chain])}/{kind}s", kind, semantic, painted))
    return parts


def _frame(line: Array, along: Array, at: Array) -> tuple[Array, Array]:
    """Points and unit directions (n,2) at distances along a line."""
    at = np.atleast_1d(at)
    place = np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], -1)
    ahead = np.stack([np.interp(at + 0.6, along, line[:, k]) for k in (0, 1)], -1)
    behind = np.stack([np.interp(at - 0.6, along, line[:, k]) for k in (0, 1)], -1)
    step = ahead - behind
    return place, step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)


def _quads(middle: Array, u: Array, length: float, width: float) -> Array:
    v = np.stack([-u[:, 1], u[:, 0]], -1)
    a, b = u * length / 2, v * width / 2
    return np.stack([middle - a - b, middle + a - b, middle + a + b, middle - a + b], axis=1)


def _zebra(line: Array, along: Array, at: float, width: float) -> Array:
    place, u = _frame(line, along, np.array([at]))
    count = int((width - 0.3) // 1.0)
    offset = (np.arange(count) - (count - 1) / 2) * 1.0
    v = np.stack([-u[:, 1], u[:, 0]], -1)
    return _quads(place + offset[:, None] * v, np.repeat(u, count, axis=0), 2.6, 0.5)


def _dashes(line: Array, along: Array, first: Array) -> Array:
    place, u = _frame(line, along, first + 1.5)
    return _quads(place, u, 3.0, 0.14)


def _painted(corners: Array, surface: object, material: str) -> Mesh:
    flat = corners.reshape(-1, 2)
    z = surface(flat) + PAINT_M  # type: ignore[operator]
    base = 4 * np.arange(len(corners))[:, None]
    return mesh(np.column_stack([flat, z]), np.concatenate([base + [0, 1, 2], base + [0, 2, 3]]), (material,))


def _part(name: str, kind: str, semantic: str, body: Mesh) -> Part:
    return Part(name, kind, semantic, body, (Collider("mesh"),))


def flat_part(
    name: str,
    kind: str,
    semantic: str,
    shape: Polygon,
    level_m: float,
    *,
    material: str,
    side: str = "",
    depth_m: float = 0.5,
) -> Part | None:
    """A level slab as a part with its outline."""
    body = slab(
        shape,
        lambda xy: np.full(len(xy), level_m),
        depth_m=depth_m,
        spacing_m=12.0,
        material=material,
        side_material=side,
    )
    if body is None:
        return None
    return Part(name, kind, semantic, body, (Collider("mesh"),), read_only(ring(shape)))


def slug(name: str) -> str:
    """A street's name as it begins the names of its parts."""
    return name.lower().replace(" ", "-").replace("'", "")
