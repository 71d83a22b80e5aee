"""Closed shapes with outward triangles: boxes, cylinders, balls, lofts, tubes, prisms and thick sheets."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
Vector = Sequence[float] | Points
Path = Sequence[Any] | Points
"""Points (n,3) or rows of points (s,k,3), as an array or in nested sequences."""


class Shape(NamedTuple):
    """A closed surface in its own frame: `vertices` float64 (n,3) [m]; `triangles` int64 (m,3), outward."""

    vertices: Points
    triangles: NDArray[np.int64]


@cache
def box(top_x: float = 1.0, top_y: float = 1.0) -> Shape:
    """The unit box on the ground, x and y in ±0.5, z in 0..1; its top is scaled by (top_x, top_y)."""
    square = np.array([[-0.5, -0.5, 0.0], [0.5, -0.5, 0.0], [0.5, 0.5, 0.0], [-0.5, 0.5, 0.0]])
    return loft(np.stack([square, square * [top_x, top_y, 1.0] + [0.0, 0.0, 1.0]]))


@cache
def bevelled_box(bevel_x: float, bevel_y: float, bevel_z: float) -> Shape:
    """The unit box whose upright and upper edges are cut by these fractions of its sides."""
    x, y = 0.5 - bevel_x, 0.5 - bevel_y
    ring = np.array([[-x, -0.5], [x, -0.5], [0.5, -y], [0.5, y], [x, 0.5], [-x, 0.5], [-0.5, y], [-0.5, -y]])
    inner = ring * [1 - 2 * bevel_x, 1 - 2 * bevel_y]
    rings = [(ring, 0.0), (ring, 1.0 - bevel_z), (inner, 1.0)]
    return loft(np.stack([np.column_stack([r, np.full(len(r), z)]) for r, z in rings]))


@cache
def frustum(sides: int, top: float = 1.0) -> Shape:
    """A unit-radius cylinder of height 1 whose upper radius is `top`; 0 makes a cone."""
    return lathe(((1.0, 0.0), (top, 1.0)), sides)


@cache
def ball(detail: int) -> Shape:
    """A unit-radius sphere: 8 triangles at detail -1, 20 at 0, 80 at 1, 320 at 2."""
    if detail < 0:
        corners = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=float)
        faces = [[i, (i + 1) % 4, 4] for i in range(4)] + [[(i + 1) % 4, i, 5] for i in range(4)]
        return Shape(corners, np.array(faces))
    if detail == 0:
        turn = np.arange(5) * 2 * np.pi / 5
        high, wide = 1 / np.sqrt(5), 2 / np.sqrt(5)
        upper = np.column_stack([wide * np.cos(turn), wide * np.sin(turn), np.full(5, high)])
        lower = np.column_stack([wide * np.cos(turn + np.pi / 5), wide * np.sin(turn + np.pi / 5), np.full(5, -high)])
        corners = np.concatenate([[[0.0, 0.0, 1.0]], upper, lower, [[0.0, 0.0, -1.0]]])
        faces = []
        for i in range(5):
            u, v, p, q = 1 + i, 1 + (i + 1) % 5, 6 + i, 6 + (i + 1) % 5
            faces += [[0, u, v], [u, p, v], [v, p, q], [p, 11, q]]
        return oriented(Shape(corners, np.array(faces)))
    coarse = ball(detail - 1)
    edges = np.sort(coarse.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, inverse = np.unique(edges, axis=0, return_inverse=True)
    middles = coarse.vertices[unique].mean(axis=1)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    ab, bc, ca = (inverse.reshape(-1, 3) + len(coarse.vertices)).T
    a, b, c = coarse.triangles.T
    faces = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return Shape(np.concatenate([coarse.vertices, middles]), faces)


def lathe(profile: Sequence[tuple[float, float]], sides: int) -> Shape:
    """The profile (radius, z), from bottom to top, turned about z; a radius of 0 closes it with a point."""
    circle = _circle(sides)
    radius, z = np.asarray(profile, dtype=float).T
    rings = np.empty((len(radius), sides, 3))
    rings[..., :2] = radius[:, None, None] * circle
    rings[..., 2] = z[:, None]
    faces = _tipped_faces(len(radius), sides, bool(radius[0] < 1e-9), bool(radius[-1] < 1e-9))
    return Shape(rings.reshape(-1, 3), faces)


@cache
def torus(radius: float, thickness: float, sides: int, tube_sides: int) -> Shape:
    """A ring about z, centred on the origin; `radius` to the middle of the tube, `thickness` its radius."""
    turn, around = np.arange(sides) * 2 * np.pi / sides, np.arange(tube_sides) * 2 * np.pi / tube_sides
    reach = radius + thickness * np.cos(around)
    grid = np.stack(
        [reach * np.cos(turn)[:, None], reach * np.sin(turn)[:, None], np.tile(thickness * np.sin(around), (sides, 1))],
        axis=-1,
    )
    index = np.arange(sides * tube_sides).reshape(sides, tube_sides)
    a, b = index, np.roll(index, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(a, -1, axis=1)
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return oriented(Shape(grid.reshape(-1, 3), faces))


def loft(rings: Path, *, is_concave: bool = False) -> Shape:
    """A skin over closed rings (s,k,3) with flat ends; an end ring of one repeated point makes a tip.

    Ends are fans from the ring's first point, which needs convex rings, or ear-cut when `is_concave`.
    """
    rings = np.asarray(rings, dtype=float)
    count, around = rings.shape[:2]
    ends = [bool(np.abs(rings[i] - rings[i, 0]).max() < 1e-9) for i in (0, -1)]
    faces = _tipped_faces(count, around, *ends)
    if is_concave and not any(ends):
        cap = _ear_cut(rings[0])
        faces = np.concatenate([faces[: 2 * (count - 1) * around], cap[:, ::-1], cap + (count - 1) * around])
    return oriented(Shape(rings.reshape(-1, 3), faces))


def tube(points: Path, radii: ArrayLike, sides: int) -> Shape:
    """A round bar along a polyline (n,3) with a radius at each point; a radius of 0 at an end makes a tip."""
    points = np.asarray(points, dtype=float)
    return tubes(points[None], np.broadcast_to(np.asarray(radii, dtype=float), (1, len(points))), sides)


def tubes(points: Points, radii: Points, sides: int) -> Shape:
    """Many bars at once: polylines (n,p,3), radii (n,p); all or none of them end in a tip."""
    points, radii = np.asarray(points, dtype=float), np.asarray(radii, dtype=float)
    steps = points[:, 1:] - points[:, :-1]
    along = np.concatenate([steps[:, :1], steps[:, 1:] + steps[:, :-1], steps[:, -1:]], axis=1)
    along /= np.maximum(np.sqrt((along * along).sum(axis=-1, keepdims=True)), 1e-12)
    reference = np.eye(3)[np.argmin(np.abs(points[:, -1] - points[:, 0]), axis=-1)][:, None]
    across = reference - (along * reference).sum(axis=-1, keepdims=True) * along
    across /= np.sqrt((across * across).sum(axis=-1, keepdims=True))
    other = cross(along, across)
    circle = _circle(sides)
    rings = points[:, :, None] + radii[:, :, None, None] * (
        circle[:, :1] * across[:, :, None] + circle[:, 1:] * other[:, :, None]
    )
    faces = _tipped_faces(points.shape[1], sides, bool(radii[0, 0] < 1e-9), bool(radii[0, -1] < 1e-9))
    return Shape(rings.reshape(-1, 3), repeated(faces, len(points), points.shape[1] * sides))


def repeated(faces: NDArray[np.int64], count: int, stride: int) -> NDArray[np.int64]:
    """The triangles of `count` copies of a piece with `stride` vertices each, in one table."""
    if count == 1:
        return faces
    return (faces[None] + stride * np.arange(count)[:, None, None]).reshape(-1, 3)


def prism(outline: Path, depth: float) -> Shape:
    """A simple polygon (k,2), in x and y, extruded upwards by `depth`; it may be concave."""
    outline = np.asarray(outline, dtype=float)
    low = np.column_stack([outline, np.zeros(len(outline))])
    return loft(np.stack([low, low + [0.0, 0.0, depth]]), is_concave=True)


def sheet(one: Path, other: Path) -> Shape:
    """The solid between two grids of points (s,k,3) of the same shape: sails, awnings, leaves, open hulls."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    faces = _sheet_faces(*one.shape[:2])
    shape = Shape(np.concatenate([one.reshape(-1, 3), other.reshape(-1, 3)]), faces)
    corners = shape.vertices[faces]
    doubled = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return oriented(Shape(shape.vertices, faces[(doubled * doubled).sum(axis=1) > 1e-20]))


def thick(grid: Path, thickness: float) -> Shape:
    """A sheet of even thickness whose middle is the grid (s,k,3)."""
    grid = np.asarray(grid, dtype=float)
    normal = cross(_slope(grid), _slope(grid.swapaxes(0, 1)).swapaxes(0, 1))
    normal /= np.maximum(np.sqrt((normal * normal).sum(axis=-1, keepdims=True)), 1e-9)
    return sheet(grid + normal * thickness / 2, grid - normal * thickness / 2)


def _slope(grid: Points) -> Points:
    steps = grid[1:] - grid[:-1]
    return np.concatenate([steps[:1], steps[1:] + steps[:-1], steps[-1:]])


def oriented(shape: Shape) -> Shape:
    """The same shape with its triangles turned outward, by the sign of its volume."""
    return shape if volume(shape) >= 0 else Shape(shape.vertices, shape.triangles[:, ::-1])


def volume(shape: Shape) -> float:
    """Signed volume [m³]; positive when the triangles of a closed shape face outward."""
    corners = (shape.vertices - shape.vertices[0])[shape.triangles]
    return float((corners[:, 0] * cross(corners[:, 1], corners[:, 2])).sum() / 6)


def cross(a: Points, b: Points) -> Points:
    """Cross products of vectors (..., 3): like NumPy's, without its cost for small arrays."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


@cache
def _circle(sides: int) -> Points:
    turn = np.arange(sides) * 2 * np.pi / sides
    return np.column_stack([np.cos(turn), np.sin(turn)])


@cache
def _loft_faces(count: int, around: int) -> NDArray[np.int64]:
    index = np.arange(count * around).reshape(count, around)
    a, b = index[:-1], np.roll(index, -1, axis=1)[:-1]
    c, d = np.roll(index, -1, axis=1)[1:], index[1:]
    sides = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    fan = np.array([[0, i, i + 1] for i in range(1, around - 1)])
    return np.concatenate([sides, fan[:, ::-1], fan + (count - 1) * around])


@cache
def _tipped_faces(count: int, around: int, has_first_tip: bool, has_last_tip: bool) -> NDArray[np.int64]:
    faces = _loft_faces(count, around)
    if not has_first_tip and not has_last_tip:
        return faces
    table = np.arange(count * around)
    if has_first_tip:
        table[:around] = 0
    if has_last_tip:
        table[-around:] = (count - 1) * around
    faces = table[faces]
    a, b, c = faces.T
    return faces[(a != b) & (b != c) & (c != a)]


@cache
def _sheet_faces(rows: int, columns: int) -> NDArray[np.int64]:
    size = rows * columns
    index = np.arange(size).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    front = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    rim = np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])
    after = np.roll(rim, -1)
    edge = np.concatenate([np.stack([after, rim, rim + size], -1), np.stack([after, rim + size, after + size], -1)])
    return np.concatenate([front, front[:, ::-1] + size, edge])


def _ear_cut(ring: Points) -> NDArray[np.int64]:
    import mapbox_earcut

    spread = np.ptp(ring, axis=0)
    flat = np.ascontiguousarray(np.delete(ring, int(np.argmin(spread)), axis=1))
    cut = mapbox_earcut.triangulate_float64(flat, np.array([len(flat)], dtype=np.uint32))
    faces = np.asarray(cut, dtype=np.int64).reshape(-1, 3)
    a, b, c = np.moveaxis(flat[faces], 1, 0)
    u, v = b - a, c - a
    turns = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] < 0
    faces = np.where(turns[:, None], faces[:, ::-1], faces)
    after = np.roll(flat, -1, axis=0)
    is_clockwise = float((flat[:, 0] * after[:, 1] - flat[:, 1] * after[:, 0]).sum()) < 0
    return faces[:, ::-1] if is_clockwise else faces
