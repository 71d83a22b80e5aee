"""Walls by a split grammar: a wall into storeys, a storey into bays, a bay into a window or a door with its dressing.

Every function works in the frame of one wall (see scene_gen.build.houses.sketch): x along it, -y outside, z = 0 the ground.
"""

from dataclasses import dataclass
from itertools import pairwise

from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.sketch import ALL, BACK, FRONT, LEFT, PROUD, RIGHT, STANDING, TOP, Sketch

SIDES = FRONT | LEFT | RIGHT
CAPPED = SIDES | TOP
DEEP = 1.0
"""How far walls go on below the ground [m], so that no slope shows a gap."""
_MANY = 14
"""Fronts with more windows than this have them drawn with fewer faces, as sides and backs always have."""


@dataclass(frozen=True)
class Wall:
    """One straight wall: its frame and length; `is_front` faces the street, `is_party` touches a neighbour."""

    frame: int
    length: float
    is_front: bool = False
    is_party: bool = False
    ends: tuple[float, float] = (0.06, 0.06)
    """How far a plinth or cornice may stand out beyond each end [m]."""


def bays(length: float, spacing: float, margin: float = 0.35) -> list[float]:
    """Middles of the bays of a wall [m]."""
    count = max(1, round((length - 2 * margin) / spacing))
    step = (length - 2 * margin) / count
    return [margin + (i + 0.5) * step for i in range(count)]


def floors(d: Design) -> list[tuple[float, float]]:
    """Level and height of every storey [m]."""
    return [(0.0, d.ground_m)] + [(d.ground_m + i * d.storey_m, d.storey_m) for i in range(d.storeys - 1)]


def surface(sketch: Sketch, wall: Wall, z: tuple[float, float], d: Design) -> None:
    """The bare wall between two heights, with its plinth where it reaches the ground."""
    split = d.ground_m if d.ground_wall != d.wall and z[0] < d.ground_m < z[1] else None
    if split is None:
        sketch.flat(wall.frame, (0, wall.length), z, d.ground_wall if z[1] <= d.ground_m else d.wall, y=0.0)
    else:
        sketch.flat(wall.frame, (0, wall.length), (z[0], split), d.ground_wall, y=0.0)
        sketch.flat(wall.frame, (0, wall.length), (split, z[1]), d.wall, y=0.0)
    if z[0] < 0 and d.plinth_m > 0 and not wall.is_party:
        reach = (-min(wall.ends[0], 0.06), wall.length + min(wall.ends[1], 0.06))
        sketch.box(wall.frame, reach, (-0.06, 0.0), (z[0], d.plinth_m), d.plinth, CAPPED)


def windows(
    sketch: Sketch,
    wall: Wall,
    d: Design,
    dice: Dice,
    levels: list[tuple[float, float]],
    *,
    skip: tuple[float, float] | None = None,
    keep: float = 1.0,
) -> list[float]:
    """A window a bay and storey; `skip` is an x interval kept free on the lowest level. Gives the bays' middles."""
    middles = bays(wall.length, d.bay)
    if wall.length < 1.6:
        return middles
    width = min(d.window[0], (wall.length / len(middles)) * 0.66)
    is_plain = not wall.is_front or len(middles) * len(levels) > _MANY
    for level, (floor, height) in enumerate(levels):
        if (d.ground_wall if floor < d.ground_m else d.wall).startswith("curtain-wall"):
            continue  # it is panes all over
        sill = 0.95 if floor > 0 else max(0.95, d.plinth_m + 0.35)
        tall = min(d.window[1], height - sill - 0.3)
        if tall < 0.4:
            continue
        for x in middles:
            if skip and level == 0 and floor == 0 and skip[0] < x + width / 2 and x - width / 2 < skip[1]:
                continue
            if keep < 1.0 and not dice.chance(keep):
                continue
            opening(
                sketch, wall.frame, x, floor + sill, (width, tall), d, dice, is_plain=is_plain, is_front=wall.is_front
            )
    return middles


def opening(
    sketch: Sketch,
    frame: int,
    x: float,
    z: float,
    size: tuple[float, float],
    d: Design,
    dice: Dice,
    *,
    is_plain: bool = False,
    is_front: bool = True,
    y: float = 0.0,
) -> None:
    """One window with bars, sill, shutters or boards; a plain one has fewer faces."""
    width, height = size
    glass = pane(d, dice)
    left, right = x - width / 2, x + width / 2
    if d.broken and dice.chance(0.6):
        glass = "plaster-dark" if dice.chance(0.5) else glass
        if dice.chance(0.55):
            for low in (0.2, 0.55):
                tilt = dice.between(-0.12, 0.12)
                sketch.beam(
                    frame, (left - 0.12, z + height * low + tilt), (right + 0.12, z + height * low - tilt + 0.1), 0.17,
                    "planks-weathered", 0.05, y - 0.08,
                )  # fmt: skip
    if is_plain:
        sill = d.trim if d.style.sill and is_front else ""
        sketch.pane(frame, x, z, size, d.frame, glass, sill=sill, bar=d.panes != "bare", y=y)
        if d.shutters:
            for low in (left - 0.07 - width * 0.46, right + 0.07):
                sketch.flat(frame, (low, low + width * 0.46), (z, z + height), d.shutters, y - 0.045)
        return
    sketch.window(frame, x, z, size, d.frame, glass, shape=d.window_shape, y=y)
    _bars(sketch, frame, x, z, size, d, y)
    if d.style.sill:
        sketch.box(frame, (left - 0.14, right + 0.14), (y - 0.14, y), (z - 0.17, z - 0.08), d.trim, CAPPED)
    if d.band and d.window_shape == "plain" and not d.shutters:
        top = z + height + 0.09
        sketch.box(frame, (left - 0.14, right + 0.14), (y - 0.1, y), (top, top + 0.14), d.trim, CAPPED)
    if d.shutters:
        half = width * 0.46
        for low in (left - 0.1 - half, right + 0.1):
            sketch.box(frame, (low, low + half), (y - 0.05, y), (z - 0.03, z + height + 0.03), d.shutters, SIDES)


def pane(d: Design, dice: Dice) -> str:
    """Glass, lit after dusk or not."""
    if not dice.chance(d.lit):
        return "glass"
    if d.neon and dice.chance(0.3):
        return "glass-lit-teal" if dice.chance(0.5) else "glass-lit-magenta"
    return d.lit_glass


def _bars(sketch: Sketch, frame: int, x: float, z: float, size: tuple[float, float], d: Design, y: float) -> None:
    width, height = size
    if d.panes == "bare":
        return
    y -= 0.045
    columns = (-1 / 6, 1 / 6) if d.panes == "lattice" and width > 0.6 else (0.0,)
    rows = {"lattice": (1 / 3, 2 / 3), "cross": (0.62,), "mullion": ()}.get(d.panes, ())
    for share in columns:
        middle = x + share * width
        sketch.flat(frame, (middle - 0.025, middle + 0.025), (z, z + height), d.frame, y)
    for share in rows:
        middle = z + share * height
        sketch.flat(frame, (x - width / 2, x + width / 2), (middle - 0.025, middle + 0.025), d.frame, y)


def door(
    sketch: Sketch,
    frame: int,
    x: float,
    d: Design,
    *,
    size: tuple[float, float] = (1.0, 2.1),
    step: float = 0.15,
    reach: float = 0.4,
    leaf: str = "",
    transom: bool = True,
    y: float = 0.0,
) -> tuple[float, float, float]:
    """A door with frame, panels and a step; gives the threshold's (x, y) in the wall's frame and its width [m]."""
    width, height = size
    leaf = leaf or d.door
    left, right, top = x - width / 2, x + width / 2, step + height
    sketch.flat(frame, (left, right), (step, top), leaf, y - 0.08)
    for low in (step + 0.2, step + height * 0.55):
        inset = (left + width * 0.18, right - width * 0.18)
        sketch.flat(frame, inset, (low, low + height * 0.3), d.frame if low > 1 and transom else leaf, y - 0.1)
    for a, b in ((left - 0.12, left), (right, right + 0.12)):
        sketch.box(frame, (a, b), (y - 0.14, y), (0.0, top), d.trim, SIDES)
    head = top + (0.4 if transom and top + 0.6 < d.ground_m else 0.0)
    if head > top:
        sketch.flat(frame, (left, right), (top + 0.06, head), "glass-lit" if d.lit > 0.3 else "glass", y - 0.08)
        sketch.flat(frame, (left, right), (top, top + 0.06), d.frame, y - 0.1)
        for a, b in ((left - 0.12, left), (right, right + 0.12)):
            sketch.box(frame, (a, b), (y - 0.14, y), (top, head), d.trim, SIDES)
    sketch.box(frame, (left - 0.2, right + 0.2), (y - 0.2, y), (head, head + 0.16), d.trim, PROUD)
    if step > 0 and reach > 0:
        sketch.box(frame, (left - 0.25, right + 0.25), (y - reach, y), (-0.5, step), "stone-grey", CAPPED)
    return x, y - reach - 0.15, width


def gate(
    sketch: Sketch, frame: int, x: float, size: tuple[float, float], material: str, trim: str, *, y: float = 0.0
) -> tuple[float, float, float]:
    """A big double door with crossed braces, for barns and warehouses; gives what `door` gives."""
    width, height = size
    left, right = x - width / 2, x + width / 2
    sketch.box(frame, (left, right), (y - 0.1, y), (0.0, height), material, CAPPED)
    for a, b in ((left, x - 0.03), (x + 0.03, right)):
        for low, high in ((0.05, 0.25), (height - 0.25, height - 0.05)):
            sketch.flat(frame, (a, b), (low, high), trim, y - 0.13)
        sketch.beam(frame, (a, 0.2), (b, height - 0.2), 0.18, trim, 0.03, y - 0.1)
        sketch.flat(frame, (a, a + 0.16), (0.05, height - 0.05), trim, y - 0.13)
        sketch.flat(frame, (b - 0.16, b), (0.05, height - 0.05), trim, y - 0.13)
    sketch.box(frame, (left - 0.2, right + 0.2), (y - 0.16, y), (height, height + 0.22), trim, PROUD)
    return x, y - 0.4, width


def timbering(sketch: Sketch, wall: Wall, d: Design, levels: list[tuple[float, float]], dice: Dice) -> None:
    """Half-timber: posts between the bays, rails at floors and sills, braces at the ends."""
    middles = bays(wall.length, d.bay)
    width, wood, length = 0.17, d.timber, wall.length
    edges = [0.09] + [(a + b) / 2 for a, b in pairwise(middles)] + [length - 0.09]
    for floor, height in levels:
        top = floor + height
        for z in (floor + 0.09, top - 0.09):
            sketch.beam(wall.frame, (0.0, z), (length, z), width, wood, 0.05)
        sketch.beam(wall.frame, (0.0, floor + 0.78), (length, floor + 0.78), width * 0.75, wood, 0.04)
        for x in edges:
            sketch.beam(wall.frame, (x, floor), (x, top), width, wood, 0.045)
        if len(edges) > 2 or length < 5:
            run = min(0.75, (edges[1] - edges[0]) * 0.3)
            for x, toward in ((edges[0], run), (edges[-1], -run)):
                sketch.beam(wall.frame, (x, floor + 0.85), (x + toward, top - 0.1), width * 0.8, wood, 0.035)
        if dice.chance(0.6):
            for a, b in pairwise(edges):
                sketch.beam(wall.frame, (a, floor + 0.15), (b, floor + 0.7), width * 0.6, wood, 0.03)


def balcony(
    sketch: Sketch, frame: int, x: tuple[float, float], z: float, kind: str, d: Design, reach: float = 1.1
) -> None:
    """A balcony with its floor at z: "iron" railings, "slab" parapets or "wood" boards."""
    a, b = x
    sketch.box(frame, (a, b), (-reach, 0.0), (z - 0.16, z), "concrete-light" if kind != "wood" else "wood-dark", PROUD)
    if kind == "slab":
        material = d.trim if not d.neon else "concrete-grey"
        sketch.box(frame, (a, b), (-reach, -reach + 0.1), (z, z + 1.0), material, STANDING)
        for low in (a, b - 0.1):
            sketch.box(frame, (low, low + 0.1), (-reach + 0.1, 0.0), (z, z + 1.0), material, ALL)
        return
    material = "wood" if kind == "wood" else "iron-dark"
    thick = 0.05 if kind == "iron" else 0.09
    sketch.box(frame, (a, b), (-reach, -reach + thick), (z + 0.95, z + 1.0 + thick / 2), material, STANDING)
    for low in (a, b - thick):
        sketch.box(frame, (low, low + thick), (-reach, 0.0), (z + 0.95, z + 1.0 + thick / 2), material, ALL)
    gap = 0.3 if kind == "iron" else 0.24
    wide = 0.035 if kind == "iron" else 0.17
    count = max(2, int((b - a) / gap))
    for i in range(count):
        low = a + (b - a - wide) * i / (count - 1)
        sketch.box(frame, (low, low + wide), (-reach + 0.01, -reach + 0.03), (z, z + 0.97), material, FRONT | BACK)
    for low in (a + 0.01, b - 0.03):
        for i in range(1, 4):
            out = -reach * i / 4
            sketch.box(
                frame, (low, low + 0.02), (out - wide / 2, out + wide / 2), (z, z + 0.97), material, LEFT | RIGHT
            )


def corners(sketch: Sketch, wall: Wall, d: Design, z: tuple[float, float]) -> None:
    """Quoins (alternating blocks) or corner boards at both ends of a wall."""
    if d.quoins:
        height = 0.42
        for i in range(int((z[1] - max(z[0], d.plinth_m)) / height)):
            low = max(z[0], d.plinth_m) + i * height
            wide = 0.5 if i % 2 else 0.32
            sketch.box(wall.frame, (0.0, wide), (-0.05, 0.0), (low, low + height - 0.03), d.trim, SIDES)
            sketch.box(
                wall.frame, (wall.length - wide, wall.length), (-0.05, 0.0), (low, low + height - 0.03), d.trim, SIDES
            )
    elif d.corner_boards:
        for a, b in ((0.0, 0.16), (wall.length - 0.16, wall.length)):
            sketch.box(wall.frame, (a, b), (-0.04, 0.0), z, d.trim, SIDES)


def cornice(sketch: Sketch, wall: Wall, z: float, material: str, proud: float = 0.22, height: float = 0.35) -> None:
    """A two-stepped moulding below the eaves at height z."""
    a, b = -min(wall.ends[0], proud), wall.length + min(wall.ends[1], proud)
    sketch.box(wall.frame, (a, b), (-proud, 0.0), (z - height * 0.5, z), material, PROUD)
    sketch.box(
        wall.frame,
        (a * 0.5, wall.length + (b - wall.length) * 0.5),
        (-proud * 0.5, 0.0),
        (z - height, z - height * 0.5),
        material,
        PROUD,
    )


def band(sketch: Sketch, wall: Wall, z: float, material: str) -> None:
    """A string course at height z."""
    a, b = -min(wall.ends[0], 0.08), wall.length + min(wall.ends[1], 0.08)
    sketch.box(wall.frame, (a, b), (-0.08, 0.0), (z - 0.1, z + 0.1), material, PROUD)
