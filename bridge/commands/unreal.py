"""Copies the plug-in for Unreal Engine 5 into a project and enables it; then says how to build it and import a town.

The plug-in was not compiled or run against a real Unreal Engine by its authors.

Example: simbridge unreal install /path/to/Project.uproject
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge unreal install`, in order of use."""

    deed: Annotated[Positional[Literal["install"]], arg(metavar="install")]
    """What to do."""
    project: Annotated[Positional[Path], arg(metavar="PROJECT.uproject")]
    """The project's file; the plug-in goes to Plugins/SimBridge beside it."""
    replace: bool = False
    """Put it in the place of a copy that is there already."""
    json: bool = False
    """Say where it is as JSON on stdout."""


NEXT = """Next:
1. Build it. {build}
2. Make a town where you like: scenegen "a rainy harbor town"
3. Import it, in the editor by Tools > Import a SimBridge town, or without its windows (whole paths, forward slashes, no spaces):
   UnrealEditor-Cmd "{project}" -run=pythonscript -script="{script} TOWN/unreal"
More in {readme}"""
_OWN_CODE = 'Close the editor and build the project\'s Editor target: Build.sh|Build.bat {name}Editor PLATFORM Development "{project}"'
_NO_CODE = (
    "The project has no C++ of its own, so build the plug-in by itself and copy what that makes over {target}:\n"
    '   RunUAT BuildPlugin -Plugin="{target}/SimBridge.uplugin" -Package=FOLDER'
)


def run(config: Config) -> int:
    """Installs, and says what to do next."""
    from bridge.unreal_install import install

    done = install(config.project, replace=config.replace)
    if config.json:
        row = {"path": str(done.path), "was_replaced": done.was_replaced, "warnings": list(done.warnings)}
        print(json.dumps(row))
    else:
        print(done.path)
    for warning in done.warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    project, target = config.project.absolute().as_posix(), done.path.absolute().as_posix()
    build = (_OWN_CODE if done.has_code else _NO_CODE).format(name=config.project.stem, project=project, target=target)
    script = f"{target}/Content/Python/simbridge_import.py"
    print(NEXT.format(build=build, project=project, script=script, readme=f"{target}/README.md"), file=sys.stderr)
    return 0
