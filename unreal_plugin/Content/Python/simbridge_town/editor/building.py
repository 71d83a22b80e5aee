"""A planned level built in the editor, step by step, and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import unreal

from ..faults import ImportFailed
from ..level import ROOT, LevelPlan, plan_level
from ..models import model_key
from .instances import place_batch, place_thing
from .landscape import library, make_landscape, make_walkable
from .lights import make_lamp, make_sky
from .materials import make_ground_material, make_materials
from .meshes import import_meshes
from .places import make_mark, make_start, make_view
from .spawning import subsystem


def import_town(path: str, *, name: str = "", root: str = ROOT, replace: bool = False) -> str:
    """Makes a level of the town in a folder and returns the level's path, "/Game/SimBridge/Towns/NAME/NAME".

    What is there already stays unless `replace`. Raises ImporterFault; what was made until then is not saved.
    """
    plan = plan_level(path, name=name, root=root)
    library()
    _make_room(plan, replace=replace)
    levels = subsystem(unreal.LevelEditorSubsystem)
    if not levels.new_level(plan.package):
        raise ImportFailed(f"Unreal did not make the level {plan.package}. See the output log above this line.")
    with unreal.ScopedSlowTask(len(plan.files) + 5.0, f"Importing {plan.name}") as task:
        task.make_dialog(False)
        _build(plan, lambda what: task.enter_progress_frame(1.0, what))
    if not levels.save_current_level():
        raise ImportFailed(f"The level {plan.package} could not be saved. Is its file open elsewhere, or read-only?")
    if not subsystem(unreal.EditorAssetSubsystem).save_directory(plan.folder, False, True):
        raise ImportFailed(f"The assets in {plan.folder} could not be saved. Is a file open elsewhere, or read-only?")
    unreal.log(f"SimBridge: {plan.package} has {_told(plan)}.")
    return plan.package


def _make_room(plan: LevelPlan, *, replace: bool) -> None:
    """Leaves no asset at the plan's folder. Raises ImportFailed where there are some and they may not go.

    Making a level closes the one that is open without a question, so that one may have no changes.
    """
    for package in unreal.EditorLoadingAndSavingUtils.get_dirty_map_packages():
        if not package.get_name().startswith("/Temp/"):
            raise ImportFailed(
                f"The level {package.get_name()} has changes. Save it, or open it anew, and import again."
            )
    assets = subsystem(unreal.EditorAssetSubsystem)
    if not assets.does_directory_exist(plan.folder) or not assets.does_directory_contain_assets(plan.folder, True):
        return
    if not replace:
        raise ImportFailed(f"{plan.folder} holds a town already. Give --replace, or another --name.")
    unreal.EditorLoadingAndSavingUtils.new_blank_map(False)
    if not assets.delete_directory(plan.folder):
        raise ImportFailed(f"{plan.folder} could not be removed. Close what uses its assets, and try again.")


def _build(plan: LevelPlan, progress: Callable[[str], None]) -> None:
    progress("Materials")
    materials = make_materials(plan.surfaces, plan.sky.weather, f"{plan.folder}/Materials")
    ground_material = make_ground_material(plan.ground.layers, plan.sky.weather, f"{plan.folder}/Materials")
    staging = (
        Path(unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_saved_dir())) / "SimBridge" / plan.name
    )
    meshes = import_meshes(plan.files, plan.surfaces, materials, f"{plan.folder}/Meshes", staging, progress)
    progress("Landscape")
    make_landscape(plan.ground, ground_material, f"{plan.folder}/Layers", plan.terrain)
    progress("Things")
    for batch in plan.batches:
        place_batch(batch, meshes[batch.mesh])
    for thing in plan.things:
        place_thing(thing, meshes[model_key(thing)], plan.titles.get(thing.name, ()))
    progress("Sky and lamps")
    make_sky(plan.sky)
    for lamp in plan.sky.lamps:
        make_lamp(lamp)
    progress("Places")
    make_walkable(plan.walkable)
    make_start(plan.start)
    for mark in plan.marks:
        make_mark(mark)
    for view in plan.views:
        make_view(view)


def _told(plan: LevelPlan) -> str:
    instances = sum(len(batch.things) for batch in plan.batches)
    return (
        f"a landscape of {plan.ground.size} by {plan.ground.size} vertices in {len(plan.ground.layers)} layers, "
        f"{instances} instances in {len(plan.batches)} batches, {len(plan.things)} actors and {len(plan.sky.lamps)} lamps"
    )
