"""The builder: shapes put together with materials become levels of detail and colliders of one asset."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.meshes import mesh
from bridge.scene import Collider, Mesh
from scene_gen.kit import shapes
from scene_gen.kit.normals import smoothed
from scene_gen.kit.shapes import Shape

Vector = Sequence[float]
FLAT, ROUND, SOFT = 1.0, 0.7, -1.0
"""Cosines of the angle up to which neighbouring faces are shaded as one: none, up to 45°, all."""

_UPRIGHT = np.eye(3)
COARSE_SHARE = 0.4
"""The second level has at most this share of the first one's triangles."""
FAR_TRIANGLES = 60
"""The last level has at most so many triangles."""


@dataclass(frozen=True, eq=False)
class _Part:
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
        self._parts: list[_Part] = []
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
        """Everything inside gets one collider around it: box, cylinder, hull or sphere."""
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
            make = lambda level: shape if level < 2 or len(shape.triangles) <= 30 else _bounding_box(shape)  # noqa: E731
        linear = rotation(yaw, pitch, roll) if yaw or pitch or roll else _UPRIGHT
        linear = linear * np.asarray(scale, dtype=float)
        turn, origin, is_mirrored = self._frame
        if turn is not _UPRIGHT:
            linear = turn @ linear
        offset = turn @ np.asarray(at, dtype=float) + origin
        self._parts.append(_Part(make, linear, offset, material, crease, self._levels, is_mirrored))

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
            _Part(lambda _: fixed, turn @ linear, turn @ [ax, ay, az] + origin, material, FLAT, self._levels, is_mirrored)
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

    def tube(self, material: str, points: ArrayLike, radius: ArrayLike, *, sides: int = 6) -> None:
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
        make = lambda level: shapes.torus(radius, thickness, max(sides // (level + 1), 5), 4 if level == 0 else 3)  # noqa: E731
        if tube_sides != 4:
            fine = shapes.torus(radius, thickness, sides, tube_sides)
            coarse = make
            make = lambda level: fine if level == 0 else coarse(level)  # noqa: E731
        self.add(material, make, at, yaw=yaw, pitch=pitch, roll=roll, crease=ROUND)

    def loft(self, material: str, rings: ArrayLike, *, crease: float = ROUND, is_concave: bool = False) -> None:
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
        self, material: str, outline: ArrayLike, depth: float, at: Vector = (0, 0, 0), *, plane: str = "xy",
        yaw: float = 0, pitch: float = 0, roll: float = 0,
    ) -> None:  # fmt: skip
        """A polygon (k,2) extruded by `depth`: upwards in plane xy, centred on y in xz, centred on x in yz."""
        shape = shapes.prism(outline, depth)
        if plane != "xy":
            x, y, z = shape.vertices.T
            columns = [x, z - depth / 2, y] if plane == "xz" else [z - depth / 2, x, y]
            shape = shapes.oriented(Shape(np.stack(columns, axis=1), shape.triangles))
        self.add(material, shape, at, yaw=yaw, pitch=pitch, roll=roll)

    def sheet(self, material: str, grid: ArrayLike, thickness: float = 0.02, *, crease: float = ROUND) -> None:
        """A thin sheet of even thickness about a grid of points (s,k,3)."""
        grid = np.asarray(grid, dtype=float)

        def make(level: int) -> Shape:
            if level == 0:
                return shapes.thick(grid, thickness)
            rows = sorted({0, len(grid) - 1} | ({len(grid) // 2} if level == 1 else set()))
            columns = sorted({0, grid.shape[1] - 1} | ({grid.shape[1] // 2} if level == 1 else set()))
            return shapes.thick(grid[np.ix_(rows, columns)], thickness)

        self.add(material, make, crease=crease)

    def meshes(self) -> tuple[Mesh, ...]:
        """Levels of detail, from fine to coarse, each with strictly fewer triangles than the one before."""
        fine = [part for part in self._parts if "0" in part.levels]
        placed = [part.placed(0) for part in fine]
        levels = [self._mesh(fine, placed, 0)]
        ranked = self._by_area(fine, placed)
        budget = int(COARSE_SHARE * len(levels[0].triangles))
        for level in (1, 2):
            budget = min(budget, FAR_TRIANGLES) if level == 2 else budget
            candidates = [p for p in self._parts if str(level) in p.levels and "0" not in p.levels]
            candidates += [p for p in ranked if str(level) in p.levels]
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
                levels.append(self._mesh(chosen, coarse, level))
        return tuple(levels)

    def colliders(self, fine: Mesh) -> tuple[Collider, ...]:
        """One convex solid for each `solid` block, or one box around everything."""
        if not self._solids:
            return (_fitted("box", fine.vertices.astype(np.float64)),)
        made = []
        for solid in self._solids:
            points = np.concatenate([self._parts[index].placed(0).vertices for index in solid.parts])
            made.append(_fitted(solid.shape, self._grounded(points)))
        return tuple(made)

    def _grounded(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Feet that reach below the ground are cut off at it: z is 0 or more."""
        return vertices if self.is_afloat else np.maximum(vertices, [-np.inf, -np.inf, 0.0])

    @staticmethod
    def _by_area(parts: Sequence[_Part], placed: Sequence[Shape]) -> list[_Part]:
        """The parts whose bounding boxes have the largest faces first."""
        counts = [len(shape.vertices) for shape in placed]
        starts = np.cumsum([0, *counts[:-1]])
        vertices = np.concatenate([shape.vertices for shape in placed])
        size = np.maximum.reduceat(vertices, starts) - np.minimum.reduceat(vertices, starts)
        area = size[:, 0] * size[:, 1] + size[:, 1] * size[:, 2] + size[:, 2] * size[:, 0]
        return [parts[i] for i in np.argsort(-np.round(area, 5), kind="stable")]

    def _mesh(self, parts: Sequence[_Part], placed: Sequence[Shape], level: int) -> Mesh:
        names: dict[str, int] = {}
        for part in parts:
            names.setdefault(part.material, len(names))
        counts = [len(shape.triangles) for shape in placed]
        starts = np.cumsum([0] + [len(shape.vertices) for shape in placed[:-1]])
        vertices = self._grounded(np.concatenate([shape.vertices for shape in placed]))
        triangles = np.concatenate([shape.triangles + start for shape, start in zip(placed, starts, strict=True)])
        material = np.repeat([names[part.material] for part in parts], counts)
        kept = [part.crease if level == 0 or part.crease == SOFT else FLAT for part in parts]
        creases = np.repeat(kept, counts)
        if level == 2 or min(kept) >= FLAT:
            return mesh(vertices, triangles, tuple(names), material)
        vertices, triangles, normals, old = smoothed(vertices, triangles, creases)
        return mesh(vertices, triangles, tuple(names), material[old], normals)


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


def _fitted(shape: str, points: NDArray[np.float64]) -> Collider:
    low, high = points.min(axis=0), points.max(axis=0)
    size, middle = high - low, (low + high) / 2
    pose = (*(float(x) for x in middle), 1.0, 0.0, 0.0, 0.0)
    if shape == "hull":
        unique = np.unique(np.round(points, 4), axis=0).astype(np.float32)
        unique.setflags(write=False)
        return Collider("hull", points=unique)
    if shape == "box":
        return Collider("box", (float(size[0]), float(size[1]), float(size[2])), pose)
    width = float(max(size[0], size[1]))
    if shape == "cylinder":
        return Collider("cylinder", (width, width, float(size[2])), pose)
    return Collider("sphere", (width,) * 3, pose)
