"""Levels of detail and colliders: which parts of an asset are drawn far away, and the solids around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.meshes import mesh
from bridge.scene import Collider, Mesh
from scene_gen.kit.normals import smoothed
from scene_gen.kit.shapes import Shape

FLAT, ROUND, SOFT = 1.0, 0.7, -1.0
"""Cosines of the angle up to which neighbouring faces are shaded as one: none, up to 45°, all."""

COARSE_SHARE = 0.4
"""The second level has at most this share of the first one's triangles."""
FAR_TRIANGLES = 60
"""The last level has at most so many triangles."""


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
    """Meshes from fine to coarse, each with fewer triangles; coarse ones keep the largest parts, made more simply."""
    fine = [part for part in parts if "0" in part.levels]
    placed = [part.placed(0) for part in fine]
    levels = [_joined(fine, placed, 0, is_afloat)]
    ranked = _by_area(fine, placed)
    budget = int(COARSE_SHARE * len(levels[0].triangles))
    for level in (1, 2):
        budget = min(budget, FAR_TRIANGLES) if level == 2 else budget
        candidates = [part for part in parts if str(level) in part.levels and "0" not in part.levels]
        candidates += [part for part in ranked if str(level) in part.levels]
        chosen, coarse, total = [], [], 0
        for part in candidates:
            if budget - total < 8:
                break
            shape = part.placed(level)
            if total + len(shape.triangles) <= budget:
                chosen.append(part)
                coarse.append(shape)
                total += len(shape.triangles)
        if chosen and total < len(levels[-1].triangles):
            levels.append(_joined(chosen, coarse, level, is_afloat))
    return tuple(levels)


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


def _by_area(parts: Sequence[Part], placed: Sequence[Shape]) -> list[Part]:
    """The parts whose bounding boxes have the largest faces first."""
    counts = [len(shape.vertices) for shape in placed]
    starts = np.cumsum([0, *counts[:-1]])
    vertices = np.concatenate([shape.vertices for shape in placed])
    size = np.maximum.reduceat(vertices, starts) - np.minimum.reduceat(vertices, starts)
    area = size[:, 0] * size[:, 1] + size[:, 1] * size[:, 2] + size[:, 2] * size[:, 0]
    return [parts[i] for i in np.argsort(-np.round(area, 5), kind="stable")]


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
