"""Actors in the level that is open: spawned at a transform, labelled, filed in the outliner and tagged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, cast

import unreal

from ..faults import ImportFailed
from .values import vector

FOLDER = "SimBridge"
_Subsystem = TypeVar("_Subsystem", bound=unreal.EditorSubsystem)
_Actor = TypeVar("_Actor", bound=unreal.Actor)


def subsystem(kind: type[_Subsystem]) -> _Subsystem:
    """An editor subsystem. Raises ImportFailed where the editor runs without it."""
    found = unreal.get_editor_subsystem(kind)
    if found is None:
        raise ImportFailed(
            f"This editor has no {kind.__name__}. Run the import in the editor, or with "
            "-ExecutePythonScript instead of -run=pythonscript."
        )
    return found


def spawned(
    kind: type[_Actor], label: str, where: unreal.Transform, *, filed: str, tags: Sequence[unreal.Name] = ()
) -> _Actor:
    """A new actor of a class. Raises ImportFailed where Unreal makes none."""
    actor = subsystem(unreal.EditorActorSubsystem).spawn_actor_from_class(kind, vector((0.0, 0.0, 0.0)))
    if actor is None:
        raise ImportFailed(f"Unreal did not make the {kind.__name__} '{label}'. See the output log above this line.")
    actor.set_actor_transform(where, False, True)
    dressed(actor, label, filed=filed, tags=tags)
    return cast(_Actor, actor)


def dressed(actor: unreal.Actor, label: str, *, filed: str, tags: Sequence[unreal.Name] = ()) -> None:
    """Gives an actor its label, its folder in the outliner and its tags."""
    actor.set_actor_label(label)
    actor.set_folder_path(unreal.Name(f"{FOLDER}/{filed}"))
    actor.set_editor_property("tags", list(tags))
