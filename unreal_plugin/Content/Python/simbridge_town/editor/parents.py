"""The materials that worlds made at run time descend from: a lit surface, water, and two that draw instance ids.

The runtime module only sets parameters: no shader can be compiled in a packaged game. They lie in the plug-in's own
content, /SimBridge/Materials, where its settings look for them.
"""

from __future__ import annotations

import unreal

from ..faults import ImportFailed
from .materials import NITS_OF_EMISSION, created
from .values import color

FOLDER = "/SimBridge/Materials"
NAMES = (
    "MPC_SimBridgeWeather",
    "M_SimBridgeSurface",
    "M_SimBridgeWater",
    "M_SimBridgeInstanceId",
    "M_SimBridgeSingleId",
)
WEATHER = ("Wetness", "Snow", "Rain", "Snowfall", "Night", "WindX", "WindY")
"""Scalars that the runtime module sets whenever the weather changes."""
_PAINT, _IS_PAINTED, _ID = 0, 3, 0
"""Where an instance's custom floats begin: its paint (three and one that says so), and, in its twin, its id's bytes."""
_LIBRARY = unreal.MaterialEditingLibrary
_TARGET = unreal.MaterialProperty


def make_parents(folder: str = FOLDER, *, replaces: bool = False) -> tuple[str, ...]:
    """Makes and saves all of them; returns their paths. What is there stays, unless it is to be replaced."""
    paths = tuple(f"{folder}/{name}" for name in NAMES)
    there = [path for path in paths if unreal.EditorAssetLibrary.does_asset_exist(path)]
    if there and not replaces:
        raise ImportFailed(f"{there[0]} is there already. Nothing was made; give --replace to make all of them anew.")
    for path in there:
        if not unreal.EditorAssetLibrary.delete_asset(path):
            raise ImportFailed(f"{path} could not be removed. Is it open in an editor? Close it, and try again.")
    weather = _weather(folder)
    _surface(folder, weather)
    _water(folder)
    _ids(folder)
    for path in paths:
        if not unreal.EditorAssetLibrary.save_asset(path, False):
            raise ImportFailed(f"{path} could not be saved. Is the plug-in's folder Content/ writable?")
    return paths


def _weather(folder: str) -> unreal.MaterialParameterCollection:
    made = created(NAMES[0], folder, unreal.MaterialParameterCollection, unreal.MaterialParameterCollectionFactoryNew())
    scalars = []
    for name in WEATHER:
        scalar = unreal.CollectionScalarParameter()
        scalar.set_editor_property("parameter_name", unreal.Name(name))
        scalar.set_editor_property("default_value", 0.0)
        scalars.append(scalar)
    made.set_editor_property("scalar_parameters", scalars)
    return made


def _surface(folder: str, weather: unreal.MaterialParameterCollection) -> None:
    """Colour by parameter or an instance's paint, with a grain; rain darkens and smooths it, snow lies on what faces up."""
    made = _Graph(NAMES[1], folder)
    tint = made.node(unreal.MaterialExpressionPerInstanceCustomData3Vector, data_index=_PAINT)
    is_painted = made.node(unreal.MaterialExpressionPerInstanceCustomData, data_index=_IS_PAINTED)
    painted = made.mixed(made.vector("Color", (0.5, 0.5, 0.5)), tint, is_painted)
    where = made.product(made.node(unreal.MaterialExpressionWorldPosition), made.scalar("GrainsPerCm", 0.0))
    noise = made.node(unreal.MaterialExpressionNoise, output_min=0.8, output_max=1.2, levels=2)
    made.join(where, noise, "Position")
    grain = made.mixed(None, noise, made.scalar("HasGrain", 0.0), first=1.0)
    wet = made.of_collection(weather, "Wetness")
    dry = made.product(painted, grain)
    darker = made.product(dry, made.mixed(None, None, wet, first=1.0, second=0.55))
    upward = made.node(unreal.MaterialExpressionComponentMask, r=False, g=False, b=True, a=False)
    made.join(made.node(unreal.MaterialExpressionVertexNormalWS), upward)
    faces_up = made.node(unreal.MaterialExpressionSaturate)
    made.join(upward, faces_up)
    snowy = made.product(faces_up, made.of_collection(weather, "Snow"))
    white = made.node(unreal.MaterialExpressionConstant3Vector, constant=color((0.85, 0.87, 0.9)))
    made.connect(made.mixed(darker, white, snowy), _TARGET.MP_BASE_COLOR)
    made.connect(made.mixed(made.scalar("Roughness", 0.9), None, wet, second=0.2), _TARGET.MP_ROUGHNESS)
    made.connect(made.scalar("Metallic", 0.0), _TARGET.MP_METALLIC)
    by_night = made.mixed(None, made.of_collection(weather, "Night"), made.scalar("NightOnly", 0.0), first=1.0)
    shine = made.product(made.vector("Emission", (0.0, 0.0, 0.0)), made.scalar("EmissionNits", NITS_OF_EMISSION))
    made.connect(made.product(shine, by_night), _TARGET.MP_EMISSIVE_COLOR)
    made.finish()


def _water(folder: str) -> None:
    """Opaque, so that depth and labels have its surface."""
    made = _Graph(NAMES[2], folder)
    made.connect(made.vector("Color", (0.02, 0.06, 0.08)), _TARGET.MP_BASE_COLOR)
    made.connect(made.scalar("Roughness", 0.06), _TARGET.MP_ROUGHNESS)
    made.connect(made.scalar("Metallic", 0.0), _TARGET.MP_METALLIC)
    made.finish()


def _ids(folder: str) -> None:
    """Unlit colours that are ids: of instances by their custom data, of single meshes by a parameter."""
    instances = _Graph(NAMES[3], folder, is_lit=False)
    id_bytes = instances.node(unreal.MaterialExpressionPerInstanceCustomData3Vector, data_index=_ID)
    instances.connect(id_bytes, _TARGET.MP_EMISSIVE_COLOR)
    instances.finish()
    singles = _Graph(NAMES[4], folder, is_lit=False)
    singles.connect(singles.vector("IdColor", (0.0, 0.0, 0.0)), _TARGET.MP_EMISSIVE_COLOR)
    singles.finish()


class _Graph:
    """One material while its expressions are laid and joined. Raises ImportFailed where Unreal refuses a joint."""

    def __init__(self, name: str, folder: str, *, is_lit: bool = True) -> None:
        self._name, self._y = name, 0
        self._material = created(name, folder, unreal.Material, unreal.MaterialFactoryNew())
        self._material.set_editor_property("two_sided", True)
        self._material.set_editor_property("used_with_instanced_static_meshes", True)
        if not is_lit:
            self._material.set_editor_property("shading_model", unreal.MaterialShadingModel.MSM_UNLIT)

    def node(self, kind: type[unreal.MaterialExpression], **properties: object) -> unreal.MaterialExpression:
        """An expression with editor properties."""
        self._y += 120
        made = _LIBRARY.create_material_expression(self._material, kind, -600, self._y)
        for name, value in properties.items():
            made.set_editor_property(name, value)
        return made

    def vector(self, name: str, value: tuple[float, float, float]) -> unreal.MaterialExpression:
        """A colour that instances set."""
        return self.node(
            unreal.MaterialExpressionVectorParameter, parameter_name=unreal.Name(name), default_value=color(value)
        )

    def scalar(self, name: str, value: float) -> unreal.MaterialExpression:
        """A number that instances set."""
        return self.node(
            unreal.MaterialExpressionScalarParameter, parameter_name=unreal.Name(name), default_value=value
        )

    def of_collection(self, weather: unreal.MaterialParameterCollection, name: str) -> unreal.MaterialExpression:
        """A number that the whole world has."""
        kind = unreal.MaterialExpressionCollectionParameter
        return self.node(kind, collection=weather, parameter_name=unreal.Name(name))

    def product(self, one: unreal.MaterialExpression, other: unreal.MaterialExpression) -> unreal.MaterialExpression:
        """One times the other."""
        made = self.node(unreal.MaterialExpressionMultiply)
        self.join(one, made, "A")
        self.join(other, made, "B")
        return made

    def mixed(
        self,
        one: unreal.MaterialExpression | None,
        other: unreal.MaterialExpression | None,
        share: unreal.MaterialExpression,
        *,
        first: float = 0.0,
        second: float = 1.0,
    ) -> unreal.MaterialExpression:
        """From one (or a number) at a share of 0 to the other (or a number) at 1."""
        made = self.node(unreal.MaterialExpressionLinearInterpolate, const_a=first, const_b=second)
        for source, pin in ((one, "A"), (other, "B"), (share, "Alpha")):
            if source is not None:
                self.join(source, made, pin)
        return made

    def join(self, source: unreal.MaterialExpression, target: unreal.MaterialExpression, pin: str = "") -> None:
        """From the first output of one expression to a pin of another."""
        if not _LIBRARY.connect_material_expressions(source, "", target, pin):
            raise ImportFailed(
                f"Unreal did not connect the input '{pin}' in {self._name}. See the output log above this."
            )

    def connect(self, source: unreal.MaterialExpression, target: unreal.MaterialProperty) -> None:
        """From an expression to what the material is."""
        if not _LIBRARY.connect_material_property(source, "", target):
            raise ImportFailed(f"Unreal did not connect {target} of {self._name}. See the output log above this line.")

    def finish(self) -> None:
        """Compiles it."""
        _LIBRARY.recompile_material(self._material)
