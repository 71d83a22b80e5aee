"""Lists the world models that are here, with a line about each and whether their weights are."""

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

from bridge.plugins import plugins

ROOM = "world_models"
_LEARNS = re.compile(r"\b(?:Training|WEIGHTS)\b")
"""What a module of a model that learns speaks of."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge world-models`."""

    json: bool = False
    """As JSON."""


def run(config: Config) -> int:
    """Prints them."""
    found = {name: {"what": line, "weights": weights(name)} for name, line in plugins(ROOM).items()}
    if config.json:
        print(json.dumps(found))
        return 0
    width = max(map(len, found), default=0) + 2
    for name, row in found.items():
        print(f"{name:<{width}}{row['what']}\n{'':<{width}}{row['weights']}")
    return 0


def weights(name: str) -> str:
    """Which weights a model has here, or how to come by some; nothing is imported for it."""
    source = _source(name)
    if not _LEARNS.search(source.read_text(encoding="utf-8")):
        return "Needs no weights."
    files = sorted(source.parent.rglob("*.safetensors"))
    if files:
        told = ", ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)" for path in files)
        return f"Weights here: {told}."
    return f"No weights here: `simbridge train {name} --data DIR` makes some, `--{name}.weights PATH` takes others."


def _source(name: str) -> Path:
    """The file of a plug-in of the room."""
    spec = importlib.util.find_spec(ROOM)
    assert spec is not None
    file = name.replace("-", "_")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    candidates = [folder / end for folder in folders for end in (f"{file}.py", f"{file}/__init__.py")]
    return next(path for path in candidates if path.is_file())
