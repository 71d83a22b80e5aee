"""Trees: broad-leaved crowns on branching wood, tiered pines, palms, willows; bare or in their season's colours."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.branches import branches, crown, leaves, trunk, upright_rings
from scene_gen.kit.branches import spread as even
from scene_gen.kit.builder import FLAT, Builder
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.seeds import stream


def broadleaf(b: Builder, *, name: str, height: float, width: float, stem: float, girth: float, leaf: str,
              second: str = "", bark: str = "bark", clumps: int = 10, is_bare: bool = False, crown_share: float = 0.72,
              lean: float = 0.04, fruit: str = "", rough: float = 0.17) -> None:  # fmt: skip
    """A tree of `height` whose crown is `width` wide and starts above `stem`; `girth` is the trunk's radius [m].

    Free-standing town trees: oak 9-14 m, birch 12-16 m, maple 9-13 m, cherry 5-7 m, olive 4-6 m, apple 3.5-5 m.
    """
    rng = stream(0, "tree", name)
    depth = height * crown_share
    middle = height - depth / 2
    top = trunk(b, bark, stem, girth, rng, lean=lean)
    reach = 0.44 * width
    if is_bare:
        branches(b, bark, top - [0, 0, 0.12 * stem], 0.47 * (height - stem), girth * 0.5, 6, rng, depth=2, rise=0.95,
                 forks=3)  # fmt: skip
        b.tube(bark, [top - [0, 0, 0.2], [top[0], top[1], height]], [girth * 0.55, 0.0], sides=5)
        return
    branches(b, bark, top - [0, 0, 0.1 * stem], reach, girth * 0.45, 5, rng, depth=0, rise=0.75)
    crown(b, leaf, (top[0], top[1], middle), (width, width, depth), clumps, rng, second=second, rough=rough)
    if fruit:
        spots = even(14) * [1, 1, -0.75] * np.array([width, width, depth]) * 0.5
        for spot in spots + [top[0], top[1], middle]:
            b.ball(fruit, 0.13, spot, detail=-1)


def conifer(b: Builder, *, name: str, height: float, spread: float, tiers: int, girth: float,
    leaf: str = "foliage-pine",
            stem: float = 0.12) -> None:  # fmt: skip
    """A pine or spruce of `tiers` skirts of drooping, ragged boughs; young plantation to full-grown, 8-18 m."""
    rng = stream(0, "tree", name)
    with b.solid("cylinder"):
        points = np.array([[0, 0, 0], [0, 0, 0.35], [0, 0, height * 0.93]])
        b.loft("bark", upright_rings(points, [girth * 1.35, girth, girth * 0.12], 8))
    low = height * stem
    for i in range(tiers):
        share = i / tiers
        base = low + (height - low) * share**0.94 * 0.93
        top = low + (height - low) * min((share + 1.75 / tiers), 1.0)
        top = height if i == tiers - 1 else min(top, height * 0.985)
        _tier(b, leaf, base, top, spread / 2 * (1 - share) ** 0.85 + 0.12, rng, far="2" if i in (0, tiers // 2) else "")


def _tier(b: Builder, leaf: str, base: float, top: float, reach: float, rng: np.random.Generator, *, far: str) -> None:
    """One skirt: an apex, a ragged rim whose boughs hang, and a hollow below."""

    def skirt(sides: int) -> shapes.Shape:
        turn = np.arange(sides) * 2 * np.pi / sides + turn0
        out = np.where(np.arange(sides) % 2 == 0, 1.0, 0.7) * lengths[:sides]
        rim = np.column_stack([out * np.cos(turn), out * np.sin(turn), base + sags[:sides] * (out - 0.7)])
        waist = np.column_stack([0.52 * np.cos(turn), 0.52 * np.sin(turn), np.full(sides, base + 0.42 * (top - base))])
        rim[:, :2] *= reach
        waist[:, :2] *= reach
        root = np.tile([0.0, 0.0, base + 0.24 * (top - base)], (sides, 1))
        apex = np.tile([0.0, 0.0, top], (sides, 1))
        return shapes.loft(np.stack([root, rim, waist, apex]))

    turn0 = float(rng.uniform(0, 6.28))
    lengths, sags = rng.uniform(0.86, 1.0, 20), -rng.uniform(0.4, 1.1, 20) * 0.55 * reach
    fine = skirt(18)
    coarse = skirt(8)
    with b.levels("01"):
        b.add(leaf, lambda level: fine if level == 0 else coarse, crease=FLAT)
    if far:
        with b.levels("2"):
            b.cylinder(leaf, reach * 0.95, (top - base) * 2.3, (0, 0, base), top=0.0, sides=6)


def palm(b: Builder, *, name: str, height: float, fronds: int = 16, lean: float = 0.12, reach: float = 3.1) -> None:
    """A coconut or date palm: a ringed, leaning trunk of 6-11 m, arching feathered fronds of 2.5-3 m, nuts."""
    rng = stream(0, "tree", name)
    z = np.linspace(0, height, 8)
    bow = lean * height * (z / height) ** 1.7
    points = np.column_stack([bow - bow[-1] * 0.0, np.zeros(8), z])
    radii = np.where(np.arange(8) % 2 == 0, 1.0, 0.82) * np.linspace(0.2, 0.13, 8)
    radii[0] = 0.3
    with b.solid("cylinder"):
        b.loft("bark", upright_rings(points[:3], radii[:3], 8))
    with b.solid("hull"):
        b.loft("bark", upright_rings(points[2:], radii[2:], 8))
    head = points[-1]
    for i in range(fronds):
        inner = i >= fronds - 5
        turn = i * 2.39996 + float(rng.uniform(-0.15, 0.15))
        rise = 1.05 if inner else float(rng.uniform(0.25, 0.6))
        _frond(b, head, turn, rise, reach * (0.72 if inner else float(rng.uniform(0.88, 1.05))))
    for i in range(5):
        b.ball("wood-dark", 0.22, head + [0.2 * np.cos(i * 1.26), 0.2 * np.sin(i * 1.26), -0.18], detail=0)
    with b.levels("2"):
        for i in range(3):
            b.box("foliage-palm", (2 * reach * 0.9, 0.5, 0.1), head + [0, 0, 0.1], yaw=i * np.pi / 3, taper=(0.5, 0.9))


def _frond(b: Builder, head: np.ndarray, turn: float, rise: float, length: float) -> None:
    share = np.linspace(0, 1, 7)
    run = length * np.sin(np.minimum(share * 1.25, 1.6)) / np.sin(1.25)
    lift = length * (np.sin(rise) * share * 1.1 - 0.78 * share**2.2)
    width = 0.42 * np.sin(np.pi * np.clip(share * 0.9 + 0.1, 0, 1)) ** 0.7
    width *= np.where(np.arange(7) % 2 == 0, 1.0, 0.7)
    width[-1] = 0.03
    away = np.array([np.cos(turn), np.sin(turn), 0.0])
    side = np.array([-np.sin(turn), np.cos(turn), 0.0])
    spine = head + run[:, None] * away * np.cos(rise * 0.6) + lift[:, None] * [0, 0, 1]
    edge = side * width[:, None] - np.outer(0.55 * width, [0, 0, 1])
    other = -side * width[:, None] - np.outer(0.55 * width, [0, 0, 1])
    with b.levels("01"):
        b.sheet("foliage-palm", np.stack([spine + edge, spine, spine + other], axis=1), 0.04, crease=FLAT)


def cypress(b: Builder, *, name: str, height: float, spread: float) -> None:
    """A Mediterranean cypress: a dark spindle of 8-14 m by 1.4-2 m."""
    rng = stream(0, "tree", name)
    trunk(b, "bark", 0.14 * height, 0.16, rng, lean=0.0, top=0.9)
    share = np.array([0.0, 0.04, 0.14, 0.27, 0.4, 0.53, 0.66, 0.79, 0.9, 1.0])
    wide = np.array([0.25, 0.62, 0.88, 1.0, 0.98, 0.9, 0.76, 0.54, 0.28, 0.0]) * spread / 2
    z = 0.06 * height + share * 0.94 * height

    def make(level: int) -> shapes.Shape:
        sides = (14, 8, 5)[level]
        keep = (slice(None), [0, 2, 4, 7, 9], [0, 4, 9])[level]
        points = np.column_stack([np.zeros((len(z), 2)), z])[keep]
        rings = upright_rings(points, wide[keep], sides)
        wobble = stream(0, "tree", name, "skin").uniform(0.82, 1.1, rings.shape[:2])
        wobble[-1] = 1.0
        rings[..., :2] *= wobble[..., None]
        rings[1:-1, :, 2] += (stream(0, "tree", name, "lift").uniform(-0.35, 0.35, rings.shape[:2]) * 0.07 * height)[
            1:-1
        ]
        return shapes.loft(rings)

    b.add("foliage-dark", make, crease=0.2)


def willow(b: Builder, *, name: str, height: float, spread: float, is_bare: bool = False) -> None:
    """A weeping willow of 8-11 m: a domed crown whose curtains of twigs hang nearly to the ground."""
    rng = stream(0, "tree", name)
    top = trunk(b, "bark", 0.36 * height, 0.38, rng, lean=0.06)
    branches(b, "bark", top - [0, 0, 0.3], 0.42 * height, 0.17, 6, rng, depth=1 if is_bare else 0, rise=0.8, droop=0.1)
    strands = 36
    turn = np.arange(strands) * 2.39996
    out = spread / 2 * np.sqrt(0.3 + 0.7 * (np.arange(strands) + 0.5) / strands)
    foot = rng.uniform(0.07, 0.26, strands) * height
    hang = height * (0.95 - 0.42 * (out / spread * 2) ** 2.2)
    x, y = out * np.cos(turn), out * np.sin(turn)
    if is_bare:
        start = np.column_stack([x * 0.5, y * 0.5, np.full(strands, height * 0.72)])
        middle, end = np.column_stack([x * 0.92, y * 0.92, hang * 0.85]), np.column_stack([x, y, foot + 0.4])
        b.tubes("bark", np.stack([start, middle, end], axis=1), np.tile([0.05, 0.03, 0.0], (strands, 1)), sides=3)
        return
    with b.levels("01"):
        wide = 0.075 * spread * rng.uniform(0.75, 1.25, strands)
        rise = np.array([0.0, 0.28, 0.7, 1.0])
        z = foot[:, None] + rise * (hang - foot)[:, None]
        bow = 1 + 0.06 * (1 - rise) - 0.28 * rise**3
        path = np.stack([x[:, None] * bow, y[:, None] * bow, z], axis=-1)
        radii = wide[:, None] * [0.0, 0.8, 1.0, 0.6]
        for k, name in ((0, "foliage-light"), (1, "foliage-oak"), (2, "foliage-light")):
            b.tubes(name, path[k::3], radii[k::3], sides=5)
        at = np.concatenate([even(9) * [0.3 * spread, 0.3 * spread, 0.14 * height], [[0, 0, 0.08 * height]]])
        sizes = np.tile([0.42 * spread, 0.42 * spread, 0.26 * height], (10, 1))
        leaves(b, "foliage-light", at + [0, 0, 0.74 * height], sizes, rng)
    with b.levels("2"):
        b.cylinder("foliage-light", spread * 0.47, height * 0.85, (0, 0, height * 0.12), top=spread * 0.22, sides=6)


def dead_tree(b: Builder, *, name: str, height: float) -> None:
    """A dead tree of 6-8 m: grey wood, broken top, few bare boughs."""
    rng = stream(0, "tree", name)
    top = trunk(b, "planks-weathered", 0.62 * height, 0.3, rng, lean=0.1, top=0.5)
    branches(b, "planks-weathered", top - [0, 0, 0.1], 0.42 * height, 0.15, 3, rng, depth=2, rise=0.85, forks=2)
    branches(b, "planks-weathered", top * 0.72, 0.28 * height, 0.09, 2, rng, depth=1, rise=0.5, forks=2)


_AUTUMN_ORANGE = {"foliage-oak": "foliage-autumn-orange", "foliage-light": "foliage-autumn-yellow",
                  "foliage-dark": "foliage-autumn-red"}  # fmt: skip
_AUTUMN_YELLOW = {"foliage-oak": "foliage-autumn-yellow", "foliage-light": "foliage-autumn-yellow",
                  "foliage-dark": "foliage-autumn-orange"}  # fmt: skip
_AUTUMN_RED = {"foliage-oak": "foliage-autumn-red", "foliage-light": "foliage-autumn-orange",
               "foliage-dark": "foliage-autumn-red"}  # fmt: skip
_BLOSSOM = {"foliage-light": "foliage-blossom", "foliage-oak": "foliage-blossom", "foliage-dark": "flowers-white"}


TABLE = (
    Recipe("oak", broadleaf, 3500, (
        variant("tall broad", name="oak-1", height=11.5, width=10.5, stem=3.0, girth=0.38, leaf="foliage-oak",
            second="foliage-light", clumps=11),
        variant("broad", name="oak-2", height=9.5, width=9.6, stem=2.5, girth=0.34, leaf="foliage-oak",
            second="foliage-dark", clumps=10),
        variant("small", name="oak-3", height=8.0, width=6.6, stem=2.4, girth=0.24, leaf="foliage-oak",
            second="foliage-light", clumps=8),
    ), recolored={"autumn": _AUTUMN_ORANGE}, is_bare_in_winter=True),
    Recipe("maple", broadleaf, 2500, (
        variant("tall", name="maple-1", height=11.0, width=8.0, stem=2.8, girth=0.27, leaf="foliage-light",
            second="foliage-oak", clumps=10),
        variant("small", name="maple-2", height=8.2, width=6.6, stem=2.3, girth=0.21, leaf="foliage-oak",
            second="foliage-light", clumps=9),
    ), recolored={"autumn": _AUTUMN_RED}, is_bare_in_winter=True),
    Recipe("birch", broadleaf, 900, (
        variant("tall slender", name="birch-1", height=13.0, width=5.0, stem=4.2, girth=0.17, leaf="foliage-light",
            bark="bark-birch", clumps=9, crown_share=0.76, lean=0.03, rough=0.22),
        variant("slender", name="birch-2", height=10.5, width=4.2, stem=3.4, girth=0.14, leaf="foliage-light",
            bark="bark-birch", clumps=8, crown_share=0.75, lean=0.05, rough=0.22),
    ), recolored={"autumn": _AUTUMN_YELLOW}, is_bare_in_winter=True),
    Recipe("cherry-tree", broadleaf, 400, (
        variant("small", name="cherry-tree-1", height=5.8, width=5.6, stem=1.7, girth=0.16, leaf="foliage-light",
            second="foliage-oak", clumps=9, crown_share=0.68),
        variant("small", name="cherry-tree-2", height=4.9, width=4.6, stem=1.5, girth=0.13, leaf="foliage-light",
            second="foliage-oak", clumps=8, crown_share=0.68),
    ), recolored={"autumn": _AUTUMN_RED, "blossom": _BLOSSOM}, is_bare_in_winter=True),
    Recipe("fruit-tree", broadleaf, 250, (
        variant("small", name="fruit-tree-1", height=4.4, width=4.2, stem=1.4, girth=0.13, leaf="foliage-oak",
            second="foliage-light", clumps=8, crown_share=0.7, fruit="paint-red"),
        variant("small", name="fruit-tree-2", height=3.9, width=3.6, stem=1.2, girth=0.11, leaf="foliage-light",
            second="foliage-oak", clumps=8, crown_share=0.7, fruit="paint-yellow"),
    ), recolored={"autumn": _AUTUMN_YELLOW, "blossom": {**_BLOSSOM, "foliage-light": "flowers-white"}},
        is_bare_in_winter=True),
    Recipe("olive-tree", broadleaf, 500, (
        variant("old gnarled", name="olive-tree-1", height=5.2, width=5.0, stem=1.5, girth=0.3, leaf="foliage-olive",
            clumps=8, lean=0.16, rough=0.22, crown_share=0.66),
        variant("small", name="olive-tree-2", height=4.1, width=3.8, stem=1.2, girth=0.2, leaf="foliage-olive",
            clumps=8, lean=0.12, rough=0.22, crown_share=0.68),
    )),
    Recipe("pine", conifer, 1800, (
        variant("tall", name="pine-1", height=15.0, spread=5.8, tiers=10, girth=0.27),
        variant("", name="pine-2", height=11.5, spread=5.0, tiers=8, girth=0.22),
        variant("small young", name="pine-3", height=7.5, spread=3.8, tiers=7, girth=0.16, leaf="foliage-dark",
            stem=0.08),
    )),
    Recipe("palm", palm, 600, (
        variant("tall", name="palm-1", height=9.0, lean=0.13),
        variant("straight", name="palm-2", height=6.8, lean=0.03, fronds=17, reach=3.3),
    )),
    Recipe("cypress", cypress, 900, (
        variant("tall", name="cypress-1", height=12.0, spread=2.0),
        variant("", name="cypress-2", height=8.5, spread=1.7),
    )),
    Recipe("willow", willow, 2200, (
        variant("weeping", name="willow-1", height=9.5, spread=9.0),
    ), recolored={"autumn": _AUTUMN_YELLOW}, is_bare_in_winter=True),
    Recipe("dead-tree", dead_tree, 700, (
        variant("dead bare", name="dead-tree-1", height=7.5),
        variant("dead bare small", name="dead-tree-2", height=5.5),
    )),
)  # fmt: skip
