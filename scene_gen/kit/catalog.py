"""The catalogue: every asset of the kit by name, the variants of a kind, and what the season does to trees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from bridge.errors import UnknownName
from bridge.frames import read_only
from bridge.meshes import extent
from bridge.plugins import unknown_name
from bridge.scene import Asset, Collider, Mesh
from scene_gen.kinds import KINDS, members
from scene_gen.kit import (
    animals,
    boats,
    cars,
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
from scene_gen.kit.builder import Builder
from scene_gen.kit.materials import MATERIALS
from scene_gen.kit.recipe import Recipe, Variant

RECIPES: tuple[Recipe, ...] = (
    *trees.TABLE, *plants.TABLE, *boats.TABLE, *ships.TABLE, *cars.TABLE, *vehicles.TABLE, *two_wheelers.TABLE,
    *lamps_signs.TABLE, *street.TABLE, *square.TABLE, *harbor.TABLE, *landmarks.TABLE, *towers.TABLE, *machines.TABLE,
    *people.TABLE, *animals.TABLE,
)  # fmt: skip
SNOW_BARES = 0.35
"""Share of snow cover from which broad-leaved trees are bare in any season."""


@dataclass(frozen=True)
class _Entry:
    recipe: Recipe
    variant: Variant
    suffix: str = ""


def _entries() -> dict[str, _Entry]:
    table: dict[str, _Entry] = {}
    counts: dict[str, int] = {}
    for recipe in RECIPES:
        for variant in recipe.variants:
            number = counts[recipe.kind] = counts.get(recipe.kind, 0) + 1
            name = f"{recipe.kind}-{number}"
            table[name] = _Entry(recipe, variant)
            for suffix in recipe.recolored:
                table[f"{name}-{suffix}"] = _Entry(recipe, variant, suffix)
            if recipe.is_bare_in_winter:
                table[f"{name}-bare"] = _Entry(recipe, variant, "bare")
    return table


_TABLE = _entries()

NAMES: tuple[str, ...] = tuple(_TABLE)
"""Every asset, those of the seasons ("oak-1-autumn", "oak-1-bare") included."""


@cache
def asset(name: str) -> Asset:
    """The asset of that name, built when first asked for. Raises UnknownName."""
    entry = _entry(name)
    recipe, variant = entry.recipe, entry.variant
    paints = {f"@{key}": value for key, value in variant.look.items() if _is_material(value)}
    forms = tuple((key, f"@{key}" if f"@{key}" in paints else value) for key, value in variant.look.items())
    form = _form(_RECIPE_INDEX[recipe.kind, recipe.build], forms, entry.suffix == "bare")
    season = recipe.recolored.get(entry.suffix, {})
    colors = {key: season.get(value, value) for key, value in paints.items()} | dict(season)
    return Asset(
        name=name,
        kind=recipe.kind,
        semantic=KINDS[recipe.kind].semantic,
        lods=tuple(_painted(mesh, colors) for mesh in form.lods),
        colliders=form.colliders,
        size=form.size,
        mass_kg=float(variant.mass_kg or recipe.mass_kg),
        is_movable=recipe.is_movable,
        light=form.light,
    )


@dataclass(frozen=True, eq=False)
class _Form:
    lods: tuple[Mesh, ...]
    colliders: tuple[Collider, ...]
    size: tuple[float, float, float]
    light: tuple[float, float, float] | None


_RECIPE_INDEX = {(recipe.kind, recipe.build): index for index, recipe in enumerate(RECIPES)}


@cache
def _form(recipe: int, look: tuple[tuple[str, Any], ...], is_bare: bool) -> _Form:
    """The geometry that variants share which differ in paint alone: materials of the look are places named "@..."."""
    afloat = RECIPES[recipe].is_afloat
    builder = Builder(is_afloat=afloat)
    RECIPES[recipe].build(builder, **dict(look), **({"is_bare": True} if is_bare else {}))
    lods, colliders = builder.finished()
    low, high = extent(lods[0])
    x, y, z = (float(v) for v in high - low)
    return _Form(lods, colliders, (x, y, z), builder.light)


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
    return tuple(name for name, entry in _TABLE.items() if not entry.suffix and entry.recipe.kind in wanted)


def words(name: str) -> tuple[str, ...]:
    """Adjectives that fit a variant: ("red", "small")."""
    return _entry(name).variant.words


def matching(kind: str, attributes: tuple[str, ...]) -> tuple[str, ...]:
    """The variants of a kind that fit the most of these adjectives; all of them where none fits any."""
    names = names_of_kind(kind)
    hits = {name: len(set(words(name)) & set(attributes)) for name in names}
    most = max(hits.values(), default=0)
    return tuple(name for name in names if hits[name] == most)


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


def _entry(name: str) -> _Entry:
    if name not in _TABLE:
        raise UnknownName(unknown_name("asset", name, _TABLE))
    return _TABLE[name]
