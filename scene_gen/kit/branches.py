"""Branching wood and clumps of leaves: the shapes that trees are made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scene_gen.kit import shapes
from scene_gen.kit.builder import SOFT, Builder
from scene_gen.kit.shapes import Points, Shape


def clump(b: Builder, material: str, size: Sequence[float], at: Sequence[float], rng: np.random.Generator, *,
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


def crown(b: Builder, material: str, centre: Sequence[float], size: Sequence[float], clumps: int,
          rng: np.random.Generator, *, clump_share: float = 0.5, rough: float = 0.16, second: str = "") -> None:  # fmt: skip
    """A crown of overlapping clumps spread evenly over an ellipsoid of full extents `size` about `centre`.

    Far away it is three clumps. `second` is the material of every third clump.
    """
    centre, half = np.asarray(centre, dtype=float), np.asarray(size, dtype=float) / 2
    spots = spread(clumps)
    reach = half * (1 - clump_share)
    with b.levels("01"):
        for i, spot in enumerate(spots):
            grow = clump_share * float(rng.uniform(0.85, 1.2))
            at = centre + spot * reach * rng.uniform(0.92, 1.06) + [0, 0, 0.03 * half[2]]
            name = second if second and i % 3 == 1 else material
            clump(b, name, 2 * half * grow * [1, 1, 0.92], at, rng, rough=rough)
    with b.levels("2"):
        b.ball(material, 2 * half * [0.92, 0.92, 0.9], centre, detail=2)


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


def upright_rings(points: Points, radii: Sequence[float] | NDArray[np.float64], sides: int) -> Points:
    """Level rings (n,sides,3) about points (n,3)."""
    turn = np.arange(sides) * 2 * np.pi / sides
    circle = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(sides)])
    return points[:, None] + np.asarray(radii)[:, None, None] * circle


def branches(b: Builder, material: str, base: Sequence[float], length: float, radius: float, count: int,
             rng: np.random.Generator, *, depth: int = 1, rise: float = 0.9, droop: float = 0.0, forks: int = 3,
             sides: int = 5) -> None:  # fmt: skip
    """Branches around `base` that fork `depth` times; `rise` is their slope [rad], `droop` bends the tips down [m]."""
    turn0 = float(rng.uniform(0, 6.28))
    for i in range(count):
        turn = turn0 + i * 2 * np.pi / count + float(rng.uniform(-0.3, 0.3))
        slope = rise + float(rng.uniform(-0.25, 0.25))
        way = np.array([np.cos(turn) * np.cos(slope), np.sin(turn) * np.cos(slope), np.sin(slope)])
        _branch(b, material, np.asarray(base, dtype=float), way, length * float(rng.uniform(0.8, 1.15)), radius,
                rng, depth, droop, forks, sides)  # fmt: skip


def _branch(b: Builder, material: str, start: Points, way: Points, length: float, radius: float,
            rng: np.random.Generator, depth: int, droop: float, forks: int, sides: int) -> None:  # fmt: skip
    bend = rng.normal(0, 0.09 * length, 3)
    middle = start + way * length * 0.5 + bend
    end = start + way * length + [0, 0, -droop * length + 0.1 * length]
    if depth:
        b.tube(material, [start, middle, end], [radius, radius * 0.75, radius * 0.4], sides=sides)
    else:
        b.tube(material, [start, middle, end], [radius, radius * 0.7, 0.0], sides=3)
    if not depth:
        return
    for i in range(forks):
        share = 0.45 + 0.55 * (i + 1) / forks
        origin = start + (end - start) * share + bend * (1 - abs(2 * share - 1))
        turned = way + rng.normal(0, 0.55, 3) + [0, 0, 0.15]
        turned /= np.linalg.norm(turned)
        size = radius * (0.75 - 0.4 * share)
        _branch(b, material, origin, turned, length * float(rng.uniform(0.5, 0.72)), size, rng, depth - 1, droop,
                max(forks - 1, 2), max(sides - 1, 3))  # fmt: skip
