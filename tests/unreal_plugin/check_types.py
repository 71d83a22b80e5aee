"""Type-checks the importer against Unreal's API: python -m tests.unreal_plugin.check_types

The package unreal-stub is a Python file of which pyright would infer everything, for minutes; as a stub file it takes
seconds. One default value in it is no Python and is left out. The functions of the plug-in's own C++ are added.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.unreal_plugin.cpp_library import library_functions
from tests.unreal_plugin.unreal_api import stub_text

PYTHON = Path(__file__).parents[2] / "unreal_plugin" / "Content" / "Python"
SETTINGS = {
    "include": ["python"],
    "extraPaths": ["python"],
    "stubPath": "typings",
    "pythonVersion": "3.9",
    "typeCheckingMode": "basic",
    # Unreal takes a list where its stub says Array, a class where it says Class, a text where it says Name.
    "reportArgumentType": "none",
    "reportMissingModuleSource": "none",
    "reportAttributeAccessIssue": "error",
}


def stub() -> str:
    """The stub of the module `unreal`, with the plug-in's own library in it."""
    text = re.sub(r"\(\(Left=[^)]*\)\)", "()", stub_text())
    lines = ["", "", "class SimBridgeEditorLibrary(BlueprintFunctionLibrary):"]
    for name, signature in library_functions().items():
        parameters = ", ".join(["cls", *(f"{key}: {annotation}" for key, annotation, _ in signature.parameters)])
        lines += ["    @classmethod", f"    def {name}({parameters}) -> {signature.returns}: ..."]
    return text + "\n".join(lines) + "\n"


def main() -> int:
    """Runs pyright; returns its exit code."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "typings" / "unreal"
        folder.mkdir(parents=True)
        (folder / "__init__.pyi").write_text(stub(), encoding="utf-8")
        settings = Path(work) / "pyrightconfig.json"
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        shutil.copytree(PYTHON, Path(work) / "python", ignore=shutil.ignore_patterns("__pycache__"))
        return subprocess.run([sys.executable, "-m", "pyright", "-p", str(settings)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
