"""Places without a body: where players and agents begin, where somebody may be put, and the town's cameras."""

from __future__ import annotations

import unreal

from ..level import Mark, View
from .spawning import spawned
from .values import tags, transform


def make_start(mark: Mark) -> None:
    """The player start."""
    where = transform(mark.position_cm, mark.quat_xyzw)
    spawned(unreal.PlayerStart, mark.name, where, filed="Places", tags=tags(()))


def make_mark(mark: Mark) -> None:
    """A target point that carries the place's name and kind, and what else is known of it, in its tags."""
    known = (("Name", mark.name), ("Kind", mark.kind), *((key.capitalize(), value) for key, value in mark.notes))
    where = transform(mark.position_cm, mark.quat_xyzw)
    spawned(unreal.TargetPoint, f"{mark.name}-place", where, filed="Places", tags=tags(known))


def make_view(view: View) -> None:
    """A camera."""
    where = transform(view.position_cm, view.quat_xyzw)
    known = (("Camera", view.name),)
    camera = spawned(unreal.CameraActor, view.name, where, filed="Cameras", tags=tags(known)).camera_component
    camera.set_field_of_view(view.fov_deg)
    camera.set_editor_property("constrain_aspect_ratio", False)
