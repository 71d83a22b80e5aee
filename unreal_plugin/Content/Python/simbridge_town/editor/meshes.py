"""Static meshes by Interchange: files staged under safe names, imported without their materials, dressed with ours."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, cast

import unreal

from ..faults import ImportFailed
from ..models import Model, ModelFile, Surface
from .spawning import subsystem


def import_meshes(
    files: tuple[ModelFile, ...], surfaces: dict[str, Surface], materials: dict[str, unreal.MaterialInterface],
    folder: str, staging: Path, progress: Callable[[str], None],
) -> dict[str, unreal.StaticMesh]:  # fmt: skip
    """Every mesh of the files as an asset in `folder`, by the key things name it by; calls `progress` a file."""
    pipeline = _pipeline()
    slots = {surface.asset: materials[name] for name, surface in surfaces.items()}
    staging.mkdir(parents=True, exist_ok=True)
    found: dict[str, unreal.StaticMesh] = {}
    for file in files:
        progress(f"Importing {file.glb.path.name}")
        staged = staging / f"{file.asset}.glb"
        staged.write_bytes(file.staged(surfaces))
        _import(staged, f"{folder}/{file.asset}", pipeline)
        meshes = _meshes_in(f"{folder}/{file.asset}")
        for model in file.models:
            mesh = meshes.get(model.asset.lower())
            if mesh is None:
                raise ImportFailed(
                    f"Interchange made no mesh '{model.asset}' of {staged}; it made {', '.join(sorted(meshes)) or 'none'}. "
                    "Is the plug-in Interchange Framework enabled, and glTF imported by it?"
                )
            _dress(mesh, model, slots)
            found[model.key] = mesh
    return found


def _pipeline() -> unreal.InterchangeGenericAssetsPipeline:
    """How files are read: meshes as they are, an asset each, in one folder, without materials or textures."""
    pipeline = unreal.InterchangeGenericAssetsPipeline()
    common, meshes, materials = (
        cast(unreal.Object, pipeline.get_editor_property(name))
        for name in ("common_meshes_properties", "mesh_pipeline", "material_pipeline")
    )
    common.set_editor_property("force_all_mesh_as_type", unreal.InterchangeForceMeshType.IFMT_STATIC_MESH)
    common.set_editor_property("recompute_normals", False)
    meshes.set_editor_property("import_static_meshes", True)
    meshes.set_editor_property("import_skeletal_meshes", False)
    meshes.set_editor_property("build_nanite", False)
    materials.set_editor_property("import_materials", False)
    # Not every version from 5.3 to 5.7 has these, and none needs them: assets are looked for in every folder below, and
    # meshes stay apart unless somebody joins them.
    _set_where_known(pipeline, asset_type_sub_folders=False, scene_name_sub_folder=False)
    _set_where_known(meshes, combine_static_meshes=False, generate_lightmap_u_vs=False)
    return pipeline


def _set_where_known(target: unreal.Object, **values: bool) -> None:
    for name, value in values.items():
        if hasattr(target, name):
            target.set_editor_property(name, value)


def _import(file: Path, folder: str, pipeline: unreal.InterchangeGenericAssetsPipeline) -> None:
    parameters = unreal.ImportAssetParameters()
    parameters.is_automated = True
    # A path to an object that is in memory only: the caller holds the pipeline until all is imported.
    path = unreal.SoftObjectPath(pipeline.get_path_name())
    parameters.set_editor_property("override_pipelines", [path])
    manager = unreal.InterchangeManager.get_interchange_manager_scripted()
    source = unreal.InterchangeManager.create_source_data(file.as_posix())
    # What comes back differs between versions (a truth, a list); whether it worked is seen by what is there after.
    manager.import_asset(folder, source, parameters)
    manager.wait_until_all_tasks_done(False)


def _meshes_in(folder: str) -> dict[str, unreal.StaticMesh]:
    """The static meshes at or below a folder, by name in small letters: Unreal's names know no case."""
    assets = subsystem(unreal.EditorAssetSubsystem)
    loaded = (assets.load_asset(path) for path in assets.list_assets(folder, True, False))
    return {asset.get_name().lower(): asset for asset in loaded if isinstance(asset, unreal.StaticMesh)}


def _dress(mesh: unreal.StaticMesh, model: Model, slots: dict[str, unreal.MaterialInterface]) -> None:
    """Gives a mesh its materials, slot by slot, and the shape by which it touches others."""
    by_name = {name.lower(): material for name, material in slots.items()}
    for index, slot in enumerate(mesh.static_materials):
        names = [str(slot.get_editor_property("imported_material_slot_name")), str(slot.material_slot_name)]
        material = next((by_name[name.lower()] for name in names if name.lower() in by_name), None)
        if material is None:
            raise ImportFailed(
                f"Slot {index} of the mesh {model.asset} is called '{names[0]}', which is no material of the town. "
                "Tell us the engine's version: Interchange names slots after materials in those we know."
            )
        mesh.set_material(index, material)
    shaping = subsystem(unreal.StaticMeshEditorSubsystem)
    if model.touch == "hull":
        shaping.remove_collisions(mesh)
        shaping.add_simple_collisions(mesh, unreal.ScriptCollisionShapeType.NDOP18)
    elif model.touch == "exact":
        body = mesh.get_editor_property("body_setup")
        if not isinstance(body, unreal.BodySetup):
            raise ImportFailed(f"The mesh {model.asset} has no body setup. See the output log above this line.")
        body.set_editor_property("collision_trace_flag", unreal.CollisionTraceFlag.CTF_USE_COMPLEX_AS_SIMPLE)
