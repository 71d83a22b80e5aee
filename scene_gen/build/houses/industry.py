"""Buildings that work: warehouse, factory, workshop, gas station."""

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import Built, Work, centred, doorway, rectangle, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import Wall
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch

_OLD = (
    "maritime",
    "medieval",
    "victorian",
    "industrial",
    "rustic",
    "colonial",
    "colorful",
    "nordic",
    "mediterranean",
    "abandoned",
)
_SAID = ("red", "blue", "green", "yellow", "white", "wooden", "brick", "stone", "metal", "black", "grey")


def _sheds_wall(d: Design, dice: Dice) -> tuple[str, str]:
    if any(word in _SAID for word in d.attributes):
        return d.wall, "roof-metal" if d.wall.startswith("corrugated") else "roof-tiles-dark"
    if d.broken:
        return dice.pick(("corrugated-rust", "brick-brown", "planks-weathered")), "corrugated-rust"
    if d.style_name in _OLD and dice.chance(0.75):
        return dice.pick(("brick-red", "brick-red", "brick-brown", "planks-dark", "planks-red")), dice.pick(("roof-tiles-dark", "roof-tiles-red", "roof-metal", "shingles-slate"))  # fmt: skip
    return dice.pick(
        ("corrugated-grey", "corrugated-blue", "corrugated-white", "corrugated-green", "corrugated-red")
    ), "roof-metal"


def warehouse(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Gables in a row towards the street, each with a big gate; brick ones with lofts and hoists."""
    work = Work(sketch, lot, frame, d, dice)
    wall, roof = _sheds_wall(d, dice)
    is_sheet = wall.startswith("corrugated")
    width, depth = work.width, work.depth
    count = max(1, round(width / 13.0))
    span = width / count
    storeys = 1 if is_sheet else max(2, d.storeys) if span > 6 else 2
    eaves = (5.0 if is_sheet else 4.2) + (storeys - 1) * 3.0
    rise = span / 2 * (0.35 if is_sheet else 0.85)
    plan = rectangle(width, depth)
    walls = work.mass(plan, eaves, wall=wall, plinth=0.5 if not is_sheet else 0.3)
    trim = "stone-light" if wall.startswith("brick") else "frame-white"
    gate_color = dice.pick(("door-green", "door-blue", "door-red", "door-brown") if not is_sheet else ("paint-blue", "paint-grey", "paint-orange", "paint-green"))  # fmt: skip
    for i in range(count):
        bay = rectangle(span, depth, i * span, 0.0)
        ends = (0.15, 0.15) if is_sheet else (0.05, 0.05)
        _, peak = roofs.gable(sketch, work.frame, roofs.turned(bay, False), eaves, rise, roof, wall, eaves=0.25 if count == 1 else 0.02, ends=ends, edge=trim)  # fmt: skip
        work.peaked(bay, eaves, peak)
        front = Wall(sketch.within(work.frame, i * span, 0.0), span, True)
        size = (min(4.2, span * 0.45), min(4.0, eaves - 0.9) if is_sheet else 3.2)
        if is_sheet:
            _shutter(work, front, span / 2, size, gate_color)
        else:
            work.gate(front, span / 2, size, gate_color, trim)
        _loft(work, front, d, dice, eaves, rise, storeys, size, gate_color, trim, is_sheet)
    for line in walls[1:]:
        for x in facade.bays(line.length, 4.2, 0.8):
            for z in [eaves - 1.9] if is_sheet else [1.6 + 3.0 * k for k in range(storeys)]:
                _works_window(
                    sketch, line, x, z, (1.7 if is_sheet else 1.2, 1.0 if is_sheet else 1.3), d, dice, is_sheet
                )
        if is_sheet:
            for x in facade.bays(line.length, 6.0, 0.0):
                sketch.box(
                    line.frame, (x + 3 - 0.1, x + 3 + 0.1), (-0.12, 0.0), (0.0, eaves), trim, 1 | 2 | 8
                ) if x + 3 < line.length - 0.2 else None
    for line in walls:
        facade.band(sketch, line, eaves - 0.12, trim)
    if is_sheet:
        for i in range(count):
            for share in (0.25, 0.5, 0.75):
                at = (i * span + span / 2, depth * share)
                sketch.frustum(work.frame, at, (eaves + rise - 0.1, eaves + rise + 0.8), (0.4, 0.4), "steel", 8)
                sketch.frustum(work.frame, at, (eaves + rise + 0.8, eaves + rise + 1.15), (0.65, 0.0), "steel", 8)
    return work.built(eaves, rise + 0.2, storeys, "gable", materials=(wall, roof))


def _shutter(work: Work, wall: Wall, x: float, size: tuple[float, float], color: str) -> None:
    """A roller gate with ribs, bollards and a lamp."""
    sketch, (wide, high) = work.sketch, size
    sketch.box(
        wall.frame, (x - wide / 2 - 0.2, x + wide / 2 + 0.2), (-0.08, 0.0), (0.0, high + 0.25), "frame-dark", STANDING
    )
    sketch.flat(wall.frame, (x - wide / 2, x + wide / 2), (0.05, high), color, -0.1)
    for i in range(1, round(high / 0.5)):
        sketch.flat(wall.frame, (x - wide / 2, x + wide / 2), (i * 0.5, i * 0.5 + 0.05), "frame-dark", -0.12)
    for side in (-1, 1):
        at = x + side * (wide / 2 + 0.35)
        sketch.frustum(wall.frame, (at, -0.3), (-0.2, 0.9), (0.1, 0.1), "paint-yellow", 8)
        sketch.frustum(wall.frame, (at, -0.3), (0.9, 1.0), (0.1, 0.0), "paint-yellow", 8)
    work.doors.append(doorway(sketch, wall.frame, (x, -0.5, wide), high))


def _loft(
    work: Work, front: Wall, d: Design, dice: Dice, eaves: float, rise: float, storeys: int, gate: tuple[float, float], color: str, trim: str, is_sheet: bool
) -> None:  # fmt: skip
    sketch, middle = work.sketch, front.length / 2
    if is_sheet:
        board = min(front.length * 0.6, 7.0)
        sketch.box(front.frame, (middle - board / 2, middle + board / 2), (-0.12, 0.0), (eaves - 0.55, eaves + 0.35), dice.pick(("sign-white", "sign-blue", "sign-red", "sign-yellow")), ALL)  # fmt: skip
        for side in (-1, 1):
            x = middle + side * (gate[0] / 2 + (front.length / 2 - gate[0] / 2) * 0.55)
            _works_window(sketch, front, x, 2.2, (1.5, 1.1), d, dice, True)
        return
    top = eaves + rise
    for level in range(1, storeys + 1):
        z = 4.2 + (level - 1) * 3.0
        if z + 2.4 > top - 0.8:
            break
        sketch.box(front.frame, (middle - 0.75, middle + 0.75), (-0.08, 0.0), (z + 0.1, z + 2.2), color, 1 | 2 | 8 | 16)
        sketch.flat(front.frame, (middle - 0.04, middle + 0.04), (z + 0.1, z + 2.2), trim, -0.1)
        sketch.box(front.frame, (middle - 0.95, middle + 0.95), (-0.16, 0.0), (z - 0.02, z + 0.1), trim, ALL)
    sketch.box(front.frame, (middle - 0.11, middle + 0.11), (-1.15, 0.0), (top - 1.35, top - 1.1), "wood-dark", ALL)
    sketch.box(
        front.frame, (middle - 0.02, middle + 0.02), (-1.02, -0.98), (top - 2.8, top - 1.35), "iron-dark", 1 | 2 | 4 | 8
    )
    side = front.length / 2 - gate[0] / 2
    if side > 1.9:
        for sign in (-1, 1):
            for x in (middle + sign * (gate[0] / 2 + side / 2),):
                for level in range(storeys):
                    _works_window(
                        sketch, front, x, 1.3 + (4.2 - 3.0 if level else 0.0) + level * 3.0, (1.2, 1.5), d, dice, False
                    )
    if rise > 3.5 and storeys > 0:
        for sign in (-1, 1):
            x = middle + sign * front.length * 0.2
            _works_window(sketch, front, x, eaves + 0.5, (0.9, 1.1), d, dice, False)


def _works_window(
    sketch: Sketch, wall: Wall, x: float, z: float, size: tuple[float, float], d: Design, dice: Dice, is_square: bool
) -> None:
    """A window of small panes, arched in brick."""
    glass = (
        "plaster-dark" if d.broken and dice.chance(0.5) else "glass-lit-cool" if dice.chance(d.lit * 0.6) else "glass"
    )
    wide, tall = size
    sketch.window(
        wall.frame,
        x,
        z,
        size,
        "frame-dark" if is_square else "stone-light",
        glass,
        border=0.1,
        shape="plain" if is_square else "round",
    )
    for k in (1, 2):
        at = x - wide / 2 + wide * k / 3
        sketch.flat(
            wall.frame, (at - 0.025, at + 0.025), (z, z + tall * (1.0 if is_square else 0.8)), "frame-dark", -0.05
        )
        sketch.flat(
            wall.frame,
            (x - wide / 2, x + wide / 2),
            (z + tall * k / 3 - 0.025, z + tall * k / 3 + 0.025),
            "frame-dark",
            -0.05,
        )


def factory(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A saw-tooth hall with tall windows, an office in front of it and a chimney."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    wall = d.wall
    eaves = 6.0 if min(width, depth) > 14 else 4.5
    stack = min(2.4, width * 0.12)
    hall_width = width - stack - 1.0 if width > 16 else width
    plan = rectangle(hall_width, depth)
    walls = work.mass(plan, eaves, wall=wall)
    roof = "roof-metal"
    tooth = hall_width / max(3, round(hall_width / 5.5))
    _, peak = roofs.sawtooth(sketch, work.frame, plan, eaves, roof, wall, tooth=tooth, rise=min(2.8, tooth * 0.52))
    work.peaked(plan, eaves, peak)
    for index, line in enumerate(walls):
        middles = facade.bays(line.length, 4.0, 0.6)
        step = line.length / len(middles)
        for k, x in enumerate(middles):
            if index == 0 and k == len(middles) // 2:
                gate_width = min(3.6, step * 0.85)
                work.gate(line, x, (gate_width, min(4.0, eaves - 1.2)), "door-green", "frame-dark")
                continue
            _works_window(sketch, line, x, 1.5, (min(2.4, step * 0.65), eaves - 2.8), d, dice, False)
        for i in range(len(middles) + 1):
            x = min(max(i * step, 0.3), line.length - 0.3)
            sketch.box(line.frame, (x - 0.3, x + 0.3), (-0.2, 0.0), (-1.0, eaves - 0.4), wall, STANDING)
        facade.cornice(sketch, line, eaves, "stone-light", 0.3, 0.5)
    board = min(hall_width * 0.5, 12.0)
    sketch.box(
        walls[0].frame,
        (hall_width / 2 - board / 2, hall_width / 2 + board / 2),
        (-0.35, -0.3),
        (eaves - 0.3, eaves + 0.8),
        "sign-white",
        ALL,
    )
    high = eaves * 3.3
    at = (width - stack * 0.6, depth * 0.4) if width > 16 else (width * 0.5, depth * 0.7)
    r = stack * 0.5
    sketch.box(
        work.frame,
        (at[0] - r * 1.15, at[0] + r * 1.15),
        (at[1] - r * 1.15, at[1] + r * 1.15),
        (-1.0, 3.0),
        wall,
        STANDING,
    )
    sketch.lathe(
        work.frame,
        at,
        [
            (r, 3.0),
            (r * 0.62, high - 1.4),
            (r * 0.8, high - 1.0),
            (r * 0.8, high),
            (r * 0.5, high),
            (r * 0.5, high - 1.0),
        ],
        "brick-red",
        14,
    )
    for share in (0.86, 0.9):
        sketch.frustum(work.frame, at, (high * share, high * share + 0.35), (r * 0.8, r * 0.78), "brick-white", 14)
    if width > 16:
        work.covers(centred(2.3 * r, 2.3 * r, *at), (-1.0, high))
        work.stands(rectangle(stack + 2.0, 2.3 * r, hall_width - 0.5, at[1] - 1.15 * r) if hall_width - 0.5 + stack + 2.0 <= width else rectangle(width - hall_width, 2.3 * r, hall_width, at[1] - 1.15 * r))  # fmt: skip
        sketch.box(work.frame, (hall_width, at[0]), (at[1] - 0.5, at[1] + 0.5), (1.2, 2.2), "rust", ALL)
    else:
        work.covers(centred(2 * r, 2 * r, *at), (eaves, high))
    return work.built(eaves, high - eaves, 1, "sawtooth", materials=(wall, roof))


def workshop(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A hall with a gate, a door beside it, a board above and windows of small panes."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    wall = d.wall
    eaves = 3.9
    to_street = width < depth * 1.3
    plan = rectangle(width, depth)
    walls = work.mass(plan, eaves, wall=wall)
    roof = (
        "roof-metal"
        if wall.startswith("corrugated")
        else d.roof
        if d.roof.startswith(("roof-tiles", "shingles"))
        else "roof-tiles-brown"
    )
    half = (width if to_street else depth) / 2
    over = min(0.25, *(work.lot.free[i] for i in (0, 1, 2, 3)))
    total, peak = roofs.gable(
        sketch,
        work.frame,
        roofs.turned(plan, not to_street),
        eaves,
        min(half * 0.6, 3.2),
        roof,
        wall,
        eaves=over,
        ends=(over, over),
    )
    work.peaked(plan, eaves, peak)
    front = walls[0]
    gate = min(3.0, width * 0.42)
    x = gate / 2 + 0.5
    work.gate(front, x, (gate, 3.0), d.door, d.trim)
    if width > gate + 3.0:
        work.door(front, width - 1.1, reach=0.3)
        if width > gate + 5.4:
            for at in facade.bays(width - gate - 2.9, 2.3, 0.2):
                _works_window(sketch, front, gate + 0.9 + at, 1.1, (1.4, 1.5), d, dice, True)
    board = min(width * 0.5, 4.5)
    sketch.box(
        front.frame,
        (width / 2 - board / 2, width / 2 + board / 2),
        (-0.12, 0.0),
        (3.3, 3.85),
        d.sign or "paint-navy",
        ALL,
    )
    sketch.flat(front.frame, (width / 2 - board * 0.44, width / 2 + board * 0.44), (3.38, 3.77), "sign-white", -0.14)
    for line in walls[1:]:
        if (line is walls[1] and lot.party[1]) or (line is walls[3] and lot.party[0]):
            continue
        for at in facade.bays(line.length, 3.4, 0.6):
            _works_window(sketch, line, at, 1.2, (1.6, 1.4), d, dice, True)
    sketch.frustum(work.frame, (width * 0.75, depth * 0.6), (eaves, eaves + total + 1.2), (0.22, 0.2), "iron-dark", 8)
    return work.built(eaves, total, 1, "gable", materials=(wall, roof))


def gas_station(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A canopy over pumps, a shop behind it and a price sign."""
    work = Work(sketch, lot, frame, d, dice)
    width, depth = work.width, work.depth
    color = dice.pick(("paint-red", "paint-blue", "paint-green", "paint-orange"))
    shop_depth = max(3.2, min(8.0, depth * 0.38))
    shop = rectangle(min(width, 16.0), shop_depth, (width - min(width, 16.0)) / 2, depth - shop_depth)
    walls = work.mass(shop, 3.6, wall="plaster-white", plinth=0.2)
    roofs.flat(sketch, work.frame, shop, 3.6, "roof-gravel", "plaster-white", parapet=0.5, cap=color)
    front = walls[0]
    sketch.box(front.frame, (-0.05, front.length + 0.05), (-0.2, 0.0), (3.0, 3.7), color, ALL)
    work.door(front, front.length / 2, size=(1.6, 2.2), step=0.05, reach=0.2, leaf="frame-dark")
    for x in facade.bays(front.length, 2.6, 0.3):
        if abs(x - front.length / 2) > 2.0:
            sketch.window(front.frame, x, 0.5, (2.1, 2.2), "frame-dark", "shop-window", border=0.07)
    room = depth - shop_depth - 1.2
    if room > 4.0:
        canopy_width = min(width, 15.0)
        x0 = (width - canopy_width) / 2
        deck = rectangle(canopy_width, room, x0, 0.0)
        z = 5.0
        sketch.box(work.frame, (x0, x0 + canopy_width), (0.0, room), (z, z + 0.75), "paint-white", ALL)
        for line in walls_of(sketch, work.frame, deck):
            sketch.box(line.frame, (0.0, line.length), (-0.04, 0.0), (z + 0.1, z + 0.6), color, ALL)
        if d.neon:
            sketch.box(
                work.frame, (x0 - 0.05, x0 + canopy_width + 0.05), (-0.06, 0.0), (z + 0.02, z + 0.1), d.neon, ALL
            )
        for share in (0.25, 0.75):
            for lamp in (0.3, 0.7):
                at = (x0 + canopy_width * lamp, room * share)
                sketch.polygon(work.frame, [(at[0] - 0.5, at[1] + 0.3, z - 0.02), (at[0] + 0.5, at[1] + 0.3, z - 0.02), (at[0] + 0.5, at[1] - 0.3, z - 0.02), (at[0] - 0.5, at[1] - 0.3, z - 0.02)], "lamp-glow-white")  # fmt: skip
            x = x0 + canopy_width * share
            sketch.box(work.frame, (x - 0.2, x + 0.2), (room / 2 - 0.2, room / 2 + 0.2), (-0.6, z), "steel", STANDING)
            work.covers(centred(0.4, 0.4, x, room / 2), (-0.6, z))
            sketch.box(work.frame, (x - 0.6, x + 0.6), (room / 2 - 1.9, room / 2 + 1.9), (-0.3, 0.15), "curb", STANDING)
            for y in (room / 2 - 1.3, room / 2 + 0.7):
                sketch.box(work.frame, (x - 0.25, x + 0.25), (y, y + 0.6), (0.15, 1.75), color, STANDING)
                sketch.box(work.frame, (x - 0.27, x + 0.27), (y + 0.08, y + 0.52), (1.1, 1.55), "sign-white", 2 | 8)
                work.covers(rectangle(0.5, 0.6, x - 0.25, y), (0.0, 1.75))
        work.covers(deck, (z, z + 0.75))
        work.stands(rectangle(canopy_width, depth - shop_depth + 0.1, x0, 0.0))
    return work.built(3.6, 2.2 if room > 4 else 0.5, 1, "flat", materials=("plaster-white", "roof-gravel"))
