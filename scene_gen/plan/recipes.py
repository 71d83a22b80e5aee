"""What each kind of place is made of, and how kinds blend: one row a word of scene_gen.brief.PLACES."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Recipe:
    """Shares and wishes of one kind of place; None and empty mean that the kind does not care.

    `zones` weighs the letters of built cells, `nature` those of open land; `built` is the share of all cells that get
    buildings, `hills` and `mountains` the share of open land, `parks` the share of the town that stays green. `quay` is
    the length of the paved waterfront in cells, `roads` the number of main roads that leave the map; `compact` is how
    round the town is (0 straggling, 1 round). `wall` says that a hard edge bounds the town.
    """

    zones: Mapping[str, float] = field(default_factory=dict)
    nature: Mapping[str, float] = field(default_factory=dict)
    water: tuple[str, ...] = ()
    built: float | None = None
    size_m: float | None = None
    hills: float = 0.0
    mountains: float = 0.0
    parks: float | None = None
    quay: int = 0
    roads: int | None = None
    compact: float | None = None
    climate: str = ""
    styles: tuple[str, ...] = ()


RECIPES: dict[str, Recipe] = {
    "town": Recipe(
        zones={"R": 40, "S": 18, "O": 14, "C": 12, "V": 2.5, "I": 8, "E": 4},
        nature={"F": 30, "A": 34, "G": 36}, built=0.35, size_m=512, parks=0.07, roads=3, compact=0.5, styles=("rustic",),
    ),
    "city": Recipe(
        zones={"R": 38, "C": 20, "T": 12, "S": 8, "O": 8, "V": 2.5, "I": 8, "E": 4},
        nature={"F": 35, "G": 65}, built=0.58, size_m=960, parks=0.09, roads=4, compact=0.6, styles=("modern",),
    ),
    "downtown": Recipe(
        zones={"T": 42, "C": 30, "R": 20, "V": 5, "O": 3},
        nature={"G": 100}, built=0.66, size_m=800, parks=0.08, roads=4, compact=0.8, styles=("modern",),
    ),
    "village": Recipe(
        zones={"R": 34, "S": 48, "V": 8, "C": 6, "O": 4},
        nature={"F": 30, "A": 44, "G": 26}, built=0.20, size_m=480, parks=0.05, roads=2, compact=0.35, styles=("rustic",),
    ),
    "harbor": Recipe(
        zones={"R": 26, "O": 16, "C": 16, "I": 15, "V": 2.5, "S": 10},
        water=("sea",), quay=16, hills=0.10, roads=3, styles=("maritime",),
    ),
    "fishing-village": Recipe(
        zones={"R": 40, "S": 32, "O": 14, "V": 7, "I": 7},
        nature={"F": 22, "A": 14, "G": 64}, water=("sea",), built=0.21, size_m=480, hills=0.22, quay=9, parks=0.02,
        roads=2, compact=0.3, styles=("nordic", "maritime"),
    ),
    "old-town": Recipe(
        zones={"O": 62, "V": 7, "C": 13, "R": 18},
        nature={"F": 28, "A": 34, "G": 38}, built=0.36, parks=0.04, compact=0.8, roads=3, styles=("medieval",),
    ),
    "medieval": Recipe(
        zones={"O": 72, "V": 7, "R": 15, "S": 6},
        nature={"F": 34, "A": 36, "G": 30}, built=0.30, size_m=560, hills=0.10, parks=0.02, compact=1.0, roads=3,
        styles=("medieval",),
    ),
    "industrial": Recipe(
        zones={"I": 58, "R": 24, "C": 8, "S": 8, "V": 2},
        nature={"G": 76, "F": 14, "A": 10}, built=0.44, parks=0.03, roads=3, compact=0.4, styles=("industrial",),
    ),
    "campus": Recipe(
        zones={"E": 56, "R": 20, "C": 9, "V": 4, "S": 11},
        nature={"F": 40, "G": 52, "A": 8}, built=0.36, parks=0.18, roads=3, compact=0.7, styles=("victorian", "modern"),
    ),
    "suburb": Recipe(
        zones={"S": 78, "C": 9, "E": 6, "V": 2, "R": 5},
        nature={"F": 38, "G": 54, "A": 8}, built=0.48, parks=0.10, roads=3, compact=0.5, styles=("american",),
    ),
    "market": Recipe(
        zones={"C": 30, "O": 20, "R": 32, "V": 10, "S": 8},
        nature={"F": 26, "A": 44, "G": 30}, built=0.36, parks=0.04, roads=4, compact=0.7, styles=("rustic",),
    ),
    "farm": Recipe(
        zones={"S": 86, "V": 4, "I": 10},
        nature={"A": 72, "F": 12, "G": 10, "Y": 6}, built=0.07, size_m=480, hills=0.05, parks=0.0, roads=2, compact=0.1,
        styles=("rustic",),
    ),
    "ranch": Recipe(
        zones={"S": 88, "I": 12},
        nature={"G": 66, "A": 20, "F": 6, "D": 8}, built=0.07, size_m=520, hills=0.14, parks=0.0, roads=2, compact=0.2,
        climate="dry", styles=("american",),
    ),
    "vineyard": Recipe(
        zones={"R": 30, "S": 48, "V": 10, "O": 12},
        nature={"Y": 66, "F": 12, "A": 10, "G": 12}, built=0.15, size_m=520, hills=0.20, parks=0.02, roads=2, compact=0.4,
        climate="mediterranean", styles=("mediterranean",),
    ),
    "mountain": Recipe(
        nature={"F": 58, "G": 36, "A": 6}, hills=0.24, mountains=0.42, built=0.17, parks=0.02, roads=2, compact=0.35,
        climate="alpine", styles=("alpine",),
    ),
    "hills": Recipe(nature={"F": 28, "A": 22, "G": 40, "Y": 10}, hills=0.5, built=0.28),
    "desert": Recipe(
        nature={"D": 100}, hills=0.05, mountains=0.08, built=0.26, parks=0.0, compact=0.8, climate="desert",
        styles=("adobe",),
    ),
    "oasis": Recipe(
        zones={"O": 44, "R": 44, "V": 8, "C": 4},
        nature={"D": 84, "Y": 16}, water=("oasis",), built=0.18, size_m=480, parks=0.30, compact=0.7, roads=2,
        climate="desert", styles=("adobe",),
    ),
    "island": Recipe(
        nature={"F": 44, "G": 42, "A": 14}, water=("island",), hills=0.22, built=0.20, quay=6, parks=0.04,
        styles=("mediterranean", "maritime"),
    ),
    "coast": Recipe(
        zones={"R": 44, "S": 32, "C": 14, "V": 6, "O": 4},
        nature={"F": 26, "G": 56, "A": 18}, water=("sea",), hills=0.14, quay=5, styles=("maritime",),
    ),
    "resort": Recipe(
        zones={"R": 34, "S": 26, "C": 26, "V": 8, "T": 6},
        nature={"F": 38, "G": 62}, water=("sea",), built=0.27, size_m=560, parks=0.16, quay=4, roads=2, compact=0.2,
        climate="tropical", styles=("resort",),
    ),
    "river": Recipe(water=("river",), quay=5, nature={"F": 30, "A": 32, "G": 38}),
    "lake": Recipe(water=("lake",), quay=5, nature={"F": 44, "A": 20, "G": 36}),
    "canal": Recipe(
        zones={"O": 44, "R": 30, "C": 16, "V": 6, "S": 4},
        water=("canal",), built=0.46, parks=0.04, compact=0.9, roads=4, styles=("canal",),
    ),
    "forest": Recipe(nature={"F": 90, "G": 10}, hills=0.06, built=0.17, climate="", styles=("rustic",)),
    "jungle": Recipe(
        nature={"F": 93, "G": 7}, hills=0.12, built=0.14, parks=0.02, roads=1, compact=0.2, climate="tropical",
        styles=("tropical",),
    ),
    "neon": Recipe(
        zones={"T": 40, "C": 34, "R": 17, "V": 4, "I": 5},
        nature={"G": 100}, built=0.66, size_m=720, parks=0.04, roads=4, compact=0.8, styles=("neon",),
    ),
    "sci-fi": Recipe(
        zones={"T": 38, "C": 20, "R": 22, "E": 8, "V": 5, "I": 7},
        nature={"G": 70, "F": 30}, built=0.54, size_m=720, parks=0.14, roads=4, compact=0.7, styles=("futuristic",),
    ),
    "ruins": Recipe(
        zones={"X": 74, "O": 12, "V": 5, "R": 9},
        nature={"F": 46, "G": 46, "D": 8}, built=0.30, hills=0.12, parks=0.03, compact=0.6, roads=2, styles=("abandoned",),
    ),
}  # fmt: skip
"""A recipe for every kind of place that can be asked for."""

SETTLEMENTS = frozenset(name for name, recipe in RECIPES.items() if recipe.zones)
"""Kinds of place that say what is built; the others say where."""


def blend(places: Iterable[str]) -> Recipe:
    """One recipe of many: shares averaged, water and styles joined, landforms at their strongest.

    A harbor that is nothing else is a harbor town; land that nobody lives on gets a village.
    """
    names = list(dict.fromkeys(places))
    if not any(RECIPES[name].zones and RECIPES[name].built is not None for name in names):
        landscape = [n for n in names if n in ("mountain", "forest", "jungle", "hills", "island", "desert", "lake")]
        names.append("village" if landscape and "harbor" not in names else "town")
        implied = names[-1]
    else:
        implied = ""
    rows = [RECIPES[name] for name in names]
    wants_styles = [style for name, row in zip(names, rows) if name != implied for style in row.styles]
    generic = [style for style in wants_styles if style in ("rustic", "modern")]
    special = [style for style in wants_styles if style not in generic]
    built = [row.built for row in rows if row.built is not None]
    sizes = [row.size_m for row in rows if row.size_m is not None]
    towns = [row for row in rows if row.zones]
    lands = [RECIPES[name] for name in names if RECIPES[name].nature and name not in SETTLEMENTS]
    return Recipe(
        zones=_mean(row.zones for row in towns),
        nature=_mean(row.nature for row in (lands or rows)),
        water=tuple(dict.fromkeys(kind for row in rows for kind in row.water)),
        built=_average(built, 0.38) if "city" not in names else max(_average(built, 0.5), 0.42),
        size_m=_size(names, sizes),
        hills=max(row.hills for row in rows),
        mountains=max(row.mountains for row in rows),
        parks=_average([row.parks for row in rows if row.parks is not None], 0.06),
        quay=max(row.quay for row in rows),
        roads=max([row.roads for row in rows if row.roads is not None], default=3),
        compact=_average([row.compact for row in rows if row.compact is not None], 0.5),
        climate=next((row.climate for row in reversed(rows) if row.climate), ""),
        styles=tuple(dict.fromkeys(special or generic or ("modern" if "city" in names else "rustic",))),
    )


_QUARTER_OF = {
    "S": ("cabin", "cottage", "villa", "farmhouse", "barn"), "R": ("apartment-block",), "O": ("townhouse", "tower-house"),
    "T": ("skyscraper",), "C": ("shop", "office"), "I": ("warehouse", "factory", "workshop"), "X": ("ruin",),
}  # fmt: skip
"""The quarter that gives a kind of building the lots it needs."""
_GIVES_WAY = {"R": 0.95, "S": 0.95, "O": 0.9, "T": 0.9, "C": 0.7, "I": 0.3}
"""How much of a quarter goes to the kinds that the place is made of."""


def suited(recipe: Recipe, made_of: Iterable[str]) -> Recipe:
    """The recipe with most quarters turned into those where the buildings that the place is made of have room."""
    letters = [letter for kind in made_of for letter, kinds in _QUARTER_OF.items() if kind in kinds]
    if not letters:
        return recipe
    moved = sum(weight * _GIVES_WAY.get(letter, 0.0) for letter, weight in recipe.zones.items())
    zones = {letter: weight * (1 - _GIVES_WAY.get(letter, 0.0)) for letter, weight in recipe.zones.items()}
    for letter in letters:
        zones[letter] = zones.get(letter, 0.0) + moved / len(letters)
    return replace(recipe, zones=zones)


def _average(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _mean(tables: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of weight tables, each scaled to 1 first."""
    filled = [table for table in tables if table]
    total: dict[str, float] = {}
    for table in filled:
        whole = sum(table.values())
        for letter, weight in table.items():
            total[letter] = total.get(letter, 0.0) + weight / whole / len(filled)
    return total


def _size(names: Sequence[str], sizes: list[float]) -> float:
    """A city is as large as the largest of its words, a village as small as the smallest, others lie between."""
    if "city" in names:
        return max(sizes)
    return min(sizes) if "village" in names or "fishing-village" in names else _average(sizes, 512.0)
