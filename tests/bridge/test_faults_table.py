"""docs/faults.md tells of every fault what the bridge does, and the tests it names are there."""

import ast
import re

from bridge import errors
from tests.bridge.serving import ROOT

PAGE = ROOT / "docs" / "faults.md"
LINK = re.compile(r"\[([\w.]+)::(\w+)\]\(([^)]+)\)")
HEAD = ["What goes wrong", "What the bridge does", "Shown by"]


def table() -> list[list[str]]:
    """The rows of the page's table, without titles of groups."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert rows[0] == HEAD
    return [row for row in rows[2:] if not row[0].startswith("**")]


def test_every_fault_has_an_answer_and_a_test_or_says_why_it_cannot_happen():
    rows = table()
    assert len(rows) > 56
    for row in rows:
        assert len(row) == 3, row
        assert all(row[:2]), row
        assert bool(LINK.search(row[2])) != row[1].startswith("not applicable: "), row


def test_every_test_that_is_named_is_there():
    known: dict[str, set[str]] = {}
    for name, test, target in LINK.findall(PAGE.read_text("utf-8")):
        path = (PAGE.parent / target).resolve()
        assert (path.name, path.is_file()) == (name, True), target
        if target not in known:
            tree = ast.parse(path.read_text("utf-8"))
            known[target] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in known[target], f"{target} has no {test}"
    assert len(known) > 10


def test_every_error_and_status_that_is_named_is_one():
    for row in table():
        for name in re.findall(r"`([A-Z]\w+)`", row[1]):
            assert issubclass(getattr(errors, name), errors.SimbridgeError), name


def test_every_file_of_faults_is_told_of():
    told = PAGE.read_text("utf-8")
    for path in (ROOT / "tests" / "bridge").glob("test_faults_of_*.py"):
        assert path.name in told, path.name
