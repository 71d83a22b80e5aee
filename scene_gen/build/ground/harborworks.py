"""Harbor works: quay decks, piers and jetties on piles, marinas, breakwaters of rubble, bridge decks over water."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from bridge.meshes import merge, mesh
from bridge.scene import Collider, Part
from scene_gen.build.ground.berths import anchor_off, moor_along_banks, moor_along_quays
from scene_gen.build.ground.polygons import boxes, polygons_of, rectangle, resampled, ring, slab, smoothed
from scene_gen.build.ground.quays import Quay
from scene_gen.build.ground.shore import CURB_M, Harbor, Shore, distance_wished, shore_of
from scene_gen.build.ground.terrain import Ground
from scene_gen.build.site import Area, Mooring
from scene_gen.plan.artefacts import Landmark, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_PIER_M = 3.6
_JETTY_M = 2.4


def build_harbor(
    plan: Plan, ground: Ground, water: BaseGeometry, bodies: Sequence[tuple[Polygon, int]], quays: Sequence[Quay],
    *, keep_off: Sequence[BaseGeometry] = (), seed: int,
) -> Harbor:  # fmt: skip
    """All works in the water that the plan asks for, with moorings along them, clear of `keep_off` (bridges)."""
    harbor = Harbor(taken=[shape.buffer(6.0) for shape in keep_off])
    if water.is_empty:
        return harbor
    shapely.prepare(water)
    for index, quay in enumerate(quays, start=1):
        top = quay.level_m + CURB_M
        body = slab(
            quay.deck, lambda xy, z=top: np.full(len(xy), z), bottom=lambda xy, z=quay.water_m - 4.0: np.full(len(xy), z),
            spacing_m=10.0, material="cobble", side_material="quay-stone",
        )  # fmt: skip
        if body is not None:
            outline = read_only(ring(quay.deck))
            harbor.parts.append(Part(f"quay-{index}", "quay", "dock", body, (Collider("mesh"),), outline))
            harbor.areas.append(Area("quay", outline, (), top, f"quay-{index}"))
    shore = shore_of(plan, water, bodies, quays)
    for mark in plan.landmarks:
        if mark.kind == "breakwater":
            for _ in range(mark.count):
                _breakwater(harbor, ground, water, shore, mark, plan, seed=seed)
    counts: dict[str, int] = {}
    for mark in sorted(
        plan.landmarks,
        key=lambda m: ("pier", "marina", "jetty").index(m.kind) if m.kind in ("pier", "marina", "jetty") else 9,
    ):
        if mark.kind not in ("pier", "jetty", "marina"):
            continue
        built = 0
        for _ in range(mark.count):
            counts[mark.kind] = counts.get(mark.kind, 0) + 1
            name = f"{mark.kind}-{counts[mark.kind]}"
            if _pier(harbor, ground, water, shore, mark, name, stream(seed, "pier", name)):
                built += 1
            else:
                counts[mark.kind] -= 1
        if built < mark.count:
            harbor.notes.append(
                f"Only {built} of {mark.count} {mark.kind}s found open water of 14 m before the shore; "
                "a larger --size-m or another --seed gives more shore."
            )
    moor_along_quays(harbor, ground, water, shore, seed=seed)
    moor_along_banks(harbor, plan, ground, water, bodies, shore, seed=seed)
    anchor_off(harbor, plan, ground, water, bodies, seed=seed)
    return harbor


def _pier(
    harbor: Harbor,
    ground: Ground,
    water: BaseGeometry,
    shore: Shore,
    mark: Landmark,
    name: str,
    rng: np.random.Generator,
) -> bool:
    width = _PIER_M if mark.kind == "pier" else _JETTY_M
    lengths = (58, 50, 43, 36, 30, 25) if mark.kind == "pier" else (38, 30, 24, 18, 14)
    long_ = int(rng.integers(0, 3))
    cost = (
        0.6 * distance_wished(shore.points, mark)
        + rng.uniform(0, 25.0, len(shore.points))
        + 30.0 * np.isnan(shore.deck_m)
    )
    taken = shapely.union_all(harbor.taken)
    shapely.prepare(taken)
    for index in np.argsort(cost, kind="stable")[:500]:
        point, out = shore.points[index], shore.out[index]
        if taken.distance(Point(point)) < 17.0:
            continue
        for length in lengths[long_:] if mark.kind != "marina" else (40, 32, 26):
            body = rectangle(point + out * (length / 2 + 1.5), out, length - 1.0, width)
            wide = body.buffer(9.0 if mark.kind != "marina" else 15.0, cap_style="flat", join_style="mitre")
            clear = rectangle(
                point + out * (length / 2 + 5.0), out, length, width + (16.0 if mark.kind != "marina" else 30.0)
            )
            if not water.contains(clear) or taken.intersects(wide):
                continue
            if ground.at((point + out * length * 0.8)[None])[0] > shore.water_m[index] - 1.0:
                continue
            _raise_pier(
                harbor,
                ground,
                point,
                out,
                float(length),
                width,
                float(shore.deck_m[index]),
                float(shore.water_m[index]),
                mark.kind,
                name,
                rng,
            )
            return True
    return False


def _raise_pier(
    harbor: Harbor, ground: Ground, point: Array, out: Array, length: float, width: float, deck: float, water_m: float,
    kind: str, name: str, rng: np.random.Generator,
) -> None:  # fmt: skip
    root = 0.0
    if np.isnan(deck):
        deck = water_m + 1.35
        back = np.arange(0.5, 16.0, 0.5)
        dry = ground.at(point - back[:, None] * out) > deck - 0.2
        root = float(back[np.argmax(dry)]) + 1.0 if dry.any() else 8.0
        inland = ground.at((point - root * out)[None])[0]
        deck = float(np.clip(inland + 0.05, water_m + 1.0, water_m + 2.4))
    side = np.array([-out[1], out[0]])
    shape = rectangle(point + out * (length - root) / 2, out, length + root, width)
    fingers: list[Polygon] = []
    if kind == "marina":
        at = np.arange(9.0, length - 1.0, 9.5)
        fingers = [
            rectangle(point + out * s + side * sign * (width / 2 + 4.5), side, 9.2, 1.3) for s in at for sign in (-1, 1)
        ]
    plan_ = shapely.union_all([shape, *fingers])
    whole = polygons_of(plan_)[0]
    top = slab(
        whole,
        lambda xy: np.full(len(xy), deck),
        depth_m=0.32,
        spacing_m=6.0,
        material="deck-planks",
        side_material="wood-dark",
    )
    s = np.arange(2.0, length + 0.01, 4.5)
    feet = np.concatenate([point + s[:, None] * out + side * k for k in (-width / 2 + 0.25, width / 2 - 0.25)])
    if fingers:
        feet = np.concatenate(
            [
                feet,
                np.array(
                    [
                        ring(f).mean(axis=0) + side * 3.6 * np.sign((ring(f).mean(axis=0) - point) @ side)
                        for f in fingers
                    ]
                ),
            ]
        )
    bed = np.minimum(ground.at(feet), water_m - 0.5) - 0.8
    posts = deck + 0.55 - bed
    piles = boxes(
        np.column_stack([feet, bed + posts / 2]), np.column_stack([np.full((len(feet), 2), 0.28), posts]),
        np.full(len(feet), np.arctan2(out[1], out[0])), "wood-dark",
    )  # fmt: skip
    below = slab(whole, lambda xy: np.full(len(xy), deck - 0.32), depth_m=None, spacing_m=12.0, material="wood-dark")
    if top is None or below is None:
        return
    under = mesh(below.vertices, below.triangles[:, ::-1], below.materials)
    harbor.parts.append(
        Part(name, kind, "dock", merge([top, under, piles]), (Collider("mesh"),), read_only(ring(whole)))
    )
    harbor.taken.append(whole.buffer(1.0))
    yaw = float(np.arctan2(out[1], out[0]))
    if kind == "marina":
        for finger in fingers:
            middle = ring(finger).mean(axis=0)
            away = side * np.sign((middle - point) @ side)
            spot = middle + out * 2.9
            harbor.moorings.append(
                Mooring(float(spot[0]), float(spot[1]), float(np.arctan2(away[1], away[0])), 8.5, water_m)
            )
        harbor.taken.append(shape.buffer(12.0))
        return
    for sign in (-1.0, 1.0):
        at = 5.0
        while at < length - 4.0:
            slot = float(rng.choice([7.5, 9.0, 11.0, 13.5])) if kind == "pier" else 6.5
            if at + slot > length + 1.0:
                break
            beam = 0.34 * slot + 0.4
            spot = point + out * (at + slot / 2) + side * sign * (width / 2 + beam / 2 + 0.35)
            if ground.at(spot[None])[0] < water_m - 0.8:
                heading = yaw + (np.pi if rng.random() < 0.5 else 0.0)
                harbor.moorings.append(Mooring(float(spot[0]), float(spot[1]), float(heading), slot, water_m))
                harbor.taken.append(rectangle(spot, out, slot, beam))
            at += slot + 1.5


def _breakwater(
    harbor: Harbor, ground: Ground, water: BaseGeometry, shore: Shore, mark: Landmark, plan: Plan, *, seed: int
) -> None:
    rng = stream(seed, "breakwater", len(harbor.heads))
    natural = np.flatnonzero(np.isnan(shore.deck_m))
    if not len(natural):
        natural = np.arange(len(shore.points))
    cost = distance_wished(shore.points[natural], mark) + rng.uniform(0, 15, len(natural))
    quay = shore.points[np.isfinite(shore.deck_m)]
    goal = quay.mean(axis=0) if len(quay) else None
    for index in natural[np.argsort(cost, kind="stable")][:300]:
        point, out = shore.points[index], shore.out[index]
        along = np.array([-out[1], out[0]])
        if goal is not None and (goal - point) @ along < 0:
            along = -along
        for scale in (1.0, 0.8, 0.6, 0.45):
            far = scale * min(95.0, 0.17 * plan.size_m)
            bend = [
                point - out * 7.0,
                point + out * 0.35 * far,
                point + out * 0.75 * far + along * 0.12 * far,
                point + out * far + along * 0.55 * far,
            ]
            line = smoothed(resampled(np.array(bend), 3.0), 8)
            if np.abs(line).max() > plan.size_m / 2 - 20.0:
                continue
            wet = line[5:]
            if not shapely.contains_xy(water, wet[:, 0], wet[:, 1]).all() or not water.contains(
                LineString(wet[3:]).buffer(9.0)
            ):
                continue
            if any(LineString(line).distance(other) < 12.0 for other in harbor.taken):
                continue
            _raise_breakwater(harbor, ground, line, float(shore.water_m[index]), rng)
            return
    harbor.notes.append("No breakwater found room off the shore; a larger --size-m gives more water.")


def _raise_breakwater(harbor: Harbor, ground: Ground, line: Array, water_m: float, rng: np.random.Generator) -> None:
    crest, walk, run = water_m + 2.1, 1.9, 1.45
    bed = float(ground.at(line).min())
    core = shapely.union_all([LineString(line).buffer(walk, quad_segs=6), Point(line[-1]).buffer(4.6, quad_segs=8)])
    reach = run * (crest - bed + 0.8)
    mound = core.buffer(reach, quad_segs=6)
    low, high = np.array(mound.bounds[:2]), np.array(mound.bounds[2:])
    x, y = np.meshgrid(np.arange(low[0], high[0], 1.7), np.arange(low[1], high[1], 1.7))
    grid = np.stack([x.ravel(), y.ravel()], -1) + rng.uniform(-0.5, 0.5, (x.size, 2))
    shapely.prepare(mound)
    shapely.prepare(core)
    grid = grid[shapely.contains_xy(mound.buffer(-0.6), grid[:, 0], grid[:, 1])]
    grid = grid[~shapely.dwithin(core.boundary, shapely.points(grid), 0.7)]
    rim = shapely.get_coordinates(shapely.segmentize(mound.exterior, 2.2))[:-1]
    edge = shapely.get_coordinates(shapely.segmentize(core.exterior, 1.8))[:-1]
    points = np.concatenate([grid, rim, edge])
    on_top = shapely.dwithin(core, shapely.points(points), 0.02)
    distance = shapely.distance(core, shapely.points(points))
    z = crest - distance / run + np.where(on_top, 0.0, rng.uniform(-0.35, 0.3, len(points)))
    faces = Delaunay(points).simplices
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    faces = np.where(turn[:, None] < 0, faces[:, ::-1], faces)
    middle = points[faces].mean(axis=1)
    keep = shapely.contains_xy(mound, middle[:, 0], middle[:, 1]) & (np.abs(turn) > 1e-6)
    faces, middle = faces[keep], middle[keep]
    top = shapely.contains_xy(core, middle[:, 0], middle[:, 1])
    body = mesh(np.column_stack([points, z]), faces, ("rock", "gravel"), top.astype(int))
    name = f"breakwater-{len(harbor.heads) + 1}"
    harbor.parts.append(
        Part(name, "breakwater", "dock", body, (Collider("mesh"),), read_only(ring(polygons_of(mound)[0])))
    )
    harbor.taken.append(mound)
    heading = line[-1] - line[-3]
    harbor.heads.append((float(line[-1, 0]), float(line[-1, 1]), crest, float(np.arctan2(heading[1], heading[0]))))
