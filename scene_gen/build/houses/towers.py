"""Offices and skyscrapers: tiers with setbacks, fins or bands, a podium with a lobby, and a crown."""

import math
from dataclasses import replace

from scene_gen.build.houses import facade, roofs, shopfronts
from scene_gen.build.houses.compose import Built, Work, centred, rectangle, regular, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import Wall
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch

_GLASS = ("curtain-wall-blue", "curtain-wall-green", "curtain-wall-bronze", "curtain-wall-dark")


def skyscraper(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A tower of one of four kinds: stepped stone, glass with fins, tapering glass, or round."""
    work = Work(sketch, lot, frame, d, dice)
    kind = dice.weigh({"stepped": 3.0, "fins": 3.0, "taper": 2.0, "round": 1.5})
    side = min(work.width, work.depth)
    storey = d.storey_m
    total = d.ground_m + 1.5 + d.storeys * storey
    podium = 7.0
    slim = side * (0.86 if side > 18 else 0.97)
    wide = min(work.width * (slim / side), slim * 1.35)
    deep = min(work.depth * (slim / side), slim * 1.35)
    centre = (work.width / 2, work.depth / 2)
    glass = dice.pick(_GLASS)
    neon = d.neon
    base = rectangle(work.width, work.depth) if side > 18 else centred(wide, deep, *centre)
    walls = work.mass(base, podium, wall="stone-light" if kind == "stepped" else "concrete-grey", plinth=0.0)
    roofs.flat(
        sketch,
        work.frame,
        base,
        podium,
        "roof-gravel",
        "stone-light" if kind == "stepped" else "concrete-grey",
        parapet=0.9,
    )
    _lobby(work, walls, neon)
    if kind == "round":
        top, crown = _round(work, centre, min(wide, deep) / 2, podium, total, glass, neon)
    elif kind == "taper":
        top, crown = _taper(work, centre, wide, deep, podium, total, glass, neon)
    else:
        top, crown = _tiers(work, centre, wide, deep, podium, total, glass, neon, is_stone=kind == "stepped")
    return work.built(top, crown - top, d.storeys + 1, "flat", materials=(glass, "roof-gravel"))


def _lobby(work: Work, walls: list[Wall], neon: str) -> None:
    sketch = work.sketch
    for line in walls:
        for x in facade.bays(line.length, 3.2, 0.5):
            half = min(1.35, line.length * 0.4)
            sketch.flat(line.frame, (x - half, x + half), (0.3, 4.6), "shop-window", -0.03)
            sketch.flat(line.frame, (x - 0.04, x + 0.04), (0.3, 4.6), "frame-dark", -0.05)
            sketch.flat(line.frame, (x - half, x + half), (3.2, 3.3), "frame-dark", -0.05)
        facade.band(sketch, line, 5.2, "frame-dark")
        if neon:
            sketch.box(line.frame, (0.0, line.length), (-0.12, 0.0), (5.4, 5.55), neon, ALL)
    front = walls[0]
    middle = front.length / 2
    sketch.box(front.frame, (middle - 3.0, middle + 3.0), (-1.6, 0.0), (3.6, 3.95), "iron-dark", ALL)
    sketch.box(front.frame, (middle - 2.2, middle + 2.2), (-0.1, 0.0), (0.0, 3.5), "frame-dark", STANDING)
    sketch.flat(front.frame, (middle - 2.0, middle + 2.0), (2.7, 3.3), "glass-lit-cool", -0.12)
    work.door(front, middle, size=(2.0, 2.5), step=0.02, reach=0.25, leaf="shop-window", transom=False)


def _lit_cells(
    work: Work, wall: Wall, z: tuple[float, float], storey: float, *, y: float = -0.03, most: int = 70
) -> None:
    """Rooms with the light on: panes scattered over a glass wall, some of them side by side."""
    sketch, d, dice = work.sketch, work.d, work.dice
    floors = int((z[1] - z[0]) / storey)
    columns = max(2, int(wall.length / 1.6))
    step = wall.length / columns
    count = min(most, int(floors * columns * d.lit * (0.2 if d.neon else 0.35)))
    for _ in range(count):
        floor, column = dice.whole(0, max(0, floors - 1)), dice.whole(0, columns - 1)
        run = min(dice.whole(1, 3), columns - column)
        low = z[0] + floor * storey
        material = "glass-lit" if dice.chance(0.45) else "glass-lit-cool"
        if d.neon and dice.chance(0.45):
            material = "glass-lit-teal" if dice.chance(0.5) else "glass-lit-magenta"
        sketch.flat(
            wall.frame,
            (column * step + 0.12, (column + run) * step - 0.12),
            (low + 0.75, low + storey - 0.3),
            material,
            y,
        )


def _tiers(
    work: Work, centre: tuple[float, float], wide: float, deep: float, low: float, high: float, glass: str, neon: str, *, is_stone: bool
) -> tuple[float, float]:  # fmt: skip
    sketch, d, dice = work.sketch, work.d, work.dice
    storey = d.storey_m
    count = 3 if is_stone and high > 45 else 2 if high > 40 and dice.chance(0.6) else 1
    stone = (
        dice.pick(("stone-light", "brick-yellow", "stone-warm", "concrete-light", "brick-red"))
        if is_stone
        else "concrete-dark"
    )
    if d.style_name in ("neon", "futuristic", "sci-fi"):
        stone = dice.pick(("concrete-dark", "concrete-grey", "plaster-navy"))
    z = low
    for tier in range(count):
        share = (0.55, 0.82, 1.0)[tier] if count == 3 else (0.72, 1.0)[tier] if count == 2 else 1.0
        top = high if tier == count - 1 else low + round((high - low) * share / storey) * storey
        shrink = 1.0 - 0.2 * tier
        plan = centred(wide * shrink, deep * shrink, *centre)
        walls = work.mass(plan, top, wall=glass, bottom=z - 0.5, plinth=0)
        for line in walls:
            spacing = 2.6 if is_stone else 1.7
            bars = max(3, round(line.length / spacing))
            reach = 0.22 if is_stone else 0.18
            width = 0.42 if is_stone else 0.08
            for i in range(bars + 1):
                x = min(max(line.length * i / bars, width), line.length - width)
                sketch.box(
                    line.frame,
                    (x - width, x + width),
                    (-reach, 0.0),
                    (z, top),
                    stone if is_stone else "frame-dark" if i % 4 else "steel",
                    1 | 2 | 8,
                )
            levels = int((top - z) / storey)
            for i in range(levels + 1):
                at = z + i * storey
                if is_stone:
                    sketch.flat(line.frame, (0.0, line.length), (at - 0.5, at + 0.55), stone, -0.12)
                elif i % 2 == 0:
                    sketch.flat(line.frame, (0.0, line.length), (at - 0.12, at + 0.12), "frame-dark", -0.05)
            _lit_cells(work, line, (z, top), storey, y=-0.04)
            facade.band(sketch, line, top, stone)
        roofs.flat(sketch, work.frame, plan, top, "roof-gravel", stone, parapet=1.2)
        if neon and tier == 0 and top - z > 16 and dice.chance(0.75):
            line = walls[dice.pick((0, 0, 1, 3))]
            size = min(line.length * 0.6, 10.0)
            low_edge = z + dice.between(2.0, max(2.1, (top - z) * 0.4))
            middle = line.length / 2
            ends = (middle - size / 2, middle + size / 2)
            shopfronts.screen(sketch, line.frame, ends, (low_edge, min(top - 2.0, low_edge + size * 1.5)), dice, y=-0.3)
        if neon:
            _outline(sketch, work.frame, plan, (z, top + 1.2), neon)
        z = top
    shrink = 1.0 - 0.2 * (count - 1)
    crown = _crown(work, centre, wide * shrink, deep * shrink, high, stone, neon, spired=is_stone or dice.chance(0.35))
    return high, crown


def _outline(sketch: Sketch, frame: int, plan: list[tuple[float, float]], z: tuple[float, float], neon: str) -> None:
    """Glowing lines along the vertical edges and around the top."""
    for x, y in plan:
        sketch.box(frame, (x - 0.26, x + 0.26), (y - 0.26, y + 0.26), z, neon, STANDING)
    for line in walls_of(sketch, frame, plan):
        sketch.box(line.frame, (0.0, line.length), (-0.18, 0.0), (z[1] - 0.55, z[1]), neon, ALL)


def _crown(
    work: Work, centre: tuple[float, float], wide: float, deep: float, z: float, stone: str, neon: str, *, spired: bool
) -> float:  # fmt: skip
    sketch, dice = work.sketch, work.dice
    plant = centred(wide * 0.5, deep * 0.5, *centre)
    top = z + 4.0
    for line in walls_of(sketch, work.frame, plant):
        sketch.flat(line.frame, (0, line.length), (z, top), stone, 0.0)
        for i in range(3):
            sketch.flat(
                line.frame, (0.4, line.length - 0.4), (z + 1.3 + i * 0.7, z + 1.6 + i * 0.7), "iron-dark", -0.03
            )
    work.top(plant, top, "roof-gravel")
    work.covers(plant, (z, top))
    if spired:
        r = min(wide, deep) * 0.16
        sketch.lathe(
            work.frame, centre, [(r * 1.4, top), (r, top + r * 2.2), (0.3, top + r * 4.6)], "roof-metal", 8, math.pi / 8
        )
        tip = top + r * 4.6 + min(wide, deep) * 0.55
        sketch.frustum(work.frame, centre, (top + r * 4.6 - 0.2, tip), (0.22, 0.05), "steel", 6)
    else:
        at = (centre[0] + wide * 0.12, centre[1])
        tip = top + dice.between(5.0, 11.0)
        sketch.frustum(work.frame, at, (top, tip), (0.16, 0.05), "steel", 6)
        sketch.box(
            work.frame,
            (centre[0] - wide * 0.2, centre[0] - wide * 0.05),
            (centre[1] - 1.0, centre[1] + 1.0),
            (top, top + 1.6),
            "steel",
            STANDING,
        )
    sketch.box(
        work.frame,
        (centre[0] - 0.15, centre[0] + 0.15),
        (centre[1] - 0.15, centre[1] + 0.15),
        (tip - 0.2, tip + 0.1),
        "tail-lamp",
        ALL,
    ) if spired else None
    if neon:
        front = Wall(sketch.within(work.frame, centre[0] - wide / 2, centre[1] - deep / 2), wide)
        size = min(wide * 0.6, 9.0)
        sketch.box(
            front.frame,
            (wide / 2 - size / 2, wide / 2 + size / 2),
            (-0.35, -0.15),
            (z - 4.2, z - 1.0),
            "paint-black",
            ALL,
        )
        for a, b in ((z - 4.3, z - 4.1), (z - 1.1, z - 0.9)):
            sketch.box(front.frame, (wide / 2 - size / 2, wide / 2 + size / 2), (-0.42, -0.12), (a, b), neon, ALL)
        for i in range(5):
            x = wide / 2 - size * 0.4 + size * 0.8 * i / 4
            sketch.box(
                front.frame,
                (x - size * 0.06, x + size * 0.06),
                (-0.42, -0.35),
                (z - 3.6, z - 1.7 - 0.5 * (i % 2)),
                neon,
                ALL,
            )
    return tip


def _taper(
    work: Work, centre: tuple[float, float], wide: float, deep: float, low: float, high: float, glass: str, neon: str
) -> tuple[float, float]:  # fmt: skip
    sketch, d = work.sketch, work.d
    lower = centred(wide, deep, *centre)
    shrink = 0.62
    upper = centred(wide * shrink, deep * shrink, *centre)
    slant = high + wide * 0.35
    tops = [high, high, slant, slant]
    for i in range(4):
        j = (i + 1) % 4
        sketch.polygon(
            work.frame, [(*lower[i], low), (*lower[j], low), (*upper[j], tops[j]), (*upper[i], tops[i])], glass
        )
    sketch.polygon(work.frame, [(*upper[i], tops[i]) for i in range(4)], "roof-metal")
    peak = [(*upper[i], tops[i]) for i in range(4)]
    work.covers(lower, (low - 0.5, low), peak=peak)
    levels = int((high - low) / (2 * d.storey_m))
    for k in range(1, levels + 1):
        share = k / (levels + 0.5)
        ring = [(a + (c - a) * share, b + (e - b) * share) for (a, b), (c, e) in zip(lower, upper, strict=True)]
        z = low + (high - low) * share
        for line in walls_of(sketch, work.frame, roofs.grown(ring, [0.04] * 4)):
            sketch.box(
                line.frame,
                (0.0, line.length),
                (-0.1, 0.0),
                (z - 0.2, z + 0.2),
                neon if neon and k % 4 == 0 else "frame-dark",
                1 | 16 | 32,
            )
            if k < levels:
                count = max(2, int(line.length / 1.6))
                for column in range(count):
                    if work.dice.chance(d.lit * 0.3):
                        a = line.length * column / count
                        sketch.polygon(line.frame, [(a + 0.1, -0.06, z + 0.5), (a + line.length / count - 0.1, -0.06, z + 0.5), (a + line.length / count - 0.1, 0.02, z + 2.6), (a + 0.1, 0.02, z + 2.6)], facade.pane(replace(d, lit=1.0), work.dice))  # fmt: skip
    for i in range(4):
        a, b = lower[i], upper[i]
        thick = 0.25
        ring0 = centred(2 * thick, 2 * thick, *a)
        ring1 = centred(2 * thick, 2 * thick, *b)
        for k in range(4):
            n = (k + 1) % 4
            sketch.polygon(
                work.frame,
                [(*ring0[k], low), (*ring0[n], low), (*ring1[n], tops[i]), (*ring1[k], tops[i])],
                neon or "steel",
            )
    tip = slant + 8.0
    mast = (centre[0], centre[1] + deep * shrink * 0.42)
    sketch.frustum(work.frame, mast, (slant - 1.5, tip), (0.25, 0.05), "steel", 6)
    return high, tip


def _round(
    work: Work, centre: tuple[float, float], radius: float, low: float, high: float, glass: str, neon: str
) -> tuple[float, float]:  # fmt: skip
    sketch, d, dice = work.sketch, work.d, work.dice
    sides = 20
    sketch.frustum(work.frame, centre, (low - 0.5, high), (radius, radius), glass, sides)
    storey = d.storey_m
    levels = int((high - low) / storey)
    for k in range(levels + 1):
        z = low + k * storey
        material = neon if neon and k % 5 == 0 else "plaster-white"
        sketch.frustum(work.frame, centre, (z - 0.35, z + 0.35), (radius + 0.12, radius + 0.12), material, sides)
        if k == levels:
            continue
        for i in range(sides):
            if dice.chance(d.lit * 0.3):
                angle = (i + 0.5) * math.tau / sides
                r = radius * math.cos(math.pi / sides)
                cell = sketch.within(
                    work.frame,
                    centre[0] + r * math.cos(angle),
                    centre[1] + r * math.sin(angle),
                    0.0,
                    angle + math.pi / 2,
                )
                half = radius * math.sin(math.pi / sides) - 0.12
                sketch.flat(
                    cell, (-half, half), (z + 0.5, z + storey - 0.45), facade.pane(replace(d, lit=1.0), dice), -0.04
                )
    sketch.lathe(
        work.frame,
        centre,
        [(radius + 0.3, high), (radius + 0.3, high + 1.3), (radius * 0.8, high + 1.3), (radius * 0.8, high + 4.5)],
        "plaster-white",
        sides,
    )
    sketch.frustum(work.frame, centre, (high + 4.5, high + 6.0), (radius * 0.85, 0.0), "roof-metal", sides)
    tip = high + 6.0 + radius * 0.9
    sketch.frustum(work.frame, centre, (high + 5.6, tip), (0.2, 0.05), "steel", 6)
    work.covers(regular(10, radius, *centre), (low - 0.5, high + 4.5))
    return high, tip


def office(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A flat-roofed block with ribbon windows or a curtain wall, and a glass lobby."""
    work = Work(sketch, lot, frame, d, dice)
    plan = rectangle(work.width, work.depth)
    eaves = d.eaves_m
    is_glass = dice.chance(0.45)
    body = dice.pick(_GLASS) if is_glass else d.wall if not d.wall.startswith("planks") else "concrete-light"
    walls = work.mass(plan, eaves, wall=body, plinth=0.3)
    party = (False, lot.party[1], False, lot.party[0])
    trim = "concrete-light" if not body.startswith("concrete-light") else "concrete-dark"
    for line, is_party in zip(walls, party, strict=True):
        if is_party:
            continue
        for floor, height in facade.floors(d)[int(line.is_front) :]:
            low, high = floor + (0.85 if floor > 0 else 1.1), floor + height - (0.45 if floor > 0 else 0.8)
            if is_glass:
                sketch.box(line.frame, (0.0, line.length), (-0.1, 0.0), (floor - 0.18, floor + 0.18), trim, 1 | 16 | 32)
            else:
                sketch.box(line.frame, (0.3, line.length - 0.3), (-0.1, 0.0), (low - 0.14, low), trim, 1 | 16 | 32)
                sketch.box(line.frame, (0.3, line.length - 0.3), (-0.1, 0.0), (high, high + 0.14), trim, 1 | 16 | 32)
            count = max(2, round((line.length - 0.8) / 1.7))
            step = (line.length - 0.8) / count
            for i in range(count):
                a = 0.4 + i * step
                if is_glass and not dice.chance(d.lit * 0.5):
                    continue
                sketch.flat(line.frame, (a + 0.05, a + step - 0.05), (low, high), facade.pane(d, dice), -0.04)
        for i in range(max(2, round(line.length / 5.0)) + 1):
            x = min(max(line.length * i / max(2, round(line.length / 5.0)), 0.16), line.length - 0.16)
            sketch.box(line.frame, (x - 0.16, x + 0.16), (-0.16, 0.0), (-0.5, eaves), trim, 1 | 2 | 8)
    front = walls[0]
    middle = front.length / 2
    half = min(front.length * 0.42, 9.0)
    sketch.flat(front.frame, (middle - half, middle + half), (0.2, d.ground_m - 0.7), "shop-window", -0.05)
    for x in facade.bays(2 * half, 1.8, 0.0):
        at = middle - half + x
        sketch.flat(front.frame, (at - 0.04, at + 0.04), (0.2, d.ground_m - 0.7), "frame-dark", -0.07)
    out = min(1.8, lot.front_m + 0.4)
    sketch.box(front.frame, (middle - 2.4, middle + 2.4), (-out, 0.0), (2.95, 3.2), "frame-dark", ALL)
    work.door(
        front,
        middle,
        size=(1.8, 2.3),
        step=0.03,
        reach=min(0.3, max(0.05, lot.front_m - 0.05)),
        leaf="glass",
        transom=False,
    )
    roofs.flat(sketch, work.frame, plan, eaves, "roof-gravel", body if not is_glass else trim, parapet=0.9, cap=trim)
    roofs.roof_gear(sketch, work.frame, plan, eaves, dice)
    if d.neon:
        for line, is_party in zip(walls, party, strict=True):
            if not is_party:
                sketch.box(
                    line.frame, (0.0, line.length), (-0.14, 0.0), (eaves - 0.1, eaves + 0.05), d.neon, 1 | 16 | 32
                )
        sketch.box(
            front.frame, (middle - 2.0, middle + 2.0), (-0.3, -0.1), (eaves - 2.2, eaves - 0.9), "paint-black", ALL
        )
        for i in range(4):
            x = middle - 1.5 + i
            sketch.box(front.frame, (x - 0.3, x + 0.3), (-0.36, -0.3), (eaves - 1.9, eaves - 1.2), d.neon, ALL)
    return work.built(eaves, 0.9, d.storeys, "flat", materials=(body, "roof-gravel"))
