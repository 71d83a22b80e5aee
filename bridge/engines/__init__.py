"""Engines by name: `open_engine` makes one; each module here is one, and a dotted name is anybody's."""

from typing import Any

from bridge.engine import Engine
from bridge.plugins import load


def open_engine(name: str = "embedded", **options: Any) -> Engine:
    """An engine by name; options are the fields of its Config. Raises UnknownName."""
    module = load("bridge.engines", name, what="engine")
    return module.make(module.Config(**options))
