"""Parses the editor module against declarations of our own: python -m tests.unreal_plugin.check_editor_module

For each version of Unreal at which the code differs. This finds typing errors; whether Unreal is as declared it cannot say.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULE = Path(__file__).parents[2] / "unreal_plugin" / "Source" / "SimBridgeEditor"
STUB = Path(__file__).with_name("editor_stub.h")
MINORS = (3, 5, 7)
OWN = "SimBridgeEditorLibrary.h"


def included() -> set[str]:
    """Every header that the module includes but its own."""
    sources = [*MODULE.rglob("*.cpp"), *MODULE.rglob("*.h")]
    names = {
        name for source in sources for name in re.findall(r'#include "([^"]+)"', source.read_text(encoding="utf-8"))
    }
    return names - {OWN}


def main() -> int:
    """Parses each source for each version; returns the compiler's worst exit code."""
    compiler = shutil.which("clang++") or shutil.which("g++") or shutil.which("c++")
    if compiler is None:
        print("No C++ compiler is here. Install one: apt-get install g++", file=sys.stderr)
        return 3
    worst = 0
    with tempfile.TemporaryDirectory() as work:
        for name in included():
            (Path(work) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(work) / name).write_text(f'#include "{STUB}"\n', encoding="utf-8")
        for minor in MINORS:
            for source in sorted(MODULE.rglob("*.cpp")):
                flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti"]
                paths = [f"-I{work}", f"-I{MODULE / 'Public'}", f"-DUE_STUB_MINOR={minor}"]
                done = subprocess.run([compiler, *flags, *paths, str(source)], check=False)
                print(f"5.{minor} {source.name}: {'parsed' if done.returncode == 0 else 'refused'}")
                worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
