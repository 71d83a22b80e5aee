"""Unreal's Python API as the package unreal-stub declares it: classes, methods with signatures, properties, enum values.

The stub is 25 MB of text of which a test needs a few classes, and one default value in it is no Python; so nothing is
imported or parsed whole: a class is looked up by its line and read when it is asked for.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import files
from pathlib import Path


@dataclass(frozen=True)
class Signature:
    """A method's or function's parameters (name, annotation, whether it has a default) without self, and its return."""

    parameters: tuple[tuple[str, str, bool], ...]
    returns: str
    is_of_class: bool

    def bind(self, where: str, arguments: tuple, named: dict) -> dict[str, object]:
        """Values by parameter. Raises TypeError as a call with these would."""
        names = [name for name, _, _ in self.parameters]
        if len(arguments) > len(names):
            raise TypeError(f"{where} takes {len(names)} arguments; {len(arguments)} were given")
        bound = dict(zip(names, arguments))
        for name, value in named.items():
            if name not in names or name in bound:
                raise TypeError(f"{where} has no parameter '{name}' left; it has {names}")
            bound[name] = value
        missing = [name for name, _, has_default in self.parameters if not has_default and name not in bound]
        if missing:
            raise TypeError(f"{where} needs {missing}")
        return bound


@dataclass
class ApiClass:
    """One class of the stub: what its own body declares, and its base's name."""

    name: str
    base: str
    methods: dict[str, Signature] = field(default_factory=dict)
    attributes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Python properties: annotation, and whether they can be set."""
    editor_properties: dict[str, str] = field(default_factory=dict)
    """What get_editor_property and set_editor_property take, with the type."""
    constants: frozenset[str] = frozenset()


@cache
def stub_text() -> str:
    """The whole stub."""
    path = next(file for file in files("unreal-stub") or () if file.name == "unreal.py")
    return Path(str(path.locate())).read_text(encoding="utf-8-sig")


@cache
def _starts() -> dict[str, tuple[int, str]]:
    """Where each class begins in the text, and its base."""
    return {m[1]: (m.end(), m[2]) for m in re.finditer(r"^class (\w+)\(([\w.]+)", stub_text(), re.MULTILINE)}


@cache
def functions() -> dict[str, Signature]:
    """The module's own functions."""
    return {
        m[1]: _signature(m[0], is_method=False) for m in re.finditer(r"^def (\w+)\(.*\n", stub_text(), re.MULTILINE)
    }


@cache
def api_class(name: str) -> ApiClass | None:
    """A class by name, or None where the stub has none."""
    if name not in _starts():
        return None
    start, base = _starts()[name]
    end = re.compile(r"^\S", re.MULTILINE).search(stub_text(), stub_text().index("\n", start) + 1)
    body = stub_text()[start : end.start() if end else None]
    found = ApiClass(name, base)
    for match in re.finditer(r"^    - ``(\w+)`` \((.*?)\):", body, re.MULTILINE):
        found.editor_properties[match[1]] = match[2]
    for match in re.finditer(r"^((?:    @.*\n)*)    def (\w+)\((.*)\n", body, re.MULTILINE):
        decorators, method = match[1], match[2]
        if ".setter" in decorators:
            found.attributes[method] = (found.attributes[method][0], True)
        elif "@property" in decorators:
            returns = re.search(r"-> (.*?):", match[3])
            found.attributes[method] = (returns[1] if returns else "Any", False)
        else:
            found.methods[method] = _signature(f"def {method}({match[3]}\n", is_method=True, decorators=decorators)
    found.constants = frozenset(re.findall(r"^    ([A-Z][A-Z0-9_]*): ", body, re.MULTILINE))
    return found


def _signature(line: str, *, is_method: bool, decorators: str = "") -> Signature:
    """Of a `def` on one line; defaults are dropped, since some are no Python."""
    head = re.match(r"def (\w+)\((.*)\)(?: -> (.*))?:\s*$", line.strip())
    assert head is not None, line[:200]
    parameters = []
    for part in _parts(head[2]):
        name, _, rest = part.partition(":")
        annotation, equals, _ = rest.partition("=")
        parameters.append((name.split("=")[0].strip(), annotation.strip(), bool(equals) or "=" in name))
    if is_method and "@staticmethod" not in decorators:
        parameters = parameters[1:]
    return Signature(tuple(parameters), (head[3] or "None").strip(), "@classmethod" in decorators)


def _parts(text: str) -> list[str]:
    """Parameters, split at the commas that lie in no bracket and no text."""
    parts, depth, start, quote = [], 0, 0, ""
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def lineage(name: str) -> list[ApiClass]:
    """A class and its bases that the stub declares, the class first."""
    found = []
    while (declared := api_class(name)) is not None:
        found.append(declared)
        name = declared.base
    return found
