"""What every format is: a function from a scene and a folder to the files it wrote there."""

import json
from pathlib import Path
from typing import Any, Protocol

from bridge.scene import Scene


class Exporter(Protocol):
    """Writes scenes in one format; the same scene gives the same bytes."""

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        """Writes into `folder`, which is made if need be, and returns the files written."""
        ...


def file_name(name: str) -> str:
    """A name that is one harmless file name on every system: no folders, no dots in front, no reserved characters."""
    clean = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name).lstrip(".")
    return clean[:100] or "_"


def json_text(content: dict[str, Any]) -> bytes:
    """JSON with the entries of each top-level list on a line each."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f'"{key}": [\n  {rows}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", errors="backslashreplace")
