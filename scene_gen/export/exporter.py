"""What every format is: a function from a scene and a folder to the files it wrote there."""

from pathlib import Path
from typing import Protocol

from bridge.scene import Scene


class Exporter(Protocol):
    """Writes scenes in one format; the same scene gives the same bytes."""

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        """Writes into `folder`, which is made if need be, and returns the files written."""
        ...
