"""Branching wood and single clumps of leaves: what trees stand on, and what grows in pots."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.builder import SOFT, Builder
from scene_gen.kit.shapes import Points, Shape, Vector


def clump(b: Builder, material: str, size: Vector, at: Vector, rng: np.random.Generator, *,
          rough: float = 0.16, detail: int = 1, sag: float = 0.0) -> None:  # fmt: skip
    """A clump of leaves of full extents `size` about `at`: a ball with a ragged skin, flatter below.

    `sag` pulls the lower half down, as on a willow.
    """
    fine = shapes.ball(detail).vertices
    grow = 1 + rng.uniform(-rough, rough, len(fine))
    skin = fine * grow[:, None]
    skin[:, 2] = np.where(skin[:, 2] < 0, skin[:, 2] * (0.75 + sag), skin[:, 2])
    triangles = shapes.ball(detail).triangles
    coarse = shapes.ball(max(detail - 1, 0))
    few = skin[: len(coarse.vertices)] if detail else skin
    far = shapes.ball(-1)

    def make(level: int) -> Shape:
        if level == 0:
            return Shape(skin, triangles)
        return Shape(few, coarse.triangles) if level == 1 else far

    b.add(material, make, at, yaw=float(rng.uniform(0, 6.28)), scale=np.asarray(size) / 2, crease=SOFT)


def trunk(b: Builder, material: str, height: float, radius: float, rng: np.random.Generator, *, lean: float = 0.05,
          top: float = 0.55, sides: int = 8, flare: float = 1.45) -> Points:  # fmt: skip
    """A trunk with a flared foot, a little crooked; returns its upper end. It is the tree's collider."""
    z = np.array([0.0, 0.08, 0.35, 0.7, 1.0]) * height
    drift = np.cumsum(rng.normal(0, lean * height / 4, (5, 2)), axis=0)
    drift -= drift[0]
    points = np.column_stack([drift, z])
    radii = radius * np.array([flare, 1.0, 0.92, 0.8, top])
    points[1, :2] *= 0.3
    with b.solid("cylinder"):
        ring = upright_rings(points, radii, sides)
        b.loft(material, ring)
    return points[-1]


def upright_rings(points: Points, radii: Vector, sides: int) -> Points:
    """Level rings (n,sides,3) about points (n,3)."""
    turn = np.arange(sides) * 2 * np.pi / sides
    circle = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(sides)])
    return points[:, None] + np.asarray(radii)[:, None, None] * circle


def branches(b: Builder, material: str, base: Vector, length: float, radius: float, count: int,
             rng: np.random.Generator, *, depth: int = 1, rise: float = 0.9, droop: float = 0.0, forks: int = 3,
             sides: int = 5) -> None:  # fmt: skip
    """Branches around `base` that fork `depth` times; `rise` is their slope [rad], `droop` bends the tips down."""
    turn = rng.uniform(0, 6.28) + np.arange(count) * 2 * np.pi / count + rng.uniform(-0.3, 0.3, count)
    slope = rise + rng.uniform(-0.25, 0.25, count)
    ways = np.column_stack([np.cos(turn) * np.cos(slope), np.sin(turn) * np.cos(slope), np.sin(slope)])
    starts = np.tile(np.asarray(base, dtype=float), (count, 1))
    lengths, radii = length * rng.uniform(0.8, 1.15, count), np.full(count, radius)
    for generation in range(depth + 1):
        bends = rng.normal(0, 0.09, (len(ways), 3)) * lengths[:, None]
        middles = starts + ways * lengths[:, None] * 0.5 + bends
        ends = starts + ways * lengths[:, None] + np.outer((0.1 - droop) * lengths, [0, 0, 1])
        is_last = generation == depth
        taper = np.array([1.0, 0.72, 0.0 if is_last else 0.4])
        b.tubes(material, np.stack([starts, middles, ends], axis=1), radii[:, None] * taper,
                sides=3 if is_last and depth else max(sides - generation, 3))  # fmt: skip
        if is_last:
            return
        splits = max(forks - generation, 2)
        share = 0.45 + 0.55 * (np.arange(splits) + 1) / splits
        parent = np.repeat(np.arange(len(ways)), splits)
        share = np.tile(share, len(ways))
        bend = bends[parent] * (1 - np.abs(2 * share - 1))[:, None]
        starts = starts[parent] + (ends - starts)[parent] * share[:, None] + bend
        ways = ways[parent] + rng.normal(0, 0.55, (len(parent), 3)) + [0, 0, 0.15]
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        radii = radii[parent] * (0.75 - 0.4 * share)
        lengths = lengths[parent] * rng.uniform(0.5, 0.72, len(parent))
