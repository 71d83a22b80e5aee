"""Plants that are not trees, and what the field yields: bushes, hedges, cacti, flowers, reeds, vines, hay."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.branches import clump
from scene_gen.kit.builder import FLAT, ROUND, Builder
from scene_gen.kit.leaves import crown
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def bush(b: Builder, *, name: str, width: float, height: float, leaf: str, bloom: str = "") -> None:
    """A garden bush, 0.9-1.8 m: overlapping clumps, with flowers on some."""
    rng = stream(0, "plant", name)
    crown(b, leaf, (0, 0, 0.44 * height), (0.92 * width, 0.92 * width, 1.12 * height), 5, rng, clump_share=0.6,
          shade="foliage-dark", tufts=110, leaf_m=0.34 * height)  # fmt: skip
    with b.levels("01"):
        b.tube("bark", [[0, 0, 0], [0.02, 0, 0.4 * height]], [0.04, 0.02], sides=5)
        if bloom:
            for _ in range(18):
                turn, up = rng.uniform(0, 6.28), rng.uniform(0.25, 1.2)
                b.ball(bloom, 0.11, (0.46 * width * np.cos(turn) * np.cos(up), 0.46 * width * np.sin(turn) * np.cos(up),
                                     0.22 * height + 0.72 * height * np.sin(up)), detail=-1)  # fmt: skip


def hedge(b: Builder) -> None:
    """A clipped hedge, 2.0 × 0.6 × 1.2 m (garden hedges are kept at 1-1.5 m), to be set end to end."""
    rng = stream(0, "plant", "hedge")
    x, z = np.linspace(-1, 1, 9), np.array([0.0, 0.4, 0.8, 1.13, 1.2])
    half = np.array([0.27, 0.3, 0.3, 0.28, 0.2])
    ring = np.concatenate([np.column_stack([half, z]), np.column_stack([-half, z])[::-1]])
    rings = np.concatenate([np.broadcast_to(x[:, None, None], (9, 10, 1)), np.broadcast_to(ring, (9, 10, 2))], axis=2)
    bump = rng.uniform(-0.035, 0.035, rings.shape[:2])
    bump[:, [0, -1]] = 0
    rings[1:-1, :, 1] += bump[1:-1] * np.sign(rings[1:-1, :, 1])
    rings[1:-1, :, 2] += np.where(rings[1:-1, :, 2] > 1.1, bump[1:-1] - 0.035, 0.0)
    b.add(
        "foliage-dark",
        lambda level: shapes.loft(rings) if level == 0 else shapes.loft(rings[[0, 4, 8]][:, [0, 3, 6, 9]]),
    )


def cactus(b: Builder) -> None:
    """A saguaro cactus of 3.6 m with two upturned, ribbed arms (grown ones reach 3-12 m)."""

    def column(points: list[list[float]], radius: float) -> None:
        way = np.array(points)
        b.tube("foliage-cactus", way, [radius * 0.9, *([radius] * (len(way) - 2)), radius * 0.25], sides=8)

    with b.solid("cylinder"):
        b.lathe("foliage-cactus", [(0.2, 0), (0.26, 0.4), (0.27, 2.2), (0.24, 3.2), (0.14, 3.52), (0.0, 3.6)], sides=14)
    for i in range(7):
        turn = i * 2 * np.pi / 7
        b.tube(
            "foliage-dark",
            [[0.25 * np.cos(turn), 0.25 * np.sin(turn), 0.3], [0.255 * np.cos(turn), 0.255 * np.sin(turn), 3.1]],
            0.03,
            sides=3,
        )
    with b.solid("hull"):
        column([[0, 0.1, 1.3], [0, 0.62, 1.35], [0, 0.8, 1.6], [0, 0.82, 2.5], [0, 0.82, 2.7]], 0.17)
    with b.solid("hull"):
        column([[0, -0.1, 1.0], [0, -0.55, 1.02], [0, -0.72, 1.25], [0, -0.74, 1.95], [0, -0.74, 2.12]], 0.15)
    b.ball("flowers-pink", 0.16, (0, 0, 3.6), detail=0)


def flower_bed(b: Builder, *, name: str, blooms: tuple[str, ...]) -> None:
    """A planted bed of 2.0 × 1.0 m with a low stone edge."""
    rng = stream(0, "plant", name)
    with b.solid():
        for y in (-0.46, 0.46):
            b.box("stone-grey", (2.0, 0.08, 0.16), (0, y, 0))
        for x in (-0.96, 0.96):
            b.box("stone-grey", (0.08, 0.84, 0.16), (x, 0, 0))
        b.box("soil", (1.84, 0.84, 0.12))
    spots = [(x, y) for x in np.linspace(-0.8, 0.8, 9) for y in np.linspace(-0.32, 0.32, 4)]
    for i, (x, y) in enumerate(spots):
        x, y = x + rng.uniform(-0.06, 0.06), y + rng.uniform(-0.06, 0.06)
        tall = float(rng.uniform(0.26, 0.4))
        b.cylinder("foliage-oak", 0.11, tall - 0.12, (x, y, 0.1), top=0.02, sides=4, yaw=float(rng.uniform(0, 1.5)))
        b.ball(blooms[i % len(blooms)], (0.15, 0.15, 0.11), (x, y, tall), detail=0, crease=FLAT)


def reed(b: Builder) -> None:
    """A stand of reed, 1.8 m high, 1.2 m across, with brown spikes."""
    rng = stream(0, "plant", "reed")
    for i in range(30):
        turn, out = i * 2.4, 0.5 * np.sqrt((i + 0.5) / 30)
        x, y = out * np.cos(turn), out * np.sin(turn)
        lean = np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(0.05, 0.32)
        tall = float(rng.uniform(1.1, 1.72))
        tip = [x + lean[0], y + lean[1], tall]
        middle = [x + 0.3 * lean[0], y + 0.3 * lean[1], tall * 0.6]
        b.tube("foliage-light" if i % 3 else "foliage-dry", [[x, y, 0], middle, tip], [0.022, 0.016, 0.0], sides=3)
        if i % 4 == 0:
            b.cylinder("wood-dark", 0.03, 0.22, (middle[0], middle[1], tall * 0.86), sides=5)
            b.tube("foliage-dry", [[x, y, 0], [middle[0], middle[1], tall * 0.9]], 0.01, sides=3)


def vine(b: Builder) -> None:
    """A stretch of a vineyard row, 2.4 × 0.7 × 1.6 m: two posts, wires, three vines (rows stand 1.5-1.8 m high)."""
    rng = stream(0, "plant", "vine")
    with b.solid():
        for x in (-1.15, 1.15):
            b.box("planks-weathered", (0.07, 0.07, 1.6), (x, 0, 0))
        for z in (0.75, 1.35):
            b.beam("steel", (-1.15, 0, z), (1.15, 0, z), 0.015)
        for x in (-0.78, 0.0, 0.78):
            b.tube("bark", [[x, 0, 0], [x + 0.05, 0.03, 0.4], [x, 0, 0.85]], [0.05, 0.035, 0.03], sides=5)
        for i in range(9):
            x = -0.96 + i * 0.24
            clump(b, "foliage-oak" if i % 2 else "foliage-light", (0.44, 0.46, float(rng.uniform(0.62, 0.85))),
                  (x, float(rng.uniform(-0.05, 0.05)), 1.05), rng, rough=0.26)  # fmt: skip
    for i in range(8):
        b.ball(
            "flowers-violet", (0.1, 0.1, 0.17), (-0.9 + i * 0.26, 0.2 if i % 2 else -0.2, 0.72), detail=-1, crease=FLAT
        )


def hay_bale(b: Builder, *, is_round: bool) -> None:
    """A round bale, 1.2 m in diameter and wide, or a square one of 1.0 × 0.5 × 0.45 m (common balers)."""
    if is_round:
        with b.solid("box"):
            b.add("straw", lambda level: shapes.frustum((20, 10, 6)[level]), (0, 0.6, 0.6), roll=np.pi / 2,
                  scale=(0.6, 0.6, 1.2), crease=ROUND)  # fmt: skip
            for y in (-0.4, 0.0, 0.4):
                b.ring("rope", 0.596, 0.012, (0, y, 0.6), roll=np.pi / 2, sides=16, tube_sides=3)
        return
    with b.solid():
        b.box("straw", (1.0, 0.5, 0.45), bevel=0.03)
        for x in (-0.25, 0.25):
            b.box("rope", (0.02, 0.506, 0.453), (x, 0, 0))


TABLE = (
    Recipe("bush", bush, 40, (
        variant("green", name="bush-1", width=1.6, height=1.3, leaf="foliage-oak"),
        variant("flowering pink", name="bush-2", width=1.3, height=1.1, leaf="foliage-dark", bloom="flowers-pink"),
        variant("small", name="bush-3", width=1.0, height=0.85, leaf="foliage-light"),
        variant("dry", name="bush-4", width=1.2, height=0.8, leaf="foliage-dry"),
    )),
    Recipe("hedge", hedge, 80, (variant("clipped green"),)),
    Recipe("cactus", cactus, 800, (variant("green"),)),
    Recipe("flower-bed", flower_bed, 250, (
        variant("colorful red yellow", name="flower-bed-1", blooms=("flowers-red", "flowers-yellow", "flowers-white")),
        variant("colorful pink violet", name="flower-bed-2", blooms=("flowers-pink", "flowers-violet",
            "flowers-white")),
        variant("blue yellow", name="flower-bed-3", blooms=("flowers-blue", "flowers-yellow")),
    )),
    Recipe("reed", reed, 15),
    Recipe("vine", vine, 60, recolored={"autumn": {"foliage-oak": "foliage-autumn-red",
        "foliage-light": "foliage-autumn-yellow"}}),
    Recipe("hay-bale", hay_bale, 60, (
        variant("round", mass_kg=220, is_round=True),
        variant("square small", mass_kg=18, is_round=False),
    ), is_movable=True),
)  # fmt: skip
