"""What squares and gardens have: fountains, wells, statues, market stalls, playgrounds, graves, fences, stone walls."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.builder import FLAT, Builder
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def fountain(b: Builder) -> None:
    """A town fountain: an octagonal basin of 5 m, two bowls on a column, 3.4 m high, with falling water."""
    with b.solid("cylinder"):
        b.cylinder("stone-grey", 2.85, 0.14, sides=8)
        b.lathe(
            "stone-light",
            [(2.5, 0.14), (2.5, 0.62), (2.6, 0.64), (2.6, 0.76), (2.25, 0.76), (2.2, 0.5), (0.0, 0.5)],
            sides=8,
            crease=FLAT,
        )
        b.cylinder("water-river", 2.22, 0.12, (0, 0, 0.5), sides=8)
    with b.solid("cylinder"):
        b.lathe("stone-light", [(0.5, 0.5), (0.45, 0.8), (0.25, 1.0), (0.22, 1.5), (0.4, 1.62)], sides=12)
        b.lathe(
            "stone-light", [(0.25, 1.55), (1.0, 1.78), (1.08, 1.9), (0.98, 1.9), (0.85, 1.84), (0.0, 1.8)], sides=14
        )
        b.cylinder("water-river", 0.96, 0.03, (0, 0, 1.84), sides=14)
        b.lathe(
            "stone-light",
            [(0.2, 1.8), (0.14, 2.0), (0.14, 2.5), (0.55, 2.68), (0.6, 2.76), (0.45, 2.74), (0.0, 2.7)],
            sides=12,
        )
        b.lathe("stone-light", [(0.12, 2.7), (0.16, 2.85), (0.08, 3.1), (0.1, 3.2), (0.0, 3.4)], sides=10)
    for i in range(8):
        t = i * np.pi / 4
        way = np.array([np.cos(t), np.sin(t), 0])
        b.tube(
            "paint-white",
            [way * 1.05 + [0, 0, 1.9], way * 1.35 + [0, 0, 1.6], way * 1.55 + [0, 0, 0.6]],
            [0.02, 0.035, 0.06],
            sides=4,
        )
        if i % 2:
            b.tube(
                "paint-white",
                [way * 0.56 + [0, 0, 2.76], way * 0.74 + [0, 0, 2.5], way * 0.82 + [0, 0, 1.85]],
                [0.015, 0.025, 0.04],
                sides=3,
            )


def well(b: Builder) -> None:
    """A draw well: a ring of 1.4 m, posts, windlass with bucket and a small roof, 2.6 m high."""
    with b.solid("cylinder"):
        b.lathe("stone-warm", [(0.72, 0), (0.68, 0.75)], sides=12, crease=FLAT)
        b.lathe("stone-light", [(0.76, 0.75), (0.76, 0.88), (0.5, 0.88), (0.5, 0.76)], sides=12, crease=FLAT)
        b.cylinder("water-river", 0.52, 0.03, (0, 0, 0.86), sides=12)
    for y in (0.72, -0.72):
        with b.solid():
            b.box("wood-dark", (0.12, 0.12, 2.15), (0, y, 0))
    b.cylinder("wood", 0.09, 1.4, (0, 0, 1.35), sides=8, axis="y")
    b.cylinder("rope", 0.12, 0.4, (0, 0, 1.35), sides=8, axis="y")
    b.beam("rope", (0.1, 0, 1.35), (0.1, 0, 1.1), 0.02)
    b.cylinder("wood", 0.11, 0.24, (0.1, 0, 0.9), top=0.14, sides=8)
    b.tube("iron-dark", [(0, -0.72, 1.35), (0, -0.86, 1.35), (0.2, -0.86, 1.35), (0.2, -1.0, 1.35)], 0.02, sides=4)
    with b.solid():
        for x in (0.42, -0.42):
            b.box("roof-tiles-brown", (1.05, 1.9, 0.06), (x, 0, 2.26), pitch=0.6 * np.sign(x))
        b.prism("wood", [(-0.7, 2.0), (0.7, 2.0), (0, 2.5)], 1.5, plane="xz")


def statue(b: Builder, *, metal: str) -> None:
    """A standing figure of 2.2 m on a stepped pedestal, 4.4 m in all."""
    with b.solid():
        b.box("stone-grey", (2.0, 2.0, 0.25))
        b.box("stone-grey", (1.6, 1.6, 0.25), (0, 0, 0.25))
        b.box("stone-light", (1.15, 1.15, 1.5), (0, 0, 0.5), taper=0.92)
        b.box("stone-light", (1.3, 1.3, 0.16), (0, 0, 2.0), bevel=0.05)
        b.box("brass", (0.04, 0.6, 0.4), (0.57, 0, 1.1))
    with b.solid("cylinder"), b.at((0, 0, 2.14)):
        coat = [[[x + wx * np.cos(t), wy * np.sin(t), z] for t in np.arange(10) * np.pi / 5] for z, wx, wy, x in
                ((0.05, 0.24, 0.3, 0), (0.5, 0.2, 0.26, 0), (1.05, 0.15, 0.2, 0.02), (1.4, 0.17, 0.27, 0.02), (1.72,
                    0.15, 0.28, 0), (1.84, 0.08, 0.1, 0))]  # fmt: skip
        b.loft(metal, coat)
        b.box(metal, (0.6, 0.6, 0.06))
        b.ball(metal, (0.25, 0.22, 0.3), (0.02, 0, 2.0), detail=1)
        b.cylinder(metal, 0.14, 0.08, (0.02, 0, 2.1), sides=10)
        b.tube(metal, [(0, 0.26, 1.68), (0.08, 0.36, 1.35), (0.3, 0.3, 1.3)], [0.08, 0.07, 0.05], sides=6)
        b.tube(metal, [(0, -0.26, 1.68), (0.22, -0.36, 1.6), (0.5, -0.34, 1.86)], [0.08, 0.07, 0.05], sides=6)
        b.tube(metal, [(0.32, 0.3, 1.35), (0.34, 0.32, 0.05)], 0.025, sides=5)


def market_stall(b: Builder, *, cloth: str, goods: tuple[str, ...], name: str, is_fish: bool = False) -> None:
    """A market stall, 2.6 × 2.2 m, striped awning at 2.1-2.5 m, trestle table with boxes of goods."""
    rng = stream(0, "stall", name)
    for x in (-0.85, 0.85):
        for y in (-1.25, 1.25):
            with b.solid():
                b.box("wood", (0.07, 0.07, 2.3 if x < 0 else 2.05), (x, y, 0))
    with b.solid():
        b.box("wood-light", (1.0, 2.4, 0.06), (0.35, 0, 0.78))
        b.box("fabric-white", (0.03, 2.4, 0.6), (0.84, 0, 0.2))
        b.box("fabric-white", (0.9, 0.03, 0.6), (0.35, 1.18, 0.2))
        b.box("fabric-white", (0.9, 0.03, 0.6), (0.35, -1.18, 0.2))
        for y in (-1.0, 1.0):
            b.box("wood", (0.8, 0.06, 0.78), (0.3, y, 0))
    stripes = 8
    for i in range(stripes):
        y = -1.35 + 2.7 * (i + 0.5) / stripes
        w = 2.7 / stripes / 2
        color = cloth if i % 2 == 0 else "fabric-white"
        top = [[[x, y + s * w, z] for s in (-1, 1)] for x, z in ((-1.05, 2.3), (-0.4, 2.52), (1.15, 2.12), (1.2, 1.88))]
        b.sheet(color, top, 0.02, crease=FLAT)
    for i in range(4):
        y = -0.9 + 0.6 * i
        with b.at((0.4, y, 0.84), pitch=0.16):
            b.box("wood", (0.62, 0.5, 0.16), (0, 0, 0.04))
            color = goods[i % len(goods)]
            for j in range(6):
                x, z = -0.2 + 0.2 * (j % 3), 0.22
                size = (0.34, 0.11, 0.08) if is_fish else 0.2 * float(rng.uniform(0.85, 1.1))
                b.ball(color, size, (x, -0.12 if j < 3 else 0.12, z), detail=0, yaw=0.25 * j, crease=FLAT)
    b.box("wood-dark", (0.5, 0.45, 0.35), (-0.5, 0.9, 0), bevel=0.0)
    b.box("sign-white", (0.03, 1.2, 0.28), (1.21, 0, 1.6))
    for y in (-0.5, 0.5):
        b.beam("rope", (1.2, y, 1.86), (1.2, y, 1.95), 0.02)


def playground(b: Builder) -> None:
    """A playground, 7 × 5 m: a tower with a slide and steps, and a swing for two (towers 1.2-1.5 m, swings 2.2 m)."""
    b.box("sand", (7.2, 5.2, 0.05))
    with b.solid():
        for x in (-0.6, 0.6):
            for y in (0.9, 2.1):
                b.box("wood", (0.12, 0.12, 2.6), (x - 1.2, y, 0))
        b.box("wood-light", (1.3, 1.3, 0.08), (-1.2, 1.5, 1.2))
        b.box("paint-blue", (0.05, 1.1, 0.6), (-1.78, 1.5, 1.35))
        b.box("paint-yellow", (1.1, 0.05, 0.6), (-1.2, 2.08, 1.35))
    with b.solid("hull"):
        b.prism("paint-red", [(-0.85, 2.5), (0.85, 2.5), (0, 3.3)], 1.5, (-1.2, 1.5, 0), plane="xz")
    slide = [[[x, y, z + lip] for y, lip in ((0.92 + 0.25, 0.18), (1.0 + 0.22, 0.0), (1.78, 0.0), (1.83, 0.18))]
             for x, z in ((-0.6, 1.28), (-0.1, 1.1), (1.2, 0.42), (1.7, 0.25), (2.1, 0.22))]  # fmt: skip
    with b.solid("hull"):
        b.sheet("paint-yellow", slide, 0.05)
    b.box("steel", (0.06, 0.5, 0.22), (1.9, 1.5, 0))
    for i in range(4):
        b.box("wood", (0.18, 0.9, 0.05), (-2.0 - 0.18 * i, 1.5, 0.95 - 0.27 * i))
    for y in (1.1, 1.9):
        b.beam("wood", (-1.85, y, 1.2), (-2.75, y, 0.0), 0.07)
    for x in (-1.9, 2.3):
        with b.solid("hull"):
            for y in (-0.8, -2.2):
                b.beam("paint-blue", (x, y, 0), (x, -1.5, 2.3), 0.1)
    with b.solid():
        b.beam("paint-blue", (-2.0, -1.5, 2.3), (2.4, -1.5, 2.3), 0.1)
    for x in (-0.8, 1.2):
        for dx in (-0.22, 0.22):
            b.beam("iron-dark", (x + dx, -1.5, 2.3), (x + dx, -1.5, 0.48), 0.02)
        b.box("rubber", (0.5, 0.22, 0.05), (x, -1.5, 0.45))


def gravestone(b: Builder, *, style: str) -> None:
    """A gravestone, 1.0-1.3 m high: a rounded slab or a cross, with a low border of 1.9 m."""
    with b.solid():
        for y in (0.42, -0.42):
            b.box("stone-dark", (1.9, 0.1, 0.12), (0.1, y, 0))
        b.box("stone-dark", (0.1, 0.94, 0.12), (1.1, 0, 0))
        b.box("soil", (1.8, 0.8, 0.08), (0.1, 0, 0))
    b.ball("flowers-red", (0.3, 0.5, 0.16), (0.5, 0, 0.12), detail=0, crease=FLAT)
    with b.solid():
        b.box("stone-grey", (0.32, 0.9, 0.16), (-0.9, 0, 0))
        if style == "slab":
            turn = np.linspace(0, np.pi, 7)
            arc = [(0.34 * np.cos(t), 0.78 + 0.3 * np.sin(t)) for t in turn]
            b.prism("stone-grey", [(0.34, 0.12), *arc, (-0.34, 0.12)], 0.16, (-0.9, 0, 0), plane="yz")
            b.box("stone-dark", (0.02, 0.42, 0.3), (-0.815, 0, 0.5))
        else:
            b.box("stone-light", (0.16, 0.18, 1.15), (-0.9, 0, 0.14))
            b.box("stone-light", (0.16, 0.62, 0.17), (-0.9, 0, 0.82))


def fence(b: Builder, *, style: str) -> None:
    """A 2 m stretch of fence, 1.0 m high, along X: pickets, rails or iron bars (garden fences 0.9-1.2 m)."""
    with b.solid():
        if style == "iron":
            for x in (-0.97, 0.97):
                b.box("iron-dark", (0.06, 0.06, 1.1), (x, 0, 0))
            for z in (0.15, 0.85):
                b.box("iron-dark", (2.0, 0.03, 0.035), (0, 0, z))
            for i in range(14):
                x = -0.85 + 1.7 * i / 13
                b.box("iron-dark", (0.022, 0.022, 0.95), (x, 0, 0.06))
                b.cylinder("iron-dark", 0.025, 0.08, (x, 0, 1.0), top=0.0, sides=4)
        elif style == "rails":
            for x in (-0.95, 0.95):
                b.box("planks-weathered", (0.11, 0.11, 1.15), (x, 0, 0))
            for z in (0.3, 0.62, 0.94):
                b.box("planks-weathered", (2.0, 0.05, 0.12), (0, 0.03, z))
        else:
            for x in (-0.96, 0.96):
                b.box(style, (0.08, 0.08, 1.0), (x, 0, 0))
            for z in (0.25, 0.7):
                b.box(style, (2.0, 0.035, 0.08), (0, 0, z))
            for i in range(13):
                x = -0.9 + 0.15 * i
                b.prism(
                    style,
                    [(-0.04, 0.06), (0.04, 0.06), (0.04, 0.92), (0, 1.0), (-0.04, 0.92)],
                    0.022,
                    (x, 0.03, 0),
                    plane="xz",
                )


def stone_wall(b: Builder) -> None:
    """A 2 m stretch of dry stone wall, 0.5 m wide, 1.1 m high, along X."""
    rng = stream(0, "stone-wall")
    with b.solid():
        b.box("stone-dark", (2.0, 0.42, 1.0), taper=(1.0, 0.85))
        for row in range(4):
            x, z = -1.0, 0.02 + row * 0.245
            while x < 0.98:
                w = float(rng.uniform(0.28, 0.5))
                w = 1.0 - x if 1.0 - x - w < 0.25 else w
                wide = 0.5 - row * 0.02 + float(rng.uniform(-0.02, 0.02))
                b.box(("stone-grey", "stone-warm", "stone-light")[int(rng.integers(0, 3))], (w - 0.03, wide, 0.22),
                      (x + w / 2, 0, z), bevel=0.035)  # fmt: skip
                x += w
        for i in range(7):
            b.box(
                "stone-grey",
                (0.24, 0.46, 0.14),
                (-0.86 + 0.286 * i, 0, 0.98),
                bevel=0.04,
                yaw=float(rng.uniform(-0.06, 0.06)),
            )


def rock(b: Builder, *, name: str, size: tuple[float, float, float], stone: str = "rock") -> None:
    """A weathered rock of about `size`, facetted, flat below: 0.6 m stones to boulders of 3 m."""
    rng = stream(0, "rock", name)
    detail = 2 if max(size) > 1.4 else 1
    points = shapes.ball(detail).vertices
    for _ in range(9):
        way = rng.normal(0, 1, 3)
        way /= np.linalg.norm(way)
        cut = float(rng.uniform(0.62, 0.86))
        over = np.maximum(points @ way - cut, 0)
        points = points - over[:, None] * way * 0.85
    points = points * (1 + rng.uniform(-0.015, 0.015, (len(points), 1)))
    points[:, 2] = np.maximum(points[:, 2], -0.45)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / (high - low) * np.asarray(size)
    points[:, 2] -= points[:, 2].min()
    faces = shapes.ball(detail).triangles
    count, few = len(shapes.ball(0).vertices), shapes.ball(0).triangles
    fine, coarse = shapes.Shape(points, faces), shapes.Shape(points[:count], few)
    with b.solid("hull"):
        b.add(stone, lambda level: fine if level == 0 else coarse)


def campfire(b: Builder) -> None:
    """A camp fire, 1.2 m across: a ring of stones, crossed logs and flames."""
    rng = stream(0, "campfire")
    with b.solid("cylinder"):
        b.cylinder("soil", 0.55, 0.03, sides=10)
        for i in range(10):
            t = i * np.pi / 5
            b.ball("stone-dark" if i % 2 else "stone-grey", (0.24, 0.3, 0.2), (0.5 * np.cos(t), 0.5 * np.sin(t), 0.1),
                detail=0,
                   yaw=t + float(rng.uniform(-0.3, 0.3)), crease=FLAT)  # fmt: skip
        for i in range(5):
            t = i * 2 * np.pi / 5
            b.tube(
                "wood-dark",
                [(0.36 * np.cos(t), 0.36 * np.sin(t), 0.06), (-0.03 * np.cos(t), -0.03 * np.sin(t), 0.42)],
                [0.055, 0.04],
                sides=6,
            )
    for i in range(7):
        t, out = i * 2.4, 0.13 if i else 0.0
        tall = 0.75 if i == 0 else float(rng.uniform(0.35, 0.55))
        b.lathe(("signal-amber", "neon-orange", "signal-red")[i % 3], [(0.0, 0.06), (0.1, 0.2), (0.07,
            0.2 + 0.45 * tall), (0.0, 0.12 + tall)],
                (out * np.cos(t), out * np.sin(t), 0), sides=6)  # fmt: skip
    b.light = (0.0, 0.0, 0.6)


def snowman(b: Builder) -> None:
    """A snowman of 1.75 m: three balls, carrot, coal, hat, scarf and stick arms."""
    with b.solid("cylinder"):
        b.ball("snow", (0.95, 0.95, 0.82), (0, 0, 0.41), detail=2)
        b.ball("snow", (0.7, 0.7, 0.62), (0, 0, 0.93), detail=2)
        b.ball("snow", (0.46, 0.46, 0.42), (0, 0, 1.34), detail=2)
        b.cylinder("paint-black", 0.25, 0.03, (0, 0, 1.5), sides=12)
        b.cylinder("paint-black", 0.17, 0.24, (0, 0, 1.52), sides=12)
    b.ring("fabric-red", 0.2, 0.05, (0, 0, 1.19), sides=14)
    b.box("fabric-red", (0.05, 0.11, 0.32), (0.31, 0.1, 0.86), pitch=-0.2)
    b.cylinder("paint-orange", 0.035, 0.24, (0.21, 0, 1.34), top=0.0, sides=6, pitch=np.pi / 2)
    for y in (0.08, -0.08):
        b.ball("paint-black", 0.045, (0.205, y, 1.42), detail=0)
    for z in (0.82, 0.95, 1.06):
        b.ball("paint-black", 0.055, (0.345 if z < 1 else 0.31, 0, z), detail=0)
    for y in (1, -1):
        b.tube(
            "bark", [(0, y * 0.3, 1.0), (0.05, y * 0.55, 1.12), (0.08, y * 0.75, 1.3)], [0.022, 0.018, 0.01], sides=4
        )
        b.tube("bark", [(0.05, y * 0.58, 1.14), (0.05, y * 0.76, 1.14)], [0.014, 0.006], sides=3)


TABLE = (
    Recipe("fountain", fountain, 22000),
    Recipe("well", well, 1800),
    Recipe("statue", statue, 5200, (
        variant("bronze copper", metal="roof-copper"),
        variant("dark bronze", metal="iron-dark"),
    )),
    Recipe("market-stall", market_stall, 140, (
        variant("red", cloth="fabric-red", goods=("paint-red", "paint-orange", "foliage-light", "paint-yellow"),
            name="1"),
        variant("blue fish", cloth="fabric-blue", goods=("paint-silver", "steel", "paint-orange", "paint-white"),
            name="2", is_fish=True),
        variant("green", cloth="fabric-green", goods=("foliage-light", "paint-orange", "flowers-violet", "paint-red"),
            name="3"),
        variant("yellow", cloth="fabric-yellow", goods=("straw", "paint-brown", "wood-light", "paint-cream"), name="4"),
    )),
    Recipe("playground", playground, 700),
    Recipe("gravestone", gravestone, 320, (variant("grey", style="slab"), variant("cross", style="cross"))),
    Recipe("fence", fence, 30, (
        variant("white wooden", style="planks-white"),
        variant("iron", style="iron", mass_kg=55),
        variant("weathered wooden rustic", style="rails"),
        variant("wooden", style="planks-natural"),
    )),
    Recipe("stone-wall", stone_wall, 1700),
    Recipe("rock", rock, 350, (
        variant("", name="rock-1", size=(1.1, 0.8, 0.6)),
        variant("small", name="rock-2", size=(0.7, 0.6, 0.4), mass_kg=110),
        variant("red", name="rock-3", size=(1.2, 0.9, 0.8), stone="red-rock"),
    )),
    Recipe("boulder", rock, 7000, (
        variant("large", name="boulder-1", size=(2.6, 2.1, 1.7)),
        variant("tall", name="boulder-2", size=(2.0, 1.8, 2.3)),
        variant("red large", name="boulder-3", size=(3.0, 2.3, 2.0), stone="red-rock"),
    )),
    Recipe("campfire", campfire, 60),
    Recipe("snowman", snowman, 220),
)  # fmt: skip
