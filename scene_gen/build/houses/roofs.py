"""Roofs on four-cornered plans: gable, hip, half-hip, mansard, shed, pyramid, saw-tooth and flat with a parapet.

Corners are (x, y) in the building's frame, counter-clockwise from above, the first two along the front. Sloped roofs
are plates on the walls' tops, with eaves that stand out; each function gives the height of the ridge above the eaves
and the points that close the convex hull of the roof.
"""

import math
from collections.abc import Sequence

from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.sketch import ALL, FRONT, LEFT, RIGHT, STANDING, Sketch

Point = tuple[float, float]
Point3 = tuple[float, float, float]
Quad = Sequence[Point]

_PLATE = 0.16


def _unit(a: Point, b: Point) -> Point:
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _moved(p: Point, d: Point, by: float) -> Point:
    return p[0] + d[0] * by, p[1] + d[1] * by


def _distance(a: Point, b: Point) -> float:
    return math.hypot(b[0] - a[0], b[1] - a[1])


def grown(quad: Quad, by: Sequence[float]) -> list[Point]:
    """A convex quadrilateral with side i (from corner i to i + 1) moved out by `by[i]` [m]; negative moves it in."""
    lines = []
    for i in range(4):
        a, b = quad[i], quad[(i + 1) % 4]
        ux, uy = _unit(a, b)
        lines.append((a[0] + uy * by[i], a[1] - ux * by[i], ux, uy))
    points = []
    for i in range(4):
        ax, ay, ux, uy = lines[i - 1]
        bx, by_, vx, vy = lines[i]
        cross = ux * vy - uy * vx
        t = ((bx - ax) * vy - (by_ - ay) * vx) / cross
        points.append((ax + t * ux, ay + t * uy))
    return points


def turned(quad: Quad, eaves_on_front: bool) -> list[Point]:
    """The corners so that the first side carries the eaves."""
    return list(quad) if eaves_on_front else [quad[1], quad[2], quad[3], quad[0]]


def gable(
    sketch: Sketch,
    frame: int,
    quad: Quad,
    z: float,
    rise: float,
    roof: str,
    wall: str,
    *,
    eaves: float = 0.35,
    ends: tuple[float, float] = (0.3, 0.3),
    clip: float = 0.0,
    edge: str = "frame-white",
    holes: bool = False,
) -> tuple[float, list[Point3]]:
    """Eaves along the first and third side; `ends` the overhang at the gables on the fourth (left) and second (right).

    `clip` in (0, 1) cuts that share of the gables' height off by a small hip (half-hip). `holes` leaves plates out.
    """
    a, b, c, d = quad
    left, right = _middle(a, d), _middle(b, c)
    ridge = _unit(left, right)
    back = ridge[0] * -1, ridge[1] * -1
    half = min(_distance(a, d), _distance(b, c)) / 2
    drop = eaves * rise / half
    top = z + _PLATE
    for p, q, crest in ((d, a, left), (b, c, right)):
        if clip:
            share = min(1.0, 1.04 - clip)
            level, p1, q1 = z + rise * share, _toward(p, crest, share), _toward(q, crest, share)
            sketch.polygon(frame, [(*p, z), (*q, z), (*q1, level), (*p1, level)], wall)
        else:
            sketch.polygon(frame, [(*p, z), (*q, z), (*crest, z + rise)], wall)
    m0, m1 = _moved(left, back, ends[0]), _moved(right, ridge, ends[1])
    cut0, cut1 = clip * half + ends[0] * (clip > 0), clip * half + ends[1] * (clip > 0)
    for p, q, reach in ((a, b, eaves), (c, d, eaves)):
        ux, uy = _unit(p, q)
        along = ridge if p is a else back
        e0, e1 = (ends[0], ends[1]) if p is a else (ends[1], ends[0])
        low0 = (p[0] + uy * reach - along[0] * e0, p[1] - ux * reach - along[1] * e0)
        low1 = (q[0] + uy * reach + along[0] * e1, q[1] - ux * reach + along[1] * e1)
        high1, high0 = (m1, m0) if p is a else (m0, m1)
        if clip:
            c0, c1 = (cut0, cut1) if p is a else (cut1, cut0)
            share = 1 - clip
            near0 = _toward(low0, high0, _level_share(share, reach, half))
            near1 = _toward(low1, high1, _level_share(share, reach, half))
            top0, top1 = _moved(high0, along, c0), _moved(high1, along, -c1)
            level = top + rise * share
            points = [(*low0, top - drop), (*low1, top - drop), (*near1, level), (*top1, top + rise), (*top0, top + rise), (*near0, level)]  # fmt: skip
            sketch.slab(frame, points, _PLATE, roof, edge)
            continue
        plate = [(*low0, top - drop), (*low1, top - drop), (*high1, top + rise), (*high0, top + rise)]
        if holes and p is a:
            _torn(sketch, frame, plate, roof)
        else:
            sketch.slab(frame, plate, _PLATE, roof, edge)
    if clip:
        for end, away, p, q, cut in ((m0, ridge, d, a, cut0), (m1, back, b, c, cut1)):
            share = _level_share(1 - clip, eaves, half)
            e = ends[0] if end is m0 else ends[1]
            near = []
            for corner, other in ((p, q), (q, p)):
                n = _unit(other, corner)
                low = (corner[0] + n[0] * eaves - away[0] * e, corner[1] + n[1] * eaves - away[1] * e)
                near.append(_toward(low, end, share))
            points = [(*near[0], top + rise * (1 - clip)), (*near[1], top + rise * (1 - clip)), (*_moved(end, away, cut), top + rise)]  # fmt: skip
            sketch.slab(frame, points, _PLATE, roof, edge)
    if roof.startswith(("roof-tiles", "thatch", "shingles")) and not holes:
        i0, i1 = _moved(m0, ridge, cut0), _moved(m1, ridge, -cut1)
        _ridge(sketch, frame, i0, i1, top + rise, roof)
    return rise + _PLATE, [(*left, z + rise), (*right, z + rise)]


def _level_share(share: float, eaves: float, half: float) -> float:
    """How far up a plate (0 its eaves, 1 the ridge) the height `share` of the rise lies."""
    return (eaves + share * half) / (eaves + half)


def _toward(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _ridge(sketch: Sketch, frame: int, a: Point, b: Point, z: float, roof: str) -> None:
    length = _distance(a, b)
    if length < 0.5:
        return
    line = sketch.within(frame, a[0], a[1], 0.0, math.atan2(b[1] - a[1], b[0] - a[0]))
    wide = 0.24 if roof == "thatch" else 0.11
    sketch.box(line, (0, length), (-wide, wide), (z - 0.1, z + (0.12 if roof == "thatch" else 0.05)), roof, STANDING)


def _torn(sketch: Sketch, frame: int, plate: list[Point3], roof: str) -> None:
    """A slope with a strip missing, through which the rafters show."""

    def at(u: float, v: float) -> Point3:
        low = [plate[0][k] + (plate[1][k] - plate[0][k]) * u for k in range(3)]
        high = [plate[3][k] + (plate[2][k] - plate[3][k]) * u for k in range(3)]
        return tuple(low[k] + (high[k] - low[k]) * v for k in range(3))  # type: ignore[return-value]

    for u0, u1, v0, v1 in ((0.0, 0.3, 0.0, 1.0), (0.3, 0.62, 0.0, 0.4), (0.3, 0.62, 0.85, 1.0), (0.62, 1.0, 0.0, 1.0)):
        sketch.slab(frame, [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], _PLATE, roof)
    for u in (0.36, 0.44, 0.52):
        sketch.slab(frame, [at(u, 0.35), at(u + 0.02, 0.35), at(u + 0.02, 0.9), at(u, 0.9)], _PLATE, "wood-dark")


def hip(
    sketch: Sketch,
    frame: int,
    quad: Quad,
    z: float,
    pitch: float,
    roof: str,
    *,
    eaves: float | Sequence[float] = 0.4,
    edge: str = "frame-white",
    most: float = 99.0,
    plate: float = _PLATE,
) -> tuple[float, list[Point3]]:
    """All four sides slope; on a square plan it is a pyramid. The ridge runs along the longer pair of sides."""
    reach = [eaves] * 4 if isinstance(eaves, (int, float)) else list(eaves)
    if _distance(quad[0], quad[1]) + _distance(quad[2], quad[3]) < _distance(quad[1], quad[2]) + _distance(
        quad[3], quad[0]
    ):
        quad, reach = turned(quad, False), [reach[1], reach[2], reach[3], reach[0]]
    a, b, c, d = quad
    left, right = _middle(a, d), _middle(b, c)
    half = min(_distance(a, d), _distance(b, c)) / 2
    rise = min(half * pitch, most)
    drop = max(reach) * rise / half
    out = grown(quad, reach)
    length = _distance(left, right)
    along = _unit(left, right)
    inset = min(half, length / 2 - 0.01)
    r0, r1 = _moved(left, along, inset), _moved(right, along, -inset)
    top = z + plate
    low = [(*p, top - drop) for p in out]
    p0, p1 = (*r0, top + rise), (*r1, top + rise)
    if _distance(r0, r1) < 0.05:
        for i in range(4):
            sketch.slab(frame, [low[i], low[(i + 1) % 4], p0], plate, roof, edge)
    else:
        sketch.slab(frame, [low[0], low[1], p1, p0], plate, roof, edge)
        sketch.slab(frame, [low[2], low[3], p0, p1], plate, roof, edge)
        sketch.slab(frame, [low[1], low[2], p1], plate, roof, edge)
        sketch.slab(frame, [low[3], low[0], p0], plate, roof, edge)
    return rise + plate, [(*r0, z + rise), (*r1, z + rise)]


def mansard(
    sketch: Sketch, frame: int, quad: Quad, z: float, roof: str, *, height: float = 2.5, party: tuple[bool, bool] = (False, False), trim: str = "stone-light"
) -> tuple[float, list[Point3], list[Point]]:  # fmt: skip
    """A steep lower slope and a flat hip above; also gives the foot of the upper part, for dormers."""
    inset = [0.75, 0.0 if party[1] else 0.75, 0.75, 0.0 if party[0] else 0.75]
    upper = grown(quad, [-value for value in inset])
    lip = [(p[0], p[1]) for p in grown(quad, [0.22, 0.0 if party[1] else 0.22, 0.22, 0.0 if party[0] else 0.22])]
    sketch.slab(frame, [(*p, z + 0.18) for p in lip], 0.3, trim)
    for i in range(4):
        j = (i + 1) % 4
        sketch.polygon(
            frame, [(*quad[i], z + 0.1), (*quad[j], z + 0.1), (*upper[j], z + height), (*upper[i], z + height)], roof
        )
    more, peak = hip(sketch, frame, upper, z + height - 0.1, 0.3, roof, eaves=[0.12, 0.0 if party[1] else 0.12, 0.12, 0.0 if party[0] else 0.12], edge=trim, most=1.4)  # fmt: skip
    return height + more, [*((*p, z + height) for p in upper), *peak], upper


def shed(
    sketch: Sketch, frame: int, quad: Quad, z: float, rise: float, roof: str, wall: str, *, eaves: float = 0.3, edge: str = "frame-dark", sides: tuple[float, float] = (0.2, 0.2)
) -> tuple[float, list[Point3]]:  # fmt: skip
    """One slope, low at the front (first side) and high at the back."""
    a, b, c, d = quad
    sketch.polygon(frame, [(*d, z), (*a, z), (*d, z + rise)], wall)
    sketch.polygon(frame, [(*b, z), (*c, z), (*c, z + rise)], wall)
    sketch.polygon(frame, [(*c, z), (*d, z), (*d, z + rise), (*c, z + rise)], wall)
    depth = _distance(_middle(a, b), _middle(c, d))
    out = grown(quad, [eaves, sides[1], eaves, sides[0]])
    drop = eaves * rise / depth
    top = z + _PLATE
    sketch.slab(
        frame,
        [(*out[0], top - drop), (*out[1], top - drop), (*out[2], top + rise + drop), (*out[3], top + rise + drop)],
        _PLATE,
        roof,
        edge,
    )
    return rise + drop + _PLATE, [(*c, z + rise), (*d, z + rise)]


def sawtooth(
    sketch: Sketch,
    frame: int,
    quad: Quad,
    z: float,
    roof: str,
    wall: str,
    *,
    tooth: float = 5.0,
    rise: float = 2.0,
) -> tuple[float, list[Point3]]:
    """Teeth side by side along the front of a rectangle, each with its glass to the right."""
    (x0, y0), (x1, _), (_, y1), _ = quad
    count = max(2, round((x1 - x0) / tooth))
    step = (x1 - x0) / count
    high = z + rise
    for i in range(count):
        a, b = x0 + i * step, x0 + (i + 1) * step
        sketch.polygon(frame, [(a, y0, z), (b, y0, z), (b, y0, high)], wall)
        sketch.polygon(frame, [(b, y1, z), (a, y1, z), (b, y1, high)], wall)
        slope = [
            (a, y0 - 0.1, z + 0.12),
            (b, y0 - 0.1, high + 0.12),
            (b, y1 + 0.1, high + 0.12),
            (a, y1 + 0.1, z + 0.12),
        ]
        sketch.slab(frame, slope, 0.14, roof, "frame-dark")
        sketch.polygon(frame, [(b, y0, z), (b, y1, z), (b, y1, high), (b, y0, high)], "frame-dark")
        panes = max(2, round((y1 - y0) / 3.0))
        wide = (y1 - y0 - 0.4) / panes
        for k in range(panes):
            c = y0 + 0.2 + k * wide
            ring = [(c + 0.1, z + 0.3), (c + wide - 0.1, z + 0.3), (c + wide - 0.1, high - 0.2), (c + 0.1, high - 0.2)]
            sketch.polygon(frame, [(b + 0.03, y, h) for y, h in ring], "glass")
    return rise + 0.12, [(x0 + step, y0, high), (x1, y0, high), (x1, y1, high), (x0 + step, y1, high)]


def flat(
    sketch: Sketch, frame: int, quad: Quad, z: float, roof: str, wall: str, *, parapet: float = 0.6, thick: float = 0.25, cap: str = ""
) -> tuple[float, list[Point3]]:  # fmt: skip
    """A flat roof at z behind a parapet, which goes on from the walls."""
    inner = grown(quad, [-thick] * 4)
    high = z + parapet
    sketch.polygon(frame, [(*p, z) for p in inner], roof)
    for i in range(4):
        j = (i + 1) % 4
        sketch.polygon(frame, [(*quad[i], z), (*quad[j], z), (*quad[j], high), (*quad[i], high)], wall)
        sketch.polygon(frame, [(*inner[j], z), (*inner[i], z), (*inner[i], high), (*inner[j], high)], wall)
        sketch.polygon(frame, [(*quad[i], high), (*quad[j], high), (*inner[j], high), (*inner[i], high)], cap or wall)
    return parapet, [(*p, high) for p in quad]


def roof_gear(sketch: Sketch, frame: int, quad: Quad, z: float, dice: Dice, *, stairs: bool = True) -> None:
    """Stair head, ventilators and pipes on a flat roof."""
    (x0, y0), (x1, _), (_, y1), _ = quad
    width, depth = x1 - x0, y1 - y0
    if width < 6 or depth < 6:
        return
    if stairs:
        x, y = x0 + width * dice.between(0.3, 0.6), y0 + depth * dice.between(0.45, 0.65)
        sketch.box(frame, (x, x + 2.4), (y, y + 2.6), (z, z + 2.3), "concrete-grey", STANDING)
        sketch.box(frame, (x - 0.1, x + 2.5), (y - 0.1, y + 2.7), (z + 2.3, z + 2.45), "concrete-dark", ALL)
        sketch.flat(frame, (x + 0.7, x + 1.6), (z, z + 2.0), "door-dark", y - 0.03)
    for _ in range(1 + int(width * depth / 120)):
        x, y = x0 + width * dice.between(0.12, 0.8), y0 + depth * dice.between(0.1, 0.35)
        if dice.chance(0.5):
            sketch.box(frame, (x, x + 1.3), (y, y + 1.0), (z + 0.1, z + 1.1), "steel", STANDING)
            sketch.box(frame, (x + 0.2, x + 1.1), (y - 0.02, y), (z + 0.3, z + 0.9), "iron-dark", FRONT)
        else:
            sketch.frustum(frame, (x, y), (z, z + 0.9), (0.25, 0.25), "steel", 8)
            sketch.frustum(frame, (x, y), (z + 0.9, z + 1.2), (0.4, 0.0), "steel", 8)


def chimney(sketch: Sketch, frame: int, at: Point, z: tuple[float, float], material: str) -> None:
    """A stack with a capping and two pots."""
    x, y = at
    sketch.box(frame, (x - 0.32, x + 0.32), (y - 0.28, y + 0.28), z, material, STANDING)
    sketch.box(frame, (x - 0.4, x + 0.4), (y - 0.36, y + 0.36), (z[1], z[1] + 0.14), "stone-dark", STANDING | 32)
    for dx in (-0.15, 0.15):
        sketch.box(
            frame,
            (x + dx - 0.09, x + dx + 0.09),
            (y - 0.09, y + 0.09),
            (z[1] + 0.14, z[1] + 0.45),
            "roof-tiles-orange",
            STANDING,
        )


def dormer(
    sketch: Sketch, frame: int, x: float, z: float, depth: float, pitch: float, roof: str, wall: str, trim: str, glass: str
) -> None:  # fmt: skip
    """A gabled window in a slope: its front on the wall frame's plane y = depth at height z, going back into the slope."""
    wide, high = 0.72, 1.15
    back = depth + (high + 0.5) / pitch + 0.1
    line = sketch.within(frame, x, depth)
    sketch.box(line, (-wide, wide), (0.0, back - depth), (z, z + high), wall, FRONT | LEFT | RIGHT)
    sketch.polygon(line, [(-wide, 0.0, z + high), (wide, 0.0, z + high), (0.0, 0.0, z + high + 0.5)], wall)
    sketch.window(line, 0.0, z + 0.18, (0.85, high - 0.3), trim, glass, border=0.1)
    sketch.flat(line, (-0.025, 0.025), (z + 0.18, z + high - 0.12), trim, -0.045)
    for sign in (-1, 1):
        eave, crest = (sign * (wide + 0.18), z + high - 0.1), (0.0, z + high + 0.55)
        near, far = -0.2, back - depth
        points = [(eave[0], far, eave[1]), (eave[0], near, eave[1]), (0.0, near, crest[1]), (0.0, far, crest[1])]
        sketch.slab(line, points if sign < 0 else points[::-1], 0.08, roof, trim)
