"""Larger and slower vehicles: bus, truck, tractor, tram and the hand cart."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.cars import arches, wheels
from scene_gen.kit.recipe import Recipe, variant


def _coach(
    b: Builder,
    paint: str,
    roof: str,
    size: tuple[float, float, float],
    low: float,
    belt: float,
    *,
    doors: tuple[float, ...],
    panes: int,
) -> None:
    """A long body with rounded ends, a band of panes on each side, and doors on the right."""
    length, width, height = size
    half = width / 2
    x = np.array([-length / 2, -length / 2 + 0.25, length / 2 - 0.25, length / 2])
    draw = np.array([0.9, 1.0, 1.0, 0.9])
    section = [(low, 0.96), (low + 0.12, 1.0), (belt, 1.0), (height - 0.35, 0.97), (height - 0.08, 0.88), (height, 0.6)]
    rings = [
        [[xi, d * half * w, z] for z, w in section] + [[xi, -d * half * w, z] for z, w in reversed(section)]
        for xi, d in zip(x, draw)
    ]
    with b.solid():
        b.loft(paint, rings, crease=0.85)
    tall = height - 0.55 - belt
    step = (length - 0.9) / panes
    for i in range(panes):
        b.box("glass", (step * 0.88, width * 0.99 + 0.03, tall), (-length / 2 + 0.45 + step * (i + 0.5), 0, belt))
    b.box("glass", (length + 0.02, width * 0.8, tall + 0.15), (0, 0, belt - 0.1), taper=(1.0, 0.95))
    b.box(roof, (length * 0.62, width * 0.62, 0.16), (-0.3, 0, height - 0.01), bevel=0.06)
    for door in doors:
        b.box("frame-dark", (1.25, 0.04, height - low - 0.6), (door, -half - 0.005, low + 0.1))
        for dx in (-0.3, 0.3):
            b.box("glass", (0.52, 0.05, height - low - 0.85), (door + dx, -half - 0.01, low + 0.25))


def bus(b: Builder, *, paint: str, roof: str = "paint-white") -> None:
    """A city bus, 11.0 × 2.5 × 3.0 m (typical 10.5-12 m)."""
    _coach(b, paint, roof, (11.0, 2.5, 2.95), 0.32, 1.25, doors=(4.35, 0.2), panes=7)
    arches(b, (-2.9, 3.1), 1.25, 0.48, 0.32)
    with b.solid():
        wheels(b, (-2.9, 3.1), 1.25, 0.48, tread=0.28)
    for y in (1, -1):
        b.box("head-lamp", (0.06, 0.34, 0.18), (5.49, y * 0.85, 0.62))
        b.box("tail-lamp", (0.06, 0.16, 0.4), (-5.49, y * 0.95, 0.8))
        b.box("paint-black", (0.2, 0.14, 0.34), (5.55, y * 1.32, 1.9))
    b.box("glass-lit", (0.05, 1.5, 0.26), (5.5, 0, 2.52))
    b.box("plastic-grey", (0.1, 2.2, 0.24), (5.48, 0, 0.32))


def truck(b: Builder, *, paint: str, load: str) -> None:
    """A rigid box lorry, 7.8 × 2.5 × 3.4 m (typical 7.5-12 t)."""
    with b.solid("hull"):
        rings = [
            [[2.0, y, 0.55], [3.78, y, 0.55], [3.86, y, 1.3], [3.6, y, 2.55], [3.3, y, 2.7], [2.0, y, 2.7]]
            for y in (-1.2, -1.12, 1.12, 1.2)
        ]
        b.loft(paint, np.array(rings) * np.array([1, 1, 1]))
    b.prism("glass", [(3.79, 1.5), (3.87, 1.5), (3.66, 2.45), (3.58, 2.45)], 2.1, plane="xz")
    for y in (1, -1):
        b.box("glass", (1.0, 0.03, 0.72), (2.95, y * 1.2, 1.6), taper=(0.82, 1.0))
        b.box("head-lamp", (0.06, 0.36, 0.2), (3.84, y * 0.85, 0.85))
        b.box("paint-black", (0.16, 0.2, 0.5), (3.5, y * 1.33, 1.65))
        b.box("tail-lamp", (0.06, 0.3, 0.14), (-3.92, y * 0.95, 0.75))
    b.box("paint-black", (0.06, 1.5, 0.3), (3.84, 0, 1.1))
    b.box("plastic-grey", (0.16, 2.4, 0.3), (3.82, 0, 0.42))
    with b.solid():
        b.box(load, (5.75, 2.5, 2.5), (-1.0, 0, 0.95), bevel=0.04)
    b.box("iron-dark", (7.4, 0.9, 0.3), (-0.1, 0, 0.65))
    for y in (1, -1):
        b.box("iron-dark", (2.2, 0.06, 0.4), (-0.2, y * 1.15, 0.45))
        b.box("frame-dark", (0.04, 0.03, 2.3), (-3.89, y * 0.02, 1.02))
    with b.solid():
        wheels(b, (-2.4, 2.75), 1.22, 0.46, tread=0.3)


def tractor(b: Builder, *, paint: str) -> None:
    """A farm tractor, 3.9 × 2.0 × 2.7 m, rear wheels of 1.5 m (typical 70-100 hp)."""
    with b.solid():
        b.box(paint, (1.75, 0.72, 0.75), (1.0, 0, 0.85), bevel=0.12)
        b.box("iron-dark", (2.6, 0.5, 0.4), (0.3, 0, 0.55))
    b.box("iron-dark", (0.05, 0.6, 0.55), (1.88, 0, 0.95))
    for y in (0.22, -0.22):
        b.box("head-lamp", (0.06, 0.16, 0.14), (1.9, y, 1.35))
    b.cylinder("iron-dark", 0.05, 0.95, (1.0, 0.22, 1.58), sides=6)
    with b.solid():
        b.box(paint, (1.4, 1.0, 0.5), (-0.7, 0, 0.85))
        b.box("glass", (1.25, 1.25, 1.15), (-0.6, 0, 1.35), taper=(0.88, 0.9))
        for x in (-1.2, 0.0):
            for y in (0.62, -0.62):
                b.beam("paint-black", (x, y, 1.35), (-0.6 + (x + 0.6) * 0.9, y * 0.9, 2.5), 0.07)
        b.box(paint, (1.45, 1.35, 0.14), (-0.6, 0, 2.5), bevel=0.05)
    b.cylinder("signal-amber", 0.07, 0.14, (-1.0, 0.4, 2.64), sides=6)
    with b.solid():
        for y in (1, -1):
            b.cylinder("rubber", 0.76, 0.42, (-0.95, y * 0.8, 0.76), sides=16, axis="y")
            b.cylinder("paint-yellow", 0.42, 0.42, (-0.95, y * 0.815, 0.76), sides=12, axis="y")
            b.box(paint, (1.3, 0.44, 0.08), (-0.95, y * 0.8, 1.54), bevel=0.03)
    with b.solid():
        for y in (1, -1):
            b.cylinder("rubber", 0.48, 0.32, (1.25, y * 0.74, 0.48), sides=16, axis="y")
            b.cylinder("paint-yellow", 0.26, 0.32, (1.25, y * 0.755, 0.48), sides=8, axis="y")
    b.beam("iron-dark", (-1.5, 0.3, 0.5), (-2.0, 0.3, 0.45), 0.08)
    b.beam("iron-dark", (-1.5, -0.3, 0.5), (-2.0, -0.3, 0.45), 0.08)


def tram(b: Builder, *, paint: str) -> None:
    """A two-section tram car, 14 × 2.4 × 3.4 m without its pantograph (heritage and short modern cars 13-16 m)."""
    for x in (3.6, -3.6):
        with b.at((x, 0, 0)):
            _coach(b, paint, "paint-silver", (6.8, 2.4, 3.3), 0.3, 1.3, doors=(-1.2,), panes=4)
    b.box("rubber", (0.7, 2.1, 2.6), (0, 0, 0.4))
    b.box("paint-cream", (13.8, 2.42, 0.26), (0, 0, 0.98))
    for x in (-5.2, -1.9, 1.9, 5.2):
        with b.solid():
            wheels(b, (x,), 0.9, 0.34, tread=0.16)
        b.box("iron-dark", (1.3, 2.0, 0.3), (x, 0, 0.3))
    for x in (1, -1):
        b.box("head-lamp" if x > 0 else "tail-lamp", (0.06, 0.3, 0.2), (x * 6.99, 0.7, 0.75))
        b.box("head-lamp" if x > 0 else "tail-lamp", (0.06, 0.3, 0.2), (x * 6.99, -0.7, 0.75))
        b.box("iron-dark", (0.3, 0.4, 0.2), (x * 7.0, 0, 0.42))
        b.box("glass-lit", (0.05, 1.2, 0.24), (x * 7.0, 0, 2.85))
    for y in (0.5, -0.5):
        b.tube("iron-dark", [(3.0, y, 3.35), (3.8, y * 0.9, 3.85), (3.1, y * 0.8, 4.35)], 0.035, sides=4)
    b.box("iron-dark", (0.12, 1.5, 0.05), (3.1, 0, 4.35))


def cart(b: Builder, *, wood: str, load: str) -> None:
    """A two-wheeled hand cart, 2.1 × 1.2 m, wheels of 0.8 m, resting on its prop (market and farm carts)."""
    with b.solid():
        b.box(wood, (1.4, 0.8, 0.06), (-0.2, 0, 0.5))
        for y in (0.4, -0.4):
            b.box(wood, (1.4, 0.04, 0.3), (-0.2, y, 0.52), roll=-0.12 * np.sign(y))
            b.beam("wood-dark", (-0.9, y * 0.85, 0.48), (1.1, y * 0.85, 0.56), 0.06)
        b.box(wood, (0.04, 0.8, 0.3), (-0.9, 0, 0.52))
        b.box(wood, (0.04, 0.8, 0.3), (0.5, 0, 0.52))
    b.beam("wood-dark", (1.08, -0.36, 0.57), (1.08, 0.36, 0.57), 0.045)
    with b.solid():
        for y in (0.25, -0.25):
            b.beam("wood-dark", (0.42, y, 0.0), (0.42, y, 0.5), 0.07)
    with b.solid():
        b.beam("iron-dark", (-0.25, -0.56, 0.4), (-0.25, 0.56, 0.4), 0.05)
        for y in (0.53, -0.53):
            with b.at((-0.25, y, 0.4), roll=np.pi / 2):
                b.ring("wood-dark", 0.365, 0.035, sides=16)
                b.cylinder("iron-dark", 0.06, 0.12, (0, 0, -0.06), sides=6)
                for i in range(4):
                    b.box("wood-dark", (0.7, 0.04, 0.03), (0, 0, -0.015), yaw=i * np.pi / 4)
    if load == "hay":
        b.box("straw", (1.25, 0.72, 0.34), (-0.2, 0, 0.56), taper=0.7)
    else:
        for i in range(10):
            b.ball(load, 0.2, (-0.7 + 0.25 * (i % 5), 0.17 if i < 5 else -0.17, 0.66), detail=0)


TABLE = (
    Recipe("bus", bus, 11000, (
        variant("red", paint="paint-red"),
        variant("blue", paint="paint-blue"),
        variant("green", paint="paint-green"),
    )),
    Recipe("truck", truck, 6500, (
        variant("white", paint="paint-white", load="paint-silver"),
        variant("blue", paint="paint-blue", load="paint-white"),
        variant("orange", paint="paint-orange", load="paint-grey"),
    )),
    Recipe("tractor", tractor, 3800, (variant("green", paint="paint-green"), variant("red", paint="paint-red"))),
    Recipe("tram", tram, 18000, (variant("red", paint="paint-red"), variant("yellow", paint="paint-yellow"))),
    Recipe("cart", cart, 65, (
        variant("wooden", wood="wood", load="hay"),
        variant("wooden fruit", wood="planks-green", load="paint-orange"),
    ), is_movable=True),
)  # fmt: skip
