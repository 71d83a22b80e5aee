"""What a Brief means for the lay of the land: recipe, size, waters, sides, letters that must or must not be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from scene_gen.brief import Brief, Relation
from scene_gen.kinds import KINDS, members
from scene_gen.plan.recipes import RECIPES, Recipe, blend, suited

SMALLEST_M, LARGEST_M = 240.0, 6000.0
_PER_BUILDING_M2 = 820.0
"""Town ground per building, streets included, at normal density."""

SIDES: dict[str, tuple[float, float]] = {
    "north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0),
    "northeast": (math.sqrt(0.5), math.sqrt(0.5)), "northwest": (-math.sqrt(0.5), math.sqrt(0.5)),
    "southeast": (math.sqrt(0.5), -math.sqrt(0.5)), "southwest": (-math.sqrt(0.5), -math.sqrt(0.5)), "center": (0, 0),
}  # fmt: skip
"""Unit vectors (east, north) of the sides of the map."""

FEATURES: dict[str, str] = {
    "sea": "sea", "harbor": "sea", "coast": "sea", "fishing-village": "sea", "port": "sea", "beach": "sea",
    "quay": "sea", "marina": "sea", "pier": "sea", "breakwater": "sea", "island": "island",
    "lake": "lake", "pond": "lake", "river": "river", "canal": "canal", "oasis": "oasis",
    "mountain": "M", "hill": "H", "hills": "H", "forest": "F", "jungle": "F", "field": "A", "farm": "A", "meadow": "G",
    "vineyard": "Y", "orchard": "Y", "desert": "D", "dune": "D", "industrial": "I", "factory-district": "I",
    "suburb": "S", "old-town": "O", "old-quarter": "O", "medieval": "O", "campus": "E", "downtown": "T", "park": "P",
    "garden": "P", "shopping-district": "C", "market": "C", "ruins": "X", "square": "V",
    "town": "town", "village": "town", "city": "town",
}  # fmt: skip
"""What on the lattice a word of a relation names: a water, a letter, or the town."""

_AT_THE_SEA = {"pier", "quay", "breakwater", "marina", "jetty", "lighthouse", "boat", "ship", "beach", "sea", "buoy",
               "fish-market", "boathouse"}  # fmt: skip
_WATERS = {"sea": "sea", "lake": "lake", "river": "river", "canal": "canal", "pond": "oasis", "bridge": "river"}


@dataclass(frozen=True)
class Wishes:
    """The lay of the land asked for. `sides` are unit vectors (east, north) by feature (see FEATURES); `forbidden` are
    letters that must not appear; `groups` says how many separate groups a letter must have at least; `hilltop` is the
    letter of a hill's top that something must stand on, "" for none; `town_on_hill` that the town itself does."""

    places: tuple[str, ...]
    recipe: Recipe
    size_m: float
    built: float
    waters: tuple[str, ...]
    sides: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    forbidden: str = ""
    groups: Mapping[str, int] = field(default_factory=dict)
    hilltop: str = ""
    town_on_hill: bool = False
    notes: tuple[str, ...] = ()


def wishes_of(brief: Brief, *, size_m: float | None = None) -> Wishes:
    """Reads the Brief for everything that shapes the lattice. `size_m` is the user's own and wins."""
    refused = {read.value for read in brief.not_places}
    places = tuple(dict.fromkeys(r.value for r in brief.places if r.value in RECIPES and r.value not in refused))
    notes: list[str] = []
    for read in brief.places:
        if read.value in refused:
            notes.append(f"'{read.value}' is both asked for and refused; it was left out.")
    recipe = suited(blend(places or ("town",)), (read.value for read in brief.made_of))
    groups, forbidden = _zones(brief)
    waters = _waters(brief, recipe, forbidden)
    size, share, size_notes = _extent(brief, recipe, places, size_m)
    sides = _sides(brief)
    if "harbor" in refused or "coast" in refused:
        waters = tuple(kind for kind in waters if kind != "sea")
    if "desert" in refused:
        forbidden += "D"
    on_hill = [
        r
        for r in brief.relations
        if r.predicate in ("on", "in", "at") and set(r.objects) & {"hill", "hills", "mountain"}
    ]
    return Wishes(
        places=places,
        recipe=recipe,
        size_m=size,
        built=share,
        waters=waters,
        sides=sides,
        forbidden="".join(sorted(set(forbidden))),
        groups=groups,
        hilltop=_hilltop(on_hill),
        town_on_hill=any(FEATURES.get(r.subject) == "town" for r in on_hill),
        notes=(*notes, *size_notes),
    )


def houses_asked(brief: Brief) -> int | None:
    """How many homes or buildings the sentence counts, None where it counts none. "some" is no count."""
    homes = set(members("home")) | {"building"}
    counted = [thing for thing in brief.things if thing.kind in homes and (thing.most or thing.least > 5)]
    if not counted:
        return None
    return sum((thing.least + thing.most) // 2 if thing.most is not None else thing.least for thing in counted)


def _hilltop(on_hill: list[Relation]) -> str:
    """What a hill's top must be: built for buildings, open for windmills and the like, "" where nothing asks for it."""
    subjects = [r.subject for r in on_hill if FEATURES.get(r.subject) != "town"]
    if not subjects:
        return ""
    return "V" if any(s in KINDS and KINDS[s].realised == "building" for s in subjects) else "H"


def _extent(
    brief: Brief, recipe: Recipe, places: tuple[str, ...], size_m: float | None
) -> tuple[float, float, list[str]]:
    """Side of the map [m], share of cells that are built, and what the user should know about them."""
    density = brief.density.value if brief.density else "normal"
    share = (recipe.built or 0.38) * {"sparse": 0.7, "normal": 1.0, "dense": 1.25}[density]
    asked = size_m if size_m is not None else brief.size_m.value if brief.size_m else None
    houses = houses_asked(brief)
    per_house = _PER_BUILDING_M2 * {"sparse": 1.6, "normal": 1.0, "dense": 0.75}[density]
    size = float(recipe.size_m or 512.0)
    if houses is not None:
        needed = max(houses, 3) * per_house * 1.15
        if asked is None:
            size = min(max(math.sqrt(needed / max(share, 0.1)), 0.62 * size), LARGEST_M)
            size = 20.0 * math.ceil(size / 20.0)
        share = needed / ((asked or size) ** 2)
    elif asked is None and "harbor" in places:
        size = max(size, 512.0)
    notes = []
    if asked is not None:
        size = float(asked)
        if not SMALLEST_M <= size <= LARGEST_M:
            size = min(max(size, SMALLEST_M), LARGEST_M)
            notes.append(
                f"A map of {asked:g} m was asked for; sizes go from {SMALLEST_M:g} to {LARGEST_M:g} m, so it is {size:g} m."
            )
    return size, min(max(share, 0.03), 0.72), notes


def _waters(brief: Brief, recipe: Recipe, forbidden: str) -> tuple[str, ...]:
    """Kinds of water to lay out. Things that need water bring it; "no river" takes it away."""
    wanted = dict.fromkeys(recipe.water)
    refused = {_WATERS.get(t.kind, "") for t in brief.things if t.most == 0}
    named = [t.kind for t in brief.things if t.most != 0]
    named += [word for r in brief.relations for word in (r.subject, *r.objects)]
    for word in named:
        kind = "oasis" if word == "pond" else FEATURES.get(word, "")
        if kind in ("sea", "lake", "river", "canal", "island", "oasis") and word not in _AT_THE_SEA - {"sea"}:
            wanted.setdefault(kind)
    if not wanted and any(word in _AT_THE_SEA or (word in KINDS and KINDS[word].semantic == "boat") for word in named):
        wanted["sea"] = None
    if "bridge" in named and not {"river", "canal"} & set(wanted):
        wanted["river"] = None
    if "island" in wanted:
        wanted.pop("sea", None)
    return tuple(kind for kind in wanted if kind not in refused) if "W" not in forbidden else ()


def _zones(brief: Brief) -> tuple[dict[str, int], str]:
    """Separate groups of letters asked for, and letters refused."""
    groups: dict[str, int] = {}
    forbidden = ""
    for thing in brief.things:
        kind = KINDS.get(thing.kind)
        if kind is None or kind.realised != "zone":
            continue
        if thing.most == 0:
            forbidden += kind.zone if kind.zone != "W" else ""
        elif kind.zone != "W":
            groups[kind.zone] = max(groups.get(kind.zone, 0), thing.least, 1)
    words = [word for r in brief.relations for word in (r.subject, *r.objects)]
    for word in words:
        letter = FEATURES.get(word, "")
        if len(letter) == 1 and letter not in "V" and word not in ("market",):
            groups.setdefault(letter, 1)
    return {letter: count for letter, count in groups.items() if letter not in forbidden}, forbidden


def _sides(brief: Brief) -> dict[str, tuple[float, float]]:
    """Where on the map features were asked for, from "X in the south" and from "X north of the town"."""
    sides: dict[str, tuple[float, float]] = {}
    for relation in brief.relations:
        feature = FEATURES.get(relation.subject)
        if feature is None:
            continue
        if relation.side is not None and relation.side in SIDES:
            sides.setdefault(feature, SIDES[relation.side])
        elif relation.predicate.endswith("-of") and relation.predicate[:-3] in SIDES:
            x, y = SIDES[relation.predicate[:-3]]
            others = [FEATURES.get(word) for word in relation.objects]
            if "town" in others or relation.objects in (("map",), ("center",)):
                sides.setdefault(feature, (x, y))
            elif feature == "town" and others and others[0]:
                sides.setdefault(others[0], (-x, -y))
    if "town" in sides and not any(FEATURES.get(r.subject) == "town" and r.side for r in brief.relations):
        sides.pop("town")
    return sides
