"""scene.json and geometry.npz: the scene itself, exact, readable by scripts."""

from dataclasses import dataclass
from pathlib import Path

from bridge.formats.scene_folder import write_scene
from bridge.scene import Scene


@dataclass(frozen=True)
class Config:
    """The scene's own format has nothing to choose."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        return write_scene(scene, folder)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)
