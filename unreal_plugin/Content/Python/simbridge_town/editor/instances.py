"""What stands in the town: batches as instanced meshes whose custom data holds the instance ids, the rest as actors.

Where masks find what they need: the instance id is custom data 0 of an instance and custom primitive data 0 of an actor's
mesh; the class id is the custom depth stencil of both.
"""

from __future__ import annotations

import unreal

from ..faults import ImportFailed
from ..models import model_key
from ..placing import Batch, Thing
from .spawning import spawned
from .values import tags, thing_tags, transform

_ORIGIN = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
_NO_TOUCH = "NoCollision"


def place_batch(batch: Batch, mesh: unreal.StaticMesh) -> unreal.HierarchicalInstancedStaticMeshComponent:
    """One actor that draws all things of a mesh. Its component's tags name them, `id=name`, in order of instance."""
    first = batch.things[0]
    label = batch.mesh.rpartition("/")[2].rpartition(".")[0]
    known = (("Batch", batch.mesh), ("Kind", first.kind), ("Class", first.semantic))
    actor = spawned(unreal.Actor, label, transform(*_ORIGIN), filed=f"Batches/{first.semantic}", tags=tags(known))
    component = _instanced_component(actor, label)
    component.set_mobility(unreal.ComponentMobility.STATIC)
    component.set_static_mesh(mesh)
    component.set_editor_property("num_custom_data_floats", 1)
    poses = [transform(thing.position_cm, thing.quat_xyzw, thing.scale) for thing in batch.things]
    component.add_instances(poses, False, True)
    if component.get_instance_count() != len(batch.things):
        raise ImportFailed(
            f"The batch '{label}' has {component.get_instance_count()} instances of {len(batch.things)}. "
            "See the output log above this line."
        )
    for index, thing in enumerate(batch.things):
        component.set_custom_data_value(index, 0, float(thing.id), index == len(batch.things) - 1)
    component.set_editor_property("component_tags", [unreal.Name(instance_tag(thing)) for thing in batch.things])
    _masked(component, first.class_id)
    return component


def instance_tag(thing: Thing) -> str:
    """How a batch's component names one of its instances, short enough for a name of Unreal's."""
    return f"{thing.id}={thing.name}"[:1000]


def _instanced_component(actor: unreal.Actor, label: str) -> unreal.HierarchicalInstancedStaticMeshComponent:
    """A new instanced-mesh component of an actor, which the level keeps as it keeps what a user adds by hand."""
    subobjects = unreal.get_engine_subsystem(unreal.SubobjectDataSubsystem)
    if subobjects is None:
        raise ImportFailed("This editor has no SubobjectDataSubsystem, so that no component can be added.")
    parameters = unreal.AddNewSubobjectParams()
    parameters.parent_handle = subobjects.k2_gather_subobject_data_for_instance(actor)[0]
    parameters.new_class = unreal.HierarchicalInstancedStaticMeshComponent.static_class()
    _, reason = subobjects.add_new_subobject(parameters)
    component = actor.get_component_by_class(unreal.HierarchicalInstancedStaticMeshComponent.static_class())
    if not isinstance(component, unreal.HierarchicalInstancedStaticMeshComponent):
        raise ImportFailed(f"Unreal added no instanced mesh to '{label}': {reason}")
    return component


def place_thing(
    thing: Thing, mesh: unreal.StaticMesh, notes: tuple[tuple[str, str], ...] = ()
) -> unreal.StaticMeshActor:
    """One actor for one thing: fixed, led by somebody, or pushed about by physics with the mass it has."""
    filed = f"{'Structures' if thing.role == 'fixed' else 'Movable'}/{thing.semantic}"
    where = transform(thing.position_cm, thing.quat_xyzw, thing.scale)
    moves = thing.role != "fixed"
    actor = spawned(unreal.StaticMeshActor, thing.name, where, filed=filed, tags=thing_tags(thing, notes))
    component = actor.static_mesh_component
    component.set_mobility(unreal.ComponentMobility.MOVABLE if moves else unreal.ComponentMobility.STATIC)
    if not component.set_static_mesh(mesh):
        raise ImportFailed(f"'{thing.name}' did not take the mesh {model_key(thing)}. See the output log above.")
    if thing.semantic == "water":
        component.set_collision_profile_name(unreal.Name(_NO_TOUCH))
    if thing.role == "pushed":
        component.set_collision_profile_name(unreal.Name("PhysicsActor"))
        component.set_mass_override_in_kg(unreal.Name("None"), thing.mass_kg, True)
        component.set_simulate_physics(True)
    component.set_default_custom_primitive_data_float(0, float(thing.id))
    _masked(component, thing.class_id)
    return actor


def _masked(component: unreal.PrimitiveComponent, class_id: int) -> None:
    component.set_render_custom_depth(True)
    component.set_custom_depth_stencil_value(class_id)
