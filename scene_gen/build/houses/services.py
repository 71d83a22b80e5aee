"""Public buildings with a trade of their own: theater, fire station, police, post, market hall."""

from scene_gen.build.houses import facade, roofs, shopfronts
from scene_gen.build.houses.civic import public_body
from scene_gen.build.houses.compose import Built, Work, rectangle, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sacred import clock
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch


def theater(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A broad front with a bulb-lit marquee, posters, tall arched windows and a high fly tower behind."""
    work = Work(sketch, lot, frame, d, dice)
    walls, eaves, _ = public_body(work, 0.8, shape="flat", round_heads=True, window=(1.3, 2.1), bare_front=True)
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
    walls, eaves, rise = public_body(work, 0.0, shape=shape, skip=work.width)
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
    walls, eaves, rise = public_body(work, 0.0, shape=shape, skip=3.0, round_heads=d.use == "post-office")
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
            shopfronts.awning(sketch, line.frame, (0.3, line.length / 2 - 2.2), (3.4, 2.6), 1.2, "fabric-red")
            shopfronts.awning(
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
