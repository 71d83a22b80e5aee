"""Materials: one parent for what is seen from one side, one for both, an instance each, and the ground's blend of layers."""

from __future__ import annotations

from typing import TypeVar, cast

import unreal

from ..faults import ImportFailed
from ..ground import Layer
from ..models import Surface
from .values import color

NITS_OF_EMISSION = 100.0
"""What a material's emission of 1 shines with [cd/m2], about a lit window; the parents' parameter `EmissionNits`."""
_Asset = TypeVar("_Asset", bound=unreal.Object)
_LIBRARY = unreal.MaterialEditingLibrary


def created(name: str, folder: str, kind: type[_Asset], factory: unreal.Factory) -> _Asset:
    """A new asset. Raises ImportFailed where Unreal makes none."""
    asset = unreal.AssetToolsHelpers.get_asset_tools().create_asset(name, folder, kind, factory)
    if asset is None:
        raise ImportFailed(f"Unreal did not make the asset {folder}/{name}. See the output log above this line.")
    return cast(_Asset, asset)


def make_materials(known: dict[str, Surface], folder: str) -> dict[str, unreal.MaterialInterface]:
    """A material instance for each surface, by the surface's name."""
    parents = {
        is_two_sided: _parent(name, folder, is_two_sided=is_two_sided)
        for is_two_sided, name in ((False, "M_Solid"), (True, "M_Thin"))
    }
    return {name: _instance(surface, parents[surface.is_two_sided], folder) for name, surface in known.items()}


def _parent(name: str, folder: str, *, is_two_sided: bool) -> unreal.Material:
    material = created(name, folder, unreal.Material, unreal.MaterialFactoryNew())
    material.set_editor_property("two_sided", is_two_sided)
    material.set_editor_property("used_with_instanced_static_meshes", True)
    _connect(_vector(material, "BaseColor", (0.5, 0.5, 0.5), -400), unreal.MaterialProperty.MP_BASE_COLOR)
    _connect(_scalar(material, "Metallic", 0.0, -200), unreal.MaterialProperty.MP_METALLIC)
    _connect(_scalar(material, "Roughness", 0.9, 0), unreal.MaterialProperty.MP_ROUGHNESS)
    shine = _LIBRARY.create_material_expression(material, unreal.MaterialExpressionMultiply, -300, 300)
    _join(_vector(material, "Emission", (0.0, 0.0, 0.0), 250), shine, "A")
    _join(_scalar(material, "EmissionNits", NITS_OF_EMISSION, 450), shine, "B")
    _connect(shine, unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    _LIBRARY.recompile_material(material)
    return material


def _instance(surface: Surface, parent: unreal.Material, folder: str) -> unreal.MaterialInstanceConstant:
    factory = unreal.MaterialInstanceConstantFactoryNew()
    instance = created(surface.asset, folder, unreal.MaterialInstanceConstant, factory)
    _LIBRARY.set_material_instance_parent(instance, parent)
    # What these setters return says nothing: it is false in some versions although the value was set.
    for name, rgb in (("BaseColor", surface.color_linear), ("Emission", surface.emission_linear)):
        _LIBRARY.set_material_instance_vector_parameter_value(instance, unreal.Name(name), color(rgb))
    for name, value in (("Metallic", surface.metallic), ("Roughness", surface.roughness)):
        _LIBRARY.set_material_instance_scalar_parameter_value(instance, unreal.Name(name), value)
    _LIBRARY.update_material_instance(instance)
    return instance


def make_ground_material(layers: tuple[Layer, ...], folder: str) -> unreal.Material:
    """The landscape's material: every layer's plain colour, blended by the weights."""
    material = created("M_Ground", folder, unreal.Material, unreal.MaterialFactoryNew())
    blend = _LIBRARY.create_material_expression(material, unreal.MaterialExpressionLandscapeLayerBlend, -400, 0)
    inputs = []
    for layer in layers:
        entry = unreal.LayerBlendInput()
        entry.set_editor_property("layer_name", unreal.Name(layer.name))
        entry.set_editor_property("blend_type", unreal.LandscapeLayerBlendType.LB_WEIGHT_BLEND)
        entry.set_editor_property("const_layer_input", unreal.Vector(*layer.color_linear))
        entry.set_editor_property("preview_weight", 1.0 if not inputs else 0.0)
        inputs.append(entry)
    blend.set_editor_property("layers", inputs)
    _connect(blend, unreal.MaterialProperty.MP_BASE_COLOR)
    _connect(_scalar(material, "Roughness", 0.95, 200), unreal.MaterialProperty.MP_ROUGHNESS)
    _LIBRARY.recompile_material(material)
    return material


def _vector(
    material: unreal.Material, name: str, value: tuple[float, float, float], y: int
) -> unreal.MaterialExpression:
    made = _LIBRARY.create_material_expression(material, unreal.MaterialExpressionVectorParameter, -600, y)
    made.set_editor_property("parameter_name", unreal.Name(name))
    made.set_editor_property("default_value", color(value))
    return made


def _scalar(material: unreal.Material, name: str, value: float, y: int) -> unreal.MaterialExpression:
    made = _LIBRARY.create_material_expression(material, unreal.MaterialExpressionScalarParameter, -600, y)
    made.set_editor_property("parameter_name", unreal.Name(name))
    made.set_editor_property("default_value", value)
    return made


def _connect(expression: unreal.MaterialExpression, target: unreal.MaterialProperty) -> None:
    if not _LIBRARY.connect_material_property(expression, "", target):
        raise ImportFailed(f"Unreal did not connect a material's {target}. See the output log above this line.")


def _join(source: unreal.MaterialExpression, target: unreal.MaterialExpression, pin: str) -> None:
    if not _LIBRARY.connect_material_expressions(source, "", target, pin):
        raise ImportFailed(f"Unreal did not connect a material's input {pin}. See the output log above this line.")
