"""Plain numbers of a plan as Unreal's own types, and the tags that let others find our things again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import unreal

from ..placing import Thing

TAG = "SimBridge"
"""Every actor that an import makes carries this tag."""
_LONGEST_NAME = 1000
"""Unreal ends itself at names of 1024 letters."""


def vector(values: Sequence[float]) -> unreal.Vector:
    """A vector of three numbers."""
    return unreal.Vector(values[0], values[1], values[2])


def quat(values: Sequence[float]) -> unreal.Quat:
    """A rotation of x, y, z, w."""
    return unreal.Quat(values[0], values[1], values[2], values[3])


def transform(
    position_cm: Sequence[float], quat_xyzw: Sequence[float], scale: Sequence[float] = (1.0, 1.0, 1.0)
) -> unreal.Transform:
    """A transform told by a quaternion: Unreal's own constructor takes a rotator, which loses what it cannot say."""
    made = unreal.Transform()
    made.translation, made.rotation, made.scale3d = vector(position_cm), quat(quat_xyzw), vector(scale)
    return made


def color(rgb: Sequence[float]) -> unreal.LinearColor:
    """An opaque linear colour."""
    return unreal.LinearColor(rgb[0], rgb[1], rgb[2], 1.0)


def tags(pairs: Iterable[tuple[str, Any]]) -> list[unreal.Name]:
    """Our tag, then one `SimBridge.Key=value` for each pair."""
    return [unreal.Name(TAG), *(unreal.Name(f"{TAG}.{key}={value}"[:_LONGEST_NAME]) for key, value in pairs)]


def thing_tags(thing: Thing, notes: Iterable[tuple[str, str]] = ()) -> list[unreal.Name]:
    """Id, name, kind and class of a thing, and what else is known of it."""
    known = (("Id", thing.id), ("Name", thing.name), ("Kind", thing.kind), ("Class", thing.semantic))
    return tags((*known, *((key.capitalize(), value) for key, value in notes)))
