"""Public buildings behind columns: museum, library, bank, university."""

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.civic import public_body
from scene_gen.build.houses.compose import Built, Work, centred, doorway, walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.eastern import column, dome
from scene_gen.build.houses.facade import Wall
from scene_gen.build.houses.lots import Lot
from scene_gen.build.houses.sacred import clock
from scene_gen.build.houses.sketch import ALL, STANDING, Sketch


def columned(sketch: Sketch, lot: Lot, frame: int, d: Design, dice: Dice) -> Built:
    """Museum, library, bank, university: a stone body behind a portico; museums carry a dome, universities a clock tower."""
    work = Work(sketch, lot, frame, d, dice)
    if work.depth < 8 or work.width < 8:
        return _small_public(work)
    reach = min(3.2, work.depth * 0.2)
    width = min(work.width * (0.6 if d.use in ("museum", "university") else 0.75), 18.0)
    shape = "flat" if d.use in ("museum", "bank") or d.roof_shape == "flat" else "hip"
    walls, eaves, rise = public_body(work, reach, shape=shape, skip=width, round_heads=d.use in ("library", "museum"))
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


def _small_public(work: Work) -> Built:
    d = work.d
    walls, eaves, rise = public_body(work, 0.0, shape="flat" if d.roof_shape == "flat" else "hip", skip=2.6)
    work.portal(walls[0], walls[0].length / 2, (1.6, 2.6), steps=2)
    return work.built(eaves, rise, d.storeys, d.roof_shape)
