"""What every format is: a function from a scene and a folder to the files it wrote there."""

from pathlib import Path
from typing import Protocol

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
