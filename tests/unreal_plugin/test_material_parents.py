"""The parents of run-time materials, made on a stand-in for Unreal that knows only what Unreal's API declares."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from simbridge_town.faults import ImportFailed, UsageFault

from tests.unreal_plugin.fake_unreal import Editor

RUNTIME = Path(__file__).parents[2] / "unreal_plugin" / "Source" / "SimBridge"


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor with nothing in it, and the importer loaded into it."""
    made = Editor(tmp_path / "Saved")
    for name in [name for name in sys.modules if name.startswith("simbridge_town.editor")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "unreal", made.module)
    import simbridge_town

    monkeypatch.delattr(simbridge_town, "editor", raising=False)
    return made


def run(*arguments: str) -> tuple[str, ...]:
    return importlib.import_module("simbridge_parents").main(list(arguments))


def nodes(editor, kind: str) -> list:
    """All expressions of a class that were made."""
    made = [call["expression_class"] for name, call in editor.calls if name.endswith("create_material_expression")]
    return [expression for expression in made if expression.__name__ == kind]


def test_every_parent_lies_where_the_runtime_module_looks_for_it(editor):
    settings = (RUNTIME / "Public" / "SimBridgeSettings.h").read_text("utf-8")
    wanted = re.findall(r'TEXT\("(/SimBridge/Materials/\w+)\.\w+"\)', settings)
    assert sorted(run()) == sorted(wanted)
    assert set(wanted) <= set(editor.assets)


def test_the_collection_has_every_number_that_the_runtime_module_sets(editor):
    run()
    sky = (RUNTIME / "Private" / "TownSky.cpp").read_text("utf-8")
    scalars = editor.asset("/SimBridge/Materials/MPC_SimBridgeWeather").values["scalar_parameters"]
    assert {str(scalar.values["parameter_name"]) for scalar in scalars} == set(re.findall(r'\{TEXT\("(\w+)"\), ', sky))


def test_the_surface_has_every_parameter_that_the_runtime_module_sets(editor):
    run()
    source = (RUNTIME / "Private" / "TownMaterials.cpp").read_text("utf-8")
    wanted = set(re.findall(r'const FName \w+\(TEXT\("(\w+)"\)\)', source))
    set_names = [call for name, call in editor.calls if name.endswith(".set_editor_property")]
    named = {str(call["value"]) for call in set_names if call["name"] == "parameter_name"}
    assert wanted <= named


def test_ids_are_drawn_unlit(editor):
    run()
    for name in ("M_SimBridgeInstanceId", "M_SimBridgeSingleId"):
        material = editor.asset(f"/SimBridge/Materials/{name}")
        assert str(material.values["shading_model"]) == "MSM_UNLIT"
        assert material.values["used_with_instanced_static_meshes"] is True
    assert len(nodes(editor, "MaterialExpressionPerInstanceCustomData3Vector")) == 2


def test_nothing_that_is_there_is_overwritten_unasked(editor):
    run()
    with pytest.raises(ImportFailed, match="is there already"):
        run()
    assert run("--replace")


def test_other_arguments_are_refused(editor):
    with pytest.raises(UsageFault, match="Usage"):
        run("--replce")
    assert not editor.assets
