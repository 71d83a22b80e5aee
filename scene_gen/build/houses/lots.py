"""Where on its parcel a building may stand: setbacks, party walls and the largest quadrilateral that fits.

The frame of a lot has its origin on the building line, x along the street and y into the parcel.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.errors import InvalidScene
from scene_gen.build.site import Parcel

Point = tuple[float, float]

CLEAR = 0.02
"""Gap to a party line [m]; two neighbours leave 4 cm."""
LEAST = 2.6
"""The narrowest and shallowest building [m]."""


@dataclass(frozen=True)
class Room:
    """How much of a parcel a use wants: distances kept free and the largest size [m]."""

    front: float
    side: float
    back: float
    width: float
    depth: float


@dataclass(frozen=True)
class Lot:
    """A quadrilateral for one building: `corners` front left, front right, back right, back left in the lot's frame.

    `origin` (x, y, z) and `yaw_rad` place the frame in the world. `party` says whether a neighbour touches on the left
    and on the right. `front_m` is the free ground before the building line, `back_m` that behind the building, `free`
    how far eaves may stand out over the front, right, back and left side. `ring` is the parcel's outline.
    """

    origin: tuple[float, float, float]
    yaw_rad: float
    corners: tuple[Point, Point, Point, Point]
    party: tuple[bool, bool]
    front_m: float
    back_m: float
    free: tuple[float, ...]
    ring: tuple[Point, ...]

    @property
    def width(self) -> float:
        """Of the front [m]."""
        return self.corners[1][0] - self.corners[0][0]

    @property
    def depth(self) -> float:
        """From front to back [m]."""
        return self.corners[3][1] - self.corners[0][1]

    @property
    def is_rectangle(self) -> bool:
        """Whether the sides are at right angles to the front."""
        a, b, c, d = self.corners
        return abs(a[0] - d[0]) < 1e-6 and abs(b[0] - c[0]) < 1e-6


def frontage(parcel: Parcel) -> tuple[float, float, float]:
    """Width of the front, depth behind its middle and area of a parcel [m, m, m²]."""
    ring, _, _ = _local(parcel)
    width = float(np.hypot(*(parcel.front[1] - parcel.front[0])))
    depth = max(y for _, y in ring)
    xs, ys = np.array(ring).T
    area = 0.5 * abs(float(np.dot(xs, np.roll(ys, -1)) - np.dot(ys, np.roll(xs, -1))))
    return width, depth, area


def lot(parcel: Parcel, room: Room, *, slack: float = 0.5, fill: float = 1.0) -> Lot:
    """The best place for a building on a parcel. Raises InvalidScene for a parcel too small for any.

    `slack` in [0, 1] places it between the left and the right where it is free; `fill` scales the greatest size.
    """
    for tight in (1.0, 0.45, 0.15, 0.0):
        found = _fit(parcel, room, tight, slack, fill)
        if found is not None:
            return found
    raise InvalidScene(
        f"parcel '{parcel.name}' has no room for a {parcel.use or 'building'}: less than {LEAST} m × {LEAST} m remain."
        " Leave its use empty or join it with a neighbour."
    )


def is_buildable(parcel: Parcel) -> bool:
    """Whether the smallest house fits."""
    return _fit(parcel, Room(0.3, 0.3, 0.3, 60.0, 60.0), 1.0, 0.5, 1.0) is not None


def _fit(parcel: Parcel, room: Room, tight: float, slack: float, fill: float) -> Lot | None:
    ring, origin, yaw = _local(parcel)
    length = float(np.hypot(*(parcel.front[1] - parcel.front[0])))
    deepest = max(y for _, y in ring)
    is_attached = parcel.is_attached
    front = max(room.front * tight, CLEAR * 2)
    side = CLEAR if is_attached else max(room.side * tight, CLEAR)
    back = max(room.back * tight, CLEAR * 2)
    if is_attached:
        front = min(front, 0.6)
    front = min(front, max(CLEAR * 2, deepest - back - 5.5))
    most_width, most_depth = room.width * fill, room.depth * fill
    if is_attached:
        most_width = max(most_width, length + 1.0)
    best: tuple[float, float, float, float] | None = None
    reach = min(deepest - back - front, most_depth)
    span = _Spans(ring, length / 2)
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3):
        depth = reach * share
        if depth < LEAST:
            break
        low, high = span(front, front + depth)
        width = min(high - low - 2 * side, most_width)
        if width < LEAST:
            continue
        score = width * depth * min(1.0, 2.4 * min(width, depth) / max(width, depth))
        if best is None or score > best[0] * 1.02:
            best = (score, low + side, high - side, depth)
    if best is None:
        return None
    _, low, high, depth = best
    if is_attached:
        quad = _between_walls(span, front, depth)
        if quad is not None:
            shift = quad[0][0]
            place = _place(origin, yaw, shift, front)
            corners = tuple((x - shift, y) for x, y in quad)
            return _lot(ring, place, yaw, corners, (True, True), shift, front, deepest - front - depth)
    for _ in range(3):
        if _is_clear(ring, ((low, 0.0), (high, 0.0), (high, depth), (low, depth)), front):
            break
        low, high, depth = low + 0.04, high - 0.04, depth - 0.04
    width = min(high - low, most_width)
    left = low + (high - low - width) * slack
    corners = ((0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth))
    touches = (is_attached, is_attached)
    return _lot(ring, _place(origin, yaw, left, front), yaw, corners, touches, left, front, deepest - front - depth)


def _lot(
    ring: list[Point],
    origin: tuple[float, float, float],
    yaw: float,
    corners: tuple[Point, ...],
    party: tuple[bool, bool],
    left: float,
    front: float,
    back: float,
) -> Lot:
    moved = tuple((x - left, y - front) for x, y in ring)
    free = []
    for i in range(4):
        (ax, ay), (bx, by) = corners[i], corners[(i + 1) % 4]
        length = math.hypot(bx - ax, by - ay)
        nx, ny = (by - ay) / length, (ax - bx) / length
        reach = next(
            (
                t
                for t in (1.2, 0.8, 0.5, 0.3, 0.15)
                if is_inside(moved, ax + nx * t, ay + ny * t) and is_inside(moved, bx + nx * t, by + ny * t)
            ),
            0.03 if i == 0 else 0.0,
        )
        free.append(reach)
    return Lot(origin, yaw, corners, party, front, back, tuple(free), moved)  # type: ignore[arg-type]


def is_inside(ring: Sequence[Point], x: float, y: float) -> bool:
    """Whether a point lies within an outline (even-odd rule)."""
    inside = False
    for i in range(len(ring)):
        (ax, ay), (bx, by) = ring[i - 1], ring[i]
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def room_behind(found: Lot, x: tuple[float, float], least: float) -> float:
    """How deep a wing between two x may reach behind the building, 0.6 m off the parcel's edges [m]; 0 below `least`."""
    depth = found.back_m - 0.6
    while depth >= least:
        y = found.depth
        corners = ((x[0] - 0.6, y), (x[1] + 0.6, y), (x[0] - 0.6, y + depth + 0.6), (x[1] + 0.6, y + depth + 0.6))
        if all(is_inside(found.ring, *corner) for corner in corners):
            return depth
        depth -= 1.0
    return 0.0


def _between_walls(span: "_Spans", front: float, depth: float) -> tuple[Point, ...] | None:
    ring, near, far = span.ring, span(front, front), span(front + depth, front + depth)
    lean = max(abs(far[0] - near[0]), abs(far[1] - near[1])) / depth
    all_along = span(front, front + depth)
    straight = all_along[0] <= max(near[0], far[0]) + 1e-6 and all_along[1] >= min(near[1], far[1]) - 1e-6
    if lean > 0.3 or not straight or _has_corner_between(ring, front, front + depth):
        return None
    for clear in (CLEAR, 2 * CLEAR, 5 * CLEAR):
        gap = clear * math.sqrt(1 + lean * lean)
        if min(far[1] - far[0], near[1] - near[0]) - 2 * gap < LEAST:
            return None
        quad = (near[0] + gap, 0.0), (near[1] - gap, 0.0), (far[1] - gap, depth), (far[0] + gap, depth)
        if _is_clear(ring, quad, front):
            return quad
    return None


_CENTIMETRE = tuple((0.01 * math.cos(a), 0.01 * math.sin(a)) for a in (i * math.tau / 8 for i in range(8)))


def _is_clear(ring: list[Point], quad: Sequence[Point], front: float) -> bool:
    """Whether the corners, `front` behind the street, keep a centimetre off the outline."""
    return all(is_inside(ring, x + dx, y + front + dy) for x, y in quad for dx, dy in _CENTIMETRE)


def _has_corner_between(ring: list[Point], low: float, high: float) -> bool:
    """Whether the outline bends inwards within the depth, so that a straight side could leave it."""
    for (ax, ay), (bx, by), (cx, cy) in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True):
        if low < by < high and (bx - ax) * (cy - by) - (by - ay) * (cx - bx) < -1e-6:
            return True
    return False


def _place(origin: tuple[float, float, float], yaw: float, x: float, y: float) -> tuple[float, float, float]:
    c, s = math.cos(yaw), math.sin(yaw)
    return origin[0] + c * x - s * y, origin[1] + s * x + c * y, origin[2]


def _local(parcel: Parcel) -> tuple[list[Point], tuple[float, float, float], float]:
    (x0, y0), (x1, y1) = parcel.front.tolist()
    yaw = math.atan2(y1 - y0, x1 - x0)
    c, s = math.cos(yaw), math.sin(yaw)
    ring = [((x - x0) * c + (y - y0) * s, (y - y0) * c - (x - x0) * s) for x, y in parcel.polygon.tolist()]
    return ring, (x0, y0, parcel.base_m), yaw


class _Spans:
    """How wide an outline is at its depths, round the middle of its front."""

    def __init__(self, ring: list[Point], middle: float) -> None:
        self.ring, self._middle = ring, middle
        self._sides = list(zip(ring, ring[1:] + ring[:1], strict=True))
        self._known: dict[float, Point] = {}

    def __call__(self, low: float, high: float) -> Point:
        """The widest x interval around the middle of the front that stays inside the outline from depth low to high."""
        spans = [self._at(depth) for depth in (low, high, *(y for _, y in self.ring if low < y < high))]
        if (0.0, 0.0) in spans:
            return 0.0, 0.0
        return max(left for left, _ in spans), min(right for _, right in spans)

    def _at(self, depth: float) -> Point:
        """The interval at one depth; (0, 0) where there is none."""
        if depth not in self._known:
            crossings = sorted(
                ax + (depth - ay) * (bx - ax) / (by - ay)
                for (ax, ay), (bx, by) in self._sides
                if (ay <= depth) != (by <= depth)
            )
            pairs = list(zip(crossings[::2], crossings[1::2], strict=False))
            self._known[depth] = min(
                pairs, key=lambda pair: max(pair[0] - self._middle, self._middle - pair[1]), default=(0.0, 0.0)
            )
        return self._known[depth]
