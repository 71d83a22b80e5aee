"""Leaves by the hundred: folded blades that hang, stand or stick out, and crowns that are covered with them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scene_gen.kit import shapes
from scene_gen.kit.builder import FLAT, SOFT, Builder
from scene_gen.kit.shapes import Points, Shape, Vector

_BLADE_FACES = np.array([[0, 2, 1], [0, 1, 3], [2, 3, 1], [2, 0, 3]])
"""A blade's triangles over root, tip, left and right: two in front that meet at the rib, two behind."""
_WIDER = 1.5
"""How much larger the blades get that stand for several, one level coarser."""


def blades(b: Builder, material: str, roots: Points, ways: Points, outs: Points, lengths: ArrayLike, widths: ArrayLike,
           *, fold: float = 0.22, widest: float = 0.45, one_of: int = 4) -> None:  # fmt: skip
    """Folded leaves as one part: from `roots` (n,3) along `ways`, their ribs raised towards `outs`; closed, flat-shaded.

    `widest` is where along the blade it is, `fold` how deep as a share of the width. Coarser levels show `one_of` many.
    """
    if not len(roots):
        return
    corners = _corners(roots, ways, outs, np.asarray(lengths), np.asarray(widths), fold, widest)
    few = corners[::one_of]
    middle = few.mean(axis=1, keepdims=True)
    fine, coarse = _shape(corners), _shape(middle + (few - middle) * _WIDER)
    b.add(material, lambda level: fine if level == 0 else coarse, crease=FLAT)


def _corners(
    roots: Points, ways: Points, outs: Points, lengths: Points, widths: Points, fold: float, widest: float
) -> Points:
    """Corners (n,4,3) of blades: root, tip, left, right."""
    lengths, widths = np.broadcast_to(lengths, len(roots))[:, None], np.broadcast_to(widths, len(roots))[:, None]
    ways = _unit(ways)
    side = _unit(shapes.cross(ways, outs))
    back = shapes.cross(side, ways) * (fold * widths)
    middle = roots + ways * lengths * widest - back
    half = side * widths / 2
    return np.stack([roots, roots + ways * lengths, middle + half, middle - half], axis=1)


def _shape(corners: Points) -> Shape:
    return Shape(corners.reshape(-1, 3), shapes.repeated(_BLADE_FACES, len(corners), 4))


def clumps_of(b: Builder, material: str, centres: Points, sizes: Points, rng: np.random.Generator, *, rough: float = 0.14,
              detail: int = 0, coarse: int = 0) -> None:  # fmt: skip
    """Ragged balls as one part, soft-shaded: `centres` and full extents `sizes`, (n,3) each."""
    ball = shapes.ball(detail)
    skin = ball.vertices * (1 + rng.uniform(-rough, rough, (len(centres), len(ball.vertices), 1)))
    fine = skin * sizes[:, None] / 2 + centres[:, None]
    simple = shapes.ball(coarse)
    rude = fine if coarse == detail else simple.vertices * sizes[:, None] / 2 + centres[:, None]
    shaped = [Shape(v.reshape(-1, 3), shapes.repeated(s.triangles, len(centres), len(s.vertices)))
              for v, s in ((fine, ball), (rude, simple))]  # fmt: skip
    b.add(material, lambda level: shaped[min(level, 1)], crease=SOFT)


def crown(b: Builder, material: str, centre: Vector, size: Vector, clumps: int, rng: np.random.Generator, *, shade: str,
          second: str = "", clump_share: float = 0.42, tufts: int = 380, leaf_m: float | None = None, hang: float = 0.35,
          slim: float = 0.5) -> None:  # fmt: skip
    """A crown within an ellipsoid of full extents `size` about `centre`: clumps, and tufts of leaves all over them.

    Clumps and tufts are `material`, the upper tufts `second`, the lower ones `shade`. `leaf_m` is
    their length, `hang` how far their tips droop, `slim` their width as a share of it. Far away it is one ball.
    """
    centre, half = np.asarray(centre, dtype=float), np.asarray(size, dtype=float) / 2
    lobes = spread(clumps) * rng.uniform(0.92, 1.14, (clumps, 1))
    middles = centre + lobes * half * (1 - clump_share)
    radii = half * clump_share * rng.uniform(0.84, 1.22, (clumps, 1))
    middles, radii = np.concatenate([middles, centre[None]]), np.concatenate([radii, [0.6 * half]])
    long = leaf_m or 0.42 * float(half.min()) ** 0.72
    with b.levels("01"):
        clumps_of(b, material, middles, 2 * radii * 0.93, rng, coarse=-1)
        at, normal = _skin(middles, radii, tufts, rng)
        aside = rng.normal(0, 1, at.shape)
        aside -= normal * (aside * normal).sum(axis=1, keepdims=True)
        ways = _unit(0.8 * _unit(aside) + 0.5 * normal - [0, 0, hang])
        lengths = long * rng.uniform(0.75, 1.3, len(at))
        roots = at - ways * lengths[:, None] * 0.4
        outs = _unit(normal + rng.normal(0, 0.16, at.shape))
        height = normal[:, 2] + rng.normal(0, 0.3, len(at))
        is_low = height < -0.22
        is_high = (height > 0.45) if second else np.zeros(len(at), bool)
        for name, chosen in ((material, ~is_low & ~is_high), (shade, is_low), (second, is_high)):
            blades(b, name, roots[chosen], ways[chosen], outs[chosen], lengths[chosen], slim * lengths[chosen])
    with b.levels("2"):
        b.ball(material, 2 * half * 0.94, centre, detail=2)


def _skin(middles: Points, radii: Points, count: int, rng: np.random.Generator) -> tuple[Points, NDArray[np.float64]]:
    """About `count` points (n,3) on the outside of ellipsoids that overlap, with their normals."""
    each = int(np.ceil(2.2 * count / len(middles)))
    unit = spread(each) @ _turned(rng)
    at = (middles[:, None] + unit * radii[:, None]).reshape(-1, 3)
    normal = _unit((unit / radii[:, None]).reshape(-1, 3))
    depth = (((at[:, None] - middles) / radii) ** 2).sum(axis=-1)
    depth[np.arange(len(at)), np.repeat(np.arange(len(middles)), each)] = np.inf
    outside = np.flatnonzero((depth.min(axis=1) > 0.9) & (normal[:, 2] > -0.8))
    kept = np.sort(rng.permutation(outside)[:count])
    kept = rng.permutation(kept)
    return at[kept], normal[kept]


def _turned(rng: np.random.Generator) -> Points:
    turn = float(rng.uniform(0, 2 * np.pi))
    c, s = np.cos(turn), np.sin(turn)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def spread(count: int) -> Points:
    """Points (n,3) spread evenly over the unit sphere, the lowest cap left out (a Fibonacci lattice)."""
    i = np.arange(count) + 0.5
    z = 1 - 1.62 * i / count
    turn = np.pi * (1 + 5**0.5) * i
    wide = np.sqrt(1 - z**2)
    return np.column_stack([wide * np.cos(turn), wide * np.sin(turn), z])


def _unit(vectors: Points) -> Points:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
