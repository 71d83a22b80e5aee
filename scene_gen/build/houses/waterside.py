"""Buildings by the water: boathouse and fish market."""

import math

from scene_gen.build.houses import facade, roofs, shopfronts
from scene_gen.build.houses.compose import Built, Work, rectangle
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import Wall
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch


def boathouse(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Planked gables to the street with wide gates, white trim and a lifebelt."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    wall = d.wall
    count = 2 if width > 10.5 else 1
    span = width / count
    eaves = 3.4
    rise = span / 2 * 0.95
    walls = work.mass(rectangle(width, depth), eaves, wall=wall, plinth=0.35)
    roof = dice.pick(("shingles-slate", "shingles-wood", "roof-metal", "roof-tiles-red"))
    trim = "frame-white" if not wall.endswith("white") else "planks-blue"
    for i in range(count):
        bay = rectangle(span, depth, i * span, 0.0)
        over = min(0.35, lot.free[1], lot.free[3]) if count == 1 else 0.02
        _, peak = roofs.gable(
            sketch,
            work.frame,
            roofs.turned(bay, False),
            eaves,
            rise,
            roof,
            wall,
            eaves=over,
            ends=(0.3, 0.2),
            edge=trim,
        )
        work.peaked(bay, eaves, peak)
        front = Wall(sketch.within(work.frame, i * span, 0.0), span, True)
        size = (min(4.4, span * 0.62), 3.1)
        work.gate(front, span / 2, size, dice.pick(("door-white", "door-blue", "door-red", "door-green")), trim)
        facade.opening(sketch, front.frame, span / 2, eaves + 0.4, (0.9, min(1.0, rise * 0.4)), d, dice)
        lifebelt(sketch, front.frame, span * 0.5 + size[0] / 2 + (span - size[0]) * 0.25, 1.7)
        for x in (0.0, span - 0.18):
            sketch.box(front.frame, (x, x + 0.18), (-0.05, 0.0), (0.35, eaves), trim, 1 | 2 | 8)
    for line in walls[1:]:
        facade.windows(sketch, line, d, dice, [(0.0, eaves)], keep=0.7)
    return work.built(eaves, rise + 0.16, 1, "gable", materials=(wall, roof))


def lifebelt(sketch: Sketch, frame: int, x: float, z: float, radius: float = 0.38) -> None:
    """A red and white ring on a wall."""
    count = 12
    for i in range(count):
        a, b = i * math.tau / count, (i + 1) * math.tau / count
        inner = radius * 0.58
        points = [(x + inner * math.cos(b), -0.09, z + inner * math.sin(b)), (x + inner * math.cos(a), -0.09, z + inner * math.sin(a)), (x + radius * math.cos(a), -0.09, z + radius * math.sin(a)), (x + radius * math.cos(b), -0.09, z + radius * math.sin(b))]  # fmt: skip
        sketch.polygon(frame, points, "paint-red" if i // 2 % 2 else "paint-white")


def fish_market(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """An open hall on posts with a lantern roof, counters with fish boxes, and a great fish over the entrance."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    blue = dice.pick(("paint-blue", "paint-teal", "paint-navy"))
    eaves = 4.4
    back = depth * 0.45
    rear = rectangle(width, depth - back, 0.0, back)
    walls = work.mass(rear, eaves, wall="planks-white" if dice.chance(0.6) else "brick-white", plinth=0.6)
    plan = rectangle(width, depth)
    roof = dice.pick(("roof-metal", "roof-tiles-red", "shingles-slate"))
    to_side = width >= depth
    half = (depth if to_side else width) / 2
    rise = half * 0.5
    over = min(0.5, *lot.free)
    total, peak = roofs.gable(
        sketch, work.frame, roofs.turned(plan, to_side), eaves, rise, roof, blue, eaves=over, ends=(over, over)
    )
    work.peaked(plan, eaves, peak)
    posts = facade.bays(width, 4.2, 0.0)
    step = width / len(posts)
    for i in range(len(posts) + 1):
        x = min(max(i * step, 0.2), width - 0.2)
        sketch.box(work.frame, (x - 0.15, x + 0.15), (0.1, 0.4), (-0.6, eaves), "frame-white", STANDING)
        for side in (-1, 1):
            if 0.5 < x + side < width - 0.5:
                sketch.beam(
                    sketch.within(work.frame, 0.0, 0.25),
                    (x, eaves - 1.1),
                    (x + side * 1.0, eaves - 0.1),
                    0.14,
                    "frame-white",
                    0.07,
                )
        work.covers(rectangle(0.3, 0.3, x - 0.15, 0.1), (-0.6, eaves))
    sketch.box(work.frame, (0.0, width), (0.05, 0.3), (eaves - 0.35, eaves), blue, ALL)
    work.top(rectangle(width, back), 0.03, "paving")
    middle = len(posts) // 2
    for i, x in enumerate(posts):
        if i == middle:
            continue
        _counter(sketch, work.frame, x, back * 0.32, min(2.6, step * 0.7), dice)
        shopfronts.awning(
            sketch,
            work.frame,
            (x - step * 0.42, x + step * 0.42),
            (eaves - 0.5, eaves - 1.15),
            1.0,
            "fabric-blue" if i % 2 else "fabric-red",
            y=0.05,
        )
    x = posts[middle]
    front = walls[0]
    work.door(front, x, size=(1.6, 2.3), reach=0.2)
    for at in posts:
        if abs(at - x) > 1.2:
            facade.opening(sketch, front.frame, at, 1.0, (min(2.0, step * 0.5), 1.5), d, dice)
    for line in walls[1:]:
        facade.windows(sketch, line, d, dice, [(0.0, eaves)], keep=0.7)
    fish(sketch, work.frame, x, eaves + 0.5, min(2.4, width * 0.2))
    work.stands(plan)
    return work.built(eaves, total, 1, "gable", materials=("planks-white", roof))


def _counter(sketch: Sketch, frame: int, x: float, y: float, wide: float, dice: Dice) -> None:
    sketch.box(frame, (x - wide / 2, x + wide / 2), (y, y + 0.8), (-0.1, 0.85), "paint-white", STANDING)
    count = max(2, int(wide / 0.65))
    for i in range(count):
        a = x - wide / 2 + wide * i / count + 0.04
        box = dice.pick(("paint-blue", "paint-orange", "wood-light"))
        sketch.box(frame, (a, a + wide / count - 0.08), (y + 0.06, y + 0.7), (0.85, 1.0), box, STANDING)
        sketch.box(
            frame,
            (a + 0.05, a + wide / count - 0.13),
            (y + 0.1, y + 0.65),
            (1.0, 1.05),
            dice.pick(("paint-silver", "steel", "flowers-pink", "paint-silver")),
            STANDING,
        )


def fish(sketch: Sketch, frame: int, x: float, z: float, length: float) -> None:
    """A fish on a board, seen from both sides of its plane."""
    high = length * 0.42
    sketch.box(
        frame,
        (x - length * 0.72, x + length * 0.72),
        (-0.14, -0.04),
        (z - high * 0.75, z + high * 0.75),
        "sign-white",
        ALL,
    )
    body = [
        (x + length * 0.42 * math.cos(a) - length * 0.1, -0.16, z + high * 0.5 * math.sin(a))
        for a in (i * math.tau / 12 for i in range(12))
    ]
    sketch.polygon(frame, body, "paint-blue")
    tail = x + length * 0.28
    sketch.polygon(
        frame,
        [(tail, -0.165, z), (tail + length * 0.32, -0.165, z - high * 0.45), (tail + length * 0.22, -0.165, z)],
        "paint-blue",
    )
    sketch.polygon(
        frame,
        [(tail, -0.165, z), (tail + length * 0.22, -0.165, z), (tail + length * 0.32, -0.165, z + high * 0.45)],
        "paint-blue",
    )
    sketch.flat(frame, (x - length * 0.38, x - length * 0.32), (z + high * 0.08, z + high * 0.2), "paint-white", -0.17)
