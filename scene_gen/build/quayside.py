"""A working waterfront: bollards, crates, barrels, pallets and nets, containers in rows, cranes."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.occupancy import polygon
from scene_gen.build.placing import Grounds
from scene_gen.build.spots import areas, edge, in_shape, rows
from scene_gen.build.street_furniture import is_old

Array = NDArray[np.float64]
CARGO = {"crate": 0.42, "barrel": 0.26, "pallet": 0.17, "fishing-net": 0.15}


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
    """Crates, barrels, pallets and nets in heaps that leave ways between them."""
    density = grounds.plan.look.props_density
    rng = grounds.rng("cargo")
    places = [(shape, 15.0, 260) for _, shape in quays] + [(shape, 20.0, 60) for _, shape in areas(grounds, "yard")]
    places += [
        (polygon(p.outline), 14.0, 24)
        for p in grounds.site.parts
        if p.kind in ("pier", "jetty") and p.outline is not None
    ]
    if density <= 0:
        return
    for shape, gap, most in places:
        heart = in_shape(rng, shapely.buffer(shape, -0.9), gap / np.sqrt(density))
        if not len(heart):
            continue
        size = rng.integers(3, 8, len(heart))
        centre = np.repeat(heart, size, axis=0)
        xy = centre + rng.normal(0, 1.15, centre.shape)
        yaw = rng.choice([0.0, np.pi / 2], len(xy)) + rng.normal(0, 0.15, len(xy))
        kinds = rng.choice(len(CARGO), len(xy), p=np.array(list(CARGO.values())))
        shapely.prepare(shape)
        inside = _depth_in(shape, xy) > 0.55
        for i, kind in enumerate(CARGO):
            mine = np.flatnonzero(inside & (kinds == i))[:most]
            grounds.put(kind, xy[mine], yaw[mine], rng=rng, tolerance_m=0.012, off={"road": 0.6}, margin_m=0.03)
