"""scene.xml: MuJoCo's MJCF with a height field, convex solids and free joints."""

from dataclasses import dataclass
from pathlib import Path

from bridge.formats.mjcf import mjcf
from bridge.scene import Scene


@dataclass(frozen=True)
class Config:
    """How the model is written."""

    visuals: bool = False
    """Adds the meshes that renderers show (group 2); physics needs none of them."""
    timestep_s: float = 0.004


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        model = mjcf(scene, visuals=self.config.visuals, timestep_s=self.config.timestep_s)
        paths = []
        for name, content in {"scene.xml": model.xml.encode(), **model.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
        return tuple(paths)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)
