"""Levels of detail and colliders: which parts of an asset are drawn far away, and the solids around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bridge.meshes import mesh
from bridge.scene import Collider, Mesh
from scene_gen.kit.normals import smoothed
from scene_gen.kit.shapes import Points, Shape, cross, loft

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

    def placed(self, level: int) -> Shape:
        shape = self.make(level)
        vertices = shape.vertices @ self.linear.T
        vertices += self.offset
        return Shape(vertices, shape.triangles[:, ::-1] if self.is_mirrored else shape.triangles)


def levels_of_detail(parts: Sequence[Part], *, is_afloat: bool) -> tuple[Mesh, ...]:
    """Meshes from fine to coarse, each with fewer triangles.

    The second keeps the parts that make the outline, made more simply. The last is made of the parts that are for it
    alone, where there are such, with the largest others; so it is for thin things; else it is a stack of frustums in
    the fine one's colours.
    """
    fine = [part for part in parts if "0" in part.levels]
    placed = [part.placed(0) for part in fine]
    levels = [_joined(fine, placed, 0, is_afloat)]
    ranked = _by_weight(fine, placed)
    budget = int(COARSE_SHARE * len(levels[0].triangles))
    coarse = _chosen([part for part in ranked if "1" in part.levels], 1, budget, is_afloat)
    if coarse is not None:
        levels.append(coarse)
    budget = min(FAR_TRIANGLES, int(COARSE_SHARE * len(levels[-1].triangles)))
    own = [part for part in parts if part.levels == "2"]
    if own or _fullness(levels[0]) < THIN:
        far = _chosen(own + [part for part in ranked if "2" in part.levels], 2, budget, is_afloat)
    else:
        far = stacked(levels[0], max((budget - 4) // 8, 1))
    if far is not None and len(far.triangles) < len(levels[-1].triangles):
        levels.append(far)
    return tuple(levels)


def stacked(fine: Mesh, bands: int) -> Mesh:
    """Up to `bands` frustums on four sides, one above the other, as wide and of the colour that the mesh has there."""
    spots, area = _sampled(fine)
    low, high = spots.min(axis=0), spots.max(axis=0)
    cell = np.maximum(high - low, 1e-6) * 1.000001 / [STACK_CELLS, STACK_CELLS, bands]
    index = ((spots - low) / cell).astype(np.int64)
    band = index[:, 2]
    colors = _table(
        band, np.repeat(fine.material, len(area) // len(fine.triangles)), area, bands, len(fine.materials)
    ).argmax(axis=1)
    sides = np.empty((bands, 2, 2))
    for axis in (0, 1):
        share = np.cumsum(_table(band, index[:, axis], area, bands, STACK_CELLS), axis=1)
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


def _sampled(fine: Mesh) -> tuple[Points, NDArray[np.float64]]:
    """Points all over the surface (n,3) and the area each stands for (n,): more a triangle where those are few."""
    corners = fine.vertices.astype(np.float64)[fine.triangles]
    normal = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    spots = _spots(3 if len(corners) > 800 else 9)
    area = np.sqrt((normal * normal).sum(axis=1)) / len(spots)
    return (spots @ corners).reshape(-1, 3), np.repeat(area, len(spots))


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
        shape = part.placed(level)
        if total + len(shape.triangles) <= budget:
            chosen.append(part)
            coarse.append(shape)
            total += len(shape.triangles)
    return _joined(chosen, coarse, level, is_afloat) if chosen else None


def grounded(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same points (n,3), those below the ground lifted to it: feet that reach into it end there."""
    return np.maximum(vertices, [-np.inf, -np.inf, 0.0])


def fitted(shape: str, points: NDArray[np.float64]) -> Collider:
    """The upright box or cylinder, or the convex hull, around points (n,3)."""
    low, high = points.min(axis=0), points.max(axis=0)
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


def _by_weight(parts: Sequence[Part], placed: Sequence[Shape]) -> list[Part]:
    """First the parts that together make the outline, each the one that adds most to it, then the largest."""
    counts = [len(shape.vertices) for shape in placed]
    starts = np.cumsum([0, *counts[:-1]])
    vertices = np.concatenate([shape.vertices for shape in placed])
    size = np.maximum.reduceat(vertices, starts) - np.minimum.reduceat(vertices, starts)
    area = size[:, 0] * size[:, 1] + size[:, 1] * size[:, 2] + size[:, 2] * size[:, 0]
    by_area = np.argsort(-np.round(area, 5), kind="stable")
    masks = _outlines(placed, vertices, starts)[by_area]
    first: list[int] = []
    for _ in range(OUTLINE_PARTS):
        gain = masks.sum(axis=1)
        best = int(gain.argmax())
        if gain[best] == 0:
            break
        first.append(best)
        masks &= ~masks[best]
    rest = [i for i in range(len(parts)) if i not in first]
    return [parts[by_area[i]] for i in first + rest]


def _fullness(fine: Mesh) -> float:
    """The surface's area as a share of that of its bounding box: a lamp's is small, a crate's more than 1."""
    corners = fine.vertices.astype(np.float64)[fine.triangles]
    normal = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    x, y, z = np.ptp(fine.vertices.astype(np.float64), axis=0)
    return float(np.sqrt((normal * normal).sum(axis=1)).sum() / 4 / (x * y + y * z + z * x))


def _outlines(placed: Sequence[Shape], vertices: Points, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which cells of three pictures, from the side, from the front and from above, each part covers, shape (parts, cells)."""
    triangles = np.concatenate([shape.triangles + start for shape, start in zip(placed, starts, strict=True)])
    low = vertices.min(axis=0)
    cell = max(float(np.ptp(vertices, axis=0).max()), 1e-6) * 1.0001 / OUTLINE_CELLS
    corners = ((vertices - low) / cell)[triangles]
    spots = np.minimum((_spots(3) @ corners).astype(np.int64), OUTLINE_CELLS - 1)
    owner = np.repeat(np.arange(len(placed)), [len(shape.triangles) for shape in placed])[:, None]
    masks = np.zeros((len(placed), 3, OUTLINE_CELLS, OUTLINE_CELLS), dtype=bool)
    for view, (u, v) in enumerate(((0, 2), (1, 2), (0, 1))):
        masks[owner, view, spots[..., v], spots[..., u]] = True
    return masks.reshape(len(placed), -1)


def _joined(parts: Sequence[Part], placed: Sequence[Shape], level: int, is_afloat: bool) -> Mesh:
    """One mesh; creases are smoothed at the finest level, leaves at the first two."""
    names: dict[str, int] = {}
    for part in parts:
        names.setdefault(part.material, len(names))
    counts = [len(shape.triangles) for shape in placed]
    starts = np.cumsum([0] + [len(shape.vertices) for shape in placed[:-1]])
    vertices = np.concatenate([shape.vertices for shape in placed])
    vertices = vertices if is_afloat else grounded(vertices)
    triangles = np.concatenate([shape.triangles + start for shape, start in zip(placed, starts, strict=True)])
    material = np.repeat([names[part.material] for part in parts], counts)
    kept = [part.crease if level == 0 or part.crease == SOFT else FLAT for part in parts]
    if level == 2 or min(kept) >= FLAT:
        return mesh(vertices, triangles, tuple(names), material)
    vertices, triangles, normals, old = smoothed(vertices, triangles, np.repeat(kept, counts))
    return mesh(vertices, triangles, tuple(names), material[old], normals)
