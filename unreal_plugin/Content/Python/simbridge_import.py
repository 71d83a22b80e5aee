"""Imports a generated town into the project, from the command line or the editor's Python console.

UnrealEditor-Cmd PROJECT.uproject -run=pythonscript -script="PLUGIN/Content/Python/simbridge_import.py TOWN/unreal"
"""

from __future__ import annotations

import argparse
import sys

from simbridge_town.faults import UsageFault
from simbridge_town.level import ROOT


class _Arguments(argparse.ArgumentParser):
    """A parser that raises where argparse would end the process, which here is the whole editor."""

    def error(self, message: str):
        raise UsageFault(f"{message}. Usage: simbridge_import.py TOWN/unreal [--name NAME] [--root {ROOT}] [--replace]")


def main(arguments: list[str]) -> str:
    """Imports the town that the arguments name; returns the level's path. Raises ImporterFault."""
    parser = _Arguments(prog="simbridge_import.py", add_help=False)
    parser.add_argument("town")
    parser.add_argument("--name", default="")
    parser.add_argument("--root", default=ROOT)
    parser.add_argument("--replace", action="store_true")
    given = parser.parse_args(arguments)
    from simbridge_town.editor.building import import_town

    return import_town(given.town, name=given.name, root=given.root, replace=given.replace)


if __name__ == "__main__":
    main(sys.argv[1:])
