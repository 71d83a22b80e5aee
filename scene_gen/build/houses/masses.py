"""Ordinary buildings: one mass along the street, perhaps a wing behind it, with walls, roof and ornaments.

Houses, shops, hotels, schools, offices and all uses without a builder of their own are raised here.
"""

from collections.abc import Sequence
from dataclasses import replace

from bridge.scene import Collider, Door
from scene_gen.build.houses import facade, roofs, shopfronts
from scene_gen.build.houses.compose import Built, doorway, rectangle, solid, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import DEEP, Wall
from scene_gen.build.houses.lots import Lot, Point, room_behind
from scene_gen.build.houses.roofs import Point3
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch
from scene_gen.build.houses.styles import NEONS
from scene_gen.build.houses.topping import topped


def ordinary(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """A building of one mass, with a wing behind it where there is room."""
    quad = list(lot.corners)
    reach = [0.0 if (i == 1 and lot.party[1]) or (i == 3 and lot.party[0]) else lot.free[i] for i in range(4)]
    eaves = d.eaves_m
    lower = roofs.grown(quad, [-d.jetty_m, 0, 0, 0]) if d.jetty_m else quad
    doors = _walls(sketch, lot, frame, quad, lower, d, dice, reach)
    wing = _wing(sketch, lot, frame, d, dice)
    outline = list(quad)
    colliders = []
    rise, peak, name = topped(sketch, frame, lot, quad, eaves, d, dice, reach)
    if wing is not None:
        (x0, x1), depth, collider = wing
        y = lot.depth
        outline = [quad[0], quad[1], quad[2], (x1, y), (x1, y + depth), (x0, y + depth), (x0, y), quad[3]]
        colliders.append(collider)
    if name == "flat":
        colliders.insert(0, solid(sketch, frame, quad, (-DEEP, eaves + rise)))
    else:
        colliders.insert(0, solid(sketch, frame, quad, (-DEEP, eaves), peak))
    plan = sketch.to_world(frame, outline)[:, :2]
    return Built(plan, eaves, rise, d.storeys, name, doors, tuple(colliders), (d.wall, d.roof))


def _walls(
    sketch: Sketch,
    lot: Lot,
    frame: int,
    quad: list[Point],
    lower: list[Point],
    d: Design,
    dice: Dice,
    reach: Sequence[float],
) -> tuple[Door, ...]:
    levels = facade.floors(d)
    doors: tuple[Door, ...] = ()
    uppers = walls_of(sketch, frame, quad, lot.party, reach)
    lowers = walls_of(sketch, frame, lower, lot.party, reach) if d.jetty_m else uppers
    top = d.eaves_m
    for upper, ground in zip(uppers, lowers, strict=True):
        if d.jetty_m:
            facade.surface(sketch, ground, (-DEEP, d.ground_m), d)
            facade.surface(sketch, upper, (d.ground_m, top), d)
        else:
            facade.surface(sketch, ground, (-DEEP, top), d)
        if upper.is_party:
            continue
        keep = 1.0 if upper.is_front or d.use in ("apartment-block", "office", "hotel", "school", "hospital") else 0.75
        if ground.is_front:
            doors = (_ground_front(sketch, lot, ground, d, dice, lower),)
            facade.windows(sketch, upper, d, dice, levels[1:])
        else:
            shown = levels if not d.jetty_m else levels[1:]
            facade.windows(sketch, upper, d, dice, shown, keep=keep)
            if d.jetty_m:
                facade.windows(sketch, ground, d, dice, levels[:1], keep=0.6)
        if d.timber:
            start = 0 if d.ground_wall == d.wall and not d.jetty_m else 1
            facade.timbering(sketch, upper, d, levels[start:], dice)
        facade.corners(sketch, upper, d, (0.0, top))
        if d.band:
            for floor, _ in levels[1:]:
                facade.band(sketch, upper, floor, d.trim)
        if d.cornice or (d.roof_shape == "flat" and not d.style.vigas and d.storeys > 1):
            facade.cornice(sketch, upper, top, d.trim, 0.2 if d.cornice else 0.1)
        if d.style.vigas and upper.is_front:
            _vigas(sketch, upper, top - 0.45)
        if d.neon and upper.is_front:
            _neon(sketch, upper, d, dice, levels)
    if d.jetty_m:
        _jetty(sketch, frame, quad, lower, d)
    if d.balconies:
        _balconies(sketch, uppers[0], lot, d, dice, levels)
    return doors


def _ground_front(sketch: Sketch, lot: Lot, wall: Wall, d: Design, dice: Dice, lower: list[Point]) -> Door:
    offset = lower[0][1]
    reach = min(0.4, lot.front_m + offset - 0.03)
    if d.sign and d.use not in ("inn", "hotel"):
        x, y, width = shopfronts.shopfront(sketch, wall, d, dice, reach=reach)
        if dice.chance(0.6):
            _hanging_sign(sketch, wall, d, dice)
        return doorway(sketch, wall.frame, (x, y, width), 2.1)
    middles = facade.bays(wall.length, d.bay)
    at = (
        len(middles) // 2
        if len(middles) % 2 or d.use in ("hotel", "school", "hospital")
        else dice.whole(0, len(middles) - 1)
    )
    x = middles[at] if wall.length > 2.2 else wall.length / 2
    is_grand = d.use not in ("house", "cottage", "cabin", "townhouse", "farmhouse", "shed", "villa")
    if is_grand and len(middles) % 2 == 0:
        x = wall.length / 2
    size = (min(1.7, wall.length * 0.4), 2.4) if is_grand else (1.0, 2.1)
    size = (size[0], min(size[1], d.ground_m - 0.38))
    step = 0.15 if reach > 0.2 else 0.04
    spot = facade.door(sketch, wall.frame, x, d, size=size, step=step, reach=max(reach, 0.02))
    skip = (x - size[0] / 2 - 0.35, x + size[0] / 2 + 0.35)
    facade.windows(sketch, wall, d, dice, [(0.0, d.ground_m)], skip=skip)
    if d.porch and lot.front_m > 1.9:
        _porch(sketch, wall, d, x, size[0])
    if d.sign:
        _hanging_sign(sketch, wall, d, dice)
        board = min(wall.length * 0.5, 5.0)
        sketch.box(
            wall.frame,
            (x - board / 2, x + board / 2),
            (-0.14, 0.0),
            (d.ground_m - 0.42, d.ground_m - 0.02),
            d.sign,
            ALL,
        )
        sketch.flat(
            wall.frame,
            (x - board * 0.42, x + board * 0.42),
            (d.ground_m - 0.36, d.ground_m - 0.08),
            "sign-white",
            -0.16,
        )
    return doorway(sketch, wall.frame, spot, size[1])


def _hanging_sign(sketch: Sketch, wall: Wall, d: Design, dice: Dice) -> None:
    x = wall.length * dice.pick((0.12, 0.88))
    low = d.ground_m + 0.1
    if d.neon:
        height = min(4.5, max(1.6, d.eaves_m - d.ground_m - 1.0))
        sketch.box(wall.frame, (x - 0.09, x + 0.09), (-1.0, -0.2), (low, low + height), d.sign or "paint-black", ALL)
        for a, b in ((low, low + 0.08), (low + height - 0.08, low + height)):
            sketch.box(wall.frame, (x - 0.11, x + 0.11), (-1.02, -0.18), (a, b), d.neon, ALL)
        for out in (-1.02, -0.26):
            sketch.box(wall.frame, (x - 0.11, x + 0.11), (out, out + 0.08), (low, low + height), d.neon, ALL)
        return
    sketch.box(wall.frame, (x - 0.03, x + 0.03), (-0.95, 0.0), (low + 0.75, low + 0.81), "iron-dark", ALL)
    sketch.box(wall.frame, (x - 0.035, x + 0.035), (-0.9, -0.2), (low + 0.1, low + 0.7), d.sign or "wood-dark", ALL)


def _porch(sketch: Sketch, wall: Wall, d: Design, x: float, width: float) -> None:
    half, deep, high = width / 2 + 0.55, 1.3, min(2.55, d.ground_m - 0.1)
    if x - half < 0 or x + half > wall.length:
        half = min(x, wall.length - x) - 0.05
    for a in (x - half, x + half - 0.14):
        sketch.box(wall.frame, (a, a + 0.14), (-deep, -deep + 0.14), (-0.4, high), d.trim, STANDING)
    quad = [(x - half, -deep), (x + half, -deep), (x + half, 0.0), (x - half, 0.0)]
    roofs.gable(
        sketch,
        wall.frame,
        roofs.turned(quad, False),
        high,
        half * 0.65,
        d.roof,
        d.wall,
        eaves=0.15,
        ends=(0.15, 0.0),
        edge=d.trim,
    )


def _jetty(sketch: Sketch, frame: int, quad: list[Point], lower: list[Point], d: Design) -> None:
    a, b, c, e = quad[0], quad[1], lower[1], lower[0]
    z = d.ground_m
    sketch.polygon(frame, [(*e, z), (*c, z), (*b, z), (*a, z)], d.timber or "wood-dark")
    wall = walls_of(sketch, frame, quad)[0]
    count = max(3, round(wall.length / 0.9))
    for i in range(count):
        x = 0.15 + (wall.length - 0.3) * i / (count - 1)
        sketch.box(
            wall.frame, (x - 0.07, x + 0.07), (0.0, d.jetty_m), (z - 0.2, z), d.timber or "wood-dark", 1 | 2 | 8 | 32
        )


def _vigas(sketch: Sketch, wall: Wall, z: float) -> None:
    count = max(2, round(wall.length / 1.0))
    for i in range(count):
        x = 0.4 + (wall.length - 0.8) * i / (count - 1)
        sketch.box(wall.frame, (x - 0.08, x + 0.08), (-0.35, 0.0), (z, z + 0.16), "wood-dark", 1 | 2 | 8 | 16 | 32)


def _neon(sketch: Sketch, wall: Wall, d: Design, dice: Dice, levels: list[tuple[float, float]]) -> None:
    length, top = wall.length, d.eaves_m
    kind = dice.whole(0, 2)
    if kind != 1:
        for a in (0.12, length - 0.2):
            sketch.box(wall.frame, (a, a + 0.08), (-0.1, 0.0), (d.ground_m, top - 0.1), d.neon, 1 | 2 | 8)
    if kind != 0:
        for floor, _ in levels[1:]:
            sketch.box(wall.frame, (0.2, length - 0.2), (-0.1, 0.0), (floor - 0.05, floor + 0.03), d.neon, 1 | 16 | 32)
    sketch.box(wall.frame, (0.0, length), (-0.12, 0.0), (top - 0.14, top - 0.04), d.neon, 1 | 16 | 32)
    if length > 5 and d.storeys > 2 and dice.chance(0.35):
        wide = min(length * 0.45, 4.5)
        middle = length * dice.pick((0.3, 0.5, 0.7))
        shopfronts.screen(
            sketch, wall.frame, (middle - wide / 2, middle + wide / 2), (d.ground_m + 0.4, top - 0.6), dice
        )
    elif d.use != "shop" and top - d.ground_m > 3.5 and dice.chance(0.6):
        _hanging_sign(sketch, wall, replace(d, neon=dice.pick(NEONS)), dice)


def _balconies(sketch: Sketch, wall: Wall, lot: Lot, d: Design, dice: Dice, levels: list[tuple[float, float]]) -> None:
    reach = min(1.15, lot.front_m + 0.55)
    middles = facade.bays(wall.length, d.bay)
    if d.balconies == "wood":
        for floor, _ in levels[1:2] if dice.chance(0.5) else levels[1:]:
            facade.balcony(sketch, wall.frame, (0.15, wall.length - 0.15), floor, "wood", d, reach)
        return
    step = (wall.length - 0.7) / len(middles)
    if d.use in ("apartment-block", "hotel"):
        chosen = [i for i in range(len(middles)) if i % 2 == (0 if len(middles) < 4 else 1)]
    else:
        chosen = [len(middles) // 2]
    for floor, _ in levels[1:]:
        for i in chosen:
            half = min(step * 0.46, 1.5)
            facade.balcony(sketch, wall.frame, (middles[i] - half, middles[i] + half), floor, d.balconies, d, reach)


def _wing(
    sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice
) -> tuple[tuple[float, float], float, Collider] | None:
    width = lot.width
    if width < 7 or lot.back_m < 4.2 or not lot.is_rectangle or not dice.chance(0.45) or d.use in ("cabin", "shed"):
        return None
    wide = min(width * dice.between(0.4, 0.55), 7.0)
    x0 = 0.0 if dice.chance(0.5) else width - wide
    if lot.party[0] and x0 == 0.0:
        x0 = width * 0.25 if lot.party[1] else width - wide
    elif lot.party[1] and x0 > 0.0:
        x0 = width * 0.25 if lot.party[0] else 0.0
    depth = min(room_behind(lot, (x0, x0 + wide), 3.2), dice.between(3.5, 6.0))
    if depth < 3.0:
        return None
    storeys = max(1, d.storeys - dice.whole(0, 1))
    eaves = d.ground_m + (storeys - 1) * d.storey_m
    quad = rectangle(wide, depth, x0, lot.depth)
    walls = walls_of(sketch, frame, quad)
    for wall in walls[1:]:
        facade.surface(sketch, wall, (-DEEP, eaves), d)
        levels = facade.floors(d)[:storeys]
        facade.windows(sketch, wall, d, dice, levels, keep=0.6)
    peak: list[Point3] = []
    if d.roof_shape == "flat" or d.roof_shape == "sawtooth":
        roofs.flat(sketch, frame, quad, eaves, d.roof, d.wall, parapet=0.4, cap=d.trim)
    else:
        into = lot.depth / 2 if storeys == d.storeys else 0.05
        longer = rectangle(wide, depth + into, x0, lot.depth - into)
        most = min(6.0, 1.25 * eaves)
        rise = min(wide / 2 * min(d.pitch, 1.2), most, (lot.depth / 2) * d.pitch * 0.9)
        _, peak = roofs.gable(
            sketch, frame, roofs.turned(longer, False), eaves, rise, d.roof, d.wall, eaves=min(d.overhang, 0.3), ends=(0.0, 0.25),
        )  # fmt: skip
        peak = [(p[0], max(p[1], lot.depth), p[2]) for p in peak]
    return (x0, x0 + wide), depth, solid(sketch, frame, quad, (-DEEP, eaves), peak)
