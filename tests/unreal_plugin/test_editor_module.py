"""Unreal's editor module parsed by a compiler against declarations of our own, for each version at which it differs.

This finds typing errors and wrong arguments in every branch; whether Unreal is as declared it cannot say.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unreal_plugin.conftest import PLUGIN

MODULE = PLUGIN / "Source" / "SimBridgeEditor"
STUB = Path(__file__).with_name("editor_stub.h")
SOURCES = sorted(MODULE.rglob("*.cpp"))
STRICT = ("-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti")


@pytest.fixture
def headers(tmp_path) -> Path:
    """A folder in which every header of Unreal that the module includes is the stub."""
    sources = [*SOURCES, *MODULE.rglob("*.h")]
    names = {
        name for source in sources for name in re.findall(r'#include "([^"]+)"', source.read_text(encoding="utf-8"))
    }
    for name in names - {"SimBridgeEditorLibrary.h"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f'#include "{STUB.as_posix()}"\n', encoding="utf-8")
    return tmp_path


@pytest.mark.cpp
@pytest.mark.parametrize("minor", [3, 5, 7])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_editor_module_parses_for_every_version_it_differs_at(source, minor, headers):
    compiler = os.environ.get("CXX") or shutil.which("clang++") or shutil.which("g++")
    assert compiler, "There is no C++ compiler here. Install g++ or clang++, or name one in CXX."
    paths = (f"-I{headers}", f"-I{MODULE / 'Public'}", f"-DUE_STUB_MINOR={minor}")
    done = subprocess.run([compiler, *STRICT, *paths, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
