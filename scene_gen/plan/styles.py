"""Styles: what towns are built of, how high and with which roofs. One row a style."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Style:
    """Weights of wall and roof materials (scene_gen.kit.materials), roof shapes, and how high towns of this style grow.

    `lift` is added to the usual storeys; `grid` is how straight streets are; `lit` the share of windows lit at night.
    """

    walls: Mapping[str, float]
    roofs: Mapping[str, float]
    shapes: Mapping[str, float]
    lift: int = 0
    grid: float = 0.35
    lit: float = 0.45
    props: float = 1.0
    trees: float = 1.0
    storeys: Mapping[str, tuple[int, int]] = field(default_factory=dict)


STOREYS: dict[str, tuple[int, int]] = {
    "R": (2, 4), "S": (1, 2), "O": (2, 4), "C": (2, 5), "T": (9, 28), "I": (1, 2), "V": (2, 3), "E": (2, 4), "Q": (1, 3),
    "X": (1, 2),
}  # fmt: skip
"""Usual storeys by lattice letter, from the lowest to the highest."""

_PITCHED = {"gable": 6.0, "hip": 3.0}
_SLATE = {"shingles-slate": 5.0, "roof-tiles-dark": 2.0, "roof-tiles-red": 2.0}

STYLES: dict[str, Style] = {
    "maritime": Style(
        walls={"plaster-white": 3, "plaster-cream": 2, "plaster-yellow": 2, "plaster-rose": 2, "plaster-blue": 2,
               "plaster-mint": 1.5, "plaster-red": 1, "planks-white": 2, "planks-red": 1.5, "planks-blue": 1.5, "brick-red": 2},
        roofs=_SLATE, shapes={"gable": 6, "hip": 2, "mansard": 1.2}, grid=0.25, props=1.15,
    ),
    "nordic": Style(
        walls={"planks-red": 4, "planks-yellow": 2.5, "planks-white": 2.5, "planks-blue": 1.5, "planks-green": 1,
               "planks-black": 0.8},
        roofs={"shingles-slate": 4, "roof-tiles-dark": 2, "roof-metal": 1}, shapes={"gable": 9, "hip": 1}, grid=0.2,
        lit=0.6, storeys={"R": (1, 3), "O": (2, 3), "C": (2, 4)},
    ),
    "medieval": Style(
        walls={"plaster-cream": 4, "plaster-ochre": 2, "plaster-white": 2, "stone-grey": 3, "stone-warm": 2, "planks-dark": 1},
        roofs={"roof-tiles-red": 5, "roof-tiles-brown": 4, "thatch": 0.8, "shingles-wood": 1}, shapes={"gable": 9, "hip": 1.5},
        grid=0.03, lit=0.4, props=0.9, storeys={"O": (2, 4), "R": (2, 3), "C": (2, 4)},
    ),
    "mediterranean": Style(
        walls={"plaster-white": 3, "plaster-cream": 3, "plaster-ochre": 3, "plaster-terracotta": 2, "plaster-rose": 2,
               "plaster-yellow": 2, "stone-warm": 2},
        roofs={"roof-tiles-orange": 6, "roof-tiles-red": 3, "roof-tiles-brown": 1}, shapes={"hip": 5, "gable": 4, "flat": 1},
        grid=0.15, lit=0.45,
    ),
    "adobe": Style(
        walls={"plaster-adobe": 5, "plaster-sand": 5, "plaster-ochre": 1.5, "stone-warm": 1.2, "plaster-cream": 1},
        roofs={"roof-gravel": 3, "plaster-sand": 3, "plaster-adobe": 2}, shapes={"flat": 12, "dome": 0.8}, grid=0.1,
        lit=0.35, trees=0.8, storeys={"R": (1, 3), "O": (1, 3), "C": (1, 3), "S": (1, 2)},
    ),
    "arabic": Style(
        walls={"plaster-sand": 5, "plaster-white": 4, "plaster-adobe": 2, "stone-light": 2, "stone-warm": 2},
        roofs={"plaster-sand": 3, "roof-gravel": 3, "plaster-white": 2}, shapes={"flat": 10, "dome": 2}, grid=0.08, lit=0.4,
        trees=0.6, storeys={"R": (1, 4), "O": (2, 4), "C": (2, 4)},
    ),
    "neon": Style(
        walls={"curtain-wall-dark": 6, "curtain-wall-blue": 3, "concrete-dark": 4, "concrete-grey": 2, "curtain-wall-bronze": 1},
        roofs={"roof-gravel": 4, "roof-metal": 2}, shapes={"flat": 10}, lift=2, grid=0.85, lit=0.75, props=1.4, trees=0.4,
        storeys={"T": (10, 34), "C": (4, 10), "R": (4, 9), "I": (1, 3)},
    ),
    "futuristic": Style(
        walls={"curtain-wall-blue": 4, "curtain-wall-green": 2, "corrugated-white": 3, "concrete-light": 4, "curtain-wall-dark": 1.5},
        roofs={"roof-metal": 4, "roof-gravel": 2, "solar": 2}, shapes={"flat": 7, "dome": 2, "shed": 1.5}, lift=1, grid=0.7,
        lit=0.7, props=1.1, trees=1.1, storeys={"T": (10, 32), "C": (3, 9), "R": (3, 8)},
    ),
    "alpine": Style(
        walls={"planks-natural": 4, "planks-dark": 4, "plaster-white": 3, "stone-grey": 2, "planks-weathered": 1},
        roofs={"shingles-wood": 4, "shingles-slate": 3, "roof-tiles-brown": 2}, shapes={"gable": 11, "hip": 0.5}, grid=0.1,
        lit=0.6, trees=1.3, storeys={"R": (2, 3), "S": (1, 2), "O": (2, 3), "C": (2, 3), "V": (2, 3)},
    ),
    "asian": Style(
        walls={"plaster-white": 4, "planks-dark": 4, "planks-natural": 2, "plaster-cream": 2, "planks-weathered": 1},
        roofs={"roof-tiles-dark": 7, "shingles-slate": 2, "shingles-green": 1}, shapes={"hip": 8, "gable": 3}, grid=0.45,
        lit=0.55, props=1.2, storeys={"R": (1, 3), "O": (1, 2), "C": (2, 5), "S": (1, 2)},
    ),
    "industrial": Style(
        walls={"brick-red": 5, "brick-brown": 4, "brick-dark": 2, "corrugated-grey": 2, "corrugated-rust": 1.2, "concrete-grey": 2},
        roofs={"roof-metal": 4, "roof-gravel": 2, "shingles-slate": 3}, shapes={"gable": 4, "flat": 3, "sawtooth": 2.5, "shed": 1},
        grid=0.7, lit=0.3, trees=0.6, storeys={"I": (1, 3), "R": (2, 4)},
    ),
    "modern": Style(
        walls={"plaster-white": 4, "concrete-light": 3, "concrete-grey": 2, "brick-white": 1.5, "brick-brown": 1.5, "planks-natural": 1,
               "curtain-wall-blue": 1.5, "plaster-grey": 2},
        roofs={"roof-gravel": 5, "roof-metal": 2, "shingles-slate": 1.5}, shapes={"flat": 7, "shed": 1.5, "hip": 1, "gable": 1},
        lift=1, grid=0.65, storeys={"T": (9, 30), "C": (3, 8), "R": (3, 6)},
    ),
    "rustic": Style(
        walls={"plaster-cream": 3, "plaster-white": 3, "stone-warm": 2.5, "brick-red": 2, "plaster-ochre": 1.5, "planks-natural": 1.5,
               "brick-brown": 1, "plaster-yellow": 1.2},
        roofs={"roof-tiles-red": 5, "roof-tiles-brown": 3, "shingles-slate": 1.5, "thatch": 0.4}, shapes=_PITCHED, grid=0.2,
        storeys={"R": (1, 3), "S": (1, 2)},
    ),
    "victorian": Style(
        walls={"brick-red": 6, "brick-brown": 3, "brick-yellow": 2, "stone-light": 1.5, "brick-dark": 1},
        roofs={"shingles-slate": 8, "roof-tiles-dark": 2}, shapes={"gable": 5, "mansard": 4, "hip": 2}, grid=0.5, lit=0.5,
        props=1.1, storeys={"R": (2, 4), "C": (3, 5)},
    ),
    "american": Style(
        walls={"planks-white": 5, "planks-blue": 2, "planks-yellow": 2, "planks-green": 1.5, "brick-red": 2, "plaster-cream": 1.5},
        roofs={"shingles-grey": 5, "shingles-slate": 3, "shingles-wood": 1.5}, shapes={"gable": 6, "hip": 4}, grid=0.6,
        trees=1.2, storeys={"S": (1, 2), "R": (2, 3), "C": (1, 3)},
    ),
    "colonial": Style(
        walls={"plaster-yellow": 4, "plaster-white": 3, "plaster-rose": 3, "plaster-mint": 2, "plaster-blue": 2, "plaster-terracotta": 2},
        roofs={"roof-tiles-orange": 6, "roof-tiles-red": 3}, shapes={"hip": 6, "gable": 3, "flat": 1}, grid=0.75, lit=0.45,
        storeys={"R": (1, 3), "O": (2, 3), "C": (2, 3)},
    ),
    "abandoned": Style(
        walls={"concrete-dark": 3, "plaster-grey": 3, "brick-dark": 3, "planks-weathered": 2, "stone-dark": 2, "corrugated-rust": 1.5},
        roofs={"roof-metal": 2, "roof-tiles-brown": 3, "shingles-grey": 3}, shapes={"gable": 5, "flat": 4, "hip": 1}, grid=0.3,
        lit=0.02, props=0.5, trees=1.2,
    ),
    "colorful": Style(
        walls={"plaster-yellow": 2, "plaster-rose": 2, "plaster-red": 2, "plaster-blue": 2, "plaster-green": 2, "plaster-mint": 2,
               "plaster-terracotta": 2, "plaster-navy": 1, "planks-red": 1.5, "planks-yellow": 1.5, "planks-green": 1},
        roofs={"roof-tiles-red": 4, "roof-tiles-orange": 3, "shingles-slate": 3}, shapes={"gable": 6, "hip": 3}, grid=0.25,
    ),
    "tropical": Style(
        walls={"planks-natural": 4, "planks-weathered": 3, "planks-dark": 2, "plaster-white": 1},
        roofs={"thatch": 7, "roof-metal": 2, "shingles-wood": 1.5}, shapes={"hip": 6, "gable": 4, "pyramid": 1.5}, grid=0.05,
        lit=0.4, trees=1.5, storeys={"R": (1, 2), "S": (1, 1), "C": (1, 2), "O": (1, 2), "V": (1, 2)},
    ),
    "resort": Style(
        walls={"plaster-white": 7, "plaster-cream": 3, "plaster-sand": 2, "curtain-wall-blue": 1},
        roofs={"roof-gravel": 4, "roof-tiles-orange": 4, "thatch": 0.8}, shapes={"flat": 5, "hip": 5}, grid=0.3, lit=0.7,
        props=1.4, trees=1.3, storeys={"T": (7, 14), "C": (2, 5), "R": (2, 5)},
    ),
    "canal": Style(
        walls={"brick-red": 5, "brick-brown": 4, "brick-dark": 3, "brick-yellow": 1, "plaster-white": 1.5, "plaster-cream": 1},
        roofs={"roof-tiles-red": 5, "roof-tiles-dark": 3, "shingles-slate": 2}, shapes={"gable": 8, "mansard": 2, "hip": 1},
        grid=0.35, lit=0.6, props=1.1, storeys={"O": (3, 5), "R": (3, 5), "C": (3, 5)},
    ),
}  # fmt: skip
"""Every style by name."""

TREES: dict[str, dict[str, float]] = {
    "temperate": {"oak": 4, "maple": 3, "birch": 2, "pine": 1.5, "willow": 0.6, "fruit-tree": 0.8},
    "boreal": {"pine": 6, "birch": 4, "maple": 0.5},
    "alpine": {"pine": 8, "birch": 1.2, "maple": 0.8},
    "mediterranean": {"cypress": 4, "olive-tree": 4, "pine": 2, "palm": 0.7, "fruit-tree": 1},
    "desert": {"palm": 7, "olive-tree": 1.5, "dead-tree": 0.6},
    "dry": {"oak": 2, "olive-tree": 2, "dead-tree": 1, "pine": 1.5},
    "tropical": {"palm": 8, "fruit-tree": 1.5, "willow": 0.4},
    "east-asian": {"cherry-tree": 4, "maple": 4, "pine": 3, "willow": 1.2},
}
"""Kinds of tree by climate."""

FABRIC = frozenset({"cottage", "cabin", "villa", "townhouse", "apartment-block", "farmhouse", "tower-house", "skyscraper", "office",
                    "shop", "warehouse", "factory", "workshop", "barn", "ruin"})  # fmt: skip
"""Kinds of building that most of a town can be."""
