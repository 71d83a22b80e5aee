"""A recipe: how one kind of thing is built, in which variants, how heavy it is and how it changes with the season."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variant:
    """One look of a kind: `words` are adjectives that fit it, `look` the arguments of the building function.

    `is_fixed` says that it is bolted to the ground, though others of its kind can be moved.
    """

    words: tuple[str, ...] = ()
    look: Mapping[str, Any] = field(default_factory=dict)
    mass_kg: float | None = None
    is_fixed: bool = False


@dataclass(frozen=True)
class Recipe:
    """`build(builder, **look)` adds the parts of a `kind`; `recolored` maps a season's suffix to changed materials.

    `riding` are the arguments that make a rider of it, if it rides. `is_bare_in_winter` says that `build` takes `is_bare=True` for the leafless tree; `is_afloat` that z = 0 is the
    water line; all other things stand on z = 0.
    """

    kind: str
    build: Callable[..., None]
    mass_kg: float
    variants: tuple[Variant, ...] = (Variant(),)
    is_movable: bool = False
    recolored: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_bare_in_winter: bool = False
    riding: Mapping[str, Any] = field(default_factory=dict)
    is_afloat: bool = False


def variant(words: str = "", *, mass_kg: float | None = None, is_fixed: bool = False, **look: Any) -> Variant:
    """A variant of space-separated adjectives."""
    return Variant(tuple(words.split()), look, mass_kg, is_fixed)
