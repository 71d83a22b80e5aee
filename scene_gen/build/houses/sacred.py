"""Churches and what is built like them: church, chapel, monastery, synagogue."""

import math

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, centred, rectangle, regular, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import DEEP, Wall
from scene_gen.build.houses.lots import Lot, Point
from scene_gen.build.houses.sketch import STANDING, Sketch
from scene_gen.plan.said import roofs_said

_SOUTHERN = ("mediterranean", "colonial", "arabic")


def church(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A nave with a tower before it, an apse behind it, arched windows, a spire and a cross."""
    work = Work(sketch, lot, frame, d, dice)
    scale = 1.15 if any(word in ("big", "large", "tall", "great") for word in d.attributes) else 1.0
    return nave_and_tower(work, scale, with_tower=True)


def chapel(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A small nave with a bell turret on its ridge."""
    return nave_and_tower(Work(sketch, lot, frame, d, dice), 0.6, with_tower=False)


_BRICK = {
    "victorian": "brick-red",
    "industrial": "brick-red",
    "canal": "brick-brown",
    "american": "brick-red",
    "modern": "brick-white",
}
"""Churches of brick, where houses are of brick."""


def _materials(work: Work) -> tuple[str, str, str]:
    """Walls, nave roof, spire."""
    d, dice = work.d, work.dice
    said = any(
        word in ("red", "blue", "green", "yellow", "wooden", "brick", "stone", "white", "black")
        for word in d.attributes
    )
    style = d.style_name
    if roofs_said(d.attributes):
        return d.wall, d.roof, d.roof
    if style == "nordic" or d.wall.startswith("planks"):
        wall = d.wall if said else dice.pick(("planks-white", "planks-white", "planks-red"))
        return wall, "shingles-slate", "roof-copper" if dice.chance(0.4) else "shingles-slate"
    if style in _SOUTHERN:
        return (
            d.wall if said else dice.pick(("plaster-white", "plaster-cream", "stone-light")),
            "roof-tiles-orange",
            "roof-tiles-orange",
        )
    wall = (
        d.wall
        if said
        else dice.pick(("stone-light", "stone-warm", "plaster-white", _BRICK.get(style, "stone-warm"), "stone-grey"))
    )
    roof = dice.pick(("shingles-slate", "roof-tiles-red", "roof-tiles-dark"))
    return wall, roof, dice.pick(("shingles-slate", "roof-copper", roof))


def nave_and_tower(work: Work, scale: float, *, with_tower: bool) -> Built:
    sketch, d, dice = work.sketch, work.d, work.dice
    wall, roof, spire = _materials(work)
    is_deep = work.depth >= work.width * 0.85
    long, across = (work.depth, work.width) if is_deep else (work.width, work.depth)
    frame = (
        sketch.within(work.frame, work.width / 2, 0.0, 0.0, math.pi / 2)
        if is_deep
        else sketch.within(work.frame, 0.0, work.depth / 2)
    )
    long = min(long, 36.0 * max(scale, 0.5))
    nave_width = min(across * 0.92, 11.0 * scale + 1.5, long * 0.55)
    apse = min(nave_width * 0.36, long * 0.14)
    tower = max(3.0, min(nave_width * 0.48, 6.0)) if with_tower else 0.0
    nave_start = tower * 0.75
    nave_end = long - apse
    eaves = max(3.6, nave_width * 0.72 * (1.0 if with_tower else 0.85))
    pitch = 0.75 if d.style_name in _SOUTHERN else 1.15
    rise = nave_width / 2 * pitch
    shape = "round" if d.style_name in (*_SOUTHERN, "nordic") or dice.chance(0.35) else "pointed"
    nave = rectangle(nave_end - nave_start, nave_width, nave_start, -nave_width / 2)
    total, peak = roofs.gable(
        sketch, frame, nave, eaves, rise, roof, wall, eaves=0.35, ends=(0.15, 0.15), edge="stone-light"
    )
    sides = work.mass(nave, eaves, wall=wall, frame=frame, plinth=0.6, peak=peak)
    street = 3 if is_deep else 0
    _nave_windows(work, (sides[0], sides[2]), eaves, shape, clear=None if is_deep or with_tower else 0.5)
    if apse > 1.2:
        radius = apse
        plan = regular(10, radius, nave_end, 0.0, math.pi / 10)
        back = [p for p in plan if p[0] > nave_end - 0.2]
        for line in walls_of(sketch, frame, plan):
            sketch.flat(line.frame, (0, line.length), (-DEEP, eaves * 0.82), wall, y=0.0)
        sketch.frustum(
            frame,
            (nave_end, 0.0),
            (eaves * 0.82, eaves * 0.82 + radius * 0.9),
            (radius + 0.25, 0.0),
            roof,
            10,
            math.pi / 10,
        )
        work.covers(sorted_ring(back), (-DEEP, eaves * 0.82), frame=frame)
    height = eaves + total
    if with_tower:
        height = _tower(work, frame, tower, eaves, rise, wall, spire, shape, is_deep, scale)
        turret = 0.0
    else:
        front = sides[street]
        _west_front(work, front, shape, eaves)
        turret = _turret(work, frame, nave_start + 0.9, eaves + rise, wall, roof)
    return work.built(eaves, max(height, turret) - eaves, 1, "gable", materials=(wall, roof))


def sorted_ring(points: list[Point]) -> list[Point]:
    """Points of a convex ring, counter-clockwise."""
    cx = sum(p[0] for p in points) / len(points)
    cy = sum(p[1] for p in points) / len(points)
    return sorted(points, key=lambda p: math.atan2(p[1] - cy, p[0] - cx))


def _nave_windows(work: Work, sides: tuple[Wall, Wall], eaves: float, shape: str, clear: float | None) -> None:
    sketch, d = work.sketch, work.d
    for side in sides:
        middles = facade.bays(side.length, 3.4, 0.5)
        tall = min(eaves * 0.56, 6.0)
        for x in middles:
            if clear is not None and side is sides[0] and abs(x - side.length * clear) < 1.4:
                continue
            glass = "glass-lit" if work.dice.chance(0.3 + 0.5 * d.lit) else "glass"
            sketch.window(
                side.frame,
                x,
                eaves * 0.24,
                (min(1.25, eaves * 0.2), tall),
                d.trim,
                glass,
                border=0.16,
                proud=0.1,
                shape=shape,
            )
            sketch.flat(
                side.frame, (x - 0.03, x + 0.03), (eaves * 0.24, eaves * 0.24 + tall * 0.9), "frame-dark", -0.055
            )
        step = side.length / len(middles)
        for i in range(len(middles) + 1):
            x = min(max(i * step, 0.35), side.length - 0.35)
            sketch.box(side.frame, (x - 0.3, x + 0.3), (-0.55, 0.0), (-DEEP, eaves * 0.55), "stone-grey", STANDING)
            sketch.slab(
                side.frame,
                [
                    (x - 0.32, -0.58, eaves * 0.55),
                    (x + 0.32, -0.58, eaves * 0.55),
                    (x + 0.32, 0.0, eaves * 0.72),
                    (x - 0.32, 0.0, eaves * 0.72),
                ],
                0.15,
                "stone-grey",
            )


def _west_front(work: Work, wall: Wall, shape: str, eaves: float) -> None:
    middle = wall.length / 2
    size = (min(1.6, wall.length * 0.3), min(2.9, eaves * 0.6))
    work.portal(wall, middle, size, shape=shape, steps=2)
    work.sketch.window(
        wall.frame, middle, eaves * 0.98, (1.0, 1.1), work.d.trim, "glass-lit", border=0.14, shape="round"
    )


def _turret(work: Work, frame: int, x: float, z: float, wall: str, roof: str) -> float:
    sketch = work.sketch
    for dx in (-0.5, 0.32):
        for dy in (-0.5, 0.32):
            sketch.box(frame, (x + dx, x + dx + 0.18), (dy, dy + 0.18), (z - 0.6, z + 1.3), "frame-white", STANDING)
    sketch.box(frame, (x - 0.5, x + 0.5), (-0.5, 0.5), (z - 0.8, z + 0.3), wall, STANDING)
    sketch.frustum(frame, (x, 0.0), (z + 0.45, z + 1.0), (0.32, 0.18), "brass", 8)
    sketch.frustum(frame, (x, 0.0), (z + 1.3, z + 3.0), (0.85, 0.0), roof, 4, math.pi / 4)
    return cross(sketch, frame, x, 0.0, z + 2.9, 0.9)


def cross(sketch: Sketch, frame: int, x: float, y: float, z: float, size: float) -> float:
    """A gilded cross that faces the frame's x; gives its top."""
    t = size * 0.07
    sketch.box(frame, (x - t, x + t), (y - t, y + t), (z, z + size), "brass", STANDING)
    sketch.box(
        frame,
        (x - t, x + t),
        (y - size * 0.3, y + size * 0.3),
        (z + size * 0.6, z + size * 0.6 + 2 * t),
        "brass",
        STANDING | 32,
    )
    return z + size


def _tower(
    work: Work, frame: int, side: float, eaves: float, rise: float, wall: str, spire: str, shape: str, is_deep: bool, scale: float
) -> float:  # fmt: skip
    sketch, d, dice = work.sketch, work.d, work.dice
    top = eaves + rise * 0.75 + side * 0.95
    plan = rectangle(side, side, 0.0, -side / 2)
    is_southern = d.style_name in _SOUTHERN
    tip = top + (side * 0.55 if is_southern else side * dice.between(2.0, 2.9))
    walls = work.mass(plan, top, wall=wall, frame=frame, plinth=0.6, peak=[(side / 2, 0.0, tip)])
    size = (side * 0.3, side * 0.5)
    for wall_ in walls:
        for dx in (-0.22, 0.22):
            sketch.window(wall_.frame, side * (0.5 + dx), top - side * 0.72, (side * 0.24, size[1]), d.trim, "plaster-dark", border=0.14, proud=0.1, shape="round" if shape == "round" else "pointed")  # fmt: skip
        facade.cornice(sketch, wall_, top + 0.02, "stone-light", 0.25, 0.4)
        facade.band(sketch, wall_, top - side * 0.9, "stone-light")
        facade.band(sketch, wall_, eaves * 0.9, "stone-light")
        clock(sketch, wall_.frame, side / 2, top - side * 1.25, side * 0.24)
        for a, b in ((0.0, 0.45), (side - 0.45, side)):
            sketch.box(wall_.frame, (a, b), (-0.12, 0.0), (-DEEP, top - side * 0.9), wall, 1 | 2 | 8 | 16)
    front = walls[3] if is_deep else walls[0]
    work.portal(front, side / 2, (min(1.7, side * 0.38), min(3.0, eaves * 0.45)), shape=shape)
    sketch.window(
        front.frame, side / 2, eaves * 0.58, (side * 0.28, side * 0.3), d.trim, "glass-lit", border=0.14, shape="round"
    )
    centre = (side / 2, 0.0)
    work.top(plan, top, spire, frame)
    if is_southern:
        roofs.hip(sketch, frame, plan, top, 1.1, spire, eaves=0.35, edge="stone-light")
        return cross(sketch, frame, *centre, tip - 0.1, 1.5)
    half = side / 2
    if d.style_name == "nordic" or dice.chance(0.35):
        sketch.lathe(frame, centre, [(half * 1.5, top), (half * 1.05, top + side * 0.35), (half * 0.62, top + side * 0.7), (0.0, tip)], spire, 4, math.pi / 4)  # fmt: skip
    else:
        sketch.frustum(frame, centre, (top, tip), (half * 1.12, 0.0), spire, 8, math.pi / 8)
        for dx in (0.25, side - 0.25):
            for dy in (-half + 0.25, half - 0.25):
                sketch.frustum(frame, (dx, dy), (top, top + side * 0.5), (0.42, 0.0), spire, 4, math.pi / 4)
    return cross(sketch, frame, *centre, tip - 0.15, 1.7 * scale)


def clock(sketch: Sketch, frame: int, x: float, z: float, radius: float) -> None:
    """A round clock on a wall: rim, face, hands at ten past ten."""
    for r, y, material in ((radius * 1.15, -0.07, "frame-dark"), (radius, -0.1, "sign-white")):
        points = [(x + r * math.cos(a), y, z + r * math.sin(a)) for a in (i * math.tau / 12 for i in range(12))]
        sketch.polygon(frame, points, material)
    for angle, length, wide in ((math.radians(150), 0.55, 0.09), (math.radians(30), 0.85, 0.07)):
        sketch.beam(
            frame,
            (x, z),
            (x + math.cos(angle) * radius * length, z + math.sin(angle) * radius * length),
            radius * wide * 1.6,
            "iron-dark",
            0.02,
            -0.11,
        )


def monastery(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Four ranges around a court with a church for one of them."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    if min(width, depth) < 17:
        return nave_and_tower(work, 0.9, with_tower=True)
    wing = min(7.0, min(width, depth) * 0.27)
    eaves = d.eaves_m
    roof = d.roof if not d.roof.startswith(("roof-gravel", "plaster", "concrete")) else "roof-tiles-red"
    tower = 5.0
    ranges = {
        "front": rectangle(width, wing, 0.0, 0.0),
        "back": rectangle(width, wing, 0.0, depth - wing),
        "right": rectangle(wing, depth - 2 * wing, width - wing, wing),
        "left": rectangle(wing, depth - 2 * wing, 0.0, wing),
    }
    for name, quad in ranges.items():
        runs_along = name in ("front", "back")
        grown = quad if runs_along else rectangle(wing, depth - wing, quad[0][0], wing / 2)
        rise = wing / 2 * 0.9
        _, peak = roofs.gable(
            sketch,
            work.frame,
            roofs.turned(grown, runs_along),
            eaves,
            rise,
            roof,
            d.wall,
            eaves=0.35,
            ends=(0.25, 0.25) if runs_along else (0.0, 0.0),
        )
        walls = work.mass(
            quad, eaves, peak=peak if runs_along else [(p[0], min(max(p[1], wing), depth - wing), p[2]) for p in peak]
        )
        for index, line in enumerate(walls):
            if not runs_along and index in (0, 2):
                continue
            is_gate = name == "front" and index == 0
            skip = (width / 2 - 3.2, width / 2 + 3.2) if is_gate else None
            facade.windows(sketch, line, d, dice, facade.floors(d), skip=skip)
            if is_gate:
                work.portal(line, width / 2, (2.4, 3.2), steps=1)
    z = eaves + 4.5
    plan = centred(tower, tower, wing, depth - wing / 2)
    tip = z + tower * 1.2
    walls = work.mass(plan, z, peak=[(wing, depth - wing / 2, tip)], bottom=eaves - 1)
    for line in walls:
        sketch.window(line.frame, tower / 2, z - 2.4, (1.4, 1.9), d.trim, "plaster-dark", border=0.15, shape="round")
    crest, _ = roofs.hip(sketch, work.frame, plan, z, 1.6, roof, eaves=0.35)
    high = cross(
        sketch, sketch.within(work.frame, wing, depth - wing / 2, 0.0, math.pi / 2), 0.0, 0.0, z + crest - 0.1, 1.5
    )
    return work.built(eaves, high - eaves, d.storeys, "gable", materials=(d.wall, roof))


def synagogue(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A hall with a stepped front, a round window with a star, arched windows and a dome."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = min(work.width, 20.0), work.depth
    x0 = (work.width - width) / 2
    eaves = min(9.0, width * 0.6)
    plan = rectangle(width, depth, x0, 0.0)
    walls = work.mass(plan, eaves)
    roofs.flat(sketch, work.frame, plan, eaves, "roof-gravel", d.wall, parapet=0.9, cap="stone-light")
    for index, line in enumerate(walls):
        facade.cornice(sketch, line, eaves, "stone-light")
        for x in facade.bays(line.length, 3.2, 0.8):
            if index == 0 and abs(x - width / 2) < 2.2:
                continue
            sketch.window(
                line.frame,
                x,
                eaves * 0.25,
                (1.2, eaves * 0.5),
                d.trim,
                facade.pane(d, dice),
                border=0.16,
                proud=0.1,
                shape="round",
            )
    front = walls[0]
    work.portal(front, width / 2, (1.9, 3.0))
    z, r = eaves * 0.72, min(1.5, eaves * 0.16)
    points = [(width / 2 + r * math.cos(a), -0.1, z + r * math.sin(a)) for a in (i * math.tau / 16 for i in range(16))]
    sketch.polygon(front.frame, points, "glass-lit")
    for base in (0.25, 0.75):
        corner = [
            (width / 2 + r * math.cos(math.tau * (base + i / 3)), z + r * math.sin(math.tau * (base + i / 3)))
            for i in range(3)
        ]
        for i in range(3):
            sketch.beam(front.frame, corner[i], corner[(i + 1) % 3], 0.12, "brass", 0.05, -0.1)
    radius = min(width, depth) * 0.27
    centre = (x0 + width / 2, depth / 2)
    profile = [(radius, eaves + 0.3), (radius, eaves + 2.0)]
    profile += [
        (radius * math.cos(a), eaves + 2.0 + radius * math.sin(a)) for a in (i * math.pi / 12 for i in range(1, 6))
    ]
    sketch.lathe(work.frame, centre, profile[:2], d.wall, 16)
    sketch.lathe(work.frame, centre, [*profile[1:], (0.0, eaves + 2.0 + radius)], "roof-copper", 16)
    work.peaked(regular(8, radius, *centre), eaves, [(*centre, eaves + 2.0 + radius)])
    return work.built(eaves, 2.0 + radius, 1, "dome", materials=(d.wall, "roof-copper"))
