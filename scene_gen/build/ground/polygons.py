"""Plane geometry for the ground: curves made smooth, polygons cut, and polygons made into slabs with thickness."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mapbox_earcut
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.meshes import mesh
from bridge.scene import Mesh

Array = NDArray[np.float64]
Height = Callable[[Array], Array]
"""Heights [m], shape (n,), of points (n,2)."""


def polygons_of(geometry: BaseGeometry, least_m2: float = 0.0) -> list[Polygon]:
    """The polygons of any geometry that are larger than `least_m2`, in a fixed order."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > least_m2 else []
    parts = shapely.get_parts(np.atleast_1d(np.asarray(geometry, dtype=object)))
    found = [p for p in _flat(parts) if isinstance(p, Polygon) and p.area > least_m2]
    return sorted(found, key=lambda p: (-round(p.area, 6), p.bounds))


def inset(geometry: BaseGeometry, by_m: float, **how: Any) -> BaseGeometry:
    """The geometry drawn in by `by_m`; `how` goes to shapely's buffer.

    GEOS 3.14 sometimes answers with nothing for a polygon with very short edges; then it is asked again with corners
    rounded to a centimetre.
    """
    shrunk = geometry.buffer(-by_m, **how)
    if shrunk.is_empty and geometry.area > by_m * by_m:
        return shapely.set_precision(geometry, 0.01).buffer(-by_m, **how)
    return shrunk


def lines_of(geometry: BaseGeometry, least_m: float = 0.0) -> list[LineString]:
    """The lines of any geometry that are longer than `least_m`; rings count as lines."""
    found: list[LineString] = []
    for part in _flat([geometry]):
        if isinstance(part, LineString) and part.length > least_m:
            found.append(LineString(part.coords))
    return found


def _flat(parts: Iterable[BaseGeometry]) -> Iterable[BaseGeometry]:
    for part in parts:
        if hasattr(part, "geoms"):
            yield from _flat(part.geoms)  # type: ignore[attr-defined]
        elif not part.is_empty:
            yield part


def ring(polygon: Polygon) -> Array:
    """The outer ring (k,2), open, counter-clockwise."""
    return np.asarray(shapely.orient_polygons(polygon).exterior.coords)[:-1, :2]


def holes(polygon: Polygon) -> tuple[Array, ...]:
    """The inner rings, open."""
    return tuple(np.asarray(inner.coords)[:-1, :2] for inner in polygon.interiors)


def resampled(line: Array, step_m: float) -> Array:
    """Points (n,2 or 3) evenly spaced about `step_m` along a polyline; both ends stay."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
    count = max(int(round(along[-1] / step_m)), 1)
    at = np.linspace(0.0, along[-1], count + 1)
    return np.stack([np.interp(at, along, line[:, k]) for k in range(line.shape[1])], axis=1)


def smoothed(line: Array, passes: int, *, closed: bool = False) -> Array:
    """A polyline whose points moved towards the means of their neighbours; ends of an open one stay."""
    line = line.copy()
    for _ in range(passes):
        if closed:
            line = 0.5 * line + 0.25 * (np.roll(line, 1, axis=0) + np.roll(line, -1, axis=0))
        elif len(line) > 2:
            line[1:-1] = 0.5 * line[1:-1] + 0.25 * (line[:-2] + line[2:])
    return line


def smooth_polygon(shape: BaseGeometry, step_m: float, passes: int, least_m2: float = 0.0) -> list[Polygon]:
    """Polygons with evenly resampled, smoothed rings; holes are kept when larger than `least_m2`."""
    found = []
    for polygon in polygons_of(shape, least_m2):
        rings = [r for r in (polygon.exterior, *polygon.interiors) if Polygon(r).area > least_m2]
        smooth = []
        for loop in rings:
            points = resampled(np.asarray(loop.coords)[:, :2], step_m)[:-1]
            if len(points) >= 4:
                smooth.append(smoothed(points, passes, closed=True))
        if smooth:
            found += polygons_of(shapely.make_valid(Polygon(smooth[0], smooth[1:])), least_m2)
    return found


def ring_sides(points: Array) -> tuple[Array, Array]:
    """Edge vectors (k,2) and their lengths (k,) of an open ring."""
    edges = np.roll(points, -1, axis=0) - points
    return edges, np.linalg.norm(edges, axis=1)


def oriented_box(points: Array) -> tuple[Array, float, float]:
    """The smallest box round points: unit vector of its long side (2,), length and width [m]."""
    hull = points if len(points) <= 24 else _hull(points)
    edges = np.roll(hull, -1, axis=0) - hull
    length_of = np.sqrt((edges * edges).sum(axis=1))
    edges, length_of = edges[length_of > 1e-6], length_of[length_of > 1e-6]
    axis = edges / length_of[:, None]
    along = axis @ hull.T
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1) @ hull.T
    size = np.stack([along.max(axis=1) - along.min(axis=1), across.max(axis=1) - across.min(axis=1)], axis=1)
    best = int(np.argmin(size[:, 0] * size[:, 1]))
    length, width = size[best]
    if length >= width:
        return axis[best], float(length), float(width)
    return np.array([-axis[best, 1], axis[best, 0]]), float(width), float(length)


def _hull(points: Array) -> Array:
    return shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(points)))[:-1]


def strip(line: Array, half_m: float) -> Polygon:
    """A strip of constant width round a polyline (k,2), cut square at its ends."""
    return LineString(line[:, :2]).buffer(half_m, cap_style="flat", join_style="round", quad_segs=4)


def rectangle(middle: Sequence[float] | Array, along: Array, length_m: float, width_m: float) -> Polygon:
    """A box round `middle` whose length runs along the unit vector `along`."""
    u = np.asarray(along) * length_m / 2
    v = np.array([-along[1], along[0]]) * width_m / 2
    m = np.asarray(middle)[:2]
    return Polygon([m - u - v, m + u - v, m + u + v, m - u + v])


def slab(
    shape: BaseGeometry,
    top: Height,
    *,
    lift_m: float = 0.0,
    depth_m: float | None = 0.4,
    bottom: Height | None = None,
    spacing_m: float = 4.0,
    material: str = "paving",
    side_material: str = "",
    skip_sides_in: BaseGeometry | None = None,
) -> Mesh | None:
    """A slab with its top at `top` + `lift_m` and sides `depth_m` down (or down to `bottom`); None if it has no area.

    Edges are divided so that none is longer than `spacing_m`. `depth_m` None leaves the sides away; sides whose
    middle lies in `skip_sides_in` are left away, too.
    """
    pieces = polygons_of(shape, 0.05)
    if not pieces:
        return None
    pieces = [part for piece in pieces for part in polygons_of(shapely.segmentize(piece, spacing_m))]
    corners = np.concatenate([_triangles(piece) for piece in pieces])
    flat = corners.reshape(-1, 2)
    ticks = np.rint(flat * 1e4).astype(np.int64)
    _, first, inverse = np.unique(ticks[:, 0] * (1 << 31) + ticks[:, 1], return_index=True, return_inverse=True)
    keys, triangles = ticks[first] / 1e4, inverse.reshape(-1, 3)
    a, b, c = keys[triangles[:, 0]], keys[triangles[:, 1]], keys[triangles[:, 2]]
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles = np.where(turn[:, None] < 0, triangles[:, ::-1], triangles)[np.abs(turn) > 1e-7]
    z = top(keys) + lift_m
    vertices, faces = [np.column_stack([keys, z])], [triangles]
    kinds = [np.zeros(len(triangles), dtype=int)]
    if depth_m is not None or bottom is not None:
        start, end = _boundary(pieces)
        if skip_sides_in is not None:
            middle = (start + end) / 2
            shapely.prepare(skip_sides_in)
            keep = ~shapely.contains_xy(skip_sides_in, middle[:, 0], middle[:, 1])
            start, end = start[keep], end[keep]
        if len(start):
            z0, z1 = top(start) + lift_m, top(end) + lift_m
            low0, low1 = (z0 - depth_m, z1 - depth_m) if bottom is None else (bottom(start), bottom(end))  # type: ignore[operator]
            quad = np.stack(
                [
                    np.column_stack([start, z0]),
                    np.column_stack([start, np.minimum(low0, z0)]),
                    np.column_stack([end, np.minimum(low1, z1)]),
                    np.column_stack([end, z1]),
                ],
                axis=1,
            )
            base = len(keys) + 4 * np.arange(len(start))
            vertices.append(quad.reshape(-1, 3))
            faces.append(np.concatenate([base[:, None] + [0, 1, 2], base[:, None] + [0, 2, 3]]))
            kinds.append(np.ones(2 * len(start), dtype=int))
    names = (material, side_material) if side_material and side_material != material else (material,)
    kind = np.minimum(np.concatenate(kinds), len(names) - 1)
    return mesh(np.concatenate(vertices), np.concatenate(faces), names, kind)


def _triangles(piece: Polygon) -> Array:
    """Triangles (n,3,2) of a polygon, no new points: constrained Delaunay, or ear cutting where GEOS finds no way."""
    try:
        faces = shapely.get_parts(shapely.constrained_delaunay_triangles(piece))
    except shapely.errors.GEOSException:
        loops = [np.asarray(loop.coords)[:-1, :2] for loop in (piece.exterior, *piece.interiors)]
        points = np.concatenate(loops)
        ends = np.cumsum([len(loop) for loop in loops]).astype(np.uint32)
        return points[mapbox_earcut.triangulate_float64(points, ends).reshape(-1, 3)]
    return shapely.get_coordinates(faces).reshape(-1, 4, 2)[:, :3]


def _boundary(pieces: Sequence[Polygon]) -> tuple[Array, Array]:
    """Starts and ends (n,2) of all edges, the inside on the left."""
    oriented = shapely.orient_polygons(shapely.multipolygons(pieces))
    rings_, index = shapely.get_coordinates(shapely.get_rings(oriented), return_index=True)
    same = index[1:] == index[:-1]
    return rings_[:-1][same], rings_[1:][same]


def boxes(middles: Array, sizes: Array, yaws: Array, material: str) -> Mesh:
    """Upright boxes as one mesh: `middles` (n,3), full `sizes` (n,3) [m], headings `yaws` (n,) [rad]."""
    unit = np.array([[x, y, z] for z in (-0.5, 0.5) for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))])
    quads = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    local = unit[None] * np.asarray(sizes)[:, None]
    cos, sin = np.cos(yaws)[:, None], np.sin(yaws)[:, None]
    turned = np.stack(
        [local[..., 0] * cos - local[..., 1] * sin, local[..., 0] * sin + local[..., 1] * cos, local[..., 2]], -1
    )
    points = turned + np.asarray(middles)[:, None]
    return mesh(
        points.reshape(-1, 3), (faces[None] + 8 * np.arange(len(points))[:, None, None]).reshape(-1, 3), (material,)
    )
