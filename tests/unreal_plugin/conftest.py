"""The plug-in's Python made importable, and the towns that it is tried on."""

import json
import sys
from pathlib import Path

import pytest

import scene_gen
from bridge.scene import Scene
from tests.scene_gen.test_export import export
from tests.scenes import tiny_scene
from tests.unreal_plugin.cpp_library import library_functions
from tests.unreal_plugin.fake_unreal import Editor

PLUGIN = Path(__file__).parents[2] / "unreal_plugin"
sys.path.insert(0, str(PLUGIN / "Content" / "Python"))


@pytest.fixture(scope="session")
def tiny() -> Scene:
    """The little town that is written by hand."""
    return tiny_scene()


@pytest.fixture(scope="session")
def generated() -> Scene:
    """A town of the generator, small and with everything that moves."""
    return scene_gen.generate("two couriers on scooters in a foggy fishing village at dusk", seed=3, size_m=220)


@pytest.fixture(scope="session")
def tiny_folder(tiny, tmp_path_factory) -> Path:
    """unreal/ of the little town; not to be changed."""
    path = tmp_path_factory.mktemp("tiny")
    export("unreal", tiny, path)
    return path / "unreal"


@pytest.fixture(scope="session")
def generated_folder(generated, tmp_path_factory) -> Path:
    """unreal/ of the generated town; not to be changed."""
    path = tmp_path_factory.mktemp("generated")
    export("unreal", generated, path)
    return path / "unreal"


@pytest.fixture(params=["tiny", "generated"])
def town(request) -> tuple[Scene, Path]:
    """A scene and its folder: both towns in turn."""
    return request.getfixturevalue(request.param), request.getfixturevalue(f"{request.param}_folder")


@pytest.fixture
def spoilt(tiny, tmp_path):
    """A fresh folder whose JSON files a test may change: `spoilt("level.json", change)` gives the folder."""
    export("unreal", tiny, tmp_path)
    folder = tmp_path / "unreal"

    def spoil(name: str, change) -> Path:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        change(content)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
        return folder

    return spoil


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor with the plug-in's module compiled, and the importer loaded into it."""
    made = Editor(tmp_path / "Saved")
    made.module.add("SimBridgeEditorLibrary", library_functions())
    loaded_into(made, monkeypatch)
    return made


def loaded_into(editor: Editor, monkeypatch) -> None:
    """Lets the importer find a stand-in where it imports `unreal`; forgotten when the test is over."""
    for name in [name for name in sys.modules if name.startswith("simbridge_town.editor")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "unreal", editor.module)
    import simbridge_town

    monkeypatch.delattr(simbridge_town, "editor", raising=False)


def run(*arguments) -> str:
    """The script, as the command line runs it."""
    import simbridge_import

    return simbridge_import.main([str(argument) for argument in arguments])
