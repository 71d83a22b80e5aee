"""Branching wood and clumps of leaves: the shapes that trees are made of."""

import numpy as np
from numpy.typing import NDArray

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


def leaves(b: Builder, material: str, centres: Points, sizes: Points, rng: np.random.Generator, *, rough: float = 0.16,
           detail: int = 1, coarse: int = 0) -> None:  # fmt: skip
    """Many clumps as one part: `centres` and full extents `sizes`, (n,3) each."""
    ball = shapes.ball(detail)
    turn = rng.uniform(0, 6.28, len(centres))
    c, s = np.cos(turn), np.sin(turn)
    skin = ball.vertices * (1 + rng.uniform(-rough, rough, (len(centres), len(ball.vertices), 1)))
    skin[..., 2] = np.where(skin[..., 2] < 0, skin[..., 2] * 0.8, skin[..., 2])
    x, y = skin[..., 0] * sizes[:, :1] / 2, skin[..., 1] * sizes[:, 1:2] / 2
    z = skin[..., 2] * sizes[:, 2:] / 2
    placed = np.stack([x * c[:, None] - y * s[:, None], x * s[:, None] + y * c[:, None], z], axis=-1) + centres[:, None]

    def make(level: int) -> Shape:
        if level == 0:
            return _many(placed, ball.triangles)
        few = shapes.ball(coarse)
        if coarse < 0:
            return _many(few.vertices * sizes[::2, None] / 2 + centres[::2, None], few.triangles)
        return _many(placed[:, : len(few.vertices)], few.triangles)

    b.add(material, make, crease=SOFT)


def _many(vertices: Points, triangles: NDArray[np.int64]) -> Shape:
    count, each = vertices.shape[:2]
    return Shape(vertices.reshape(-1, 3), shapes.repeated(triangles, count, each))


def crown(b: Builder, material: str, centre: Vector, size: Vector, clumps: int,
          rng: np.random.Generator, *, clump_share: float = 0.46, rough: float = 0.17, second: str = "",
          tufts: int = 84) -> None:  # fmt: skip
    """A crown of overlapping clumps over an ellipsoid of full extents `size` about `centre`, its edge broken by tufts.

    Far away it is one clump. `second` is the material of every third clump and tuft.
    """
    centre, half = np.asarray(centre, dtype=float), np.asarray(size, dtype=float) / 2
    with b.levels("01"):
        spots = spread(clumps) * rng.uniform(0.9, 1.06, (clumps, 1))
        middles = centre + spots * half * (1 - clump_share) + [0, 0, 0.03 * half[2]]
        sizes = 2 * half * clump_share * rng.uniform(0.85, 1.22, (clumps, 1)) * [1, 1, 0.95]
        ends = spread(tufts) + rng.normal(0, 0.07, (tufts, 3))
        ends[:, 2] = np.maximum(ends[:, 2], -0.66)
        tips = centre + ends * half * rng.uniform(0.74, 0.9, (tufts, 1))
        small = half.min() ** 0.8 * 0.4 * rng.uniform(0.7, 1.3, (tufts, 1)) * [1.1, 1.1, 0.8]
        is_second = np.arange(clumps) % 3 == 1 if second else np.zeros(clumps, bool)
        is_other = np.arange(tufts) % 3 == 1 if second else np.zeros(tufts, bool)
        for name, core, edge in ((material, ~is_second, ~is_other), (second, is_second, is_other)):
            if name and core.any():
                leaves(b, name, middles[core], sizes[core], rng, rough=rough)
            if name and edge.any():
                leaves(b, name, tips[edge], small[edge], rng, rough=0.45, detail=-1, coarse=-1)
    with b.levels("2"):
        b.ball(material, 2 * half * [0.95, 0.95, 0.95], centre, detail=2)


def spread(count: int) -> Points:
    """Points (n,3) spread evenly over the unit sphere, the lowest cap left out (a Fibonacci lattice)."""
    i = np.arange(count) + 0.5
    z = 1 - 1.62 * i / count
    turn = np.pi * (1 + 5**0.5) * i
    wide = np.sqrt(1 - z**2)
    return np.column_stack([wide * np.cos(turn), wide * np.sin(turn), z])


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
