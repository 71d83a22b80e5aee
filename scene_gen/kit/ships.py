"""Larger vessels: ferry, cargo ship, tugboat and yacht; the bow along X, afloat at z = 0."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.hulls import Hull, cabin, fender, hull, railing
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def ferry(b: Builder, *, side: str, band: str) -> None:
    """A coastal passenger and car ferry, 38 × 9.6 m, draft 2.2 m, two decks of windows (typical 30-60 m)."""
    h = Hull(38, 9.6, 2.2, 2.0, bulwark=1.1, bow_rise=0.6, stern=0.95, fullness=0.85, rake=2.2, boot=0.3)
    hull(b, h, bottom="paint-red", side=side, deck="concrete-dark", rail="paint-white")
    with b.solid():
        cabin(
            b, "paint-white", (24, 8.2, 2.7), (-2.5, 0, 2.0), roof="paint-white", panes=7, front_panes=5, overhang=0.3
        )
    with b.solid():
        cabin(
            b, "paint-white", (17, 7.2, 2.5), (-3.0, 0, 4.8), roof="paint-white", panes=7, front_panes=5, overhang=0.4
        )
        b.box(band, (24.2, 8.26, 0.3), (-2.5, 0, 2.6))
    with b.solid():
        cabin(b, "paint-white", (4.2, 6.4, 2.3), (2.6, 0, 7.4), roof=band, panes=2, front_panes=5, overhang=0.25)
        b.box("paint-white", (1.4, 8.4, 1.0), (3.4, 0, 7.4))
    with b.solid():
        b.box(band, (2.8, 2.2, 3.2), (-7.0, 0, 7.4), taper=(0.8, 0.85))
        b.box("paint-white", (2.62, 2.1, 0.5), (-7.0, 0, 9.0))
        b.box("paint-black", (2.3, 1.9, 0.35), (-7.0, 0, 10.55))
    b.cylinder("paint-white", 0.12, 4.0, (1.8, 0, 9.7), top=0.06, sides=6)
    b.box("paint-white", (0.2, 2.0, 0.16), (1.8, 0, 12.2))
    b.box("steel", (0.16, 3.0, 0.1), (1.8, 0, 11.2))
    for y in (1, -1):
        for x in (-9.2, -4.2):
            with b.at((x, y * 4.15, 8.2)):
                b.ball("paint-orange", (3.2, 1.1, 1.1), detail=0)
                for dx in (-1, 1):
                    b.beam("paint-white", (dx, -y * 0.5, -0.8), (dx, -y * 0.1, 0.75), 0.12)
        railing(
            b, np.array([[x, y * 3.9, 7.38] for x in np.linspace(-11.2, 0.2, 4)]), height=1.0, material="paint-white"
        )
        for x in np.linspace(-15.5, 9, 6):
            b.ball("glass", (0.5, 0.1, 0.5), (x, y * 4.62, 1.35), detail=-1)
    b.box("steel", (0.25, 5.4, 2.6), (-18.9, 0, 2.0), pitch=-0.15)
    b.box("road-marking", (9, 0.15, 0.04), (13.0, 0, 2.32))
    b.tube("steel", [(15.5, 0, 2.3), (15.5, 0, 6.0)], 0.08, sides=4)
    for y in (0.9, -0.9):
        b.cylinder("iron-dark", 0.3, 0.6, (15.6, y * 1.5, 2.4), sides=8)
    b.box("sign-white", (5.0, 8.32, 0.8), (6.0, 0, 3.0))


def cargo_ship(b: Builder, *, side: str, name: str) -> None:
    """A container feeder, 88 × 13.6 m, draft 4.6 m, bridge aft, three tiers of boxes (typical coaster 80-100 m)."""
    h = Hull(88, 13.6, 4.6, 3.6, bulwark=0.9, bow_rise=2.6, stern=0.9, fullness=0.95, rake=4.5, boot=0.9, stations=10)
    hull(b, h, bottom="paint-red", side=side, deck="paint-brown", rail="paint-white")
    rng = stream(0, "cargo", name)
    colors = (
        "corrugated-blue",
        "corrugated-red",
        "corrugated-green",
        "corrugated-grey",
        "corrugated-rust",
        "paint-orange",
    )
    with b.solid():
        b.box("paint-brown", (56, 11.6, 1.5), (1.5, 0, 3.7), bevel=0.2)
        for bay in range(4):
            x = -19.6 + 13.9 * bay
            for row in range(4):
                for tier in range(int(rng.integers(1, 4)) if row % 2 else 2):
                    b.box(
                        colors[int(rng.integers(0, 6))], (12.19, 2.44, 2.55), (x, (row - 1.5) * 2.56, 5.2 + tier * 2.6)
                    )
    with b.solid():
        cabin(
            b,
            "paint-white",
            (9, 11.8, 7.2),
            (-34, 0, 3.8),
            roof="paint-white",
            panes=4,
            front_panes=5,
            sill=0.72,
            head=0.84,
        )
        for z in (5.0, 7.0):
            for y in np.linspace(-4.6, 4.6, 5):
                b.box("glass", (9.06, 1.0, 0.8), (-34, float(y), z))
        cabin(
            b,
            "paint-white",
            (5.5, 9.4, 3.0),
            (-33, 0, 11.1),
            roof="paint-white",
            panes=3,
            front_panes=7,
            sill=0.42,
            head=0.85,
            overhang=0.3,
        )
        b.box("paint-white", (2.2, 14.2, 1.1), (-31.8, 0, 11.1))
    with b.solid():
        b.box("paint-blue", (3.2, 3.4, 5.6), (-40.2, 0, 5.2), taper=(0.8, 0.85), bevel=0.0)
        b.box("paint-white", (3.0, 3.3, 0.9), (-40.2, 0, 8.4))
    b.cylinder("paint-white", 0.22, 5.5, (-33.5, 0, 14.2), top=0.12, sides=6)
    b.box("paint-white", (0.3, 4.0, 0.25), (-33.5, 0, 17.5))
    b.cylinder("paint-white", 0.3, 9.0, (36.5, 0, 5.6), top=0.16, sides=6)
    for y in (1, -1):
        with b.at((-39.5, y * 5.1, 8.6)):
            b.ball("paint-orange", (5.6, 2.0, 2.0), detail=0)
        b.box("paint-white", (5.0, 1.2, 0.3), (-39.5, y * 5.4, 7.4))
        b.box("sign-white", (7, 0.12, 1.1), (33.0, y * 6.1, 3.7), yaw=-y * 0.22)
        for x in (30, 34, 38):
            b.cylinder("iron-dark", 0.35, 0.8, (x, y * 2.6, 4.9 + (x - 30) * 0.12), sides=6)
        b.tube("paint-white", h.rail(y, lift=0.9)[6:], 0.06, sides=3)


def tugboat(b: Builder, *, side: str, house: str) -> None:
    """A harbour tug, 22 × 8 m, draft 3 m, ringed with tyres, with tow winch and two funnels (typical 20-32 m)."""
    h = Hull(22, 8, 3.0, 1.3, bulwark=0.9, bow_rise=1.3, stern=0.86, fullness=0.8, rake=1.6, boot=0.25)
    hull(b, h, bottom="paint-red", side=side, deck="paint-green", rail="rubber")
    with b.solid():
        cabin(
            b, house, (8.4, 5.0, 2.6), (1.2, 0, 1.35), roof="paint-white", panes=4, front_panes=3, sill=0.5, head=0.75
        )
    with b.solid():
        cabin(
            b,
            house,
            (3.6, 3.9, 2.7),
            (2.2, 0, 4.05),
            roof="paint-white",
            panes=3,
            front_panes=4,
            sill=0.4,
            head=0.88,
            overhang=0.2,
        )
    for y in (1, -1):
        with b.solid():
            b.cylinder("paint-orange", 0.5, 2.6, (-1.7, y * 1.5, 4.0), top=0.42, sides=10)
            b.cylinder("paint-black", 0.44, 0.6, (-1.7, y * 1.5, 6.6), top=0.4, sides=10)
        for x in np.linspace(-8.6, 8.0, 5):
            s = (x + 11) / 22
            half = float(h.half_width(np.array([s]))[0])
            fender(
                b,
                (float(x), y * (half + 0.08), 1.15 + max(0.0, x - 2) * 0.1),
                radius=0.5,
                yaw=-y * max(0.0, (x - 4) * 0.17),
            )
        b.box("lamp-glow-white", (0.3, 0.3, 0.25), (3.8, y * 1.3, 6.95))
    b.ball("rubber", (1.3, 2.8, 1.6), (10.4, 0, 2.2), detail=0)
    b.cylinder("paint-white", 0.14, 4.2, (1.2, 0, 6.8), top=0.08, sides=6)
    b.box("paint-white", (0.18, 1.9, 0.15), (1.2, 0, 8.6))
    b.box("steel", (0.12, 2.6, 0.1), (1.2, 0, 10.0))
    b.box("iron-dark", (1.8, 2.6, 0.5), (-5.0, 0, 1.35))
    b.cylinder("rust", 0.7, 2.2, (-5.0, 0, 2.2), sides=10, axis="y")
    b.cylinder("rope", 0.6, 1.9, (-5.0, 0, 2.2), sides=10, axis="y")
    for y in (0.9, -0.9):
        b.cylinder("iron-dark", 0.24, 1.2, (-8.2, y, 1.4), sides=8)
    b.beam("iron-dark", (-8.2, -1.3, 2.3), (-8.2, 1.3, 2.3), 0.22)
    b.tube("paint-yellow", [(-3.2, -2.3, 1.4), (-3.2, -2.3, 3.4), (-3.2, 2.3, 3.4), (-3.2, 2.3, 1.4)], 0.13, sides=6)


def yacht(b: Builder, *, side: str) -> None:
    """A motor yacht, 18 × 4.8 m, draft 1.2 m, with raked windows and a flying bridge (typical 15-24 m)."""
    h = Hull(18, 4.8, 1.2, 1.35, bulwark=0.3, bow_rise=0.7, stern=0.9, fullness=0.5, rake=2.6, boot=0.12)
    hull(b, h, bottom="paint-navy", side=side, deck="wood-light", rail="chrome")

    def house(
        wall: str, x0: float, x1: float, half: float, z0: float, z1: float, lean: float, aft: float = 0.0
    ) -> None:
        low = np.array([[x0, half, z0], [x1, half * 0.8, z0], [x1, -half * 0.8, z0], [x0, -half, z0]])
        top = np.array(
            [
                [x0 + aft, half * 0.9, z1],
                [x1 - lean, half * 0.68, z1],
                [x1 - lean, -half * 0.68, z1],
                [x0 + aft, -half * 0.9, z1],
            ]
        )
        b.loft(wall, np.stack([low, top]), crease=0.99)

    with b.solid():
        house("paint-white", -5.6, 5.6, 2.0, 1.35, 2.25, 0.8)
        house("glass", -5.0, 4.75, 1.84, 2.24, 2.95, 1.7)
        house("paint-white", -6.6, 3.2, 1.9, 2.94, 3.16, 0.5)
    with b.solid():
        house("paint-white", -4.6, 1.9, 1.5, 3.15, 3.65, 0.5)
        house("glass", 0.6, 1.75, 1.2, 3.64, 4.05, 0.7)
        for y in (0.7, -0.7):
            b.box("fabric-white", (0.6, 0.7, 0.5), (-0.6, y, 3.6), bevel=0.05)
        b.box("fabric-blue", (1.4, 2.2, 0.4), (-3.2, 0, 3.62), bevel=0.05)
    for y in (1.55, -1.55):
        b.beam("paint-white", (-3.4, y, 3.2), (-2.5, y * 0.85, 4.9), 0.3, 0.14)
        b.tube("chrome", h.rail(np.sign(y), inset=0.05, lift=0.55)[5:], 0.025, sides=4)
        for point in h.rail(np.sign(y), inset=0.05)[5:]:
            b.beam("chrome", point, point + [0, 0, 0.55], 0.03)
        for x in (-3.0, 0.0, 3.0):
            b.ball("glass", (0.9, 0.1, 0.26), (x, np.sign(y) * 2.34, 0.98), detail=0)
    b.box("paint-white", (1.0, 2.8, 0.16), (-2.5, 0, 4.86), bevel=0.04)
    b.cylinder("paint-white", 0.3, 0.3, (-2.5, 0, 5.02), sides=10)
    b.cylinder("steel", 0.025, 1.8, (-2.5, 0.8, 5.0), sides=4)
    b.box("wood-light", (1.2, 4.0, 0.12), (-9.3, 0, 0.3))
    b.box("fabric-white", (0.7, 2.8, 0.45), (-7.9, 0, 1.4), bevel=0.06)
    b.box("fabric-white", (1.8, 1.6, 0.2), (4.6, 0, 2.26), bevel=0.06)


TABLE = (
    Recipe("ferry", ferry, 620000, (
        variant("white blue", side="paint-navy", band="paint-blue"),
        variant("white red", side="paint-white", band="paint-red"),
    ), is_afloat=True),
    Recipe("cargo-ship", cargo_ship, 3200000, (
        variant("blue", side="paint-navy", name="1"),
        variant("red", side="paint-red", name="2"),
        variant("black", side="paint-black", name="3"),
    ), is_afloat=True),
    Recipe("tugboat", tugboat, 350000, (
        variant("black", side="paint-black", house="paint-cream"),
        variant("blue", side="paint-blue", house="paint-white"),
    ), is_afloat=True),
    Recipe("yacht", yacht, 32000, (
        variant("white", side="paint-white"),
        variant("navy blue", side="paint-navy"),
    ), is_afloat=True),
)  # fmt: skip
