"""What every builder composes with: masses with walls and colliders, doors, outlines, and the result it hands back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Collider, Door
from scene_gen.build.houses import facade
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import DEEP, Wall
from scene_gen.build.houses.lots import Lot, Point
from scene_gen.build.houses.roofs import Point3
from scene_gen.build.houses.sketch import STANDING, Sketch


@dataclass(frozen=True, eq=False)
class Built:
    """What a builder leaves besides its solids in the sketch; `outline` (k,2) and everything else in the world frame.

    `eaves_m` is the walls' height above the ground floor, `roof_m` the highest point above the eaves.
    """

    outline: NDArray[np.float64]
    eaves_m: float
    roof_m: float
    storeys: int
    roof: str
    doors: tuple[Door, ...]
    colliders: tuple[Collider, ...]
    materials: tuple[str, str]


def hull(sketch: Sketch, frame: int, points: Sequence[Point3]) -> Collider:
    """The convex hull of points in a frame, as a collider in the world."""
    return Collider("hull", points=sketch.to_world(frame, points).astype(np.float32))


def solid(
    sketch: Sketch, frame: int, quad: Sequence[Point], z: tuple[float, float], peak: Sequence[Point3] = ()
) -> Collider:
    """A prism on a convex plan with a roof's points on top; a box where it is one."""
    is_upright = len(quad) == 4 and all(
        abs(quad[i][k] - quad[j][k]) < 1e-6 for i, j, k in ((0, 1, 1), (1, 2, 0), (2, 3, 1), (3, 0, 0))
    )
    if is_upright and not peak:
        return block(sketch, frame, (quad[0][0], quad[1][0]), (quad[0][1], quad[2][1]), z)
    points = [(*p, level) for level in z for p in quad]
    return hull(sketch, frame, [*points, *peak])  # type: ignore[list-item]


def block(
    sketch: Sketch, frame: int, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]
) -> Collider:
    """A box collider in the world from bounds in a frame."""
    centre = sketch.to_world(frame, [((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, (z[0] + z[1]) / 2)])[0]
    half = sketch.yaw(frame) / 2
    pose = (*map(float, centre), math.cos(half), 0.0, 0.0, math.sin(half))
    return Collider("box", size=(x[1] - x[0], y[1] - y[0], z[1] - z[0]), pose=pose)  # type: ignore[arg-type]


def rectangle(width: float, depth: float, x: float = 0.0, y: float = 0.0) -> list[Point]:
    """Corners of a rectangle, front left first."""
    return [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]


def centred(width: float, depth: float, x: float, y: float) -> list[Point]:
    """Corners of a rectangle around its middle."""
    return rectangle(width, depth, x - width / 2, y - depth / 2)


def regular(sides: int, radius: float, x: float, y: float, phase: float = 0.0) -> list[Point]:
    """Corners of a regular polygon."""
    step = math.tau / sides
    return [(x + radius * math.cos(phase + i * step), y + radius * math.sin(phase + i * step)) for i in range(sides)]


def walls_of(
    sketch: Sketch,
    frame: int,
    quad: Sequence[Point],
    party: tuple[bool, bool] = (False, False),
    reach: Sequence[float] = (1.0,) * 4,
) -> list[Wall]:
    """The walls of a mass, one a side; of four: front, right, back, left."""
    made = []
    count = len(quad)
    for i in range(count):
        (ax, ay), (bx, by) = quad[i], quad[(i + 1) % count]
        line = sketch.within(frame, ax, ay, 0.0, math.atan2(by - ay, bx - ax))
        ends = (min(0.3, reach[i - 1]), min(0.3, reach[(i + 1) % 4])) if count == 4 else (0.0, 0.0)
        is_party = count == 4 and (i == 1 and party[1] or i == 3 and party[0])  # noqa: RUF021
        made.append(Wall(line, math.hypot(bx - ax, by - ay), i == 0, is_party, ends))
    return made


def doorway(sketch: Sketch, frame: int, spot: tuple[float, float, float], height: float) -> Door:
    """The door at a spot (x, y, width) in a wall's frame."""
    x, y, z = sketch.to_world(frame, [spot[:2]])[0]
    yaw = math.remainder(sketch.yaw(frame) - math.pi / 2, math.tau)
    return Door((float(x), float(y), float(z)), yaw, spot[2], height, -1)


class Work:
    """A building in the making on the rectangle inside its lot: the masses it is made of, for outline and colliders.

    In its frame x runs along the front from 0 to `width`, y into the lot from 0 to `depth`.
    """

    def __init__(self, sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> None:
        a, b, c, e = lot.corners
        low, high = max(a[0], e[0]), min(b[0], c[0])
        self.sketch, self.lot, self.d, self.dice = sketch, lot, d, dice
        self.frame = sketch.within(frame, low, 0.0)
        self.width, self.depth = high - low, lot.depth
        self.doors: list[Door] = []
        self._colliders: list[Collider] = []
        self._plans: list[NDArray[np.float64]] = []

    def mass(
        self,
        quad: Sequence[Point],
        top: float,
        *,
        wall: str = "",
        frame: int | None = None,
        bottom: float = -DEEP,
        plinth: float | None = None,
        peak: Sequence[Point3] = (),
        open_sides: tuple[int, ...] = (),
    ) -> list[Wall]:
        """Bare walls on a convex plan from `bottom` to `top`, with plinth; counts for outline and colliders."""
        frame = self.frame if frame is None else frame
        walls = walls_of(self.sketch, frame, quad)
        high = self.d.plinth_m if plinth is None else plinth
        for index, line in enumerate(walls):
            if index in open_sides:
                continue
            self.sketch.flat(line.frame, (0, line.length), (bottom, top), wall or self.d.wall, y=0.0)
            if bottom < 0 and high > 0:
                self.sketch.box(
                    line.frame, (-0.06, line.length + 0.06), (-0.06, 0.0), (bottom, high), self.d.plinth, STANDING
                )
        self.covers(quad, (bottom, top), frame=frame, peak=peak)
        return walls

    def covers(
        self,
        quad: Sequence[Point],
        z: tuple[float, float],
        *,
        frame: int | None = None,
        peak: Sequence[Point3] = (),
    ) -> None:
        """Adds a convex solid to the colliders, and its plan to the outline where it stands on the ground."""
        frame = self.frame if frame is None else frame
        self._colliders.append(solid(self.sketch, frame, quad, z, peak))
        if z[0] <= 0:
            self.stands(quad, frame=frame)

    def stands(self, quad: Sequence[Point], *, frame: int | None = None) -> None:
        """Adds a convex plan to the outline only."""
        self._plans.append(self.sketch.to_world(self.frame if frame is None else frame, quad)[:, :2])

    def peaked(self, quad: Sequence[Point], z: float, peak: Sequence[Point3], frame: int | None = None) -> None:
        """A collider for a roof over a plan."""
        frame = self.frame if frame is None else frame
        self._colliders.append(hull(self.sketch, frame, [*((*p, z) for p in quad), *peak]))

    def top(self, quad: Sequence[Point], z: float, material: str, frame: int | None = None) -> None:
        """A flat lid, seen from above."""
        self.sketch.polygon(self.frame if frame is None else frame, [(*p, z) for p in quad], material)

    def door(self, wall: Wall, x: float, **options: object) -> None:
        """An ordinary door in a wall; see facade.door."""
        size = options.get("size", (1.0, 2.1))
        spot = facade.door(self.sketch, wall.frame, x, self.d, **options)  # type: ignore[arg-type]
        self.doors.append(doorway(self.sketch, wall.frame, spot, size[1]))  # type: ignore[index]

    def gate(self, wall: Wall, x: float, size: tuple[float, float], material: str, trim: str) -> None:
        """A big double gate in a wall."""
        spot = facade.gate(self.sketch, wall.frame, x, size, material, trim)
        self.doors.append(doorway(self.sketch, wall.frame, spot, size[1]))

    def portal(self, wall: Wall, x: float, size: tuple[float, float], *, shape: str = "round", steps: int = 3) -> None:
        """An arched door with deep surround and steps."""
        sketch, (width, height) = self.sketch, size
        rise = 0.12 * steps
        sketch.window(wall.frame, x, rise, size, self.d.trim, self.d.door, border=0.3, proud=0.3, shape=shape)
        sketch.flat(wall.frame, (x - 0.03, x + 0.03), (rise, rise + height * 0.75), "iron-dark", -0.14)
        reach = 0.0
        room = max(0.1, self.lot.front_m - 0.1) if wall.is_front else 1.2
        tread = min(0.3, room / max(steps, 1))
        for i in range(steps):
            reach = 0.3 + tread * (steps - i - 1)
            half = width / 2 + 0.5 + 0.3 * (steps - i - 1)
            sketch.box(wall.frame, (x - half, x + half), (-reach, 0.0), (-0.5, 0.12 * (i + 1)), "stone-light", STANDING)
        out = 0.3 + tread * (steps - 1) if steps else 0.1
        self.doors.append(doorway(sketch, wall.frame, (x, -out - 0.25, width), height))

    def flag(self, x: float, y: float, z: float, height: float, color: str) -> None:
        """A pole with a flag, from height z up."""
        self.sketch.frustum(self.frame, (x, y), (z, z + height), (0.06, 0.04), "frame-white", 6)
        low, high = z + height * 0.62, z + height
        self.sketch.box(self.frame, (x, x + height * 0.45), (y - 0.015, y + 0.015), (low, high), color, STANDING | 32)

    def built(
        self, eaves: float, roof: float, storeys: int, shape: str, *, materials: tuple[str, str] = ("", "")
    ) -> Built:
        """The result: the outline is the union of the masses that stand on the ground."""
        return Built(
            union(self._plans),
            eaves,
            roof,
            storeys,
            shape,
            tuple(self.doors),
            tuple(self._colliders),
            (materials[0] or self.d.wall, materials[1] or self.d.roof),
        )


def union(plans: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The outer ring (k,2) of overlapping plans, counter-clockwise; their convex hull if they lie apart."""
    if len(plans) == 1:
        return plans[0]
    import shapely

    joined = shapely.union_all([shapely.Polygon(plan) for plan in plans])
    if joined.geom_type != "Polygon":
        joined = joined.convex_hull
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.simplify(joined, 0.005).normalize()))[:-1]
    is_clockwise = float(np.sum(np.roll(ring[:, 0], -1) * ring[:, 1] - ring[:, 0] * np.roll(ring[:, 1], -1))) > 0
    return ring[::-1].copy() if is_clockwise else ring
