"""The materials' graphs, worked out node by node as Unreal would: colours of dry, wet and snowy surfaces."""

import numpy as np
import pytest
from simbridge_town.sky import Weather

from tests.unreal_plugin.conftest import run

DRY = Weather(0.0, 0.0)


def value(node, up: float, parameters: dict) -> np.ndarray:
    """What a node gives where a surface's normal has the upward part `up`, under an instance's parameters."""
    own = node.values
    inputs = {pin: value(source, up, parameters) for pin, source in own.get("inputs", {}).items()}
    b = inputs.get("B", own.get("const_b"))
    match type(node).__name__.removeprefix("MaterialExpression"):
        case "VectorParameter" | "ScalarParameter":
            return parameters.get(str(own["parameter_name"]), number(own["default_value"]))
        case "Constant3Vector":
            return number(own["constant"])
        case "VertexNormalWS":
            return np.array([np.sqrt(1 - up**2), 0.0, up])
        case "ComponentMask":
            return inputs[""][[own["r"], own["g"], own["b"]]]
        case "Multiply":
            return inputs["A"] * b
        case "Add":
            return inputs["A"] + b
        case "Saturate":
            return np.clip(inputs[""], 0, 1)
        case "LinearInterpolate":
            return inputs["A"] + (b - inputs["A"]) * inputs["Alpha"]
        case "LandscapeLayerBlend":
            return np.array([own["layers"][0].values["const_layer_input"].values[axis] for axis in "xyz"])
    raise AssertionError(f"{type(node).__name__} is no node of which this test knows what it gives")


def number(thing) -> np.ndarray:
    return np.array([thing.values[key] for key in "rgb"] if hasattr(thing, "values") else thing, dtype=float)


def shown(editor, weather: Weather, up: float, **parameters) -> dict[str, np.ndarray]:
    """What the parent material of solid things shows."""
    from simbridge_town.editor.materials import make_materials

    editor.assets.clear()
    make_materials({}, weather, "/Game/M")
    shows = editor.asset("/Game/M/M_Solid").values["shows"]
    given = {key: np.array(entry, dtype=float) for key, entry in parameters.items()}
    return {name.removeprefix("MP_"): value(node, up, given) for name, node in shows.items()}


@pytest.mark.parametrize("up", [-1.0, 0.0, 0.4, 1.0])
def test_a_dry_surface_shows_its_own_colour(editor, up):
    found = shown(editor, DRY, up, BaseColor=(0.2, 0.4, 0.6), Roughness=0.7, Metallic=0.3)
    np.testing.assert_allclose(found["BASE_COLOR"], [0.2, 0.4, 0.6])
    assert (found["ROUGHNESS"].item(), found["METALLIC"].item()) == pytest.approx((0.7, 0.3))


def test_emission_is_told_in_nits(editor):
    np.testing.assert_allclose(shown(editor, DRY, 0.0, Emission=(1.0, 0.5, 0.0))["EMISSIVE_COLOR"], [100, 50, 0])


def test_a_wet_street_is_darker_and_smoother(editor):
    """Lying, all wet, roughness 0.9: soaked 1, so 1 - 0.42 of the colour, and roughness 0.9 + (0.32 - 0.9) * 0.75."""
    found = shown(editor, Weather(0.0, 1.0), 1.0, BaseColor=(0.5, 0.5, 0.5), Roughness=0.9)
    np.testing.assert_allclose(found["BASE_COLOR"], [0.29, 0.29, 0.29])
    assert found["ROUGHNESS"].item() == pytest.approx(0.465)


def test_a_wall_in_the_rain_is_a_little_darker_and_as_rough(editor):
    """Standing: soaked 0.35, colour 0.5 * (1 - 0.42 * 0.35), roughness untouched."""
    found = shown(editor, Weather(0.0, 1.0), 0.0, BaseColor=(0.5, 0.5, 0.5), Roughness=0.9)
    np.testing.assert_allclose(found["BASE_COLOR"], [0.4265] * 3)
    assert found["ROUGHNESS"].item() == pytest.approx(0.9)


def test_snow_lies_on_what_faces_up_and_on_no_wall(editor):
    """Lying: (1 - 0.28) * 3.2 is over 1, and so is 0.8 * 1.35: all white. Standing: below 0, none."""
    snowy = Weather(0.8, 0.0)
    np.testing.assert_allclose(shown(editor, snowy, 1.0, BaseColor=(0.1, 0.1, 0.1))["BASE_COLOR"], [0.795, 0.825, 0.87])
    np.testing.assert_allclose(shown(editor, snowy, 0.0, BaseColor=(0.1, 0.1, 0.1))["BASE_COLOR"], [0.1] * 3)


def test_the_ground_is_as_wet_as_the_streets(editor, tiny_folder):
    from simbridge_town.editor.materials import make_ground_material
    from simbridge_town.level import plan_level

    layers = plan_level(tiny_folder).ground.layers
    make_ground_material(layers, Weather(0.0, 1.0), "/Game/M")
    shows = editor.asset("/Game/M/M_Ground").values["shows"]
    np.testing.assert_allclose(value(shows["MP_BASE_COLOR"], 1.0, {}), 0.58 * np.array(layers[0].color_linear))


def test_leaves_stay_as_they_are_in_the_rain(editor, tiny_folder):
    run(tiny_folder)
    dry = [
        call["instance"].values["name"]
        for name, call in editor.calls
        if name.endswith("set_material_instance_scalar_parameter_value") and str(call["parameter_name"]) == "Wetness"
    ]
    assert dry == ["MI_foliage_oak"]


def test_the_weather_is_the_towns(tiny, tiny_folder):
    from simbridge_town.level import plan_level

    environment = tiny.environment
    assert plan_level(tiny_folder).sky.weather == Weather(environment.snow_cover, environment.wetness)
