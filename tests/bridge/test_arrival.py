"""Whoever imports simbridge and Gymnasium, in whatever order, has the tasks; whoever does not, does not pay for it."""

import subprocess
import sys

import pytest

FOUND = "print(sorted(id for id in gymnasium.registry if id.startswith('simbridge/')))"


def said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    "imports", ["import bridge, gymnasium", "import gymnasium, bridge", "import bridge.scene, gymnasium"]
)
def test_the_tasks_are_there_in_whatever_order_the_packages_come(imports):
    assert "'simbridge/Navigate-v0'" in said(f"{imports}\n{FOUND}")


def test_the_package_is_loaded_by_its_own_loader():
    code = (
        "import bridge, gymnasium; print(type(gymnasium.__spec__.loader).__name__, type(gymnasium.__loader__).__name__)"
    )
    assert said(code).split() == ["SourceFileLoader"] * 2


def test_simbridge_alone_does_not_import_gymnasium():
    assert said("import sys, bridge; print('gymnasium' in sys.modules)").strip() == "False"


def test_where_there_is_no_gymnasium_its_import_fails_as_ever():
    code = """
import sys, bridge
class Nowhere:
    def find_spec(self, name, path, target=None):
        if name == "gymnasium":
            raise ModuleNotFoundError("No module named 'gymnasium'", name=name)
sys.meta_path.insert(1, Nowhere())
try:
    import gymnasium
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert said(code).strip() == "gymnasium"
