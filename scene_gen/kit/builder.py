"""The builder: shapes put together with materials become levels of detail and colliders of one asset."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.scene import Collider, Mesh
from scene_gen.kit import shapes
from scene_gen.kit.levels import FLAT, ROUND, SOFT, Part, fitted, grounded, levels_of_detail, placed
from scene_gen.kit.shapes import Path, Shape, Vector

_UPRIGHT = np.eye(3)


@dataclass
class _Solid:
    shape: str
    parts: list[int] = field(default_factory=list)


class Builder:
    """Collects the closed parts of one asset, in its frame: X forward, Y left, Z up, metres, on z = 0.

    `at` is the middle of a part's underside for boxes and upright cylinders and the middle of balls and of lying
    cylinders. Angles [rad] turn a part about `at`: first `roll` about x, then `pitch` about y (forward goes down),
    then `yaw` about z. `levels` names the levels of detail that may show it; coarser levels keep the largest parts.
    """

    def __init__(self, *, is_afloat: bool = False) -> None:
        self.is_afloat = is_afloat
        self.light: tuple[float, float, float] | None = None
        self._parts: list[Part] = []
        self._solids: list[_Solid] = []
        self._frame = (_UPRIGHT, np.zeros(3), False)
        self._levels = "012"

    @contextmanager
    def at(
        self, position: Vector = (0, 0, 0), *, yaw: float = 0, pitch: float = 0, roll: float = 0, scale: ArrayLike = 1
    ) -> Iterator[None]:
        """Everything inside is moved, turned and scaled; a negative scale mirrors."""
        before = self._frame
        turn = rotation(yaw, pitch, roll) * np.asarray(scale, dtype=float)
        is_mirrored = before[2] != bool(np.prod(np.asarray(scale, dtype=float) * np.ones(3)) < 0)
        self._frame = (before[0] @ turn, before[0] @ np.asarray(position, dtype=float) + before[1], is_mirrored)
        yield
        self._frame = before

    @contextmanager
    def solid(self, shape: str = "box") -> Iterator[None]:
        """Everything inside gets one collider around it: box, cylinder or hull."""
        solid = _Solid(shape)
        start = len(self._parts)
        yield
        solid.parts.extend(range(start, len(self._parts)))
        self._solids.append(solid)

    @contextmanager
    def levels(self, levels: str) -> Iterator[None]:
        """Everything inside is shown at these levels of detail only, "0" to "2"."""
        before = self._levels
        self._levels = levels
        yield
        self._levels = before

    def add(
        self,
        material: str,
        make: Callable[[int], Shape] | Shape,
        at: Vector = (0, 0, 0),
        *,
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
        scale: ArrayLike = 1,
        crease: float = FLAT,
    ) -> None:
        """Adds a shape, or a function from level of detail to shape."""
        if isinstance(make, Shape):
            shape = make
            far = shape if len(shape.triangles) <= 30 else _bounding_box(shape)
            make = lambda level: shape if level < 2 else far  # noqa: E731
        linear = rotation(yaw, pitch, roll) if yaw or pitch or roll else _UPRIGHT
        linear = linear * np.asarray(scale, dtype=float)
        turn, origin, is_mirrored = self._frame
        if turn is not _UPRIGHT:
            linear = turn @ linear
        offset = turn @ np.asarray(at, dtype=float) + origin
        self._parts.append(Part(make, linear, offset, material, crease, self._levels, is_mirrored))

    def box(
        self,
        material: str,
        size: Vector,
        at: Vector = (0, 0, 0),
        *,
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
        taper: float | tuple[float, float] = 1.0,
        bevel: float = 0.0,
    ) -> None:
        """A box of full extents `size`; its top shrinks by `taper`, or its upper edges are cut by `bevel` [m]."""
        top_x, top_y = taper if isinstance(taper, tuple) else (taper, taper)
        make: Callable[[int], Shape] | Shape = shapes.box(top_x, top_y)
        if bevel:
            fine = shapes.bevelled_box(bevel / size[0], bevel / size[1], bevel / size[2])
            make = lambda level: fine if level == 0 else shapes.box()  # noqa: E731
        self.add(material, make, at, yaw=yaw, pitch=pitch, roll=roll, scale=size)

    def cylinder(
        self,
        material: str,
        radius: float,
        height: float,
        at: Vector = (0, 0, 0),
        *,
        top: float | None = None,
        sides: int = 12,
        axis: str = "z",
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
    ) -> None:
        """A cylinder, cone (`top` 0) or frustum. Upright it stands on `at`; along x or y it is centred there."""
        ratio = 1.0 if top is None else round(top / radius, 6)
        if axis == "x":
            pitch = np.pi / 2
        elif axis == "y":
            roll = -np.pi / 2
        if axis != "z":
            turn = rotation(yaw, pitch, roll)
            at = np.asarray(at, dtype=float) - turn @ np.array([0.0, 0.0, height / 2])
        make = lambda level: shapes.frustum(_fewer(sides, level), ratio)  # noqa: E731
        self.add(
            material, make, at, yaw=yaw, pitch=pitch, roll=roll, scale=(radius, radius, height),
            crease=ROUND if sides > 6 else FLAT,
        )  # fmt: skip

    def lathe(
        self,
        material: str,
        profile: Sequence[tuple[float, float]],
        at: Vector = (0, 0, 0),
        *,
        sides: int = 12,
        crease: float = ROUND,
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
    ) -> None:
        """A profile of (radius, z) from bottom to top, turned about the upright axis through `at`."""
        self.add(
            material, lambda level: shapes.lathe(_thinned(profile, level), _fewer(sides, level)), at,
            yaw=yaw, pitch=pitch, roll=roll, crease=crease,
        )  # fmt: skip

    def ball(
        self,
        material: str,
        size: Vector | float,
        at: Vector = (0, 0, 0),
        *,
        detail: int = 1,
        yaw: float = 0,
        pitch: float = 0,
        roll: float = 0,
        crease: float = SOFT,
    ) -> None:
        """An ellipsoid of full extents `size` about `at`."""
        half = np.broadcast_to(np.asarray(size, dtype=float), (3,)) / 2
        make = lambda level: shapes.ball(max(detail - level, -1))  # noqa: E731
        self.add(material, make, at, yaw=yaw, pitch=pitch, roll=roll, scale=half, crease=crease)

    def beam(self, material: str, start: Vector, end: Vector, width: float, height: float | None = None) -> None:
        """A square bar from point to point; `height` is its other side, the upper one where it lies."""
        (ax, ay, az), (bx, by, bz) = map(float, start), map(float, end)
        dx, dy, dz = bx - ax, by - ay, bz - az
        length, flat = math.sqrt(dx * dx + dy * dy + dz * dz), math.hypot(dx, dy)
        sx, sy = (0.0, 1.0) if flat < 0.04 * length else (-dy / flat, dx / flat)
        tall = height or width
        ux, uy, uz = dx / length, dy / length, dz / length
        linear = np.array(
            [
                [sx * width, -uz * sy * tall, dx],
                [sy * width, uz * sx * tall, dy],
                [0.0, (ux * sy - uy * sx) * tall, dz],
            ]
        )
        turn, origin, is_mirrored = self._frame
        fixed = shapes.box()
        self._parts.append(
            Part(
                lambda _: fixed, turn @ linear, turn @ [ax, ay, az] + origin, material, FLAT, self._levels, is_mirrored
            )
        )

    def tubes(self, material: str, points: NDArray[np.float64], radii: NDArray[np.float64], *, sides: int = 4) -> None:
        """Many round bars as one part: polylines (n,p,3) with radii (n,p); coarser levels keep the thickest."""
        order = np.argsort(-radii[:, 0], kind="stable")

        def make(level: int) -> Shape:
            if level == 0:
                return shapes.tubes(points, radii, sides)
            few = order[: max(len(order) // 3, 1)] if level == 1 else order[:4]
            return shapes.tubes(points[few][:, [0, -1]], radii[few][:, [0, -1]], 3)

        self.add(material, make, crease=ROUND if sides > 4 else FLAT)

    def tube(self, material: str, points: Path, radius: ArrayLike, *, sides: int = 6) -> None:
        """A round bar along a polyline (n,3), `radius` one number or one a point."""
        points = np.asarray(points, dtype=float)
        radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(points),))

        def make(level: int) -> Shape:
            if level < 2 or len(points) <= 2:
                return shapes.tube(points, radii, sides if level == 0 else max(3, min(4, sides)))
            keep = [0, len(points) // 2, -1]
            return shapes.tube(points[keep], radii[keep], 3)

        self.add(material, make, crease=ROUND if sides > 4 else FLAT)

    def ring(
        self, material: str, radius: float, thickness: float, at: Vector = (0, 0, 0), *, sides: int = 16,
        tube_sides: int = 4, yaw: float = 0, pitch: float = 0, roll: float = 0,
    ) -> None:  # fmt: skip
        """A torus about the upright axis, centred at `at`; roll it by π/2 for a wheel."""

        def make(level: int) -> Shape:
            return shapes.torus(radius, thickness, max(sides // (level + 1), 5), tube_sides if level == 0 else 3)

        self.add(material, make, at, yaw=yaw, pitch=pitch, roll=roll, crease=ROUND)

    def loft(self, material: str, rings: Path, *, crease: float = ROUND, is_concave: bool = False) -> None:
        """A skin over rings (s,k,3); coarser levels leave out every other ring."""
        rings = np.asarray(rings, dtype=float)

        def make(level: int) -> Shape:
            kept = rings
            if level and len(rings) > 2:
                step = 2 * level
                kept = rings[sorted({*range(0, len(rings), step), len(rings) - 1})]
            if level and not is_concave and rings.shape[1] >= 8:
                kept = kept[:, :: 2 if rings.shape[1] >= 6 else 1]
            return shapes.loft(kept, is_concave=is_concave)

        self.add(material, make, crease=crease)

    def prism(
        self, material: str, outline: Path, depth: float, at: Vector = (0, 0, 0), *, plane: str = "xy",
        yaw: float = 0, pitch: float = 0, roll: float = 0,
    ) -> None:  # fmt: skip
        """A polygon (k,2) extruded by `depth`: upwards in plane xy, centred on y in xz, centred on x in yz."""
        shape = shapes.prism(outline, depth)
        if plane != "xy":
            x, y, z = shape.vertices.T
            columns = [x, z - depth / 2, y] if plane == "xz" else [z - depth / 2, x, y]
            shape = shapes.oriented(Shape(np.stack(columns, axis=1), shape.triangles))
        self.add(material, shape, at, yaw=yaw, pitch=pitch, roll=roll)

    def sheet(self, material: str, grid: Path, thickness: float = 0.02, *, crease: float = ROUND) -> None:
        """A thin sheet of even thickness about a grid of points (s,k,3)."""
        grid = np.asarray(grid, dtype=float)

        def make(level: int) -> Shape:
            if level == 0:
                return shapes.thick(grid, thickness)
            rows = sorted({0, len(grid) - 1} | ({len(grid) // 2} if level == 1 else set()))
            columns = sorted({0, grid.shape[1] - 1} | ({grid.shape[1] // 2} if level == 1 else set()))
            return shapes.thick(grid[np.ix_(rows, columns)], thickness)

        self.add(material, make, crease=crease)

    def finished(self) -> tuple[tuple[Mesh, ...], tuple[Collider, ...]]:
        """Levels of detail, from fine to coarse; one convex solid a `solid` block, or one box around everything."""
        fine = placed(self._parts, [part.make(0) for part in self._parts])
        lods = levels_of_detail(self._parts, fine, is_afloat=self.is_afloat)
        if not self._solids:
            return lods, (fitted("box", lods[0].vertices.astype(np.float64)),)
        vertices = fine.vertices if self.is_afloat else grounded(fine.vertices)
        ends = fine.starts + fine.counts
        made = []
        for solid in self._solids:
            points = np.concatenate([vertices[fine.starts[i] : ends[i]] for i in solid.parts])
            made.append(fitted(solid.shape, points))
        return lods, tuple(made)


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Rotation matrix (3,3): roll about x first, then pitch about y, then yaw about z [rad]."""
    cy, sy, cp = math.cos(yaw), math.sin(yaw), math.cos(pitch)
    sp, cr, sr = math.sin(pitch), math.cos(roll), math.sin(roll)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def _fewer(sides: int, level: int) -> int:
    return sides if level == 0 else max(4, sides // 2) if level == 1 else 4


def _thinned(profile: Sequence[tuple[float, float]], level: int) -> Sequence[tuple[float, float]]:
    if level == 0 or len(profile) <= 3:
        return profile
    return [profile[i] for i in sorted({*range(0, len(profile), 2 * level), len(profile) - 1})]


def _bounding_box(shape: Shape) -> Shape:
    low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
    unit = shapes.box()
    return Shape((unit.vertices + [0.5, 0.5, 0.0]) * (high - low) + low, unit.triangles)
