"""Town walls: a battlemented wall with towers round a part of the town, and a gate where each road goes through."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import pose_array
from bridge.meshes import merge
from bridge.scene import Collider, Mesh, Part
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.polygons import boxes, lines_of, polygons_of, resampled, smooth_polygon
from scene_gen.build.ground.region import Region
from scene_gen.build.ground.terrain import Ground
from scene_gen.plan.artefacts import Landmark, Plan

Array = NDArray[np.float64]
_THICK_M, _TALL_M, _TOWER_M, _TOWER_TALL_M = 1.6, 5.2, 5.0, 8.6
_OFF_TOWN_M = 4.5
_STONE = "stone-grey"


def wall_line(plan: Plan, regions: Sequence[Region], avoid: BaseGeometry) -> BaseGeometry | None:
    """Where a wall runs, if one is asked for: round the part of the town that it was asked for, not through `avoid`."""
    mark = next((m for m in plan.landmarks if m.kind == "town-wall"), None)
    if mark is None or not regions:
        return None
    at = Point(mark.at) if mark.at is not None else None
    region = regions[0] if at is None else min(regions, key=lambda r: r.land.distance(at))
    whole = shapely.union_all([region.land, *region.within]).buffer(_OFF_TOWN_M + 10).buffer(-10)
    loops = smooth_polygon(polygons_of(whole)[0], 5.0, 4)
    half = plan.size_m / 2 - 3.0
    line = loops[0].exterior.intersection(shapely.box(-half, -half, half, half)).difference(avoid)
    return line if line.length > 60.0 else None


def town_walls(plan: Plan, ground: Ground, net: Network, line: BaseGeometry, notes: list[str]) -> list[Part]:
    """The wall along `line` as one part, and gates as parts of their own, nearest to where they were wanted first."""
    crossings = _crossings(net, line)
    openings = shapely.union_all([Point(place).buffer(half + 2.6) for place, _, half in crossings])
    rest = line.difference(openings)
    pieces = lines_of(shapely.line_merge(rest) if hasattr(rest, "geoms") else rest, 4.0)
    meshes: list[Mesh] = []
    colliders: list[Collider] = []
    for piece in pieces:
        _stretch(ground, resampled(np.asarray(piece.coords), 6.0), meshes, colliders)
    gates = [mark for mark in plan.landmarks if mark.kind == "gate"]
    built = _gates(ground, crossings, gates)
    if len(built) < sum(mark.count for mark in gates):
        wanted = sum(mark.count for mark in gates)
        notes.append(f"{len(built)} of {wanted} gates stand: no more roads go through the wall.")
    open_ = crossings if not gates else [c for k, c in enumerate(crossings) if k not in {index for index, _ in built}]
    for place, out, half in open_:
        _posts(ground, place, out, half, 6.4, 3.2, meshes, colliders)
    parts = [part for _, part in built]
    if meshes:
        parts.append(Part("town-wall-1", "town-wall", "wall", merge(meshes), tuple(colliders)))
    return parts


def _crossings(net: Network, line: BaseGeometry) -> list[tuple[Array, Array, float]]:
    """Where streets go through the wall: place, the street's direction, half its width."""
    found: list[tuple[Array, Array, float]] = []
    for edge in net.edges:
        street = shapely.LineString(edge.points[:, :2])
        for point in shapely.get_coordinates(street.intersection(line)):
            s = street.project(Point(point))
            a, b = (np.asarray(street.interpolate(t).coords[0]) for t in (max(s - 2, 0), min(s + 2, street.length)))
            size = float(np.linalg.norm(b - a))
            if size > 0.1 and all(np.linalg.norm(point - other) > 14.0 for other, _, _ in found):
                found.append((point, (b - a) / size, edge.profile.half_m))
    return found


def _box(middle: Array, size: Array, yaw: float, meshes: list[Mesh], colliders: list[Collider] | None) -> None:
    meshes.append(boxes(middle[None], size[None], np.array([yaw]), _STONE))
    if colliders is not None:
        pose = pose_array(middle, yaw)
        colliders.append(Collider("box", tuple(size.tolist()), tuple(pose.tolist())))  # type: ignore[arg-type]


def _stretch(ground: Ground, points: Array, meshes: list[Mesh], colliders: list[Collider]) -> None:
    """Wall segments between points (k,2), each level on top, with merlons, and towers every 48 m."""
    a, b = points[:-1], points[1:]
    run = b - a
    length = np.linalg.norm(run, axis=1)
    yaw = np.arctan2(run[:, 1], run[:, 0])
    low = np.minimum(ground.at(a), ground.at(b)) - 1.0
    high = np.maximum(ground.at(a), ground.at(b)) + _TALL_M
    middle = np.column_stack([(a + b) / 2, (low + high) / 2])
    size = np.column_stack([length + 0.7, np.full(len(length), _THICK_M), high - low])
    meshes.append(boxes(middle, size, yaw, _STONE))
    colliders += [
        Collider("box", tuple(s.tolist()), tuple(pose_array(m, y).tolist()))  # type: ignore[arg-type]
        for m, s, y in zip(middle, size, yaw, strict=True)
    ]
    share = np.array([-0.36, -0.12, 0.12, 0.36])
    unit = run / np.maximum(length[:, None], 1e-9)
    side = np.stack([-unit[:, 1], unit[:, 0]], -1)
    at = middle[:, None, :2] + share[None, :, None] * run[:, None] - 0.55 * side[:, None]
    tops = np.repeat(high, 4) + 0.4
    meshes.append(
        boxes(
            np.column_stack([at.reshape(-1, 2), tops]),
            np.column_stack(
                [np.repeat(length * 0.13, 4), np.full(4 * len(length), 0.5), np.full(4 * len(length), 0.85)]
            ),
            np.repeat(yaw, 4),
            _STONE,
        )
    )
    for index in range(0, len(points), 8):
        k = min(index, len(yaw) - 1)
        _tower(ground, points[index], float(yaw[k]), _TOWER_M, _TOWER_TALL_M, meshes, colliders)


def _tower(
    ground: Ground, place: Array, yaw: float, wide: float, tall: float, meshes: list[Mesh], colliders: list[Collider]
) -> None:
    around = place + wide / 2 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    low = float(ground.at(around).min()) - 1.0
    high = float(ground.at(place[None])[0]) + tall
    _box(np.array([*place, (low + high) / 2]), np.array([wide, wide, high - low]), yaw, meshes, colliders)
    cos, sin = np.cos(yaw), np.sin(yaw)
    turn = np.array([[cos, sin], [-sin, cos]])
    reach = wide / 2 - 0.3
    ring = np.array([[x, y] for x in (-reach, 0, reach) for y in (-reach, 0, reach) if x or y]) @ turn + place
    meshes.append(
        boxes(
            np.column_stack([ring, np.full(8, high + 0.45)]),
            np.tile([wide * 0.2, wide * 0.2, 0.9], (8, 1)),
            np.full(8, yaw),
            _STONE,
        )
    )


def _posts(
    ground: Ground,
    place: Array,
    out: Array,
    half: float,
    tall: float,
    wide: float,
    meshes: list[Mesh],
    colliders: list[Collider],
) -> None:
    side = np.array([-out[1], out[0]])
    yaw = float(np.arctan2(out[1], out[0]))
    for sign in (-1.0, 1.0):
        _tower(ground, place + sign * side * (half + 0.3 + wide / 2), yaw, wide, tall, meshes, colliders)


def _gates(
    ground: Ground, crossings: Sequence[tuple[Array, Array, float]], marks: Sequence[Landmark]
) -> list[tuple[int, Part]]:
    """Gates over the roads: two towers and the wall that joins them above the carriageway."""
    free = list(range(len(crossings)))
    found: list[tuple[int, Part]] = []
    for mark in marks:
        for _ in range(mark.count):
            if not free:
                return found
            goal = np.asarray(mark.at) if mark.at is not None else np.zeros(2)
            index = min(free, key=lambda k: float(np.linalg.norm(crossings[k][0] - goal)))
            free.remove(index)
            place, out, half = crossings[index]
            meshes: list[Mesh] = []
            colliders: list[Collider] = []
            _posts(ground, place, out, half, 9.2, 4.4, meshes, colliders)
            side, yaw = np.array([-out[1], out[0]]), float(np.arctan2(out[1], out[0]))
            level = float(ground.at(np.stack([place - side * half, place + side * half])).max())
            wide = 2 * half + 1.2
            low, high = level + 4.7, level + 7.6
            lintel = boxes(
                np.array([[*place, (low + high) / 2]]), np.array([[2.6, wide, high - low]]), np.array([yaw]), _STONE
            )
            crest = np.linspace(-wide / 2 + 0.5, wide / 2 - 0.5, 5)
            merlons = boxes(
                np.column_stack([place + crest[:, None] * side + out * 1.0, np.full(5, high + 0.4)]),
                np.tile([0.5, 0.8, 0.8], (5, 1)), np.full(5, yaw), _STONE,
            )  # fmt: skip
            colliders.append(Collider("hull", points=lintel.vertices))
            outline = Polygon(
                [place + s * side * (half + 4.7) + t * out * 2.2 for s, t in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
            )
            assert outline.area > 0
            part = Part(f"gate-{len(found) + 1}", "gate", "wall", merge([*meshes, lintel, merlons]), tuple(colliders))
            found.append((index, part))
    return found
