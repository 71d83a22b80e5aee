"""Trees: broad-leaved crowns on branching wood, tiered pines, palms, willows; bare or in their season's colours."""

import numpy as np

from scene_gen.kit.branches import branches, trunk, upright_rings
from scene_gen.kit.builder import SOFT, Builder
from scene_gen.kit.leaves import blades, crown
from scene_gen.kit.leaves import spread as even
from scene_gen.kit.recipe import Recipe, variant
from scene_gen.kit.shapes import Points
from scene_gen.seeds import stream


def broadleaf(b: Builder, *, name: str, height: float, width: float, stem: float, girth: float, leaf: str,
              second: str = "", shade: str = "foliage-dark", bark: str = "bark", clumps: int = 8, is_bare: bool = False,
              crown_share: float = 0.72, lean: float = 0.04, fruit: str = "", tufts: int = 380, leaf_m: float | None = None,
              hang: float = 0.35, slim: float = 0.5, clump_share: float = 0.42) -> None:  # fmt: skip
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
    branches(b, bark, top - [0, 0, 0.1 * stem], reach, girth * 0.45, 5, rng, depth=0, rise=0.75, sides=4)
    crown(b, leaf, (top[0], top[1], middle), (width, width, depth), clumps, rng, second=second, shade=shade, tufts=tufts,
          leaf_m=leaf_m, hang=hang, slim=slim, clump_share=clump_share)  # fmt: skip
    if fruit:
        spots = even(14) * [1, 1, -0.75] * np.array([width, width, depth]) * 0.5
        for spot in spots + [top[0], top[1], middle]:
            b.ball(fruit, 0.13, spot, detail=-1)


def conifer(b: Builder, *, name: str, height: float, spread: float, tiers: int, girth: float,
            leaf: str = "foliage-pine", shade: str = "foliage-shade", stem: float = 0.12, boughs: int = 26) -> None:  # fmt: skip
    """A pine or spruce: whorls of drooping boughs, longest below, about a dark inside; 8-18 m when grown."""
    rng = stream(0, "tree", name)
    with b.solid("cylinder"):
        points = np.array([[0, 0, 0], [0, 0, 0.35], [0, 0, height * 0.93]])
        b.loft("bark", upright_rings(points, [girth * 1.35, girth, girth * 0.12], 6))
    low = height * stem
    share = np.concatenate([np.full(max(round(boughs * (1 - i / tiers) ** 0.7), 4), i / tiers) for i in range(tiers)])
    share = np.clip(share + rng.uniform(-0.35, 0.35, len(share)) / tiers, 0, 0.985)
    turn = np.arange(len(share)) * 2.39996 + rng.uniform(-0.25, 0.25, len(share))
    reach = (spread / 2 * (1 - share) ** 0.85 + 0.1) * rng.uniform(0.78, 1.1, len(share))
    away = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(len(turn))])
    lift = 0.35 * share - 0.72 + rng.uniform(-0.12, 0.12, len(turn))
    ways = away + np.outer(lift, [0, 0, 1])
    roots = np.column_stack([away[:, :2] * 0.06 * reach[:, None], low + (height - low) * share + 0.62 * reach])
    with b.levels("01"):
        b.lathe(
            shade,
            [(0.0, low), (0.24 * spread, low + 0.08 * height), (0.13 * spread, 0.5 * height), (0.0, height)],
            sides=7,
        )
        for k, material in enumerate((leaf, leaf, shade)):
            some = slice(k, None, 3)
            blades(b, material, roots[some], ways[some], 0.8 * away[some] + [0, 0, 0.7],
                   1.25 * reach[some], 0.21 * spread * (1 - share[some]) ** 0.4 + 0.2, fold=0.25, widest=0.6, one_of=3)  # fmt: skip
    with b.levels("2"):
        for base, wide, tall in ((low, 0.9, 0.55), (low + 0.36 * (height - low), 0.62, 0.64)):
            b.cylinder(leaf, spread / 2 * wide, (height - low) * tall, (0, 0, base), top=0.0, sides=6)


def palm(b: Builder, *, name: str, height: float, fronds: int = 18, lean: float = 0.12, reach: float = 3.1) -> None:
    """A coconut or date palm: a ringed, leaning trunk of 6-11 m, arching feathered fronds of 2.5-3 m, nuts."""
    rng = stream(0, "tree", name)
    z = np.linspace(0, height, 8)
    bow = lean * height * (z / height) ** 1.7
    points = np.column_stack([bow, np.zeros(8), z])
    radii = np.where(np.arange(8) % 2 == 0, 1.0, 0.82) * np.linspace(0.2, 0.13, 8)
    radii[0] = 0.3
    with b.solid("cylinder"):
        b.loft("bark-palm", upright_rings(points[:3], radii[:3], 7))
    with b.solid("hull"):
        b.loft("bark-palm", upright_rings(points[2:], radii[2:], 7))
    head = points[-1]
    inner = np.arange(fronds) >= fronds - 6
    turn = np.arange(fronds) * 2.39996 + rng.uniform(-0.15, 0.15, fronds)
    rise = np.where(inner, 1.1, rng.uniform(0.15, 0.7, fronds))
    length = reach * np.where(inner, 0.75, rng.uniform(0.88, 1.06, fronds))
    with b.levels("01"):
        _fronds(b, head, turn, rise, length)
    for i in range(3):
        b.ball("wood-dark", 0.24, head + [0.2 * np.cos(i * 2.1), 0.2 * np.sin(i * 2.1), -0.2], detail=-1)
    with b.levels("2"):
        for i in range(3):
            b.box("foliage-palm", (2 * reach * 0.85, 0.5, 0.1), head + [0, 0, 0.1], yaw=i * np.pi / 3, taper=(0.5, 0.9))


def _fronds(b: Builder, head: Points, turn: Points, rise: Points, length: Points) -> None:
    """Arching ribs with leaflets that hang from both sides, longest in the middle."""
    share = np.linspace(0, 1, 6)
    away = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(len(turn))])
    run = np.sin(np.minimum(share * 1.25, 1.6)) / np.sin(1.25) * length[:, None] * np.cos(rise * 0.6)[:, None]
    lift = length[:, None] * (np.sin(rise)[:, None] * share * 1.1 - 0.78 * share**2.2)
    ribs = head + run[..., None] * away[:, None] + lift[..., None] * [0, 0, 1]
    b.tubes("foliage-palm", ribs[:, ::2], np.tile([0.05, 0.035, 0.0], (len(turn), 1)), sides=3)
    at = (np.arange(9) + 0.6) / 9
    index = np.minimum((at * 5).astype(int), 4)
    roots = ribs[:, index] + (ribs[:, index + 1] - ribs[:, index]) * (at * 5 - index)[:, None]
    along = ribs[:, index + 1] - ribs[:, index]
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    side = np.column_stack([-np.sin(turn), np.cos(turn), np.zeros(len(turn))])[:, None]
    long = 0.36 * length[:, None] * np.sin(np.pi * (0.16 + 0.8 * at)) ** 0.8
    for k, (sign, material) in enumerate(((1, "foliage-palm"), (-1, "foliage-palm-light"))):
        ways = 0.8 * along + sign * side - np.array([0, 0, 0.35])
        kept = slice(k % 2, None, 1)
        blades(b, material, roots[:, kept].reshape(-1, 3), ways[:, kept].reshape(-1, 3),
               np.tile([0.0, 0.0, 1.0], (roots[:, kept].size // 3, 1)), long[:, kept].ravel(), 0.34 * long[:, kept].ravel(),
               fold=0.15, one_of=4)  # fmt: skip


def cypress(b: Builder, *, name: str, height: float, spread: float) -> None:
    """A Mediterranean cypress: a dark flame of 8-14 m by 1.4-2 m, its sprays pressed upwards."""
    rng = stream(0, "tree", name)
    trunk(b, "bark", 0.14 * height, 0.16, rng, lean=0.0, top=0.9)
    share = np.array([0.0, 0.04, 0.14, 0.27, 0.45, 0.66, 0.85, 1.0])
    wide = np.array([0.2, 0.62, 0.86, 0.95, 0.92, 0.72, 0.4, 0.0]) * spread / 2
    z = 0.06 * height + share * 0.94 * height
    b.lathe("foliage-dark", list(zip(wide.tolist(), z.tolist(), strict=True)), sides=9, crease=SOFT)
    count = 150
    at = (np.arange(count) + 0.5) / count * 0.9
    turn = np.arange(count) * 2.39996
    away = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(count)])
    out = np.interp(at, share, wide) * 0.92
    roots = away * out[:, None] + np.outer(0.06 * height + at * 0.94 * height, [0, 0, 1])
    long = spread * rng.uniform(0.5, 0.85, count) * (1.1 - 0.5 * at)
    with b.levels("01"):
        for k, material in enumerate(("foliage-dark", "foliage-pine", "foliage-dark")):
            some = slice(k, None, 3)
            blades(
                b,
                material,
                roots[some],
                0.3 * away[some] + [0, 0, 1],
                away[some],
                long[some],
                0.42 * long[some],
                one_of=5,
            )


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
        count = 170
        twig = np.arange(count) * 2.39996
        ring = spread / 2 * np.sqrt(0.22 + 0.78 * (np.arange(count) + 0.5) / count) * 0.97
        top_z = height * (0.97 - 0.5 * (ring / spread * 2) ** 2.4) * rng.uniform(0.9, 1.03, count)
        away = np.column_stack([np.cos(twig), np.sin(twig), np.zeros(count)])
        roots = away * ring[:, None] + np.outer(top_z, [0, 0, 1])
        long = np.minimum(height * rng.uniform(0.25, 0.62, count), top_z - height * rng.uniform(0.06, 0.3, count))
        for k, name in enumerate(("foliage-light", "foliage-oak", "foliage-light")):
            some = slice(k, None, 3)
            blades(b, name, roots[some], 0.12 * away[some] - [0, 0, 1], away[some], long[some],
                   0.075 * spread * rng.uniform(0.6, 1.1, len(long[some])), widest=0.3, one_of=4)  # fmt: skip
    crown(b, "foliage-light", (0, 0, 0.74 * height), (0.86 * spread, 0.86 * spread, 0.42 * height), 6, rng, shade="foliage-oak",
          second="foliage-light", tufts=190, hang=1.1, slim=0.36, leaf_m=0.15 * height)  # fmt: skip


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
            second="foliage-light",),
        variant("broad", name="oak-2", height=9.5, width=9.6, stem=2.5, girth=0.34, leaf="foliage-oak",
            second="foliage-dark",),
        variant("small", name="oak-3", height=8.0, width=6.6, stem=2.4, girth=0.24, leaf="foliage-oak",
            second="foliage-light",),
    ), recolored={"autumn": _AUTUMN_ORANGE}, is_bare_in_winter=True),
    Recipe("maple", broadleaf, 2500, (
        variant("tall", name="maple-1", height=11.0, width=8.0, stem=2.8, girth=0.27, leaf="foliage-light",
            second="foliage-oak",),
        variant("small", name="maple-2", height=8.2, width=6.6, stem=2.3, girth=0.21, leaf="foliage-oak",
            second="foliage-light",),
    ), recolored={"autumn": _AUTUMN_RED}, is_bare_in_winter=True),
    Recipe("birch", broadleaf, 900, (
        variant("tall slender", name="birch-1", height=13.0, width=5.0, stem=4.2, girth=0.17, leaf="foliage-light",
            bark="bark-birch", clumps=8, crown_share=0.76, lean=0.03),
        variant("slender", name="birch-2", height=10.5, width=4.2, stem=3.4, girth=0.14, leaf="foliage-light",
            bark="bark-birch", clumps=8, crown_share=0.75, lean=0.05),
    ), recolored={"autumn": _AUTUMN_YELLOW}, is_bare_in_winter=True),
    Recipe("cherry-tree", broadleaf, 400, (
        variant("small", name="cherry-tree-1", height=5.8, width=5.6, stem=1.7, girth=0.16, leaf="foliage-light",
            second="foliage-oak", clumps=8, crown_share=0.68),
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
            clumps=8, lean=0.16, crown_share=0.66),
        variant("small", name="olive-tree-2", height=4.1, width=3.8, stem=1.2, girth=0.2, leaf="foliage-olive",
            clumps=8, lean=0.12, crown_share=0.68),
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
