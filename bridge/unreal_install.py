"""The Unreal plug-in copied into a project and enabled there: whole or not at all.

What is copied is put together beside the project's own folders first and then renamed into place; the project file is
written last, through a rename as well. Whatever fails before that leaves the project as it was.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import InvalidInput, OutputExists, Unavailable

NAME = "SimBridge"
SHIPPED = ("SimBridge.uplugin", "README.md", "LICENSE", "Source", "Content", "Config", "Resources", "Shaders")
"""What of the plug-in's folder a project needs, where it is there; its tests and tools stay behind."""
VERSIONS = ((5, 3), (5, 7))
"""The oldest and the newest version of the engine that the plug-in is written for."""


@dataclass(frozen=True)
class Installed:
    """Where the plug-in is now, whether another copy was there before, and what the user should know."""

    path: Path
    was_replaced: bool
    has_code: bool
    """Whether the project has C++ modules of its own, so that building it builds the plug-in too."""
    warnings: tuple[str, ...]


def plugin_folder() -> Path:
    """The plug-in's sources, beside the package: in a checkout and where simbridge is installed alike."""
    folder = Path(__file__).parents[1] / "unreal_plugin"
    if not (folder / f"{NAME}.uplugin").is_file():
        raise Unavailable(
            f"The Unreal plug-in is not in {folder}, where it should be. Install simbridge anew: "
            "pip install --force-reinstall simbridge"
        )
    return folder


def install(project: Path, *, replace: bool = False) -> Installed:
    """Copies the plug-in to Plugins/SimBridge of a .uproject and enables it. Raises InvalidInput or OutputExists."""
    file = _ProjectFile(project)
    source, target = plugin_folder(), project.parent / "Plugins" / NAME
    is_there = os.path.lexists(target)
    if is_there and not replace:
        raise OutputExists(f"{target} is there already. Give --replace to put this version in its place.")
    try:
        with tempfile.TemporaryDirectory(prefix=".simbridge-", dir=project.parent) as work:
            fresh, old = Path(work) / "new", Path(work) / "old"
            _copy(source, fresh)
            target.parent.mkdir(exist_ok=True)
            _swap(target, fresh, old, then=file.enable)
    except OSError as error:
        raise InvalidInput(
            f"The plug-in could not be copied into {project.parent}: {error}. The project is as it was. "
            "Close the editor and everything else that uses its files, and see that the folder can be written to."
        ) from error
    return Installed(target, is_there, "Modules" in file.content, _version_warnings(file.content))


def _copy(source: Path, target: Path) -> None:
    """What is shipped of the plug-in, without what Python leaves behind."""
    target.mkdir()
    for name in SHIPPED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif (source / name).is_file():
            shutil.copy2(source / name, target / name)


def _swap(target: Path, fresh: Path, old: Path, *, then: Callable[[], None]) -> None:
    """Puts `fresh` where `target` is and calls `then`; undoes it where that fails."""
    if is_there := os.path.lexists(target):
        os.rename(target, old)
    try:
        os.rename(fresh, target)
        try:
            then()
        except OSError:
            os.rename(target, fresh)
            raise
    except OSError:
        if is_there:
            os.rename(old, target)
        raise
    if old.is_symlink():
        old.unlink()


class _ProjectFile:
    """A .uproject: read and checked at once, written only to enable the plug-in, and then in the form it had."""

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() != ".uproject" or not path.is_file():
            inside = sorted(path.glob("*.uproject")) if path.is_dir() else []
            hint = f"Give {inside[0]}." if inside else "Give the path of a project's .uproject file."
            raise InvalidInput(f"{path} is no Unreal project. {hint}")
        self._path = path
        raw = path.read_bytes()
        self._encoding = "utf-8"
        for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if raw.startswith(mark):
                self._encoding = encoding
        try:
            self._text = raw.decode(self._encoding)
            self.content: dict[str, Any] = json.loads(self._text, object_pairs_hook=_once)
        except ValueError as error:
            raise InvalidInput(f"{path} cannot be read as JSON: {error}. Open it in the editor and save it.") from error
        plugins = self.content.get("Plugins", []) if isinstance(self.content, dict) else None
        if not isinstance(plugins, list) or not all(isinstance(entry, dict) for entry in plugins):
            raise InvalidInput(f"{path} is no project file: an object with a list of plug-ins was expected.")

    def enable(self) -> None:
        """Enables the plug-in; a file that does so already is left alone, byte for byte."""
        plugins = self.content.setdefault("Plugins", [])
        entry = next((entry for entry in plugins if str(entry.get("Name", "")).lower() == NAME.lower()), None)
        if entry is None:
            plugins.append({"Name": NAME, "Enabled": True})
        elif entry.get("Enabled") is True:
            return
        else:
            entry["Enabled"] = True
        indent = re.search(r"\n([ \t]+)\S", self._text)
        text = json.dumps(self.content, indent=indent[1] if indent else "\t", ensure_ascii=False)
        text += "\n" if self._text.endswith("\n") else ""
        if "\r\n" in self._text:
            text = text.replace("\n", "\r\n")
        handle, name = tempfile.mkstemp(prefix=".simbridge-", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode(self._encoding))
            shutil.copymode(self._path, name)
            os.replace(name, self._path)
        except OSError:
            os.unlink(name)
            raise


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, whose keys may not be there twice: writing it again would lose one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"it has the key '{twice}' twice in one object")
    return found


def _version_warnings(content: dict[str, Any]) -> tuple[str, ...]:
    """What to say of the engine's version that a project is made for."""
    told = str(content.get("EngineAssociation", ""))
    (oldest, newest), found = VERSIONS, re.fullmatch(r"(\d+)\.(\d+)(\.\d+)?", told)
    span = f"{oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
    if found is None:
        name = f"'{told}'" if told else "none"
        return (f"The project names no version of the engine (it says {name}); the plug-in is written for {span}.",)
    if not oldest <= (int(found[1]), int(found[2])) <= newest:
        return (f"The project is made for Unreal {told}; the plug-in is written for {span}, and may not build.",)
    return ()
