"""What sells on a ground floor and above it: shop windows with fascia and awning, glowing advertisements."""

from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.facade import CAPPED, Wall, door
from scene_gen.build.houses.sketch import PROUD, Sketch
from scene_gen.build.houses.styles import NEONS


def shopfront(
    sketch: Sketch, wall: Wall, d: Design, dice: Dice, *, reach: float, y: float = 0.0
) -> tuple[float, float, float]:
    """Big panes, a door, a fascia with the sign and perhaps an awning; gives what `door` gives."""
    frame, length, color = wall.frame, wall.length, d.sign or "paint-green"
    top = d.ground_m - 0.85
    margin = 0.3
    door_width = 1.05
    at = dice.pick((margin + door_width / 2 + 0.15, length - margin - door_width / 2 - 0.15, length / 2))
    if length < 4.2:
        at = margin + door_width / 2 + 0.1
    spans = [(margin, at - door_width / 2 - 0.2), (at + door_width / 2 + 0.2, length - margin)]
    sketch.flat(frame, (margin - 0.12, length - margin + 0.12), (0.0, top + 0.1), color, y - 0.04)
    for low, high in spans:
        if high - low < 0.7:
            continue
        count = max(1, round((high - low) / 1.9))
        step = (high - low) / count
        for i in range(count):
            a, b = low + i * step + 0.06, low + (i + 1) * step - 0.06
            sketch.window(
                frame,
                (a + b) / 2,
                0.62,
                (b - a - 0.1, top - 0.72),
                color,
                "shop-window",
                border=0.06,
                proud=0.08,
                y=y - 0.04,
            )
        sketch.box(frame, (low, high), (y - 0.14, y), (0.5, 0.58), d.trim, CAPPED)
    spot = door(
        sketch, frame, at, d, size=(door_width, min(2.15, top - 0.2)), step=0.08, reach=min(reach, 0.3), leaf=color, transom=False,
        y=y - 0.04,
    )  # fmt: skip
    ends = (margin - 0.15, length - margin + 0.15)
    sketch.box(frame, ends, (y - 0.16, y), (top + 0.1, top + 0.62), color, PROUD)
    board = min(length * 0.55, 4.0)
    letters = "sign-white" if color != "paint-white" else "sign-blue"
    sketch.flat(frame, (length / 2 - board / 2, length / 2 + board / 2), (top + 0.18, top + 0.54), letters, y - 0.18)
    if d.neon:
        sketch.box(frame, ends, (y - 0.2, y - 0.16), (top + 0.62, top + 0.7), d.neon, PROUD)
        sketch.box(frame, ends, (y - 0.2, y - 0.16), (top + 0.04, top + 0.1), d.neon, PROUD)
    elif d.awning:
        awning(sketch, frame, (margin, length - margin), (top + 0.1, top - 0.42), 1.15, d.awning, y=y - 0.05)
    return spot


def awning(
    sketch: Sketch, frame: int, x: tuple[float, float], z: tuple[float, float], reach: float, color: str, y: float = 0.0
) -> None:
    """A striped cloth from z[0] at the wall down to z[1] at its front edge."""
    base = "fabric-white"
    sketch.slab(frame, [(x[0], y - reach, z[1]), (x[1], y - reach, z[1]), (x[1], y, z[0]), (x[0], y, z[0])], 0.03, base)
    count = max(2, round((x[1] - x[0]) / 0.45))
    step = (x[1] - x[0]) / count
    for i in range(0, count, 2):
        a, b = x[0] + i * step, x[0] + (i + 1) * step
        out = y - reach - 0.005
        sketch.polygon(
            frame, [(a, out, z[1] + 0.015), (b, out, z[1] + 0.015), (b, y, z[0] + 0.015), (a, y, z[0] + 0.015)], color
        )
        sketch.flat(frame, (a, b), (z[1] - 0.25, z[1] + 0.015), color, out)
    sketch.flat(frame, x, (z[1] - 0.2, z[1]), base, y - reach)


def screen(
    sketch: Sketch, frame: int, x: tuple[float, float], z: tuple[float, float], dice: Dice, y: float = -0.15
) -> None:
    """A glowing advertisement: a dark board, blocks of colour, a bright rim."""
    sketch.box(frame, x, (y - 0.2, y + 0.15), z, "paint-black", PROUD)
    wide, high = x[1] - x[0], z[1] - z[0]
    rim, main, other = dice.pick(NEONS), dice.pick(NEONS), dice.pick(NEONS)
    t = min(0.16, wide * 0.04)
    out = y - 0.22
    for a, b in ((z[0], z[0] + t), (z[1] - t, z[1])):
        sketch.flat(frame, x, (a, b), rim, out)
    for a, b in ((x[0], x[0] + t), (x[1] - t, x[1])):
        sketch.flat(frame, (a, b), z, rim, out)
    rows = max(2, round(high / 1.6))
    for row in range(rows):
        low = z[0] + 2 * t + (high - 4 * t) * row / rows
        tall = (high - 4 * t) / rows
        count = dice.whole(1, 4)
        color = main if row % 3 else other
        if row == rows // 2:
            sketch.flat(frame, (x[0] + 3 * t, x[1] - 3 * t), (low + tall * 0.1, low + tall * 0.9), color, out)
            continue
        for k in range(count):
            a = x[0] + 3 * t + (wide - 6 * t) * k / count
            run = (wide - 6 * t) / count * dice.between(0.45, 0.9)
            sketch.flat(frame, (a, a + run), (low + tall * 0.25, low + tall * 0.7), color, out)
