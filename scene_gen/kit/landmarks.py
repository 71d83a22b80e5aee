"""Landmarks: lighthouses, windmills, domes, obelisks, tents and yurts."""

import numpy as np

from scene_gen.kit.builder import FLAT, Builder
from scene_gen.kit.recipe import Recipe, variant


def lighthouse(b: Builder, *, band: str, height: float, bands: int = 3) -> None:
    """A banded lighthouse of 18-24 m to the lantern's ball, foot of 6 m, with gallery and lantern (coastal 15-30 m)."""
    shaft = height - 4.2
    radius = lambda z: 2.7 - 1.05 * (z / shaft) ** 0.8  # noqa: E731
    with b.solid("cylinder"):
        b.cylinder("stone-grey", 3.4, 0.5, sides=16)
        b.lathe("stone-light", [(3.0, 0.5), (2.85, 1.1), (2.72, 1.2)], sides=16)
        count = 2 * bands + 1
        with b.levels("01"):
            for i in range(count):
                z0, z1 = 1.1 + (shaft - 1.1) * i / count, 1.1 + (shaft - 1.1) * (i + 1) / count
                b.lathe("paint-white" if i % 2 == 0 else band, [(radius(z0), z0), (radius(z1), z1)], sides=16)
        with b.levels("2"):
            b.cylinder("paint-white", 3.0, shaft, top=radius(shaft), sides=5)
            for share in (0.25, 0.6):
                z, rise = share * shaft, shaft / count
                b.cylinder(band, radius(z) * 1.25, rise, (0, 0, z), top=radius(z + rise) * 1.25, sides=4)
            b.cylinder(band, 1.5, 3.6, (0, 0, shaft), top=0.5, sides=4)
        b.box("door-green", (0.5, 1.1, 2.1), (2.55, 0, 0.5), pitch=-0.06)
        b.box("stone-grey", (0.6, 1.5, 0.2), (2.6, 0, 2.6))
        b.box("stone-grey", (1.0, 1.6, 0.5), (3.1, 0, 0.0))
    for i, z in enumerate((5.0, 8.4, 11.6, 14.8)):
        if z < shaft - 1.5:
            turn = (0.0, 2.1, 4.2, 0.0)[i]
            r = radius(z)
            b.box("frame-white", (0.3, 0.75, 1.15), (r * np.cos(turn), r * np.sin(turn), z - 0.06), yaw=turn)
            b.box("glass", (0.36, 0.5, 0.95), (r * np.cos(turn), r * np.sin(turn), z + 0.04), yaw=turn)
    top = radius(shaft)
    with b.solid("cylinder"):
        b.lathe("paint-white", [(top, shaft - 0.5), (top + 0.75, shaft), (top + 0.8, shaft + 0.18)], sides=18)
        for i in range(14):
            t = i * 2 * np.pi / 14
            b.beam(
                band,
                ((top + 0.72) * np.cos(t), (top + 0.72) * np.sin(t), shaft + 0.15),
                ((top + 0.72) * np.cos(t), (top + 0.72) * np.sin(t), shaft + 1.2),
                0.06,
            )
        for z in (0.7, 1.18):
            b.ring(band, top + 0.72, 0.045, (0, 0, shaft + z), sides=14, tube_sides=3)
    with b.solid("cylinder"):
        b.cylinder("paint-white", 1.2, 0.8, (0, 0, shaft + 0.15), sides=12)
        b.cylinder("glass", 1.08, 1.5, (0, 0, shaft + 0.95), sides=12)
        b.lathe(
            "beacon", [(0.25, 0.0), (0.62, 0.35), (0.66, 0.75), (0.62, 1.1), (0.25, 1.4)], (0, 0, shaft + 1.0), sides=12
        )
        for i in range(12):
            t = i * np.pi / 6
            b.beam(
                band,
                (1.1 * np.cos(t), 1.1 * np.sin(t), shaft + 0.9),
                (1.1 * np.cos(t), 1.1 * np.sin(t), shaft + 2.48),
                0.07,
            )
        b.cylinder("beacon", 1.095, 0.7, (0, 0, shaft + 1.35), sides=12)
        b.lathe(
            band,
            [(1.4, shaft + 2.45), (1.35, shaft + 2.6), (0.9, shaft + 3.2), (0.25, shaft + 3.65), (0.12, shaft + 3.8)],
            sides=14,
        )
        b.ball(band, 0.42, (0, 0, shaft + 3.95), detail=1)
        b.cylinder("iron-dark", 0.03, 0.7, (0, 0, shaft + 4.1), sides=4)
    b.light = (0.0, 0.0, shaft + 1.7)


def windmill(b: Builder) -> None:
    """A tower mill: round tower of 11 m, cap, gallery and four sails facing X, 20 m to their tips (Dutch 12-25 m)."""
    with b.solid("cylinder"):
        b.lathe("brick-red", [(3.5, 0), (3.15, 3.4)], sides=16)
        b.lathe("plaster-white", [(3.15, 3.4), (2.2, 11.0)], sides=16)
        b.box("door-green", (0.4, 1.2, 2.2), (3.3, 0, 0), pitch=-0.09)
        b.box("stone-light", (0.3, 1.6, 0.25), (3.3, 0, 2.2))
    with b.solid("cylinder"):
        b.cylinder("deck-planks", 4.5, 0.14, (0, 0, 3.4), sides=16)
    for i in range(12):
        t = i * np.pi / 6
        c, s = np.cos(t), np.sin(t)
        b.beam("wood-dark", (4.4 * c, 4.4 * s, 3.5), (4.4 * c, 4.4 * s, 4.5), 0.08)
        b.beam("wood-dark", (3.25 * c, 3.25 * s, 1.9), (4.3 * c, 4.3 * s, 3.4), 0.12)
    b.ring("wood-dark", 4.4, 0.05, (0, 0, 4.5), sides=16)
    for z in (5.2, 7.8):
        for t in (0.9, -0.9, np.pi, 2.3):
            r = 3.15 - 0.95 * (z - 3.4) / 7.6
            b.box("frame-white", (0.24, 0.8, 1.15), (r * np.cos(t), r * np.sin(t), z), yaw=t)
            b.box("glass", (0.3, 0.55, 0.9), (r * np.cos(t), r * np.sin(t), z + 0.12), yaw=t)
    with b.solid("cylinder"):
        b.cylinder("wood-dark", 2.35, 0.35, (0, 0, 10.95), sides=16)
        rings = []
        for x, half, tall in ((-2.7, 0.9, 0.9), (-1.8, 1.9, 1.9), (0.0, 2.3, 2.7), (1.6, 1.9, 2.2), (2.3, 1.3, 1.6)):
            rings.append([[x, half * np.cos(t), 11.3 + tall * np.sin(t)] for t in np.linspace(0, np.pi, 7)])
        b.loft("thatch", rings)
    hub = np.array([3.1, 0, 12.3])
    b.cylinder("wood-dark", 0.28, 2.4, (2.4, 0, 12.3), sides=8, axis="x")
    b.ball("iron-dark", 0.7, hub + [0.35, 0, 0], detail=1)
    for k in range(4):
        with b.at(hub + [0.3, 0, 0], roll=k * np.pi / 2 + 0.5):
            b.box("wood-dark", (0.22, 0.28, 8.0), (0, 0, 0), taper=(0.6, 0.5))
            for i in range(9):
                b.box("planks-natural", (0.06, 1.5, 0.07), (0.02, 0.62, 1.2 + 0.8 * i))
            for y in (0.62, 1.34):
                b.box("planks-natural", (0.06, 0.07, 6.7), (0.02, y, 1.15))
            b.box("fabric-sail", (0.03, 1.1, 5.6), (-0.03, 0.68, 1.6))
    for y in (1.0, -1.0):
        b.beam("wood-dark", (-2.4, y, 11.8), (-4.3, 0, 3.6), 0.16)


def tent(b: Builder, *, style: str, cloth: str) -> None:
    """A tent: a ridge tent of 3 × 2.4 m (1.8 m high) or a round pavilion of 5 m (4.4 m high)."""
    if style == "ridge":
        with b.solid("hull"):
            for y in (1, -1):
                grid = [[[x, y * w, z] for w, z in ((1.2, 0.02), (0.62, 0.98), (0.02, 1.8))] for x in (-1.5, 0.0, 1.5)]
                b.sheet(cloth, grid, 0.03)
            b.prism(cloth, [(-1.15, 0.02), (1.15, 0.02), (0, 1.76)], 0.03, (-1.48, 0, 0), plane="yz")
            for y in (1, -1):
                b.prism(cloth, [(y * 1.15, 0.02), (y * 0.45, 0.02), (0.02 * y, 1.76)], 0.03, (1.46, 0, 0), plane="yz")
            b.box("paint-black", (0.02, 0.9, 0.6), (1.4, 0, 0.02), taper=(1.0, 0.6))
        for x in (1.55, -1.55):
            b.beam("wood", (x, 0, 0), (x, 0, 1.9), 0.05)
            b.tube("rope", [(x, 0, 1.86), (x * 1.6, 0, 0.0)], 0.012, sides=3)
        for x in (-1.4, 0, 1.4):
            for y in (1, -1):
                b.tube("rope", [(x, y * 0.8, 0.7), (x, y * 1.75, 0.0)], 0.012, sides=3)
        b.box("fabric-brown", (2.8, 2.1, 0.03))
        return
    with b.solid("cylinder"):
        sides = 12
        for i in range(sides):
            t0, t1 = i * 2 * np.pi / sides, (i + 1) * 2 * np.pi / sides
            color = cloth if i % 2 else "fabric-white"
            if i:
                wall = [[[2.4 * np.cos(t), 2.4 * np.sin(t), z] for z in (0.02, 2.1)] for t in (t0, t1)]
                b.sheet(color, wall, 0.03, crease=FLAT)
            roof = [
                [[r * np.cos(t), r * np.sin(t), z] for r, z in ((2.75, 1.85), (2.7, 2.12), (1.3, 2.9), (0.06, 4.0))]
                for t in (t0, t1)
            ]
            b.sheet(color, roof, 0.03, crease=FLAT)
        b.cylinder("wood", 0.07, 4.2, sides=8)
        b.box("fabric-brown", (3.2, 3.2, 0.03))
    b.sheet(cloth, [[[0.0, 0, 4.4], [0.0, 0, 4.15]], [[-0.6, 0.1, 4.33], [-0.6, 0.1, 4.2]]], 0.02)
    for i in range(6):
        t = i * np.pi / 3 + 0.3
        b.tube(
            "rope", [(2.72 * np.cos(t), 2.72 * np.sin(t), 2.1), (3.5 * np.cos(t), 3.5 * np.sin(t), 0)], 0.015, sides=3
        )


def dome(b: Builder, *, shell: str) -> None:
    """A geodesic dome of 12 m, 6.2 m high: triangular panes between struts, with a porch (common domes 6-20 m)."""
    with b.solid("cylinder"):
        b.cylinder("concrete-light", 6.2, 0.35, sides=20)
        b.lathe(
            shell,
            [(6.0 * np.cos(t), 0.3 + 5.9 * np.sin(t)) for t in np.linspace(0, np.pi / 2, 7)],
            sides=20,
            crease=FLAT,
        )
    for k in range(10):
        turn = k * np.pi / 5
        arc = [
            (6.03 * np.cos(t) * np.cos(turn), 6.03 * np.cos(t) * np.sin(turn), 0.3 + 5.93 * np.sin(t))
            for t in np.linspace(0, np.pi / 2, 7)
        ]
        b.tube("paint-white", arc, 0.07, sides=4)
    for i in range(1, 6):
        t = i * np.pi / 12
        b.ring("paint-white", 6.02 * np.cos(t), 0.06, (0, 0, 0.3 + 5.92 * np.sin(t)), sides=20, tube_sides=3)
    with b.solid():
        b.box("paint-white", (2.2, 2.6, 2.6), (6.2, 0, 0), bevel=0.2)
        b.box("glass", (2.24, 1.6, 2.1), (6.2, 0, 0.1))


def obelisk(b: Builder) -> None:
    """An obelisk of 12 m on three steps, gilded tip (city monuments 8-25 m)."""
    with b.solid():
        for i in range(3):
            b.box("stone-grey", (4.2 - 0.9 * i, 4.2 - 0.9 * i, 0.3), (0, 0, 0.3 * i))
        b.box("stone-light", (1.9, 1.9, 1.4), (0, 0, 0.9))
        b.box("stone-light", (2.1, 2.1, 0.22), (0, 0, 2.3), bevel=0.06)
        b.box("brass", (1.94, 0.9, 0.6), (0, 0, 1.3))
    with b.solid("hull"):
        b.box("stone-light", (1.35, 1.35, 8.4), (0, 0, 2.52), taper=0.68)
        b.box("roof-gold", (0.92, 0.92, 1.05), (0, 0, 10.92), taper=0.02)


def yurt(b: Builder) -> None:
    """A yurt of 6 m, wall 1.6 m, crown at 2.9 m, with painted door and bands (family gers 5-8 m)."""
    with b.solid("cylinder"):
        b.lathe("fabric-white", [(3.0, 0), (3.05, 0.8), (2.98, 1.6)], sides=18)
        b.lathe("fabric-sail", [(3.1, 1.55), (3.05, 1.68), (1.6, 2.45), (0.62, 2.8)], sides=18)
        b.lathe("wood-dark", [(0.65, 2.76), (0.62, 2.92), (0.3, 3.02)], sides=12)
        for z in (0.45, 1.1):
            b.cylinder("fabric-blue" if z < 1 else "fabric-red", 3.06, 0.1, (0, 0, z), sides=18)
        b.cylinder("rope", 3.09, 0.07, (0, 0, 1.58), sides=18)
    for i in range(9):
        t = i * 2 * np.pi / 9 + 0.3
        b.tube(
            "rope",
            [
                (3.08 * np.cos(t), 3.08 * np.sin(t), 1.66),
                (1.62 * np.cos(t), 1.62 * np.sin(t), 2.48),
                (0.64 * np.cos(t), 0.64 * np.sin(t), 2.86),
            ],
            0.02,
            sides=3,
        )
    b.box("wood-dark", (0.3, 1.2, 1.7), (2.98, 0, 0))
    b.box("door-red", (0.36, 0.9, 1.5), (2.98, 0, 0.08))
    b.box("paint-yellow", (0.4, 0.12, 1.1), (2.98, 0, 0.3))
    b.cylinder("iron-dark", 0.08, 0.8, (-0.2, 0, 2.85), sides=8)


TABLE = (
    Recipe("lighthouse", lighthouse, 600000, (
        variant("red white striped", band="paint-red", height=20.0),
        variant("black white striped", band="paint-black", height=23.0, bands=4),
        variant("blue white small", band="paint-blue", height=14.0, bands=2),
    )),
    Recipe("windmill", windmill, 250000),
    Recipe("tent", tent, 30, (
        variant("green small", style="ridge", cloth="fabric-green"),
        variant("red large round", style="pavilion", cloth="fabric-red", mass_kg=180),
        variant("orange small", style="ridge", cloth="fabric-orange"),
        variant("blue large round", style="pavilion", cloth="fabric-blue", mass_kg=180),
    )),
    Recipe("dome", dome, 12000, (variant("glass", shell="glass"), variant("white", shell="paint-silver"))),
    Recipe("obelisk", obelisk, 55000),
    Recipe("yurt", yurt, 400),
)  # fmt: skip
