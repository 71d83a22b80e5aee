"""Engines by name: `open_engine` makes one; each module here is one, and a dotted name is anybody's."""

from dataclasses import fields
from typing import Any

from bridge.engine import Engine
from bridge.errors import InvalidInput
from bridge.plugins import load, unknown_name


def open_engine(name: str = "embedded", **options: Any) -> Engine:
    """An engine by name; options are the fields of its Config. Raises UnknownName, InvalidInput."""
    module = load("bridge.engines", name, what="engine")
    known = [item.name for item in fields(module.Config)]
    for option in options:
        if option not in known:
            raise InvalidInput(f"Engine '{name}': {unknown_name('option', option, known)}")
    return module.make(module.Config(**options))
