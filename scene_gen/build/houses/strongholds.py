"""Castles, tower houses and ruins."""

import math

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, centred, doorway, rectangle, regular, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import DEEP, Wall
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch


def merlons(sketch: Sketch, wall: Wall, z: float, material: str, *, thick: float = 0.45, size: float = 0.75) -> None:
    """Crenellations along the outer edge of a wall's top."""
    count = max(2, round(wall.length / (size * 1.8)))
    step = wall.length / count
    for i in range(count):
        x = (i + 0.5) * step
        sketch.box(
            wall.frame, (x - step * 0.29, x + step * 0.29), (0.0, thick), (z, z + size * 1.1), material, STANDING
        )


def round_tower(
    work: Work, x: float, y: float, radius: float, top: float, wall: str, *, cone: str = "", sides: int = 14
) -> float:
    """A round tower with arrow slits and either a cone or crenellations; gives its highest point."""
    sketch, frame = work.sketch, work.frame
    ring = regular(sides, radius, x, y)
    sketch.lathe(
        frame, (x, y), [(radius * 1.12, -DEEP), (radius * 1.1, 0.8), (radius, 1.6), (radius, top)], wall, sides
    )
    crown = radius * 1.16
    sketch.lathe(frame, (x, y), [(radius, top - 0.7), (crown, top), (crown, top + 0.7)], wall, sides)
    sketch.frustum(frame, (x, y), (top + 0.3, top + 0.3), (crown, 0.0), "roof-gravel", sides)
    for i in range(0, sides, 3):
        angle = (i + 0.5) * math.tau / sides
        apothem = radius * math.cos(math.pi / sides)
        slit = sketch.within(
            frame, x + apothem * math.cos(angle), y + apothem * math.sin(angle), 0.0, angle + math.pi / 2
        )
        for z in (top * 0.35, top * 0.68):
            sketch.box(slit, (-0.11, 0.11), (-0.03, 0.3), (z, z + 1.1), "plaster-dark", 1)
    if cone:
        tip = top + 0.6 + radius * 2.1
        sketch.frustum(frame, (x, y), (top + 0.6, tip), (crown + 0.3, 0.0), cone, sides)
        work.covers(ring, (-DEEP, top + 0.7), peak=[(x, y, tip)])
        return tip
    for i in range(0, sides, 2):
        angle = (i + 0.5) * math.tau / sides
        spot = sketch.within(frame, x + crown * math.cos(angle), y + crown * math.sin(angle), 0.0, angle + math.pi / 2)
        sketch.box(spot, (-crown * 0.2, crown * 0.2), (0.0, 0.4), (top + 0.7, top + 1.5), wall, STANDING)
    work.covers(ring, (-DEEP, top + 0.7))
    return top + 1.5


def castle(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Curtain walls with round corner towers, a gatehouse to the street and a keep in the court."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    if min(width, depth) < 9 or width * depth < 130:
        return tower_house(sketch, lot, frame, d, dice)
    wall, cone = d.wall, dice.pick(("roof-tiles-red", "shingles-slate", "roof-tiles-dark", "shingles-slate"))
    size = min(1.5 * min(width, depth), (width + depth) / 2)
    radius = min(3.6, min(width, depth) * 0.115)
    high = min(8.5, 4.5 + size * 0.08)
    thick = min(1.6, radius)
    inset = radius * 1.2
    x0, x1, y0, y1 = inset, width - inset, inset, depth - inset
    gate = min(3.4, size * 0.14)
    middle = width / 2
    gate_half = gate * 1.35
    curtains = [
        [
            (x0, y0 - thick / 2),
            (middle - gate_half, y0 - thick / 2),
            (middle - gate_half, y0 + thick / 2),
            (x0, y0 + thick / 2),
        ],
        [
            (middle + gate_half, y0 - thick / 2),
            (x1, y0 - thick / 2),
            (x1, y0 + thick / 2),
            (middle + gate_half, y0 + thick / 2),
        ],
        rectangle(x1 - x0, thick, x0, y1 - thick / 2),
        rectangle(thick, y1 - y0, x0 - thick / 2, y0),
        rectangle(thick, y1 - y0, x1 - thick / 2, y0),
    ]
    for index, quad in enumerate(curtains):
        sides = work.mass(quad, high, wall=wall, plinth=0.0)
        work.top(quad, high, "stone-dark")
        outer = sides[(0, 0, 2, 3, 1)[index]]
        merlons(sketch, outer, high, wall)
        facade.band(sketch, outer, high - 0.5, d.trim)
        for x in facade.bays(outer.length, 4.0, 1.0):
            sketch.flat(outer.frame, (x - 0.1, x + 0.1), (high * 0.5, high * 0.5 + 1.1), "plaster-dark", -0.03)
    tip = 0.0
    for x in (x0, x1):
        for y in (y0, y1):
            tip = max(tip, round_tower(work, x, y, radius, high + radius * 1.2, wall, cone=cone))
    house = rectangle(2 * gate_half, gate * 1.9, middle - gate_half, y0 - gate * 0.9)
    top = high + 2.6
    sides = work.mass(house, top, wall=wall, plinth=0.0)
    work.top(house, top, "stone-dark")
    for line in sides:
        merlons(sketch, line, top, wall)
    front = sides[0]
    half = front.length / 2
    _gateway(work, front, half, gate, high)
    for dx in (-1, 1):
        round_tower(work, middle + dx * gate_half, y0 - gate * 0.55, gate * 0.42, top + 1.0, wall, cone=cone, sides=10)
    keep = min(size * 0.36, (y1 - y0) * 0.8, 15.0)
    kx, ky = middle, y0 + (y1 - y0) * (0.62 if depth > 24 else 0.55)
    plan = centred(keep, keep * 0.85, kx, ky)
    crown = high + max(keep * 0.95, 7.0)
    sides = work.mass(plan, crown, wall=wall, plinth=0.0)
    work.top(plan, crown, "stone-dark")
    for line in sides:
        merlons(sketch, line, crown, wall, size=0.9)
        facade.band(sketch, line, crown - 0.7, d.trim)
        for z in (high * 0.5, high * 0.95, crown - 4.0):
            for x in facade.bays(line.length, 3.6, 1.0):
                sketch.window(line.frame, x, z, (0.7, 1.6), d.trim, facade.pane(d, dice), border=0.14, shape="round")
    for dx in (-1, 1):
        for dy in (-1, 1):
            tip = max(
                tip,
                round_tower(
                    work,
                    kx + dx * keep / 2,
                    ky + dy * keep * 0.425,
                    keep * 0.13,
                    crown + 1.6,
                    wall,
                    cone=cone,
                    sides=10,
                ),
            )
    work.flag(kx, ky, crown, 6.5, dice.pick(("fabric-red", "fabric-blue", "fabric-green")))
    plans = rectangle(x1 - x0, y1 - y0, x0, y0)
    work.stands(plans)
    return work.built(high, max(tip, crown + 6.5) - high, 3, "flat", materials=(wall, cone))


def _gateway(work: Work, front: Wall, x: float, gate: float, high: float) -> None:
    sketch, d = work.sketch, work.d
    tall = min(high * 0.62, gate * 1.5)
    sketch.window(front.frame, x, 0.02, (gate, tall), d.trim, "wood-dark", border=0.4, proud=0.35, shape="round")
    for i in range(5):
        at = x - gate / 2 + gate * (i + 0.5) / 5
        sketch.flat(front.frame, (at - 0.05, at + 0.05), (0.05, tall * 0.8), "iron-dark", -0.16)
    for z in (tall * 0.25, tall * 0.6):
        sketch.flat(front.frame, (x - gate / 2, x + gate / 2), (z, z + 0.12), "iron-dark", -0.17)
    sketch.box(front.frame, (x - gate * 0.3, x + gate * 0.3), (-0.12, 0.0), (tall + 0.9, tall + 2.1), "fabric-red", ALL)
    work.doors.append(doorway(sketch, front.frame, (x, -0.6, gate), tall))


def tower_house(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A tall square house of stone with corner turrets below a crenellated or pointed top."""
    work = Work(sketch, lot, frame, d, dice)
    side = min(work.width, work.depth, 10.0)
    x0, y0 = (work.width - side) / 2, 0.0
    plan = rectangle(side, min(work.depth, side), x0, y0)
    wall = d.wall
    top = d.eaves_m if d.storeys >= 4 else d.ground_m + 3 * d.storey_m
    walls = work.mass(plan, top, wall=wall, plinth=0.9)
    levels = facade.floors(d)
    for line in walls:
        for level, (z, _) in enumerate(levels):
            if level == 0:
                continue
            for x in facade.bays(line.length, 3.0, 0.9):
                facade.opening(sketch, line.frame, x, z + 0.9, (0.7, 1.15), d, dice)
        merlons(sketch, line, top, wall)
        facade.band(sketch, line, top - 0.25, d.trim)
    front = walls[0]
    work.portal(front, front.length / 2, (1.1, 2.1), steps=2)
    cone = d.roof if d.roof.startswith(("roof-tiles", "shingles")) else "shingles-slate"
    work.top(plan, top, "stone-dark")
    inner = roofs.grown(plan, [-1.0] * 4)
    rise, peak = roofs.hip(sketch, work.frame, inner, top + 0.6, 1.2, cone, eaves=0.1)
    for line in walls_of(sketch, work.frame, inner):
        sketch.flat(line.frame, (0, line.length), (top, top + 0.65), wall, y=0.0)
    work.peaked(inner, top, peak)
    tip = top + 0.6 + rise
    for x, y in plan:
        r = side * 0.11
        cx, cy = x + (r * 0.5 if x <= x0 else -r * 0.5), y + (r * 0.5 if y <= y0 else -r * 0.5)
        sketch.lathe(work.frame, (cx, cy), [(0.12, top - 2.8), (r, top - 1.6), (r, top + 1.5)], wall, 10)
        sketch.frustum(work.frame, (cx, cy), (top + 1.4, top + 1.4 + r * 2.6), (r * 1.25, 0.0), cone, 10)
        tip = max(tip, top + 1.4 + r * 2.6)
    return work.built(top, tip - top, max(4, d.storeys), "hip", materials=(wall, cone))


def ruin(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Broken walls of a house without a roof, with empty windows, beams and rubble."""
    work = Work(sketch, lot, frame, d, dice)
    thick = 0.5
    width, depth = work.width, work.depth
    high = d.ground_m + (d.storeys - 1) * d.storey_m + 1.2
    plan = rectangle(width, depth)
    lines = walls_of(sketch, work.frame, plan)
    corner = [high * dice.between(0.45, 1.25) for _ in range(4)]
    for index, line in enumerate(lines):
        count = max(3, round(line.length / 1.1))
        step = line.length / count
        start, end = corner[index], corner[(index + 1) % 4]
        middles = facade.bays(line.length, 2.8, 0.6)
        for i in range(count):
            share = (i + 0.5) / count
            sag = 1.0 - 0.5 * math.sin(math.pi * share) * dice.between(0.5, 1.0)
            top = max(0.5, (start + (end - start) * share) * sag * dice.between(0.8, 1.15))
            a, b = i * step, (i + 1) * step
            inside = [x for x in middles if a - 0.2 < x < b + 0.2]
            is_gap = index == 0 and abs((a + b) / 2 - line.length / 2) < max(0.7, step * 0.6)
            if is_gap:
                continue
            if inside and top > 2.4 and dice.chance(0.6):
                sketch.box(line.frame, (a, b), (0.0, thick), (-DEEP, 0.95), d.wall, STANDING)
                sketch.box(line.frame, (a, b), (0.0, thick), (2.2, max(2.5, top)), d.wall, ALL)
                sketch.box(line.frame, (a - 0.05, b + 0.05), (-0.06, thick + 0.06), (0.9, 1.0), d.trim, ALL)
            else:
                sketch.box(line.frame, (a, b), (0.0, thick), (-DEEP, top), d.wall, STANDING)
        low = min(start, end) * 0.45
        quad = [(0.0, 0.0), (line.length, 0.0), (line.length, thick), (0.0, thick)]
        if index == 0:
            half = max(0.7, step * 0.6) + step / 2
            for piece in (
                rectangle(line.length / 2 - half, thick),
                rectangle(line.length / 2 - half, thick, line.length / 2 + half),
            ):
                work.covers(piece, (-DEEP, low), frame=line.frame)
        else:
            work.covers(quad, (-DEEP, max(low, 0.5)), frame=line.frame)
    for _ in range(10):
        x, y, s = dice.between(0.9, width - 0.9), dice.between(0.9, depth - 0.9), dice.between(0.2, 0.6)
        sketch.box(work.frame, (x - s / 2, x + s / 2), (y - s / 2, y + s / 2), (-0.3, s * 0.6), d.wall, STANDING)
    for _ in range(3):
        y = dice.between(0.8, depth - 0.8)
        x0, x1 = sorted((dice.between(0.6, width - 0.6), dice.between(0.6, width - 0.6)))
        fall = dice.between(0.4, 1.6)
        points = [(x0, y, fall + 0.2), (x1 + 0.3, y, 0.12), (x1 + 0.3, y + 0.22, 0.12), (x0, y + 0.22, fall + 0.2)]
        sketch.slab(work.frame, points, 0.2, "wood-dark")
    for _ in range(4):
        x, y = dice.between(0.8, width - 0.8), dice.between(0.8, depth - 0.8)
        sketch.lathe(work.frame, (x, y), [(0.5, 0.0), (0.7, 0.35), (0.0, 0.9)], "foliage-olive", 7)
    work.doors.append(doorway(sketch, lines[0].frame, (width / 2, -0.4, 1.2), 2.1))
    work.stands(plan)
    return work.built(max(corner), 0.2, d.storeys, "none", materials=(d.wall, d.wall))
