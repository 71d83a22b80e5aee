"""How a Brief's town is built: its styles blended, its own materials and colours first, trees by climate and season."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.kinds import members
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import Look
from scene_gen.plan.recipes import blend
from scene_gen.plan.styles import ATTRIBUTE_MATERIALS, COLORS, MATERIAL_FAMILIES, STOREYS, STYLES, TREES, Style

K = TypeVar("K")


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
    walls, left_over = _walls(brief, _mixed([row.walls for row in rows], strengths))
    roofs, notes = _roofs(left_over, _mixed([row.roofs for row in rows], strengths))
    density = brief.density.value if brief.density else "normal"
    filled = {"sparse": 0.6, "normal": 1.0, "dense": 1.2}[density]
    look = Look(
        style=names[0],
        walls=walls,
        roofs=roofs,
        roof_shapes=_mixed([row.shapes for row in rows], strengths),
        storeys=_storeys(rows),
        density=dict.fromkeys(STOREYS, filled),
        trees=_trees(climate, environment, names),
        props_density=_average([row.props for row in rows], strengths),
        trees_density=_average([row.trees for row in rows], strengths),
        grid=_average([row.grid for row in rows], strengths),
        lit_windows=_average([row.lit for row in rows], strengths),
    )
    return look, notes


def _walls(brief: Brief, usual: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Walls of the materials and colours that the sentence names, else the styles' own; and colours no such wall has."""
    homes = set(members("home")) | {"building"}
    words = [a for thing in brief.things if thing.kind in homes and thing.most != 0 for a in thing.attributes]
    materials = [read.value for read in brief.materials] + [
        ATTRIBUTE_MATERIALS[w] for w in words if w in ATTRIBUTE_MATERIALS
    ]
    colors = [word for word in words if word in COLORS]
    starts = tuple(start for name in dict.fromkeys(materials) for start in MATERIAL_FAMILIES.get(name, ()))
    chosen = dict(usual)
    if starts:
        family = {name: 1.0 for name in MATERIALS if name.startswith(starts)}
        own = {name: weight for name, weight in usual.items() if name in family}
        chosen = {name: weight + 3.0 * own.get(name, 0.0) for name, weight in family.items()}
    if colors:
        ends = tuple(end for word in dict.fromkeys(colors) for end in COLORS[word])
        pool = (
            chosen
            if starts
            else {n: usual.get(n, 0.3) for n in MATERIALS if n.startswith(("plaster-", "planks-", "brick-"))}
        )
        colored = {name: weight for name, weight in pool.items() if name.rsplit("-", 1)[-1] in ends}
        if colored:
            return _scaled(colored), ()
        return _scaled(chosen), tuple(dict.fromkeys(colors))
    return _scaled(chosen), ()


def _roofs(colors: tuple[str, ...], usual: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Roofs in the colours that no wall could take ("stone houses with red roofs"), else the styles' own."""
    if not colors:
        return dict(usual), ()
    ends = tuple(
        end for word in colors for end in (*COLORS[word], "slate" if word in ("grey", "gray", "black") else word)
    )
    colored = {
        n: 1.0 + usual.get(n, 0.0)
        for n in MATERIALS
        if n.startswith(("roof-tiles-", "shingles-")) and n.rsplit("-", 1)[-1] in ends
    }
    if colored:
        return _scaled(colored), ()
    return dict(usual), (f"No wall or roof of that material is {' or '.join(colors)}; the material was kept.",)


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


def _trees(climate: str, environment: Environment, styles: tuple[str, ...]) -> dict[str, float]:
    trees = dict(TREES.get(climate, TREES["temperate"]))
    if environment.season == "spring" and climate in ("temperate", "east-asian"):
        trees["cherry-tree"] = trees.get("cherry-tree", 0.0) + 1.5
    if "abandoned" in styles:
        trees["dead-tree"] = trees.get("dead-tree", 0.0) + 3.0
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
