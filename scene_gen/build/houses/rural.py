"""Buildings of the country: barn, log cabin, greenhouse."""

import math

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, rectangle, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch
from scene_gen.plan.said import roofs_said


def barn(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A gambrel roof, a wide gate with crossed braces and a hay door in the gable."""
    work = Work(sketch, lot, frame, d, dice)
    to_street = work.width <= work.depth * 1.25
    width, depth = work.width, work.depth
    span, length = (min(width, 13.0), depth) if to_street else (min(depth, 13.0), width)
    x0 = (width - span) / 2 if to_street else 0.0
    plan = rectangle(span, length, x0, 0.0) if to_street else rectangle(length, span)
    wall, trim = d.wall, "frame-white"
    eaves = 4.0
    walls = work.mass(plan, eaves, wall=wall, plinth=0.5)
    usual = dice.pick(("shingles-grey", "roof-metal", "shingles-wood", "roof-tiles-brown"))
    roof = d.roof if roofs_said(d.attributes) else usual
    turned = roofs.turned(plan, not to_street)
    rise, peak = _gambrel(sketch, work.frame, turned, eaves, roof, wall, trim, min(0.4, *lot.free))
    work.peaked(plan, eaves, peak)
    gable = walls[0] if to_street else walls[3]
    front = walls[0]
    size = (min(4.0, span * 0.42), 3.4)
    work.gate(front, front.length / 2, size, wall if wall.startswith("planks") else "door-brown", trim)
    for line in (gable, walls[2] if to_street else walls[1]):
        middle = line.length / 2
        sketch.box(
            line.frame,
            (middle - 0.8, middle + 0.8),
            (-0.07, 0.0),
            (eaves + 0.4, eaves + 2.1),
            "door-brown",
            1 | 2 | 8 | 16,
        )
        sketch.beam(line.frame, (middle - 0.8, eaves + 0.45), (middle + 0.8, eaves + 2.05), 0.14, trim, 0.03, -0.07)
        sketch.beam(line.frame, (middle + 0.8, eaves + 0.45), (middle - 0.8, eaves + 2.05), 0.14, trim, 0.03, -0.07)
        for a, b in ((-0.9, -0.76), (0.76, 0.9)):
            sketch.flat(line.frame, (middle + a, middle + b), (eaves + 0.35, eaves + 2.2), trim, -0.1)
        for z in (eaves + 0.3, eaves + 2.1):
            sketch.flat(line.frame, (middle - 0.9, middle + 0.9), (z, z + 0.14), trim, -0.1)
    for line in walls:
        for x in (0.0, line.length - 0.2):
            sketch.box(line.frame, (x, x + 0.2), (-0.05, 0.0), (0.5, eaves), trim, 1 | 2 | 8)
        sketch.flat(line.frame, (0.0, line.length), (eaves - 0.25, eaves - 0.05), trim, -0.04)
        for x in facade.bays(line.length, 3.2, 0.6):
            if line is front and abs(x - front.length / 2) < size[0] / 2 + 0.7:
                continue
            facade.opening(sketch, line.frame, x, 1.5, (0.8, 0.8), d, dice)
    return work.built(eaves, rise, 1, "gambrel", materials=(wall, roof))


def _gambrel(
    sketch: Sketch, frame: int, quad: list, z: float, roof: str, wall: str, trim: str, over: float
) -> tuple[float, list]:  # fmt: skip
    """Eaves along the first and third side; a steep lower and a shallow upper slope."""
    a, b, c = quad[:3]
    line = sketch.within(frame, a[0], a[1], 0.0, math.atan2(b[1] - a[1], b[0] - a[0]))
    length, span = math.dist(a, b), math.dist(b, c)
    knee, low, top = span * 0.2, span * 0.3, span * 0.46
    for x, turn in ((0.0, False), (length, True)):
        ring = [(x, span, z), (x, 0.0, z), (x, knee, z + low), (x, span / 2, z + top), (x, span - knee, z + low)]
        sketch.polygon(line, ring[::-1] if turn else ring, wall)
    t = 0.14
    x0, x1 = -over, length + over
    run = over * 0.4
    for sign in (1, -1):
        y = [0.0 - run, knee, span / 2] if sign > 0 else [span + run, span - knee, span / 2]
        heights = [z - run * low / knee + t, z + low + t, z + top + t]
        for i in (0, 1):
            ring = [
                (x0, y[i], heights[i]),
                (x1, y[i], heights[i]),
                (x1, y[i + 1], heights[i + 1]),
                (x0, y[i + 1], heights[i + 1]),
            ]
            sketch.slab(line, ring if sign > 0 else ring[::-1], t, roof, trim)
    world = [(0.0, knee, z + low), (length, knee, z + low), (0.0, span - knee, z + low), (length, span - knee, z + low), (0.0, span / 2, z + top), (length, span / 2, z + top)]  # fmt: skip
    ux, uy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    return top + t, [(a[0] + ux * x - uy * y, a[1] + uy * x + ux * y, h) for x, y, h in world]


def cabin(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Log walls with crossing ends, a gable roof that covers a porch, and a stone chimney."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    porch = 1.6 if depth > 6.0 else 0.0
    eaves = 2.5
    inset = 0.25
    plan = rectangle(width - 2 * inset, depth - porch - inset, inset, porch)
    log = d.wall if d.wall.startswith("planks") else "planks-natural"
    walls = work.mass(plan, eaves, wall=log, plinth=0.0)
    to_street = width < depth * 1.1 or porch > 0
    roof = (
        d.roof
        if d.roof.startswith(("shingles", "thatch", "roof-tiles"))
        else dice.pick(("shingles-wood", "shingles-grey", "shingles-green"))
    )
    cover = rectangle(width - 2 * inset, depth - inset - 0.2, inset, 0.2)
    span = width if to_street else depth
    over = min(0.35, *lot.free[1:]) + inset * 0.8
    rise, peak = roofs.gable(
        sketch,
        work.frame,
        roofs.turned(cover, not to_street),
        eaves,
        span * 0.36,
        roof,
        log,
        eaves=over,
        ends=(0.15, over),
        edge="wood-dark",
    )
    work.peaked(plan, eaves, peak)
    work.stands(rectangle(width - 2 * inset, depth - inset - 0.2, inset, 0.2))
    front = walls[0]
    at = front.length * (0.5 if front.length > 5 else 0.35)
    for line in walls:
        count = round(eaves / 0.3)
        openings = [at] if line is front else []
        middles = facade.bays(line.length, 2.6, 0.4)
        for i in range(count):
            z = eaves * (i + 0.5) / count
            sketch.beam(line.frame, (-0.22, z), (line.length + 0.22, z), eaves / count - 0.05, log, 0.07)
        for x in middles:
            if openings and abs(x - at) < 1.1:
                continue
            facade.opening(sketch, line.frame, x, 0.95, (0.8, 0.9), d, dice, y=-0.08)
    work.door(front, at, size=(0.95, 2.0), step=0.15, reach=0.35, y=-0.08)
    if porch:
        sketch.box(work.frame, (inset, width - inset), (0.3, porch), (-0.5, 0.12), "deck-planks", STANDING)
        for x in (inset + 0.1, width / 2 - 0.9, width / 2 + 0.9, width - inset - 0.1):
            sketch.frustum(work.frame, (x, 0.45), (0.0, eaves), (0.11, 0.1), "wood", 7)
        for a, b in ((inset + 0.1, width / 2 - 0.9), (width / 2 + 0.9, width - inset - 0.1)):
            for z in (0.55, 0.95):
                sketch.box(work.frame, (a, b), (0.41, 0.49), (z, z + 0.08), "wood", ALL)
    if d.chimney or dice.chance(0.7):
        roofs.chimney(sketch, work.frame, (width * 0.75, depth * 0.6), (eaves, eaves + rise + 0.7), "stone-grey")
    return work.built(eaves, rise, 1, "gable", materials=(log, roof))


def greenhouse(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Glass on a low brick wall between white bars, with rows of plants seen at the door."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    along_front = width >= depth
    plan = rectangle(width, depth)
    eaves, sill = 2.3, 0.6
    glass, bar = "curtain-wall-green", "frame-white"
    walls = work.mass(plan, sill, wall="brick-red", plinth=0.0)
    for line in walls:
        sketch.flat(line.frame, (0, line.length), (sill, eaves), glass, 0.0)
        count = max(2, round(line.length / 0.9))
        for i in range(count + 1):
            x = min(max(line.length * i / count, 0.04), line.length - 0.04)
            sketch.flat(line.frame, (x - 0.04, x + 0.04), (sill, eaves), bar, -0.035)
        for z in (sill, 1.5, eaves - 0.08):
            sketch.flat(line.frame, (0.0, line.length), (z, z + 0.07), bar, -0.04)
    turned = roofs.turned(plan, along_front)
    span = depth if along_front else width
    rise = span * 0.3
    total, peak = roofs.gable(
        sketch, work.frame, turned, eaves, rise, glass, glass, eaves=0.08, ends=(0.02, 0.02), edge=bar
    )
    work.covers(plan, (-1.0, eaves), peak=peak)
    a, b = turned[:2]
    line = sketch.within(work.frame, a[0], a[1], 0.0, math.atan2(b[1] - a[1], b[0] - a[0]))
    length = math.dist(a, b)
    count = max(3, round(length / 1.0))
    for i in range(count + 1):
        x = length * i / count
        for y0, y1 in ((0.0, span / 2), (span, span / 2)):
            ring = [
                (x - 0.035, y0, eaves + 0.2),
                (x + 0.035, y0, eaves + 0.2),
                (x + 0.035, y1, eaves + rise + 0.2),
                (x - 0.035, y1, eaves + rise + 0.2),
            ]
            sketch.slab(line, ring if y1 > y0 else ring[::-1], 0.05, bar)
    sketch.box(
        line,
        (0.0, length),
        (span / 2 - 0.07, span / 2 + 0.07),
        (eaves + rise + 0.12, eaves + rise + 0.26),
        bar,
        STANDING,
    )
    ends = walls_of(sketch, work.frame, turned)
    for wall in (ends[1], ends[3]):
        for share in (0.25, 0.5, 0.75):
            x = wall.length * share
            top = eaves + rise * (1 - abs(2 * share - 1))
            sketch.flat(wall.frame, (x - 0.04, x + 0.04), (eaves, top), bar, -0.035)
    work.door(walls[0], width / 2, size=(1.1, 2.0), step=0.04, reach=0.2, leaf="door-white", transom=False)
    return work.built(eaves, total, 1, "gable", materials=("curtain-wall-green", "curtain-wall-green"))
