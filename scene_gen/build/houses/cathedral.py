"""A cathedral: twin towers, nave and aisles, transept, crossing spire, flying buttresses."""

import math

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, rectangle, regular, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import DEEP
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sacred import cross, nave_and_tower, sorted_ring
from scene_gen.build.houses.sketch import STANDING, Sketch


def cathedral(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Twin towers, a high nave with lower aisles, a transept, a crossing spire, flying buttresses and a rose window."""
    work = Work(sketch, lot, frame, d, dice)
    if min(work.width, work.depth) < 15:
        return nave_and_tower(work, 1.2, with_tower=True)
    is_deep = work.depth >= work.width * 0.85
    long, across = (work.depth, work.width) if is_deep else (work.width, work.depth)
    g = (
        sketch.within(work.frame, work.width / 2, 0.0, 0.0, math.pi / 2)
        if is_deep
        else sketch.within(work.frame, 0.0, work.depth / 2)
    )
    wall, roof = d.wall, dice.pick(("roof-copper", "shingles-slate"))
    across = min(across, long * 0.6)
    side = across * 0.27
    nave, aisle = across * 0.36, across * 0.72
    eaves, low = nave * 1.45, nave * 0.75
    rise = nave / 2 * 1.3
    end = long - nave * 0.5
    _, peak = roofs.gable(sketch, g, rectangle(end - side * 0.6, nave, side * 0.6, -nave / 2), eaves, rise, roof, wall, eaves=0.4, ends=(0.1, 0.2), edge="stone-light")  # fmt: skip
    upper = work.mass(
        rectangle(end - side * 0.6, nave, side * 0.6, -nave / 2), eaves, wall=wall, frame=g, plinth=0, peak=peak
    )
    outer = work.mass(rectangle(end - side, aisle, side, -aisle / 2), low, wall=wall, frame=g, plinth=0.8)
    for sign, walls in ((-1, (upper[0], outer[0])), (1, (upper[2], outer[2]))):
        y0, y1 = sign * nave / 2, sign * (aisle / 2 + 0.3)
        quad = [(side, y1, low), (end, y1, low), (end, y0, low + 1.6), (side, y0, low + 1.6)]
        sketch.slab(g, quad if sign < 0 else quad[::-1], 0.25, roof)
        for line, sill, tall in ((walls[0], low + 2.0, eaves - low - 2.8), (walls[1], low * 0.22, low * 0.62)):
            for x in facade.bays(line.length, 4.0, 1.0):
                sketch.window(line.frame, x, sill, (1.5, tall), "stone-light", "glass-lit" if dice.chance(0.4) else "glass", border=0.2, proud=0.15, shape="pointed")  # fmt: skip
                sketch.flat(line.frame, (x - 0.05, x + 0.05), (sill, sill + tall * 0.85), "stone-light", -0.07)
        for i in range(1, round((end - side) / 5)):
            x = side + i * 5.0
            y = sign * aisle / 2
            pier = sorted((y, y + sign * 1.0))
            sketch.box(g, (x - 0.4, x + 0.4), (pier[0], pier[1]), (-DEEP, low + 2.2), wall, STANDING)
            sketch.frustum(g, (x, y + sign * 0.5), (low + 2.2, low + 4.0), (0.55, 0.0), wall, 4, math.pi / 4)
            arc = [
                (x - 0.25, y + sign * 0.6, low + 1.6),
                (x + 0.25, y + sign * 0.6, low + 1.6),
                (x + 0.25, y0, eaves - 1.0),
                (x - 0.25, y0, eaves - 1.0),
            ]
            sketch.slab(g, arc if sign < 0 else arc[::-1], 0.5, wall)
    cross_x = side + (end - side) * 0.62
    arm = nave * 0.8
    transept = rectangle(arm, across * 0.96, cross_x - arm / 2, -across * 0.48)
    t_rise = arm / 2 * 1.3
    _, peak = roofs.gable(sketch, g, roofs.turned(transept, False), eaves * 0.98, t_rise, roof, wall, eaves=0.3, ends=(0.1, 0.1), edge="stone-light")  # fmt: skip
    arms = work.mass(transept, eaves * 0.98, wall=wall, frame=g, plinth=0.8, peak=peak)
    for line in (arms[0], arms[2]):
        rose(sketch, line.frame, arm / 2, eaves * 0.74, arm * 0.26)
        for dx in (-0.2, 0.2):
            sketch.window(line.frame, arm * (0.5 + dx), eaves * 0.14, (arm * 0.2, eaves * 0.34), "stone-light", "glass-lit", border=0.2, proud=0.15, shape="pointed")  # fmt: skip
    sketch.box(g, (cross_x - 1.6, cross_x + 1.6), (-1.6, 1.6), (eaves, eaves + rise + 2.5), wall, STANDING)
    sketch.frustum(
        g, (cross_x, 0.0), (eaves + rise + 2.5, eaves + rise + 2.5 + nave * 1.5), (1.9, 0.0), roof, 8, math.pi / 8
    )
    apse = nave * 0.5
    plan = regular(10, apse, end, 0.0, math.pi / 10)
    for line in walls_of(sketch, g, plan):
        sketch.flat(line.frame, (0, line.length), (-DEEP, eaves * 0.9), wall, y=0.0)
        sketch.window(
            line.frame,
            line.length / 2,
            eaves * 0.25,
            (line.length * 0.45, eaves * 0.5),
            "stone-light",
            "glass",
            border=0.15,
            shape="pointed",
        )
    sketch.frustum(g, (end, 0.0), (eaves * 0.9, eaves * 0.9 + apse * 1.1), (apse + 0.3, 0.0), roof, 10, math.pi / 10)
    work.covers(sorted_ring([p for p in plan if p[0] > end - 0.2]), (-DEEP, eaves * 0.9), frame=g)
    top = eaves + rise + side * 0.8
    tip = top + side * 2.1
    for sign in (-1, 1):
        y = sign * (across / 2 - side / 2)
        plan = rectangle(side, side, 0.0, y - side / 2)
        walls = work.mass(plan, top, wall=wall, frame=g, plinth=0.8, peak=[(side / 2, y, tip)])
        for line in walls:
            is_inner = line is walls[2 if sign < 0 else 0]
            for level in () if is_inner or line is walls[1] else range(4):
                z = top * (0.28 + 0.18 * level)
                facade.band(sketch, line, z - 0.6, "stone-light")
                for dx in (-0.2, 0.2):
                    glass = "plaster-dark" if level == 3 else "glass"
                    sketch.window(line.frame, side * (0.5 + dx), z, (side * 0.22, top * 0.13), "stone-light", glass, border=0.14, shape="pointed")  # fmt: skip
            facade.cornice(sketch, line, top, "stone-light", 0.3, 0.5)
            for a, b in ((0.0, 0.7), (side - 0.7, side)):
                sketch.box(line.frame, (a, b), (-0.25, 0.0), (-DEEP, top - 1.0), wall, STANDING)
        work.top(plan, top, roof, g)
        sketch.frustum(g, (side / 2, y), (top, tip), (side * 0.54, 0.0), roof, 8, math.pi / 8)
        for dx in (0.5, side - 0.5):
            for dy in (-side / 2 + 0.5, side / 2 - 0.5):
                sketch.frustum(g, (dx, y + dy), (top, top + 3.0), (0.6, 0.0), wall, 4, math.pi / 4)
        cross(sketch, g, side / 2, y, tip - 0.2, 1.8)
    between = across - 2 * side
    porch = rectangle(side * 0.8, between, side * 0.1, -between / 2)
    gate = work.mass(porch, eaves + 1.5, wall=wall, frame=g, plinth=0)[3]
    work.top(porch, eaves + 1.5, "stone-dark", g)
    facade.cornice(sketch, gate, eaves + 1.5, "stone-light", 0.2, 0.5)
    rose(sketch, gate.frame, between / 2, eaves * 0.7, min(nave, between) * 0.27)
    if is_deep:
        work.portal(gate, between / 2, (min(3.4, nave * 0.4), min(5.5, eaves * 0.42)), shape="pointed")
    else:
        work.portal(arms[0], arm / 2, (min(2.2, arm * 0.3), 3.6), shape="pointed")
    return work.built(eaves, tip - eaves + 1.6, 1, "gable", materials=(wall, roof))


def rose(sketch: Sketch, frame: int, x: float, z: float, radius: float) -> None:
    """A round window with tracery."""
    for r, y, material in ((radius * 1.18, -0.12, "stone-light"), (radius, -0.15, "glass-lit")):
        points = [(x + r * math.cos(a), y, z + r * math.sin(a)) for a in (i * math.tau / 16 for i in range(16))]
        sketch.polygon(frame, points, material)
    for i in range(4):
        a = i * math.pi / 4
        c, s = math.cos(a) * radius, math.sin(a) * radius
        sketch.beam(frame, (x - c, z - s), (x + c, z + s), radius * 0.09, "stone-light", 0.04, -0.15)
