"""Public buildings: town hall, station, school, hospital, museum and their like; an ordinary body with what marks them."""

from dataclasses import replace

from scene_gen.build import facade, roofs
from scene_gen.build.compose import Built, Work, centred, doorway, rectangle, walls_of
from scene_gen.build.dice import Dice
from scene_gen.build.eastern import column, dome
from scene_gen.build.facade import Wall
from scene_gen.build.lots import Lot
from scene_gen.build.sacred import clock
from scene_gen.build.sketch import ALL, STANDING, Sketch
from scene_gen.build.styles import Design


def _body(
    work: Work, front_at: float, *, shape: str, skip: float = 0.0, width: float = 0.0, window: tuple[float, float] | None = None, round_heads: bool = False, bare_front: bool = False
) -> tuple[list[Wall], float, float]:  # fmt: skip
    """The main mass with windows and roof, its front `front_at` behind the lot's; gives walls, eaves and roof height.

    `skip` is the width kept free of windows in the middle of the front, on all storeys' ground floor.
    """
    sketch, d, dice = work.sketch, work.d, work.dice
    d = replace(d, window=window or d.window, window_shape="round" if round_heads else d.window_shape, shutters="")
    wide = width or work.width
    plan = rectangle(wide, work.depth - front_at, (work.width - wide) / 2, front_at)
    eaves = d.eaves_m
    walls = work.mass(plan, eaves)
    for line in walls:
        if line.is_front and bare_front:
            continue
        middle = line.length / 2
        free = (middle - skip / 2, middle + skip / 2) if line.is_front and skip else None
        facade.windows(sketch, line, d, dice, facade.floors(d), skip=free)
        facade.cornice(sketch, line, eaves, d.trim)
        if d.band or d.storeys > 1:
            facade.band(sketch, line, d.ground_m, d.trim)
        facade.corners(
            sketch, line, replace(d, quoins=d.use != "hospital" and not d.wall.startswith("planks")), (0.0, eaves - 0.4)
        )
    if shape == "flat":
        roofs.flat(sketch, work.frame, plan, eaves, "roof-gravel", d.wall, parapet=0.9, cap=d.trim)
        roofs.roof_gear(sketch, work.frame, plan, eaves, dice, stairs=False)
        return walls, eaves, 0.9
    roof = d.roof if d.roof.startswith(("roof-tiles", "shingles", "roof-copper")) else "shingles-slate"
    over = min(0.45, *work.lot.free[1:])
    rise, peak = roofs.hip(sketch, work.frame, plan, eaves, min(d.pitch, 0.8), roof, eaves=over, most=5.5)
    work.peaked(plan, eaves, peak)
    return walls, eaves, rise


def portico(work: Work, wall: Wall, width: float, top: float, *, reach: float, pediment: bool = True) -> None:
    """Columns under an entablature and a pediment, on steps, before the middle of a wall."""
    sketch, d = work.sketch, work.d
    stone = d.trim if d.trim.startswith("stone") else "stone-light"
    middle = wall.length / 2
    base = 0.45
    for i in range(3):
        out = reach + 0.1 - 0.28 * i
        sketch.box(
            wall.frame,
            (middle - width / 2 - 0.3, middle + width / 2 + 0.3),
            (-out, 0.0),
            (-0.6, base * (i + 1) / 3),
            stone,
            STANDING,
        )
    count = max(4, 2 * round(width / 4.0))
    radius = min(0.42, width / count * 0.2)
    y = -reach + 0.95
    for i in range(count):
        x = middle - width / 2 + 0.5 + (width - 1.0) * i / (count - 1)
        column(sketch, wall.frame, (x, y), (base, top), radius, stone)
    sketch.box(wall.frame, (middle - width / 2, middle + width / 2), (y - 0.5, 0.0), (top, top + 0.8), stone, ALL)
    if pediment:
        quad = [
            (middle - width / 2, y - 0.5),
            (middle + width / 2, y - 0.5),
            (middle + width / 2, 0.6),
            (middle - width / 2, 0.6),
        ]
        roofs.gable(
            sketch,
            wall.frame,
            roofs.turned(quad, False),
            top + 0.8,
            width * 0.2,
            stone,
            stone,
            eaves=0.15,
            ends=(0.15, 0.0),
            edge=stone,
        )
    block = [
        (middle - width / 2 - 0.3, -reach - 0.1),
        (middle + width / 2 + 0.3, -reach - 0.1),
        (middle + width / 2 + 0.3, 0.0),
        (middle - width / 2 - 0.3, 0.0),
    ]
    work.covers(block, (-0.6, base), frame=wall.frame)
    work.covers(
        [
            (middle - width / 2, y - 0.5),
            (middle + width / 2, y - 0.5),
            (middle + width / 2, 0.0),
            (middle - width / 2, 0.0),
        ],
        (top, top + 0.8),
        frame=wall.frame,
    )
    for i in range(count):
        x = middle - width / 2 + 0.5 + (width - 1.0) * i / (count - 1)
        work.covers(centred(2 * radius, 2 * radius, x, y), (base, top), frame=wall.frame)
    spot = facade.door(sketch, wall.frame, middle, d, size=(1.8, 2.8), step=base, reach=reach + 0.1)
    work.doors.append(doorway(sketch, wall.frame, (spot[0], -reach - 0.3, 1.8), 2.8))


def town_hall(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A hip-roofed hall with a central clock tower, an arched ground floor, a balcony and a flag."""
    work = Work(sketch, lot, frame, d, dice)
    side = min(5.4, work.width * 0.3)
    ahead = 0.9
    _, eaves, rise = _body(work, ahead, shape="hip", skip=side + 0.6)
    top = eaves + max(rise + 2.6, side * 1.2)
    tip = top + side * 1.5
    plan = rectangle(side, side + ahead, work.width / 2 - side / 2, 0.0)
    tower = work.mass(plan, top, peak=[(work.width / 2, (side + ahead) / 2, tip)])
    for line in tower:
        clock(sketch, line.frame, line.length / 2, top - side * 0.36, side * 0.26)
        facade.cornice(sketch, line, top, d.trim, 0.3, 0.5)
        facade.band(sketch, line, top - side * 0.78, d.trim)
        if line is not tower[0]:
            continue
        for floor, _ in facade.floors(d)[1:]:
            sketch.window(line.frame, side / 2, floor + 0.8, (1.4, 1.9), d.trim, "glass-lit", border=0.2, shape="round")
    work.portal(tower[0], side / 2, (min(2.0, side * 0.45), 2.8), steps=2)
    facade.balcony(sketch, tower[0].frame, (side * 0.12, side * 0.88), d.ground_m, "slab", d, 0.9)
    work.top(plan, top, "stone-dark")
    spire = dice.pick(("roof-copper", "shingles-slate"))
    belfry = roofs.grown(plan, [-0.7] * 4)
    for line in walls_of(sketch, work.frame, belfry):
        sketch.flat(line.frame, (0, line.length), (top, top + 1.9), d.trim, 0.0)
        sketch.window(
            line.frame,
            line.length / 2,
            top + 0.35,
            (line.length * 0.4, 1.3),
            d.trim,
            "plaster-dark",
            border=0.12,
            shape="round",
        )
    high, _ = roofs.hip(sketch, work.frame, belfry, top + 1.9, 2.3, spire, eaves=0.35)
    centre = (work.width / 2, (side + ahead) / 2)
    sketch.frustum(work.frame, centre, (top + 1.9 + high - 0.2, top + 1.9 + high + 1.4), (0.06, 0.03), "brass", 6)
    work.flag(
        work.width / 2 - side * 0.9, ahead + 0.8, eaves, 4.2, dice.pick(("fabric-red", "fabric-blue", "fabric-green"))
    )
    return work.built(eaves, top + 1.9 + high + 1.4 - eaves, d.storeys, "hip")


def station(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A long building with a raised pavilion, great arched windows, a clock and a canopy on posts."""
    work = Work(sketch, lot, frame, d, dice)
    ahead = 2.6 if work.depth > 9 else 1.2
    pavilion = min(12.0, work.width * 0.36)
    walls, eaves, _ = _body(work, ahead, shape="hip", skip=pavilion + 0.4, window=(1.3, 2.2), round_heads=True)
    high = eaves + 2.4
    plan = rectangle(pavilion, work.depth - ahead + 0.5, work.width / 2 - pavilion / 2, ahead - 0.5)
    roof = d.roof if d.roof.startswith(("roof-tiles", "shingles")) else "shingles-slate"
    up, peak = roofs.gable(
        sketch,
        work.frame,
        roofs.turned(plan, False),
        high,
        pavilion * 0.3,
        roof,
        d.wall,
        eaves=0.3,
        ends=(0.3, 0.2),
        edge=d.trim,
    )
    tower = work.mass(plan, high, peak=peak)
    front = tower[0]
    for x in facade.bays(pavilion, 3.2, 0.5):
        sketch.window(
            front.frame,
            x,
            3.4,
            (min(2.2, pavilion / 4), high - 4.4),
            d.trim,
            facade.pane(d, dice),
            border=0.22,
            proud=0.12,
            shape="round",
        )
        for k in (-0.3, 0.0, 0.3):
            sketch.flat(front.frame, (x + k - 0.03, x + k + 0.03), (3.4, high - 1.6), "frame-dark", -0.06)
    clock(sketch, front.frame, pavilion / 2, high + pavilion * 0.11, pavilion * 0.09)
    for x in (pavilion * 0.32, pavilion * 0.68):
        facade.door(sketch, front.frame, x, d, size=(1.5, 2.4), step=0.06, reach=0.3, transom=False)
    work.door(front, pavilion / 2, size=(1.6, 2.4), step=0.06, reach=0.4, transom=False)
    reach = max(0.9, ahead - 0.6)
    line = walls[0]
    z = 3.05
    sketch.slab(
        line.frame,
        [(0.4, -reach, z), (line.length - 0.4, -reach, z), (line.length - 0.4, 0.0, z + 0.35), (0.4, 0.0, z + 0.35)],
        0.12,
        "roof-metal",
        "frame-white",
    )
    for x in facade.bays(line.length, 4.0, 0.6):
        sketch.frustum(line.frame, (x, -reach + 0.15), (-0.4, z - 0.05), (0.08, 0.08), "iron-dark", 8)
    board = 5.0
    sketch.box(
        front.frame,
        (pavilion / 2 - board / 2, pavilion / 2 + board / 2),
        (-0.12, 0.0),
        (z + 0.45, z + 1.0),
        "sign-blue",
        ALL,
    ) if pavilion > 6 else None
    return work.built(eaves, high + up - eaves, d.storeys, "hip")


def school(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Rows of wide windows, a gabled middle with the entrance, a bell turret, a clock and a flag."""
    work = Work(sketch, lot, frame, d, dice)
    middle = min(8.0, work.width * 0.28)
    _, eaves, rise = _body(work, 0.7, shape="hip", skip=middle + 0.3, window=(1.9, 1.9))
    plan = rectangle(middle, work.depth * 0.6, work.width / 2 - middle / 2, 0.0)
    roof = d.roof if d.roof.startswith(("roof-tiles", "shingles")) else "roof-tiles-red"
    up, peak = roofs.gable(
        sketch,
        work.frame,
        roofs.turned(plan, False),
        eaves + 0.6,
        middle * 0.36,
        roof,
        d.wall,
        eaves=0.25,
        ends=(0.25, 0.0),
        edge=d.trim,
    )
    porch = work.mass(plan, eaves + 0.6, peak=peak)
    front = porch[0]
    for floor, _ in facade.floors(d)[1:]:
        for x in facade.bays(middle, 2.2, 0.4):
            facade.opening(sketch, front.frame, x, floor + 0.9, (1.3, 1.7), d, dice)
    clock(sketch, front.frame, middle / 2, eaves + 0.6 + middle * 0.1, min(0.8, middle * 0.11))
    work.portal(front, middle / 2, (2.0, 2.5), steps=2)
    sketch.box(
        front.frame,
        (middle * 0.12, middle * 0.88),
        (-0.1, 0.0),
        (d.ground_m - 0.1, d.ground_m + 0.45),
        "sign-white",
        ALL,
    )
    x, y = work.width / 2, 0.7 + (work.depth - 0.7) / 2
    z = eaves + max(rise, up) - 0.3
    for line in walls_of(sketch, work.frame, centred(1.8, 1.8, x, y)):
        sketch.flat(line.frame, (0, 1.8), (z - 1.5, z + 1.6), "frame-white", 0.0)
        sketch.window(line.frame, 0.9, z + 0.3, (0.9, 1.1), "frame-white", "plaster-dark", border=0.1, shape="round")
    high, _ = roofs.hip(sketch, work.frame, centred(1.8, 1.8, x, y), z + 1.6, 1.5, "roof-copper", eaves=0.3)
    work.flag(0.8, 0.3, 0.0, 8.0, dice.pick(("fabric-blue", "fabric-red", "fabric-yellow")))
    work.covers(centred(0.2, 0.2, 0.8, 0.3), (0.0, 8.0))
    work.stands(rectangle(1.2, 1.0, 0.5, 0.1))
    return work.built(eaves, z + 1.6 + high - eaves, d.storeys, "hip")


def hospital(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A white block with ribbon windows, red crosses and a canopied entrance."""
    work = Work(sketch, lot, frame, d, dice)
    middle = min(9.0, work.width * 0.3)
    d = replace(d, frame="frame-white")
    _, eaves, _ = _body(work, 1.6, shape="flat", skip=middle + 0.2, window=(1.8, 1.5))
    plan = rectangle(middle, work.depth * 0.7, work.width / 2 - middle / 2, 0.9)
    top = eaves + 2.6
    tower = work.mass(plan, top, wall="plaster-blue")
    roofs.flat(sketch, work.frame, plan, top, "roof-gravel", "plaster-blue", parapet=0.6)
    front = tower[0]
    for floor, height in facade.floors(d)[1:]:
        for x in facade.bays(middle, 2.6, 0.4):
            facade.opening(sketch, front.frame, x, floor + 0.8, (1.9, height - 1.6), d, dice, is_plain=True)
    red_cross(sketch, front.frame, middle / 2, top - 1.1, 1.05)
    sketch.flat(front.frame, (0.5, middle - 0.5), (0.1, d.ground_m - 1.0), "shop-window", -0.04)
    for x in facade.bays(middle - 1.0, 1.6, 0.0):
        sketch.flat(front.frame, (x + 0.5 - 0.04, x + 0.5 + 0.04), (0.1, d.ground_m - 1.0), "frame-white", -0.06)
    work.door(front, middle / 2, size=(2.2, 2.3), step=0.04, reach=0.25, leaf="glass", transom=False)
    out = min(3.6, 0.8 + max(0.0, lot.front_m - 0.5))
    z = d.ground_m - 0.8
    sketch.box(front.frame, (0.2, middle - 0.2), (-out, 0.0), (z, z + 0.35), "plaster-white", ALL)
    sketch.box(front.frame, (0.2, middle - 0.2), (-out - 0.03, -out), (z - 0.02, z + 0.37), "sign-red", ALL)
    for x in (0.5, middle - 0.5):
        sketch.frustum(front.frame, (x, -out + 0.3), (-0.4, z), (0.11, 0.11), "steel", 8)
    return work.built(eaves, 3.2, d.storeys, "flat", materials=(d.wall, "roof-gravel"))


def red_cross(sketch: Sketch, frame: int, x: float, z: float, size: float) -> None:
    """A red cross on a white board."""
    sketch.box(frame, (x - size, x + size), (-0.15, 0.0), (z - size, z + size), "sign-white", ALL)
    arm, reach = size * 0.24, size * 0.78
    sketch.flat(frame, (x - arm, x + arm), (z - reach, z + reach), "paint-red", -0.17)
    sketch.flat(frame, (x - reach, x + reach), (z - arm, z + arm), "paint-red", -0.175)


def columned(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Museum, library, bank, university: a stone body behind a portico; museums carry a dome, universities a clock tower."""
    work = Work(sketch, lot, frame, d, dice)
    if work.depth < 8 or work.width < 8:
        return _small_public(work)
    reach = min(3.2, work.depth * 0.2)
    width = min(work.width * (0.6 if d.use in ("museum", "university") else 0.75), 18.0)
    shape = "flat" if d.use in ("museum", "bank") or d.roof_shape == "flat" else "hip"
    walls, eaves, rise = _body(work, reach, shape=shape, skip=width, round_heads=d.use in ("library", "museum"))
    top = min(eaves - 0.9, width * 0.75)
    portico(work, walls[0], width, top, reach=reach)
    tip = eaves + rise
    centre = (work.width / 2, reach + (work.depth - reach) / 2)
    if d.use == "museum":
        radius = min(5.0, work.width * 0.16, (work.depth - reach) * 0.3)
        sketch.lathe(
            work.frame,
            centre,
            [
                (radius, eaves),
                (radius, eaves + 2.0),
                (radius * 1.1, eaves + 2.0),
                (radius * 1.1, eaves + 2.4),
                (radius * 0.98, eaves + 2.45),
            ],
            d.wall,
            18,
        )
        tip = dome(sketch, work.frame, centre, eaves + 2.4, radius, "roof-copper")
        sketch.lathe(work.frame, centre, [(0.6, tip - 0.2), (0.6, tip + 1.0), (0.0, tip + 1.8)], "stone-light", 8)
        tip += 1.8
    if d.use == "university":
        side = min(4.6, work.width * 0.14)
        z = eaves + rise + 3.0
        plan = centred(side, side, *centre)
        for line in walls_of(sketch, work.frame, plan):
            sketch.flat(line.frame, (0, side), (eaves - 0.5, z), d.wall, 0.0)
            clock(sketch, line.frame, side / 2, z - side * 0.4, side * 0.26)
            facade.cornice(sketch, line, z, d.trim, 0.25, 0.4)
        high, _ = roofs.hip(sketch, work.frame, plan, z, 1.6, "roof-copper", eaves=0.3)
        tip = z + high
    if d.use == "bank":
        sketch.box(
            walls[0].frame,
            (walls[0].length / 2 - 2.0, walls[0].length / 2 + 2.0),
            (-reach + 0.35, -reach + 0.44),
            (top + 0.15, top + 0.65),
            "brass",
            ALL,
        )
    return work.built(eaves, tip - eaves, d.storeys, shape)


def _small_public(work: Work) -> Built:
    d = work.d
    walls, eaves, rise = _body(work, 0.0, shape="flat" if d.roof_shape == "flat" else "hip", skip=2.6)
    work.portal(walls[0], walls[0].length / 2, (1.6, 2.6), steps=2)
    return work.built(eaves, rise, d.storeys, d.roof_shape)


def theater(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A broad front with a bulb-lit marquee, posters, tall arched windows and a high fly tower behind."""
    work = Work(sketch, lot, frame, d, dice)
    walls, eaves, _ = _body(work, 0.8, shape="flat", round_heads=True, window=(1.3, 2.1), bare_front=True)
    front = walls[0]
    middle = front.length / 2
    facade.cornice(sketch, front, eaves, d.trim)
    stage = rectangle(work.width * 0.7, work.depth * 0.35, work.width * 0.15, work.depth * 0.62)
    top = eaves + 5.5
    for line in walls_of(sketch, work.frame, stage):
        sketch.flat(line.frame, (0, line.length), (eaves, top), d.wall, 0.0)
        facade.cornice(sketch, line, top, d.trim)
    work.top(stage, top, "roof-gravel")
    work.covers(stage, (eaves, top))
    wide = min(front.length * 0.7, 11.0)
    out = min(2.2, 0.8 + lot.front_m)
    z = d.ground_m - 0.9
    sketch.box(front.frame, (middle - wide / 2, middle + wide / 2), (-out, 0.0), (z, z + 0.9), "paint-red", ALL)
    sketch.flat(
        front.frame, (middle - wide / 2 + 0.25, middle + wide / 2 - 0.25), (z + 0.2, z + 0.7), "sign-white", -out - 0.02
    )
    for i in range(round(wide / 0.4) + 1):
        x = middle - wide / 2 + wide * i / round(wide / 0.4)
        for h in (z + 0.06, z + 0.84):
            sketch.box(
                front.frame,
                (x - 0.05, x + 0.05),
                (-out - 0.08, -out),
                (h - 0.05, h + 0.05),
                "lamp-glow",
                1 | 2 | 8 | 16,
            )
    for k in (-1.8, 0.0, 1.8):
        facade.door(
            sketch, front.frame, middle + k, d, size=(1.4, 2.3), step=0.06, reach=0.3, leaf="door-red", transom=False
        )
    work.door(front, middle, size=(1.4, 2.3), step=0.06, reach=0.3, leaf="door-red", transom=False)
    for side in (-1, 1):
        x = middle + side * (wide / 2 + (front.length - wide) / 4)
        if front.length - wide > 2.4:
            sketch.box(front.frame, (x - 0.6, x + 0.6), (-0.1, 0.0), (0.9, 2.7), "frame-dark", ALL)
            sketch.flat(
                front.frame,
                (x - 0.5, x + 0.5),
                (1.0, 2.6),
                dice.pick(("fabric-yellow", "fabric-orange", "fabric-blue")),
                -0.12,
            )
    sign = min(6.0, eaves - z - 1.2)
    sketch.box(
        front.frame,
        (middle - wide / 2, middle - wide / 2 + 0.3),
        (-1.3, -0.1),
        (z + 1.1, z + 1.1 + sign),
        "paint-red",
        ALL,
    )
    for x in facade.bays(wide, 2.2, 0.6):
        at = middle - wide / 2 + x
        if at > middle - wide / 2 + 1.0:
            sketch.window(
                front.frame,
                at,
                d.ground_m + 0.8,
                (1.2, eaves - d.ground_m - 2.2),
                d.trim,
                "glass-lit",
                border=0.18,
                shape="round",
            )
    return work.built(eaves, 5.6, d.storeys, "flat", materials=(d.wall, "roof-gravel"))


def fire_station(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Wide red gates for the engines and a hose tower."""
    work = Work(sketch, lot, frame, d, dice)
    side = min(4.0, work.width * 0.22)
    shape = "flat" if d.roof_shape == "flat" else "hip"
    walls, eaves, rise = _body(work, 0.0, shape=shape, skip=work.width)
    front = walls[0]
    room = front.length - side - 0.6
    count = max(1, min(4, int(room / 4.0)))
    step = room / count
    for i in range(count):
        x = side + 0.3 + (i + 0.5) * step
        wide, high = min(3.6, step * 0.84), d.ground_m - 0.9
        sketch.box(
            front.frame, (x - wide / 2 - 0.22, x + wide / 2 + 0.22), (-0.1, 0.0), (0.0, high + 0.25), d.trim, STANDING
        )
        sketch.flat(front.frame, (x - wide / 2, x + wide / 2), (0.03, high), "paint-red", -0.12)
        for row in range(1, 4):
            z = high * row / 4
            sketch.flat(front.frame, (x - wide / 2, x + wide / 2), (z - 0.03, z + 0.03), "paint-black", -0.14)
        for k in range(3):
            at = x - wide / 2 + wide * (k + 0.5) / 3
            sketch.flat(
                front.frame, (at - wide * 0.13, at + wide * 0.13), (high * 0.53, high * 0.72), "glass-lit", -0.14
            )
    sketch.box(
        front.frame,
        (side + 0.6, front.length - 0.4),
        (-0.14, 0.0),
        (d.ground_m - 0.45, d.ground_m + 0.1),
        "sign-red",
        ALL,
    )
    top = eaves + max(rise, 1.0) + 4.0
    plan = rectangle(side, side, 0.0, 0.0)
    tower = work.mass(roofs.grown(plan, [0.0, 0.0, 0.0, -0.01]), top)
    for line in tower:
        facade.cornice(sketch, line, top, d.trim, 0.15)
        sketch.window(
            line.frame, line.length / 2, top - 2.6, (line.length * 0.5, 1.5), d.trim, "plaster-dark", border=0.15
        )
    work.door(tower[0], line.length / 2, size=(1.0, 2.1), reach=0.3)
    high, _ = roofs.hip(
        sketch, work.frame, plan, top, 0.7, "roof-tiles-red" if shape == "hip" else "roof-metal", eaves=0.0
    )
    return work.built(eaves, top + high - eaves, d.storeys, shape)


def badged(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Police station and post office: a plain public building with its sign and lamps."""
    work = Work(sketch, lot, frame, d, dice)
    shape = "flat" if d.roof_shape == "flat" else "hip"
    color, lamp = ("sign-blue", "neon-blue") if d.use == "police-station" else ("sign-yellow", "lamp-glow")
    walls, eaves, rise = _body(work, 0.0, shape=shape, skip=3.0, round_heads=d.use == "post-office")
    front = walls[0]
    middle = front.length / 2
    work.portal(front, middle, (1.7, 2.5), steps=2, shape="round")
    wide = min(front.length * 0.7, 7.0)
    sketch.box(
        front.frame,
        (middle - wide / 2, middle + wide / 2),
        (-0.16, 0.0),
        (d.ground_m - 0.3, d.ground_m + 0.35),
        color,
        ALL,
    )
    for side in (-1, 1):
        sketch.box(
            front.frame, (middle + side * 1.6 - 0.14, middle + side * 1.6 + 0.14), (-0.4, -0.12), (2.1, 2.5), lamp, ALL
        )
        sketch.box(
            front.frame,
            (middle + side * 1.6 - 0.03, middle + side * 1.6 + 0.03),
            (-0.26, 0.0),
            (2.0, 2.1),
            "iron-dark",
            ALL,
        )
    if d.use == "police-station":
        work.flag(middle + wide / 2 + 0.4, 0.6, eaves, 4.0, "fabric-blue")
    else:
        sketch.box(front.frame, (middle + 2.3, middle + 2.9), (-0.4, 0.0), (0.0, 1.3), "paint-yellow", STANDING)
    return work.built(eaves, max(rise, 0.9) + (3.2 if d.use == "police-station" else 0.0), d.storeys, shape)


def market_hall(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """An iron and glass hall: arched glazing between posts, a broad roof with a raised lantern."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    iron = dice.pick(("paint-green", "paint-navy", "paint-teal", "iron-dark"))
    eaves = 5.4
    plan = rectangle(width, depth)
    base = dice.pick(("brick-red", "stone-light", "brick-yellow"))
    walls = work.mass(plan, eaves, wall=base, plinth=0.6)
    for line in walls:
        middles = facade.bays(line.length, 4.0, 0.3)
        step = line.length / len(middles)
        for k, x in enumerate(middles):
            is_door = line.is_front and k == len(middles) // 2
            if is_door:
                work.portal(line, x, (min(3.0, step * 0.75), 3.9), steps=1)
                continue
            glass = facade.pane(d, dice)
            sketch.window(
                line.frame, x, 1.0, (step * 0.74, eaves - 1.9), iron, glass, border=0.16, proud=0.12, shape="round"
            )
            for share in (-0.25, 0.0, 0.25):
                at = x + share * step * 0.74
                sketch.flat(line.frame, (at - 0.035, at + 0.035), (1.0, eaves - 1.5), iron, -0.06)
            sketch.flat(line.frame, (x - step * 0.37, x + step * 0.37), (eaves * 0.5, eaves * 0.5 + 0.08), iron, -0.06)
        for i in range(len(middles) + 1):
            x = min(max(i * step, 0.2), line.length - 0.2)
            sketch.box(line.frame, (x - 0.2, x + 0.2), (-0.18, 0.0), (-0.8, eaves), iron, 1 | 2 | 8 | 16)
        if line.is_front:
            facade.awning(sketch, line.frame, (0.3, line.length / 2 - 2.2), (3.4, 2.6), 1.2, "fabric-red")
            facade.awning(
                sketch, line.frame, (line.length / 2 + 2.2, line.length - 0.3), (3.4, 2.6), 1.2, "fabric-green"
            )
    along = width >= depth
    turned = roofs.turned(plan, along)
    half = (depth if along else width) / 2
    rise = half * 0.5
    over = min(0.4, *lot.free)
    roofs.gable(
        sketch,
        work.frame,
        turned,
        eaves,
        rise,
        "roof-metal",
        "brick-red" if base == "brick-red" else base,
        eaves=over,
        ends=(over, over),
        edge=iron,
    )
    lantern = roofs.grown(turned, [-half * 0.68, -1.2, -half * 0.68, -1.2])
    z = eaves + rise * 0.7
    for line in walls_of(sketch, work.frame, lantern):
        sketch.flat(line.frame, (0, line.length), (z - 0.5, z + 1.6), "glass", 0.0)
        for i in range(round(line.length / 1.2) + 1):
            x = line.length * i / round(line.length / 1.2) if line.length > 1 else 0.0
            sketch.flat(line.frame, (max(0.0, x - 0.05), min(line.length, x + 0.05)), (z - 0.5, z + 1.6), iron, -0.03)
    up, peak = roofs.gable(
        sketch, work.frame, lantern, z + 1.6, half * 0.16, "roof-metal", iron, eaves=0.4, ends=(0.4, 0.4), edge=iron
    )
    work.peaked(plan, eaves, peak)
    front = walls_of(sketch, work.frame, turned)[3] if not along else walls[0]
    if not along:
        clock(sketch, walls[0].frame, width / 2, eaves + rise * 0.38, min(1.1, rise * 0.25))
    else:
        board = 7.0
        sketch.box(
            front.frame,
            (width / 2 - board / 2, width / 2 + board / 2),
            (-0.22, -0.1),
            (eaves - 0.75, eaves - 0.05),
            "sign-green",
            ALL,
        ) if width > 9 else None
    return work.built(eaves, z + 1.6 + up - eaves, 1, "gable", materials=(base, "roof-metal"))
