"""Small craft: fishing boats, sailing boats, rowing boats and motor boats; the bow along X, afloat at z = 0."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.builder import ROUND, Builder
from scene_gen.kit.hulls import Hull, cabin, fender, hull, life_ring, railing
from scene_gen.kit.recipe import Recipe, variant


def cutter(b: Builder, *, side: str, house: str, bottom: str = "paint-red", length: float = 12.0) -> None:
    """A coastal fishing cutter, 12 × 4.2 m, wheelhouse aft, mast and derrick, net drum, boxes (typical 10-15 m)."""
    k = length / 12.0
    h = Hull(
        length,
        4.2 * k,
        1.5 * k,
        0.85 * k,
        bulwark=0.62 * k,
        bow_rise=0.9 * k,
        stern=0.78,
        fullness=0.45,
        rake=1.6 * k,
        boot=0.16,
    )
    hull(b, h, bottom=bottom, side=side, deck="deck-planks", rail="wood-light")
    with b.at(scale=k):
        deck = 0.88
        with b.solid():
            cabin(b, house, (2.7, 2.3, 2.25), (-2.6, 0, deck), roof=side, panes=3)
            b.box("glass", (0.05, 0.6, 1.6), (-3.96, 0.5, deck + 0.1))
        b.box(house, (1.1, 1.7, 0.7), (-0.75, 0, deck), bevel=0.06)
        b.cylinder("steel", 0.03, 1.5, (-3.0, 0, deck + 2.3), sides=6)
        b.box("paint-white", (0.16, 1.2, 0.14), (-3.0, 0, deck + 3.3))
        b.cylinder("paint-white", 0.3, 0.22, (-2.2, 0.5, deck + 2.35), sides=8)
        b.box("lamp-glow-white", (0.2, 0.26, 0.18), (-1.5, 0, deck + 2.36))
        with b.solid("hull"):
            b.cylinder("wood", 0.1, 5.6, (0.7, 0, deck), top=0.06, sides=8)
        b.beam("wood", (0.7, 0, deck + 1.6), (3.9, 0, deck + 3.4), 0.1)
        b.beam("wood", (0.7, 0, deck + 4.0), (-1.2, 0, deck + 4.9), 0.07)
        for end in ((3.9, 0, deck + 3.4), (5.4, 0, 2.3), (0.1, 1.9, 1.5), (0.1, -1.9, 1.5), (-3.0, 0, deck + 3.7)):
            b.tube("iron-dark", [(0.7, 0, deck + 5.45), end], 0.016, sides=3)
        for y in (1.15, -1.15):
            b.beam("paint-yellow", (-5.2, y, deck), (-5.0, y, deck + 2.5), 0.14)
        b.beam("paint-yellow", (-5.0, -1.2, deck + 2.5), (-5.0, 1.2, deck + 2.5), 0.16)
        b.cylinder("rust", 0.42, 1.5, (-4.75, 0, deck + 0.5), sides=10, axis="y")
        b.cylinder("fabric-green", 0.36, 1.3, (-4.75, 0, deck + 0.5), sides=8, axis="y")
        b.box("iron-dark", (0.7, 1.2, 0.5), (1.7, 0, deck))
        b.cylinder("rust", 0.24, 1.4, (1.7, 0, deck + 0.6), sides=8, axis="y")
        for i, (x, y) in enumerate(((2.7, 0.55), (2.7, -0.1), (3.3, 0.2))):
            b.box(("paint-blue", "paint-orange", "paint-white")[i], (0.55, 0.42, 0.3), (x, y, deck + 0.1), yaw=0.1 * i)
        b.ball("fabric-green", (1.3, 1.1, 0.55), (3.9, -0.15, deck + 0.45), detail=1, crease=0.5)
        for y in (1, -1):
            life_ring(b, (-2.6, y * 1.2, deck + 0.65), yaw=y * np.pi / 2)
            for x in (-3.4, -0.6, 2.1):
                fender(b, (x, y * (2.17 if x < 2 else 2.0), 0.75), radius=0.32)
        b.tube("rope", [(4.9, 0.3, 2.35), (5.1, 0, 2.4), (4.9, -0.3, 2.35)], 0.05, sides=4)


def open_fishing_boat(b: Builder, *, side: str, stripe: str) -> None:
    """An open wooden fishing boat of 7.2 × 2.4 m with a small shelter forward, nets and floats (typical 6-8 m)."""
    h = Hull(7.2, 2.4, 0.55, 0.3, bulwark=0.5, bow_rise=0.55, stern=0.7, fullness=0.35, rake=0.9, boot=0.08)
    hull(b, h, bottom="paint-brown", side=side, deck="deck-planks", rail=stripe)
    with b.solid():
        cabin(b, "paint-white", (1.5, 1.35, 1.45), (0.9, 0, 0.3), roof=stripe, panes=2, overhang=0.08, front_panes=2)
    for x in (-0.6, -1.9, -2.9):
        b.box("wood", (0.28, 2.0, 0.05), (x, 0, 0.62))
    b.cylinder("wood", 0.05, 2.6, (0.0, 0, 0.3), sides=6)
    b.beam("wood", (0, 0, 2.5), (-2.4, 0, 1.9), 0.05)
    b.ball("fabric-green", (0.9, 1.0, 0.4), (-2.4, 0.1, 0.55), detail=1, crease=0.5)
    for i in range(4):
        b.ball("paint-orange", 0.2, (-1.3 + 0.22 * i, 0.7 - 0.3 * (i % 2), 0.45), detail=0)
    b.box("iron-dark", (0.3, 0.26, 0.5), (-3.62, 0, 0.45), bevel=0.05)
    b.box("iron-dark", (0.12, 0.1, 0.9), (-3.7, 0, -0.4))
    for y in (1, -1):
        fender(b, (-1.5, y * 1.24, 0.35), radius=0.2)


def sloop(b: Builder, *, side: str, stripe: str, cover: str, is_sailing: bool = False) -> None:
    """A cruising sloop, 9.6 × 3.1 m, mast 12 m above water, fin keel of 1.7 m draft (typical 30-foot cruiser)."""
    h = Hull(9.6, 3.1, 0.5, 0.95, bow_rise=0.35, stern=0.7, fullness=0.3, rake=1.2, boot=0.1, stations=12)
    hull(b, h, bottom="paint-navy", side=side, deck="paint-cream", rail="wood")
    for y in (1, -1):
        line = h.rail(y, lift=-0.2)
        line[:, 1] *= 0.995
        b.tube(stripe, line, 0.045, sides=4)
    b.box("iron-dark", (1.5, 0.22, 1.25), (0.1, 0, -1.7), taper=(1.3, 1.0))
    b.box("paint-white", (0.45, 0.08, 1.1), (-4.3, 0, -1.0))
    with b.solid():
        b.box("paint-white", (4.0, 1.9, 0.45), (0.7, 0, 0.98), taper=(0.88, 0.82))
        for x in (-0.6, 0.5, 1.6):
            for y in (1, -1):
                b.box("glass", (0.7, 0.05, 0.17), (x, y * 0.88, 1.14), roll=y * 0.3)
    b.box("wood-dark", (2.1, 1.3, 0.03), (-2.9, 0, 0.99))
    for y in (0.85, -0.85):
        b.box("paint-white", (2.3, 0.28, 0.3), (-2.9, y, 0.96), bevel=0.05)
    b.beam("wood", (-4.2, 0, 1.0), (-3.4, 0, 1.35), 0.05)
    b.ring("steel", 0.38, 0.025, (-3.75, 0, 1.55), pitch=np.pi / 2, sides=12)
    mast, boom_z = 0.55, 2.15
    with b.solid("hull"):
        b.cylinder("paint-silver", 0.09, 11.0, (mast, 0, 1.0), top=0.06, sides=8)
    b.beam("paint-silver", (mast, 0, boom_z), (-3.4, 0, boom_z + 0.12), 0.11)
    for end in ((4.65, 0, 1.35), (-4.7, 0, 1.05), (mast - 0.2, 1.5, 1.0), (mast - 0.2, -1.5, 1.0)):
        b.tube("steel", [(mast, 0, 11.8), end], 0.014, sides=3)
    for z in (5.0, 8.2):
        b.beam("paint-silver", (mast, -0.75, z), (mast, 0.75, z), 0.05)
    if is_sailing:
        up = np.linspace(0, 1, 6)
        for foot, peak, belly in (
            ((mast - 0.15, -3.3, boom_z + 0.25), (mast - 0.1, 11.6), 0.55),
            ((4.45, 0.75, 1.7), (mast + 0.35, 10.6), 0.6),
        ):
            luff, leech, z0 = foot
            top_x, top_z = peak
            rows = [
                [[x0 + (x1 - x0) * t, belly * np.sin(np.pi * t) * np.sin(np.pi * min(u + 0.15, 1.0)) + 0.25 * t,
                    z0 + (top_z - z0) * u]
                 for t in np.linspace(0, 1, 4)]
                for u, x0, x1 in zip(up, luff + (top_x - luff) * up, leech + (top_x - leech) * up)
            ]  # fmt: skip
            rows[-1] = [[p[0] - 0.03 * j, p[1], p[2]] for j, p in enumerate(rows[-1])]
            b.sheet("fabric-sail", rows, 0.03)
    else:
        roll = np.array(
            [
                [mast - 0.12, 0, boom_z + 0.28],
                [-0.8, 0, boom_z + 0.26],
                [-2.2, 0, boom_z + 0.27],
                [-3.35, 0, boom_z + 0.25],
            ]
        )
        b.tube(cover, roll, [0.26, 0.22, 0.17, 0.08], sides=7)
        b.tube("fabric-sail", [(4.6, 0, 1.5), (3.0, 0, 5.6), (mast + 0.4, 0, 11.2)], [0.05, 0.09, 0.03], sides=6)
    line = h.rail(1, inset=0.12)[1:]
    railing(b, line, height=0.55, every=2)
    railing(b, line * [1, -1, 1], height=0.55, every=2)


def rowing_boat(b: Builder, *, side: str, inside: str) -> None:
    """A clinker dinghy of 3.8 × 1.4 m with three thwarts and two oars (typical 3.5-4.5 m)."""
    s = np.linspace(0, 1, 9)
    half = np.maximum(
        0.7
        * np.minimum(
            0.72 + 0.28 * np.sin(np.pi / 2 * np.clip(s / 0.4, 0, 1)), 1 - np.clip((s - 0.35) / 0.65, 0, 1) ** 2.2
        ),
        0.02,
    )
    rim = 0.36 + 0.2 * np.clip((s - 0.4) / 0.6, 0, 1) ** 2 + 0.05 * (1 - np.clip(s / 0.4, 0, 1)) ** 2
    keel = -0.14 + 0.34 * np.clip((s - 0.75) / 0.25, 0, 1) ** 2
    turn = np.linspace(-1, 1, 9)

    def skin(shrink: float, lift: float) -> np.ndarray:
        y = np.sign(turn) * np.abs(turn) ** 0.8
        depth = np.abs(turn) ** 3.2
        x = (
            (-1.9 + 3.8 * s)[:, None]
            - 0.35 * ((1 - depth)[None] * np.clip((s - 0.5) / 0.5, 0, 1)[:, None])
            - shrink * (s[:, None] - 0.5) * 1.6
        )
        return np.stack(
            [
                x,
                y * np.maximum(half - shrink, 0.004)[:, None],
                keel[:, None] + lift + (rim - keel - lift)[:, None] * depth,
            ],
            axis=-1,
        )

    outer, inner = skin(0.0, 0.0), skin(0.045, 0.05)
    with b.solid("hull"):
        b.add(
            side,
            lambda level: shapes.sheet(outer, inner) if level == 0 else shapes.sheet(outer[::4, ::2], inner[::4, ::2]),
            crease=ROUND,
        )
    b.add(inside, shapes.sheet(inner + [0, 0, 0.006], inner + [0, 0, 0.0]), crease=ROUND)
    for edge in (0, -1):
        b.tube("wood-light", outer[:, edge] + [0, 0, 0.005], 0.032, sides=4)
    for x, wide in ((-1.4, 0.92), (-0.35, 1.14), (0.75, 0.84)):
        b.box("wood-light", (0.24, wide, 0.035), (x, 0, 0.24))
    b.box("wood-dark", (2.5, 0.5, 0.03), (-0.2, 0, -0.06))
    for y in (0.34, -0.34):
        b.beam("wood", (-1.5, y, 0.3), (0.9, y * 0.6, 0.3), 0.045)
        b.box("wood", (0.4, 0.14, 0.025), (1.05, y * 0.57, 0.3), yaw=-0.05 * np.sign(y))
    b.box("wood-dark", (0.05, 0.95, 0.36), (-1.88, 0, 0.02))
    b.tube("rope", [(1.75, 0, 0.5), (1.3, 0.1, 0.2), (1.1, -0.1, 0.05)], 0.02, sides=3)


def motor_boat(b: Builder, *, side: str, seat: str) -> None:
    """An open runabout of 6.2 × 2.3 m with windscreen and outboard (typical 5.5-7 m)."""
    h = Hull(6.2, 2.3, 0.4, 0.3, bulwark=0.55, bow_rise=0.35, stern=0.86, fullness=0.5, rake=1.1, boot=0.05)
    hull(b, h, bottom="paint-white", side=side, deck="deck-planks", rail="paint-white")
    s = np.linspace(0.52, 1, 6)
    wide = h.half_width(s)
    rings = [[[x, y, z + 0.02], [x, 0, z + 0.12], [x, -y, z + 0.02], [x, -y, z - 0.08], [x, y, z - 0.08]]
             for x, y, z in zip(h.x(s, 1.0), wide, h.deck_height(s) + h.bulwark)]  # fmt: skip
    with b.solid():
        b.loft("paint-white", rings)
        b.box("glass", (0.05, 1.75, 0.42), (0.1, 0, 0.98), pitch=-0.5)
        for y in (1, -1):
            b.box("glass", (0.75, 0.05, 0.34), (-0.28, y * 0.95, 0.94))
    for y in (0.5, -0.5):
        b.box(seat, (0.5, 0.55, 0.42), (-0.6, y, 0.33), bevel=0.05)
        b.box(seat, (0.14, 0.55, 0.5), (-0.88, y, 0.7), bevel=0.04)
    b.box("paint-white", (0.5, 1.9, 0.42), (-2.3, 0, 0.33), bevel=0.05)
    b.box(seat, (0.5, 1.8, 0.1), (-2.3, 0, 0.75), bevel=0.03)
    b.ring("iron-dark", 0.17, 0.02, (-0.12, 0.5, 1.0), pitch=1.1, sides=10)
    b.box("paint-black", (0.42, 0.4, 0.5), (-3.25, 0, 0.75), bevel=0.09)
    b.box("iron-dark", (0.2, 0.14, 1.15), (-3.3, 0, -0.4))
    b.box("steel", (0.04, 0.3, 0.04), (2.7, 0, 1.28))
    railing(b, h.rail(1, inset=0.06)[6:], height=0.3, every=2)
    railing(b, h.rail(-1, inset=0.06)[6:], height=0.3, every=2)


TABLE = (
    Recipe("fishing-boat", cutter, 16000, (
        variant("blue", side="paint-blue", house="paint-white"),
        variant("red", side="paint-red", house="paint-cream", bottom="paint-black"),
        variant("green", side="paint-green", house="paint-white", length=13.5, mass_kg=21000),
    ), is_afloat=True),
    Recipe("fishing-boat", open_fishing_boat, 1800, (
        variant("white small", side="paint-white", stripe="paint-blue"),
        variant("blue small wooden", side="paint-teal", stripe="paint-yellow"),
    ), is_afloat=True),
    Recipe("sailing-boat", sloop, 4200, (
        variant("white", side="paint-white", stripe="paint-navy", cover="fabric-blue"),
        variant("blue", side="paint-navy", stripe="paint-white", cover="fabric-red"),
        variant("white sailing", side="paint-white", stripe="paint-red", cover="fabric-red", is_sailing=True),
    ), is_afloat=True),
    Recipe("rowing-boat", rowing_boat, 110, (
        variant("wooden", side="planks-natural", inside="wood"),
        variant("blue", side="planks-blue", inside="wood-light"),
        variant("red", side="planks-red", inside="wood-light"),
    ), is_afloat=True),
    Recipe("motor-boat", motor_boat, 1300, (
        variant("white", side="paint-white", seat="fabric-red"),
        variant("navy blue", side="paint-navy", seat="fabric-white"),
    ), is_afloat=True),
)  # fmt: skip
