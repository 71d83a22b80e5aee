"""Harbour goods and gear: containers, crates, barrels, pallets, buoys and fishing nets."""

import numpy as np

from scene_gen.kit.branches import clump
from scene_gen.kit.builder import FLAT, Builder
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def container(b: Builder, *, paint: str, length: float = 6.06) -> None:
    """A freight container: 6.06 or 12.19 × 2.44 × 2.59 m (ISO 668), doors at the back, ribbed sides."""
    width, height = 2.44, 2.59
    with b.solid():
        b.box(paint, (length - 0.12, width - 0.1, height - 0.16), (0, 0, 0.1))
        for x in (-1, 1):
            for y in (-1, 1):
                b.box(paint, (0.16, 0.16, height), (x * (length / 2 - 0.08), y * (width / 2 - 0.08), 0))
        for z in (0.0, height - 0.13):
            for y in (-1, 1):
                b.box(paint, (length - 0.2, 0.13, 0.13), (0, y * (width / 2 - 0.065), z))
            for x in (-1, 1):
                b.box(paint, (0.13, width - 0.2, 0.13), (x * (length / 2 - 0.065), 0, z))
        ribs = int(length / 0.55)
        for i in range(ribs):
            x = -length / 2 + length * (i + 0.5) / ribs
            b.box(paint, (0.2, width - 0.02, height - 0.3), (x, 0, 0.14), taper=(1.0, 1.0))
    for y in (-0.75, -0.4, 0.4, 0.75):
        b.box("steel", (0.05, 0.035, height - 0.25), (-length / 2 + 0.01, y, 0.13))
    b.box("frame-dark", (0.02, 0.03, height - 0.3), (-length / 2 + 0.01, 0, 0.15))
    for y in (1, -1):
        b.box("sign-white", (1.3, 0.02, 0.35), (length / 2 - 1.1, y * (width / 2 - 0.008), height - 0.65))


def crate(b: Builder, *, wood: str, size: tuple[float, float, float]) -> None:
    """A nailed wooden crate with frame boards and a cross-board on each side, 0.6-1.2 m."""
    lx, ly, lz = size
    t = 0.035
    with b.solid():
        b.box(wood, (lx - 2 * t, ly - 2 * t, lz - t), (0, 0, t / 2))
        w = 0.1 * min(lx, lz) + 0.02
        for z in (0.0, lz - w):
            for y in (1, -1):
                b.box("wood-light", (lx, t, w), (0, y * (ly - t) / 2, z))
            for x in (1, -1):
                b.box("wood-light", (t, ly - 2 * t, w), (x * (lx - t) / 2, 0, z))
        for x in (1, -1):
            for y in (1, -1):
                b.box("wood-light", (w, t * 1.2, lz - 2 * w), (x * (lx - w) / 2, y * (ly - t * 1.2) / 2, w))
                b.box("wood-light", (t * 1.2, w, lz - 2 * w), (x * (lx - t * 1.2) / 2, y * (ly - w) / 2, w))
        for y in (1, -1):
            b.beam(
                "wood-light",
                (-lx / 2 + w, y * (ly - t) / 2, w),
                (lx / 2 - w, y * (ly - t) / 2, lz - w),
                t * 0.8,
                w * 0.8,
            )
        for y in (1, -1):
            b.box("wood-light", (lx - 2 * t, w, t), (0, y * (ly / 2 - w / 2 - t), lz - t))


def fish_box(b: Builder, *, paint: str) -> None:
    """Two stacked fish boxes of 0.8 × 0.45 × 0.27 m, the upper one full (40-litre boxes)."""
    with b.solid():
        for i in range(2):
            with b.at((0.02 * i, 0.01 * i, 0.255 * i)):
                b.box(paint, (0.74, 0.4, 0.03))
                for y in (1, -1):
                    b.box(paint, (0.8, 0.03, 0.25), (0, y * 0.21, 0.005))
                for x in (1, -1):
                    b.box(paint, (0.03, 0.4, 0.25), (x * 0.385, 0, 0.005))
        b.box("paint-white", (0.74, 0.4, 0.1), (0.02, 0.01, 0.3))
        for i in range(8):
            b.ball(
                "steel" if i % 3 else "paint-silver",
                (0.3, 0.07, 0.06),
                (-0.2 + 0.11 * (i % 5), -0.12 + 0.08 * (i % 4), 0.42),
                detail=0,
                yaw=0.3 * (i % 3) - 0.3,
                crease=FLAT,
            )


def barrel(b: Builder, *, style: str) -> None:
    """A barrel: a 200-litre steel drum (0.58 × 0.88 m) or an oak cask (0.66 × 0.92 m)."""
    with b.solid("cylinder"):
        if style == "cask":
            b.lathe(
                "wood",
                [(0.26, 0), (0.3, 0.18), (0.33, 0.46), (0.3, 0.74), (0.26, 0.92), (0.24, 0.92), (0.23, 0.88)],
                sides=16,
            )
            for z, r in ((0.05, 0.272), (0.24, 0.31), (0.64, 0.315), (0.8, 0.286)):
                b.cylinder("iron-dark", r + 0.005, 0.05, (0, 0, z), sides=16)
        else:
            b.lathe(
                style,
                [
                    (0.285, 0),
                    (0.285, 0.28),
                    (0.295, 0.3),
                    (0.285, 0.32),
                    (0.285, 0.56),
                    (0.295, 0.58),
                    (0.285, 0.6),
                    (0.285, 0.88),
                    (0.265, 0.88),
                    (0.26, 0.86),
                ],
                sides=16,
            )
            b.cylinder("iron-dark", 0.04, 0.02, (0.15, 0, 0.86), sides=6)
            b.cylinder("iron-dark", 0.025, 0.02, (-0.16, 0.05, 0.86), sides=6)


def pallet(b: Builder, *, load: str) -> None:
    """A pallet, 1.2 × 0.8 × 0.144 m (EN 13698), empty, or with sacks or boxes."""
    with b.solid():
        for y in (-0.33, 0, 0.33):
            b.box("wood-light", (1.2, 0.12, 0.022), (0, y, 0))
            for x in (-0.53, 0, 0.53):
                b.box("wood-light", (0.12, 0.12, 0.078), (x, y, 0.022))
        for x in (-0.53, 0, 0.53):
            b.box("wood-light", (0.14, 0.8, 0.022), (x, 0, 0.1))
        for i in range(5):
            b.box("wood-light", (1.2, 0.12, 0.022), (0, -0.34 + 0.17 * i, 0.122))
    if load == "sacks":
        with b.solid():
            for layer in range(3):
                for i in range(3):
                    for j in range(2):
                        b.box(
                            "fabric-brown" if (i + j + layer) % 2 else "rope",
                            (0.38, 0.38, 0.16),
                            (-0.39 + 0.39 * i, -0.195 + 0.39 * j, 0.144 + 0.155 * layer),
                            bevel=0.05,
                        )
    elif load == "boxes":
        with b.solid():
            for layer in range(3):
                for i in range(3):
                    for j in range(2):
                        if layer < 2 or i < 2:
                            b.box(
                                "wood-light" if (i + layer) % 2 else "straw",
                                (0.37, 0.37, 0.29),
                                (-0.39 + 0.39 * i, -0.195 + 0.39 * j, 0.144 + 0.292 * layer),
                            )


def buoy(b: Builder, *, paint: str, top: str, is_pointed: bool = False) -> None:
    """A harbour buoy floating at z = 0: body of 1.6 m, lattice and lamp 2.8 m above the water (lateral marks 2-4 m)."""
    with b.solid("cylinder"):
        b.lathe(paint, [(0.35, -0.7), (0.8, -0.35), (0.85, 0.25), (0.75, 0.4), (0.2, 0.5)], sides=14)
        b.cylinder("paint-white", 0.86, 0.12, (0, 0, 0.02), sides=14)
    with b.solid("hull"):
        for i in range(4):
            t = i * np.pi / 2 + np.pi / 4
            b.beam(paint, (0.55 * np.cos(t), 0.55 * np.sin(t), 0.4), (0.14 * np.cos(t), 0.14 * np.sin(t), 2.1), 0.07)
        for z, r in ((0.95, 0.43), (1.5, 0.3)):
            b.ring(paint, r, 0.03, (0, 0, z), sides=8)
        b.cylinder(paint, 0.26, 0.06, (0, 0, 2.1), sides=8)
    b.cylinder(top, 0.1, 0.2, (0, 0, 2.16), sides=8)
    b.cylinder(paint, 0.3, 0.4, (0, 0, 2.42), top=0.0 if is_pointed else 0.3, sides=8)
    b.light = (0.0, 0.0, 2.26)


def fishing_net(b: Builder) -> None:
    """A fishing net hung over a drying rack with floats and a heap below, 3.2 × 1.2 × 1.6 m."""
    rng = stream(0, "net")
    for x in (-1.45, 1.45):
        with b.solid("hull"):
            for y in (0.45, -0.45):
                b.beam("planks-weathered", (x, y, 0), (x, 0, 1.5), 0.08)
    b.beam("planks-weathered", (-1.6, 0, 1.48), (1.6, 0, 1.48), 0.09)
    x = np.linspace(-1.25, 1.25, 9)
    sag = rng.uniform(-0.06, 0.06, 9)
    for side in (1, -1):
        grid = [
            [[xi, side * y + s, z] for y, z in ((0.03, 1.56), (0.16, 1.1), (0.26, 0.62), (0.42, 0.24 + abs(s)))]
            for xi, s in zip(x, sag)
        ]
        b.sheet("fabric-green", grid, 0.02)
    with b.solid():
        clump(b, "fabric-green", (1.8, 1.05, 0.55), (0.1, 0, 0.16), rng, rough=0.22)
    for i in range(9):
        b.ball(
            "paint-orange",
            (0.16, 0.14, 0.14),
            (-1.2 + 0.3 * i, 0.3 if i % 2 else -0.3, 0.66 + 0.03 * (i % 3)),
            detail=0,
        )
    b.tube("rope", [(-1.25, 0.02, 1.6), (0, 0.03, 1.585), (1.25, 0, 1.6)], 0.025, sides=4)


TABLE = (
    Recipe("container", container, 2300, (
        variant("blue", paint="corrugated-blue"),
        variant("red", paint="corrugated-red"),
        variant("green", paint="corrugated-green"),
        variant("rusty", paint="corrugated-rust"),
        variant("grey long", paint="corrugated-grey", length=12.19, mass_kg=3800),
        variant("orange long", paint="paint-orange", length=12.19, mass_kg=3800),
    )),
    Recipe("crate", crate, 32, (
        variant("wooden", wood="wood", size=(0.8, 0.8, 0.8)),
        variant("wooden long", wood="wood", size=(1.2, 0.7, 0.6)),
        variant("dark wooden", wood="wood-dark", size=(1.0, 1.0, 1.0), mass_kg=55),
    ), is_movable=True),
    Recipe("crate", fish_box, 30, (
        variant("blue fish", paint="paint-blue"),
        variant("orange fish", paint="paint-orange"),
    ), is_movable=True),
    Recipe("barrel", barrel, 60, (
        variant("wooden", style="cask"),
        variant("blue", style="paint-blue", mass_kg=35),
        variant("rusty", style="rust", mass_kg=35),
        variant("red", style="paint-red", mass_kg=35),
    ), is_movable=True),
    Recipe("pallet", pallet, 25, (
        variant("empty wooden", load=""),
        variant("sacks", load="sacks", mass_kg=300),
        variant("boxes", load="boxes", mass_kg=160),
    ), is_movable=True),
    Recipe("buoy", buoy, 900, (
        variant("red", paint="paint-red", top="signal-red"),
        variant("green", paint="paint-green", top="signal-green", is_pointed=True),
        variant("yellow", paint="paint-yellow", top="signal-amber"),
    ), is_afloat=True),
    Recipe("fishing-net", fishing_net, 70),
)  # fmt: skip
