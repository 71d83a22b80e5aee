"""Street furniture: benches, bins, hydrants, bollards, letter boxes, bus stops, planters, café tables and chairs."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.branches import clump
from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def bench(b: Builder, *, wood: str) -> None:
    """A park bench, 1.8 m long, seat 0.45 m, back 0.85 m high."""
    for y in (0.72, -0.72):
        b.beam("iron-dark", (0.22, y, 0), (0.2, y, 0.43), 0.06)
        b.beam("iron-dark", (-0.24, y, 0), (-0.18, y, 0.43), 0.06)
        b.beam("iron-dark", (-0.24, y, 0.41), (0.24, y, 0.41), 0.06)
        b.beam("iron-dark", (-0.2, y, 0.42), (-0.3, y, 0.86), 0.05)
        b.tube("iron-dark", [(-0.25, y, 0.64), (0.05, y, 0.66), (0.22, y, 0.62), (0.22, y, 0.43)], 0.022, sides=4)
    for i in range(4):
        b.box(wood, (0.1, 1.8, 0.035), (-0.16 + 0.125 * i, 0, 0.44))
    for i in range(3):
        b.box(wood, (0.03, 1.8, 0.1), (-0.215 - 0.033 * i, 0, 0.52 + 0.125 * i), pitch=-0.23)


def bin_(b: Builder, *, style: str) -> None:
    """A litter bin: a slatted street bin of 0.9 m or a wheeled 240 l bin of 0.58 × 0.73 × 1.07 m (EN 840)."""
    if style == "street":
        with b.solid("cylinder"):
            b.cylinder("iron-dark", 0.24, 0.8, (0, 0, 0.02), sides=12)
            b.cylinder("iron-dark", 0.28, 0.05, sides=12)
            for i in range(12):
                t = i * np.pi / 6
                b.box("wood", (0.025, 0.11, 0.72), (0.255 * np.cos(t), 0.255 * np.sin(t), 0.07), yaw=t)
            b.lathe("iron-dark", [(0.29, 0.8), (0.29, 0.84), (0.2, 0.88)], sides=12)
            b.cylinder("paint-black", 0.17, 0.02, (0, 0, 0.875), sides=10)
        return
    with b.solid():
        b.box(style, (0.56, 0.5, 0.88), (0.0, 0, 0.1), taper=(1.25, 1.12))
        b.box(style, (0.73, 0.58, 0.07), (0.0, 0, 0.98), bevel=0.03)
        for y in (0.24, -0.24):
            b.cylinder("rubber", 0.1, 0.06, (-0.26, y, 0.1), sides=10, axis="y")
        b.box(style, (0.1, 0.44, 0.1), (0.2, 0, 0.0))
        b.tube(
            "plastic-grey",
            [(-0.34, 0.22, 0.98), (-0.4, 0.22, 1.03), (-0.4, -0.22, 1.03), (-0.34, -0.22, 0.98)],
            0.018,
            sides=4,
        )


def hydrant(b: Builder, *, paint: str) -> None:
    """A pillar hydrant, 0.85 m high, barrel 0.26 m across."""
    with b.solid("cylinder"):
        b.lathe(
            paint,
            [
                (0.19, 0),
                (0.19, 0.06),
                (0.12, 0.08),
                (0.12, 0.5),
                (0.15, 0.52),
                (0.15, 0.56),
                (0.13, 0.6),
                (0.11, 0.7),
                (0.05, 0.77),
                (0.04, 0.83),
                (0.0, 0.85),
            ],
            sides=12,
        )
        b.cylinder(paint, 0.055, 0.4, (0, 0, 0.42), sides=8, axis="y")
        b.cylinder(paint, 0.07, 0.2, (0.1, 0, 0.38), sides=8, axis="x")
        b.cylinder("steel", 0.05, 0.22, (0.1, 0, 0.38), sides=6, axis="x")
        for y in (0.2, -0.2):
            b.cylinder("steel", 0.065, 0.04, (0, y, 0.42), sides=6, axis="y")


def bollard(b: Builder, *, style: str) -> None:
    """A bollard: of cast iron on a street (0.95 m), or a mooring bollard on a quay (0.55 m, mushroom-headed)."""
    with b.solid("cylinder"):
        if style == "street":
            b.lathe(
                "iron-dark",
                [
                    (0.1, 0),
                    (0.1, 0.12),
                    (0.07, 0.15),
                    (0.065, 0.72),
                    (0.085, 0.74),
                    (0.085, 0.8),
                    (0.055, 0.83),
                    (0.08, 0.9),
                    (0.0, 0.97),
                ],
                sides=12,
            )
            b.cylinder("paint-white", 0.074, 0.06, (0, 0, 0.58), sides=12)
        elif style == "concrete":
            b.lathe(
                "concrete-light",
                [(0.18, 0), (0.18, 0.1), (0.13, 0.14), (0.11, 0.66), (0.06, 0.74), (0.0, 0.76)],
                sides=12,
            )
        else:
            b.lathe(
                "iron-dark",
                [
                    (0.3, 0),
                    (0.3, 0.06),
                    (0.18, 0.1),
                    (0.16, 0.32),
                    (0.27, 0.44),
                    (0.27, 0.5),
                    (0.12, 0.56),
                    (0.0, 0.57),
                ],
                sides=14,
            )
            b.ring("rope", 0.2, 0.035, (0, 0, 0.22), sides=14)
            b.ring("rope", 0.195, 0.035, (0, 0, 0.29), sides=14)


def mailbox(b: Builder, *, paint: str, style: str) -> None:
    """A letter box: a pillar box of 1.6 m or a box on a post of 1.25 m."""
    if style == "pillar":
        with b.solid("cylinder"):
            b.lathe("paint-black", [(0.27, 0), (0.27, 0.2), (0.24, 0.22)], sides=16)
            b.lathe(paint, [(0.235, 0.2), (0.235, 1.38), (0.28, 1.4), (0.28, 1.46), (0.18, 1.56), (0.0, 1.6)], sides=16)
            b.box("paint-black", (0.08, 0.24, 0.04), (0.21, 0, 1.24))
            b.box("paint-white", (0.05, 0.16, 0.2), (0.22, 0, 0.92))
        return
    with b.solid():
        b.box("steel", (0.09, 0.09, 0.75))
        b.box("steel", (0.3, 0.3, 0.03))
        b.box(paint, (0.36, 0.46, 0.5), (0, 0, 0.72), bevel=0.06)
        b.box("paint-black", (0.37, 0.32, 0.04), (0, 0, 1.06))
        b.box("paint-black", (0.375, 0.26, 0.15), (0, 0, 0.85))


def bus_stop(b: Builder) -> None:
    """A bus shelter, 4.0 × 1.5 × 2.5 m, glazed on three sides, with bench, timetable and flag."""
    for x in (-0.62, 0.55):
        for y in (-1.9, 1.9):
            b.box("frame-dark", (0.08, 0.08, 2.35), (x, y, 0))
    with b.solid():
        for i in range(3):
            b.box("glass", (0.03, 1.16, 1.75), (-0.62, -1.24 + 1.24 * i, 0.35))
            b.box("frame-dark", (0.05, 0.05, 2.35), (-0.62, -0.62 + 1.24 * min(i, 1), 0))
        b.box("frame-dark", (0.05, 3.8, 0.06), (-0.62, 0, 0.3))
    for y in (1.9, -1.9):
        with b.solid():
            b.box("glass" if y > 0 else "sign-white", (0.95, 0.04, 1.75), (-0.05, y, 0.35))
    with b.solid():
        b.box("frame-dark", (1.5, 4.0, 0.1), (0.05, 0, 2.33))
        b.box("paint-blue", (1.52, 4.02, 0.14), (0.05, 0, 2.4), taper=(0.97, 0.98))
        b.box("lamp-glow-white", (0.14, 3.0, 0.03), (0.0, 0, 2.305))
    with b.solid():
        b.box("wood", (0.36, 2.3, 0.05), (-0.35, -0.3, 0.45))
        for y in (-1.2, 0.6):
            b.box("steel", (0.28, 0.06, 0.45), (-0.35, y, 0))
    b.box("paint-red", (0.05, 0.4, 0.55), (-0.05, 1.93, 1.2))
    with b.solid("cylinder"):
        b.cylinder("steel", 0.035, 2.8, (0.7, 2.3, 0), sides=8)
    b.box("sign-blue", (0.04, 0.5, 0.5), (0.7, 2.3, 2.3))
    b.box("paint-white", (0.05, 0.3, 0.2), (0.7, 2.3, 2.47))
    b.light = (0.0, 0.0, 2.2)


def parasol(b: Builder, *, cloth: str) -> None:
    """A café parasol, 2.8 m across, 2.5 m high, on a heavy foot."""
    with b.solid("cylinder"):
        b.cylinder("concrete-grey", 0.28, 0.1, sides=10)
    with b.solid("cylinder"):
        b.cylinder("wood-light", 0.028, 2.4, (0, 0, 0.05), sides=8)
    ring = [
        [[r * np.cos(t), r * np.sin(t), z] for t in np.arange(8) * np.pi / 4]
        for r, z in ((1.4, 1.93), (1.4, 2.05), (0.75, 2.32), (0.05, 2.47))
    ]
    inner = [
        [[r * np.cos(t), r * np.sin(t), z - 0.03] for t in np.arange(8) * np.pi / 4]
        for r, z in ((0.05, 2.46), (0.74, 2.31), (1.37, 2.05), (1.37, 1.93))
    ]
    b.add(cloth, shapes.loft(inner + ring))
    b.ball("wood-light", 0.08, (0, 0, 2.48), detail=0)
    for i in range(8):
        t = i * np.pi / 4
        b.beam(
            "wood-light", (0.03 * np.cos(t), 0.03 * np.sin(t), 2.0), (0.72 * np.cos(t), 0.72 * np.sin(t), 2.26), 0.018
        )


def planter(b: Builder, *, box: str, bloom: str, name: str) -> None:
    """A planter with flowers, 0.9 × 0.45 m, 0.5 m high without its plants, some 260 kg of wet soil and wood: nobody pushes it."""
    rng = stream(0, "planter", name)
    with b.solid():
        b.box(box, (0.9, 0.45, 0.46), taper=(1.06, 1.1))
        b.box(box, (0.98, 0.53, 0.06), (0, 0, 0.44))
        b.box("soil", (0.86, 0.42, 0.02), (0, 0, 0.49))
    for i in range(3):
        clump(b, "foliage-oak", (0.42, 0.42, 0.36), (-0.27 + 0.27 * i, 0, 0.58), rng, rough=0.22)
    for i in range(9):
        x, y = -0.36 + 0.09 * i + float(rng.uniform(-0.03, 0.03)), (0.15, -0.14, 0.02)[i % 3]
        b.ball(bloom, (0.12, 0.12, 0.09), (x, y, 0.73 + 0.05 * (i % 3)), detail=0, crease=0.99)


def chair(b: Builder, *, wood: str, frame: str) -> None:
    """A café chair, seat 0.45 m, back 0.85 m high, 0.45 m wide."""
    for x in (-0.19, 0.19):
        for y in (-0.18, 0.18):
            with b.solid():
                b.box(frame, (0.035, 0.035, 0.44), (x, y, 0))
    with b.solid():
        b.box(wood, (0.44, 0.43, 0.035), (0, 0, 0.43), bevel=0.01)
    with b.solid():
        for y in (-0.18, 0.18):
            b.beam(frame, (-0.2, y, 0.44), (-0.25, y, 0.86), 0.03)
        for z in (0.58, 0.7, 0.8):
            b.box(wood, (0.025, 0.4, 0.075), (-0.213 - (z - 0.44) * 0.1, 0, z), pitch=-0.12)


def table(b: Builder, *, style: str) -> None:
    """A table, 0.75 m high: round café table of 0.75 m, or a wooden picnic-style one of 1.6 × 0.8 m."""
    if style == "round":
        with b.solid("cylinder"):
            b.cylinder("paint-white", 0.375, 0.03, (0, 0, 0.72), sides=16)
        with b.solid("cylinder"):
            b.cylinder("iron-dark", 0.03, 0.7, (0, 0, 0.02), sides=8)
        with b.solid():
            for i in range(2):
                b.box("iron-dark", (0.6, 0.06, 0.03), yaw=i * np.pi / 2)
        return
    with b.solid():
        for i in range(5):
            b.box(style, (1.6, 0.15, 0.04), (0, -0.32 + 0.16 * i, 0.71))
        b.box("wood-dark", (1.4, 0.04, 0.08), (0, 0.3, 0.63))
        b.box("wood-dark", (1.4, 0.04, 0.08), (0, -0.3, 0.63))
    for x in (-0.66, 0.66):
        for y in (-0.3, 0.3):
            with b.solid():
                b.box("wood-dark", (0.07, 0.07, 0.71), (x, y, 0))


TABLE = (
    Recipe("bench", bench, 65, (
        variant("wooden", wood="wood"),
        variant("green wooden", wood="planks-green"),
        variant("dark wooden", wood="wood-dark"),
    )),
    Recipe("bin", bin_, 28, (
        variant("street", style="street", mass_kg=45, is_fixed=True),
        variant("green wheeled", style="paint-green", mass_kg=30),
        variant("blue wheeled", style="paint-blue", mass_kg=30),
    ), is_movable=True),
    Recipe("hydrant", hydrant, 120, (variant("red", paint="paint-red"), variant("yellow", paint="paint-yellow"))),
    Recipe("bollard", bollard, 60, (
        variant("iron street", style="street"),
        variant("mooring quay", style="quay", mass_kg=280),
        variant("concrete", style="concrete", mass_kg=130),
    )),
    Recipe("mailbox", mailbox, 90, (
        variant("red", paint="paint-red", style="pillar"),
        variant("yellow", paint="paint-yellow", style="post"),
        variant("blue", paint="paint-blue", style="post"),
    )),
    Recipe("bus-stop", bus_stop, 900),
    Recipe("parasol", parasol, 50, (
        variant("white", cloth="fabric-white"),
        variant("red", cloth="fabric-red"),
        variant("green", cloth="fabric-green"),
        variant("blue", cloth="fabric-blue"),
    )),
    Recipe("planter", planter, 260, (
        variant("wooden red", box="wood", bloom="flowers-red", name="1"),
        variant("concrete violet", box="concrete-light", bloom="flowers-violet", name="2"),
        variant("dark yellow", box="planks-black", bloom="flowers-yellow", name="3"),
    )),
    Recipe("chair", chair, 5, (
        variant("wooden", wood="wood-light", frame="iron-dark"),
        variant("red", wood="paint-red", frame="steel"),
    ), is_movable=True),
    Recipe("table", table, 18, (
        variant("round white", style="round"),
        variant("wooden", style="wood", mass_kg=28),
    ), is_movable=True),
)  # fmt: skip
