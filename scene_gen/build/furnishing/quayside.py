"""A working waterfront: bollards, crates, barrels, pallets and nets, containers in rows, cranes."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, edge, in_shape
from scene_gen.build.furnishing.street_furniture import is_old
from scene_gen.build.occupancy import polygon

Array = NDArray[np.float64]
CARGO = {"crate": 0.52, "barrel": 0.3, "pallet": 0.18}
SLOT_M = 1.22
"""Between the things of one heap; a crate and a barrel leave a hand's breadth."""


def furnish_quays(grounds: Grounds) -> None:
    """Cranes first, for they need the most room."""
    quays = areas(grounds, "quay")
    waters = [polygon(w.polygon, w.holes) for w in grounds.site.waters]
    water = shapely.union_all(waters) if waters else shapely.Polygon()
    _cranes(grounds, quays, water)
    _containers(grounds, quays)
    _bollards(grounds, quays, water)
    _cargo(grounds, quays)


def _is_port(grounds: Grounds) -> bool:
    return bool(grounds.words & {"harbor", "industrial"}) and not is_old(grounds)


def _cranes(grounds: Grounds, quays: list, water: shapely.Geometry) -> None:
    rng = grounds.rng("cranes")
    usual = 2 if _is_port(grounds) and quays else 0
    reach = grounds.stock.depth("crane")
    wide = grounds.stock.width("crane")
    if not reach or shapely.is_empty(water):
        return
    for _, shape in sorted(quays, key=lambda q: -shapely.area(q[1])):
        for inset in (0.5 + wide / 2, 0.5 + reach / 2):
            xy, yaw = edge(shape, 4.0, inset)
            near = shapely.distance(shapely.points(xy), water) < inset + 2.0
            xy, yaw = xy[near], yaw[near] + np.pi  # the jib over the water
            order = rng.permutation(len(xy))
            grounds.put("crane", xy[order], yaw[order], rng=rng, tolerance_m=0.03, spacing_m=26.0, off={"road": 0.3},
                        limit=grounds.wanted("crane", usual - grounds.count("crane")))  # fmt: skip


def _containers(grounds: Grounds, quays: list) -> None:
    """Blocks of containers, square to the nearest edge, in yards and on the quays of ports."""
    rng = grounds.rng("containers")
    names = grounds.stock.without("container", "long")
    if not names or is_old(grounds):
        return
    long_m = max(grounds.stock.foot(name)[0] for name in names) + 0.5
    wide_m = max(grounds.stock.foot(name)[1] for name in names) + 0.55
    slot = np.stack(np.meshgrid(np.arange(2) - 0.5, np.arange(4) - 1.5), axis=-1).reshape(-1, 2) * (long_m, wide_m)
    places = [(shape, 26.0) for _, shape in areas(grounds, "yard")]
    places += [(shape, 44.0) for _, shape in quays if _is_port(grounds)]
    xy, yaw = [np.zeros((0, 2))], [np.zeros(0)]
    for shape, gap in places:
        heart = in_shape(rng, shapely.buffer(shape, -4.5), gap)
        turn = along_edge(shape, heart)
        xy.append(_slots(heart, turn, slot).reshape(-1, 2))
        yaw.append(np.repeat(turn, len(slot)))
    spots, turns = np.concatenate(xy), np.concatenate(yaw)
    keep = rng.random(len(spots)) < 0.7
    grounds.put("container", spots[keep], turns[keep], rng=rng, assets=names, tolerance_m=0.04, is_tilted=True, is_row=True,
                off={"road": 0.5, "walk": 0.2}, margin_m=0.1, limit=grounds.wanted("container", 42))  # fmt: skip


def along_edge(shape: shapely.Geometry, xy: Array) -> Array:
    """Headings (n,) [rad] along the stretch of a shape's edge that is nearest to each point (n,2)."""
    ring = shapely.get_exterior_ring(max(shapely.get_parts(shape), key=shapely.area))
    arc = shapely.line_locate_point(ring, shapely.points(xy))
    length = shapely.length(ring)
    a, b = (shapely.get_coordinates(shapely.line_interpolate_point(ring, np.mod(arc + d, length))) for d in (-2.0, 2.0))
    return np.arctan2(b[:, 1] - a[:, 1], b[:, 0] - a[:, 0])


def _slots(heart: Array, turn: Array, local: NDArray) -> Array:
    """Points (n,k,2) of a pattern (k,2) laid at each heart (n,2), turned."""
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return heart[:, None] + local[None, :, :1] * along[:, None] + local[None, :, 1:] * aside[:, None]


def _bollards(grounds: Grounds, quays: list, water: shapely.Geometry) -> None:
    rng = grounds.rng("bollards")
    if shapely.is_empty(water):
        return
    shapes = [(shape, 8.0) for _, shape in quays]
    shapes += [
        (polygon(p.outline), 9.0) for p in grounds.site.parts if p.kind in ("pier", "jetty") and p.outline is not None
    ]
    shore = shapely.boundary(water)
    for shape, gap in shapes:
        xy, yaw = edge(shape, gap, 0.45)
        near = (
            np.minimum(shapely.distance(shapely.points(xy), shore), shapely.distance(shapely.points(xy), water)) < 1.6
        )
        grounds.put("bollard", xy[near], yaw[near], rng=rng, on=("dock",), spacing_m=5.0)


def _cargo(grounds: Grounds, quays: list) -> None:
    """Heaps of crates, barrels, pallets and nets: each a small grid of mostly one sort, with ways between the heaps."""
    density = grounds.plan.look.props_density
    rng = grounds.rng("cargo")
    places = [(shape, 11.5) for _, shape in quays] + [(shape, 19.0) for _, shape in areas(grounds, "yard")]
    places += [
        (polygon(p.outline), 13.0) for p in grounds.site.parts if p.kind in ("pier", "jetty") and p.outline is not None
    ]
    if density <= 0:
        return
    hearts, turns, edges = [np.zeros((0, 2))], [np.zeros(0)], []
    for shape, gap in places:
        found = in_shape(rng, shapely.buffer(shape, -1.2), gap / np.sqrt(density))
        hearts.append(found)
        turns.append(along_edge(shape, found))
        edges.append(shapely.boundary(shape))
    heart, turn = np.concatenate(hearts), np.concatenate(turns)
    if not len(heart):
        return
    if any(water.kind in ("sea", "lake") for water in grounds.site.waters):
        has_net = rng.random(len(heart)) < 0.3
        grounds.put(
            "fishing-net", heart[has_net], turn[has_net], rng=rng, on=("dock",), spacing_m=12.0, off={"road": 0.6}
        )
    size = rng.integers(2, 5, (len(heart), 2))
    slot = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2)
    used = (slot[None] < size[:, None]).all(axis=2) & (rng.random((len(heart), 16)) < 0.75)
    owner, which = np.nonzero(used)
    xy = _slots(heart, turn, (slot - 1.5) * SLOT_M)[owner, which] + rng.normal(0, 0.03, (len(owner), 2))
    sorts = list(CARGO)
    share = np.array(list(CARGO.values()))
    main = rng.choice(len(sorts), len(heart), p=share)
    kinds = np.where(rng.random(len(owner)) < 0.7, main[owner], rng.choice(len(sorts), len(owner), p=share))
    margin = shapely.distance(shapely.points(xy), shapely.union_all(np.array(edges, dtype=object)))
    yaw = turn[owner] + rng.choice([0.0, np.pi / 2], len(owner)) + rng.normal(0, 0.05, len(owner))
    for index, kind in enumerate(sorts):
        mine = (kinds == index) & (margin > 0.7)
        grounds.put(kind, xy[mine], yaw[mine], rng=rng, tolerance_m=0.012, off={"road": 0.6}, margin_m=0.02)
