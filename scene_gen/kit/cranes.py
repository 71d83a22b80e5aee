"""Quay cranes: a level-luffing portal crane, a small dock crane, a container gantry."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant


def portal_crane(b: Builder, *, paint: str) -> None:
    """A level-luffing portal crane: portal of 9 × 8 m on rails, jib along X over the water, 27 m (typical 20-35 m)."""
    for y in (-3.4, 3.4):
        with b.solid("hull"):
            for x in (-3.6, 3.6):
                b.beam(paint, (x * 1.08, y, 0.7), (x * 0.62, y * 0.55, 8.6), 0.75)
                b.box("iron-dark", (1.6, 0.7, 0.55), (x * 1.08, y, 0.32))
                for dx in (-0.5, 0.5):
                    b.cylinder("iron-dark", 0.34, 0.3, (x * 1.08 + dx, y, 0.34), sides=12, axis="y")
            b.box(paint, (8.6, 0.55, 0.6), (0, y, 0.75))
            b.beam(paint, (-3.3, y * 0.9, 2.3), (2.3, y * 0.62, 7.4), 0.22)
    for x in (-2.35, 2.35):
        b.beam(paint, (x, -2.1, 7.8), (x, 2.1, 7.8), 0.5)
    with b.solid():
        b.box(paint, (5.6, 4.6, 0.8), (0, 0, 8.3))
        b.cylinder("iron-dark", 1.5, 0.7, (0, 0, 9.1), sides=14)
    with b.solid():
        b.box("paint-white", (6.4, 3.2, 2.7), (-2.1, 0, 9.8), bevel=0.12)
        b.box("paint-grey", (1.6, 3.3, 2.2), (-5.6, 0, 9.7))
        b.box("roof-metal", (6.6, 3.4, 0.12), (-2.1, 0, 12.5))
        b.box("glass", (1.9, 1.5, 1.5), (1.75, 1.3, 10.6))
        b.box("paint-white", (2.0, 1.6, 0.2), (1.75, 1.3, 12.1))
        b.box("paint-white", (2.0, 1.6, 0.6), (1.75, 1.3, 10.0))
        for i in range(3):
            b.box("glass", (0.9, 3.24, 0.8), (-4.1 + 1.6 * i, 0, 11.1))
    mast = (-1.4, 0, 18.8)
    with b.solid("hull"):
        for y in (1.2, -1.2):
            b.beam(paint, (0.4, y, 12.4), mast, 0.42)
            b.beam(paint, (-4.2, y, 12.4), mast, 0.36)
            b.beam(paint, (-0.25, y * 0.65, 14.9), (-3.1, y * 0.65, 15.0), 0.2)
    tip = np.array([18.5, 0, 26.6])
    root = np.array([1.2, 0, 11.6])
    with b.solid("hull"):
        for y in (1, -1):
            for dz in (0.0, 1.0):
                b.beam(paint, root + [0, y * 1.05, dz * 0.9], tip + [0, y * 0.3, dz * 0.35], 0.24)
        for i in range(11):
            t0, t1 = i / 11, (i + 1) / 11
            for y in (1, -1):
                low = root + (tip - root) * t0 + [0, y * (1.05 - 0.75 * t0), 0]
                high = root + (tip - root) * t1 + [0, y * (1.05 - 0.75 * t1), 0.9 - 0.55 * t1]
                b.beam(paint, low, high, 0.11)
            across = root + (tip - root) * t1
            b.beam(paint, across + [0, 1.05 - 0.75 * t1, 0], across - [0, 1.05 - 0.75 * t1, 0], 0.11)
    b.cylinder("iron-dark", 0.5, 0.5, tip + [0, 0, 0.2], sides=12, axis="y")
    for y in (0.4, -0.4):
        b.tube("iron-dark", [(mast[0], y, mast[2]), tip + [0, y * 0.5, 0.3]], 0.05, sides=3)
        b.tube("iron-dark", [tip + [0.45, y * 0.4, 0.2], (18.95, y * 0.4, 12.0)], 0.035, sides=3)
    b.box("paint-yellow", (0.5, 1.0, 1.1), (18.95, 0, 10.9), bevel=0.1)
    b.tube(
        "iron-dark",
        [(18.95, 0, 10.9), (18.95, 0, 10.4), (19.2, 0, 10.1), (18.95, 0, 9.9), (18.75, 0, 10.1)],
        0.08,
        sides=5,
    )
    for i in range(14):
        b.box("steel", (0.5, 0.05, 0.05), (-2.95 + 0.0 * i, -3.2 + 0.11 * i, 1.0 + 0.5 * i))
    for y in (0.22, -0.22):
        b.beam("steel", (-3.2, -3.35, 0.8), (-3.2 + 0.02 * y, -1.75, 7.9), 0.05)
    b.box("signal-red", (0.25, 0.25, 0.3), tip + [0, 0, 0.7])
    with b.levels("2"):
        b.box(paint, (8.4, 7.2, 9.0), taper=0.6)
        b.beam(paint, (1.2, 0, 11.8), (18.5, 0, 26.8), 1.5)
        b.beam(paint, (-1.0, 0, 12.0), (-1.4, 0, 19.0), 1.6)
        b.box("paint-white", (6.4, 3.2, 2.7), (-2.1, 0, 9.8))
        b.box("paint-yellow", (0.6, 1.0, 1.2), (18.95, 0, 10.6))
    b.light = (6.0, 0.0, 14.0)


def dock_crane(b: Builder, *, paint: str) -> None:
    """A small slewing dock crane, 9 m high, jib of 7 m over the quay's edge along X (boat yards, fish quays)."""
    with b.solid("cylinder"):
        b.cylinder("concrete-grey", 1.3, 0.6, sides=10)
        b.lathe(paint, [(0.75, 0.6), (0.6, 0.9), (0.5, 3.4)], sides=10)
        b.cylinder("iron-dark", 0.85, 0.3, (0, 0, 3.4), sides=12)
    with b.solid():
        b.box(paint, (2.8, 1.7, 1.7), (-0.5, 0, 3.7), bevel=0.08)
        b.box("paint-grey", (0.9, 1.8, 1.2), (-2.0, 0, 3.7))
        b.box("glass", (0.9, 1.2, 0.9), (0.75, 0, 4.35))
        b.box("roof-metal", (3.0, 1.9, 0.1), (-0.5, 0, 5.4))
    tip, root = np.array([6.6, 0, 8.6]), np.array([0.6, 0, 4.6])
    with b.solid("hull"):
        for y in (1, -1):
            b.beam(paint, root + [0, y * 0.7, 0], tip + [0, y * 0.12, 0], 0.16)
            b.beam(paint, root + [-0.1, y * 0.7, 0.7], tip + [0, y * 0.12, 0.15], 0.12)
        for i in range(6):
            t = (i + 0.5) / 6
            p, half = root + (tip - root) * t, 0.7 - 0.58 * t
            b.beam(paint, p + [0, half, 0], p + [0.3, -half, 0.55 - 0.4 * t], 0.08)
            b.beam(paint, p + [0, -half, 0], p + [0.3, half, 0.55 - 0.4 * t], 0.08)
    with b.solid("hull"):
        for y in (0.6, -0.6):
            b.beam(paint, (-1.2, y, 5.4), (-0.9, 0.0, 8.0), 0.16)
            b.beam(paint, (0.1, y, 5.4), (-0.9, 0.0, 8.0), 0.16)
    b.tube("iron-dark", [(-0.9, 0, 8.0), tip + [0, 0, 0.2]], 0.035, sides=3)
    b.tube("iron-dark", [tip + [0.12, 0, 0], (6.72, 0, 3.4)], 0.03, sides=3)
    b.cylinder("iron-dark", 0.26, 0.2, tip, sides=8, axis="y")
    b.box("paint-yellow", (0.26, 0.4, 0.5), (6.72, 0, 2.95))
    b.tube(
        "iron-dark", [(6.72, 0, 2.95), (6.72, 0, 2.7), (6.85, 0, 2.55), (6.7, 0, 2.45), (6.6, 0, 2.58)], 0.045, sides=4
    )
    for i in range(6):
        b.box("steel", (0.05, 0.4, 0.04), (-0.62 + 0.01 * i, 0, 0.8 + 0.42 * i))
    with b.levels("2"):
        b.box(paint, (1.4, 1.4, 3.7))
        b.box(paint, (2.8, 1.7, 1.7), (-0.5, 0, 3.7))
        b.beam(paint, (0.6, 0, 4.8), (6.6, 0, 8.6), 0.6)


def gantry_crane(b: Builder, *, paint: str) -> None:
    """A ship-to-shore container crane, boom along X over the water, 34 m high, 12 m between its rails (small ports)."""
    for y in (-6, 6):
        for x in (-6, 6):
            with b.solid():
                b.box(paint, (1.0, 1.0, 24.0), (x, y, 0.9))
                b.box("iron-dark", (2.0, 1.3, 0.9), (x, y, 0.0))
        b.box(paint, (13.0, 0.9, 1.0), (0, y, 2.2))
        b.box(paint, (13.0, 0.9, 1.1), (0, y, 13.5))
        b.beam(paint, (-6, y, 3.2), (6, y, 13.4), 0.5)
        b.beam(paint, (6, y, 14.8), (-6, y, 24.0), 0.45)
    for x in (-6, 6):
        b.box(paint, (0.9, 13.0, 1.1), (x, 0, 13.5))
        b.box(paint, (1.0, 13.0, 1.3), (x, 0, 23.8))
    with b.solid():
        for y in (-1.9, 1.9):
            b.box(paint, (46, 0.8, 1.7), (8.0, y, 21.6))
        for i in range(7):
            b.box(paint, (0.5, 3.4, 0.5), (-13 + 7 * i, 0, 22.0))
        b.box("paint-white", (6.0, 4.6, 3.2), (-9.0, 0, 23.3), bevel=0.15)
    with b.solid("hull"):
        for y in (-4.5, 4.5):
            b.beam(paint, (6, y, 25.0), (5.0, y * 0.25, 34.0), 0.6)
            b.beam(paint, (-6, y, 25.0), (4.6, y * 0.25, 33.6), 0.45)
        b.box(paint, (1.0, 3.0, 0.8), (5.0, 0, 33.6))
    for y in (-1.5, 1.5):
        b.tube("iron-dark", [(5.0, y, 34.0), (29.0, y, 23.2)], 0.12, sides=4)
        b.tube("iron-dark", [(5.0, y, 34.0), (17.0, y, 23.2)], 0.12, sides=4)
        b.tube("iron-dark", [(5.0, y, 34.0), (-14.0, y, 23.2)], 0.12, sides=4)
    b.box("iron-dark", (3.2, 4.6, 0.8), (15.0, 0, 20.7))
    b.box("glass", (1.6, 1.8, 1.8), (17.6, 1.6, 18.7))
    b.box("paint-white", (1.8, 2.0, 0.25), (17.6, 1.6, 20.5))
    for x in (14, 16):
        for y in (-0.9, 0.9):
            b.tube("iron-dark", [(x, y, 20.7), (x, y, 13.2)], 0.06, sides=3)
    b.box("paint-yellow", (2.5, 6.1, 0.6), (15.0, 0, 12.7))
    b.box("corrugated-blue", (2.44, 6.06, 2.59), (15.0, 0, 10.1))
    for x in (-6, 6):
        for y in (-6, 6):
            b.box("paint-yellow", (1.05, 1.05, 0.9), (x, y, 1.3))
    for i in range(12):
        b.box("steel", (0.9, 0.06, 0.06), (-6.9, 5.2 - 0.0 * i, 2.0 + i * 0.95))
    b.beam("steel", (-7.2, 5.2, 1.0), (-7.2, 5.2, 13.5), 0.08)
    b.beam("steel", (-6.6, 5.2, 1.0), (-6.6, 5.2, 13.5), 0.08)
    with b.levels("2"):
        for y in (-6, 6):
            b.box(paint, (13.0, 1.0, 1.2), (0, y, 13.5))
        b.box(paint, (46, 4.4, 1.7), (8.0, 0, 21.6))
        b.box(paint, (1.4, 12.8, 24.0), (6, 0, 0.9))
        b.box(paint, (1.4, 12.8, 24.0), (-6, 0, 0.9))
    b.light = (10.0, 0.0, 20.0)


TABLE = (
    Recipe("crane", portal_crane, 180000, (
        variant("blue portal", paint="paint-blue"),
        variant("yellow portal", paint="paint-yellow"),
    )),
    Recipe("crane", dock_crane, 14000, (variant("green small", paint="paint-green"),)),
    Recipe("crane", gantry_crane, 450000, (variant("red large container", paint="paint-red"),)),
)  # fmt: skip
