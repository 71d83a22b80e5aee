"""`simbridge unreal install`: the plug-in copied whole or not at all, and the project file otherwise left as it was."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import bridge.unreal_install as unreal_install
from bridge.cli import main
from bridge.errors import InvalidInput, OutputExists, Unavailable
from bridge.unreal_install import install, plugin_folder
from tests.unreal_plugin.conftest import PLUGIN

ROOT = PLUGIN.parent
PROJECT = """{
\t"FileVersion": 3,
\t"EngineAssociation": "5.4",
\t"Category": "",
\t"Description": "Häfen",
\t"Modules": [
\t\t{
\t\t\t"Name": "Port",
\t\t\t"Type": "Runtime",
\t\t\t"LoadingPhase": "Default"
\t\t}
\t],
\t"Plugins": [
\t\t{
\t\t\t"Name": "ModelingToolsEditorMode",
\t\t\t"Enabled": true,
\t\t\t"TargetAllowList": [
\t\t\t\t"Editor"
\t\t\t]
\t\t}
\t],
\t"Custom": {
\t\t"kept": [
\t\t\t1,
\t\t\t2.5
\t\t]
\t}
}
"""


@pytest.fixture
def project(tmp_path) -> Path:
    path = tmp_path / "Port" / "Port.uproject"
    path.parent.mkdir()
    path.write_bytes(PROJECT.encode())
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def shipped() -> dict[str, bytes]:
    """What a project should get, by this test's own rule: everything but tests, tools and what Python leaves."""
    kept = ("SimBridge.uplugin", "README.md", "Source/", "Content/", "Config/", "Resources/", "Shaders/")
    everything = files(PLUGIN)
    return {name: data for name, data in everything.items() if name.startswith(kept) and "__pycache__" not in name}


def test_the_whole_plug_in_is_copied(project):
    done = install(project)
    assert done.path == project.parent / "Plugins" / "SimBridge"
    assert files(done.path) == shipped()
    assert "Content/Python/simbridge_import.py" in shipped()
    assert not done.was_replaced


def test_it_is_enabled_and_all_else_in_the_project_file_stays(project):
    install(project)
    added = '\n\t\t},\n\t\t{\n\t\t\t"Name": "SimBridge",\n\t\t\t"Enabled": true\n\t\t}\n\t],\n\t"Custom"'
    expected = PROJECT.replace('\n\t\t}\n\t],\n\t"Custom"', added)
    assert project.read_bytes().decode() == expected


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\t", "    ").encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
)
def test_the_project_file_keeps_its_form(project, form):
    """Line ends, byte order mark, encoding, indentation: only the lines of the plug-in are new."""
    project.write_bytes(form(PROJECT))
    install(project)
    (project.parent / "expected").write_text(PROJECT, encoding="utf-8")
    other = project.parent.parent / "plain"
    other.mkdir()
    (other / "Port.uproject").write_bytes(PROJECT.encode())
    install(other / "Port.uproject")
    assert project.read_bytes() == form((other / "Port.uproject").read_bytes().decode())


def test_a_project_file_without_plug_ins_gets_the_list(project):
    project.write_text('{"FileVersion": 3}', encoding="utf-8")
    install(project)
    content = json.loads(project.read_text(encoding="utf-8"))
    assert content == {"FileVersion": 3, "Plugins": [{"Name": "SimBridge", "Enabled": True}]}


def test_a_plug_in_that_was_switched_off_is_switched_on(project):
    project.write_text('{"Plugins": [{"Name": "simbridge", "Enabled": false, "Optional": true}]}', encoding="utf-8")
    install(project)
    content = json.loads(project.read_text(encoding="utf-8"))
    assert content["Plugins"] == [{"Name": "simbridge", "Enabled": True, "Optional": True}]


def test_a_project_that_has_it_enabled_is_not_written_again(project):
    text = '{"Plugins":[ {"Name":"SimBridge","Enabled":true} ]}'
    project.write_text(text, encoding="utf-8")
    install(project)
    assert project.read_text(encoding="utf-8") == text


def test_a_copy_that_is_there_stays(project):
    target = project.parent / "Plugins" / "SimBridge"
    target.mkdir(parents=True)
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists, match="--replace"):
        install(project)
    assert files(target) == {"mine.txt": b"mine"}
    assert project.read_bytes() == PROJECT.encode()


def test_an_older_copy_is_replaced_whole(project):
    target = project.parent / "Plugins" / "SimBridge"
    (target / "Source").mkdir(parents=True)
    (target / "Source" / "Gone.cpp").write_text("old", encoding="utf-8")
    assert install(project, replace=True).was_replaced
    assert files(target) == shipped()
    assert leftovers(project) == []


def leftovers(project: Path) -> list[str]:
    here = {p.name for p in project.parent.iterdir()} | {
        f"Plugins/{p.name}" for p in (project.parent / "Plugins").glob("*")
    }
    return sorted(here - {"Port.uproject", "Plugins", "Plugins/SimBridge"})


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_a_link_to_a_checkout_is_replaced_and_the_checkout_stays(project, tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "work").write_text("work", encoding="utf-8")
    (project.parent / "Plugins").mkdir()
    (project.parent / "Plugins" / "SimBridge").symlink_to(checkout)
    install(project, replace=True)
    assert not (project.parent / "Plugins" / "SimBridge").is_symlink()
    assert files(checkout) == {"work": b"work"}


@pytest.mark.parametrize("step", ["copy", "swap", "write"])
@pytest.mark.parametrize("has_older", [False, True])
def test_what_fails_midway_leaves_the_project_as_it_was(project, monkeypatch, step, has_older):
    target = project.parent / "Plugins" / "SimBridge"
    if has_older:
        target.mkdir(parents=True)
        (target / "old.txt").write_text("old", encoding="utf-8")
    before = files(project.parent)
    real = os.rename

    def rename(source, destination):
        if step == "swap" and Path(source).name == "new":
            raise PermissionError(13, "in use")
        real(source, destination)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", rename)
    if step == "copy":
        monkeypatch.setattr(unreal_install, "_copy", full)
    if step == "write":
        monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InvalidInput, match="The project is as it was"):
        install(project, replace=True)
    assert files(project.parent) == before
    assert leftovers(project) == []


@pytest.mark.parametrize("name", ["Port.txt", "Port", "nowhere/Port.uproject"])
def test_a_path_that_is_no_project(project, name):
    path = project.parent / name
    if name == "Port.txt":
        path.write_text(PROJECT, encoding="utf-8")
    with pytest.raises(InvalidInput, match="is no Unreal project"):
        install(path)
    assert not (project.parent / "Plugins").exists()


def test_a_folder_is_answered_with_the_project_in_it(project):
    with pytest.raises(InvalidInput, match=r"Give .*Port\.uproject"):
        install(project.parent)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "3", '{"Plugins": 3}', '{"Plugins": ["SimBridge"]}', '{"a": 1, "a": 2}', "\xff\xfe{"]
)
def test_a_project_file_that_cannot_be_edited_is_not_touched(project, content):
    raw = content.encode("latin-1")
    project.write_bytes(raw)
    with pytest.raises(InvalidInput, match=r"Port\.uproject"):
        install(project)
    assert project.read_bytes() == raw
    assert not (project.parent / "Plugins").exists()


@pytest.mark.parametrize(
    ("association", "said"),
    [("5.3", None), ("5.7", None), ("5.2", "made for Unreal 5.2"), ("5.8", "may not build"), ("4.27", "5.3 to 5.7"),
     ("{B0E1-77}", "names no version"), ("", "names no version")],
)  # fmt: skip
def test_the_engines_version_is_looked_at(project, association, said):
    project.write_text(json.dumps({"EngineAssociation": association}), encoding="utf-8")
    warnings = install(project).warnings
    assert [said in warning for warning in warnings] == ([] if said is None else [True])


def test_a_simbridge_without_the_plug_in_says_how_to_get_it(project, monkeypatch, tmp_path):
    monkeypatch.setattr(unreal_install, "__file__", str(tmp_path / "bridge" / "unreal_install.py"))
    with pytest.raises(Unavailable, match="pip install"):
        install(project)


def test_the_command_says_where_it_is_and_what_comes_next(project, capsys):
    with pytest.raises(SystemExit) as done:
        main(["unreal", "install", str(project)])
    assert done.value.code == 0
    told = capsys.readouterr()
    assert told.out.strip() == str(project.parent / "Plugins" / "SimBridge")
    for next_step in ("PortEditor", "scenegen", "-run=pythonscript", "simbridge_import.py TOWN/unreal"):
        assert next_step in told.err


def test_a_project_without_code_is_told_to_build_the_plug_in_alone(project, capsys):
    project.write_text('{"EngineAssociation": "5.6"}', encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["unreal", "install", str(project)])
    assert "RunUAT BuildPlugin" in capsys.readouterr().err


def test_the_command_answers_programs_in_json(project, capsys):
    with pytest.raises(SystemExit):
        main(["unreal", "install", str(project), "--json"])
    row = json.loads(capsys.readouterr().out)
    assert row == {"path": str(project.parent / "Plugins" / "SimBridge"), "was_replaced": False, "warnings": []}


def test_what_cannot_be_done_ends_with_two_and_one_message(project, capsys):
    with pytest.raises(SystemExit) as done:
        main(["unreal", "install", str(project.parent / "none.uproject")])
    assert done.value.code == 2
    assert capsys.readouterr().err.startswith("InvalidInput: ")


def test_the_plug_in_has_the_version_of_the_package_and_three_modules():
    content = json.loads((plugin_folder() / "SimBridge.uplugin").read_text(encoding="utf-8"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert content["VersionName"] == version
    names = [module["Name"] for module in content["Modules"]]
    assert names == ["SimBridgeCore", "SimBridge", "SimBridgeEditor"]
    assert all((PLUGIN / "Source" / name / f"{name}.Build.cs").is_file() for name in names)
    assert {path.parent.name for path in (PLUGIN / "Source").glob("*/*.Build.cs")} == set(names)


def test_everything_that_a_project_needs_is_in_the_wheels_list():
    """The patterns of pyproject.toml, expanded by pathlib, name every file that is copied."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert "unreal_plugin" in settings["packages"]["find"]["include"]
    listed = {
        path.relative_to(PLUGIN).as_posix()
        for pattern in settings["package-data"]["unreal_plugin"]
        for path in PLUGIN.glob(pattern)
    }
    assert set(shipped()) <= listed


@pytest.mark.slow
def test_an_installed_wheel_installs_the_plug_in(project, tmp_path):
    """A wheel of the files that git would have, unpacked where nothing else is; the command run from there."""
    source, site = tmp_path / "source", tmp_path / "site"
    tracked = (
        subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
        .stdout.decode()
        .split("\0")
    )
    for name in filter(None, tracked):
        if name.startswith(("bridge/", "unreal_plugin/", "pyproject.toml", "LICENSE", "README.md")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)]
    subprocess.run(pip, check=True)
    (wheel,) = tmp_path.glob("simbridge-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    command = "from bridge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "unreal", "install", str(project)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(site)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert files(project.parent / "Plugins" / "SimBridge") == shipped()
