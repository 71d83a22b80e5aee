"""Small works that were asked for by name: promenades, steps down to the water, parking lots."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from bridge.meshes import merge
from bridge.scene import Collider, Part, Terrain
from scene_gen.build.ground.covers import covers_of, is_painted
from scene_gen.build.ground.openland import area
from scene_gen.build.ground.polygons import boxes, lines_of, polygons_of, rectangle, ring, slab
from scene_gen.build.ground.shore import Harbor
from scene_gen.build.site import Area, Parcel
from scene_gen.plan.artefacts import Landmark, Plan

Array = NDArray[np.float64]


def promenades(
    plan: Plan, terrain: Terrain, harbor: Harbor, water: BaseGeometry, taken: BaseGeometry, notes: list[str]
) -> tuple[list[Part], list[Area]]:
    """Paved walks along the shore, up to 160 m long, where it is free; on the quay where there is no other shore."""
    parts: list[Part] = []
    areas: list[Area] = []
    half = plan.size_m / 2 - 6.0
    frame = shapely.box(-half, -half, half, half)
    for mark in plan.landmarks:
        if mark.kind != "promenade":
            continue
        for _ in range(mark.count):
            at = Point(mark.at) if mark.at is not None else Point(0.0, 0.0)
            strip = (
                water.buffer(9.5)
                .difference(water.buffer(4.5))
                .intersection(frame)
                .intersection(at.buffer(max(mark.radius_m, 80.0)))
            )
            used = [Polygon(a.polygon) for a in areas]
            pieces = polygons_of(
                strip.difference(shapely.union_all([taken.buffer(0.6), *used])).buffer(-1.6).buffer(1.6), 150.0
            )
            pieces = [p for p in pieces if p.distance(at) < mark.radius_m + 80.0]
            name = f"promenade-{len(parts) + 1}"
            body = None
            if pieces:
                shape = min(pieces, key=lambda p: p.distance(at))
                body = slab(
                    shape,
                    lambda xy: _over(terrain, xy),
                    lift_m=0.06,
                    depth_m=0.6,
                    spacing_m=2.0,
                    material="paving-warm",
                    side_material="curb",
                )
            elif harbor.edges:
                shape, level = _along_quay(harbor, at)
                body = slab(
                    shape,
                    lambda xy, z=level: np.full(len(xy), z),
                    lift_m=0.04,
                    depth_m=0.2,
                    spacing_m=8.0,
                    material="paving-warm",
                )
            if body is None:
                notes.append("No promenade found 150 m² of free shore; another --seed gives another shore.")
                continue
            outline = read_only(ring(shape))
            parts.append(Part(name, "promenade", "sidewalk", body, (Collider("mesh"),), outline))
            areas.append(area("promenade", shape, name=name))
    return parts, areas


def _over(terrain: Terrain, xy: Array) -> Array:
    around = np.array([[0.0, 0.0], [1.6, 0.0], [-1.6, 0.0], [0.0, 1.6], [0.0, -1.6]])
    return terrain.height_at(xy[:, None, :] + around).max(axis=1)


def _along_quay(harbor: Harbor, at: Point) -> tuple[Polygon, float]:
    """A strip in the middle of the quay's deck, over its straight stretch nearest to a place."""
    decks = [part for part in harbor.parts if part.kind == "quay" and part.outline is not None]
    best = min(decks, key=lambda part: Polygon(part.outline).distance(at))
    deck = Polygon(best.outline)
    strip = deck.buffer(-4.8, join_style="mitre")
    strip = strip if not strip.is_empty else deck.buffer(-3.0)
    level = float(best.mesh.vertices[:, 2].max())
    return polygons_of(strip)[0], level


def quay_steps(plan: Plan, harbor: Harbor, notes: list[str]) -> list[Part]:
    """Flights of stone steps along the quay's wall, from the deck down into the water."""
    parts: list[Part] = []
    for mark in plan.landmarks:
        if mark.kind != "steps":
            continue
        for _ in range(mark.count):
            spot = _free_edge(harbor, mark)
            if spot is None:
                notes.append("Steps were asked for, but there is no free quay wall for them.")
                break
            point, out, level = spot
            along = np.array([-out[1], out[0]])
            count = 11
            index = np.arange(count)
            tread, rise, wide = 0.42, 0.19, 2.2
            top = level - rise * (index + 1)
            middle = point + out * wide / 2 + along * (index[:, None] * tread)
            bottom = level - 4.5
            body = boxes(
                np.column_stack([middle, (top + bottom) / 2]), np.column_stack([np.full((count, 1), tread), np.full((count, 1), wide), top - bottom]),
                np.full(count, np.arctan2(along[1], along[0])), "quay-stone",
            )  # fmt: skip
            shape = rectangle(point + out * wide / 2 + along * (count - 1) * tread / 2, along, count * tread, wide)
            harbor.taken.append(shape)
            parts.append(
                Part(
                    f"steps-{len(parts) + 1}",
                    "steps",
                    "sidewalk",
                    merge([body]),
                    (Collider("mesh"),),
                    read_only(ring(shape)),
                )
            )
    return parts


def _free_edge(harbor: Harbor, mark: Landmark) -> tuple[Array, Array, float] | None:
    at = np.asarray(mark.at) if mark.at is not None else np.zeros(2)
    for point, out, level in sorted(harbor.edges, key=lambda edge: float(np.linalg.norm(edge[0] - at))):
        along = np.array([-out[1], out[0]])
        room = rectangle(point + out * 1.4 + along * 2.2, along, 7.0, 2.2)
        if not any(room.intersects(other) for other in harbor.taken):
            return point, out, level
    return None


def parking_lots(
    plan: Plan, parcels: Sequence[Parcel], notes: list[str]
) -> tuple[list[Parcel], list[Part], list[Area]]:
    """The parcels without those that became parking lots, and the lots: on asphalt the stalls are drawn."""
    material = covers_of(plan).lot
    kept = list(parcels)
    parts: list[Part] = []
    areas: list[Area] = []
    for mark in plan.landmarks:
        if mark.kind != "parking-lot":
            continue
        for _ in range(mark.count):
            at = np.asarray(mark.at) if mark.at is not None else np.zeros(2)
            fit = [
                p
                for p in kept
                if not p.use and Polygon(p.polygon).area > 320.0 and np.linalg.norm(p.front[1] - p.front[0]) > 12.0
            ]
            fit = fit or [p for p in kept if not p.use and Polygon(p.polygon).area > 140.0]
            if not fit:
                notes.append("A parking lot was asked for, but no lot is large enough.")
                break
            parcel = min(fit, key=lambda p: float(np.linalg.norm(p.polygon.mean(axis=0) - at)))
            kept.remove(parcel)
            shape = Polygon(parcel.polygon)
            top = parcel.base_m + 0.02
            ground = slab(shape, lambda xy, z=top: np.full(len(xy), z), depth_m=0.5, spacing_m=10.0, material=material)
            stalls = [p for line in _stalls(parcel, shape) for p in polygons_of(line)] if is_painted(material) else []
            paint = slab(
                shapely.union_all(stalls),
                lambda xy, z=top: np.full(len(xy), z),
                lift_m=0.018,
                depth_m=None,
                material="road-marking",
            )
            name = f"parking-lot-{len(parts) + 1}"
            body = merge([m for m in (ground, paint) if m is not None])
            parts.append(Part(name, "parking-lot", "road", body, (Collider("mesh"),), parcel.polygon))
            areas.append(Area("parking-lot", parcel.polygon, (), top, name))
    return kept, parts, areas


def _stalls(parcel: Parcel, shape: Polygon) -> list[BaseGeometry]:
    """Lines between stalls of 2.5 m by 5 m, in rows along the lot's sides."""
    u = parcel.front[1] - parcel.front[0]
    length = float(np.linalg.norm(u))
    u = u / length
    v = np.array([-u[1], u[0]])
    inner = shape.buffer(-0.4)
    deep = float(((parcel.polygon - parcel.front[0]) @ v).max())
    found: list[BaseGeometry] = []
    for start in (deep - 5.6, deep - 17.0):
        if start < 5.0:
            continue
        for k in range(int(length // 2.5) + 1):
            a = parcel.front[0] + u * (0.6 + 2.5 * k) + v * start
            found += [
                line.buffer(0.06, cap_style="flat")
                for line in lines_of(LineString([a, a + v * 5.0]).intersection(inner), 3.0)
            ]
    return found
