"""Towers: water, clock and bell towers, watchtowers, silos and chimneys."""

import numpy as np

from scene_gen.kit.builder import FLAT, Builder
from scene_gen.kit.recipe import Recipe, variant


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
                arch = [(0.98, 0.0), (0.98, 1.0), (-0.98, 1.0), (-0.98, 0.0)] + [
                    (0.96 * np.cos(t), 0.72 * np.sin(t)) for t in np.linspace(np.pi, 0, 7)
                ]
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
        b.lathe(
            "brick-dark", [(1.08, 26.2), (1.35, 26.8), (1.35, 27.7), (1.2, 28.0), (0.85, 28.0), (0.8, 26.9)], sides=16
        )
        for z in (7, 11, 15, 19, 23):
            r = 1.7 - 0.62 * (z - 3.6) / 22.6
            b.cylinder("iron-dark", r + 0.04, 0.18, (0, 0, z), sides=16)
        b.lathe("plaster-white", [(1.24, 20.6), (1.17, 22.8)], sides=16)
    for y in (0.2, -0.2):
        b.beam("iron-dark", (1.85, y, 3.6), (1.24, y, 26.8), 0.05)


TABLE = (
    Recipe("water-tower", water_tower, 90000, (
        variant("white", paint="paint-silver"),
        variant("rusty old", paint="rust"),
    )),
    Recipe("clock-tower", clock_tower, 900000),
    Recipe("bell-tower", bell_tower, 700000),
    Recipe("watchtower", watchtower, 9000, (
        variant("wooden", style="wood"),
        variant("stone", style="stone", mass_kg=300000),
    )),
    Recipe("silo", silo, 30000),
    Recipe("chimney", chimney, 260000),
)  # fmt: skip
