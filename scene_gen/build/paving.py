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
from scene_gen.build.network import Network, StreetHeight
from scene_gen.build.polygons import polygons_of, resampled, ring, slab

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
    wide = np.array([e.profile.width_m / 2 for e in net.edges])
    half = np.array([e.profile.half_m for e in net.edges])
    style = {"cap_style": "flat", "join_style": "round", "quad_segs": 4}
    carriage, band = shapely.buffer(centre, wide, **style), shapely.buffer(centre, half, **style)
    chains = 1 + max(edge.chain for edge in net.edges)
    own_carriage: list[list[BaseGeometry]] = [[] for _ in range(chains)]
    own_band: list[list[BaseGeometry]] = [[] for _ in range(chains)]
    bridges: dict[int, Polygon] = {}
    for index, edge in enumerate(net.edges):
        if edge.kind == "bridge":
            bridges[index] = Polygon(band[index].exterior)
            continue
        own_carriage[edge.chain].append(carriage[index])
        own_band[edge.chain].append(band[index])
    at: list[list[int]] = [[] for _ in net.nodes]
    for index, edge in enumerate(net.edges):
        at[edge.a].append(index)
        at[edge.b].append(index)
    for node, here in enumerate(at):
        dry = [i for i in here if net.edges[i].kind != "bridge"]
        if not dry:
            continue
        best = min(dry, key=lambda i: rank[net.edges[i].chain])
        place = shapely.points(net.nodes[node, :2])
        second = lambda sizes: float(np.sort(sizes)[-2]) if len(sizes) > 1 else float(sizes[0])  # noqa: E731
        disc = place.buffer(second(wide[here]), quad_segs=4)
        chain = net.edges[best].chain
        own_carriage[chain].append(disc)
        own_band[chain].append(place.buffer(second(half[here]), quad_segs=4))
        if len(here) > 2:
            around = place.buffer(2.2 * float(half[here].max()))
            local = shapely.union_all([*carriage[here], disc]).intersection(around)
            corner = local.buffer(_CORNER_M, quad_segs=4).buffer(-_CORNER_M, quad_segs=4).difference(local)
            own_carriage[chain] += polygons_of(corner.intersection(place.buffer(1.9 * float(half[here].max()))), 0.02)
    whole = [shapely.union_all(parts) for parts in own_carriage]
    bands = [shapely.union_all(parts) for parts in own_band]
    over = shapely.union_all(list(bridges.values()))
    clear = off.union(over)
    cut_carriage = _by_rank(whole, whole, rank, frame, clear)
    cut_band = _by_rank(bands, whole, rank, frame, clear, all_of_others=True)
    paved = shapely.union_all([*whole, *bands, *bridges.values()]).intersection(frame).difference(off)
    return Ribbons(tuple(cut_carriage), tuple(cut_band), bridges, paved)


def _ranks(net: Network) -> dict[int, tuple]:
    length: dict[int, float] = {}
    kind: dict[int, int] = {}
    for edge in net.edges:
        length[edge.chain] = length.get(edge.chain, 0.0) + edge.length_m
        kind[edge.chain] = min(kind.get(edge.chain, 9), _RANK[edge.kind])
    return {chain: (kind[chain], -round(length[chain], 3), chain) for chain in length}


def _by_rank(
    shapes: Sequence[BaseGeometry], cutters: Sequence[BaseGeometry], rank: dict[int, tuple], frame: BaseGeometry,
    clear: BaseGeometry, *, all_of_others: bool = False,
) -> list[BaseGeometry]:  # fmt: skip
    """Each shape without those of streets of higher rank, and (all_of_others) without any cutter."""
    tree, cutting = shapely.STRtree(shapes), shapely.STRtree(cutters)
    order = sorted(range(len(shapes)), key=lambda c: rank.get(c, (9, 0.0, c)))
    place = {chain: i for i, chain in enumerate(order)}
    shapely.prepare(frame)
    shapely.prepare(clear)
    found: list[BaseGeometry] = []
    for chain, shape in enumerate(shapes):
        others = [shapes[k] for k in tree.query(shape) if place[int(k)] < place[chain]]
        if all_of_others:
            others += [cutters[k] for k in cutting.query(shape)]
        rest = shape.difference(shapely.union_all(others)) if others else shape
        if clear.intersects(rest):
            rest = rest.difference(clear)
        found.append(rest if frame.contains(rest) else rest.intersection(frame))
    return found


def street_parts(
    net: Network, names: Sequence[str], ribbons: Ribbons, height: StreetHeight, materials: dict[str, str]
) -> list[Part]:
    """Carriageways and sidewalks, one part a street. `materials` by kind of street, and "sidewalk"."""
    kinds = {edge.chain: edge.kind for edge in reversed(net.edges) if edge.kind != "bridge"}
    parts: list[Part] = []
    for chain, name in enumerate(names):
        label = slug(name)
        kind = kinds.get(chain, "main")
        top = slab(
            ribbons.carriage[chain], height, spacing_m=4.0, material=materials.get(kind, "asphalt"), skip_sides_in=None
        )
        if top is not None:
            parts.append(_part(f"{label}/carriageway", "path" if kind == "path" else "carriageway", "road", top))
        walk = slab(
            _without_crumbs(ribbons.walk[chain]), height, lift_m=CURB_M, depth_m=CURB_M + 0.4, spacing_m=4.0,
            material=materials["sidewalk"], side_material="curb",
        )  # fmt: skip
        if walk is not None:
            parts.append(_part(f"{label}/sidewalk", "sidewalk", "sidewalk", walk))
    return parts


def _without_crumbs(shape: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([p for p in polygons_of(shape, 0.6) if not p.buffer(-0.15).is_empty])


def painted_parts(net: Network, names: Sequence[str], surface: object) -> list[Part]:
    """Zebra crossings at junctions and dashes between lanes; `surface` gives the height of the paving."""
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
