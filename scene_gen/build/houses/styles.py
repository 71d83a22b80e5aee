"""What the styles look like: materials, proportions and ornaments, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Style:
    """Tastes of one style; shares are probabilities, weights need not sum to 1.

    `walls`, `roofs` and `shapes` are used where a plan's look does not weigh them. `pitch` is rise over run.
    """

    walls: Mapping[str, float]
    roofs: Mapping[str, float]
    shapes: Mapping[str, float]
    pitch: tuple[float, float] = (0.7, 1.0)
    frames: tuple[str, ...] = ("frame-white",)
    doors: tuple[str, ...] = ("door-brown", "door-green", "door-blue", "door-red", "door-dark")
    window: tuple[float, float] = (1.0, 1.4)
    panes: str = "cross"
    bay: float = 2.6
    overhang: float = 0.35
    storeys: tuple[int, int] = (2, 3)
    storey_m: tuple[float, float] = (2.8, 3.1)
    shutters: float = 0.0
    shutter_colors: tuple[str, ...] = ("door-green", "door-blue", "door-brown", "door-white")
    timber: float = 0.0
    jetty: float = 0.0
    dormers: float = 0.2
    chimney: float = 0.7
    balcony: float = 0.1
    cornice: float = 0.2
    band: float = 0.2
    quoins: float = 0.0
    sill: float = 1.0
    porch: float = 0.2
    arched: float = 0.0
    plinth: str = "stone-grey"
    vigas: bool = False
    neon: float = 0.0
    broken: float = 0.0
    corner_boards: float = 0.0
    awnings: tuple[str, ...] = ("fabric-red", "fabric-green", "fabric-blue", "fabric-yellow", "fabric-orange")
    signs: tuple[str, ...] = ("paint-green", "paint-navy", "paint-red", "paint-black", "paint-teal", "wood-dark")


def _weights(*names: str, **families: str) -> dict[str, float]:
    """Equal weights, earlier names heavier; a family lists its colours."""
    listed = list(names) + [
        f"{family.replace('_', '-')}-{c}" for family, colors in families.items() for c in colors.split()
    ]
    return dict.fromkeys(listed, 1.0)


_MODERN = Style(
    walls=_weights(plaster="white cream grey", brick="red brown", concrete="light"),
    roofs=_weights(roof_tiles="brown dark red", shingles="grey slate"),
    shapes={"gable": 4, "hip": 3, "flat": 3},
    pitch=(0.5, 0.8),
    frames=("frame-white", "frame-dark"),
    window=(1.25, 1.4),
    panes="mullion",
    bay=2.9,
    balcony=0.25,
    dormers=0.1,
)

STYLES: dict[str, Style] = {
    "modern": _MODERN,
    "maritime": Style(
        walls=_weights(plaster="white cream yellow rose blue mint red green", planks="white red blue yellow"),
        roofs=_weights(roof_tiles="red orange dark", shingles="slate"),
        shapes={"gable": 7, "half-hip": 1, "hip": 2},
        pitch=(0.95, 1.35),
        window=(0.95, 1.4),
        bay=2.15,
        overhang=0.25,
        storeys=(2, 3),
        shutters=0.3,
        dormers=0.4,
        cornice=0.3,
        band=0.25,
        corner_boards=0.4,
    ),
    "medieval": Style(
        walls=_weights(plaster="white cream ochre sand rose", stone="warm grey"),
        roofs=_weights(roof_tiles="red brown dark orange", shingles="wood"),
        shapes={"gable": 8, "half-hip": 2},
        pitch=(1.15, 1.6),
        frames=("frame-wood", "frame-dark"),
        doors=("door-brown", "door-dark", "door-green"),
        window=(0.85, 1.15),
        bay=2.1,
        storeys=(2, 3),
        storey_m=(2.6, 2.9),
        timber=0.75,
        jetty=0.6,
        dormers=0.3,
        shutters=0.25,
        shutter_colors=("door-brown", "door-green", "door-red"),
        signs=("wood-dark", "wood", "paint-brown", "paint-green"),
        awnings=("fabric-brown", "fabric-grey", "fabric-red"),
    ),
    "mediterranean": Style(
        walls=_weights(plaster="cream ochre yellow rose terracotta white sand", stone="light"),
        roofs=_weights(roof_tiles="orange red"),
        shapes={"hip": 4, "gable": 4, "flat": 2},
        pitch=(0.32, 0.48),
        frames=("frame-white", "frame-wood"),
        window=(0.95, 1.55),
        bay=2.5,
        overhang=0.4,
        storeys=(2, 3),
        shutters=0.9,
        dormers=0.0,
        chimney=0.5,
        balcony=0.4,
        band=0.3,
        arched=0.15,
        plinth="stone-light",
    ),
    "nordic": Style(
        walls=_weights(planks="red white yellow blue green red weathered"),
        roofs=_weights("shingles-slate", "roof-metal", "roof-tiles-dark", "shingles-grey", "roof-tiles-red"),
        shapes={"gable": 9, "half-hip": 1},
        pitch=(0.9, 1.3),
        window=(1.0, 1.25),
        bay=2.4,
        storeys=(1, 2),
        corner_boards=1.0,
        dormers=0.25,
        porch=0.5,
    ),
    "rustic": Style(
        walls=_weights(stone="warm grey light", planks="natural weathered", plaster="cream"),
        roofs=_weights("thatch", "roof-tiles-brown", "shingles-wood", "roof-tiles-red"),
        shapes={"gable": 6, "half-hip": 3, "hip": 1},
        pitch=(0.95, 1.3),
        frames=("frame-wood", "frame-white"),
        window=(0.9, 1.05),
        bay=2.5,
        overhang=0.5,
        storeys=(1, 2),
        storey_m=(2.5, 2.8),
        shutters=0.4,
        porch=0.4,
        timber=0.15,
        plinth="stone-warm",
    ),
    "asian": Style(
        walls=_weights(plaster="white cream", planks="dark natural"),
        roofs=_weights("roof-tiles-dark", "shingles-slate", "shingles-green"),
        shapes={"hip": 6, "gable": 4},
        pitch=(0.55, 0.75),
        frames=("frame-wood", "frame-dark"),
        doors=("door-red", "door-dark", "door-brown"),
        window=(1.2, 1.25),
        panes="lattice",
        bay=2.4,
        overhang=0.85,
        storeys=(1, 2),
        chimney=0.0,
        dormers=0.0,
        timber=0.6,
        plinth="stone-dark",
        signs=("paint-red", "wood-dark", "paint-black"),
        awnings=("fabric-red", "fabric-blue", "fabric-brown"),
    ),
    "arabic": Style(
        walls=_weights(
            "plaster-adobe", "plaster-sand", "plaster-adobe", "plaster-cream", "plaster-ochre", "plaster-white"
        ),
        roofs=_weights("plaster-adobe", "plaster-sand"),
        shapes={"flat": 1},
        frames=("frame-wood",),
        doors=("door-brown", "door-blue", "door-green"),
        window=(0.7, 1.05),
        panes="lattice",
        bay=2.7,
        storeys=(1, 3),
        storey_m=(3.0, 3.3),
        arched=0.5,
        sill=0.0,
        chimney=0.0,
        dormers=0.0,
        porch=0.0,
        plinth="plaster-adobe",
        vigas=True,
    ),
    "colonial": Style(
        walls=_weights(plaster="yellow white blue mint terracotta rose", planks="white"),
        roofs=_weights("roof-tiles-red", "roof-tiles-orange", "roof-tiles-brown"),
        shapes={"hip": 6, "gable": 3, "flat": 1},
        pitch=(0.45, 0.65),
        window=(1.0, 1.7),
        bay=2.6,
        overhang=0.5,
        shutters=0.6,
        balcony=0.5,
        cornice=0.5,
        quoins=0.4,
        porch=0.6,
        dormers=0.1,
    ),
    "victorian": Style(
        walls=_weights(brick="red brown yellow dark", stone="light", planks="white blue green"),
        roofs=_weights("shingles-slate", "shingles-grey", "roof-tiles-dark"),
        shapes={"gable": 5, "mansard": 3, "hip": 2},
        pitch=(0.95, 1.25),
        window=(0.95, 1.75),
        bay=2.3,
        storeys=(2, 4),
        storey_m=(3.1, 3.5),
        cornice=0.8,
        band=0.7,
        quoins=0.5,
        dormers=0.5,
        chimney=1.0,
        porch=0.6,
        arched=0.2,
    ),
    "alpine": Style(
        walls=_weights("plaster-white", "plaster-cream", "planks-natural", "planks-dark", "stone-grey"),
        roofs=_weights("shingles-wood", "shingles-grey", "roof-tiles-brown"),
        shapes={"gable": 1},
        pitch=(0.5, 0.7),
        frames=("frame-wood", "frame-white"),
        window=(0.95, 1.15),
        overhang=1.0,
        storeys=(2, 3),
        shutters=0.8,
        shutter_colors=("door-green", "door-brown", "door-red"),
        balcony=0.8,
        dormers=0.05,
        plinth="stone-grey",
    ),
    "american": Style(
        walls=_weights(planks="white blue green yellow white", brick="red", plaster="cream"),
        roofs=_weights("shingles-grey", "shingles-slate", "shingles-wood"),
        shapes={"gable": 6, "hip": 4},
        pitch=(0.55, 0.85),
        window=(1.0, 1.4),
        bay=2.9,
        overhang=0.45,
        storeys=(1, 2),
        shutters=0.5,
        shutter_colors=("door-dark", "door-green", "door-blue", "door-red"),
        porch=0.7,
        corner_boards=0.8,
        dormers=0.3,
    ),
    "industrial": Style(
        walls=_weights(brick="red brown dark yellow", concrete="grey"),
        roofs=_weights("roof-metal", "shingles-slate", "roof-tiles-dark"),
        shapes={"gable": 4, "flat": 5, "sawtooth": 1},
        pitch=(0.4, 0.6),
        frames=("frame-dark",),
        window=(1.4, 1.6),
        panes="lattice",
        bay=2.8,
        storeys=(2, 4),
        storey_m=(3.0, 3.4),
        band=0.5,
        plinth="concrete-dark",
    ),
    "futuristic": Style(
        walls=_weights(
            "plaster-white", "concrete-light", "concrete-grey", "concrete-dark", "curtain-wall-blue", "plaster-grey"
        ),
        roofs=_weights("roof-gravel", "concrete-light", "roof-metal"),
        shapes={"flat": 8, "shed": 2},
        pitch=(0.2, 0.3),
        frames=("frame-dark", "steel"),
        doors=("door-dark", "steel"),
        window=(2.1, 1.4),
        panes="bare",
        bay=3.0,
        overhang=0.1,
        storeys=(2, 5),
        storey_m=(3.1, 3.5),
        chimney=0.0,
        dormers=0.0,
        balcony=0.3,
        band=0.8,
        sill=0.0,
        neon=0.65,
        plinth="concrete-dark",
        signs=("paint-black", "paint-navy", "paint-silver"),
    ),
    "neon": Style(
        walls=_weights(
            "concrete-dark", "concrete-grey", "brick-dark", "plaster-dark", "plaster-navy", "corrugated-blue"
        ),
        roofs=_weights("roof-gravel", "concrete-dark"),
        shapes={"flat": 1},
        frames=("frame-dark",),
        doors=("door-dark", "door-red", "door-blue"),
        window=(1.5, 1.5),
        panes="mullion",
        bay=2.5,
        storeys=(3, 7),
        storey_m=(2.9, 3.3),
        chimney=0.0,
        dormers=0.0,
        balcony=0.35,
        band=0.6,
        sill=0.0,
        neon=0.9,
        plinth="concrete-dark",
        signs=("paint-black", "paint-navy"),
    ),
    "abandoned": Style(
        walls=_weights(
            "planks-weathered", "plaster-grey", "plaster-sand", "brick-brown", "concrete-grey", "brick-dark"
        ),
        roofs=_weights("shingles-grey", "roof-tiles-brown", "corrugated-rust"),
        shapes={"gable": 6, "hip": 2, "flat": 2},
        frames=("frame-wood", "frame-dark"),
        doors=("door-brown", "door-dark"),
        broken=0.75,
        shutters=0.2,
        shutter_colors=("door-brown", "door-dark"),
        signs=("wood-dark", "paint-grey"),
        awnings=("fabric-grey", "fabric-brown"),
    ),
}
STYLES["colorful"] = replace(
    STYLES["maritime"],
    walls=_weights(plaster="yellow rose blue mint red green terracotta ochre", planks="red blue yellow green"),
    shutters=0.6,
)
STYLES["sci-fi"] = replace(STYLES["futuristic"], neon=0.8)

NEONS = ("neon-pink", "neon-cyan", "neon-violet", "neon-green", "neon-orange", "neon-blue", "neon-yellow")

_ALIASES = {
    "adobe": "arabic", "desert": "arabic", "tropical": "colonial", "resort": "mediterranean", "canal": "maritime",
    "cyberpunk": "neon", "rural": "rustic",
}  # fmt: skip


def style_named(name: str) -> Style:
    """The tastes of a style; one that is not in the table is built as modern."""
    return STYLES[canonical(name)]


def canonical(name: str) -> str:
    """The style of the table that a plan's style is built as."""
    name = _ALIASES.get(name, name)
    return name if name in STYLES else "modern"
