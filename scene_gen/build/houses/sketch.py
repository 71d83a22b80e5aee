"""A sketch of many buildings as rows of simple solids, which become meshes all at once.

The grammar writes rows (a box, a slab, a window ...) in upright local frames; NumPy turns every row of a sort into
triangles in one go. In the frame of a wall x runs along it, y points into the house and z up, so that -y is outside
and the corners of a face that is seen from outside run counter-clockwise in (x, z).
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from bridge.frames import read_only
from bridge.meshes import mesh
from bridge.scene import Mesh

Array = NDArray[np.float64]
Block = tuple[NDArray[np.int64], Array, NDArray[np.int64], NDArray[np.int64]]
"""Frames (n,), vertices (n,k,3), triangles (t,3) of the template, materials (n,t)."""

FRONT, RIGHT, BACK, LEFT, TOP, BOTTOM = 1, 2, 4, 8, 16, 32
STANDING = FRONT | RIGHT | BACK | LEFT | TOP
"""A box on the ground: all faces but the lower one."""
PROUD = FRONT | RIGHT | LEFT | TOP | BOTTOM
"""A box on a wall: all faces but the one on the wall."""
ALL = STANDING | BOTTOM

_FACES = ((0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6), (4, 5, 7, 6), (0, 2, 3, 1))
_ARC = 6


class Sketch:
    """Rows of solids, each in a frame of its owner; `meshes` gives one mesh an owner, in the world frame."""

    def __init__(self) -> None:
        self._frames: list[tuple[float, float, float, float, float, int]] = []
        self._material_ids: dict[str, int] = {}
        self._rows: dict[tuple, list[tuple]] = defaultdict(list)

    def frame(self, owner: int, x: float, y: float, z: float, yaw_rad: float) -> int:
        """A new upright frame in the world for solids of `owner`."""
        self._frames.append((x, y, z, math.cos(yaw_rad), math.sin(yaw_rad), owner))
        return len(self._frames) - 1

    def within(self, parent: int, x: float, y: float, z: float = 0.0, yaw_rad: float = 0.0) -> int:
        """A new frame at a place in another one."""
        ox, oy, oz, c, s, owner = self._frames[parent]
        dc, ds = math.cos(yaw_rad), math.sin(yaw_rad)
        self._frames.append((ox + c * x - s * y, oy + s * x + c * y, oz + z, c * dc - s * ds, s * dc + c * ds, owner))
        return len(self._frames) - 1

    def to_world(self, frame: int, points: Sequence[Sequence[float]]) -> Array:
        """World coordinates (n,3) of points (n,2) or (n,3) in a frame."""
        ox, oy, oz, c, s, _ = self._frames[frame]
        local = np.asarray(points, dtype=np.float64).reshape(len(points), -1)
        z = local[:, 2] if local.shape[1] == 3 else np.zeros(len(local))
        return np.stack(
            [ox + c * local[:, 0] - s * local[:, 1], oy + s * local[:, 0] + c * local[:, 1], oz + z], axis=1
        )

    def yaw(self, frame: int) -> float:
        """Direction of a frame's x axis in the world [rad]."""
        return math.atan2(self._frames[frame][4], self._frames[frame][3])

    def _id(self, name: str) -> int:
        return self._material_ids.setdefault(name, len(self._material_ids))

    def box(
        self,
        frame: int,
        x: tuple[float, float],
        y: tuple[float, float],
        z: tuple[float, float],
        material: str,
        faces: int = STANDING,
    ) -> None:
        """A box between the bounds, with only the `faces` named."""
        self._rows["box", faces].append((frame, self._id(material), x[0], x[1], y[0], y[1], z[0], z[1]))

    def flat(self, frame: int, x: tuple[float, float], z: tuple[float, float], material: str, y: float = -0.03) -> None:
        """A rectangle parallel to a wall, seen from outside."""
        self._rows["box", FRONT].append((frame, self._id(material), x[0], x[1], y, y, z[0], z[1]))

    def polygon(self, frame: int, points: Sequence[tuple[float, float, float]], material: str) -> None:
        """A convex flat polygon, counter-clockwise from the side it is seen from."""
        self._rows["polygon", len(points)].append(
            (frame, self._id(material), *[value for point in points for value in point])
        )

    def slab(
        self,
        frame: int,
        points: Sequence[tuple[float, float, float]],
        thickness: float,
        material: str,
        edge: str | None = None,
    ) -> None:
        """A plate whose upper side is a convex polygon, counter-clockwise from above, `thickness` deep."""
        self._rows["slab", len(points)].append(
            (frame, self._id(material), self._id(edge or material), thickness, *[v for point in points for v in point])
        )

    def beam(
        self,
        frame: int,
        start: tuple[float, float],
        end: tuple[float, float],
        width: float,
        material: str,
        proud: float = 0.04,
        y: float = 0.0,
    ) -> None:
        """A timber on a wall from one (x, z) to another."""
        self._rows[("beam",)].append((frame, self._id(material), *start, *end, width, proud, y))

    def frustum(
        self,
        frame: int,
        centre: tuple[float, float],
        z: tuple[float, float],
        radius: tuple[float, float],
        material: str,
        sides: int = 12,
        phase: float = 0.0,
    ) -> None:
        """The side of an upright cone or cylinder, without discs; a cone (radius 0 at the top) has its underside."""
        kind = "side" if radius[1] > 0.0 else "cone" if z[1] > z[0] + 0.2 else "disc"
        self._rows["frustum", sides, kind].append((frame, self._id(material), *centre, *z, *radius, phase))

    def lathe(
        self,
        frame: int,
        centre: tuple[float, float],
        profile: Sequence[tuple[float, float]],
        material: str,
        sides: int = 12,
        phase: float = 0.0,
    ) -> None:
        """A turned shape: `profile` lists (radius, z) from the bottom up."""
        for (r0, z0), (r1, z1) in pairwise(profile):
            self.frustum(frame, centre, (z0, z1), (r0, r1), material, sides, phase)

    def window(
        self,
        frame: int,
        x: float,
        z: float,
        size: tuple[float, float],
        frame_material: str,
        glass: str,
        *,
        border: float = 0.09,
        proud: float = 0.07,
        shape: str = "plain",
        y: float = 0.0,
    ) -> None:
        """A pane behind a bevelled surround; `x` its middle, `z` its sill; shape plain, round or pointed."""
        self._rows["window", shape].append(
            (frame, self._id(frame_material), self._id(glass), x, y, z, *size, border, proud)
        )

    def pane(
        self,
        frame: int,
        x: float,
        z: float,
        size: tuple[float, float],
        frame_material: str,
        glass: str,
        *,
        sill: str = "",
        bar: bool = True,
        y: float = 0.0,
    ) -> None:
        """A window of few faces: glass before a board, one upright bar and perhaps a sill."""
        trim = self._id(sill or frame_material)
        self._rows["pane", bar, bool(sill)].append(
            (frame, self._id(frame_material), self._id(glass), trim, x, y, z, *size)
        )

    def meshes(self, owners: int) -> tuple[Mesh, ...]:
        """One flat-shaded mesh an owner, 0 to owners - 1."""
        blocks = [_EXPAND[key[0]](_table(rows), *key[1:]) for key, rows in self._rows.items()]
        if not blocks:
            return tuple(mesh(np.zeros((0, 3)), np.zeros((0, 3)), ()) for _ in range(owners))
        return _by_owner(np.array(self._frames), blocks, tuple(self._material_ids), owners)


def _table(rows: list[tuple]) -> Array:
    width = len(rows[0])
    return np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * width).reshape(-1, width)


def _by_owner(frames: Array, blocks: list[Block], names: tuple[str, ...], owners: int) -> tuple[Mesh, ...]:
    vertices, vertex_owner, triangles, materials, triangle_owner = [], [], [], [], []
    start = 0
    for index, local, template, material in blocks:
        count, corners = local.shape[:2]
        ox, oy, oz, c, s, owner = frames[index].T[..., None]
        world = np.empty((count, corners, 3))
        x, y = local[..., 0], local[..., 1]
        world[..., 0] = ox + c * x - s * y
        world[..., 1] = oy + s * x + c * y
        world[..., 2] = oz + local[..., 2]
        vertices.append(world.reshape(-1, 3))
        of = owner[:, 0].astype(np.int32)
        vertex_owner.append(np.repeat(of, corners))
        offsets = start + corners * np.arange(count, dtype=np.int32)
        triangles.append((offsets[:, None, None] + template.astype(np.int32)).reshape(-1, 3))
        materials.append(material.reshape(-1))
        triangle_owner.append(np.repeat(of, len(template)))
        start += count * corners
    owner_of = np.concatenate(vertex_owner)
    order = np.argsort(owner_of, kind="stable")
    points = read_only(np.concatenate(vertices)[order], np.float32)
    point_ends = np.searchsorted(owner_of[order], np.arange(owners + 1)).astype(np.int32)
    position = np.empty(len(order), dtype=np.int32)
    position[order] = np.arange(len(order), dtype=np.int32) - np.repeat(point_ends[:-1], np.diff(point_ends))
    face_owner = np.concatenate(triangle_owner)
    face_order = np.argsort(face_owner, kind="stable")
    face_owner = face_owner[face_order]
    faces = read_only(position[np.concatenate(triangles)[face_order]], np.int32)
    material = np.concatenate(materials)[face_order]
    face_ends = np.searchsorted(face_owner, np.arange(owners + 1))
    used = np.zeros((owners, len(names)), dtype=bool)
    used[face_owner, material] = True
    material = read_only((np.cumsum(used, axis=1) - 1)[face_owner, material], np.uint16)
    made = []
    for owner in range(owners):
        points_of = slice(point_ends[owner], point_ends[owner + 1])
        faces_of = slice(face_ends[owner], face_ends[owner + 1])
        own = tuple(names[i] for i in np.flatnonzero(used[owner]))
        made.append(mesh(points[points_of], faces[faces_of], own, material[faces_of]))
    return tuple(made)


def _fan(count: int, first: int = 0) -> list[tuple[int, int, int]]:
    return [(first, first + i, first + i + 1) for i in range(1, count - 1)]


def _quads(quads: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    return np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], dtype=np.int64)


def _same(rows: Array, column: int, triangles: int) -> NDArray[np.int64]:
    return np.repeat(rows[:, column : column + 1].astype(np.int64), triangles, axis=1)


def _boxes(rows: Array, faces: int) -> Block:
    bounds = rows[:, 2:8]
    named = [face for bit, face in enumerate(_FACES) if faces >> bit & 1]
    corners = sorted({corner for face in named for corner in face})
    local = np.stack(
        [np.stack([bounds[:, i & 1], bounds[:, 2 + (i >> 1 & 1)], bounds[:, 4 + (i >> 2)]], axis=1) for i in corners],
        axis=1,
    )
    template = _quads([[corners.index(corner) for corner in face] for face in named])
    return rows[:, 0].astype(np.int64), local, template, _same(rows, 1, len(template))


def _polygons(rows: Array, count: int) -> Block:
    template = np.array(_fan(count), dtype=np.int64)
    return rows[:, 0].astype(np.int64), rows[:, 2:].reshape(-1, count, 3), template, _same(rows, 1, len(template))


def _slabs(rows: Array, count: int) -> Block:
    top = rows[:, 4:].reshape(-1, count, 3)
    bottom = top - rows[:, 3][:, None, None] * np.array([0.0, 0.0, 1.0])
    sides = _quads([(count + i, count + (i + 1) % count, (i + 1) % count, i) for i in range(count)])
    under = [(a, c, b) for a, b, c in _fan(count, count)]
    template = np.concatenate([np.array(_fan(count)), np.array(under), sides])
    material = np.concatenate([_same(rows, 1, count - 2), _same(rows, 2, len(template) - count + 2)], axis=1)
    return rows[:, 0].astype(np.int64), np.concatenate([top, bottom], axis=1), template, material


def _beams(rows: Array) -> Block:
    start, end, width, proud, y = rows[:, 2:4], rows[:, 4:6], rows[:, 6:7], rows[:, 7:8], rows[:, 8:9]
    along = end - start
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    side = np.stack([-along[:, 1], along[:, 0]], axis=1) * width / 2
    loop = np.stack([start - side, end - side, end + side, start + side], axis=1)
    depth = np.stack([np.broadcast_to(y, (len(rows), 4)), np.broadcast_to(y - proud, (len(rows), 4))], axis=1)
    local = np.stack([np.tile(loop[..., 0], 2), depth.reshape(len(rows), 8), np.tile(loop[..., 1], 2)], axis=2)
    template = _quads([(4, 5, 6, 7), (0, 1, 5, 4), (2, 3, 7, 6)])
    return rows[:, 0].astype(np.int64), local, template, _same(rows, 1, len(template))


def _frusta(rows: Array, sides: int, kind: str) -> Block:
    cx, cy, z0, z1, r0, r1, phase = (rows[:, column : column + 1] for column in range(2, 9))
    angle = phase + 2 * np.pi * np.arange(sides) / sides
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    centre = np.stack([cx, cy], axis=-1)

    def level(radius: Array, z: Array) -> Array:
        return np.concatenate(
            [centre + ring * radius[..., None], np.broadcast_to(z[..., None], (len(rows), sides, 1))], axis=-1
        )

    lower = level(r0, z0)
    following = [(i + 1) % sides for i in range(sides)]
    if kind != "side":
        apex = np.concatenate([centre, z1[..., None]], axis=-1)
        under = [(a, c, b) for a, b, c in _fan(sides)] if kind == "cone" else []
        template = np.array([(i, j, sides) for i, j in enumerate(following)] + under, dtype=np.int64)
        local = np.concatenate([lower, apex], axis=1)
    else:
        template = _quads([(i, j, sides + j, sides + i) for i, j in enumerate(following)])
        local = np.concatenate([lower, level(r1, z1)], axis=1)
    return rows[:, 0].astype(np.int64), local, template, _same(rows, 1, len(template))


def _windows(rows: Array, shape: str) -> Block:
    x, y, z, width, height, border, proud = (rows[:, column : column + 1] for column in range(3, 10))
    if shape == "plain":
        u = np.array([-0.5, 0.5, 0.5, -0.5])
        v = np.array([0.0, 0.0, 1.0, 1.0]) * height
    else:
        angle = np.linspace(0, np.pi, _ARC + 1)
        rise = np.minimum(width * (0.5 if shape == "round" else 0.85), 0.7 * height)
        gothic = np.sqrt(np.maximum(1 - (0.5 + 0.5 * np.abs(np.cos(angle))) ** 2, 0)) / math.sqrt(0.75)
        sine = np.sin(angle) if shape == "round" else gothic
        u = np.concatenate([[-0.5, 0.5], 0.5 * np.cos(angle)])
        v = np.concatenate([np.zeros((len(rows), 2)), height - rise + rise * sine], axis=1)
    count = len(u)
    middle = height / 2

    def loop(margin: Array, out: Array) -> Array:
        across = u * (width + 2 * margin)
        up = middle + (v - middle) * (1 + 2 * margin / height)
        return np.stack([x + across, np.broadcast_to(y - out, across.shape), z + up], axis=2)

    zero = np.zeros_like(border)
    local = np.concatenate([loop(border, zero), loop(border * 0.55, proud), loop(zero, proud * 0.35)], axis=1)
    rings = [
        (level + i, level + (i + 1) % count, level + count + (i + 1) % count, level + count + i)
        for level in (0, count)
        for i in range(count)
    ]
    template = np.concatenate([_quads(rings), np.array(_fan(count, 2 * count))])
    material = np.concatenate([_same(rows, 1, 4 * count), _same(rows, 2, count - 2)], axis=1)
    return rows[:, 0].astype(np.int64), local, template, material


def _panes(rows: Array, bar: bool, sill: bool) -> Block:
    x, y, z, width, height = (rows[:, column] for column in range(4, 9))
    left, right, top = x - width / 2, x + width / 2, z + height

    def upright(x0: Array, x1: Array, z0: Array, z1: Array, out: float) -> Array:
        return np.stack(
            [np.stack([a, y - out, b], axis=1) for a, b in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))], axis=1
        )

    loops = [upright(left - 0.07, right + 0.07, z - 0.07, top + 0.07, 0.03), upright(left, right, z, top, 0.05)]
    columns = [1, 2]
    if bar:
        loops.append(upright(x - 0.03, x + 0.03, z, top, 0.07))
        columns.append(1)
    if sill:
        front = upright(left - 0.12, right + 0.12, z - 0.14, z - 0.04, 0.13)
        upper = front[:, [3, 2, 2, 3]] + np.array([[0.0, 0, 0], [0, 0, 0], [0, 0.13, 0], [0, 0.13, 0]])
        loops += [front, upper]
        columns += [3, 3]
    template = _quads([(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3) for i in range(len(loops))])
    material = np.concatenate([_same(rows, column, 2) for column in columns], axis=1)
    return rows[:, 0].astype(np.int64), np.concatenate(loops, axis=1), template, material


_EXPAND = {
    "box": _boxes,
    "polygon": _polygons,
    "slab": _slabs,
    "beam": _beams,
    "frustum": _frusta,
    "window": _windows,
    "pane": _panes,
}
