"""The catalogue: every asset of the kit by name, the variants of a kind, and what the season does to trees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bridge.errors import UnknownName
from bridge.frames import read_only
from bridge.plugins import unknown_name
from bridge.riders import RIDING, riding_name
from bridge.scene import Asset, Mesh
from scene_gen.kinds import KINDS, members
from scene_gen.kit import (
    animals,
    boats,
    cars,
    cranes,
    harbor,
    lamps_signs,
    landmarks,
    machines,
    people,
    plants,
    ships,
    square,
    street,
    towers,
    trees,
    two_wheelers,
    vehicles,
)
from scene_gen.kit.forms import form_of
from scene_gen.kit.materials import MATERIALS
from scene_gen.kit.recipe import Recipe, Variant

RECIPES: tuple[Recipe, ...] = (
    *trees.TABLE, *plants.TABLE, *boats.TABLE, *ships.TABLE, *cars.TABLE, *vehicles.TABLE, *two_wheelers.TABLE,
    *lamps_signs.TABLE, *street.TABLE, *square.TABLE, *cranes.TABLE, *harbor.TABLE, *landmarks.TABLE, *towers.TABLE, *machines.TABLE,
    *people.TABLE, *animals.TABLE,
)  # fmt: skip
SNOW_BARES = 0.35
"""Share of snow cover from which broad-leaved trees are bare in any season."""


@dataclass(frozen=True)
class Entry:
    """What an asset is made of: a recipe, one of its variants and a suffix: a season's ("autumn", "bare"), or "riding"."""

    recipe: Recipe
    variant: Variant
    suffix: str = ""


def _entries() -> dict[str, Entry]:
    table: dict[str, Entry] = {}
    counts: dict[str, int] = {}
    for recipe in RECIPES:
        for variant in recipe.variants:
            number = counts[recipe.kind] = counts.get(recipe.kind, 0) + 1
            name = f"{recipe.kind}-{number}"
            table[name] = Entry(recipe, variant)
            for suffix in recipe.recolored:
                table[f"{name}-{suffix}"] = Entry(recipe, variant, suffix)
            if recipe.is_bare_in_winter:
                table[f"{name}-bare"] = Entry(recipe, variant, "bare")
            if recipe.riding:
                table[riding_name(name)] = Entry(recipe, variant, RIDING)
    return table


TABLE: Mapping[str, Entry] = _entries()

NAMES: tuple[str, ...] = tuple(TABLE)
"""Every asset, those of the seasons ("oak-1-autumn", "oak-1-bare") and riders ("person-7-riding") included."""


@cache
def asset(name: str) -> Asset:
    """The asset of that name: its form, painted. Raises UnknownName."""
    entry = _entry(name)
    recipe, variant = entry.recipe, entry.variant
    form = form_of(name)
    season = recipe.recolored.get(entry.suffix, {})
    colors = {f"@{key}": season.get(value, value) for key, value in paints(entry).items()} | dict(season)
    return Asset(
        name=name,
        kind=recipe.kind,
        semantic=KINDS[recipe.kind].semantic,
        lods=tuple(_painted(mesh, colors) for mesh in form.lods),
        colliders=form.colliders,
        size=form.size,
        mass_kg=float(variant.mass_kg or recipe.mass_kg),
        is_movable=recipe.is_movable and not variant.is_fixed,
        light=form.light,
    )


def paints(entry: Entry) -> dict[str, str]:
    """The materials that a variant's look chooses, by the name of the argument."""
    return {key: value for key, value in entry.variant.look.items() if _is_material(value)}


def _is_material(value: object) -> bool:
    return isinstance(value, str) and value in MATERIALS


def _painted(mesh: Mesh, colors: Mapping[str, str]) -> Mesh:
    names = [colors.get(name, name) for name in mesh.materials]
    unique = tuple(dict.fromkeys(names))
    if unique == mesh.materials:
        return mesh
    if len(unique) == len(names):
        return replace(mesh, materials=unique)
    table = np.array([unique.index(name) for name in names], dtype=np.uint16)
    return replace(mesh, materials=unique, material=read_only(table[mesh.material], np.uint16))


@cache
def names_of_kind(kind: str) -> tuple[str, ...]:
    """The variants of a kind, or of all members of a group ("tree", "boat"), without those of the seasons."""
    if kind not in KINDS:
        raise UnknownName(unknown_name("kind", kind, KINDS))
    wanted = members(kind)
    return tuple(name for name, entry in TABLE.items() if not entry.suffix and entry.recipe.kind in wanted)


def words(name: str) -> tuple[str, ...]:
    """Adjectives that fit a variant: ("red", "small")."""
    return _entry(name).variant.words


def matching(kind: str, attributes: tuple[str, ...]) -> tuple[str, ...]:
    """The variants of a kind that fit the most of these adjectives; all of them where none fits any."""
    names = names_of_kind(kind)
    hits = {name: len(set(words(name)) & set(attributes)) for name in names}
    most = max(hits.values(), default=0)
    return tuple(name for name in names if hits[name] == most)


def riding(name: str) -> str:
    """The name of somebody's asset while they ride a two-wheeler; "" for those that do not."""
    return riding_name(name) if _entry(name).recipe.riding else ""


def seasonal(name: str, season: str, snow_cover: float = 0.0) -> str:
    """The name of the same thing in that season: oaks are bare in winter or under snow, cherries blossom in spring."""
    recipe = _entry(name).recipe
    if recipe.is_bare_in_winter and (season == "winter" or snow_cover >= SNOW_BARES):
        return f"{name}-bare"
    suffix = {"autumn": "autumn", "spring": "blossom"}.get(season, "")
    return f"{name}-{suffix}" if suffix in recipe.recolored else name


def for_season(kind: str, season: str, snow_cover: float = 0.0) -> tuple[str, ...]:
    """The variants of a kind or group as they look in that season."""
    return tuple(seasonal(name, season, snow_cover) for name in names_of_kind(kind))


def _entry(name: str) -> Entry:
    if name not in TABLE:
        raise UnknownName(unknown_name("asset", name, TABLE))
    return TABLE[name]
