"""Landmarks: lighthouse, windmill, water tower, clock and bell towers, watchtower, silo, chimney, dome, obelisk, tents."""

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
        for i in range(count):
            z0, z1 = 1.1 + (shaft - 1.1) * i / count, 1.1 + (shaft - 1.1) * (i + 1) / count
            b.lathe("paint-white" if i % 2 == 0 else band, [(radius(z0), z0), (radius(z1), z1)], sides=16)
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
            b.beam(band, ((top + 0.72) * np.cos(t), (top + 0.72) * np.sin(t), shaft + 0.15), ((top + 0.72) * np.cos(t), (top + 0.72) * np.sin(t), shaft + 1.2), 0.06)
        for z in (0.7, 1.18):
            b.ring(band, top + 0.72, 0.045, (0, 0, shaft + z), sides=14, tube_sides=3)
    with b.solid("cylinder"):
        b.cylinder("paint-white", 1.2, 0.8, (0, 0, shaft + 0.15), sides=12)
        b.cylinder("glass", 1.08, 1.5, (0, 0, shaft + 0.95), sides=12)
        b.lathe("beacon", [(0.25, 0.0), (0.62, 0.35), (0.66, 0.75), (0.62, 1.1), (0.25, 1.4)], (0, 0, shaft + 1.0), sides=12)
        for i in range(12):
            t = i * np.pi / 6
            b.beam(band, (1.1 * np.cos(t), 1.1 * np.sin(t), shaft + 0.9), (1.1 * np.cos(t), 1.1 * np.sin(t), shaft + 2.48), 0.07)
        b.cylinder("beacon", 1.095, 0.7, (0, 0, shaft + 1.35), sides=12)
        b.lathe(band, [(1.4, shaft + 2.45), (1.35, shaft + 2.6), (0.9, shaft + 3.2), (0.25, shaft + 3.65), (0.12, shaft + 3.8)], sides=14)
        b.ball(band, 0.42, (0, 0, shaft + 3.95), detail=1)
        b.cylinder("iron-dark", 0.03, 0.7, (0, 0, shaft + 4.1), sides=4)
    b.light = (0.0, 0.0, shaft + 1.7)


def windmill(b: Builder) -> None:
    """A tower mill: round tower of 11 m, cap, gallery and four lattice sails of 16 m span facing X (Dutch mills 12-25 m)."""
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


def water_tower(b: Builder, *, paint: str) -> None:
    """A steel water tower of 17 m: a tank of 7 m on six braced legs (typical small-town towers 15-30 m)."""
    legs = [(2.9 * np.cos(t), 2.9 * np.sin(t)) for t in np.arange(6) * np.pi / 3]
    for pair in (legs[0:2], legs[2:4], legs[4:6]):
        with b.solid("hull"):
            for x, y in pair:
                b.beam(paint, (x * 1.25, y * 1.25, 0), (x, y, 11.0), 0.32)
                b.box("concrete-grey", (0.9, 0.9, 0.3), (x * 1.25, y * 1.25, 0))
    for z, k in ((3.7, 1.165), (7.4, 1.08)):
        for i in range(6):
            (x0, y0), (x1, y1) = legs[i], legs[(i + 1) % 6]
            b.beam(paint, (x0 * k, y0 * k, z), (x1 * k, y1 * k, z), 0.16)
    for z, k0, k1 in ((0.4, 1.24, 1.165), (3.8, 1.165, 1.08), (7.5, 1.08, 1.0)):
        for i in range(6):
            (x0, y0), (x1, y1) = legs[i], legs[(i + 1) % 6]
            b.tube("iron-dark", [(x0 * k0, y0 * k0, z), (x1 * k1, y1 * k1, z + 3.4)], 0.04, sides=3)
            b.tube("iron-dark", [(x1 * k0, y1 * k0, z), (x0 * k1, y0 * k1, z + 3.4)], 0.04, sides=3)
    with b.solid("cylinder"):
        b.cylinder(paint, 0.45, 10.0, sides=10)
    with b.solid("cylinder"):
        b.lathe(paint, [(0.45, 9.4), (2.2, 10.0), (3.4, 11.2), (3.55, 11.9), (3.55, 14.6), (3.75, 14.7)], sides=18)
        b.lathe("roof-metal", [(3.75, 14.68), (2.2, 15.7), (0.35, 16.4), (0.3, 16.8), (0.0, 17.0)], sides=18)
        b.cylinder("paint-white", 3.57, 1.0, (0, 0, 12.7), sides=18)
    b.ring("steel", 3.95, 0.05, (0, 0, 12.5), sides=18)
    b.cylinder("deck-planks", 3.95, 0.08, (0, 0, 11.5), sides=18)
    b.beam("steel", (3.75, 0.25, 0.2), (3.6, 0.25, 14.6), 0.06)
    b.beam("steel", (3.75, -0.25, 0.2), (3.6, -0.25, 14.6), 0.06)
    for i in range(18):
        b.box("steel", (0.04, 0.5, 0.04), (3.74, 0, 0.6 + 0.77 * i))


def clock_tower(b: Builder) -> None:
    """A brick clock tower, 22 m, four dials of 2.4 m and a copper spire (town clock towers 15-40 m)."""
    with b.solid():
        b.box("stone-grey", (5.2, 5.2, 0.6))
        b.box("stone-light", (4.8, 4.8, 3.4), (0, 0, 0.6))
        b.box("brick-red", (4.3, 4.3, 9.2), (0, 0, 4.0))
        b.box("stone-light", (4.7, 4.7, 0.35), (0, 0, 4.0))
        for x in (-1, 1):
            for y in (-1, 1):
                b.box("stone-light", (0.6, 0.6, 8.9), (x * 1.95, y * 1.95, 4.3))
    with b.solid():
        b.box("stone-light", (5.0, 5.0, 0.4), (0, 0, 13.2))
        b.box("brick-red", (4.5, 4.5, 3.4), (0, 0, 13.6))
        b.box("stone-light", (5.1, 5.1, 0.4), (0, 0, 17.0))
    for k in range(4):
        with b.at((0, 0, 0), yaw=k * np.pi / 2):
            b.cylinder("paint-white", 1.3, 0.12, (2.28, 0, 15.3), sides=20, axis="x")
            b.cylinder("glass-lit", 1.12, 0.16, (2.28, 0, 15.3), sides=20, axis="x")
            b.box("paint-black", (0.1, 0.1, 0.85), (2.34, 0, 15.3))
            b.beam("paint-black", (2.38, 0, 15.3), (2.38, 0.55, 15.55), 0.1)
            for i in range(12):
                t = i * np.pi / 6
                b.box("paint-black", (0.08, 0.09, 0.09), (2.34, 0.98 * np.cos(t), 15.3 + 0.98 * np.sin(t) - 0.045))
            for z in (6.0, 9.6):
                b.box("frame-white", (0.2, 0.95, 2.1), (2.12, 0, z))
                b.box("glass", (0.26, 0.66, 1.8), (2.12, 0, z + 0.15))
            if k:
                b.box("glass", (0.2, 0.9, 1.6), (2.36, 0, 1.6))
    b.box("door-brown", (0.3, 1.3, 2.3), (2.32, 0, 0.6))
    b.box("stone-grey", (0.9, 2.0, 0.3), (2.75, 0, 0.0))
    with b.solid("hull"):
        b.box("roof-copper", (4.7, 4.7, 1.1), (0, 0, 17.4), taper=0.62)
        b.box("stone-light", (2.3, 2.3, 1.2), (0, 0, 18.45))
        b.box("glass", (2.36, 1.2, 0.8), (0, 0, 18.65))
        b.box("glass", (1.2, 2.36, 0.8), (0, 0, 18.65))
        b.box("roof-copper", (2.7, 2.7, 2.6), (0, 0, 19.6), taper=0.04)
    b.ball("roof-gold", 0.34, (0, 0, 22.2), detail=1)
    b.cylinder("roof-gold", 0.04, 0.8, (0, 0, 22.2), sides=4)
    b.light = (0.0, 0.0, 15.3)


def bell_tower(b: Builder) -> None:
    """A free-standing campanile, 20 m, open belfry with a bronze bell, pyramid roof (typical 15-30 m)."""
    with b.solid():
        b.box("stone-dark", (4.4, 4.4, 0.7))
        b.box("plaster-ochre", (3.8, 3.8, 12.6), (0, 0, 0.7))
        for z in (4.6, 8.8):
            b.box("stone-light", (4.0, 4.0, 0.28), (0, 0, z))
    b.box("stone-light", (4.3, 4.3, 0.4), (0, 0, 13.3))
    for x in (-1, 1):
        for y in (-1, 1):
            b.box("plaster-ochre", (0.95, 0.95, 3.4), (x * 1.42, y * 1.42, 13.7))
    with b.solid():
        b.box("plaster-dark", (1.9, 1.9, 0.1), (0, 0, 13.7))
        for k in range(4):
            with b.at((0, 0, 0), yaw=k * np.pi / 2):
                arch = [(0.98, 0.0), (0.98, 1.0), (-0.98, 1.0), (-0.98, 0.0)] + [(0.96 * np.cos(t), 0.72 * np.sin(t)) for t in np.linspace(np.pi, 0, 7)]
                b.prism("plaster-ochre", arch, 0.9, (1.42, 0, 16.1), plane="yz")
                b.box("glass", (0.2, 0.5, 1.3), (1.86, 0, 6.4))
                b.box("glass", (0.2, 0.5, 1.3), (1.86, 0, 10.4))
        b.box("stone-light", (4.3, 4.3, 0.4), (0, 0, 17.1))
    b.lathe("brass", [(0.75, 14.5), (0.66, 14.7), (0.45, 15.2), (0.36, 15.6), (0.0, 15.75)], sides=12)
    b.beam("wood-dark", (-1.3, 0, 15.85), (1.3, 0, 15.85), 0.25)
    b.ball("iron-dark", 0.24, (0, 0, 14.5), detail=0)
    with b.solid("hull"):
        b.box("roof-tiles-red", (4.4, 4.4, 2.9), (0, 0, 17.5), taper=0.02)
    b.beam("iron-dark", (0, 0, 20.3), (0, 0, 21.4), 0.07)
    b.beam("iron-dark", (0, -0.35, 21.0), (0, 0.35, 21.0), 0.07)
    b.box("door-brown", (0.2, 1.2, 2.2), (1.86, 0, 0.7))
    b.box("stone-grey", (0.8, 1.8, 0.35), (2.4, 0, 0.0))


def watchtower(b: Builder, *, style: str) -> None:
    """A watchtower: of timber with a roofed platform at 6 m (9.5 m in all), or of stone with battlements (11 m)."""
    if style == "stone":
        with b.solid("cylinder"):
            b.lathe("stone-warm", [(2.7, 0), (2.35, 1.0), (2.25, 9.0), (2.7, 9.6), (2.7, 10.1)], sides=14, crease=FLAT)
            for i in range(10):
                t = i * np.pi / 5
                b.box("stone-warm", (0.45, 0.9, 0.95), (2.47 * np.cos(t), 2.47 * np.sin(t), 10.05), yaw=t)
            for i, z in enumerate((3.4, 5.6, 7.4)):
                t = i * 2.1
                b.box("paint-black", (0.3, 0.2, 0.9), (2.22 * np.cos(t), 2.22 * np.sin(t), z), yaw=t)
            b.box("door-brown", (0.4, 1.1, 2.0), (2.3, 0, 0))
        return
    for x in (-1, 1):
        for y in (-1, 1):
            with b.solid("hull"):
                b.beam("wood-dark", (x * 2.0, y * 2.0, 0), (x * 1.4, y * 1.4, 6.0), 0.24)
    for k in range(4):
        with b.at((0, 0, 0), yaw=k * np.pi / 2):
            for z0, z1, a, c in ((0.3, 3.0, 1.97, 1.7), (3.0, 5.8, 1.7, 1.42)):
                b.beam("wood", (a, -a, z0), (c, c, z1), 0.12)
                b.beam("wood", (a, a, z0), (c, -c, z1), 0.12)
            b.beam("wood", (1.7, -1.7, 3.0), (1.7, 1.7, 3.0), 0.14)
            b.box("wood", (0.08, 3.5, 0.9), (1.75, 0, 6.2))
            b.box("wood-dark", (0.12, 3.6, 0.1), (1.75, 0, 7.1))
    with b.solid():
        b.box("deck-planks", (3.8, 3.8, 0.2), (0, 0, 6.0))
    for x in (-1, 1):
        for y in (-1, 1):
            b.box("wood-dark", (0.16, 0.16, 2.2), (x * 1.65, y * 1.65, 6.2))
    with b.solid("hull"):
        b.box("shingles-wood", (4.5, 4.5, 1.5), (0, 0, 8.3), taper=0.05)
    for y in (0.25, -0.25):
        b.beam("wood", (2.6, y, 0), (1.85, y, 6.9), 0.08)
    for i in range(11):
        b.box("wood", (0.06, 0.5, 0.06), (2.53 - 0.066 * i, 0, 0.5 + 0.58 * i))


def silo(b: Builder) -> None:
    """A pair of grain silos of ribbed steel, 5 m and 4 m wide, 13 and 11 m high, with ladder and auger."""
    for y, r, h in ((1.9, 2.5, 10.6), (-2.8, 2.0, 8.8)):
        with b.solid("cylinder"):
            b.cylinder("concrete-grey", r + 0.25, 0.4, (0, y, 0), sides=16)
            b.cylinder("corrugated-grey", r, h - 0.4, (0, y, 0.4), sides=18)
            for z in np.arange(2.0, h, 2.0):
                b.cylinder("steel", r + 0.05, 0.12, (0, y, float(z)), sides=18)
            b.lathe("roof-metal", [(r + 0.15, h), (0.5, h + 1.7), (0.45, h + 2.0), (0.0, h + 2.2)], (0, y, 0), sides=18)
    for dx in (-0.22, 0.22):
        b.beam("steel", (2.62, 1.9 + dx, 0.4), (2.62, 1.9 + dx, 11.0), 0.05)
    for i in range(17):
        b.box("steel", (0.05, 0.46, 0.04), (2.62, 1.9, 0.8 + 0.6 * i))
    b.tube("paint-red", [(-3.4, -0.4, 0.6), (-0.2, 1.4, 12.6), (0, 1.9, 12.5)], 0.18, sides=8)
    b.box("paint-red", (0.9, 0.9, 0.8), (-3.5, -0.45, 0.0), taper=1.2)
    b.tube("steel", [(0, 1.6, 12.5), (0, -2.6, 10.9)], 0.14, sides=6)


def chimney(b: Builder) -> None:
    """A factory chimney of brick, 28 m, foot of 3.6 m, with iron hoops and a flared head (mill chimneys 20-50 m)."""
    with b.solid():
        b.box("brick-brown", (3.8, 3.8, 3.4))
        b.box("stone-grey", (4.1, 4.1, 0.4), (0, 0, 3.2))
        b.box("iron-dark", (0.2, 1.0, 1.5), (1.86, 0, 0))
    with b.solid("cylinder"):
        b.lathe("brick-red", [(1.7, 3.6), (1.08, 26.2)], sides=16)
        b.lathe("brick-dark", [(1.08, 26.2), (1.35, 26.8), (1.35, 27.7), (1.2, 28.0), (0.85, 28.0), (0.8, 26.9)], sides=16)
        for z in (7, 11, 15, 19, 23):
            r = 1.7 - 0.62 * (z - 3.6) / 22.6
            b.cylinder("iron-dark", r + 0.04, 0.18, (0, 0, z), sides=16)
        b.lathe("plaster-white", [(1.24, 20.6), (1.17, 22.8)], sides=16)
    for y in (0.2, -0.2):
        b.beam("iron-dark", (1.85, y, 3.6), (1.24, y, 26.8), 0.05)


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
            roof = [[[r * np.cos(t), r * np.sin(t), z] for r, z in ((2.75, 1.85), (2.7, 2.12), (1.3, 2.9), (0.06, 4.0))] for t in (t0, t1)]
            b.sheet(color, roof, 0.03, crease=FLAT)
        b.cylinder("wood", 0.07, 4.2, sides=8)
        b.box("fabric-brown", (3.2, 3.2, 0.03))
    b.sheet(cloth, [[[0.0, 0, 4.4], [0.0, 0, 4.15]], [[-0.6, 0.1, 4.33], [-0.6, 0.1, 4.2]]], 0.02)
    for i in range(6):
        t = i * np.pi / 3 + 0.3
        b.tube("rope", [(2.72 * np.cos(t), 2.72 * np.sin(t), 2.1), (3.5 * np.cos(t), 3.5 * np.sin(t), 0)], 0.015, sides=3)


def dome(b: Builder, *, shell: str) -> None:
    """A geodesic dome of 12 m, 6.2 m high: triangular panes between struts, with a porch (greenhouses and habitats 6-20 m)."""
    with b.solid("cylinder"):
        b.cylinder("concrete-light", 6.2, 0.35, sides=20)
        b.lathe(shell, [(6.0 * np.cos(t), 0.3 + 5.9 * np.sin(t)) for t in np.linspace(0, np.pi / 2, 7)], sides=20, crease=FLAT)
    for k in range(10):
        turn = k * np.pi / 5
        arc = [(6.03 * np.cos(t) * np.cos(turn), 6.03 * np.cos(t) * np.sin(turn), 0.3 + 5.93 * np.sin(t)) for t in np.linspace(0, np.pi / 2, 7)]
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
        b.tube("rope", [(3.08 * np.cos(t), 3.08 * np.sin(t), 1.66), (1.62 * np.cos(t), 1.62 * np.sin(t), 2.48), (0.64 * np.cos(t), 0.64 * np.sin(t), 2.86)], 0.02, sides=3)
    b.box("wood-dark", (0.3, 1.2, 1.7), (2.98, 0, 0))
    b.box("door-red", (0.36, 0.9, 1.5), (2.98, 0, 0.08))
    b.box("paint-yellow", (0.4, 0.12, 1.1), (2.98, 0, 0.3))
    b.cylinder("iron-dark", 0.08, 0.8, (-0.2, 0, 2.85), sides=8)


TABLE = (
    Recipe("lighthouse", lighthouse, 600_000, (
        variant("red white striped", band="paint-red", height=20.0), variant("black white striped", band="paint-black", height=23.0, bands=4), variant("blue white small", band="paint-blue", height=14.0, bands=2),
    )),
    Recipe("windmill", windmill, 250_000), Recipe("water-tower", water_tower, 90_000, (variant("white", paint="paint-silver"), variant("rusty old", paint="rust"))),
    Recipe("clock-tower", clock_tower, 900_000), Recipe("bell-tower", bell_tower, 700_000),
    Recipe("watchtower", watchtower, 9000, (variant("wooden", style="wood"), variant("stone", style="stone", mass_kg=300_000))),
    Recipe("silo", silo, 30_000), Recipe("chimney", chimney, 260_000),
    Recipe("tent", tent, 30, (
        variant("green small", style="ridge", cloth="fabric-green"), variant("red large round", style="pavilion", cloth="fabric-red", mass_kg=180), variant("orange small", style="ridge", cloth="fabric-orange"), variant("blue large round", style="pavilion", cloth="fabric-blue", mass_kg=180),
    )),
    Recipe("dome", dome, 12_000, (variant("glass", shell="glass"), variant("white", shell="paint-silver"))),
    Recipe("obelisk", obelisk, 55_000), Recipe("yurt", yurt, 400),
)  # fmt: skip
