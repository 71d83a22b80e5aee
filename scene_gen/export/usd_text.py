"""OpenUSD layers as text (.usda), written directly: a tree of prims, each with lines for its properties.

Long arrays do not belong in text; see usd_arrays.
"""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

HEADER = """#usda 1.0
(
    defaultPrim = "World"
    kilogramsPerUnit = 1
    metersPerUnit = 1
%s    upAxis = "Z"
)

"""


_STRANGE = re.compile(r"[^A-Za-z0-9_]")


class Prim:
    """One prim of a layer: its type, schemas, metadata, properties and children, in the order they were given."""

    __slots__ = ("children", "lines", "metadata", "name", "path", "schemas", "specifier", "type_name")

    def __init__(self, name: str, path: str, type_name: str, specifier: str) -> None:
        self.name, self.path, self.type_name, self.specifier = name, path, type_name, specifier
        self.metadata: list[str] = []
        self.schemas: list[str] = []
        self.lines: list[str] = []
        self.children: dict[str, Prim] = {}

    def child(self, name: str, type_name: str = "", *, kind: str = "") -> "Prim":
        """A new child, or the one of that name; without a type it is an `over`, an opinion on a prim defined elsewhere."""
        found = self.children.get(name)
        if found is None:
            found = Prim(name, f"{self.path}/{name}", type_name, "def" if type_name else "over")
            self.children[name] = found
            if kind:
                found.metadata.append(f'kind = "{kind}"')
        return found

    def at(self, path: str) -> "Prim":
        """The prim at an absolute path, as overs where it is not there yet; only for a layer's root."""
        prim = self
        for name in path[1:].split("/"):
            prim = prim.child(name)
        return prim

    def apply(self, *schemas: str) -> None:
        """Applies API schemas."""
        self.schemas = list(dict.fromkeys((*self.schemas, *schemas)))

    def set(self, declaration: str, value: str) -> None:
        """One attribute, as "type name" and a value that is text already."""
        self.lines.append(f"{declaration} = {value}")

    def name_for_people(self, name: str) -> None:
        """The scene's own name of the thing."""
        self.metadata.append(f"displayName = {quoted(name)}")

    def place(self, pose: ArrayLike, scale: ArrayLike | None = None) -> None:
        """Translation, rotation and scale from a pose (7,) as position [m] and quat_wxyz, and a scale (3,)."""
        x, y, z, *quat = np.asarray(pose, dtype=np.float64).tolist()
        sizes = [1.0, 1.0, 1.0] if scale is None else np.asarray(scale, dtype=np.float64).tolist()
        order = ["xformOp:translate", "xformOp:orient"]
        self.lines += [f"double3 xformOp:translate = ({x!r}, {y!r}, {z!r})", f"quatd xformOp:orient = {numbers(quat)}"]
        if sizes != [1.0, 1.0, 1.0]:
            self.lines.append(f"double3 xformOp:scale = {numbers(sizes)}")
            order.append("xformOp:scale")
        self.lines.append(f"uniform token[] xformOpOrder = {tokens(order)}")

    def set_extent(self, low: Any, high: Any) -> None:
        """The extent of a boundable prim, in its own frame."""
        self.set("float3[] extent", vectors([low, high]))

    def bind(self, look: str) -> None:
        """Binds a material by its path."""
        self.apply("MaterialBindingAPI")
        self.set("rel material:binding", f"<{look}>")

    def write(self, out: list[str], indent: str = "") -> None:
        """Appends the prim and all below it, line by line."""
        typed = f"{self.specifier} {self.type_name}" if self.type_name else self.specifier
        inner = indent + "    "
        if self.metadata or self.schemas:
            out.append(f'{indent}{typed} "{self.name}" (')
            if self.schemas:
                out.append(f"{inner}prepend apiSchemas = {tokens(self.schemas)}")
            out.extend([inner + line for line in self.metadata])
            out.append(indent + ")")
        else:
            out.append(f'{indent}{typed} "{self.name}"')
        out.append(indent + "{")
        out.extend([inner + line for line in self.lines])
        for child in self.children.values():
            child.write(out, inner)
        out.append(indent + "}")


def new_layer() -> Prim:
    """The root of an empty layer."""
    return Prim("", "", "", "")


def layer_text(root: Prim, *, sublayers: Sequence[str] = ()) -> str:
    """The whole file: metres, kilograms, Z up, and the sublayers, the strongest first."""
    stack = f"    subLayers = [{', '.join(f'@{path}@' for path in sublayers)}]\n" if sublayers else ""
    lines: list[str] = []
    for prim in root.children.values():
        prim.write(lines)
    return HEADER % stack + "\n".join(lines) + "\n"


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """A string as USD reads it; what cannot be printed becomes a space, half a surrogate pair a question mark."""
    if text.isprintable() and text.isascii() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    clean = "".join(c if c.isprintable() else " " for c in text).encode("utf-8", errors="replace").decode()
    return json.dumps(clean, ensure_ascii=False)


def tokens(names: Iterable[str]) -> str:
    """An array of tokens or strings."""
    return _tokens(tuple(names))


@lru_cache(maxsize=4096)
def _tokens(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(quoted, names)) + "]"


def numbers(values: Iterable[float]) -> str:
    """A tuple of numbers."""
    return "(" + ", ".join(map(repr, values)) + ")"


def vectors(rows: Any) -> str:
    """An array of tuples."""
    return "[" + ", ".join(map(numbers, np.asarray(rows, dtype=np.float64).tolist())) + "]"


def dictionary(content: dict[str, Any], indent: str = "    ") -> str:
    """A dictionary for customData: numbers, truths, strings and dictionaries."""
    lines = ["{"]
    for key, value in content.items():
        if isinstance(value, dict):
            lines.append(f"{indent}    dictionary {key} = {dictionary(value, indent + '    ')}")
        elif isinstance(value, bool):
            lines.append(f"{indent}    bool {key} = {int(value)}")
        elif isinstance(value, (int, float)):
            lines.append(f"{indent}    double {key} = {float(value)!r}")
        else:
            lines.append(f"{indent}    string {key} = {quoted(str(value))}")
    return "\n".join([*lines, indent + "}"])


def identifiers(names: Sequence[str]) -> list[str]:
    """Names as USD takes them ("house-1" becomes house_1), made different where they would be equal."""
    taken: set[str] = set()
    found = []
    for name in names:
        base = _STRANGE.sub("_", name)
        base = base if base and not base[0].isdigit() else f"_{base}"
        wanted, count = base, 1
        while wanted in taken:
            count += 1
            wanted = f"{base}_{count}"
        taken.add(wanted)
        found.append(wanted)
    return found
