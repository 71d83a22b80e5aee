"""The landscape, made by the plug-in's editor module: Unreal's Python has no way to import a height map of its own."""

from __future__ import annotations

import unreal

from ..faults import ImportFailed, NotCompiled
from ..ground import Ground
from ..level import Box
from ..placing import Thing
from .spawning import dressed
from .values import thing_tags, vector


def library() -> type[unreal.SimBridgeEditorLibrary]:
    """The functions of the plug-in's editor module. Raises NotCompiled where it was not built."""
    found = getattr(unreal, "SimBridgeEditorLibrary", None)
    if found is None:
        raise NotCompiled(
            "The editor module of the SimBridge plug-in is not there: unreal.SimBridgeEditorLibrary is missing. "
            "Build the project (its Editor target, Development) with the plug-in enabled, then start the editor again."
        )
    return found


def make_landscape(ground: Ground, material: unreal.MaterialInterface, folder: str, terrain: Thing) -> unreal.Landscape:
    """The landscape of a plan, with its layers painted. Raises ImportFailed with what the module said."""
    made, error = library().import_landscape(
        ground.heightmap.as_posix(), ground.size, ground.sections, ground.section_quads, vector(ground.location_cm),
        vector(ground.scale), material, [unreal.Name(layer.name) for layer in ground.layers],
        [layer.weight_map.as_posix() for layer in ground.layers], folder,
    )  # fmt: skip
    if made is None:
        raise ImportFailed(f"Unreal made no landscape of {ground.heightmap}: {error}")
    dressed(made, terrain.name, filed="Ground", tags=thing_tags(terrain))
    made.set_editor_property("render_custom_depth", True)
    made.set_editor_property("custom_depth_stencil_value", terrain.class_id)
    return made


def make_walkable(box: Box) -> unreal.NavMeshBoundsVolume:
    """The volume in which a navigation mesh is built. Raises ImportFailed where Unreal makes none."""
    made = library().spawn_nav_mesh_bounds(vector(box.middle_cm), vector(box.half_cm))
    if made is None:
        raise ImportFailed("Unreal made no volume for the navigation mesh. See the output log above this line.")
    dressed(made, "walkable", filed="Navigation")
    return made
