"""A working waterfront: bollards, crates, barrels, pallets and nets, containers in rows, cranes."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.occupancy import polygon
from scene_gen.build.placing import Grounds
from scene_gen.build.spots import areas, edge, in_shape, rows
from scene_gen.build.street_furniture import is_old

Array = NDArray[np.float64]
CARGO = {"crate": 0.45, "barrel": 0.28, "pallet": 0.17, "fishing-net": 0.1}
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
    """Rows of containers in yards of ports and works; some carry a second one."""
    rng = grounds.rng("containers")
    if not grounds.stock.names("container") or is_old(grounds):
        return
    places = areas(grounds, "yard") + [q for q in quays if _is_port(grounds)]
    wanted = 30 if _is_port(grounds) else 12
    for area, shape in places:
        long_m, short_m = grounds.stock.depth("container"), grounds.stock.width("container")
        inset = 2.0 + (short_m if area.kind == "quay" else 0.0)
        xy, yaw = rows(shape, short_m + 0.35, long_m + 0.8, inset)
        if not len(xy):
            continue
        depth = _depth_in(shape, xy)
        cluster = in_shape(rng, shape, 34.0)
        if not len(cluster):
            continue
        away = np.linalg.norm(xy[:, None] - cluster[None], axis=2).min(axis=1)
        near = (away < 11.0) & (depth > inset)
        xy = xy[near][np.argsort(away[near], kind="stable")]
        limit = grounds.wanted("container", min(wanted, 10 if area.kind == "quay" else 16))
        grounds.put(
            "container",
            xy,
            yaw,
            rng=rng,
            tolerance_m=0.02,
            limit=limit,
            off={"road": 0.5, "walk": 0.2},
            margin_m=0.1,
            is_row=True,
        )
        wanted -= limit


def _depth_in(shape: shapely.Geometry, xy: Array) -> Array:
    return shapely.distance(shapely.points(xy), shapely.boundary(shape))


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
    places = [(shape, 13.0) for _, shape in quays] + [(shape, 19.0) for _, shape in areas(grounds, "yard")]
    places += [
        (polygon(p.outline), 13.0) for p in grounds.site.parts if p.kind in ("pier", "jetty") and p.outline is not None
    ]
    if density <= 0:
        return
    hearts, edges = [np.zeros((0, 2))], []
    for shape, gap in places:
        hearts.append(in_shape(rng, shapely.buffer(shape, -1.2), gap / np.sqrt(density)))
        edges.append(shapely.boundary(shape))
    heart = np.concatenate(hearts)
    if not len(heart):
        return
    turn = rng.uniform(-np.pi, np.pi, len(heart))
    size = rng.integers(2, 5, (len(heart), 2))
    slot = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2)
    used = (slot[None] < size[:, None]).all(axis=2) & (rng.random((len(heart), 16)) < 0.72)
    owner, which = np.nonzero(used)
    local = (slot[which] - (size[owner] - 1) / 2) * SLOT_M + rng.normal(0, 0.04, (len(owner), 2))
    cosine, sine = np.cos(turn)[owner], np.sin(turn)[owner]
    xy = heart[owner] + np.stack(
        [cosine * local[:, 0] - sine * local[:, 1], sine * local[:, 0] + cosine * local[:, 1]], 1
    )
    sorts = list(CARGO)
    share = np.array(list(CARGO.values()))
    main = rng.choice(len(sorts), len(heart), p=share)
    kinds = np.where(rng.random(len(owner)) < 0.7, main[owner], rng.choice(len(sorts), len(owner), p=share))
    margin = shapely.distance(shapely.points(xy), shapely.union_all(np.array(edges, dtype=object)))
    yaw = turn[owner] + rng.choice([0.0, np.pi / 2], len(owner)) + rng.normal(0, 0.05, len(owner))
    for index, kind in enumerate(sorts):
        mine = (kinds == index) & (margin > 0.7)
        grounds.put(kind, xy[mine], yaw[mine], rng=rng, tolerance_m=0.012, off={"road": 0.6}, margin_m=0.02)
