"""What public buildings are made of where they stand: the desert has no slate, a neon city no half-remembered brick."""

from scene_gen.build.houses.decided import Design

_WALLS: dict[str, str] = {
    "arabic": "plaster-sand plaster-sand plaster-adobe stone-warm plaster-ochre plaster-white",
    "neon": "concrete-dark curtain-wall-dark curtain-wall-blue",
    "futuristic": "concrete-light curtain-wall-blue curtain-wall-green",
    "medieval": "stone-grey stone-warm plaster-cream",
    "asian": "plaster-white planks-dark plaster-cream",
    "alpine": "plaster-white stone-grey plaster-cream",
    "nordic": "planks-yellow planks-white plaster-white brick-red",
    "mediterranean": "plaster-cream plaster-ochre stone-warm plaster-white",
    "colonial": "plaster-yellow plaster-white plaster-rose",
}
"""Walls of public buildings by style (see styles.canonical); a style that is not here leaves each use its own habit."""
_EVERYWHERE = (
    "barn",
    "shed",
    "cabin",
    "castle",
    "tower-house",
    "ruin",
    "boathouse",
    "gas-station",
    "factory",
    "workshop",
)
"""Uses whose habits hold in every style."""
_ROOFS = {"arabic": "roof-tiles-orange", "mediterranean": "roof-tiles-orange", "colonial": "roof-tiles-orange", "neon": "roof-metal",
          "futuristic": "roof-metal", "medieval": "roof-tiles-red", "rustic": "roof-tiles-red"}  # fmt: skip
"""What a pitched roof is covered with where the houses' own roofs are flat."""
_PITCHED = ("roof-tiles", "shingles", "roof-copper", "thatch", "roof-gold")


def walls_of_use(use: str, style_name: str, habit: str) -> str:
    """Names of the walls, between spaces, that a use may have in a style; `habit` are those it has elsewhere."""
    return _WALLS.get(style_name, habit) if habit and use not in _EVERYWHERE else habit


def pitched_roof(d: Design, otherwise: str = "shingles-slate") -> str:
    """The building's roof if rain runs off it, else what its style covers pitched roofs with."""
    return d.roof if d.roof.startswith(_PITCHED) else _ROOFS.get(d.style_name, otherwise)
