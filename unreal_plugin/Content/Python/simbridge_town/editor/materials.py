"""Materials: one parent for what is seen from one side, one for both, an instance each, and the ground's blend of layers.

Snow and rain lie on them as in simbridge's own pictures, without the small patches that those have.
"""

from __future__ import annotations

from typing import TypeVar, cast

import unreal

from ..faults import ImportFailed
from ..ground import Layer
from ..models import Surface
from ..sky import Weather
from .graph import Graph, Node
from .values import color

NITS_OF_EMISSION = 100.0
"""What a material's emission of 1 shines with [cd/m2], about a lit window; the parents' parameter `EmissionNits`."""
SNOW = (0.795, 0.825, 0.87)
_Asset = TypeVar("_Asset", bound=unreal.Object)
_LIBRARY = unreal.MaterialEditingLibrary


def created(name: str, folder: str, kind: type[_Asset], factory: unreal.Factory) -> _Asset:
    """A new asset. Raises ImportFailed where Unreal makes none."""
    asset = unreal.AssetToolsHelpers.get_asset_tools().create_asset(name, folder, kind, factory)
    if asset is None:
        raise ImportFailed(f"Unreal did not make the asset {folder}/{name}. See the output log above this line.")
    return cast(_Asset, asset)


def make_materials(known: dict[str, Surface], weather: Weather, folder: str) -> dict[str, unreal.MaterialInterface]:
    """A material instance for each surface, by the surface's name."""
    parents = {
        is_two_sided: _parent(name, weather, folder, is_two_sided=is_two_sided)
        for is_two_sided, name in ((False, "M_Solid"), (True, "M_Thin"))
    }
    return {name: _instance(surface, parents[surface.is_two_sided], folder) for name, surface in known.items()}


def _parent(name: str, weather: Weather, folder: str, *, is_two_sided: bool) -> unreal.Material:
    material = created(name, folder, unreal.Material, unreal.MaterialFactoryNew())
    material.set_editor_property("two_sided", is_two_sided)
    material.set_editor_property("used_with_instanced_static_meshes", True)
    graph = Graph(material)
    _weathered(graph, weather, graph.vector("BaseColor", (0.5, 0.5, 0.5)), graph.scalar("Roughness", 0.9))
    graph.goes_to(graph.scalar("Metallic", 0.0), unreal.MaterialProperty.MP_METALLIC)
    shine = graph.times(graph.vector("Emission", (0.0, 0.0, 0.0)), graph.scalar("EmissionNits", NITS_OF_EMISSION))
    graph.goes_to(shine, unreal.MaterialProperty.MP_EMISSIVE_COLOR)
    _LIBRARY.recompile_material(material)
    return material


def _weathered(graph: Graph, weather: Weather, base: Node, rough: Node) -> None:
    """Base colour and roughness under the snow and the water that lie on what faces up; parameters for both."""
    up = graph.up()
    lying = graph.times(
        graph.unit(graph.times(graph.plus(up, -0.28), 3.2)),
        graph.unit(graph.times(graph.scalar("SnowCover", weather.snow_cover), 1.35)),
    )
    base = graph.between(base, graph.constant(SNOW), lying)
    rough = graph.between(rough, 0.75, lying)
    soak = graph.times(graph.unit(graph.plus(graph.times(up, 1.4), 0.35)), graph.scalar("Wetness", weather.wetness))
    dark = graph.times(graph.times(soak, graph.unit(graph.times(rough, 1.3))), -0.42)
    base = graph.times(base, graph.plus(dark, 1.0))
    rough = graph.between(rough, 0.32, graph.times(graph.times(soak, graph.unit(up)), 0.75))
    graph.goes_to(base, unreal.MaterialProperty.MP_BASE_COLOR)
    graph.goes_to(rough, unreal.MaterialProperty.MP_ROUGHNESS)


def _instance(surface: Surface, parent: unreal.Material, folder: str) -> unreal.MaterialInstanceConstant:
    factory = unreal.MaterialInstanceConstantFactoryNew()
    instance = created(surface.asset, folder, unreal.MaterialInstanceConstant, factory)
    _LIBRARY.set_material_instance_parent(instance, parent)
    # What these setters return says nothing: it is false in some versions although the value was set.
    for name, rgb in (("BaseColor", surface.color_linear), ("Emission", surface.emission_linear)):
        _LIBRARY.set_material_instance_vector_parameter_value(instance, unreal.Name(name), color(rgb))
    numbers = {"Metallic": surface.metallic, "Roughness": surface.roughness}
    if surface.sheds_water:
        numbers["Wetness"] = 0.0
    for name, value in numbers.items():
        _LIBRARY.set_material_instance_scalar_parameter_value(instance, unreal.Name(name), value)
    _LIBRARY.update_material_instance(instance)
    return instance


def make_ground_material(layers: tuple[Layer, ...], weather: Weather, folder: str) -> unreal.Material:
    """The landscape's material: every layer's plain colour, blended by the weights."""
    material = created("M_Ground", folder, unreal.Material, unreal.MaterialFactoryNew())
    graph, inputs = Graph(material), []
    for layer in layers:
        entry = unreal.LayerBlendInput()
        entry.set_editor_property("layer_name", unreal.Name(layer.name))
        entry.set_editor_property("blend_type", unreal.LandscapeLayerBlendType.LB_WEIGHT_BLEND)
        entry.set_editor_property("const_layer_input", unreal.Vector(*layer.color_linear))
        entry.set_editor_property("preview_weight", 1.0 if not inputs else 0.0)
        inputs.append(entry)
    _weathered(graph, weather, graph.layers(inputs), graph.scalar("Roughness", 0.95))
    _LIBRARY.recompile_material(material)
    return material
