"""Levels of detail and colliders: which parts of an asset are drawn far away, and the solids around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.meshes import mesh
from bridge.scene import Collider, Mesh
from scene_gen.kit.normals import smoothed
from scene_gen.kit.shapes import Points, Shape, loft

FLAT, ROUND, SOFT = 1.0, 0.7, -1.0
"""Cosines of the angle up to which neighbouring faces are shaded as one: none, up to 45°, all."""

COARSE_SHARE = 0.4
"""The second level has at most this share of the first one's triangles."""
FAR_TRIANGLES = 60
"""The last level has at most so many triangles."""
THIN = 0.27
"""Fullness below which a thing is thin: its last level is made of its parts."""
OUTLINE_CELLS, OUTLINE_PARTS, STACK_CELLS = 16, 10, 48


@dataclass(frozen=True, eq=False)
class Part:
    """A closed shape by level of detail, placed by `linear` (3,3) and `offset` (3,) [m], shown at `levels`."""

    make: Callable[[int], Shape]
    linear: NDArray[np.float64]
    offset: NDArray[np.float64]
    material: str
    crease: float
    levels: str
    is_mirrored: bool


class Placed(NamedTuple):
    """Parts in the asset's frame, one after another: `starts`, `counts` and `faces` are their vertices and triangles."""

    parts: Sequence[Part]
    vertices: Points
    triangles: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    faces: NDArray[np.int64]


def placed(parts: Sequence[Part], shapes: Sequence[Shape]) -> Placed:
    """The parts' shapes moved to where they belong."""
    counts = np.array([len(shape.vertices) for shape in shapes])
    faces = np.array([len(shape.triangles) for shape in shapes])
    starts = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(parts)), counts)
    linear = np.array([part.linear for part in parts])
    vertices = np.einsum("nij,nj->ni", linear[owner], np.concatenate([shape.vertices for shape in shapes]))
    vertices += np.array([part.offset for part in parts])[owner]
    triangles = np.concatenate(
        [s.triangles[:, ::-1] if part.is_mirrored else s.triangles for part, s in zip(parts, shapes, strict=True)]
    )
    return Placed(parts, vertices, triangles + np.repeat(starts, faces)[:, None], starts, counts, faces)


def levels_of_detail(parts: Sequence[Part], all_fine: Placed, *, is_afloat: bool) -> tuple[Mesh, ...]:
    """Meshes from fine to coarse, each with fewer triangles. `all_fine` is every part at the finest level.

    The second keeps the parts that make the outline, made more simply. The last is made of the parts that are for it
    alone, where there are such, with the largest others; so it is for thin things; else it is a stack of frustums in
    the fine one's colours.
    """
    fine = _kept(all_fine, np.array(["0" in part.levels for part in parts]))
    levels = [_joined(fine, 0, is_afloat)]
    ranked = _by_weight(fine)
    budget = int(COARSE_SHARE * len(levels[0].triangles))
    coarse = _chosen([part for part in ranked if "1" in part.levels], 1, budget, is_afloat)
    if coarse is not None:
        levels.append(coarse)
    budget = min(FAR_TRIANGLES, int(COARSE_SHARE * len(levels[-1].triangles)))
    own = [part for part in parts if part.levels == "2"]
    surface = _surface(levels[0])
    if own or surface.fullness < THIN:
        far = _chosen(own + [part for part in ranked if "2" in part.levels], 2, budget, is_afloat)
    else:
        far = _stacked(levels[0], surface, max((budget - 4) // 8, 1))
    if far is not None and len(far.triangles) < len(levels[-1].triangles):
        levels.append(far)
    return tuple(levels)


def _kept(every: Placed, is_kept: NDArray[np.bool_]) -> Placed:
    """Some of the parts; the vertices of all stay where they are."""
    if is_kept.all():
        return every
    mask = np.repeat(is_kept, every.faces)
    used = np.repeat(is_kept, every.counts)
    counts, faces = every.counts[is_kept], every.faces[is_kept]
    triangles = (np.cumsum(used) - 1)[every.triangles[mask]]
    parts = [part for part, is_in in zip(every.parts, is_kept, strict=True) if is_in]
    return Placed(parts, every.vertices[used], triangles, np.cumsum(counts) - counts, counts, faces)


class _Surface(NamedTuple):
    """What the far level needs of the fine one: `corners` (3,m,3), axis first, `area` (m,) [m²], `low`, `high` (3,)."""

    corners: NDArray[np.float64]
    area: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def fullness(self) -> float:
        """The surface's area as a share of that of its bounding box: a lamp's is small, a crate's more than 1."""
        x, y, z = self.high - self.low
        return float(self.area.sum() / 2 / (x * y + y * z + z * x))


def _surface(fine: Mesh) -> _Surface:
    columns = np.ascontiguousarray(fine.vertices.T, dtype=np.float64)
    corners = columns[:, fine.triangles]
    u, v = corners[..., 1] - corners[..., 0], corners[..., 2] - corners[..., 0]
    x, y, z = u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
    return _Surface(corners, np.sqrt(x * x + y * y + z * z) / 2, columns.min(axis=1), columns.max(axis=1))


def _stacked(fine: Mesh, surface: _Surface, bands: int) -> Mesh:
    """Up to `bands` frustums on four sides, one above the other, as wide and of the colour that the mesh has there."""
    count = len(surface.area)
    spots = _spots(2 if count > 800 else 3 if count > 300 else 9)
    area = np.repeat(surface.area, len(spots))
    low, high = surface.low, surface.high
    cell = np.maximum(high - low, 1e-6) * 1.000001 / [STACK_CELLS, STACK_CELLS, bands]
    inside = (surface.corners - low[:, None, None]) / cell[:, None, None]
    x, y, band = (inside @ spots.T).astype(np.int64).reshape(3, -1)
    colors = _table(band, np.repeat(fine.material, len(spots)), area, bands, len(fine.materials)).argmax(axis=1)
    sides = np.empty((bands, 2, 2))
    for axis, column in ((0, x), (1, y)):
        share = np.cumsum(_table(band, column, area, bands, STACK_CELLS), axis=1)
        share /= np.maximum(share[:, -1:], 1e-12)
        first, last = (share < 0.03).sum(axis=1), (share < 0.97).sum(axis=1)
        sides[:, axis, 0], sides[:, axis, 1] = low[axis] + first * cell[axis], low[axis] + (last + 1) * cell[axis]
    is_bare = np.bincount(band, area, bands) == 0
    for empty in np.flatnonzero(is_bare):
        sides[empty], colors[empty] = sides[empty - 1], colors[empty - 1]
    rims = np.concatenate([sides[:1], (sides[1:] + sides[:-1]) / 2, sides[-1:]])
    cuts = low[2] + cell[2] * np.arange(bands + 1)
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    shape = loft(np.stack([np.stack([rims[:, 0, i], rims[:, 1, j], cuts], axis=-1) for i, j in corners], axis=1))
    each = np.repeat(colors, 4)
    material = np.concatenate([each, each, np.repeat(colors[[0, -1]], 2)])
    used = np.unique(material)
    return mesh(shape.vertices, shape.triangles, [fine.materials[i] for i in used], np.searchsorted(used, material))


@cache
def _spots(steps: int) -> Points:
    """Barycentric weights of points evenly over a triangle, its edges included, shape (n,3)."""
    pairs = [(i, j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    return np.array([(i, j, steps - i - j) for i, j in pairs]) / steps


def _table(
    row: NDArray[np.int64], column: NDArray, weight: NDArray[np.float64], rows: int, columns: int
) -> NDArray[np.float64]:
    """Sums of weights by row and column, shape (rows, columns)."""
    sums = np.bincount(row * columns + column, weight, rows * columns)
    return sums.astype(np.float64).reshape(rows, columns)


def _chosen(candidates: Sequence[Part], level: int, budget: int, is_afloat: bool) -> Mesh | None:
    """The first candidates that fit into a budget of triangles, joined."""
    chosen, coarse, total = [], [], 0
    for part in candidates:
        if budget - total < 8:
            break
        shape = part.make(level)
        if total + len(shape.triangles) <= budget:
            chosen.append(part)
            coarse.append(shape)
            total += len(shape.triangles)
    return _joined(placed(chosen, coarse), level, is_afloat) if chosen else None


def grounded(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same points (n,3), those below the ground lifted to it: feet that reach into it end there."""
    lifted = vertices.copy()
    np.maximum(lifted[:, 2], 0.0, out=lifted[:, 2])
    return lifted


def fitted(shape: str, points: NDArray[np.float64]) -> Collider:
    """The upright box or cylinder, or the convex hull, around points (n,3)."""
    columns = np.ascontiguousarray(points.T)
    low, high = columns.min(axis=1), columns.max(axis=1)
    (lx, ly, lz), (x, y, z) = (high - low).tolist(), ((low + high) / 2).tolist()
    pose = (x, y, z, 1.0, 0.0, 0.0, 0.0)
    if shape == "hull":
        unique = np.unique(np.round(points, 4), axis=0).astype(np.float32)
        unique.setflags(write=False)
        return Collider("hull", points=unique)
    if shape == "box":
        return Collider("box", (lx, ly, lz), pose)
    width = max(lx, ly)
    return Collider("cylinder", (width, width, lz), pose)


def _by_weight(fine: Placed) -> list[Part]:
    """First the parts that together make the outline, each the one that adds most to it, then the largest."""
    columns = np.ascontiguousarray(fine.vertices.T)
    x, y, z = np.maximum.reduceat(columns, fine.starts, axis=1) - np.minimum.reduceat(columns, fine.starts, axis=1)
    by_area = np.argsort(-np.round(x * y + y * z + z * x, 5), kind="stable")
    masks = _outlines(fine, columns)[by_area]
    first: list[int] = []
    for _ in range(OUTLINE_PARTS):
        gain = np.bitwise_count(masks).sum(axis=1)
        best = int(gain.argmax())
        if gain[best] == 0:
            break
        first.append(best)
        masks &= ~masks[best]
    rest = [i for i in range(len(by_area)) if i not in first]
    return [fine.parts[by_area[i]] for i in first + rest]


def _outlines(fine: Placed, columns: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Which cells of three pictures, from the side, the front and above, each part covers: bits, shape (parts, words)."""
    low = columns.min(axis=1, keepdims=True)
    cell = max(float((columns.max(axis=1, keepdims=True) - low).max()), 1e-6) * 1.0001 / OUTLINE_CELLS
    corners = ((columns - low) / cell)[:, fine.triangles]
    spots = _spots(3 if len(fine.triangles) < 400 else 2)
    x, y, z = np.minimum((corners @ spots.T).astype(np.int32), OUTLINE_CELLS - 1)
    owner = np.repeat(np.arange(len(fine.parts), dtype=np.int32), fine.faces)[:, None]
    masks = np.zeros((len(fine.parts), 3, OUTLINE_CELLS * OUTLINE_CELLS), dtype=bool)
    flat = masks.reshape(-1)
    for view, (u, v) in enumerate(((x, z), (y, z), (x, y))):
        flat[((owner * 3 + view) * OUTLINE_CELLS + v) * OUTLINE_CELLS + u] = True
    return np.packbits(masks.reshape(len(fine.parts), -1), axis=1).view(np.uint64)


def _joined(made: Placed, level: int, is_afloat: bool) -> Mesh:
    """One mesh; creases are smoothed at the finest level, leaves at the first two."""
    names: dict[str, int] = {}
    for part in made.parts:
        names.setdefault(part.material, len(names))
    vertices = made.vertices if is_afloat else grounded(made.vertices)
    material = np.repeat([names[part.material] for part in made.parts], made.faces)
    kept = [part.crease if level == 0 or part.crease == SOFT else FLAT for part in made.parts]
    if level == 2 or min(kept) >= FLAT:
        return mesh(vertices, made.triangles, tuple(names), material)
    vertices, triangles, normals, old = smoothed(vertices, made.triangles, np.repeat(kept, made.faces))
    return mesh(vertices, triangles, tuple(names), material[old], normals)
