"""Mosques, temples and pagodas."""

import math
from itertools import pairwise

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, centred, doorway, rectangle, regular, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.lots import Lot, Point
from scene_gen.build.houses.sketch import STANDING, Sketch

_CLASSICAL = ("mediterranean", "colonial", "victorian", "arabic")


def dome(
    sketch: Sketch, frame: int, centre: Point, z: float, radius: float, material: str, *, onion: float = 0.0, sides: int = 18
) -> float:  # fmt: skip
    """A half sphere, or an onion that bulges by a share of its radius and ends in a point; gives its top."""
    if onion:
        profile = [
            (1.0, 0.0),
            (1.0 + onion, 0.28),
            (1.0 + onion * 1.05, 0.5),
            (0.92, 0.82),
            (0.6, 1.1),
            (0.28, 1.32),
            (0.0, 1.75),
        ]
    else:
        profile = [(math.cos(a), math.sin(a)) for a in (i * math.pi / 14 for i in range(7))] + [(0.0, 1.0)]
    sketch.lathe(frame, centre, [(r * radius, z + h * radius) for r, h in profile], material, sides)
    return z + profile[-1][1] * radius


def mosque(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A prayer hall with a great dome on a drum, a tall arched portal and one or two minarets."""
    work = Work(sketch, lot, frame, d, dice)
    wall = d.wall if d.wall.startswith(("stone", "plaster")) else "plaster-white"
    wall = dice.pick((wall, "plaster-white", "stone-light", "plaster-sand"))
    copper = dice.pick(("roof-copper", "roof-copper", "roof-gold", "plaster-blue"))
    width, depth = min(work.width, 30.0), min(work.depth, 30.0)
    x0 = (work.width - width) / 2
    tower = max(1.5, min(width * 0.11, 2.6))
    hall = rectangle(width - 2 * tower, depth - tower * 0.6, x0 + tower, tower * 0.6)
    eaves = min(9.0, max(5.0, min(width, depth) * 0.42))
    walls = work.mass(hall, eaves, wall=wall, plinth=0.5)
    roofs.flat(sketch, work.frame, hall, eaves, "roof-gravel", wall, parapet=0.7, thick=0.4, cap="stone-light")
    front = walls[0]
    for line in walls:
        facade.band(sketch, line, eaves - 0.3, "stone-light")
        for x in facade.bays(line.length, 3.0, 1.0):
            if line is front and abs(x - line.length / 2) < line.length * 0.2 + 0.8:
                continue
            for z, tall in ((eaves * 0.18, eaves * 0.3), (eaves * 0.62, eaves * 0.2)):
                sketch.window(line.frame, x, z, (1.1, tall), "stone-light", facade.pane(d, dice), border=0.18, proud=0.1, shape="pointed")  # fmt: skip
    iwan = front.length * 0.36
    high = eaves * 1.3
    middle = front.length / 2
    sketch.box(front.frame, (middle - iwan / 2, middle + iwan / 2), (-0.7, 1.2), (-1.0, high), wall, STANDING)
    sketch.window(front.frame, middle, 0.1, (iwan * 0.66, high * 0.78), copper if copper != "roof-gold" else "plaster-blue", "plaster-dark", border=0.35, proud=0.2, shape="pointed", y=-0.7)  # fmt: skip
    spot = facade.door(sketch, front.frame, middle, d, size=(1.5, 2.4), step=0.12, reach=0.3, y=-0.72)
    work.covers(rectangle(iwan, 0.8, x0 + tower + middle - iwan / 2, tower * 0.6 - 0.7), (-1.0, high))
    work.doors.append(doorway(sketch, front.frame, (spot[0], spot[1], spot[2]), 2.4))
    radius = min(width - 2 * tower, depth) * 0.3
    centre = (x0 + width / 2, tower * 0.6 + (depth - tower * 0.6) * 0.53)
    drum = eaves + 1.6 + radius * 0.2
    sides = 18
    sketch.frustum(work.frame, centre, (eaves, drum), (radius * 1.04, radius * 1.04), wall, sides)
    for i in range(0, sides, 2):
        angle = (i + 0.5) * math.tau / sides
        r = radius * 1.04 * math.cos(math.pi / sides)
        spot_ = sketch.within(
            work.frame, centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle), 0.0, angle + math.pi / 2
        )
        sketch.window(spot_, 0.0, eaves + 0.8, (radius * 0.17, (drum - eaves) * 0.5), "stone-light", facade.pane(d, dice), border=0.08, shape="round")  # fmt: skip
    sketch.frustum(work.frame, centre, (drum, drum + 0.25), (radius * 1.12, radius * 1.12), "stone-light", sides)
    sketch.frustum(work.frame, centre, (drum + 0.25, drum + 0.3), (radius * 1.12, 0.0), "stone-light", sides)
    crown = dome(
        sketch, work.frame, centre, drum + 0.2, radius, copper, onion=0.1 if dice.chance(0.5) else 0.0, sides=sides
    )
    crown = _finial(sketch, work.frame, centre, crown - 0.1, 1.8)
    work.peaked(regular(9, radius, *centre), eaves, [(*centre, crown - 1.6)])
    for dx in (-1, 1):
        for dy in (-1, 1):
            small = radius * 0.3
            at = (
                centre[0] + dx * (width / 2 - tower - small - 0.7),
                centre[1] + dy * ((depth - tower * 0.6) * 0.45 - small),
            )
            if math.hypot(at[0] - centre[0], at[1] - centre[1]) > radius + small:
                sketch.frustum(work.frame, at, (eaves, eaves + 0.9), (small, small), wall, 10)
                dome(sketch, work.frame, at, eaves + 0.9, small, copper, sides=10)
    tip = crown
    for dx in (-1, 1) if width > 17 else (1,):
        at = (x0 + width / 2 + dx * (width / 2 - tower * 0.75), tower * 0.75)
        tip = max(tip, minaret(work, at, tower * 0.62, crown * dice.between(1.25, 1.4), wall, copper))
    return work.built(eaves, tip - eaves, 1, "dome", materials=(wall, copper))


def _finial(sketch: Sketch, frame: int, centre: Point, z: float, size: float) -> float:
    sketch.frustum(frame, centre, (z, z + size), (0.06, 0.04), "brass", 6)
    for share, r in ((0.15, 0.22), (0.42, 0.15)):
        low = z + size * share
        sketch.lathe(frame, centre, [(0.04, low), (r, low + r), (0.04, low + 2 * r)], "brass", 8)
    points = [(0.28 * math.cos(a), 0.28 * math.sin(a)) for a in (math.radians(130 + i * 280 / 6) for i in range(7))]
    for start, end in pairwise(points):
        at = sketch.within(frame, *centre)
        sketch.beam(
            at, (start[0], z + size + 0.2 + start[1]), (end[0], z + size + 0.2 + end[1]), 0.09, "brass", 0.04, 0.02
        )
        back = sketch.within(frame, centre[0], centre[1], 0.0, math.pi)
        sketch.beam(
            back, (-end[0], z + size + 0.2 + end[1]), (-start[0], z + size + 0.2 + start[1]), 0.09, "brass", 0.04, 0.02
        )
    return z + size + 0.5


def minaret(work: Work, at: Point, radius: float, top: float, wall: str, cap: str) -> float:
    """A slender tower with a gallery and a pointed cap; gives its top."""
    sketch, frame = work.sketch, work.frame
    base = top * 0.22
    sketch.box(frame, (at[0] - radius, at[0] + radius), (at[1] - radius, at[1] + radius), (-1.0, base), wall, STANDING)
    r = radius * 0.82
    gallery = top * 0.74
    sketch.lathe(
        frame, at, [(r, base), (r * 0.92, gallery - 0.8), (r * 1.5, gallery), (r * 1.5, gallery + 0.9)], wall, 12
    )
    sketch.frustum(frame, at, (gallery + 0.15, gallery + 0.15), (r * 1.5, 0.0), "stone-light", 12)
    sketch.lathe(frame, at, [(r * 0.75, gallery), (r * 0.72, top * 0.9)], wall, 12)
    sketch.frustum(frame, at, (top * 0.9, top * 0.91), (r * 0.95, r * 0.95), "stone-light", 12)
    sketch.frustum(frame, at, (top * 0.91, top * 1.06), (r * 0.9, 0.0), cap, 12)
    for z in (base * 1.6, base * 2.4):
        sketch.flat(sketch.within(frame, at[0], at[1] - r), (-0.14, 0.14), (z, z + 0.9), "plaster-dark", -0.02)
    work.covers(centred(2 * radius, 2 * radius, *at), (-1.0, top * 1.0))
    return _finial(sketch, frame, at, top * 1.05, 1.0)


def flared(
    sketch: Sketch, frame: int, quad: list[Point], z: float, roof: str, *, eaves: float, pitch: float = 0.75, lift: float = 0.3, most: float = 99.0, edge: str = "wood-dark", cut: float = 0.0
) -> tuple[float, list[tuple[float, float, float]]]:  # fmt: skip
    """A hip roof with wide, upturned eaves. `cut` in metres leaves only the skirt around an inner plan that far in."""
    outer = roofs.grown(quad, [eaves] * 4)
    inner = roofs.grown(quad, [-(cut or eaves * 0.35)] * 4)
    run = eaves + (cut or eaves * 0.35)
    low, mid = z - 0.25, z + run * 0.38
    for i in range(4):
        j = (i + 1) % 4
        a, b = (*outer[i], low + lift), (*outer[j], low + lift)
        p = ((outer[i][0] * 0.72 + outer[j][0] * 0.28), (outer[i][1] * 0.72 + outer[j][1] * 0.28), low)
        q = ((outer[i][0] * 0.28 + outer[j][0] * 0.72), (outer[i][1] * 0.28 + outer[j][1] * 0.72), low)
        c, e = (*inner[j], mid), (*inner[i], mid)
        s = tuple(e[k] + (c[k] - e[k]) * 0.28 for k in range(3))
        t = tuple(e[k] + (c[k] - e[k]) * 0.72 for k in range(3))
        sketch.slab(frame, [a, p, s, e], 0.18, roof, edge)  # type: ignore[list-item]
        sketch.slab(frame, [p, q, t, s], 0.18, roof, edge)  # type: ignore[list-item]
        sketch.slab(frame, [q, b, c, t], 0.18, roof, edge)  # type: ignore[list-item]
    if cut:
        return mid - z, [(*p, mid) for p in inner]
    rise, peak = roofs.hip(sketch, frame, inner, mid - 0.16, pitch, roof, eaves=0.05, edge=edge, most=most)
    (x0, y0, top), (x1, y1, _) = peak
    line = sketch.within(frame, x0, y0, 0.0, math.atan2(y1 - y0, x1 - x0) if (x1, y1) != (x0, y0) else 0.0)
    length = math.hypot(x1 - x0, y1 - y0)
    sketch.box(line, (-0.4, length + 0.4), (-0.16, 0.16), (top + 0.1, top + 0.45), roof, STANDING)
    for x in (-0.45, length + 0.25):
        sketch.box(line, (x, x + 0.2), (-0.14, 0.14), (top + 0.3, top + 0.85), edge, STANDING)
    return mid - z + rise + 0.4, peak


def temple(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A columned hall on a platform: with upturned tiled roofs, or classical with a pediment where the style is southern."""
    if d.style_name in _CLASSICAL:
        return _classical(Work(sketch, lot, frame, d, dice))
    work = Work(sketch, lot, frame, d, dice)
    width, depth = min(work.width, 24.0), min(work.depth, 19.0)
    x0 = (work.width - width) / 2
    platform, over = 0.9, min(1.5, width * 0.09)
    base = rectangle(width - 2 * over, depth - 2 * over, x0 + over, over)
    red = dice.pick(("paint-red", "paint-red", "wood-dark"))
    roof = dice.pick(("roof-tiles-dark", "shingles-green", "roof-tiles-orange"))
    for line in work.mass(base, platform, wall="stone-light", plinth=0):
        facade.band(sketch, line, platform - 0.12, "stone-grey")
    work.top(base, platform, "paving")
    hall = roofs.grown(base, [-1.7, -1.5, -1.5, -1.5])
    high = platform + min(4.0, width * 0.26)
    walls = work.mass(hall, high, wall="plaster-white", bottom=platform - 0.1, plinth=0)
    for line in walls:
        middles = facade.bays(line.length, 2.2, 0.2)
        step = line.length / len(middles)
        for i in range(len(middles) + 1):
            x = min(max(i * step, 0.12), line.length - 0.12)
            sketch.box(line.frame, (x - 0.14, x + 0.14), (-0.1, 0.0), (platform, high), red, 1 | 2 | 8)
        for z in (platform + 0.15, high - 0.55):
            sketch.box(line.frame, (0.0, line.length), (-0.08, 0.0), (z, z + 0.28), red, 1 | 16 | 32)
        for x in middles:
            if line is walls[0] and abs(x - line.length / 2) < step * 0.6:
                continue
            half = step * 0.3
            sketch.flat(line.frame, (x - half, x + half), (platform + 0.7, high - 0.8), facade.pane(d, dice), -0.02)
            for k in range(1, 4):
                at = x - half + 2 * half * k / 4
                sketch.flat(line.frame, (at - 0.03, at + 0.03), (platform + 0.7, high - 0.8), "wood-dark", -0.05)
    front = walls[0]
    outer = walls_of(sketch, work.frame, roofs.grown(base, [-0.45] * 4))
    for line in outer:
        for x in facade.bays(line.length + 1.8, 2.8, 0.0)[:-1]:
            at = x + 0.5 * (line.length + 1.8) / max(1, round((line.length + 1.8) / 2.8)) - 0.9
            sketch.frustum(line.frame, (at, 0.0), (platform, high + 0.2), (0.19, 0.17), red, 8)
        sketch.box(line.frame, (0.0, line.length), (-0.13, 0.13), (high - 0.1, high + 0.2), red, 1 | 4 | 32 | 16)
    _double_door(work, front, platform, red)
    steps = walls_of(sketch, work.frame, base)[0]
    room = over * 0.9
    for i in range(3):
        out = room * (3 - i) / 3
        sketch.box(
            steps.frame,
            (steps.length / 2 - 1.8, steps.length / 2 + 1.8),
            (-out, 0.0),
            (-0.5, platform * (i + 1) / 3),
            "stone-grey",
            STANDING,
        )
    deck = roofs.grown(base, [-0.4] * 4)
    if width > 11:
        rise, _ = flared(sketch, work.frame, deck, high + 0.2, roof, eaves=over + 0.2, cut=width * 0.16)
        upper = roofs.grown(deck, [-width * 0.16 - 0.05] * 4)
        top = high + rise + 1.4
        for line in walls_of(sketch, work.frame, upper):
            sketch.flat(line.frame, (0, line.length), (high, top), "plaster-white", 0.0)
            sketch.box(line.frame, (0.0, line.length), (-0.08, 0.0), (top - 0.3, top), red, 1 | 32)
        more, peak = flared(sketch, work.frame, upper, top, roof, eaves=over + 0.1, pitch=0.8)
        total = top + more
    else:
        more, peak = flared(sketch, work.frame, deck, high + 0.2, roof, eaves=over, pitch=0.85)
        total = high + 0.2 + more
    work.peaked(deck, high, peak)
    return work.built(high, total - high, 1, "hip", materials=("plaster-white", roof))


def _double_door(work: Work, wall: facade.Wall, z: float, color: str) -> None:
    sketch, x = work.sketch, wall.length / 2
    high = 2.3
    sketch.flat(wall.frame, (x - 0.9, x + 0.9), (z, z + high), "door-dark", -0.03)
    for a, b in ((x - 0.85, x - 0.03), (x + 0.03, x + 0.85)):
        sketch.flat(wall.frame, (a, b), (z + 0.08, z + high - 0.05), color, -0.06)
        sketch.flat(wall.frame, (a + 0.12, b - 0.12), (z + high * 0.5, z + high - 0.2), "wood-light", -0.08)
    front = walls_of(sketch, work.frame, rectangle(work.width, work.depth))[0]
    work.doors.append(doorway(sketch, front.frame, (work.width / 2, -0.15, 1.8), high))


def pagoda(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Tiers that grow smaller, each with an upturned roof, and a spire of rings."""
    work = Work(sketch, lot, frame, d, dice)
    side = min(work.width, work.depth, 12.0)
    centre = (work.width / 2, side / 2)
    tiers = max(3, d.storeys)
    wall, red = "plaster-white", "paint-red"
    roof = dice.pick(("roof-tiles-dark", "shingles-green", "roof-tiles-dark"))
    over = side * 0.14
    size = side - 2 * over
    base = centred(size + over, size + over, *centre)
    work.mass(base, 0.6, wall="stone-light", plinth=0)
    work.top(base, 0.6, "paving")
    z = 0.6
    eaves = 0.0
    for tier in range(tiers):
        plan = centred(size, size, *centre)
        high = z + max(2.0, size * (0.42 if tier == 0 else 0.34))
        walls = work.mass(plan, high, wall=wall, bottom=z - 0.3, plinth=0)
        for line in walls:
            count = 3
            for i in range(count + 1):
                x = min(max(line.length * i / count, 0.1), line.length - 0.1)
                sketch.box(line.frame, (x - 0.12, x + 0.12), (-0.08, 0.0), (z, high), red, 1 | 2 | 8)
            sketch.box(line.frame, (0.0, line.length), (-0.08, 0.0), (high - 0.3, high), red, 1 | 32)
            for x in facade.bays(line.length, line.length / 3, 0.0):
                if tier == 0 and line is walls[0] and abs(x - line.length / 2) < 0.5:
                    continue
                wide = line.length * 0.085
                sketch.flat(line.frame, (x - wide, x + wide), (z + 0.6, high - 0.6), facade.pane(d, dice), -0.03)
                sketch.flat(line.frame, (x - 0.03, x + 0.03), (z + 0.6, high - 0.6), "wood-dark", -0.05)
        if tier == 0:
            _double_door(work, walls[0], z, red)
            eaves = high
        smaller = size * 0.84
        if tier < tiers - 1:
            rise, _ = flared(
                sketch, work.frame, plan, high, roof, eaves=over, cut=(size - smaller) / 2 + 0.02, lift=0.35
            )
            z = high + rise - 0.05
        else:
            rise, peak = flared(sketch, work.frame, plan, high, roof, eaves=over, pitch=1.0, lift=0.35)
            work.peaked(plan, high, peak)
            z = high + rise
        size = smaller
    tip = z + side * 0.35
    sketch.frustum(work.frame, centre, (z - 0.6, tip), (0.14, 0.05), "brass", 8)
    for i in range(5):
        ring = z + (tip - z) * (0.15 + 0.15 * i)
        sketch.lathe(work.frame, centre, [(0.1, ring), (0.42 - 0.05 * i, ring + 0.08), (0.1, ring + 0.16)], "brass", 8)
    return work.built(eaves, tip - eaves, tiers, "hip", materials=(wall, roof))


def _classical(work: Work) -> Built:
    """A temple with columns all round and a pediment."""
    sketch, d = work.sketch, work.d
    width, depth = min(work.width, 20.0), min(work.depth, 30.0)
    x0 = (work.width - width) / 2
    stone = d.wall if d.wall.startswith("stone") else "stone-light"
    platform = 0.9
    for i in range(3):
        plan = rectangle(width - 0.7 * i, depth - 0.7 * i, x0 + 0.35 * i, 0.35 * i)
        z = platform * (i + 1) / 3
        for line in walls_of(sketch, work.frame, plan):
            sketch.flat(line.frame, (0, line.length), (-1.0, z), stone, 0.0)
        work.top(plan, z, stone)
    work.covers(rectangle(width, depth, x0, 0.0), (-1.0, platform))
    ring = rectangle(width - 2.4, depth - 2.4, x0 + 1.2, 1.2)
    high = platform + min(7.0, width * 0.46)
    for line in walls_of(sketch, work.frame, ring):
        count = max(3, round(line.length / 2.4))
        for i in range(count):
            x = line.length * i / count
            column(sketch, line.frame, (x, 0.0), (platform, high), 0.36, stone)
    beam = rectangle(width - 1.4, depth - 1.4, x0 + 0.7, 0.7)
    for line in walls_of(sketch, work.frame, beam):
        sketch.flat(line.frame, (0, line.length), (high, high + 1.1), stone, 0.0)
        facade.band(sketch, line, high + 0.55, stone)
    sketch.polygon(work.frame, [(*p, high) for p in beam[::-1]], stone)
    rise = (width - 1.4) / 2 * 0.42
    _, peak = roofs.gable(sketch, work.frame, roofs.turned(beam, False), high + 1.1, rise, "roof-tiles-orange", stone, eaves=0.3, ends=(0.3, 0.3), edge=stone)  # fmt: skip
    hall = rectangle(width - 6.4, depth - 7.2, x0 + 3.2, 3.6)
    walls = work.mass(hall, high, wall=stone, bottom=platform - 0.1, plinth=0)
    _double_door(work, walls[0], platform, "door-brown")
    work.peaked(beam, high, peak)
    return work.built(high + 1.1, rise, 1, "gable", materials=(stone, "roof-tiles-orange"))


def column(sketch: Sketch, frame: int, at: Point, z: tuple[float, float], radius: float, material: str) -> None:
    """A round column with base and capital."""
    low, high = z
    sketch.box(
        frame,
        (at[0] - radius * 1.3, at[0] + radius * 1.3),
        (at[1] - radius * 1.3, at[1] + radius * 1.3),
        (low, low + 0.2),
        material,
        STANDING,
    )
    sketch.frustum(frame, at, (low + 0.2, high - 0.3), (radius, radius * 0.82), material, 10)
    sketch.box(
        frame,
        (at[0] - radius * 1.3, at[0] + radius * 1.3),
        (at[1] - radius * 1.3, at[1] + radius * 1.3),
        (high - 0.3, high),
        material,
        STANDING | 32,
    )
