"""What adjectives say about walls and roofs: words to names of the palette, walls and roofs each by their own."""

from collections.abc import Iterable, Mapping

from scene_gen.kit.materials import MATERIALS

MATERIAL_FAMILIES: dict[str, tuple[str, ...]] = {
    "wood": ("planks-",), "brick": ("brick-",), "stone": ("stone-",), "concrete": ("concrete-",),
    "glass": ("curtain-wall-",), "plaster": ("plaster-",), "clay": ("plaster-adobe", "plaster-terracotta", "plaster-ochre"),
    "metal": ("corrugated-",),
}  # fmt: skip
"""Palette names (or how they begin) for the materials that a sentence can ask for."""

COLORS: dict[str, tuple[str, ...]] = {
    "red": ("red", "terracotta"), "yellow": ("yellow", "ochre"), "blue": ("blue", "navy"), "green": ("green", "mint"),
    "white": ("white",), "black": ("black", "dark"), "grey": ("grey",), "gray": ("grey",), "brown": ("brown", "natural", "dark"),
    "pink": ("rose",), "orange": ("terracotta", "ochre"), "cream": ("cream",), "beige": ("cream", "sand"), "dark": ("dark", "black"),
}  # fmt: skip
"""Colours in words and the palette's words for them."""

ATTRIBUTE_MATERIALS = {
    "wooden": "wood", "wood": "wood", "timber": "wood", "brick": "brick", "stone": "stone", "concrete": "concrete",
    "glass": "glass", "plaster": "plaster", "clay": "clay", "adobe": "clay", "metal": "metal",
}  # fmt: skip
"""Adjectives that name a material."""

_ROOFED = "-roofed"
"""The end of an adjective that is about the roof alone: "red-roofed"."""
_ROOFS: dict[str, tuple[str, ...]] = {
    "red": ("roof-tiles-red", "roof-tiles-orange"), "orange": ("roof-tiles-orange",), "brown": ("roof-tiles-brown", "shingles-wood"),
    "pink": ("roof-tiles-orange",), "black": ("roof-tiles-dark", "shingles-slate"), "dark": ("roof-tiles-dark", "shingles-slate"),
    "grey": ("shingles-slate", "shingles-grey"), "gray": ("shingles-slate", "shingles-grey"), "blue": ("roof-tiles-blue",),
    "green": ("shingles-green", "roof-copper"), "yellow": ("thatch",), "golden": ("roof-gold",), "white": ("corrugated-white",),
    "wooden": ("shingles-wood",), "metal": ("roof-metal",), "stone": ("shingles-slate",), "slate": ("shingles-slate",),
    "thatched": ("thatch",), "copper": ("roof-copper",), "tiled": ("roof-tiles-red", "roof-tiles-brown", "roof-tiles-orange"),
    "clay": ("roof-tiles-orange", "roof-tiles-red"), "brick": ("roof-tiles-red",), "concrete": ("roof-gravel",),
    "plaster": ("plaster-white",),
}  # fmt: skip
"""Roofs by what is said of them, the likeliest first."""


def roofs_said(words: Iterable[str]) -> dict[str, float]:
    """Weights of roofs that the adjectives name ("red-roofed", "thatched"); empty where they name none."""
    found: dict[str, float] = {}
    for word in words:
        said = word.removesuffix(_ROOFED) if word.endswith(_ROOFED) else "thatched" if word == "thatched" else ""
        for index, name in enumerate(_ROOFS.get(said, ())):
            found[name] = max(found.get(name, 0.0), 1.0 if index == 0 else 0.35)
    return found


def is_of_roof(word: str) -> bool:
    """Whether an adjective is about the roof and says nothing of the walls."""
    return word.endswith(_ROOFED) or word == "thatched"


def shows(word: str, wall: str, roof: str) -> bool | None:
    """Whether a house of these wall and roof materials shows an adjective; None for words that no material shows."""
    if is_of_roof(word):
        names = roofs_said((word,))
        return roof in names if names else None
    family = MATERIAL_FAMILIES.get(ATTRIBUTE_MATERIALS.get(word, word))
    if family is not None:
        return wall.startswith(family)
    if word in COLORS:
        return not {word, *COLORS[word]}.isdisjoint(wall.split("-"))
    known = any(word in name.split("-") for name in MATERIALS)
    return word in (*wall.split("-"), *roof.split("-")) if known else None


def walls_said(words: Iterable[str], usual: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Weights of walls in the materials and colours that the words name, `usual` where they name none.

    The second value holds colours that no wall of the named material has.
    """
    own = [word for word in dict.fromkeys(words) if not is_of_roof(word)]
    starts = tuple(start for word in own for start in MATERIAL_FAMILIES.get(ATTRIBUTE_MATERIALS.get(word, word), ()))
    colors = tuple(word for word in own if word in COLORS)
    chosen = dict(usual)
    if starts:
        family = {name: 1.0 for name in MATERIALS if name.startswith(starts)}
        chosen = {name: weight + 3.0 * usual.get(name, 0.0) for name, weight in family.items()}
    if not colors:
        return chosen, ()
    ends = tuple(end for word in colors for end in COLORS[word])
    plain = {n: usual.get(n, 0.3) for n in MATERIALS if n.startswith(("plaster-", "planks-", "brick-"))}
    colored = {n: w for n, w in (chosen if starts else plain).items() if n.rsplit("-", 1)[-1] in ends}
    return (colored, ()) if colored else (chosen, colors)
