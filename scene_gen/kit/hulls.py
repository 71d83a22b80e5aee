"""Hulls: a closed body below and above the water line, a deck, bulwarks and rails, lofted from a few measures."""

from dataclasses import dataclass

import numpy as np

from scene_gen.kit.builder import ROUND, Builder
from scene_gen.kit.shapes import Points


@dataclass(frozen=True)
class Hull:
    """Measures [m] of a hull whose bow points along X and which floats at z = 0.

    `freeboard` is the deck's height amidships, `bulwark` the side's height above it, `bow_rise` what the bow adds,
    `stern` the transom's width as a share of the beam, `fullness` how late the bow narrows (0 to 1), `rake` how far
    the stem leans forward of its foot.
    """

    length: float
    beam: float
    draft: float
    freeboard: float
    bulwark: float = 0.0
    bow_rise: float = 0.6
    stern: float = 0.75
    fullness: float = 0.4
    rake: float = 1.0
    boot: float = 0.12
    """How far the bottom's paint reaches above the water [m]."""
    stations: int = 11

    def share(self) -> Points:
        """Stations from stern (0) to bow (1), closer together at the bow, shape (stations,)."""
        return np.linspace(0, 1, self.stations) ** 0.85

    def half_width(self, s: Points) -> Points:
        """Half breadth of the rail at stations `s` [m]."""
        aft = self.stern + (1 - self.stern) * np.sin(np.pi / 2 * np.clip(s / 0.45, 0, 1))
        start = 0.3 + 0.4 * self.fullness
        fore = 1 - np.clip((s - start) / (1 - start), 0, 1) ** (2.0 + self.fullness)
        return np.maximum(self.beam / 2 * np.minimum(aft, fore), 0.012 * self.beam)

    def deck_height(self, s: Points) -> Points:
        """Height of the deck at stations `s` [m]: it rises to the bow and a little to the stern."""
        return (
            self.freeboard
            + self.bow_rise * np.clip((s - 0.4) / 0.6, 0, 1) ** 2
            + 0.15 * self.bow_rise * (1 - np.clip(s / 0.4, 0, 1)) ** 2
        )

    def x(self, s: Points, z_share: float) -> Points:
        """Places along the hull at stations `s` and a height of 0 (keel) to 1 (rail): the stem leans."""
        foot = self.length / 2 - self.rake * (1 - z_share)
        return -self.length / 2 + s * (foot + self.length / 2)

    def rail(self, side: int, *, inset: float = 0.0, lift: float = 0.0) -> Points:
        """The rail's line on one side (+1 port), shape (stations,3)."""
        s = self.share()
        return np.column_stack(
            [self.x(s, 1.0), side * (self.half_width(s) - inset).clip(0.0), self.deck_height(s) + self.bulwark + lift]
        )


def hull(b: Builder, h: Hull, *, bottom: str, side: str, deck: str, rail: str = "", keel_share: float = 1.0) -> None:
    """Adds the hull with its deck; where there are bulwarks they stand open around it. It is one collider."""
    s = h.share()
    wide, high = h.half_width(s), h.deck_height(s)
    wl = wide * np.interp(s, [0, 0.5, 1], [0.88, 0.94, 0.55])
    deep = -h.draft * keel_share * np.clip(np.interp(s, [0, 0.25, 0.8, 1], [0.55, 1, 1, 0.12]), 0.1, 1)
    boot = np.full_like(s, h.boot)

    def ring(points: list[tuple[Points, Points, float]]) -> Points:
        port = [np.column_stack([h.x(s, share), y, z]) for y, z, share in points]
        mirrored = [np.column_stack([h.x(s, share), -y, z]) for y, z, share in reversed(points) if np.abs(y).max() > 0]
        return np.stack([*port, *mirrored], axis=1)

    with b.solid("hull"):
        b.loft(bottom, ring([(wl, boot, 0.35), (wl * 0.86, deep * 0.55, 0.15), (wl * 0.3, deep, 0.0)]))
        b.loft(
            side,
            ring(
                [
                    (wide * 0.985, high, 0.9),
                    (wl + 0.35 * (wide - wl), boot + 0.3 * (high - boot), 0.55),
                    (wl, boot, 0.35),
                ]
            ),
        )
    inner = wide * 0.985 - min(0.04, 0.02 * h.beam)
    plate = np.stack(
        [np.column_stack([h.x(s, 0.9) - 0.01, y.clip(0.004) * sign, high + lift])
         for sign, y, lift in ((1, inner, 0.03), (1, inner, 0.0), (-1, inner, 0.0), (-1, inner, 0.03))], axis=1,
    )  # fmt: skip
    b.loft(deck, plate, crease=0.9)
    for sign in (1, -1):
        top = h.rail(sign)
        if h.bulwark:
            foot = np.column_stack([h.x(s, 0.9), sign * wide * 0.985, high - 0.02])
            b.sheet(side, np.stack([foot, top], axis=1), max(0.05, 0.008 * h.beam), crease=ROUND)
        b.tube(rail or side, top, max(0.03, 0.006 * h.beam + 0.02), sides=4)
    if h.bulwark:
        half = float(wide[0])
        b.box(
            side, (0.06 + 0.004 * h.beam, 2 * half, h.bulwark + 0.02), (-h.length / 2 + 0.03, 0, float(high[0]) - 0.02)
        )
        b.box(rail or side, (0.12, 2 * half, 0.05), (-h.length / 2 + 0.04, 0, float(high[0]) + h.bulwark - 0.02))


def cabin(b: Builder, wall: str, size: tuple[float, float, float], at: tuple[float, float, float], *, roof: str,
          glass: str = "glass", sill: float = 0.5, head: float = 0.86, panes: int = 3, overhang: float = 0.12,
          front_panes: int = 3) -> None:  # fmt: skip
    """A deckhouse with rows of panes on all sides between `sill` and `head` (shares of its height), and a roof."""
    lx, ly, lz = size
    x, y, z = at
    b.box(wall, size, at, bevel=min(0.06, 0.03 * lz))
    low, tall = z + sill * lz, (head - sill) * lz
    for i in range(panes):
        step = lx * 0.9 / panes
        px = x - lx * 0.45 + step * (i + 0.5)
        b.box(glass, (step * 0.8, ly + 0.03, tall), (px, y, low))
    for i in range(front_panes):
        step = ly * 0.92 / front_panes
        py = y - ly * 0.46 + step * (i + 0.5)
        b.box(glass, (lx + 0.03, step * 0.82, tall), (x, py, low))
    b.box(roof, (lx + 2 * overhang, ly + 2 * overhang, 0.08 + 0.01 * lz), (x, y, z + lz), bevel=0.03)


def railing(b: Builder, line: Points, *, height: float = 1.0, material: str = "steel", every: int = 1) -> None:
    """Posts and two wires along a line (n,3) on the deck."""
    for point in line[::every]:
        b.beam(material, point, point + [0, 0, height], 0.035)
    for level in (0.55, 1.0):
        b.tube(material, line + [0, 0, height * level], 0.02, sides=3)


def life_ring(b: Builder, at: tuple[float, float, float], *, yaw: float = 0.0) -> None:
    """An orange life ring of 0.72 m hung upright, facing x before it is turned by `yaw`."""
    with b.at(at, yaw=yaw):
        b.ring("paint-orange", 0.28, 0.07, pitch=np.pi / 2, sides=10)


def fender(b: Builder, at: tuple[float, float, float], *, radius: float = 0.3, yaw: float = 0.0) -> None:
    """A car tyre hung at the side as a fender, facing y."""
    with b.at(at, yaw=yaw):
        b.ring("rubber", radius * 0.72, radius * 0.28, roll=np.pi / 2, sides=8, tube_sides=3)
