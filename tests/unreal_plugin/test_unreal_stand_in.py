"""The stand-in refuses what Unreal would refuse, so that the tests that use it can fail."""

import ast
from pathlib import Path

import pytest

from tests.unreal_plugin.conftest import PLUGIN
from tests.unreal_plugin.cpp_library import library_functions
from tests.unreal_plugin.fake_unreal import Editor
from tests.unreal_plugin.unreal_api import Signature

SOURCES = sorted((PLUGIN / "Content" / "Python").rglob("*.py"))


@pytest.fixture
def unreal(tmp_path):
    return Editor(tmp_path).module


@pytest.mark.parametrize(
    "mistake",
    [
        lambda unreal: unreal.EditorLevelActors,
        lambda unreal: unreal.EditorActorSubsystem().spawn_actor,
        lambda unreal: unreal.ComponentMobility.FIXED,
        lambda unreal: unreal.Material().set_editor_property("two_side", True),
        lambda unreal: unreal.LayerBlendInput().set_editor_property("name", unreal.Name("grass")),
        lambda unreal: setattr(unreal.Actor(), "tag", []),
        lambda unreal: setattr(unreal.StaticMeshActor(), "static_mesh_component", None),
    ],
)
def test_names_that_unreal_does_not_have(unreal, mistake):
    with pytest.raises(AttributeError):
        mistake(unreal)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda unreal: unreal.Actor().set_actor_label(),
        lambda unreal: unreal.Actor().set_actor_label("a", True, 3),
        lambda unreal: unreal.Actor().set_actor_label(name="a"),
        lambda unreal: unreal.Actor().set_actor_label(7),
        lambda unreal: unreal.Actor().set_actor_transform(unreal.Vector(), False, True),
        lambda unreal: unreal.Material().set_editor_property("two_sided", "yes"),
        lambda unreal: setattr(unreal.Actor(), "tags", ["a", 1]),
        lambda unreal: setattr(unreal.Transform(), "rotation", unreal.Rotator()),
    ],
)
def test_arguments_that_unreal_does_not_take(unreal, mistake):
    with pytest.raises(TypeError):
        mistake(unreal)


def test_the_headers_functions_are_what_python_calls():
    found = library_functions()
    assert set(found) == {"import_landscape", "spawn_nav_mesh_bounds", "pick_folder"}
    assert found["pick_folder"] == Signature((("title", "str", False),), "str", True)
    assert found["import_landscape"].returns == "Tuple[Landscape, str]"
    assert [name for name, _, _ in found["import_landscape"].parameters][-2:] == ["weight_files", "layer_folder"]


@pytest.mark.parametrize("source", SOURCES, ids=[path.name for path in SOURCES])
def test_the_importer_is_written_in_the_python_of_unreal_5_3(source: Path):
    """3.9: no match, no newer syntax; and nothing imported that Unreal's interpreter lacks."""
    tree = ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 9))
    standard = {"__future__", "argparse", "collections.abc", "dataclasses", "json", "math", "pathlib", "struct", "sys"}
    standard |= {"typing", "zlib"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= standard | {"unreal"}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module in standard or node.module.startswith("simbridge_town")
        elif isinstance(node, ast.Call):
            keywords = {keyword.arg for keyword in node.keywords}
            assert not (isinstance(node.func, ast.Name) and node.func.id == "zip" and "strict" in keywords)
            assert not (
                isinstance(node.func, ast.Name) and node.func.id == "dataclass" and keywords & {"slots", "kw_only"}
            )
    annotated = any(isinstance(node, ast.arg | ast.AnnAssign) and node.annotation for node in ast.walk(tree))
    futures = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert "annotations" in futures or not annotated, "annotations are of a later Python, and have to stay unread"


def test_the_plain_part_knows_nothing_of_unreal():
    for source in SOURCES:
        if source.parent.name == "simbridge_town":
            assert "import unreal" not in source.read_text(encoding="utf-8")
