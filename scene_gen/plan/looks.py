"""How a Brief's town is built: its styles blended, its own materials and colours first, trees by climate and season."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.kinds import members
from scene_gen.plan.artefacts import Look
from scene_gen.plan.recipes import blend
from scene_gen.plan.said import roofs_said, walls_said
from scene_gen.plan.styles import FABRIC, STOREYS, STYLES, TREES, Style

K = TypeVar("K")

_SPECIES = frozenset(members("tree")) - {"tree"}
_WOODS = 50
"""Trees of one kind, from which on the woods are theirs: a "pine forest"."""


def styles_of(brief: Brief) -> tuple[str, ...]:
    """The styles asked for, else those of the places; the first one is the strongest."""
    asked = tuple(dict.fromkeys(read.value for read in brief.style if read.value in STYLES))
    if asked and asked != ("colorful",):
        return asked
    refused = {read.value for read in brief.not_places}
    places = [read.value for read in brief.places if read.value not in refused]
    return tuple(dict.fromkeys((*asked, *blend(places or ("town",)).styles)))[:3]


def look_of(brief: Brief, environment: Environment, *, climate: str) -> tuple[Look, tuple[str, ...]]:
    """The Look, and sentences about what could not be as asked."""
    names = styles_of(brief)
    rows = [STYLES[name] for name in names]
    strengths = [2.0 if index == 0 else 1.0 for index in range(len(rows))]
    words = _of_houses(brief)
    walls, notes = _walls(brief, words, _mixed([row.walls for row in rows], strengths))
    roofs = roofs_said(words) or _mixed([row.roofs for row in rows], strengths)
    density = brief.density.value if brief.density else "normal"
    filled = {"sparse": 0.6, "normal": 1.0, "dense": 1.2}[density]
    look = Look(
        style=names[0],
        walls=walls,
        roofs=_scaled(roofs),
        roof_shapes=_mixed([row.shapes for row in rows], strengths),
        storeys=_storeys(rows),
        density=dict.fromkeys(STOREYS, filled),
        trees=_trees(brief, climate, environment, names),
        props_density=_average([row.props for row in rows], strengths),
        trees_density=_average([row.trees for row in rows], strengths),
        grid=_average([row.grid for row in rows], strengths),
        homes=_homes(brief),
        lit_windows=_average([row.lit for row in rows], strengths),
    )
    return look, notes


def _of_houses(brief: Brief) -> tuple[str, ...]:
    """Adjectives of the houses as a whole: of buildings and homes, of what the place is made of, of the only kind named."""
    made_of = {read.value for read in brief.made_of}
    homes = [thing for thing in brief.things if thing.kind in members("home") and thing.most != 0 and thing.attributes]
    general = [thing for thing in homes if thing.kind in ("house", "home") or thing.kind in made_of]
    things = general or (homes if len(homes) == 1 else [])
    things += [thing for thing in brief.things if thing.kind == "building" and thing.most != 0]
    return tuple(dict.fromkeys(word for thing in things for word in thing.attributes))


def _walls(
    brief: Brief, words: tuple[str, ...], usual: Mapping[str, float]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Walls of the materials and colours that the sentence names, else the styles' own; and a note on what none has."""
    materials = tuple(read.value for read in brief.materials)
    chosen, missing = walls_said((*materials, *words), usual)
    colors = " or ".join(missing)
    notes = (f"No wall of that material is {colors}; the material was kept.",) if missing else ()
    return _scaled(chosen), notes


def _homes(brief: Brief) -> dict[str, float]:
    """Equal weights for the kinds of house that the place is made of; of temples and the like it only has many."""
    kinds = [read.value for read in brief.made_of if read.value in FABRIC]
    return _scaled(dict.fromkeys(kinds, 1.0)) if kinds else {}


def _storeys(rows: list[Style]) -> dict[str, tuple[int, int]]:
    """Storeys by letter: each style's own, the taller of two blended ones for towers."""
    result = {}
    for letter, usual in STOREYS.items():
        ranges = [row.storeys.get(letter, (usual[0], usual[1] + (row.lift if letter in "RCVE" else 0))) for row in rows]
        if letter == "T":
            result[letter] = max(ranges, key=lambda pair: pair[1])
        else:
            result[letter] = ranges[0]
    return result


def _trees(brief: Brief, climate: str, environment: Environment, styles: tuple[str, ...]) -> dict[str, float]:
    trees = dict(TREES.get(climate, TREES["temperate"]))
    if environment.season == "spring" and climate in ("temperate", "east-asian"):
        trees["cherry-tree"] = trees.get("cherry-tree", 0.0) + 1.5
    if "abandoned" in styles:
        trees["dead-tree"] = trees.get("dead-tree", 0.0) + 3.0
    named = [t.kind for t in brief.things if t.kind in _SPECIES and t.most is None and t.least >= _WOODS]
    if named:
        others = 0.2 * sum(trees.values()) * len(named)
        trees = {kind: 0.2 * weight for kind, weight in trees.items()} | dict.fromkeys(named, 4.0 * others)
    return _scaled(trees)


def _mixed(tables: Iterable[Mapping[str, float]], strengths: Iterable[float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for table, strength in zip(tables, strengths):
        whole = sum(table.values())
        for name, weight in table.items():
            total[name] = total.get(name, 0.0) + strength * weight / whole
    return _scaled(total)


def _scaled(table: Mapping[str, float]) -> dict[str, float]:
    """Weights that add up to 1, in the order of their names, with four digits."""
    whole = sum(table.values())
    return {name: round(float(table[name]) / whole, 4) for name in sorted(table) if table[name] > 0}


def _average(values: list[float], strengths: list[float]) -> float:
    return round(sum(v * s for v, s in zip(values, strengths)) / sum(strengths), 4)
