"""Public buildings: an ordinary body with what marks town hall, station, school and hospital."""

from dataclasses import replace

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, centred, rectangle, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import Wall
from scene_gen.build.houses.local import pitched_roof
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sacred import clock
from scene_gen.build.houses.sketch import ALL, Sketch


def public_body(
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
    if shape == "flat" or d.style.vigas:
        deck = "plaster-adobe" if d.style.vigas else "roof-gravel"
        roofs.flat(sketch, work.frame, plan, eaves, deck, d.wall, parapet=0.9, cap=d.trim)
        roofs.roof_gear(sketch, work.frame, plan, eaves, dice, stairs=False)
        return walls, eaves, 0.9
    roof = pitched_roof(d)
    over = min(0.45, *work.lot.free[1:])
    rise, peak = roofs.hip(sketch, work.frame, plan, eaves, min(d.pitch, 0.8), roof, eaves=over, most=5.5)
    work.peaked(plan, eaves, peak)
    return walls, eaves, rise


def town_hall(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A hip-roofed hall with a central clock tower, an arched ground floor, a balcony and a flag."""
    work = Work(sketch, lot, frame, d, dice)
    side = min(5.4, work.width * 0.3)
    ahead = 0.9
    _, eaves, rise = public_body(work, ahead, shape="hip", skip=side + 0.6)
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
    spire = dice.pick(("roof-copper", pitched_roof(d)))
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
    walls, eaves, _ = public_body(work, ahead, shape="hip", skip=pavilion + 0.4, window=(1.3, 2.2), round_heads=True)
    high = eaves + 2.4
    plan = rectangle(pavilion, work.depth - ahead + 0.5, work.width / 2 - pavilion / 2, ahead - 0.5)
    roof = pitched_roof(d)
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
    _, eaves, rise = public_body(work, 0.7, shape="hip", skip=middle + 0.3, window=(1.9, 1.9))
    plan = rectangle(middle, work.depth * 0.6, work.width / 2 - middle / 2, 0.0)
    roof = pitched_roof(d, "roof-tiles-red")
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
    _, eaves, _ = public_body(work, 1.6, shape="flat", skip=middle + 0.2, window=(1.8, 1.5))
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
