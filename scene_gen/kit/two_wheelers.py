"""Scooters and bicycles, standing on their stands."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant


def scooter(b: Builder, *, paint: str, box: str = "") -> None:
    """A motor scooter, 1.8 × 0.7 × 1.15 m, 100-120 kg (typical 50-125 cm³); couriers' ones carry a box."""
    with b.solid():
        for x in (-0.62, 0.64):
            with b.at((x, 0, 0.23), roll=np.pi / 2):
                b.ring("rubber", 0.175, 0.055, sides=16, tube_sides=6)
                b.cylinder("steel", 0.13, 0.07, (0, 0, -0.035), sides=10)
        b.box("paint-black", (0.62, 0.3, 0.08), (0.12, 0, 0.24), bevel=0.03)
        rings = []
        for x, half, low, high in (
            (-0.9, 0.07, 0.52, 0.68),
            (-0.72, 0.15, 0.36, 0.76),
            (-0.4, 0.2, 0.26, 0.76),
            (-0.16, 0.16, 0.26, 0.66),
        ):
            rings.append(
                [[x, half * c, low + (high - low) * (0.5 + 0.5 * s)] for c, s in zip(np.cos(_TURN), np.sin(_TURN))]
            )
        b.loft(paint, rings)
    with b.solid("hull"):
        shield = []
        for z, half, x, deep in (
            (0.3, 0.17, 0.42, 0.07),
            (0.5, 0.2, 0.44, 0.09),
            (0.75, 0.17, 0.36, 0.08),
            (0.92, 0.1, 0.31, 0.07),
        ):
            shield.append([[x + deep * c, half * s, z] for c, s in zip(np.cos(_TURN), np.sin(_TURN))])
        b.loft(paint, shield)
        b.tube("steel", [(0.64, 0, 0.25), (0.46, 0, 0.6), (0.33, 0, 1.0)], 0.035, sides=6)
        b.ball(paint, (0.22, 0.26, 0.16), (0.34, 0, 1.0), detail=1)
        b.tube(
            "iron-dark",
            [(0.22, 0.34, 1.03), (0.33, 0.1, 1.04), (0.33, -0.1, 1.04), (0.22, -0.34, 1.03)],
            0.018,
            sides=5,
        )
    b.ball("head-lamp", (0.08, 0.15, 0.12), (0.44, 0, 1.0), detail=0)
    b.box("tail-lamp", (0.05, 0.12, 0.08), (-0.9, 0, 0.58))
    b.box("paint-black", (0.68, 0.27, 0.1), (-0.5, 0, 0.75), bevel=0.04)
    fender = [
        [[0.64 + r * np.cos(t), y, 0.23 + r * np.sin(t)] for y in (0.08, -0.08)]
        for t in np.linspace(0.2, 2.7, 6)
        for r in (0.26,)
    ]
    b.sheet(paint, fender, 0.02)
    for y in (0.3, -0.3):
        b.tube("iron-dark", [(0.3, y, 1.04), (0.34, y * 1.1, 1.15)], 0.01, sides=3)
        b.ball("iron-dark", (0.03, 0.1, 0.07), (0.34, y * 1.12, 1.17), detail=0)
    b.beam("iron-dark", (-0.15, 0, 0.24), (-0.2, 0.22, 0.02), 0.03)
    if box:
        b.box(box, (0.42, 0.44, 0.42), (-0.78, 0, 0.84), bevel=0.04)
        b.box("sign-white", (0.3, 0.45, 0.2), (-0.78, 0, 0.96))


_TURN = np.arange(8) * 2 * np.pi / 8


def bicycle(b: Builder, *, paint: str, basket: bool = False) -> None:
    """A town bicycle, 1.75 × 0.6 × 1.05 m, 28-inch wheels, 15 kg, on its stand."""
    with b.solid():
        for x in (-0.53, 0.55):
            with b.at((x, 0, 0.345), roll=np.pi / 2):
                b.ring("rubber", 0.325, 0.02, sides=20)
                b.cylinder("steel", 0.03, 0.1, (0, 0, -0.05), sides=6)
                for i in range(4):
                    b.box("steel", (0.63, 0.008, 0.008), (0, 0, -0.004), yaw=i * np.pi / 4)
    seat, crank, head_low, head = (-0.22, 0, 0.82), (-0.08, 0, 0.29), (0.38, 0, 0.62), (0.33, 0, 0.86)
    rear, front = (-0.53, 0, 0.345), (0.55, 0, 0.345)
    with b.solid():
        for a, c, r in ((crank, seat, 0.02), (crank, head_low, 0.022), (seat, head, 0.02), (head_low, head, 0.024)):
            b.tube(paint, [a, c], r, sides=6)
        for y in (0.05, -0.05):
            b.tube(paint, [(rear[0], y, rear[2]), (crank[0], y * 0.5, crank[2])], 0.012, sides=4)
            b.tube(paint, [(rear[0], y, rear[2]), (seat[0] + 0.03, 0, seat[2] - 0.1)], 0.01, sides=4)
            b.tube("steel", [(front[0], y, front[2]), (head_low[0] + 0.01, y * 0.6, head_low[2])], 0.014, sides=4)
    with b.solid():
        b.tube("steel", [head, (0.31, 0, 0.99)], 0.016, sides=5)
        b.tube(
            "iron-dark",
            [(0.12, 0.28, 1.0), (0.3, 0.2, 1.02), (0.33, 0, 1.0), (0.3, -0.2, 1.02), (0.12, -0.28, 1.0)],
            0.014,
            sides=5,
        )
        b.tube("steel", [seat, (-0.25, 0, 0.94)], 0.014, sides=5)
    b.box("leather-brown", (0.26, 0.17, 0.06), (-0.26, 0, 0.93), taper=(0.9, 0.7))
    for t in ((0.9, 2.9), (0.2, 2.0)):
        x = -0.53 if t[1] > 2.5 else 0.55
        arc = [[[x + 0.36 * np.cos(a), y, 0.345 + 0.36 * np.sin(a)] for y in (0.03, -0.03)] for a in np.linspace(*t, 6)]
        b.sheet(paint, arc, 0.008)
    b.cylinder("iron-dark", 0.09, 0.012, (crank[0], -0.05, crank[2]), sides=10, axis="y")
    for y, x in ((-0.09, 0.09), (0.09, -0.25)):
        b.beam("iron-dark", (crank[0], y * 0.7, crank[2]), (x, y, crank[2]), 0.02)
        b.box("iron-dark", (0.09, 0.09, 0.025), (x, y * 1.5, crank[2] - 0.01))
    b.ball("head-lamp", 0.08, (0.43, 0, 0.86), detail=0)
    b.box("tail-lamp", (0.03, 0.06, 0.04), (-0.9, 0, 0.5))
    b.box("steel", (0.36, 0.12, 0.02), (-0.6, 0, 0.74))
    b.beam("steel", (-0.72, 0, 0.74), (-0.55, 0, 0.37), 0.012)
    b.beam("steel", (-0.45, 0.03, 0.3), (-0.5, 0.2, 0.0), 0.018)
    if basket:
        b.box("straw", (0.28, 0.34, 0.22), (0.56, 0, 0.8), taper=1.2)


TABLE = (
    Recipe("scooter", scooter, 110, (
        variant("red", paint="paint-red"),
        variant("mint teal", paint="paint-teal"),
        variant("white", paint="paint-white"),
        variant("yellow courier", paint="paint-yellow", box="paint-orange"),
        variant("blue courier", paint="paint-navy", box="paint-teal"),
    )),
    Recipe("bicycle", bicycle, 15, (
        variant("black", paint="paint-black"),
        variant("red", paint="paint-red"),
        variant("teal", paint="paint-teal", basket=True),
    )),
)  # fmt: skip
